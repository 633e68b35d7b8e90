//! Parts of the samples, for tests only: faults, and who is connected with whom.

use crate::analysis::{
    Carrier, FaultFindings, PlaceFindings, TopologyFindings, WayFindings, WayRole,
};

/// A way between two services; from the clients if the first has no name.
pub(super) fn way(from: &str, to: &str, by: Carrier, is_needed: bool) -> WayFindings {
    WayFindings {
        from: (!from.is_empty()).then(|| from.to_owned()),
        to: to.to_owned(),
        by,
        role: WayRole::Usual,
        is_needed,
    }
}

/// Through a broker that the consumer reads.
pub(super) fn through(broker: &str) -> Carrier {
    Carrier::Broker {
        name: broker.to_owned(),
        awaits_reply: false,
        is_posted: false,
    }
}

/// A checkout whose answer needs so many of its four services, and the broker if there are more.
pub(super) fn topology(n_needed: usize) -> TopologyFindings {
    let services = ["checkout", "inventory", "payment", "shipping"];
    let places = services
        .iter()
        .enumerate()
        .map(|(idx, service)| PlaceFindings {
            service: (*service).to_owned(),
            is_external: *service == "payment",
            is_needed: idx < n_needed,
        });
    let ways = services.iter().enumerate().map(|(idx, service)| {
        let from = if idx == 0 { "" } else { services[idx - 1] };
        if idx < n_needed {
            way(from, service, Carrier::Call, true)
        } else {
            way(from, service, through("orders"), idx == n_needed)
        }
    });
    TopologyFindings {
        flow: "place_order".to_owned(),
        clients: vec!["shopper".to_owned()],
        services: places.collect(),
        ways: ways.collect(),
        needed_brokers: if n_needed < 4 {
            vec!["orders".to_owned()]
        } else {
            Vec::new()
        },
        is_promise: false,
    }
}

/// A fault with its windows.
pub(super) fn fault(
    name: &str,
    target: &str,
    effect: &str,
    windows: Vec<(f64, f64)>,
) -> FaultFindings {
    FaultFindings {
        name: name.to_owned(),
        target: target.to_owned(),
        effect: effect.to_owned(),
        windows,
        random: None,
        when: None,
    }
}
