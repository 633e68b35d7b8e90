//! What is allowed but suspicious, each with its numbers. Looks only at cases without an error.

mod calls;
mod capacity;
mod load;
mod partitions;
mod pileup;
mod unused;
mod words;

use super::mistakes::Mistakes;
use super::resolve::Resolved;
use super::wire::Wired;
use crate::scenario::Scenario;

/// Reports every suspicion.
pub(crate) fn lint(
    scenario: &Scenario,
    resolved: &Resolved<'_>,
    wired: &Wired<'_>,
    mistakes: &mut Mistakes,
) {
    unused::lint(scenario, resolved, wired, mistakes);
    calls::lint(scenario, resolved, wired, mistakes);
    capacity::lint(scenario, resolved, mistakes);
    let load = load::Load::of(resolved, wired);
    load.lint(scenario, resolved, mistakes);
    partitions::lint(scenario, resolved, wired, &load, mistakes);
    pileup::lint(scenario, resolved, wired, &load, mistakes);
}
