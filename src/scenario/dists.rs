//! Distributions as people write them, to [`Dist`] and a canonical form.

use super::check::{At, Checker};
use super::codes;
use super::dist_shape::{Parts, Points, shape_of};
use super::files::digest_of;
use super::quantity::{self, print_duration};
use super::suggest::closest;
use super::tree::{Node, Pair, What};
use super::value::{Data, Fitted, Value};
use crate::diagnostic::{Diagnostic, Place};
use crate::kernel::dist::Dist;
use crate::kernel::time::Duration;

/// What a distribution may be made of, quantiles apart.
const FIELDS: &[&str] = &[
    "p50", "p99", "p95", "max", "mean", "cv", "dist", "shape", "min", "stages", "mix", "file",
    "column", "unit", "share", "sha256",
];

/// The deepest nesting of `mix`.
const MIX_DEPTH: u8 = 3;

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
        let dist = match shape_of(&parts, self.folder) {
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
        // A file's content is part of what is simulated, so its digest is part of the canonical form.
        if let Some(text) = parts.text("file").map(str::to_owned)
            && parts.text("sha256").is_none()
        {
            let digest = digest_of(&self.folder.join(text));
            parts.texts.push(("sha256", digest));
        }
        Some(Fitted {
            dist,
            canonical: parts.canonical(),
        })
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
            (_, Some(key @ ("dist" | "file" | "column" | "unit" | "sha256")), Some(text)) => {
                parts.texts.push((key, text.to_owned()));
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
            let share = if let Some((Some(text), place)) =
                share.map(|field| (field.value.text(), field.value.place))
            {
                match quantity::share(text) {
                    Ok(share) => share,
                    Err(unfit) => {
                        self.unfit(unfit, place, "a share");
                        continue;
                    }
                }
            } else {
                let message = format!("`share` is missing in `{}`", pair.key);
                self.report(Diagnostic::error(codes::MISSING, message).at(pair.key_place));
                continue;
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
}

/// `50` → 0.5, `99.9` → 0.999.
fn quantile_of(percent: &str) -> Option<f64> {
    let value = quantity::share(&format!("{percent}%")).ok()?;
    (value > 0.0 && value < 1.0).then_some(value)
}
