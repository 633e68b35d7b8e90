//! How a value is written, for editors: a pattern that it must match, and a sentence with an example.

use serde_json::{Value as Json, json};

use super::grammar::{Choice, Kind};
use super::suggest::one_of;

/// A name of an entry.
pub(super) const NAME: &str = "^[a-z][a-z0-9_]*$";
/// A share.
pub(super) const SHARE: &str = r"^[0-9]+(\.[0-9]+)?%$";
/// A step, `*` for all, or the way from one to another.
pub(super) const PATTERN: &str = r"^(\*|[a-z][a-z0-9_]*)( *-> *(\*|[a-z][a-z0-9_]*))?$";
const DURATION: &str = r"([0-9]+(\.[0-9]+)?(d|h|m|s|ms|us|ns))+";
const RATE: &str = r"^[0-9]+(\.[0-9]+)?[kM]?/(s|min|h|d)$";
const COUNT: &str = r"[0-9]+(\.[0-9]+)?[kM]?";
const TRIGGER: &str = r"^ *(backlog|utilization) *\( *[a-z][a-z0-9_]* *\) *>=? *[0-9]";

/// A text that matches; what an editor says of another.
pub(super) fn text(pattern: &str, wanted: &str) -> Json {
    // `patternErrorMessage` and `errorMessage` (of another type) are what the servers of editors say.
    json!({ "type": "string", "pattern": pattern, "patternErrorMessage": wanted, "errorMessage": wanted })
}

/// A time span, or a word for never.
pub(super) fn duration(never: Option<&str>) -> Json {
    let (pattern, or) = match never {
        Some(word) => (format!("^({word}|{DURATION})$"), format!(", or `{word}`")),
        None => (format!("^{DURATION}$"), String::new()),
    };
    text(
        &pattern,
        &format!("a duration with its unit, e.g. `250ms`, `1.5s`, `2m`{or}"),
    )
}

/// A number per time.
pub(super) fn rate() -> Json {
    text(RATE, "a rate with its unit, e.g. `120/s`, `90/min`")
}

/// A percentage.
pub(super) fn share() -> Json {
    text(SHARE, "a share with its sign, e.g. `0.5%`")
}

/// A whole number.
pub(super) fn count(least: u32, unlimited: bool) -> Json {
    let pattern = if unlimited {
        format!("^({COUNT}|unlimited)$")
    } else {
        format!("^{COUNT}$")
    };
    let or = if unlimited { ", or `unlimited`" } else { "" };
    let mut schema = text(&pattern, &format!("a whole number, e.g. `64` or `50k`{or}"));
    schema["type"] = json!(["integer", "string"]);
    schema["minimum"] = least.into();
    schema
}

/// A condition.
pub(super) fn trigger() -> Json {
    text(
        TRIGGER,
        "a condition, e.g. `backlog(orders) > 10k` or `utilization(payment) > 90%`",
    )
}

/// Words of which one is chosen, each with its meaning.
pub(super) fn words(choices: &'static [Choice]) -> Json {
    let words: Vec<&str> = choices.iter().map(|choice| choice.word).collect();
    let docs: Vec<&str> = choices.iter().map(|choice| choice.doc).collect();
    // Editors show one or the other beside each word.
    json!({ "enum": words, "enumDescriptions": docs, "markdownEnumDescriptions": docs })
}

/// How a value of this kind is written, as a sentence; nothing where the schema itself says it all.
pub(super) fn sentence(kind: &Kind) -> Option<String> {
    let fixed = match kind {
        Kind::Duration { never: None, .. } => "A duration, e.g. `250ms`, `1.5s`, `2m`.",
        Kind::Rate => "A rate, e.g. `120/s`, `90/min`.",
        Kind::Size => "Bytes, e.g. `400B`, `16kB`.",
        Kind::Throughput => "Bytes per second, e.g. `10MB/s`.",
        Kind::Share => "A share, e.g. `0.5%`.",
        Kind::Quantile => "A quantile, e.g. `p99`.",
        Kind::Count {
            unlimited: false, ..
        } => "A whole number, e.g. `64` or `50k`.",
        Kind::Count {
            unlimited: true, ..
        } => "A whole number, e.g. `64` or `50k`, or `unlimited`.",
        Kind::Seed => "A whole number.",
        Kind::Factor => "A number, at least 1.",
        Kind::Dist => {
            "A distribution, e.g. `20ms`, `exponential 20ms`, `uniform 10ms..30ms`, `{ p50: 12ms, p99: 80ms }`."
        }
        Kind::Change => "A change, e.g. `+400ms` or `x10`.",
        Kind::Backoff => "`none`, `100ms`, `100ms..1s` (doubling), a list of waits, or a map.",
        Kind::Limit(_) => "A rate, e.g. `50/s`, or a map.",
        Kind::DurationOr(_) => "A duration, e.g. `250ms`, `none`, or a map.",
        Kind::NoneOr(_) => "A map, or `none`.",
        Kind::AllOrNames => "`all`, or a list of steps.",
        Kind::Names => "A list of names.",
        Kind::Target => "A name, or a link `a -> b`.",
        Kind::Cut => "Two zones, or `a -> b`.",
        Kind::Trigger => "A condition, e.g. `backlog(orders) > 10k`.",
        Kind::Popularity => "`uniform`, or e.g. `zipf 1.1`.",
        Kind::AnswerBy => "`call`, `callback`, e.g. `poll 500ms`, or a map.",
        Kind::Duration {
            never: Some(word), ..
        } => {
            return Some(format!(
                "A duration, e.g. `250ms`, `1.5s`, `2m`, or `{word}`."
            ));
        }
        Kind::Choices(choices) | Kind::Order(choices) => {
            let words = one_of(choices.iter().map(|choice| choice.word));
            return Some(format!("A list of {words}."));
        }
        _ => return None,
    };
    Some(fixed.to_owned())
}
