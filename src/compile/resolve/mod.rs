//! Scenario → System: every name an id, every default filled. Knows nothing of wirings.

mod faults;
mod flows;
mod metrics;
mod notes;
mod objectives;
mod parts;
mod quantities;
mod targets;
pub(crate) mod traffic;

pub(crate) use notes::{Index, Quorum, Resolved};

use super::mistakes::Mistakes;
use crate::model::{Names, System};
use crate::scenario::Scenario;

/// Builds the system. With an error among the mistakes it may hold ids that lead nowhere: ask with `get`, or stop.
pub(crate) fn resolve<'a>(scenario: &'a Scenario, mistakes: &mut Mistakes) -> Resolved<'a> {
    let mut resolved = Resolved {
        system: System {
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
        index: Index::new(scenario, mistakes),
    };
    flows::resolve(scenario, &mut resolved, mistakes);
    traffic::resolve(scenario, &mut resolved, mistakes);
    faults::resolve(scenario, &mut resolved, mistakes);
    objectives::resolve(scenario, &mut resolved, mistakes);
    resolved
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
        flows: of(&scenario.flows),
        steps: crate::kernel::ids::IdVec::new(),
        sources: of(&scenario.traffic),
        faults: of(&scenario.faults),
        objectives: of(&scenario.slo),
    }
}
