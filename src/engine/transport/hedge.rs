//! Hedges (A20): a further request beside one that is still out. It is a call of its own, a twin, whose caller is the first.
//!
//! ```text
//!   attempt ──► (after the delay) twin ──► first success of any of them: the others are let go ──► the call succeeds
//!                                     └──► a failure: the others go on; the last one's is the attempt's
//! ```

use crate::engine::draws::child;
use crate::engine::probe::Probe;
use crate::engine::record::{Attempt, Call, Caller, Chore, NO_EVENT, Phase};
use crate::engine::slab::Ref;
use crate::engine::world::World;
use crate::kernel::time::{Duration, Time};
use crate::model::{Cancel, EdgeId, Link};
use crate::policies::Outcome;

/// Attempt numbers of twins begin beyond those of any attempts: their draws are their own.
const FIRST_TWIN: u32 = 10_000;

impl<P: Probe> World<'_, P> {
    /// An attempt is about to be made: when is its first hedge due?
    pub(super) fn expect_hedge(&mut self, call: Ref, edge: EdgeId) {
        let now = self.now();
        let record = &self.calls[call];
        let (caller, attempts) = (record.caller, record.attempts);
        let instance = self.caller_instance(caller);
        let Some(hedging) = self.edges[edge].hedging.as_deref_mut() else {
            return;
        };
        if let Some(purse) = hedging.purse(instance) {
            purse.began(now);
        }
        if let Some(delay) = hedging.law.delay(&hedging.recent) {
            self.at(now + delay, Chore::Hedge(call, attempts));
        }
    }

    /// A hedge is due, if the attempt is still out and the budget pays for it.
    pub(in crate::engine) fn hedge(&mut self, call: Ref, attempts: u32) {
        let now = self.now();
        let Some(record) = self.calls.get(call) else {
            return;
        };
        let is_out = matches!(
            record.attempt,
            Attempt::Job(_) | Attempt::Nothing | Attempt::Outlived
        );
        if record.attempts != attempts || !is_out {
            return;
        }
        let (edge, caller) = (record.edge, record.caller);
        let instance = self.caller_instance(caller);
        let Some(hedging) = self.edges[edge].hedging.as_deref_mut() else {
            return;
        };
        let n_sent = self.twins.get(&call.idx).map_or(0, |twins| twins.n_sent);
        let (most, delay) = (hedging.law.most, hedging.law.delay(&hedging.recent));
        if n_sent >= most
            || hedging
                .purse(instance)
                .is_some_and(|purse| !purse.pays(now))
        {
            return;
        }
        if let Some(delay) = delay.filter(|_| n_sent + 1 < most) {
            self.at(now + delay, Chore::Hedge(call, attempts));
        }
        self.send_twin(call, n_sent);
    }

    fn send_twin(&mut self, call: Ref, n_sent: u32) {
        let now = self.now();
        let Call {
            run,
            edge,
            lineage,
            counted,
            attempts,
            deadline,
            ..
        } = self.calls[call];
        self.runs[run].refs += 1;
        let attempts = FIRST_TWIN + FIRST_TWIN * n_sent + attempts;
        let twin = self.calls.insert(Call {
            run,
            edge,
            caller: Caller::Hedge(call),
            lineage,
            counted,
            attempts,
            began: now,
            deadline,
            ..Call::default()
        });
        let twins = self.twins.entry(call.idx).or_default();
        twins.out.push(twin);
        twins.n_sent += 1;
        self.ledger.begun[edge] += 1;
        self.probe.attempted(edge, counted);
        if let Link::Call(policy) = &self.wiring.edges[edge].link {
            let left = match deadline {
                Time::NEVER => Duration::MAX,
                deadline => deadline - now,
            };
            let limit = policy.timeout.min(left);
            if limit != Duration::MAX {
                self.limit(twin, edge, limit, policy.timeout);
            }
            let lineage = child(lineage, attempts - 1);
            self.request(twin, run, edge, self.wiring.edges[edge].to, lineage);
        }
    }

    /// Are there hedges of the present attempt out?
    pub(super) fn has_twins(&self, call: Ref) -> bool {
        self.twins
            .get(&call.idx)
            .is_some_and(|twins| !twins.out.is_empty())
    }

    /// The attempt's own request has failed, and a hedge of it is out: that goes on.
    pub(super) fn outlive(&mut self, call: Ref, outcome: Outcome) {
        if let (Attempt::Job(job), Outcome::Timeout) = (self.calls[call].attempt, outcome) {
            self.hear_of(call, job, outcome);
        }
        let record = &mut self.calls[call];
        record.timer = NO_EVENT;
        record.confirm = NO_EVENT;
        let attempt = std::mem::replace(&mut record.attempt, Attempt::Outlived);
        let edge = record.edge;
        self.ledger.settled[edge] += 1;
        self.probe.settled(edge, record.counted, outcome);
        self.let_go(edge, attempt);
    }

    /// What a first request has taken, for quantiles.
    pub(super) fn note_what_it_took(&mut self, call: Ref) {
        let record = &self.calls[call];
        let took = self.now() - record.began;
        if let Some(hedging) = self.edges[record.edge].hedging.as_deref_mut() {
            hedging.recent.took(took);
        }
    }

    /// A success of the edge fills a budget of tokens.
    pub(super) fn fill_hedge_budget(&mut self, call: Ref) {
        let record = &self.calls[call];
        let (edge, caller) = (record.edge, record.caller);
        let instance = self.caller_instance(caller);
        if let Some(hedging) = self.edges[edge].hedging.as_deref_mut()
            && let Some(purse) = hedging.purse(instance)
        {
            purse.succeeded();
        }
    }

    /// A twin has succeeded, and so has the call that it is of.
    pub(super) fn twin_succeeded(&mut self, twin: Ref, call: Ref, outcome: Outcome, worked: u64) {
        self.remove_twin(twin, call, outcome);
        let record = &mut self.calls[call];
        record.timer = NO_EVENT;
        record.confirm = NO_EVENT;
        let edge = record.edge;
        let attempt = std::mem::replace(&mut record.attempt, Attempt::Nothing);
        if attempt != Attempt::Outlived {
            self.ledger.settled[edge] += 1;
            self.probe.settled(edge, record.counted, Outcome::Cancelled);
            self.let_go(edge, attempt);
            self.note_what_it_took(call);
        }
        self.tell_and_finish(call, outcome, worked);
    }

    /// A twin has failed. If it was the last that was out, so has the attempt.
    pub(super) fn twin_failed(&mut self, twin: Ref, call: Ref, outcome: Outcome) {
        self.note_cause(twin, outcome);
        if let (Attempt::Job(job), Outcome::Timeout) = (self.calls[twin].attempt, outcome) {
            self.hear_of(twin, job, outcome);
        }
        let attempt = std::mem::replace(&mut self.calls[twin].attempt, Attempt::Nothing);
        let edge = self.calls[twin].edge;
        self.remove_twin(twin, call, outcome);
        self.let_go(edge, attempt);
        if self.calls[call].attempt == Attempt::Outlived && !self.has_twins(call) {
            self.settle(call, outcome);
        }
    }

    /// A twin is over: booked, and gone.
    fn remove_twin(&mut self, twin: Ref, call: Ref, outcome: Outcome) {
        let record = &self.calls[twin];
        let (run, edge) = (record.run, record.edge);
        self.ledger.settled[edge] += 1;
        self.probe.settled(edge, record.counted, outcome);
        self.calls.remove(twin);
        if let Some(twins) = self.twins.get_mut(&call.idx) {
            twins.out.retain(|&other| other != twin);
        }
        self.release(run);
    }

    /// The attempt is over: its hedges are let go. Tells whether there have been any.
    pub(super) fn drop_twins(&mut self, call: Ref) -> bool {
        let Some(twins) = self.twins.remove(&call.idx) else {
            return false;
        };
        for twin in twins.out {
            let attempt = std::mem::replace(&mut self.calls[twin].attempt, Attempt::Nothing);
            let edge = self.calls[twin].edge;
            self.remove_twin(twin, call, Outcome::Cancelled);
            self.let_go(edge, attempt);
        }
        true
    }

    /// Nobody waits any more for what an attempt has asked for (A17).
    pub(super) fn let_go(&mut self, edge: EdgeId, attempt: Attempt) {
        let Attempt::Job(job) = attempt else { return };
        let stops = matches!(&self.wiring.edges[edge].link, Link::Call(call) if call.cancel == Cancel::Stops);
        if stops {
            self.abandon(job);
        } else if self.jobs[job].phase == Phase::Hanging {
            self.discard(job);
        }
    }
}
