//! The policies of every edge at work: one gate for each caller that has its own.

use super::probe::Cause;
use super::slab::Ref;
use crate::kernel::chance::Draw;
use crate::kernel::time::{Duration, Time};
use crate::model::{Around, Edge, Whose};
use crate::policies::Outcome;
use crate::policies::budget::{Budget, Purse};
use crate::policies::gate::{Ended, Gate};
use std::collections::{BTreeMap, VecDeque};

/// What stands before the attempts of one edge.
#[derive(Debug, Default)]
pub(super) struct EdgeGuards {
    /// The outermost first.
    guards: Vec<Guard>,
    /// What retries draw upon; empty without a budget.
    purses: Purses,
}

/// The budgets of a caller's instances, one each; none without a budget.
#[derive(Debug, Default)]
pub(super) struct Purses(Vec<Purse>);

impl Purses {
    /// Of so many instances.
    pub(super) fn new(budget: Option<Budget>, n_callers: usize) -> Self {
        let purse = budget.map(Budget::purse);
        Self(purse.map_or_else(Vec::new, |purse| vec![purse; n_callers]))
    }

    /// That of one of them, if there is any.
    pub(super) fn of(&mut self, instance: usize) -> Option<&mut Purse> {
        let n = self.0.len();
        self.0.get_mut(instance % n.max(1))
    }
}

#[derive(Debug)]
struct Guard {
    around: Around,
    refusal: Outcome,
    /// Places to wait, and for how long; of the innermost one only.
    line: Option<(u32, Duration)>,
    gates: Vec<AtWork>,
}

/// A gate, and what it turns attempts away for.
#[derive(Debug)]
struct AtWork {
    gate: Box<dyn Gate>,
    trip: Option<Cause>,
    /// Calls that wait for a place, in order.
    waiting: VecDeque<Ref>,
}

impl AtWork {
    fn settled(&mut self, ended: &Ended, cause: Option<Cause>) {
        self.gate.settled(ended);
        if !self.gate.is_tripped() {
            self.trip = None;
        } else if self.trip.is_none() {
            self.trip = cause;
        }
    }
}

/// What the gates say to an attempt.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Answer {
    /// It may begin.
    Passes,
    /// It waits for a place, at most so long.
    Waits(Duration),
    /// It is turned away, and ends so.
    Refused(Outcome),
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
    /// Those around the present attempt but the innermost, where it waits for a place.
    Waiting,
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
                waiting: VecDeque::new(),
            };
            Guard {
                line: guarded.guard.line(),
                around: guarded.around,
                refusal: guarded.guard.refusal(),
                gates: (0..n).map(gate).collect(),
            }
        });
        Some(Box::new(Self {
            guards: guards.collect(),
            purses: Purses::new(budget, n_callers),
        }))
    }

    /// Asks the gates of one kind, the outermost first, for a call. If one turns it away, those before it are told.
    /// Chance, where it has a say, is drawn.
    pub(super) fn ask(
        &mut self,
        around: Around,
        instance: usize,
        (call, now): (Ref, Time),
        draw: &mut Draw,
    ) -> Answer {
        for idx in 0..self.guards.len() {
            let guard = &mut self.guards[idx];
            if guard.around != around {
                continue;
            }
            let gate = &mut guard.gate(instance).gate;
            let chance = gate.refuses_by(now);
            if (chance <= 0.0 || !draw.is_so(chance)) && gate.admits(now) {
                continue;
            }
            let (refusal, line) = (guard.refusal, guard.line);
            let waiting = &mut guard.gate(instance).waiting;
            if let Some((queue, wait)) = line
                && waiting.len() < queue as usize
            {
                waiting.push_back(call);
                return Answer::Waits(wait);
            }
            let ended = Ended {
                began: now,
                at: now,
                outcome: refusal,
            };
            for guard in self.guards[..idx]
                .iter_mut()
                .filter(|guard| guard.around == around)
            {
                guard.gate(instance).gate.settled(&ended);
            }
            return Answer::Refused(refusal);
        }
        Answer::Passes
    }

    /// Tells the gates of one kind how what they have let through has ended, and why. Gives who may pass in its place.
    pub(super) fn tell(
        &mut self,
        around: Around,
        instance: usize,
        ended: &Ended,
        cause: Option<Cause>,
    ) -> Option<Ref> {
        let mut next = None;
        for guard in self
            .guards
            .iter_mut()
            .filter(|guard| guard.around == around)
        {
            let at_work = guard.gate(instance);
            at_work.settled(ended, cause);
            if let Some(call) = at_work.waiting.pop_front() {
                let has_room = at_work.gate.admits(ended.at);
                assert!(has_room, "whoever waits takes the place that is free");
                next = Some(call);
            }
        }
        next
    }

    /// A call that waits for its place, the innermost one, waits no longer: those outside it learn how it ended.
    pub(super) fn leaves(
        &mut self,
        instance: usize,
        call: Ref,
        ended: &Ended,
        cause: Option<Cause>,
    ) {
        let of_attempt = |guard: &&mut Guard| guard.around == Around::Attempt;
        for guard in self.guards.iter_mut().filter(of_attempt) {
            let has_line = guard.line.is_some();
            let at_work = guard.gate(instance);
            if has_line {
                at_work.waiting.retain(|&other| other != call);
            } else {
                at_work.settled(ended, cause);
            }
        }
    }

    /// The budget of one of the caller's instances, if there is any.
    pub(super) fn purse(&mut self, instance: usize) -> Option<&mut Purse> {
        self.purses.of(instance)
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
