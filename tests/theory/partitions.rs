//! Zones that cannot talk to each other, and what that costs each way of asking: by counting who stands where.

use crate::harness::{figure, flow, holds, study, variant};
use brownout::analysis::Findings;

/// Gates and desks in two zones, a clerk asks at a gate, a gate asks any desk; and what goes wrong.
fn gates(balance: &str, fault: &str) -> Findings {
    study(&format!(
        "brownout: 1
flows: {{ ask: {{ from: clerk, steps: [gate, desk] }} }}
services:
  gate: {{ replicas: 2, zones: [east, west], concurrency: unlimited, service_time: 0ms }}
  desk: {{ replicas: 2, zones: [east, west], balance: {balance}, concurrency: unlimited, service_time: 1ms }}
traffic: {{ clerk: {{ rate: 40/s }} }}
variants: {{ called: {{ wiring: sync, calls: {{ desk: {{ timeout: 100ms }} }} }} }}
faults: {{ apart: {{ at: 0s, for: 10m, {fault} }} }}
slo: {{ answered: availability >= 0% }}
run: {{ duration: 10m, warmup: 10s, replications: 10, confidence: 99.9% }}
"
    ))
}

/// Of four pairs of gate and desk two are apart: half of the calls get no answer. Cut both ways, no desk works for them; cut one
/// way, half of them reach their desk, and only the answer is lost: a third of the work is for nothing.
#[test]
fn half_of_the_pairs_are_apart() {
    let both = gates("random", "cut: [east, west]");
    holds("cut", 0.5, figure(&both, "called", "availability"));
    assert!(variant(&both, "called").wasted_work.mean.abs() < 1e-12);
    let one = gates("random", "cut: east -> west");
    holds("one way", 0.5, figure(&one, "called", "availability"));
    holds("work", 1.0 / 3.0, variant(&one, "called").wasted_work);
    // Every failure is laid at the door of the cut.
    for findings in [both, one] {
        let flow = flow(&findings, "called");
        let blamed = flow
            .causes
            .iter()
            .filter(|cause| cause.fault.as_deref() == Some("apart"));
        let n: f64 = blamed.map(|cause| cause.share).sum();
        assert!((n - 1.0).abs() < 1e-9, "{:?}", flow.causes);
    }
}

/// Calls that stay in their zone do not notice.
#[test]
fn calls_within_a_zone_go_on() {
    let aware = gates("zone_aware", "cut: [east, west]");
    assert!((figure(&aware, "called", "availability").mean - 1.0).abs() < 1e-12);
}

/// A bad line from east to west: 30 % of the requests of a quarter of the pairs are lost, and of the answers of another quarter.
#[test]
fn a_bad_line_between_zones_loses_its_share() {
    let bad = gates("random", "target: east -> west, drop: 30%");
    holds(
        "bad",
        1.0 - 0.3 / 2.0,
        figure(&bad, "called", "availability"),
    );
}

/// Gates in two zones hand over to a broker in one, whose consumers stand in both.
fn handed_over(broker: &str) -> Findings {
    study(&format!(
        "brownout: 1
flows: {{ ask: {{ from: clerk, steps: [gate, desk], answer_needs: [gate] }} }}
services:
  gate: {{ replicas: 2, zones: [east, west], concurrency: unlimited, service_time: 0ms }}
  desk: {{ replicas: 2, zones: [east, west], concurrency: 10, service_time: 10ms, idempotent: true }}
brokers: {{ orders: {{ zone: east, {broker} }} }}
traffic: {{ clerk: {{ rate: 40/s, arrivals: constant, patience: 1s }} }}
variants: {{ handed: {{ wiring: async, via: orders, answer_after: gate }} }}
faults: {{ apart: {{ at: 1m, for: 2m, cut: [east, west] }} }}
slo: {{ answered: availability >= 0% }}
run: {{ duration: 5m, warmup: 10s, replications: 2 }}
"
    ))
}

/// Who hands over from the broker's own zone does so, and its consumers there take everything: a fifth of the clerks, half of those
/// of two minutes of five, are not answered. All that was accepted is done, whether a queue hands it out or readers share a log;
/// what the far consumers had when the line broke is delivered again.
#[test]
fn a_broker_serves_those_on_its_side() {
    for broker in ["kind: queue", "kind: log, partitions: 4"] {
        let findings = handed_over(broker);
        let share = figure(&findings, "handed", "availability").mean;
        // One clerk more or less at each end of the two minutes, of twelve thousand.
        assert!((share - 0.8).abs() < 2.0 / 12_000.0, "{broker}: {share}");
        let outcomes = flow(&findings, "handed").outcomes;
        assert_eq!(outcomes.completed, outcomes.answered_ok, "{broker}");
        assert_eq!(outcomes.lost, 0);
    }
}
