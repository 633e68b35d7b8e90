//! How load comes (A7): open sources. One file per process.

use crate::kernel::time::Duration;

/// An arrival process.
#[derive(Clone, Debug, PartialEq)]
pub enum Arrivals {
    /// Exponential gaps; mean arrivals per second.
    Poisson(f64),
    /// Equal gaps; arrivals per second.
    Constant(f64),
    /// A rate that moves in straight lines (A7); its clock starts with the measured window.
    Stages(Stages),
}

/// Piecewise-linear rate: from `start` to the first target over the first duration, and so on; the last target holds.
/// During warm-up the rate is `start`.
#[derive(Clone, Debug, PartialEq)]
pub struct Stages {
    /// Rate at the opening of the window, per second.
    pub start: f64,
    /// (how long the ramp takes, rate at its end per second).
    pub ramps: Vec<(Duration, f64)>,
    /// Poisson arrivals, or evenly spaced ones.
    pub spacing: Spacing,
}

/// How arrivals lie within the rate.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Spacing {
    /// By chance (an inhomogeneous Poisson process).
    Poisson,
    /// Evenly.
    Constant,
}
