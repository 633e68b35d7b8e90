//! A fine, light series of a flow over the measured window, from which recovery (A36) is told.
//!
//! Bins of 1 s for windows up to 2 h, then of 10 s, and longer ones where more than 50 000 of those would be needed; no
//! histogram in them, so 2 h cost less than 300 KB and no run more than 2 MB. Without faults there is nothing to recover
//! from, and no grid.

use super::bins::Bins;
use super::recorder::{COARSE, bucket_of};
use crate::kernel::time::{Duration, Time};
use crate::model::Plan;

/// The span that recovery looks at, seconds.
pub(super) const WINDOW_S: u64 = 10;
/// The most bins of at least [`WINDOW_S`].
const BINS_MAX: u64 = 50_000;
/// Windows longer than this get bins of [`WINDOW_S`] or more.
const FINE_UP_TO: Duration = Duration::from_secs(7_200);

/// What happened to the counted flow runs that started in a bin, and the backlog at its end.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct GridBin {
    /// How many came.
    pub offered: u64,
    /// Of these, answered ok or degraded.
    pub good: u64,
    /// Of these, those who were told something, left, or waited until the end.
    pub told: u64,
    /// Sum of their answer times' levels: the bucket number of a two-digit HdrHistogram, which grows by 128 with every
    /// doubling. So the mean level is 128 × log2 of the geometric mean answer time, but for a constant and the bend of
    /// the logarithm within an octave (at most 0.09 of one).
    pub level: u64,
    /// Backlog at its end.
    pub backlog: u64,
}

/// One doubling of an answer time, in levels.
pub(super) const OCTAVE: f64 = 128.0;

/// The running grid.
#[derive(Debug)]
pub(super) struct Grid {
    step: Duration,
    by_start: Bins,
    by_clock: Bins,
    bins: Vec<GridBin>,
    clock_idx: usize,
    backlog: u64,
}

impl Grid {
    /// An empty grid over the measured window.
    #[must_use]
    #[expect(
        clippy::cast_possible_truncation,
        reason = "seconds of a window are far below 2^32"
    )]
    pub(super) fn new(plan: &Plan) -> Self {
        let step = if plan.duration <= FINE_UP_TO {
            Duration::SECOND
        } else {
            let window = WINDOW_S * Duration::SECOND.0;
            Duration(window * plan.duration.0.div_ceil(window * BINS_MAX))
        };
        Self {
            step,
            by_start: Bins::new(plan.opens(), step),
            by_clock: Bins::new(plan.opens(), step),
            bins: vec![GridBin::default(); plan.duration.0.div_ceil(step.0) as usize],
            clock_idx: 0,
            backlog: 0,
        }
    }

    /// A counted client arrived at `start`.
    #[inline]
    pub(super) fn offered(&mut self, start: Time) {
        let idx = self.by_start.advance(start);
        self.bins[idx].offered += 1;
    }

    /// A counted client that arrived at `start` got its answer, or left, or never got one.
    #[inline]
    pub(super) fn told(&mut self, start: Time, after: Duration, good: bool) {
        let bin = &mut self.bins[self.by_start.find(start)];
        bin.good += u64::from(good);
        bin.told += 1;
        bin.level += bucket_of::<COARSE>(after.0) as u64;
    }

    /// The backlog is `value` from `now` on.
    #[inline]
    pub(super) fn backlog(&mut self, now: Time, value: u64) {
        if now >= self.by_clock.end() {
            self.turn(now);
        }
        self.backlog = value;
    }

    #[cold]
    fn turn(&mut self, now: Time) {
        let reached = self.by_clock.advance(now).min(self.bins.len());
        for bin in &mut self.bins[self.clock_idx..reached] {
            bin.backlog = self.backlog;
        }
        self.clock_idx = reached;
    }

    /// The bins, closed at the end of the run, and their length.
    #[must_use]
    pub(super) fn seen(mut self, ended: Time) -> (Duration, Vec<GridBin>) {
        self.turn(ended);
        for bin in &mut self.bins[self.clock_idx..] {
            bin.backlog = self.backlog;
        }
        (self.step, self.bins)
    }
}
