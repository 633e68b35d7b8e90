//! Logarithm, exponential, power.

/// Natural logarithm.
#[must_use]
#[inline]
pub fn ln(x: f64) -> f64 {
    libm::log(x)
}

/// Natural logarithm of `1 + x`, exact for small `x`.
#[must_use]
#[inline]
pub fn ln_1p(x: f64) -> f64 {
    libm::log1p(x)
}

/// e to the power `x`.
#[must_use]
#[inline]
pub fn exp(x: f64) -> f64 {
    libm::exp(x)
}

/// e to the power `x`, less 1, exact for small `x`.
#[must_use]
#[inline]
pub fn exp_m1(x: f64) -> f64 {
    libm::expm1(x)
}

/// `x` to the power `y`.
#[must_use]
#[inline]
pub fn pow(x: f64, y: f64) -> f64 {
    libm::pow(x, y)
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::f64::consts::{E, LN_2};

    #[test]
    fn they_are_what_their_names_say() {
        assert!((ln(E) - 1.0).abs() < 1e-15);
        assert!((ln_1p(1.0) - LN_2).abs() < 1e-15);
        assert!((exp(1.0) - E).abs() < 1e-15);
        assert!((exp_m1(LN_2) - 1.0).abs() < 1e-15);
        assert!((pow(2.0, 0.5) * pow(2.0, 0.5) - 2.0).abs() < 1e-15);
    }
}
