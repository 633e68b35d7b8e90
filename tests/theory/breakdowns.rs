//! Where the time goes, in scenarios in which every time is constant and the answer is known.

use super::harness::{study, study_on};
use brownout::analysis::{Breakdown, Findings, Part};

/// Two clients at the same instants, once a second; one worker at the shop, which is held while it calls the desk.
const SCENARIO: &str = "
brownout: 1
flows: { order: { from: buyer, steps: [shop, desk], answer_needs: [shop] } }
services:
  shop: { concurrency: 1, service_time: 10ms }
  desk: { concurrency: 8, service_time: 20ms }
brokers: { post: { publish: 5ms } }
network: 2ms
traffic:
  buyer: { rate: 1/s, arrivals: constant }
  other: { flow: order, rate: 1/s, arrivals: constant }
variants:
  called: { wiring: sync }
  sent: { wiring: async, via: post, answer_after: shop }
  failing:
    wiring: sync
    calls: { desk: { retry: { attempts: 3, backoff: 50ms, jitter: none } } }
    services: { desk: { errors: 100% } }
run: { duration: 10m, warmup: 10s, replications: 3, seed: 1 }
";

fn breakdown<'a>(findings: &'a Findings, variant: &str, metric: &str, q: f64) -> &'a Breakdown {
    let mut variants = findings.variants.iter();
    let variant = variants.find(|found| found.name == variant).unwrap();
    let mut all = variant.flows[0].breakdowns.iter();
    all.find(|one| one.metric == metric && (one.q - q).abs() < 1e-9)
        .unwrap()
}

/// The p99 in milliseconds: working, broker, queueing, network, retry wait, other.
#[track_caller]
fn check(findings: &Findings, variant: &str, metric: &str, expected: [f64; Part::N]) {
    let found = breakdown(findings, variant, metric, 0.99);
    for (one, expected) in found.parts.iter().zip(expected) {
        let ms = one.seconds * 1e3;
        assert!(
            (ms - expected).abs() < 1e-6,
            "{variant} {metric}: {:?} is {ms} ms, not {expected} ms",
            one.part
        );
    }
    let sum: f64 = expected.iter().sum();
    assert!((found.total_s * 1e3 - sum).abs() < 1e-6, "{found:?}");
}

#[test]
fn constant_times_are_told_to_the_nanosecond() {
    let findings = study(SCENARIO);
    // The second client waits until the first one's worker is free: 10 ms of work, and 2 + 20 + 2 ms held.
    check(
        &findings,
        "called",
        "latency",
        [30.0, 0.0, 34.0, 8.0, 0.0, 0.0],
    );
    // The desk is done two ways back earlier.
    check(
        &findings,
        "called",
        "completion",
        [30.0, 0.0, 34.0, 4.0, 0.0, 0.0],
    );
    // The first one's worker: 10 ms, then held for the hand-over: 2 + 5 + 2 ms.
    check(
        &findings,
        "sent",
        "latency",
        [10.0, 5.0, 19.0, 8.0, 0.0, 0.0],
    );
    // Way in, queue, work, way to the broker, write, way to the desk, work.
    check(
        &findings,
        "sent",
        "completion",
        [30.0, 5.0, 19.0, 6.0, 0.0, 0.0],
    );
    // Three calls of 2 + 20 + 2 ms and two waits of 50 ms, which the next one waits for too.
    check(
        &findings,
        "failing",
        "latency",
        [70.0, 0.0, 182.0, 16.0, 100.0, 0.0],
    );
    let failing = &findings.variants[2].flows[0].breakdowns;
    assert!(failing.iter().all(|one| one.metric == "latency"));
}

#[test]
fn parts_name_their_places() {
    let findings = study(SCENARIO);
    let found = breakdown(&findings, "sent", "completion", 0.99);
    let place = |part: Part| found.parts[part as usize].places.first().cloned();
    let name = |part| place(part).map(|(name, _)| name);
    assert_eq!(name(Part::Working).as_deref(), Some("desk"));
    assert_eq!(name(Part::Broker).as_deref(), Some("post"));
    assert_eq!(name(Part::Queueing).as_deref(), Some("shop"));
    assert_eq!(name(Part::Network), None);
    let failing = breakdown(&findings, "failing", "latency", 0.99);
    let waits = &failing.parts[Part::RetryWait as usize].places;
    assert_eq!(waits[0].0, "desk");
}

#[test]
fn the_parts_are_the_whole_whatever_goes_wrong_and_on_any_number_of_threads() {
    let text = std::fs::read_to_string("scenarios/order_checkout.yaml").unwrap();
    let text = text.replace(
        "duration: 20m, warmup: 2m, replications: 20",
        "duration: 8m, warmup: 30s, replications: 3",
    );
    let findings = study_on(&text, 1);
    let again = study_on(&text, 3);
    for (variant, other) in findings.variants.iter().zip(&again.variants) {
        assert_eq!(variant.flows[0].breakdowns, other.flows[0].breakdowns);
        assert!(variant.flows[0].breakdowns.len() >= 3, "{}", variant.name);
        for one in &variant.flows[0].breakdowns {
            let sum: f64 = one.parts.iter().map(|part| part.seconds).sum();
            assert!((sum - one.total_s).abs() < 1e-9, "{one:?}");
            assert!(one.n > 0 && one.n_sample >= one.n, "{one:?}");
        }
    }
    // While payment hangs, an order that is called for queues; one that is sent waits at the broker.
    let most = |variant, metric| {
        let found = breakdown(&findings, variant, metric, 0.99);
        let most = found
            .parts
            .iter()
            .max_by(|a, b| a.seconds.total_cmp(&b.seconds));
        most.unwrap().part
    };
    assert_eq!(most("sync", "latency"), Part::Queueing);
    assert_eq!(most("async", "completion"), Part::Broker);
}
