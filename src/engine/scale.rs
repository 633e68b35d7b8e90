//! Instances that come and go (A15): started, warm after a while, drained before they end.
//!
//! ```text
//!   Off ──► Starting ──(start-up)──► Serving ──► Draining ──(nothing inside)──► Off
//! ```

use super::probe::Probe;
use super::record::{Chore, Stand};
use super::world::World;
use crate::kernel::time::{Duration, Time};
use crate::model::ServiceId;

#[expect(clippy::cast_precision_loss, reason = "a count of instances")]
const fn float(n: usize) -> f64 {
    n as f64
}

impl<P: Probe> World<'_, P> {
    /// The first decision of each autoscaler.
    pub(super) fn await_scalers(&mut self) {
        for service in self.services.ids() {
            if let Some(scaling) = self.services[service].scaling.as_deref() {
                let first = Time::ZERO + scaling.law.interval;
                self.at(first, Chore::Scale(service));
            }
        }
    }

    /// A service's autoscaler decides.
    pub(super) fn scale(&mut self, service: ServiceId) {
        let now = self.now();
        let spent = self.worker_time(service);
        let stands = self.services[service].instances.iter();
        let count = |stand| stands.clone().filter(|one| one.stands == stand).count();
        let (serving, starting) = (count(Stand::Serving), count(Stand::Starting));
        let Some(scaling) = self.services[service].scaling.as_deref_mut() else {
            return;
        };
        let busy = spent.busy - scaling.seen;
        scaling.seen = spent.busy;
        // Of those that serve now: whoever has just come had nothing to do before.
        let workers = f64::from(self.system.services[service].concurrency) * float(serving);
        let most = workers * scaling.law.interval.as_secs_f64() * 1e9;
        #[expect(clippy::cast_precision_loss, reason = "a share")]
        let share = if most > 0.0 { busy as f64 / most } else { 0.0 };
        let number = |n: usize| u32::try_from(n).expect("a count of instances");
        let all = number(serving + starting);
        let wanted = scaling.scaler.decide(now, share, number(serving), all);
        let next = now + scaling.law.interval;
        self.at(next, Chore::Scale(service));
        self.end_drained(service);
        if wanted > all {
            self.start_instances(service, wanted - all);
        } else if wanted < all {
            self.drain_instances(service, (all - wanted).min(number(serving)));
        }
    }

    /// What has been drained ends.
    fn end_drained(&mut self, service: ServiceId) {
        for instance in self.numbers(service) {
            let state = &self.services[service].instances[instance as usize];
            if state.stands == Stand::Draining && state.inside == 0 {
                self.stand(service, instance, Stand::Off);
            }
        }
    }

    fn numbers(&self, service: ServiceId) -> std::ops::Range<u32> {
        let n = self.services[service].instances.len();
        0..u32::try_from(n).expect("a count of instances")
    }

    /// So many more instances: those that were being drained at once, others after their start-up.
    fn start_instances(&mut self, service: ServiceId, n: u32) {
        let stands = |world: &Self, instance: u32| {
            world.services[service].instances[instance as usize].stands
        };
        let numbers = self.numbers(service);
        let draining = numbers
            .clone()
            .filter(|&k| stands(self, k) == Stand::Draining);
        let off = numbers.filter(|&k| stands(self, k) == Stand::Off);
        let chosen: Vec<u32> = draining.chain(off).take(n as usize).collect();
        for instance in chosen {
            if stands(self, instance) == Stand::Draining {
                self.stand(service, instance, Stand::Serving);
            } else {
                self.stand(service, instance, Stand::Starting);
                let start_up = self.services[service]
                    .scaling
                    .as_deref()
                    .map_or(Duration::ZERO, |scaling| scaling.law.start_up);
                let at = self.now() + start_up;
                self.at(at, Chore::Started(service, instance));
            }
        }
    }

    /// So many fewer: the last ones.
    fn drain_instances(&mut self, service: ServiceId, n: u32) {
        let serving = self
            .numbers(service)
            .rev()
            .filter(|&k| self.services[service].instances[k as usize].stands == Stand::Serving);
        let chosen: Vec<u32> = serving.take(n as usize).collect();
        for instance in chosen {
            self.stand(service, instance, Stand::Draining);
        }
    }

    /// An instance has started: it takes work, and warms up.
    pub(super) fn started(&mut self, service: ServiceId, instance: u32) {
        self.copies_change(service, instance, true);
        self.copies_change(service, instance, false);
        self.stand(service, instance, Stand::Serving);
        self.warm_up(service, instance);
        if let Some(view) = self.services[service].view.as_deref_mut() {
            view.is_new(instance);
            self.refresh(service);
            self.watch(service, instance);
        }
    }

    /// An instance stands otherwise from now on.
    fn stand(&mut self, service: ServiceId, instance: u32, stands: Stand) {
        let now = self.now();
        let state = &mut self.services[service];
        let is_there = matches!(stands, Stand::Serving | Stand::Draining);
        let one = &mut state.instances[instance as usize];
        one.stands = stands;
        let is_stopped = one.condition.down.is_some() || one.condition.paused;
        let open = (0..).zip(&state.instances);
        let open: Vec<u32> = open
            .filter(|(_, one)| one.stands == Stand::Serving)
            .map(|(k, _)| k)
            .collect();
        if let Some(scaling) = state.scaling.as_deref_mut() {
            scaling.open = open;
        }
        for pool in 0..state.n_pools {
            let station = self.station_of(service, instance, pool);
            self.stations[station as usize].alter(now, |station| {
                station.is_off = !is_there;
                station.stopped = is_stopped || !is_there;
            });
            self.list(station);
        }
        for channel in self.services[service].channels.clone() {
            self.membership(channel);
            self.deliver(channel);
        }
    }

    /// An instance that has just come up is slow for a while.
    pub(super) fn warm_up(&mut self, service: ServiceId, instance: u32) {
        let Some(law) = self.system.services[service].warm_up else {
            return;
        };
        let until = self.now() + law.lasts;
        let state = &mut self.services[service];
        state.instances[instance as usize].warm_at = until;
        state.is_sound = false;
        self.at(until, Chore::Warm(service));
    }
}
