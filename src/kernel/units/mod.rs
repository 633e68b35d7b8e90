//! Quantities as people write them: durations, rates, shares, sizes, counts, ranges, changes; strict to read, plain to
//! print.
//!
//! What is printed by a `format_` function reads back as the same value.

mod change;
mod count;
mod decimal;
mod duration;
mod mistake;
mod op;
mod rate;
mod share;

pub use change::{Change, format_change, parse_change};
pub use count::{format_count, format_size, parse_count, parse_size};
pub use decimal::parse_number;
pub use duration::{format_duration, format_range, parse_duration, parse_range};
pub use mistake::UnitMistake;
pub use op::Op;
pub use rate::{format_rate, parse_rate};
pub use share::{format_share, parse_share};

/// Does this word say that there is no value: `none`, `unlimited`?
#[must_use]
pub fn is_absent(text: &str) -> bool {
    matches!(text, "none" | "unlimited")
}

/// Reads a value that may be absent: `none` and `unlimited` give `None`, all else goes to `parse`.
///
/// # Errors
/// Those of `parse`.
pub fn parse_or_absent<T>(
    text: &str,
    parse: impl FnOnce(&str) -> Result<T, UnitMistake>,
) -> Result<Option<T>, UnitMistake> {
    if is_absent(text) {
        Ok(None)
    } else {
        parse(text).map(Some)
    }
}

#[cfg(test)]
mod tests;
