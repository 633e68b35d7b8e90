//! Retry budget (A18): bounds retries by what succeeds, so that they cannot become most of the load.

use super::tenths::Tenths;
use crate::kernel::time::{Duration, Time};

/// What retries may draw upon.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Budget {
    /// A bucket of tokens, full at first. A retry takes one; every success puts a part of one back. (Brooker, "Fixing retries
    /// with token buckets and circuit breakers", 2022; the SDKs of AWS: 500 tokens, a retry takes 5, a success gives 1.)
    Tokens {
        /// How many it holds; at least 1.
        most: u32,
        /// What a success puts back, in tokens.
        refill: f64,
        /// What takes a token.
        takes: Takes,
    },
    /// A share of the first attempts of the time just past, and so many more a second in any case. (Finagle's `RetryBudget`,
    /// also of Linkerd and tower: 20 %, 10/s, over 10 s.)
    Share {
        /// Retries for each first attempt, 0 to 1.
        share: f64,
        /// Retries a second beside that.
        at_least: f64,
        /// How far back.
        window: Duration,
    },
    /// Retries as long as so few attempts have failed: failures are at most a share of calls. (Brooker, as above: a circuit breaker
    /// of retries.)
    Failures {
        /// Failed attempts for each call, 0 to 1.
        share: f64,
        /// How far back; [`Duration::MAX`] for all the time.
        window: Duration,
    },
}

/// What takes a token of a bucket.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Takes {
    /// Each retry; there is one as long as there is a token.
    Retries,
    /// Each attempt that fails; there are retries as long as more than half of the tokens are left. (gRPC proposal A6, "Throttling
    /// Retry Attempts".)
    Failures,
}

impl Budget {
    /// Ready for one caller.
    #[must_use]
    pub fn purse(self) -> Purse {
        Purse {
            law: self,
            tokens: match self {
                Self::Tokens { most, .. } => f64::from(most),
                Self::Share { .. } | Self::Failures { .. } => 0.0,
            },
            seen: Tenths::new(match self {
                Self::Tokens { .. } => Duration::ZERO,
                Self::Share { window, .. } | Self::Failures { window, .. } => window,
            }),
        }
    }
}

const FIRSTS: usize = 0;
/// Retries, or failures.
const OTHERS: usize = 1;

/// A token that is missing by less than this is there: sums of parts are not exact.
const SLIP: f64 = 1e-9;

/// One caller's budget.
#[derive(Clone, Debug)]
pub struct Purse {
    law: Budget,
    /// Of a bucket: what is in it.
    tokens: f64,
    /// Of a share: first attempts of the window, and retries or failures.
    seen: Tenths<2>,
}

impl Purse {
    /// A call begins.
    pub fn began(&mut self, now: Time) {
        if let Budget::Share { .. } | Budget::Failures { .. } = self.law {
            self.seen.count(FIRSTS, now);
        }
    }

    /// An attempt has succeeded.
    pub fn succeeded(&mut self) {
        if let Budget::Tokens { most, refill, .. } = self.law {
            self.tokens = (self.tokens + refill).min(f64::from(most));
        }
    }

    /// An attempt has failed.
    pub fn failed(&mut self, now: Time) {
        match self.law {
            Budget::Tokens {
                takes: Takes::Failures,
                ..
            } => self.tokens = (self.tokens - 1.0).max(0.0),
            Budget::Failures { .. } => self.seen.count(OTHERS, now),
            Budget::Tokens { .. } | Budget::Share { .. } => {}
        }
    }

    /// May there be a retry? If so, it is paid for.
    pub fn pays(&mut self, now: Time) -> bool {
        match self.law {
            Budget::Tokens {
                most,
                takes: Takes::Failures,
                ..
            } => self.tokens > f64::from(most) / 2.0 + SLIP,
            Budget::Tokens { .. } => {
                let is_paid = self.tokens >= 1.0 - SLIP;
                if is_paid {
                    self.tokens = (self.tokens - 1.0).max(0.0);
                }
                is_paid
            }
            Budget::Share {
                share,
                at_least,
                window,
            } => {
                let [firsts, retries] = self.seen.sums(now).map(f64::from);
                let most = share * firsts + at_least * window.as_secs_f64();
                let is_paid = retries + 1.0 <= most + SLIP;
                if is_paid {
                    self.seen.count(OTHERS, now);
                }
                is_paid
            }
            Budget::Failures { share, .. } => {
                let [calls, failures] = self.seen.sums(now).map(f64::from);
                failures <= share * calls + SLIP
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(ms: u64) -> Time {
        Time::ZERO + Duration::from_millis(ms)
    }

    #[test]
    fn a_bucket_lends_what_it_has_and_successes_fill_it() {
        let budget = Budget::Tokens {
            most: 3,
            refill: 0.1,
            takes: Takes::Retries,
        };
        let mut purse = budget.purse();
        assert_eq!([0; 4].map(|_| purse.pays(at(0))), [true, true, true, false]);
        for _ in 0..9 {
            purse.succeeded();
            assert!(!purse.pays(at(0)));
        }
        purse.succeeded();
        assert!(purse.pays(at(0)) && !purse.pays(at(0)));
        for _ in 0..1_000 {
            purse.succeeded();
        }
        assert_eq!([0; 4].map(|_| purse.pays(at(0))), [true, true, true, false]);
    }

    /// gRPC's own example: 10 tokens, a tenth for each success. Four failures leave 6, and one retry more; the fifth none.
    #[test]
    fn a_bucket_of_failures_must_be_more_than_half_full() {
        let budget = Budget::Tokens {
            most: 10,
            refill: 0.1,
            takes: Takes::Failures,
        };
        let mut purse = budget.purse();
        let after_failures: Vec<bool> = (0..6)
            .map(|_| {
                purse.failed(at(0));
                purse.pays(at(0))
            })
            .collect();
        assert_eq!(after_failures, [true, true, true, true, false, false]);
        // 4 tokens: 10 successes make 5, and one more a little above half.
        (0..10).for_each(|_| purse.succeeded());
        assert!(!purse.pays(at(0)));
        purse.succeeded();
        assert!(purse.pays(at(0)) && purse.pays(at(0)));
    }

    /// 20 % of 100 first attempts and 1/s over 10 s: 30 retries; when the first attempts are forgotten, 10.
    #[test]
    fn a_share_counts_the_first_attempts_of_the_window() {
        let budget = Budget::Share {
            share: 0.2,
            at_least: 1.0,
            window: Duration::from_secs(10),
        };
        let mut purse = budget.purse();
        for _ in 0..100 {
            purse.began(at(0));
        }
        let mut paid = |ms| (0..99).filter(|_| purse.pays(at(ms))).count();
        assert_eq!(
            [paid(0), paid(9_999), paid(10_000), paid(10_000)],
            [30, 0, 10, 0]
        );
        assert_eq!(paid(20_000), 10);
    }

    /// A tenth of the calls may fail. Of ten calls the first failure is in order, the second is not; what is forgotten is.
    #[test]
    fn retries_stop_where_too_many_attempts_fail() {
        let share = 0.1;
        let all = Budget::Failures {
            share,
            window: Duration::MAX,
        };
        let recent = Budget::Failures {
            share,
            window: Duration::from_secs(10),
        };
        for (budget, later) in [(all, false), (recent, true)] {
            let mut purse = budget.purse();
            (0..10).for_each(|_| purse.began(at(0)));
            purse.failed(at(0));
            assert!(purse.pays(at(0)));
            purse.failed(at(0));
            assert!(!purse.pays(at(0)));
            assert_eq!(purse.pays(at(20_000)), later, "{budget:?}");
        }
    }
}
