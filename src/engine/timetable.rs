//! When faults begin and end.

use crate::kernel::time::{Duration, Time};
use crate::model::{FaultId, System, Window};

/// A fault begins, grows or ends at an instant.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Switch {
    pub(super) at: Time,
    pub(super) fault: FaultId,
    pub(super) begins: bool,
    /// Which of its windows.
    pub(super) window: u32,
    /// How much of its effect there is from now on, 0 to 1.
    pub(super) strength: f64,
}

/// A fault that grows does so in so many steps, each half a step below and above the straight line.
const RAMP_STEPS: u32 = 20;

/// When a window's strength changes, from its begin on: an instant, and the strength from there.
fn strengths(window: &Window, ramp: Duration) -> Vec<(Time, f64)> {
    if ramp.is_zero() {
        return vec![(window.start, 1.0)];
    }
    let step = |k: u32| {
        let at = window.start + Duration(ramp.0 / u64::from(RAMP_STEPS) * u64::from(k));
        (at, (f64::from(k) + 0.5) / f64::from(RAMP_STEPS))
    };
    let steps = (0..RAMP_STEPS).map(step);
    let all = steps.chain([(window.start + ramp, 1.0)]);
    all.filter(|(at, _)| *at < window.end).collect()
}

/// All switches of a run in order of time; at one instant ends come before beginnings, then the order of the faults.
pub(super) fn switches(system: &System) -> Vec<Switch> {
    let mut all: Vec<Switch> = Vec::new();
    for (fault, record) in system.faults.enumerate() {
        for (window, nth) in record.windows.iter().zip(0..) {
            for (at, strength) in strengths(window, record.ramp) {
                all.push(Switch {
                    at,
                    fault,
                    begins: true,
                    window: nth,
                    strength,
                });
            }
            all.push(Switch {
                at: window.end,
                fault,
                begins: false,
                window: nth,
                strength: 0.0,
            });
        }
    }
    all.sort_by_key(|switch| (switch.at, switch.begins, switch.fault));
    all
}
