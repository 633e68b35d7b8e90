//! Resilience patterns: small automata that decide and never schedule. One file each.

mod outcome;
pub mod retry;

pub use outcome::{Outcome, OutcomeSet};
