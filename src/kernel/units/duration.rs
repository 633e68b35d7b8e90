//! Durations: `250ms`, `1.5s`, `1h30m`; ranges of them: `100ms..10s`.

use super::decimal::{Decimal, split};
use super::mistake::UnitMistake;
use crate::kernel::time::Duration;

/// Largest first.
const UNITS: [(&str, u64); 7] = [
    ("d", 86_400_000_000_000),
    ("h", 3_600_000_000_000),
    ("m", 60_000_000_000),
    ("s", 1_000_000_000),
    ("ms", 1_000_000),
    ("us", 1_000),
    ("ns", 1),
];

/// Other ways to write a unit, all refused with the right one.
const NOT_UNITS: [(&str, &str); 24] = [
    ("min", "m"),
    ("mins", "m"),
    ("minute", "m"),
    ("minutes", "m"),
    ("sec", "s"),
    ("secs", "s"),
    ("second", "s"),
    ("seconds", "s"),
    ("msec", "ms"),
    ("millis", "ms"),
    ("millisecond", "ms"),
    ("milliseconds", "ms"),
    ("µs", "us"),
    ("μs", "us"),
    ("usec", "us"),
    ("micros", "us"),
    ("nanos", "ns"),
    ("hr", "h"),
    ("hrs", "h"),
    ("hour", "h"),
    ("hours", "h"),
    ("day", "d"),
    ("days", "d"),
    ("w", "d"),
];

/// Reads a duration: numbers with units, largest unit first, whole nanoseconds; a fraction only in the last number.
///
/// # Errors
/// If a unit is missing or unknown, the value is finer than a nanosecond or longer than 584 years.
pub fn parse_duration(text: &str) -> Result<Duration, UnitMistake> {
    let mut rest = text;
    let mut total = Duration::ZERO;
    let mut unit_before = u64::MAX;
    while !rest.is_empty() || text.is_empty() {
        let Some((number, after)) = split(rest) else {
            return Err(no_number(text));
        };
        let n_unit = after.find(|c: char| c.is_ascii_digit() || c == '.');
        let (word, after) = after.split_at(n_unit.unwrap_or(after.len()));
        let Some(&(_, unit)) = UNITS.iter().find(|(name, _)| *name == word) else {
            return Err(wrong_unit(text, number, word));
        };
        if unit >= unit_before {
            let message = format!("`{text}` does not go from larger units to smaller ones");
            return Err(UnitMistake::new(message).did_you_mean("1h30m"));
        }
        if number.text.contains('.') && !after.is_empty() {
            return Err(UnitMistake::new(format!(
                "`{text}` has a fraction before its last unit"
            )));
        }
        let span = number
            .times(unit)
            .ok_or_else(|| no_room(text, number, unit))?;
        let sum = total.0.checked_add(span).ok_or_else(|| too_long(text))?;
        (total, unit_before, rest) = (Duration(sum), unit, after);
    }
    Ok(total)
}

/// Prints a duration so that [`parse_duration`] reads it back: the largest unit that leaves at most three decimals, with
/// smaller units behind whole minutes, hours, days.
#[must_use]
pub fn format_duration(span: Duration) -> String {
    let ns = span.0;
    if ns == 0 {
        return "0s".into();
    }
    if ns < UNITS[2].1 {
        return format_below_a_minute(ns);
    }
    let mut text = String::new();
    let mut rest = ns;
    for (name, unit) in &UNITS[..3] {
        if rest / unit > 0 {
            text += &(rest / unit).to_string();
            text += name;
            rest %= unit;
        }
    }
    if rest > 0 {
        text += &format_below_a_minute(rest);
    }
    text
}

