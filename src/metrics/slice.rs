//! Accounts of the flow runs of one flow that started within some spans of the window: all of them, or those an SLO line
//! speaks of. Outcomes, answer and completion times, rates, backlog.

use super::recorder::{FINE, Recorder, Sample, pool};
use super::spans::Spans;
use crate::engine::{Answer, Fate};
use crate::kernel::time::{Duration, Time};
use serde::{Deserialize, Serialize};

/// Where counted flow runs went (A32).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Counts {
    /// Counted flow runs.
    pub offered: u64,
    /// Answered ok within patience.
    pub answered_ok: u64,
    /// Answered by a fallback.
    pub degraded: u64,
    /// Told of a failure.
    pub failed: u64,
    /// Left before an answer.
    pub gave_up: u64,
    /// Neither answered nor left at the end of the drain.
    pub unanswered: u64,
    /// Accepted, every goal reached.
    pub completed: u64,
    /// Accepted, and can never complete.
    pub lost: u64,
    /// Accepted, a required step's message parked.
    pub dead_lettered: u64,
    /// Accepted, and undone after a step failed for good.
    pub compensated: u64,
    /// Accepted, still on its way at the end of the drain.
    pub incomplete: u64,
    /// Steps executed again with a second effect.
    pub duplicates_applied: u64,
}

impl Counts {
    /// Adds another account.
    pub fn add(&mut self, other: &Self) {
        self.offered += other.offered;
        self.answered_ok += other.answered_ok;
        self.degraded += other.degraded;
        self.failed += other.failed;
        self.gave_up += other.gave_up;
        self.unanswered += other.unanswered;
        self.completed += other.completed;
        self.lost += other.lost;
        self.dead_lettered += other.dead_lettered;
        self.compensated += other.compensated;
        self.incomplete += other.incomplete;
        self.duplicates_applied += other.duplicates_applied;
    }

    /// Answered ok or degraded.
    #[must_use]
    pub const fn accepted(&self) -> u64 {
        self.answered_ok + self.degraded
    }

    /// Everything that did not end well: what causes must add up to.
    #[must_use]
    pub const fn not_well(&self) -> u64 {
        self.failed
            + self.gave_up
            + self.unanswered
            + self.lost
            + self.dead_lettered
            + self.compensated
            + self.incomplete
    }
}

/// Which times a slice keeps; a recorder exists only where somebody will read it.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Wanted {
    /// Intended start to answer?
    pub latency: bool,
    /// Intended start to the last goal?
    pub completion: bool,
    /// Publish to start of processing?
    pub message_age: bool,
}

/// The running accounts.
#[derive(Debug)]
pub(super) struct Slice {
    spans: Spans,
    counts: Counts,
    completions: u64,
    latency: Option<Recorder<FINE>>,
    completion: Option<Recorder<FINE>>,
    message_age: Option<Recorder<FINE>>,
    backlog: Level,
}

/// The backlog now, since when, and its account within the spans.
#[derive(Clone, Copy, Debug)]
struct Level {
    value: u64,
    since: Time,
    area: u128,
    max: u64,
}

/// What a slice saw in one replication.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct SliceSeen {
    /// Length of its spans, seconds.
    pub seconds: f64,
    /// Outcomes of the counted flow runs with an intended start in the spans.
    pub counts: Counts,
    /// Flow runs, counted or not, completed while the clock was in the spans.
    pub completions: u64,
    /// Answer times (A34): of every answer, failures at the instant they were told, clients that left at the instant they
    /// left. A flow run without an answer at the end enters with the time until then: a lower bound.
    pub latency: Option<Sample<FINE>>,
    /// Completion times (A34) of accepted flow runs. One on its way at the end enters with the time until then: a lower
    /// bound. A lost or dead-lettered one never completes and does not enter.
    pub completion: Option<Sample<FINE>>,
    /// Message ages of counted flow runs, by the clock.
    pub message_age: Option<Sample<FINE>>,
    /// Mean backlog over the spans.
    pub backlog_mean: f64,
    /// Largest backlog in the spans.
    pub backlog_max: u64,
}

impl Slice {
    /// An empty account of `spans`.
    #[must_use]
    pub(super) fn new(spans: Spans, wanted: Wanted) -> Self {
        Self {
            spans,
            counts: Counts::default(),
            completions: 0,
            latency: wanted.latency.then(Recorder::default),
            completion: wanted.completion.then(Recorder::default),
            message_age: wanted.message_age.then(Recorder::default),
            backlog: Level {
                value: 0,
                since: Time::ZERO,
                area: 0,
                max: 0,
            },
        }
    }

    /// Does it count flow runs that started at `start`?
    #[inline]
    #[must_use]
    pub(super) fn contains(&self, start: Time) -> bool {
        self.spans.contains(start)
    }

