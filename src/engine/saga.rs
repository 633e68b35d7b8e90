//! Sagas (A29): the entry answers and conducts on, command by command; what a step that failed for good leaves is undone.
//!
//! ```text
//!   answer ─► command ─► reply ─► command ─► … ─► done
//!                          └─ failed ─► undo what is done, the last first ─► compensated
//! ```
//!
//! Where the conductor is in its work is kept with its data: its crash loses nothing, and while all its instances are down
//! the replies wait.

use super::probe::Probe;
use super::record::{Caller, Owner, Phase, Undo};
use super::slab::Ref;
use super::world::World;
use crate::model::ServiceId;
use crate::policies::Outcome;

impl<P: Probe> World<'_, P> {
    /// The entry has done what the answer needs: it answers, and a saga goes on with the rest; one only, however often the entry is
    /// tried, and whichever of its attempts comes so far first.
    pub(super) fn hand_to_saga(&mut self, job: Ref) {
        let record = &self.jobs[job];
        let (run, step, lineage, stage) = (record.run, record.step, record.lineage, record.stage);
        if std::mem::replace(&mut self.runs[run].has_saga, true) {
            return self.finish(job, Outcome::Ok);
        }
        let saga = self.new_job(run, Owner::Saga, step, lineage);
        let record = &mut self.jobs[saga];
        record.stage = stage;
        record.phase = Phase::Waiting;
        self.finish(job, Outcome::Ok);
        self.advance(saga);
    }

    /// A reply has come: the saga goes on as soon as its service is up and nothing of the stage is out that it must know of.
    pub(super) fn conduct(&mut self, job: Ref) {
        let record = &self.jobs[job];
        let is_enough = record.n_ok >= record.need;
        if !is_enough && record.n_out > 0 {
            return;
        }
        let service = self.steps[record.step].service;
        if !self.is_at_work(service) {
            self.jobs[job].phase = Phase::Frozen;
            return self.services[service].sagas.push(job);
        }
        if self.jobs[job].undo > 0 {
            if !is_enough {
                self.jobs[job].outcome = Outcome::Error;
            }
            self.undo(job);
        } else if is_enough {
            self.advance(job);
        } else {
            self.undo(job);
        }
    }

    /// A conductor's service has changed: if it is up, its sagas go on.
    pub(super) fn conduct_on(&mut self, service: ServiceId) {
        for job in std::mem::take(&mut self.services[service].sagas) {
            self.jobs[job].phase = Phase::Waiting;
            self.conduct(job);
        }
    }

    /// Undoes the last step done that is not undone yet; with none left the flow run is compensated.
    pub(super) fn undo(&mut self, job: Ref) {
        let record = &self.jobs[job];
        let (run, step, lineage) = (record.run, record.step, record.lineage);
        let wiring = self.wiring;
        let undo = wiring.steps[step]
            .saga
            .as_ref()
            .map_or(&[][..], |saga| saga.undo.as_slice());
        let left = match record.undo {
            0 => undo.len(),
            n => n as usize - 1,
        };
        if self.runs[run].undo == Undo::No {
            self.runs[run].undo = Undo::Begun;
        }
        let next = undo[..left]
            .iter()
            .rposition(|&(step, _)| self.is_done(run, step));
        let Some(idx) = next else {
            // A compensation that was given up is parked, and a person will have to look.
            let is_stuck = self.jobs[job].outcome != Outcome::Ok;
            if is_stuck {
                self.runs[run].parked = true;
            } else if self.runs[run].undo == Undo::Begun {
                self.runs[run].undo = Undo::Done;
            }
            return self.discard(job);
        };
        let record = &mut self.jobs[job];
        record.undo = u32::try_from(idx + 1).expect("a count of steps");
        record.stage += 1;
        let stage = record.stage;
        record.phase = Phase::Sending;
        (record.n_ok, record.n_out, record.need) = (0, 1, 1);
        self.start_call(run, undo[idx].1, Caller::Job(job, stage), lineage);
        let record = &mut self.jobs[job];
        record.phase = Phase::Waiting;
        if record.n_out == 0 {
            self.conduct(job);
        }
    }
}
