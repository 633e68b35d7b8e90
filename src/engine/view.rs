//! What callers know of a service's instances (A12). Health checks run all the time; here only those count that find
//! something new, so nothing is scheduled as long as nothing changes.
//!
//! ```text
//!   an instance changes ──► look (its next tick) ──► found (at once, or after the timeout) ──► held in or out
//!                             ▲────── not settled ──────┘                                        └──► refresh: callers know
//! ```

use super::chore::Chore;
use super::probe::Probe;
use super::world::World;
use crate::faults::Manner;
use crate::kernel::chance::{Purpose, Stream};
use crate::kernel::time::Duration;
use crate::model::{ServiceId, System, Target};
use crate::policies::discovery::{Checker, Discovery, next_tick};

/// What callers know of one service, and how they come to know.
#[derive(Clone, Debug)]
pub(super) struct View {
    law: Discovery,
    checks: Vec<Check>,
    /// When callers ask: the first time.
    phase: Duration,
    is_refresh_due: bool,
    /// The instances that callers send to; `None` for all.
    known: Option<Vec<u32>>,
}

/// The health check of one instance.
#[derive(Clone, Copy, Debug)]
struct Check {
    checker: Checker,
    /// When it looks: the first time.
    phase: Duration,
    /// Is there a look to come, or on its way?
    is_due: bool,
}

impl View {
    /// Of a service in a replication, where it has any. The ticks of each instance begin at an instant by chance: the same in
    /// every variant (A4).
    pub(super) fn new(system: &System, service: ServiceId, replication: u32) -> Option<Box<Self>> {
        let law = system.services[service].discovery?;
        let key = system.services[service].key;
        let stream = Stream::new(system.plan.seed, replication, Purpose::Health, key);
        let part_of = |period: Duration, who: u64| {
            let seconds = period.as_secs_f64() * stream.draw(who << 8).uniform();
            Duration::from_secs_f64(seconds)
        };
        let checks = (0..system.services[service].replicas).map(|instance| Check {
            checker: Checker::new(law.health),
            phase: part_of(law.health.interval, u64::from(instance) + 1),
            is_due: false,
        });
        Some(Box::new(Self {
            law,
            checks: checks.collect(),
            phase: part_of(law.refresh, 0),
            is_refresh_due: false,
            known: None,
        }))
    }

    /// The instances that callers send to; `None` for all.
    pub(super) fn known(&self) -> Option<&[u32]> {
        self.known.as_deref()
    }

    /// An instance has just come up: it is not on the list until it has been looked at.
    pub(super) fn is_new(&mut self, instance: u32) {
        let law = self.law.health;
        self.checks[instance as usize].checker = Checker::of_new(law);
    }

    /// Callers learn what the checks hold.
    fn learn(&mut self) {
        let held = (0..).zip(&self.checks);
        let up: Vec<u32> = held
            .filter(|(_, check)| check.checker.is_in())
            .map(|(instance, _)| instance)
            .collect();
        #[expect(clippy::cast_precision_loss, reason = "counts of instances")]
        let share = up.len() as f64 / self.checks.len() as f64;
        let is_all = up.len() == self.checks.len();
        let fails_open = up.is_empty() || share < self.law.panic_below;
        self.known = (!is_all && !fails_open).then_some(up);
    }
}

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
