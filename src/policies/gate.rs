//! What stands between a caller and its attempts: asked before each, told how it ended. Decides and never schedules.

use super::Outcome;
use crate::kernel::time::Time;
use std::fmt::Debug;

/// How an attempt that was let through has ended.
#[derive(Clone, Copy, Debug)]
pub struct Ended {
    /// When it began.
    pub began: Time,
    /// When it ended.
    pub at: Time,
    /// How: also [`Outcome::Cancelled`] and the like, for an attempt that says nothing about the callee.
    pub outcome: Outcome,
}

/// One policy at work, for one caller.
pub trait Gate: Debug {
    /// May an attempt begin now? If so, [`Gate::settled`] follows, once.
    fn admits(&mut self, now: Time) -> bool;

    /// With which chance, 0 to 1, is an attempt turned away before it is asked for any other reason? Asked once for each.
    fn refuses_by(&mut self, now: Time) -> f64 {
        let _ = now;
        0.0
    }

    /// An attempt that was let through has ended.
    fn settled(&mut self, ended: &Ended);

    /// Does it turn attempts away because of how earlier ones ended?
    fn is_tripped(&self) -> bool {
        false
    }
}
