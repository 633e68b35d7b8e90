//! The beta distribution, and Student's t from it.

use super::elementary::{exp, ln, ln_1p};
use super::gamma::ln_gamma;

/// Probability that a beta distributed number with these two shapes (above 0) is at most `x` (0 to 1): the regularised
/// incomplete beta function.
#[must_use]
pub fn beta_cdf(a: f64, b: f64, x: f64) -> f64 {
    if x <= 0.0 {
        return 0.0;
    }
    if x >= 1.0 {
        return 1.0;
    }
    let front = exp(ln_gamma(a + b) - ln_gamma(a) - ln_gamma(b) + a * ln(x) + b * ln_1p(-x));
    if x < (a + 1.0) / (a + b + 2.0) {
        front * fraction(a, b, x) / a
    } else {
        1.0 - front * fraction(b, a, 1.0 - x) / b
    }
}

/// The continued fraction of the incomplete beta function (NIST DLMF 8.17.22), by Lentz's method (Press et al.,
/// "Numerical Recipes", 3rd ed. 2007, 6.4).
#[expect(clippy::many_single_char_names, reason = "the names of the formula")]
fn fraction(a: f64, b: f64, x: f64) -> f64 {
    let guard = |v: f64| if v.abs() < 1e-300 { 1e-300 } else { v };
    let mut c = 1.0;
    let mut d = 1.0 / guard(1.0 - (a + b) * x / (a + 1.0));
    let mut result = d;
    let mut m = 0.0;
    for _ in 0..100_000 {
        m += 1.0;
        let even = m * (b - m) * x / ((a + 2.0 * m - 1.0) * (a + 2.0 * m));
        d = 1.0 / guard(1.0 + even * d);
        c = guard(1.0 + even / c);
        result *= d * c;
        let odd = -(a + m) * (a + b + m) * x / ((a + 2.0 * m) * (a + 2.0 * m + 1.0));
        d = 1.0 / guard(1.0 + odd * d);
        c = guard(1.0 + odd / c);
        let factor = d * c;
        result *= factor;
        if (factor - 1.0).abs() < 1e-16 {
            break;
        }
    }
    result
}

/// Probability that Student's t with `dof` degrees of freedom (above 0) is at most `t`.
#[must_use]
pub fn student_t_cdf(t: f64, dof: f64) -> f64 {
    let tail = upper_tail(t.abs(), dof);
    if t < 0.0 { tail } else { 1.0 - tail }
}

/// Probability that t is above `t`, which is not negative.
fn upper_tail(t: f64, dof: f64) -> f64 {
    let square = t * t;
    if square < dof {
        0.5 - 0.5 * beta_cdf(0.5, 0.5 * dof, square / (dof + square))
    } else {
        0.5 * beta_cdf(0.5 * dof, 0.5, dof / (dof + square))
    }
}

