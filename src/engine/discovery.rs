//! Health checks look, and callers learn what they have found (A12); what both know is in `view`. The checks run all the time;
//! here only those count that find something new, so nothing is scheduled as long as nothing changes.
//!
//! ```text
//!   an instance changes ──► look (its next tick) ──► found (at once, or after the timeout) ──► held in or out
//!                             ▲────── not settled ──────┘                                        └──► refresh: callers know
//! ```

use super::probe::Probe;
use super::record::Chore;
use super::world::World;
use crate::faults::Manner;
use crate::kernel::time::Duration;
use crate::model::{ServiceId, Target};
use crate::policies::discovery::next_tick;

impl<P: Probe> World<'_, P> {
    /// Would a look find the instance up, and how long would it take to find out otherwise?
    fn would_find(&self, service: ServiceId, instance: u32, timeout: Duration) -> (bool, Duration) {
        let condition = &self.services[service].instances[instance as usize].condition;
        match condition.down {
            Some(Manner::Refuse) => (false, Duration::ZERO),
            Some(Manner::Hang) => (false, timeout),
            None if condition.paused => (false, timeout),
            None => (true, Duration::ZERO),
        }
    }

    /// An instance may have changed: the next look at it counts.
    pub(super) fn watch(&mut self, service: ServiceId, instance: u32) {
        let now = self.now();
        let Some(view) = self.services[service].view.as_deref() else {
            return;
        };
        let interval = view.law.health.interval;
        let (is_up, _) = self.would_find(service, instance, Duration::ZERO);
        let Some(view) = self.services[service].view.as_deref_mut() else {
            return;
        };
        let check = &mut view.checks[instance as usize];
        if !check.is_due && !check.checker.is_settled(is_up) {
            check.is_due = true;
            let next = next_tick(check.phase, interval, now);
            self.at(next, Chore::Look(service, instance));
        }
    }

    /// A health check looks at an instance.
    pub(super) fn look_at(&mut self, service: ServiceId, instance: u32) {
        let Some(view) = self.services[service].view.as_deref() else {
            return;
        };
        let (is_up, takes) = self.would_find(service, instance, view.law.health.timeout);
        let found = Chore::Found {
            service,
            instance,
            is_up,
        };
        self.at(self.now() + takes, found);
    }

    /// What a look has found is told.
    pub(super) fn found(&mut self, service: ServiceId, instance: u32, is_up: bool) {
        let now = self.now();
        let Some(view) = self.services[service].view.as_deref_mut() else {
            return;
        };
        let check = &mut view.checks[instance as usize];
        check.is_due = false;
        let changes = check.checker.looked(is_up);
        if changes && !view.is_refresh_due {
            view.is_refresh_due = true;
            let at = match view.law.refresh {
                Duration::ZERO => now,
                period => next_tick(view.phase, period, now),
            };
            self.at(at, Chore::Refresh(service));
        }
        self.watch(service, instance);
    }

    /// Callers of a service learn which instances are held to be up, unless what they know is frozen.
    pub(super) fn refresh(&mut self, service: ServiceId) {
        let condition = self.condition(Target::Discovery, 0);
        if let Some(view) = self.services[service].view.as_deref_mut() {
            view.is_refresh_due = false;
            if condition.down.is_none() && !condition.paused {
                view.learn();
            }
        }
    }

    /// What callers know may no longer be frozen.
    pub(super) fn change_discovery(&mut self) {
        for service in self.services.ids() {
            self.refresh(service);
        }
    }
}
