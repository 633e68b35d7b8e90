//! One of several distributions, by share.

#[derive(Clone, Debug, PartialEq)]
pub(super) struct Mix<D> {
    parts: Vec<Part<D>>,
}

#[derive(Clone, Debug, PartialEq)]
struct Part<D> {
    share: f64,
    /// The shares up to here; 1 for the last.
    upto: f64,
    dist: D,
}

impl<D> Mix<D> {
    /// The shares are above 0 and add up to 1.
    pub(super) fn new(parts: Vec<(f64, D)>) -> Self {
        let mut upto = 0.0;
        let n_parts = parts.len();
        let part = |(idx, (share, dist))| {
            upto += share;
            let upto = if idx + 1 == n_parts { 1.0 } else { upto };
            Part { share, upto, dist }
        };
        Self {
            parts: parts.into_iter().enumerate().map(part).collect(),
        }
    }

    /// The part that a uniform number chooses.
    #[inline]
    pub(super) fn choose(&self, u: f64) -> &D {
        let found = self.parts.iter().find(|part| u < part.upto);
        &found.expect("the last part goes up to 1").dist
    }

    /// The average over the parts by their shares.
    pub(super) fn average(&self, of: impl Fn(&D) -> f64) -> f64 {
        self.parts
            .iter()
            .map(|part| part.share * of(&part.dist))
            .sum()
    }

    /// The smallest x with a share of at least `p` below it. It lies between the smallest and the largest quantile of the
    /// parts, and is found by halving.
    pub(super) fn quantile(
        &self,
        p: f64,
        quantile: impl Fn(&D) -> f64,
        cdf: impl Fn(&D, f64) -> f64,
    ) -> f64 {
        let quantiles = || self.parts.iter().map(|part| quantile(&part.dist));
        let mut low = quantiles().fold(f64::INFINITY, f64::min);
        let mut high = quantiles().fold(0.0, f64::max);
        if !high.is_finite() || self.average(|dist| cdf(dist, low)) >= p {
            return if high.is_finite() { low } else { high };
        }
        for _ in 0..200 {
            let middle = 0.5 * (low + high);
            if middle <= low || middle >= high {
                break;
            }
            if self.average(|dist| cdf(dist, middle)) >= p {
                high = middle;
            } else {
                low = middle;
            }
        }
        high
    }
}
