//! The policies of every edge at work: one gate for each caller that has its own.

use super::probe::Cause;
use crate::kernel::time::Time;
use crate::model::{Around, Edge, Whose};
use crate::policies::Outcome;
use crate::policies::budget::Purse;
use crate::policies::gate::{Ended, Gate};
use std::collections::BTreeMap;

/// What stands before the attempts of one edge.
#[derive(Debug, Default)]
pub(super) struct EdgeGuards {
    /// The outermost first.
    guards: Vec<Guard>,
    /// What retries draw upon; empty without a budget.
    pub(super) purses: Vec<Purse>,
}

#[derive(Debug)]
struct Guard {
    around: Around,
    refusal: Outcome,
    gates: Vec<AtWork>,
}

/// A gate, and what it turns attempts away for.
#[derive(Debug)]
struct AtWork {
    gate: Box<dyn Gate>,
    trip: Option<Cause>,
}

/// A call over a guarded edge.
#[derive(Clone, Copy, Debug)]
pub(super) struct Guarded {
    /// Which of the caller's instances it is of.
    pub(super) instance: usize,
    /// When the call began.
    pub(super) began: Time,
    pub(super) state: Passed,
}

/// Which gates a call has passed and not yet been settled with.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Passed {
    /// None so far.
    None,
    /// Those around the call.
    Call,
    /// Those around the present attempt too.
    Attempt,
    /// One around the call has turned it away: there is no further attempt.
    Barred,
}

/// The calls over guarded edges that are under way, by slot.
pub(super) type GuardedCalls = BTreeMap<u32, Guarded>;

impl EdgeGuards {
    /// The guards of an edge whose caller has so many instances; `None` for an edge without any.
    pub(super) fn new(edge: &Edge, n_callers: usize) -> Option<Box<Self>> {
        let budget = edge.budget;
        if edge.guards.is_empty() && budget.is_none() {
            return None;
        }
        let guards = edge.guards.iter().map(|guarded| {
            let n = match guarded.whose {
                Whose::Instance => n_callers,
                Whose::Shared => 1,
            };
            let gate = |_| AtWork {
                gate: guarded.guard.gate(),
                trip: None,
            };
            Guard {
                around: guarded.around,
                refusal: guarded.guard.refusal(),
                gates: (0..n).map(gate).collect(),
            }
        });
        Some(Box::new(Self {
            guards: guards.collect(),
            purses: budget.map_or_else(Vec::new, |budget| vec![budget.purse(); n_callers]),
        }))
    }

    /// Asks the gates of one kind, the outermost first. If one turns the attempt away, those before it are told, and this is
    /// how the attempt ends.
    pub(super) fn ask(&mut self, around: Around, instance: usize, now: Time) -> Option<Outcome> {
        let of_kind = |guard: &&mut Guard| guard.around == around;
        let refused = self.guards.iter_mut().filter(of_kind).position(|guard| {
            let gate = guard.gate(instance);
            !gate.gate.admits(now)
        })?;
        let refusal = self
            .guards
            .iter()
            .filter(|guard| guard.around == around)
            .nth(refused)?
            .refusal;
        let ended = Ended {
            began: now,
            at: now,
            outcome: refusal,
        };
        for guard in self.guards.iter_mut().filter(of_kind).take(refused) {
            guard.gate(instance).gate.settled(&ended);
        }
        Some(refusal)
    }

    /// Tells the gates of one kind how what they have let through has ended, and why.
    pub(super) fn tell(
        &mut self,
        around: Around,
        instance: usize,
        ended: &Ended,
        cause: Option<Cause>,
    ) {
        for guard in self
            .guards
            .iter_mut()
            .filter(|guard| guard.around == around)
        {
            let at_work = guard.gate(instance);
            at_work.gate.settled(ended);
            if !at_work.gate.is_tripped() {
                at_work.trip = None;
            } else if at_work.trip.is_none() {
                at_work.trip = cause;
            }
        }
    }

    /// What an attempt is turned away for, that ends in `outcome` without having been made.
    pub(super) fn trip(&self, instance: usize, outcome: Outcome) -> Option<Cause> {
        let mut guards = self.guards.iter().filter(|guard| guard.refusal == outcome);
        guards.find_map(|guard| guard.gates[instance % guard.gates.len()].trip)
    }
}

impl Guard {
    /// The gate of one of the caller's instances. A caller that does the rest of a step it does not need may have more
    /// instances than that step's service.
    fn gate(&mut self, instance: usize) -> &mut AtWork {
        let n = self.gates.len();
        &mut self.gates[instance % n]
    }
}
