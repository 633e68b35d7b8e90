//! What must hold for every text: the reader never panics, and what `show` prints is the same scenario.

use proptest::prelude::*;

use super::fixtures::SOUND;
use super::{EVERYTHING, ORDER_CHECKOUT, check, sound};
use crate::scenario::Changes;

/// Pieces that make a mutated scenario interesting.
const PIECES: &[&str] = &[
    "{",
    "}",
    "[",
    "]",
    ":",
    " ",
    "\n",
    "  ",
    "- ",
    "? ",
    "\"",
    "'",
    "&a ",
    "*a",
    "<<: ",
    "|",
    ">",
    "#",
    "!!int ",
    "~",
    "null",
    "none",
    "0",
    "1e999",
    "99999999999999999999",
    "..",
    "->",
    "%",
    "/s",
    "-1",
    "\u{feff}",
    "é",
    "🦀",
    "\r\n",
    "\t",
    "p50",
    "extends: v",
    "parallel",
    "mix",
    "services",
    "variants",
    "---\n",
    "...\n",
    "%YAML 1.2\n",
    "x",
    "true",
];

fn mutated(base: &'static str) -> impl Strategy<Value = String> {
    let edit = (0..base.len(), 0..12usize, 0..PIECES.len());
    proptest::collection::vec(edit, 1..6).prop_map(move |edits| {
        let mut text = base.to_owned();
        for (at, n, piece) in edits {
            let floor = |mut at: usize| {
                at = at.min(text.len());
                while !text.is_char_boundary(at) {
                    at -= 1;
                }
                at
            };
            let (start, end) = (floor(at), floor(at + n));
            text.replace_range(start..end, PIECES[piece]);
        }
        text
    })
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(400))]

    #[test]
    fn no_text_makes_the_reader_panic(text in "[\\PC\n\t]{0,200}") {
        let _ = check(&text, &Changes::default());
    }

    #[test]
    fn no_soup_of_yaml_makes_the_reader_panic(pieces in proptest::collection::vec(0..PIECES.len(), 0..40)) {
        let text: String = pieces.iter().map(|&piece| PIECES[piece]).collect();
        let _ = check(&text, &Changes::default());
    }

    #[test]
    fn no_mutation_of_a_scenario_makes_the_reader_panic(text in prop_oneof![mutated(SOUND), mutated(ORDER_CHECKOUT), mutated(EVERYTHING)]) {
        let (reading, mistakes) = check(&text, &Changes::default());
        prop_assert_eq!(reading.is_none(), mistakes.contains("error["), "{}", text);
        if let Some(reading) = reading {
            prop_assert_eq!(sound(&reading.shown).resolved, reading.resolved);
        }
    }

    #[test]
    fn no_set_makes_the_reader_panic(set in "[a-z0-9.\"=*{} ->_]{0,40}") {
        let changes = Changes { set: vec![set], ..Changes::default() };
        let _ = check(ORDER_CHECKOUT, &changes);
    }
}
