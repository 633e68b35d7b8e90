//! What callers know of a service's instances, as a value (A12); what becomes of it is in `discovery`.

use crate::kernel::chance::{Purpose, Stream};
use crate::kernel::time::Duration;
use crate::model::{ServiceId, System};
use crate::policies::discovery::{Checker, Discovery};

/// What callers know of one service, and how they come to know.
#[derive(Clone, Debug)]
pub(super) struct View {
    pub(super) law: Discovery,
    pub(super) checks: Vec<Check>,
    /// When callers ask: the first time.
    pub(super) phase: Duration,
    pub(super) is_refresh_due: bool,
    /// The instances that callers send to; `None` for all.
    pub(super) known: Option<Vec<u32>>,
}

/// The health check of one instance.
#[derive(Clone, Copy, Debug)]
pub(super) struct Check {
    pub(super) checker: Checker,
    /// When it looks: the first time.
    pub(super) phase: Duration,
    /// Is there a look to come, or on its way?
    pub(super) is_due: bool,
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
    pub(super) fn learn(&mut self) {
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
