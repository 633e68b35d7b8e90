//! One replication of one wiring.

mod probe;
pub use probe::*;

use crate::model::{System, Wiring};

/// Simulates one replication of `wiring` on `system`, telling `probe` what happens.
///
/// # Panics
/// If an account of A32 does not balance: our bug, named with time and seed.
pub fn simulate<P: Probe>(
    system: &System,
    wiring: &Wiring,
    replication: u32,
    probe: &mut P,
) -> RunEnd {
    let _ = (system, wiring, replication, probe);
    unimplemented!()
}
