//! One station, and several in a row.

use crate::harness::{figure, holds, one_station, study, variant};
use brownout::kernel::math::{exp, ln};
use brownout::theory::{MmC, MmCK, erlang_b};

fn erlang(lambda: f64, mu: f64, n_workers: u32) -> MmC {
    MmC {
        arrivals_per_s: lambda,
        service_s: 1.0 / mu,
        n_workers,
    }
}

/// M/M/1: mean 1/(μ − λ), quantiles −ln(1 − q)/(μ − λ), utilisation ρ (Kleinrock, Queueing Systems 1, 1975, ch. 3).
#[test]
fn m_m_1() {
    let (lambda, mu) = (8.0, 10.0);
    let findings = one_station(lambda, "service_time: exponential 100ms", "3h");
    holds(
        "mean",
        1.0 / (mu - lambda),
        figure(&findings, "called", "latency_mean"),
    );
    holds(
        "median",
        ln(2.0) / (mu - lambda),
        figure(&findings, "called", "latency_p50"),
    );
    holds(
        "p95",
        ln(20.0) / (mu - lambda),
        figure(&findings, "called", "latency_p95"),
    );
    holds(
        "p99",
        ln(100.0) / (mu - lambda),
        figure(&findings, "called", "latency_p99"),
    );
    holds(
        "busy",
        lambda / mu,
        variant(&findings, "called").services[0].busy.unwrap(),
    );
}

/// M/M/c by Erlang C, one line for all workers: of one instance, and of two that share it.
#[test]
fn m_m_c() {
    let (lambda, mu) = (36.0, 10.0);
    let wait = erlang(lambda, mu, 4).wait_mean_s();
    for service in [
        "concurrency: 4, service_time: exponential 100ms",
        "concurrency: 2, replicas: 2, balance: shared, service_time: exponential 100ms",
    ] {
        let findings = one_station(lambda, service, "1h");
        holds(
            service,
            wait + 1.0 / mu,
            figure(&findings, "called", "latency_mean"),
        );
    }
}

/// M/M/c behind a queue: competing consumers of two instances are one Erlang C station.
#[test]
fn m_m_c_behind_a_queue() {
    let (lambda, mu) = (36.0, 10.0);
    let findings = study(
        "brownout: 1
flows: { item: { from: customer, steps: [intake, desk], answer_needs: [intake] } }
services:
  intake: { concurrency: unlimited, service_time: 0ms }
  desk: { replicas: 2, concurrency: 2, service_time: exponential 100ms }
brokers: { line: {} }
traffic: { customer: { rate: 36/s } }
variants: { queued: { wiring: async, via: line } }
slo: { kept: lost == 0 }
run: { duration: 1h, warmup: 5m, replications: 20, seed: 2026, confidence: 99.9% }
",
    );
    holds(
        "mean",
        erlang(lambda, mu, 4).wait_mean_s() + 1.0 / mu,
        figure(&findings, "queued", "completion_mean"),
    );
}

/// M/M/c/K: the share turned away is the last state's probability; those let in wait as Little's law says.
#[test]
fn m_m_c_k() {
    let (lambda, mu, c, k) = (45.0, 10.0, 4, 10);
    let service = format!(
        "concurrency: {c}, queue: {}, service_time: exponential 100ms",
        k - c
    );
    let findings = one_station(lambda, &service, "1h");
    let station = erlang(lambda, mu, c);
    let blocked = MmCK {
        station,
        capacity: k,
    }
    .blocked();
    holds(
        "let in",
        1.0 - blocked,
        figure(&findings, "called", "availability"),
    );
    holds(
        "busy",
        lambda * (1.0 - blocked) / mu / f64::from(c),
        variant(&findings, "called").services[0].busy.unwrap(),
    );
}

/// M/D/1 and M/G/1 by Pollaczek and Khinchine: W = λ E[S²] / (2 (1 − ρ)).
#[test]
fn m_g_1() {
    let lambda = 8.0;
    // Lognormal through p50 and p99: σ = ln(p99/p50) / z, z the standard normal 0.99 quantile; E[S^k] = p50^k exp(k²σ²/2).
    let (p50, p99, z) = (0.060_f64, 0.300_f64, 2.326_347_874_040_841);
    let sigma = ln(p99 / p50) / z;
    let moments = (
        p50 * exp(sigma * sigma / 2.0),
        p50 * p50 * exp(2.0 * sigma * sigma),
    );
    let gamma = (0.1, 0.01 * (1.0 + 1.5 * 1.5));
    for (service, (mean, second)) in [
        ("service_time: 100ms", (0.1, 0.01)),
        ("service_time: { p50: 60ms, p99: 300ms }", moments),
        ("service_time: { mean: 100ms, cv: 1.5 }", gamma),
    ] {
        let findings = one_station(lambda, service, "2h");
        let wait = lambda * second / (2.0 * (1.0 - lambda * mean));
        holds(
            service,
            wait + mean,
            figure(&findings, "called", "latency_mean"),
        );
    }
}

/// Tandem of M/M/1 (Burke 1956, Jackson 1957): sojourns add up, whether reached by calls that hold nothing or by messages.
#[test]
fn tandem() {
    let findings = study(
        "brownout: 1
flows: { item: { from: customer, steps: [first, second, third], answer_needs: [first] } }
services:
  first: { blocking: false, service_time: exponential 100ms }
  second: { blocking: false, service_time: exponential 80ms }
  third: { blocking: false, service_time: exponential 110ms }
brokers: { line: {} }
traffic: { customer: { rate: 7/s } }
variants:
  called: { wiring: sync }
  queued: { wiring: async, via: line }
slo: { kept: lost == 0 }
run: { duration: 1h, warmup: 5m, replications: 20, seed: 2026, confidence: 99.9% }
",
    );
    let mean = [10.0, 12.5, 1.0 / 0.11]
        .iter()
        .map(|mu| 1.0 / (mu - 7.0))
        .sum();
    holds(
        "called",
        mean,
        figure(&findings, "called", "completion_mean"),
    );
    holds("called", mean, figure(&findings, "called", "latency_mean"));
    holds(
        "queued",
        mean,
        figure(&findings, "queued", "completion_mean"),
    );
    holds(
        "answered",
        1.0 / 3.0,
        figure(&findings, "queued", "latency_mean"),
    );
}

/// Two blocking levels: the front's workers are held for the sum of both services, so it is an Erlang loss system
/// (insensitive to the law of that sum; Sevast'yanov 1957).
#[test]
fn a_held_worker_is_an_erlang_b_server() {
    let findings = study(
        "brownout: 1
flows: { item: { from: customer, steps: [front, back] } }
services:
  front: { concurrency: 12, queue: 0, service_time: exponential 50ms }
  back: { concurrency: unlimited, service_time: exponential 200ms }
traffic: { customer: { rate: 40/s } }
variants: { called: { wiring: sync } }
slo: { kept: lost == 0 }
run: { duration: 30m, warmup: 1m, replications: 20, seed: 2026, confidence: 99.9% }
",
    );
    let loss = erlang_b(40.0 * 0.25, 12);
    holds(
        "let in",
        1.0 - loss,
        figure(&findings, "called", "availability"),
    );
    let front = &variant(&findings, "called").services[0];
    let (busy, held) = (front.busy.unwrap(), front.held.unwrap());
    holds("busy", 40.0 * (1.0 - loss) * 0.05 / 12.0, busy);
    holds("held", 40.0 * (1.0 - loss) * 0.2 / 12.0, held);
}