fn format_below_a_minute(ns: u64) -> String {
    for (name, unit) in &UNITS[3..] {
        let fits = ns >= *unit && (*name == "s" || ns / unit < 1_000);
        if fits && (*unit == 1 || ns.is_multiple_of(unit / 1_000)) {
            let (whole, rest) = (ns / unit, ns % unit);
            let thousandth = (unit / 1_000).max(1);
            if rest == 0 {
                return format!("{whole}{name}");
            }
            let fraction = format!("{:03}", rest / thousandth);
            return format!("{whole}.{}{name}", fraction.trim_end_matches('0'));
        }
    }
    // Finer than three decimals of its largest unit.
    let parts = [
        (ns / 1_000_000_000, "s"),
        (ns / 1_000_000 % 1_000, "ms"),
        (ns / 1_000 % 1_000, "us"),
        (ns % 1_000, "ns"),
    ];
    let mut text = String::new();
    for (count, name) in parts.iter().filter(|(count, _)| *count > 0) {
        text += &count.to_string();
        text += name;
    }
    text
}

/// Reads a range: `100ms..10s`.
///
/// # Errors
/// If an end is no duration, or the range falls.
pub fn parse_range(text: &str) -> Result<(Duration, Duration), UnitMistake> {
    let Some((low, high)) = text.split_once("..") else {
        let message = format!("`{text}` is not a range");
        return Err(UnitMistake::new(message).with_help("a range is written `100ms..10s`"));
    };
    let (from, to) = (parse_duration(low)?, parse_duration(high)?);
    if from > to {
        let message = format!("the range `{text}` falls");
        return Err(UnitMistake::new(message).did_you_mean(&format!("{high}..{low}")));
    }
    Ok((from, to))
}

/// Prints a range so that [`parse_range`] reads it back.
#[must_use]
pub fn format_range((low, high): (Duration, Duration)) -> String {
    format!("{}..{}", format_duration(low), format_duration(high))
}

fn no_number(text: &str) -> UnitMistake {
    if text.starts_with('-') {
        return UnitMistake::new(format!("`{text}` is negative, and a duration is not"));
    }
    let mistake = UnitMistake::new(format!("`{text}` is not a duration"));
    let likely = format!("0{text}");
    if text.starts_with('.') && parse_duration(&likely).is_ok() {
        return mistake.did_you_mean(&likely);
    }
    mistake.with_help("a duration is a number with a unit: `250ms`, `1.5s`, `1h30m`")
}

fn wrong_unit(text: &str, number: Decimal<'_>, word: &str) -> UnitMistake {
    if word.is_empty() {
        let mistake = UnitMistake::new(format!("`{text}` has no unit"));
        return if text == "0" {
            mistake.did_you_mean("0s")
        } else if text == number.text {
            mistake.with_help(format!("did you mean milliseconds? `{text}ms`"))
        } else {
            mistake
        };
    }
    let trimmed = word.trim();
    if let Some(clock) = text.split_once(':')
        && let (Ok(minutes), Ok(seconds)) = (clock.0.parse::<u64>(), clock.1.parse::<u64>())
    {
        let mistake = UnitMistake::new(format!("`{text}` is not a duration"));
        return mistake.did_you_mean(&format!("{minutes}m{seconds}s"));
    }
    let lower = trimmed.to_lowercase();
    let known = UNITS.iter().map(|&(name, _)| name);
    let right = NOT_UNITS.iter().find(|(wrong, _)| *wrong == lower);
    let right = right.map(|&(_, name)| name);
    let mistake = UnitMistake::new(format!("unknown unit `{trimmed}` in `{text}`"));
    match right.or_else(|| known.clone().find(|name| *name == lower)) {
        Some("d") if lower == "w" => mistake.with_help("a week is written `7d`"),
        Some(name) => mistake.did_you_mean(&text.replace(word, name)),
        None => mistake.with_help("the units are ns, us, ms, s, m, h, d"),
    }
}

fn no_room(text: &str, number: Decimal<'_>, unit: u64) -> UnitMistake {
    if number.is_whole(unit) {
        too_long(text)
    } else {
        UnitMistake::new(format!("`{text}` is finer than a nanosecond"))
    }
}

fn too_long(text: &str) -> UnitMistake {
    UnitMistake::new(format!("`{text}` is longer than 584 years"))
}
