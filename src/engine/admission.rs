//! Admission (A12, A13): which instance, is it up, is there a place; a job that may not come in learns so, or nobody does.

use super::draws::{happens, losses};
use super::probe::{Doing, Probe};
use super::record::{Owner, Phase};
use super::slab::Ref;
use super::world::{Instance, World};
use crate::faults::{Manner, either};
use crate::kernel::time::{Duration, Time};
use crate::model::{ServiceId, UNLIMITED};
use crate::policies::Outcome;
use crate::policies::rate_limit::TokenBucket;
use crate::policies::shed::ShedBy;

impl<P: Probe> World<'_, P> {
    /// A job reaches its service: it is refused, swallowed, or waits for a worker.
    pub(super) fn admit(&mut self, job: Ref) {
        self.enter(job, false);
    }

    /// The same, as the last thing that its event does: with a free worker, nobody before it and nothing else to follow in
    /// this instant, it starts without having stood in line.
    pub(super) fn admit_last(&mut self, job: Ref) {
        let is_last = self.listed.is_empty() && self.immediate.is_empty();
        self.enter(job, is_last);
    }

    fn enter(&mut self, job: Ref, is_last: bool) {
        let record = &self.jobs[job];
        if record.withdrawn {
            return self.discard(job);
        }
        let service = self.steps[record.step].service;
        let (pool, is_call) = match record.owner {
            Owner::Message(_, channel) => (self.channels[channel].pool, false),
            Owner::Call(_) => (0, true),
            Owner::Rest(..) | Owner::Saga => (0, false),
        };
        let state = &self.services[service];
        let instance = if is_call && state.instances.len() > 1 {
            let instance = self.balance(service, job);
            self.jobs[job].instance = instance;
            instance
        } else {
            record.instance
        };
        if !self.services[service].is_sound {
            if !self.may_enter(job, service, instance) {
                return;
            }
            if is_call && self.is_choked(service, instance) {
                return self.turn_away(job, Outcome::Throttled);
            }
        }
        if is_call && self.is_throttled(service) {
            return self.turn_away(job, Outcome::Throttled);
        }
        let line = self.line_of(service, instance, pool);
        let is_bounded = self.lines[line as usize].capacity != UNLIMITED;
        if is_call
            && is_bounded
            && self.lines[line as usize].is_full(self.n_free(service, instance, pool))
        {
            return self.turn_away(job, Outcome::Overloaded);
        }
        if self.lines[line as usize].sheds
            && is_call
            && self.is_shed(job, service, line, (instance, pool))
        {
            return self.turn_away(job, Outcome::Shed);
        }
        let now = self.calendar.now();
        let state = &mut self.services[service];
        state.instances[instance as usize].inside += 1;
        let is_shared = state.is_shared;
        let has_room = !is_shared && self.stations[line as usize].has_room();
        let is_first = self.lines[line as usize].waiting.is_empty();
        if is_last && has_room && is_first && (is_call || self.is_wanted(job)) {
            self.lines[line as usize].passed();
            return self.start(job, line, instance);
        }
        self.stand_in(line, job, now);
        if has_room {
            self.list(line);
        } else if is_shared && let Some(station) = self.room(service, pool) {
            self.list(station);
        }
    }

    /// A job takes its place in a line.
    fn stand_in(&mut self, line: u32, job: Ref, now: Time) {
        self.job_does(job, Doing::Queued);
        let record = &mut self.jobs[job];
        record.phase = Phase::Queued;
        record.station = line;
        record.began = now;
        let step = record.step;
        let (jobs, steps) = (&self.jobs, &self.system.steps);
        let is_before = |other: u32| {
            let other = jobs.at(other).expect("a job in a line is alive");
            steps[jobs[other].step].priority >= steps[step].priority
        };
        self.lines[line as usize].push(job.idx, now, is_before);
    }

    /// Does a service turn away a call that it has room for?
    fn is_shed(&self, job: Ref, service: ServiceId, line: u32, pool: (u32, u32)) -> bool {
        self.is_one_too_many(service, line)
            || self.is_shed_by_chance(job, service)
            || self.is_reserved(job, service, pool)
    }

    /// Does a service turn away who finds so many waiting?
    fn is_one_too_many(&self, service: ServiceId, line: u32) -> bool {
        let shed = self.system.services[service].shed;
        let n = self.lines[line as usize].waiting.len();
        shed.is_some_and(|shed| shed.is_too_many(n))
    }

    /// Does chance turn a call away? Flow runs meet the same chance wherever it decides about them.
    fn is_shed_by_chance(&self, job: Ref, service: ServiceId) -> bool {
        let Some(shed) = self.system.services[service].shed else {
            return false;
        };
        let record = &self.jobs[job];
        happens(shed.share, || match shed.by {
            ShedBy::Call => self.draws.at(record.draws).shed.draw(record.who),
            ShedBy::FlowRun => {
                let entry = self.system.flows[self.runs[record.run].flow].entry;
                let stream = self.draws_of(record.run, entry).shed;
                stream.draw(self.who(record.run, 0))
            }
        })
    }

    /// Are the workers that are free there reserved for others?
    fn is_reserved(&self, job: Ref, service: ServiceId, (instance, pool): (u32, u32)) -> bool {
        let rank = self.system.steps[self.jobs[job].step].priority;
        let shed = self.system.services[service].shed;
        shed.is_some_and(|shed| shed.is_reserved(rank, self.n_free(service, instance, pool)))
    }

    /// Has a call, which a worker has reached, waited for too long?
    pub(super) fn is_too_late(&self, job: Ref) -> bool {
        let record = &self.jobs[job];
        let service = self.steps[record.step].service;
        let Some(shed) = &self.system.services[service].shed else {
            return false;
        };
        let since = self.lines[record.station as usize].since;
        let Owner::Call(call) = record.owner else {
            return false;
        };
        let left = || self.time_left_for(call, job);
        shed.is_too_old(record.began, since, self.now())
            || shed.time_left.is_some_and(|least| left() <= least)
    }

    /// How long whoever has made a call will still wait for a job; nothing, if no longer.
    fn time_left_for(&self, call: Ref, job: Ref) -> Duration {
        if !self.waits_for(call, job) {
            return Duration::ZERO;
        }
        self.attempt_ends(&self.calls[call]).since(self.now())
    }

    /// Does the service's rate limit turn one more call away (A13)?
    fn is_throttled(&mut self, service: ServiceId) -> bool {
        let Some(limit) = self.system.services[service].rate_limit else {
            return false;
        };
        let now = self.calendar.now();
        !limit.admits(&mut self.services[service].passed, now)
    }

    /// Does a fault that throttles the service turn one more call away?
    fn is_choked(&mut self, service: ServiceId, instance: u32) -> bool {
        let now = self.calendar.now();
        let state = &mut self.services[service];
        let rate = state.instances[instance as usize].condition.throttle;
        rate.is_some_and(|rate| !TokenBucket::new(rate).admits(&mut state.throttled_at, now))
    }

    /// Does an instance with faults let a job in? If not, its fate is settled here.
    fn may_enter(&mut self, job: Ref, service: ServiceId, instance: u32) -> bool {
        match self.entrance(service, instance) {
            Some(Manner::Refuse) => {
                self.turn_away(job, Outcome::Refused);
                return false;
            }
            Some(Manner::Hang) => {
                self.swallow(job);
                return false;
            }
            None => {}
        }
        let own = self.services[service].instances[instance as usize]
            .condition
            .drop;
        let on_the_way = match self.jobs[job].owner {
            Owner::Call(call) if !self.faults.leaks.is_empty() => {
                self.loss_to(call, service, instance)
            }
            _ => 0.0,
        };
        let drop = either(own, on_the_way);
        drop <= 0.0 || !self.lose_on_arrival(job, drop)
    }

    /// The line of an instance's pool: every instance's own, or the first one's for all.
    #[inline]
    pub(super) fn line_of(&self, service: ServiceId, instance: u32, pool: u32) -> u32 {
        let instance = if self.is_shared(service) { 0 } else { instance };
        self.station_of(service, instance, pool)
    }

    #[inline]
    pub(super) fn station_of(&self, service: ServiceId, instance: u32, pool: u32) -> u32 {
        let state = &self.services[service];
        state.first_station + instance * state.n_pools + pool
    }

    #[inline]
    pub(super) fn is_shared(&self, service: ServiceId) -> bool {
        self.services[service].is_shared
    }

    /// One of the stations that serve a shared line that could start a job now.
    fn room(&self, service: ServiceId, pool: u32) -> Option<u32> {
        let n =
            u32::try_from(self.services[service].instances.len()).expect("a count of instances");
        let mut stations = (0..n).map(|instance| self.station_of(service, instance, pool));
        stations.find(|&station| self.stations[station as usize].has_room())
    }

    /// Workers that could start a job now, as many as serve the line.
    fn n_free(&self, service: ServiceId, instance: u32, pool: u32) -> u64 {
        if self.is_shared(service) {
            let n = u32::try_from(self.services[service].instances.len())
                .expect("a count of instances");
            (0..n)
                .map(|instance| {
                    self.stations[self.station_of(service, instance, pool) as usize].n_free()
                })
                .sum()
        } else {
            self.stations[self.station_of(service, instance, pool) as usize].n_free()
        }
    }

    /// Is an instance of the service up, and not frozen?
    pub(super) fn is_at_work(&self, service: ServiceId) -> bool {
        let is_up =
            |instance: &Instance| instance.condition.down.is_none() && !instance.condition.paused;
        self.services[service].instances.iter().any(is_up)
    }

    /// Is the way into an instance shut? A shared line is shut only when every instance is down.
    fn entrance(&self, service: ServiceId, instance: u32) -> Option<Manner> {
        let instances = &self.services[service].instances;
        if !self.is_shared(service) {
            return instances[instance as usize].condition.down;
        }
        let mut found = None;
        for instance in instances {
            match instance.condition.down {
                None => return None,
                Some(Manner::Hang) => found = Some(Manner::Hang),
                Some(Manner::Refuse) => found = found.or(Some(Manner::Refuse)),
            }
        }
        found
    }

    /// The service says no.
    pub(super) fn turn_away(&mut self, job: Ref, outcome: Outcome) {
        self.trace_finished(job, outcome);
        match self.jobs[job].owner {
            Owner::Call(call) => self.respond(job, call, outcome),
            Owner::Message(message, channel) => self.delivery_lost(job, message, channel),
            Owner::Rest(..) | Owner::Saga => {
                unreachable!("what is at no station comes to none")
            }
        }
    }

    /// An instance that hangs takes the job and never answers.
    fn swallow(&mut self, job: Ref) {
        match self.jobs[job].owner {
            Owner::Call(call) if self.waits_for(call, job) => {
                self.jobs[job].phase = Phase::Hanging;
                self.job_does(job, Doing::StandsStill);
            }
            Owner::Message(message, channel) => self.strand(job, message, channel),
            _ => self.discard(job),
        }
    }

    /// A fault on the service, or between zones, loses what is sent to it: nobody hears of it.
    fn lose_on_arrival(&mut self, job: Ref, drop: f64) -> bool {
        let record = &self.jobs[job];
        let (run, step, lineage) = (record.run, record.step, record.lineage);
        let source = self.runs[run].source;
        let is_lost = happens(drop, || {
            self.draws
                .of(source, step)
                .drop
                .draw(self.who(run, lineage) + losses::ARRIVAL)
        });
        if is_lost {
            match self.jobs[job].owner {
                Owner::Call(call) => {
                    self.forget_job(call, job);
                    self.discard(job);
                }
                Owner::Message(message, channel) => self.strand(job, message, channel),
                Owner::Rest(..) | Owner::Saga => {}
            }
        }
        is_lost
    }
}
