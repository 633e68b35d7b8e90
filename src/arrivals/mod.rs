//! How load comes (A7): open sources. One file per process.

use crate::kernel::chance::Stream;
use crate::kernel::time::{Duration, Time};

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

/// Gives one source's arrival instants in order.
#[derive(Clone, Debug)]
pub struct Generator {
    stream: Stream,
}

impl Generator {
    /// The arrivals of a run whose measured window opens at `opens`; the run itself begins at zero. `stream` is the
    /// source's own stream of [`crate::kernel::chance::Purpose::Arrival`].
    #[must_use]
    pub fn new(arrivals: &Arrivals, stream: Stream, opens: Time) -> Self {
        let _ = (arrivals, opens);
        Self { stream }
    }

    /// The next instant; `None` when no more will come (a rate that stays zero). Equal instants are possible, earlier ones not.
    pub fn next_instant(&mut self) -> Option<Time> {
        let _ = self.stream;
        None
    }
}
