//! Parts of the sample: times taken apart; invented, like the rest of it.

use crate::analysis::{Breakdown, Part, PartTime};

const FAST: [f64; Part::N] = [0.9, 0.0, 0.02, 0.08, 0.0, 0.0];
const STUCK: [f64; Part::N] = [0.04, 0.0, 0.87, 0.0, 0.06, 0.03];
const SENT: [f64; Part::N] = [0.6, 0.1, 0.2, 0.1, 0.0, 0.0];
const STORED: [f64; Part::N] = [0.01, 0.95, 0.03, 0.001, 0.009, 0.0];

/// Of a chain that is stuck now and then, of one that hands over to a broker, and of one that does both.
pub(super) fn breakdowns(kind: usize) -> Vec<Breakdown> {
    all([
        [(0.317, FAST), (5.001, STUCK), (0.312, FAST), (3.07, STUCK)],
        [
            (0.0312, SENT),
            (0.497, SENT),
            (0.352, SENT),
            (168.2, STORED),
        ],
        [(0.251, FAST), (5.002, STUCK), (0.33, FAST), (4.02, STUCK)],
    ][kind])
}

/// The p50 and the p99 until the answer, and until the completion.
fn all(times: [(f64, [f64; Part::N]); 4]) -> Vec<Breakdown> {
    let which = [
        ("latency", 0.5),
        ("latency", 0.99),
        ("completion", 0.5),
        ("completion", 0.99),
    ];
    let both = which.into_iter().zip(times);
    both.map(|((metric, q), (total_s, shares))| breakdown(metric, q, total_s, shares))
        .collect()
}

/// `shares` in the order of the parts; the first place of each has most of it.
fn breakdown(metric: &'static str, q: f64, total_s: f64, shares: [f64; Part::N]) -> Breakdown {
    let places = ["payment", "orders", "checkout", "", "payment", ""];
    let parts = Part::ALL.into_iter().zip(shares).zip(places);
    let parts = parts.map(|((part, share), place)| PartTime {
        part,
        seconds: share * total_s,
        places: if place.is_empty() || share == 0.0 {
            Vec::new()
        } else {
            vec![
                (place.to_owned(), 0.8 * share * total_s),
                ("inventory".to_owned(), 0.2 * share * total_s),
            ]
        },
    });
    Breakdown {
        metric,
        q,
        n_sample: 1000,
        n: if q > 0.9 { 10 } else { 100 },
        total_s,
        parts: parts.collect(),
    }
}
