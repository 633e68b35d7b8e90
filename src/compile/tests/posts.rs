//! Webhooks and services that belong to someone else: who keeps the messages, who calls, with which limits.

use super::{case, compiled, file};
use crate::diagnostic::Severity;
use crate::kernel::time::Duration;
use crate::model::{Channel, Link, StepId, UNLIMITED};
use crate::policies::retry::Backoff;

fn only_channel(text: &str) -> (crate::compile::Case, Channel) {
    let case = case(text);
    let channel = case.wiring.channels.iter().next().unwrap().clone();
    (case, channel)
}

#[test]
fn a_webhook_is_kept_by_its_sender_and_posted_over_an_edge_of_its_own() {
    let (case, channel) = only_channel(&file(
        "[a, b]",
        "",
        "wiring: async, via: webhook, consume: { b: { workers: 30, timeout: 15s } }",
    ));
    let names = &case.system.names;
    assert_eq!(names.brokers[channel.broker], "webhook");
    assert_eq!(names.services[channel.keeper.unwrap()], "a");
    assert_eq!((channel.workers, channel.prefetch), (None, 30));
    let edge = &case.wiring.edges[channel.post.unwrap()];
    assert_eq!((edge.from, edge.to), (Some(StepId(0)), StepId(1)));
    let Link::Call(call) = &edge.link else {
        panic!("a post is a call")
    };
    assert_eq!(call.timeout, Duration::from_secs(15));
    let publish = case.wiring.edges.iter().find_map(|edge| match edge.link {
        Link::Publish(publish) => Some(publish),
        Link::Call(_) => None,
    });
    assert!(publish.unwrap().is_local);
}

#[test]
fn a_service_of_someone_else_is_called_for_each_message_of_a_broker() {
    let text = file("[a, b]", "", "wiring: async, via: q");
    let text = text.replace(
        "b: { concurrency: 10,",
        "b: { external: true, rate_limit: 50/s,",
    );
    let (case, channel) = only_channel(&text);
    assert_eq!(case.system.names.brokers[channel.broker], "q");
    assert_eq!((channel.keeper, channel.prefetch), (None, UNLIMITED));
    assert!(channel.post.is_some());
    let publishes = case.wiring.edges.iter().filter_map(|edge| match edge.link {
        Link::Publish(publish) => Some(publish),
        Link::Call(_) => None,
    });
    assert!(publishes.into_iter().all(|publish| !publish.is_local));
}

#[test]
fn keys_that_mean_nothing_for_a_call_are_told_and_so_are_those_of_calls_elsewhere() {
    let told = |variant: &str| -> Vec<String> {
        let told = compiled(&file("[a, b]", "", variant)).told(Severity::Warning);
        told.into_iter()
            .filter(|line| line.starts_with("W212"))
            .collect()
    };
    assert_eq!(
        told("wiring: async, via: webhook, consume: { b: { prefetch: 3, visibility: 5s } }"),
        [
            "W212 `3` `b` is called for each message: `prefetch` has no effect (`workers` bounds the calls under way, `timeout` each of them)",
            "W212 `5s` `b` is called for each message: `visibility` has no effect (`workers` bounds the calls under way, `timeout` each of them)",
        ]
    );
    assert_eq!(
        told("wiring: async, consume: { b: { timeout: 3s } }"),
        [
            "W212 `3s` `b` takes its messages itself: `timeout` has no effect (`visibility` delivers again what takes too long)"
        ]
    );
}

#[test]
fn a_client_keeps_no_messages() {
    let text = file(
        "[a, b]",
        ", answer_needs: []",
        "wiring: async, via: webhook",
    );
    let told = compiled(&text).told(Severity::Error);
    assert_eq!(
        told,
        [
            "S113 `v` a client cannot keep messages for `a` (let a step of yours come first: it sends them)"
        ]
    );
}

#[test]
fn a_schedule_is_written_wait_by_wait_or_by_its_name() {
    let redeliver = |written: &str| {
        let variant = format!("wiring: async, consume: {{ b: {{ redeliver: {written} }} }}");
        only_channel(&file("[a, b]", "", &variant)).1.redeliver
    };
    let waits = |written: &str| match redeliver(written).backoff {
        Backoff::Schedule(waits) => waits.written().to_vec(),
        _ => Vec::new(),
    };
    let minutes = |n: u64| Duration::from_secs(60 * n);
    assert_eq!(
        waits("{ attempts: 4, backoff: [5s, 5m, 30m] }"),
        [Duration::from_secs(5), minutes(5), minutes(30)]
    );
    let standard = redeliver("{ preset: standard_webhooks }");
    assert_eq!(standard.attempts, 10);
    let total: u64 = waits("{ preset: standard_webhooks }")
        .iter()
        .map(|wait| wait.0)
        .sum();
    // 75 h 35 min 5 s, as the specification's table adds up.
    assert_eq!(
        Duration(total),
        Duration::from_secs(75 * 3600 + 35 * 60 + 5)
    );
    let mine = redeliver("{ preset: standard_webhooks, attempts: 3 }");
    assert_eq!((mine.attempts, mine.backoff), (3, standard.backoff));
    let told = compiled(&file(
        "[a, b]",
        "",
        "wiring: async, consume: { b: { redeliver: { attempts: unlimited, backoff: [5s, 0s] } } }",
    ));
    assert_eq!(told.told(Severity::Error).len(), 1);
}
