//! Faults as they begin and end (A30): conditions of instances, brokers and links, and what changes with them.

use super::probe::{Doing, Probe};
use super::record::{Chore, NO_EVENT, Owner, Phase, Stand};
use super::slab::Ref;
use super::timetable::Switch;
use super::world::World;
use crate::faults::{Condition, Effect, Manner};
use crate::model::{BrokerId, ServiceId, Target, UNLIMITED, ZoneId};
use crate::policies::Outcome;

impl<P: Probe> World<'_, P> {
    /// A fault begins or ends.
    pub(super) fn switch(&mut self, idx: usize) {
        let switch = self.faults.switches[idx];
        let Switch { fault, begins, .. } = switch;
        let acted = std::mem::replace(&mut self.faults.acting[fault], begins.then_some(switch));
        if acted.is_some() != begins {
            self.probe.switched(fault, begins);
        }
        match self.system.faults[fault].target {
            Target::Service(service) => self.change_service(service),
            Target::Broker(broker) => self.change_broker(broker),
            Target::Link { .. } => self.change_links(),
            Target::Between { .. } => self.change_between(),
            Target::Zone(zone) => self.change_zone(zone),
            Target::Discovery => self.change_discovery(),
            Target::Source(_) => {}
        }
    }

    /// What the acting faults do to a target; `instance` counts only for services.
    pub(super) fn condition(&self, target: Target, instance: u32) -> Condition {
        let faults = self.system.faults.enumerate();
        let zone = match target {
            Target::Service(service) => self.system.services[service].zone_of(instance),
            Target::Broker(broker) => self.zone_of_broker(broker),
            _ => None,
        };
        let n = match target {
            Target::Service(service) => self.system.services[service].replicas,
            _ => 1,
        };
        let effects = faults.filter_map(|(id, fault)| {
            let switch = self.faults.acting[id]?;
            let hits = match fault.target {
                Target::Zone(of) => zone == Some(of),
                of => of == target && fault.hits(instance, n, switch.window),
            };
            hits.then_some((switch.strength, &fault.effects))
        });
        let effects = effects.flat_map(|(strength, effects)| {
            let now = move |effect: &Effect| match effect.at(strength) {
                Some(part) if strength < 1.0 => part,
                _ => *effect,
            };
            effects.iter().map(now)
        });
        effects.fold(Condition::SOUND, |condition, effect| {
            condition.with(&effect)
        })
    }

    /// Everything that stands in a zone.
    fn change_zone(&mut self, zone: ZoneId) {
        for (service, state) in self.system.services.enumerate() {
            if state.zones.contains(&zone) {
                self.change_service(service);
            }
        }
        for (broker, state) in self.system.brokers.enumerate() {
            if state.zones.contains(&zone) {
                self.change_broker(broker);
            }
        }
    }

    fn change_service(&mut self, service: ServiceId) {
        let n =
            u32::try_from(self.services[service].instances.len()).expect("a count of instances");
        let olds: Vec<Condition> = self.services[service]
            .instances
            .iter()
            .map(|instance| instance.condition)
            .collect();
        for instance in 0..n {
            let new = self.condition(Target::Service(service), instance);
            self.services[service].instances[instance as usize].condition = new;
        }
        for (instance, old) in (0..n).zip(olds) {
            self.change_instance(service, instance, old);
        }
        self.note_soundness(service);
        for channel in self.services[service].channels.clone() {
            self.membership(channel);
            self.deliver(channel);
        }
        self.conduct_on(service);
        for channel in self.services[service].keeps.clone() {
            self.deliver(channel);
        }
    }

    /// Is every instance of a service as it should be, and everything that comes to it?
    pub(super) fn note_soundness(&mut self, service: ServiceId) {
        let now = self.now();
        let has_leaks = !self.faults.leaks.is_empty();
        let state = &mut self.services[service];
        let mut instances = state.instances.iter();
        let are_sound = instances
            .all(|instance| instance.condition == Condition::SOUND && instance.warm_at <= now);
        state.is_sound = are_sound && !has_leaks;
    }

    /// Carries out what a new condition means for an instance.
    fn change_instance(&mut self, service: ServiceId, instance: u32, old: Condition) {
        let new = self.services[service].instances[instance as usize].condition;
        if new == old {
            return;
        }
        if let (Some(manner), None) = (new.down, old.down) {
            self.crash(service, instance, manner);
        }
        self.watch(service, instance);
        if new.down.is_some() != old.down.is_some() {
            self.copies_change(service, instance, new.down.is_some());
        }
        if old.down.is_some() && new.down.is_none() {
            self.warm_up(service, instance);
        }
        let is_stopped = new.down.is_some() || new.paused;
        self.change_workers(service, instance, new.capacity, is_stopped);
        let factor = new.times / old.times;
        for job in self.inside(service, instance) {
            let record = &self.jobs[job];
            let is_standing = record.phase == Phase::Serving && record.event == NO_EVENT;
            #[expect(clippy::float_cmp, reason = "an unchanged factor is exactly 1")]
            let is_changed = factor != 1.0 || is_standing != is_stopped;
            if record.phase == Phase::Serving && is_changed {
                self.reschedule(job, factor, is_stopped);
            }
        }
        if old.down == Some(Manner::Hang) && new.down != Some(Manner::Hang) {
            self.reconnect(service, instance);
        }
        if !is_stopped {
            self.thaw(service, instance);
        }
    }

    /// Sets how many workers of an instance may start, and whether any may.
    fn change_workers(
        &mut self,
        service: ServiceId,
        instance: u32,
        capacity: f64,
        is_stopped: bool,
    ) {
        let now = self.now();
        let n_pools = self.services[service].n_pools;
        let stands = self.services[service].instances[instance as usize].stands;
        let is_stopped = is_stopped || matches!(stands, Stand::Off | Stand::Starting);
        for pool in 0..n_pools {
            let station = self.station_of(service, instance, pool);
            self.stations[station as usize].alter(now, |state| {
                state.stopped = is_stopped;
                state.workers_now = match state.workers {
                    UNLIMITED => UNLIMITED,
                    #[expect(
                        clippy::cast_possible_truncation,
                        clippy::cast_sign_loss,
                        reason = "a share of a count of workers; a hair is added so that 0.29 × 100 stays 29"
                    )]
                    n => (f64::from(n) * capacity + 1e-9) as u32,
                };
            });
            self.list(station);
        }
    }

    /// Jobs inside an instance, in slot order.
    fn inside(&self, service: ServiceId, instance: u32) -> Vec<Ref> {
        let mut jobs = self.jobs.refs();
        jobs.retain(|&job| {
            let record = &self.jobs[job];
            record.instance == instance
                && self.system.steps[record.step].service == service
                && matches!(
                    record.phase,
                    Phase::Queued | Phase::Serving | Phase::Waiting | Phase::Frozen
                )
                && !matches!(record.owner, Owner::Rest(..) | Owner::Saga)
        });
        jobs
    }

    /// An instance goes down: what is inside is lost. Callers hear a reset, or nothing.
    fn crash(&mut self, service: ServiceId, instance: u32, manner: Manner) {
        let is_shared = self.is_shared(service);
        let all_down = self.services[service]
            .instances
            .iter()
            .all(|instance| instance.condition.down.is_some());
        let mut jobs: Vec<Ref> = if is_shared && all_down {
            let n = u32::try_from(self.services[service].instances.len())
                .expect("a count of instances");
            (0..n)
                .flat_map(|instance| self.inside(service, instance))
                .collect()
        } else {
            self.inside(service, instance)
        };
        if is_shared && !all_down {
            // The line belongs to all of them: the others work it off.
            jobs.retain(|&job| self.jobs[job].phase != Phase::Queued);
        }
        // Deliveries last, the newest message first: each goes back in front of the one after it.
        jobs.sort_by_key(|&job| match self.jobs[job].owner {
            Owner::Message(message, _) => (
                1,
                std::cmp::Reverse(
                    self.messages
                        .get(message)
                        .map_or(0, |message| message.number),
                ),
            ),
            _ => (0, std::cmp::Reverse(0)),
        });
        self.services[service].instances[instance as usize]
            .frozen
            .clear();
        self.empty_lines(service, instance, is_shared && !all_down);
        for job in jobs {
            self.lose(job, manner);
        }
    }

    fn empty_lines(&mut self, service: ServiceId, instance: u32, keeps: bool) {
        if keeps {
            return;
        }
        let first = if self.is_shared(service) { 0 } else { instance };
        for pool in 0..self.services[service].n_pools {
            let line = self.station_of(service, first, pool);
            self.lines[line as usize].waiting.clear();
        }
    }

    /// A job is lost with its instance.
    fn lose(&mut self, job: Ref, manner: Manner) {
        let record = &self.jobs[job];
        let is_working = record.phase == Phase::Serving && record.event != NO_EVENT;
        if is_working {
            self.stop_work(job);
        }
        self.part(job);
        self.withdraw_calls(job);
        self.leave_instance(job);
        if self.jobs[job].withdrawn {
            return self.discard(job);
        }
        self.trace_finished(job, Outcome::Reset);
        let owner = self.jobs[job].owner;
        match (owner, manner) {
            (Owner::Call(call), Manner::Refuse) => self.respond(job, call, Outcome::Reset),
            (Owner::Call(call), Manner::Hang) if self.waits_for(call, job) => {
                let record = &mut self.jobs[job];
                record.phase = Phase::Hanging;
                record.event = NO_EVENT;
                self.job_does(job, Doing::StandsStill);
            }
            (Owner::Message(message, channel), Manner::Refuse) => {
                self.delivery_lost(job, message, channel);
            }
            (Owner::Message(message, channel), Manner::Hang) => self.strand(job, message, channel),
            _ => self.discard(job),
        }
    }

    /// A frozen instance goes on with what came back meanwhile.
    fn thaw(&mut self, service: ServiceId, instance: u32) {
        let frozen =
            std::mem::take(&mut self.services[service].instances[instance as usize].frozen);
        for job in frozen {
            if self
                .jobs
                .get(job)
                .is_none_or(|record| record.phase != Phase::Frozen)
            {
                continue;
            }
            self.jobs[job].phase = Phase::Waiting;
            self.job_does(job, Doing::Nothing);
            if self.jobs[job].withdrawn {
                self.withdraw_calls(job);
                self.leave_instance(job);
                self.discard(job);
            } else {
                self.go_on(job);
            }
        }
    }

    /// A broker whose zone is lost moves to the next one that is not, if there is any: it is frozen until it works there, and
    /// loses nothing.
    fn move_broker(&mut self, broker: BrokerId) {
        let zones = &self.system.brokers[broker].zones;
        let is_lost = |zone: ZoneId| {
            let faults = self.system.faults.enumerate();
            let mut acting = faults.filter(|(id, fault)| {
                self.faults.acting[*id].is_some() && fault.target == Target::Zone(zone)
            });
            let stops = |effect: &Effect| matches!(effect, Effect::Down(_) | Effect::Pause);
            acting.any(|(_, fault)| fault.effects.iter().any(stops))
        };
        let here = self.brokers[broker].zone;
        if zones.len() < 2 || !is_lost(zones[here]) {
            return;
        }
        let mut others = (1..zones.len()).map(|k| (here + k) % zones.len());
        let Some(next) = others.find(|&zone| !is_lost(zones[zone])) else {
            return;
        };
        let until = self.now() + self.system.brokers[broker].failover;
        let state = &mut self.brokers[broker];
        state.zone = next;
        state.moving_until = until;
        self.at(until, Chore::Moved(broker));
    }

    /// What acts on a broker may have changed.
    pub(super) fn change_broker(&mut self, broker: BrokerId) {
        self.move_broker(broker);
        let old = self.brokers[broker].condition;
        let mut new = self.condition(Target::Broker(broker), 0);
        new.paused |= self.now() < self.brokers[broker].moving_until;
        self.brokers[broker].condition = new;
        self.brokers[broker].is_sound = new == Condition::SOUND;
        if let (Some(manner), None) = (new.down, old.down) {
            self.crash_broker(broker, manner);
        }
        if new.down.is_none() && !new.paused {
            self.resume_broker(broker);
        }
    }
}
