//! From values to pixels: linear, logarithmic, nines.

use crate::kernel::math;

/// An axis: which pixels show which values.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Scale {
    kind: Kind,
    /// Smallest and largest value, after the transformation.
    ends: (f64, f64),
    /// The pixels of the two ends.
    pixels: (f64, f64),
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Kind {
    Linear,
    Log,
    Nines,
}

/// How many nines a share has: 0 is 0, 0.9 is 1, 0.99 is 2; all of all is infinite.
pub(super) fn nines(share: f64) -> f64 {
    -math::ln((1.0 - share).max(0.0)) / math::ln(10.0)
}

impl Scale {
    /// Equal steps.
    pub(super) fn linear(values: (f64, f64), pixels: (f64, f64)) -> Self {
        Self::new(Kind::Linear, values, pixels)
    }

    /// Equal factors; values must be positive.
    pub(super) fn log(values: (f64, f64), pixels: (f64, f64)) -> Self {
        Self::new(Kind::Log, values, pixels)
    }

    /// Equal steps for every further nine, from 0 to `most` nines.
    pub(super) fn nines(most: f64, pixels: (f64, f64)) -> Self {
        Self {
            kind: Kind::Nines,
            ends: (0.0, most),
            pixels,
        }
    }

    fn new(kind: Kind, values: (f64, f64), pixels: (f64, f64)) -> Self {
        let ends = (transform(kind, values.0), transform(kind, values.1));
        let is_good = ends.0.is_finite() && ends.1.is_finite() && ends.1 > ends.0;
        Self {
            kind,
            ends: if is_good { ends } else { (0.0, 1.0) },
            pixels,
        }
    }

    /// The pixel of a value; beyond the ends it is the end's. NaN stays NaN.
    pub(super) fn at(&self, value: f64) -> f64 {
        let t = transform(self.kind, value);
        if t.is_nan() {
            return f64::NAN;
        }
        let part = ((t - self.ends.0) / (self.ends.1 - self.ends.0)).clamp(0.0, 1.0);
        self.pixels.0 + part * (self.pixels.1 - self.pixels.0)
    }
}

fn transform(kind: Kind, value: f64) -> f64 {
    match kind {
        Kind::Linear => value,
        Kind::Log if value <= 0.0 => f64::NEG_INFINITY,
        Kind::Log => math::ln(value),
        Kind::Nines => nines(value),
    }
}

/// Ends for a logarithmic axis that holds all finite positive `values`: a fifth of a decade beyond them on either side.
pub(super) fn log_ends(values: impl Iterator<Item = f64>) -> (f64, f64) {
    let (mut low, mut high) = (f64::INFINITY, 0.0_f64);
    for value in values.filter(|v| v.is_finite() && *v > 0.0) {
        low = low.min(value);
        high = high.max(value);
    }
    if high <= 0.0 {
        return (0.001, 1.0);
    }
    let low = low.max(high * 1e-12);
    (low / 1.6, high * 1.6)
}

/// The upper end of a zero-based axis that holds all finite `values`: never nothing.
pub(super) fn upper_end(values: impl Iterator<Item = f64>) -> f64 {
    let high = values.filter(|v| v.is_finite()).fold(0.0, f64::max);
    if high > 0.0 { high * 1.08 } else { 1.0 }
}

/// An interval's ends on a logarithmic axis. One that reaches zero or below, which no time does, is drawn with the same
/// factor below the value as above it: an axis of factors has no place for the other end.
pub(super) fn band_on_log(value: f64, (low, high): (f64, f64)) -> (f64, f64) {
    if low > 0.0 {
        (low, high)
    } else {
        (value * value / high, high)
    }
}
