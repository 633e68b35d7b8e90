//! Scenario → System: every name an id, every default filled. Knows nothing of wirings.

mod data;
mod faults;
mod flows;
mod metrics;
mod notes;
mod objectives;
pub(crate) mod parts;
mod quantities;
mod targets;
pub(crate) mod traffic;

pub(crate) use notes::{Copied, Index, Quorum, Resolved, Role};

use super::mistakes::Mistakes;
use crate::model::{Names, System};
use crate::scenario::Scenario;

/// Builds the system. With an error among the mistakes it may hold ids that lead nowhere: ask with `get`, or stop.
pub(crate) fn resolve<'a>(scenario: &'a Scenario, mistakes: &mut Mistakes) -> Resolved<'a> {
    let index = Index::new(scenario, mistakes);
    let mut resolved = Resolved {
        system: System {
            data: data::data(scenario, &index, mistakes),
            services: parts::services(scenario, &index, mistakes),
            brokers: parts::brokers(scenario, &index, mistakes),
            flows: crate::kernel::ids::IdVec::new(),
            steps: crate::kernel::ids::IdVec::new(),
            sources: crate::kernel::ids::IdVec::new(),
            faults: crate::kernel::ids::IdVec::new(),
            hop: parts::hop(scenario),
            objectives: crate::kernel::ids::IdVec::new(),
            plan: parts::plan(scenario, mistakes),
            names: names(scenario, &index),
        },
        steps: crate::kernel::ids::IdVec::new(),
        index,
        webhook: None,
        stream: None,
        copies: Vec::new(),
        peaks: crate::kernel::ids::IdVec::new(),
    };
    resolved.webhook = add_sender(scenario, &mut resolved, WEBHOOK);
    resolved.stream = add_sender(scenario, &mut resolved, STREAM);
    resolved.copies = data::copies(scenario, &resolved, mistakes);
    flows::resolve(scenario, &mut resolved, mistakes);
    traffic::resolve(scenario, &mut resolved, mistakes);
    faults::resolve(scenario, &mut resolved, mistakes);
    objectives::resolve(scenario, &mut resolved, mistakes);
    resolved
}

/// What `via` calls a wiring in which the sender keeps and posts its messages itself.
pub(crate) const WEBHOOK: &str = "webhook";

/// What `via` calls a wiring in which the sender pushes its messages over open connections.
pub(crate) const STREAM: &str = "stream";

/// What stands for the senders in the place of a broker, if the variant says `via: <word>`, and that is no broker of its own.
fn add_sender(
    scenario: &Scenario,
    resolved: &mut Resolved<'_>,
    word: &str,
) -> Option<crate::model::BrokerId> {
    let variant = &scenario.variant.value;
    let steps = variant.steps.iter().map(|entry| entry.value.via.as_ref());
    let mut vias = std::iter::once(variant.via.as_ref()).chain(steps).flatten();
    let is_used = !resolved.index.brokers.contains_key(word) && vias.any(|via| via.value == word);
    is_used.then(|| {
        resolved.system.names.brokers.push(word.to_owned());
        resolved.system.brokers.push(parts::sender())
    })
}

/// The names of everything that is a map entry; steps are named as they are found.
fn names(scenario: &Scenario, index: &Index<'_>) -> Names {
    fn of<I: crate::kernel::ids::Id, T>(
        map: &crate::scenario::Map<T>,
    ) -> crate::kernel::ids::IdVec<I, String> {
        map.iter().map(|entry| entry.name.clone()).collect()
    }
    Names {
        services: of(&scenario.services),
        brokers: of(&scenario.brokers),
        data: of(&scenario.data),
        flows: of(&scenario.flows),
        steps: crate::kernel::ids::IdVec::new(),
        sources: of(&scenario.traffic),
        zones: index.zone_names.iter().map(ToString::to_string).collect(),
        faults: of(&scenario.faults),
        objectives: of(&scenario.slo),
    }
}
