//! Who is served next, who is turned away, and which instance it goes to.

use crate::harness::{figure, holds, one_station, study, variant};
use brownout::kernel::math::{exp, ln, pow};
use brownout::theory::MmC;

/// Whoever is served next, as long as it does not depend on their needs, the mean is that of M/M/1: 1/(μ − λ) (Kleinrock 2,
/// 1976, ch. 3.1, the conservation law). But the last who came are fast, and who waits, waits long: half of them are done sooner
/// than a half in the order of arrival, ln 2/(μ − λ), and one in a hundred later than ln 100/(μ − λ).
#[test]
fn last_come_first_served_keeps_the_mean_and_spreads_the_rest() {
    let (lambda, mu) = (8.0, 10.0);
    let findings = one_station(
        lambda,
        "service_time: exponential 100ms, discipline: lifo",
        "3h",
    );
    holds(
        "mean",
        1.0 / (mu - lambda),
        figure(&findings, "called", "latency_mean"),
    );
    let median = figure(&findings, "called", "latency_p50");
    assert!(median.mean + median.half_width.unwrap() < ln(2.0) / (mu - lambda));
    let worst = figure(&findings, "called", "latency_p99");
    assert!(worst.mean - worst.half_width.unwrap() > ln(100.0) / (mu - lambda));
}

/// Two ranks at one worker, nobody is interrupted (Cobham, "Priority Assignment in Waiting Line Problems", Operations Research 2,
/// 1954): W₁ = R/(1 − ρ₁), W₂ = R/((1 − ρ₁)(1 − ρ)), R = ρ/μ for exponential work.
#[test]
fn ranks_wait_as_cobham_says() {
    let findings = study(
        "brownout: 1
flows:
  paid: { from: members, steps: [pay: { service: desk, priority: 2 }] }
  free: { from: guests, steps: [look: { service: desk, priority: 1 }] }
services: { desk: { service_time: exponential 100ms, discipline: priority } }
traffic: { members: { rate: 3/s }, guests: { rate: 5/s } }
variants: { ranked: { wiring: sync } }
slo: { any: paid availability >= 0% }
run: { duration: 3h, warmup: 5m, replications: 20, confidence: 99.9% }
",
    );
    let (mu, first, all) = (10.0, 0.3, 0.8);
    let residual = all / mu;
    let mean = |idx: usize| {
        let figures = &variant(&findings, "ranked").flows[idx].figures;
        figures
            .iter()
            .find(|(key, _)| *key == "latency_mean")
            .unwrap()
            .1
    };
    holds("first", residual / (1.0 - first) + 1.0 / mu, mean(0));
    let second = residual / ((1.0 - first) * (1.0 - all));
    holds("second", second + 1.0 / mu, mean(1));
}

/// Whoever has waited longer than τ when a worker is free is turned away: M/M/1 with constant patience until service (Barrer,
/// "Queuing with Impatient Customers", Operations Research 5, 1957). The offered wait has the density λP₀e^{−(μ−λ)x} below τ and
/// λP₀e^{λτ−μx} above, so that the loss is ρ(1 − ρ)a/(1 − ρ²a) with a = e^{−(μ−λ)τ}, under overload too.
#[test]
fn shedding_what_has_waited_loses_what_barrer_says() {
    for lambda in [8.0, 15.0] {
        let (mu, tau) = (10.0, 0.3);
        let service = "service_time: exponential 100ms, shed: { waited: 300ms }";
        let findings = one_station(lambda, service, "1h");
        let (rho, a) = (lambda / mu, exp(-(mu - lambda) * tau));
        let lost = rho * (1.0 - rho) * a / (1.0 - rho * rho * a);
        holds(
            "answered",
            1.0 - lost,
            figure(&findings, "called", "availability"),
        );
    }
}

/// With places bounded by shedding it is M/M/1/K: the same loss as by a bounded queue, under another name.
#[test]
fn shedding_by_the_length_of_the_queue_is_a_bounded_queue() {
    let of = |service: &str| {
        let service = format!("service_time: exponential 100ms, {service}");
        figure(
            &one_station(12.0, &service, "10m"),
            "called",
            "availability",
        )
        .mean
    };
    assert!((of("shed: { queue: 5 }") - of("queue: 5")).abs() < 1e-12);
}

/// The better of two by chance, among many instances (Mitzenmacher, 2001): the mean time is Σ ρ^{2^i − 2}/μ, i from 1. It holds
/// for infinitely many; for a hundred his table 1 differs by up to 1.3 % at ρ = 0.9, so 3 % are allowed.
#[test]
fn two_choices_do_what_mitzenmacher_says() {
    let service = "replicas: 100, service_time: exponential 100ms, balance: power_of_two";
    let findings = one_station(900.0, service, "3m");
    let terms = [0, 2, 6, 14, 30, 62].map(|power| exp(f64::from(power) * ln(0.9)));
    let expected = 0.1 * terms.iter().sum::<f64>();
    let got = figure(&findings, "called", "latency_mean");
    let allowed = 0.03 * expected + got.half_width.unwrap();
    assert!(
        (got.mean - expected).abs() < allowed,
        "{got:?} is not {expected}"
    );
}

