//! The blast radius of a fault (A35): the services whose callers feel it.

use super::fault_named;
use super::findings::FaultFindings;
use crate::compile::Case;
use crate::kernel::ids::IdVec;
use crate::metrics::{BlastSeen, Ended, Observation};
use crate::model::{FaultId, Link, ServiceId};

/// A service is reached if this much more of the calls to it fail: one in a hundred.
const MORE: f64 = 0.01;

/// Per fault: the services that it reaches, and the share of calls to each that fails while it acts, the largest first.
pub(super) fn radius(
    case: &Case,
    seen: &[Observation],
    faults: &[FaultFindings],
) -> Vec<Vec<(String, f64)>> {
    let reached = faults.iter().map(|fault| {
        let id = fault_named(&case.system, &fault.name);
        id.map_or_else(Vec::new, |id| reached(case, seen, id))
    });
    reached.collect()
}

fn reached(case: &Case, seen: &[Observation], fault: FaultId) -> Vec<(String, f64)> {
    let before = shares(case, seen, |blast| &blast.before[fault]);
    let during = shares(case, seen, |blast| &blast.during[fault]);
    let names = case.system.names.services.enumerate();
    let mut reached: Vec<(String, f64)> = names
        .filter_map(|(id, name)| {
            let share = during[id]?;
            (share > before[id].unwrap_or(0.0) + MORE).then(|| (name.clone(), share))
        })
        .collect();
    reached.sort_by(|a, b| b.1.total_cmp(&a.1));
    reached
}

/// The share of the calls to each service that fails, over all replications; `None` where nothing was called.
#[expect(clippy::cast_precision_loss, reason = "reports need 15 digits at most")]
fn shares(
    case: &Case,
    seen: &[Observation],
    part: impl Fn(&BlastSeen) -> &Ended,
) -> IdVec<ServiceId, Option<f64>> {
    let n = case.system.services.len();
    let mut sums: IdVec<ServiceId, (u64, u64)> = IdVec::from_fn(n, |_| (0, 0));
    for seen in seen {
        for (edge, counts) in part(&seen.blast).enumerate() {
            let wired = &case.wiring.edges[edge];
            if matches!(wired.link, Link::Call(_)) {
                let sum = &mut sums[case.system.steps[wired.to].service];
                sum.0 += counts.0;
                sum.1 += counts.1;
            }
        }
    }
    IdVec::from_fn(n, |id: ServiceId| {
        let (good, bad) = sums[id];
        (good + bad > 0).then(|| bad as f64 / (good + bad) as f64)
    })
}
