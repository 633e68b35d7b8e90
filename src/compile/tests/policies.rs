//! What is written for edges and channels: how it merges, and what holds when nothing is.

use super::{Outcome, case, compiled, file};
use crate::brokers::{Ack, Confirm, WhenExhausted, WhenRefused};
use crate::compile::Case;
use crate::diagnostic::Severity;
use crate::kernel::time::Duration;
use crate::model::{Call, Cancel, Channel, Link, Publish, UNLIMITED};
use crate::policies::retry::Retry;

fn of(steps: &str, variant: &str) -> Case {
    case(&file(steps, "", variant))
}

fn call<'c>(case: &'c Case, to: &str) -> &'c Call {
    let names = &case.system.names.steps;
    let edge = case
        .wiring
        .edges
        .iter()
        .find(|edge| names[edge.to] == to)
        .expect("such an edge");
    let Link::Call(call) = &edge.link else {
        panic!("`{to}` is reached by a message")
    };
    call
}

fn publish(case: &Case) -> &Publish {
    let link = case.wiring.edges.iter().find_map(|edge| match &edge.link {
        Link::Publish(publish) => Some(publish),
        Link::Call(_) => None,
    });
    link.expect("a step reached by a message")
}

fn channel(case: &Case) -> &Channel {
    case.wiring.channels.iter().next().expect("a channel")
}

#[test]
fn calls_have_no_limits_by_default() {
    let case = of("[a, b]", "wiring: sync");
    let expected = Call {
        timeout: Duration::MAX,
        deadline: Duration::MAX,
        retry: Retry::NEVER,
        cancel: Cancel::RunsOn,
        deadline_of: crate::model::DeadlineOf::Own,
    };
    assert_eq!(*call(&case, "a"), expected);
}

#[test]
fn an_arrow_wins_over_its_step_and_the_step_over_the_star_field_by_field() {
    let case = of(
        "[a, b, c]",
        "wiring: sync, calls: {
            '*': { timeout: 1s, deadline: 10s, retry: { attempts: 2, backoff: 1s } },
            b: { timeout: 2s, cancel: true },
            a -> b: { timeout: 3s } }",
    );
    assert_eq!(call(&case, "b").timeout, Duration::from_secs(3));
    assert_eq!(call(&case, "b").deadline, Duration::from_secs(10));
    assert_eq!(call(&case, "b").cancel, Cancel::Stops);
    assert_eq!(call(&case, "b").retry.attempts, 2);
    assert_eq!(call(&case, "c").timeout, Duration::from_secs(1));
    assert_eq!(call(&case, "c").cancel, Cancel::RunsOn);
}

#[test]
fn a_client_is_a_caller_like_any_other() {
    let case = of(
        "[a, b]",
        "wiring: sync, calls: { client -> a: { timeout: 3s }, a: { timeout: 1s, deadline: 9s } }",
    );
    assert_eq!(call(&case, "a").timeout, Duration::from_secs(3));
    assert_eq!(call(&case, "a").deadline, Duration::from_secs(9));
}

#[test]
fn none_takes_a_limit_back() {
    let case = of(
        "[a, b]",
        "wiring: sync, calls: { '*': { timeout: 1s }, b: { timeout: none } }",
    );
    assert_eq!(call(&case, "a").timeout, Duration::from_secs(1));
    assert_eq!(call(&case, "b").timeout, Duration::MAX);
}

#[test]
fn consumers_have_the_defaults_of_a_practitioner() {
    let case = of("[a, b]", "wiring: async");
    let channel = channel(&case);
    assert_eq!(channel.workers, None);
    assert_eq!(
        channel.prefetch, 10,
        "one message for each worker of an instance"
    );
    assert_eq!(channel.ack, Ack::After);
    assert_eq!(channel.visibility, Duration::MAX);
    assert_eq!(channel.redeliver, crate::scenario::defaults::REDELIVER);
    assert_eq!(channel.when_exhausted, WhenExhausted::DeadLetter);
    let publish = publish(&case);
    assert_eq!(
        (publish.confirm, publish.when_refused),
        (Confirm::Waits, WhenRefused::Fail)
    );
    assert_eq!(publish.timeout, Duration::MAX);
}

#[test]
fn prefetch_is_one_message_for_each_worker_set_apart() {
    let apart = of("[a, b]", "wiring: async, consume: { b: { workers: 4 } }");
    assert_eq!(
        (channel(&apart).workers, channel(&apart).prefetch),
        (Some(4), 4)
    );
    let given = of(
        "[a, b]",
        "wiring: async, consume: { b: { workers: 4, prefetch: unlimited } }",
    );
    assert_eq!(channel(&given).prefetch, UNLIMITED);
}

#[test]
fn a_consumer_merges_over_the_star_field_by_field() {
    let case = of(
        "[a, b]",
        "wiring: async, consume: { '*': { workers: 4, ack: before }, b: { workers: 3 } }",
    );
    assert_eq!(
        (channel(&case).workers, channel(&case).ack),
        (Some(3), Ack::Before)
    );
}

