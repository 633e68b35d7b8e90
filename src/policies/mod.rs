//! Resilience patterns: small automata that decide and never schedule. One file each.

pub mod balance;
pub mod breaker;
pub mod budget;
pub mod bulkhead;
pub mod gate;
pub mod guard;
mod outcome;
pub mod rate_limit;
pub mod retry;

pub use outcome::{Outcome, OutcomeSet};
