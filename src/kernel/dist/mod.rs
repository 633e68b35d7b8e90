//! Distributions of durations.
//!
//! A draw is made by inversion: one uniform number a variate, and the variate rises with it, so two distributions under
//! common draws move together (A4). Only a mixture takes two numbers: the first chooses the part.
//!
//! ```text
//!   closed     exponential, uniform, lognormal, Weibull, Pareto: the quantile is a formula
//!   gamma      gamma, Erlang: the quantile is a table, made once
//!   points     quantiles as a dashboard or an HdrHistogram shows them
//!   recorded   reads what was measured: percentile output, samples
//!   mix        one of several, by share; hyperexponential
//! ```

mod closed;
mod gamma;
mod mix;
mod points;
mod recorded;

use self::closed::Closed;
use self::gamma::Gamma;
use self::mix::Mix;
use self::points::Points;
use super::chance::Draw;
use super::math::{exp, exp_of_log, ln, ln_1p, ln_of_share, normal_quantile, pow};
use super::time::Duration;
use super::units::{format_duration, format_share};
use std::sync::Arc;

/// A distribution of durations, ready to be drawn from. Immutable; cheap to clone.
#[derive(Clone, Debug, PartialEq)]
pub struct Dist(Law);

/// What is wrong with the parameters of a distribution: lower case, no full stop, names the value.
pub type Mistake = String;

/// Inside, durations are nanoseconds in a float: 53 bits hold 104 days to the nanosecond.
#[derive(Clone, Debug, PartialEq)]
enum Law {
    Constant(Duration),
    Exponential {
        mean: f64,
    },
    Closed(Closed),
    Gamma(Arc<Gamma>),
    Points(Arc<Points>),
    /// Sorted samples.
    Samples(Arc<[u64]>),
    Mix(Arc<Mix<Dist>>),
}

/// A mean above this is a slip of the pen.
const MEAN_MAX_YEARS: f64 = 100.0;
const NS_PER_YEAR: f64 = 365.25 * 86_400e9;

impl Dist {
    /// Always `value`.
    #[must_use]
    pub const fn constant(value: Duration) -> Self {
        Self(Law::Constant(value))
    }

    /// Exponential with this mean.
    #[must_use]
    pub fn exponential(mean: Duration) -> Self {
        if mean.is_zero() {
            return Self::constant(mean);
        }
        Self(Law::Exponential { mean: ns(mean) })
    }

    /// Uniform from `low` to `high`.
    ///
    /// # Errors
    /// If `low` is above `high`.
    pub fn uniform(low: Duration, high: Duration) -> Result<Self, Mistake> {
        if low > high {
            return Err(format!(
                "the range falls: {} is above {}",
                format_duration(low),
                format_duration(high)
            ));
        }
        if low == high {
            return Ok(Self::constant(low));
        }
        let (low, high) = (ns(low), ns(high));
        Self::checked(Law::Closed(Closed::Uniform { low, high }))
    }

    /// Lognormal through the median and one further quantile (`q` above 0.5, its value above the median).
    ///
    /// # Errors
    /// If the two points do not rise.
    pub fn lognormal(p50: Duration, q: f64, value: Duration) -> Result<Self, Mistake> {
        let name = quantile_name(q);
        if !(q > 0.5 && q < 1.0) {
            return Err(format!("{name} is not between p50 and p100"));
        }
        if p50.is_zero() {
            return Err("p50 is zero, and a lognormal time is never zero".into());
        }
        if value <= p50 {
            return Err(format!(
                "{name} {} is not above p50 {}",
                format_duration(value),
                format_duration(p50)
            ));
        }
        let mu = ln(ns(p50));
        let sigma = (ln(ns(value)) - mu) / normal_quantile(q);
        Self::checked(Law::Closed(Closed::Lognormal { mu, sigma }))
    }

    /// Lognormal with this mean and coefficient of variation (above 0).
    ///
    /// # Errors
    /// If `cv` is not positive and finite.
    pub fn lognormal_mean(mean: Duration, cv: f64) -> Result<Self, Mistake> {
        above_zero("cv", cv)?;
        if mean.is_zero() {
            return Ok(Self::constant(mean));
        }
        let variance = ln_1p(cv * cv);
        let mu = ln(ns(mean)) - 0.5 * variance;
        Self::checked(Law::Closed(Closed::Lognormal {
            mu,
            sigma: variance.sqrt(),
        }))
    }

