//! Rates: `120/s`, `90/min`, `20k/s`. Inside they are per second.

use super::decimal::split;
use super::mistake::UnitMistake;
use crate::kernel::math;

const PER: [(&str, f64); 4] = [("s", 1.0), ("min", 60.0), ("h", 3_600.0), ("d", 86_400.0)];

/// With the power of ten, to read exactly.
const MULTIPLES: [(&str, i32); 3] = [("", 0), ("k", 3), ("M", 6)];

/// Other ways to write "per", all refused with the right one.
const NOT_PER: [(&str, &str); 13] = [
    ("rps", "s"),
    ("qps", "s"),
    ("tps", "s"),
    ("hz", "s"),
    ("/sec", "s"),
    ("/second", "s"),
    ("rpm", "min"),
    ("/m", "min"),
    ("/minute", "min"),
    ("/hour", "h"),
    ("/hr", "h"),
    ("/day", "d"),
    ("ps", "s"),
];

/// Reads a rate; per second.
///
/// # Errors
/// If `/s`, `/min`, `/h` or `/d` is missing.
pub fn parse_rate(text: &str) -> Result<f64, UnitMistake> {
    if text.starts_with('-') {
        return Err(UnitMistake::new(format!(
            "`{text}` is negative, and a rate is not"
        )));
    }
    let Some((number, word)) = split(text) else {
        let mistake = UnitMistake::new(format!("`{text}` is not a rate"));
        return Err(mistake.with_help("a rate is written `120/s`, `90/min`, `20k/s`"));
    };
    let known = word.split_once('/').and_then(|(multiple, per)| {
        let (_, power) = MULTIPLES.iter().find(|(name, _)| *name == multiple)?;
        let (_, seconds) = PER.iter().find(|(name, _)| *name == per)?;
        Some(number.shifted(*power) / seconds)
    });
    known.ok_or_else(|| wrong_unit(text, number.text, word))
}

/// Prints a rate so that [`parse_rate`] reads it back: per second if that is short, else as short as it goes.
#[must_use]
pub fn format_rate(per_s: f64) -> String {
    let is_exact =
        |text: &String| parse_rate(text).is_ok_and(|read| read.to_bits() == per_s.to_bits());
    let n_digits = |text: &String| text.find('/');
    let written = |(per, seconds): (&str, f64)| {
        let texts = MULTIPLES.map(|(multiple, power)| {
            let unit = math::pow(10.0, f64::from(power));
            format!("{}{multiple}/{per}", per_s * seconds / unit)
        });
        texts.into_iter().filter(is_exact).min_by_key(n_digits)
    };
    let mut texts: Vec<String> = PER.into_iter().filter_map(written).collect();
    let short = texts.iter().position(|text| n_digits(text) <= Some(6));
    if let Some(idx) = short {
        return texts.swap_remove(idx);
    }
    let shortest = texts.into_iter().min_by_key(n_digits);
    shortest.unwrap_or_else(|| format!("{per_s}/s"))
}

fn wrong_unit(text: &str, number: &str, word: &str) -> UnitMistake {
    if word.is_empty() {
        let mistake = UnitMistake::new(format!("`{text}` has no unit"));
        return mistake.did_you_mean(&format!("{text}/s"));
    }
    let lower = word.trim().to_lowercase();
    let mistake = UnitMistake::new(format!("unknown unit `{}` in `{text}`", word.trim()));
    let per_of = |rest: &str| {
        let wrong = NOT_PER.iter().find(|(wrong, _)| *wrong == rest);
        let right = || {
            PER.iter()
                .find(|(per, _)| rest.strip_prefix('/') == Some(per))
        };
        let per = wrong.map(|&(_, per)| per);
        per.or_else(|| right().map(|&(per, _)| per))
    };
    for (multiple, _) in MULTIPLES {
        let Some(rest) = lower.strip_prefix(&multiple.to_lowercase()) else {
            continue;
        };
        if let Some(per) = per_of(rest).or((rest.is_empty()).then_some("s")) {
            return mistake.did_you_mean(&format!("{number}{multiple}/{per}"));
        }
    }
    mistake.with_help("a rate is written `120/s`, `90/min`, `20k/s`")
}
