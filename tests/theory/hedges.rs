//! Hedged requests against what probability says of the smaller of two times.

use crate::harness::{figure, flow, holds, study, variant};
use brownout::analysis::Findings;
use brownout::kernel::math::{ln, pow};
use brownout::policies::Outcome;
use brownout::theory::MmC;

/// A leaf with as many workers as are wanted, called with and without hedges.
fn against_a_leaf(time: &str, hedge: &str, duration: &str) -> Findings {
    study(&format!(
        "brownout: 1
flows: {{ ask: {{ from: root, steps: [leaf] }} }}
services: {{ leaf: {{ replicas: 2, concurrency: unlimited, service_time: {time}, balance: random, idempotent: true }} }}
traffic: {{ root: {{ rate: 200/s }} }}
variants:
  plain: {{ wiring: sync }}
  hedged: {{ wiring: sync, calls: {{ leaf: {{ hedge: {hedge} }} }} }}
slo: {{ answered: availability >= 0% }}
run: {{ duration: {duration}, warmup: 1m, replications: 20, seed: 5, confidence: 99.9% }}
"
    ))
}

/// Attempts for each flow run, of one variant.
fn attempts_per_run(findings: &Findings, name: &str) -> f64 {
    let edge: u64 = variant(findings, name).edges[0].outcomes.iter().sum();
    let offered = flow(findings, name).outcomes.offered;
    #[expect(clippy::cast_precision_loss, reason = "counts")]
    let ratio = edge as f64 / offered as f64;
    ratio
}

/// Exponential times of mean m, a hedge after d = m ln 20, the 95th percentile (Dean and Barroso 2013; shared case
/// `C-hedge-exp-p95`): 5 % more calls; P(X > t) = e^(−t/m) up to d, and e^(−(2t − d)/m) beyond. So the median stays, and the
/// 99th percentile is (d + m ln 100)/2 instead of m ln 100: 38.0 ms instead of 46.1 ms, the 99.9th 49.5 ms instead of 69.1 ms.
#[test]
fn a_hedge_at_the_95th_percentile_costs_5_percent_and_takes_the_tail_off() {
    let (m, d) = (0.010, 0.010 * ln(20.0));
    let tail = |x: f64| m * ln(1.0 / (1.0 - x));
    let findings = against_a_leaf("exponential 10ms", "{ after: 29957us }", "10m");
    holds(
        "median",
        tail(0.5),
        figure(&findings, "hedged", "latency_p50"),
    );
    holds(
        "plain p99",
        tail(0.99),
        figure(&findings, "plain", "latency_p99"),
    );
    for (x, name) in [(0.99, "latency_p99"), (0.999, "latency_p999")] {
        holds(
            name,
            f64::midpoint(d, tail(x)),
            figure(&findings, "hedged", name),
        );
    }
    // 2.4 million runs: ± 3.3 √(0.05 × 0.95 / 2.4e6) = 0.0005.
    let more = attempts_per_run(&findings, "hedged") - 1.0;
    assert!((more - 0.05).abs() < 0.0005, "{more}");
    assert!((attempts_per_run(&findings, "plain") - 1.0).abs() < 1e-9);
}

/// Where the percentile is measured, of the last 1 000, the hedge comes a little too soon: the estimate's own spread is
/// √(0.05 × 0.95 / 1000) / 0.05 = 14 % of the share that lies beyond, so 5 to 5.7 % are hedged, and the 99th percentile is
/// (d + m ln 100)/2 for a d that is shorter by up to m ln 1.14 = 1.3 ms.
#[test]
fn a_measured_percentile_is_nearly_the_percentile() {
    let (m, d) = (0.010, 0.010 * ln(20.0));
    let findings = against_a_leaf("exponential 10ms", "{ at: p95 }", "10m");
    let more = attempts_per_run(&findings, "hedged") - 1.0;
    assert!((0.05..0.057).contains(&more), "{more}");
    let p99 = figure(&findings, "hedged", "latency_p99").mean;
    let exact = f64::midpoint(d, m * ln(100.0));
    assert!((exact - 0.00065..exact + 0.0001).contains(&p99), "{p99}");
}

