//! Faults that come by chance, against renewal theory: a part that is well for a mean time M and ill for a mean time R is well
//! for the share A = M/(M + R) of the time, whatever the laws; parts in series are all well for ∏A, one of two for 1 − ∏(1 − A).

use crate::harness::{figure, holds, study, variant};

/// Two parts, each down by chance, called in series or together; and a second variant of the first.
fn parts(mtbf: &str, mttr: &str, steps: &str) -> brownout::analysis::Findings {
    study(&format!(
        "brownout: 1
flows: {{ ask: {{ from: clerk, steps: {steps} }} }}
services:
  desk: {{ concurrency: unlimited, service_time: 0ms }}
  left: {{ concurrency: unlimited, service_time: 0ms }}
  right: {{ concurrency: unlimited, service_time: 0ms }}
traffic: {{ clerk: {{ rate: 2/s, arrivals: constant }} }}
variants:
  chain: {{ wiring: sync }}
  again: {{ wiring: sync, shape: orchestrated }}
faults:
  left_out: {{ random: {{ mtbf: {mtbf}, mttr: {mttr} }}, target: left, down: refuse }}
  right_out: {{ random: {{ mtbf: {mtbf}, mttr: {mttr} }}, target: right, down: refuse }}
slo: {{ answered: availability >= 0% }}
run: {{ duration: 2h, warmup: 20m, drain: 0s, replications: 40, seed: 5, confidence: 99.9% }}
"
    ))
}

#[test]
fn availabilities_multiply_in_series_and_their_complements_in_parallel() {
    let share = 80.0 / 100.0;
    let series = parts("exponential 80s", "exponential 20s", "[desk, left, right]");
    holds(
        "series",
        share * share,
        figure(&series, "chain", "availability"),
    );
    let together = parts(
        "exponential 80s",
        "exponential 20s",
        "[desk, { parallel: [left, right], need: any }]",
    );
    let either = 1.0 - (1.0 - share) * (1.0 - share);
    holds(
        "parallel",
        either,
        figure(&together, "chain", "availability"),
    );
    // The laws do not matter; and each variant meets the same outages.
    let other = parts(
        "uniform 40s..120s",
        "{ p50: 15s, p99: 76.5s }",
        "[desk, left, right]",
    );
    // A lognormal through both: σ = ln(76.5/15)/2.3263 = 0.700, mean 15 e^(σ²/2) = 19.2 s.
    let share = 80.0 / (80.0 + 19.17);
    holds(
        "other laws",
        share * share,
        figure(&other, "chain", "availability"),
    );
    for findings in [&series, &other] {
        let n = |name| variant(findings, name).flows[0].outcomes;
        assert_eq!(n("chain").answered_ok, n("again").answered_ok);
    }
}

/// A fault that grows for 100 s to 100 ms more, and stays there for 100 s: 50 ms more in the mean of the first half, for its
/// twenty steps lie half a step around the straight line, and 100 ms more in the second.
#[test]
fn a_fault_that_grows_does_so_in_a_straight_line() {
    let findings = study(
        "brownout: 1
flows: { ask: { from: clerk, steps: [desk] } }
services: { desk: { concurrency: unlimited, service_time: 10ms } }
traffic: { clerk: { rate: 100/s, arrivals: constant } }
variants: { called: { wiring: sync } }
faults: { slow: { at: 0s, for: 200s, ramp: 100s, target: desk, latency: +100ms } }
slo: { answered: availability >= 0% }
run: { duration: 200s, warmup: 1s, replications: 1 }
",
    );
    let mean = figure(&findings, "called", "latency_mean").mean;
    let expected = 0.010 + 0.150 / 2.0;
    assert!((mean - expected).abs() < 0.0001, "{mean}");
    let errors = study(
        "brownout: 1
flows: { ask: { from: clerk, steps: [desk] } }
services: { desk: { concurrency: unlimited, service_time: 10ms } }
traffic: { clerk: { rate: 100/s } }
variants: { called: { wiring: sync } }
faults: { wrong: { at: 0s, for: 100s, ramp: 100s, target: desk, errors: 80% } }
slo: { answered: availability >= 0% }
run: { duration: 100s, warmup: 1s, replications: 20, confidence: 99.9% }
",
    );
    holds(
        "errors",
        1.0 - 0.8 / 2.0,
        figure(&errors, "called", "availability"),
    );
}