    /// A client arrived.
    #[inline]
    pub(super) fn offered(&mut self) {
        self.counts.offered += 1;
    }

    /// A client got its answer or left, `after` its intended start.
    #[inline]
    pub(super) fn answered(&mut self, after: Duration, answer: Answer) {
        match answer {
            Answer::Ok => self.counts.answered_ok += 1,
            Answer::Degraded => self.counts.degraded += 1,
            Answer::Failed => self.counts.failed += 1,
            Answer::GaveUp => self.counts.gave_up += 1,
        }
        if let Some(latency) = &mut self.latency {
            latency.record(after);
        }
    }

    /// An accepted flow run reached its last goal, `after` its intended start.
    #[inline]
    pub(super) fn completed(&mut self, after: Duration) {
        if let Some(completion) = &mut self.completion {
            completion.record(after);
        }
    }

    /// Any flow run, counted or not, was completed at `at`.
    #[inline]
    pub(super) fn completed_at(&mut self, at: Time) {
        self.completions += u64::from(self.spans.contains(at));
    }

    /// A flow run ended, `after` its intended start.
    #[inline]
    pub(super) fn closed(&mut self, after: Duration, fate: Fate) {
        match fate {
            Fate::Completed => self.counts.completed += 1,
            Fate::Lost => self.counts.lost += 1,
            Fate::DeadLettered => self.counts.dead_lettered += 1,
            Fate::Compensated => self.counts.compensated += 1,
            Fate::Refused => {}
            Fate::Incomplete => {
                self.counts.incomplete += 1;
                if let Some(completion) = &mut self.completion {
                    completion.record_cut(after);
                }
            }
            Fate::Unanswered => {
                self.counts.unanswered += 1;
                if let Some(latency) = &mut self.latency {
                    latency.record_cut(after);
                }
            }
        }
    }

    /// A step was executed again with a second effect.
    pub(super) fn duplicated(&mut self) {
        self.counts.duplicates_applied += 1;
    }

    /// A message of a counted flow run began to be processed at `now`.
    #[inline]
    pub(super) fn started(&mut self, now: Time, age: Duration) {
        if let Some(message_age) = &mut self.message_age
            && self.spans.contains(now)
        {
            message_age.record(age);
        }
    }

    /// The backlog is `value` from `now` on.
    #[inline]
    pub(super) fn backlog(&mut self, now: Time, value: u64) {
        let within = self.spans.overlap(self.backlog.since, now);
        if !within.is_zero() {
            self.backlog.area += u128::from(within.0) * u128::from(self.backlog.value);
            self.backlog.max = self.backlog.max.max(self.backlog.value);
        }
        if value > self.backlog.max && self.spans.contains(now) {
            self.backlog.max = value;
        }
        self.backlog.value = value;
        self.backlog.since = now;
    }

    /// The backlog was `value` before its spans begin.
    pub(super) fn begins_with(&mut self, value: u64) {
        self.backlog.value = value;
    }

    /// The account, closed at the end of the run.
    #[must_use]
    #[expect(clippy::cast_precision_loss, reason = "reports need 15 digits at most")]
    pub(super) fn seen(mut self, ended: Time) -> SliceSeen {
        self.backlog(ended, self.backlog.value);
        let seconds = self.spans.seconds();
        SliceSeen {
            seconds,
            counts: self.counts,
            completions: self.completions,
            latency: self.latency.map(|recorder| recorder.sample()),
            completion: self.completion.map(|recorder| recorder.sample()),
            message_age: self.message_age.map(|recorder| recorder.sample()),
            backlog_mean: if seconds > 0.0 {
                self.backlog.area as f64 / 1e9 / seconds
            } else {
                0.0
            },
            backlog_max: self.backlog.max,
        }
    }
}

impl SliceSeen {
    /// Several that follow one another, as one.
    #[must_use]
    pub(super) fn of(parts: &[Self]) -> Self {
        let mut all = Self::default();
        let mut area = 0.0;
        for part in parts {
            all.seconds += part.seconds;
            all.counts.add(&part.counts);
            all.completions += part.completions;
            area += part.backlog_mean * part.seconds;
            all.backlog_max = all.backlog_max.max(part.backlog_max);
        }
        let pooled = |of: fn(&Self) -> Option<&Sample<FINE>>| {
            let samples: Option<Vec<&Sample<FINE>>> = parts.iter().map(of).collect();
            samples.map(pool)
        };
        all.latency = pooled(|part| part.latency.as_ref());
        all.completion = pooled(|part| part.completion.as_ref());
        all.message_age = pooled(|part| part.message_age.as_ref());
        all.backlog_mean = if all.seconds > 0.0 {
            area / all.seconds
        } else {
            0.0
        };
        all
    }
}
