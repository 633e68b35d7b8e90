//! The time series of a flow: per bin how many came, how they fared, how long their answers took; completions and backlog.
//!
//! What a client saw is told by its intended start, what the system did by the clock. Bins go on through the drain as long as
//! the run does, but not more than [`DRAIN_BINS_MAX`] of them.

use super::bins::{Bins, length_for};
use super::recorder::{COARSE, Recorder, Sample};
use crate::kernel::time::{Duration, Time};
use crate::model::Plan;
use serde::{Deserialize, Serialize};

/// Bins kept of the drain at most: later ones would hold arrivals that nobody counts.
pub(super) const DRAIN_BINS_MAX: usize = 600;

/// The running series.
#[derive(Debug)]
pub(super) struct Series {
    opens: Time,
    length: Duration,
    n_max: usize,
    by_start: Bins,
    starts: Vec<Starts>,
    by_clock: Bins,
    clock: Vec<Clock>,
    backlog: u64,
    completed: u64,
}

#[derive(Clone, Debug, Default)]
struct Starts {
    offered: u64,
    good: u64,
    latency: Recorder<COARSE>,
}

#[derive(Clone, Copy, Debug)]
struct Clock {
    completed: u64,
    backlog: u64,
}

/// One bin in one replication.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct BinSeen {
    /// Counted flow runs with an intended start in it.
    pub offered: u64,
    /// Of these, answered ok or degraded.
    pub good: u64,
    /// The answer times of these.
    pub latency: Sample<COARSE>,
    /// Flow runs, counted or not, completed while the clock was in it.
    pub completed: u64,
    /// Backlog at its end.
    pub backlog: u64,
}

/// The series of one replication.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct SeriesSeen {
    /// Length of a bin, seconds; the first one begins with the window.
    pub length_s: f64,
    /// The bins that the run reached.
    pub bins: Vec<BinSeen>,
}

impl Series {
    /// An empty series for a run of this plan.
    #[must_use]
    #[expect(clippy::cast_possible_truncation, reason = "at most 400 bins")]
    pub(super) fn new(plan: &Plan) -> Self {
        let length = length_for(plan.duration);
        let n_window = plan.duration.0.div_ceil(length.0) as usize;
        Self {
            opens: plan.opens(),
            length,
            n_max: n_window + DRAIN_BINS_MAX,
            by_start: Bins::new(plan.opens(), length),
            starts: vec![Starts::default(); n_window],
            by_clock: Bins::new(plan.opens(), length),
            clock: Vec::new(),
            backlog: 0,
            completed: 0,
        }
    }

    /// A counted client arrived at `start`.
    #[inline]
    pub(super) fn offered(&mut self, start: Time) {
        let idx = self.by_start.advance(start);
        self.starts[idx].offered += 1;
    }

    /// A counted client that arrived at `start` got its answer, or left, or never got one.
    #[inline]
    pub(super) fn told(&mut self, start: Time, after: Duration, good: bool) {
        let bin = &mut self.starts[self.by_start.find(start)];
        bin.good += u64::from(good);
        bin.latency.record(after);
    }

    /// A flow run was completed.
    #[inline]
    pub(super) fn completed(&mut self, now: Time) {
        self.turn(now);
        if now >= self.opens {
            self.completed += 1;
        }
    }

    /// The backlog is `value` from `now` on.
    #[inline]
    pub(super) fn backlog(&mut self, now: Time, value: u64) {
        self.turn(now);
        self.backlog = value;
    }

    /// Closes every bin that ended by `now`.
    #[inline]
    fn turn(&mut self, now: Time) {
        if now >= self.by_clock.end() {
            self.turn_to(now);
        }
    }

    #[cold]
    fn turn_to(&mut self, now: Time) {
        let reached = self.by_clock.advance(now).min(self.n_max);
        while self.clock.len() < reached {
            self.clock.push(Clock {
                completed: std::mem::take(&mut self.completed),
                backlog: self.backlog,
            });
        }
    }

    /// The series, closed at the end of the run.
    #[must_use]
    pub(super) fn seen(mut self, ended: Time) -> SeriesSeen {
        self.turn(ended);
        if self.clock.len() < self.n_max && self.by_clock.start() < ended {
            self.clock.push(Clock {
                completed: self.completed,
                backlog: self.backlog,
            });
        }
        let n = self.clock.len().max(self.starts.len());
        let bins = (0..n).map(|idx| {
            let starts = self.starts.get(idx);
            let clock = self.clock.get(idx);
            BinSeen {
                offered: starts.map_or(0, |bin| bin.offered),
                good: starts.map_or(0, |bin| bin.good),
                latency: starts.map(|bin| bin.latency.sample()).unwrap_or_default(),
                completed: clock.map_or(0, |bin| bin.completed),
                backlog: clock.map_or(self.backlog, |bin| bin.backlog),
            }
        });
        SeriesSeen {
            length_s: self.length.as_secs_f64(),
            bins: bins.collect(),
        }
    }
}
