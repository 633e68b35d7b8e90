//! Files that cannot be read without mistakes: names and wirings are looked at in the same pass, and nothing is told twice.

use crate::compile::further;
use crate::diagnostic::Sources;
use crate::scenario::{Changes, read_draft};

/// (code, line) of everything found, in order of place.
fn found(text: &str) -> Vec<(&'static str, usize)> {
    let draft = read_draft(
        &mut Sources::default(),
        "test.yaml",
        text,
        &Changes::default(),
    );
    assert!(draft.reading.is_none(), "the reader finds mistakes");
    let mut all = draft.diagnostics.clone();
    all.extend(further(&draft));
    all.sort_by_key(|one| one.place);
    let line = |start: u32| 1 + text[..start as usize].matches('\n').count();
    all.iter()
        .map(|one| (one.code, one.place.map_or(0, |place| line(place.start))))
        .collect()
}

#[test]
fn mistakes_of_every_kind_come_out_in_one_pass() {
    let expected = [
        ("S102", 5),
        ("S101", 6),
        ("S102", 7),
        ("S003", 9),
        ("S010", 9),
        ("S011", 10),
        ("S014", 10),
        ("S011", 11),
        ("S010", 11),
        ("S007", 13),
        ("S010", 16),
        ("S010", 18),
        ("S102", 18),
        ("S102", 19),
        ("S016", 20),
        ("S102", 22),
        ("S121", 23),
        ("S010", 25),
        ("S013", 26),
        ("S102", 27),
        ("S003", 28),
    ];
    assert_eq!(found(include_str!("many_mistakes.yaml")), expected);
}

#[test]
fn one_mistake_is_told_once_whatever_hangs_on_it() {
    let sound = "\
brownout: 1
flows: { order: { from: client, steps: [shop, pay], answer_needs: [shop] } }
services:
  shop: { service_time: 10ms }
  pay: { service_time: 20ms }
brokers: { mail: { publish: 2ms } }
traffic: { client: { rate: 10/s } }
variants:
  queued: { wiring: async, via: mail, answer_after: shop }
faults: { outage: { at: 10s, for: 5s, target: pay, down: hang } }
slo: { back: recovery(outage) < 1m }
run: { duration: 1m }
";
    for (good, bad, code) in [
        ("shop: { service_time: 10ms }", "shop: 7", "S005"),
        ("client: { rate: 10/s }", "client: [10/s]", "S005"),
        ("{ publish: 2ms }", "2ms", "S005"),
        ("at: 10s", "at: 10", "S010"),
        ("target: pay, ", "", "S004"),
        (
            "at: 10s, for: 5s, ",
            "random: { mtbf: 1h, mttr: 1 }, ",
            "S010",
        ),
        ("{ publish: 2ms }", "{ publish: 2ms, replicas: 3 }", "S007"),
        ("target: pay, down: hang", "cut: [a, b, c]", "S005"),
        ("at: 10s, for: 5s, ", "when: backlog(mail) > x, ", "S011"),
        ("steps: [shop, pay], ", "", "S004"),
        ("wiring: async, ", "wiring: asynk, ", "S012"),
        ("duration: 1m", "duration: 1", "S010"),
        ("service_time: 20ms", "service_time: 20", "S010"),
    ] {
        let text = sound.replace(good, bad);
        assert_ne!(text, sound, "{good} is in the scenario");
        let codes: Vec<&str> = found(&text).iter().map(|(code, _)| *code).collect();
        assert_eq!(codes, [code], "{bad}");
    }
}
