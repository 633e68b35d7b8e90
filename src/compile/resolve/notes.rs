//! The system, and what later passes must know of where it came from.

use std::collections::BTreeMap;

use crate::compile::codes;
use crate::compile::mistakes::Mistakes;
use crate::kernel::dist::Dist;
use crate::kernel::ids::{Id, IdVec};
use crate::kernel::time::Duration;
use crate::model::{
    BrokerId, CopyId, DataId, FaultId, FlowId, Item, Required, ServiceId, SourceId, Step, StepId,
    System, ZoneId,
};
use crate::scenario::{self, Entry, Map, Scenario};

/// The system and its notes.
pub(crate) struct Resolved<'a> {
    /// What will be run.
    pub(crate) system: System,
    /// Where each step was written.
    pub(crate) steps: IdVec<StepId, StepNote<'a>>,
    /// Names to ids.
    pub(crate) index: Index<'a>,
    /// Stands for the senders that keep the messages of webhooks, if the variant has any.
    pub(crate) webhook: Option<crate::model::BrokerId>,
    /// The same for those who push them over open connections.
    pub(crate) stream: Option<crate::model::BrokerId>,
    /// The variant's copies of data; a [`CopyId`] is a place in this list.
    pub(crate) copies: Vec<Copied<'a>>,
    /// The highest rate of each source, per second, without faults.
    pub(crate) peaks: IdVec<SourceId, f64>,
}

/// Where a step was written.
pub(crate) struct StepNote<'a> {
    /// As written.
    pub(crate) written: &'a scenario::Step,
    /// Which place of the flow's own list it is in (0 for the entry); a `then` step is where its parent is.
    pub(crate) item_idx: usize,
    /// The step whose `then` it is part of.
    pub(crate) parent: Option<StepId>,
    /// Can its place be passed without it?
    pub(crate) quorum: Quorum,
    /// What it has to do with the flow's list.
    pub(crate) role: Role,
}

/// What a step has to do with the list of its flow.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Role {
    /// It is in it, or part of a step that is.
    Listed,
    /// It undoes this step, when a saga asks for that.
    Undoes(StepId),
    /// It asks the service of this step for its result, when a message carries an id only.
    Asks(StepId),
    /// It tells clients what became of their flow runs; the flow begins with this step.
    Tells(StepId),
    /// It does this step instead of it, at another service, when a call has failed for good.
    StandsIn(StepId),
    /// It applies what this step has written to a copy.
    Applies(StepId, CopyId),
}

/// A copy whose names are known.
#[derive(Clone, Copy)]
pub(crate) struct Copied<'a> {
    /// As written.
    pub(crate) written: &'a Entry<scenario::Copy>,
    /// Of what.
    pub(crate) data: DataId,
    /// The service that keeps it.
    pub(crate) at: ServiceId,
}

impl Copied<'_> {
    /// How long it takes to apply an update.
    pub(crate) fn apply(&self) -> Dist {
        let written = self.written.value.apply.as_ref();
        written.map_or(Dist::constant(Duration::ZERO), |time| time.value.clone())
    }
}

/// Can a place of a list be passed without this step?
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Quorum {
    /// It needs every required step.
    All,
    /// It needs only some of them.
    Some,
}

/// Names to ids. The first of two things of one name keeps it.
pub(crate) struct Index<'a> {
    /// Services.
    pub(crate) services: BTreeMap<&'a str, ServiceId>,
    /// Brokers.
    pub(crate) brokers: BTreeMap<&'a str, BrokerId>,
    /// Data.
    pub(crate) data: BTreeMap<&'a str, DataId>,
    /// Flows.
    pub(crate) flows: BTreeMap<&'a str, FlowId>,
    /// Sources.
    pub(crate) sources: BTreeMap<&'a str, SourceId>,
    /// Zones: whatever is named as one.
    pub(crate) zones: BTreeMap<&'a str, ZoneId>,
    /// Their names, in the order of the file.
    pub(crate) zone_names: IdVec<ZoneId, &'a str>,
    /// Faults.
    pub(crate) faults: BTreeMap<&'a str, FaultId>,
    /// Steps of each flow.
    pub(crate) steps: IdVec<FlowId, BTreeMap<&'a str, StepId>>,
    /// Steps of all flows.
    pub(crate) all_steps: BTreeMap<&'a str, Vec<StepId>>,
}

