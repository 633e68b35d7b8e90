//! One side of a comparison, and what is told of two.

use super::args::Comparing;
use super::error::Error;
use super::exit::Exit;
use super::input::Input;
use super::results;
use super::terminal::Terminal;
use crate::analysis::{self, Findings, VerdictChange};
use crate::report;
use crate::scenario::Changes;
use serde_json::Value as Json;
use std::path::Path;

/// A result, and what it was made from.
pub(super) struct Side {
    /// The scenario, every default filled in.
    pub(super) resolved: Json,
    pub(super) findings: Findings,
}

/// Prints what has changed from one to the other.
pub(super) fn tell(
    before: &Side,
    after: &Side,
    format: Comparing,
    terminal: Terminal,
) -> Result<Exit, Error> {
    let inputs = differences(&before.resolved, &after.resolved);
    let found = analysis::compare(&before.findings, &after.findings);
    let text = match format {
        Comparing::Human => {
            let look = terminal.look();
            report::comparison(&before.findings, &after.findings, &inputs, &found, look)
        }
        Comparing::Json => {
            report::comparison_json(&before.findings, &after.findings, &inputs, &found)
        }
    };
    terminal.print(&text)?;
    let is_worse = found.verdicts.iter().any(VerdictChange::is_worse);
    Ok(if is_worse { Exit::Failed } else { Exit::Passed })
}

/// What lies in a folder.
pub(super) fn of_result(folder: &Path, terminal: Terminal) -> Result<Option<Side>, Error> {
    let findings = results::findings(folder)?;
    let input = Input::read(&folder.join(results::RESOLVED))?;
    let ready = input.check(&Changes::default(), terminal);
    Ok(ready.map(|ready| Side {
        resolved: ready.reading.resolved,
        findings,
    }))
}

/// What differs between two resolved scenarios: `variants.sync.calls."*".timeout 2s → 800ms`.
pub(super) fn differences(before: &Json, after: &Json) -> Vec<String> {
    let mut found = Vec::new();
    compare(before, after, "", &mut found);
    found
}

fn compare(before: &Json, after: &Json, path: &str, found: &mut Vec<String>) {
    let (Json::Object(old), Json::Object(new)) = (before, after) else {
        if before != after {
            found.push(format!("{path} {} → {}", word(before), word(after)));
        }
        return;
    };
    let keys = old
        .keys()
        .chain(new.keys().filter(|key| !old.contains_key(*key)));
    for key in keys {
        let key_word = if key.contains(['.', ' ', '*']) {
            format!("\"{key}\"")
        } else {
            key.clone()
        };
        let path = if path.is_empty() {
            key_word
        } else {
            format!("{path}.{key_word}")
        };
        let of = |map: &serde_json::Map<String, Json>| map.get(key).cloned().unwrap_or(Json::Null);
        compare(&of(old), &of(new), &path, found);
    }
}

fn word(value: &Json) -> String {
    match value {
        Json::Null => "nothing".to_owned(),
        Json::String(text) => text.clone(),
        other => other.to_string(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn differences_name_their_path() {
        let before =
            json!({ "variants": { "sync": { "calls": { "*": { "timeout": "2s" } } } }, "a": 1 });
        let after = json!({ "variants": { "sync": { "calls": { "*": { "timeout": "800ms" } } } }, "b": [1] });
        assert_eq!(
            differences(&before, &after),
            [
                "variants.sync.calls.\"*\".timeout 2s → 800ms",
                "a 1 → nothing",
                "b nothing → [1]"
            ]
        );
        assert!(differences(&before, &before).is_empty());
    }
}
