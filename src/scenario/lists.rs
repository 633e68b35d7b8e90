//! Reading lists and maps whose items are all of one kind.

use super::check::{At, Checker, is_name};
use super::codes;
use super::grammar::{Choice, Kind, slo, top};
use super::tree::{Node, What};
use super::value::{Data, Item, Value};
use crate::diagnostic::{Diagnostic, Place};

impl Checker<'_> {
    /// Reads a list of words of an enumeration.
    pub(super) fn choices(
        &mut self,
        choices: &'static [Choice],
        node: &Node,
        at: At<'_>,
    ) -> Option<Vec<Value>> {
        let What::List(nodes) = &node.what else {
            self.wrong_shape(node, &format!("`{}`", at.key), "a list");
            return None;
        };
        let mut values = Vec::new();
        for node in nodes {
            let Some(text) = node.text() else {
                self.wrong_shape(node, &format!("`{}`", at.key), "single words");
                continue;
            };
            if let Some(data) = self.choice(choices, text, node.place, at) {
                values.push(Value::of(node.place, data));
            }
        }
        Some(values)
    }

    /// Reads a set of words: the order they were written in means nothing.
    pub(super) fn choice_set(
        &mut self,
        choices: &'static [Choice],
        node: &Node,
        at: At<'_>,
    ) -> Option<Vec<Value>> {
        let mut values = self.choices(choices, node, at)?;
        values.sort_by_key(|value| match value.data {
            Data::Word(word) => choices.iter().position(|choice| choice.word == word),
            _ => None,
        });
        Some(values)
    }

    /// Reads a list of names.
    pub(super) fn names(&mut self, node: &Node, at: At<'_>) -> Option<Vec<Value>> {
        let What::List(nodes) = &node.what else {
            self.wrong_shape(node, &format!("`{}`", at.key), "a list of names");
            return None;
        };
        let mut values = Vec::new();
        for node in nodes {
            match node.text() {
                Some(text) => {
                    if let Some(data) = self.name(text, node) {
                        values.push(Value::of(node.place, data));
                    }
                }
                None => self.wrong_shape(node, &format!("`{}`", at.key), "names"),
            }
        }
        Some(values)
    }

    /// Reads a list of load stages.
    pub(super) fn stages(&mut self, node: &Node, at: At<'_>) -> Option<Vec<Value>> {
        let What::List(nodes) = &node.what else {
            self.wrong_shape(node, &format!("`{}`", at.key), "a list of stages");
            return None;
        };
        let stages = nodes.iter().filter_map(|node| {
            let place = Place {
                end: node.place.end.min(node.place.start + 1),
                ..node.place
            };
            self.record(&top::STAGE, node, "stage", Some(place))
        });
        Some(stages.collect())
    }

    /// Reads a map of texts.
    pub(super) fn text_map(&mut self, node: &Node, at: At<'_>) -> Option<Vec<Item>> {
        let What::Map(pairs) = &node.what else {
            self.wrong_shape(node, &format!("`{}`", at.key), "a map of texts");
            return None;
        };
        let mut items = Vec::new();
        for pair in pairs {
            let at = At {
                key: &pair.key,
                key_place: pair.key_place,
            };
            if let Some(value) = self.value(&Kind::Text, &pair.value, at) {
                items.push(Item {
                    key: pair.key.clone(),
                    key_place: pair.key_place,
                    value,
                });
            }
        }
        Some(items)
    }

    /// Reads a map of SLO lines.
    pub(super) fn slo_map(&mut self, node: &Node, at: At<'_>) -> Option<Value> {
        let What::Map(pairs) = &node.what else {
            self.wrong_shape(node, &format!("`{}`", at.key), "a map of names");
            return None;
        };
        let mut items = Vec::new();
        for pair in pairs {
            if !is_name(&pair.key) {
                let message = format!("`{}` is not a name", pair.key);
                let error = Diagnostic::error(codes::BAD_NAME, message).at(pair.key_place);
                self.report(error.help("names begin with a letter: a-z, 0-9 and _"));
                continue;
            }
            let at = At {
                key: &pair.key,
                key_place: pair.key_place,
            };
            let value = match pair.value.what {
                What::Map(_) => {
                    let owner = format!("slo `{}`", pair.key);
                    let long = self.record(&slo::LINE, &pair.value, &owner, Some(pair.key_place));
                    long.map(alone)
                }
                _ => self.value(&Kind::Slo, &pair.value, at),
            };
            if let Some(value) = value {
                items.push(Item {
                    key: pair.key.clone(),
                    key_place: pair.key_place,
                    value,
                });
            }
        }
        Some(Value::of(node.place, Data::Record(items)))
    }
}

/// The long form of an SLO line that says no more than the line is the line.
fn alone(long: Value) -> Value {
    match (long.items(), long.get("expect")) {
        ([_], Some(line)) => line.clone(),
        _ => long,
    }
}