    /// Exact at each point `(q, value)`, log-linear between; `max` is the value at q = 1. Three points or more (`max` is
    /// one), rising.
    ///
    /// Below the first point, and above the last if there is no `max`, it goes on as the lognormal through the outer two
    /// points, the same law as for two points alone.
    ///
    /// # Errors
    /// If the points do not rise.
    pub fn quantiles(points: &[(f64, Duration)], max: Option<Duration>) -> Result<Self, Mistake> {
        let mut points = points.to_vec();
        points.extend(max.map(|max| (1.0, max)));
        if points.len() < 3 {
            return Err(format!("{} points are too few: it takes 3", points.len()));
        }
        for pair in points.windows(2) {
            let ((q, low), (next_q, high)) = (pair[0], pair[1]);
            if next_q <= q || high <= low {
                return Err(format!(
                    "{} {} does not rise from {} {}",
                    quantile_name(next_q),
                    format_duration(high),
                    quantile_name(q),
                    format_duration(low)
                ));
            }
        }
        if points.iter().any(|&(q, _)| !(0.0..=1.0).contains(&q)) {
            return Err("a quantile lies between 0 and 1".into());
        }
        Self::of_points(&points)
    }

    /// Gamma with this mean and coefficient of variation (above 0, at most 100).
    ///
    /// # Errors
    /// If `cv` is out of range.
    pub fn gamma(mean: Duration, cv: f64) -> Result<Self, Mistake> {
        above_zero("cv", cv)?;
        if cv > 100.0 {
            return Err(format!("cv {cv} is above 100"));
        }
        Ok(Self::gamma_of_shape(mean, 1.0 / (cv * cv)))
    }

    /// Weibull with this median and shape.
    ///
    /// # Errors
    /// If `shape` is not positive and finite.
    pub fn weibull(p50: Duration, shape: f64) -> Result<Self, Mistake> {
        above_zero("shape", shape)?;
        if p50.is_zero() {
            return Ok(Self::constant(p50));
        }
        let inverse_shape = 1.0 / shape;
        let scale = ns(p50) / pow(std::f64::consts::LN_2, inverse_shape);
        Self::checked(Law::Closed(Closed::Weibull {
            scale,
            inverse_shape,
        }))
    }

    /// Bounded Pareto on `min` to `max` with tail index `shape`.
    ///
    /// # Errors
    /// If the bounds do not rise or `shape` is not positive and finite.
    pub fn pareto(min: Duration, max: Duration, shape: f64) -> Result<Self, Mistake> {
        above_zero("shape", shape)?;
        if min.is_zero() {
            return Err("min is zero, and a Pareto time is never zero".into());
        }
        if max <= min {
            return Err(format!(
                "max {} is not above min {}",
                format_duration(max),
                format_duration(min)
            ));
        }
        let (min, max) = (ns(min), ns(max));
        Self::checked(Law::Closed(Closed::Pareto { min, max, shape }))
    }

    /// Sum of `stages` (1 to 1 000) exponentials with this total mean.
    ///
    /// # Errors
    /// If `stages` is out of range.
    pub fn erlang(mean: Duration, stages: u32) -> Result<Self, Mistake> {
        if !(1..=1000).contains(&stages) {
            return Err(format!("{stages} stages are not between 1 and 1000"));
        }
        Ok(Self::gamma_of_shape(mean, f64::from(stages)))
    }

    /// Exponential with one of several means, chosen by share (shares add up to 1).
    ///
    /// # Errors
    /// If the shares do not add up to 1.
    pub fn hyperexponential(branches: &[(f64, Duration)]) -> Result<Self, Mistake> {
        let exponential = |&(share, mean)| (share, Self::exponential(mean));
        Self::mix(branches.iter().map(exponential).collect())
    }

    /// Hyperexponential of two branches with balanced means (Allen, "Probability, Statistics, and Queueing Theory", 1990):
    /// this mean and coefficient of variation (at least 1).
    ///
    /// # Errors
    /// If `cv` is below 1.
    pub fn hyperexponential_mean(mean: Duration, cv: f64) -> Result<Self, Mistake> {
        if !(cv >= 1.0 && cv.is_finite()) {
            return Err(format!("cv {cv} is below 1"));
        }
        let cv2 = cv * cv;
        let often = 0.5 * (1.0 + ((cv2 - 1.0) / (cv2 + 1.0)).sqrt());
        if 1.0 - often <= 0.0 {
            return Err(format!("cv {cv} is too large"));
        }
        let branch = |share: f64| {
            let mean = ns(mean) / (2.0 * share);
            (share, Self(Law::Exponential { mean }))
        };
        Self::mix(vec![branch(often), branch(1.0 - often)])
    }

