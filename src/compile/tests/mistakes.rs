//! Each kind of mistake: its code, the place underlined, the words; and nothing else said because of it.

use super::{compiled, compiled_after, file};
use crate::diagnostic::{Place, Severity};
use crate::kernel::time::Duration;
use crate::scenario::{Item, Scenario, Spanned};

/// The errors of a file, all of them: code, underlined text, message (help).
pub(super) fn check(text: &str, expected: &[&str]) {
    let outcome = compiled(text);
    assert_eq!(outcome.told(Severity::Error), expected, "\n{text}");
    assert_eq!(outcome.cases.is_none(), !expected.is_empty());
}

/// The same of the usual file.
pub(super) fn check_file(steps: &str, flow: &str, variant: &str, expected: &[&str]) {
    check(&file(steps, flow, variant), expected);
}

/// The errors of the usual file after a change that the reader would not let through.
fn check_after(steps: &str, change: impl Fn(&mut Scenario), expected: &[&str]) {
    let outcome = compiled_after(&file(steps, "", SYNC), change);
    assert_eq!(outcome.told(Severity::Error), expected);
}

fn at<T>(place: Place, value: T) -> Spanned<T> {
    Spanned { value, place }
}

pub(super) const SYNC: &str = "wiring: sync";
const ASYNC: &str = "wiring: async";

#[test]
fn a_step_needs_a_service() {
    check_file(
        "[a, { pay: { service: bb } }]",
        "",
        SYNC,
        &["S101 `bb` unknown service `bb` (did you mean `b`?)"],
    );
    check_file(
        "[a, paymnt]",
        "",
        SYNC,
        &[
            "S101 `paymnt` unknown service `paymnt` (known: `a`, `b`, `c`, `d`, `e`, `f` and 2 more)",
        ],
    );
}

#[test]
fn names_must_exist() {
    check_file(
        "[a, b]",
        ", answer_needs: [a, x]",
        SYNC,
        &["S102 `x` unknown step `x` (did you mean `a`?)"],
    );
    check_file(
        "[a, b]",
        ", done_when: [zz]",
        SYNC,
        &["S102 `zz` unknown step `zz` (known: `a`, `b`)"],
    );
    check_file(
        "[a, b]",
        ", from: clint",
        SYNC,
        &["S102 `clint` unknown source `clint` (did you mean `client`?)"],
    );
    check_file(
        "[a, b]",
        "",
        "wiring: async, via: qq",
        &["S102 `qq` unknown broker `qq` (did you mean `q`?)"],
    );
    check_file(
        "[a, b]",
        "",
        "wiring: async, answer_after: bb",
        &["S102 `bb` unknown step `bb` (did you mean `b`?)"],
    );
    check_file(
        "[a, b]",
        "",
        "wiring: sync, steps: { shiping: { wiring: async } }",
        &["S102 `shiping` unknown step `shiping` (known: `a`, `b`)"],
    );
    check_file(
        "[a, b]",
        "",
        "wiring: sync, calls: { bb: { timeout: 1s }, a -> zz: { timeout: 1s } }",
        &[
            "S102 `bb` unknown step `bb` (did you mean `b`?)",
            "S102 `a -> zz` unknown step `zz` (known: `a`, `b`)",
        ],
    );
    check_file(
        "[a, b]",
        "",
        "wiring: async, consume: { bb: { workers: 1 } }",
        &["S102 `bb` unknown step `bb` (did you mean `b`?)"],
    );
}

#[test]
fn a_step_name_stands_once_in_a_flow() {
    check_file(
        "[a, b, b]",
        "",
        SYNC,
        &[
            "S103 `b` `b` is a step of flow `order` twice (give this one a name of its own: `b_again: { service: b }`)",
        ],
    );
}

#[test]
fn a_service_and_a_broker_do_not_share_a_name() {
    let text = file("[a, b]", "", SYNC).replace("  q: {}", "  a: {}");
    check(
        &text,
        &[
            "S103 `a` `a` names a service and a broker (give the broker a name of its own: a fault's target could mean either)",
        ],
    );
}

