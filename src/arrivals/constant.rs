//! Equal gaps.

use crate::kernel::time::Time;

/// The k-th arrival, counted from 0, comes at (k + 1) · 10^9 / rate nanoseconds, rounded: by whole numbers, so that no
/// error adds up.
#[derive(Clone, Debug)]
pub(super) struct Even {
    n_made: u64,
    /// The rate is `mantissa` · 2^`exponent` per second, exactly. A rate of zero has mantissa 0.
    mantissa: u64,
    exponent: i32,
}

const NS_PER_S: u128 = 1_000_000_000;

impl Even {
    /// `rate` per second, not negative.
    pub(super) fn new(rate: f64) -> Self {
        let (mantissa, exponent) = parts(rate);
        Self {
            n_made: 0,
            mantissa,
            exponent,
        }
    }

    pub(super) fn next_instant(&mut self) -> Option<Time> {
        if self.mantissa == 0 {
            return None;
        }
        self.n_made += 1;
        let gaps = u128::from(self.n_made) * NS_PER_S;
        let mantissa = u128::from(self.mantissa);
        // An instant within 64 bits has a dividend of at most 64 + 53 bits; more is beyond the clock.
        let (dividend, divisor) = if self.exponent < 0 {
            (shifted(gaps, -self.exponent)?, mantissa)
        } else {
            (gaps, shifted(mantissa, self.exponent)?)
        };
        let instant = dividend.checked_add(divisor / 2)? / divisor;
        u64::try_from(instant).ok().map(Time)
    }
}

/// `value` · 2^`places`, if that has at most 128 bits.
fn shifted(value: u128, places: i32) -> Option<u128> {
    let places = u32::try_from(places).ok()?;
    (places <= value.leading_zeros()).then(|| value << places)
}

/// A float as mantissa · 2^exponent, the mantissa odd or zero.
fn parts(value: f64) -> (u64, i32) {
    const FRACTION_BITS: u32 = 52;
    let bits = value.to_bits();
    let fraction = bits & ((1 << FRACTION_BITS) - 1);
    let power = i32::try_from((bits >> FRACTION_BITS) & 0x7ff).expect("11 bits");
    let mantissa = fraction | (u64::from(power > 0) << FRACTION_BITS);
    if mantissa == 0 {
        return (0, 0);
    }
    let n_zeros = mantissa.trailing_zeros();
    let exponent = power.max(1) - 1075 + i32::try_from(n_zeros).expect("at most 52");
    (mantissa >> n_zeros, exponent)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::kernel::math::pow;
    use proptest::prelude::*;

    proptest! {
        #[test]
        #[expect(clippy::cast_precision_loss, clippy::float_cmp, reason = "exact: at most 53 bits and a power of two")]
        fn a_float_is_its_parts(value in prop_oneof![0.0..1e9_f64, 0.0..1e-6_f64]) {
            let (mantissa, exponent) = parts(value);
            prop_assert_eq!(mantissa as f64 * pow(2.0, f64::from(exponent)), value);
        }
    }
}
