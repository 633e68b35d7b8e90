//! Hedges as values (A20): those of an edge at work, and the twins of each call.

use super::guards::Purses;
use super::slab::Ref;
use crate::model::Edge;
use crate::policies::hedge::{Hedge, Recent};
use std::collections::BTreeMap;

/// The hedges of an edge at work.
#[derive(Debug)]
pub(super) struct Hedging {
    pub(super) law: Hedge,
    pub(super) recent: Recent,
    pub(super) purses: Purses,
}

impl Hedging {
    /// The hedges of an edge whose caller has so many instances.
    pub(super) fn new(edge: &Edge, n_callers: usize) -> Option<Box<Self>> {
        let law = edge.hedge?;
        Some(Box::new(Self {
            law,
            recent: Recent::default(),
            purses: Purses::new(law.budget, n_callers),
        }))
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
