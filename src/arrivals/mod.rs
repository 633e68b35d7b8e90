//! How load comes (A7): open sources, one file per process; and users, who come when they have been answered.
//!
//! A generator is asked for one instant after another and knows neither the calendar nor what arrives.

mod bursty;
mod constant;
mod poisson;
mod replay;
mod stages;

use self::bursty::Phases;
use self::constant::Even;
use self::poisson::Chance;
use self::replay::Replay;
use self::stages::Profile;
use crate::kernel::chance::Stream;
use crate::kernel::dist::Dist;
use crate::kernel::time::{Duration, Time};
use std::sync::Arc;

/// An arrival process.
#[derive(Clone, Debug, PartialEq)]
pub enum Arrivals {
    /// Exponential gaps; mean arrivals per second.
    Poisson(f64),
    /// Equal gaps; arrivals per second.
    Constant(f64),
    /// A rate that moves in straight lines (A7); its clock starts with the measured window.
    Stages(Stages),
    /// Quiet and bursts by chance (A7).
    Bursty(Bursts),
    /// As they were recorded (A7); its clock starts with the measured window, and the warm-up plays its beginning.
    Recorded(Recorded),
    /// A fixed number of users, each of whom waits for the answer (A7): no generator knows when they come.
    Closed(Users),
}

impl Arrivals {
    /// As stages, where the rate is not a matter of chance itself.
    #[must_use]
    pub fn as_stages(&self) -> Option<Stages> {
        let level = |start: f64, spacing| Stages {
            start,
            ramps: Vec::new(),
            spacing,
        };
        match self {
            Self::Stages(stages) => Some(stages.clone()),
            Self::Constant(rate) => Some(level(*rate, Spacing::Constant)),
            Self::Poisson(rate) => Some(level(*rate, Spacing::Poisson)),
            Self::Bursty(_) | Self::Closed(_) | Self::Recorded(_) => None,
        }
    }

    /// How many come per second: the mean, of stages the highest rate, and of users those who are not slowed down by any answer.
    #[must_use]
    pub fn rate(&self) -> f64 {
        match self {
            Self::Poisson(rate) | Self::Constant(rate) => *rate,
            Self::Recorded(recorded) => recorded.rate(),
            Self::Bursty(bursts) => {
                let share = bursts.burst_share();
                bursts.peak * share + bursts.quiet_rate * (1.0 - share)
            }
            Self::Stages(stages) => {
                let targets = stages.ramps.iter().map(|&(_, target)| target);
                targets.fold(stages.start, f64::max)
            }
            Self::Closed(users) => f64::from(users.n) / users.think.mean_s().max(1e-3),
        }
    }

    /// Is it one process all the time, so that a mean over time means something? Not if the rate is written to change, or recorded.
    #[must_use]
    pub const fn is_steady(&self) -> bool {
        match self {
            Self::Poisson(_) | Self::Constant(_) | Self::Bursty(_) | Self::Closed(_) => true,
            Self::Stages(_) | Self::Recorded(_) => false,
        }
    }

    /// How many come per second, in the mean over a `window` that opens with the clock; `None` of users, who come when they have been answered.
    #[must_use]
    pub fn mean_rate(&self, window: Duration) -> Option<f64> {
        match self {
            Self::Poisson(_) | Self::Constant(_) | Self::Bursty(_) => Some(self.rate()),
            Self::Recorded(recorded) => {
                let n = recorded.0.partition_point(|at| *at < window);
                #[expect(clippy::cast_precision_loss, reason = "a count of rows of a file")]
                let n = n as f64;
                Some(n / window.as_secs_f64())
            }
            Self::Stages(stages) => Some(stages.mean_rate(window)),
            Self::Closed(_) => None,
        }
    }
}

/// When clients came: from the opening of the measured window on, in order.
#[derive(Clone, Debug, PartialEq)]
pub struct Recorded(Arc<[Duration]>);

impl Recorded {
    /// Of instants in any order.
    #[must_use]
    pub fn new(instants: &[Duration]) -> Self {
        let mut instants = instants.to_vec();
        instants.sort_unstable();
        Self(instants.into())
    }

    /// In order.
    #[must_use]
    pub fn instants(&self) -> &[Duration] {
        &self.0
    }

    /// How many come per second, from the opening to the last one; of one, or of several at the opening, as if within a second.
    #[must_use]
    pub fn rate(&self) -> f64 {
        let last_s = self.0.last().map_or(0.0, |last| last.as_secs_f64());
        #[expect(clippy::cast_precision_loss, reason = "a count of rows of a file")]
        let n = self.0.len() as f64;
        n / if last_s > 0.0 { last_s } else { 1.0 }
    }
}

/// Users who think, ask, wait for the answer (or leave), think again, and so on.
#[derive(Clone, Debug, PartialEq)]
pub struct Users {
    /// How many; at least 1.
    pub n: u32,
    /// From an answer to the next question, and before the first one; not always zero.
    pub think: Dist,
}

