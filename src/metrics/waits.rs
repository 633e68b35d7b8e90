//! How long calls and deliveries wait for a worker, per service: a wait ends when a worker begins, and may be none at all.

use super::recorder::{FINE, Recorder};
use crate::engine::Counted;
use crate::kernel::ids::IdVec;
use crate::kernel::time::Duration;
use crate::model::ServiceId;
use serde::{Deserialize, Serialize};

/// The waits of every service.
#[derive(Debug)]
pub(super) struct Waits(IdVec<ServiceId, Line>);

#[derive(Clone, Debug, Default)]
struct Line {
    /// Those that began, and of them those that had waited.
    n: u64,
    waits: Recorder<FINE>,
}

/// The waits of one service.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct WaitsSeen {
    /// Their mean, seconds; those without one count as 0.
    pub mean_s: f64,
    /// The share that waited at all, 0 to 1.
    pub share: f64,
    /// The median, seconds.
    pub p50_s: f64,
    /// The 99 % quantile, seconds.
    pub p99_s: f64,
}

impl Waits {
    /// Of so many services.
    pub(super) fn new(n: usize) -> Self {
        Self(IdVec::from_fn(n, |_| Line::default()))
    }

    /// A worker of a service begins.
    #[inline]
    pub(super) fn began(&mut self, service: ServiceId, counted: Counted, wait: Duration) {
        if counted == Counted::No {
            return;
        }
        let line = &mut self.0[service];
        line.n += 1;
        if !wait.is_zero() {
            line.waits.record(wait);
        }
    }

    /// What was seen at a service; `None` if no worker began.
    pub(super) fn seen(&self, service: ServiceId) -> Option<WaitsSeen> {
        let line = &self.0[service];
        let sample = line.waits.sample();
        #[expect(clippy::cast_precision_loss, reason = "counts far below 2^53")]
        let (n, waited) = (line.n as f64, sample.n() as f64);
        let quantile = |q: f64| {
            let rank = q * n - (n - waited);
            if rank <= 0.0 {
                return 0.0;
            }
            sample.quantile_s(rank / waited).unwrap_or(0.0)
        };
        (line.n > 0).then(|| WaitsSeen {
            mean_s: sample.mean_s().unwrap_or(0.0) * (waited / n),
            share: waited / n,
            p50_s: quantile(0.5),
            p99_s: quantile(0.99),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn those_who_did_not_wait_count_too() {
        let mut waits = Waits::new(2);
        let (one, other) = (ServiceId(0), ServiceId(1));
        for ms in [0, 0, 0, 0, 0, 0, 10, 20, 30, 40] {
            waits.began(one, Counted::Yes, Duration::from_millis(ms));
        }
        waits.began(one, Counted::No, Duration::from_secs(9));
        assert_eq!(waits.seen(other), None);
        let Some(seen) = waits.seen(one) else {
            panic!("a worker began");
        };
        let is_near = |a: f64, b: f64| (a - b).abs() < 1e-3 * b;
        assert!(
            is_near(seen.mean_s, 0.010) && is_near(seen.share, 0.4),
            "{seen:?}"
        );
        assert!(seen.p50_s < 1e-12 && is_near(seen.p99_s, 0.040), "{seen:?}");
    }
}
