//! The resolved scenario: as canonical data, and as YAML text that says where each value came from.

use serde_json::{Map as JsonMap, Value as Json};

use super::grammar::top::{FILE, OVERLAYS};
use super::grammar::wiring::VARIANT;
use super::grammar::{Default, Field, Keys, Kind, Record};
use super::quantity::print_duration;
use super::value::{Data, Value};
use super::{lint, set};
use crate::diagnostic::Sources;
use crate::kernel::time::Duration;

/// A variant, checked.
pub(super) struct Checked {
    /// Its name.
    pub(super) name: String,
    /// Every block as it sees it.
    pub(super) blocks: Value,
    /// Its wiring keys.
    pub(super) wiring: Value,
}

/// Canonical data and text of a scenario.
pub(super) fn show(
    base: &Value,
    variants: &[Checked],
    stem: &str,
    sources: &Sources,
) -> (Json, String) {
    let mut resolved = JsonMap::new();
    let mut printer = Printer {
        text: String::new(),
        lines: sources
            .texts
            .iter()
            .map(|(_, text)| line_starts(text))
            .collect(),
        names: sources
            .texts
            .iter()
            .map(|(name, _)| name.as_str())
            .collect(),
    };
    for field in FILE.fields {
        let key = field.key;
        if key == "variants" {
            let mut all = JsonMap::new();
            printer.line(0, key, "", "");
            for variant in variants {
                let wiring = pruned(variant.wiring.canonical());
                let mut map = match wiring {
                    Some(Json::Object(map)) => map,
                    _ => JsonMap::new(),
                };
                printer.line(1, &variant.name, "", "");
                printer.entries(&map, Some(&variant.wiring), 2, Shape::Record(&VARIANT));
                let overlay = overlay(base, &variant.blocks);
                printer.entries(&overlay, Some(&variant.blocks), 2, Shape::Plain);
                map.extend(overlay);
                all.insert(variant.name.clone(), Json::Object(map));
            }
            resolved.insert(key.to_owned(), Json::Object(all));
            continue;
        }
        let value = base.get(key);
        let json = match (value, key) {
            (None, "name") => Some(Json::String(stem.to_owned())),
            _ => value.map(Value::canonical).and_then(pruned),
        };
        if let Some(json) = json {
            printer.entry(key, &json, value, 0, Shape::of(&field.kind));
            resolved.insert(key.to_owned(), json);
        }
    }
    (Json::Object(resolved), printer.text)
}

/// What a variant changes in the blocks: the overlay that turns the file's own into what it sees.
fn overlay(base: &Value, view: &Value) -> JsonMap<String, Json> {
    let mut overlay = JsonMap::new();
    for block in OVERLAYS {
        let of = |value: &Value| value.get(block).map(Value::canonical).and_then(pruned);
        match (of(base), of(view)) {
            (Some(before), Some(after)) => {
                if let Some(change) = difference(&before, &after) {
                    overlay.insert((*block).to_owned(), change);
                }
            }
            (None, Some(after)) => {
                overlay.insert((*block).to_owned(), after);
            }
            (Some(_), None) => {
                overlay.insert((*block).to_owned(), Json::Null);
            }
            (None, None) => {}
        }
    }
    overlay
}

/// The merge patch (RFC 7396) that turns `before` into `after`; `None` if they are equal.
fn difference(before: &Json, after: &Json) -> Option<Json> {
    let (Json::Object(old), Json::Object(new)) = (before, after) else {
        return (before != after).then(|| after.clone());
    };
    let mut patch = JsonMap::new();
    for (key, after) in new {
        match old.get(key) {
            Some(before) => {
                if let Some(change) = difference(before, after) {
                    patch.insert(key.clone(), change);
                }
            }
            None => {
                patch.insert(key.clone(), after.clone());
            }
        }
    }
    for key in old.keys().filter(|key| !new.contains_key(*key)) {
        patch.insert(key.clone(), Json::Null);
    }
    (!patch.is_empty()).then_some(Json::Object(patch))
}

/// The value without empty maps; `None` if nothing is left.
fn pruned(json: Json) -> Option<Json> {
    let Json::Object(map) = json else {
        return Some(json);
    };
    let map: JsonMap<String, Json> = map
        .into_iter()
        .filter_map(|(key, value)| Some((key, pruned(value)?)))
        .collect();
    (!map.is_empty()).then_some(Json::Object(map))
}

