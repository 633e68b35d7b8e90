//! A Markov-modulated Poisson process of two phases (MMPP-2): quiet and burst, each of exponential length (Fischer,
//! Meier-Hellstern, "The Markov-modulated Poisson process (MMPP) cookbook", Performance Evaluation 18, 1993).

use super::Bursts;
use super::poisson::Units;
use crate::kernel::chance::Stream;
use crate::kernel::time::{Duration, Time};

/// The process of [`Bursts`]. Rate times time until the next arrival is an exponential number of mean 1, phase after phase; the
/// phases have a stream of their own.
#[derive(Clone, Debug)]
pub(super) struct Phases {
    law: Bursts,
    arrivals: Units,
    lengths: Units,
    is_burst: bool,
    now: Time,
    phase_ends: Time,
}

/// The place of the phases' draws in the source's stream: no source has so many arrivals.
const PHASES: u64 = 1 << 40;

impl Phases {
    pub(super) fn new(law: Bursts, stream: Stream) -> Self {
        let mut process = Self {
            law,
            arrivals: Units::new(stream),
            lengths: Units::from(stream, PHASES),
            // The phase at the beginning is one of the long run.
            is_burst: stream.draw((PHASES - 1) << 8).uniform() < law.burst_share(),
            now: Time::ZERO,
            phase_ends: Time::ZERO,
        };
        process.phase_ends = Time::ZERO + process.length();
        process
    }

    /// How long the present phase lasts.
    fn length(&mut self) -> Duration {
        let mean = if self.is_burst {
            self.law.lasts
        } else {
            self.law.quiet
        };
        // At least a nanosecond, so that time goes on.
        let length = Duration::from_secs_f64(mean.as_secs_f64() * self.lengths.next_unit());
        length.max(Duration(1))
    }

    pub(super) fn next_instant(&mut self) -> Option<Time> {
        let mut left = self.arrivals.next_unit();
        loop {
            let rate = if self.is_burst {
                self.law.peak
            } else {
                self.law.quiet_rate
            };
            let span = (self.phase_ends - self.now).as_secs_f64();
            if left <= rate * span {
                self.now += Duration::from_secs_f64(left / rate);
                return (self.now < Time::NEVER).then_some(self.now);
            }
            left -= rate * span;
            self.now = self.phase_ends;
            if self.now >= Time::NEVER {
                return None;
            }
            self.is_burst = !self.is_burst;
            self.phase_ends = self.now + self.length();
        }
    }
}
