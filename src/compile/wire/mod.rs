//! (System, variant) → Wiring: how each step is reached, who carries the flow on, and by which policies.
//!
//! ```text
//! reach: call or message, each step ─▶ weave: who does what next ─▶ answer, workers: is it allowed?
//!                                        └─ policies: what was written for each edge and channel
//! ```

mod answer;
mod checks;
mod consume;
mod copies;
mod guards;
mod policies;
mod reach;
mod weave;
mod workers;

pub(crate) use consume::ConsumeNote;
pub(crate) use policies::CallNote;

use super::mistakes::Mistakes;
use super::resolve::Resolved;
use crate::kernel::ids::IdVec;
use crate::model::{ChannelId, EdgeId, Wiring};
use crate::scenario::Scenario;

/// The wiring, and where its policies were written.
pub(crate) struct Wired<'a> {
    /// What will be run.
    pub(crate) wiring: Wiring,
    /// What was written for each edge; empty for messages.
    pub(crate) calls: IdVec<EdgeId, CallNote<'a>>,
    /// What was written for each channel.
    pub(crate) consumes: IdVec<ChannelId, ConsumeNote<'a>>,
}

/// Builds the wiring of the scenario's variant. With an error among the mistakes it may hold ids that lead nowhere.
pub(crate) fn wire<'a>(
    scenario: &'a Scenario,
    resolved: &Resolved<'a>,
    mistakes: &mut Mistakes,
) -> Wired<'a> {
    let mut book = policies::Book::new(&scenario.variant.value, resolved, mistakes);
    let reach = reach::reach(scenario, resolved, mistakes);
    let wired = weave::weave(scenario, resolved, &reach, &mut book, mistakes);
    book.warn_unused(resolved, mistakes);
    answer::check(scenario, resolved, &reach, &wired.wiring, mistakes);
    workers::check(resolved, &wired, mistakes);
    wired
}
