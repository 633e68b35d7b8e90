//! Discovery (A12): what callers know of a service's instances. Health checks look at each from time to time; what they
//! find reaches the callers later.

use crate::kernel::time::{Duration, Time};

/// How callers learn which instances are up.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Discovery {
    /// Callers ask anew after so long; [`Duration::ZERO`]: they are told at once.
    pub refresh: Duration,
    /// How instances are looked at.
    pub health: HealthCheck,
    /// If a smaller share of the instances is known to be up, callers send to all of them, 0 to 1; so they do in any case when
    /// none is. (Envoy's panic threshold, 50 %; load balancers of AWS fail open when no target is healthy.)
    pub panic_below: f64,
}

/// A look at each instance, from time to time (the defaults are those of Kubernetes' readiness probes: `core/v1/types.go`).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct HealthCheck {
    /// From one look to the next; longer than `timeout`.
    pub interval: Duration,
    /// An instance that has not answered by then has failed.
    pub timeout: Duration,
    /// So many failures in a row take it out; at least 1.
    pub unhealthy_after: u32,
    /// So many successes in a row put it in again; at least 1.
    pub healthy_after: u32,
}

impl HealthCheck {
    /// What Kubernetes does if nothing is said.
    pub const KUBERNETES: Self = Self {
        interval: Duration::from_secs(10),
        timeout: Duration::from_secs(1),
        unhealthy_after: 3,
        healthy_after: 1,
    };
}

/// The first instant after `now` of those that begin with `phase` and repeat after `period`.
///
/// # Panics
/// If the period is zero.
#[must_use]
pub fn next_tick(phase: Duration, period: Duration, now: Time) -> Time {
    let first = Time::ZERO + phase;
    if now < first {
        return first;
    }
    let n = (now - first).0 / period.0 + 1;
    Time(first.0.saturating_add(n.saturating_mul(period.0)))
}

/// What the looks at one instance have come to. It begins in, as of an instance that is up.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Checker {
    law: HealthCheck,
    is_in: bool,
    /// Looks in a row that say otherwise.
    n_against: u32,
}

impl Checker {
    /// Of an instance that is up.
    #[must_use]
    pub const fn new(law: HealthCheck) -> Self {
        Self {
            law,
            is_in: true,
            n_against: 0,
        }
    }

    /// Of an instance that has just come up: not on the list yet.
    #[must_use]
    pub const fn of_new(law: HealthCheck) -> Self {
        Self {
            law,
            is_in: false,
            n_against: 0,
        }
    }

    /// Is the instance held to be up?
    #[must_use]
    pub const fn is_in(&self) -> bool {
        self.is_in
    }

    /// A look has found it up, or not. Does that change what it is held to be?
    pub fn looked(&mut self, is_up: bool) -> bool {
        if is_up == self.is_in {
            self.n_against = 0;
            return false;
        }
        self.n_against += 1;
        let enough = if self.is_in {
            self.law.unhealthy_after
        } else {
            self.law.healthy_after
        };
        let changes = self.n_against >= enough;
        if changes {
            self.is_in = is_up;
            self.n_against = 0;
        }
        changes
    }

    /// Would a look that finds it so, and all after it, change nothing?
    #[must_use]
    pub const fn is_settled(&self, is_up: bool) -> bool {
        self.is_in == is_up && self.n_against == 0
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn three_failures_in_a_row_take_it_out_and_one_success_brings_it_back() {
        let mut checker = Checker::new(HealthCheck::KUBERNETES);
        let looks = [false, false, true, false, false, false, false, true, true];
        let changes = looks.map(|is_up| checker.looked(is_up));
        assert_eq!(
            changes,
            [false, false, false, false, false, true, false, true, false]
        );
        assert!(checker.is_in() && checker.is_settled(true) && !checker.is_settled(false));
    }

    #[test]
    fn ticks_lie_on_their_grid_and_after_now() {
        let (phase, period) = (Duration(3), Duration(10));
        let next = [0, 2, 3, 4, 13, 22].map(|now| next_tick(phase, period, Time(now)).0);
        assert_eq!(next, [3, 3, 13, 13, 23, 23]);
    }
}
