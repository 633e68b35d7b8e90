//! Lists of flow steps: names, `name: {…}`, nested lists and `{ parallel: […], need: … }`.

use super::check::{At, Checker, is_name, snake};
use super::codes;
use super::grammar::top::STEP;
use super::grammar::{Default, Kind};
use super::tree::{Node, Pair, What};
use super::value::{Data, Item, Value};
use crate::diagnostic::{Diagnostic, Place};

/// `need: any`, `need: 2`.
static NEED: Kind = Kind::Count {
    least: 1,
    unlimited: false,
};

impl Checker<'_> {
    /// Reads a list of steps. A step becomes a map of one entry, its name; a parallel item one with `parallel` and `need`.
    pub(super) fn steps(&mut self, node: &Node, at: At<'_>) -> Option<Value> {
        let What::List(nodes) = &node.what else {
            self.wrong_shape(node, &format!("`{}`", at.key), "a list of steps");
            return None;
        };
        let items = nodes.iter().filter_map(|node| self.item(node));
        Some(Value::of(node.place, Data::List(items.collect())))
    }

    fn item(&mut self, node: &Node) -> Option<Value> {
        match &node.what {
            What::List(branches) => Some(self.parallel(branches, None, node.place)),
            What::Map(pairs) if pairs.iter().any(|pair| pair.key == "parallel") => {
                self.parallel_long(pairs, node.place)
            }
            _ => self.step(node),
        }
    }

    fn parallel_long(&mut self, pairs: &[Pair], place: Place) -> Option<Value> {
        let mut branches = None;
        let mut need = None;
        for pair in pairs {
            let at = At {
                key: &pair.key,
                key_place: pair.key_place,
            };
            match pair.key.as_str() {
                "parallel" => match &pair.value.what {
                    What::List(nodes) => branches = Some(nodes),
                    _ => self.wrong_shape(&pair.value, "`parallel`", "a list of steps"),
                },
                "need" => need = self.need(&pair.value, at),
                other => {
                    let message = format!("unknown field `{other}` in a parallel step");
                    self.report(
                        Diagnostic::error(codes::UNKNOWN_FIELD, message)
                            .at(pair.key_place)
                            .help("the fields here are `parallel` and `need`"),
                    );
                }
            }
        }
        let branches = branches?;
        if let Some((Data::Count(n), place)) = need.as_ref().map(|need| (&need.data, need.place))
            && *n as usize > branches.len()
        {
            let message = format!("needs {n} of {} branches", branches.len());
            self.report(Diagnostic::error(codes::CONTRADICTION, message).at(place));
        }
        Some(self.parallel(branches, need, place))
    }

    fn need(&mut self, node: &Node, at: At<'_>) -> Option<Value> {
        match node.text() {
            Some("all") => Some(Value::of(node.place, Data::Word("all"))),
            Some("any") => Some(Value::of(node.place, Data::Count(1))),
            _ => self.value(&NEED, node, at),
        }
    }

    fn parallel(&mut self, branches: &[Node], need: Option<Value>, place: Place) -> Value {
        let mut steps = Vec::new();
        for node in branches {
            if let What::List(_) = node.what {
                let message = "a list within a parallel list";
                let error = Diagnostic::error(codes::UNSUPPORTED, message)
                    .at(Place {
                        end: node.place.end.min(node.place.start + 1),
                        ..node.place
                    })
                    .label("not supported yet");
                self.report(error.help("for now: give the first step of the branch a `then`"));
                continue;
            }
            steps.extend(self.step(node));
        }
        let need = need.unwrap_or_else(|| Value::of(place, Data::Word("all")).into_default(place));
        let entry = |key: &str, value| Item {
            key: key.to_owned(),
            key_place: place,
            value,
        };
        let branches = entry("parallel", Value::of(place, Data::List(steps)));
        let items = vec![branches, entry("need", need)];
        Value::of(place, Data::Record(items))
    }

    fn step(&mut self, node: &Node) -> Option<Value> {
        match &node.what {
            What::Scalar(scalar) => {
                self.step_name(&scalar.text, node.place)?;
                let empty = Node::empty_map(node.place);
                self.step_of(&scalar.text, node.place, &empty, node.place)
            }
            What::Map(pairs) => match pairs.as_slice() {
                [pair] => {
                    self.step_name(&pair.key, pair.key_place)?;
                    if matches!(pair.value.what, What::Broken | What::Null) {
                        return None;
                    }
                    self.step_of(&pair.key, pair.key_place, &pair.value, node.place)
                }
                [_, second, ..] => {
                    let message = "a step has one name";
                    let error = Diagnostic::error(codes::WRONG_SHAPE, message).at(second.key_place);
                    self.report(
                        error.help("write `name: { … }`, with its fields inside the brackets"),
                    );
                    None
                }
                [] => None,
            },
            What::List(_) | What::Null | What::Broken => None,
        }
    }

    fn step_name(&mut self, name: &str, place: Place) -> Option<()> {
        if is_name(name) {
            return Some(());
        }
        let message = format!("`{name}` is not a name");
        let error = Diagnostic::error(codes::BAD_NAME, message).at(place);
        let like = snake(name);
        self.report(error.help(if is_name(&like) {
            format!("did you mean `{like}`?")
        } else {
            "names begin with a letter: a-z, 0-9 and _".to_owned()
        }));
        None
    }

    fn step_of(
        &mut self,
        name: &str,
        key_place: Place,
        node: &Node,
        place: Place,
    ) -> Option<Value> {
        let owner = format!("step `{name}`");
        let mut value = self.record(&STEP, node, &owner, Some(key_place))?;
        if let Data::Record(items) = &mut value.data
            && !items.iter().any(|item| item.key == "service")
            && STEP
                .field("service")
                .is_some_and(|field| matches!(field.default, Default::Rule(_)))
        {
            let service = Value::of(key_place, Data::Text(name.to_owned()));
            items.push(Item {
                key: "service".to_owned(),
                key_place,
                value: service.into_default(key_place),
            });
        }
        let item = Item {
            key: name.to_owned(),
            key_place,
            value,
        };
        Some(Value::of(place, Data::Record(vec![item])))
    }
}
