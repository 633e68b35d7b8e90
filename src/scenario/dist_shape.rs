//! Which distribution a set of fields makes, and why it may make none.

use std::path::Path;

use serde_json::{Map as JsonMap, Value as Json};

use super::codes;
use super::files::{self, digest_of};
use super::quantity::{print_duration, print_share};
use super::suggest::{all_of, closest};
use super::value::Fitted;
use crate::kernel::dist::Dist;
use crate::kernel::time::Duration;

/// The names of `dist:`, with the fields of each form.
const NAMED: &[(&str, &[&[&str]])] = &[
    ("exponential", &[&["mean"]]),
    ("uniform", &[&["min", "max"]]),
    ("gamma", &[&["mean", "cv"]]),
    ("lognormal", &[&["p50", "p99"], &["mean", "cv"]]),
    ("weibull", &[&["p50", "shape"]]),
    ("pareto", &[&["min", "max", "shape"]]),
    ("erlang", &[&["mean", "stages"]]),
    ("hyperexponential", &[&["mean", "cv"]]),
];

/// The names of `dist:`.
pub(super) fn names() -> Vec<&'static str> {
    NAMED.iter().map(|(name, _)| *name).collect()
}

/// What each is, in the same order.
pub(super) const fn docs() -> [&'static str; NAMED.len()] {
    [
        "Without memory: `mean`.",
        "Each between `min` and `max` as likely as any other.",
        "Around its `mean`, with `cv`.",
        "What service times mostly look like: through `p50` and `p99`, or of `mean` and `cv`.",
        "Through `p50`, with a tail by `shape`.",
        "A heavy tail between `min` and `max`, by `shape`.",
        "More regular than `exponential`: `mean`, and so many `stages`.",
        "Less regular than `exponential`: `mean`, and a `cv` above 1.",
    ]
}

