//! Where the time goes: of a sample of the flow runs, those that took about as long as the median one of all, and those about as
//! long as the 99 % quantile, second by second (A45).

use super::figures::is_known;
use super::{Breakdown, Curve, PartTime};
use crate::compile::Case;
use crate::kernel::time::Duration;
use crate::metrics::{FlowParts, Observation, Part, Parts, Spot};
use crate::model::{FlowId, System};
use std::cmp::Reverse;
use std::collections::BTreeMap;

/// The quantiles that are taken apart.
const QUANTILES: [f64; 2] = [0.5, 0.99];

/// How much of the sample lies in a band at most, as a share of it.
const BAND: f64 = 0.1;

/// A flow's times taken apart: those of the first replication, which follows a sample of its flow runs, about as long as the
/// quantiles of the answer and of the completion times of all.
pub(super) fn breakdowns(
    case: &Case,
    seen: &[Observation],
    flow: FlowId,
    curves: [&Curve; 2],
) -> Vec<Breakdown> {
    let Some(first) = seen.first().filter(|first| !first.parts.is_empty()) else {
        return Vec::new();
    };
    let FlowParts {
        latency,
        completion,
    } = &first.parts[flow];
    let both = [("latency", latency), ("completion", completion)];
    let all = both.into_iter().zip(curves);
    let all = all.flat_map(|((metric, parts), curve)| {
        let mut parts: Vec<&Parts> = parts.iter().collect();
        parts.sort_by_key(|parts| parts.whole);
        let each = QUANTILES.into_iter().filter_map(|q| {
            let value_s = curve.pooled.quantile_s(q);
            let value_s = value_s.filter(|_| is_known(curve.n, q))?;
            breakdown(&case.system, metric, &parts, (q, value_s))
        });
        each.collect::<Vec<_>>()
    });
    all.collect()
}

/// The mean over those of a sorted sample that took about as long as a quantile of all flow runs; `None` if hardly any lies
/// beyond it.
fn breakdown(
    system: &System,
    metric: &'static str,
    sorted: &[&Parts],
    (q, value_s): (f64, f64),
) -> Option<Breakdown> {
    let around = band(sorted, q, Duration::from_secs_f64(value_s))?;
    let mut by_part = [0_u128; Part::N];
    let mut by_spot: [BTreeMap<Spot, u128>; Part::N] = Default::default();
    for parts in around {
        for (sum, span) in by_part.iter_mut().zip(parts.by_part) {
            *sum += u128::from(span.0);
        }
        for &(part, spot, span) in &parts.by_spot {
            *by_spot[part as usize].entry(spot).or_default() += u128::from(span.0);
        }
    }
    #[expect(clippy::cast_precision_loss, reason = "reports need 15 digits at most")]
    let mean_s = |sum: u128| sum as f64 / 1e9 / around.len() as f64;
    let parts = Part::ALL.into_iter().zip(by_part).zip(by_spot);
    let parts = parts.map(|((part, sum), spots)| {
        let mut spots: Vec<(Spot, u128)> = spots.into_iter().collect();
        spots.sort_by_key(|&(spot, sum)| (Reverse(sum), spot));
        let places = spots.into_iter();
        PartTime {
            part,
            seconds: mean_s(sum),
            places: places
                .filter_map(|(spot, sum)| Some((name(system, spot)?, mean_s(sum))))
                .collect(),
        }
    });
    Some(Breakdown {
        metric,
        q,
        n_sample: sorted.len() as u64,
        n: around.len() as u64,
        total_s: mean_s(by_part.iter().sum()),
        parts: parts.collect(),
    })
}

