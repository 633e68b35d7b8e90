//! Spans of the run's clock: the measured window, or the part of it that an SLO line speaks of.

use crate::kernel::time::{Duration, Time};
use crate::model::{Fault, Scope, System, Window};

/// Disjoint half-open spans in order.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Spans(Vec<Window>);

impl Spans {
    /// The whole measured window.
    #[must_use]
    pub(super) fn whole(system: &System) -> Self {
        Self::between(system.plan.opens(), system.plan.closes())
    }

    /// From one instant to another.
    #[must_use]
    pub(super) fn between(start: Time, end: Time) -> Self {
        Self(vec![Window { start, end }])
    }

    /// The part of the measured window that `scope` means. After a fault that never acted is the whole window.
    #[must_use]
    pub(super) fn of(scope: Scope, system: &System) -> Self {
        let (opens, closes) = (system.plan.opens(), system.plan.closes());
        let clip = |windows: Vec<Window>| {
            let clipped = windows.into_iter().map(|window| Window {
                start: window.start.max(opens),
                end: window.end.min(closes),
            });
            Self(clipped.filter(|window| window.start < window.end).collect())
        };
        match scope {
            Scope::Whole => Self::whole(system),
            Scope::During(fault) => clip(system.faults[fault].windows.clone()),
            Scope::After(fault) => clip(vec![Window {
                start: last_end(&system.faults[fault]).unwrap_or(opens),
                end: closes,
            }]),
            Scope::Outside(fault) => {
                let mut free = opens;
                let mut gaps = Vec::new();
                for window in &system.faults[fault].windows {
                    gaps.push(Window {
                        start: free,
                        end: window.start,
                    });
                    free = free.max(window.end);
                }
                gaps.push(Window {
                    start: free,
                    end: closes,
                });
                clip(gaps)
            }
        }
    }

    /// Is `time` in one of the spans?
    #[inline]
    #[must_use]
    pub(super) fn contains(&self, time: Time) -> bool {
        self.0
            .iter()
            .any(|window| window.start <= time && time < window.end)
    }

    /// How much of the time between two instants lies in the spans.
    #[inline]
    #[must_use]
    pub(super) fn overlap(&self, from: Time, to: Time) -> Duration {
        self.0.iter().fold(Duration::ZERO, |sum, window| {
            sum + window.end.min(to).since(window.start.max(from))
        })
    }

    /// Their length in all, seconds.
    #[must_use]
    pub(super) fn seconds(&self) -> f64 {
        self.overlap(Time::ZERO, Time::NEVER).as_secs_f64()
    }
}

/// The end of a fault's last window.
#[must_use]
pub(super) fn last_end(fault: &Fault) -> Option<Time> {
    fault.windows.last().map(|window| window.end)
}
