//! Rate limit (A13): a token bucket, kept as the instant at which it would be full again (the generic cell rate algorithm,
//! ITU-T I.371, annex A). Decides and never schedules.

use super::gate::{Ended, Gate};
use crate::kernel::time::{Duration, Time};

/// A token bucket: so many per second on average, and a second's worth at once, or so many.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct RateLimit {
    /// Time for one more.
    gap: Duration,
    /// How far the bucket may be in debt: its size in time, less one gap.
    slack: Duration,
}

impl RateLimit {
    /// A limit of `per_second`, above 0.
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
}

impl RateLimit {
    /// The instant from which on one more may pass.
    #[must_use]
    pub fn next(&self, full_at: Time) -> Time {
        Time(full_at.0.saturating_sub(self.slack.0))
    }

    /// Ready for one caller: the bucket is full.
    #[must_use]
    pub const fn gate(self) -> impl Gate {
        Bucket {
            law: self,
            full_at: Time::ZERO,
        }
    }
}

#[derive(Debug)]
struct Bucket {
    law: RateLimit,
    full_at: Time,
}

impl Gate for Bucket {
    fn admits(&mut self, now: Time) -> bool {
        self.law.admits(&mut self.full_at, now)
    }

    fn settled(&mut self, _: &Ended) {}
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_second_s_worth_passes_at_once_and_then_the_rate() {
        let limit = RateLimit::new(50.0);
        let mut full_at = Time::ZERO;
        let mut passed = |ms: u64, n: u32| -> usize {
            let now = Time::ZERO + Duration::from_millis(ms);
            (0..n).filter(|_| limit.admits(&mut full_at, now)).count()
        };
        assert_eq!(passed(0, 100), 50);
        assert_eq!(passed(20, 5), 1);
        assert_eq!(passed(1_020, 100), 50);
        assert_eq!(passed(100_000, 100), 50);
    }

    #[test]
    fn a_rate_below_one_a_second_lets_one_through() {
        let limit = RateLimit::new(0.1);
        let mut full_at = Time::ZERO;
        let at = |s| Time::ZERO + Duration::from_secs(s);
        assert!(limit.admits(&mut full_at, at(0)));
        assert!(!limit.admits(&mut full_at, at(9)));
        assert_eq!(limit.next(full_at), at(10));
        assert!(limit.admits(&mut full_at, at(10)));
    }
}
