//! Findings that are hard to draw.

use crate::analysis::{
    Carrier, Estimate, Findings, OutcomeCounts, PlaceFindings, TopologyFindings, WayFindings,
    WayRole,
};
use crate::report::sample::{self, est};
use crate::report::sample_parts::{through, way};

const LONG: [&str; 6] = [
    "webhook_inside_the_billing_request_with_retries_and_a_breaker",
    "queued",
    "Thesameonceagainwithoutanyplacetobreakthenameatall",
    "queued_with_breaker_and_hedge",
    "b",
    "replicated, with every event applied in the order of its key",
];

fn never(n_never: u32) -> Estimate {
    Estimate {
        mean: f64::INFINITY,
        half_width: None,
        n: 20,
        n_never,
        n_bound: 0,
    }
}

/// Six variants with long names, long names of faults and of services too.
pub(super) fn long_names() -> Findings {
    let mut findings = sample::checkout();
    findings.variants = (0..6)
        .map(|idx| findings.variants[idx % 3].clone())
        .collect();
    for (variant, name) in findings.variants.iter_mut().zip(LONG) {
        name.clone_into(&mut variant.name);
        for topology in &mut variant.topology {
            for place in &mut topology.services {
                place.service = format!("{}_service_of_the_eastern_region", place.service);
            }
            for way in &mut topology.ways {
                way.to = format!("{}_service_of_the_eastern_region", way.to);
                way.from = way
                    .from
                    .as_ref()
                    .map(|from| format!("{from}_service_of_the_eastern_region"));
                if let Carrier::Broker { name, .. } = &mut way.by {
                    "orders_of_all_shops_and_of_their_partners".clone_into(name);
                }
            }
        }
    }
    findings.faults[1].name =
        "the_fault_whose_name_does_not_fit_into_one_line_of_the_chart_however_wide_that_may_be_made_and_beside_its_target".to_owned();
    findings
}

/// Recoveries of every kind: at once, after seconds and after hours, never, sometimes never, and such as cannot be told.
pub(super) fn recoveries() -> Findings {
    let mut findings = long_names();
    let kinds = [
        [Some(est(0.0, 0.0)), Some(never(20)), None],
        [Some(est(1.5, 0.4)), Some(never(7)), None],
        [Some(est(7.0, 32.0)), Some(never(20)), None],
        [Some(est(9_000.0, 600.0)), None, None],
        [Some(never(3)), Some(est(60.0, 5.0)), None],
        [Some(never(20)), Some(est(61.0, 5.0)), None],
    ];
    for (variant, kinds) in findings.variants.iter_mut().zip(kinds) {
        variant.recovery = kinds.to_vec();
    }
    findings
}

/// Flows of which nothing, little, or all is done.
pub(super) fn shares_done() -> Findings {
    let mut findings = sample::checkout();
    for (idx, variant) in findings.variants.iter_mut().enumerate() {
        let flow = &mut variant.flows[0];
        if idx == 0 {
            flow.completion.points.clear();
            flow.completion.n = 0;
            flow.completion.max_s = f64::NAN;
            flow.outcomes.completed = 0;
        } else if idx == 1 {
            flow.outcomes = OutcomeCounts {
                offered: 30,
                answered_ok: 30,
                completed: 30,
                ..OutcomeCounts::default()
            };
            flow.completion.n = 30;
            flow.latency.n = 30;
            flow.completion.points.truncate(3);
            flow.latency.points.truncate(3);
        }
    }
    findings
}

fn place(service: &str, is_external: bool, is_needed: bool) -> PlaceFindings {
    PlaceFindings {
        service: service.to_owned(),
        is_external,
        is_needed,
    }
}

fn topology(places: Vec<PlaceFindings>, ways: Vec<WayFindings>) -> TopologyFindings {
    TopologyFindings {
        flow: "place_order".to_owned(),
        clients: vec![
            "shopper_of_the_market_place".to_owned(),
            "partner".to_owned(),
        ],
        services: places,
        ways,
        needed_brokers: vec!["commands".to_owned()],
        is_promise: false,
    }
}