fn line_starts(text: &str) -> Vec<usize> {
    let breaks = text.bytes().enumerate().filter(|&(_, byte)| byte == b'\n');
    std::iter::once(0)
        .chain(breaks.map(|(at, _)| at + 1))
        .collect()
}

/// What the grammar says of a map.
#[derive(Clone, Copy)]
enum Shape {
    /// It has these keys.
    Record(&'static Record),
    /// Its keys are names, of such records.
    Names(&'static Record),
    /// Nothing that matters here.
    Plain,
}

impl Shape {
    fn of(kind: &'static Kind) -> Self {
        match kind {
            Kind::Record(record) | Kind::NoneOr(record) => Self::Record(record),
            Kind::Map(record, _) => Self::Names(record),
            _ => Self::Plain,
        }
    }

    /// The shape of what a key holds.
    fn inner(self, key: &str) -> Self {
        match self {
            Self::Record(record) => {
                let mut fields = record.fields.iter();
                let field = fields.find(|field| field.key == key);
                field.map_or(Self::Plain, |field| Self::of(&field.kind))
            }
            Self::Names(record) => Self::Record(record),
            Self::Plain => Self::Plain,
        }
    }
}

/// The defaults of a record on one line: `timeout none, retry none`.
fn summary(record: &Record) -> String {
    let is_built = |field: &&Field| field.support.is_built();
    let told = record.fields.iter().filter(is_built).filter_map(|field| {
        let (Default::Rule(text) | Default::Static(text)) = field.default else {
            return None;
        };
        Some(format!("{} {text}", field.key))
    });
    told.collect::<Vec<String>>().join("; ")
}

struct Printer<'a> {
    text: String,
    lines: Vec<Vec<usize>>,
    names: Vec<&'a str>,
}

impl Printer<'_> {
    fn line(&mut self, depth: usize, key: &str, value: &str, comment: &str) {
        for _ in 0..depth {
            self.text.push_str("  ");
        }
        self.text.push_str(&scalar(key));
        self.text.push(':');
        self.tail(value, comment);
    }

    fn tail(&mut self, value: &str, comment: &str) {
        if !value.is_empty() {
            self.text.push(' ');
            self.text.push_str(value);
        }
        if !comment.is_empty() {
            self.text.push_str(" # ");
            self.text.push_str(comment);
        }
        self.text.push('\n');
    }

    fn entries(
        &mut self,
        map: &JsonMap<String, Json>,
        value: Option<&Value>,
        depth: usize,
        shape: Shape,
    ) {
        for (key, json) in map {
            let inner = value.and_then(|value| value.get(key));
            self.entry(key, json, inner, depth, shape.inner(key));
        }
        if let Shape::Record(record) = shape {
            self.rules(map, record, depth);
        }
    }

    /// What holds by a rule where a key is not written, as comments: it depends on other values.
    fn rules(&mut self, map: &JsonMap<String, Json>, record: &Record, depth: usize) {
        let is_built = |field: &&Field| field.support.is_built();
        for field in record.fields.iter().filter(is_built) {
            if map.contains_key(field.key) {
                continue;
            }
            let rule = match (&field.default, &field.kind) {
                (Default::Rule(rule), _) => (*rule).to_owned(),
                (Default::Absent, Kind::Map(inner, Keys::Patterns) | Kind::Record(inner)) => {
                    summary(inner)
                }
                _ => continue,
            };
            self.text.push_str(&"  ".repeat(depth));
            self.text.push_str("# ");
            self.text.push_str(field.key);
            self.text.push_str(": ");
            self.text.push_str(&rule);
            self.text.push_str(" # default\n");
        }
    }

    fn entry(&mut self, key: &str, json: &Json, value: Option<&Value>, depth: usize, shape: Shape) {
        let nested = value.is_none_or(|value| matches!(value.data, Data::Record(_)));
        match json {
            Json::Object(map) if nested => {
                self.line(depth, key, "", "");
                self.entries(map, value, depth + 1, shape);
            }
            Json::Array(items) if items.iter().any(Json::is_object) => {
                self.line(depth, key, "", "");
                let values = value.map_or(&[][..], Value::list);
                for (nth, item) in items.iter().enumerate() {
                    self.item(item, values.get(nth), depth + 1);
                }
            }
            _ => {
                let comment = self.origin(value);
                self.line(depth, key, &inline(json), &comment);
            }
        }
    }

