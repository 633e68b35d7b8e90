//! Quantities as text: durations, rates, shares, counts. Strict to read, canonical to print.

use crate::kernel::time::Duration;

/// Why a text is no such quantity.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Unfit {
    /// Is it a bare number, where a unit is wanted?
    pub(super) no_unit: bool,
    /// Lower case, names the text.
    pub(super) message: String,
    /// What was likely meant.
    pub(super) help: Option<String>,
}

impl Unfit {
    fn new(message: String, help: Option<String>) -> Self {
        Self {
            no_unit: false,
            message,
            help,
        }
    }
}

/// A duration unit: how it is written, nanoseconds in it.
const UNITS: [(&str, u64); 7] = [
    ("d", 86_400_000_000_000),
    ("h", 3_600_000_000_000),
    ("m", 60_000_000_000),
    ("s", 1_000_000_000),
    ("ms", 1_000_000),
    ("us", 1_000),
    ("ns", 1),
];

/// What people write instead of a unit, and the unit.
const ALIASES: [(&str, &str); 20] = [
    ("msec", "ms"),
    ("millis", "ms"),
    ("milliseconds", "ms"),
    ("sec", "s"),
    ("secs", "s"),
    ("second", "s"),
    ("seconds", "s"),
    ("min", "m"),
    ("mins", "m"),
    ("minute", "m"),
    ("minutes", "m"),
    ("hr", "h"),
    ("hrs", "h"),
    ("hour", "h"),
    ("hours", "h"),
    ("day", "d"),
    ("days", "d"),
    ("µs", "us"),
    ("μs", "us"),
    ("usec", "us"),
];

/// Is it a number and nothing else?
pub(super) fn is_bare_number(text: &str) -> bool {
    let digits = text.strip_prefix(['-', '+']).unwrap_or(text);
    digits.starts_with(|c: char| c.is_ascii_digit()) && digits.parse::<f64>().is_ok()
}

/// Splits `1.5s…` into `1`, `5` and what follows the number.
fn split_number(text: &str) -> Option<(&str, &str, &str)> {
    let end = text
        .find(|c: char| !c.is_ascii_digit())
        .unwrap_or(text.len());
    let (whole, rest) = text.split_at(end);
    if whole.is_empty() {
        return None;
    }
    let Some(rest) = rest.strip_prefix('.') else {
        return Some((whole, "", rest));
    };
    let end = rest
        .find(|c: char| !c.is_ascii_digit())
        .unwrap_or(rest.len());
    let (fraction, rest) = rest.split_at(end);
    (!fraction.is_empty()).then_some((whole, fraction, rest))
}

/// `whole.fraction` × `scale` as an integer, if it is one and fits.
fn scaled(whole: &str, fraction: &str, scale: u64) -> Option<u64> {
    let mut value = whole.parse::<u64>().ok()?.checked_mul(scale)?;
    let fraction = fraction.trim_end_matches('0');
    if !fraction.is_empty() {
        let tens = 10u64.checked_pow(u32::try_from(fraction.len()).ok()?)?;
        let product = u128::from(fraction.parse::<u64>().ok()?) * u128::from(scale);
        if product % u128::from(tens) != 0 {
            return None;
        }
        value = value.checked_add(u64::try_from(product / u128::from(tens)).ok()?)?;
    }
    Some(value)
}

/// `250ms`, `1.5s`, `1h30m`: units from large to small, at most once each.
pub(super) fn duration(text: &str) -> Result<Duration, Unfit> {
    if is_bare_number(text) {
        let help = match text.trim_start_matches('-') {
            "0" => "write `0s`".to_owned(),
            number => format!("did you mean milliseconds? `{number}ms`"),
        };
        return Err(Unfit {
            no_unit: true,
            message: format!("`{text}` has no unit"),
            help: Some(help),
        });
    }
    let bad = |help: &str| Unfit::new(format!("`{text}` is not a duration"), Some(help.to_owned()));
    let (mut rest, mut total, mut largest) = (text, 0u64, u64::MAX);
    while !rest.is_empty() {
        let Some((whole, fraction, tail)) = split_number(rest) else {
            return Err(bad("write it like `250ms`, `1.5s`, `2m` or `1h30m`"));
        };
        let end = tail
            .find(|c: char| c.is_ascii_digit())
            .unwrap_or(tail.len());
        let (unit, tail) = tail.split_at(end);
        let Some(&(_, scale)) = UNITS.iter().find(|(name, _)| *name == unit) else {
            let meant = unit.trim().to_lowercase();
            let known = UNITS.iter().map(|&(name, _)| (name, name));
            let meant = known.chain(ALIASES).find(|(alias, _)| *alias == meant);
            return Err(match meant {
                Some((_, unit)) => bad(&format!(
                    "did you mean `{whole}{}{fraction}{unit}`?",
                    if fraction.is_empty() { "" } else { "." }
                )),
                None => bad("the units are ns, us, ms, s, m, h and d"),
            });
        };
        if scale >= largest {
            return Err(bad("units go from large to small, like `1h30m`"));
        }
        largest = scale;
        total = scaled(whole, fraction, scale)
            .and_then(|value| total.checked_add(value))
            .filter(|&total| total < u64::MAX)
            .ok_or_else(|| bad("durations are whole nanoseconds, up to 584 years"))?;
        rest = tail;
    }
    if text.is_empty() {
        return Err(bad("write it like `250ms`"));
    }
    Ok(Duration(total))
}

