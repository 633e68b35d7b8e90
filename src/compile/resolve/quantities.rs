//! The target of an SLO line, read as its metric's kind.

use crate::compile::codes;
use crate::compile::mistakes::Mistakes;
use crate::scenario::Spanned;

/// What a metric's target is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Kind {
    /// A part of a whole; 0 to 1 inside, `99.9%` as written.
    Share,
    /// Seconds inside.
    Duration,
    /// Per second inside.
    Rate,
    /// How many.
    Count,
    /// One number over another, e.g. `1.5`.
    Ratio,
}

/// The target in the metric's base unit; `None` after reporting that it is none.
pub(crate) fn read(kind: Kind, written: &Spanned<String>, mistakes: &mut Mistakes) -> Option<f64> {
    let text = written.value.trim();
    let read = match kind {
        Kind::Share => share(text),
        Kind::Duration => duration(text),
        Kind::Rate => rate(text),
        Kind::Count => count(text),
        Kind::Ratio => number(text),
    };
    if read.is_none() {
        let (what, example) = match kind {
            Kind::Share => ("a share", "99.9%"),
            Kind::Duration => ("a duration", "800ms"),
            Kind::Rate => ("a rate", "100/s"),
            Kind::Count => ("a count", "0"),
            Kind::Ratio => ("a ratio", "1.5"),
        };
        mistakes
            .error(
                codes::TARGET,
                written.place,
                format!("`{text}` is not {what}"),
            )
            .help(format!("e.g. `{example}`"));
    }
    read
}

/// `99.9` as 0.999, to the nearest float.
pub(crate) fn percent(digits: &str) -> f64 {
    digits.parse::<f64>().unwrap_or(f64::NAN) / 100.0
}

fn number(text: &str) -> Option<f64> {
    let plain = text
        .bytes()
        .all(|byte| byte.is_ascii_digit() || byte == b'.');
    text.parse()
        .ok()
        .filter(|value: &f64| plain && value.is_finite())
}

fn share(text: &str) -> Option<f64> {
    let value = number(text.strip_suffix('%')?.trim_end())? / 100.0;
    (0.0..=1.0).contains(&value).then_some(value)
}

fn count(text: &str) -> Option<f64> {
    let value = scaled(text)?;
    (value.fract() == 0.0).then_some(value)
}

fn scaled(text: &str) -> Option<f64> {
    match text.strip_suffix('k') {
        Some(thousands) => Some(number(thousands)? * 1e3),
        None => match text.strip_suffix('M') {
            Some(millions) => Some(number(millions)? * 1e6),
            None => number(text),
        },
    }
}

fn rate(text: &str) -> Option<f64> {
    let (amount, per) = text.split_once('/')?;
    let seconds = match per.trim() {
        "s" => 1.0,
        "min" => 60.0,
        "h" => 3600.0,
        _ => return None,
    };
    Some(scaled(amount.trim())? / seconds)
}

/// One or more numbers with units, the largest first: `1h30m`.
fn duration(text: &str) -> Option<f64> {
    let mut rest = text;
    let mut seconds = 0.0;
    let mut last = f64::INFINITY;
    while !rest.is_empty() {
        let digits = rest.find(|letter: char| letter.is_ascii_alphabetic())?;
        let (amount, tail) = rest.split_at(digits);
        let letters = tail
            .find(|letter: char| !letter.is_ascii_alphabetic())
            .unwrap_or(tail.len());
        let (unit, tail) = tail.split_at(letters);
        let size = match unit {
            "ns" => 1e-9,
            "us" => 1e-6,
            "ms" => 1e-3,
            "s" => 1.0,
            "m" => 60.0,
            "h" => 3600.0,
            "d" => 86_400.0,
            _ => return None,
        };
        if size >= last {
            return None;
        }
        last = size;
        seconds += number(amount)? * size;
        rest = tail;
    }
    (!text.is_empty()).then_some(seconds)
}
