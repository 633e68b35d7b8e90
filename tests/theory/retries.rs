//! Retries: 1 − p^k, 1 + p + p² + …, time to the last attempt.

use crate::harness::{figure, holds, study};
use brownout::analysis::Findings;
use brownout::kernel::math::{exp, pow};

fn failing(share: &str, calls: &str) -> Findings {
    study(&format!(
        "brownout: 1
flows: {{ visit: {{ from: customer, steps: [desk] }} }}
services: {{ desk: {{ concurrency: unlimited, service_time: exponential 50ms, errors: {share} }} }}
traffic: {{ customer: {{ rate: 100/s }} }}
variants: {{ called: {{ wiring: sync, calls: {{ desk: {{ {calls} }} }} }} }}
slo: {{ answered: availability >= 0.0% }}
run: {{ duration: 5m, warmup: 10s, replications: 20, seed: 2026, confidence: 99.9% }}
"
    ))
}

/// k attempts against independent failures: success 1 − p^k, attempts (1 − p^k)/(1 − p).
#[test]
fn success_and_attempts() {
    for (share, p, k) in [("30%", 0.3_f64, 3), ("50%", 0.5, 5), ("10%", 0.1, 2)] {
        let findings = failing(share, &format!("retry: {{ attempts: {k}, backoff: none }}"));
        let failed = pow(p, f64::from(k));
        holds(
            "success",
            1.0 - failed,
            figure(&findings, "called", "availability"),
        );
        holds(
            "attempts",
            (1.0 - failed) / (1.0 - p),
            figure(&findings, "called", "amplification"),
        );
    }
}

/// Full jitter over an exponential backoff with a cap: the i-th wait is uniform up to min(cap, base·2^(i−1)); the time to the
/// last outcome is E[attempts]·E[S] plus each wait's mean times the chance p^i that it is reached.
#[test]
fn time_to_the_last_outcome() {
    let p = 0.3_f64;
    let attempts = (1.0 - pow(p, 5.0)) / (1.0 - p);
    let waits = [0.1, 0.2, 0.4, 0.8];
    for (jitter, share) in [("full", 0.5), ("none", 1.0), ("equal", 0.75)] {
        let calls = format!("retry: {{ attempts: 5, backoff: 100ms..1s, jitter: {jitter} }}");
        let findings = failing("30%", &calls);
        let waiting: f64 = (1..)
            .zip(waits)
            .map(|(i, wait)| pow(p, f64::from(i)) * wait * share)
            .sum();
        holds(
            jitter,
            attempts * 0.05 + waiting,
            figure(&findings, "called", "latency_mean"),
        );
    }
}

/// A timeout τ against exponential service: an attempt succeeds with 1 − e^(−μτ), and takes (1 − e^(−μτ))/μ on average.
#[test]
fn timeouts_with_a_new_service_time_each() {
    let findings = failing("0%", "timeout: 75ms, retry: { attempts: 3, backoff: none }");
    let q = exp(-0.075 / 0.05);
    let attempts = 1.0 + q + q * q;
    holds(
        "success",
        1.0 - pow(q, 3.0),
        figure(&findings, "called", "availability"),
    );
    holds(
        "attempts",
        attempts,
        figure(&findings, "called", "amplification"),
    );
    holds(
        "time",
        attempts * 0.05 * (1.0 - q),
        figure(&findings, "called", "latency_mean"),
    );
}

/// Retries in every layer multiply: L layers of k attempts against a dependency that never answers make k^L calls.
#[test]
fn layers_multiply() {
    let findings = study(
        "brownout: 1
flows: { visit: { from: customer, steps: [one, two, three, four] } }
services:
  one: { concurrency: unlimited, service_time: 0ms }
  two: { concurrency: unlimited, service_time: 0ms }
  three: { concurrency: unlimited, service_time: 0ms }
  four: { concurrency: unlimited, service_time: 0ms, errors: 100% }
traffic: { customer: { rate: 1/s } }
variants: { called: { wiring: sync, calls: { \"*\": { retry: { attempts: 3, backoff: none } } } } }
slo: { answered: availability >= 0.0% }
run: { duration: 1m, warmup: 1s, replications: 2, seed: 2026 }
",
    );
    let edges = &findings.variants[0].edges;
    let into_four = edges.iter().find(|edge| edge.to == "four").unwrap();
    assert!(
        (into_four.amplification - 81.0).abs() < 1e-9,
        "{}",
        into_four.amplification
    );
}