/// The shortest exact text of a duration: `1.5s`, `1h30m`, `none` for never.
pub(super) fn print_duration(span: Duration) -> String {
    if span == Duration::MAX {
        return "none".into();
    }
    if span.is_zero() {
        return "0s".into();
    }
    let mut rest = span.0;
    let mut text = String::new();
    for (unit, scale) in UNITS.iter().take(3) {
        if rest >= *scale {
            text.push_str(&format!("{}{unit}", rest / scale));
            rest %= scale;
        }
    }
    if rest == 0 {
        return text;
    }
    let (unit, scale) = UNITS[3..]
        .iter()
        .copied()
        .find(|&(_, scale)| rest >= scale)
        .expect("a nanosecond is the smallest");
    text.push_str(&(rest / scale).to_string());
    if rest % scale != 0 {
        let digits = scale.ilog10() as usize;
        let fraction = format!("{:0digits$}", rest % scale);
        text.push('.');
        text.push_str(fraction.trim_end_matches('0'));
    }
    text.push_str(unit);
    text
}

/// A number with an optional `k` or `M`.
fn number(text: &str) -> Option<f64> {
    let (digits, scale) = match text.as_bytes().last()? {
        b'k' => (&text[..text.len() - 1], 1e3),
        b'M' => (&text[..text.len() - 1], 1e6),
        _ => (text, 1.0),
    };
    let (_, _, rest) = split_number(digits)?;
    let value = digits.parse::<f64>().ok()? * scale;
    (rest.is_empty() && value.is_finite()).then_some(value)
}

/// `120/s`, `90/min`, `20k/s`: per second.
pub(super) fn rate(text: &str) -> Result<f64, Unfit> {
    if is_bare_number(text) {
        return Err(Unfit {
            no_unit: true,
            message: format!("`{text}` has no unit"),
            help: Some(format!(
                "did you mean `{}/s`?",
                text.trim_start_matches('-')
            )),
        });
    }
    let bad = |help: String| Unfit::new(format!("`{text}` is not a rate"), Some(help));
    let Some((count, per)) = text.split_once('/') else {
        let digits = text.trim_end_matches(|c: char| c.is_ascii_alphabetic());
        let help = if number(digits).is_some() {
            format!("did you mean `{digits}/s`?")
        } else {
            "write it like `120/s`, `90/min` or `20k/s`".to_owned()
        };
        return Err(bad(help));
    };
    let seconds = match per {
        "s" => 1.0,
        "min" => 60.0,
        "h" => 3600.0,
        "d" => 86400.0,
        "m" => return Err(bad(format!("did you mean `{count}/min`?"))),
        _ => return Err(bad("rates are per s, min, h or d".to_owned())),
    };
    number(count)
        .map(|value| value / seconds)
        .ok_or_else(|| bad("write it like `120/s`, `90/min` or `20k/s`".to_owned()))
}

/// A rate per second as `…/s`, in the fewest digits that read back to it.
pub(super) fn print_rate(per_s: f64) -> String {
    format!("{per_s}/s")
}

/// `99.9%`: 0 to 1.
pub(super) fn share(text: &str) -> Result<f64, Unfit> {
    if is_bare_number(text) {
        let value: f64 = text.parse().unwrap_or(2.0);
        let percent = if value <= 1.0 { value * 100.0 } else { value };
        let percent = (percent * 1e9).round() / 1e9;
        return Err(Unfit {
            no_unit: true,
            message: format!("`{text}` has no unit"),
            help: Some(format!("did you mean `{percent}%`?")),
        });
    }
    let bad = |help: &str| Unfit::new(format!("`{text}` is not a share"), Some(help.to_owned()));
    let digits = text
        .strip_suffix('%')
        .ok_or_else(|| bad("write it like `99.9%`"))?;
    let (_, _, rest) = split_number(digits).ok_or_else(|| bad("shares go from 0% to 100%"))?;
    if !rest.is_empty() {
        return Err(bad("write it like `99.9%`"));
    }
    // Moving the point in the text keeps `99.9%` the float nearest to 0.999.
    match format!("{digits}e-2").parse::<f64>() {
        Ok(value) if value <= 1.0 => Ok(value),
        _ => Err(bad("shares go from 0% to 100%")),
    }
}

