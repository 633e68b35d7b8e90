//! Counts: `64`, `50k`, `1.2M`; sizes: `400B`, `16kB`, `16KiB`.

use super::decimal::split;
use super::mistake::UnitMistake;

/// Decimal multiples of a count.
const MULTIPLES: [(&str, u64); 4] = [
    ("", 1),
    ("k", 1_000),
    ("M", 1_000_000),
    ("G", 1_000_000_000),
];

const SIZES: [(&str, u64); 9] = [
    ("B", 1),
    ("kB", 1_000),
    ("KiB", 1 << 10),
    ("MB", 1_000_000),
    ("MiB", 1 << 20),
    ("GB", 1_000_000_000),
    ("GiB", 1 << 30),
    ("TB", 1_000_000_000_000),
    ("TiB", 1 << 40),
];

/// Reads a count: a whole number, which may be written with `k`, `M` or `G`.
///
/// # Errors
/// If it is not whole, negative, or beyond 64 bits.
pub fn parse_count(text: &str) -> Result<u64, UnitMistake> {
    if text.starts_with('-') {
        let message = format!("`{text}` is negative, and a count is not");
        return Err(UnitMistake::new(message).with_help("no limit is written `unlimited`"));
    }
    let Some((number, word)) = split(text) else {
        let mistake = UnitMistake::new(format!("`{text}` is not a count"));
        return Err(mistake.with_help("a count is a whole number: `64`, `50k`, `1.2M`"));
    };
    let Some((_, unit)) = MULTIPLES.iter().find(|(name, _)| *name == word) else {
        let mistake = UnitMistake::new(format!("unknown multiple `{word}` in `{text}`"));
        return Err(match word {
            "K" => mistake.did_you_mean(&format!("{}k", number.text)),
            "m" => mistake.did_you_mean(&format!("{}M", number.text)),
            _ => mistake.with_help("the multiples are k, M, G"),
        });
    };
    number.times(*unit).ok_or_else(|| {
        UnitMistake::new(if number.is_whole(*unit) {
            format!("`{text}` is too large")
        } else {
            format!("`{text}` is not whole, and a count is")
        })
    })
}

/// Prints a count so that [`parse_count`] reads it back, as short as it goes.
#[must_use]
pub fn format_count(count: u64) -> String {
    shortest(count, &MULTIPLES)
}

/// Reads a size in bytes.
///
/// # Errors
/// If the unit is missing or unknown, or the bytes are not whole.
pub fn parse_size(text: &str) -> Result<u64, UnitMistake> {
    if text.starts_with('-') {
        return Err(UnitMistake::new(format!(
            "`{text}` is negative, and a size is not"
        )));
    }
    let Some((number, word)) = split(text) else {
        let mistake = UnitMistake::new(format!("`{text}` is not a size"));
        return Err(mistake.with_help("a size is a number with a unit: `400B`, `16kB`, `16KiB`"));
    };
    let Some((_, unit)) = SIZES.iter().find(|(name, _)| *name == word) else {
        let lower = word.trim().to_lowercase();
        let likely = SIZES.iter().find(|(name, _)| {
            let name = name.to_lowercase();
            lower == name
                || name
                    .strip_suffix('b')
                    .is_some_and(|multiple| multiple == lower)
        });
        let mistake = if word.is_empty() {
            UnitMistake::new(format!("`{text}` has no unit"))
        } else {
            UnitMistake::new(format!("unknown unit `{}` in `{text}`", word.trim()))
        };
        return Err(match likely {
            Some((name, _)) => mistake.did_you_mean(&format!("{}{name}", number.text)),
            None => mistake.with_help("the units are B, kB, KiB, MB, MiB, GB, GiB, TB, TiB"),
        });
    };
    number.times(*unit).ok_or_else(|| {
        UnitMistake::new(if number.is_whole(*unit) {
            format!("`{text}` is too large")
        } else {
            format!("`{text}` is finer than a byte")
        })
    })
}

/// Prints a size so that [`parse_size`] reads it back, as short as it goes.
#[must_use]
pub fn format_size(bytes: u64) -> String {
    shortest(bytes, &SIZES)
}

/// With at most one decimal; the first of the shortest texts.
fn shortest(value: u64, units: &[(&str, u64)]) -> String {
    let written = units.iter().filter_map(|(name, unit)| {
        let (whole, rest) = (value / unit, value % unit);
        if rest == 0 {
            return Some(format!("{whole}{name}"));
        }
        let tenths = u128::from(rest) * 10;
        let is_short = whole > 0 && tenths.is_multiple_of(u128::from(*unit));
        is_short.then(|| format!("{whole}.{}{name}", tenths / u128::from(*unit)))
    });
    written
        .min_by_key(String::len)
        .expect("the first unit is 1")
}
