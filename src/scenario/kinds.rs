//! Reading one value of each kind, and the relations between fields of one record.

use super::check::{At, Checker, is_name, pattern};
use super::codes;
use super::grammar::{Choice, Kind, NEVER, Record};
use super::quantity::{self, Unfit};
use super::suggest::{all_of, closest, one_of};
use super::tree::{Node, What};
use super::trigger::Trigger;
use super::value::{Data, Value};
use crate::copies::Popularity;
use crate::diagnostic::{Diagnostic, Place};
use crate::kernel::time::Duration;
use crate::kernel::units::Change;

impl Checker<'_> {
    /// Reads a record, and checks what its fields say together.
    fn related(&mut self, record: &'static Record, node: &Node, at: At<'_>) -> Option<Value> {
        let owner = format!("`{}`", at.key);
        let n_before = self.diagnostics.len();
        let value = self.record(record, node, &owner, Some(at.key_place))?;
        // What seems missing may be what is wrong.
        if self.diagnostics.len() == n_before {
            self.relations(record, &value, &owner, at.key_place);
        }
        Some(value)
    }

    /// Reads a value; `None` after a mistake (reported) or where one was reported before.
    pub(super) fn value(&mut self, kind: &'static Kind, node: &Node, at: At<'_>) -> Option<Value> {
        if matches!(node.what, What::Broken | What::Null) {
            return None;
        }
        let data = match kind {
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
                    return self.related(record, node, at);
                }
            },
            Kind::Limit(_) if node.text().is_some() => return self.value(&Kind::Rate, node, at),
            Kind::DurationOr(_) if node.text().is_some() => return self.value(&NEVER, node, at),
            Kind::Record(record) | Kind::Limit(record) | Kind::DurationOr(record) => {
                return self.related(record, node, at);
            }
            Kind::Dist => return self.dist(node, at),
            Kind::Replay => return self.replay(node, at),
            Kind::Steps => return self.steps(node, at),
            Kind::Slo => return self.slo_line(node, at),
            Kind::SloMap => return self.slo_map(node, at),
            Kind::Backoff => self.backoff(node, at)?,
            Kind::AnswerBy => return self.answer_by(node, at),
            Kind::Names => Data::List(self.names(node, at)?),
            Kind::Cut => self.cut(node, at)?,
            Kind::AllOrNames => match node.text() {
                Some("all") => Data::Word("all"),
                Some(_) => {
                    self.wrong_shape(node, &format!("`{}`", at.key), "`all` or a list of steps");
                    return None;
                }
                None => Data::List(self.names(node, at)?),
            },
            Kind::Choices(choices) => Data::List(self.choice_set(choices, node, at)?),
            Kind::Order(choices) => Data::List(self.choices(choices, node, at)?),
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
            Kind::Name => return self.name(text, node),
            Kind::Target => return self.target(text, node),
            Kind::Trigger => Trigger::read(text).and_then(|read| {
                let wrong = || Unfit::range(&read.of, "is no name of a broker or a service", None);
                is_name(&read.of).then_some(()).ok_or_else(wrong)?;
                Ok(Data::Trigger(Box::new(read)))
            }),
            Kind::Choice(choices) => return self.choice(choices, text, node.place, at),
            Kind::Change => return self.change(text, node),
            Kind::Popularity => popularity(text).map(Data::Popularity),
            Kind::Version => return self.version(text, node),
            Kind::Duration { never, zero } => {
                if never.is_some_and(|word| word == text) {
                    return Some(Data::Duration(Duration::MAX));
                }
                quantity::duration(text).and_then(|span| {
                    if span.is_zero() && !zero {
                        let help = never.map(|word| format!("for no limit write `{word}`"));
                        return Err(Unfit::range(text, "must be longer than zero", help));
                    }
                    Ok(Data::Duration(span))
                })
            }
            Kind::Rate => quantity::rate(text).map(Data::Rate),
            Kind::Size => quantity::size(text).map(Data::Size),
            Kind::Throughput => quantity::throughput(text).map(Data::Throughput),
            Kind::Share => quantity::share(text).map(Data::Share),
            Kind::Quantile => quantile(text),
            Kind::Count {
                unlimited: true, ..
            } if text == "unlimited" => Ok(Data::Count(u32::MAX)),
            Kind::Count { least, unlimited } => count(text, *least, *unlimited),
            Kind::Seed => text
                .parse::<u64>()
                .map(Data::Whole)
                .map_err(|_| Unfit::range(text, "is not a whole number of 64 bits", None)),
            Kind::Factor => quantity::plain_number(text).and_then(|number| {
                if (1.0..=1e6).contains(&number) {
                    Ok(Data::Number(number))
                } else {
                    Err(Unfit::range(text, "must be from 1 to 1000000", None))
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

    /// Reads a name.
    pub(super) fn name(&mut self, text: &str, node: &Node) -> Option<Data> {
        if is_name(text) {
            return Some(Data::Text(text.to_owned()));
        }
        let message = format!("`{text}` is not a name");
        let error = Diagnostic::error(codes::BAD_NAME, message).at(node.place);
        self.report(error.help("names begin with a letter: a-z, 0-9 and _"));
        None
    }

    /// Reads two zones, or `a -> b`.
    fn cut(&mut self, node: &Node, at: At<'_>) -> Option<Data> {
        let Some(text) = node.text() else {
            let zones = self.names(node, at)?;
            if zones.len() == 2 {
                return Some(Data::List(zones));
            }
            self.wrong_shape(node, "`cut`", "two zones");
            return None;
        };
        let link = pattern(text).filter(|link| link.contains("->") && !link.contains('*'));
        if link.is_none() {
            self.wrong_shape(node, "`cut`", "two zones `[a, b]`, or one way `a -> b`");
        }
        link.map(Data::Text)
    }

    fn target(&mut self, text: &str, node: &Node) -> Option<Data> {
        if let Some(target) = pattern(text).filter(|target| !target.contains('*')) {
            return Some(Data::Text(target));
        }
        let message = format!("`{text}` is not a target");
        let error = Diagnostic::error(codes::BAD_NAME, message).at(node.place);
        self.report(error.help("write a service, a broker, a zone, or a link `a -> b`"));
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
            return Some(Data::Word(choice.word));
        }
        let works = choices.iter().map(|choice| choice.word);
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

    fn change(&mut self, text: &str, node: &Node) -> Option<Data> {
        let read = quantity::change(text).and_then(|change| match change {
            Change::Times(factor) if !(factor > 0.0 && factor <= 1e6) => {
                Err(Unfit::range(text, "must be above x0, up to x1000000", None))
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
}

/// Reads `uniform`, or `zipf` and an exponent above 0, at most 10.
fn popularity(text: &str) -> Result<Popularity, Unfit> {
    let form = || {
        Unfit::range(
            text,
            "is no popularity",
            Some("write `uniform` or `zipf 1.1`".into()),
        )
    };
    if text == "uniform" {
        return Ok(Popularity::Uniform);
    }
    let exponent = text.strip_prefix("zipf ").ok_or_else(form)?;
    match quantity::plain_number(exponent.trim())? {
        s if s > 0.0 && s <= 10.0 => Ok(Popularity::Zipf(s)),
        _ => Err(Unfit::range(
            exponent.trim(),
            "must be above 0, up to 10",
            None,
        )),
    }
}

/// Reads `p95`: a quantile above 0 and below 1.
fn quantile(text: &str) -> Result<Data, Unfit> {
    let unfit = || {
        let help = "write `p95`, or `p99.9`".to_owned();
        Unfit::range(text, "is no quantile", Some(help))
    };
    let number = text.strip_prefix('p').ok_or_else(unfit)?;
    match quantity::share(&format!("{number}%")) {
        Ok(share) if share > 0.0 && share < 1.0 => Ok(Data::Quantile(share)),
        _ => Err(unfit()),
    }
}

fn count(text: &str, least: u32, unlimited: bool) -> Result<Data, Unfit> {
    let count = quantity::count(text)?;
    let help = unlimited.then(|| "for no bound write `unlimited`".to_owned());
    match u32::try_from(count) {
        Ok(count) if count >= least && count < u32::MAX => Ok(Data::Count(count)),
        Ok(0) => Err(Unfit::range(text, "is too few: at least 1", help)),
        _ => Err(Unfit::range(text, "is too many", help)),
    }
}

/// What a kind takes, in words.
pub(super) fn noun(kind: &Kind) -> &'static str {
    match kind {
        Kind::Bool => "`true` or `false`",
        Kind::Text => "a text",
        Kind::Name => "a name",
        Kind::Target => "a service, a broker, a zone or a link",
        Kind::Trigger => "a condition",
        Kind::Duration { .. } => "a duration",
        Kind::Rate => "a rate",
        Kind::Limit(_) => "a rate, or a map",
        Kind::Size => "a size",
        Kind::Throughput => "a size per second",
        Kind::Share => "a share",
        Kind::Quantile => "a quantile",
        Kind::Count { .. } => "a count",
        Kind::Seed => "a whole number",
        Kind::Version => "1",
        Kind::Factor => "a number",
        Kind::Choice(_) => "one word",
        Kind::Change => "a change",
        Kind::Popularity => "`uniform`, or `zipf` and a number",
        Kind::Slo => "an SLO line",
        Kind::Names | Kind::Choices(_) | Kind::Order(_) | Kind::Steps | Kind::Stages => "a list",
        Kind::Dist => "a duration or a distribution",
        Kind::Backoff => "`none`, a duration or a range",
        Kind::AnswerBy => "`call`, `callback` or `poll 500ms`",
        Kind::NoneOr(_) => "`none` or a map",
        Kind::DurationOr(_) => "a duration or a map",
        Kind::AllOrNames => "`all` or a list of steps",
        _ => "a map",
    }
}