#[test]
fn the_variant_decides_on_confirm_over_the_broker() {
    let forgets = file("[a, b]", "", "wiring: async").replace("q: {}", "q: { confirm: false }");
    assert_eq!(publish(&case(&forgets)).confirm, Confirm::Forgets);
    let waits = forgets.replace("wiring: async", "wiring: async, publish: { confirm: true }");
    assert_eq!(publish(&case(&waits)).confirm, Confirm::Waits);
}

fn warned(text: &str) -> Vec<String> {
    let outcome: Outcome = compiled(text);
    let told = outcome.told(Severity::Warning);
    told.into_iter()
        .filter(|line| line.starts_with("W212"))
        .collect()
}

#[test]
fn a_key_that_nothing_uses_is_told() {
    let text = file(
        "[a, b]",
        "",
        "wiring: async, calls: { b: { timeout: 1s } }, consume: { a: { prefetch: 1 } }",
    );
    assert_eq!(
        warned(&text),
        [
            "W212 `b` nothing calls `b` in this variant (what reaches it by a message is written under `consume`)",
            "W212 `a` `a` consumes nothing in this variant (what calls it is written under `calls`)",
        ]
    );
    let arrow = file(
        "[a, b, c]",
        "",
        "wiring: sync, calls: { a -> c: { timeout: 1s } }",
    );
    assert_eq!(
        warned(&arrow),
        [
            "W212 `a -> c` `a` does not call `c` in this variant (drop it, or wire a step that needs it)"
        ]
    );
}

#[test]
fn a_key_that_a_parent_variant_uses_is_not_told() {
    let text = file("[a, b]", "", "wiring: sync, calls: { b: { timeout: 1s } }")
        .replace("run:", "  w: { extends: v, wiring: async }\nrun:");
    assert_eq!(warned(&text), [""; 0]);
}

#[test]
fn keys_without_effect_are_told() {
    let retry = file(
        "[a, b]",
        "",
        "wiring: async, publish: { retry: { attempts: 2, backoff: 1s } }",
    );
    assert_eq!(
        warned(&retry),
        [
            "W212 `{ attempts: 2, backoff: 1s }` `publish.retry` has no effect without `when_refused: retry` (add `when_refused: retry`)",
        ]
    );
    let via = file("[a, b]", "", "wiring: sync, steps: { b: { via: q } }");
    assert_eq!(
        warned(&via),
        ["W212 `q` `b` is reached by a call: `via` has no effect (add `wiring: async`)"]
    );
}

#[test]
fn a_hedge_after_the_timeout_is_told() {
    let hedged = |after: &str| {
        let calls = format!("b: {{ timeout: 1s, hedge: {{ after: {after} }} }}");
        warned(&file(
            "[a, b]",
            "",
            &format!("wiring: sync, calls: {{ {calls} }}"),
        ))
    };
    assert_eq!(hedged("900ms"), [""; 0]);
    assert_eq!(
        hedged("1s"),
        [
            "W212 `{ after: 1s }` the hedge comes when the attempt has timed out (send it sooner than the `timeout`, e.g. at the 95th percentile: `at: p95`)"
        ]
    );
}

#[test]
fn what_only_a_call_can_have_is_told_where_a_message_asks() {
    let asked = |calls: &str| {
        let variant = format!(
            "wiring: async, answer_after: b, steps: {{ b: {{ wiring: async }} }}, calls: {{ {calls} }}"
        );
        warned(&file("[a, b]", ", answer_needs: [a, b]", &variant))
    };
    assert_eq!(asked("b: { timeout: 1s, deadline: 5s }"), [""; 0]);
    // What is said for all may be meant for others.
    assert_eq!(asked("'*': { hedge: { at: p95 }, cancel: true }"), [""; 0]);
    let told = asked(
        "b: { cancel: true, propagate: true, fallback: { static: true }, hedge: { at: p95 }, outlier_ejection: {} }",
    );
    let keys: Vec<&str> = told
        .iter()
        .filter_map(|line| {
            line.split("is asked by a message: `")
                .nth(1)?
                .split('`')
                .next()
        })
        .collect();
    assert_eq!(
        keys,
        [
            "cancel",
            "propagate",
            "fallback",
            "hedge",
            "outlier_ejection"
        ],
        "{told:?}"
    );
}

#[test]
fn a_service_that_does_it_instead_has_steps_of_its_own() {
    let calls =
        "wiring: sync, calls: { b: { timeout: 1s, fallback: { call: a } }, a: { timeout: 3s } }";
    let case = of("[a, b, c]", calls);
    assert_eq!(call(&case, "a_for_b").timeout, Duration::from_secs(3));
    // The flow goes on from both.
    let names = &case.system.names.steps;
    let to_c = case
        .wiring
        .edges
        .iter()
        .filter(|edge| names[edge.to] == "c");
    let from: Vec<&str> = to_c
        .filter_map(|edge| Some(names[edge.from?].as_str()))
        .collect();
    assert_eq!(from, ["b", "a_for_b"]);
    let told = |calls: &str| {
        let text = file("[a, b]", "", &format!("wiring: sync, calls: {{ {calls} }}"));
        compiled(&text).told(Severity::Error)
    };
    assert_eq!(
        told("b: { fallback: { call: aa } }"),
        ["S102 `aa` unknown service `aa` (did you mean `a`?)"]
    );
}
