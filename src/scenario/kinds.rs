//! Reading one value of each kind, and the relations between fields of one record.

use super::check::{At, Checker, is_name, pattern};
use super::codes;
use super::grammar::{Choice, Kind, Record, Support, faults, slo, top, wiring};
use super::quantity::{self, Unfit, Why};
use super::suggest::{all_of, closest, one_of};
use super::tree::{Node, What};
use super::value::{Data, Item, Value};
use crate::diagnostic::{Diagnostic, Place};
use crate::kernel::time::Duration;
use crate::kernel::units::Change;
use crate::policies::retry::Backoff;

impl Checker<'_> {
    /// Reads a value; `None` after a mistake (reported) or where one was reported before.
    pub(super) fn value(&mut self, kind: &'static Kind, node: &Node, at: At<'_>) -> Option<Value> {
        if matches!(node.what, What::Broken | What::Null) {
            return None;
        }
        let data = match kind {
            Kind::Record(record) => {
                let value =
                    self.record(record, node, &format!("`{}`", at.key), Some(at.key_place))?;
                self.relations(record, &value, &format!("`{}`", at.key), at.key_place);
                return Some(value);
            }
            Kind::Map(record, keys) => return self.map(record, *keys, node, at),
            Kind::NoneOr(record) => match node.text() {
                Some("none") => Data::Word("none"),
                Some(text) => {
                    let message = format!("`{}` takes `none` or a map, not `{text}`", at.key);
                    let keys = record.fields.iter().take(2).map(|field| field.key);
                    let help = format!("write `none`, or a map with {}", one_of(keys));
                    self.report(
                        Diagnostic::error(codes::WRONG_SHAPE, message)
                            .at(node.place)
                            .help(help),
                    );
                    return None;
                }
                None => {
                    return self.record(record, node, &format!("`{}`", at.key), Some(at.key_place));
                }
            },
            Kind::Dist => return self.dist(node, at),
            Kind::Steps => return self.steps(node, at),
            Kind::Slo => return self.slo_line(node, at),
            Kind::SloMap => return self.slo_map(node, at),
            Kind::Backoff => self.backoff(node, at)?,
            Kind::Names => Data::List(self.names(node, at)?),
            Kind::AllOrNames => match node.text() {
                Some("all") => Data::Word("all"),
                Some(_) => {
                    self.wrong_shape(node, &format!("`{}`", at.key), "`all` or a list of steps");
                    return None;
                }
                None => Data::List(self.names(node, at)?),
            },
            Kind::Choices(choices) => Data::List(self.choices(choices, node, at)?),
            Kind::Stages => Data::List(self.stages(node, at)?),
            Kind::TextMap => Data::Record(self.text_map(node, at)?),
            Kind::Variants | Kind::Anything => return None,
            scalar => self.scalar(scalar, node, at)?,
        };
        Some(Value {
            place: node.place,
            written: true,
            data,
        })
    }

    /// Reads a kind that is one text.
    fn scalar(&mut self, kind: &'static Kind, node: &Node, at: At<'_>) -> Option<Data> {
        let What::Scalar(scalar) = &node.what else {
            self.wrong_shape(node, &format!("`{}`", at.key), noun(kind));
            return None;
        };
        let text = scalar.text.as_str();
        let read: Result<Data, Unfit> = match kind {
            Kind::Text => return Some(Data::Text(text.to_owned())),
            Kind::Bool => return self.boolean(text, scalar.quoted, node, at),
            Kind::Name => return self.name(text, node, at),
            Kind::Target => return self.target(text, node),
            Kind::Choice(choices) => return self.choice(choices, text, node.place, at),
            Kind::Change => return self.change(text, node),
            Kind::Version => return self.version(text, node),
            Kind::Duration { never, zero } => {
                if never.is_some_and(|word| word == text) {
                    return Some(Data::Duration(Duration::MAX));
                }
                quantity::duration(text).and_then(|span| {
                    if span.is_zero() && !zero {
                        let help = never.map(|word| format!("for no limit write `{word}`"));
                        return Err(out_of_range(text, "must be longer than zero", help));
                    }
                    Ok(Data::Duration(span))
                })
            }
            Kind::Rate => quantity::rate(text).map(Data::Rate),
            Kind::Share => quantity::share(text).map(Data::Share),
            Kind::Count {
                unlimited: true, ..
            } if text == "unlimited" => Ok(Data::Count(u32::MAX)),
            Kind::Count { least, unlimited } => count(text, *least, *unlimited),
            Kind::Seed => text
                .parse::<u64>()
                .map(Data::Whole)
                .map_err(|_| out_of_range(text, "is not a whole number of 64 bits", None)),
            Kind::Factor => quantity::plain_number(text).and_then(|number| {
                if number >= 1.0 && number <= 1e6 {
                    Ok(Data::Number(number))
                } else {
                    Err(out_of_range(text, "must be from 1 to 1000000", None))
                }
            }),
            _ => unreachable!("kinds of more than one text are read by `value`"),
        };
        match read {
            Ok(data) => Some(data),
            Err(unfit) => {
                self.unfit(unfit, node.place, noun(kind));
                None
            }
        }
    }

    fn boolean(&mut self, text: &str, quoted: bool, node: &Node, at: At<'_>) -> Option<Data> {
        match text {
            "true" if !quoted => return Some(Data::Bool(true)),
            "false" if !quoted => return Some(Data::Bool(false)),
            _ => {}
        }
        let message = format!("`{}` takes `true` or `false`, not `{text}`", at.key);
        self.report(Diagnostic::error(codes::UNKNOWN_CHOICE, message).at(node.place));
        None
    }

    fn name(&mut self, text: &str, node: &Node, at: At<'_>) -> Option<Data> {
        if at.key == "via" && matches!(text, "webhook" | "stream") {
            self.unsupported(
                &format!("via: {text}"),
                node.place,
                "name a broker of `kind: queue`",
            );
            return None;
        }
        if is_name(text) {
            return Some(Data::Text(text.to_owned()));
        }
        let message = format!("`{text}` is not a name");
        let error = Diagnostic::error(codes::BAD_NAME, message).at(node.place);
        self.report(error.help("names begin with a letter: a-z, 0-9 and _"));
        None
    }

    fn target(&mut self, text: &str, node: &Node) -> Option<Data> {
        if text == "discovery" {
            self.unsupported("target: discovery", node.place, "");
            return None;
        }
        if let Some(target) = pattern(text).filter(|target| !target.contains('*')) {
            return Some(Data::Text(target));
        }
        let message = format!("`{text}` is not a target");
        let error = Diagnostic::error(codes::BAD_NAME, message).at(node.place);
        self.report(error.help("write a service, a broker, or a link `a -> b`"));
        None
    }

    /// Reads a word of an enumeration.
    pub(super) fn choice(
        &mut self,
        choices: &'static [Choice],
        text: &str,
        place: Place,
        at: At<'_>,
    ) -> Option<Data> {
        if let Some(choice) = choices.iter().find(|choice| choice.word == text) {
            if let Support::Later(help) = choice.support {
                self.unsupported(&format!("{}: {text}", at.key), place, help);
                return None;
            }
            return Some(Data::Word(choice.word));
        }
        let works = choices
            .iter()
            .filter(|choice| matches!(choice.support, Support::Built))
            .map(|choice| choice.word);
        let message = format!("`{}` cannot be `{text}`", at.key);
        let help = match closest(text, choices.iter().map(|choice| choice.word)) {
            Some(word) => format!("did you mean `{word}`? the choices are {}", all_of(works)),
            None => format!("the choices are {}", all_of(works)),
        };
        self.report(
            Diagnostic::error(codes::UNKNOWN_CHOICE, message)
                .at(place)
                .help(help),
        );
        None
    }

    fn choices(
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
                values.push(written(node.place, data));
            }
        }
        // A set: the order it was written in means nothing.
        values.sort_by_key(|value| match value.data {
            Data::Word(word) => choices.iter().position(|choice| choice.word == word),
            _ => None,
        });
        Some(values)
    }

    fn change(&mut self, text: &str, node: &Node) -> Option<Data> {
        let read = quantity::change(text).and_then(|change| match change {
            Change::Times(factor) if !(factor > 0.0 && factor <= 1e6) => {
                Err(out_of_range(text, "must be above x0, up to x1000000", None))
            }
            change => Ok(change),
        });
        match read {
            Ok(change) => Some(Data::Change(change)),
            Err(unfit) => {
                self.unfit(unfit, node.place, "a change");
                None
            }
        }
    }

    fn version(&mut self, text: &str, node: &Node) -> Option<Data> {
        if text == "1" {
            return Some(Data::Whole(1));
        }
        let message = format!("version `{text}` of the scenario language is not known");
        let error = Diagnostic::error(codes::VERSION, message).at(node.place);
        self.report(error.help("this program reads version 1"));
        None
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
                    if let Some(data) = self.name(text, node, at) {
                        values.push(written(node.place, data));
                    }
                }
                None => self.wrong_shape(node, &format!("`{}`", at.key), "names"),
            }
        }
        Some(values)
    }

    fn stages(&mut self, node: &Node, at: At<'_>) -> Option<Vec<Value>> {
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

    fn text_map(&mut self, node: &Node, at: At<'_>) -> Option<Vec<Item>> {
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

    fn slo_map(&mut self, node: &Node, at: At<'_>) -> Option<Value> {
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
        Some(written(node.place, Data::Record(items)))
    }

    fn backoff(&mut self, node: &Node, at: At<'_>) -> Option<Data> {
        let Some(text) = node.text() else {
            let long = self.record(&wiring::BACKOFF, node, "`backoff`", Some(at.key_place))?;
            return self.backoff_long(&long, at.key_place);
        };
        if text == "none" {
            return Some(Data::Backoff(Backoff::None));
        }
        let ends = match text.split_once("..") {
            Some((from, to)) => quantity::duration(from.trim())
                .and_then(|from| quantity::duration(to.trim()).map(|to| (from, Some(to)))),
            None => quantity::duration(text).map(|wait| (wait, None)),
        };
        match ends {
            Ok((from, Some(to))) if from > to || from.is_zero() => {
                let help = "write it like `100ms..1s`".to_owned();
                let unfit = out_of_range(text, "does not rise", Some(help));
                self.unfit(unfit, node.place, "a range");
                None
            }
            Ok((from, Some(to))) => Some(Data::Backoff(Backoff::Exponential {
                from,
                to,
                factor: 2.0,
            })),
            Ok((wait, None)) if wait.is_zero() => Some(Data::Backoff(Backoff::None)),
            Ok((wait, None)) => Some(Data::Backoff(Backoff::Constant(wait))),
            Err(unfit) => {
                self.unfit(unfit, node.place, "a duration");
                None
            }
        }
    }

    fn backoff_long(&mut self, long: &Value, key_place: Place) -> Option<Data> {
        let span = |key: &str| match long.get(key)?.data {
            Data::Duration(span) => Some(span),
            _ => None,
        };
        let Data::Word(kind) = long.get("kind")?.data else {
            return None;
        };
        let from = span("from")?;
        if kind == "constant" {
            return Some(Data::Backoff(Backoff::Constant(from)));
        }
        let Some(to) = span("to") else {
            let message = format!("`to` is missing in `backoff` of kind `{kind}`");
            self.report(Diagnostic::error(codes::MISSING, message).at(key_place));
            return None;
        };
        if to < from {
            let message = "`to` is shorter than `from`";
            let place = long.get("to").map_or(key_place, |to| to.place);
            self.report(Diagnostic::error(codes::CONTRADICTION, message).at(place));
            return None;
        }
        let factor = match long.get("factor").map(|value| &value.data) {
            Some(Data::Number(factor)) => *factor,
            _ => 2.0,
        };
        Some(Data::Backoff(match kind {
            "linear" => Backoff::Linear { from, to },
            "decorrelated" => Backoff::Decorrelated { from, to },
            _ => Backoff::Exponential { from, to, factor },
        }))
    }

    /// Checks what fields of one record say together; only in a whole view.
    pub(super) fn relations(
        &mut self,
        record: &'static Record,
        value: &Value,
        owner: &str,
        key_place: Place,
    ) {
        if !self.whole {
            return;
        }
        match record.what {
            "fault" => {
                let has = |key: &&str| match value.get(key).map(|value| &value.data) {
                    Some(Data::Bool(on)) => *on,
                    other => other.is_some(),
                };
                let effects = faults::EFFECTS;
                if !effects.iter().any(|key| has(&key)) && !self.mistaken_within(value, key_place) {
                    let message = format!("{owner} has no effect");
                    let error = Diagnostic::error(codes::CONTRADICTION, message).at(key_place);
                    let help = format!("add {}", one_of(effects.iter().copied()));
                    self.report(error.help(help));
                }
                self.overlapping(value);
            }
            "traffic source" => match (value.get("rate"), value.get("stages")) {
                (Some(rate), Some(_)) => {
                    let message = format!("{owner} has both `rate` and `stages`");
                    let error = Diagnostic::error(codes::CONTRADICTION, message).at(rate.place);
                    self.report(error.help("with `stages`, the rate to begin at is `start`"));
                }
                (None, None) if !self.mistaken_within(value, key_place) => {
                    let message = format!("`rate` is missing in {owner}");
                    let error = Diagnostic::error(codes::MISSING, message).at(key_place);
                    self.report(error.help("write `rate: 100/s`, or `stages`"));
                }
                _ => {}
            },
            _ => {}
        }
    }

    /// A repeated fault must be over before it begins again.
    fn overlapping(&mut self, value: &Value) {
        let span = |key: &str| match value.get(key).map(|value| (&value.data, value.place)) {
            Some((Data::Duration(span), place)) => Some((*span, place)),
            _ => None,
        };
        if let (Some((lasts, _)), Some((every, place))) = (span("for"), span("every"))
            && every < lasts
        {
            let message = "the fault begins again before it is over";
            let error = Diagnostic::error(codes::CONTRADICTION, message).at(place);
            self.report(error.help("`every` must not be shorter than `for`"));
        }
    }

    /// Was a mistake reported between an entry's key and its end? Then what seems missing may be what is wrong.
    fn mistaken_within(&self, value: &Value, key_place: Place) -> bool {
        self.diagnostics.iter().any(|diagnostic| {
            diagnostic.place.is_some_and(|place| {
                let inside = |outer: Place| {
                    place.file == outer.file && place.start >= outer.start && place.end <= outer.end
                };
                inside(value.place) && place != key_place
            })
        })
    }
}

/// The long form of an SLO line that says no more than the line is the line.
fn alone(long: Value) -> Value {
    match (long.items(), long.get("expect")) {
        ([_], Some(line)) => line.clone(),
        _ => long,
    }
}

fn written(place: Place, data: Data) -> Value {
    Value {
        place,
        written: true,
        data,
    }
}

fn out_of_range(text: &str, problem: &str, help: Option<String>) -> Unfit {
    Unfit {
        why: Why::Range,
        message: format!("`{text}` {problem}"),
        help,
    }
}

fn count(text: &str, least: u32, unlimited: bool) -> Result<Data, Unfit> {
    let count = quantity::count(text)?;
    let help = unlimited.then(|| "for no bound write `unlimited`".to_owned());
    match u32::try_from(count) {
        Ok(count) if count >= least && count < u32::MAX => Ok(Data::Count(count)),
        Ok(0) => Err(out_of_range(text, "is too few: at least 1", help)),
        _ => Err(out_of_range(text, "is too many", help)),
    }
}

/// What a kind takes, in words.
pub(super) fn noun(kind: &Kind) -> &'static str {
    match kind {
        Kind::Bool => "`true` or `false`",
        Kind::Text => "a text",
        Kind::Name => "a name",
        Kind::Target => "a service, a broker or a link",
        Kind::Duration { .. } => "a duration",
        Kind::Rate => "a rate",
        Kind::Share => "a share",
        Kind::Count { .. } => "a count",
        Kind::Seed => "a whole number",
        Kind::Version => "1",
        Kind::Factor => "a number",
        Kind::Choice(_) => "one word",
        Kind::Change => "a change",
        Kind::Slo => "an SLO line",
        Kind::Names | Kind::Choices(_) | Kind::Steps | Kind::Stages => "a list",
        Kind::Dist => "a duration or a distribution",
        Kind::Backoff => "`none`, a duration or a range",
        Kind::NoneOr(_) => "`none` or a map",
        Kind::AllOrNames => "`all` or a list of steps",
        _ => "a map",
    }
}
