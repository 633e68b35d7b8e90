//! Where an instant lies on a line of equal bins that begins with the measured window.

use crate::kernel::time::{Duration, Time};

/// Equal bins, with the current one remembered so that the common case compares and does not divide.
#[derive(Clone, Copy, Debug)]
pub(super) struct Bins {
    opens: Time,
    length: Duration,
    current: usize,
    start: Time,
    end: Time,
}

impl Bins {
    /// Bins of `length` (above zero) from `opens` on.
    #[must_use]
    pub(super) fn new(opens: Time, length: Duration) -> Self {
        Self {
            opens,
            length,
            current: 0,
            start: opens,
            end: opens + length,
        }
    }

    /// The number of the bin that holds `time`, and that bin is now the current one. Not before `opens`.
    #[inline]
    pub(super) fn advance(&mut self, time: Time) -> usize {
        if time >= self.end {
            self.current = self.divide(time);
            self.start = self.opens + Duration(self.length.0.saturating_mul(self.current as u64));
            self.end = self.start + self.length;
        }
        self.current
    }

    /// The number of the bin that holds `time`; quick if that is the current one. Not before `opens`.
    #[inline]
    #[must_use]
    pub(super) fn find(&self, time: Time) -> usize {
        if self.start <= time && time < self.end {
            self.current
        } else {
            self.divide(time)
        }
    }

    /// The first instant of the current bin.
    #[must_use]
    pub(super) const fn start(&self) -> Time {
        self.start
    }

    /// The first instant after the current bin.
    #[inline]
    #[must_use]
    pub(super) const fn end(&self) -> Time {
        self.end
    }

    #[expect(clippy::cast_possible_truncation, reason = "a bin's number is small")]
    fn divide(&self, time: Time) -> usize {
        (time.since(self.opens).0 / self.length.0) as usize
    }
}

/// The length of a bin of a time series over a window: the shortest of 1, 2, 5 × 10ᵏ ns below 5 s, then 5, 10, 15, 30 s, 1, 2, 5,
/// 10, 15, 30 min, 1, 2, 6, 12 h, 1, 2 d that gives at most 400 bins. So a window has more than 130 of them and at most 400 (A37).
#[must_use]
pub(super) fn length_for(window: Duration) -> Duration {
    const BINS_MAX: u64 = 400;
    const SECONDS: [u64; 16] = [
        5, 10, 15, 30, 60, 120, 300, 600, 900, 1_800, 3_600, 7_200, 21_600, 43_200, 86_400, 172_800,
    ];
    let short = (0..10_u32).flat_map(|k| [1, 2, 5].map(|digit| digit * 10_u64.pow(k)));
    let short = short.filter(|&ns| ns < 5 * Duration::SECOND.0);
    let long = SECONDS.map(|s| s * Duration::SECOND.0);
    let fits = |&ns: &u64| window.0.div_ceil(ns) <= BINS_MAX;
    let length = short.chain(long).find(fits);
    Duration(length.unwrap_or_else(|| window.0.div_ceil(BINS_MAX)))
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn lengths_are_nice() {
        let check = |window_s: f64, length_s: f64| {
            let length = length_for(Duration::from_secs_f64(window_s));
            assert_eq!(length, Duration::from_secs_f64(length_s), "{window_s} s");
        };
        check(1_200.0, 5.0);
        check(60.0, 0.2);
        check(100.0, 0.5);
        check(3_600.0, 10.0);
        check(108_000.0, 300.0);
        check(1.0, 0.005);
    }

    proptest! {
        #[test]
        fn a_window_has_between_130_and_400_bins(ms in 1_u64..40 * 24 * 3_600_000) {
            let window = Duration::from_millis(ms);
            let n = window.0.div_ceil(length_for(window).0);
            prop_assert!((130..=400).contains(&n), "{} bins", n);
        }

        #[test]
        fn the_quick_way_is_the_long_way(times in prop::collection::vec(10_u64..10_000, 1..50), length in 1_u64..50) {
            let mut bins = Bins::new(Time(10), Duration(length));
            let mut sorted = times.clone();
            sorted.sort_unstable();
            for (time, other) in sorted.into_iter().zip(times) {
                prop_assert_eq!(bins.advance(Time(time)) as u64, (time - 10) / length);
                prop_assert_eq!(bins.find(Time(other)) as u64, (other - 10) / length);
                prop_assert!(bins.end() > Time(time));
            }
        }
    }
}