    /// One of several distributions, chosen by share (shares add up to 1).
    ///
    /// # Errors
    /// If the shares do not add up to 1.
    pub fn mix(parts: Vec<(f64, Self)>) -> Result<Self, Mistake> {
        if parts
            .iter()
            .any(|(share, _)| share.is_nan() || *share < 0.0)
        {
            return Err("a share is below 0".into());
        }
        let total: f64 = parts.iter().map(|(share, _)| share).sum();
        if (total - 1.0).abs() > 1e-9 {
            return Err(format!(
                "the shares add up to {}",
                format_share((total * 1e9).round() / 1e9)
            ));
        }
        let mut parts: Vec<_> = parts
            .into_iter()
            .filter(|(share, _)| *share > 0.0)
            .collect();
        if parts.len() == 1 {
            return Ok(parts.remove(0).1);
        }
        Self::checked(Law::Mix(Arc::new(Mix::new(parts))))
    }

    /// From `HdrHistogram`'s percentile output, whose values are multiples of `unit`: exact at each line, log-linear
    /// between, like [`Dist::quantiles`].
    ///
    /// # Errors
    /// If the text is not such an output.
    pub fn from_hgrm(text: &str, unit: Duration) -> Result<Self, Mistake> {
        Self::of_points(&recorded::percentile_lines(text, unit)?)
    }

    /// The empirical distribution of samples: each draw is one of them (sampling with replacement), none is invented.
    ///
    /// # Errors
    /// If there is no sample.
    pub fn from_samples(samples: &[Duration]) -> Result<Self, Mistake> {
        let mut sorted: Vec<u64> = samples.iter().map(|sample| sample.0).collect();
        sorted.sort_unstable();
        match (sorted.first(), sorted.last()) {
            (Some(first), Some(last)) if first == last => Ok(Self::constant(Duration(*first))),
            (Some(_), Some(_)) => Ok(Self(Law::Samples(sorted.into()))),
            _ => Err("there is no sample".into()),
        }
    }

    /// If the distribution has one value only, that value.
    #[must_use]
    pub const fn as_constant(&self) -> Option<Duration> {
        match self.0 {
            Law::Constant(value) => Some(value),
            _ => None,
        }
    }

    /// Is it exponential?
    #[must_use]
    pub const fn is_exponential(&self) -> bool {
        matches!(self.0, Law::Exponential { .. })
    }

    /// A draw: rounded to the nearest nanosecond; beyond the largest span, that span.
    #[inline]
    pub fn sample(&self, draw: &mut Draw) -> Duration {
        match &self.0 {
            Law::Constant(value) => *value,
            Law::Exponential { mean } => whole_ns(-mean * ln_of_share(1.0 - draw.uniform())),
            _ => self.sample_other(draw),
        }
    }

    /// The mean, seconds.
    #[must_use]
    pub fn mean_s(&self) -> f64 {
        self.mean() * 1e-9
    }

    /// The standard deviation, seconds.
    #[must_use]
    pub fn sd_s(&self) -> f64 {
        self.sd() * 1e-9
    }

    /// The quantile at `q` (0 to 1), seconds: the smallest value that at least this share of draws does not exceed.
    /// Infinite at 1 if there is no largest value.
    #[must_use]
    pub fn quantile_s(&self, q: f64) -> f64 {
        let q = q.clamp(0.0, 1.0);
        self.quantile(q, 1.0 - q) * 1e-9
    }

    fn gamma_of_shape(mean: Duration, shape: f64) -> Self {
        if mean.is_zero() {
            return Self::constant(mean);
        }
        #[expect(clippy::float_cmp, reason = "only the exact 1 is exponential")]
        if shape == 1.0 {
            return Self::exponential(mean);
        }
        Self(Law::Gamma(Arc::new(Gamma::new(ns(mean), shape))))
    }

    fn of_points(points: &[(f64, Duration)]) -> Result<Self, Mistake> {
        let (first, last) = (points.first(), points.last());
        if let (Some((_, first)), Some((_, last))) = (first, last)
            && first == last
        {
            return Ok(Self::constant(*first));
        }
        let points: Vec<(f64, f64)> = points.iter().map(|&(q, value)| (q, ns(value))).collect();
        Self::checked(Law::Points(Arc::new(Points::new(&points))))
    }

    fn checked(law: Law) -> Result<Self, Mistake> {
        let dist = Self(law);
        if dist.mean() < MEAN_MAX_YEARS * NS_PER_YEAR {
            Ok(dist)
        } else {
            Err(format!("the mean would be above {MEAN_MAX_YEARS} years"))
        }
    }

