//! Parts of findings to test against: ways between services, causes, cells, faults.

#![expect(clippy::cast_precision_loss, reason = "small numbers")]

use crate::analysis::{
    Carrier, Cause, Cell, Estimate, FaultFindings, PlaceFindings, TopologyFindings, Verdict,
    WayFindings, WayRole,
};

/// A mean and its half-width over 20 replications.
pub(super) fn est(mean: f64, half_width: f64) -> Estimate {
    Estimate {
        mean,
        half_width: Some(half_width),
        n: 20,
        n_never: 0,
        n_bound: 0,
    }
}

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

/// A chain of four services, of which the answer needs so many; the others are reached through a broker.
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

pub(super) fn cause(
    count: u64,
    of: u64,
    outcome: &'static str,
    what: &str,
    why: &str,
    fault: &str,
) -> Cause {
    Cause {
        count,
        share: count as f64 / of as f64,
        outcome,
        what: what.to_owned(),
        why: why.to_owned(),
        fault: Some(fault.to_owned()),
    }
}

pub(super) fn cell(mean: f64, half_width: f64, verdict: Verdict) -> Cell {
    Cell {
        estimate: Some(est(mean, half_width)),
        verdict,
    }
}

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
