//! How load comes (A7): open sources. One file per process.
//!
//! A generator is asked for one instant after another and knows neither the calendar nor what arrives.

mod constant;
mod poisson;
mod stages;

use self::constant::Even;
use self::poisson::Chance;
use self::stages::Profile;
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
/// During warm-up the rate is `start`. A ramp that takes no time is a jump.
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
pub struct Generator(Process);

#[derive(Clone, Debug)]
enum Process {
    Poisson(Chance),
    Constant(Even),
    Stages(Profile),
}

impl Generator {
    /// The arrivals of a run whose measured window opens at `opens`; the run itself begins at zero. `stream` is the
    /// source's own stream of [`crate::kernel::chance::Purpose::Arrival`].
    #[must_use]
    pub fn new(arrivals: &Arrivals, stream: Stream, opens: Time) -> Self {
        Self(match arrivals {
            Arrivals::Poisson(rate) => Process::Poisson(Chance::new(*rate, stream)),
            Arrivals::Constant(rate) => Process::Constant(Even::new(*rate)),
            Arrivals::Stages(stages) => Process::Stages(Profile::new(stages, stream, opens)),
        })
    }

    /// The next instant; `None` when no more will come (a rate that stays zero, or an instant beyond the last one of the
    /// clock). Equal instants are possible, earlier ones not.
    pub fn next_instant(&mut self) -> Option<Time> {
        match &mut self.0 {
            Process::Poisson(process) => process.next_instant(),
            Process::Constant(process) => process.next_instant(),
            Process::Stages(process) => process.next_instant(),
        }
    }
}

#[cfg(test)]
mod tests;
