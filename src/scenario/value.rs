//! What a file says once every text is read into its kind: still a tree, still with places, now without mistakes.

use serde_json::{Map as JsonMap, Value as Json};

use super::line::Line;
use super::nodes::Replay;
use super::quantity::{print_duration, print_rate, print_share};
use super::trigger::Trigger;
use crate::copies::Popularity;
use crate::diagnostic::Place;
use crate::kernel::dist::Dist;
use crate::kernel::time::Duration;
use crate::kernel::units::{Change, format_change, format_size};
use crate::policies::retry::Backoff;

/// A value, where it stands, and whether somebody wrote it.
#[derive(Clone, Debug)]
pub(super) struct Value {
    /// Where it stands; for a default, where it would.
    pub(super) place: Place,
    /// Was it written, or is it a default?
    pub(super) written: bool,
    /// What it is.
    pub(super) data: Data,
}

/// What a value is.
#[derive(Clone, Debug)]
pub(super) enum Data {
    /// `true`, `false`.
    Bool(bool),
    /// A text or a name.
    Text(String),
    /// A word of the language.
    Word(&'static str),
    /// A span; `Duration::MAX` prints as `none`.
    Duration(Duration),
    /// Per second.
    Rate(f64),
    /// Bytes.
    Size(u64),
    /// Bytes per second.
    Throughput(u64),
    /// 0 to 1.
    Share(f64),
    /// A quantile, 0 to 1.
    Quantile(f64),
    /// `u32::MAX` prints as `unlimited`.
    Count(u32),
    /// A seed.
    Whole(u64),
    /// A plain number.
    Number(f64),
    /// A distribution.
    Dist(Box<Fitted>),
    /// Arrivals from a file.
    Replay(Box<Replayed>),
    /// A change of a latency.
    Change(Change),
    /// A popularity.
    Popularity(Popularity),
    /// A backoff.
    Backoff(Backoff),
    /// An SLO line.
    Slo(Box<Line>),
    /// A condition.
    Trigger(Box<Trigger>),
    /// A list.
    List(Vec<Value>),
    /// A map.
    Record(Vec<Item>),
}

/// A distribution and how it is written canonically.
#[derive(Clone, Debug)]
pub(super) struct Fitted {
    /// The distribution.
    pub(super) dist: Dist,
    /// Its canonical form.
    pub(super) canonical: Json,
}

/// Arrivals from a file, and how they are written canonically.
#[derive(Clone, Debug)]
pub(super) struct Replayed {
    /// What the file holds.
    pub(super) read: Replay,
    /// Where it stands, in canonical form.
    pub(super) canonical: Json,
}

/// An entry of a map.
#[derive(Clone, Debug)]
pub(super) struct Item {
    /// The key.
    pub(super) key: String,
    /// Where it stands.
    pub(super) key_place: Place,
    /// What it holds.
    pub(super) value: Value,
}

impl Value {
    /// Something that was written at `place`.
    pub(super) fn of(place: Place, data: Data) -> Self {
        Self {
            place,
            written: true,
            data,
        }
    }

    /// The entries, if it is a map; none otherwise.
    pub(super) fn items(&self) -> &[Item] {
        match &self.data {
            Data::Record(items) => items,
            _ => &[],
        }
    }

    /// The entries of a list; none otherwise.
    pub(super) fn list(&self) -> &[Self] {
        match &self.data {
            Data::List(values) => values,
            _ => &[],
        }
    }

    /// What the key holds, written or default.
    pub(super) fn get(&self, key: &str) -> Option<&Self> {
        let item = self.items().iter().find(|item| item.key == key)?;
        Some(&item.value)
    }

    /// What the key holds, if somebody wrote it.
    pub(super) fn written(&self, key: &str) -> Option<&Self> {
        self.get(key).filter(|value| value.written)
    }

    /// Turns the value and all in it into a default that would stand at `place`.
    pub(super) fn into_default(mut self, place: Place) -> Self {
        self.written = false;
        self.place = place;
        self.data = match self.data {
            Data::List(values) => {
                let values = values.into_iter().map(|value| value.into_default(place));
                Data::List(values.collect())
            }
            Data::Record(items) => {
                let items = items.into_iter().map(|item| Item {
                    key_place: place,
                    value: item.value.into_default(place),
                    ..item
                });
                Data::Record(items.collect())
            }
            data => data,
        };
        self
    }

    /// The canonical form: one text for each value, however it was written.
    pub(super) fn canonical(&self) -> Json {
        match &self.data {
            Data::Bool(value) => Json::Bool(*value),
            Data::Text(text) => Json::String(text.clone()),
            Data::Word(word) => Json::String((*word).to_owned()),
            Data::Duration(span) => Json::String(print_duration(*span)),
            Data::Rate(rate) => Json::String(print_rate(*rate)),
            Data::Size(bytes) => Json::String(format_size(*bytes)),
            Data::Throughput(bytes) => Json::String(format!("{}/s", format_size(*bytes))),
            Data::Share(share) => Json::String(print_share(*share)),
            Data::Quantile(share) => {
                Json::String(format!("p{}", print_share(*share).trim_end_matches('%')))
            }
            Data::Count(u32::MAX) => Json::String("unlimited".into()),
            Data::Count(count) => Json::from(*count),
            Data::Whole(whole) => Json::from(*whole),
            Data::Number(number) => Json::from(*number),
            Data::Dist(fitted) => fitted.canonical.clone(),
            Data::Replay(replayed) => replayed.canonical.clone(),
            Data::Change(change) => Json::String(format_change(*change)),
            Data::Popularity(Popularity::Uniform) => "uniform".into(),
            Data::Popularity(Popularity::Zipf(s)) => format!("zipf {s}").into(),
            Data::Backoff(backoff) => print_backoff(backoff),
            Data::Slo(line) => Json::String(line.text()),
            Data::Trigger(trigger) => Json::String(trigger.text()),
            Data::List(values) => values.iter().map(Self::canonical).collect(),
            Data::Record(items) => items
                .iter()
                .map(|item| (item.key.clone(), item.value.canonical()))
                .collect(),
        }
    }
}

fn print_backoff(backoff: &Backoff) -> Json {
    let long = |kind: &str, from: Duration, to: Duration| {
        let mut map = JsonMap::new();
        map.insert("kind".into(), kind.into());
        map.insert("from".into(), print_duration(from).into());
        map.insert("to".into(), print_duration(to).into());
        map
    };
    match *backoff {
        Backoff::None => "none".into(),
        Backoff::Constant(wait) => print_duration(wait).into(),
        Backoff::Schedule(waits) => waits
            .written()
            .iter()
            .map(|&wait| Json::from(print_duration(wait)))
            .collect::<Vec<Json>>()
            .into(),
        Backoff::Exponential { from, to, factor } => {
            if factor.to_bits() == 2f64.to_bits() {
                return format!("{}..{}", print_duration(from), print_duration(to)).into();
            }
            let mut map = long("exponential", from, to);
            map.insert("factor".into(), factor.into());
            Json::Object(map)
        }
        Backoff::Linear { from, to } => Json::Object(long("linear", from, to)),
        Backoff::Decorrelated { from, to } => Json::Object(long("decorrelated", from, to)),
    }
}
