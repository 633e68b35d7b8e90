//! What was read of a variant's data: where, and how old it was (A29b).

use super::figures::{float, is_known, ratio};
use super::{DataFindings, Estimate};
use crate::compile::Case;
use crate::metrics::{DataSeen, Observation, staleness_s};

/// Per data, in file order.
pub(super) fn data(case: &Case, seen: &[Observation]) -> Vec<DataFindings> {
    let confidence = case.system.plan.confidence;
    let names = case.system.names.data.enumerate();
    let data = names.map(|(id, name)| {
        let each: Vec<&DataSeen> = seen.iter().map(|seen| &seen.data[id]).collect();
        let n: u64 = each.iter().map(|seen| seen.staleness.n()).sum();
        let share = |part: fn(&DataSeen) -> u64| -> Vec<f64> {
            let shares = each
                .iter()
                .map(|seen| ratio(part(seen), seen.staleness.n()));
            shares.flatten().collect()
        };
        let quantile = |q| -> Vec<f64> {
            let quantiles = each.iter().filter(|_| is_known(n, q));
            quantiles
                .filter_map(|seen| staleness_s(&seen.staleness, q))
                .collect()
        };
        let figures = [
            (
                "reads",
                each.iter().map(|seen| float(seen.staleness.n())).collect(),
            ),
            ("read_from_copy", share(|seen| seen.from_copy)),
            ("read_from_old_copy", share(|seen| seen.from_old_copy)),
            ("read_stale", share(|seen| seen.stale)),
            (
                "staleness_mean",
                each.iter()
                    .filter_map(|seen| seen.staleness.mean_s())
                    .collect(),
            ),
            ("staleness_p99", quantile(0.99)),
            ("staleness_p999", quantile(0.999)),
            (
                "staleness_max",
                each.iter()
                    .filter_map(|seen| seen.staleness.max_s())
                    .collect(),
            ),
        ];
        DataFindings {
            name: name.clone(),
            figures: figures
                .into_iter()
                .filter_map(|(figure, values): (_, Vec<f64>)| {
                    Some((figure, Estimate::of(&values, confidence)?))
                })
                .collect(),
        }
    });
    data.collect()
}
