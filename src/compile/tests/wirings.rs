//! Each wiring rule: who calls or publishes what, and when.

use super::{assert_lines, case, describe, file};

/// The wiring of `steps` under `variant`.
fn check(steps: &str, variant: &str, expected: &str) {
    check_flow(steps, "", variant, expected);
}

/// The same, with other keys of the flow.
fn check_flow(steps: &str, flow: &str, variant: &str, expected: &str) {
    assert_lines(&describe(&case(&file(steps, flow, variant))), expected);
}

#[test]
fn a_chain_calls_step_by_step() {
    check(
        "[a, b, c]",
        "wiring: sync",
        "client: call a\n a: call b\n b: call c",
    );
}

#[test]
fn a_single_step_is_called_and_does_nothing_more() {
    check("[a]", "wiring: sync", "client: call a");
    check("[a]", "wiring: async", "client: call a");
}

#[test]
fn in_a_chain_the_step_before_a_group_calls_what_follows_it() {
    check(
        "[a, b, [c, d], e, f]",
        "wiring: sync",
        "client: call a\n a: call b\n b: call c + call d | call e\n e: call f",
    );
}

#[test]
fn two_groups_in_a_row_hang_on_the_same_step() {
    check(
        "[a, [b, c], [d, e]]",
        "wiring: sync",
        "client: call a\n a: call b + call c | call d + call e",
    );
}

#[test]
fn when_orchestrated_the_entry_calls_everything_in_turn() {
    check(
        "[a, b, [c, d], e]",
        "wiring: sync, shape: orchestrated",
        "client: call a\n a: call b | call c + call d | call e",
    );
}

#[test]
fn a_step_before_the_answer_may_be_asked_over_a_broker() {
    check(
        "[a, b, c, d]",
        "wiring: async, answer_after: c, steps: { b: { wiring: async } }",
        "client: call a\n a: request b\n b: call c\n c: publish d",
    );
    check(
        "[a, { b: { then: [c] } }]",
        "wiring: sync, steps: { c: { wiring: async } }",
        "client: call a\n a: call b\n b: (request c)",
    );
    check(
        "[a, [b, c], d]",
        "wiring: async, answer_after: c, steps: { b: { wiring: async }, c: { wiring: async } }",
        "client: call a\n a: request b + request c | publish d",
    );
    // Nobody waits for what is optional.
    check(
        "[a, { b: { optional: true } }, c]",
        "wiring: async, answer_after: c, steps: { b: { wiring: async } }",
        "client: call a\n a: publish b | call c",
    );
}

#[test]
fn who_gets_an_id_asks_the_sender_back() {
    check(
        "[a, b, { c: { then: [d] } }]",
        "wiring: async, carries: id",
        "client: call a\n a: publish b\n b: (call ask_a) | publish c\n c: (call ask_b) | (call d)",
    );
    check(
        "[a, b, c]",
        "wiring: async, steps: { c: { carries: id } }",
        "client: call a\n a: publish b\n b: publish c\n c: (call ask_b)",
    );
    // What is called gets everything with the call.
    check(
        "[a, b]",
        "wiring: sync, carries: id",
        "client: call a\n a: call b",
    );
    let thin = case(&file("[a, b]", "", "wiring: async, carries: id"));
    let asked = thin.system.steps.iter().find(|step| step.is_read).unwrap();
    assert_eq!(thin.system.names.services[asked.service], "a");
    assert_eq!(thin.system.flows.iter().next().unwrap().goals.len(), 2);
}

#[test]
fn a_saga_is_conducted_by_the_entry_after_its_answer() {
    check(
        "[a, b: { compensate: {} }, [c, d: { compensate: { service: e, service_time: 5ms } }], f: { optional: true }]",
        "wiring: async, shape: orchestrated, answer_after: b",
        "client: call a
         a: call b | answer | request c + request d | publish f | else request undo_d | request undo_b",
    );
    check(
        "[a, b, c]",
        "wiring: async, shape: orchestrated, answer_after: b, steps: { b: { wiring: async } }",
        "client: call a\n a: request b | answer | request c",
    );
}

#[test]
fn what_undoes_a_step_is_done_where_and_as_long_as_it_says() {
    let text = file(
        "[a, b: { compensate: { service: e, service_time: 5ms } }, c: { compensate: {} }]",
        "",
        "wiring: async, shape: orchestrated",
    );
    let case = case(&text);
    let names = &case.system.names;
    let found = |name: &str| {
        let (id, _) = names
            .steps
            .enumerate()
            .find(|(_, step)| *step == name)
            .unwrap();
        let step = &case.system.steps[id];
        (
            names.services[step.service].as_str(),
            step.service_time.as_constant(),
        )
    };
    let ms = |n| Some(crate::kernel::time::Duration::from_millis(n));
    assert_eq!(found("undo_b"), ("e", ms(5)));
    assert_eq!(found("undo_c"), ("c", ms(10)));
    // Nothing undoes anything where nobody conducts, and no goal waits for it.
    assert_eq!(case.system.flows.iter().next().unwrap().goals.len(), 3);
    let chain = text.replace("wiring: async, shape: orchestrated", "wiring: sync");
    let chain = super::case(&chain);
    assert_eq!(chain.wiring.edges.len(), 3);
}