#[test]
fn a_flow_begins_with_one_certain_step() {
    check_file(
        "[[a, b], c]",
        "",
        SYNC,
        &[
            "S104 `a` flow `order` begins with a parallel group (a client reaches one step: put it first, and the group after it)",
        ],
    );
    check_file(
        "[{ a: { optional: true } }, b]",
        ", answer_needs: []",
        SYNC,
        &[
            "S104 `a` `a` is optional, but flow `order` begins with it (begin with a step that every flow run needs)",
        ],
    );
    check_file(
        "[{ a: { probability: 50% } }, b]",
        "",
        SYNC,
        &[
            "S104 `50%` flow `order` begins with `a`, which not every flow run needs (drop `probability` here, or give the traffic a smaller `rate`)",
        ],
    );
}

#[test]
fn a_step_needs_a_service_time() {
    let text = file("[a, { again: { service: a } }]", "", SYNC).replace(
        "  a: { concurrency: 10, service_time: 10ms }",
        "  a: { concurrency: 10 }",
    );
    check(
        &text,
        &[
            "S105 `a` service `a` has no `service_time` (what its work takes alone, e.g. `service_time: { p50: 12ms, p99: 80ms }`)",
        ],
    );
    let own = text
        .replace("service: a }", "service: a, service_time: 1ms }")
        .replace("[a,", "[{ a: { service_time: 2ms } },");
    check(&own, &[]);
}

#[test]
fn sources_and_flows_find_each_other() {
    let two =
        file("[a, b]", "", SYNC).replace("services:", "  other: { steps: [{ c: {} }] }\nservices:");
    check(
        &two,
        &[
            "S106 `order` no traffic source wants flow `order` (add one: `traffic: { clients: { flow: order, rate: 10/s } }`)",
            "S106 `other` no traffic source wants flow `other` (add one: `traffic: { clients: { flow: other, rate: 10/s } }`)",
            "S106 `client` source `client` wants no flow (write `flow:` with one of `order`, `other`)",
        ],
    );
    let both = two
        .replace("steps: [a, b]", "steps: [a, b], from: client")
        .replace("steps: [{ c: {} }]", "steps: [c], from: client");
    check(
        &both,
        &[
            "S106 `other` no traffic source wants flow `other` (add one: `traffic: { clients: { flow: other, rate: 10/s } }`)",
            "S106 `client` source `client` wants 2 flows: `order`, `other` (a source wants one flow: give each flow a source of its own)",
        ],
    );
    let torn = file("[a, b]", ", from: client", SYNC)
        .replace("services:", "  other: { steps: [c] }\nservices:")
        .replace(
            "client: { rate: 10/s }",
            "client: { flow: other, rate: 10/s }",
        );
    check(
        &torn,
        &[
            "S106 `order` no traffic source wants flow `order` (add one: `traffic: { clients: { flow: order, rate: 10/s } }`)",
            "S106 `other` source `client` wants flow `other`, but flow `order` is `from: client` (a source wants one flow: give the other flow a source of its own)",
        ],
    );
}

#[test]
fn a_source_says_how_it_comes() {
    check_after(
        "[a]",
        |view| view.traffic[0].value.rate = None,
        &[
            "S107 `client` source `client` has no rate (e.g. `rate: 120/s`, or `stages: [{ duration: 10m, target: 120/s }]`)",
        ],
    );
    let both = |view: &mut Scenario| {
        let source = &mut view.traffic[0];
        source.value.stages = Some(at(source.place, vec![(Duration::SECOND, 1.0)]));
    };
    check_after(
        "[a]",
        both,
        &[
            "S107 `client` source `client` has both `rate` and `stages` (keep one; `start` is the rate before the first stage)",
        ],
    );
    let nothing = |view: &mut Scenario| {
        let place = view.traffic[0].place;
        view.traffic[0].value.rate = Some(at(place, 0.0));
    };
    check_after(
        "[a]",
        nothing,
        &[
            "S107 `client` source `client` sends 0 per second (a source that sends nothing can be left out)",
        ],
    );
}

