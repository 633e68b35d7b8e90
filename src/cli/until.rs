//! Until when to simulate: `--max-time`, counted once for all that a command does.

#![expect(clippy::disallowed_types, reason = "it is a time of day")]

use std::time::{Duration, Instant};

/// An instant that must not be passed, if there is one.
#[derive(Clone, Copy, Debug)]
pub(super) struct Until(Option<Instant>);

impl Until {
    /// From now on, so long at most; for ever without a limit.
    pub(super) fn after(most: Option<Duration>) -> Self {
        Self(most.and_then(|most| Instant::now().checked_add(most)))
    }

    /// Has it been reached?
    pub(super) fn is_over(self) -> bool {
        self.0.is_some_and(|end| Instant::now() >= end)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn time_is_over_when_it_is_over_and_never_without_a_limit() {
        assert!(Until::after(Some(Duration::ZERO)).is_over());
        assert!(!Until::after(Some(Duration::from_secs(3_600))).is_over());
        assert!(!Until::after(Some(Duration::MAX)).is_over());
        assert!(!Until::after(None).is_over());
    }
}
