//! A station: workers that take jobs from a line (A10). Counts and decides; knows no calendar and no job.

use super::probe::WorkerTime;
use crate::kernel::time::{Duration, Time};
use crate::model::UNLIMITED;
use std::collections::VecDeque;

/// Jobs that wait for a worker, first come first served.
#[derive(Clone, Debug, Default)]
pub(super) struct Line {
    /// Slots of the waiting jobs.
    pub(super) waiting: VecDeque<u32>,
    /// Waiting places for calls; [`UNLIMITED`] for no bound.
    pub(super) capacity: u32,
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

    /// Adds a job at the end.
    #[inline]
    pub(super) fn push(&mut self, job: u32, now: Time) {
        if self.waiting.is_empty() {
            self.since = now;
        }
        self.waiting.push_back(job);
        self.waiting_max = self.waiting_max.max(self.waiting.len() as u64);
    }
}

/// Does an instance's worker work, or is it held while its step waits (A11)?
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Hand {
    /// The job has no worker.
    Free,
    /// The worker works for the job.
    Busy,
    /// The worker is held while the job waits.
    Held,
}

/// The workers of one instance that serve one line.
#[derive(Clone, Debug)]
pub(super) struct Station {
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
    /// Is it in the list of stations to be filled at the end of the event?
    pub(super) listed: bool,
}

impl Station {
    /// A station with nothing to do.
    pub(super) fn new(workers: u32) -> Self {
        Self {
            workers,
            workers_now: workers,
            busy: 0,
            held: 0,
            stopped: false,
            listed: false,
        }
    }

    /// May a job start?
    #[inline]
    pub(super) fn has_room(&self) -> bool {
        !self.stopped && (self.workers_now == UNLIMITED || self.busy + self.held < self.workers_now)
    }

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

    /// Workers that could start a job now.
    pub(super) fn n_free(&self) -> u64 {
        match (self.stopped, self.workers_now) {
            (true, _) => 0,
            (false, UNLIMITED) => u64::from(UNLIMITED),
            (false, n) => u64::from(n.saturating_sub(self.busy + self.held)),
        }
    }

    /// Workers (busy, held, idle, down) for the account of worker-time; with unlimited workers nobody is idle or down.
    fn split(&self) -> [u32; 4] {
        if self.workers == UNLIMITED {
            return if self.stopped {
                [0; 4]
            } else {
                [self.busy, self.held, 0, 0]
            };
        }
        if self.stopped {
            return [0, 0, 0, self.workers];
        }
        let taken = self.busy + self.held;
        assert!(
            taken <= self.workers,
            "no more workers are taken than there are"
        );
        let idle = self.workers_now.saturating_sub(taken);
        [self.busy, self.held, idle, self.workers - taken - idle]
    }
}

/// The worker-time of one service (A32), integrated as counts change.
#[derive(Clone, Debug, Default)]
pub(super) struct Tally {
    counts: [u64; 4],
    sums: [u128; 4],
    since: Time,
}

impl Tally {
    /// Integrates up to `now`.
    #[inline]
    pub(super) fn touch(&mut self, now: Time) {
        let span = u128::from((now - self.since).0);
        if span > 0 {
            for (sum, count) in self.sums.iter_mut().zip(self.counts) {
                if count > 0 {
                    *sum += span * u128::from(count);
                }
            }
            self.since = now;
        }
    }

    /// Takes a station's counts out before they change.
    #[inline]
    pub(super) fn subtract(&mut self, station: &Station) {
        for (count, part) in self.counts.iter_mut().zip(station.split()) {
            *count -= u64::from(part);
        }
    }

    /// Puts a station's counts back after they changed.
    #[inline]
    pub(super) fn add(&mut self, station: &Station) {
        for (count, part) in self.counts.iter_mut().zip(station.split()) {
            *count += u64::from(part);
        }
    }

    /// A worker of the station changes hands, and the counts with it.
    #[inline]
    pub(super) fn hand(&mut self, station: &mut Station, old: Hand, new: Hand) {
        let is_plain = !station.stopped && station.workers_now == station.workers;
        if is_plain {
            // The common case: nothing is taken away, so what is neither busy nor held is idle.
            let limited = u64::from(station.workers != UNLIMITED);
            match old {
                Hand::Free => self.counts[2] -= limited,
                Hand::Busy => self.counts[0] -= 1,
                Hand::Held => self.counts[1] -= 1,
            }
            match new {
                Hand::Free => self.counts[2] += limited,
                Hand::Busy => self.counts[0] += 1,
                Hand::Held => self.counts[1] += 1,
            }
            station.change(old, new);
        } else {
            self.subtract(station);
            station.change(old, new);
            self.add(station);
        }
    }

    /// The sums so far.
    pub(super) fn worker_time(&self, queue_max: u64) -> WorkerTime {
        let [busy, held, idle, down] = self.sums;
        WorkerTime {
            busy,
            held,
            idle,
            down,
            queue_max,
        }
    }

    /// busy + held + idle + down = workers × time, for a service with `workers` in all.
    ///
    /// # Panics
    /// If not: our bug.
    pub(super) fn assert_balanced(&self, workers: u64, time: Duration, service: u32) {
        let sum: u128 = self.sums.iter().sum();
        let expected = u128::from(workers) * u128::from(time.0);
        assert!(
            sum == expected,
            "worker-time of service {service}: {sum} is not {expected} (A32)"
        );
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn worker_time_is_workers_times_time() {
        let mut station = Station::new(4);
        let mut tally = Tally::default();
        tally.add(&station);
        let mut change = |now: u64, alter: &dyn Fn(&mut Station)| {
            tally.touch(Time(now));
            tally.subtract(&station);
            alter(&mut station);
            tally.add(&station);
        };
        change(10, &|s| s.busy = 3);
        change(20, &|s| (s.busy, s.held) = (1, 2));
        change(30, &|s| s.workers_now = 2);
        change(50, &|s| s.stopped = true);
        change(80, &|s| (s.stopped, s.busy, s.held) = (false, 0, 0));
        tally.touch(Time(100));
        tally.assert_balanced(4, Duration(100), 0);
        let time = tally.worker_time(0);
        assert_eq!((time.busy, time.held), (30 + 10 + 20, 20 + 40));
        assert_eq!(time.down, 20 + 4 * 30 + 2 * 20);
    }

    #[test]
    fn a_line_is_full_at_its_capacity() {
        let mut line = Line {
            capacity: 1,
            ..Line::default()
        };
        assert!(!line.is_full(0));
        line.push(7, Time::ZERO);
        assert!(line.is_full(0));
        assert!(!line.is_full(1));
        assert_eq!(line.waiting_max, 1);
    }
}