/// The mean of the smaller of a time that is uniform on 10 to 30 ms, and of another one that begins 15 ms later: the first is
/// sooner unless it takes u > 25 ms and the other less than u − 15 ms, ∫ over u of the gain u − 15 − v.
#[test]
fn the_mean_of_a_hedged_uniform_time() {
    let findings = against_a_leaf("uniform 10ms..30ms", "{ after: 15ms }", "10m");
    // E[gain] = ∫_25^30 du/20 ∫_10^(u−15) dv/20 (u − 15 − v) = ∫_0^5 w²/2 dw / 400 = 125/6/400 ms.
    let mean = 20.0 - 125.0 / 6.0 / 400.0;
    holds(
        "mean",
        mean / 1e3,
        figure(&findings, "hedged", "latency_mean"),
    );
    let more = attempts_per_run(&findings, "hedged") - 1.0;
    assert!((more - 0.75).abs() < 0.001, "{more}");
}

/// Two copies to two of five servers, the other one taken back when the first is done (Gardner et al., "Redundancy-d", Operations
/// Research 65(4), 2017, theorem 1; shared case `C-redundancy-d2-n5`): the mean time is
/// Σ_(i=d..n) 1 / (n μ C(n−1, d−1)/C(i−1, d−1) − n λ).
#[test]
fn two_copies_at_once_are_redundancy_2() {
    let findings = study(
        "brownout: 1
flows: { ask: { from: root, steps: [server] } }
services: { server: { replicas: 5, service_time: exponential 1s, balance: random, idempotent: true } }
traffic: { root: { rate: 3.5/s } }
variants:
  copied: { wiring: sync, calls: { server: { cancel: true, hedge: { after: 0s } } } }
slo: { answered: availability >= 0% }
run: { duration: 2h, warmup: 10m, replications: 20, seed: 5, confidence: 99.9% }
",
    );
    let (n, all) = (5.0, 3.5);
    let mean: f64 = [2.0, 3.0, 4.0, 5.0]
        .map(|i: f64| 1.0 / (n * (n - 1.0) / (i - 1.0) - all))
        .iter()
        .sum();
    holds("mean", mean, figure(&findings, "copied", "latency_mean"));
    // Of two requests one answers and one is taken back.
    let edge = &variant(&findings, "copied").edges[0].outcomes;
    let (ok, back) = (
        edge[Outcome::Ok as usize],
        edge[Outcome::Cancelled as usize],
    );
    assert!(ok.abs_diff(back) <= 20 * 10, "{ok} {back}");
}

/// A leaf that is down for a third of its instances: the hedge goes to another one. With two instances of which one hangs, half
/// of the requests hang, each of them is hedged at 50 ms, and each hedge is answered.
#[test]
fn a_hedge_goes_to_another_instance() {
    let findings = study(
        "brownout: 1
flows: { ask: { from: root, steps: [leaf] } }
services: { leaf: { replicas: 2, concurrency: unlimited, service_time: 10ms, balance: random } }
traffic: { root: { rate: 100/s } }
variants:
  hedged: { wiring: sync, calls: { leaf: { timeout: 1s, hedge: { after: 50ms } } } }
  poor: { wiring: sync, calls: { leaf: { timeout: 1s, hedge: { after: 50ms, budget: { tokens: 10, refill: 0% } } } } }
faults: { half: { at: 0s, for: 5m, target: leaf, replicas: 1, down: hang } }
slo: { answered: availability >= 0% }
run: { duration: 5m, warmup: 0s, replications: 1, seed: 5 }
",
    );
    assert!((figure(&findings, "hedged", "availability").mean - 1.0).abs() < 1e-12);
    let slowest = figure(&findings, "hedged", "latency_p99").mean;
    assert!((slowest - 0.06).abs() < 1e-4, "{slowest}");
    // Ten hedges are all that the budget pays for; the others hang until their timeout.
    let poor = flow(&findings, "poor").outcomes;
    let edge = &variant(&findings, "poor").edges[0].outcomes;
    assert_eq!(edge.iter().sum::<u64>(), poor.offered + 10);
    assert_eq!(edge[Outcome::Cancelled as usize], 10);
    assert_eq!(edge[Outcome::Timeout as usize], poor.failed);
    assert!(poor.failed > 14_000);
}

