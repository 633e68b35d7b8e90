//! The autoscaler of a service, as a value: who is open to callers, and what it has seen.

use crate::kernel::time::Duration;
use crate::model::{ServiceId, System};
use crate::policies::autoscale::Scaler;

/// The autoscaler of a service.
#[derive(Clone, Debug)]
pub(super) struct Scaling {
    pub(super) scaler: Scaler,
    pub(super) interval: Duration,
    pub(super) start_up: Duration,
    /// Busy worker-time until the last decision, nanoseconds.
    pub(super) seen: u128,
    /// The instances that callers may send to, before discovery.
    pub(super) open: Vec<u32>,
}

impl Scaling {
    /// Of a service that scales.
    pub(super) fn new(system: &System, service: ServiceId) -> Option<Box<Self>> {
        let law = system.services[service].autoscale?;
        Some(Box::new(Self {
            scaler: Scaler::new(law),
            interval: law.interval,
            start_up: law.start_up,
            seen: 0,
            open: (0..law.initial).collect(),
        }))
    }

    /// The instances that callers may send to.
    pub(super) fn open(&self) -> &[u32] {
        &self.open
    }
}