#[test]
fn a_group_cannot_need_more_than_it_has() {
    let three = |view: &mut Scenario| {
        let Item::Parallel { need, place, .. } = &mut view.flows[0].value.steps[1] else {
            panic!("a group")
        };
        *need = Some(at(*place, 3));
    };
    check_after(
        "[a, [b, c]]",
        three,
        &["S108 `[b, c]` needs 3 of 2 steps (at most 2; `all` is the default)"],
    );
    check_file(
        "[a, { parallel: [b, { c: { optional: true } }], need: 2 }]",
        "",
        SYNC,
        &[
            "S108 `2` needs 2 of 1 steps (1 optional ones do not count) (at most 1; `all` is the default)",
        ],
    );
}

#[test]
fn done_when_names_required_steps_once() {
    check_file(
        "[a, { b: { optional: true } }]",
        ", done_when: [a, b]",
        SYNC,
        &[
            "S109 `b` `b` is optional, so being done cannot depend on it (drop `optional: true` at the step, or the step here)",
        ],
    );
    check_file(
        "[a, b]",
        ", done_when: [b, b]",
        SYNC,
        &[
            "S109 `b` `b` is named twice in `done_when` (`done_when` names steps that must be done, each once)",
        ],
    );
}

#[test]
fn a_variant_has_a_wiring_and_a_shape_that_fits() {
    check_after(
        "[a, b]",
        |view| view.variant.value.wiring = None,
        &[
            "S110 `v` variant `v` has no wiring (`wiring: sync` (calls) or `wiring: async` (messages))",
        ],
    );
    check_file(
        "[a, b]",
        "",
        "wiring: sync, shape: choreographed",
        &[
            "S111 `choreographed` `shape: choreographed` needs messages, but the wiring is `sync` (`wiring: async`, or `shape: chain` or `orchestrated`)",
        ],
    );
    check_file(
        "[a, b]",
        "",
        "wiring: async, shape: chain",
        &[
            "S111 `chain` `shape: chain` is made of calls, but the wiring is `async` (leave `shape` out: what is reached by calls is a chain anyway)",
        ],
    );
}

#[test]
fn messages_need_a_broker() {
    let none = file("[a, b]", "", ASYNC).replace("brokers:\n  q: {}\n", "");
    check(
        &none,
        &[
            "S113 `async` there is no broker for the messages (declare one: `brokers: { orders: {} }`)",
        ],
    );
    let two = file("[a, b, c]", "", ASYNC).replace("q: {}", "q: {}\n  r: {}");
    check(
        &two,
        &["S113 `async` which broker? (`via:` one of `q`, `r`)"],
    );
    check(&two.replace("wiring: async", "wiring: async, via: r"), &[]);
}

#[test]
fn a_retry_has_an_end_or_a_wait() {
    check_file(
        "[a, b]",
        "",
        "wiring: sync, calls: { b: { retry: { attempts: unlimited, backoff: none } } }",
        &[
            "S117 `{ attempts: unlimited, backoff: none }` unlimited attempts without a wait between them (add `backoff: 100ms..10s`, or limit `attempts`)",
        ],
    );
    check_file(
        "[a, b]",
        "",
        "wiring: async, consume: { b: { then: block, redeliver: { attempts: 3, backoff: none } } }",
        &[
            "S117 `{ attempts: 3, backoff: none }` `then: block` redelivers for ever, and without a wait (add `backoff: 1s..60s`)",
        ],
    );
}

#[test]
fn workers_set_apart_come_out_of_the_concurrency() {
    check_file(
        "[a, b]",
        "",
        "wiring: async, consume: { b: { workers: 11 } }",
        &[
            "S118 `11` 11 workers are set apart at `b`, which has `concurrency: 10` (they come out of the service's own workers, so that every wiring has the same capacity)",
        ],
    );
    check_file(
        "[a, { b: { service: a } }]",
        "",
        "wiring: async, consume: { b: { workers: 10 } }",
        &[
            "S118 `10` all 10 workers of `a` are set apart, and none is left for `a` (set fewer than 10 apart, or leave `workers` out to share them)",
        ],
    );
    check_file(
        "[a, b]",
        "",
        "wiring: async, consume: { b: { workers: 10 } }",
        &[],
    );
    check_file(
        "[a, { b: { service: a } }, { c: { service: a } }]",
        "",
        "wiring: async, consume: { '*': { workers: 6 } }",
        &[
            "S118 `6` 12 workers are set apart at `a`, which has `concurrency: 10` (they come out of the service's own workers, so that every wiring has the same capacity)",
        ],
    );
}