/// Two phases that take turns, each of exponential length, with Poisson arrivals in both.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Bursts {
    /// Arrivals per second in a burst; above 0.
    pub peak: f64,
    /// How long a burst lasts on average; above 0.
    pub lasts: Duration,
    /// Arrivals per second between bursts; not negative.
    pub quiet_rate: f64,
    /// How long it is quiet on average; above 0.
    pub quiet: Duration,
}

impl Bursts {
    /// The share of time that is a burst.
    #[must_use]
    pub fn burst_share(&self) -> f64 {
        let (burst, quiet) = (self.lasts.as_secs_f64(), self.quiet.as_secs_f64());
        burst / (burst + quiet)
    }
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

impl Stages {
    /// The mean rate from the opening of the window on for `window`, per second.
    fn mean_rate(&self, window: Duration) -> f64 {
        let length_s = window.as_secs_f64();
        let (mut begins_s, mut rate, mut area) = (0.0, self.start, 0.0);
        for &(length, target) in &self.ramps {
            let all_s = length.as_secs_f64();
            let within_s = all_s.min(length_s - begins_s).max(0.0);
            let end = if all_s > 0.0 {
                rate + (target - rate) * within_s / all_s
            } else {
                target
            };
            area += f64::midpoint(rate, end) * within_s;
            (begins_s, rate) = (begins_s + all_s, target);
        }
        (area + rate * (length_s - begins_s).max(0.0)) / length_s
    }

    /// The same with a rate of `more` beside it, from `at` on for `over`, counted from the opening of the window.
    #[must_use]
    pub fn with_burst(&self, at: Duration, more: f64, over: Duration) -> Self {
        self.changed(at, over, |rate| rate + more)
    }

    /// The same with `factor` times as many arrivals, from `at` on for `over`, counted from the opening of the window.
    #[must_use]
    pub fn with_surge(&self, at: Duration, factor: f64, over: Duration) -> Self {
        self.changed(at, over, |rate| rate * factor)
    }

    /// The same with another rate, from `at` on for `over`: a straight line must stay one.
    fn changed(&self, at: Duration, over: Duration, change: impl Fn(f64) -> f64) -> Self {
        let end = at + over;
        let mut knots = vec![(Duration::ZERO, self.start)];
        for &(length, target) in &self.ramps {
            let (begins, _) = knots[knots.len() - 1];
            knots.push((begins + length, target));
        }
        // The burst begins and ends within a straight line, or after the last one.
        for edge in [at, end] {
            let after = knots.partition_point(|&(time, _)| time <= edge);
            let rate = match (knots[after - 1], knots.get(after)) {
                ((_, rate), None) => rate,
                ((begins, rate), Some(&(ends, target))) => {
                    let seconds = Duration::as_secs_f64;
                    let part =
                        (seconds(edge) - seconds(begins)) / (seconds(ends) - seconds(begins));
                    rate + (target - rate) * part
                }
            };
            knots.insert(after, (edge, rate));
        }
        let is_in = |from: Duration, to: Duration| from >= at && to <= end && from < to;
        let (mut ramps, mut before) = (Vec::new(), (Duration::ZERO, self.start));
        for &(time, rate) in &knots[1..] {
            let length = Duration(time.0 - before.0.0);
            if is_in(before.0, time) {
                ramps.push((Duration::ZERO, change(before.1)));
                ramps.push((length, change(rate)));
                ramps.push((Duration::ZERO, rate));
            } else {
                ramps.push((length, rate));
            }
            before = (time, rate);
        }
        Self {
            ramps,
            ..self.clone()
        }
    }
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
    Bursty(Phases),
    Recorded(Replay),
    /// Somebody else knows when they come.
    Closed,
}

impl Generator {
    /// The arrivals of a run whose measured window opens at `opens`; the run itself begins at zero. `stream` is the
    /// source's own stream of [`crate::kernel::chance::Purpose::Arrival`].
    #[must_use]
    pub fn new(arrivals: &Arrivals, stream: Stream, opens: Time) -> Self {
        Self(match arrivals {
            Arrivals::Poisson(rate) => Process::Poisson(Chance::new(*rate, stream)),
            Arrivals::Constant(rate) => Process::Constant(Even::new(*rate)),
            Arrivals::Bursty(bursts) => Process::Bursty(Phases::new(*bursts, stream)),
            Arrivals::Recorded(recorded) => Process::Recorded(Replay::new(recorded, opens)),
            Arrivals::Closed(_) => Process::Closed,
            Arrivals::Stages(stages) => Process::Stages(Profile::new(stages, stream, opens)),
        })
    }

    /// The next instant; `None` when no more will come (a rate that stays zero, or an instant beyond the last one of the
    /// clock). Equal instants are possible, earlier ones not.
    pub fn next_instant(&mut self) -> Option<Time> {
        match &mut self.0 {
            Process::Poisson(process) => process.next_instant(),
            Process::Constant(process) => process.next_instant(),
            Process::Bursty(process) => process.next_instant(),
            Process::Stages(process) => process.next_instant(),
            Process::Recorded(process) => process.next_instant(),
            Process::Closed => None,
        }
    }
}

#[cfg(test)]
mod tests;
