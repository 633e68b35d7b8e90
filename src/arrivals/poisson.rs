//! Exponential gaps.

use crate::kernel::chance::Stream;
use crate::kernel::math::ln_of_share;
use crate::kernel::time::{Duration, Time};

/// A Poisson process of constant rate. What rounding to nanoseconds takes from one gap is given to the next.
#[derive(Clone, Debug)]
pub(super) struct Chance {
    units: Units,
    /// Mean gap, nanoseconds; infinite for a rate of zero.
    gap: f64,
    now: Time,
    /// Between 0 and 1 nanosecond after `now`.
    rest: f64,
}

/// Exponential numbers of mean 1, one for each ordinal (A4).
#[derive(Clone, Debug)]
pub(super) struct Units {
    stream: Stream,
    ordinal: u64,
}

impl Units {
    pub(super) fn new(stream: Stream) -> Self {
        Self::from(stream, 0)
    }

    /// Beginning with the number of this ordinal.
    pub(super) fn from(stream: Stream, ordinal: u64) -> Self {
        Self { stream, ordinal }
    }

    #[inline]
    pub(super) fn next_unit(&mut self) -> f64 {
        let who = self.ordinal << 8;
        self.ordinal += 1;
        -ln_of_share(1.0 - self.stream.draw(who).uniform())
    }
}

impl Chance {
    /// `rate` per second, not negative.
    pub(super) fn new(rate: f64, stream: Stream) -> Self {
        Self {
            units: Units::new(stream),
            gap: 1e9 / rate,
            now: Time::ZERO,
            rest: 0.0,
        }
    }

    #[expect(
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        reason = "not negative; `as` saturates"
    )]
    pub(super) fn next_instant(&mut self) -> Option<Time> {
        let ahead = self.gap * self.units.next_unit() + self.rest;
        let whole = ahead.floor();
        self.rest = ahead - whole;
        self.now += Duration(whole as u64);
        (self.now < Time::NEVER).then_some(self.now)
    }
}
