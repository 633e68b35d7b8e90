//! Calls (A16–A18, A21): attempts, their limits, what comes after a failure. A sender's attempts to hand a message over
//! are calls too, of the broker.
//!
//! ```text
//!   start ──► attempt ──► settle(ok) ──────────────────► end
//!               ▲  └────► settle(failure) ─► again? ─no─► end
//!               └── backoff ◄──────────────── yes
//! ```

use crate::brokers::WhenRefused;
use crate::engine::draws::{child, happens, losses};
use crate::engine::event::Event;
use crate::engine::network::Traveller;
use crate::engine::probe::{Counted, Probe};
use crate::engine::record::{Attempt, Call, Caller, Job, NO_EVENT, Owner, Phase};
use crate::engine::slab::Ref;
use crate::engine::station::Hand;
use crate::engine::world::World;
use crate::faults::Manner;
use crate::kernel::time::{Duration, Time};
use crate::model::{Cancel, EdgeId, Link, StepId};
use crate::policies::Outcome;
use crate::policies::retry::Retry;

impl<P: Probe> World<'_, P> {
    /// Starts a call (or a hand-over) over an edge. It may be over when this returns: a sender that does not wait.
    pub(in crate::engine) fn start_call(
        &mut self,
        run: Ref,
        edge: EdgeId,
        caller: Caller,
        lineage: u16,
    ) -> Ref {
        let deadline = match &self.wiring.edges[edge].link {
            Link::Call(call) => self.now() + call.deadline,
            Link::Publish(_) => Time::NEVER,
        };
        let after = match caller {
            Caller::Job(job, _) => self.jobs[job].calls,
            Caller::Client => None,
        };
        let call = self.calls.insert(Call {
            run,
            edge,
            caller,
            lineage,
            attempts: 0,
            attempt: Attempt::Nothing,
            began: self.calendar.now(),
            deadline,
            previous: Duration::ZERO,
            timer: NO_EVENT,
            confirm: NO_EVENT,
            word: Outcome::Ok,
            before: None,
            after,
        });
        if let Caller::Job(job, _) = caller {
            self.jobs[job].calls = Some(call);
            if let Some(after) = after {
                self.calls[after].before = Some(call);
            }
        }
        self.hold(run);
        self.attempt(call);
        call
    }

    /// Begins an attempt.
    fn attempt(&mut self, call: Ref) {
        let now = self.now();
        let record = &mut self.calls[call];
        record.attempts += 1;
        record.began = now;
        record.attempt = Attempt::Nothing;
        let (run, edge, deadline) = (record.run, record.edge, record.deadline);
        let lineage = child(record.lineage, record.attempts - 1);
        self.ledger.begun[edge] += 1;
        let counted = self.runs[run].counted;
        self.probe.attempted(edge, counted);
        match &self.wiring.edges[edge].link {
            Link::Call(policy) => {
                let left = if deadline == Time::NEVER {
                    Duration::MAX
                } else {
                    deadline - now
                };
                let limit = policy.timeout.min(left);
                self.limit(call, edge, limit, policy.timeout);
                self.request(call, run, edge, lineage);
            }
            Link::Publish(publish) => {
                let (channel, confirm) = (publish.channel, publish.confirm);
                self.limit(call, edge, publish.timeout, publish.timeout);
                self.publish(call, channel, confirm, lineage);
            }
        }
    }

    /// Sets the attempt's time limit; the constant one goes through its lane.
    fn limit(&mut self, call: Ref, edge: EdgeId, limit: Duration, timeout: Duration) {
        self.calls[call].timer = match self.edges[edge].timeout {
            Some(lane) if limit == timeout => self.after_lane(lane, Event::Timer(call.idx)),
            _ if limit != Duration::MAX => self.after(limit, Event::Timer(call.idx)),
            _ => NO_EVENT,
        };
    }

    /// Sends a request to the callee.
    fn request(&mut self, call: Ref, run: Ref, edge: EdgeId, lineage: u16) {
        let way = self.edges[edge].out;
        let step = self.wiring.edges[edge].to;
        match way.condition.down {
            Some(Manner::Refuse) => return self.word(call, Outcome::Unreachable, Duration::ZERO),
            Some(Manner::Hang) => return,
            None => {}
        }
        let who = self.who(run, lineage);
        if happens(way.condition.drop, || {
            self.draws_of(run, step).drop.draw(who + losses::OUT)
        }) {
            return;
        }
        let job = self.new_job(run, Owner::Call(call), step, lineage);
        self.calls[call].attempt = Attempt::Job(job);
        let event = Event::Request(job.idx);
        let traveller = self.traveller(run, step, who);
        self.jobs[job].event = self.travel(way, traveller, |draws| draws.hop_out, event);
    }

    /// Who hops for a flow run's step.
    #[inline]
    pub(in crate::engine) fn traveller(&self, run: Ref, step: StepId, who: u64) -> Traveller {
        Traveller {
            source: self.runs[run].source,
            step,
            who,
        }
    }

    /// A new job that is on its way.
    pub(in crate::engine) fn new_job(
        &mut self,
        run: Ref,
        owner: Owner,
        step: StepId,
        lineage: u16,
    ) -> Ref {
        self.hold(run);
        self.jobs.insert(Job {
            run,
            owner,
            step,
            lineage,
            phase: Phase::Coming,
            hand: Hand::Free,
            held_on: None,
            withdrawn: false,
            marked: false,
            is_again: false,
            instance: 0,
            station: 0,
            stage: 0,
            need: 0,
            n_ok: 0,
            n_out: 0,
            outcome: Outcome::Ok,
            epoch: 0,
            event: NO_EVENT,
            ends: Time::ZERO,
            left: Duration::ZERO,
            began: Time::ZERO,
            worked: 0,
            calls: None,
        })
    }

    /// Tells the caller or sender how its attempt ended, after a delay.
    pub(in crate::engine) fn word(&mut self, call: Ref, outcome: Outcome, delay: Duration) {
        let confirm = self.after(delay, Event::Confirm(call.idx));
        let record = &mut self.calls[call];
        record.word = outcome;
        record.confirm = confirm;
    }

    /// A job that worked for a call answers: over the hop back, if anybody still waits for it.
    pub(in crate::engine) fn respond(&mut self, job: Ref, call: Ref, outcome: Outcome) {
        let waits = self
            .calls
            .get(call)
            .is_some_and(|record| record.attempt == Attempt::Job(job));
        if !waits {
            return self.discard(job);
        }
        let edge = self.calls[call].edge;
        let (run, step, lineage) = {
            let record = &mut self.jobs[job];
            record.outcome = outcome;
            record.phase = Phase::Going;
            (record.run, record.step, record.lineage)
        };
        let who = self.who(run, lineage);
        if self.loses_reply(edge, run, step, who) {
            self.calls[call].attempt = Attempt::Nothing;
            return self.discard(job);
        }
        let (way, event) = (self.edges[edge].back, Event::Reply(job.idx));
        let traveller = self.traveller(run, step, who);
        self.jobs[job].event = self.travel(way, traveller, |draws| draws.hop_back, event);
    }

    /// Does a reply over the edge get lost: by a fault of the way out that hits replies, or by one of the way back?
    pub(in crate::engine) fn loses_reply(
        &self,
        edge: EdgeId,
        run: Ref,
        step: StepId,
        who: u64,
    ) -> bool {
        let state = &self.edges[edge];
        let (out, back) = (&state.out.condition, &state.back.condition);
        let draw = |nth| {
            self.draws_of(run, step)
                .drop
                .draw(who + losses::REPLY + nth)
        };
        back.down.is_some()
            || happens(out.drop_replies, || draw(0))
            || happens(back.drop, || draw(1))
    }

    /// An answer arrives: the caller takes it, or nobody waits for it any more.
    pub(in crate::engine) fn answered(&mut self, job: Ref, call: Ref) {
        let waits = self
            .calls
            .get(call)
            .is_some_and(|record| record.attempt == Attempt::Job(job));
        if !waits {
            return self.discard(job);
        }
        let outcome = self.jobs[job].outcome;
        if outcome.is_ok() && self.hand_on_work(job, call) {
            self.jobs[job].worked = 0;
        }
        self.calls[call].attempt = Attempt::Nothing;
        self.discard(job);
        self.settle(call, outcome);
    }

    /// The caller takes the work that went into a result; false if it has no use for it.
    fn hand_on_work(&mut self, job: Ref, call: Ref) -> bool {
        match self.calls[call].caller {
            Caller::Client => true,
            Caller::Job(caller, stage) => {
                let worked = self.jobs[job].worked;
                match self.jobs.get_mut(caller) {
                    Some(caller) if caller.stage == stage => {
                        caller.worked += worked;
                        true
                    }
                    _ => false,
                }
            }
        }
    }

    /// A call's timer is up: the attempt takes too long, or the backoff is over.
    pub(in crate::engine) fn time_is_up(&mut self, call: Ref) {
        if self.calls[call].attempt == Attempt::BackingOff {
            self.attempt(call);
        } else {
            self.settle(call, Outcome::Timeout);
        }
    }

    /// The present attempt is over.
    pub(in crate::engine) fn settle(&mut self, call: Ref, outcome: Outcome) {
        if !outcome.is_ok() {
            self.note_cause(call, outcome);
        }
        self.close_attempt(call, outcome);
        if outcome.is_ok() {
            let record = &self.calls[call];
            if record.attempts > 1 {
                // A failure that a further attempt made good is not what the flow run will fail of.
                let run = record.run;
                self.runs[run].cause = None;
            }
            return self.end_call(call, outcome);
        }
        match self.again(call, outcome) {
            Some(wait) => {
                let timer = self.after(wait, Event::Timer(call.idx));
                let record = &mut self.calls[call];
                record.attempt = Attempt::BackingOff;
                record.previous = wait;
                record.timer = timer;
            }
            None => self.fail_call(call, outcome),
        }
    }

    /// The wait before another attempt, if there is to be one.
    fn again(&self, call: Ref, outcome: Outcome) -> Option<Duration> {
        let record = &self.calls[call];
        let edge = &self.wiring.edges[record.edge];
        let retry: &Retry = match &edge.link {
            Link::Call(policy) => &policy.retry,
            Link::Publish(publish) if publish.when_refused == WhenRefused::Retry => &publish.retry,
            Link::Publish(_) => return None,
        };
        let source = self.runs[record.run].source;
        let lineage = child(record.lineage, record.attempts);
        let mut draw = self
            .draws
            .of(source, edge.to)
            .jitter
            .draw(self.who(record.run, lineage));
        let wait = retry.next(record.attempts, outcome, record.previous, &mut draw)?;
        (self.now() + wait < record.deadline).then_some(wait)
    }

    /// No further attempt.
    fn fail_call(&mut self, call: Ref, outcome: Outcome) {
        let edge = self.calls[call].edge;
        match &self.wiring.edges[edge].link {
            Link::Publish(publish) if publish.when_refused == WhenRefused::Drop => {
                let account = &mut self.ledger.channels[publish.channel];
                account.published += 1;
                account.dropped += 1;
                self.end_call(call, Outcome::Ok);
            }
            _ => self.end_call(call, outcome),
        }
    }

    /// Books the attempt's outcome and lets go of whoever worked for it.
    fn close_attempt(&mut self, call: Ref, outcome: Outcome) {
        let record = &mut self.calls[call];
        record.timer = NO_EVENT;
        record.confirm = NO_EVENT;
        let attempt = std::mem::replace(&mut record.attempt, Attempt::Nothing);
        let (edge, run) = (record.edge, record.run);
        self.ledger.settled[edge] += 1;
        let counted: Counted = self.runs[run].counted;
        self.probe.settled(edge, counted, outcome);
        if let Attempt::Job(job) = attempt {
            let stops = matches!(&self.wiring.edges[edge].link, Link::Call(call) if call.cancel == Cancel::Stops);
            if stops {
                self.abandon(job);
            } else if self.jobs[job].phase == Phase::Hanging {
                self.discard(job);
            }
        }
    }

    /// The whole call is over: its caller learns how.
    fn end_call(&mut self, call: Ref, outcome: Outcome) {
        self.unlink(call);
        let record = &self.calls[call];
        let (run, edge, caller) = (record.run, record.edge, record.caller);
        self.calls.remove(call);
        match caller {
            Caller::Client => self.client_told(run, outcome),
            Caller::Job(job, stage) => {
                let step = self.wiring.edges[edge].to;
                self.branch_ended(job, stage, step, outcome);
            }
        }
        self.release(run);
    }

    /// The caller has no use for the call any more.
    pub(in crate::engine) fn withdraw(&mut self, call: Ref, outcome: Outcome) {
        if self.calls[call].attempt != Attempt::BackingOff {
            self.close_attempt(call, outcome);
        }
        self.unlink(call);
        let run = self.calls[call].run;
        self.calls.remove(call);
        self.release(run);
    }

    /// Withdraws every call of a job that ends without them.
    pub(in crate::engine) fn withdraw_calls(&mut self, job: Ref) {
        while let Some(call) = self.jobs[job].calls {
            self.withdraw(call, Outcome::Cancelled);
        }
    }

    /// The end of the run finds an attempt open.
    pub(in crate::engine) fn cut_off_attempt(&mut self, call: Ref) {
        let record = &self.calls[call];
        if record.attempt != Attempt::BackingOff {
            let (edge, run) = (record.edge, record.run);
            self.ledger.settled[edge] += 1;
            let counted = self.runs[run].counted;
            self.probe.settled(edge, counted, Outcome::Unfinished);
        }
    }

    /// Takes a call out of the list of its job's calls.
    fn unlink(&mut self, call: Ref) {
        let record = &self.calls[call];
        let (before, after, caller) = (record.before, record.after, record.caller);
        match (before, caller) {
            (Some(before), _) => self.calls[before].after = after,
            (None, Caller::Job(job, _)) => {
                if let Some(job) = self.jobs.get_mut(job) {
                    job.calls = after;
                }
            }
            (None, Caller::Client) => {}
        }
        if let Some(after) = after {
            self.calls[after].before = before;
        }
    }
}
