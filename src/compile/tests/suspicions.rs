//! Each warning, with its numbers; and that a sound file has none.

use super::{compiled, file};
use crate::diagnostic::Severity;

/// The warnings of a file but for those about what the usual file leaves unused.
fn warned(text: &str) -> Vec<String> {
    let outcome = compiled(text);
    let told = outcome.told(Severity::Error);
    assert!(told.is_empty(), "{told:?}\n{text}");
    let told = outcome.told(Severity::Warning);
    told.into_iter()
        .filter(|line| !line.starts_with("W210") && !line.starts_with("W211"))
        .collect()
}

fn check(text: &str, expected: &[&str]) {
    assert_eq!(warned(text), expected, "\n{text}");
}

/// The usual file with one fault; the window is 10 min, and so is the drain.
fn with_fault(text: &str, fault: &str) -> String {
    text.replace("run:", &format!("faults:\n  f: {fault}\nrun:"))
}

#[test]
fn a_sound_file_has_no_warning() {
    check(
        &file(
            "[a, b]",
            "",
            "wiring: sync, calls: { '*': { timeout: 1s } }",
        ),
        &[],
    );
    check(&file("[a, b]", "", "wiring: async"), &[]);
}

#[test]
fn more_work_than_workers_is_told_with_its_number() {
    // 10/s × 10 ms on one worker is exactly 0.1; at 150/s it is 1.5.
    let text = file("[a, b]", "", "wiring: async")
        .replace("b: { concurrency: 10,", "b: {")
        .replace("rate: 10/s", "rate: 150/s");
    check(
        &text,
        &[
            "W201 `b` in `v`, `b` is offered 1.5× what its 1 worker can do: `b` 150/s × 10ms (its queue grows without bound even without a fault: more `replicas` or `concurrency`, or less load)",
        ],
    );
    check(&text.replace("rate: 150/s", "rate: 99/s"), &[]);
    assert_eq!(
        warned(&text.replace("rate: 150/s", "rate: 100/s")).len(),
        1,
        "ρ = 1 is unstable too"
    );
}

#[test]
fn a_blocking_caller_holds_its_worker_while_it_waits() {
    // a is held for its own 10 ms, two hops of 5 ms, and the 200 ms of b: 10/s × 220 ms = 2.2 workers.
    let text = file("[a, b]", "", "wiring: sync")
        .replace("a: { concurrency: 10,", "a: { concurrency: 2,")
        .replace(
            "b: { concurrency: 10, service_time: 10ms }",
            "b: { concurrency: 10, service_time: 200ms }",
        )
        .replace("brokers:", "network: 5ms\nbrokers:");
    check(
        &text,
        &[
            "W201 `a` in `v`, `a` is offered 1.1× what its 2 workers can do: `a` 10/s × 220ms, about 210ms of it waiting for callees (its queue grows without bound even without a fault: more `replicas` or `concurrency`, or less load)",
        ],
    );
    check(
        &text.replace(
            "a: { concurrency: 2,",
            "a: { blocking: false, concurrency: 2,",
        ),
        &[],
    );
    check(&text.replace("wiring: sync", "wiring: async"), &[]);
}

#[test]
fn workers_set_apart_are_judged_alone() {
    let text = file(
        "[a, b]",
        "",
        "wiring: async, consume: { b: { workers: 1 } }",
    )
    .replace("rate: 10/s", "rate: 110/s");
    check(
        &text,
        &[
            "W201 `b` in `v`, `b` is offered 1.1× what its 1 worker can do: `b` 110/s × 10ms (its queue grows without bound even without a fault: more `replicas` or `concurrency`, or less load)",
        ],
    );
}

#[test]
fn a_step_that_few_flow_runs_need_weighs_little() {
    let text = file("[a, { b: { probability: 10% } }]", "", "wiring: sync")
        .replace("b: { concurrency: 10,", "b: {")
        .replace("rate: 10/s", "rate: 150/s");
    check(&text, &[]);
}

#[test]
fn retries_that_outlast_the_patience_are_told() {
    let text = file(
        "[a, b]",
        "",
        "wiring: sync, calls: { '*': { timeout: 2s, retry: { attempts: 3, backoff: 100ms..1s } } }",
    )
    .replace("rate: 10/s", "rate: 10/s, patience: 5s");
    check(
        &text,
        &[
            "W204 `{ attempts: 3, backoff: 100ms..1s }` 3 attempts × 2s can take 6.3s, but the client leaves after 5s (fewer attempts, a shorter `timeout`, or a `deadline` within the patience)",
        ],
    );
    check(
        &text.replace("timeout: 2s,", "timeout: 2s, deadline: 4s,"),
        &[],
    );
    check(&text.replace("patience: 5s", "patience: 7s"), &[]);
    // Behind a message nobody waits.
    let behind = text
        .replace("wiring: sync", "wiring: async")
        .replace("'*'", "b")
        .replace("[a, b]", "[a, c, b]");
    check(
        &behind.replace(
            "wiring: async",
            "wiring: async, steps: { b: { wiring: sync } }",
        ),
        &[],
    );
}