#[test]
fn a_run_has_a_length() {
    check_after(
        "[a]",
        |view| view.run.duration = None,
        &[
            "S120 `` `run.duration` is missing (say how much is measured, e.g. `run: { duration: 20m }`)",
        ],
    );
}

#[test]
fn ten_mistakes_come_out_in_one_pass() {
    let variant = "wiring: async, via: qq, answer_after: xxx, consume: { www: { workers: 1 } }";
    let text = file("[a, paymnt, b, b]", ", answer_needs: [a, zzz], done_when: [yyy]", variant).replace(
        "run:",
        "faults:\n  f: { at: 1m, for: 1m, target: vvv, down: hang }\nslo:\n  s: uuu latency p99 < 3s during ttt\nrun:",
    );
    let outcome = compiled(&text);
    let mut codes: Vec<&str> = outcome.found.iter().map(|found| found.code).collect();
    codes.sort_unstable();
    assert_eq!(
        codes,
        [
            "S101", "S102", "S102", "S102", "S102", "S102", "S102", "S102", "S102", "S103"
        ]
    );
    for found in &outcome.found {
        assert!(found.place.is_some() && found.help.is_some(), "{found:?}");
    }
}

#[test]
fn values_lie_in_their_ranges() {
    let of = |change: fn(&mut Scenario)| {
        let outcome = compiled_after(
            &file("[a]", "", "wiring: sync, calls: { a: { timeout: 1s } }"),
            change,
        );
        outcome.told(Severity::Error)
    };
    for change in [
        (|view| view.services[0].value.concurrency = Some(at(view.services[0].place, 0)))
            as fn(&mut Scenario),
        |view| view.services[0].value.errors = Some(at(view.services[0].place, 1.5)),
        |view| view.run.duration = Some(at(view.services[0].place, Duration::MAX)),
        |view| view.run.duration = Some(at(view.services[0].place, Duration::ZERO)),
        |view| view.run.confidence = Some(at(view.services[0].place, 1.0)),
        |view| view.run.replications = Some(at(view.services[0].place, u32::MAX)),
        |view| view.traffic[0].value.patience = Some(at(view.services[0].place, Duration::ZERO)),
        |view| {
            let timeout = at(view.services[0].place, Duration::ZERO);
            view.variant.value.calls[0].value.timeout = Some(timeout);
        },
    ] {
        let told = of(change);
        assert!(told.len() == 1 && told[0].starts_with("S119"), "{told:?}");
    }
}

#[test]
fn a_chain_answers_with_the_result_and_promises_nothing() {
    check_file(
        "[a, b]",
        "",
        "wiring: sync, answer_by: poll 1s",
        &[
            "S115 `poll 1s` `answer_by` has no meaning in a sync wiring (a chain of calls answers with the result: use `wiring: async`, or leave it out)",
        ],
    );
    check_file(
        "[a, b]",
        ", answer_needs: [a, b]",
        "wiring: async, answer_after: a, answer_by: callback",
        &[],
    );
    check_file(
        "[a, b]",
        ", answer_needs: [a, x]",
        "wiring: async, answer_by: callback",
        &["S102 `x` unknown step `x` (did you mean `a`?)"],
    );
}

#[test]
fn a_stream_brings_nothing_back() {
    let told = |step: &str| {
        format!(
            "S111 `v` `{step}` is waited for, and a stream brings nothing back (reach it by a call or over a broker, or let nobody wait for it)"
        )
    };
    check_file(
        "[a, b, c]",
        "",
        "wiring: async, via: stream, answer_after: b, steps: { b: { wiring: async } }",
        &[&told("b")],
    );
    check_file(
        "[a, b]",
        "",
        "wiring: async, shape: orchestrated, via: stream",
        &[&told("b")],
    );
    check_file("[a, b]", "", "wiring: async, via: stream", &[]);
}
