//! What each fault does to the attempts at each service (A35): how many fail while it acts, and just before.

use crate::kernel::ids::IdVec;
use crate::model::{EdgeId, FaultId};
use crate::policies::Outcome;
use serde::{Deserialize, Serialize};

/// Attempts of counted flow runs that ended, by edge: well, and not.
pub type Ended = IdVec<EdgeId, (u64, u64)>;

/// The attempts that ended while faults acted, and before they did.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct BlastSeen {
    /// Before each fault began, since the last time that any fault did, or ended.
    pub before: IdVec<FaultId, Ended>,
    /// While each fault acted.
    pub during: IdVec<FaultId, Ended>,
}

/// The running counts: those since a fault last began or ended are added to where they belong when the next one does.
#[derive(Debug)]
pub(super) struct Blast {
    acting: IdVec<FaultId, bool>,
    present: Ended,
    seen: BlastSeen,
}

impl Blast {
    /// Nothing counted yet, over so many edges and faults.
    #[must_use]
    pub(super) fn new(n_edges: usize, n_faults: usize) -> Self {
        let none = || IdVec::from_fn(n_edges, |_| (0, 0));
        Self {
            acting: IdVec::from_fn(n_faults, |_| false),
            present: none(),
            seen: BlastSeen {
                before: IdVec::from_fn(n_faults, |_| none()),
                during: IdVec::from_fn(n_faults, |_| none()),
            },
        }
    }

    /// An attempt ended. One that was called off says nothing about whom it was made to.
    #[inline]
    pub(super) fn settled(&mut self, edge: EdgeId, outcome: Outcome) {
        let counts = &mut self.present[edge];
        match outcome {
            _ if outcome.is_ok() => counts.0 += 1,
            Outcome::Cancelled | Outcome::GaveUp | Outcome::Unfinished => {}
            _ => counts.1 += 1,
        }
    }

    /// A fault begins or ends.
    pub(super) fn switched(&mut self, fault: FaultId, begins: bool) {
        self.flush(begins.then_some(fault));
        self.acting[fault] = begins;
    }

    /// Adds what was counted to the faults that act, and to the one that begins.
    fn flush(&mut self, begins: Option<FaultId>) {
        let add = |sums: &mut Ended| {
            for (edge, counts) in self.present.enumerate() {
                sums[edge].0 += counts.0;
                sums[edge].1 += counts.1;
            }
        };
        if let Some(fault) = begins {
            add(&mut self.seen.before[fault]);
        }
        for (fault, &acts) in self.acting.enumerate() {
            if acts {
                add(&mut self.seen.during[fault]);
            }
        }
        for counts in &mut self.present {
            *counts = (0, 0);
        }
    }

    /// The counts.
    #[must_use]
    pub(super) fn seen(mut self) -> BlastSeen {
        self.flush(None);
        self.seen
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn attempts_belong_to_the_faults_that_act_when_they_end() {
        let mut blast = Blast::new(1, 2);
        let edge = EdgeId(0);
        blast.settled(edge, Outcome::Ok);
        blast.switched(FaultId(0), true);
        blast.settled(edge, Outcome::Timeout);
        blast.switched(FaultId(1), true);
        blast.settled(edge, Outcome::Refused);
        blast.settled(edge, Outcome::Cancelled);
        blast.switched(FaultId(0), false);
        blast.settled(edge, Outcome::Degraded);
        blast.switched(FaultId(1), false);
        blast.settled(edge, Outcome::Error);
        let seen = blast.seen();
        let [first, second] = [FaultId(0), FaultId(1)];
        assert_eq!(
            (seen.before[first][edge], seen.before[second][edge]),
            ((1, 0), (0, 1))
        );
        assert_eq!(
            (seen.during[first][edge], seen.during[second][edge]),
            ((0, 2), (1, 1))
        );
    }
}
