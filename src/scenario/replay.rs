//! Arrivals from a file: instants, or rates one after another.

use serde_json::Value as Json;

use super::check::{At, Checker};
use super::codes;
use super::files::{column, digest_of, read};
use super::grammar::Kind;
use super::grammar::top::REPLAY;
use super::nodes::Replay;
use super::tree::Node;
use super::typed::{span, word};
use super::value::{Data, Replayed, Value};
use crate::arrivals::Recorded;
use crate::diagnostic::{Diagnostic, Place};
use crate::kernel::time::Duration;

/// The record, as a kind.
static RECORD: Kind = Kind::Record(&REPLAY);

impl Checker<'_> {
    /// Reads where arrivals stand, and those.
    pub(super) fn replay(&mut self, node: &Node, at: At<'_>) -> Option<Value> {
        let n_before = self.diagnostics.len();
        let record = self.value(&RECORD, node, at)?;
        if self.diagnostics.len() > n_before {
            return None;
        }
        let place_of = |key| record.get(key).map_or(node.place, |value| value.place);
        let file = text(&record, "path")?;
        let read = match self.replayed(&record, file) {
            Ok(read) => read,
            Err((key, message)) => {
                let help = match key {
                    "sha256" => "remove `sha256` if the new content is what you mean",
                    _ => "a CSV file with a header, looked for beside the scenario",
                };
                let error = Diagnostic::error(codes::BAD_FILE, message).at(place_of(key));
                self.report(error.help(help));
                return None;
            }
        };
        // A file's content is part of what is simulated, so its digest is part of the canonical form.
        let mut canonical = record.canonical();
        if let Json::Object(map) = &mut canonical
            && !map.contains_key("sha256")
        {
            let digest = digest_of(&self.folder.join(file));
            map.insert("sha256".into(), digest.into());
        }
        let data = Data::Replay(Box::new(Replayed { read, canonical }));
        Some(Value::of(node.place, data))
    }

    /// What the file holds; or what is wrong, and the key that it is about.
    fn replayed(&self, record: &Value, file: &str) -> Result<Replay, (&'static str, String)> {
        let content = read(self.folder, file).map_err(|message| ("path", message))?;
        if let Some(digest) = text(record, "sha256")
            && digest != digest_of(&self.folder.join(file))
        {
            return Err(("sha256", format!("`{file}` has changed")));
        }
        let holds_rates = word(record.get("holds")) == Some("rates");
        let what = if holds_rates {
            "a rate per second"
        } else {
            "a time"
        };
        let numbers = column(&content, text(record, "column"), what)
            .map_err(|cause| ("column", format!("`{file}`: {cause}")))?;
        if numbers.is_empty() {
            return Err(("path", format!("`{file}` has no rows")));
        }
        if holds_rates {
            let every = span(record.get("every")).map_or(Duration::SECOND, |every| every.value);
            return Ok(Replay::Rates(every, numbers));
        }
        let unit_s = match word(record.get("unit")) {
            Some("ns") => 1e-9,
            Some("us") => 1e-6,
            Some("ms") => 1e-3,
            _ => 1.0,
        };
        let first = numbers.iter().copied().fold(f64::INFINITY, f64::min);
        let zero = match word(record.get("opens_at")) {
            Some("first") => first,
            _ => 0.0,
        };
        let instants = numbers
            .iter()
            .map(|at| Duration::from_secs_f64((at - zero) * unit_s));
        Ok(Replay::Instants(Recorded::new(
            &instants.collect::<Vec<_>>(),
        )))
    }

    /// Arrivals from a file are nothing else beside; instants lie as they lie.
    pub(super) fn file_alone(&mut self, value: &Value, file: &Value, owner: &str) {
        let is_recorded =
            matches!(&file.data, Data::Replay(it) if matches!(it.read, Replay::Instants(_)));
        let mut others = vec!["rate", "start", "stages", "bursts"];
        if is_recorded {
            others.extend(["arrivals", "burst"]);
        }
        for key in others {
            if let Some(other) = value.written(key) {
                let message = format!("{owner} comes from a file, and has `{key}`");
                let error = Diagnostic::error(codes::CONTRADICTION, message).at(other.place);
                self.report(
                    error.help("the file says when clients come: drop the one or the other"),
                );
            }
        }
        if !is_recorded && word(value.written("arrivals")) == Some("bursty") {
            self.bursty(value, owner, file.place);
        }
    }

    /// Instants have a unit; rates have not, but a length.
    pub(super) fn arrivals_file(&mut self, value: &Value, key_place: Place) {
        let is_rates = word(value.get("holds")) == Some("rates");
        let strange: &[&str] = if is_rates {
            &["unit", "opens_at"]
        } else {
            &["every"]
        };
        for key in strange {
            if let Some(wrong) = value.written(key) {
                let of = if is_rates { "instants" } else { "rates" };
                let message = format!("`{key}` is of {of}, and the file holds the other");
                self.report(Diagnostic::error(codes::CONTRADICTION, message).at(wrong.place));
            }
        }
        if !is_rates && value.get("unit").is_none() {
            let message = "`unit` is missing for the instants of a file";
            let error = Diagnostic::error(codes::MISSING, message).at(key_place);
            self.report(error.help("e.g. `unit: s`, or `ms`"));
        }
    }
}

fn text<'a>(record: &'a Value, key: &str) -> Option<&'a str> {
    match &record.get(key)?.data {
        Data::Text(text) => Some(text),
        _ => None,
    }
}
