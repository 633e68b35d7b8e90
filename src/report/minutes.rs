//! Availability over spans of the window, from the bins of the time series.

use crate::analysis::{Bin, Findings, FlowFindings};

/// The span with the least availability.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Worst {
    /// Its beginning, seconds from the opening of the window.
    pub start_s: f64,
    /// Its length in seconds.
    pub length_s: f64,
    /// The share accepted in it.
    pub share: f64,
}

/// Share of those offered from `from` to `to` that were accepted; each bin counts with the part of it that lies inside. `None`
/// if nobody came.
pub(super) fn accepted(series: &[Bin], from: f64, to: f64) -> Option<f64> {
    let (mut offered, mut good) = (0.0, 0.0);
    for bin in series {
        let overlap = (bin.start_s + bin.length_s).min(to) - bin.start_s.max(from);
        if overlap > 0.0 && bin.offered > 0.0 && bin.availability.is_finite() {
            let weight = bin.offered * overlap / bin.length_s;
            offered += weight;
            good += weight * bin.availability;
        }
    }
    (offered > 0.0 && offered.is_finite()).then(|| good / offered)
}

/// The worst whole minute of the window (bin where bins are longer, window where it is shorter).
pub(super) fn worst(series: &[Bin], span: f64) -> Option<Worst> {
    let bin = series.first().map_or(60.0, |b| b.length_s);
    let step = if bin.is_finite() && bin > 60.0 {
        bin
    } else {
        60.0
    };
    let n = (span / step).floor().clamp(1.0, 1e5);
    let mut worst: Option<Worst> = None;
    let mut idx = 0.0;
    while idx < n {
        let length_s = if n > 1.0 { step } else { span };
        let start_s = idx * step;
        if let Some(share) = accepted(series, start_s, start_s + length_s)
            && worst.is_none_or(|w| share < w.share)
        {
            worst = Some(Worst {
                start_s,
                length_s,
                share,
            });
        }
        idx += 1.0;
    }
    worst
}

/// What a span of that length is called: `minute`, else its length.
pub(super) fn word(length_s: f64) -> String {
    if (length_s - 60.0).abs() < 1e-9 {
        "minute".to_owned()
    } else {
        super::format::literal(length_s)
    }
}

/// How long the measured window is; where that is not known, where the arrivals of `flows` end.
pub(super) fn window<'a>(
    findings: &Findings,
    flows: impl Iterator<Item = &'a FlowFindings>,
) -> f64 {
    let window = findings.stamp.duration_s;
    if window.is_finite() && window > 0.0 {
        return window;
    }
    flows
        .flat_map(|f| &f.series)
        .filter(|b| b.offered > 0.0)
        .map(|b| b.start_s + b.length_s)
        .filter(|e| e.is_finite())
        .fold(0.0, f64::max)
}
