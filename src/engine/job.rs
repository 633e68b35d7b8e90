//! Jobs: admitted, served, sent on stage by stage, finished (A10, A11, A13).
//!
//! ```text
//!   Coming ─► Queued ─► Serving ─► (Sending ─► Waiting)* ─► Going ─► gone
//!      │         │          └─ error ──────────────┴─ failure ─┘
//!      └─ refused, overloaded ─► Going          (Hanging: swallowed by an instance that hangs)
//! ```

use super::draws::happens;
use super::event::Event;
use super::probe::{Cause, Doing, Place, Probe};
use super::record::{Caller, Mark, NO_EVENT, Owner, Phase};
use super::slab::Ref;
use super::station::Hand;
use super::world::World;
use crate::kernel::time::Duration;
use crate::model::{Blocking, EdgeId, Join, Required, StepId};
use crate::policies::Outcome;

impl<P: Probe> World<'_, P> {
    /// Puts a station on the list of those to be filled at the end of the event.
    #[inline]
    pub(super) fn list(&mut self, station: u32) {
        let state = &mut self.stations[station as usize];
        if !state.listed {
            state.listed = true;
            self.listed.push(station);
        }
    }

    /// Gives free workers the jobs that wait longest.
    pub(super) fn fill(&mut self, station: u32) {
        loop {
            let state = &self.stations[station as usize];
            if !state.has_room() {
                return;
            }
            let instance = state.instance;
            let now = self.calendar.now();
            let line = &mut self.lines[state.line as usize];
            let sheds = line.sheds;
            let Some(idx) = line.take(now) else {
                return;
            };
            let job = self.jobs.at(idx).expect("a job in a line is alive");
            if self.jobs[job].withdrawn || !self.is_wanted(job) {
                self.leave_instance(job);
                self.discard(job);
            } else if sheds && self.is_too_late(job) {
                self.leave_instance(job);
                self.turn_away(job, Outcome::Shed);
            } else {
                self.start(job, station, instance);
            }
        }
    }

    /// A worker takes the job.
    pub(super) fn start(&mut self, job: Ref, station: u32, instance: u32) {
        let now = self.now();
        let record = &mut self.jobs[job];
        let (run, step, owner) = (record.run, record.step, record.owner);
        let waited = match record.phase {
            Phase::Queued => now - record.began,
            _ => Duration::ZERO,
        };
        let from = std::mem::replace(&mut record.instance, instance);
        let step = &self.system.steps[step];
        self.probe
            .began(step.service, self.runs[run].counted, waited);
        let law = &step.service_time;
        let mut demand = law.as_constant().unwrap_or_else(|| {
            let stream = self.draws.at(record.draws).service;
            law.sample(&mut stream.draw(record.who))
        });
        let state = &mut self.services[step.service];
        if from != instance {
            // A shared line: the instance is known only now.
            state.instances[from as usize].inside -= 1;
            state.instances[instance as usize].inside += 1;
        }
        if !state.is_sound {
            let one = &state.instances[instance as usize];
            demand = one.condition.stretch(demand);
            let law = self.system.services[step.service].warm_up;
            if let Some(law) = law.filter(|_| now < one.warm_at) {
                demand = law.stretch(demand);
            }
        }
        record.phase = Phase::Serving;
        record.hand = Hand::Busy;
        record.station = station;
        record.began = now;
        record.ends = now + demand;
        if !self.crowds.is_empty() {
            demand = self.join(job, station, demand);
            self.jobs[job].ends = now + demand;
        }
        self.stations[station as usize].hand(now, Hand::Free, Hand::Busy);
        self.job_does(job, Doing::Working(instance));
        match owner {
            Owner::Message(message, channel) => self.delivery_starts(job, message, channel),
            Owner::Call(call) if !self.twins.is_empty() => self.bind(call),
            _ => {}
        }
        self.jobs[job].event = self.after(demand, Event::Served(job.idx));
    }

    /// Changes what a job has of its station's workers.
    pub(super) fn set_hand(&mut self, job: Ref, hand: Hand) {
        let record = &mut self.jobs[job];
        let (old, station) = (record.hand, record.station);
        if old == hand {
            return;
        }
        record.hand = hand;
        if old == Hand::Held
            && let Some(edge) = record.held_on.take()
        {
            self.edges[edge].held -= 1;
        }
        let now = self.calendar.now();
        let state = &mut self.stations[station as usize];
        state.hand(now, old, hand);
        if hand == Hand::Free && !self.lines[state.line as usize].waiting.is_empty() {
            self.list(station);
        }
    }

    /// The job's own work is done.
    pub(super) fn served(&mut self, job: Ref) {
        self.stop_work(job);
        let record = &self.jobs[job];
        let (run, step) = (record.run, record.step);
        let service = self.steps[step].service;
        let state = &self.services[service];
        let injected = if state.is_sound {
            0.0
        } else {
            state.instances[record.instance as usize].condition.errors
        };
        let own = self.system.services[service].errors;
        let draws = || self.draws.at(record.draws);
        let is_poison = record.is_poisoned;
        let is_injected = happens(injected, || draws().fault_error.draw(record.who));
        if is_poison {
            self.fail_of_poison(job);
        } else if is_injected || happens(own, || draws().error.draw(record.who)) {
            let fault = if is_injected {
                self.acting_on_service(service)
            } else {
                None
            };
            self.blame(run, |_| Cause {
                outcome: Outcome::Error,
                place: Place::At(step),
                starved_by: None,
                fault,
            });
            self.finish(job, Outcome::Error);
        } else {
            if self.copies.are_any {
                self.touch_data(job);
            }
            self.advance(job);
        }
    }

    /// Books the worker-time spent since the work began.
    pub(super) fn stop_work(&mut self, job: Ref) {
        let now = self.now();
        let record = &mut self.jobs[job];
        record.worked += (now - record.began).0;
        record.event = NO_EVENT;
        self.job_does(job, Doing::Nothing);
        if !self.crowds.is_empty() {
            self.part(job);
        }
    }

    /// Sends out the next stage of the job's program, or finishes it after the last.
    pub(super) fn advance(&mut self, job: Ref) {
        loop {
            let record = &self.jobs[job];
            let (run, step, stage, lineage) =
                (record.run, record.step, record.stage, record.lineage);
            let shape = self.steps[step];
            let is_rest_only = matches!(record.owner, Owner::Rest(..) | Owner::Saga);
            if stage == shape.n_then && record.mark == Mark::No && !is_rest_only {
                let owner = record.owner;
                let is_again = self.mark_done(run, step, owner);
                let record = &mut self.jobs[job];
                record.mark = Mark::of(is_again);
            }
            if stage == shape.n_stages {
                return self.finish(job, self.success_of(job));
            }
            if stage == shape.answers_at && self.jobs[job].owner != Owner::Saga {
                return self.hand_to_saga(job);
            }
            let wiring = self.wiring;
            let program = &wiring.steps[step];
            let next = if stage < shape.n_then {
                &program.then[stage as usize]
            } else {
                &program.rest[(stage - shape.n_then) as usize]
            };
            self.jobs[job].stage += 1;
            if next
                .join
                .as_ref()
                .is_some_and(|join| !self.takes(job, join))
            {
                return self.finish(job, self.success_of(job));
            }
            let record = &mut self.jobs[job];
            record.phase = Phase::Sending;
            record.n_ok = 0;
            record.n_out = u32::try_from(next.edges.len()).expect("a count of edges");
            record.need = next.need;
            if self.riders.are_possible && next.edges.len() > 1 {
                self.send_together(job, run, &next.edges, (stage + 1, lineage));
            } else {
                for &edge in &next.edges {
                    self.send(job, run, edge, stage + 1, lineage);
                }
            }
            let record = &self.jobs[job];
            if record.n_ok < record.need {
                return self.wait(job);
            }
        }
    }

    /// How a job ends that has everything it needs.
    fn success_of(&self, job: Ref) -> Outcome {
        if self.jobs[job].is_degraded {
            Outcome::Degraded
        } else {
            Outcome::Ok
        }
    }

    /// Does this branch go on behind a join? The one that completes it does; so does one that is executed again, for the
    /// first time may have ended before what follows was handed over (A27).
    fn takes(&self, job: Ref, join: &Join) -> bool {
        let record = &self.jobs[job];
        let n_done = join
            .steps
            .iter()
            .filter(|&&step| self.is_done(record.run, step))
            .count();
        let need = join.need as usize;
        if record.mark == Mark::Again {
            n_done >= need
        } else {
            n_done == need
        }
    }

    /// Takes one edge of a stage; a step that the run does not need is passed over, and what hangs below it is done here.
    pub(super) fn send(&mut self, job: Ref, run: Ref, edge: EdgeId, stage: u32, lineage: u16) {
        let step = self.wiring.edges[edge].to;
        if self.needs(run, step) {
            match self.wiring.edges[edge].copy {
                Some(copy) => self.read_or_call(copy, job, edge, (stage, lineage)),
                None => {
                    self.start_call(run, edge, Caller::Job(job, stage), lineage);
                }
            }
            return;
        }
        self.pass_over(job, run, edge, stage, lineage);
    }

    /// Goes on without the step of an edge: what hangs below it is done here.
    pub(super) fn pass_over(&mut self, job: Ref, run: Ref, edge: EdgeId, stage: u32, lineage: u16) {
        let step = self.wiring.edges[edge].to;
        let is_again = self.is_done(run, step);
        self.mark_skipped(run, step);
        let shape = self.steps[step];
        if shape.n_then == shape.n_stages {
            return self.branch_ended(job, stage, step, Outcome::Ok);
        }
        let rest = self.new_job(run, Owner::Rest(job, stage), step, lineage);
        self.jobs[rest].stage = shape.n_then;
        self.jobs[rest].mark = Mark::of(is_again);
        self.advance(rest);
    }

    /// Waits for the stage, with or without the worker (A11).
    fn wait(&mut self, job: Ref) {
        let record = &mut self.jobs[job];
        record.phase = Phase::Waiting;
        let (step, is_with_worker) = (record.step, record.hand != Hand::Free);
        if is_with_worker {
            let service = self.system.steps[step].service;
            match self.system.services[service].blocking {
                Blocking::Holds => {
                    if let Some(call) = record.calls {
                        let edge = self.calls[call].edge;
                        record.held_on = Some(edge);
                        self.edges[edge].held += 1;
                    }
                    self.set_hand(job, Hand::Held);
                }
                Blocking::Releases => self.set_hand(job, Hand::Free),
            }
        }
        let record = &self.jobs[job];
        let is_hopeless = record.n_ok + record.n_out < record.need;
        // A saga must know what became of everything it asked for.
        if is_hopeless && (record.owner != Owner::Saga || record.n_out == 0) {
            self.finish(job, Outcome::Error);
        }
    }

    /// One edge of a stage has ended.
    pub(super) fn branch_ended(&mut self, job: Ref, stage: u32, step: StepId, outcome: Outcome) {
        let Some(record) = self
            .jobs
            .get_mut(job)
            .filter(|record| record.stage == stage)
        else {
            return;
        };
        record.n_out -= 1;
        record.is_degraded |= outcome == Outcome::Degraded;
        let is_required = self.system.steps[step].required == Required::Required;
        if outcome.is_ok() || !is_required {
            record.n_ok += 1;
        }
        if record.phase == Phase::Waiting {
            self.go_on(job);
        }
    }

    /// Looks whether a job that waits can go on; a frozen instance does so later.
    pub(super) fn go_on(&mut self, job: Ref) {
        let record = &self.jobs[job];
        let (is_enough, is_hopeless) = (
            record.n_ok >= record.need,
            record.n_ok + record.n_out < record.need,
        );
        if !is_enough && !is_hopeless {
            return;
        }
        let service = self.system.steps[record.step].service;
        let instance = &mut self.services[service].instances[record.instance as usize];
        if record.owner == Owner::Saga {
            return self.conduct(job);
        }
        let is_at_a_station = !matches!(record.owner, Owner::Rest(..));
        if instance.condition.paused && is_at_a_station {
            instance.frozen.push(job);
            self.jobs[job].phase = Phase::Frozen;
            self.job_does(job, Doing::StandsStill);
        } else if is_enough {
            self.advance(job);
        } else {
            self.finish(job, Outcome::Error);
        }
    }

    /// The job is over: its worker is free, whoever it works for hears of it.
    pub(super) fn finish(&mut self, job: Ref, outcome: Outcome) {
        self.trace_finished(job, outcome);
        self.withdraw_calls(job);
        match self.jobs[job].owner {
            Owner::Call(call) => {
                self.leave_instance(job);
                let record = &self.jobs[job];
                if self.steps[record.step].is_status {
                    self.look_up(record.run);
                }
                self.respond(job, call, outcome);
            }
            Owner::Message(_, channel) => {
                self.leave_instance(job);
                self.report_to_broker(job, channel, outcome);
            }
            Owner::Saga if outcome.is_ok() => self.discard(job),
            Owner::Saga => self.undo(job),
            Owner::Rest(parent, stage) => {
                let (step, worked) = (self.jobs[job].step, self.jobs[job].worked);
                self.jobs[job].worked = 0;
                if let Some(parent) = self.jobs.get_mut(parent) {
                    parent.worked += worked;
                }
                self.discard(job);
                // What hangs below a step fails its caller, whether or not the step itself was needed.
                self.branch_ended(parent, stage, step, outcome);
            }
        }
    }

    /// The job is no longer inside its instance.
    pub(super) fn leave_instance(&mut self, job: Ref) {
        self.set_hand(job, Hand::Free);
        let record = &self.jobs[job];
        let service = self.system.steps[record.step].service;
        self.services[service].instances[record.instance as usize].inside -= 1;
    }

    /// The job's record goes; what was worked on it is wasted unless somebody took it.
    pub(super) fn discard(&mut self, job: Ref) {
        let record = &self.jobs[job];
        let (run, worked) = (record.run, record.worked);
        self.trace_job_gone(job);
        self.jobs.remove(job);
        self.wasted += u128::from(worked);
        self.release(run);
    }

    /// Nobody wants the job any more (A17): queued work is dropped when reached, the rest is abandoned.
    pub(super) fn abandon(&mut self, job: Ref) {
        match self.jobs[job].phase {
            Phase::Coming | Phase::Queued | Phase::Frozen => self.jobs[job].withdrawn = true,
            Phase::Going | Phase::Hanging => self.discard(job),
            Phase::Serving => {
                let is_running = self.jobs[job].event != NO_EVENT;
                if is_running {
                    self.stop_work(job);
                }
                self.part(job);
                self.leave_instance(job);
                self.discard(job);
            }
            Phase::Sending | Phase::Waiting => {
                self.withdraw_calls(job);
                self.leave_instance(job);
                self.discard(job);
            }
        }
    }

    /// The way back is over.
    pub(super) fn replied(&mut self, job: Ref) {
        match self.jobs[job].owner {
            Owner::Call(call) => self.answered(job, call),
            Owner::Message(message, channel) => self.broker_hears(job, message, channel),
            Owner::Rest(..) | Owner::Saga => {
                unreachable!("what is at no station travels nowhere")
            }
        }
    }

    /// The job's own work takes longer or shorter from now on, or stands still, as its instance's condition changes.
    pub(super) fn reschedule(&mut self, job: Ref, factor: f64, is_stopped: bool) {
        let now = self.now();
        let record = &mut self.jobs[job];
        let left = if record.event == NO_EVENT {
            record.left
        } else {
            record.ends - now
        };
        if record.event != NO_EVENT {
            record.worked += (now - record.began).0;
        }
        #[expect(
            clippy::float_cmp,
            reason = "1 is the exact neutral value of an unchanged factor"
        )]
        let left = if factor == 1.0 {
            left
        } else {
            Duration::from_secs_f64(left.as_secs_f64() * factor)
        };
        record.left = left;
        record.began = now;
        record.ends = now + left;
        record.event = NO_EVENT;
        let instance = record.instance;
        if is_stopped {
            self.job_does(job, Doing::StandsStill);
        } else {
            self.job_does(job, Doing::Working(instance));
            self.jobs[job].event = self.after(left, Event::Served(job.idx));
        }
    }
}