impl<'a> Index<'a> {
    /// The index of everything that is a map entry; steps are added as they are found.
    pub(crate) fn new(scenario: &'a Scenario, mistakes: &mut Mistakes) -> Self {
        let mut index = Self {
            services: ids_of(&scenario.services),
            brokers: ids_of(&scenario.brokers),
            data: ids_of(&scenario.data),
            flows: ids_of(&scenario.flows),
            sources: ids_of(&scenario.traffic),
            faults: ids_of(&scenario.faults),
            zones: BTreeMap::new(),
            zone_names: IdVec::new(),
            steps: scenario.flows.iter().map(|_| BTreeMap::new()).collect(),
            all_steps: BTreeMap::new(),
        };
        index.add_zones(scenario, mistakes);
        let brokers = scenario
            .brokers
            .iter()
            .map(|entry| ("broker", &entry.name, entry.place));
        let sources = scenario
            .traffic
            .iter()
            .map(|entry| ("source", &entry.name, entry.place));
        for (kind, name, place) in brokers.chain(sources) {
            let other = if index.services.contains_key(name.as_str()) {
                "service"
            } else if kind == "source" && index.brokers.contains_key(name.as_str()) {
                "broker"
            } else {
                continue;
            };
            mistakes
                .error(
                    codes::TWICE,
                    place,
                    format!("`{name}` names a {other} and a {kind}"),
                )
                .help(format!(
                    "give the {kind} a name of its own: a fault's target could mean either"
                ));
        }
        index
    }

    /// Zones need no entry of their own: they are what services and brokers stand in.
    fn add_zones(&mut self, scenario: &'a Scenario, mistakes: &mut Mistakes) {
        let of_services = scenario.services.iter().map(|entry| &entry.value.zones);
        let of_brokers = scenario.brokers.iter().map(|entry| &entry.value.zones);
        for zone in of_services.chain(of_brokers).flatten() {
            let name = zone.value.as_str();
            if self.zones.contains_key(name) {
                continue;
            }
            let other = match name {
                _ if self.services.contains_key(name) => Some("a service"),
                _ if self.brokers.contains_key(name) => Some("a broker"),
                _ if self.sources.contains_key(name) => Some("a source"),
                "discovery" => Some("what callers know of instances"),
                _ => None,
            };
            if let Some(other) = other {
                let message = format!("`{name}` names {other} and a zone");
                mistakes
                    .error(codes::TWICE, zone.place, message)
                    .help("give the zone a name of its own: a fault's target could mean either");
            }
            let id = self.zone_names.push(name);
            self.zones.insert(name, id);
        }
    }
}

fn ids_of<I: Id, T>(map: &Map<T>) -> BTreeMap<&str, I> {
    let mut ids = BTreeMap::new();
    for (idx, entry) in map.iter().enumerate() {
        ids.entry(entry.name.as_str()).or_insert(I::from_idx(idx));
    }
    ids
}

impl<'a> Resolved<'a> {
    /// Is the step one whose failure fails its caller?
    pub(crate) fn is_required(&self, step: StepId) -> bool {
        self.system.steps[step].required == Required::Required
    }

    /// Is it no broker, but the sender itself?
    pub(crate) fn is_sender(&self, broker: BrokerId) -> bool {
        self.webhook == Some(broker) || self.stream == Some(broker)
    }

    /// What a step is called.
    pub(crate) fn name(&self, step: StepId) -> &'a str {
        &self.steps[step].written.name.value
    }

    /// The branches that must succeed, and how many of them.
    pub(crate) fn required_of(&self, item: &Item) -> (Vec<StepId>, u32) {
        let required: Vec<StepId> = item
            .branches
            .iter()
            .copied()
            .filter(|&step| self.is_required(step))
            .collect();
        let n_optional = count(item.branches.len() - required.len());
        (required, item.need - n_optional)
    }

    /// The ids of a flow's steps, in order.
    pub(crate) fn steps_of(&self, flow: FlowId) -> impl DoubleEndedIterator<Item = StepId> + use<> {
        self.system.flows[flow].steps.clone().map(StepId)
    }

    /// The service of a step.
    pub(crate) fn step(&self, step: StepId) -> &Step {
        &self.system.steps[step]
    }
}

/// A length as a count.
pub(crate) fn count(len: usize) -> u32 {
    u32::try_from(len).expect("fewer than 2^32 things of a kind")
}