#[test]
fn a_saga_may_not_answer_before_what_the_answer_needs() {
    let text = file(
        "[a, b, c]",
        ", answer_needs: [a, c]",
        "wiring: async, shape: orchestrated, answer_after: b",
    );
    let told = super::compiled(&text).told(crate::diagnostic::Severity::Error);
    assert_eq!(told.len(), 1, "{told:?}");
    assert!(told[0].starts_with("S114"), "{told:?}");
}

#[test]
fn the_answer_may_need_what_is_asked_over_a_broker() {
    check_flow(
        "[a, b, c]",
        ", answer_needs: [a, b]",
        "wiring: async, answer_after: b, steps: { b: { wiring: async } }",
        "client: call a\n a: request b\n b: publish c",
    );
}

#[test]
fn a_then_is_called_by_its_step_in_every_wiring() {
    let steps = "[a, { b: { then: [c, [d, e]] } }, f]";
    check(
        steps,
        "wiring: sync",
        "client: call a\n a: call b\n b: (call c) | (call d + call e) | call f",
    );
    check(
        steps,
        "wiring: async",
        "client: call a\n a: publish b\n b: (call c) | (call d + call e) | publish f",
    );
    check(
        "[{ a: { then: [{ b: { then: [c] } }] } }]",
        "wiring: sync",
        "client: call a\n a: (call b)\n b: (call c)",
    );
}

#[test]
fn choreographed_steps_publish_when_done() {
    check(
        "[a, b, c]",
        "wiring: async",
        "client: call a\n a: publish b\n b: publish c",
    );
    check(
        "[a, b, c]",
        "wiring: async, shape: choreographed",
        "client: call a\n a: publish b\n b: publish c",
    );
}

#[test]
fn up_to_answer_after_steps_are_called() {
    let expected = "client: call a\n a: call b\n b: publish c\n c: publish d";
    check("[a, b, c, d]", "wiring: async, answer_after: b", expected);
}

#[test]
fn the_answer_comes_by_default_after_what_it_needs() {
    let expected = "client: call a\n a: call b\n b: call c\n c: publish d";
    check_flow(
        "[a, b, c, d]",
        ", answer_needs: [c, a]",
        "wiring: async",
        expected,
    );
    let part = "client: call a\n a: call b\n b: (call e) | publish c";
    check_flow(
        "[a, { b: { then: [e] } }, c]",
        ", answer_needs: [e]",
        "wiring: async",
        part,
    );
}

#[test]
fn an_answer_that_needs_nothing_lets_the_client_publish() {
    let expected = "client: publish a\n a: publish b";
    check_flow("[a, b]", ", answer_needs: []", "wiring: async", expected);
    let named = "client: call a\n a: publish b";
    check_flow(
        "[a, b]",
        ", answer_needs: []",
        "wiring: async, answer_after: a",
        named,
    );
}

#[test]
fn after_a_group_that_is_called_its_caller_publishes() {
    check(
        "[a, [b, c], d]",
        "wiring: async, answer_after: b",
        "client: call a\n a: call b + call c | publish d",
    );
}

#[test]
fn after_a_group_reached_by_messages_the_branch_that_completes_it_publishes() {
    check(
        "[a, [b, c], d, e]",
        "wiring: async",
        "client: call a
         a: publish b + publish c
         b: after 2 of b c: publish d
         c: after 2 of b c: publish d
         d: publish e",
    );
}

#[test]
fn a_group_may_need_only_some_of_its_branches() {
    let steps = "[a, { parallel: [b, c, d], need: 2 }, e]";
    check(
        steps,
        "wiring: sync",
        "client: call a\n a: call b + call c + call d need 2 | call e",
    );
    check(
        steps,
        "wiring: async",
        "client: call a
         a: publish b + publish c + publish d
         b: after 2 of b c d: publish e
         c: after 2 of b c d: publish e
         d: after 2 of b c d: publish e"
            .replace("publish d\n", "publish d need 2\n")
            .as_str(),
    );
}

#[test]
fn groups_of_messages_join_one_after_the_other() {
    check(
        "[a, [b, c], [d, e], f]",
        "wiring: async",
        "client: call a
         a: publish b + publish c
         b: after 2 of b c: publish d + publish e
         c: after 2 of b c: publish d + publish e
         d: after 2 of d e: publish f
         e: after 2 of d e: publish f",
    );
}

