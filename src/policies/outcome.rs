//! How an attempt ends (A21): exactly one outcome each.

use serde::{Deserialize, Serialize};

/// How one attempt over an edge ended (A21).
#[derive(
    Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize,
)]
#[serde(rename_all = "snake_case")]
#[repr(u8)]
pub enum Outcome {
    /// The callee did its work and said so.
    #[default]
    Ok,
    /// A fallback answered.
    Degraded,
    /// The callee answered with an error, its own or its callee's.
    Error,
    /// The caller stopped waiting for this attempt.
    Timeout,
    /// The callee was down when the attempt arrived and said so.
    Refused,
    /// The callee went down with the attempt inside.
    Reset,
    /// The way to the callee was cut.
    Unreachable,
    /// A rate limit turned the attempt away.
    Throttled,
    /// Load shedding turned the attempt away.
    Shed,
    /// The callee's queue (or the broker) was full.
    Overloaded,
    /// An open circuit breaker turned the attempt away.
    BreakerOpen,
    /// A bulkhead was full.
    BulkheadFull,
    /// The retry budget was empty.
    BudgetEmpty,
    /// The client left.
    GaveUp,
    /// The caller withdrew the attempt (another answered, or the caller itself was withdrawn or lost).
    Cancelled,
    /// Still on its way when the run ended.
    Unfinished,
    /// A message was too old to be delivered.
    Expired,
}

impl Outcome {
    /// How many outcomes there are.
    pub const N: usize = 17;

    /// All outcomes, in declaration order.
    pub const ALL: [Self; Self::N] = [
        Self::Ok,
        Self::Degraded,
        Self::Error,
        Self::Timeout,
        Self::Refused,
        Self::Reset,
        Self::Unreachable,
        Self::Throttled,
        Self::Shed,
        Self::Overloaded,
        Self::BreakerOpen,
        Self::BulkheadFull,
        Self::BudgetEmpty,
        Self::GaveUp,
        Self::Cancelled,
        Self::Unfinished,
        Self::Expired,
    ];

    /// The outcome of this word, if there is one.
    #[must_use]
    pub fn from_word(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|outcome| outcome.word() == word)
    }

    /// Did the caller get what it asked for (also from a fallback)?
    #[must_use]
    pub const fn is_ok(self) -> bool {
        matches!(self, Self::Ok | Self::Degraded)
    }

    /// The word used in YAML (`when: [timeout]`), JSON and CSV.
    #[must_use]
    pub const fn word(self) -> &'static str {
        match self {
            Self::Ok => "ok",
            Self::Degraded => "degraded",
            Self::Error => "error",
            Self::Timeout => "timeout",
            Self::Refused => "refused",
            Self::Reset => "reset",
            Self::Unreachable => "unreachable",
            Self::Throttled => "throttled",
            Self::Shed => "shed",
            Self::Overloaded => "overloaded",
            Self::BreakerOpen => "breaker_open",
            Self::BulkheadFull => "bulkhead_full",
            Self::BudgetEmpty => "budget_empty",
            Self::GaveUp => "gave_up",
            Self::Cancelled => "cancelled",
            Self::Unfinished => "unfinished",
            Self::Expired => "expired",
        }
    }
}

/// A set of outcomes: which ones a policy reacts to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct OutcomeSet(pub u32);

impl OutcomeSet {
    /// No outcome.
    pub const NONE: Self = Self(0);

    /// Every way to fail that a caller can hear of: the default of `retry.when`.
    pub const FAILURES: Self = Self(0b0001_1111_1111_1100);

    /// Is `outcome` in the set?
    #[must_use]
    pub const fn has(self, outcome: Outcome) -> bool {
        self.0 & (1 << outcome as u32) != 0
    }

    /// The set with `outcome` in it.
    #[must_use]
    pub const fn with(self, outcome: Outcome) -> Self {
        Self(self.0 | (1 << outcome as u32))
    }

    /// The set of these outcomes.
    #[must_use]
    pub fn of(outcomes: impl IntoIterator<Item = Outcome>) -> Self {
        outcomes.into_iter().fold(Self::NONE, Self::with)
    }

    /// The set of the outcomes with these words.
    ///
    /// # Errors
    /// The first word that names no outcome.
    pub fn from_words<'a>(words: impl IntoIterator<Item = &'a str>) -> Result<Self, &'a str> {
        let mut outcomes = words
            .into_iter()
            .map(|word| Outcome::from_word(word).ok_or(word));
        outcomes.try_fold(Self::NONE, |set, outcome| Ok(set.with(outcome?)))
    }

    /// Its outcomes, in declaration order.
    pub fn iter(self) -> impl Iterator<Item = Outcome> {
        Outcome::ALL
            .into_iter()
            .filter(move |outcome| self.has(*outcome))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_and_outcomes_are_inverse() {
        for outcome in Outcome::ALL {
            assert_eq!(Outcome::from_word(outcome.word()), Some(outcome));
        }
        assert_eq!(Outcome::from_word("broken"), None);
    }

    #[test]
    fn a_set_has_what_its_words_say() {
        let set = OutcomeSet::from_words(["timeout", "refused"]).unwrap();
        assert!(set.iter().eq([Outcome::Timeout, Outcome::Refused]));
        assert_eq!(set, OutcomeSet::of([Outcome::Refused, Outcome::Timeout]));
        assert_eq!(OutcomeSet::from_words(["timeout", "slow"]), Err("slow"));
        assert_eq!(OutcomeSet::from_words([]), Ok(OutcomeSet::NONE));
    }

    /// A caller hears of these: all but success, leaving, withdrawal, the end of the run, and what only a message meets.
    #[test]
    fn failures_are_what_a_caller_hears_of() {
        let unheard = [
            Outcome::Ok,
            Outcome::Degraded,
            Outcome::GaveUp,
            Outcome::Cancelled,
            Outcome::Unfinished,
            Outcome::Expired,
        ];
        for outcome in Outcome::ALL {
            assert_eq!(
                OutcomeSet::FAILURES.has(outcome),
                !unheard.contains(&outcome)
            );
        }
    }
}
