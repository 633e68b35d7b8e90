//! Retry (A18): another attempt after a failure, after a wait. Decides and never schedules.

use super::{Outcome, OutcomeSet};
use crate::kernel::chance::Draw;
use crate::kernel::math;
use crate::kernel::time::Duration;

/// What a call (or a redelivery) does after a failed attempt (A18).
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Retry {
    /// Attempts in all, the first included; at least 1. `u32::MAX` is unlimited.
    pub attempts: u32,
    /// How the wait before each further attempt grows.
    pub backoff: Backoff,
    /// How chance spreads the wait.
    pub jitter: Jitter,
    /// After which outcomes to try again; default [`OutcomeSet::FAILURES`].
    pub when: OutcomeSet,
}

/// How the wait grows from attempt to attempt; written `backoff: 100ms` (constant), `100ms..1s` (exponential, factor 2,
/// from the first to at most the last), `none`, or the long form `{ kind, from, to, factor }`.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Backoff {
    /// No wait.
    None,
    /// The same wait each time.
    Constant(Duration),
    /// `from`, 2·`from`, 3·`from`, … at most `to`.
    Linear {
        /// The first wait.
        from: Duration,
        /// The longest wait.
        to: Duration,
    },
    /// `from`, `factor`·`from`, `factor`²·`from`, … at most `to`.
    Exponential {
        /// The first wait.
        from: Duration,
        /// The longest wait.
        to: Duration,
        /// Growth from one wait to the next; at least 1, default 2.
        factor: f64,
    },
    /// These waits, one after another; the last one repeats.
    Schedule(Waits),
    /// Uniform between `from` and three times the wait before, at most `to`
    /// (Brooker, "Exponential Backoff And Jitter", AWS Architecture Blog, 2015).
    Decorrelated {
        /// The shortest wait.
        from: Duration,
        /// The longest wait.
        to: Duration,
    },
}

/// Waits that were written down one by one, at most [`Waits::MOST`].
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Waits {
    n: usize,
    waits: [Duration; Self::MOST],
}

impl Waits {
    /// How many there may be.
    pub const MOST: usize = 16;

    /// These waits; `None` if there are none, or too many.
    #[must_use]
    pub fn new(written: &[Duration]) -> Option<Self> {
        let mut waits = [Duration::ZERO; Self::MOST];
        let n = written.len();
        waits.get_mut(..n)?.copy_from_slice(written);
        (n > 0).then_some(Self { n, waits })
    }

    /// The waits as written.
    #[must_use]
    pub fn written(&self) -> &[Duration] {
        &self.waits[..self.n]
    }

    /// The wait after so many attempts (from 1).
    #[must_use]
    pub fn after(&self, made: u32) -> Duration {
        let nth = usize::try_from(made.saturating_sub(1)).unwrap_or(usize::MAX);
        self.waits[nth.min(self.n - 1)]
    }
}

impl Backoff {
    /// The longest `k`-th wait (from 1), after one of `previous` seconds.
    fn longest_s(self, k: u32, previous: f64) -> f64 {
        match self {
            Self::None => 0.0,
            Self::Constant(wait) => wait.as_secs_f64(),
            Self::Schedule(waits) => waits.after(k).as_secs_f64(),
            Self::Linear { from, to } => (from.as_secs_f64() * f64::from(k)).min(to.as_secs_f64()),
            Self::Exponential { from, to, factor } => {
                let next = if k == 1 {
                    from.as_secs_f64()
                } else {
                    previous * factor
                };
                next.min(to.as_secs_f64())
            }
            Self::Decorrelated { from, to } => {
                from.as_secs_f64().max(3.0 * previous).min(to.as_secs_f64())
            }
        }
    }
}

/// How chance spreads a wait w: not at all, uniform in 0..w, or uniform in w/2..w (Brooker 2015).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Jitter {
    /// The wait as it is.
    None,
    /// Uniform from zero to the wait.
    Full,
    /// Half the wait, and uniform up to the other half.
    Equal,
}

impl Retry {
    /// One attempt, no more.
    pub const NEVER: Self = Self {
        attempts: 1,
        backoff: Backoff::None,
        jitter: Jitter::None,
        when: OutcomeSet::FAILURES,
    };

    /// The longest that all waits can take together, seconds; infinite for unlimited attempts.
    #[must_use]
    pub fn waits_longest_s(&self) -> f64 {
        /// After so many different waits the last one is taken for all that follow.
        const STEPS_MAX: u32 = 1_000;
        if self.attempts == u32::MAX {
            return f64::INFINITY;
        }
        let n_waits = self.attempts.saturating_sub(1);
        let mut total = 0.0;
        let mut wait = 0.0;
        for k in 1..=n_waits.min(STEPS_MAX) {
            wait = self.backoff.longest_s(k, wait);
            total += wait;
        }
        total + f64::from(n_waits.saturating_sub(STEPS_MAX)) * wait
    }

