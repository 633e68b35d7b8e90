//! Why something failed (A31): where the failed attempt was stuck, who held the workers there, which fault was acting.

use super::probe::{Cause, Place, Probe};
use super::record::{Attempt, Phase, Stage};
use super::slab::Ref;
use super::station::Station;
use super::world::World;
use crate::faults::Effect;
use crate::kernel::time::Time;
use crate::model::{ChannelId, End, FaultId, Link, ServiceId, StepId, Target};
use crate::policies::Outcome;

/// How many services deep a starving caller is followed.
const DEPTH_MAX: usize = 64;

/// What is behind a queue.
struct Behind {
    /// The service whose workers are short, if it is another one.
    starved_by: Option<ServiceId>,
    fault: Option<FaultId>,
}

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
        Some(self.at_message(message?, Outcome::Unfinished))
    }

    /// Why a client leaves: what its call is doing, or else where the work it was promised is stuck.
    pub(super) fn note_why_it_leaves(&mut self, run: Ref) {
        let record = &self.runs[run];
        if let Some(call) = record.call {
            return self.note_cause(call, Outcome::GaveUp);
        }
        let message = record.message;
        if let Some(message) = message.filter(|&message| self.messages.get(message).is_some()) {
            self.blame(run, |world| world.at_message(message, Outcome::GaveUp));
        }
    }

    /// Where a message is stuck.
    fn at_message(&self, message: Ref, outcome: Outcome) -> Cause {
        let record = &self.messages[message];
        let (channel, began) = (record.channel, record.published);
        let step = self.wiring.channels[channel].to;
        let (place, starved_by, fault) = match record.job {
            Some(job) => self.at_job(job, began),
            None if record.state == Stage::Unacked => {
                let broker = self.end_of(channel);
                let service = End::Service(self.channels[channel].service);
                let own = self.acting_at(began, step);
                let fault = own.or_else(|| self.acting_between(began, broker, service));
                (Place::Hanging(step), None, fault)
            }
            None => {
                let fault = self.acting_on_channel(channel, began);
                (Place::Broker(step), None, fault)
            }
        };
        Cause {
            outcome,
            place,
            starved_by,
            fault,
        }
    }

    /// The visibility timeout of a message ended where it is now.
    pub(super) fn blame_visibility(&mut self, message: Ref) {
        let run = self.messages[message].run;
        self.blame(run, |world| world.at_message(message, Outcome::Timeout));
    }

    /// The cause of an attempt's failure.
    fn diagnose(&self, call: Ref, outcome: Outcome) -> Cause {
        let record = &self.calls[call];
        let (began, edge) = (record.began, &self.wiring.edges[record.edge]);
        let step = edge.to;
        let guards = self.edges[record.edge].guards.as_ref();
        if let Some(guarded) = self.guarded.get(&call.idx)
            && let Some(trip) = guards.and_then(|guards| guards.trip(guarded.instance, outcome))
        {
            // Not what is the matter now, but what was when the policy began to turn attempts away.
            return Cause {
                outcome,
                place: Place::At(step),
                ..trip
            };
        }
        let is_told = !matches!(
            outcome,
            Outcome::Timeout | Outcome::GaveUp | Outcome::Unfinished
        );
        let (place, starved_by, fault) = match &edge.link {
            Link::Publish(publish) => {
                let fault = self
                    .acting_on_channel(publish.channel, began)
                    .or_else(|| self.acting_on_link(call));
                (Place::Broker(step), None, fault)
            }
            Link::Call(_) if is_told => {
                let service = self.system.steps[step].service;
                let behind = match outcome {
                    Outcome::Overloaded | Outcome::Shed => {
                        self.behind(service, began.min(self.waiting_since(service)))
                    }
                    // Those inside are stuck somewhere behind the callee.
                    Outcome::BulkheadFull => self.behind(service, began),
                    _ => Behind {
                        starved_by: None,
                        fault: self.acting(began, Target::Service(service)),
                    },
                };
                let fault = behind.fault.or_else(|| self.acting_on_link(call));
                (Place::At(step), behind.starved_by, fault)
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
                Attempt::Message(message) => return self.at_sent(call, message, began),
                Attempt::InLine | Attempt::Admitted => {
                    let service = self.system.steps[step].service;
                    let behind = self.behind(service, began);
                    return (Place::Queued(step), behind.starved_by, behind.fault);
                }
                Attempt::Nothing => {
                    return (Place::OnTheWay(step), None, self.acting_on_link(call));
                }
                Attempt::Outlived => {
                    // Of what its hedges are waiting for, as it was itself.
                    return (Place::OnTheWay(step), None, self.acting_at(began, step));
                }
                Attempt::BackingOff => {
                    return (Place::BackingOff(step), None, self.acting_at(began, step));
                }
            }
        }
        let step = self.wiring.edges[self.calls[call].edge].to;
        (Place::At(step), None, self.acting_at(began, step))
    }

    /// Where a message is stuck whose sender waits for the broker's word, or for the consumer's reply.
    fn at_sent(
        &self,
        call: Ref,
        message: Ref,
        began: Time,
    ) -> (Place, Option<ServiceId>, Option<FaultId>) {
        let record = &self.calls[call];
        let place = Place::Broker(self.wiring.edges[record.edge].to);
        match self.messages.get(message) {
            None => (place, None, self.acting_on_link(call)),
            Some(sent) if sent.reply_to.is_some() => {
                let cause = self.at_message(message, Outcome::Timeout);
                (cause.place, cause.starved_by, cause.fault)
            }
            Some(sent) => {
                let on_link = self.acting_on_link(call);
                let on_channel = || self.acting_on_channel(sent.channel, began);
                (place, None, on_link.or_else(on_channel))
            }
        }
    }

    /// Where a job itself is stuck, and by whom.
    fn at_job(&self, job: Ref, began: Time) -> (Place, Option<ServiceId>, Option<FaultId>) {
        let record = &self.jobs[job];
        let step = record.step;
        let own = self.acting_at(began, step);
        match record.phase {
            Phase::Coming | Phase::Going => (Place::OnTheWay(step), None, own),
            Phase::Queued => {
                let service = self.system.steps[step].service;
                let line = &self.lines[record.station as usize];
                let behind = self.behind(service, began.min(line.since));
                (Place::Queued(step), behind.starved_by, behind.fault)
            }
            Phase::Serving => {
                // If its line has not been empty since it left it, what made it wait there is behind it too.
                let since = self.lines[self.stations[record.station as usize].line as usize].since;
                let waited = (since <= record.began).then_some(since);
                let fault = own.or_else(|| self.acting_at(waited?, step));
                (Place::Serving(step), None, fault)
            }
            Phase::Hanging | Phase::Frozen => (Place::Hanging(step), None, own),
            Phase::Sending | Phase::Waiting => match record.calls {
                Some(call) => self.at_call(call),
                None => (Place::At(step), None, own),
            },
        }
    }

    /// What is behind a queue at a service that has not been empty since some instant: the pool whose workers are short,
    /// if most workers here are held by callers that wait, and the first fault that hit the service or those it waits on
    /// since then. So a backlog is laid at the door of the fault that left it, also after the fault's end.
    fn behind(&self, service: ServiceId, since: Time) -> Behind {
        let mut first = self.first_window(since, Target::Service(service));
        let mut starved_by = None;
        let mut at = service;
        for _ in 0..DEPTH_MAX {
            let Some(next) = self.held_for(at).filter(|&next| next != at) else {
                break;
            };
            let theirs = self.first_window(since, Target::Service(next));
            first = [first, theirs].into_iter().flatten().min();
            let has_room = self.stations_of(next).iter().any(Station::has_room);
            if !has_room || starved_by.is_none() {
                starved_by = Some(next);
            }
            if has_room {
                break;
            }
            at = next;
        }
        let first = first.or_else(|| self.first_surge(since));
        Behind {
            starved_by,
            fault: first.map(|(_, fault)| fault),
        }
    }

    /// If most of a service's workers are held: the service that most of them wait on.
    fn held_for(&self, service: ServiceId) -> Option<ServiceId> {
        let stations = self.stations_of(service);
        let busy: u64 = stations.iter().map(|station| u64::from(station.busy)).sum();
        let held: u64 = stations.iter().map(|station| u64::from(station.held)).sum();
        if held <= busy {
            return None;
        }
        let mut held_for: Vec<(ServiceId, u32)> = Vec::new();
        for &edge in &self.services[service].edges {
            let callee = self.system.steps[self.wiring.edges[edge].to].service;
            let held = self.edges[edge].held;
            match held_for.iter_mut().find(|(other, _)| *other == callee) {
                Some((_, n)) => *n += held,
                None => held_for.push((callee, held)),
            }
        }
        let most = held_for.into_iter().max_by_key(|(_, n)| *n);
        most.map(|(service, _)| service)
    }

    fn stations_of(&self, service: ServiceId) -> &[Station] {
        &self.stations[self.services[service].stations()]
    }

    /// Since when somebody has been waiting for a worker of a service without a break; now, if nobody waits.
    fn waiting_since(&self, service: ServiceId) -> Time {
        let lines = &self.lines[self.services[service].stations()];
        let waiting = lines.iter().filter(|line| !line.waiting.is_empty());
        waiting.map(|line| line.since).min().unwrap_or(self.now())
    }

    fn acting_at(&self, began: Time, step: StepId) -> Option<FaultId> {
        self.acting(began, Target::Service(self.system.steps[step].service))
    }

    /// A fault that acts on a service now.
    pub(super) fn acting_on_service(&self, service: ServiceId) -> Option<FaultId> {
        self.acting(self.now(), Target::Service(service))
    }

    /// The first fault that hit a broker's queue for a step, or those who consume from it, since `began` or, if that is
    /// earlier, since something has been waiting there without a break.
    pub(super) fn acting_on_channel(&self, channel: ChannelId, began: Time) -> Option<FaultId> {
        let broker = self.wiring.channels[channel].broker;
        let state = &self.channels[channel];
        if let Some(fault) = self.acting(began, Target::Broker(broker)) {
            return Some(fault);
        }
        if state.queue.is_empty() {
            return None;
        }
        let since = began.min(state.waiting_since);
        let consumers = self.behind(state.service, since).fault;
        consumers.or_else(|| self.acting(since, Target::Broker(broker)))
    }

    /// The first fault on a target that acts now or has acted since `began`.
    fn acting(&self, began: Time, target: Target) -> Option<FaultId> {
        self.first_window(began, target).map(|(_, fault)| fault)
    }

    /// The first time that a fault has acted on a target since `began`: when it began to, and which.
    fn first_window(&self, began: Time, target: Target) -> Option<(Time, FaultId)> {
        let now = self.now();
        let faults = self.system.faults.enumerate();
        let hits = faults
            .filter(|(_, fault)| self.system.touches(fault, target))
            .filter_map(|(id, _)| {
                let windows = &self.faults.windows[id];
                let first = windows.partition_point(|window| window.end <= began);
                let start = windows.get(first)?.start;
                (start <= now).then_some((start, id))
            });
        hits.min()
    }

    /// The first time since `began` that a fault has sent more clients than usual.
    fn first_surge(&self, began: Time) -> Option<(Time, FaultId)> {
        let sources = self.system.sources.ids();
        sources
            .filter_map(|source| self.first_window(began, Target::Source(source)))
            .min()
    }

    /// The fault that has spoilt the message for a step since its flow run began.
    pub(super) fn poisoner_of(&self, run: Ref, step: StepId) -> Option<FaultId> {
        let channels = self.wiring.channels.iter();
        let channel = channels.into_iter().find(|channel| channel.to == step)?;
        let since = self.runs[run].start;
        let faults = self.system.faults.enumerate();
        let mut spoilers = faults.filter(|(_, fault)| {
            let is_it = |effect: &Effect| matches!(effect, Effect::Poison(_));
            fault.target == Target::Broker(channel.broker) && fault.effects.iter().any(is_it)
        });
        spoilers
            .find(|(id, _)| {
                self.faults.windows[*id]
                    .iter()
                    .any(|window| window.end > since)
            })
            .map(|(id, _)| id)
    }

    /// A fault on the link of a call, either way.
    fn acting_on_link(&self, call: Ref) -> Option<FaultId> {
        let record = &self.calls[call];
        let (from, to) = self.ends(record.edge);
        let began = record.began;
        let between = self.acting_between(began, from, to);
        between.or_else(|| match to {
            End::Service(service) => self.acting(began, Target::Service(service)),
            End::Broker(broker) => self.acting(began, Target::Broker(broker)),
            End::Source(_) => None,
        })
    }

    /// A fault on the link between two ends, either way.
    pub(super) fn acting_between(&self, began: Time, from: End, to: End) -> Option<FaultId> {
        let there = self.acting(began, Target::Link { from, to });
        there.or_else(|| self.acting(began, Target::Link { from: to, to: from }))
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
