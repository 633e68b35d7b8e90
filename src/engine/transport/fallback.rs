//! What stands in when a call has failed for good (A20): another way to the step, or a value at hand.

use crate::engine::probe::Probe;
use crate::engine::record::{Caller, Client};
use crate::engine::slab::Ref;
use crate::engine::world::World;
use crate::model::EdgeId;
use crate::policies::Outcome;

impl<P: Probe> World<'_, P> {
    /// A call has failed for good: a value at hand may do instead, as a degraded answer (A20).
    pub(super) fn or_static(&mut self, run: Ref, edge: EdgeId, outcome: Outcome) -> Outcome {
        let record = &self.wiring.edges[edge];
        if outcome.is_ok() || !record.has_static {
            return outcome;
        }
        self.mark_skipped(run, record.to);
        Outcome::Degraded
    }

    /// Takes the other way to a step, if there is one and somebody still wants it (A20).
    pub(super) fn fall_back(
        &mut self,
        run: Ref,
        edge: EdgeId,
        caller: Caller,
        lineage: u16,
    ) -> bool {
        let Some(other) = self.wiring.edges[edge].fallback else {
            return false;
        };
        match caller {
            Caller::Client if self.runs[run].client == Client::Waiting => {
                self.runs[run].call = None;
                let call = self.start_call(run, other, caller, lineage);
                if self.calls.get(call).is_some() {
                    self.runs[run].call = Some(call);
                }
                true
            }
            Caller::Job(job, stage) if self.jobs.get(job).is_some_and(|job| job.stage == stage) => {
                self.start_call(run, other, caller, lineage);
                true
            }
            _ => false,
        }
    }

    /// So do those that a hand-over has carried; who has no other way has failed with it.
    pub(super) fn riders_fall_back(
        &mut self,
        call: Ref,
        run: Ref,
        caller: Caller,
        lineage: u16,
        outcome: Outcome,
    ) {
        let Caller::Job(job, stage) = caller else {
            return;
        };
        for edge in self.riders_of(call) {
            if !self.fall_back(run, edge, caller, lineage) {
                self.branch_ended(job, stage, self.wiring.edges[edge].to, outcome);
            }
        }
    }
}
