//! Adaptive throttling (A18): a caller that turns its own requests away, as many as it takes for the callee to accept its share.

use super::Outcome;
use super::gate::{Ended, Gate};
use super::tenths::Tenths;
use crate::kernel::time::{Duration, Time};

/// Requests are turned away by chance, with probability max(0, (requests − K × accepts)/(requests + 1)) over the window.
/// (Beyer et al., *Site Reliability Engineering*, O'Reilly 2016, chapter 21, equation 21-1: K = 2 over two minutes.) A request is
/// accepted if the callee has worked on it, whatever came of that: it answered, well or with an error.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct AdaptiveThrottle {
    /// K; at least 1. With 2 the callee sees about twice what it accepts.
    pub k: f64,
    /// How far back.
    pub window: Duration,
}

impl AdaptiveThrottle {
    /// What the book says.
    pub const BOOK: Self = Self {
        k: 2.0,
        window: Duration::from_secs(120),
    };

    /// Ready for one caller.
    #[must_use]
    pub const fn gate(self) -> impl Gate {
        Throttle {
            k: self.k,
            seen: Tenths::new(self.window),
            is_tripped: false,
        }
    }
}

const REQUESTS: usize = 0;
const ACCEPTS: usize = 1;

#[derive(Debug)]
struct Throttle {
    k: f64,
    seen: Tenths<2>,
    is_tripped: bool,
}

impl Gate for Throttle {
    fn admits(&mut self, _: Time) -> bool {
        true
    }

    fn refuses_by(&mut self, now: Time) -> f64 {
        let [requests, accepts] = self.seen.sums(now).map(f64::from);
        self.seen.count(REQUESTS, now);
        let chance = ((requests - self.k * accepts) / (requests + 1.0)).max(0.0);
        self.is_tripped = chance > 0.0;
        chance
    }

    fn settled(&mut self, ended: &Ended) {
        if ended.outcome.is_ok() || ended.outcome == Outcome::Error {
            self.seen.count(ACCEPTS, ended.at);
        }
    }

    fn is_tripped(&self) -> bool {
        self.is_tripped
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn it_turns_away_what_is_beyond_k_times_the_accepts() {
        let mut gate = AdaptiveThrottle::BOOK.gate();
        let now = Time::ZERO;
        let ended = |outcome| Ended {
            began: now,
            at: now,
            outcome,
        };
        for n in 0..10_u32 {
            // As long as half of them are accepted, nothing is turned away.
            assert!(gate.refuses_by(now) <= 0.0 && !gate.is_tripped());
            let is_good = n % 2 == 0;
            gate.settled(&ended(if is_good {
                Outcome::Ok
            } else {
                Outcome::Throttled
            }));
        }
        for n in 10..30_u32 {
            let expected = (f64::from(n) - 2.0 * 5.0) / f64::from(n + 1);
            assert!((gate.refuses_by(now) - expected).abs() < 1e-12, "{n}");
            gate.settled(&ended(Outcome::Timeout));
        }
        assert!(gate.is_tripped());
        // Errors are answers.
        (0..20).for_each(|_| gate.settled(&ended(Outcome::Error)));
        assert!(gate.refuses_by(now) <= 0.0);
        // After two minutes all is forgotten.
        assert!(gate.refuses_by(now + Duration::from_secs(121)) <= 0.0);
    }
}
