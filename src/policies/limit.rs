//! Concurrency limits (A14) that find out by themselves how many attempts may be under way.
//!
//! (Netflix, concurrency-limits: `AIMDLimit` and `Gradient2Limit`, read at 78a74b9; their defaults.)

use super::Outcome;
use super::gate::{Ended, Gate};
use crate::kernel::time::{Duration, Time};

/// How many attempts may be under way: between `least` and `most`, `initial` at first.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct ConcurrencyLimit {
    /// How it changes.
    pub law: Law,
    /// At first.
    pub initial: u32,
    /// Not fewer than these; at least 1.
    pub least: u32,
    /// Not more than these.
    pub most: u32,
}

/// How the limit changes with each attempt that ends.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Law {
    /// One more after a success, if at least half of the limit was in use; nine tenths of it after a failure, or an attempt that
    /// took longer than this. (Additive increase, multiplicative decrease.)
    Aimd {
        /// Longer is a failure.
        too_slow: Duration,
    },
    /// By how much longer than usual attempts take: limit × gradient + 4, where the gradient is 1.5 × usual ÷ present time,
    /// from 1/2 to 1; a fifth of the way at a time. Usual is the exponential mean of 600.
    Gradient,
}

impl ConcurrencyLimit {
    /// Ready for one caller: nothing is under way.
    #[must_use]
    pub fn gate(self) -> impl Gate {
        Finder {
            limit: f64::from(self.initial.clamp(self.least, self.most)),
            law: self,
            inside: 0,
            usual: Usual::default(),
        }
    }
}

/// What is left of the limit after a failure.
const BACKOFF: f64 = 0.9;
/// `rttTolerance`, `queueSize` and `smoothing` of `Gradient2Limit`.
const TOLERANCE: f64 = 1.5;
const QUEUE: f64 = 4.0;
const SMOOTHING: f64 = 0.2;

/// The exponential mean of what attempts take: of all, as long as they are few.
#[derive(Debug, Default)]
struct Usual {
    n: u32,
    seconds: f64,
}

impl Usual {
    /// `longWindow`, and how many are averaged plainly at first.
    const WINDOW: f64 = 600.0;
    const WARMUP: u32 = 10;

    fn add(&mut self, seconds: f64) {
        self.n = self.n.saturating_add(1);
        let weight = if self.n <= Self::WARMUP {
            1.0 / f64::from(self.n)
        } else {
            2.0 / (Self::WINDOW + 1.0)
        };
        self.seconds += weight * (seconds - self.seconds);
    }
}

#[derive(Debug)]
struct Finder {
    law: ConcurrencyLimit,
    limit: f64,
    inside: u32,
    usual: Usual,
}

impl Finder {
    /// The limit after an attempt that took so long, while so many were under way.
    fn next(&mut self, took: Duration, inside: f64, is_bad: bool) -> f64 {
        match self.law.law {
            Law::Aimd { too_slow } if is_bad || took > too_slow => self.limit * BACKOFF,
            Law::Aimd { .. } if inside * 2.0 >= self.limit => self.limit + 1.0,
            Law::Aimd { .. } => self.limit,
            Law::Gradient => {
                let present = took.as_secs_f64();
                self.usual.add(present);
                if present > 0.0 && self.usual.seconds / present > 2.0 {
                    // It has been slow for long and is fast again: what is usual follows sooner.
                    self.usual.seconds *= 0.95;
                }
                if inside < self.limit / 2.0 || present <= 0.0 {
                    return self.limit;
                }
                let gradient = (TOLERANCE * self.usual.seconds / present).clamp(0.5, 1.0);
                let aim = self.limit * gradient + QUEUE;
                self.limit * (1.0 - SMOOTHING) + aim * SMOOTHING
            }
        }
    }
}

impl Gate for Finder {
    fn admits(&mut self, _: Time) -> bool {
        let has_room = f64::from(self.inside) < self.limit.floor();
        self.inside += u32::from(has_room);
        has_room
    }

