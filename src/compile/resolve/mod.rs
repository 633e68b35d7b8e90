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
            services: parts::services(scenario, mistakes),
            brokers: parts::brokers(scenario, mistakes),
            flows: crate::kernel::ids::IdVec::new(),
            steps: crate::kernel::ids::IdVec::new(),
            sources: crate::kernel::ids::IdVec::new(),
            faults: crate::kernel::ids::IdVec::new(),
            hop: parts::hop(scenario),
            objectives: crate::kernel::ids::IdVec::new(),
            plan: parts::plan(scenario, mistakes),
            names: names(scenario),
        },
        steps: crate::kernel::ids::IdVec::new(),
        index,
        webhook: None,
        copies: Vec::new(),
    };
    if uses_webhooks(scenario, &resolved) {
        let id = resolved.system.brokers.push(parts::webhook());
        resolved.system.names.brokers.push(WEBHOOK.to_owned());
        resolved.webhook = Some(id);
    }
    resolved.copies = data::copies(scenario, &resolved, mistakes);
    flows::resolve(scenario, &mut resolved, mistakes);
    traffic::resolve(scenario, &mut resolved, mistakes);
    faults::resolve(scenario, &mut resolved, mistakes);
    objectives::resolve(scenario, &mut resolved, mistakes);
    resolved
}

/// What `via` calls a wiring in which the sender keeps and posts its messages itself.
pub(crate) const WEBHOOK: &str = "webhook";

/// Does the variant say `via: webhook`, and is that no broker of its own?
fn uses_webhooks(scenario: &Scenario, resolved: &Resolved<'_>) -> bool {
    let variant = &scenario.variant.value;
    let steps = variant.steps.iter().map(|entry| entry.value.via.as_ref());
    let mut vias = std::iter::once(variant.via.as_ref()).chain(steps).flatten();
    !resolved.index.brokers.contains_key(WEBHOOK) && vias.any(|via| via.value == WEBHOOK)
}

/// The names of everything that is a map entry; steps are named as they are found.
fn names(scenario: &Scenario) -> Names {
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
        faults: of(&scenario.faults),
        objectives: of(&scenario.slo),
    }
}