    /// The wait before the next attempt, or `None` if there is none: `made` attempts are over, the last ended in `outcome`,
    /// the wait before it was `previous` ([`Duration::ZERO`] before the first).
    ///
    /// Takes one draw if chance has a part in the wait, else none. Jitter does not touch a decorrelated wait, which is
    /// chance already.
    #[must_use]
    pub fn next(
        &self,
        made: u32,
        outcome: Outcome,
        previous: Duration,
        draw: &mut Draw,
    ) -> Option<Duration> {
        let is_out = self.attempts != u32::MAX && made >= self.attempts;
        if is_out || !self.when.has(outcome) {
            return None;
        }
        let wait = match self.backoff {
            Backoff::None => return Some(Duration::ZERO),
            Backoff::Decorrelated { from, to } => {
                let high = Duration(previous.max(from).0.saturating_mul(3));
                return Some(between(from.min(to), high.min(to), draw));
            }
            Backoff::Constant(wait) => wait,
            Backoff::Schedule(waits) => waits.after(made),
            Backoff::Linear { from, to } => Duration(from.0.saturating_mul(made.into())).min(to),
            Backoff::Exponential { from, to, factor } => {
                let growth = math::pow(factor, f64::from(made.saturating_sub(1)));
                Duration::from_secs_f64(from.as_secs_f64() * growth).min(to)
            }
        };
        Some(match self.jitter {
            Jitter::None => wait,
            Jitter::Full => between(Duration::ZERO, wait, draw),
            Jitter::Equal => between(Duration(wait.0 / 2), wait, draw),
        })
    }
}

