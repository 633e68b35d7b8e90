//! Resilience patterns: small automata that decide and never schedule. One file each.

pub mod autoscale;
pub mod balance;
pub mod breaker;
pub mod budget;
pub mod bulkhead;
pub mod discipline;
pub mod discovery;
pub mod gate;
pub mod guard;
pub mod hedge;
pub mod limit;
mod outcome;
pub mod outlier;
pub mod rate_limit;
pub mod retry;
pub mod shed;
mod tenths;
pub mod throttle;

pub use outcome::{Outcome, OutcomeSet};
