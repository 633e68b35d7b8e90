//! Distributions of durations.

use super::chance::Draw;
use super::time::Duration;

/// A distribution of durations, ready to be drawn from.
#[derive(Clone, Debug, PartialEq)]
pub struct Dist(());

impl Dist {
    /// Always `value`.
    #[must_use]
    pub fn constant(value: Duration) -> Self {
        let _ = value;
        Self(())
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
}
