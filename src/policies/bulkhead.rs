//! Bulkhead (A14): so many attempts under way at once, and no more.

use super::gate::{Ended, Gate};
use crate::kernel::time::{Duration, Time};

/// A bound on attempts under way. Who stands in line is the caller's business; the gate knows the places only.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Bulkhead {
    /// Attempts under way at most; at least 1.
    pub most: u32,
    /// Places to wait for one; 0 for none.
    pub queue: u32,
    /// How long an attempt waits for one; [`Duration::MAX`] for ever.
    pub wait: Duration,
}

impl Bulkhead {
    /// Ready for one caller: nothing is under way.
    #[must_use]
    pub const fn gate(self) -> impl Gate {
        Hold {
            law: self,
            inside: 0,
        }
    }
}

#[derive(Debug)]
struct Hold {
    law: Bulkhead,
    inside: u32,
}

impl Gate for Hold {
    fn admits(&mut self, _: Time) -> bool {
        let has_room = self.inside < self.law.most;
        self.inside += u32::from(has_room);
        has_room
    }

    fn settled(&mut self, _: &Ended) {
        self.inside -= 1;
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::policies::Outcome;

    #[test]
    fn places_are_taken_and_given_back_however_an_attempt_ends() {
        let mut gate = Bulkhead {
            most: 2,
            queue: 0,
            wait: Duration::MAX,
        }
        .gate();
        let now = Time::ZERO;
        assert!(gate.admits(now) && gate.admits(now) && !gate.admits(now));
        for outcome in [Outcome::Timeout, Outcome::Cancelled] {
            gate.settled(&Ended {
                began: now,
                at: now,
                outcome,
            });
        }
        assert!(gate.admits(now) && gate.admits(now) && !gate.admits(now));
    }
}
