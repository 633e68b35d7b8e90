//! Cases with known answers, each a scenario in `tests/cases`: those that take little time. `brownout validate` runs all of them, and
//! `docs/VALIDATION.md` is what it prints; `BROWNOUT_CASES=all` does so here.

use brownout::validation::{self, Met};
use std::fs;
use std::path::Path;
use std::sync::atomic::AtomicBool;

/// The most flow runs of a case, over all replications and variants, that is run without being asked for.
const LITTLE: f64 = 300_000.0;

#[test]
fn answers_are_met() {
    let wants_all = std::env::var("BROWNOUT_CASES").is_ok_and(|word| word == "all");
    let mut n_met = 0;
    for case in validation::shipped().unwrap() {
        if !wants_all && validation::flow_runs(&case).unwrap() > LITTLE {
            continue;
        }
        let outcome = validation::run(&case, 2, &AtomicBool::new(false));
        for row in outcome.unwrap().unwrap().rows {
            let id = &case.id;
            assert!(!matches!(row.met, Met::No(..)), "{id}: {row:?}");
            n_met += usize::from(matches!(row.met, Met::Yes(..)));
        }
    }
    assert!(n_met > 50, "{n_met}");
}

/// The document names every case and no other, and no answer in it is not met.
#[test]
fn the_document_is_of_these_cases() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let text = fs::read_to_string(root.join("docs/VALIDATION.md")).unwrap();
    let told: Vec<&str> = text
        .lines()
        .filter_map(|line| line.strip_prefix("## "))
        .collect();
    let cases = validation::shipped().unwrap();
    let ids: Vec<&str> = cases.iter().map(|case| case.id.as_str()).collect();
    assert_eq!(told, ids);
    assert!(!text.contains("**not met**"));
}
