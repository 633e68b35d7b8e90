//! Retry (A18): another attempt after a failure, after a wait. Decides and never schedules.

use super::{Outcome, OutcomeSet};
use crate::kernel::chance::Draw;
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
    /// Uniform between `from` and three times the wait before, at most `to`
    /// (Brooker, "Exponential Backoff And Jitter", AWS Architecture Blog, 2015).
    Decorrelated {
        /// The shortest wait.
        from: Duration,
        /// The longest wait.
        to: Duration,
    },
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
}

impl Retry {
    /// The wait before the next attempt, or `None` if there is none: `made` attempts are over, the last ended in `outcome`,
    /// the wait before it was `previous` ([`Duration::ZERO`] before the first).
    #[must_use]
    pub fn next(
        &self,
        made: u32,
        outcome: Outcome,
        previous: Duration,
        draw: &mut Draw,
    ) -> Option<Duration> {
        let _ = (made, outcome, previous, draw);
        None
    }
}
