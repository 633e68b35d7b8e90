//! Autoscaling (A15): how many instances a service should have, by how busy those it has are.

use crate::kernel::time::{Duration, Time};
use std::collections::VecDeque;

/// Instances follow the load. (The rule and its defaults are those of Kubernetes' horizontal pod autoscaler:
/// `podautoscaler/config/v1alpha1/defaults.go`, `autoscaling/v2`.)
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Autoscale {
    /// Not fewer than these; at least 1.
    pub min: u32,
    /// Not more than these.
    pub max: u32,
    /// How many there are when the run begins.
    pub initial: u32,
    /// The busy share of workers that is aimed at, above 0, at most 1.
    pub target: f64,
    /// From one decision to the next.
    pub interval: Duration,
    /// From the decision until a new instance takes work.
    pub start_up: Duration,
    /// Instances go only if none of the decisions of so long wanted them.
    pub cool_down: Duration,
}

/// Within a tenth of the target nothing changes (`--horizontal-pod-autoscaler-tolerance`).
const TOLERANCE: f64 = 0.1;
/// At one decision the number may double, or grow by so many if that is more (`HPAScaleUpRules`).
const MORE_AT_ONCE: u32 = 4;

/// The autoscaler of one service at work.
#[derive(Clone, Debug)]
pub struct Scaler {
    law: Autoscale,
    /// What was wanted, and when; within the time of cooling down.
    wanted: VecDeque<(Time, u32)>,
}

impl Scaler {
    /// Nothing has been decided.
    #[must_use]
    pub const fn new(law: Autoscale) -> Self {
        Self {
            law,
            wanted: VecDeque::new(),
        }
    }

    /// How many instances there should be, if `serving` of them have been so busy since the last decision, and `all` are
    /// serving or about to: serving × busy ÷ target, rounded up.
    pub fn decide(&mut self, now: Time, busy: f64, serving: u32, all: u32) -> u32 {
        let ratio = busy / self.law.target;
        #[expect(
            clippy::cast_possible_truncation,
            clippy::cast_sign_loss,
            reason = "not negative, and far below 2^32"
        )]
        let wanted = if (ratio - 1.0).abs() <= TOLERANCE + 1e-9 {
            serving
        } else {
            (f64::from(serving) * ratio - 1e-9).ceil() as u32
        };
        let wanted = wanted.clamp(self.law.min, self.law.max);
        self.wanted.push_back((now, wanted));
        while self
            .wanted
            .front()
            .is_some_and(|(at, _)| now.since(*at) > self.law.cool_down)
        {
            self.wanted.pop_front();
        }
        let stable = self.wanted.iter().map(|(_, n)| *n).max();
        let most = all.saturating_mul(2).max(all.saturating_add(MORE_AT_ONCE));
        if wanted > all {
            wanted.min(most)
        } else {
            // What was wanted a while ago keeps those that are there; it brings no new ones.
            stable.unwrap_or(wanted).min(all)
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const LAW: Autoscale = Autoscale {
        min: 2,
        max: 20,
        initial: 4,
        target: 0.5,
        interval: Duration::from_secs(15),
        start_up: Duration::from_secs(30),
        cool_down: Duration::from_secs(60),
    };

    fn at(seconds: u64) -> Time {
        Time::ZERO + Duration::from_secs(seconds)
    }

    #[test]
    fn it_wants_as_many_as_would_be_busy_as_aimed_at() {
        let decide = |busy, serving| Scaler::new(LAW).decide(at(0), busy, serving, serving);
        assert_eq!(decide(0.5, 4), 4);
        // Within a tenth of the target, and just beyond.
        assert_eq!((decide(0.55, 10), decide(0.56, 10)), (10, 12));
        assert_eq!(decide(0.9, 4), 8);
        assert_eq!(decide(0.3, 10), 6);
        assert_eq!((decide(0.0, 10), decide(1.0, 19)), (2, 20));
        // Twice as many at once, or four more.
        assert_eq!((decide(1.0, 2), decide(1.0, 10)), (4, 20));
        let mut steep = Scaler::new(Autoscale { target: 0.1, ..LAW });
        assert_eq!(steep.decide(at(0), 1.0, 2, 2), 6);
        // Those that are about to come count.
        assert_eq!(Scaler::new(LAW).decide(at(0), 1.0, 4, 8), 8);
    }

    #[test]
    fn instances_go_when_none_of_the_last_decisions_wanted_them() {
        let mut scaler = Scaler::new(LAW);
        assert_eq!(scaler.decide(at(0), 0.9, 4, 4), 8);
        for seconds in [15, 30, 45, 60] {
            assert_eq!(scaler.decide(at(seconds), 0.1, 8, 8), 8, "{seconds}");
        }
        assert_eq!(scaler.decide(at(75), 0.1, 8, 8), 2);
    }
}
