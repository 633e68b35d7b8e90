//! A distribution given by quantiles.
//!
//! ```text
//!   0 ......... first point ───────── … ───────── last point ......... 1
//!   lognormal through        log-linear between           lognormal through
//!   the first two            neighbours                   the last two
//! ```
//!
//! A point at 0 or at 1 leaves no room for the tail on its side.

use crate::kernel::math::{exp, exp_m1, ln, normal_cdf, normal_quantile};

#[derive(Clone, Debug, PartialEq)]
pub(super) struct Points {
    segments: Vec<Segment>,
    lower: Tail,
    upper: Tail,
}

/// From one point to the next.
#[derive(Clone, Debug, PartialEq)]
struct Segment {
    q: f64,
    width: f64,
    value: f64,
    /// Value of the point that ends it.
    value_end: f64,
    /// Growth of ln value per unit of q; of value itself if that begins at zero, which has no logarithm.
    slope: f64,
}

/// value e^(sigma (z - z0)), z the normal number of q.
#[derive(Clone, Debug, PartialEq)]
struct Tail {
    q: f64,
    z: f64,
    value: f64,
    sigma: f64,
}

impl Points {
    /// Two points or more; their `q` rise, their values (nanoseconds) do not fall.
    pub(super) fn new(points: &[(f64, f64)]) -> Self {
        let segment = |pair: &[(f64, f64)]| {
            let ((q, value), (q_end, value_end)) = (pair[0], pair[1]);
            let width = q_end - q;
            let rise = if value > 0.0 {
                ln(value_end / value)
            } else {
                value_end - value
            };
            let slope = rise / width;
            Segment {
                q,
                width,
                value,
                value_end,
                slope,
            }
        };
        let n = points.len();
        Self {
            segments: points.windows(2).map(segment).collect(),
            lower: Tail::new(points[0], points[1], points[0]),
            upper: Tail::new(points[n - 2], points[n - 1], points[n - 1]),
        }
    }

    pub(super) fn quantile(&self, p: f64) -> f64 {
        if p < self.lower.q {
            return self.lower.at(p);
        }
        if p > self.upper.q {
            return self.upper.at(p);
        }
        let after = self.segments.partition_point(|segment| segment.q <= p);
        self.segments[after.max(1) - 1].at(p)
    }

    pub(super) fn cdf(&self, x: f64) -> f64 {
        let after = self.segments.partition_point(|segment| segment.value <= x);
        if after == 0 {
            return self.lower.share_below(x);
        }
        let segment = &self.segments[after - 1];
        if after == self.segments.len() && x >= segment.value_end {
            return self.upper.share_below(x);
        }
        segment.share_below(x)
    }

    pub(super) fn mean(&self) -> f64 {
        self.moment(1.0)
    }

    pub(super) fn sd(&self) -> f64 {
        let mean = self.mean();
        (self.moment(2.0) - mean * mean).max(0.0).sqrt()
    }

    fn moment(&self, k: f64) -> f64 {
        let segments: f64 = self.segments.iter().map(|segment| segment.moment(k)).sum();
        self.lower.moment_below(k) + segments + self.upper.moment_above(k)
    }
}

impl Segment {
    fn at(&self, q: f64) -> f64 {
        let off = q - self.q;
        if off >= self.width {
            self.value_end
        } else if self.value > 0.0 {
            self.value * exp(self.slope * off)
        } else {
            self.slope * off
        }
    }

    fn share_below(&self, x: f64) -> f64 {
        let off = if self.slope <= 0.0 {
            self.width
        } else if self.value > 0.0 {
            ln(x / self.value) / self.slope
        } else {
            x / self.slope
        };
        self.q + off.clamp(0.0, self.width)
    }

    /// The integral of value^k over the segment.
    fn moment(&self, k: f64) -> f64 {
        if self.value > 0.0 {
            let growth = k * self.slope * self.width;
            let mean_growth = if growth.abs() < 1e-12 {
                1.0
            } else {
                exp_m1(growth) / growth
            };
            self.width * power(self.value, k) * mean_growth
        } else {
            self.width * power(self.value_end, k) / (k + 1.0)
        }
    }
}

impl Tail {
    /// Through two points, on the outer side of `end`, which is one of them.
    fn new(low: (f64, f64), high: (f64, f64), end: (f64, f64)) -> Self {
        let sigma = ln(high.1 / low.1) / (normal_quantile(high.0) - normal_quantile(low.0));
        Self {
            q: end.0,
            z: normal_quantile(end.0),
            value: end.1,
            sigma: if sigma.is_finite() { sigma } else { 0.0 },
        }
    }

    fn at(&self, q: f64) -> f64 {
        if self.sigma > 0.0 {
            self.value * exp(self.sigma * (normal_quantile(q) - self.z))
        } else {
            self.value
        }
    }

    fn share_below(&self, x: f64) -> f64 {
        if self.z.is_infinite() {
            return self.q;
        }
        if self.sigma > 0.0 && x > 0.0 {
            return normal_cdf(self.z + ln(x / self.value) / self.sigma);
        }
        f64::from(u8::from(x >= self.value))
    }

    fn moment_below(&self, k: f64) -> f64 {
        self.moment(k, normal_cdf)
    }

    fn moment_above(&self, k: f64) -> f64 {
        self.moment(k, |z| normal_cdf(-z))
    }

    /// The partial moment of a lognormal number (Johnson, Kotz, Balakrishnan, "Continuous Univariate Distributions", vol. 1,
    /// 2nd ed. 1994, 14.3): `share` of the normal numbers, moved by k sigma.
    fn moment(&self, k: f64, share: impl Fn(f64) -> f64) -> f64 {
        if self.z.is_infinite() {
            return 0.0;
        }
        let s = k * self.sigma;
        power(self.value, k) * exp(0.5 * s * s - s * self.z) * share(self.z - s)
    }
}

/// `k` is 1 or 2.
fn power(value: f64, k: f64) -> f64 {
    if k > 1.0 { value * value } else { value }
}