    fn settled(&mut self, ended: &Ended) {
        let inside = f64::from(self.inside);
        self.inside -= 1;
        if matches!(ended.outcome, Outcome::Cancelled | Outcome::GaveUp) {
            return;
        }
        let is_bad = !ended.outcome.is_ok() && ended.outcome != Outcome::Error;
        let next = self.next(ended.at - ended.began, inside, is_bad);
        let (least, most) = (f64::from(self.law.least), f64::from(self.law.most));
        self.limit = next.clamp(least, most);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn finder(law: Law) -> Finder {
        Finder {
            limit: 20.0,
            law: ConcurrencyLimit {
                law,
                initial: 20,
                least: 5,
                most: 30,
            },
            inside: 0,
            usual: Usual::default(),
        }
    }

    /// `n` attempts at once, each of which takes so long.
    fn batch(gate: &mut Finder, n: u32, ms: u64, outcome: Outcome) -> u32 {
        let admitted = (0..n).filter(|_| gate.admits(Time::ZERO)).count();
        for _ in 0..admitted {
            gate.settled(&Ended {
                began: Time::ZERO,
                at: Time::ZERO + Duration::from_millis(ms),
                outcome,
            });
        }
        u32::try_from(admitted).unwrap_or(u32::MAX)
    }

    #[test]
    fn one_more_for_each_success_that_needs_it_and_a_tenth_less_for_a_failure() {
        let law = Law::Aimd {
            too_slow: Duration::from_secs(1),
        };
        let mut gate = finder(law);
        // Twenty get in; those that end while at least half of the limit is in use add one each.
        assert_eq!(batch(&mut gate, 99, 10, Outcome::Ok), 20);
        // 20 in use of 20, 19 of 21, …: 13 of 27 is the last but one that is not less than half; 20 − k ≥ (20 + k)/2 for k ≤ 6.
        assert!((gate.limit - 27.0).abs() < 1e-9, "{}", gate.limit);
        batch(&mut gate, 1, 10, Outcome::Ok);
        assert!((gate.limit - 27.0).abs() < 1e-9);
        batch(&mut gate, 1, 10, Outcome::Timeout);
        assert!((gate.limit - 27.0 * 0.9).abs() < 1e-9);
        batch(&mut gate, 1, 1_001, Outcome::Ok);
        assert!((gate.limit - 27.0 * 0.81).abs() < 1e-9);
        // Whoever was called off, and who failed of his own, says nothing.
        batch(&mut gate, 1, 10, Outcome::Cancelled);
        batch(&mut gate, 1, 10, Outcome::Error);
        assert!((gate.limit - 27.0 * 0.81).abs() < 1e-9);
        // Never below the least, never above the most.
        (0..50).for_each(|_| _ = batch(&mut gate, 1, 10, Outcome::Timeout));
        assert!((gate.limit - 5.0).abs() < 1e-9);
        (0..90).for_each(|_| _ = batch(&mut gate, 99, 10, Outcome::Ok));
        assert!((gate.limit - 30.0).abs() < 1e-9);
    }

    /// At the usual time 4 × 0.2 more each; at thrice the usual time a gradient of 1/2 (nearly: the usual time follows), so
    /// limit × 0.9 + 0.8.
    #[test]
    fn a_gradient_follows_what_attempts_take() {
        let mut gate = finder(Law::Gradient);
        batch(&mut gate, 20, 100, Outcome::Ok);
        // 20 in use of 20, then of 20.8, …: 20 − k ≥ (20 + 0.8 k)/2 for k ≤ 7: eight of them count.
        assert!((gate.limit - 26.4).abs() < 1e-9, "{}", gate.limit);
        gate.inside = 26;
        let before = gate.limit;
        gate.settled(&Ended {
            began: Time::ZERO,
            at: Time::ZERO + Duration::from_millis(300),
            outcome: Outcome::Ok,
        });
        let usual = 100.0 + 200.0 * 2.0 / 601.0;
        let expected = before * (0.8 + 0.2 * 1.5 * usual / 300.0) + 0.8;
        assert!((gate.limit - expected).abs() < 1e-9, "{}", gate.limit);
    }
}
