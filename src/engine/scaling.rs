//! The autoscaler of a service, as a value: who is open to callers, and what it has seen.

use crate::model::{ServiceId, System};
use crate::policies::autoscale::{Autoscale, Scaler};

/// The autoscaler of a service.
#[derive(Clone, Debug)]
pub(super) struct Scaling {
    pub(super) scaler: Scaler,
    pub(super) law: Autoscale,
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
            law,
            seen: 0,
            open: (0..law.initial).collect(),
        }))
    }
}
