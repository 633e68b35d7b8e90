//! The policies that can stand between a caller and its attempts. A new one is a file, and a line in each `match` here.

use super::Outcome;
use super::breaker::Breaker;
use super::bulkhead::Bulkhead;
use super::gate::Gate;
use super::limit::ConcurrencyLimit;
use super::rate_limit::RateLimit;
use super::throttle::AdaptiveThrottle;
use crate::kernel::time::Duration;

/// A policy that turns attempts away (A16).
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Guard {
    /// A circuit breaker (A19).
    Breaker(Breaker),
    /// Not more attempts for each time than this.
    RateLimit(RateLimit),
    /// Not more attempts under way at once than this.
    Bulkhead(Bulkhead),
    /// The same, where the limit is found out.
    Limit(ConcurrencyLimit),
    /// As many turned away by chance as the callee does not accept.
    Throttle(AdaptiveThrottle),
}

impl Guard {
    /// Ready for one caller.
    #[must_use]
    pub fn gate(&self) -> Box<dyn Gate> {
        match self {
            Self::Breaker(law) => Box::new(law.gate()),
            Self::RateLimit(law) => Box::new(law.gate()),
            Self::Bulkhead(law) => Box::new(law.gate()),
            Self::Limit(law) => Box::new(law.gate()),
            Self::Throttle(law) => Box::new(law.gate()),
        }
    }

    /// Places to wait in for what it turns away, and for how long.
    #[must_use]
    pub const fn line(&self) -> Option<(u32, Duration)> {
        match self {
            Self::Bulkhead(law) if law.queue > 0 => Some((law.queue, law.wait)),
            _ => None,
        }
    }

    /// How an attempt ends that it turns away (A21).
    #[must_use]
    pub const fn refusal(&self) -> Outcome {
        match self {
            Self::Breaker(_) => Outcome::BreakerOpen,
            Self::RateLimit(_) | Self::Throttle(_) => Outcome::Throttled,
            Self::Bulkhead(_) | Self::Limit(_) => Outcome::BulkheadFull,
        }
    }
}