/// The flow runs that took most nearly so long: a tenth of the sample, or the share that lies beyond the quantile if that is less,
/// and those that are no further away.
fn band<'a, 'b>(sorted: &'b [&'a Parts], q: f64, value: Duration) -> Option<&'b [&'a Parts]> {
    #[expect(clippy::cast_precision_loss, reason = "a sample is small")]
    let n = sorted.len() as f64;
    if sorted.is_empty() || (n * (1.0 - q) + 1e-9 < 1.0 && q > 0.5) {
        return None;
    }
    #[expect(
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        reason = "a share of a sample"
    )]
    let wanted = ((n * BAND.min(1.0 - q) + 1e-9) as usize).max(1);
    let distance = |parts: &&Parts| parts.whole.0.abs_diff(value.0);
    let mut distances: Vec<u64> = sorted.iter().map(distance).collect();
    distances.sort_unstable();
    let widest = Duration(distances[wanted - 1]);
    let low = Duration(value.0.saturating_sub(widest.0));
    let from = sorted.partition_point(|parts| parts.whole < low);
    let to = sorted.partition_point(|parts| parts.whole <= value + widest);
    Some(&sorted[from..to])
}

fn name(system: &System, spot: Spot) -> Option<String> {
    match spot {
        Spot::Nowhere => None,
        Spot::Service(service) => Some(system.names.services[service].clone()),
        Spot::Broker(broker) => Some(system.names.brokers[broker].clone()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::metrics::fixture;
    use crate::model::ServiceId;

    /// A flow run that worked for 1 s and queued for the rest, half of it at each of two services.
    fn parts(whole_ms: u64) -> Parts {
        let queued = Duration::from_millis(whole_ms - 1000);
        let half = Duration(queued.0 / 2);
        let mut by_part = [Duration::ZERO; Part::N];
        by_part[Part::Working as usize] = Duration::SECOND;
        by_part[Part::Queueing as usize] = queued;
        let at = |k| Spot::Service(ServiceId(k));
        Parts {
            whole: Duration::from_millis(whole_ms),
            by_part,
            by_spot: vec![
                (Part::Working, at(0), Duration::SECOND),
                (Part::Queueing, at(0), half),
                (Part::Queueing, at(1), half),
            ],
        }
    }

    fn near(a: f64, b: f64) {
        assert!((a - b).abs() < 1e-9, "{a} is not {b}");
    }

    #[test]
    fn a_band_is_averaged_around_each_quantile() {
        let all: Vec<Parts> = (1..=1000).map(|k| parts(1000 + k)).collect();
        let sorted: Vec<&Parts> = all.iter().collect();
        let system = fixture::system(60, &[]);
        // As many to either side of what the quantile of all is, wherever the sample's own lies.
        for (q, value_s, n, mean) in [
            (0.5, 1.5005, 100, 1.5005),
            (0.99, 1.9905, 10, 1.9905),
            (0.5, 1.2005, 100, 1.2005),
        ] {
            let found = breakdown(&system, "latency", &sorted, (q, value_s)).unwrap();
            assert_eq!((found.n, found.n_sample), (n, 1000));
            near(found.total_s, mean);
            near(found.parts[0].seconds, 1.0);
            near(found.parts[2].seconds, mean - 1.0);
            let sum: f64 = found.parts.iter().map(|part| part.seconds).sum();
            near(sum, found.total_s);
            let names: Vec<&str> = found.parts[2].places.iter().map(|p| p.0.as_str()).collect();
            assert_eq!(names, ["shop", "pay"]);
        }
    }

    #[test]
    fn all_that_took_as_long_are_in_the_band_and_a_small_sample_has_no_tail() {
        let all = vec![parts(5000); 150];
        let sorted: Vec<&Parts> = all.iter().collect();
        let system = fixture::system(60, &[]);
        for q in QUANTILES {
            let found = breakdown(&system, "latency", &sorted, (q, 5.0)).unwrap();
            assert_eq!(found.n, 150);
        }
        let five = Duration::from_secs(5);
        assert_eq!(band(&sorted[..99], 0.99, five), None);
        assert_eq!(band(&sorted[..1], 0.5, five).map(<[_]>::len), Some(1));
        assert_eq!(band(&[], 0.5, five), None);
    }
}
