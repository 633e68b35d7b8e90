//! Why something failed (A31): where the failed attempt was stuck, who held the workers there, which fault was acting.

use super::probe::{Cause, Place, Probe};
use super::record::{Attempt, Phase};
use super::slab::Ref;
use super::world::World;
use crate::kernel::time::Time;
use crate::model::{BrokerId, Channel, End, FaultId, Link, ServiceId, StepId, Target};
use crate::policies::Outcome;

/// How many services deep a starving caller is followed.
const DEPTH_MAX: usize = 64;

impl<P: Probe> World<'_, P> {
    /// Remembers why an attempt fails, unless the run has a cause already.
    pub(super) fn note_cause(&mut self, call: Ref, outcome: Outcome) {
        let run = self.calls[call].run;
        self.blame(run, |world| world.diagnose(call, outcome));
    }

    /// Where a run that is cut off is stuck: its client's call, or else the first of its messages.
    pub(super) fn where_it_is(&self, run: Ref, message: Option<Ref>) -> Option<Cause> {
        if let Some(call) = self.runs[run].call {
            return Some(self.diagnose(call, Outcome::Unfinished));
        }
        let message = message?;
        let channel = self.messages[message].channel;
        let Channel {
            broker, to: step, ..
        } = self.wiring.channels[channel];
        let job = self.messages[message].job;
        let (place, starved_by, fault) = match job {
            Some(job) => self.at_job(job, self.messages[message].published),
            None => (Place::Broker(step), None, self.acting_on_broker(broker)),
        };
        Some(Cause {
            outcome: Outcome::Unfinished,
            place,
            starved_by,
            fault,
        })
    }

    /// The cause of an attempt's failure.
    fn diagnose(&self, call: Ref, outcome: Outcome) -> Cause {
        let record = &self.calls[call];
        let (began, edge) = (record.began, &self.wiring.edges[record.edge]);
        let step = edge.to;
        let is_told = !matches!(
            outcome,
            Outcome::Timeout | Outcome::GaveUp | Outcome::Unfinished
        );
        let (place, starved_by, fault) = match &edge.link {
            Link::Publish(publish) => {
                let broker = self.wiring.channels[publish.channel].broker;
                let fault = self
                    .acting(began, Target::Broker(broker))
                    .or_else(|| self.acting_on_link(call));
                (Place::Broker(step), None, fault)
            }
            Link::Call(_) if is_told => {
                let service = self.system.steps[step].service;
                let fault = self
                    .acting(began, Target::Service(service))
                    .or_else(|| self.acting_on_link(call));
                let starved_by = (outcome == Outcome::Overloaded)
                    .then(|| self.starving(service))
                    .flatten();
                (Place::At(step), starved_by, fault)
            }
            Link::Call(_) => self.at_call(call),
        };
        Cause {
            outcome,
            place,
            starved_by,
            fault,
        }
    }

    /// Follows a call to where it is stuck.
    fn at_call(&self, mut call: Ref) -> (Place, Option<ServiceId>, Option<FaultId>) {
        let began = self.calls[call].began;
        for _ in 0..DEPTH_MAX {
            let record = &self.calls[call];
            let step = self.wiring.edges[record.edge].to;
            match record.attempt {
                Attempt::Job(job) => match self.jobs[job].phase {
                    Phase::Waiting | Phase::Sending if self.jobs[job].calls.is_some() => {
                        call = self.jobs[job].calls.expect("just seen");
                    }
                    _ => return self.at_job(job, began),
                },
                Attempt::Message(_) => {
                    return (
                        Place::Broker(step),
                        None,
                        self.acting_on_link(call)
                            .or_else(|| self.acting_at(began, step)),
                    );
                }
                Attempt::Nothing => {
                    return (Place::OnTheWay(step), None, self.acting_on_link(call));
                }
                Attempt::BackingOff => {
                    return (Place::BackingOff(step), None, self.acting_at(began, step));
                }
            }
        }
        let step = self.wiring.edges[self.calls[call].edge].to;
        (Place::At(step), None, self.acting_at(began, step))
    }

    /// Where a job itself is stuck, and by whom.
    fn at_job(&self, job: Ref, began: Time) -> (Place, Option<ServiceId>, Option<FaultId>) {
        let record = &self.jobs[job];
        let step = record.step;
        let service = self.system.steps[step].service;
        let own = self.acting_at(began, step);
        match record.phase {
            Phase::Coming | Phase::Going => (Place::OnTheWay(step), None, own),
            Phase::Queued => {
                let starving = self.starving(service);
                let theirs =
                    starving.and_then(|service| self.acting(began, Target::Service(service)));
                (Place::Queued(step), starving, theirs.or(own))
            }
            Phase::Serving => (Place::Serving(step), None, own),
            Phase::Hanging | Phase::Frozen => (Place::Hanging(step), None, own),
            Phase::Sending | Phase::Waiting => match record.calls {
                Some(call) => self.at_call(call),
                None => (Place::At(step), None, own),
            },
        }
    }

    /// If most of a service's workers are held: the service that they wait on in the end.
    fn starving(&self, service: ServiceId) -> Option<ServiceId> {
        let mut found = None;
        let mut at = service;
        for _ in 0..DEPTH_MAX {
            let state = &self.services[at];
            let first = state.first_station as usize;
            let n = state.instances.len() * state.n_pools as usize;
            let stations = &self.stations[first..first + n];
            let (busy, held) = stations.iter().fold((0, 0), |(b, h), s| {
                (b + u64::from(s.busy), h + u64::from(s.held))
            });
            let most = state.held_for.iter().max_by_key(|(_, n)| *n);
            match most.map(|&(service, _)| service) {
                Some(next) if held > busy && Some(next) != found => {
                    found = Some(next);
                    at = next;
                }
                _ => break,
            }
        }
        found
    }

    fn acting_at(&self, began: Time, step: StepId) -> Option<FaultId> {
        self.acting(began, Target::Service(self.system.steps[step].service))
    }

    /// A fault that acts on a service now.
    pub(super) fn acting_on_service(&self, service: ServiceId) -> Option<FaultId> {
        self.acting(self.now(), Target::Service(service))
    }

    /// A fault that acts on a broker now.
    pub(super) fn acting_on_broker(&self, broker: BrokerId) -> Option<FaultId> {
        self.acting(self.now(), Target::Broker(broker))
    }

    /// The first fault on a target that acts now or has acted since `began`.
    fn acting(&self, began: Time, target: Target) -> Option<FaultId> {
        let now = self.now();
        let faults = self
            .system
            .faults
            .enumerate()
            .filter(|(_, fault)| fault.target == target);
        let mut hits = faults.filter(|(_, fault)| {
            fault
                .windows
                .iter()
                .any(|w| w.start <= now && w.end > began)
        });
        hits.next().map(|(id, _)| id)
    }

    /// A fault on the link of a call, either way.
    fn acting_on_link(&self, call: Ref) -> Option<FaultId> {
        let record = &self.calls[call];
        let (from, to) = self.ends(record.edge);
        let began = record.began;
        let there = self.acting(began, Target::Link { from, to });
        let back = there.or_else(|| self.acting(began, Target::Link { from: to, to: from }));
        back.or_else(|| match to {
            End::Service(service) => self.acting(began, Target::Service(service)),
            End::Broker(broker) => self.acting(began, Target::Broker(broker)),
            End::Source(_) => None,
        })
    }

    /// Does the call still wait for this job?
    pub(super) fn waits_for(&self, call: Ref, job: Ref) -> bool {
        self.calls
            .get(call)
            .is_some_and(|record| record.attempt == Attempt::Job(job))
    }

    /// The call waits on, for nobody.
    pub(super) fn forget_job(&mut self, call: Ref, job: Ref) {
        if self.waits_for(call, job) {
            self.calls[call].attempt = Attempt::Nothing;
        }
    }
}
