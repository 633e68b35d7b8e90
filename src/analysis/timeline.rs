//! The time series over replications: means, with intervals where a chart draws a band.

use super::figures::{float, ratio};
use super::{Bin, Estimate, Interval};
use crate::metrics::{BinSeen, COARSE, Sample, SeriesSeen, pool};

/// Intervals at most: a bin each would be ten times the histograms, and nobody looks at so many.
const INTERVALS_MAX: usize = 60;

/// Merges one series a replication: bins, and the answer times of as many bins to an interval as it takes to have 60 of these at
/// most. A bin speaks of the replications that reached it: a drain may end earlier in one than in another.
pub(super) fn timeline(series: &[&SeriesSeen], confidence: f64) -> (Vec<Bin>, Vec<Interval>) {
    let n_bins = series.iter().map(|seen| seen.bins.len()).max().unwrap_or(0);
    let length_s = series.first().map_or(0.0, |seen| seen.length_s);
    let start_s = |idx: usize| length_s * float(idx as u64);
    let (mut bins, mut latencies) = (Vec::new(), Vec::new());
    for idx in 0..n_bins {
        let reached: Vec<&BinSeen> = series
            .iter()
            .filter_map(|seen| seen.bins.get(idx))
            .collect();
        let latency = pool(reached.iter().map(|bin| &bin.latency));
        let span = (start_s(idx), length_s);
        bins.push(bin(&reached, &latency, span, confidence));
        latencies.push(latency);
    }
    let step = n_bins.div_ceil(INTERVALS_MAX).max(1);
    let intervals = latencies.chunks(step).enumerate();
    let intervals = intervals.map(|(nth, latencies)| Interval {
        start_s: start_s(nth * step),
        length_s: length_s * float(step as u64),
        latency: pool(latencies),
    });
    (bins, intervals.collect())
}

fn bin(
    reached: &[&BinSeen],
    latency: &Sample<COARSE>,
    (start_s, length_s): (f64, f64),
    confidence: f64,
) -> Bin {
    let estimate = |values: &[f64]| Estimate::of(values, confidence);
    let mean = |field: fn(&BinSeen) -> u64| {
        let values: Vec<f64> = reached.iter().map(|bin| float(field(bin))).collect();
        estimate(&values).unwrap_or(Estimate::nothing())
    };
    let shares = reached
        .iter()
        .filter_map(|bin| ratio(bin.good, bin.offered));
    let availability = estimate(&shares.collect::<Vec<_>>()).unwrap_or(Estimate::nothing());
    let quantiles = latency.quantiles_s(&[0.5, 0.99]);
    let backlog = mean(|bin| bin.backlog);
    Bin {
        start_s,
        length_s,
        offered: mean(|bin| bin.offered).mean,
        availability: availability.mean,
        availability_band: availability
            .interval()
            .map(|(low, high)| (low.max(0.0), high.min(1.0))),
        latency_p50_s: quantiles.first().copied().unwrap_or(f64::NAN),
        latency_p99_s: quantiles.get(1).copied().unwrap_or(f64::NAN),
        backlog: backlog.mean,
        backlog_band: backlog.interval().map(|(low, high)| (low.max(0.0), high)),
        completed: mean(|bin| bin.completed).mean,
    }
}
