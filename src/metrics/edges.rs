//! Attempts of counted flow runs over each edge, by outcome (A21).

use crate::kernel::ids::IdVec;
use crate::model::EdgeId;
use crate::policies::Outcome;
use serde::{Deserialize, Serialize};

/// Attempts over one edge.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct EdgeSeen {
    /// Begun.
    pub attempts: u64,
    /// Ended, by outcome.
    pub outcomes: [u64; Outcome::N],
}

/// The running counts.
#[derive(Debug)]
pub(super) struct Edges(IdVec<EdgeId, EdgeSeen>);

impl Edges {
    /// Nothing counted yet, over `n` edges.
    #[must_use]
    pub(super) fn new(n: usize) -> Self {
        Self(IdVec::from_fn(n, |_| EdgeSeen::default()))
    }

    /// An attempt began.
    #[inline]
    pub(super) fn attempted(&mut self, edge: EdgeId) {
        self.0[edge].attempts += 1;
    }

    /// An attempt ended.
    #[inline]
    pub(super) fn settled(&mut self, edge: EdgeId, outcome: Outcome) {
        self.0[edge].outcomes[outcome as usize] += 1;
    }

    /// The counts.
    #[must_use]
    pub(super) fn seen(self) -> IdVec<EdgeId, EdgeSeen> {
        self.0
    }
}
