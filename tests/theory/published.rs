//! Studies of retries and overload that others have published, with their numbers.

use crate::harness::{figure, flow, holds, study, variant};
use brownout::kernel::math::exp;

/// One call to a service, with these policies.
fn one_call(rate: &str, service: &str, calls: &str, rest: &str) -> brownout::analysis::Findings {
    study(&format!(
        "brownout: 1
flows: {{ ask: {{ from: client, steps: [backend] }} }}
services: {{ backend: {{ {service} }} }}
traffic: {{ client: {{ rate: {rate} }} }}
variants: {{ called: {{ wiring: sync, calls: {{ backend: {{ {calls} }} }} }} }}
{rest}
"
    ))
}

const LONG: &str = "slo: { any: availability >= 0% }
run: { duration: 200s, warmup: 20s, drain: 10s, replications: 20, confidence: 99.9% }";

/// Brooker, "Fixing retries with token buckets and circuit breakers", 2022: with a share f of failures and a bucket that each
/// success fills by φ, all of that is spent in the long run: load 1/(1 − φ(1 − f)), success (1 − f) of it.
#[test]
fn a_bucket_filled_by_successes_spends_what_they_bring() {
    let findings = one_call(
        "500/s",
        "concurrency: unlimited, service_time: 0ms, errors: 40%",
        "retry: { attempts: 4, backoff: none, budget: { tokens: 5, refill: 10% } }",
        LONG,
    );
    let load = 1.0 / (1.0 - 0.1 * 0.6);
    holds("load", load, figure(&findings, "called", "amplification"));
    let success = 0.6 * load;
    holds(
        "success",
        success,
        figure(&findings, "called", "availability"),
    );
}

/// Finagle's budget of 20 % and 10/s against a backend that always fails: 0.2 · 100 + 10 retries a second. A window that counts
/// whole retries runs up to 0.3 % short of it.
#[test]
fn finagle_s_budget_is_a_share_and_so_many_a_second() {
    let findings = one_call(
        "100/s",
        "concurrency: unlimited, service_time: 0ms, errors: 100%",
        "retry: { attempts: 21, backoff: none, budget: { share: 20% } }",
        LONG,
    );
    let got = figure(&findings, "called", "amplification");
    let allowed = got.half_width.unwrap() + 0.003 * 0.3;
    assert!((got.mean - 1.3).abs() <= allowed, "{got:?}");
}

/// Beyer and others, "Site Reliability Engineering", 2016, chapter 21: three attempts against a backend that rejects everything
/// are three times the load; with a retry budget of 10 % it is 1.1.
#[test]
fn a_budget_of_a_tenth_makes_three_times_the_load_a_tenth_more() {
    let growth = |budget: &str| {
        let findings = one_call(
            "500/s",
            "concurrency: unlimited, service_time: 0ms, errors: 100%",
            &format!("retry: {{ attempts: 3, backoff: none{budget} }}"),
            LONG,
        );
        figure(&findings, "called", "amplification").mean
    };
    assert!((growth("") - 3.0).abs() < 1e-12);
    let bounded = growth(", budget: { share: 10%, at_least: 0/s }");
    assert!((bounded - 1.1).abs() < 0.005, "{bounded}");
}

/// Maurer, "Fail at Scale", 2015: controlled delay of 5 ms and 100 ms at a queue that is never empty is M/M/1 with a patience of
/// 5 ms (Barrer 1957), of which two thirds are served at 1.5 times the capacity.
#[test]
fn controlled_delay_serves_what_there_is_capacity_for() {
    let findings = one_call(
        "15k/s",
        "service_time: exponential 100us, shed: { codel: 5ms }",
        "retry: none",
        "slo: { any: availability >= 0% }
run: { duration: 10s, warmup: 2s, drain: 1s, replications: 10, confidence: 99.9% }",
    );
    let (rho, a) = (1.5, exp((15e3 - 10e3) * 0.005));
    let lost = rho * (1.0 - rho) * a / (1.0 - rho * rho * a);
    holds(
        "served",
        1.0 - lost,
        figure(&findings, "called", "availability"),
    );
    // They wait close to the limit: those who waited less came when the line was shorter, which it hardly ever is.
    let p50 = figure(&findings, "called", "latency_p50").mean;
    assert!((0.004..0.006).contains(&p50), "{p50}");
}

/// Bronson and others 2021, in the stable region: 120 requests a second of 300, one retry. What came in 10 s is tried
/// twice, but 2 · 120 are less than 300: ((2 · 10 − 1) · 120 − 300)/(300 − 2 · 120) = 33 s.
#[test]
fn below_half_the_capacity_a_retry_storm_ends_by_itself() {
    let findings = one_call(
        "120/s",
        "service_time: 3333us",
        "timeout: 1s, retry: { attempts: 2, backoff: none, when: [timeout] }",
        "faults: { stall: { at: 60s, for: 10s, target: backend, pause: true } }
slo: { any: availability >= 0% }
run: { duration: 5m, warmup: 10s, replications: 10 }",
    );
    let recovery = variant(&findings, "called").recovery[0].unwrap();
    assert_eq!(recovery.n_never, 0);
    assert!((recovery.mean - 33.0).abs() < 12.0, "{recovery:?}");
}