/// A share as `…%`, in the fewest digits that read back to it.
pub(super) fn print_share(share: f64) -> String {
    // Moving the point in the text keeps what reading back gives.
    let text = format!("{share:e}");
    let (digits, exponent) = text.split_once('e').unwrap_or((&text, "0"));
    let digits = digits.replace('.', "");
    let whole = exponent.parse::<isize>().unwrap_or(0) + 3;
    let text = match usize::try_from(whole) {
        Ok(n) if n >= digits.len() => format!("{digits:0<n$}"),
        Ok(n) if n > 0 => format!("{}.{}", &digits[..n], &digits[n..]),
        _ => format!("0.{}{digits}", "0".repeat(whole.unsigned_abs())),
    };
    format!("{}%", if digits == "0" { "0" } else { &text })
}

/// `64`, `50k`, `1.2M`.
pub(super) fn count(text: &str) -> Result<u64, Unfit> {
    let bad = |help: &str| Unfit::new(format!("`{text}` is not a count"), Some(help.to_owned()));
    let (digits, scale) = match text.as_bytes().last() {
        Some(b'k') => (&text[..text.len() - 1], 1_000),
        Some(b'M') => (&text[..text.len() - 1], 1_000_000),
        _ => (text, 1),
    };
    match split_number(digits) {
        Some((whole, fraction, "")) => scaled(whole, fraction, scale)
            .ok_or_else(|| bad("counts are whole numbers, like `64`, `50k` or `1.2M`")),
        _ if text.starts_with('-') => Err(bad("counts are not negative")),
        _ => Err(bad("write it like `64`, `50k` or `1.2M`")),
    }
}

/// A plain positive number, e.g. a shape or a factor.
pub(super) fn plain_number(text: &str) -> Result<f64, Unfit> {
    let value = split_number(text).and_then(|(_, _, rest)| rest.is_empty().then(|| text.parse()));
    match value {
        Some(Ok(value)) => Ok(value),
        _ => Err(Unfit::new(
            format!("`{text}` is not a number"),
            Some("write it like `1.4`".into()),
        )),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn durations_are_read_exactly_or_refused_with_the_likely_intent() {
        for (text, ns) in [
            ("250ms", 250_000_000),
            ("1.5s", 1_500_000_000),
            ("2m", 120_000_000_000),
            ("1h30m", 5_400_000_000_000),
            ("7d", 604_800_000_000_000),
            ("30us", 30_000),
            ("0s", 0),
        ] {
            assert_eq!(duration(text), Ok(Duration(ns)), "{text}");
        }
        for (text, help) in [
            ("250", "did you mean milliseconds? `250ms`"),
            ("2min", "did you mean `2m`?"),
            ("1.5 s", "did you mean `1.5s`?"),
            ("0", "write `0s`"),
            ("30m1h", "units go from large to small, like `1h30m`"),
            ("soon", "write it like `250ms`, `1.5s`, `2m` or `1h30m`"),
        ] {
            let unfit = duration(text).expect_err(text);
            assert_eq!(unfit.help.as_deref(), Some(help), "{text}");
        }
    }

    #[test]
    fn rates_and_shares_need_their_units() {
        assert_eq!(rate("120/s"), Ok(120.0));
        assert_eq!(rate("90/min"), Ok(1.5));
        assert_eq!(rate("20k/s"), Ok(20_000.0));
        assert_eq!(share("99.9%"), Ok(0.999));
        assert_eq!(count("1.2M"), Ok(1_200_000));
        for (unfit, help) in [
            (rate("120").expect_err("bare"), "did you mean `120/s`?"),
            (rate("120rps").expect_err("rps"), "did you mean `120/s`?"),
            (share("0.999").expect_err("bare"), "did you mean `99.9%`?"),
            (
                share("101%").expect_err("over"),
                "shares go from 0% to 100%",
            ),
            (count("-1").expect_err("sign"), "counts are not negative"),
        ] {
            assert_eq!(unfit.help.as_deref(), Some(help));
        }
    }

    proptest! {
        #[test]
        fn printing_and_reading_durations_are_inverse(ns in 0..u64::MAX) {
            prop_assert_eq!(duration(&print_duration(Duration(ns))), Ok(Duration(ns)));
        }

        #[test]
        fn printing_and_reading_rates_are_inverse(rate in 0.0..1e12f64) {
            prop_assert_eq!(super::rate(&print_rate(rate)), Ok(rate));
        }

        #[test]
        fn printing_and_reading_shares_are_inverse(share in 0.0..=1.0f64) {
            prop_assert_eq!(super::share(&print_share(share)), Ok(share));
        }

        #[test]
        fn no_text_makes_them_panic(text in "\\PC*") {
            let _ = (duration(&text), rate(&text), share(&text), count(&text), plain_number(&text));
        }
    }
}