    fn item(&mut self, json: &Json, value: Option<&Value>, depth: usize) {
        let start = self.text.len();
        if let Json::Object(map) = json {
            self.entries(map, value, depth + 1, Shape::Plain);
        } else {
            self.text.push_str(&"  ".repeat(depth + 1));
            let comment = self.origin(value);
            self.text.push_str(&inline(json));
            self.tail("", &comment);
        }
        let dash = start + 2 * depth;
        self.text.replace_range(dash..=dash, "-");
    }

    /// Where a value came from, and what was fitted if it is a distribution.
    fn origin(&self, value: Option<&Value>) -> String {
        let Some(value) = value else {
            return String::new();
        };
        let mut text = if value.written {
            let file = usize::from(value.place.file);
            match (self.names.get(file), self.lines.get(file)) {
                (Some(&set::NAME), _) => set::NAME.to_owned(),
                (name, Some(starts)) => {
                    let at = value.place.start as usize;
                    let line = starts.partition_point(|&start| start <= at);
                    match name.filter(|_| file > 0) {
                        Some(overlay) => format!("{overlay} line {line}"),
                        None => format!("line {line}"),
                    }
                }
                _ => String::new(),
            }
        } else {
            "default".to_owned()
        };
        if let Data::Replay(replayed) = &value.data {
            text += " · ";
            text += &replayed.read.told();
        }
        if let Data::Dist(fitted) = &value.data
            && fitted.dist.as_constant().is_none()
        {
            let dist = &fitted.dist;
            text += " · mean ";
            text += &rounded(dist.mean_s());
            text += ", sd ";
            text += &rounded(dist.sd_s());
            text += ", p99.9 ";
            text += &rounded(dist.quantile_s(0.999));
        }
        text
    }
}

/// Seconds as a duration of three significant digits.
fn rounded(seconds: f64) -> String {
    if !seconds.is_finite() {
        return "infinite".into();
    }
    let ns = Duration::from_secs_f64(seconds).0;
    let digits = ns.max(1).ilog10();
    let step = 10u64.pow(digits.saturating_sub(2));
    let ns = (ns.saturating_add(step / 2) / step).saturating_mul(step);
    print_duration(Duration(ns.min(u64::MAX - 1)))
}

/// A value on one line.
fn inline(json: &Json) -> String {
    match json {
        Json::Null => "null".into(),
        Json::Bool(value) => value.to_string(),
        Json::Number(number) => match number.as_f64() {
            Some(float) if number.is_f64() => float.to_string(),
            _ => number.to_string(),
        },
        Json::String(text) => scalar(text),
        Json::Array(items) => {
            let items: Vec<String> = items.iter().map(inline).collect();
            format!("[{}]", items.join(", "))
        }
        Json::Object(map) => {
            let entries = map.iter();
            let entries: Vec<String> = entries
                .map(|(key, value)| format!("{}: {}", scalar(key), inline(value)))
                .collect();
            format!("{{ {} }}", entries.join(", "))
        }
    }
}

/// A text as a YAML scalar: plain where no reader of YAML 1.1 or 1.2 can take it for something else.
fn scalar(text: &str) -> String {
    let plain = |c: char| c.is_ascii_alphanumeric() || "_./%+ -".contains(c);
    let safe = text.starts_with(|c: char| c.is_ascii_alphanumeric() || c == '+')
        && text.chars().all(plain)
        && !text.ends_with([' ', '-'])
        && !text.contains("  ")
        && !lint::is_ambiguous(text);
    if safe {
        return text.to_owned();
    }
    let mut quoted = String::from("\"");
    for c in text.chars() {
        match c {
            '"' => quoted.push_str("\\\""),
            '\\' => quoted.push_str("\\\\"),
            '\n' => quoted.push_str("\\n"),
            '\t' => quoted.push_str("\\t"),
            c if c.is_control() || matches!(c, '\u{feff}' | '\u{2028}' | '\u{2029}') => {
                quoted.push_str("\\u");
                let digits = format!("{:04X}", u32::from(c));
                quoted.push_str(&digits);
            }
            c => quoted.push(c),
        }
    }
    quoted.push('"');
    quoted
}
