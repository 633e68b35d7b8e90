//! Rate limits (A13): a token bucket, or at most so many in each window. Decides and never schedules.
//!
//! The bucket is kept as the instant at which it would be full again (the generic cell rate algorithm, ITU-T I.371, annex A).

use super::gate::{Ended, Gate};
use crate::kernel::time::{Duration, Time};
use std::collections::VecDeque;

/// A token bucket: so many per second on average, and so many at once.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct TokenBucket {
    /// Time for one more.
    gap: Duration,
    /// How far the bucket may be in debt: its size in time, less one gap.
    slack: Duration,
}

impl TokenBucket {
    /// A limit of `per_second`, above 0, of which a second's worth may come at once, or one.
    #[must_use]
    pub fn new(per_second: f64) -> Self {
        let gap = Duration::from_secs_f64(1.0 / per_second);
        Self {
            gap,
            slack: Duration(Duration::SECOND.max(gap).0 - gap.0),
        }
    }

    /// A limit of `per_second`, above 0, of which so many may come at once, at least 1.
    #[must_use]
    pub fn with_burst(per_second: f64, burst: u32) -> Self {
        let gap = Duration::from_secs_f64(1.0 / per_second);
        Self {
            gap,
            slack: Duration(gap.0.saturating_mul(u64::from(burst.max(1) - 1))),
        }
    }

    /// May one more pass `now`? `full_at` is when the bucket would be full again; it moves if so.
    pub fn admits(&self, full_at: &mut Time, now: Time) -> bool {
        let from = (*full_at).max(now);
        if from - now > self.slack {
            return false;
        }
        *full_at = from + self.gap;
        true
    }

    /// The instant from which on one more may pass.
    #[must_use]
    pub fn next(&self, full_at: Time) -> Time {
        Time(full_at.0.saturating_sub(self.slack.0))
    }
}

/// How many may pass, per time.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum RateLimit {
    /// As the tokens in a bucket allow.
    Bucket(TokenBucket),
    /// So many, at least 1, in each window of such a length, one after another from the begin of the run on.
    Fixed(u32, Duration),
    /// So many, at least 1, in every span of such a length, wherever it begins.
    Sliding(u32, Duration),
}

/// What a limit remembers of those that have passed.
#[derive(Clone, Debug, Default)]
pub struct Passed {
    /// Of a bucket: when it would be full again.
    full_at: Time,
    /// Of fixed windows: the number of the last one in which somebody passed, and how many did.
    window: (u64, u32),
    /// Of a sliding one: when the last so many passed.
    log: VecDeque<Time>,
}

impl RateLimit {
    /// May one more pass `now`? It counts if so.
    pub fn admits(&self, passed: &mut Passed, now: Time) -> bool {
        if let Self::Bucket(bucket) = self {
            return bucket.admits(&mut passed.full_at, now);
        }
        if self.next(passed, now) > now {
            return false;
        }
        match *self {
            Self::Bucket(_) => {}
            Self::Fixed(_, span) => {
                let nth = now.0 / span.0;
                let before = if passed.window.0 == nth {
                    passed.window.1
                } else {
                    0
                };
                passed.window = (nth, before + 1);
            }
            Self::Sliding(most, _) => {
                passed.log.push_back(now);
                if passed.log.len() > most as usize {
                    passed.log.pop_front();
                }
            }
        }
        true
    }

    /// The instant, not before `now`, from which on one more may pass.
    #[must_use]
    pub fn next(&self, passed: &Passed, now: Time) -> Time {
        match *self {
            Self::Bucket(bucket) => bucket.next(passed.full_at).max(now),
            Self::Fixed(most, span) => {
                let nth = now.0 / span.0;
                let is_full = passed.window.0 == nth && passed.window.1 >= most;
                if is_full {
                    Time::ZERO + Duration((nth + 1).saturating_mul(span.0))
                } else {
                    now
                }
            }
            Self::Sliding(most, span) => match passed.log.front() {
                Some(&first) if passed.log.len() >= most as usize => now.max(first + span),
                _ => now,
            },
        }
    }

    /// Ready for one caller: nobody has passed.
    #[must_use]
    pub fn gate(self) -> impl Gate {
        Limiter {
            law: self,
            passed: Passed::default(),
        }
    }
}

#[derive(Debug)]
struct Limiter {
    law: RateLimit,
    passed: Passed,
}

impl Gate for Limiter {
    fn admits(&mut self, now: Time) -> bool {
        self.law.admits(&mut self.passed, now)
    }

    fn settled(&mut self, _: &Ended) {}
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(ms: u64) -> Time {
        Time::ZERO + Duration::from_millis(ms)
    }

    /// How many of so many pass at each of these instants.
    fn passed(limit: RateLimit, asked: &[(u64, usize)]) -> Vec<usize> {
        let mut passed = Passed::default();
        let mut pass = |&(ms, n): &(u64, usize)| {
            let all = (0..n).filter(|_| limit.admits(&mut passed, at(ms)));
            all.count()
        };
        asked.iter().map(&mut pass).collect()
    }

    #[test]
    fn a_second_s_worth_passes_at_once_and_then_the_rate() {
        let limit = RateLimit::Bucket(TokenBucket::new(50.0));
        let asked = [(0, 100), (20, 5), (1_020, 100), (100_000, 100)];
        assert_eq!(passed(limit, &asked), [50, 1, 50, 50]);
    }

    #[test]
    fn a_rate_below_one_a_second_lets_one_through() {
        let limit = TokenBucket::new(0.1);
        let mut full_at = Time::ZERO;
        assert!(limit.admits(&mut full_at, at(0)));
        assert!(!limit.admits(&mut full_at, at(9_000)));
        assert_eq!(limit.next(full_at), at(10_000));
        assert!(limit.admits(&mut full_at, at(10_000)));
    }

    #[test]
    fn two_windows_worth_pass_around_the_edge_of_a_fixed_window_and_not_of_a_sliding_one() {
        let asked = [(990, 150), (1_010, 150), (1_989, 150), (1_990, 150)];
        let fixed = RateLimit::Fixed(100, Duration::SECOND);
        assert_eq!(passed(fixed, &asked), [100, 100, 0, 0]);
        let sliding = RateLimit::Sliding(100, Duration::SECOND);
        assert_eq!(passed(sliding, &asked), [100, 0, 0, 100]);
    }

    #[test]
    fn the_next_instant_is_when_one_may_pass() {
        for (limit, next) in [
            (RateLimit::Fixed(2, Duration::SECOND), 1_000),
            (RateLimit::Sliding(2, Duration::SECOND), 1_300),
            (RateLimit::Bucket(TokenBucket::with_burst(1.0, 2)), 1_300),
        ] {
            let mut passed = Passed::default();
            for ms in [300, 400] {
                assert_eq!(limit.next(&passed, at(ms)), at(ms));
                assert!(limit.admits(&mut passed, at(ms)));
            }
            assert!(!limit.admits(&mut passed, at(999)), "{limit:?}");
            assert_eq!(limit.next(&passed, at(999)), at(next), "{limit:?}");
            assert!(limit.admits(&mut passed, at(next)), "{limit:?}");
        }
    }
}
