//! A station: workers that take jobs from a line (A10). Counts and decides; knows no calendar and no job.

use super::probe::WorkerTime;
use crate::kernel::time::{Duration, Time};
use crate::model::{Crowding, UNLIMITED};
use crate::policies::discipline::Discipline;
use std::collections::VecDeque;

/// Jobs that wait for a worker.
#[derive(Clone, Debug, Default)]
pub(super) struct Line {
    /// Who is served next.
    pub(super) discipline: Discipline,
    /// Slots of the waiting jobs, in the order they came; by rank first where ranks count.
    pub(super) waiting: VecDeque<u32>,
    /// Waiting places for calls; [`UNLIMITED`] for no bound.
    pub(super) capacity: u32,
    /// May jobs be turned away that have come here?
    pub(super) sheds: bool,
    /// The longest it has been.
    pub(super) waiting_max: u64,
    /// Since when somebody has been waiting without a break.
    pub(super) since: Time,
}

impl Line {
    /// Is there no place left for a call? Those that free workers will take at the end of this event take no place.
    pub(super) fn is_full(&self, n_free: u64) -> bool {
        self.capacity != UNLIMITED && self.waiting.len() as u64 >= u64::from(self.capacity) + n_free
    }

    /// A job has come and found a worker at once: it stood in line for no time.
    #[inline]
    pub(super) fn passed(&mut self) {
        self.waiting_max = self.waiting_max.max(1);
    }

    /// Adds a job behind those for whom `is_before` holds: all of them, unless ranks count.
    #[inline]
    pub(super) fn push(&mut self, job: u32, now: Time, is_before: impl Fn(u32) -> bool) {
        if self.waiting.is_empty() {
            self.since = now;
        }
        if self.discipline == Discipline::Priority {
            let place = self.waiting.partition_point(|&other| is_before(other));
            self.waiting.insert(place, job);
        } else {
            self.waiting.push_back(job);
        }
        self.waiting_max = self.waiting_max.max(self.waiting.len() as u64);
    }
}

impl Line {
    /// Takes the job that is served next.
    #[inline]
    pub(super) fn take(&mut self, now: Time) -> Option<u32> {
        if self.discipline.takes_last(self.since, now) {
            self.waiting.pop_back()
        } else {
            self.waiting.pop_front()
        }
    }
}

/// What is in service at an instance, where that makes a difference to the others.
#[derive(Clone, Debug)]
pub(super) struct Crowd {
    pub(super) law: Crowding,
    /// Slots of the jobs in service, where they share cores.
    pub(super) jobs: Vec<u32>,
}

impl Crowd {
    /// Nothing is in service.
    pub(super) const fn new(law: Crowding) -> Self {
        Self {
            law,
            jobs: Vec::new(),
        }
    }

    /// How many times as long each job takes now; at least 1.
    pub(super) fn slowdown(&self) -> f64 {
        match self.law {
            Crowding::Cores(cores) => {
                #[expect(clippy::cast_precision_loss, reason = "a count of jobs")]
                let n = self.jobs.len() as f64;
                (n / f64::from(cores)).max(1.0)
            }
            Crowding::Contention(_) => 1.0,
        }
    }
}

/// Does an instance's worker work, or is it held while its step waits (A11)?
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[repr(u8)]
pub(super) enum Hand {
    /// The job has no worker.
    #[default]
    Free,
    /// The worker works for the job.
    Busy,
    /// The worker is held while the job waits.
    Held,
}

/// The workers of one instance that serve one line.
#[derive(Clone, Debug)]
pub(super) struct Station {
    /// The line it takes its jobs from.
    pub(super) line: u32,
    /// Its instance's number within the service.
    pub(super) instance: u32,
    /// Workers there are when nothing is wrong; [`UNLIMITED`] for as many as are wanted.
    pub(super) workers: u32,
    /// Workers that may start now: fewer under a capacity fault.
    pub(super) workers_now: u32,
    /// Workers that work.
    pub(super) busy: u32,
    /// Workers held.
    pub(super) held: u32,
    /// Down or frozen: nobody starts, nobody's time counts as work.
    pub(super) stopped: bool,
    /// Is its instance not there at all?
    pub(super) is_off: bool,
    /// Is it in the list of stations to be filled at the end of the event?
    pub(super) listed: bool,
    /// The account of worker-time (A32): for each part of [`Station::split`] the instants at which somebody left it, less
    /// those at which somebody joined it, modulo 2^128. With those in it now until now, it is the time spent there.
    spent: [u128; 5],
}

impl Station {
    /// A station with nothing to do, at the begin of time.
    pub(super) fn new(workers: u32) -> Self {
        Self {
            line: 0,
            instance: 0,
            workers,
            workers_now: workers,
            busy: 0,
            held: 0,
            stopped: false,
            listed: false,
            is_off: false,
            spent: [0; 5],
        }
    }

    /// May a job start?
    #[inline]
    pub(super) fn has_room(&self) -> bool {
        !self.stopped && (self.workers_now == UNLIMITED || self.busy + self.held < self.workers_now)
    }

    /// Workers that could start a job now.
    pub(super) fn n_free(&self) -> u64 {
        match (self.stopped, self.workers_now) {
            (true, _) => 0,
            (false, UNLIMITED) => u64::from(UNLIMITED),
            (false, n) => u64::from(n.saturating_sub(self.busy + self.held)),
        }
    }

