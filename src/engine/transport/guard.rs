//! Attempts pass the policies of their edge (A16): before they begin, and when they end.

use crate::engine::draws::child;
use crate::engine::event::Event;
use crate::engine::guards::{Answer, Guarded, Passed};
use crate::engine::probe::{Doing, Probe};
use crate::engine::record::{Attempt, Caller, Owner, Phase};
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
        let record = &self.calls[call];
        let (caller, run) = (record.caller, record.run);
        let lineage = child(record.lineage, record.attempts - 1);
        let stream = self.draws_of(run, self.wiring.edges[edge].to).throttle;
        let mut draw = stream.draw(self.who(run, lineage));
        let instance = self.caller_instance(caller);
        let Some(guards) = self.edges[edge].guards.as_mut() else {
            return true;
        };
        let guarded = self.guarded.entry(call.idx).or_insert(Guarded {
            instance,
            began: now,
            state: Passed::None,
        });
        let mut answer = Answer::Passes;
        if guarded.state == Passed::None {
            if let Some(purse) = guards.purse(instance) {
                purse.began(now);
            }
            answer = guards.ask(Around::Call, instance, (call, now), &mut draw);
            guarded.state = match answer {
                Answer::Refused(_) => Passed::Barred,
                Answer::Passes | Answer::Waits(_) => Passed::Call,
            };
        }
        if answer == Answer::Passes {
            answer = guards.ask(Around::Attempt, guarded.instance, (call, now), &mut draw);
        }
        match answer {
            Answer::Passes => guarded.state = Passed::Attempt,
            Answer::Waits(wait) => {
                guarded.state = Passed::Waiting;
                self.wait_for_a_place(call, wait);
            }
            Answer::Refused(outcome) => self.word(call, outcome, Duration::ZERO),
        }
        answer == Answer::Passes
    }

    /// The attempt stands in line before it begins.
    fn wait_for_a_place(&mut self, call: Ref, wait: Duration) {
        self.calls[call].attempt = Attempt::InLine;
        self.call_does(call, Doing::InLine);
        let left = self.calls[call].left(self.now());
        if wait.min(left) != Duration::MAX {
            let timer = self.after(wait.min(left), Event::Timer(call.idx));
            self.calls[call].timer = timer;
        }
    }

    /// A place is free: whoever has waited longest begins, within this instant.
    fn takes_a_place(&mut self, call: Ref) {
        if let Some(guarded) = self.guarded.get_mut(&call.idx) {
            guarded.state = Passed::Attempt;
        }
        let timer = self.after(Duration::ZERO, Event::Timer(call.idx));
        let record = &mut self.calls[call];
        record.attempt = Attempt::Admitted;
        record.timer = timer;
        self.call_does(call, Doing::Nothing);
    }

    /// Which of its service's instances a caller is; where nobody tells, all are one.
    pub(in crate::engine) fn caller_instance(&self, caller: Caller) -> usize {
        let mut job = match caller {
            Caller::Job(job, _) => job,
            Caller::Hedge(call) => match self.calls.get(call) {
                Some(record) => return self.caller_instance(record.caller),
                None => return 0,
            },
            Caller::Client | Caller::Message(..) => return 0,
        };
        while let Some(record) = self.jobs.get(job) {
            match record.owner {
                Owner::Rest(parent, _) => job = parent,
                _ => return record.instance as usize,
            }
        }
        0
    }

    /// The caller learns how an instance has answered, or that it has not.
    #[cold]
    pub(super) fn hear_of(&mut self, call: Ref, job: Ref, outcome: Outcome) {
        let now = self.now();
        let record = &self.calls[call];
        let (edge, caller) = (record.edge, record.caller);
        // What is still on its way has no instance yet.
        if self.edges[edge].watches.is_empty() || self.jobs[job].phase == Phase::Coming {
            return;
        }
        let instance = self.jobs[job].instance;
        let caller = self.caller_instance(caller);
        let watches = &mut self.edges[edge].watches;
        let n = watches.len();
        watches[caller % n].settled(instance, outcome.is_ok(), now);
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
        if let Some(purse) = guards.purse(guarded.instance) {
            match outcome {
                _ if outcome.is_ok() => purse.succeeded(),
                Outcome::Cancelled | Outcome::GaveUp => {}
                _ => purse.failed(now),
            }
        }
        let ended = Ended {
            began,
            at: now,
            outcome,
        };
        let state = std::mem::replace(&mut guarded.state, Passed::Call);
        let instance = guarded.instance;
        match state {
            Passed::Attempt => {
                if let Some(next) = guards.tell(Around::Attempt, instance, &ended, cause) {
                    self.takes_a_place(next);
                }
            }
            Passed::Waiting => guards.leaves(instance, call, &ended, cause),
            state => guarded.state = state,
        }
    }

    /// A call is over, whose edge may be guarded: what is around it learns how.
    pub(super) fn tell_of_call(&mut self, call: Ref, outcome: Outcome) {
        let now = self.now();
        let record = &self.calls[call];
        let Some(guards) = self.edges[record.edge].guards.as_mut() else {
            return;
        };
        let Some(guarded) = self.guarded.remove(&call.idx) else {
            return;
        };
        if guarded.state == Passed::Call {
            let cause = self.runs[record.run].cause;
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
        let purse = guards.purse(guarded.instance);
        purse.is_none_or(|purse| purse.pays(now))
    }
}
