//! Instants that were recorded, as they were.
//!
//! ```text
//!   file      |  ×  × ×     ×   ×
//!   run  ×  × |  ×  × ×     ×   ×
//!     warm-up  window opens            then nobody
//! ```

use super::Recorded;
use crate::kernel::time::{Duration, Time};

/// The process of [`Recorded`].
#[derive(Clone, Debug)]
pub(super) struct Replay {
    law: Recorded,
    /// How long the warm-up is.
    warm_up: Duration,
    /// Is it under way?
    is_warming: bool,
    next: usize,
}

impl Replay {
    pub(super) fn new(law: &Recorded, opens: Time) -> Self {
        Self {
            law: law.clone(),
            warm_up: opens - Time::ZERO,
            is_warming: true,
            next: 0,
        }
    }

    pub(super) fn next_instant(&mut self) -> Option<Time> {
        let instants = self.law.instants();
        if self.is_warming {
            match instants.get(self.next).filter(|&&at| at < self.warm_up) {
                Some(&at) => {
                    self.next += 1;
                    return Some(Time::ZERO + at);
                }
                None => (self.is_warming, self.next) = (false, 0),
            }
        }
        let at = instants.get(self.next)?;
        self.next += 1;
        Some(Time::ZERO + self.warm_up + *at)
    }
}
