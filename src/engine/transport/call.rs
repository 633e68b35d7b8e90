//! Calls (A16–A18, A21): attempts, their limits, what comes after a failure. A sender's attempts to hand a message over
//! are calls too, of the broker.
//!
//! ```text
//!   start ──► attempt ──► settle(ok) ──────────────────► end
//!               ▲  └────► settle(failure) ─► again? ─no─► end
//!               └── backoff ◄──────────────── yes
//! ```

use crate::brokers::WhenRefused;
use crate::engine::draws::{StepDraws, child, happens, losses, who};
use crate::engine::event::Event;
use crate::engine::network::Traveller;
use crate::engine::probe::{Doing, Probe};
use crate::engine::record::{Attempt, Call, Caller, Job, Mark, NO_EVENT, Owner, Phase, Undo};
use crate::engine::slab::Ref;
use crate::engine::station::Hand;
use crate::engine::world::{Way, World};
use crate::faults::Manner;
use crate::kernel::chance::Stream;
use crate::kernel::time::{Duration, Time};
use crate::model::{Cancel, DeadlineOf, EdgeId, Link, StepId};
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
            Link::Call(call) if call.deadline_of == DeadlineOf::Caller => {
                let handed_on = self.time_left_to(run, caller).max(self.now());
                (self.now() + call.deadline).min(handed_on)
            }
            Link::Call(call) => self.now() + call.deadline,
            Link::Publish(publish) => self.now() + publish.deadline,
        };
        let after = match caller {
            Caller::Job(job, _) => self.jobs[job].calls,
            Caller::Client | Caller::Message(..) | Caller::Hedge(_) => None,
        };
        let flow_run = &mut self.runs[run];
        flow_run.refs += 1;
        let (counted, is_followed) = (flow_run.counted, flow_run.is_followed);
        let call = self.calls.insert(Call {
            run,
            edge,
            caller,
            lineage,
            counted,
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
            is_followed,
        });
        if !self.riders.next.is_empty() {
            let riders = std::mem::take(&mut self.riders.next);
            self.riders.of_call.insert(call.idx, riders);
        }
        if let Caller::Job(job, _) = caller {
            self.jobs[job].calls = Some(call);
            if let Some(after) = after {
                self.calls[after].before = Some(call);
            }
        }
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
        let edge = record.edge;
        self.book_begin(call, edge);
        if self.edges[edge].guards.is_some() && !self.passes(call, edge) {
            return;
        }
        self.make_attempt(call);
    }

    /// An attempt over an edge begins: booked, and told.
    #[inline]
    pub(super) fn book_begin(&mut self, call: Ref, edge: EdgeId) {
        self.ledger.begun[edge] += 1;
        let counted = self.calls[call].counted;
        self.probe.attempted(edge, counted);
        self.trace_attempt(call);
    }

    /// An attempt over an edge has ended: booked, and told.
    #[inline]
    fn book_end(&mut self, call: Ref, edge: EdgeId, outcome: Outcome) {
        self.ledger.settled[edge] += 1;
        let counted = self.calls[call].counted;
        self.probe.settled(edge, counted, outcome);
        self.trace_settled(call, outcome);
    }

    /// Makes the attempt that has begun, and that nothing holds back any more.
    pub(super) fn make_attempt(&mut self, call: Ref) {
        let record = &self.calls[call];
        let (run, edge, left) = (record.run, record.edge, record.left(self.now()));
        let lineage = child(record.lineage, record.attempts - 1);
        let wiring = self.wiring;
        let edge_to = &wiring.edges[edge];
        match &edge_to.link {
            Link::Call(_) if left.is_zero() => {
                // Nobody waits any more for whoever asks.
                self.word(call, Outcome::Timeout, Duration::ZERO);
            }
            Link::Call(policy) => {
                let limit = policy.timeout.min(left);
                if limit != Duration::MAX {
                    self.limit(call, edge, limit, policy.timeout);
                }
                if self.edges[edge].hedging.is_some() {
                    self.expect_hedge(call, edge);
                }
                self.request(call, run, edge, edge_to.to, lineage);
            }
            Link::Publish(publish) => {
                let limit = publish.timeout.min(left);
                if limit != Duration::MAX {
                    self.limit(call, edge, limit, publish.timeout);
                }
                self.publish(call, publish, lineage);
            }
        }
    }

    /// Sets the attempt's time limit; the constant one goes through its lane.
    fn limit(&mut self, call: Ref, edge: EdgeId, limit: Duration, timeout: Duration) {
        self.calls[call].timer = match self.edges[edge].timeout {
            Some(lane) if limit == timeout => self.after_lane(lane, Event::Timer(call.idx)),
            _ => self.after(limit, Event::Timer(call.idx)),
        };
    }

    /// Sends a request to the callee.
    fn request(&mut self, call: Ref, run: Ref, edge: EdgeId, step: StepId, lineage: u16) {
        let way = &self.edges[edge].out;
        if !way.is_sound {
            match way.condition.down {
                Some(Manner::Refuse) => {
                    return self.word(call, Outcome::Unreachable, Duration::ZERO);
                }
                Some(Manner::Hang) => return,
                None => {}
            }
            let who = self.who(run, lineage);
            let draws = || self.draws_of(run, step);
            if happens(way.condition.drop, || draws().drop.draw(who + losses::OUT)) {
                return;
            }
        }
        let job = self.new_job(run, Owner::Call(call), step, lineage);
        if let Caller::Message(message, _) = self.calls[call].caller {
            let record = self.messages.get(message);
            self.jobs[job].is_poisoned = record.is_some_and(|record| record.is_poison);
        }
        self.calls[call].attempt = Attempt::Job(job);
        self.send_job(
            job,
            |world| &world.edges[edge].out,
            |draws| draws.hop_out,
            Event::Request,
        );
    }

    /// Sends a job on its way; the event comes when it arrives.
    #[inline]
    pub(in crate::engine) fn send_job(
        &mut self,
        job: Ref,
        way: impl Fn(&Self) -> &Way,
        stream: impl FnOnce(&StepDraws) -> Stream,
        event: impl FnOnce(u32) -> Event,
    ) {
        let event = event(job.idx);
        if way(self).is_instant() && self.is_there(job, event) {
            return;
        }
        self.job_does(job, Doing::OnTheWay);
        let record = &self.jobs[job];
        let traveller = Traveller {
            draws: record.draws,
            who: record.who,
        };
        self.jobs[job].event = self.travel(way, traveller, stream, event);
    }

    /// A hop without delay is a function call (A2), unless what it brings may send on in turn without end: answers to calls.
    fn is_there(&mut self, job: Ref, event: Event) -> bool {
        match (event, self.jobs[job].owner) {
            (Event::Request(_), _) => self.admit(job),
            (Event::Reply(_), Owner::Message(..)) => self.replied(job),
            _ => return false,
        }
        true
    }

    /// A new job that is on its way.
    pub(in crate::engine) fn new_job(
        &mut self,
        run: Ref,
        owner: Owner,
        step: StepId,
        lineage: u16,
    ) -> Ref {
        let flow_run = &mut self.runs[run];
        flow_run.refs += 1;
        let job = self.jobs.insert(Job {
            run,
            owner,
            step,
            lineage,
            who: who(flow_run.ordinal, lineage),
            draws: self.draws.place(flow_run.source, step),
            phase: Phase::Coming,
            hand: Hand::Free,
            held_on: None,
            withdrawn: false,
            mark: Mark::No,
            is_poisoned: false,
            is_degraded: false,
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
            reply_to: None,
            undo: 0,
            is_followed: flow_run.is_followed,
        });
        self.trace_job(job);
        job
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
        let Some(record) = self.awaiting(call, job) else {
            return self.discard(job);
        };
        let edge = record.edge;
        let record = &mut self.jobs[job];
        record.outcome = outcome;
        record.phase = Phase::Going;
        let (draws, who) = (record.draws, record.who);
        let state = &self.edges[edge];
        let is_sound = state.out.is_sound && state.back.is_sound;
        if !is_sound && self.loses_reply(edge, draws, who, self.loss_back(job, call)) {
            self.calls[call].attempt = Attempt::Nothing;
            return self.discard(job);
        }
        self.send_job(
            job,
            |world| &world.edges[edge].back,
            |draws| draws.hop_back,
            Event::Reply,
        );
    }

    /// The call, if it waits for this job.
    #[inline]
    fn awaiting(&self, call: Ref, job: Ref) -> Option<&Call> {
        let record = self.calls.get(call)?;
        (record.attempt == Attempt::Job(job)).then_some(record)
    }

    /// An answer arrives: the caller takes it, or nobody waits for it any more.
    pub(in crate::engine) fn answered(&mut self, job: Ref, call: Ref) {
        let Some(waiting) = self.awaiting(call, job) else {
            return self.discard(job);
        };
        let edge = waiting.edge;
        let record = &self.jobs[job];
        let (outcome, run, worked) = (record.outcome, record.run, record.worked);
        if !self.edges[edge].is_plain {
            self.hear_of(call, job, outcome);
        }
        if outcome.is_ok() {
            self.trace_job_gone(job);
            self.jobs.remove(job);
            self.runs[run].refs -= 1; // its call names it too
            self.succeed(call, outcome, worked);
        } else {
            self.calls[call].attempt = Attempt::Nothing;
            self.discard(job);
            self.settle(call, outcome);
        }
    }

    /// The present attempt has succeeded, and with it the call: the caller takes the result, and the work that went into it,
    /// unless it has no use for it any more.
    fn succeed(&mut self, call: Ref, outcome: Outcome, worked: u64) {
        let record = &self.calls[call];
        let (edge, is_repeated) = (record.edge, record.attempts > 1);
        let is_plain = self.edges[edge].is_plain;
        if let (false, Caller::Hedge(of)) = (is_plain, record.caller) {
            return self.twin_succeeded(call, of, outcome, worked);
        }
        self.book_end(call, edge, outcome);
        if is_plain {
            self.finish_call(call, outcome, worked, is_repeated);
        } else {
            self.note_what_it_took(call);
            self.tell_and_finish(call, outcome, worked);
        }
    }

    /// A call has succeeded, whose attempt is booked: whatever stands around it learns so.
    #[inline(never)] // few edges have anything to tell
    pub(super) fn tell_and_finish(&mut self, call: Ref, outcome: Outcome, worked: u64) {
        let is_repeated = self.drop_twins(call) || self.calls[call].attempts > 1;
        self.fill_hedge_budget(call);
        self.tell_of_attempt(call, outcome);
        self.tell_of_call(call, outcome);
        self.finish_call(call, outcome, worked, is_repeated);
    }

    /// A call has succeeded, and all is told but its caller.
    #[inline]
    fn finish_call(&mut self, call: Ref, outcome: Outcome, worked: u64, is_repeated: bool) {
        let record = &self.calls[call];
        let (run, edge, caller) = (record.run, record.edge, record.caller);
        self.unlink(call);
        self.trace_call_gone(call);
        self.calls.remove(call);
        if is_repeated && self.runs[run].undo == Undo::No {
            // A failure that a further attempt made good is not what the flow run will fail of.
            self.runs[run].cause = None;
        }
        let target = &self.wiring.edges[edge];
        let outcome = if target.is_degraded {
            Outcome::Degraded
        } else {
            outcome
        };
        if self.copies.are_any {
            self.got_data(call, run, target.to);
        }
        match caller {
            Caller::Client => self.client_told(run, outcome),
            Caller::Job(job, stage) => match self.jobs.get_mut(job) {
                Some(record) if record.stage == stage => {
                    record.worked += worked;
                    self.branch_ended(job, stage, target.to, outcome);
                    self.riders_ended(call, (job, stage), outcome);
                }
                _ => {
                    self.wasted += u128::from(worked);
                    self.forget_riders(call);
                }
            },
            Caller::Message(message, channel) => self.posted(message, channel, outcome),
            Caller::Hedge(_) => unreachable!("a hedge succeeds as the call that it is of"),
        }
        self.release(run);
    }

    /// A call's timer is up: the attempt takes too long, or the backoff is over.
    pub(in crate::engine) fn time_is_up(&mut self, call: Ref) {
        match self.calls[call].attempt {
            Attempt::BackingOff => self.attempt(call),
            Attempt::InLine => self.settle(call, Outcome::BulkheadFull),
            Attempt::Admitted => {
                self.calls[call].attempt = Attempt::Nothing;
                self.make_attempt(call);
            }
            Attempt::Job(_) | Attempt::Message(_) | Attempt::Nothing | Attempt::Outlived => {
                self.settle(call, Outcome::Timeout);
            }
        }
    }

    /// The present attempt is over.
    pub(in crate::engine) fn settle(&mut self, call: Ref, outcome: Outcome) {
        if outcome.is_ok() {
            return self.succeed(call, outcome, 0);
        }
        let record = &self.calls[call];
        let is_plain = self.edges[record.edge].is_plain;
        if let (false, Caller::Hedge(of)) = (is_plain, record.caller) {
            return self.twin_failed(call, of, outcome);
        }
        self.note_cause(call, outcome);
        if !is_plain && self.has_twins(call) {
            return self.outlive(call, outcome);
        }
        self.close_attempt(call, outcome);
        match self.again(call, outcome) {
            Some(wait) if self.may_retry(call) => {
                let timer = self.after(wait, Event::Timer(call.idx));
                let record = &mut self.calls[call];
                record.attempt = Attempt::BackingOff;
                record.previous = wait;
                record.timer = timer;
                self.call_does(call, Doing::BackingOff);
            }
            _ => self.fail_call(call, outcome),
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
                self.drop_for_riders(call);
                self.end_call(call, Outcome::Ok);
            }
            _ => self.end_call(call, outcome),
        }
    }

    /// Books the attempt's outcome and lets go of whoever worked for it.
    fn close_attempt(&mut self, call: Ref, outcome: Outcome) {
        let attempt = self.end_request(call, outcome, Attempt::Nothing);
        let edge = self.calls[call].edge;
        let is_plain = self.edges[edge].is_plain;
        if !is_plain {
            self.tell_of_attempt(call, outcome);
        }
        self.let_go(edge, attempt);
        if !is_plain {
            self.drop_twins(call);
        }
    }

    /// The request of the present attempt is over, if it was not before: booked, and its instance judged by it. Gives what
    /// the call was doing; what it does `next` is the caller's business.
    #[inline]
    pub(super) fn end_request(&mut self, call: Ref, outcome: Outcome, next: Attempt) -> Attempt {
        let record = &mut self.calls[call];
        record.timer = NO_EVENT;
        record.confirm = NO_EVENT;
        let attempt = std::mem::replace(&mut record.attempt, next);
        let edge = record.edge;
        if attempt != Attempt::Outlived {
            self.book_end(call, edge, outcome);
        }
        if let (false, Attempt::Job(job), Outcome::Timeout) =
            (self.edges[edge].is_plain, attempt, outcome)
        {
            self.hear_of(call, job, outcome);
        }
        attempt
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

    /// The whole call is over: its caller learns how.
    fn end_call(&mut self, call: Ref, outcome: Outcome) {
        self.tell_of_call(call, outcome);
        self.unlink(call);
        let record = &self.calls[call];
        let (run, edge, caller, lineage) = (record.run, record.edge, record.caller, record.lineage);
        self.trace_call_gone(call);
        self.calls.remove(call);
        let falls_back = !outcome.is_ok() && self.fall_back(run, edge, caller, lineage);
        match caller {
            _ if falls_back => self.riders_fall_back(call, run, caller, lineage, outcome),
            Caller::Client => {
                let outcome = self.or_static(run, edge, outcome);
                self.client_told(run, outcome);
            }
            Caller::Job(job, stage) => {
                let step = self.wiring.edges[edge].to;
                let outcome = if self.copies.are_any {
                    self.or_stale(call, run, step, outcome)
                } else {
                    outcome
                };
                let outcome = self.or_static(run, edge, outcome);
                self.branch_ended(job, stage, step, outcome);
                self.riders_ended(call, (job, stage), outcome);
            }
            Caller::Message(message, channel) => self.posted(message, channel, outcome),
            Caller::Hedge(_) => unreachable!("a hedge fails with the attempt that it is of"),
        }
        self.release(run);
    }

    /// The caller has no use for the call any more.
    pub(in crate::engine) fn withdraw(&mut self, call: Ref, outcome: Outcome) {
        if self.calls[call].attempt != Attempt::BackingOff {
            self.close_attempt(call, outcome);
        }
        self.tell_of_call(call, outcome);
        self.unlink(call);
        let run = self.calls[call].run;
        self.trace_call_gone(call);
        self.calls.remove(call);
        self.forget_riders(call);
        self.forget_asked(call);
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
        if !matches!(record.attempt, Attempt::BackingOff | Attempt::Outlived) {
            let edge = record.edge;
            self.book_end(call, edge, Outcome::Unfinished);
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
            (None, Caller::Client | Caller::Message(..) | Caller::Hedge(_)) => {}
        }
        if let Some(after) = after {
            self.calls[after].before = before;
        }
    }
}
