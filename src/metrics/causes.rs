//! Why flow runs did not end well (A31): how many, by what became of them and the first cause on their way.

use crate::engine::{Answer, Cause, Fate};
use crate::model::SourceId;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// What became of a flow run that did not end well.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub enum Ending {
    /// The client was told of a failure.
    Failed,
    /// The client left.
    GaveUp,
    /// Neither answered nor left at the end of the drain.
    Unanswered,
    /// Accepted, and can never complete.
    Lost,
    /// Accepted, and parked.
    DeadLettered,
    /// Accepted, and undone.
    Compensated,
    /// Accepted, and on its way at the end of the drain.
    Incomplete,
}

impl Ending {
    /// The bad ending that an answer is, if it is one.
    #[must_use]
    pub const fn of_answer(answer: Answer) -> Option<Self> {
        match answer {
            Answer::Ok | Answer::Degraded => None,
            Answer::Failed => Some(Self::Failed),
            Answer::GaveUp => Some(Self::GaveUp),
        }
    }

    /// The bad ending that a fate is, if it is one that no answer told before.
    #[must_use]
    pub const fn of_fate(fate: Fate) -> Option<Self> {
        match fate {
            Fate::Completed | Fate::Refused => None,
            Fate::Lost => Some(Self::Lost),
            Fate::DeadLettered => Some(Self::DeadLettered),
            Fate::Compensated => Some(Self::Compensated),
            Fate::Incomplete => Some(Self::Incomplete),
            Fate::Unanswered => Some(Self::Unanswered),
        }
    }
}

/// What flow runs share that failed in the same way.
pub type CauseKey = (Ending, SourceId, Option<Cause>);

/// Counts by cause.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Causes(BTreeMap<CauseKey, u64>);

impl Causes {
    /// One more flow run of `source` that ended badly.
    pub fn count(&mut self, ending: Ending, source: SourceId, cause: Option<Cause>) {
        *self.0.entry((ending, source, cause)).or_default() += 1;
    }

    /// Keys and counts, in order of the key.
    pub fn iter(&self) -> impl Iterator<Item = (&CauseKey, u64)> {
        self.0.iter().map(|(key, &count)| (key, count))
    }
}