/// Quantile at `p` (0 to 1, both excluded) of Student's t with `dof` degrees of freedom (above 0); error below 1e-9 of it
/// or absolute. Newton's method on ln of the upper tail, kept inside a bracket.
#[must_use]
pub fn student_t_quantile(p: f64, dof: f64) -> f64 {
    let tail = p.min(1.0 - p);
    if tail <= 0.0 {
        return (p - 0.5).signum() * f64::INFINITY;
    }
    let mut low = 0.0;
    let mut high = 1.0;
    while upper_tail(high, dof) > tail && high < 1e300 {
        low = high;
        high *= 4.0;
    }
    let ln_scale =
        ln_gamma(0.5 * (dof + 1.0)) - ln_gamma(0.5 * dof) - 0.5 * ln(dof * std::f64::consts::PI);
    let mut t = 0.5 * (low + high);
    for _ in 0..200 {
        let here = upper_tail(t, dof);
        if here > tail {
            low = t;
        } else {
            high = t;
        }
        let density = exp(ln_scale - 0.5 * (dof + 1.0) * ln_1p(t * t / dof));
        let newton = t + here * ln(here / tail) / density;
        let next = if newton > low && newton < high {
            newton
        } else {
            0.5 * (low + high)
        };
        let moved = (next - t).abs();
        t = next;
        if moved <= 1e-13 * t.max(1e-3) {
            break;
        }
    }
    if p < 0.5 { -t } else { t }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::kernel::math::normal_quantile;
    use proptest::prelude::*;
    use std::f64::consts::PI;

    /// Table values (NIST/SEMATECH e-Handbook, 1.3.6.7.2; more digits: Fisher and Yates, "Statistical Tables"), three
    /// decimals.
    #[test]
    fn student_t_has_the_values_of_the_table() {
        let table = [
            (0.90, 5.0, 1.476),
            (0.95, 1.0, 6.314),
            (0.975, 1.0, 12.706),
            (0.975, 2.0, 4.303),
            (0.975, 4.0, 2.776),
            (0.975, 9.0, 2.262),
            (0.975, 19.0, 2.093),
            (0.975, 29.0, 2.045),
            (0.995, 19.0, 2.861),
            (0.999, 10.0, 4.144),
            (0.975, 100.0, 1.984),
        ];
        for (p, dof, value) in table {
            assert!(
                (student_t_quantile(p, dof) - value).abs() < 5.01e-4,
                "{p} {dof}"
            );
        }
    }

    /// Closed forms for 1, 2 and 4 degrees of freedom (Shaw, "Sampling Student's T distribution", Journal of
    /// Computational Finance 9(4), 2006, section 2).
    #[test]
    fn student_t_agrees_with_the_closed_forms() {
        for p in [0.5001, 0.6, 0.75, 0.9, 0.975, 0.999, 0.999_99] {
            let alpha: f64 = 4.0 * p * (1.0 - p);
            let one = libm::tan(PI * (p - 0.5));
            let two = (2.0 * p - 1.0) * (2.0 / alpha).sqrt();
            let q = 4.0 * libm::cos(libm::acos(alpha.sqrt()) / 3.0) / alpha.sqrt();
            let four = (q - 4.0).sqrt();
            for (dof, expected) in [(1.0, one), (2.0, two), (4.0, four)] {
                let t = student_t_quantile(p, dof);
                // The closed form for 4 itself loses digits near the median.
                let bound = 1e-9 * expected.max(1.0) + if p < 0.51 { 1e-7 } else { 0.0 };
                assert!((t - expected).abs() < bound, "{p} {dof}: {t} {expected}");
                assert!(
                    (student_t_quantile(1.0 - p, dof) + t).abs() < 1e-6 * t.max(1.0),
                    "{p}"
                );
            }
        }
    }

    #[test]
    fn with_many_degrees_of_freedom_it_is_normal() {
        // The first term of the expansion in 1/dof (Abramowitz and Stegun 1964, 26.7.5) is (z^3 + z) / (4 dof).
        for p in [0.6, 0.9, 0.975, 0.999] {
            let z = normal_quantile(p);
            let expected = z + (z * z * z + z) / 4e7;
            assert!((student_t_quantile(p, 1e7) - expected).abs() < 1e-7, "{p}");
        }
    }

    #[test]
    fn beta_has_known_values() {
        // Uniform; and a binomial tail: P(at least 3 of 5 heads) = 1/2.
        assert!((beta_cdf(1.0, 1.0, 0.3) - 0.3).abs() < 1e-15);
        assert!((beta_cdf(3.0, 3.0, 0.5) - 0.5).abs() < 1e-14);
        // P(at least 2 of 4 sixes) = 1 - (5/6)^4 - 4 (1/6) (5/6)^3 = 171/1296.
        assert!((beta_cdf(2.0, 3.0, 1.0 / 6.0) - 171.0 / 1296.0).abs() < 1e-14);
    }

    proptest! {
        #[test]
        fn quantile_and_cdf_are_inverse(p in 0.001..0.999_f64, dof in 1.0..300.0_f64) {
            prop_assert!((student_t_cdf(student_t_quantile(p, dof), dof) - p).abs() < 1e-11);
        }
    }
}
