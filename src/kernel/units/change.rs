//! Changes: `+400ms`, `x10`, `-20%`.

use super::decimal::split;
use super::duration::{format_duration, parse_duration};
use super::mistake::UnitMistake;
use super::share::parse_share;
use crate::kernel::time::Duration;

/// What is done to a duration.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Change {
    /// So much longer: `+400ms`.
    Plus(Duration),
    /// So many times as long, 0 or more: `x10`; `-20%` is 0.8, `+20%` is 1.2.
    Times(f64),
}

/// Reads a change.
///
/// # Errors
/// If it is not one, or takes away a fixed time or more than all.
pub fn parse_change(text: &str) -> Result<Change, UnitMistake> {
    if let Some(factor) = text.strip_prefix('x') {
        return match split(factor) {
            Some((number, "")) => Ok(Change::Times(number.shifted(0))),
            _ => Err(no_change(text)),
        };
    }
    if let Some(more) = text.strip_prefix('+') {
        return match split(more) {
            // More than twice as long is a change too.
            Some((number, "%")) => Ok(Change::Times(1.0 + number.shifted(-2))),
            _ => parse_duration(more).map(Change::Plus),
        };
    }
    if let Some(less) = text.strip_prefix('-') {
        if parse_duration(less).is_ok() {
            let message = format!("`{text}` takes away a fixed time");
            return Err(UnitMistake::new(message).with_help("less is written `-20%` or `x0.8`"));
        }
        return parse_share(less).map(|share| Change::Times(1.0 - share));
    }
    let mistake = no_change(text);
    if parse_duration(text).is_ok() {
        return Err(mistake.did_you_mean(&format!("+{text}")));
    }
    match text.strip_suffix('x').or(Some(text)).and_then(split) {
        Some((number, "")) => Err(mistake.did_you_mean(&format!("x{}", number.text))),
        _ => Err(mistake),
    }
}

/// Prints a change so that [`parse_change`] reads it back.
#[must_use]
pub fn format_change(change: Change) -> String {
    match change {
        Change::Plus(span) => format!("+{}", format_duration(span)),
        Change::Times(factor) => format!("x{factor}"),
    }
}

fn no_change(text: &str) -> UnitMistake {
    let mistake = UnitMistake::new(format!("`{text}` is not a change"));
    mistake.with_help("a change is written `+400ms`, `x10` or `-20%`")
}
