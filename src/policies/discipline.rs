//! Disciplines (A10): who of those that wait is served next.

use crate::kernel::time::{Duration, Time};

/// Who of those that wait at an instance is served next.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Discipline {
    /// First come, first served.
    #[default]
    Fifo,
    /// Last come, first served.
    Lifo,
    /// By the rank of the step, the highest first; within a rank first come, first served.
    Priority,
    /// First come, first served, and last come, first served while somebody has been waiting for longer than
    /// [`Discipline::STANDING`] without a break (Maurer, "Fail at Scale", ACM Queue 13(8), 2015: adaptive LIFO).
    AdaptiveLifo,
}

impl Discipline {
    /// A queue that has not been empty for so long is no longer the variation of an ordinary day: the interval of the same
    /// article (and of `CoDel`, RFC 8289).
    pub const STANDING: Duration = Duration::from_millis(100);

    /// Is the one that came last served next, where somebody has been waiting since then without a break?
    #[must_use]
    pub fn takes_last(self, since: Time, now: Time) -> bool {
        match self {
            Self::Fifo | Self::Priority => false,
            Self::Lifo => true,
            Self::AdaptiveLifo => now - since > Self::STANDING,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_a_standing_queue_is_served_from_its_end() {
        let at = |ms| Time::ZERO + Duration::from_millis(ms);
        let takes_last = |discipline: Discipline, ms| discipline.takes_last(at(50), at(ms));
        assert!(!takes_last(Discipline::Fifo, 9_000));
        assert!(!takes_last(Discipline::Priority, 9_000));
        assert!(takes_last(Discipline::Lifo, 50));
        assert!(!takes_last(Discipline::AdaptiveLifo, 150));
        assert!(takes_last(Discipline::AdaptiveLifo, 151));
    }
}
