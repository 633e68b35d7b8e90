//! Capacity faults that whole workers cannot follow (A30).

use super::words;
use crate::compile::codes;
use crate::compile::mistakes::Mistakes;
use crate::compile::resolve::Resolved;
use crate::faults::Effect;
use crate::kernel::units::format_share;
use crate::model::{Target, UNLIMITED};
use crate::scenario::Scenario;

/// A share of the workers is told if what is left of it differs by more than this part of it.
const TOLERANCE: f64 = 0.1;

/// Shares of workers that each instance rounds down to something else.
pub(crate) fn lint(scenario: &Scenario, resolved: &Resolved<'_>, mistakes: &mut Mistakes) {
    for (entry, fault) in scenario.faults.iter().zip(&resolved.system.faults) {
        let Target::Service(service) = fault.target else {
            continue;
        };
        let share: f64 = fault
            .effects
            .iter()
            .filter_map(|effect| match effect {
                Effect::Capacity(share) => Some(*share),
                _ => None,
            })
            .product();
        let workers = resolved.system.services[service].concurrency;
        if workers == UNLIMITED || share >= 1.0 || share <= 0.0 {
            continue;
        }
        let wanted = f64::from(workers) * share;
        let left = (wanted + 1e-9).floor();
        if (wanted - left) / wanted <= TOLERANCE {
            continue;
        }
        let message = format!(
            "fault `{}` leaves {} of each instance of `{}`, which has {workers}: not {}",
            entry.name,
            words::workers(left),
            resolved.system.names.services[service],
            format_share(share)
        );
        mistakes
            .warn(codes::WHOLE_WORKERS, entry.value.target.place, message)
            .help("the share counts for each instance, in whole workers: choose one that they can follow, or `down`");
    }
}
