//! From what the user wrote to what will be run: Scenario → System, then (System, Wiring). Reports every mistake at once.
//!
//! ```text
//! Scenario ─ resolve ─▶ System, notes ─ wire ─▶ Wiring, notes ─ check ─ lint ─▶ Case
//!     names to ids, defaults filled     who does what next     errors   warnings
//! ```
//!
//! Each pass collects mistakes and goes on with what it could read; the case comes back only if none is an error.

mod codes;
pub mod demand;
mod lints;
mod lore;
mod mistakes;
mod resolve;
mod wire;

#[cfg(test)]
mod tests;

use std::collections::BTreeSet;

use crate::diagnostic::{Code, Diagnostic, Place, Severity};
use crate::model::{System, Wiring};
use crate::scenario::{Draft, Scenario};

pub use codes::CODES;
pub use lore::LORE;

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
    let mut mistakes = mistakes::Mistakes::default();
    let resolved = resolve::resolve(scenario, &mut mistakes);
    let wired = wire::wire(scenario, &resolved, &mut mistakes);
    if mistakes.has_error() {
        return (None, mistakes.into_sorted());
    }
    lints::lint(scenario, &resolved, &wired, &mut mistakes);
    let case = Case {
        system: resolved.system,
        wiring: wired.wiring,
    };
    (Some(case), mistakes.into_sorted())
}

/// Compiles every view of a file. A mistake in a block that variants share is reported once, and what one variant leaves
/// unused is no mistake if another uses it. The cases come back, in order, only if no diagnostic is an error.
#[must_use]
pub fn compile_all(views: &[Scenario]) -> (Option<Vec<Case>>, Vec<Diagnostic>) {
    let (cases, found): (Vec<_>, Vec<_>) = views.iter().map(compile).unzip();
    let mut all: Vec<Diagnostic> = Vec::new();
    let mut seen = BTreeSet::new();
    for diagnostic in found.iter().flatten() {
        let key = (
            diagnostic.code,
            diagnostic.place,
            diagnostic.message.as_str(),
        );
        if seen.insert(key)
            && (!is_collective(diagnostic) || everyone_says(diagnostic, views, &found))
        {
            all.push(diagnostic.clone());
        }
    }
    all.sort_by_key(|diagnostic| diagnostic.place);
    let broken = all.iter().any(|found| found.severity == Severity::Error);
    let cases = cases.into_iter().collect::<Option<Vec<_>>>();
    (cases.filter(|_| !broken), all)
}

/// What is wrong with the names and wirings of a file that could not be read without mistakes: only what does not follow
/// from those. A name that is declared somewhere, however badly, is not unknown.
#[must_use]
pub fn further(draft: &Draft) -> Vec<Diagnostic> {
    let (_, mut found) = compile_all(&draft.views);
    let is_wired = draft
        .views
        .iter()
        .all(|view| view.variant.value.wiring.is_some());
    let meets = |a: Place, b: Place| a.file == b.file && a.start < b.end && b.start < a.end;
    found.retain(|one| {
        let is_among = |table: &[Code]| table.iter().any(|code| code.code == one.code);
        let is_own = is_among(codes::INDEPENDENT) || is_wired && is_among(codes::INDEPENDENT_WIRED);
        let is_told = draft
            .diagnostics
            .iter()
            .any(|told| match (told.place, one.place) {
                (Some(told), Some(place)) => meets(told, place),
                _ => false,
            });
        let names_declared = one.message.split('`').skip(1).step_by(2).next();
        let is_lost_service = names_declared.is_some_and(|name| draft.entries.contains(name));
        let is_declared = names_declared.is_some_and(|name| draft.declared.contains(name));
        let is_lookup = one.code == codes::UNKNOWN.code;
        let is_lost =
            is_lookup && is_declared || one.code == codes::NO_SERVICE.code && is_lost_service;
        // A fault whose effect could not be read has one all the same.
        let is_unread = draft
            .views
            .iter()
            .flat_map(|view| &view.faults)
            .any(|fault| Some(fault.place) == one.place);
        one.severity == Severity::Error && is_own && !is_told && !is_lost && !is_unread
    });
    found
}

fn is_collective(diagnostic: &Diagnostic) -> bool {
    codes::COLLECTIVE
        .iter()
        .any(|code| code.code == diagnostic.code)
}

/// Does every view that has the thing at the diagnostic's place say the same of it?
fn everyone_says(diagnostic: &Diagnostic, views: &[Scenario], found: &[Vec<Diagnostic>]) -> bool {
    views.iter().zip(found).all(|(view, found)| {
        let says =
            |other: &Diagnostic| other.code == diagnostic.code && other.place == diagnostic.place;
        let errs = |other: &Diagnostic| other.severity == Severity::Error;
        !has_key_at(view, diagnostic.place) || found.iter().any(|other| says(other) || errs(other))
    })
}

fn has_key_at(view: &Scenario, place: Option<Place>) -> bool {
    let Some(place) = place else { return true };
    let variant = &view.variant.value;
    view.services.iter().any(|entry| entry.place == place)
        || view.brokers.iter().any(|entry| entry.place == place)
        || variant.calls.iter().any(|entry| entry.place == place)
        || variant.consume.iter().any(|entry| entry.place == place)
        || variant.steps.iter().any(|entry| entry.place == place)
}