#[test]
fn in_a_group_of_calls_and_messages_every_branch_joins() {
    check(
        "[a, [b, c], d, e]",
        "wiring: sync, steps: { c: { wiring: async } }",
        "client: call a
         a: call b + publish c
         b: after 2 of b c: call d
         c: after 2 of b c: call d
         d: call e",
    );
}

#[test]
fn after_a_join_the_same_branch_goes_on_when_orchestrated() {
    check(
        "[a, [b, c], d, e]",
        "wiring: sync, shape: orchestrated, steps: { b: { wiring: async }, c: { wiring: async } }",
        "client: call a
         a: publish b + publish c
         b: after 2 of b c: call d | call e
         c: after 2 of b c: call d | call e",
    );
}

#[test]
fn an_async_step_in_a_chain_takes_the_remainder_with_it() {
    check(
        "[a, b, c, d]",
        "wiring: sync, steps: { c: { wiring: async } }",
        "client: call a\n a: call b\n b: publish c\n c: call d",
    );
    check(
        "[a, b, c, d]",
        "wiring: sync, steps: { c: { wiring: async }, d: { wiring: async } }",
        "client: call a\n a: call b\n b: publish c\n c: publish d",
    );
}

#[test]
fn after_an_async_step_its_consumer_orchestrates_the_remainder() {
    check(
        "[a, b, c, d, e]",
        "wiring: sync, shape: orchestrated, steps: { c: { wiring: async } }",
        "client: call a\n a: call b | publish c\n c: call d | call e",
    );
}

#[test]
fn a_sync_step_in_a_choreography_is_called_by_the_consumer_before_it() {
    check(
        "[a, b, c, d]",
        "wiring: async, steps: { c: { wiring: sync } }",
        "client: call a\n a: publish b\n b: call c\n c: publish d",
    );
}

#[test]
fn an_optional_step_never_carries_the_flow_on() {
    let steps = "[a, { b: { optional: true } }, c, d]";
    check(
        steps,
        "wiring: sync",
        "client: call a\n a: call b | call c\n c: call d",
    );
    check(
        steps,
        "wiring: async",
        "client: call a\n a: publish b | publish c\n c: publish d",
    );
    check(
        "[a, [b, { c: { optional: true } }, d], e]",
        "wiring: async",
        "client: call a
         a: publish b + publish c + publish d
         b: after 2 of b d: publish e
         d: after 2 of b d: publish e",
    );
    check(
        "[a, [b, { c: { optional: true } }], d]",
        "wiring: async",
        "client: call a\n a: publish b + publish c\n b: publish d",
    );
}

#[test]
fn an_optional_step_may_go_by_a_message_before_the_answer() {
    check_flow(
        "[a, { b: { optional: true } }, c]",
        ", answer_needs: [a, c]",
        "wiring: sync, steps: { b: { wiring: async } }",
        "client: call a\n a: publish b | call c",
    );
    check_flow(
        "[a, { b: { optional: true } }, c]",
        ", answer_needs: [a, c]",
        "wiring: async, steps: { b: { wiring: async } }",
        "client: call a\n a: publish b | call c",
    );
}

#[test]
fn a_step_that_not_every_flow_run_needs_carries_on_all_the_same() {
    check(
        "[a, { b: { probability: 20% } }, c]",
        "wiring: async",
        "client: call a\n a: publish b\n b: publish c",
    );
}

#[test]
fn every_source_has_an_edge_of_its_own() {
    let text = file("[a, b]", "", "wiring: sync").replace(
        "client: { rate: 10/s }",
        "client: { rate: 10/s }\n  robot: { flow: order, rate: 1/s }",
    );
    assert_lines(
        &describe(&case(&text)),
        "client: call a\n robot: call a\n a: call b",
    );
}

#[test]
fn a_variant_applies_to_every_flow() {
    let text = file("[a, b, c]", ", from: client", "wiring: async, answer_after: b")
        .replace("services:", "  refund: { from: clerk, steps: [{ start: { service: d } }, { pay_back: { service: e } }] }\nservices:")
        .replace("client: { rate: 10/s }", "client: { rate: 10/s }\n  clerk: { rate: 1/s }");
    assert_lines(
        &describe(&case(&text)),
        "client: call a\n clerk: call start\n a: call b\n b: publish c\n start: publish pay_back",
    );
}

#[test]
fn a_step_reached_by_messages_has_one_channel_whoever_sends() {
    let case = case(&file("[a, [b, c], d]", "", "wiring: async"));
    let channels: Vec<&str> = case
        .wiring
        .channels
        .iter()
        .map(|channel| case.system.names.steps[channel.to].as_str())
        .collect();
    assert_eq!(channels, ["b", "c", "d"]);
    assert_eq!(
        case.wiring.edges.len(),
        1 + 2 + 2,
        "client to a, a to b and c, both to d"
    );
}