#[test]
fn a_call_without_limit_to_a_service_that_hangs_is_told() {
    let text = with_fault(
        &file("[a, b]", "", "wiring: sync"),
        "{ at: 1m, for: 1m, target: b, down: hang }",
    );
    check(
        &text,
        &[
            "W205 `v` in `v`, `a` waits for `b` without limit, also when fault `f` leaves it without an answer (`calls: { b: { timeout: 2s } }`)",
        ],
    );
    check(
        &text.replace(
            "wiring: sync",
            "wiring: sync, calls: { b: { timeout: 2s } }",
        ),
        &[],
    );
    check(&text.replace("down: hang", "down: refuse"), &[]);
    let link = with_fault(
        &file("[a, b]", "", "wiring: sync"),
        "{ at: 1m, for: 1m, target: a -> b, drop_replies: 2% }",
    );
    assert_eq!(warned(&link).len(), 1);
}

#[test]
fn a_timeout_within_the_callees_own_tail_is_told() {
    let text = file(
        "[a, b]",
        "",
        "wiring: sync, calls: { b: { timeout: 50ms } }",
    )
    .replace(
        "b: { concurrency: 10, service_time: 10ms }",
        "b: { concurrency: 10, service_time: { p50: 10ms, p99: 80ms } }",
    );
    check(
        &text,
        &[
            "W206 `50ms` 1 in 100 executions of `b` takes 80ms or more, but its caller waits 50ms (a timeout below the callee's own tail fails calls on a good day; give it room above the p99)",
        ],
    );
    check(&text.replace("50ms", "100ms"), &[]);
}

#[test]
fn a_backlog_that_the_run_does_not_see_worked_off_is_told() {
    // λ = 95/s, μ = 100/s, D = 300 s: 28 500 messages, drained at 5/s in 5 700 s; the run ends 840 s after the fault.
    let text = file("[a, b]", "", "wiring: async")
        .replace("b: { concurrency: 10,", "b: {")
        .replace("rate: 10/s", "rate: 95/s");
    let text = with_fault(&text, "{ at: 1m, for: 5m, target: b, down: refuse }");
    check(
        &text,
        &[
            "W207 `5m` in `v`, 28500 messages for `b` pile up during fault `f` and take 1.58h to work off (ρ = 0.95), but the run ends after 14m (more workers, or a longer `run.drain`; what is left counts as unfinished)",
        ],
    );
    let text = text.replace("rate: 95/s", "rate: 50/s");
    check(&text, &[]);
    // 15 000 drained at 50/s take 5 min; but it is away again 2 min later.
    let again = text.replace("for: 5m,", "for: 5m, every: 7m,");
    check(
        &again,
        &[
            "W207 `5m` in `v`, 15000 messages for `b` pile up during fault `f` and take 5m to work off (ρ = 0.5), but fault `f` stops it again after 2m (more workers, or a longer `run.drain`; what is left counts as unfinished)",
        ],
    );
    check(&again.replace("every: 7m,", "every: 10m,"), &[]);
}

#[test]
fn a_queue_that_overflows_during_a_fault_is_told() {
    let text = file("[a, b]", "", "wiring: async").replace("q: {}", "q: { capacity: 500 }");
    let text = with_fault(&text, "{ at: 1m, for: 1m, target: b, pause: true }");
    check(
        &text,
        &[
            "W208 `500` the queue of `b` holds 500 messages, but 600 come during fault `f` (`when_full` decides what becomes of the others)",
        ],
    );
    check(&text.replace("500", "601"), &[]);
}

#[test]
fn deliveries_that_run_out_before_the_callee_is_back_are_told() {
    // Five deliveries wait 1 + 2 + 4 + 8 s between them; each may take its call's 2 s.
    let text = file(
        "[a, { b: { then: [c] } }]",
        "",
        "wiring: async, calls: { c: { timeout: 2s } }",
    );
    let text = with_fault(&text, "{ at: 1m, for: 2m, target: c, down: refuse }");
    check(
        &text,
        &[
            "W209 `2m` in `v`, `b` gives a message up after 5 deliveries within 25s, but `c`, which it calls, is away for 2m (fault `f`) (more `redeliver.attempts`, or a longer `backoff`)",
        ],
    );
    check(&text.replace("for: 2m", "for: 20s"), &[]);
}

