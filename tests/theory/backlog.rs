//! An outage behind a queue: the backlog grows by λD and drains in λD/(μ − λ); in front of a call it is a loss of λD.

use crate::harness::{flow, study, variant};

const SCENARIO: &str = "brownout: 1
flows: { item: { from: customer, steps: [intake, desk], answer_needs: [intake] } }
services:
  intake: { concurrency: unlimited, service_time: 0ms }
  desk: { service_time: 10ms }
brokers: { line: {} }
traffic: { customer: { rate: 50/s, arrivals: constant } }
variants:
  called: { wiring: sync }
  queued: { wiring: async, via: line }
faults: { outage: { at: 100s, for: 60s, target: desk, down: refuse } }
slo: { kept: lost == 0 }
run: { duration: 10m, warmup: 0s, replications: 2, seed: 2026 }
";

/// Evenly spaced arrivals and constant service: everything is exact, up to the one customer at each edge of the outage.
#[test]
fn backlog_and_drain_are_exact() {
    let (lambda, mu, outage) = (50.0, 100.0, 60.0);
    let findings = study(SCENARIO);
    let called = flow(&findings, "called").outcomes;
    let per_run = |n: u64| f64::from(u32::try_from(n).unwrap()) / 2.0;
    assert!(
        (per_run(called.failed) - lambda * outage).abs() <= 1.0,
        "{called:?}"
    );
    let queued = flow(&findings, "queued");
    assert_eq!((queued.outcomes.failed, queued.outcomes.lost), (0, 0));
    let backlog = variant(&findings, "queued").channels[0].backlog_max.mean;
    assert!((backlog - lambda * outage).abs() <= 1.0, "{backlog}");
    // The oldest message waits for the whole outage; from then on each is 1 − λ/μ per second younger.
    let oldest = queued.completion.max_s;
    assert!((oldest - outage).abs() <= 0.1, "{oldest}");
    // Late are those of the outage and of the drain: λ(D + λD/(μ − λ)); ages are even over (0, D), so half is above D/2.
    let late = lambda * (outage + lambda * outage / (mu - lambda));
    let n = per_run(queued.outcomes.offered);
    let median_of_late = queued
        .completion
        .points
        .iter()
        .find(|point| point.q >= 1.0 - late / 2.0 / n)
        .unwrap()
        .value_s;
    assert!(
        (median_of_late - outage / 2.0).abs() <= 3.0,
        "{median_of_late}"
    );
    // The backlog is gone λD/(μ − λ) after the outage's end: no sooner, and within a bin of the series.
    let drained = 100.0 + outage + lambda * outage / (mu - lambda);
    let bins = &queued.series;
    let last = bins.iter().rfind(|bin| bin.backlog > 1.0).unwrap();
    let end = last.start_s + last.length_s;
    assert!(
        (end - drained).abs() <= last.length_s,
        "{end} is not {drained}"
    );
}
