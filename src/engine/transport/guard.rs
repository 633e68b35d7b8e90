//! Attempts pass the policies of their edge (A16): before they begin, and when they end.

use crate::engine::guards::{Guarded, Passed};
use crate::engine::probe::Probe;
use crate::engine::record::{Caller, Owner};
use crate::engine::slab::Ref;
use crate::engine::world::World;
use crate::kernel::time::Duration;
use crate::model::{Around, EdgeId};
use crate::policies::Outcome;
use crate::policies::gate::Ended;

impl<P: Probe> World<'_, P> {
    /// Asks the policies for the attempt that a call is about to make. If one turns it away, the caller hears so at once.
    pub(super) fn passes(&mut self, call: Ref, edge: EdgeId) -> bool {
        let now = self.now();
        let caller = self.calls[call].caller;
        let instance = self.caller_instance(caller);
        let Some(guards) = self.edges[edge].guards.as_mut() else {
            return true;
        };
        let guarded = self.guarded.entry(call.idx).or_insert(Guarded {
            instance,
            began: now,
            state: Passed::None,
        });
        let mut refusal = None;
        if guarded.state == Passed::None {
            let n = guards.purses.len();
            if n > 0 {
                guards.purses[instance % n].began(now);
            }
            refusal = guards.ask(Around::Call, instance, now);
            guarded.state = if refusal.is_some() {
                Passed::Barred
            } else {
                Passed::Call
            };
        }
        let refusal = refusal.or_else(|| guards.ask(Around::Attempt, guarded.instance, now));
        match refusal {
            None => guarded.state = Passed::Attempt,
            Some(outcome) => self.word(call, outcome, Duration::ZERO),
        }
        refusal.is_none()
    }

    /// Which of its service's instances a caller is; where nobody tells, all are one.
    fn caller_instance(&self, caller: Caller) -> usize {
        let Caller::Job(mut job, _) = caller else {
            return 0;
        };
        while let Some(record) = self.jobs.get(job) {
            match record.owner {
                Owner::Rest(parent, _) => job = parent,
                _ => return record.instance as usize,
            }
        }
        0
    }

    /// The present attempt of a call is over: its policies learn how.
    pub(super) fn tell_of_attempt(&mut self, call: Ref, outcome: Outcome) {
        let now = self.now();
        let record = &self.calls[call];
        let (edge, began) = (record.edge, record.began);
        let cause = self.runs[record.run].cause;
        let Some(guards) = self.edges[edge].guards.as_mut() else {
            return;
        };
        let Some(guarded) = self.guarded.get_mut(&call.idx) else {
            return;
        };
        let n = guards.purses.len();
        if n > 0 && outcome.is_ok() {
            guards.purses[guarded.instance % n].succeeded();
        }
        if guarded.state == Passed::Attempt {
            guarded.state = Passed::Call;
            let ended = Ended {
                began,
                at: now,
                outcome,
            };
            guards.tell(Around::Attempt, guarded.instance, &ended, cause);
        }
    }

    /// A call is over, whose edge may be guarded: what is around it learns how.
    pub(super) fn tell_of_call(&mut self, call: Ref, outcome: Outcome) {
        let now = self.now();
        let record = &self.calls[call];
        let cause = self.runs[record.run].cause;
        let Some(guards) = self.edges[record.edge].guards.as_mut() else {
            return;
        };
        let Some(guarded) = self.guarded.remove(&call.idx) else {
            return;
        };
        if guarded.state == Passed::Call {
            let ended = Ended {
                began: guarded.began,
                at: now,
                outcome,
            };
            guards.tell(Around::Call, guarded.instance, &ended, cause);
        }
    }

    /// May a call try again: has nothing around it turned it away, and does its budget pay for it?
    pub(super) fn may_retry(&mut self, call: Ref) -> bool {
        let now = self.now();
        let edge = self.calls[call].edge;
        let Some(guards) = self.edges[edge].guards.as_mut() else {
            return true;
        };
        let Some(guarded) = self.guarded.get(&call.idx) else {
            return true;
        };
        if guarded.state == Passed::Barred {
            return false;
        }
        let n = guards.purses.len();
        n == 0 || guards.purses[guarded.instance % n].pays(now)
    }
}
