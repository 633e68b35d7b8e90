//! The account of a flow over the whole measured window: in one piece, or in batches, where one long replication must tell by
//! itself how sure its numbers are (batch means: Law, "Simulation Modeling and Analysis", 5th ed. 2015, 9.5.3).

use super::slice::{Slice, SliceSeen, Wanted};
use super::spans::Spans;
use crate::kernel::time::{Duration, Time};
use crate::model::System;

/// Batches of a single replication (Schmeiser, "Batch size effects in the analysis of simulation output", Operations Research 30(3),
/// 1982: more than 10 to 30 gain next to nothing).
const BATCHES: u32 = 20;

/// The running account.
#[derive(Debug)]
pub(super) struct Whole {
    /// In one piece; nothing is counted here if there are batches.
    whole: Slice,
    batches: Option<Box<Batches>>,
}

/// The parts, in order.
#[derive(Debug)]
struct Batches {
    slices: Vec<Slice>,
    opens: Time,
    /// Of a batch.
    length: Duration,
    /// The batch the clock was in when the backlog was last told, and the backlog since then.
    now: usize,
    backlog: u64,
}

/// May a replication be cut into batches: one alone, of a load that does not change, with no fault in it?
fn is_batched(system: &System) -> bool {
    let plan = &system.plan;
    plan.replications == 1
        && plan.precision.is_none()
        && plan.duration.0 >= u64::from(BATCHES)
        && system.faults.is_empty()
        && system
            .sources
            .iter()
            .all(|source| source.arrivals.is_steady())
}

impl Whole {
    /// Nothing counted yet.
    #[must_use]
    pub(super) fn new(system: &System, wanted: Wanted) -> Self {
        Self {
            whole: Slice::new(Spans::whole(system), wanted),
            batches: is_batched(system).then(|| Box::new(Batches::new(system, wanted))),
        }
    }

    /// The account that counts a flow run that started at `start`, within the window; and what happens at that instant.
    #[inline]
    pub(super) fn at(&mut self, start: Time) -> &mut Slice {
        match &mut self.batches {
            None => &mut self.whole,
            Some(batches) => batches.at(start),
        }
    }

    /// The backlog is `value` from `now` on.
    #[inline]
    pub(super) fn backlog(&mut self, now: Time, value: u64) {
        match &mut self.batches {
            None => self.whole.backlog(now, value),
            Some(batches) => batches.backlog(now, value),
        }
    }

    /// The account of the whole window, closed at the end of the run; and that of each batch, if there are batches.
    #[must_use]
    pub(super) fn seen(self, ended: Time) -> (SliceSeen, Vec<SliceSeen>) {
        match self.batches {
            None => (self.whole.seen(ended), Vec::new()),
            Some(batches) => {
                let seen = batches.seen(ended);
                (SliceSeen::of(&seen), seen)
            }
        }
    }
}

impl Batches {
    fn new(system: &System, wanted: Wanted) -> Self {
        let (opens, closes) = (system.plan.opens(), system.plan.closes());
        let length = Duration(system.plan.duration.0 / u64::from(BATCHES));
        let at = |nth: u32| {
            if nth == BATCHES {
                closes
            } else {
                opens + Duration(length.0 * u64::from(nth))
            }
        };
        let slice = |nth| Slice::new(Spans::between(at(nth), at(nth + 1)), wanted);
        Self {
            slices: (0..BATCHES).map(slice).collect(),
            opens,
            length,
            now: 0,
            backlog: 0,
        }
    }

    fn at(&mut self, start: Time) -> &mut Slice {
        let idx = self.idx(start);
        &mut self.slices[idx]
    }

    fn idx(&self, time: Time) -> usize {
        let last = self.slices.len() - 1;
        let nth = time.since(self.opens).0 / self.length.0;
        usize::try_from(nth).map_or(last, |nth| nth.min(last))
    }

    fn backlog(&mut self, now: Time, value: u64) {
        self.reach(now);
        self.slices[self.now].backlog(now, value);
        self.backlog = value;
    }

    /// The clock has come to `now`: batches that end before it are closed, and the next one begins with the backlog that is left.
    fn reach(&mut self, now: Time) {
        let idx = self.idx(now);
        while self.now < idx {
            self.slices[self.now].backlog(now, self.backlog);
            self.now += 1;
            self.slices[self.now].begins_with(self.backlog);
        }
    }

    fn seen(mut self, ended: Time) -> Vec<SliceSeen> {
        self.reach(ended);
        let slices = self.slices.into_iter();
        slices.map(|slice| slice.seen(ended)).collect()
    }
}