/// Processor sharing forgets the law of the service times: the mean time is E[S]/(1 − ρ) for all of them (Kleinrock, *Queueing
/// Systems*, vol. 2, 1976, section 4.4). On c cores it is that of M/M/c where times are exponential. And with one core and a
/// constant time a queue in order would be quicker: S (1 + ρ/(2 (1 − ρ))).
#[test]
fn processor_sharing_forgets_the_law_of_the_service_times() {
    let (mean, rho) = (0.1, 0.7);
    for law in [
        "100ms",
        "exponential 100ms",
        "{ dist: hyperexponential, mean: 100ms, cv: 2 }",
    ] {
        let shared = one_station(
            7.0,
            &format!("discipline: ps, concurrency: unlimited, service_time: {law}"),
            "90m",
        );
        holds(
            law,
            mean / (1.0 - rho),
            figure(&shared, "called", "latency_mean"),
        );
    }
    let in_order = one_station(7.0, "service_time: 100ms", "30m");
    let md1 = mean * (1.0 + rho / (2.0 * (1.0 - rho)));
    holds("in order", md1, figure(&in_order, "called", "latency_mean"));
    let four = "discipline: ps, cores: 4, concurrency: unlimited, service_time: exponential 100ms";
    let theory = MmC {
        arrivals_per_s: 28.0,
        service_s: 0.1,
        n_workers: 4,
    };
    let shared = one_station(28.0, four, "30m");
    holds(
        "four cores",
        theory.sojourn_mean_s(),
        figure(&shared, "called", "latency_mean"),
    );
}

/// Several calls of a flow run at one service that turns half of what comes away (Zhou et al., *Overload Control for Scaling `WeChat`
/// Microservices*, 2018, section 3.1; shared cases `C-dagor-*`): decided for each call, half of half of them come through two,
/// and 38.2 % of 750/s find the service at its capacity of 750 calls/s; decided for each flow run, half of them through any number.
#[test]
fn whoever_is_turned_away_may_be_the_same_everywhere() {
    for (steps, n, rate, shed, by) in [
        (
            "[desk, { second: { service: desk } }]",
            2,
            750.0,
            0.5,
            "call",
        ),
        (
            "[desk, { second: { service: desk } }]",
            2,
            750.0,
            0.618_034,
            "call",
        ),
        (
            "[desk, { second: { service: desk } }]",
            2,
            750.0,
            0.5,
            "flow_run",
        ),
        (
            "[desk, { second: { service: desk } }, { third: { service: desk } }, { fourth: { service: desk } }]",
            4,
            375.0,
            0.5,
            "flow_run",
        ),
    ] {
        let share = 100.0 * (1.0 - shed);
        let findings = study(&format!(
            "brownout: 1
flows: {{ ask: {{ from: clerk, steps: [door, {}] }} }}
services:
  door: {{ concurrency: unlimited, service_time: 0ms }}
  desk: {{ concurrency: unlimited, service_time: 0ms, shed: {{ share: {share}%, by: {by} }} }}
traffic: {{ clerk: {{ rate: {rate}/s }} }}
variants: {{ one: {{ wiring: sync, shape: orchestrated }} }}
slo: {{ answered: availability >= 0% }}
run: {{ duration: 60s, warmup: 0s, drain: 0s, replications: 12, confidence: 99.9% }}
",
            &steps[1..steps.len() - 1]
        ));
        let passes = if by == "call" {
            pow(shed, f64::from(n))
        } else {
            shed
        };
        holds(by, passes, figure(&findings, "one", "availability"));
        // The client's call, and those of a flow run until the first that is turned away.
        let calls: f64 = match by {
            "call" => (0..n).map(|k| pow(shed, f64::from(k))).sum(),
            _ => shed * f64::from(n) + (1.0 - shed),
        };
        holds(by, 1.0 + calls, figure(&findings, "one", "amplification"));
    }
}

/// Half as many again as one worker can do, in the order of arrival, and callers who wait 1 s: the line is so long that nobody who is
/// served still waits. Where those are turned away whose callers have less time than their work takes, everybody who is served is
/// answered in time: as many as the worker can do.
#[test]
fn work_for_those_who_cannot_wait_for_it_is_left() {
    let answered = |shed: &str| {
        let findings = study(&format!(
            "brownout: 1
flows: {{ ask: {{ from: clerk, steps: [desk] }} }}
services: {{ desk: {{ concurrency: 1, service_time: 100ms{shed} }} }}
traffic: {{ clerk: {{ rate: 15/s }} }}
variants: {{ one: {{ wiring: sync, calls: {{ desk: {{ timeout: 1s }} }} }} }}
slo: {{ answered: availability >= 0% }}
run: {{ duration: 10m, warmup: 2m, drain: 0s, replications: 4, confidence: 99.9% }}
"
        ));
        figure(&findings, "one", "goodput").mean
    };
    assert!(answered("") < 0.01, "without");
    // Gone callers alone: the worker still begins what it cannot finish in time.
    let gone = answered(", shed: { time_left: 0s }");
    assert!((1.0..9.0).contains(&gone), "{gone}");
    let hopeless = answered(", shed: { time_left: 100ms }");
    assert!((hopeless - 10.0).abs() < 0.02, "{hopeless}");
}