    /// A worker changes hands.
    #[inline(always)]
    #[expect(
        clippy::inline_always,
        reason = "where the hands are known, four instructions are left of it"
    )]
    pub(super) fn hand(&mut self, now: Time, old: Hand, new: Hand) {
        if !self.stopped && self.workers_now == self.workers {
            // The common case: nothing is taken away, so what is neither busy nor held is idle.
            self.change(old, new);
            let (left, joined) = (&mut self.spent[old as usize], u128::from(now.0));
            *left = left.wrapping_add(joined);
            let into = &mut self.spent[new as usize];
            *into = into.wrapping_sub(joined);
        } else {
            self.alter(now, |station| station.change(old, new));
        }
    }

    #[inline]
    fn change(&mut self, old: Hand, new: Hand) {
        match old {
            Hand::Free => {}
            Hand::Busy => self.busy -= 1,
            Hand::Held => self.held -= 1,
        }
        match new {
            Hand::Free => {}
            Hand::Busy => self.busy += 1,
            Hand::Held => self.held += 1,
        }
    }

    /// Anything about the station changes.
    pub(super) fn alter(&mut self, now: Time, change: impl FnOnce(&mut Self)) {
        let before = self.split();
        change(self);
        let after = self.split();
        for (spent, (before, after)) in self.spent.iter_mut().zip(before.into_iter().zip(after)) {
            let instant = u128::from(now.0);
            *spent = spent
                .wrapping_add(instant * u128::from(before))
                .wrapping_sub(instant * u128::from(after));
        }
    }

    /// Workers by what they do, in the order of [`Hand`], then those that are down, and those that are not there. With unlimited workers nobody is idle or
    /// down.
    fn split(&self) -> [u32; 5] {
        if self.workers == UNLIMITED {
            return if self.stopped {
                [0; 5]
            } else {
                [0, self.busy, self.held, 0, 0]
            };
        }
        if self.is_off {
            return [0, 0, 0, 0, self.workers];
        }
        if self.stopped {
            return [0, 0, 0, self.workers, 0];
        }
        let taken = self.busy + self.held;
        assert!(
            taken <= self.workers,
            "no more workers are taken than there are"
        );
        let idle = self.workers_now.saturating_sub(taken);
        [idle, self.busy, self.held, self.workers - taken - idle, 0]
    }

    /// Adds the station's worker-time until now.
    pub(super) fn add_to(&self, total: &mut WorkerTime, now: Time) {
        let until = |part: usize| {
            let present = u128::from(now.0) * u128::from(self.split()[part]);
            self.spent[part].wrapping_add(present)
        };
        if self.workers != UNLIMITED {
            total.idle += until(0);
        }
        total.busy += until(1);
        total.held += until(2);
        total.down += until(3);
        total.off += until(4);
    }
}

/// busy + held + idle + down + off = workers × time, for a service with `workers` in all.
///
/// # Panics
/// If not: our bug.
pub(super) fn assert_balanced(spent: &WorkerTime, workers: u64, time: Duration, service: u32) {
    let sum = spent.there() + spent.off;
    let expected = u128::from(workers) * u128::from(time.0);
    assert!(
        sum == expected,
        "worker-time of service {service}: {sum} is not {expected} (A32)"
    );
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn worker_time_is_workers_times_time() {
        let mut station = Station::new(4);
        for _ in 0..3 {
            station.hand(Time(10), Hand::Free, Hand::Busy);
        }
        for _ in 0..2 {
            station.hand(Time(20), Hand::Busy, Hand::Held);
        }
        station.alter(Time(30), |s| s.workers_now = 2);
        station.alter(Time(50), |s| s.stopped = true);
        station.hand(Time(60), Hand::Busy, Hand::Free);
        station.alter(Time(80), |s| (s.stopped, s.held) = (false, 0));
        let mut time = WorkerTime::default();
        station.add_to(&mut time, Time(100));
        assert_balanced(&time, 4, Duration(100), 0);
        assert_eq!((time.busy, time.held), (30 + 10 + 20, 20 + 40));
        assert_eq!(time.down, 20 + 4 * 30 + 2 * 20);
    }

    #[test]
    fn who_is_next_is_up_to_the_discipline() {
        let served = |discipline, now: u64| {
            let mut line = Line {
                discipline,
                ..Line::default()
            };
            // The last digit is the rank.
            for job in [10, 21, 30, 41, 52] {
                line.push(job, Time::ZERO, |other| other % 10 >= job % 10);
            }
            let now = Time::ZERO + Duration::from_millis(now);
            std::iter::from_fn(|| line.take(now)).collect::<Vec<u32>>()
        };
        assert_eq!(served(Discipline::Fifo, 0), [10, 21, 30, 41, 52]);
        assert_eq!(served(Discipline::Lifo, 0), [52, 41, 30, 21, 10]);
        assert_eq!(served(Discipline::Priority, 0), [52, 21, 41, 10, 30]);
        assert_eq!(served(Discipline::AdaptiveLifo, 100)[0], 10);
        assert_eq!(served(Discipline::AdaptiveLifo, 101)[0], 52);
    }

    #[test]
    fn a_line_is_full_at_its_capacity() {
        let mut line = Line {
            capacity: 1,
            ..Line::default()
        };
        assert!(!line.is_full(0));
        line.push(7, Time::ZERO, |_| true);
        assert!(line.is_full(0));
        assert!(!line.is_full(1));
        assert_eq!(line.waiting_max, 1);
    }
}
