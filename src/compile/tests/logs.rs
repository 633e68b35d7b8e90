//! Brokers of kind `log`: partitions, order, keys, and what consumers of a group may be told.

use super::{case, compiled, file};
use crate::brokers::partition::Keys;
use crate::brokers::{Kind, Ordering};
use crate::diagnostic::Severity;
use crate::kernel::time::Duration;
use crate::model::UNLIMITED;

/// The usual file with this broker, and this said about its consumer.
fn with(broker: &str, consume: &str) -> String {
    let variant = format!("wiring: async, via: q, consume: {{ b: {{ {consume} }} }}");
    file("[a, b]", "", &variant).replace("q: {}", &format!("q: {{ {broker} }}"))
}

#[test]
fn a_log_has_partitions_an_order_and_a_group() {
    let case = case(&with("kind: log, partitions: 12, ttl: 7d", "session: 10s"));
    let broker = case.system.brokers.iter().next().unwrap();
    assert_eq!(
        (broker.kind, broker.partitions, broker.ordering, broker.ttl),
        (
            Kind::Log,
            12,
            Ordering::PerKey,
            Duration::from_secs(7 * 86_400)
        )
    );
    let channel = case.wiring.channels.iter().next().unwrap();
    assert_eq!(channel.prefetch, UNLIMITED);
    assert_eq!(channel.session, Duration::from_secs(10));
    assert_eq!(channel.rebalance, Duration::from_secs(3));
    assert_eq!((channel.poll, channel.batch), (Duration::ZERO, 1));
}

#[test]
fn a_step_has_keys_and_a_consumer_overrides_how_the_broker_is_asked() {
    let text = with(
        "kind: log, partitions: 3, poll: 1s, batch: 50",
        "poll: none, batch: 2",
    );
    let text = text.replace("[a, b]", "[a, b: { key: { of: 200k, hot: 10% } }]");
    let case = case(&text);
    assert_eq!(
        case.system.steps.iter().nth(1).unwrap().keys,
        Keys {
            n: 200_000,
            hot: 0.1
        }
    );
    let channel = case.wiring.channels.iter().next().unwrap();
    assert_eq!((channel.poll, channel.batch), (Duration::ZERO, 2));
}

#[test]
fn what_a_kind_cannot_do_is_told() {
    let errors = |broker: &str| compiled(&with(broker, "")).told(Severity::Error);
    assert_eq!(
        errors("kind: log"),
        [
            "S128 `q` log `q` has no `partitions` (each is read by one consumer at a time, e.g. `partitions: 12`)"
        ]
    );
    assert_eq!(
        errors("kind: log, partitions: 3, ordering: total"),
        [
            "S128 `3` 3 partitions cannot be in one total order (`partitions: 1`, or `ordering: per_key`)"
        ]
    );
    assert_eq!(errors("kind: log, ordering: total"), [""; 0]);
    assert_eq!(
        errors("kind: log, partitions: 3, ordering: none"),
        [
            "S128 `none` a log is read in order, partition by partition (leave `ordering` out, or use `kind: queue`)"
        ]
    );
    assert_eq!(errors("ordering: per_key"), [""; 0]);
}

#[test]
fn what_a_kind_does_not_know_is_told_as_without_effect() {
    let warnings = |broker: &str, consume: &str| -> Vec<String> {
        let told = compiled(&with(broker, consume)).told(Severity::Warning);
        told.into_iter()
            .filter(|line| line.starts_with("W212"))
            .collect()
    };
    assert_eq!(
        warnings("kind: log, partitions: 3", "visibility: 30s"),
        ["W212 `30s` `visibility` has no effect on a log (a log keeps what is not committed)"]
    );
    assert_eq!(
        warnings("partitions: 3", "session: 3s, rebalance: 1s"),
        [
            "W212 `3` `partitions` has no effect on a queue (`kind: log` has partitions)",
            "W212 `3s` `session` has no effect on a queue (a queue has no group: a lost connection is seen at once)",
            "W212 `1s` `rebalance` has no effect on a queue (a queue has no group: its consumers compete)",
        ]
    );
}

#[test]
fn a_partition_with_more_than_its_reader_can_do_is_told() {
    // 10/s × 10 ms × 100 keys' worth of messages on one partition: 10/s × 20 % + … stays below 1; at 1000/s it does not.
    let text = with("kind: log, partitions: 10", "").replace("rate: 10/s", "rate: 500/s");
    let hot = text.replace("[a, b]", "[a, b: { key: { hot: 40% } }]");
    let told = |text: &str| -> Vec<String> {
        let told = compiled(text).told(Severity::Warning);
        told.into_iter()
            .filter(|line| line.starts_with("W217"))
            .collect()
    };
    assert_eq!(told(&text), [""; 0]);
    // 500/s × 10 ms × (40 % + 60 % / 10) = 2.3.
    assert_eq!(
        told(&hot),
        [
            "W217 `q` in `v`, the fullest of the 10 partitions of `q` gets 46% of the messages for `b`: 2.3× what one reader can do (a partition is read one message at a time: more `partitions`, more keys, or shorter work)"
        ]
    );
}