    fn sample_other(&self, draw: &mut Draw) -> Duration {
        let u = draw.uniform();
        match &self.0 {
            Law::Closed(Closed::Lognormal { mu, sigma }) => {
                whole_ns(exp_of_log(mu + sigma * normal_quantile(u)))
            }
            Law::Samples(sorted) => Duration(sorted[sample_idx(sorted.len(), u)]),
            Law::Mix(mix) => mix.choose(u).sample(draw),
            Law::Gamma(gamma) => whole_ns(gamma.at_uniform(u)),
            _ => whole_ns(self.quantile(u, 1.0 - u)),
        }
    }

    /// The quantile at `p` in nanoseconds; `above` is 1 - `p`, given apart so that neither tail loses digits.
    fn quantile(&self, p: f64, above: f64) -> f64 {
        match &self.0 {
            Law::Constant(value) => ns(*value),
            Law::Exponential { mean } => -mean * ln(above),
            Law::Closed(closed) => closed.quantile(p, above),
            Law::Gamma(gamma) => gamma.quantile(p, above),
            Law::Points(points) => points.quantile(p),
            Law::Samples(sorted) => {
                // The smallest sample with a share of at least p at or below it.
                let idx = sorted.len() - 1 - sample_idx(sorted.len(), above);
                ns(Duration(sorted[idx]))
            }
            Law::Mix(mix) => mix.quantile(p, |part| part.quantile(p, above), Self::cdf),
        }
    }

    /// Share of draws (before rounding) at or below `x` nanoseconds.
    fn cdf(&self, x: f64) -> f64 {
        match &self.0 {
            Law::Constant(value) => f64::from(u8::from(x >= ns(*value))),
            Law::Exponential { mean } => 1.0 - exp(-x.max(0.0) / mean),
            Law::Closed(closed) => closed.cdf(x),
            Law::Gamma(gamma) => gamma.cdf(x),
            Law::Points(points) => points.cdf(x),
            Law::Samples(sorted) => {
                let n_below = sorted.partition_point(|&sample| ns(Duration(sample)) <= x);
                ratio(n_below, sorted.len())
            }
            Law::Mix(mix) => mix.average(|part| part.cdf(x)),
        }
    }

    fn mean(&self) -> f64 {
        match &self.0 {
            Law::Constant(value) => ns(*value),
            Law::Exponential { mean } => *mean,
            Law::Closed(closed) => closed.mean(),
            Law::Gamma(gamma) => gamma.mean(),
            Law::Points(points) => points.mean(),
            Law::Samples(sorted) => average(sorted, |x| x),
            Law::Mix(mix) => mix.average(Self::mean),
        }
    }

    fn sd(&self) -> f64 {
        match &self.0 {
            Law::Constant(_) => 0.0,
            Law::Exponential { mean } => *mean,
            Law::Closed(closed) => closed.sd(),
            Law::Gamma(gamma) => gamma.sd(),
            Law::Points(points) => points.sd(),
            Law::Samples(sorted) => {
                let mean = average(sorted, |x| x);
                average(sorted, |x| (x - mean) * (x - mean)).sqrt()
            }
            Law::Mix(mix) => {
                let mean = self.mean();
                let square = |part: &Self| {
                    let (off, sd) = (part.mean() - mean, part.sd());
                    off * off + sd * sd
                };
                mix.average(square).sqrt()
            }
        }
    }
}

/// Nanoseconds as a float.
#[expect(clippy::cast_precision_loss, reason = "15 digits are enough")]
fn ns(span: Duration) -> f64 {
    span.0 as f64
}

/// To the nearest nanosecond; `as` saturates.
#[inline]
#[expect(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "saturation is documented"
)]
fn whole_ns(ns: f64) -> Duration {
    Duration((ns + 0.5) as u64)
}

#[expect(clippy::cast_precision_loss, reason = "counts below 2^53")]
fn ratio(n: usize, of: usize) -> f64 {
    n as f64 / of as f64
}

/// Which of `n` sorted samples a uniform number takes.
#[expect(
    clippy::cast_precision_loss,
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "u is in 0 to 1, so the product is in 0 to n"
)]
fn sample_idx(n: usize, u: f64) -> usize {
    ((u * n as f64) as usize).min(n - 1)
}

fn average(sorted: &[u64], of: impl Fn(f64) -> f64) -> f64 {
    let sum: f64 = sorted.iter().map(|&sample| of(ns(Duration(sample)))).sum();
    sum / ns(Duration(sorted.len() as u64))
}

fn above_zero(name: &str, value: f64) -> Result<(), Mistake> {
    if value > 0.0 && value.is_finite() {
        Ok(())
    } else {
        Err(format!("{name} {value} is not above 0"))
    }
}

/// `p99.9` for 0.999.
fn quantile_name(q: f64) -> String {
    format!("p{}", (q * 1e11).round() / 1e9)
}

#[cfg(test)]
mod tests;
