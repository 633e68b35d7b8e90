//! Decimal numbers, read exactly.

use super::mistake::UnitMistake;

/// More digits than this are a slip of the pen; zeros before the first other digit do not count.
const DIGITS_MAX: usize = 20;

/// More digits than this behind the point would not fit into a scale of 128 bits.
const FRACTION_MAX: usize = 38;

/// A decimal number of at most 20 digits that count: `mantissa` / 10^`scale`.
#[derive(Clone, Copy, Debug)]
pub(super) struct Decimal<'a> {
    /// As it was written.
    pub(super) text: &'a str,
    mantissa: u128,
    scale: u32,
}

impl Decimal<'_> {
    /// The number in units of `unit`; `None` if that is not whole, or does not fit.
    pub(super) fn times(self, unit: u64) -> Option<u64> {
        let product = self.mantissa.checked_mul(u128::from(unit))?;
        let divisor = 10_u128.pow(self.scale);
        let whole = product
            .is_multiple_of(divisor)
            .then_some(product / divisor)?;
        u64::try_from(whole).ok()
    }

    /// Is the number in units of `unit` whole, whether it fits or not?
    pub(super) fn is_whole(self, unit: u64) -> bool {
        (self.mantissa * u128::from(unit)).is_multiple_of(10_u128.pow(self.scale))
    }

    /// The number times 10^`power`, to the nearest float.
    pub(super) fn shifted(self, power: i32) -> f64 {
        let text = format!("{}e{power}", self.text);
        text.parse().expect("digits and an exponent are a number")
    }
}

/// The number that `text` begins with, and what follows it. A number begins and ends with a digit.
pub(super) fn split(text: &str) -> Option<(Decimal<'_>, &str)> {
    let n_digits = |text: &str| text.bytes().take_while(u8::is_ascii_digit).count();
    let n_whole = n_digits(text);
    let n_fraction = text[n_whole..].strip_prefix('.').map_or(0, n_digits);
    let end = n_whole + if n_fraction > 0 { 1 + n_fraction } else { 0 };
    let n_zeros = text[..end]
        .bytes()
        .filter(u8::is_ascii_digit)
        .take_while(|&digit| digit == b'0')
        .count();
    let is_long = n_whole + n_fraction > DIGITS_MAX + n_zeros || n_fraction > FRACTION_MAX;
    if n_whole == 0 || is_long {
        return None;
    }
    let digits = text[..end].bytes().filter(u8::is_ascii_digit);
    let mantissa = digits.fold(0, |sum, digit| sum * 10 + u128::from(digit - b'0'));
    let decimal = Decimal {
        text: &text[..end],
        mantissa,
        scale: u32::try_from(n_fraction).expect("at most 38 digits"),
    };
    Some((decimal, &text[end..]))
}

/// Reads a plain number: `1.4`, `0.7`, `12`.
///
/// # Errors
/// If it is not one, or negative.
pub fn parse_number(text: &str) -> Result<f64, UnitMistake> {
    match split(text) {
        Some((decimal, "")) => Ok(decimal.shifted(0)),
        _ => Err(UnitMistake::new(format!("`{text}` is not a number"))),
    }
}
