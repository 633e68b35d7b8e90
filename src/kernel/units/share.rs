//! Shares: `99.9%`. Inside they are 0 to 1.

use super::decimal::split;
use super::mistake::UnitMistake;

/// Reads a share; 0 to 1.
///
/// # Errors
/// If the percent sign is missing, or the share is negative or above 100%.
pub fn parse_share(text: &str) -> Result<f64, UnitMistake> {
    if text.starts_with('-') {
        return Err(UnitMistake::new(format!(
            "`{text}` is negative, and a share is not"
        )));
    }
    let Some((number, sign)) = split(text) else {
        let mistake = UnitMistake::new(format!("`{text}` is not a share"));
        return Err(mistake.with_help("a share is written `99.9%`"));
    };
    let share = number.shifted(-2);
    match sign {
        "%" if share <= 1.0 => Ok(share),
        "%" => Err(UnitMistake::new(format!(
            "`{text}` is above 100%, and a share is not"
        ))),
        "" => {
            let mistake = UnitMistake::new(format!("`{text}` has no percent sign"));
            let plain = number.shifted(0);
            Err(if plain <= 1.0 {
                mistake.did_you_mean(&format_share(plain))
            } else if plain <= 100.0 {
                mistake.did_you_mean(&format!("{text}%"))
            } else {
                mistake.with_help("a share is written `99.9%`")
            })
        }
        _ => {
            let mistake = UnitMistake::new(format!("unknown unit `{}` in `{text}`", sign.trim()));
            Err(mistake.did_you_mean(&format!("{}%", number.text)))
        }
    }
}

/// Prints a share so that [`parse_share`] reads it back.
#[must_use]
pub fn format_share(share: f64) -> String {
    // The shortest digits that give this float, with the point two places to the right.
    let digits = format!("{share}");
    let (sign, digits) = digits
        .strip_prefix('-')
        .map_or(("", &*digits), |d| ("-", d));
    let (whole, fraction) = digits.split_once('.').unwrap_or((digits, ""));
    let n_moved = fraction.len().min(2);
    let whole = format!("{whole}{}{}", &fraction[..n_moved], "0".repeat(2 - n_moved));
    let whole = whole.trim_start_matches('0');
    let whole = if whole.is_empty() { "0" } else { whole };
    match &fraction[n_moved..] {
        "" => format!("{sign}{whole}%"),
        rest => format!("{sign}{whole}.{rest}%"),
    }
}
