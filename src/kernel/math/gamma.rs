//! The gamma function and the gamma distribution.

use super::elementary::{exp, ln, ln_1p};
use super::normal::normal_quantile;
use std::f64::consts::{LN_2, PI};

/// Shapes above this use the approximation of Wilson and Hilferty, whose relative error there is below 1e-8.
const SHAPE_EXACT_MAX: f64 = 1e6;

/// The gamma function.
#[must_use]
pub fn gamma(x: f64) -> f64 {
    libm::tgamma(x)
}

/// Natural logarithm of the gamma function, for a positive `x`.
#[must_use]
pub fn ln_gamma(x: f64) -> f64 {
    libm::lgamma(x)
}

/// Probability that a gamma distributed number of this shape (above 0) and scale 1 is at most `x`: the regularised
/// incomplete gamma function P(shape, x).
#[must_use]
pub fn gamma_cdf(shape: f64, x: f64) -> f64 {
    if x <= 0.0 {
        return 0.0;
    }
    exp(ln_tails(shape, ln(x)).0)
}

/// Quantile at `p` of the gamma distribution of this shape (above 0) and scale 1; relative error about 1e-12.
#[must_use]
pub fn gamma_quantile(shape: f64, p: f64) -> f64 {
    exp(ln_gamma_quantile(shape, p, 1.0 - p))
}

/// Quantile at `p` of the chi-square distribution.
#[must_use]
pub fn chi_square_quantile(p: f64, dof: f64) -> f64 {
    2.0 * gamma_quantile(0.5 * dof, p)
}

/// Natural logarithm of the quantile at `p` of the gamma distribution of this shape and scale 1; `above` is 1 - `p`,
/// given apart so that neither tail loses digits.
///
/// Newton's method for ln P(shape, e^y) = ln p, or for the upper tail: both are concave in y, so it converges from
/// anywhere once steps are bounded, and the logarithm keeps quantiles that are too small for a float.
#[must_use]
pub fn ln_gamma_quantile(shape: f64, p: f64, above: f64) -> f64 {
    if p <= 0.0 {
        return f64::NEG_INFINITY;
    }
    if above <= 0.0 {
        return f64::INFINITY;
    }
    let z = if p <= 0.5 {
        normal_quantile(p)
    } else {
        -normal_quantile(above)
    };
    let guess = wilson_hilferty(shape, z);
    if shape > SHAPE_EXACT_MAX {
        return ln(guess);
    }
    // P(shape, x) <= x^shape / gamma(shape + 1) bounds the quantile from below.
    let bound = (ln(p) + ln_gamma(shape + 1.0)) / shape;
    let mut y = if guess > 0.0 {
        ln(guess).max(bound)
    } else {
        bound
    };
    for _ in 0..200 {
        let (ln_lower, ln_upper) = ln_tails(shape, y);
        let ln_slope = ln_gamma_density_of_ln(shape, y);
        let step = if p <= 0.5 {
            (ln(p) - ln_lower) * exp(ln_lower - ln_slope)
        } else {
            (ln_upper - ln(above)) * exp(ln_upper - ln_slope)
        };
        y += step.clamp(-2.0_f64.max(0.5 * y.abs()), 2.0_f64.max(0.5 * y.abs()));
        if step.abs() <= 1e-14 * y.abs().max(1.0) {
            break;
        }
    }
    y
}

/// The cube root of a gamma number is nearly normal (Wilson, Hilferty, "The Distribution of Chi-Square", PNAS 17, 1931).
fn wilson_hilferty(shape: f64, z: f64) -> f64 {
    let root = 1.0 - 1.0 / (9.0 * shape) + z / (3.0 * shape.sqrt());
    if root > 0.0 {
        shape * root * root * root
    } else {
        0.0
    }
}

/// For a gamma distribution of this shape and scale 1, the natural logarithm of the density of y = ln x:
/// ln of x^shape e^-x / gamma(shape), x = e^y: the density of the logarithm. From shape 20 on by Stirling's series, in
/// which nothing large cancels (NIST Digital Library of Mathematical Functions, 5.11.1).
#[must_use]
pub fn ln_gamma_density_of_ln(shape: f64, y: f64) -> f64 {
    if shape < 20.0 {
        return shape * y - exp(y) - ln_gamma(shape);
    }
    let off = exp(y - ln(shape)) - 1.0;
    let inverse = 1.0 / shape;
    let square = inverse * inverse;
    let stirling =
        inverse * (1.0 / 12.0 - square * (1.0 / 360.0 - square * (1.0 / 1260.0 - square / 1680.0)));
    let lost = if off > -1.0 {
        ln_1p(off)
    } else {
        y - ln(shape)
    };
    shape * (lost - off) + 0.5 * (ln(shape) - LN_2 - ln(PI)) - stirling
}

