//! Resilience patterns: small automata that decide and never schedule. One file each.

pub mod balance;
mod outcome;
pub mod rate_limit;
pub mod retry;

pub use outcome::{Outcome, OutcomeSet};
