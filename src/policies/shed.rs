//! Load shedding (A13): a service turns calls away that it could serve only too late.

use crate::kernel::time::{Duration, Time};

/// When an instance turns calls away, although it has room for them. With more than one rule, any of them will do.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Shed {
    /// When so many wait at the instance, on arrival; `u32::MAX` for any number.
    pub queue: u32,
    /// When it has waited longer than this, as soon as a worker reaches it; [`Duration::MAX`] for any time.
    pub waited: Duration,
    /// When it has waited longer than `target` while the line has not been empty for `interval`, as soon as a worker reaches it
    /// (Maurer, "Fail at Scale", ACM Queue 13(8), 2015: controlled delay; 5 ms and 100 ms there).
    pub codel: Option<Codel>,
    /// When its caller will wait no longer than this, as soon as a worker reaches it.
    pub time_left: Option<Duration>,
    /// Workers of each instance that only steps of a rank take; 0 for none. Who has a lower one is turned away when no more
    /// than these are free, on arrival (trunk reservation: Ross, *Multiservice Loss Models*, 1995).
    pub reserve: u32,
    /// The lowest rank for which they are reserved.
    pub reserve_for: u32,
    /// This share by chance, on arrival, 0 to 1.
    pub share: f64,
    /// What chance decides about.
    pub by: ShedBy,
}

/// What is turned away by chance.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ShedBy {
    /// Each call for itself.
    Call,
    /// Flow runs: the same ones at every service and at each of their calls (Zhou et al., *Overload Control for Scaling `WeChat`
    /// Microservices*, 2018: a user's priority goes with all calls).
    FlowRun,
}

/// Controlled delay.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Codel {
    /// The longest wait while a queue stands.
    pub target: Duration,
    /// From when on a queue stands; also the longest wait otherwise.
    pub interval: Duration,
}

impl Shed {
    /// No rule.
    pub const NEVER: Self = Self {
        queue: u32::MAX,
        waited: Duration::MAX,
        codel: None,
        time_left: None,
        reserve: 0,
        reserve_for: 1,
        share: 0.0,
        by: ShedBy::Call,
    };

    /// Is somebody turned away who finds `n` waiting?
    #[must_use]
    pub fn is_too_many(&self, n: usize) -> bool {
        self.queue != u32::MAX && n >= self.queue as usize
    }

    /// Is somebody of this rank turned away who finds so many workers free?
    #[must_use]
    pub fn is_reserved(&self, rank: u32, n_free: u64) -> bool {
        self.reserve > 0 && rank < self.reserve_for && n_free <= u64::from(self.reserve)
    }

    /// Is somebody turned away whom a worker reaches now, who came at `came`, where somebody has been waiting since `since`
    /// without a break?
    #[must_use]
    pub fn is_too_old(&self, came: Time, since: Time, now: Time) -> bool {
        let waited = now - came;
        let most = self.codel.map_or(Duration::MAX, |codel| {
            if now - since > codel.interval {
                codel.target
            } else {
                codel.interval
            }
        });
        waited > self.waited.min(most)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(ms: u64) -> Time {
        Time::ZERO + Duration::from_millis(ms)
    }

    #[test]
    fn without_rules_nobody_is_turned_away() {
        assert!(!Shed::NEVER.is_too_many(usize::MAX));
        assert!(!Shed::NEVER.is_too_old(at(0), at(0), at(u64::from(u32::MAX))));
    }

    #[test]
    fn each_rule_turns_away_what_it_says() {
        let shed = Shed {
            queue: 3,
            waited: Duration::from_millis(500),
            ..Shed::NEVER
        };
        assert!(!shed.is_too_many(2) && shed.is_too_many(3));
        assert!(!shed.is_too_old(at(100), at(0), at(600)));
        assert!(shed.is_too_old(at(100), at(0), at(601)));
    }

    #[test]
    fn a_standing_queue_is_allowed_less() {
        let shed = Shed {
            codel: Some(Codel {
                target: Duration::from_millis(5),
                interval: Duration::from_millis(100),
            }),
            ..Shed::NEVER
        };
        // Not empty for 60 ms: a wait of 60 ms is in order. For 101 ms: one of 6 ms is not.
        assert!(!shed.is_too_old(at(0), at(0), at(60)));
        assert!(!shed.is_too_old(at(96), at(0), at(101)));
        assert!(shed.is_too_old(at(95), at(0), at(101)));
    }
}
