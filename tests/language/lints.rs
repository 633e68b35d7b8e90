//! The warnings, each by a small file that gives it and nothing else, and by its mended line that gives nothing any more; and the
//! shipped studies, which give those only that they mean to.

use super::yaml;
use brownout::analysis::{self, formulas, warm_up};
use brownout::compile::{self, compile_all};
use brownout::diagnostic::{Lore, Sources};
use brownout::scenario::{self, Changes};
use std::fmt::Debug;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

/// The warnings that shipped studies give, and why they do.
const MEANT: &[(&str, &str, &str)] = &[(
    "order_checkout",
    "W204",
    "three attempts of 2s outlast a patience of 5s: the retries that keep its overload alive",
)];

/// The codes of everything that `check` tells of a text that stands in a file of this name.
fn codes(path: &Path, text: &str) -> Vec<&'static str> {
    let mut sources = Sources::default();
    let name = path.to_str().unwrap();
    let (reading, mut found) = scenario::read(&mut sources, name, text, &Changes::default());
    if let Some(reading) = reading {
        found.extend(compile_all(&reading.views).1);
    }
    found.into_iter().map(|one| one.code).collect()
}

/// The codes of the warnings that a run of a text gives.
fn codes_of_run(name: &str, text: &str) -> Vec<String> {
    let path = Path::new(env!("CARGO_TARGET_TMPDIR")).join(name);
    fs::write(&path, text).unwrap();
    let output = Command::new(env!("CARGO_BIN_EXE_brownout"))
        .args(["run", "--no-out", "--format", "json"])
        .arg(&path)
        .output()
        .unwrap();
    let summary: serde_json::Value = serde_json::from_slice(&output.stdout).unwrap();
    let warnings = summary["warnings"].as_array().unwrap().iter();
    warnings
        .map(|one| one["code"].as_str().unwrap().to_owned())
        .collect()
}

fn stem(path: &Path) -> &str {
    path.file_stem().unwrap().to_str().unwrap()
}

/// The file of a warning, with the line of its entry, and the same with that line mended.
fn given_and_mended(lore: &Lore) -> (PathBuf, String, String) {
    let file = format!("tests/lints/{}.yaml", lore.code);
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join(file);
    let text = fs::read_to_string(&path).unwrap();
    let n = text.lines().filter(|line| line.trim() == lore.line).count();
    assert_eq!(
        n, 1,
        "{}: {:?} is no line of its file",
        lore.code, lore.line
    );
    let mended = text.replace(lore.line, lore.mended);
    (path, text, mended)
}

/// The mended line gives nothing any more.
fn nothing_is_left(lore: &Lore, left: &[impl Debug]) {
    assert!(
        left.is_empty(),
        "{}: {left:?} with {:?}",
        lore.code,
        lore.mended
    );
}

#[test]
fn every_warning_has_a_file_and_every_file_is_of_a_warning() {
    let all = compile::CODES
        .iter()
        .chain(warm_up::CODES)
        .chain(formulas::CODES);
    let warnings = all
        .map(|code| code.code)
        .filter(|code| code.starts_with('W'));
    let files = yaml("tests/lints");
    let named: Vec<&str> = files.iter().map(|path| stem(path)).collect();
    assert_eq!(named, warnings.collect::<Vec<_>>());
}

#[test]
fn each_file_gives_its_warning_and_its_mended_line_none() {
    for lore in compile::LORE {
        let (path, text, mended) = given_and_mended(lore);
        assert_eq!(codes(&path, &text), [lore.code], "{}", path.display());
        nothing_is_left(lore, &codes(&path, &mended));
    }
}

#[test]
fn what_only_a_run_can_tell_is_told_by_one() {
    for lore in analysis::LORE {
        let (path, text, mended) = given_and_mended(lore);
        assert!(codes(&path, &text).is_empty(), "{}", lore.code);
        let name = format!("{}.yaml", lore.code);
        let told = codes_of_run(&name, &text);
        assert!(
            told.iter().any(|code| code == lore.code),
            "{}: {told:?}",
            lore.code
        );
        nothing_is_left(lore, &codes_of_run(&name, &mended));
    }
}

#[test]
fn shipped_studies_warn_of_what_they_mean_to_only() {
    let mut given = Vec::new();
    for path in yaml("scenarios") {
        let text = fs::read_to_string(&path).unwrap();
        let found = codes(&path, &text);
        given.extend(found.into_iter().map(|code| (stem(&path).to_owned(), code)));
    }
    given.dedup();
    let meant = MEANT.iter().map(|&(study, code, reason)| {
        assert!(reason.len() > 20, "{study} {code} has no reason");
        (study.to_owned(), code)
    });
    assert_eq!(given, meant.collect::<Vec<_>>());
}