/// The fields of a long form, read.
#[derive(Default)]
pub(super) struct Parts {
    /// Quantile, its key, its value.
    pub(super) quantiles: Vec<(f64, String, Duration)>,
    /// Durations by key.
    pub(super) spans: Vec<(&'static str, Duration)>,
    /// Numbers by key.
    pub(super) numbers: Vec<(&'static str, f64)>,
    /// Words by key.
    pub(super) texts: Vec<(&'static str, String)>,
    /// Name, share and distribution of each part.
    pub(super) mix: Option<Vec<(String, f64, Fitted)>>,
}

impl Parts {
    fn span(&self, key: &str) -> Option<Duration> {
        let found = self.spans.iter().find(|(name, _)| *name == key);
        found.map(|&(_, span)| span)
    }

    fn number(&self, key: &str) -> Option<f64> {
        let found = self.numbers.iter().find(|(name, _)| *name == key);
        found.map(|&(_, number)| number)
    }

    /// The word of a key.
    pub(super) fn text(&self, key: &str) -> Option<&str> {
        let found = self.texts.iter().find(|(name, _)| *name == key);
        found.map(|(_, text)| text.as_str())
    }

    /// The canonical form.
    pub(super) fn canonical(&self) -> Json {
        let mut map = JsonMap::new();
        for (key, text) in &self.texts {
            map.insert((*key).to_owned(), text.clone().into());
        }
        for (_, key, span) in &self.quantiles {
            map.insert(key.clone(), print_duration(*span).into());
        }
        for (key, span) in &self.spans {
            map.insert((*key).to_owned(), print_duration(*span).into());
        }
        for (key, number) in &self.numbers {
            let whole = number.fract() == 0.0 && *number < 1e9;
            let number = if whole {
                print_whole(*number)
            } else {
                Json::from(*number)
            };
            map.insert((*key).to_owned(), number);
        }
        if let Some(mix) = &self.mix {
            let parts = mix.iter().map(|(name, share, fitted)| {
                let mut part = match &fitted.canonical {
                    Json::Object(map) => map.clone(),
                    other => JsonMap::from_iter([("value".to_owned(), other.clone())]),
                };
                part.insert("share".to_owned(), print_share(*share).into());
                (name.clone(), Json::Object(part))
            });
            map.insert("mix".to_owned(), parts.collect());
        }
        Json::Object(map)
    }
}

#[expect(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "called for whole numbers below 1e9 only"
)]
fn print_whole(number: f64) -> Json {
    Json::from(number as u64)
}

/// Where in a field a mistake is.
#[derive(Clone, Copy)]
pub(super) enum Points {
    /// At its key.
    Key,
    /// At its value.
    Value,
}

/// Why fields make no distribution.
pub(super) struct Wrong {
    /// Its code.
    pub(super) code: &'static str,
    /// The field to point at; the whole distribution if `None`.
    pub(super) field: Option<String>,
    /// At its key or its value?
    pub(super) points: Points,
    /// What is wrong.
    pub(super) message: String,
    /// What would help.
    pub(super) help: Option<String>,
}

impl From<String> for Wrong {
    fn from(message: String) -> Self {
        Self {
            code: codes::BAD_DIST,
            field: None,
            points: Points::Key,
            message,
            help: None,
        }
    }
}

fn wrong(message: impl Into<String>, help: impl Into<String>) -> Wrong {
    Wrong {
        help: Some(help.into()),
        ..Wrong::from(message.into())
    }
}

/// The distribution that the fields make.
pub(super) fn shape_of(parts: &Parts, folder: &Path) -> Result<Dist, Wrong> {
    if let Some(file) = parts.text("file") {
        only(parts, &["file", "column", "unit", "sha256"], "`file`")?;
        return file_dist(parts, file, folder);
    }
    if let Some(name) = parts.text("dist") {
        return named(parts, name);
    }
    if let Some(mix) = &parts.mix {
        only(parts, &["mix"], "`mix`")?;
        let mix = mix
            .iter()
            .map(|(_, share, fitted)| (*share, fitted.dist.clone()));
        return Ok(Dist::mix(mix.collect())?);
    }
    if !parts.quantiles.is_empty() {
        return quantiles(parts);
    }
    match (parts.span("mean"), parts.number("cv")) {
        (Some(mean), Some(cv)) => {
            only(parts, &["mean", "cv"], "`mean` and `cv`")?;
            Ok(Dist::gamma(mean, cv)?)
        }
        (Some(mean), None) => Err(wrong(
            "`mean` alone makes no distribution",
            format!("add `cv`, or write `exponential {}`", print_duration(mean)),
        )),
        _ => Err(wrong(
            "these fields make no distribution",
            "give quantiles like `{ p50: 12ms, p99: 80ms }`, or `{ mean: 20ms, cv: 1.4 }`",
        )),
    }
}

/// Refuses fields that the form does not use.
fn only(parts: &Parts, allowed: &[&str], form: &str) -> Result<(), Wrong> {
    let quantiles = parts.quantiles.iter().map(|(_, key, _)| key.as_str());
    let spans = parts.spans.iter().map(|(key, _)| *key);
    let numbers = parts.numbers.iter().map(|(key, _)| *key);
    let texts = parts.texts.iter().map(|(key, _)| *key);
    let mix = parts.mix.iter().map(|_| "mix");
    let mut all = quantiles
        .chain(spans)
        .chain(numbers)
        .chain(texts)
        .chain(mix);
    match all.find(|key| !allowed.contains(key) && *key != "dist") {
        Some(key) => Err(Wrong {
            field: Some(key.to_owned()),
            ..wrong(
                format!("`{key}` does not go with {form}"),
                format!("what goes with {form}: {}", all_of(allowed.iter().copied())),
            )
        }),
        None => Ok(()),
    }
}

fn quantiles(parts: &Parts) -> Result<Dist, Wrong> {
    let mut allowed = vec!["max"];
    allowed.extend(parts.quantiles.iter().map(|(_, key, _)| key.as_str()));
    only(parts, &allowed, "quantiles")?;
    let max = parts.span("max");
    match parts.quantiles.as_slice() {
        [(q50, _, p50), (q, _, value)] if max.is_none() => {
            if q50.to_bits() != 0.5f64.to_bits() {
                return Err(wrong(
                    "two quantiles need `p50` as the lower one",
                    "add `p50`",
                ));
            }
            Ok(Dist::lognormal(*p50, *q, *value)?)
        }
        [_] => Err(wrong(
            "one quantile makes no distribution",
            "add a second, like `p99`, or write a single duration",
        )),
        [_, _] => Err(wrong("`max` needs three quantiles", "add one, like `p95`")),
        many => {
            let points: Vec<(f64, Duration)> =
                many.iter().map(|&(q, _, value)| (q, value)).collect();
            Ok(Dist::quantiles(&points, max)?)
        }
    }
}

fn named(parts: &Parts, name: &str) -> Result<Dist, Wrong> {
    let Some((_, forms)) = NAMED.iter().find(|(known, _)| *known == name) else {
        let names = || NAMED.iter().map(|(name, _)| *name);
        let help = match closest(name, names()) {
            Some(meant) => format!("did you mean `{meant}`?"),
            None => format!("there are {}", all_of(names())),
        };
        return Err(Wrong {
            field: Some("dist".to_owned()),
            points: Points::Value,
            ..wrong(format!("unknown distribution `{name}`"), help)
        });
    };
    let fields: Vec<String> = forms
        .iter()
        .map(|form| all_of(form.iter().copied()))
        .collect();
    let missing = || {
        wrong(
            format!("`dist: {name}` needs {}", fields.join(", or ")),
            "add what is missing",
        )
    };
    let span = |key: &str| parts.span(key).ok_or_else(missing);
    let number = |key: &str| parts.number(key).ok_or_else(missing);
    let form = format!("`dist: {name}`");
    if name != "lognormal" {
        only(parts, &forms.concat(), &form)?;
    }
    let p50 = || {
        let found = parts.quantiles.iter().find(|(_, key, _)| key == "p50");
        found.map(|&(_, _, value)| value).ok_or_else(missing)
    };
    let dist = match name {
        "exponential" => Dist::exponential(span("mean")?),
        "uniform" => Dist::uniform(span("min")?, span("max")?)?,
        "gamma" => Dist::gamma(span("mean")?, number("cv")?)?,
        "weibull" => Dist::weibull(p50()?, number("shape")?)?,
        "pareto" => Dist::pareto(span("min")?, span("max")?, number("shape")?)?,
        "erlang" => Dist::erlang(span("mean")?, whole(number("stages")?)?)?,
        "hyperexponential" => Dist::hyperexponential_mean(span("mean")?, number("cv")?)?,
        _ if parts.quantiles.is_empty() => {
            only(parts, &["mean", "cv"], &form)?;
            Dist::lognormal_mean(span("mean")?, number("cv")?)?
        }
        _ => return quantiles(parts),
    };
    Ok(dist)
}

fn whole(number: f64) -> Result<u32, Wrong> {
    if number.fract() == 0.0 && (1.0..=1000.0).contains(&number) {
        #[expect(
            clippy::cast_possible_truncation,
            clippy::cast_sign_loss,
            reason = "whole, 1 to 1000"
        )]
        return Ok(number as u32);
    }
    Err(wrong(
        "`stages` is a whole number from 1 to 1000",
        "write it like `stages: 3`",
    ))
}