pub(in crate::report::charts) const NAMES: [&str; 14] = [
    "gateway",
    "order",
    "stock",
    "payment",
    "invoice",
    "mail",
    "points",
    "shipping",
    "customs",
    "notification",
    "warehouse_east",
    "returns",
    "ledger",
    "search",
];

fn places(n: usize) -> Vec<PlaceFindings> {
    let kept = NAMES.iter().take(n).enumerate();
    let places = kept.map(|(idx, name)| place(name, idx % 5 == 3, idx < 3));
    places.collect()
}

fn orchestrated() -> Vec<WayFindings> {
    let mut ways = vec![
        way("", "gateway", Carrier::Call, true),
        way("gateway", "order", Carrier::Call, true),
    ];
    for name in &NAMES[2..] {
        ways.push(way("order", name, Carrier::Call, *name == "stock"));
        ways.push(way(name, "order", through("replies"), false));
    }
    ways
}

/// Every kind of way.
fn mixed() -> Vec<WayFindings> {
    let asked = Carrier::Broker {
        name: "commands".to_owned(),
        awaits_reply: true,
        is_posted: false,
    };
    let posted = Carrier::Broker {
        name: "outbox".to_owned(),
        awaits_reply: false,
        is_posted: true,
    };
    let mut mixed = vec![
        way("", "gateway", Carrier::Call, true),
        way("gateway", "order", asked, true),
        way("order", "payment", posted, false),
        way("stock", "invoice", through("events"), false),
        way("invoice", "mail", through("events"), false),
        way("invoice", "ledger", through("events"), false),
        way("mail", "points", Carrier::Sender { is_posted: true }, false),
        way("points", "stock", through("journal"), false),
        way("shipping", "shipping", Carrier::Call, false),
        way("customs", "order", Carrier::Call, false),
        way("returns", "returns", through("events"), false),
        way(
            "ledger",
            "search",
            Carrier::Sender { is_posted: false },
            false,
        ),
    ];
    for (from, to, role) in [
        ("", "order", WayRole::Poll),
        ("order", "shipping", WayRole::Fallback),
        ("order", "warehouse_east", WayRole::Undo),
        ("order", "customs", WayRole::Undo),
        ("gateway", "stock", WayRole::CopyFirst),
    ] {
        mixed.push(WayFindings {
            role,
            ..way(from, to, Carrier::Call, false)
        });
    }
    mixed
}

/// Fourteen services and every kind of way between them; and a variant with only one.
pub(super) fn topologies() -> Findings {
    let chain: Vec<WayFindings> = (0..NAMES.len())
        .map(|idx| {
            let from = if idx == 0 { "" } else { NAMES[idx - 1] };
            way(from, NAMES[idx], Carrier::Call, true)
        })
        .collect();
    let mut findings = sample::checkout();
    findings.variants = (0..4)
        .map(|idx| findings.variants[idx % 3].clone())
        .collect();
    let names = ["chain", "orchestrated", "mixed", "alone"];
    let ways = [
        chain,
        orchestrated(),
        mixed(),
        vec![way("", "gateway", Carrier::Call, true)],
    ];
    for ((variant, name), ways) in findings.variants.iter_mut().zip(names).zip(ways) {
        name.clone_into(&mut variant.name);
        let n = if name == "alone" { 1 } else { 14 };
        variant.topology = vec![topology(places(n), ways)];
    }
    findings
}

/// Six variants of one service and a broker.
pub(super) fn two_places() -> Findings {
    let mut findings = sample::checkout();
    findings.variants = (0..6)
        .map(|idx| findings.variants[idx % 3].clone())
        .collect();
    for (idx, variant) in findings.variants.iter_mut().enumerate() {
        variant.name = format!("v{idx}");
        let sent = way("", "tracker", through("clicks"), idx % 2 == 0);
        variant.topology = vec![TopologyFindings {
            is_promise: idx == 1,
            ..topology(vec![place("tracker", false, idx == 0)], vec![sent])
        }];
    }
    findings
}
