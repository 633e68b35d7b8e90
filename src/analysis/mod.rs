//! Findings: what the observations of all replications say.

mod findings;
pub use findings::*;
