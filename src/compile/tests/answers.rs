//! A design cannot win by answering too early: `answer_needs` against every way to answer.

use super::mistakes::{SYNC, check_file};

#[test]
fn the_client_is_not_answered_too_early() {
    check_file(
        "[a, b, c]",
        ", answer_needs: [a, b]",
        "wiring: async, answer_after: a",
        &[
            "S114 `a` the client of `order` is answered before `b` is sure to be done (the first step that is late enough: `answer_after: b`)",
        ],
    );
    check_file(
        "[a, b, c]",
        ", answer_needs: [a, c, b]",
        "wiring: async, answer_after: a",
        &[
            "S114 `a` the client of `order` is answered before `c`, `b` are sure to be done (the first step that is late enough: `answer_after: c`)",
        ],
    );
    check_file(
        "[a, b, c]",
        ", answer_needs: [a, c]",
        "wiring: sync, steps: { b: { wiring: async } }",
        &[
            "S114 `async` the client of `order` is answered before `c` is sure to be done (reach it and every step before it by calls, or drop it in `answer_needs`)",
        ],
    );
    check_file(
        "[a, b]",
        "",
        "wiring: sync, steps: { a: { wiring: async } }",
        &[
            "S114 `async` the client of `order` is answered before `a` is sure to be done (reach it and every step before it by calls, or drop it in `answer_needs`)",
        ],
    );
}

#[test]
fn the_answer_needs_what_can_be_relied_on() {
    check_file(
        "[a, { b: { optional: true } }]",
        ", answer_needs: [a, b]",
        SYNC,
        &[
            "S114 `b` the answer needs `b`, but `b` is optional (drop `optional: true`, or the step in `answer_needs`)",
        ],
    );
    check_file(
        "[a, { parallel: [b, c], need: any }]",
        ", answer_needs: [b]",
        SYNC,
        &[
            "S114 `b` the answer needs `b`, but its group goes on without `b` (make the group `need: all`, or drop the step in `answer_needs`)",
        ],
    );
    check_file(
        "[a, { b: { optional: true, then: [c] } }]",
        ", answer_needs: [c]",
        SYNC,
        &[
            "S114 `c` the answer needs `c`, but `b` is optional (drop `optional: true`, or the step in `answer_needs`)",
        ],
    );
}

#[test]
fn what_follows_a_mixed_group_is_not_sure_before_the_answer() {
    check_file(
        "[a, [b, c], d]",
        ", answer_needs: [a, d]",
        "wiring: sync, steps: { c: { wiring: async } }",
        &[
            "S114 `async` the client of `order` is answered before `d` is sure to be done (reach it and every step before it by calls, or drop it in `answer_needs`)",
        ],
    );
    check_file(
        "[a, [b, c], d]",
        ", answer_needs: [a, b]",
        "wiring: sync, steps: { c: { wiring: async } }",
        &[],
    );
}

#[test]
fn answer_after_has_its_place() {
    check_file(
        "[a, b]",
        "",
        "wiring: sync, answer_after: a",
        &[
            "S115 `a` `answer_after` has no meaning in a sync wiring (a chain of calls answers when all of it is done: use `wiring: async`, or leave it out)",
        ],
    );
    check_file(
        "[a, { b: { then: [c] } }, d]",
        "",
        "wiring: async, answer_after: c",
        &["S115 `c` `c` is part of `b` (name the step of the flow's own list: `answer_after: b`)"],
    );
}
