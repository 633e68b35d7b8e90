//! The shape of the code base, as a test: floors, circles, lengths, and who may know which library.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Path, PathBuf};

/// The floors, lowest first. A file imports only from floors below its own; modules of one floor do not see one another.
const FLOORS: &[&[&str]] = &[
    &["kernel"],
    &["diagnostic", "theory"],
    &["arrivals", "brokers", "policies", "faults", "copies"],
    &["scenario", "model"],
    &["compile", "engine"],
    &["metrics"],
    &["experiment"],
    &["analysis"],
    &["report"],
    &["validation"],
    &["cli"],
    &["main"],
];

/// Below, and yet out of sight.
const HIDDEN: &[(&str, &str)] = &[("engine", "scenario"), ("metrics", "scenario")];

/// Macros that live at the crate's root, and the module they belong to.
const MACROS: &[(&str, &str)] = &[("ids", "kernel")];

/// Libraries that one file alone may name, so that each can be replaced in one place.
const ONE_FILE: &[&str] = &[
    "annotate_snippets",
    "clap",
    "clap_complete",
    "clap_mangen",
    "hdrhistogram",
    "indicatif",
    "jiff",
    "resvg",
    "saphyr",
    "serde_json_canonicalizer",
    "terminal_size",
];

/// Lines of code (tests not counted) from which a file is told, and from which it fails.
const LINES_TOLD: usize = 400;
const LINES_MAX: usize = 600;

struct Source {
    /// `src/cli/run.rs`.
    path: String,
    /// `["cli", "run"]`; `["cli"]` for a `mod.rs`.
    module: Vec<String>,
    is_mod: bool,
    /// As it stands in the file.
    text: String,
    /// Without comments, strings and the tests at the end.
    code: String,
}

#[test]
fn files_import_only_from_floors_below() {
    let floor_of = |module: &str| FLOORS.iter().position(|floor| floor.contains(&module));
    let mut wrong = Vec::new();
    for source in sources() {
        let from = match source.path.as_str() {
            "src/lib.rs" => continue,
            _ => source.module[0].clone(),
        };
        let own = floor_of(&from).unwrap_or_else(|| panic!("{} is on no floor", source.path));
        for target in imports(&source) {
            let to = &target[0];
            if *to == from {
                continue;
            }
            let Some(floor) = floor_of(to) else {
                wrong.push(format!("{}: `{to}` is on no floor", source.path));
                continue;
            };
            let is_hidden = HIDDEN.contains(&(from.as_str(), to.as_str()));
            if floor >= own || is_hidden {
                wrong.push(format!("{}: `{from}` may not see `{to}`", source.path));
            }
        }
    }
    assert!(wrong.is_empty(), "wrong arrows:\n{}", wrong.join("\n"));
}

#[test]
fn no_circle_inside_a_folder() {
    let sources = sources();
    let modules: BTreeSet<Vec<String>> = sources.iter().map(|one| one.module.clone()).collect();
    // Per folder, the arrows between its files and subfolders. A `mod.rs` is the list of its members and stands outside.
    let mut folders: BTreeMap<Vec<String>, BTreeMap<String, BTreeSet<String>>> = BTreeMap::new();
    for source in &sources {
        for target in imports(source) {
            let shared = source.module.iter().zip(&target);
            let depth = shared.take_while(|(from, to)| from == to).count();
            let (Some(from), Some(to)) = (source.module.get(depth), target.get(depth)) else {
                continue;
            };
            if depth == 0 || !modules.contains(&target[..=depth]) {
                continue;
            }
            let arrows = folders.entry(target[..depth].to_vec()).or_default();
            arrows.entry(from.clone()).or_default().insert(to.clone());
        }
    }
    for (folder, arrows) in folders {
        if let Some(circle) = circle(&arrows) {
            panic!("a circle in {}: {}", folder.join("/"), circle.join(" → "));
        }
    }
}

#[test]
fn one_library_one_file() {
    let sources = sources();
    for library in ONE_FILE {
        let users: Vec<&str> = sources
            .iter()
            .filter(|source| words(&source.code).any(|word| word == *library))
            .map(|source| source.path.as_str())
            .collect();
        assert!(users.len() <= 1, "`{library}` is named by {users:?}");
    }
}

