//! From what the user wrote to what will be run: Scenario → System, then (System, Wiring). Reports every mistake at once.

use crate::diagnostic::Diagnostic;
use crate::model::{System, Wiring};
use crate::scenario::Scenario;

/// A variant, ready to be simulated.
#[derive(Clone, Debug, PartialEq)]
pub struct Case {
    /// What is simulated; equal for every variant that overlays no block.
    pub system: System,
    /// How it is wired.
    pub wiring: Wiring,
}

/// Compiles one variant's view of a scenario. The case comes back only if no diagnostic is an error.
#[must_use]
pub fn compile(scenario: &Scenario) -> (Option<Case>, Vec<Diagnostic>) {
    let _ = scenario;
    (None, Vec::new())
}
