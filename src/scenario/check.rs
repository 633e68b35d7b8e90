//! The checker: walks a tree along the grammar, reads every text into its kind, fills in static defaults, and reports
//! whatever does not fit. One mistake gives one diagnostic.

use std::path::Path;

use super::codes;
use super::grammar::{Default, Field, Keys, Record, Support};
use super::quantity::{Unfit, Why};
use super::suggest::{all_of, closest};
use super::tree::{Node, What};
use super::value::{Data, Item, Value};
use crate::diagnostic::{Diagnostic, Place};

/// Reads trees; collects what is wrong.
pub(super) struct Checker<'a> {
    /// What is wrong so far.
    pub(super) diagnostics: &'a mut Vec<Diagnostic>,
    /// Where files that the scenario names are looked for.
    pub(super) folder: &'a Path,
    /// Is this a variant's whole view, where required fields must stand?
    pub(super) whole: bool,
}

/// The field being read, for messages.
#[derive(Clone, Copy)]
pub(super) struct At<'a> {
    /// The key.
    pub(super) key: &'a str,
    /// Where it stands.
    pub(super) key_place: Place,
}

impl Checker<'_> {
    /// Reports an error.
    pub(super) fn report(&mut self, diagnostic: Diagnostic) {
        self.diagnostics.push(diagnostic);
    }

    /// Reads a record's map. `owner` names it in messages, `key_place` is where a missing field is reported (`None`: in
    /// the file as a whole).
    pub(super) fn record(
        &mut self,
        record: &'static Record,
        node: &Node,
        owner: &str,
        key_place: Option<Place>,
    ) -> Option<Value> {
        let What::Map(pairs) = &node.what else {
            self.wrong_shape(node, owner, "a map");
            return None;
        };
        let mut items = Vec::with_capacity(record.fields.len());
        let mut has_later = false;
        for pair in pairs {
            let at = At {
                key: &pair.key,
                key_place: pair.key_place,
            };
            let Some(field) = record.field(&pair.key) else {
                self.unknown_field(record, owner, at);
                continue;
            };
            if let Support::Later(help) = field.support {
                self.unsupported(field.key, pair.key_place, help);
                has_later = true;
                continue;
            }
            if let Some(value) = self.value(&field.kind, &pair.value, at) {
                items.push(Item {
                    key: pair.key.clone(),
                    key_place: pair.key_place,
                    value,
                });
            }
        }
        // What is missing in an entry beside something not supported yet may not be wanted with it.
        let whole = self.whole;
        self.whole &= !(has_later && key_place.is_some());
        self.fill(record, node, owner, key_place, &mut items);
        self.whole = whole;
        Some(Value {
            place: node.place,
            written: true,
            data: Data::Record(items),
        })
    }

    /// Reports missing fields and adds defaults.
    fn fill(
        &mut self,
        record: &'static Record,
        node: &Node,
        owner: &str,
        key_place: Option<Place>,
        items: &mut Vec<Item>,
    ) {
        for field in record.fields {
            if node.pair(field.key).is_some() {
                continue;
            }
            let is_required = match field.default {
                Default::Required => self.whole,
                Default::RequiredUnless(others) => {
                    self.whole && others.iter().all(|other| node.pair(other).is_none())
                }
                _ => false,
            };
            match field.default {
                _ if is_required => {
                    let message = format!("`{}` is missing in {owner}", field.key);
                    let error =
                        Diagnostic::error(codes::MISSING, message).help(missing_help(field));
                    self.report(match key_place {
                        Some(place) => error.at(place),
                        None => error,
                    });
                }
                Default::Static(text) => {
                    let place = key_place.unwrap_or(node.place);
                    let at = At {
                        key: field.key,
                        key_place: place,
                    };
                    let value = self
                        .value(&field.kind, &Node::plain(place, text), at)
                        .expect("defaults of the grammar are valid");
                    items.push(Item {
                        key: field.key.to_owned(),
                        key_place: place,
                        value: value.into_default(place),
                    });
                }
                _ => {}
            }
        }
    }

    /// Reads a map from names to records.
    pub(super) fn map(
        &mut self,
        record: &'static Record,
        keys: Keys,
        node: &Node,
        at: At<'_>,
    ) -> Option<Value> {
        let What::Map(pairs) = &node.what else {
            self.wrong_shape(node, &format!("`{}`", at.key), "a map of names");
            return None;
        };
        let mut items = Vec::with_capacity(pairs.len());
        for pair in pairs {
            let Some(key) = self.key(keys, &pair.key, pair.key_place) else {
                continue;
            };
            if pair.value.what == What::Broken {
                continue;
            }
            let owner = format!("{} `{key}`", record.what);
            let n_before = self.diagnostics.len();
            if let Some(value) = self.record(record, &pair.value, &owner, Some(pair.key_place)) {
                // What seems missing may be what is wrong.
                if self.diagnostics.len() == n_before {
                    self.relations(record, &value, &owner, pair.key_place);
                }
                items.push(Item {
                    key,
                    key_place: pair.key_place,
                    value,
                });
            }
        }
        Some(Value {
            place: node.place,
            written: true,
            data: Data::Record(items),
        })
    }

    /// Checks a key of a map; the key in its canonical form.
    fn key(&mut self, keys: Keys, key: &str, place: Place) -> Option<String> {
        let canonical = match keys {
            Keys::Names | Keys::Steps => is_name(key).then(|| key.to_owned()),
            Keys::Patterns => pattern(key),
        };
        if canonical.is_none() {
            let like = snake(key);
            let help = match keys {
                Keys::Patterns => "write a step, \"*\" for all, or \"a -> b\"".to_owned(),
                _ if is_name(&like) => format!("did you mean `{like}`?"),
                _ => "names begin with a letter: a-z, 0-9 and _".to_owned(),
            };
            let message = format!("`{key}` is not a name");
            self.report(
                Diagnostic::error(codes::BAD_NAME, message)
                    .at(place)
                    .help(help),
            );
        }
        canonical
    }

    /// `x` takes …, not ….
    pub(super) fn wrong_shape(&mut self, node: &Node, what: &str, wanted: &str) {
        if matches!(node.what, What::Broken | What::Null) {
            return;
        }
        let message = format!("{what} takes {wanted}, not {}", node.shape());
        let place = match node.what {
            What::Scalar(_) => node.place,
            _ => Place {
                end: node.place.end.min(node.place.start + 1),
                ..node.place
            },
        };
        let error = Diagnostic::error(codes::WRONG_SHAPE, message).at(place);
        self.report(error.label(format!("expected {wanted}")));
    }

    /// `x` is not supported yet.
    pub(super) fn unsupported(&mut self, what: &str, place: Place, help: &str) {
        let message = format!("`{what}` is not supported yet");
        let error = Diagnostic::error(codes::UNSUPPORTED, message).at(place);
        self.report(if help.is_empty() {
            error
        } else {
            error.help(format!("for now: {help}"))
        });
    }

    /// A quantity does not fit.
    pub(super) fn unfit(&mut self, unfit: Unfit, place: Place, wanted: &str) {
        let code = match unfit.why {
            Why::NoUnit => codes::NO_UNIT,
            Why::Form | Why::Range => codes::BAD_QUANTITY,
        };
        let mut error = Diagnostic::error(code, unfit.message).at(place);
        error.help = unfit.help;
        self.report(match unfit.why {
            Why::NoUnit if wanted == "a share" => error.label("a share needs a percent sign"),
            Why::NoUnit => error.label(format!("{wanted} needs a unit")),
            Why::Form => error.label(format!("expected {wanted}")),
            Why::Range => error,
        });
    }

    fn unknown_field(&mut self, record: &'static Record, owner: &str, at: At<'_>) {
        let message = format!("unknown field `{}` in {owner}", at.key);
        let error = Diagnostic::error(codes::UNKNOWN_FIELD, message).at(at.key_place);
        let help = match closest(at.key, record.fields.iter().map(|field| field.key)) {
            Some(field) => format!("a field with a similar name exists: `{field}`"),
            None => format!("the fields here are {}", all_of(built(record))),
        };
        self.report(error.help(help));
    }
}

