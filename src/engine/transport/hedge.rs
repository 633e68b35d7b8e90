//! Hedges (A20): a further request beside one that is still out. It is a call of its own, a twin, whose caller is the first.
//!
//! ```text
//!   attempt ──► (after the delay) twin ──► first success of any of them: the others are let go ──► the call succeeds
//!                                     └──► a failure: the others go on; the last one's is the attempt's
//! ```

use crate::engine::probe::Probe;
use crate::engine::record::{Attempt, Call, Caller, Chore, Phase};
use crate::engine::slab::Ref;
use crate::engine::world::World;
use crate::model::EdgeId;
use crate::policies::Outcome;

/// Attempt numbers of twins begin beyond those of any attempts: their draws are their own.
const FIRST_TWIN: u32 = 10_000;

impl<P: Probe> World<'_, P> {
    /// An attempt is about to be made: when is its first hedge due? A hedge has none.
    pub(super) fn expect_hedge(&mut self, call: Ref, edge: EdgeId) {
        let now = self.now();
        let record = &self.calls[call];
        let (caller, attempts) = (record.caller, record.attempts);
        if matches!(caller, Caller::Hedge(_)) {
            return;
        }
        let instance = self.caller_instance(caller);
        let Some(hedging) = self.edges[edge].hedging.as_deref_mut() else {
            return;
        };
        if let Some(purse) = hedging.purses.of(instance) {
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
        let is_bound = hedging.law.is_tied && self.is_begun(call);
        let Some(hedging) = self.edges[edge].hedging.as_deref_mut() else {
            return;
        };
        if n_sent >= most
            || is_bound
            || hedging
                .purses
                .of(instance)
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
            is_followed,
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
            is_followed,
            ..Call::default()
        });
        let twins = self.twins.entry(call.idx).or_default();
        twins.out.push(twin);
        twins.n_sent += 1;
        self.book_begin(twin, edge);
        self.make_attempt(twin);
    }

    /// Are there hedges of the present attempt out?
    pub(super) fn has_twins(&self, call: Ref) -> bool {
        self.twins
            .get(&call.idx)
            .is_some_and(|twins| !twins.out.is_empty())
    }

    /// The attempt's own request has failed, and a hedge of it is out: that goes on.
    pub(super) fn outlive(&mut self, call: Ref, outcome: Outcome) {
        let attempt = self.end_request(call, outcome, Attempt::Outlived);
        self.let_go(self.calls[call].edge, attempt);
    }

    /// Does somebody work for the call's request already, or has?
    fn is_begun(&self, call: Ref) -> bool {
        match self.calls[call].attempt {
            Attempt::Job(job) => !matches!(self.jobs[job].phase, Phase::Coming | Phase::Queued),
            _ => true,
        }
    }

    /// An instance begins to work for one of several requests: if they are tied, the others are withdrawn.
    pub(in crate::engine) fn bind(&mut self, call: Ref) {
        let Some(record) = self.calls.get(call) else {
            return;
        };
        let first = match record.caller {
            Caller::Hedge(of) => of,
            _ => call,
        };
        let edge = record.edge;
        let is_tied = self.edges[edge]
            .hedging
            .as_deref()
            .is_some_and(|it| it.law.is_tied);
        if !is_tied || self.calls.get(first).is_none() {
            return;
        }
        let twins = self.twins.get(&first.idx).map(|twins| twins.out.clone());
        for twin in twins.unwrap_or_default() {
            if twin != call {
                let (_, attempt) = self.end_twin(twin, first, Outcome::Cancelled);
                self.withdraw_request(attempt);
            }
        }
        if first != call && matches!(self.calls[first].attempt, Attempt::Job(_)) {
            let attempt = self.end_request(first, Outcome::Cancelled, Attempt::Outlived);
            self.withdraw_request(attempt);
        }
    }

    /// Nobody is to begin to work for a request.
    fn withdraw_request(&mut self, attempt: Attempt) {
        if let Attempt::Job(job) = attempt {
            self.abandon(job);
        }
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
            && let Some(purse) = hedging.purses.of(instance)
        {
            purse.succeeded();
        }
    }

    /// A twin has succeeded, and so has the call that it is of.
    pub(super) fn twin_succeeded(&mut self, twin: Ref, call: Ref, outcome: Outcome, worked: u64) {
        self.end_twin(twin, call, outcome);
        let attempt = self.end_request(call, Outcome::Cancelled, Attempt::Nothing);
        if attempt != Attempt::Outlived {
            self.let_go(self.calls[call].edge, attempt);
            self.note_what_it_took(call);
        }
        self.tell_and_finish(call, outcome, worked);
    }

    /// A twin has failed. If it was the last that was out, so has the attempt.
    pub(super) fn twin_failed(&mut self, twin: Ref, call: Ref, outcome: Outcome) {
        self.note_cause(twin, outcome);
        let (edge, attempt) = self.end_twin(twin, call, outcome);
        self.let_go(edge, attempt);
        if self.calls[call].attempt == Attempt::Outlived && !self.has_twins(call) {
            self.settle(call, outcome);
        }
    }

    /// A twin is over, and gone; what it was doing is let go by whoever asks.
    fn end_twin(&mut self, twin: Ref, call: Ref, outcome: Outcome) -> (EdgeId, Attempt) {
        let attempt = self.end_request(twin, outcome, Attempt::Nothing);
        let record = &self.calls[twin];
        let (run, edge) = (record.run, record.edge);
        self.trace_call_gone(twin);
        self.calls.remove(twin);
        if let Some(twins) = self.twins.get_mut(&call.idx) {
            twins.out.retain(|&other| other != twin);
        }
        self.release(run);
        (edge, attempt)
    }

    /// The attempt is over: its hedges are let go. Tells whether there have been any.
    pub(super) fn drop_twins(&mut self, call: Ref) -> bool {
        let Some(twins) = self.twins.remove(&call.idx) else {
            return false;
        };
        for twin in twins.out {
            let (edge, attempt) = self.end_twin(twin, call, Outcome::Cancelled);
            self.let_go(edge, attempt);
        }
        true
    }
}
