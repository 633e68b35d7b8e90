//! When faults begin and end, and which act.

use crate::kernel::ids::IdVec;
use crate::kernel::time::{Duration, Time};
use crate::model::{FaultId, System, Window, ZoneId};

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

/// The faults of a run: what is to come of them, what they do now, what they did.
pub(super) struct Faults {
    /// Everything that begins, grows or ends, as far as it is known.
    pub(super) switches: Vec<Switch>,
    /// How each fault acts now, if it does: by its last switch.
    pub(super) acting: IdVec<FaultId, Option<Switch>>,
    /// When each fault has acted, acts, or is to act; of one that waits for something what has been until now.
    pub(super) windows: IdVec<FaultId, Vec<Window>>,
    /// What gets lost between zones now.
    pub(super) leaks: Vec<Leak>,
}

impl Faults {
    /// Before anything has begun.
    pub(super) fn new(system: &System) -> Self {
        let windows = system.faults.iter().map(|fault| fault.windows.clone());
        Self {
            switches: switches(system),
            acting: IdVec::from_fn(system.faults.len(), |_| None),
            windows: windows.collect(),
            leaks: Vec::new(),
        }
    }
}

/// What is sent from one zone to another and gets lost, as long as a fault acts.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Leak {
    pub(super) from: ZoneId,
    pub(super) to: ZoneId,
    /// The share, 0 to 1.
    pub(super) share: f64,
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

impl Switch {
    /// A fault ends with its window of this number.
    pub(super) const fn end(at: Time, fault: FaultId, window: u32) -> Self {
        Self {
            at,
            fault,
            begins: false,
            window,
            strength: 0.0,
        }
    }
}

/// The switches of one window of a fault, in order.
pub(super) fn switches_of(
    fault: FaultId,
    window: &Window,
    nth: u32,
    ramp: Duration,
) -> impl Iterator<Item = Switch> {
    let begins = strengths(window, ramp)
        .into_iter()
        .map(move |(at, strength)| Switch {
            at,
            fault,
            begins: true,
            window: nth,
            strength,
        });
    begins.chain([Switch::end(window.end, fault, nth)])
}

/// All switches of a run that are known beforehand, in order of time; at one instant ends come before beginnings, then the order of
/// the faults.
fn switches(system: &System) -> Vec<Switch> {
    let mut all: Vec<Switch> = Vec::new();
    for (fault, record) in system.faults.enumerate() {
        for (window, nth) in record.windows.iter().zip(0..) {
            all.extend(switches_of(fault, window, nth, record.ramp));
        }
    }
    all.sort_by_key(|switch| (switch.at, switch.begins, switch.fault));
    all
}