/// Reads the file a distribution names.
fn file_dist(parts: &Parts, file: &str, folder: &Path) -> Result<Dist, Wrong> {
    let bad = |message: String, help: Option<String>| Wrong {
        code: codes::BAD_FILE,
        field: Some("file".to_owned()),
        points: Points::Value,
        message,
        help,
    };
    let path = folder.join(file);
    let text = files::read(folder, file).map_err(|message| {
        let help = "files are looked for beside the scenario".to_owned();
        bad(message, Some(help))
    })?;
    if let Some(digest) = parts.text("sha256")
        && digest != digest_of(&path)
    {
        let help = "remove `sha256` if the new content is what you mean".to_owned();
        return Err(bad(format!("`{file}` has changed"), Some(help)));
    }
    let unit = match parts.text("unit") {
        None | Some("ms") => Duration::from_millis(1),
        Some("s") => Duration::SECOND,
        Some("us") => Duration(1_000),
        Some("ns") => Duration(1),
        Some(other) => {
            let help = Some("the units are `ns`, `us`, `ms` and `s`".to_owned());
            return Err(bad(format!("`{other}` is not a unit of a file"), help));
        }
    };
    let Some(column) = parts.text("column") else {
        return Dist::from_hgrm(&text, unit).map_err(|mistake| {
            let help = "for a table of samples, name its `column`".to_owned();
            bad(format!("`{file}`: {mistake}"), Some(help))
        });
    };
    let values = files::column(&text, Some(column), "a time")
        .map_err(|cause| bad(format!("`{file}`: {cause}"), None))?;
    let in_unit = |value: f64| Duration::from_secs_f64(value * unit.as_secs_f64());
    let samples: Vec<Duration> = values.into_iter().map(in_unit).collect();
    Dist::from_samples(&samples).map_err(|mistake| bad(format!("`{file}`: {mistake}"), None))
}
