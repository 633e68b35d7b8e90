//! Outlier ejection (A19): a caller takes an instance that fails off its own list for a while, whatever discovery says.

use crate::kernel::time::{Duration, Time};

/// When a caller takes an instance off its list. (Envoy's outlier detection: `outlier_detection.proto`, and its defaults.)
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct OutlierEjection {
    /// After so many failures in a row; at least 1.
    pub consecutive: u32,
    /// For how long, times the number of times that it has been taken off.
    pub eject_for: Duration,
    /// For no longer than this.
    pub at_most: Duration,
    /// No more than this share of the instances at once, above 0, at most 1; but always one.
    pub most: f64,
}

impl OutlierEjection {
    /// What Envoy does if nothing is said.
    pub const ENVOY: Self = Self {
        consecutive: 5,
        eject_for: Duration::from_secs(30),
        at_most: Duration::from_secs(300),
        most: 0.1,
    };

    /// What one caller knows of so many instances: nothing yet.
    #[must_use]
    pub fn watch(self, n_instances: u32) -> Watch {
        Watch {
            law: self,
            instances: vec![Instance::default(); n_instances as usize],
        }
    }
}

/// What one caller has seen of the instances that it calls.
#[derive(Clone, Debug)]
pub struct Watch {
    law: OutlierEjection,
    instances: Vec<Instance>,
}

#[derive(Clone, Copy, Debug, Default)]
struct Instance {
    in_a_row: u32,
    n_ejected: u32,
    until: Time,
}

impl Watch {
    /// Is an instance on the list?
    #[must_use]
    pub fn is_on(&self, instance: u32, now: Time) -> bool {
        self.instances
            .get(instance as usize)
            .is_none_or(|seen| seen.until <= now)
    }

    /// A call to an instance has ended, well or not.
    pub fn settled(&mut self, instance: u32, is_good: bool, now: Time) {
        let n_out = self.instances.iter().filter(|one| one.until > now).count();
        let n = self.instances.len();
        let Some(seen) = self.instances.get_mut(instance as usize) else {
            return;
        };
        if is_good {
            seen.in_a_row = 0;
            return;
        }
        seen.in_a_row += 1;
        #[expect(clippy::cast_precision_loss, reason = "counts of instances")]
        let has_room = n_out == 0 || (n_out + 1) as f64 <= self.law.most * n as f64 + 1e-9;
        if seen.in_a_row < self.law.consecutive || seen.until > now || !has_room {
            return;
        }
        seen.in_a_row = 0;
        seen.n_ejected += 1;
        let span = Duration(
            self.law
                .eject_for
                .0
                .saturating_mul(u64::from(seen.n_ejected)),
        );
        seen.until = now + span.min(self.law.at_most);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(seconds: u64) -> Time {
        Time::ZERO + Duration::from_secs(seconds)
    }

    #[test]
    fn five_failures_in_a_row_take_it_off_longer_each_time() {
        let mut watch = OutlierEjection::ENVOY.watch(3);
        let mut now = 0;
        for (nth, seconds) in [30, 60, 90, 120, 150, 180, 210, 240, 270, 300, 300]
            .into_iter()
            .enumerate()
        {
            for _ in 0..4 {
                watch.settled(1, false, at(now));
                assert!(watch.is_on(1, at(now)), "{nth}");
            }
            watch.settled(1, false, at(now));
            assert!(!watch.is_on(1, at(now + seconds - 1)), "{nth}");
            assert!(watch.is_on(1, at(now + seconds)), "{nth}");
            now += seconds;
        }
        // A success between them, and it stays.
        for is_good in [false, false, false, false, true, false, false, false, false] {
            watch.settled(1, is_good, at(now));
            assert!(watch.is_on(1, at(now)));
        }
    }

    #[test]
    fn no_more_than_a_share_is_off_but_always_one() {
        let off = |most, n| {
            let law = OutlierEjection {
                consecutive: 1,
                most,
                ..OutlierEjection::ENVOY
            };
            let mut watch = law.watch(n);
            (0..n).for_each(|instance| watch.settled(instance, false, at(0)));
            (0..n)
                .filter(|&instance| !watch.is_on(instance, at(1)))
                .count()
        };
        assert_eq!((off(0.1, 3), off(0.1, 19), off(0.1, 20)), (1, 1, 2));
        assert_eq!((off(0.5, 4), off(1.0, 4)), (2, 4));
    }
}
