//! Clients that were promised a result: they ask for it, or are called back.

use crate::harness::{figure, flow, holds, study, variant};
use brownout::analysis::Findings;

/// `desk` works for `work` behind the broker; a hop takes 10 ms, the intake and its answer to a question nothing.
fn promised(by: &str, work: &str, traffic: &str, more: &str, run: &str) -> Findings {
    study(&format!(
        "brownout: 1
flows: {{ item: {{ from: customer, steps: [intake, desk], answer_needs: [intake, desk] }} }}
services:
  intake: {{ concurrency: unlimited, service_time: 0ms }}
  desk: {{ concurrency: unlimited, service_time: {work} }}
brokers: {{ line: {{ }} }}
network: 10ms
traffic: {{ customer: {{ {traffic} }} }}
variants: {{ told: {{ wiring: async, answer_after: intake, answer_by: {by}{more} }} }}
slo: {{ answered: availability >= 0% }}
run: {{ {run} }}
"
    ))
}

const SHORT: &str = "duration: 100s, warmup: 0s, replications: 1";

fn exactly(what: &str, value: f64, expected: f64) {
    // A recorder keeps three digits.
    assert!(
        (value - expected).abs() < 1e-3 * expected,
        "{what}: {value}, not {expected}"
    );
}

/// Called back a hop after the work: a hop in, a hop to the broker and one back before the answer, which nobody waits for; a hop to
/// the desk, its work.
#[test]
fn a_client_that_is_called_back_waits_a_hop_more_than_the_work() {
    let findings = promised("callback", "300ms", "rate: 1/s", "", SHORT);
    let told = |name| figure(&findings, "told", name).mean;
    let done = 0.010 + 0.010 + 0.010 + 0.300;
    exactly("done", told("completion_max"), done);
    exactly("told", told("latency_max"), done + 0.010);
    let outcomes = flow(&findings, "told").outcomes;
    assert_eq!(outcomes.completed, outcomes.offered);
}

/// The promise is there after four hops; from then on a question every 500 ms, each two hops long, so one comes to the service at
/// 0.040 + 0.510 + k × 0.520 s: the first one after the work is done, at 0.330 s, is told a hop later.
#[test]
fn a_client_that_asks_hears_of_it_at_the_next_question() {
    for (work, k) in [("300ms", 0), ("500ms", 0), ("600ms", 1), ("2s", 3)] {
        let findings = promised("poll 500ms", work, "rate: 1/s", "", SHORT);
        let told = |name| figure(&findings, "told", name).mean;
        let asks = 0.040 + 0.510 + f64::from(k) * 0.520;
        exactly(work, told("latency_max"), asks + 0.010);
        let polls = variant(&findings, "told")
            .edges
            .iter()
            .find(|edge| edge.to == "poll_intake");
        let outcomes = flow(&findings, "told").outcomes;
        assert_eq!(
            polls.map(|edge| edge.outcomes[0]),
            Some(u64::from(k + 1_u32) * outcomes.offered)
        );
        assert_eq!(outcomes.completed, outcomes.offered);
    }
}

/// With exponential work the questions are a geometric number: the work is done before one with 1 − e^(−0.52/m) each, the first
/// one at 0.52 s after the work began (0.55 s after the client came, less three hops).
#[test]
fn questions_are_as_many_as_the_work_is_long() {
    let findings = promised(
        "poll 500ms",
        "exponential 400ms",
        "rate: 20/s",
        "",
        "duration: 20m, warmup: 1m, replications: 20, seed: 2026, confidence: 99.9%",
    );
    let gone = brownout::kernel::math::exp(-0.52 / 0.4);
    let more = gone / (1.0 - gone);
    holds(
        "latency",
        0.560 + 0.520 * more,
        figure(&findings, "told", "latency_mean"),
    );
}

/// A parked message is bad news for who asks, and none at all for who waits to be called: that one leaves.
#[test]
fn who_asks_hears_of_a_failure_and_who_waits_does_not() {
    let consume = ", consume: { desk: { redeliver: { attempts: 1 } } }";
    let broken = |by: &str| {
        study(&format!(
            "brownout: 1
flows: {{ item: {{ from: customer, steps: [intake, desk], answer_needs: [intake] }} }}
services:
  intake: {{ concurrency: unlimited, service_time: 0ms }}
  desk: {{ concurrency: unlimited, service_time: 100ms, errors: 100% }}
brokers: {{ line: {{ }} }}
traffic: {{ customer: {{ rate: 1/s, patience: 30s }} }}
variants: {{ told: {{ wiring: async, answer_by: {by}{consume} }} }}
slo: {{ answered: availability >= 0% }}
run: {{ {SHORT} }}
"
        ))
    };
    let asks = broken("poll 500ms");
    let outcomes = flow(&asks, "told").outcomes;
    assert_eq!((outcomes.failed, outcomes.gave_up), (outcomes.offered, 0));
    exactly("told", figure(&asks, "told", "latency_max").mean, 0.5);
    let waits = broken("callback");
    let outcomes = flow(&waits, "told").outcomes;
    assert_eq!((outcomes.failed, outcomes.gave_up), (0, outcomes.offered));
    exactly("left", figure(&waits, "told", "latency_max").mean, 30.0);
}

/// The intake is away for a minute: who was promised something asks until it is back, and loses nothing by it.
#[test]
fn a_question_that_fails_is_asked_again() {
    let findings = study(
        "brownout: 1
flows: { item: { from: customer, steps: [intake, desk] } }
services:
  intake: { concurrency: unlimited, service_time: 0ms }
  desk: { concurrency: unlimited, service_time: 20s }
brokers: { line: { } }
traffic: { customer: { rate: 1/s, arrivals: constant } }
variants: { told: { wiring: async, answer_by: { poll: 1s, service_time: 1ms } } }
faults: { away: { at: 50.5s, for: 60s, target: intake, down: refuse } }
slo: { answered: availability >= 0% }
run: { duration: 100s, warmup: 0s, replications: 1 }
",
    );
    let outcomes = flow(&findings, "told").outcomes;
    // Who comes at 51 s to 99 s is refused; who came at 31 s to 50 s asks in vain until 110.5 s.
    assert_eq!((outcomes.failed, outcomes.completed), (49, 50));
    let longest = figure(&findings, "told", "latency_max").mean;
    assert!((79.5..81.5).contains(&longest), "{longest}");
}

/// What is done already when the answer is sent needs no promise: nothing goes by messages here.
#[test]
fn who_has_the_result_is_promised_nothing() {
    let findings = study(
        "brownout: 1
flows: { item: { from: customer, steps: [intake, desk], answer_needs: [intake, desk] } }
services:
  intake: { concurrency: unlimited, service_time: 0ms }
  desk: { concurrency: unlimited, service_time: 300ms }
brokers: { line: { } }
traffic: { customer: { rate: 1/s } }
variants: { told: { wiring: async, answer_by: poll 500ms } }
slo: { answered: availability >= 0% }
run: { duration: 100s, warmup: 0s, replications: 1 }
",
    );
    exactly("told", figure(&findings, "told", "latency_max").mean, 0.3);
}
