//! Another way to a step: a broker after a call, a call after a broker.

use crate::harness::{figure, flow, study, variant};

/// Arrivals at 1 s, 2 s, … of 100 s; `desk` is away from 20.5 s to 40.5 s, the broker from 60.5 s to 80.5 s.
fn order(variant: &str) -> brownout::analysis::Findings {
    study(&format!(
        "brownout: 1
flows: {{ order: {{ from: customer, steps: [shop, desk] }} }}
services:
  shop: {{ concurrency: unlimited, service_time: 10ms }}
  desk: {{ concurrency: 10, service_time: 100ms }}
brokers: {{ line: {{ publish: 5ms }} }}
traffic: {{ customer: {{ rate: 1/s, arrivals: constant }} }}
variants: {{ ordered: {{ {variant} }} }}
faults:
  desk_away: {{ at: 20.5s, for: 20s, target: desk, down: refuse }}
  line_away: {{ at: 60.5s, for: 20s, target: line, down: refuse }}
slo: {{ answered: availability >= 0% }}
run: {{ duration: 100s, warmup: 0s, replications: 1 }}
"
    ))
}

#[test]
fn what_cannot_be_called_may_go_to_a_broker_as_a_promise() {
    let findings = order("wiring: sync, calls: { desk: { fallback: { via: line } } }");
    let outcomes = flow(&findings, "ordered").outcomes;
    // Those of 21 s to 40 s are answered all the same, degraded, and done when the desk is back.
    assert_eq!((outcomes.degraded, outcomes.failed), (20, 0));
    assert_eq!(outcomes.completed, outcomes.offered);
    let longest = figure(&findings, "ordered", "completion_max").mean;
    assert!((19.5..=20.0).contains(&longest), "{longest}");
    let messages = variant(&findings, "ordered").channels[0].messages;
    assert_eq!((messages.published, messages.acked), (20, 20));
}

#[test]
fn with_both_ways_gone_the_caller_hears_it() {
    let findings = study(
        "brownout: 1
flows: { order: { from: customer, steps: [shop, desk] } }
services:
  shop: { concurrency: unlimited, service_time: 10ms }
  desk: { concurrency: 10, service_time: 100ms }
brokers: { line: { publish: 5ms } }
traffic: { customer: { rate: 1/s, arrivals: constant } }
variants: { ordered: { wiring: sync, calls: { desk: { fallback: { via: line } } } } }
faults:
  desk_away: { at: 20.5s, for: 20s, target: desk, down: refuse }
  line_away: { at: 30.5s, for: 20s, target: line, down: refuse }
slo: { answered: availability >= 0% }
run: { duration: 100s, warmup: 0s, replications: 1 }
",
    );
    let outcomes = flow(&findings, "ordered").outcomes;
    assert_eq!((outcomes.degraded, outcomes.failed), (10, 10));
    assert_eq!(outcomes.completed, outcomes.offered - 10);
}

#[test]
fn what_no_broker_takes_may_be_called() {
    let findings = order("wiring: async, publish: { fallback: { via: call } }");
    let outcomes = flow(&findings, "ordered").outcomes;
    // The desk's absence costs nothing but time; the broker's is not felt: the desk is there then, and called.
    assert_eq!((outcomes.degraded, outcomes.failed), (0, 0));
    assert_eq!(outcomes.completed, outcomes.offered);
    let edges = &variant(&findings, "ordered").edges;
    let called = edges
        .iter()
        .find(|edge| edge.to == "desk" && edge.by == "call");
    assert_eq!(called.map(|edge| edge.outcomes[0]), Some(20));
}
