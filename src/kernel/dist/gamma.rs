//! The gamma distribution by inversion, from a table made once.
//!
//! The table holds ln x, as a function of the normal number z with the same share below it, at steps of 1/32, with its
//! slope. That function is smooth for every shape, so cubic interpolation is off by less than 10^-5 of x (a test).

use crate::kernel::math::{
    exp, gamma_cdf, ln, ln_gamma_density_of_ln, ln_gamma_quantile, normal_cdf, normal_quantile,
};

/// A uniform number with 53 bits gives a z between -8.21 and 8.21.
const Z_MAX: f64 = 8.25;
const STEPS_PER_UNIT: f64 = 32.0;
const N_NODES: u32 = 529;

#[derive(Clone, Debug, PartialEq)]
pub(super) struct Gamma {
    shape: f64,
    mean: f64,
    /// ln x at each node, and its slope times the step.
    nodes: Vec<(f64, f64)>,
}

impl Gamma {
    /// `mean` in nanoseconds, above zero.
    pub(super) fn new(mean: f64, shape: f64) -> Self {
        let ln_scale = ln(mean / shape);
        let node = |idx: u32| {
            let z = f64::from(idx) / STEPS_PER_UNIT - Z_MAX;
            let y = ln_gamma_quantile(shape, normal_cdf(z), normal_cdf(-z));
            let ln_normal = -0.5 * (z * z + ln(2.0 * std::f64::consts::PI));
            let slope = exp(ln_normal - ln_gamma_density_of_ln(shape, y));
            (ln_scale + y, slope / STEPS_PER_UNIT)
        };
        Self {
            shape,
            mean,
            nodes: (0..N_NODES).map(node).collect(),
        }
    }

    /// The quantile at `u`, a uniform number of [`crate::kernel::chance::Draw`], nanoseconds.
    #[inline]
    #[expect(
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        reason = "between 0 and the number of nodes"
    )]
    pub(super) fn at_uniform(&self, u: f64) -> f64 {
        let place = (normal_quantile(u) + Z_MAX) * STEPS_PER_UNIT;
        let idx = (place as usize).min(self.nodes.len() - 2);
        let t = place - place.floor();
        let ((y0, m0), (y1, m1)) = (self.nodes[idx], self.nodes[idx + 1]);
        let rise = y1 - y0;
        // Hermite's cubic through both values with both slopes.
        exp(y0 + t * (m0 + t * (3.0 * rise - 2.0 * m0 - m1 + t * (m0 + m1 - 2.0 * rise))))
    }

    /// `above` is 1 - `p`.
    pub(super) fn quantile(&self, p: f64, above: f64) -> f64 {
        self.mean / self.shape * exp(ln_gamma_quantile(self.shape, p, above))
    }

    pub(super) fn cdf(&self, x: f64) -> f64 {
        gamma_cdf(self.shape, x * self.shape / self.mean)
    }

    pub(super) fn mean(&self) -> f64 {
        self.mean
    }

    pub(super) fn sd(&self) -> f64 {
        self.mean / self.shape.sqrt()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_table_is_the_quantile() {
        for cv in [
            0.0005, 0.001, 0.03, 0.1, 0.5, 0.9, 1.4, 3.0, 10.0, 100.0_f64,
        ] {
            let gamma = Gamma::new(1e7, 1.0 / (cv * cv));
            for k in 0..4000_u32 {
                // From 1/2 to 2^-53 and from 1/2 to 1, evenly in the logarithm.
                let tail = 0.5 * exp(-36.0 * f64::from(k) / 4000.0);
                for u in [tail, 1.0 - tail] {
                    let exact = gamma.quantile(u, 1.0 - u);
                    let error = (gamma.at_uniform(u) - exact).abs();
                    // A nanosecond is what a draw is rounded to.
                    assert!(
                        error < 1e-5 * exact + 1e-3,
                        "cv {cv}, u {u}: {exact} {error}"
                    );
                }
            }
        }
    }
}
