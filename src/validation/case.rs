//! A case as it lies in `tests/cases`.

use include_dir::{Dir, include_dir};
use serde::Deserialize;
use std::collections::BTreeMap;

/// Every case, part of the program.
static FILES: Dir<'_> = include_dir!("$CARGO_MANIFEST_DIR/tests/cases");

/// A case with known answers.
#[derive(Clone, Debug, PartialEq)]
pub struct Case {
    /// What it is called; the stem of its files.
    pub id: String,
    /// What it is about.
    pub title: String,
    /// Where its answers are from.
    pub source: String,
    /// The scenario's text.
    pub scenario: String,
    /// What is expected, by name.
    pub metrics: BTreeMap<String, Metric>,
}

/// One known answer.
#[derive(Clone, Debug, Deserialize, PartialEq)]
#[serde(deny_unknown_fields)]
pub struct Metric {
    /// The answer.
    pub expected: f64,
    /// How far off a simulation may be, in the same unit: from the case, never ours.
    pub tolerance: f64,
    /// How the answer is known.
    pub basis: String,
    /// What of the summary it is, a formula over its `variants`: numbers, paths such as `one.flows.ask.metrics.latency_mean` (a key that is no plain word in square
    /// brackets, a `?` behind what may be missing), `+ - * /` and brackets; or absent, with the reason in `not`.
    #[serde(default)]
    pub got: Option<String>,
    /// Why the program does not give it.
    #[serde(default)]
    pub not: Option<String>,
}

/// `<id>.json`.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Expectation {
    title: String,
    source: String,
    metrics: BTreeMap<String, Metric>,
}

/// The cases that are part of the program, by name.
///
/// # Errors
/// As [`cases`].
pub fn shipped() -> Result<Vec<Case>, String> {
    let texts = FILES.files().filter_map(|file| {
        let name = file.path().to_string_lossy().into_owned();
        Some((name, file.contents_utf8()?.to_owned()))
    });
    cases(&texts.collect::<Vec<_>>())
}

/// The cases of some files, given by name and text: a `<id>.yaml` and a `<id>.json` for each.
///
/// # Errors
/// The file that is no expectation, or has no scenario beside it.
pub fn cases(files: &[(String, String)]) -> Result<Vec<Case>, String> {
    let mut cases = Vec::new();
    for (name, text) in files {
        let Some(id) = name.strip_suffix(".json") else {
            continue;
        };
        let expected: Expectation =
            serde_json::from_str(text).map_err(|error| format!("{name}: {error}"))?;
        let scenario = format!("{id}.yaml");
        let scenario = files.iter().find(|(other, _)| *other == scenario);
        let (_, scenario) =
            scenario.ok_or_else(|| format!("{name}: there is no `{id}.yaml` beside it"))?;
        cases.push(Case {
            id: id.to_owned(),
            title: expected.title,
            source: expected.source,
            scenario: scenario.clone(),
            metrics: expected.metrics,
        });
    }
    cases.sort_by(|a, b| a.id.cmp(&b.id));
    Ok(cases)
}

/// Those of these names, or whose names begin so; all without any.
///
/// # Errors
/// The name that no case has.
pub fn find(all: Vec<Case>, names: &[String]) -> Result<Vec<Case>, String> {
    for name in names {
        if !all.iter().any(|case| case.id.starts_with(name.as_str())) {
            return Err(format!("there is no case `{name}`"));
        }
    }
    let is_meant = |case: &Case| {
        names.is_empty() || names.iter().any(|name| case.id.starts_with(name.as_str()))
    };
    Ok(all.into_iter().filter(is_meant).collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_answer_is_looked_for_or_says_why_not() {
        let cases = shipped().unwrap_or_else(|wrong| panic!("{wrong}"));
        assert!(!cases.is_empty());
        for case in cases {
            assert!(!case.metrics.is_empty(), "{}", case.id);
            for (name, metric) in &case.metrics {
                let one_of_both = metric.got.is_some() != metric.not.is_some();
                assert!(one_of_both, "{} {name}", case.id);
            }
        }
    }
}