#[test]
fn what_no_variant_uses_is_told_and_what_one_uses_is_not() {
    let text = file("[a, b, c, d, e, f, g]", "", "wiring: sync");
    assert_eq!(
        compiled(&text).told(Severity::Warning),
        [
            "W210 `h` no step is done at service `h` (drop it, or add the step)",
            "W211 `q` no message goes over broker `q` (drop it, or send messages over it with `via`)",
        ]
    );
    let both = text.replace("run:", "  w: { wiring: async }\nrun:");
    assert_eq!(
        compiled(&both).told(Severity::Warning),
        ["W210 `h` no step is done at service `h` (drop it, or add the step)",]
    );
}

#[test]
fn a_fault_on_a_link_that_a_wiring_does_not_use_is_told() {
    let text = with_fault(
        &file("[a, b]", "", "wiring: async"),
        "{ at: 1m, for: 1m, target: a -> b, drop: 2% }",
    );
    check(
        &text,
        &[
            "W214 `a -> b` variant `v` sends nothing over `a -> b`: fault `f` does not touch it (`a -> b` is from caller to callee, or from sender to broker to consumer; replies are not hops of their own)",
        ],
    );
    let two = text.replace(
        "faults:",
        "  w: { wiring: sync, calls: { '*': { timeout: 1s } } }\nfaults:",
    );
    check(
        &two,
        &[
            "W214 `a -> b` variant `v` sends nothing over `a -> b`: fault `f` does not touch it (`a -> b` is from caller to callee, or from sender to broker to consumer; replies are not hops of their own)",
        ],
    );
    check(
        &text.replace("a -> b", "a -> q"),
        &[
            "W205 `v` in `v`, `a` waits for the word of broker `q` without limit, also when fault `f` leaves it without one (`publish: { timeout: 2s }`, and `when_refused` for what happens then)",
        ],
    );
    // A consumer's word goes the other way.
    check(&text.replace("a -> b", "b -> q"), &[]);
    check(&text.replace("a -> b", "q -> b"), &[]);
}

#[test]
fn a_capacity_that_whole_workers_cannot_follow_is_told() {
    let text = file(
        "[a, b]",
        "",
        "wiring: sync, calls: { '*': { timeout: 1s } }",
    );
    let with = |share: &str| {
        with_fault(
            &text,
            &format!("{{ at: 1m, for: 1s, target: b, capacity: {share} }}"),
        )
    };
    check(&with("50%"), &[]);
    check(
        &with("5%"),
        &[
            "W216 `b` fault `f` leaves 0 workers of each instance of `b`, which has 10: not 5% (the share counts for each instance, in whole workers: choose one that they can follow, or `down`)",
        ],
    );
    check(
        &with("19%"),
        &[
            "W216 `b` fault `f` leaves 1 worker of each instance of `b`, which has 10: not 19% (the share counts for each instance, in whole workers: choose one that they can follow, or `down`)",
        ],
    );
}

#[test]
fn a_queue_that_nothing_could_hold_is_an_error() {
    let text = file("[a]", "", "wiring: sync").replace("rate: 10/s", "rate: 1000000/s");
    let long = text.replace("duration: 10m", "duration: 10d");
    let told = compiled(&long).told(Severity::Error);
    assert!(
        told[0].starts_with("S127 `a` in `v`, `a` is offered"),
        "{told:?}"
    );
    assert!(
        compiled(&text.replace("duration: 10m", "duration: 30s"))
            .cases
            .is_some()
    );
    let bounded = long.replace("a: { concurrency: 10,", "a: { queue: 5, concurrency: 10,");
    assert!(compiled(&bounded).cases.is_some());
}

#[test]
fn an_async_variant_without_a_message_is_told() {
    check(
        &file("[a, b]", "", "wiring: async, answer_after: b"),
        &[
            "W215 `async` variant `v` is async, but every step is reached by a call (everything up to `answer_after` is called: name an earlier step, or need less for the answer)",
        ],
    );
}

#[test]
fn ranks_and_sizes_that_nobody_looks_at_are_told() {
    let text = file(
        "[a, { b: { priority: 2, size: 4kB } }]",
        "",
        "wiring: async",
    );
    check(
        &text,
        &[
            "W212 `b` `size` of `b` has no effect (a broker takes in bytes with a `throughput`, e.g. `10MB/s`)",
            "W212 `2` `priority` of `b` has no effect (its service serves by rank with `discipline: priority`)",
        ],
    );
    let text = text
        .replace("b: { concurrency", "b: { discipline: priority, concurrency")
        .replace("q: {}", "q: { throughput: 1MB/s }");
    check(&text, &[]);
}
