//! Flow runs: clients arrive, wait, are answered or leave; steps get done; the last thing gone closes the run.

use super::draws::{StepDraws, happens, who};
use super::event::Event;
use super::probe::{Answer, Applied, Cause, Counted, Fate, Happening, Probe, RunFacts};
use super::record::{Caller, Chore, Client, NO_EVENT, News, Owner, Run, Undo};
use super::slab::Ref;
use super::world::{StepState, World};
use crate::arrivals::Arrivals;
use crate::kernel::time::Time;
use crate::model::{AnswerBy, Idempotent, SourceId, StepId};
use crate::policies::Outcome;
use std::collections::BTreeMap;

impl<P: Probe> World<'_, P> {
    /// Schedules a source's next client, if there is one.
    pub(super) fn await_client(&mut self, source: SourceId) {
        if let Some(at) = self.sources[source].generator.next_instant() {
            self.calendar
                .schedule(at.max(self.calendar.now()), Event::Arrive(source.0).pack());
        }
    }

    /// The first questions of a source's users.
    pub(super) fn await_users(&mut self, source: SourceId) {
        if let Arrivals::Closed(users) = &self.system.sources[source].arrivals {
            for user in 0..users.n {
                // Beyond the number of any flow run.
                self.think(source, u64::MAX / 512 - u64::from(user));
            }
        }
    }

    /// The user who has asked thinks, and then asks again.
    #[cold]
    fn think_again(&mut self, run: Ref) {
        let (source, ordinal) = (self.runs[run].source, self.runs[run].ordinal);
        self.think(source, ordinal);
    }

    /// A user of a source thinks, if that has any, and then asks. `who` tells one time from all others.
    fn think(&mut self, source: SourceId, who: u64) {
        let Some(stream) = self.sources[source].think else {
            return;
        };
        if let Arrivals::Closed(users) = &self.system.sources[source].arrivals {
            let span = users.think.sample(&mut stream.draw(who << 8));
            self.at(self.now() + span, Chore::Ask(source));
        }
    }

    /// A client of an open source arrives.
    pub(super) fn arrive(&mut self, source: SourceId) {
        self.await_client(source);
        self.ask(source);
    }

    /// A client calls the entry step.
    #[inline]
    pub(super) fn ask(&mut self, source: SourceId) {
        let now = self.now();
        let plan = &self.system.plan;
        let counted = if now >= plan.opens() && now < plan.closes() {
            Counted::Yes
        } else {
            Counted::No
        };
        let flow = self.system.sources[source].flow;
        let state = &mut self.sources[source];
        let ordinal = state.ordinal;
        state.ordinal += 1;
        let patience = state.patience;
        let goals = &self.system.flows[flow].goals;
        let run = self.runs.insert(Run {
            source,
            flow,
            ordinal,
            start: now,
            counted,
            client: Client::Waiting,
            decided: false,
            parked: false,
            has_saga: false,
            undo: Undo::No,
            goals_left: u32::try_from(goals.len()).expect("fewer goals than 2^32"),
            done_at: now,
            refs: 0,
            cause: None,
            patience: NO_EVENT,
            call: None,
            poll: NO_EVENT,
            polls: 0,
            news: News::Open,
            message: None,
            is_followed: false,
        });
        self.forget_done(run);
        self.ledger.offered += 1;
        if counted == Counted::Yes {
            self.n_open += 1;
        }
        let facts = self.facts(run);
        self.probe.offered(facts);
        if P::FOLLOWS {
            self.probe.arrived(run.idx, facts);
            self.runs[run].is_followed = self.probe.follows(run.idx);
        }
        if let Some(lane) = patience {
            self.runs[run].patience = self.after_lane(lane, Event::Patience(run.idx));
        }
        let call = self.start_call(run, self.wiring.entries[source], Caller::Client, 0);
        if let Some(record) = self.runs.get_mut(run) {
            record.call = self.calls.get(call).is_some().then_some(call);
        }
    }

    /// What measures need to know of a run.
    pub(super) fn facts(&self, run: Ref) -> RunFacts {
        let record = &self.runs[run];
        RunFacts {
            flow: record.flow,
            source: record.source,
            ordinal: record.ordinal,
            start: record.start,
            counted: record.counted,
        }
    }

    /// The streams of a step for a run.
    #[inline]
    pub(super) fn draws_of(&self, run: Ref, step: StepId) -> &StepDraws {
        self.draws.of(self.runs[run].source, step)
    }

    /// The identity of a run's draws at some lineage (A4).
    #[inline]
    pub(super) fn who(&self, run: Ref, lineage: u16) -> u64 {
        who(self.runs[run].ordinal, lineage)
    }

    /// Which of several places the run's key names, by the share of the keys of each and those before it. The key is the same
    /// wherever it is looked at (A4).
    pub(super) fn place_of_key(&self, run: Ref, shares: &[f64]) -> u32 {
        let entry = self.system.flows[self.runs[run].flow].entry;
        let stream = self.draws_of(run, entry).key;
        let key = stream.draw(self.who(run, 0)).uniform();
        let place = shares.partition_point(|&share| share <= key);
        u32::try_from(place).expect("a count of places")
    }

    /// The client's call is over.
    pub(super) fn client_told(&mut self, run: Ref, outcome: Outcome) {
        let record = &mut self.runs[run];
        record.call = None;
        match record.client {
            Client::Waiting if !outcome.is_ok() => self.tell_failure(run),
            Client::Waiting
                if record.news != News::Done && self.wiring.answer_by != AnswerBy::Call =>
            {
                self.promise(run);
            }
            Client::Waiting => self.accept(run, outcome),
            Client::Promised => self.asked(run, outcome),
            Client::Accepted | Client::Refused => {}
        }
    }

    /// The client has what it wanted.
    pub(super) fn accept(&mut self, run: Ref, outcome: Outcome) {
        let now = self.now();
        let facts = self.facts(run);
        let record = &mut self.runs[run];
        record.patience = NO_EVENT;
        record.client = Client::Accepted;
        if self.has_users {
            self.think_again(run);
        }
        self.ledger.accepted += 1;
        let answer = if outcome == Outcome::Degraded {
            Answer::Degraded
        } else {
            Answer::Ok
        };
        self.probe.answered(now, facts, answer, None);
        self.trace_run(run, Happening::Told(answer));
        if self.runs[run].goals_left == 0 {
            self.complete(run);
        } else {
            self.backlog_changes(run, true);
        }
    }

    /// The client is told of a failure.
    pub(super) fn tell_failure(&mut self, run: Ref) {
        let now = self.now();
        let facts = self.facts(run);
        let record = &mut self.runs[run];
        record.patience = NO_EVENT;
        let cause = record.cause;
        record.client = Client::Refused;
        if self.has_users {
            self.think_again(run);
        }
        self.ledger.failed += 1;
        self.probe.answered(now, facts, Answer::Failed, cause);
        self.trace_run(run, Happening::Told(Answer::Failed));
        self.decide(run);
    }

    /// The client's patience is over (A8): it leaves; what it started goes on, unless giving up stops the callee.
    pub(super) fn leave(&mut self, run: Ref) {
        let now = self.now();
        self.runs[run].patience = NO_EVENT;
        self.note_why_it_leaves(run);
        let facts = self.facts(run);
        let record = &mut self.runs[run];
        let was_promised = record.client == Client::Promised;
        record.poll = NO_EVENT;
        record.client = Client::Refused;
        let (call, cause) = (record.call.take(), record.cause);
        if self.has_users {
            self.think_again(run);
        }
        self.ledger.gave_up += 1;
        self.probe.answered(now, facts, Answer::GaveUp, cause);
        self.trace_run(run, Happening::Told(Answer::GaveUp));
        self.decide(run);
        if let Some(call) = call {
            self.withdraw(call, Outcome::GaveUp);
        }
        if was_promised {
            self.release(run);
        }
    }

    /// An accepted run has reached every goal.
    fn complete(&mut self, run: Ref) {
        let now = self.now();
        self.ledger.completed += 1;
        let facts = self.facts(run);
        let done_at = self.runs[run].done_at;
        self.probe.completed(now, done_at, facts);
        self.trace_run(run, Happening::Done(done_at));
        self.decide(run);
    }

    /// The run's fate is known: the drain need not wait for it.
    fn decide(&mut self, run: Ref) {
        let record = &mut self.runs[run];
        if !record.decided {
            record.decided = true;
            if record.counted == Counted::Yes {
                self.n_open -= 1;
            }
        }
    }

    fn backlog_changes(&mut self, run: Ref, is_more: bool) {
        let flow = self.runs[run].flow;
        let backlog = &mut self.backlog[flow];
        *backlog = if is_more { *backlog + 1 } else { *backlog - 1 };
        let backlog = *backlog;
        let now = self.now();
        self.probe.backlog(now, flow, backlog);
    }

    /// One more thing names the run.
    #[inline]
    pub(super) fn hold(&mut self, run: Ref) {
        self.runs[run].refs += 1;
    }

    /// One thing less names the run; the last one closes it.
    pub(super) fn release(&mut self, run: Ref) {
        let record = &mut self.runs[run];
        record.refs -= 1;
        if record.refs == 0 {
            assert!(
                record.client != Client::Waiting,
                "a client waits for nothing at {}",
                self.calendar.now()
            );
            self.close_run(run);
        }
    }

    /// Nothing of the run is left: an accepted one that has not reached its goals never will.
    fn close_run(&mut self, run: Ref) {
        let fate = self.fate(run, Fate::Lost);
        if matches!(fate, Fate::DeadLettered | Fate::Lost | Fate::Compensated) {
            self.backlog_changes(run, false);
        }
        self.decide(run);
        self.book(run, fate);
        self.runs.remove(run);
    }

    /// What has become of a run; `undecided` if it is accepted and neither done nor parked.
    fn fate(&self, run: Ref, undecided: Fate) -> Fate {
        let record = &self.runs[run];
        match record.client {
            Client::Refused => Fate::Refused,
            Client::Accepted if record.goals_left == 0 => Fate::Completed,
            Client::Accepted if record.undo == Undo::Done => Fate::Compensated,
            Client::Accepted if record.parked || record.undo == Undo::Late => Fate::DeadLettered,
            Client::Accepted => undecided,
            Client::Waiting | Client::Promised => Fate::Unanswered,
        }
    }

    /// Enters a run's fate in the accounts and tells it; completions have been entered when they happened.
    fn book(&mut self, run: Ref, fate: Fate) {
        match fate {
            Fate::Completed => {}
            Fate::Refused => self.ledger.refused += 1,
            Fate::DeadLettered => self.ledger.dead_lettered += 1,
            Fate::Compensated => self.ledger.compensated += 1,
            Fate::Lost => self.ledger.lost += 1,
            Fate::Incomplete => self.ledger.incomplete += 1,
            Fate::Unanswered => self.ledger.unanswered += 1,
        }
        let (now, facts, cause) = (self.now(), self.facts(run), self.runs[run].cause);
        self.probe.closed(now, facts, fate, cause);
        self.trace_run(run, Happening::Closed(fate));
    }

    /// The end of the drain: what is still there is counted as such, never dropped silently (A3).
    pub(super) fn cut_off(&mut self) {
        for call in self.calls.refs() {
            self.cut_off_attempt(call);
        }
        let mut left: BTreeMap<u32, Ref> = BTreeMap::new();
        for message in self.messages.refs() {
            self.cut_off_message(message);
            left.entry(self.messages[message].run.idx)
                .or_insert(message);
        }
        for run in self.runs.refs() {
            let fate = self.fate(run, Fate::Incomplete);
            let is_stuck = matches!(fate, Fate::Unanswered | Fate::Incomplete);
            if is_stuck && self.runs[run].cause.is_none() {
                let stuck = self.where_it_is(run, left.get(&run.idx).copied());
                self.runs[run].cause = stuck;
            }
            self.book(run, fate);
        }
    }

    /// Remembers the first cause on the run's way (A31).
    pub(super) fn blame(&mut self, run: Ref, cause: impl FnOnce(&Self) -> Cause) {
        if self.runs[run].cause.is_none() {
            let cause = cause(self);
            self.runs[run].cause = Some(cause);
        }
    }

    /// Does the run need the step? By its own identity, so the same in every variant and attempt.
    pub(super) fn needs(&self, run: Ref, step: StepId) -> bool {
        let chance = self.system.steps[step].probability;
        happens(chance, || {
            let stream = self.draws_of(run, step).probability;
            stream.draw(self.who(run, 0))
        })
    }

    fn forget_done(&mut self, run: Ref) {
        let first = run.idx as usize * self.words;
        let last = first + self.words;
        if self.done.len() < last {
            self.done.resize(last, 0);
        }
        self.done[first..last].fill(0);
    }

    /// The word and bit of a step in the run's memory of what is done.
    #[inline]
    fn bit(&self, run: Ref, step: StepId) -> (usize, u64) {
        let place = self.steps[step].place;
        (
            run.idx as usize * self.words + place as usize / 64,
            1 << (place % 64),
        )
    }

    /// Has the step been done, or skipped, for the run?
    pub(super) fn is_done(&self, run: Ref, step: StepId) -> bool {
        let (word, bit) = self.bit(run, step);
        self.done[word] & bit != 0
    }

    /// The step has been executed for the run: for the first time, or as a duplicate (then true).
    pub(super) fn mark_done(&mut self, run: Ref, step: StepId, owner: Owner) -> bool {
        let (word, bit) = self.bit(run, step);
        if self.done[word] & bit == 0 {
            self.mark(run, step, word, bit);
            let Some(of) = self.steps[step].stands_for else {
                return false;
            };
            // Done elsewhere too: the one service knows nothing of what the other has done.
            let is_again = self.is_done(run, of);
            if is_again {
                self.note_duplicate(run, step, owner, Applied::Again);
            }
            self.mark_skipped(run, of);
            return is_again;
        }
        if self.system.steps[step].is_read {
            return false;
        }
        let service = self.system.steps[step].service;
        let is_idempotent = self.system.services[service].idempotent == Idempotent::Yes;
        let applied = if is_idempotent && !self.is_done_instead(run, step) {
            Applied::Once
        } else {
            Applied::Again
        };
        self.note_duplicate(run, step, owner, applied);
        true
    }

    /// Has another service done a step instead?
    fn is_done_instead(&self, run: Ref, step: StepId) -> bool {
        let flow = &self.system.flows[self.runs[run].flow];
        let mut others = flow.steps.clone().map(StepId);
        others.any(|other| self.steps[other].stands_for == Some(step) && self.is_done(run, other))
    }

    /// A step has been executed once more.
    fn note_duplicate(&mut self, run: Ref, step: StepId, owner: Owner, applied: Applied) {
        let facts = self.facts(run);
        self.probe.duplicated(facts, step, applied);
        let channel = match owner {
            Owner::Message(_, channel) => Some(channel),
            _ => self.steps[step].posted_by,
        };
        if let Some(channel) = channel {
            let account = &mut self.ledger.channels[channel];
            account.duplicates += 1;
            account.duplicates_applied += u64::from(applied == Applied::Again);
        }
    }

    /// The run does not need the step, nor what that needs.
    pub(super) fn mark_skipped(&mut self, run: Ref, step: StepId) {
        let (word, bit) = self.bit(run, step);
        if self.done[word] & bit == 0 {
            self.mark(run, step, word, bit);
        }
        let system = self.system;
        for item in &system.steps[step].then {
            for &part in &item.branches {
                self.mark_skipped(run, part);
            }
        }
    }

    fn mark(&mut self, run: Ref, step: StepId, word: usize, bit: u64) {
        self.done[word] |= bit;
        let StepState { goal, is_alone, .. } = self.steps[step];
        let Some(goal) = goal else {
            return;
        };
        if self.runs[run].undo != Undo::No {
            // Given up, undone what was before it, and done: nobody will undo this, and it completes nothing.
            self.runs[run].undo = Undo::Late;
            return;
        }
        if !is_alone {
            let flow = self.runs[run].flow;
            let goal = &self.system.flows[flow].goals[goal as usize];
            let n_done = goal
                .steps
                .iter()
                .filter(|&&step| self.is_done(run, step))
                .count();
            if n_done != goal.need as usize {
                return;
            }
        }
        let now: Time = self.now();
        let record = &mut self.runs[run];
        record.goals_left -= 1;
        if record.goals_left == 0 {
            record.done_at = now;
            match record.client {
                Client::Accepted => {
                    self.complete(run);
                    self.backlog_changes(run, false);
                }
                Client::Promised => self.call_back(run),
                Client::Waiting | Client::Refused => {}
            }
        }
    }
}