/// A failure does not end an attempt whose hedge is out: at 20 ms the first request times out, at 29 ms its hedge is answered.
#[test]
fn a_failure_waits_for_the_hedge() {
    let text = |after: &str| {
        format!(
            "brownout: 1
flows: {{ ask: {{ from: root, steps: [leaf] }} }}
services: {{ leaf: {{ replicas: 2, concurrency: unlimited, service_time: 14ms }} }}
traffic: {{ root: {{ rate: 10/s, arrivals: constant }} }}
variants: {{ hedged: {{ wiring: sync, calls: {{ leaf: {{ timeout: 20ms, hedge: {{ after: {after} }} }} }} }} }}
faults: {{ slow: {{ at: 0s, for: 1m, target: leaf, replicas: 1, latency: +1s }} }}
slo: {{ answered: availability >= 0% }}
run: {{ duration: 1m, warmup: 0s, replications: 1 }}
"
        )
    };
    // The hedge begins at 15 ms and is answered at 29 ms: after the first one's timeout, before its own.
    let findings = study(&text("15ms"));
    let n = flow(&findings, "hedged").outcomes;
    assert_eq!((n.answered_ok, n.failed), (n.offered, 0));
    let edge = &variant(&findings, "hedged").edges[0].outcomes;
    assert!(edge[Outcome::Timeout as usize] > 250);
    assert_eq!(edge[Outcome::Cancelled as usize], 0);
    // A hedge that would begin after the timeout comes too late.
    let findings = study(&text("21ms"));
    let n = flow(&findings, "hedged").outcomes;
    assert!(n.failed > 250, "{n:?}");
}

/// The tail at scale: who asks a hundred leaves waits for the slowest. With P(X > t) of one leaf as above, all are done by t with
/// probability (1 − P)¹⁰⁰, so a quantile x of the whole is the quantile x^(1/100) of a leaf: the median of the whole is the 99.3rd
/// percentile, 49.8 ms, and with hedges (d + 49.8 ms)/2.
#[test]
fn hedges_help_those_most_who_ask_many() {
    let n = 100;
    let leaves: Vec<String> = (0..n)
        .map(|k| format!("{{ l{k}: {{ service: leaf }} }}"))
        .collect();
    let hedges: Vec<String> = (0..n)
        .map(|k| format!("l{k}: {{ hedge: {{ after: 29957us }} }}"))
        .collect();
    let findings = study(&format!(
        "brownout: 1
flows: {{ ask: {{ from: client, steps: [root, {{ parallel: [{}], need: all }}] }} }}
services:
  root: {{ concurrency: unlimited, service_time: 0ms }}
  leaf: {{ concurrency: unlimited, service_time: exponential 10ms, idempotent: true }}
traffic: {{ client: {{ rate: 10/s }} }}
variants:
  plain: {{ wiring: sync, shape: orchestrated }}
  hedged: {{ wiring: sync, shape: orchestrated, calls: {{ {} }} }}
slo: {{ answered: availability >= 0% }}
run: {{ duration: 5m, warmup: 10s, replications: 20, seed: 6, confidence: 99.9% }}
",
        leaves.join(", "),
        hedges.join(", ")
    ));
    let (m, d) = (0.010, 0.010 * ln(20.0));
    for (x, name) in [(0.5, "latency_p50"), (0.95, "latency_p95")] {
        let of_leaf = pow(x, 1.0 / f64::from(n));
        let plain = m * ln(1.0 / (1.0 - of_leaf));
        holds(name, plain, figure(&findings, "plain", name));
        holds(
            name,
            f64::midpoint(d, plain),
            figure(&findings, "hedged", name),
        );
    }
}

/// Tied requests (Dean and Barroso 2013): a copy waits at each of two desks, and the first that a desk begins to work for withdraws
/// the other. In law that is one queue for both, M/M/2 (Ayesta, Bodas, Verloop 2018; shared case `C-tied-2servers`): a mean of
/// 0.22857 s at λ = 15/s, μ = 10/s, and its own 99 % quantile.
#[test]
fn tied_requests_make_one_queue_of_two() {
    let findings = study(
        "brownout: 1
flows: { ask: { from: clerk, steps: [desk] } }
services: { desk: { replicas: 2, concurrency: 1, service_time: exponential 100ms } }
traffic: { clerk: { rate: 15/s } }
variants: { tied: { wiring: sync, calls: { desk: { hedge: { after: 0s, tied: true } } } } }
slo: { answered: availability >= 0% }
run: { duration: 3h, warmup: 2m, replications: 20, confidence: 99.9% }
",
    );
    let both = MmC {
        arrivals_per_s: 15.0,
        service_s: 0.1,
        n_workers: 2,
    };
    holds(
        "mean",
        both.sojourn_mean_s(),
        figure(&findings, "tied", "latency_mean"),
    );
    holds(
        "p99",
        both.sojourn_quantile_s(0.99),
        figure(&findings, "tied", "latency_p99"),
    );
    // No work is done twice.
    assert!(variant(&findings, "tied").wasted_work.mean < 1e-12);
}
