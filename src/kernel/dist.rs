//! Distributions of durations.

use super::chance::Draw;
use super::time::Duration;

/// A distribution of durations, ready to be drawn from. Immutable; cheap to clone.
#[derive(Clone, Debug, PartialEq)]
pub struct Dist(());

/// What is wrong with the parameters of a distribution: lower case, no full stop, names the value.
pub type Mistake = String;

impl Dist {
    /// Always `value`.
    #[must_use]
    pub fn constant(value: Duration) -> Self {
        let _ = value;
        Self(())
    }

    /// Exponential with this mean.
    #[must_use]
    pub fn exponential(mean: Duration) -> Self {
        Self::constant(mean)
    }

    /// Uniform from `low` to `high`.
    ///
    /// # Errors
    /// If `low` is above `high`.
    pub fn uniform(low: Duration, high: Duration) -> Result<Self, Mistake> {
        let _ = high;
        Ok(Self::constant(low))
    }

    /// Lognormal through the median and one further quantile (`q` above 0.5, its value above the median).
    ///
    /// # Errors
    /// If the two points do not rise.
    pub fn lognormal(p50: Duration, q: f64, value: Duration) -> Result<Self, Mistake> {
        let _ = (q, value);
        Ok(Self::constant(p50))
    }

    /// Lognormal with this mean and coefficient of variation (above 0).
    ///
    /// # Errors
    /// If `cv` is not positive and finite.
    pub fn lognormal_mean(mean: Duration, cv: f64) -> Result<Self, Mistake> {
        let _ = cv;
        Ok(Self::constant(mean))
    }

    /// Exact at each point `(q, value)`, log-linear between; `max` is the value at q = 1. Three points or more, rising.
    ///
    /// # Errors
    /// If the points do not rise.
    pub fn quantiles(points: &[(f64, Duration)], max: Option<Duration>) -> Result<Self, Mistake> {
        let _ = max;
        points
            .first()
            .map(|&(_, value)| Self::constant(value))
            .ok_or_else(|| "no points".into())
    }

    /// Gamma with this mean and coefficient of variation (above 0).
    ///
    /// # Errors
    /// If `cv` is not positive and finite.
    pub fn gamma(mean: Duration, cv: f64) -> Result<Self, Mistake> {
        let _ = cv;
        Ok(Self::constant(mean))
    }

    /// Weibull with this median and shape.
    ///
    /// # Errors
    /// If `shape` is not positive and finite.
    pub fn weibull(p50: Duration, shape: f64) -> Result<Self, Mistake> {
        let _ = shape;
        Ok(Self::constant(p50))
    }

    /// Bounded Pareto on `min` to `max` with tail index `shape`.
    ///
    /// # Errors
    /// If the bounds do not rise or `shape` is not positive and finite.
    pub fn pareto(min: Duration, max: Duration, shape: f64) -> Result<Self, Mistake> {
        let _ = (max, shape);
        Ok(Self::constant(min))
    }

    /// Sum of `stages` (1 to 1 000) exponentials with this total mean.
    ///
    /// # Errors
    /// If `stages` is out of range.
    pub fn erlang(mean: Duration, stages: u32) -> Result<Self, Mistake> {
        let _ = stages;
        Ok(Self::constant(mean))
    }

    /// Exponential with one of several means, chosen by share (shares add up to 1).
    ///
    /// # Errors
    /// If the shares do not add up to 1.
    pub fn hyperexponential(branches: &[(f64, Duration)]) -> Result<Self, Mistake> {
        branches
            .first()
            .map(|&(_, mean)| Self::constant(mean))
            .ok_or_else(|| "no branches".into())
    }

    /// Hyperexponential of two branches with balanced means (Allen, "Probability, Statistics, and Queueing Theory", 1990):
    /// this mean and coefficient of variation (at least 1).
    ///
    /// # Errors
    /// If `cv` is below 1.
    pub fn hyperexponential_mean(mean: Duration, cv: f64) -> Result<Self, Mistake> {
        let _ = cv;
        Ok(Self::constant(mean))
    }

    /// One of several distributions, chosen by share (shares add up to 1).
    ///
    /// # Errors
    /// If the shares do not add up to 1.
    pub fn mix(parts: Vec<(f64, Self)>) -> Result<Self, Mistake> {
        parts
            .into_iter()
            .next()
            .map(|(_, dist)| dist)
            .ok_or_else(|| "no parts".into())
    }

    /// From `HdrHistogram`'s percentile output, whose values are multiples of `unit`.
    ///
    /// # Errors
    /// If the text is not such an output.
    pub fn from_hgrm(text: &str, unit: Duration) -> Result<Self, Mistake> {
        let _ = text;
        Ok(Self::constant(unit))
    }

    /// The empirical distribution of samples.
    ///
    /// # Errors
    /// If there is no sample.
    pub fn from_samples(samples: &[Duration]) -> Result<Self, Mistake> {
        samples
            .first()
            .map(|&sample| Self::constant(sample))
            .ok_or_else(|| "no samples".into())
    }

    /// If the distribution has one value only, that value.
    #[must_use]
    pub fn as_constant(&self) -> Option<Duration> {
        None
    }

    /// A draw.
    #[inline]
    pub fn sample(&self, draw: &mut Draw) -> Duration {
        let _ = draw;
        Duration::ZERO
    }

    /// The mean, seconds.
    #[must_use]
    pub fn mean_s(&self) -> f64 {
        0.0
    }

    /// The standard deviation, seconds.
    #[must_use]
    pub fn sd_s(&self) -> f64 {
        0.0
    }

    /// The quantile at `q` (0 to 1), seconds.
    #[must_use]
    pub fn quantile_s(&self, q: f64) -> f64 {
        let _ = q;
        0.0
    }
}