/// "add `duration`: the measured window".
fn missing_help(field: &Field) -> String {
    let doc = field.doc.trim_end_matches('.');
    let mut chars = doc.chars();
    let first = chars.next().map(|c| c.to_ascii_lowercase());
    let doc: String = first.into_iter().chain(chars).collect();
    format!("add `{}`: {doc}", field.key)
}

/// The keys that work.
fn built(record: &'static Record) -> impl Iterator<Item = &'static str> {
    let works = |field: &&Field| field.support.is_built();
    record.fields.iter().filter(works).map(|field| field.key)
}

/// A name: `[a-z][a-z0-9_]*`.
pub(super) fn is_name(text: &str) -> bool {
    text.starts_with(|c: char| c.is_ascii_lowercase())
        && text
            .chars()
            .all(|c| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '_')
}

/// A likely name for a text: `Order-Service` and `orderService` give `order_service`.
pub(super) fn snake(text: &str) -> String {
    let mut name = String::new();
    let mut after_lower = false;
    for c in text.trim().chars() {
        if c.is_ascii_alphanumeric() {
            if c.is_ascii_uppercase() && after_lower {
                name.push('_');
            }
            after_lower = !c.is_ascii_uppercase();
            name.push(c.to_ascii_lowercase());
        } else if !name.is_empty() && !name.ends_with('_') {
            name.push('_');
            after_lower = false;
        }
    }
    name.trim_end_matches('_').to_owned()
}

/// A step, `*`, or `a -> b` with one blank on each side of the arrow.
pub(super) fn pattern(text: &str) -> Option<String> {
    let end = |end: &str| end == "*" || is_name(end);
    match text.split_once("->") {
        Some((from, to)) => {
            let (from, to) = (from.trim(), to.trim());
            (end(from) && end(to)).then(|| format!("{from} -> {to}"))
        }
        None => end(text).then(|| text.to_owned()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_and_what_was_likely_meant_by_other_texts() {
        assert!(is_name("order_service2"));
        assert!(!is_name("2fast") && !is_name("Order") && !is_name("a-b") && !is_name(""));
        assert_eq!(snake("Order-Service"), "order_service");
        assert_eq!(snake("orderService"), "order_service");
        assert_eq!(pattern("a->b"), Some("a -> b".into()));
        assert_eq!(pattern("* -> b"), Some("* -> b".into()));
        assert_eq!(pattern("a -> b -> c"), None);
    }
}
