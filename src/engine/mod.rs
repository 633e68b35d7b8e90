//! One replication of one wiring: a request in five verbs, *arrive, admit, serve, send, settle*.
//!
//! It knows neither what the user wrote nor what is measured: it executes a [`Wiring`] of a [`System`] and tells a
//! [`Probe`] what happens. Only `transport` looks at a link; nothing else knows which wiring runs.
//!
//! Files, bottom up: `event`, `probe`, `happening`, `slab`, `station`, `record`, `ledger`, `known`, `view`, `scaling`, `hedging`, `guards`, `draws`, `timetable` (values); `world` (calendar and dispatch);
//! `chore`, `network`, `trace`, `flow`, `discovery`, `scale`, `balance`, `admission`, `sharing`, `job`, `copies`, `result`, `transport` (verbs); `switch` (faults), `cause` (why things fail); `build` (a world at rest).

mod admission;
mod balance;
mod build;
mod cause;
mod chore;
mod copies;
mod discovery;
mod draws;
mod event;
mod flow;
mod guards;
mod happening;
mod hedging;
mod job;
mod known;
mod ledger;
mod network;
mod probe;
mod record;
mod result;
mod saga;
mod scale;
mod scaling;
mod sharing;
mod slab;
mod station;
mod switch;
mod timetable;
mod trace;
mod transport;
mod trigger;
mod view;
mod world;
mod zones;

#[cfg(test)]
mod tests;

pub use probe::*;

use crate::model::{System, Wiring};

/// Simulates one replication of `wiring` on `system`, telling `probe` what happens.
///
/// # Panics
/// If an account of A32 does not balance: our bug, named with time and seed.
#[inline(never)] // once a replication, and a profiler finds it
pub fn simulate<P: Probe>(
    system: &System,
    wiring: &Wiring,
    replication: u32,
    probe: &mut P,
) -> RunEnd {
    world::World::new(system, wiring, replication, probe).run()
}
