//! Deadlines that are handed on (A17): nobody works longer than somebody waits.

use crate::engine::probe::Probe;
use crate::engine::record::{self, Caller, Owner};
use crate::engine::slab::Ref;
use crate::engine::world::World;
use crate::kernel::time::Time;
use crate::model::Link;

impl<P: Probe> World<'_, P> {
    /// When the caller's own caller gives up: by its patience, the deadline of its call, or the time limit of its present
    /// attempt, whichever comes first. Never, if nobody waits.
    #[cold]
    pub(super) fn time_left_to(&self, run: Ref, caller: Caller) -> Time {
        let Caller::Job(job, _) = caller else {
            let record = &self.runs[run];
            return record.start + self.system.sources[record.source].patience;
        };
        let Some(record) = self.jobs.get(job) else {
            return Time::NEVER;
        };
        let call = match record.owner {
            Owner::Call(call) => call,
            Owner::Rest(parent, stage) => {
                return self.time_left_to(run, Caller::Job(parent, stage));
            }
            Owner::Message(..) | Owner::Saga => return Time::NEVER,
        };
        let Some(record) = self.calls.get(call).filter(|_| self.waits_for(call, job)) else {
            // Whoever asked has given up.
            return self.now();
        };
        self.attempt_ends(record)
    }

    /// Until when whoever has made a call waits for its present attempt.
    pub(in crate::engine) fn attempt_ends(&self, call: &record::Call) -> Time {
        let timeout = match &self.wiring.edges[call.edge].link {
            Link::Call(policy) => policy.timeout,
            Link::Publish(publish) => publish.timeout,
        };
        call.deadline.min(call.began + timeout)
    }
}
