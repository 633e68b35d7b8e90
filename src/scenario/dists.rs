//! Distributions as people write them, to [`Dist`] and a canonical form.

use serde_json::{Map as JsonMap, Value as Json};

use super::check::{At, Checker};
use super::codes;
use super::quantity::{self, print_duration, print_share};
use super::suggest::{all_of, closest};
use super::tree::{Node, Pair, What};
use super::value::{Data, Fitted, Value};
use crate::diagnostic::{Diagnostic, Place};
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

/// What a distribution may be made of, quantiles apart.
const FIELDS: &[&str] = &[
    "p50", "p99", "p95", "max", "mean", "cv", "dist", "shape", "min", "stages", "mix", "file",
    "column", "unit", "share",
];

/// The deepest nesting of `mix`.
const MIX_DEPTH: u8 = 3;
/// The largest file read, in bytes.
const FILE_MAX: u64 = 64 << 20;

/// The fields of a long form, read.
#[derive(Default)]
struct Parts {
    quantiles: Vec<(f64, String, Duration)>,
    spans: Vec<(&'static str, Duration)>,
    numbers: Vec<(&'static str, f64)>,
    texts: Vec<(&'static str, String, Place)>,
    mix: Option<Vec<(String, f64, Fitted)>>,
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

    fn text(&self, key: &str) -> Option<&str> {
        let found = self.texts.iter().find(|(name, ..)| *name == key);
        found.map(|(_, text, _)| text.as_str())
    }

    fn canonical(&self) -> Json {
        let mut map = JsonMap::new();
        for (key, text, _) in &self.texts {
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

impl Checker<'_> {
    /// Reads a distribution.
    pub(super) fn dist(&mut self, node: &Node, at: At<'_>) -> Option<Value> {
        let fitted = match &node.what {
            What::Scalar(scalar) => self.dist_short(&scalar.text, node)?,
            What::Map(pairs) => self.dist_long(pairs, node.place, MIX_DEPTH)?,
            _ => {
                self.wrong_shape(
                    node,
                    &format!("`{}`", at.key),
                    "a duration or a distribution",
                );
                return None;
            }
        };
        Some(Value {
            place: node.place,
            written: true,
            data: Data::Dist(Box::new(fitted)),
        })
    }

    fn span(&mut self, text: &str, place: Place) -> Option<Duration> {
        match quantity::duration(text) {
            Ok(span) => Some(span),
            Err(unfit) => {
                self.unfit(unfit, place, "a duration");
                None
            }
        }
    }

    fn dist_short(&mut self, text: &str, node: &Node) -> Option<Fitted> {
        let trimmed = text.trim();
        let Some((word, rest)) = trimmed.split_once(char::is_whitespace) else {
            let span = self.span(trimmed, node.place)?;
            return Some(Fitted {
                dist: Dist::constant(span),
                canonical: print_duration(span).into(),
            });
        };
        let rest = rest.trim();
        let offset = text.len() - text.trim_end().len();
        let start = text.len() - offset - rest.len();
        let place = node.part(start, start + rest.len());
        match word {
            "exponential" => {
                let mean = self.span(rest, place)?;
                Some(Fitted {
                    dist: Dist::exponential(mean),
                    canonical: format!("exponential {}", print_duration(mean)).into(),
                })
            }
            "uniform" => {
                let Some((low, high)) = rest.split_once("..") else {
                    let message = format!("`{rest}` is not a range");
                    let error = Diagnostic::error(codes::BAD_QUANTITY, message).at(place);
                    self.report(error.help("write it like `uniform 10ms..30ms`"));
                    return None;
                };
                let (low, high) = (
                    self.span(low.trim(), place)?,
                    self.span(high.trim(), place)?,
                );
                let dist = self.fit(Dist::uniform(low, high), place)?;
                let canonical =
                    format!("uniform {}..{}", print_duration(low), print_duration(high)).into();
                Some(Fitted { dist, canonical })
            }
            _ => {
                let message = format!("`{trimmed}` is neither a duration nor a distribution");
                let words = ["exponential", "uniform"];
                let help = match closest(word, words) {
                    Some(word) => format!("did you mean `{word} {rest}`?"),
                    None => {
                        "short forms are `20ms`, `exponential 20ms` and `uniform 10ms..30ms`".into()
                    }
                };
                let error = Diagnostic::error(codes::BAD_DIST, message).at(node.place);
                self.report(error.help(help));
                None
            }
        }
    }

    /// Hands on a distribution, or reports why there is none.
    fn fit(&mut self, fitted: Result<Dist, String>, place: Place) -> Option<Dist> {
        match fitted {
            Ok(dist) => Some(dist),
            Err(mistake) => {
                self.report(Diagnostic::error(codes::BAD_DIST, mistake).at(place));
                None
            }
        }
    }

    fn dist_long(&mut self, pairs: &[Pair], place: Place, depth: u8) -> Option<Fitted> {
        let n_before = self.diagnostics.len();
        let mut parts = Parts::default();
        for pair in pairs {
            self.part(pair, &mut parts, depth);
        }
        if self.diagnostics.len() > n_before
            || pairs.iter().any(|pair| pair.value.what == What::Broken)
        {
            return None;
        }
        parts.quantiles.sort_by(|a, b| a.0.total_cmp(&b.0));
        let canonical = parts.canonical();
        let dist = match shape_of(&parts, self) {
            Ok(dist) => dist,
            Err(wrong) => {
                let field = wrong.field.as_deref();
                let pair = pairs.iter().find(|pair| Some(pair.key.as_str()) == field);
                let place = match (pair, wrong.points) {
                    (Some(pair), Points::Key) => pair.key_place,
                    (Some(pair), Points::Value) => pair.value.place,
                    (None, _) => place,
                };
                let error = Diagnostic::error(wrong.code, wrong.message).at(place);
                self.report(match wrong.help {
                    Some(help) => error.help(help),
                    None => error,
                });
                return None;
            }
        };
        Some(Fitted { dist, canonical })
    }

    /// Reads one field of a long form.
    fn part(&mut self, pair: &Pair, parts: &mut Parts, depth: u8) {
        let key = FIELDS.iter().copied().find(|field| *field == pair.key);
        let quantile = pair.key.strip_prefix('p').and_then(quantile_of);
        if pair.value.what == What::Broken || pair.key == "share" {
            return;
        }
        let text = pair.value.text();
        match (quantile, key, text) {
            (Some(q), _, Some(text)) => {
                if let Some(span) = self.span(text, pair.value.place) {
                    parts.quantiles.push((q, pair.key.clone(), span));
                }
            }
            (_, Some(key @ ("max" | "mean" | "min")), Some(text)) => {
                if let Some(span) = self.span(text, pair.value.place) {
                    parts.spans.push((key, span));
                }
            }
            (_, Some(key @ ("cv" | "shape" | "stages")), Some(text)) => {
                match quantity::plain_number(text) {
                    Ok(number) => parts.numbers.push((key, number)),
                    Err(unfit) => self.unfit(unfit, pair.value.place, "a number"),
                }
            }
            (_, Some(key @ ("dist" | "file" | "column" | "unit")), Some(text)) => {
                parts.texts.push((key, text.to_owned(), pair.value.place));
            }
            (_, Some("mix"), None) => self.mix(&pair.value, parts, depth),
            (None, None, _) => {
                let message = format!("unknown field `{}` in a distribution", pair.key);
                let error = Diagnostic::error(codes::UNKNOWN_FIELD, message).at(pair.key_place);
                self.report(
                    error.help(match closest(&pair.key, FIELDS.iter().copied()) {
                        Some(field) => format!("a field with a similar name exists: `{field}`"),
                        None => "give quantiles like `{ p50: 12ms, p99: 80ms }`".to_owned(),
                    }),
                );
            }
            _ => self.wrong_shape(&pair.value, &format!("`{}`", pair.key), "a single value"),
        }
    }

    fn mix(&mut self, node: &Node, parts: &mut Parts, depth: u8) {
        let What::Map(pairs) = &node.what else {
            self.wrong_shape(node, "`mix`", "a map of names");
            return;
        };
        if depth == 0 {
            let message = "mixes within mixes within mixes";
            self.report(Diagnostic::error(codes::LIMIT, message).at(node.place));
            return;
        }
        let mut mix = Vec::new();
        for pair in pairs {
            let What::Map(fields) = &pair.value.what else {
                self.wrong_shape(
                    &pair.value,
                    &format!("`{}`", pair.key),
                    "a map with `share`",
                );
                continue;
            };
            let share = fields.iter().find(|field| field.key == "share");
            let share = match share.map(|field| (field.value.text(), field.value.place)) {
                Some((Some(text), place)) => match quantity::share(text) {
                    Ok(share) => share,
                    Err(unfit) => {
                        self.unfit(unfit, place, "a share");
                        continue;
                    }
                },
                _ => {
                    let message = format!("`share` is missing in `{}`", pair.key);
                    self.report(Diagnostic::error(codes::MISSING, message).at(pair.key_place));
                    continue;
                }
            };
            let value = fields.iter().find(|field| field.key == "value");
            let fitted = match value {
                Some(value) => self.mix_value(value, fields),
                None => self.dist_long(fields, pair.value.place, depth - 1),
            };
            if let Some(fitted) = fitted {
                mix.push((pair.key.clone(), share, fitted));
            }
        }
        parts.mix = Some(mix);
    }

    /// Reads `value`, the short form within a part of a mix, beside which only `share` may stand.
    fn mix_value(&mut self, value: &Pair, fields: &[Pair]) -> Option<Fitted> {
        let other = fields
            .iter()
            .find(|field| !matches!(field.key.as_str(), "value" | "share"));
        if let Some(other) = other {
            let message = format!("`{}` does not go with `value`", other.key);
            let error = Diagnostic::error(codes::BAD_DIST, message).at(other.key_place);
            self.report(error.help("write one of the two"));
            return None;
        }
        let Some(text) = value.value.text() else {
            self.wrong_shape(&value.value, "`value`", "a single value");
            return None;
        };
        self.dist_short(text, &value.value)
    }

    /// Reads the file a distribution names.
    fn file_dist(&mut self, parts: &Parts, file: &str) -> Result<Dist, Wrong> {
        let bad = |message: String, help: Option<String>| Wrong {
            code: codes::BAD_FILE,
            field: Some("file".to_owned()),
            points: Points::Value,
            message,
            help,
        };
        let path = self.folder.join(file);
        let size = std::fs::metadata(&path).map(|found| found.len());
        let text = match size {
            Ok(size) if size > FILE_MAX => Err("it is larger than 64 MiB".to_owned()),
            Ok(_) => std::fs::read_to_string(&path).map_err(|error| error.to_string()),
            Err(error) => Err(error.to_string()),
        };
        let text = text.map_err(|cause| {
            let help = "files are looked for beside the scenario".to_owned();
            bad(
                format!("cannot read `{file}`: {}", cause.to_lowercase()),
                Some(help),
            )
        })?;
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
        let samples = samples(&text, column, unit)
            .map_err(|cause| bad(format!("`{file}`: {cause}"), None))?;
        Dist::from_samples(&samples).map_err(|mistake| bad(format!("`{file}`: {mistake}"), None))
    }
}

/// The samples of a CSV column.
fn samples(text: &str, column: &str, unit: Duration) -> Result<Vec<Duration>, String> {
    let mut reader = csv::Reader::from_reader(text.as_bytes());
    let headers = reader.headers().map_err(|error| error.to_string())?.clone();
    let Some(index) = headers.iter().position(|name| name.trim() == column) else {
        return Err(format!(
            "it has no column `{column}`; its columns are {}",
            all_of(headers.iter())
        ));
    };
    let mut samples = Vec::new();
    for (row, record) in reader.records().enumerate() {
        let record = record.map_err(|error| error.to_string())?;
        let cell = record.get(index).unwrap_or("").trim();
        let value: f64 = cell
            .parse()
            .ok()
            .filter(|value: &f64| value.is_finite() && *value >= 0.0)
            .ok_or_else(|| format!("row {}: `{cell}` is not a time", row + 2))?;
        samples.push(Duration::from_secs_f64(value * unit.as_secs_f64()));
    }
    Ok(samples)
}

/// Where in a field a mistake is.
#[derive(Clone, Copy)]
enum Points {
    Key,
    Value,
}

/// Why fields make no distribution.
struct Wrong {
    code: &'static str,
    /// The field to point at; the whole distribution if `None`.
    field: Option<String>,
    /// At its key or its value?
    points: Points,
    message: String,
    help: Option<String>,
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

/// `50` → 0.5, `99.9` → 0.999.
fn quantile_of(percent: &str) -> Option<f64> {
    let value = quantity::share(&format!("{percent}%")).ok()?;
    (value > 0.0 && value < 1.0).then_some(value)
}

/// Refuses fields that the form does not use.
fn only(parts: &Parts, allowed: &[&str], form: &str) -> Result<(), Wrong> {
    let quantiles = parts.quantiles.iter().map(|(_, key, _)| key.as_str());
    let spans = parts.spans.iter().map(|(key, _)| *key);
    let numbers = parts.numbers.iter().map(|(key, _)| *key);
    let texts = parts.texts.iter().map(|(key, ..)| *key);
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

fn shape_of(parts: &Parts, checker: &mut Checker<'_>) -> Result<Dist, Wrong> {
    if let Some(file) = parts.text("file") {
        only(parts, &["file", "column", "unit"], "`file`")?;
        return checker.file_dist(parts, file);
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