/// The size of the trigger decides. 80 requests a second of 100, five attempts of 3 s; for 10 s the service works at a share s of
/// its speed. Without retries the longest wait is 10 (1 − 100 s/80) s: 7.5 s at a fifth, above the timeout, and five times 80 are
/// more than 100, for ever; 2.25 s at 62 %, below it, and nobody tries again.
#[test]
fn a_small_trigger_passes_and_a_large_one_does_not() {
    for (slower, is_for_ever) in [("x5", true), ("x1.613", false)] {
        let findings = one_call(
            "80/s",
            "service_time: 10ms",
            "timeout: 3s, retry: { attempts: 5, backoff: none, when: [timeout] }",
            &format!(
                "faults: {{ slow: {{ at: 60s, for: 10s, target: backend, latency: {slower} }} }}
slo: {{ after: availability >= 50% after slow }}
run: {{ duration: 7m, warmup: 10s, replications: 5 }}"
            ),
        );
        let after = findings.objectives[0].cells[0].estimate.unwrap().mean;
        let tries = flow(&findings, "called").figures.iter();
        let tries = tries
            .clone()
            .find(|(key, _)| *key == "amplification")
            .unwrap()
            .1
            .mean;
        if is_for_ever {
            assert!(after < 0.01, "{after}");
            // One minute of one attempt, six of five.
            assert!(
                (tries - (60.0 + 360.0 * 5.0) / 420.0).abs() < 0.1,
                "{tries}"
            );
        } else {
            assert!(after > 0.999, "{after}");
            assert!((tries - 1.0).abs() < 0.001, "{tries}");
        }
    }
}

/// Brooker's server whose answers take 1 s and 10 ms for each request inside, behind an exponential network of 100 ms each way;
/// clients time out after 3 s and send again, twice, at once (`github.com/mbrooker/simulator_example`, `simple_collapse_sim`; shared
/// cases `C-collapse-spike-noback` and `C-collapse-ramp-noback`). At 40/s it answers. A spike of 80/s for 5 s collapses it for good
/// in about three of four runs, and a ramp up to 80/s and down again in all of them, long after the load is gone.
#[test]
fn a_server_that_is_slower_the_more_it_has_to_do_collapses() {
    let study = |traffic: &str| {
        study(&format!(
            "brownout: 1
flows: {{ ask: {{ from: client, steps: [server] }} }}
services: {{ server: {{ concurrency: unlimited, service_time: 1s, contention: 10ms }} }}
network: exponential 100ms
traffic: {{ client: {{ {traffic} }} }}
variants: {{ called: {{ wiring: sync, calls: {{ server: {{ timeout: 3s, retry: {{ attempts: 3, backoff: none, when: [timeout] }} }} }} }} }}
slo: {{ answered: availability >= 0% }}
run: {{ duration: 80s, warmup: 0s, replications: 200, seed: 4 }}
"
        ))
    };
    // Clients answered in the end, per second of arrival, in a part of the run.
    let answered = |findings: &brownout::analysis::Findings, from: f64, to: f64| {
        let bins = &flow(findings, "called").series;
        let inside = bins
            .iter()
            .filter(|bin| bin.start_s >= from - 1e-9 && bin.start_s < to - 1e-9);
        inside
            .map(|bin| bin.offered * bin.availability)
            .sum::<f64>()
            / (to - from)
    };
    let spike = study(
        "start: 40/s, stages: [{ duration: 20s, target: 40/s }, { duration: 0s, target: 80/s }, { duration: 5s, target: 80/s }, { duration: 0s, target: 40/s }]",
    );
    let within = |what: &str, got: f64, expected: f64, tolerance: f64| {
        assert!((got - expected).abs() <= tolerance, "{what}: {got}");
    };
    within("before", answered(&spike, 10.0, 20.0), 40.0, 0.59);
    within("soon after", answered(&spike, 30.0, 40.0), 13.10, 6.3);
    within("long after", answered(&spike, 60.0, 78.0), 9.91, 5.3);
    let ramp = study(
        "start: 40/s, stages: [{ duration: 25s, target: 80/s }, { duration: 50s, target: 0/s }]",
    );
    within("soon after the ramp", answered(&ramp, 32.0, 40.0), 0.0, 0.1);
    within(
        "long after the ramp",
        answered(&ramp, 60.0, 75.0),
        0.0,
        0.05,
    );
}

/// A breaker of retries that counts since the start (Brooker, "Fixing retries with token buckets and circuit breakers", 2022; shared
/// cases `C-breaker-f05-100calls`, `C-breaker-f20`): a failed attempt is tried again, three times at most, as long as no more than a
/// tenth of the caller's calls has failed attempts. Small callers trip it by chance at 5 % of failures; at 20 % nobody retries.
#[test]
fn a_breaker_of_retries_trips_early_for_small_callers() {
    for (failures, callers, rate, (success, by), (load, by_load)) in [
        ("5%", 1_000, 1_000, (0.985_942, 0.0032), (1.038_145, 0.0021)),
        ("20%", 100, 10_000, (0.800_023, 0.0019), (1.000_035, 0.001)),
    ] {
        let findings = study(&format!(
            "brownout: 1
flows: {{ ask: {{ from: clerk, steps: [gate, desk] }} }}
services:
  gate: {{ replicas: {callers}, concurrency: unlimited, service_time: 0ms }}
  desk: {{ concurrency: unlimited, service_time: 0ms, errors: {failures} }}
traffic: {{ clerk: {{ rate: {rate}/s, arrivals: constant }} }}
variants:
  one: {{ wiring: sync, calls: {{ desk: {{ retry: {{ attempts: 4, backoff: none, budget: {{ failures: 10%, window: none }} }} }} }} }}
slo: {{ answered: availability >= 0% }}
run: {{ duration: 100s, warmup: 0s, replications: 1 }}
"
        ));
        let answered = figure(&findings, "one", "availability").mean;
        assert!((answered - success).abs() <= by, "{failures}: {answered}");
        // One call of the client, and so many of the gate.
        let attempts = figure(&findings, "one", "amplification").mean - 1.0;
        assert!((attempts - load).abs() <= by_load, "{failures}: {attempts}");
    }
}