#[test]
fn files_are_short_documented_and_finished() {
    let mut wrong = Vec::new();
    for source in sources() {
        let path = &source.path;
        let code = source
            .text
            .split("\n#[cfg(test)]\nmod ")
            .next()
            .unwrap_or("");
        let n = code.lines().count();
        if n > LINES_MAX {
            wrong.push(format!("{path}: {n} lines; split it (at most {LINES_MAX})"));
        } else if n > LINES_TOLD {
            eprintln!("{path}: {n} lines; better at most {LINES_TOLD}");
        }
        if !source.text.starts_with("//!") {
            wrong.push(format!("{path}: says not what it is"));
        }
        for (k, line) in source.text.lines().enumerate() {
            for mark in ["TODO", "FIXME", "XXX"] {
                let reason = line.split_once(mark).map(|(_, reason)| reason.trim().len());
                if reason.is_some_and(|length| length < 30) {
                    wrong.push(format!("{path}:{}: {mark} without what and why", k + 1));
                }
            }
        }
        for macro_name in ["todo", "unimplemented"] {
            if source.code.contains(&format!("{macro_name}!(")) {
                wrong.push(format!("{path}: `{macro_name}!`"));
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

/// Every test that the table of styles names is there.
#[test]
fn the_tests_that_prove_the_styles_exist() {
    let styles = fs::read_to_string(root().join("docs/STYLES.md")).unwrap();
    let mut sources = String::new();
    for folder in ["src", "tests"] {
        for path in files(&root().join(folder), "rs") {
            sources.push_str(&fs::read_to_string(path).unwrap());
        }
    }
    let words = styles.split('`').skip(1).step_by(2);
    let is_test =
        |word: &&str| word.len() > 24 && word.bytes().all(|b| b.is_ascii_lowercase() || b == b'_');
    let named: Vec<&str> = words.filter(is_test).collect();
    assert!(named.len() > 15, "{named:?}");
    let missing: Vec<&&str> = named
        .iter()
        .filter(|name| !sources.contains(&format!("fn {name}()")))
        .collect();
    assert!(missing.is_empty(), "{missing:?}");
}

#[test]
fn every_shipped_scenario_opens_with_its_question_and_has_a_test() {
    let tests = fs::read_to_string(root().join("tests/scenarios.rs")).unwrap();
    let mut n = 0;
    for path in files(&root().join("scenarios"), "yaml") {
        let text = fs::read_to_string(&path).unwrap();
        let stem = path.file_stem().unwrap().to_str().unwrap();
        let first = text.lines().next().unwrap_or_default();
        assert!(
            first.starts_with("# Question: "),
            "{stem} opens with {first:?}"
        );
        assert!(text.contains("\nquestion: "), "{stem} asks nothing");
        assert!(tests.contains(&format!("\"{stem}\"")), "{stem} has no test");
        n += 1;
    }
    assert!(n >= 3, "{n} scenarios");
}

#[test]
fn every_dependency_has_a_reason() {
    let manifest = fs::read_to_string(root().join("Cargo.toml")).unwrap();
    let decisions: String = files(&root().join("docs/decisions"), "md")
        .iter()
        .map(|path| fs::read_to_string(path).unwrap())
        .collect();
    let mut is_inside = false;
    for line in manifest.lines() {
        if line.starts_with('[') {
            is_inside = line.contains("dependencies]");
        } else if is_inside && let Some((name, _)) = line.split_once(" = ") {
            let named = decisions.contains(&format!("`{name}`"));
            assert!(named, "no file in docs/decisions names `{name}`");
        }
    }
}

/// The absolute paths (without `crate`) that a file names.
fn imports(source: &Source) -> BTreeSet<Vec<String>> {
    let code = &source.code;
    let mut found = BTreeSet::new();
    for root in ["crate", "super", "self", "brownout"] {
        let start = format!("{root}::");
        for (at, _) in code.match_indices(&start) {
            let before = code[..at].chars().next_back();
            if before.is_some_and(|c| c.is_alphanumeric() || c == '_' || c == ':') {
                continue;
            }
            let mut paths = Vec::new();
            tree(
                &mut code[at..].chars().collect::<Vec<_>>().as_slice(),
                &[],
                &mut paths,
            );
            found.extend(paths.into_iter().filter_map(|path| absolute(source, path)));
        }
    }
    found
}

/// Reads one `a::b::{c, d::e}`; `rest` ends after it.
fn tree(rest: &mut &[char], prefix: &[String], found: &mut Vec<Vec<String>>) {
    let mut path = prefix.to_vec();
    loop {
        skip_blanks(rest);
        if rest.first() == Some(&'{') {
            *rest = &rest[1..];
            loop {
                skip_blanks(rest);
                match rest.first() {
                    Some('}') => {
                        *rest = &rest[1..];
                        return;
                    }
                    Some(',') => *rest = &rest[1..],
                    Some(c) if c.is_alphanumeric() || *c == '_' || *c == '*' => {
                        tree(rest, &path, found);
                        // `as name`
                        while rest.first().is_some_and(|c| !matches!(c, ',' | '}')) {
                            *rest = &rest[1..];
                        }
                    }
                    _ => return,
                }
            }
        }
        let n = rest
            .iter()
            .take_while(|c| c.is_alphanumeric() || **c == '_' || **c == '*')
            .count();
        path.push(rest[..n].iter().collect());
        *rest = &rest[n..];
        if rest.starts_with(&[':', ':']) && n > 0 {
            *rest = &rest[2..];
        } else {
            found.push(path);
            return;
        }
    }
}

fn skip_blanks(rest: &mut &[char]) {
    let n = rest.iter().take_while(|c| c.is_whitespace()).count();
    *rest = &rest[n..];
}

fn absolute(source: &Source, path: Vec<String>) -> Option<Vec<String>> {
    let mut at = source.module.clone();
    let mut rest = path.into_iter().peekable();
    match rest.next()?.as_str() {
        "crate" | "brownout" => at.clear(),
        "self" => {}
        // A `mod.rs` is its folder; its `super` is one up all the same.
        _ => {
            at.pop();
        }
    }
    while rest.next_if(|one| one == "super").is_some() {
        at.pop();
    }
    let mut full: Vec<String> = at.into_iter().chain(rest).collect();
    let first = full.first_mut()?;
    if let Some((_, home)) = MACROS.iter().find(|(name, _)| name == first) {
        *first = (*home).to_owned();
    }
    Some(full)
}

/// A circle of arrows, if there is one.
fn circle(arrows: &BTreeMap<String, BTreeSet<String>>) -> Option<Vec<String>> {
    fn walk(
        arrows: &BTreeMap<String, BTreeSet<String>>,
        way: &mut Vec<String>,
        done: &mut BTreeSet<String>,
    ) -> bool {
        let here = way.last().unwrap().clone();
        if way[..way.len() - 1].contains(&here) {
            return true;
        }
        if done.contains(&here) {
            return false;
        }
        for next in arrows.get(&here).into_iter().flatten() {
            way.push(next.clone());
            if walk(arrows, way, done) {
                return true;
            }
            way.pop();
        }
        done.insert(here);
        false
    }
    let mut done = BTreeSet::new();
    arrows.keys().find_map(|start| {
        let mut way = vec![start.clone()];
        walk(arrows, &mut way, &mut done).then_some(way)
    })
}

fn sources() -> Vec<Source> {
    let read = |path: PathBuf| {
        let name = path.strip_prefix(root()).unwrap();
        let parts = name.with_extension("");
        let mut module: Vec<String> = parts
            .iter()
            .skip(1)
            .map(|part| part.to_str().unwrap().to_owned())
            .collect();
        let is_mod = module.last().is_some_and(|last| last == "mod");
        if is_mod {
            module.pop();
        }
        let text = fs::read_to_string(&path).unwrap();
        Source {
            path: name.to_str().unwrap().replace('\\', "/"),
            module,
            is_mod,
            code: code_of(&text),
            text,
        }
    };
    let all: Vec<Source> = files(&root().join("src"), "rs")
        .into_iter()
        .map(read)
        .collect();
    assert!(all.iter().any(|source| source.is_mod));
    // A file of tests beside the code may look anywhere.
    let is_code = |source: &Source| source.module.last().is_none_or(|last| last != "tests");
    all.into_iter().filter(is_code).collect()
}

/// Without comments, strings and the module of tests at the end.
fn code_of(text: &str) -> String {
    let mut code = String::new();
    for line in text.lines() {
        if line == "#[cfg(test)]" {
            break;
        }
        let mut parts = line.split('"');
        let mut kept = parts.next().unwrap_or_default().to_owned();
        for outside in parts.skip(1).step_by(2) {
            kept += "\"\"";
            kept += outside;
        }
        code += kept.split("//").next().unwrap_or_default();
        code.push('\n');
    }
    code
}

fn words(code: &str) -> impl Iterator<Item = &str> {
    code.split(|c: char| !c.is_alphanumeric() && c != '_')
}

fn files(folder: &Path, extension: &str) -> Vec<PathBuf> {
    let mut found = Vec::new();
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            found.extend(files(&path, extension));
        } else if path.extension().is_some_and(|given| given == extension) {
            found.push(path);
        }
    }
    found.sort();
    found
}

fn root() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR"))
}

#[test]
fn the_reader_of_imports_reads_them() {
    let source = Source {
        path: "src/engine/transport/call.rs".into(),
        module: ["engine", "transport", "call"].map(String::from).to_vec(),
        is_mod: false,
        text: String::new(),
        code: code_of(
            "use crate::{report, model::{self, StepId as Id}};\nuse super::super::world::World;\n// crate::cli\nlet x = crate::ids! {};",
        ),
    };
    let found: Vec<String> = imports(&source)
        .iter()
        .map(|path| path.join("::"))
        .collect();
    let expected = [
        "engine::world::World",
        "kernel",
        "model::StepId",
        "model::self",
        "report",
    ];
    assert_eq!(found, expected);
}
