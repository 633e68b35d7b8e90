//! Laws whose quantile is a formula. All in nanoseconds.

use crate::kernel::math::{exp, exp_m1, gamma, ln, ln_1p, normal_cdf, normal_quantile, pow};

#[derive(Clone, Debug, PartialEq)]
pub(super) enum Closed {
    Uniform {
        low: f64,
        high: f64,
    },
    /// e to a normal number.
    Lognormal {
        mu: f64,
        sigma: f64,
    },
    /// An exponential number of mean 1 to the power 1/shape, times `scale`.
    Weibull {
        scale: f64,
        inverse_shape: f64,
    },
    /// Density proportional to x^(-shape - 1) from `min` to `max` (Harchol-Balter, "Performance Modeling and Design of
    /// Computer Systems", 2013, section 20.4).
    Pareto {
        min: f64,
        max: f64,
        shape: f64,
    },
}

impl Closed {
    /// `above` is 1 - `p`.
    pub(super) fn quantile(&self, p: f64, above: f64) -> f64 {
        match *self {
            Self::Uniform { low, high } => low * above + high * p,
            Self::Lognormal { mu, sigma } => exp(mu + sigma * z(p, above)),
            Self::Weibull {
                scale,
                inverse_shape,
            } => scale * pow(-ln(above), inverse_shape),
            Self::Pareto { min, max, shape } => {
                // The share below x is (1 - (min/x)^shape) / (1 - (min/max)^shape).
                let cut = -exp_m1(shape * ln(min / max));
                let x = min * exp(-ln_1p(-p * cut) / shape);
                x.min(max)
            }
        }
    }

    pub(super) fn cdf(&self, x: f64) -> f64 {
        match *self {
            Self::Uniform { low, high } => ((x - low) / (high - low)).clamp(0.0, 1.0),
            _ if x <= 0.0 => 0.0,
            Self::Lognormal { mu, sigma } => normal_cdf((ln(x) - mu) / sigma),
            Self::Weibull {
                scale,
                inverse_shape,
            } => -exp_m1(-pow(x / scale, 1.0 / inverse_shape)),
            Self::Pareto { min, max, shape } => {
                let x = x.clamp(min, max);
                exp_m1(shape * ln(min / x)) / exp_m1(shape * ln(min / max))
            }
        }
    }

    pub(super) fn mean(&self) -> f64 {
        match *self {
            Self::Uniform { low, high } => 0.5 * (low + high),
            Self::Lognormal { mu, sigma } => exp(mu + 0.5 * sigma * sigma),
            Self::Weibull {
                scale,
                inverse_shape,
            } => scale * gamma(1.0 + inverse_shape),
            Self::Pareto { min, max, shape } => min * pareto_moment(1.0, max / min, shape),
        }
    }

    pub(super) fn sd(&self) -> f64 {
        match *self {
            Self::Uniform { low, high } => (high - low) / 12.0_f64.sqrt(),
            Self::Lognormal { sigma, .. } => self.mean() * exp_m1(sigma * sigma).sqrt(),
            Self::Weibull {
                scale,
                inverse_shape,
            } => {
                let first = gamma(1.0 + inverse_shape);
                let second = gamma(1.0 + 2.0 * inverse_shape);
                scale * (second - first * first).max(0.0).sqrt()
            }
            Self::Pareto { min, max, shape } => {
                let first = pareto_moment(1.0, max / min, shape);
                let second = pareto_moment(2.0, max / min, shape);
                min * (second - first * first).max(0.0).sqrt()
            }
        }
    }
}

/// The standard normal quantile, from the smaller of the two tails.
fn z(p: f64, above: f64) -> f64 {
    if p <= 0.5 {
        normal_quantile(p)
    } else {
        -normal_quantile(above)
    }
}

/// The k-th moment of a bounded Pareto number on 1 to `top`: the integral of shape x^(k - shape - 1), over the share of
/// the unbounded law that lies below `top`.
fn pareto_moment(k: f64, top: f64, shape: f64) -> f64 {
    let span = ln(top);
    let power = (k - shape) * span;
    // (e^power - 1) / power, continued through shape = k.
    let mean_growth = if power.abs() < 1e-12 {
        1.0
    } else {
        exp_m1(power) / power
    };
    shape * span * mean_growth / -exp_m1(-shape * span)
}
