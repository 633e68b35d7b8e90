//! When faults begin and end.

use crate::kernel::time::Time;
use crate::model::{FaultId, System};

/// A fault begins or ends at an instant.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Switch {
    pub(super) at: Time,
    pub(super) fault: FaultId,
    pub(super) begins: bool,
    /// Which of its windows.
    pub(super) window: u32,
}

/// All switches of a run in order of time; at one instant ends come before beginnings, then the order of the faults.
pub(super) fn switches(system: &System) -> Vec<Switch> {
    let mut all: Vec<Switch> = Vec::new();
    for (fault, record) in system.faults.enumerate() {
        for (window, nth) in record.windows.iter().zip(0..) {
            all.push(Switch {
                at: window.start,
                fault,
                begins: true,
                window: nth,
            });
            all.push(Switch {
                at: window.end,
                fault,
                begins: false,
                window: nth,
            });
        }
    }
    all.sort_by_key(|switch| (switch.at, switch.begins, switch.fault));
    all
}