/// Uniform from `low` to `high`, both included; `high` is not below `low`.
fn between(low: Duration, high: Duration, draw: &mut Draw) -> Duration {
    let n_values = u128::from(high.0 - low.0) + 1;
    // Below n_values, so it fits: the multiply-and-shift of `Draw::below`, for 64 bits.
    let offset = (u128::from(draw.bits()) * n_values) >> 64;
    low + Duration(u64::try_from(offset).expect("at most high - low"))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::kernel::chance::{Purpose, Stream};
    use proptest::prelude::*;

    #[test]
    fn a_schedule_is_followed_and_its_last_wait_repeats() {
        let waits = Waits::new(&[ms(5), ms(30), ms(300)]).unwrap();
        let retry = Retry {
            attempts: u32::MAX,
            backoff: Backoff::Schedule(waits),
            ..Retry::NEVER
        };
        let stream = Stream::new(5, 0, Purpose::Jitter, 0);
        let wait = |made| retry.next(made, Outcome::Error, Duration::ZERO, &mut stream.draw(0));
        assert_eq!(
            [1, 2, 3, 4].map(wait),
            [5, 30, 300, 300].map(|n| Some(ms(n)))
        );
        assert_eq!(Waits::new(&[]), None);
        assert_eq!(Waits::new(&[ms(1); 17]), None);
    }

    fn ms(n: u64) -> Duration {
        Duration::from_millis(n)
    }

    fn draw(who: u64) -> Draw {
        Stream::new(5, 0, Purpose::Jitter, 0).draw(who << 8)
    }

    /// The waits after the first, second, … failed attempt.
    fn waits(backoff: Backoff, n: u32) -> Vec<Duration> {
        let retry = Retry {
            attempts: u32::MAX,
            backoff,
            ..Retry::NEVER
        };
        let next = |made| retry.next(made, Outcome::Error, ms(0), &mut draw(0));
        (1..=n).filter_map(next).collect()
    }

    #[test]
    fn each_backoff_follows_its_formula() {
        let (from, to) = (ms(100), ms(1000));
        let exponential = |factor| Backoff::Exponential { from, to, factor };
        for (backoff, expected) in [
            (Backoff::None, [0, 0, 0, 0, 0, 0]),
            (Backoff::Constant(ms(250)), [250; 6]),
            (
                Backoff::Linear { from, to: ms(450) },
                [100, 200, 300, 400, 450, 450],
            ),
            (exponential(2.0), [100, 200, 400, 800, 1000, 1000]),
            (exponential(3.0), [100, 300, 900, 1000, 1000, 1000]),
            (exponential(1.0), [100; 6]),
        ] {
            assert_eq!(waits(backoff, 6), expected.map(ms), "{backoff:?}");
        }
    }

    #[test]
    fn waits_that_would_be_endless_are_cut() {
        let (from, to) = (ms(100), ms(60_000));
        let exponential = Backoff::Exponential {
            from,
            to,
            factor: 2.0,
        };
        assert_eq!(waits(exponential, 5000).last(), Some(&to));
        let linear = Backoff::Linear {
            from: Duration::MAX,
            to,
        };
        assert_eq!(waits(linear, 9).last(), Some(&to));
    }

    #[test]
    fn attempts_are_counted_with_the_first() {
        let retry = Retry {
            attempts: 3,
            ..Retry::NEVER
        };
        let next = |made| retry.next(made, Outcome::Timeout, ms(0), &mut draw(0));
        assert_eq!(
            [next(1), next(2), next(3), next(4)],
            [Some(ms(0)), Some(ms(0)), None, None]
        );
        assert_eq!(
            Retry::NEVER.next(1, Outcome::Timeout, ms(0), &mut draw(0)),
            None
        );
        let endless = Retry {
            attempts: u32::MAX,
            ..Retry::NEVER
        };
        assert!(
            endless
                .next(u32::MAX, Outcome::Timeout, ms(0), &mut draw(0))
                .is_some()
        );
    }

    #[test]
    fn only_the_named_outcomes_are_tried_again() {
        let retry = |when| Retry {
            attempts: 9,
            when,
            ..Retry::NEVER
        };
        let again = |retry: Retry, outcome| retry.next(1, outcome, ms(0), &mut draw(0)).is_some();
        let some = retry(OutcomeSet::of([Outcome::Timeout, Outcome::Refused]));
        assert!(again(some, Outcome::Timeout) && again(some, Outcome::Refused));
        assert!(!again(some, Outcome::Error) && !again(some, Outcome::Throttled));
        let failures = retry(OutcomeSet::FAILURES);
        for outcome in [
            Outcome::Ok,
            Outcome::Degraded,
            Outcome::GaveUp,
            Outcome::Cancelled,
            Outcome::Unfinished,
        ] {
            assert!(!again(failures, outcome), "{outcome:?}");
        }
    }

    /// The mean of n uniform numbers over a span s has standard deviation s / sqrt(12 n); 4.5 of them are passed once in
    /// 10^5.
    #[test]
    fn jitter_is_uniform_over_its_span() {
        let n = 20_000_u32;
        for (jitter, low, high) in [(Jitter::Full, 0.0, 400.0), (Jitter::Equal, 200.0, 400.0)] {
            let backoff = Backoff::Exponential {
                from: ms(100),
                to: ms(1000),
                factor: 2.0,
            };
            let retry = Retry {
                attempts: 9,
                backoff,
                jitter,
                ..Retry::NEVER
            };
            let wait = |k: u32| {
                let wait = retry.next(3, Outcome::Error, ms(0), &mut draw(k.into()));
                wait.unwrap().as_secs_f64() * 1e3
            };
            let all: Vec<f64> = (0..n).map(wait).collect();
            assert!(
                all.iter().all(|wait| (low..=high).contains(wait)),
                "{jitter:?}"
            );
            let mean = all.iter().sum::<f64>() / f64::from(n);
            let bound = 4.5 * (high - low) / (12.0 * f64::from(n)).sqrt();
            assert!(
                (mean - 0.5 * (low + high)).abs() < bound,
                "{jitter:?}: {mean}"
            );
        }
    }

    /// Brooker 2015: sleep = min(cap, random between base and 3 · sleep), sleep being base at first.
    #[test]
    fn a_decorrelated_wait_lies_between_its_bounds() {
        let (from, to) = (ms(100), ms(2000));
        let backoff = Backoff::Decorrelated { from, to };
        let retry = Retry {
            attempts: u32::MAX,
            backoff,
            ..Retry::NEVER
        };
        let next = |made, previous, who| {
            retry
                .next(made, Outcome::Error, previous, &mut draw(who))
                .unwrap()
        };
        let (mut shortest, mut longest) = (to, from);
        for who in 0..2_000 {
            let first = next(1, ms(0), who);
            assert!((ms(100)..=ms(300)).contains(&first));
            let later = next(2, ms(400), who + 5_000);
            assert!((ms(100)..=ms(1200)).contains(&later));
            shortest = shortest.min(later);
            longest = longest.max(later);
            assert!((from..=to).contains(&next(3, ms(1900), who)));
        }
        // A bound missed by a hundredth of the span by 2000 draws: probability 0.99^2000, below 10^-8.
        assert!(shortest < ms(111) && longest > ms(1189));
    }

    proptest! {
        #[test]
        fn no_wait_is_longer_than_the_longest(made in 1_u32..200, from in 0_u64..10_000, more in 0_u64..100_000, factor in 1.0..10.0_f64, kind in 0_usize..3, full: bool, previous: u64, who: u64) {
            let (from, to) = (ms(from), ms(from + more));
            let backoff = [Backoff::Linear { from, to }, Backoff::Exponential { from, to, factor }, Backoff::Decorrelated { from, to }][kind];
            let jitter = if full { Jitter::Full } else { Jitter::Equal };
            let retry = Retry { attempts: u32::MAX, backoff, jitter, ..Retry::NEVER };
            let wait = retry.next(made, Outcome::Refused, Duration(previous), &mut draw(who)).unwrap();
            prop_assert!(wait <= to);
        }
    }
}