/// ln P and ln Q at x = e^y: the series (NIST DLMF 8.11.4) below the mean, Legendre's continued fraction (8.9.2) above.
fn ln_tails(shape: f64, y: f64) -> (f64, f64) {
    let x = exp(y);
    let ln_density = ln_gamma_density_of_ln(shape, y);
    if x < shape + 1.0 {
        let mut term = 1.0 / shape;
        let mut sum = term;
        let mut divisor = shape;
        while term > sum * 1e-17 {
            divisor += 1.0;
            term *= x / divisor;
            sum += term;
        }
        let ln_lower = (ln_density + ln(sum)).min(0.0);
        (ln_lower, ln_1p(-exp(ln_lower)))
    } else {
        let ln_upper = (ln_density + ln(upper_fraction(shape, x))).min(0.0);
        (ln_1p(-exp(ln_upper)), ln_upper)
    }
}

/// The continued fraction 1/(x+1-a- 1(1-a)/(x+3-a- 2(2-a)/(x+5-a- ...))), by Lentz's method (Press, Teukolsky, Vetterling,
/// Flannery, "Numerical Recipes", 3rd ed. 2007, 5.2 and 6.2).
#[expect(clippy::many_single_char_names, reason = "the names of the formula")]
fn upper_fraction(shape: f64, x: f64) -> f64 {
    let tiny = 1e-300;
    let mut b = x + 1.0 - shape;
    let mut c = 1.0 / tiny;
    let mut d = 1.0 / b;
    let mut fraction = d;
    let mut k = 0.0;
    for _ in 0..1_000_000 {
        k += 1.0;
        let a = k * (shape - k);
        b += 2.0;
        d = a * d + b;
        d = 1.0 / if d.abs() < tiny { tiny } else { d };
        c = b + a / c;
        c = if c.abs() < tiny { tiny } else { c };
        let factor = c * d;
        fraction *= factor;
        if (factor - 1.0).abs() < 1e-16 {
            break;
        }
    }
    fraction
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    /// Chi-square table values (NIST/SEMATECH e-Handbook of Statistical Methods, 1.3.6.7.4), three decimals.
    #[test]
    fn chi_square_has_the_values_of_the_table() {
        let table = [
            (0.90, 1.0, 2.706),
            (0.95, 1.0, 3.841),
            (0.95, 10.0, 18.307),
            (0.99, 30.0, 50.892),
            (0.999, 100.0, 149.449),
            (0.05, 10.0, 3.940),
            (0.01, 2.0, 0.020),
        ];
        for (p, dof, value) in table {
            assert!(
                (chi_square_quantile(p, dof) - value).abs() < 5.01e-4,
                "{p} {dof}"
            );
        }
    }

    #[test]
    fn shape_1_is_exponential_and_shape_one_half_is_a_squared_normal() {
        for p in [1e-12, 1e-3, 0.2, 0.5, 0.9, 0.999] {
            let exponential = -ln_1p(-p);
            assert!(
                (gamma_quantile(1.0, p) / exponential - 1.0).abs() < 1e-12,
                "{p}"
            );
            // p / 2 is exact, 1/2 + p / 2 is not.
            let z = normal_quantile(0.5 - 0.5 * p);
            let error = 1e-11 + 1e-15 / p;
            assert!(
                (gamma_quantile(0.5, p) / (0.5 * z * z) - 1.0).abs() < error,
                "{p}"
            );
        }
    }

    #[test]
    fn the_gamma_function_has_known_values() {
        assert!((gamma(5.0) - 24.0).abs() < 1e-13);
        assert!((gamma(0.5) - PI.sqrt()).abs() < 1e-14);
        assert!((ln_gamma(10.0) - ln(362_880.0)).abs() < 1e-13);
    }

    #[test]
    fn the_approximation_for_large_shapes_joins_the_exact_one() {
        for z in [-5.0, -1.0, 0.0, 2.0, 5.0] {
            let p = super::super::normal_cdf(z);
            let exact = gamma_quantile(SHAPE_EXACT_MAX, p);
            assert!(
                (wilson_hilferty(SHAPE_EXACT_MAX, z) / exact - 1.0).abs() < 1e-8,
                "{z}"
            );
        }
    }

    proptest! {
        /// The relative error of p at the quantile is what an error of 1e-12 in ln x does to ln P, plus that of ln P.
        #[test]
        fn quantile_and_cdf_are_inverse(ln_shape in -5.0..9.0_f64, p in 1e-9..1.0_f64) {
            let shape = exp(ln_shape);
            let y = ln_gamma_quantile(shape, p, 1.0 - p);
            let ln_lower = ln_tails(shape, y).0;
            let bound = 1e-12 * (1.0 + exp(ln_gamma_density_of_ln(shape, y) - ln_lower) + shape * y.abs());
            prop_assert!((ln_lower - ln(p)).abs() < bound, "{shape} {p}: {}", ln_lower - ln(p));
        }

        #[test]
        fn the_quantile_rises(ln_shape in -4.0..7.0_f64, p in 1e-6..0.99_f64, step in 1e-4..1e-2_f64) {
            let shape = exp(ln_shape);
            prop_assert!(ln_gamma_quantile(shape, p, 1.0 - p) < ln_gamma_quantile(shape, p + step, 1.0 - p - step));
        }
    }
}
