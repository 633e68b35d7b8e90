//! Where the services' worker-time of the measured window went (A10), and how much of it nobody wanted (A35).

use super::waits::{Waits, WaitsSeen};
use crate::engine::{Boundary, WorkerTime};
use crate::kernel::ids::IdVec;
use crate::model::{ServiceId, System, UNLIMITED};
use serde::{Deserialize, Serialize};

/// One service's window.
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct ServiceSeen {
    /// Share of its worker-time spent working; `None` with unlimited workers.
    pub busy: Option<f64>,
    /// Share of its worker-time held waiting on callees; `None` with unlimited workers.
    pub held: Option<f64>,
    /// Instances that were there, in the mean, of a service that scales.
    pub instances: Option<f64>,
    /// How long it took until a worker began; `None` if none did.
    pub waits: Option<WaitsSeen>,
    /// Longest queue from the run's begin to the window's end.
    pub queue_max: u64,
}

/// The accounts at the edges of the window.
#[derive(Debug, Default)]
pub(super) struct Workers {
    opened: Option<Account>,
    closed: Option<Account>,
}

#[derive(Debug, Default)]
struct Account {
    services: Vec<WorkerTime>,
    wasted: u128,
}

impl Workers {
    /// An edge of the window is reached.
    pub(super) fn boundary(&mut self, edge: Boundary, services: &[WorkerTime], wasted: u128) {
        let account = Account {
            services: services.to_vec(),
            wasted,
        };
        match edge {
            Boundary::Opens => self.opened = Some(account),
            Boundary::Closes => self.closed = Some(account),
            Boundary::Ends => {}
        }
    }

    /// Per service, and the wasted share of all busy worker-time of the window (0 if nobody worked).
    ///
    /// Waste is charged when it is known, so it may belong to work just before the window; the share is kept to 1.
    #[must_use]
    pub(super) fn seen(
        self,
        system: &System,
        waits: &Waits,
    ) -> (IdVec<ServiceId, ServiceSeen>, f64) {
        let opened = self.opened.unwrap_or_default();
        let closed = self.closed.unwrap_or_default();
        let n = system.services.len();
        let none = WorkerTime::default();
        let span = |idx: usize, part: fn(&WorkerTime) -> u128| {
            let until = closed.services.get(idx).unwrap_or(&none);
            part(until).saturating_sub(part(opened.services.get(idx).unwrap_or(&none)))
        };
        let services = system.services.enumerate().map(|(id, service)| {
            let idx = id.0 as usize;
            let (busy, held) = (span(idx, |time| time.busy), span(idx, |time| time.held));
            let all = span(idx, WorkerTime::there);
            let limited = service.concurrency != UNLIMITED;
            ServiceSeen {
                busy: limited.then(|| share(busy, all)),
                held: limited.then(|| share(held, all)),
                instances: service.autoscale.map(|_| {
                    let one = u128::from(service.concurrency) * u128::from(system.plan.duration.0);
                    share(all, one)
                }),
                waits: waits.seen(id),
                queue_max: closed.services.get(idx).unwrap_or(&none).queue_max,
            }
        });
        let services = services.collect();
        let busy = (0..n).map(|idx| span(idx, |time| time.busy)).sum();
        let wasted = closed.wasted.saturating_sub(opened.wasted);
        (services, share(wasted, busy).min(1.0))
    }
}

#[expect(clippy::cast_precision_loss, reason = "reports need 15 digits at most")]
fn share(part: u128, whole: u128) -> f64 {
    if whole == 0 {
        0.0
    } else {
        part as f64 / whole as f64
    }
}
