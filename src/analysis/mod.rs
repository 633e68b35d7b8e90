//! Findings: what the observations of all replications say.

mod findings;
pub use findings::*;

use crate::compile::Case;
use crate::experiment::Observations;

/// Merges and judges. `stamp` and `warnings` go through as they are.
#[must_use]
pub fn findings(
    stamp: Stamp,
    warnings: Vec<Warning>,
    cases: &[Case],
    observations: &Observations,
) -> Findings {
    let _ = (cases, observations);
    Findings {
        stamp,
        variants: Vec::new(),
        objectives: Vec::new(),
        faults: Vec::new(),
        differences: Vec::new(),
        warnings,
    }
}
