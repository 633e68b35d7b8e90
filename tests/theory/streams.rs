//! Streams: what is pushed over open connections, and what those miss who are away.

use crate::harness::{figure, flow, study, variant};
use brownout::analysis::Findings;

/// A tick every second at x.5 s; `desk` works 300 ms for each; a hop takes 10 ms.
fn pushed(desk: &str, consume: &str, faults: &str) -> Findings {
    study(&format!(
        "brownout: 1
flows: {{ tick: {{ from: clock, steps: [feed, desk] }} }}
services:
  feed: {{ concurrency: unlimited, service_time: 500ms }}
  desk: {{ service_time: 300ms, {desk} }}
network: 10ms
traffic: {{ clock: {{ rate: 1/s, arrivals: constant }} }}
variants: {{ pushed: {{ wiring: async, via: stream, consume: {{ desk: {{ {consume} }} }} }} }}
faults: {{ {faults} }}
slo: {{ kept: lost == 0 }}
run: {{ duration: 100s, warmup: 0s, replications: 1 }}
"
    ))
}

/// Nobody is asked and nothing is written: the feed goes on at once, and the desk has it a hop later.
#[test]
fn a_stream_costs_a_hop() {
    let findings = pushed("concurrency: 1", "", "");
    let outcomes = flow(&findings, "pushed").outcomes;
    assert_eq!(outcomes.completed, outcomes.offered);
    let is = |name, seconds: f64| (figure(&findings, "pushed", name).mean - seconds).abs() < 1e-6;
    assert!(is("latency_max", 0.010 + 0.500 + 0.010));
    assert!(is("completion_max", 0.010 + 0.500 + 0.010 + 0.300));
}

/// Away from 20.2 s to 30.2 s: sent at 20.51 s to 29.51 s, and nobody listens.
#[test]
fn what_is_sent_while_the_consumer_is_away_is_lost() {
    let away = "away: { at: 20.2s, for: 10s, target: desk, down: refuse }";
    let findings = pushed("concurrency: 1", "", away);
    let outcomes = flow(&findings, "pushed").outcomes;
    assert_eq!(
        (outcomes.lost, outcomes.completed),
        (10, outcomes.offered - 10)
    );
    let causes = &flow(&findings, "pushed").causes;
    assert_eq!(causes[0].fault.as_deref(), Some("away"));
    let messages = variant(&findings, "pushed").channels[0].messages;
    assert_eq!((messages.lost, messages.redelivered), (10, 0));
}

/// The same link as a call from feed to desk would take.
#[test]
fn a_cut_between_the_two_loses_as_much() {
    let cut = "cut: { at: 20.2s, for: 10s, target: feed -> desk, drop: 100% }";
    let findings = pushed("concurrency: 1", "", cut);
    let outcomes = flow(&findings, "pushed").outcomes;
    assert_eq!(
        (outcomes.lost, outcomes.completed),
        (10, outcomes.offered - 10)
    );
    assert_eq!(
        flow(&findings, "pushed").causes[0].fault.as_deref(),
        Some("cut")
    );
}

/// What is at work when the desk goes down is lost too: the one of 20.51 s, in the middle of its 300 ms.
#[test]
fn what_was_at_work_is_lost_with_the_connection() {
    for down in ["refuse", "hang"] {
        let crash = format!("crash: {{ at: 20.7s, for: 500ms, target: desk, down: {down} }}");
        let findings = pushed("concurrency: 1", "", &crash);
        let outcomes = flow(&findings, "pushed").outcomes;
        assert_eq!(
            (outcomes.lost, outcomes.completed),
            (1, outcomes.offered - 1),
            "{down}"
        );
    }
}

/// With five seconds of replay those of the last five seconds come again, and the one at work: 25.51 s to 29.51 s. None is doubled.
#[test]
fn what_is_not_too_old_is_sent_again() {
    let away = "away: { at: 20.2s, for: 10s, target: desk, down: refuse }";
    let findings = pushed("concurrency: 1", "replay: 5s", away);
    let outcomes = flow(&findings, "pushed").outcomes;
    assert_eq!(
        (outcomes.lost, outcomes.completed),
        (5, outcomes.offered - 5)
    );
    assert_eq!(variant(&findings, "pushed").channels[0].messages.expired, 5);
    let crash = "crash: { at: 20.7s, for: 500ms, target: desk, down: refuse }";
    let findings = pushed("concurrency: 1", "replay: 5s", crash);
    let outcomes = flow(&findings, "pushed").outcomes;
    assert_eq!(outcomes.completed, outcomes.offered);
    let again = variant(&findings, "pushed").channels[0].messages;
    assert_eq!((again.duplicates, again.lost, again.expired), (0, 0, 0));
}

/// There is no second try for what fails, and no place to park it.
#[test]
fn work_that_fails_is_gone() {
    let findings = pushed("concurrency: 1, errors: 100%", "replay: 5s", "");
    let outcomes = flow(&findings, "pushed").outcomes;
    assert_eq!(
        (outcomes.lost, outcomes.dead_lettered),
        (outcomes.offered, 0)
    );
}

/// Two instances share the stream; while one is away the other has it all.
#[test]
fn those_who_listen_have_it_all() {
    let away = "away: { at: 20.2s, for: 10s, target: desk, replicas: 1, down: refuse }";
    let findings = pushed("concurrency: 1, replicas: 2", "", away);
    let outcomes = flow(&findings, "pushed").outcomes;
    assert_eq!(outcomes.completed, outcomes.offered);
}
