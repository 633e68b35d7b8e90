//! A rate that moves in straight lines.
//!
//! The area under the rate up to t is the expected count of arrivals by then. The k-th arrival comes where that area is
//! k + 1 (evenly spaced) or the sum of k + 1 exponential numbers of mean 1 (by chance): the inversion method for Poisson
//! processes (Çinlar, "Introduction to Stochastic Processes", 1975, section 4.7).
//!
//! ```text
//!   rate                      ramp
//!    │            ┌───────╱▔▔▔▔▔▔▔▔▔▔ last target, for good
//!    │────────────╱ ramp
//!    └──────────┬──────────────────────► t
//!     warm-up   window opens
//! ```

use super::poisson::Units;
use super::{Spacing, Stages};
use crate::kernel::chance::Stream;
use crate::kernel::time::{Duration, Time};

/// The process of [`Stages`].
#[derive(Clone, Debug)]
pub(super) struct Profile {
    spacing: Spacing,
    units: Units,
    /// In order, none with an area of zero; the last may have no end.
    pieces: Vec<Piece>,
    idx: usize,
    /// Area from the beginning of the piece to the arrival before.
    area: f64,
}

/// A span of time over which the rate is a straight line.
#[derive(Clone, Debug)]
struct Piece {
    begins: Time,
    /// Seconds; infinite for the last one.
    length_s: f64,
    /// Per second, at its beginning.
    rate: f64,
    /// Change of the rate, per second and second.
    slope: f64,
    /// Under the rate over the whole piece: expected arrivals.
    area: f64,
}

/// Areas are sums of floats: what is this close to the end of a piece is at its end.
const AREA_ERROR: f64 = 1e-9;

impl Profile {
    pub(super) fn new(stages: &Stages, stream: Stream, opens: Time) -> Self {
        let warm_up = Piece::new(
            Time::ZERO,
            Some(opens - Time::ZERO),
            stages.start,
            stages.start,
        );
        let mut pieces = vec![warm_up];
        let (mut begins, mut rate) = (opens, stages.start);
        for &(length, target) in &stages.ramps {
            pieces.push(Piece::new(begins, Some(length), rate, target));
            begins += length;
            rate = target;
        }
        pieces.push(Piece::new(begins, None, rate, rate));
        pieces.retain(|piece| piece.area > 0.0);
        Self {
            spacing: stages.spacing,
            units: Units::new(stream),
            pieces,
            idx: 0,
            area: 0.0,
        }
    }

    pub(super) fn next_instant(&mut self) -> Option<Time> {
        self.area += match self.spacing {
            Spacing::Poisson => self.units.next_unit(),
            Spacing::Constant => 1.0,
        };
        loop {
            let piece = self.pieces.get(self.idx)?;
            if self.area <= piece.area + AREA_ERROR {
                let instant = piece.instant(self.area);
                return (instant < Time::NEVER).then_some(instant);
            }
            self.area -= piece.area;
            self.idx += 1;
        }
    }
}

impl Piece {
    fn new(begins: Time, length: Option<Duration>, rate: f64, rate_end: f64) -> Self {
        let length_s = length.map_or(f64::INFINITY, Duration::as_secs_f64);
        // A piece of no length is a jump and has no area; an endless one is level.
        let (slope, area) = if length_s <= 0.0 || (rate <= 0.0 && rate_end <= 0.0) {
            (0.0, 0.0)
        } else {
            let slope = (rate_end - rate) / length_s;
            (slope, 0.5 * (rate + rate_end) * length_s)
        };
        Self {
            begins,
            length_s,
            rate,
            slope,
            area,
        }
    }

    /// Where the area since the beginning is `area`: the root d of rate d + slope d^2 / 2 = area, in the form that loses no
    /// digits when the slope is small (Press et al., "Numerical Recipes", 3rd ed. 2007, 5.6).
    fn instant(&self, area: f64) -> Time {
        let area = area.min(self.area);
        let square = self.rate * self.rate + 2.0 * self.slope * area;
        let offset_s = 2.0 * area / (self.rate + square.max(0.0).sqrt());
        self.begins + Duration::from_secs_f64(offset_s.min(self.length_s))
    }
}
