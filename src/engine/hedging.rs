//! Hedges as values (A20): those of an edge at work, and the twins of each call.

use super::slab::Ref;
use crate::model::Edge;
use crate::policies::budget::{Budget, Purse};
use crate::policies::hedge::{Hedge, Recent};
use std::collections::BTreeMap;

/// The hedges of an edge at work.
#[derive(Debug)]
pub(super) struct Hedging {
    pub(super) law: Hedge,
    pub(super) recent: Recent,
    /// One for each instance of the caller; none without a budget.
    purses: Vec<Purse>,
}

impl Hedging {
    /// The hedges of an edge whose caller has so many instances.
    pub(super) fn new(edge: &Edge, n_callers: usize) -> Option<Box<Self>> {
        let law = edge.hedge?;
        let purse = law.budget.map(Budget::purse);
        Some(Box::new(Self {
            law,
            recent: Recent::default(),
            purses: purse.map_or_else(Vec::new, |purse| vec![purse; n_callers]),
        }))
    }

    /// The budget of one of the caller's instances, if there is any.
    pub(super) fn purse(&mut self, instance: usize) -> Option<&mut Purse> {
        let n = self.purses.len();
        self.purses.get_mut(instance % n.max(1))
    }
}

/// The twins of a call's present attempt.
#[derive(Debug, Default)]
pub(super) struct Twins {
    /// Those that are out.
    pub(super) out: Vec<Ref>,
    pub(super) n_sent: u32,
}

/// By the slot of the call.
pub(super) type AllTwins = BTreeMap<u32, Twins>;
