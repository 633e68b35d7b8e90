//! Quantile curves: pooled values with a band over replications, dense enough to draw on a nines axis.

use super::figures::is_known;
use super::{Curve, CurvePoint, Estimate};
use crate::metrics::{FINE, Sample, pool};

/// Points in each decade of 1 − q.
const STEPS: u32 = 45;
/// Decades of 1 − q: up to 0.9999.
const DECADES: u32 = 4;

/// The quantiles of a curve: in every decade 10⁻ᵏ ≥ 1 − q > 10⁻ᵏ⁻¹ equal steps of a fiftieth of its begin, and 0.9999. Among
/// them are 0.5, 0.9, 0.95, 0.99, 0.999.
fn quantiles() -> Vec<f64> {
    let decades = (0..DECADES).flat_map(|k| (0..STEPS).map(move |step| (10_u32.pow(k), step)));
    let inner = decades.map(|(scale, step)| {
        let whole = 50 * scale;
        f64::from(whole - (50 - step)) / f64::from(whole)
    });
    inner.chain([0.9999]).collect()
}

/// The curve of what each replication recorded.
pub(super) fn curve(samples: &[&Sample<FINE>], confidence: f64) -> Curve {
    let pooled = pool(samples.iter().copied());
    let mut quantiles = quantiles();
    quantiles.retain(|&q| is_known(pooled.n(), q));
    let values = pooled.quantiles_s(&quantiles);
    let used = samples.iter().filter(|sample| sample.n() > 0);
    let each: Vec<Vec<f64>> = used.map(|sample| sample.quantiles_s(&quantiles)).collect();
    let points = quantiles.iter().zip(values).enumerate();
    let points = points.map(|(idx, (&q, value_s))| {
        let over: Vec<f64> = each.iter().map(|values| values[idx]).collect();
        let band = Estimate::of(&over, confidence).and_then(|estimate| estimate.interval());
        CurvePoint {
            q,
            value_s,
            band_s: band.map(|(low, high)| (low.max(0.0), high)),
        }
    });
    Curve {
        n: pooled.n(),
        mean_s: pooled.mean_s().unwrap_or(f64::NAN),
        max_s: pooled.max_s().unwrap_or(f64::NAN),
        points: points.collect(),
        pooled,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::kernel::time::Duration;
    use crate::metrics::Recorder;

    fn uniform(n: u64) -> Sample<FINE> {
        let mut recorder = Recorder::default();
        (1..=n).for_each(|ms| recorder.record(Duration::from_millis(ms)));
        recorder.sample()
    }

    #[test]
    fn the_grid_rises_and_has_the_usual_quantiles() {
        let grid = quantiles();
        assert!(grid.windows(2).all(|pair| pair[0] < pair[1]));
        for q in [0.0, 0.5, 0.9, 0.95, 0.99, 0.999, 0.9999] {
            assert!(grid.contains(&q), "{q}");
        }
    }

    #[test]
    fn a_curve_stops_where_fewer_than_twenty_samples_lie_above() {
        let sample = uniform(1_000);
        let curve = curve(&[&sample, &sample], 0.95);
        let last = curve.points.last().unwrap();
        assert_eq!((curve.n, last.q), (2_000, 0.99));
        assert!((last.value_s - 0.990).abs() < 0.001);
        assert_eq!(last.band_s, Some((last.value_s, last.value_s)));
    }

    #[test]
    fn a_curve_of_nothing_is_empty() {
        let curve = curve(&[], 0.95);
        assert!(curve.n == 0 && curve.points.is_empty() && curve.mean_s.is_nan());
    }
}
