//! Flows: the tree of steps as written → steps in order, items, goals.

use std::collections::BTreeSet;

use super::data::data_of;
use super::notes::{Quorum, Resolved, Role, StepNote, count};
use super::parts;
use crate::brokers::partition::Keys;
use crate::compile::codes;
use crate::compile::mistakes::Mistakes;
use crate::copies;
use crate::diagnostic::Place;
use crate::kernel::chance::key_of;
use crate::kernel::dist::Dist;
use crate::kernel::ids::Id;
use crate::kernel::time::Duration;
use crate::model::{CopyId, DataId, Flow, FlowId, Goal, Item, Required, ServiceId, Step, StepId};
use crate::scenario::{self, Carries, DoneWhen, Entry, Fallback, Scenario, Spanned, defaults};

/// Stands for a service that does not exist; an error has been reported, so it never leaves `compile`.
const NOWHERE: ServiceId = ServiceId(u32::MAX);

/// A parallel group may not have more branches than this: joins are quadratic in it.
const BRANCHES_MAX: usize = 256;

/// Adds every flow and its steps.
pub(crate) fn resolve<'a>(
    scenario: &'a Scenario,
    resolved: &mut Resolved<'a>,
    mistakes: &mut Mistakes,
) {
    if scenario.flows.is_empty() {
        mistakes
            .error(codes::ENTRY, None, "there is no flow")
            .help("say what the business does, e.g. `flows: { place_order: { steps: [checkout, payment] } }`");
    }
    let mut walk = Walk {
        scenario,
        resolved,
        mistakes,
        flow: FlowId(0),
        item_idx: 0,
        timeless: BTreeSet::new(),
        unknown_stand_ins: BTreeSet::new(),
    };
    for (idx, entry) in scenario.flows.iter().enumerate() {
        walk.flow = FlowId::from_idx(idx);
        walk.add_flow(entry);
    }
}

/// Where the walk over the written steps is.
struct Walk<'w, 'a> {
    scenario: &'a Scenario,
    resolved: &'w mut Resolved<'a>,
    mistakes: &'w mut Mistakes,
    flow: FlowId,
    item_idx: usize,
    /// Services already reported to have no service time.
    timeless: BTreeSet<ServiceId>,
    /// Where services are named that there are not, already reported.
    unknown_stand_ins: BTreeSet<Place>,
}

impl<'a> Walk<'_, 'a> {
    fn add_flow(&mut self, entry: &'a Entry<scenario::Flow>) {
        let first = count(self.resolved.system.steps.len());
        let mut items = Vec::new();
        for (idx, item) in entry.value.steps.iter().enumerate() {
            self.item_idx = idx;
            items.extend(self.add_item(item, None));
        }
        let entry_step = self.entry_of(entry, &items);
        let n_written = count(self.resolved.system.steps.len());
        self.add_compensations(first);
        self.add_questions(first, n_written);
        self.add_applies(first, n_written);
        self.add_status(entry_step);
        self.add_stand_ins(first, n_written);
        let end = count(self.resolved.system.steps.len());
        let goals = self.goals(entry, &items);
        if !items.is_empty() {
            items.remove(0);
        }
        self.resolved.system.flows.push(Flow {
            entry: entry_step,
            items,
            goals,
            steps: first..end,
        });
    }

    /// The step the flow begins with, checked to be one that every flow run needs.
    fn entry_of(&mut self, entry: &Entry<scenario::Flow>, items: &[Item]) -> StepId {
        match items.first().map(|item| item.branches.as_slice()) {
            None => {
                let message = format!("flow `{}` has no steps", entry.name);
                self.mistakes.error(codes::ENTRY, entry.place, message);
                StepId(u32::MAX)
            }
            Some(&[step]) => {
                let written = self.resolved.steps[step].written;
                let name = &written.name;
                if !self.resolved.is_required(step) {
                    let message = format!(
                        "`{}` is optional, but flow `{}` begins with it",
                        name.value, entry.name
                    );
                    self.mistakes
                        .error(codes::ENTRY, name.place, message)
                        .help("begin with a step that every flow run needs");
                } else if written.probability.as_ref().is_some_and(|p| p.value < 1.0) {
                    let place = written.probability.as_ref().map(|p| p.place);
                    let message = format!(
                        "flow `{}` begins with `{}`, which not every flow run needs",
                        entry.name, name.value
                    );
                    self.mistakes
                        .error(codes::ENTRY, place, message)
                        .help("drop `probability` here, or give the traffic a smaller `rate`");
                }
                step
            }
            Some(group) => {
                let step = group[0];
                let place = self.resolved.steps[step].written.name.place;
                let message = format!("flow `{}` begins with a parallel group", entry.name);
                self.mistakes
                    .error(codes::ENTRY, place, message)
                    .help("a client reaches one step: put it first, and the group after it");
                step
            }
        }
    }

    fn add_item(&mut self, item: &'a scenario::Item, parent: Option<StepId>) -> Option<Item> {
        match item {
            scenario::Item::Step(step) => {
                let id = self.add_step(step, parent, Quorum::All);
                Some(Item {
                    branches: vec![id],
                    need: 1,
                })
            }
            scenario::Item::Parallel {
                branches,
                need,
                place,
            } => {
                if branches.is_empty() {
                    self.mistakes
                        .error(codes::NEED, *place, "a parallel group without steps");
                    return None;
                }
                if branches.len() > BRANCHES_MAX {
                    let message = format!(
                        "a parallel group of {} steps, more than {BRANCHES_MAX}",
                        branches.len()
                    );
                    self.mistakes.error(codes::RANGE, *place, message);
                    return None;
                }
                let is_optional =
                    |step: &&scenario::Step| step.optional.unwrap_or(defaults::OPTIONAL);
                let n_optional = count(branches.iter().filter(is_optional).count());
                let n_required = count(branches.len()) - n_optional;
                let need = self.need_of(need.as_ref(), n_required, n_optional);
                let quorum = if need < n_required {
                    Quorum::Some
                } else {
                    Quorum::All
                };
                let ids = branches
                    .iter()
                    .map(|step| self.add_step(step, parent, quorum))
                    .collect();
                Some(Item {
                    branches: ids,
                    need: need + n_optional,
                })
            }
        }
    }

    /// How many of the required steps must succeed.
    fn need_of(&mut self, written: Option<&Spanned<u32>>, n_required: u32, n_optional: u32) -> u32 {
        let Some(written) = written.filter(|need| need.value != u32::MAX) else {
            return n_required;
        };
        if written.value == 0 {
            self.mistakes
                .error(codes::NEED, written.place, "`need` is 0")
                .help("make the steps `optional: true` instead");
        } else if written.value > n_required {
            let optional = if n_optional > 0 {
                format!(" ({n_optional} optional ones do not count)")
            } else {
                String::new()
            };
            let message = format!("needs {} of {n_required} steps{optional}", written.value);
            self.mistakes
                .error(codes::NEED, written.place, message)
                .help(format!("at most {n_required}; `all` is the default"));
        }
        written.value.min(n_required)
    }

    /// Adds a step and all of its `then`, in the order written.
    fn add_step(
        &mut self,
        written: &'a scenario::Step,
        parent: Option<StepId>,
        quorum: Quorum,
    ) -> StepId {
        let name = written.name.value.as_str();
        let service = self.service_of(written);
        let flow_name = self.scenario.flows[self.flow.idx()].name.as_str();
        parts::share(written.probability.as_ref(), "probability", self.mistakes);
        let step = Step {
            key: key_of(&[flow_name, name]),
            flow: self.flow,
            service,
            service_time: self.time_of(written, service),
            required: if written.optional.unwrap_or(defaults::OPTIONAL) {
                Required::Optional
            } else {
                Required::Required
            },
            probability: parts::value(written.probability.as_ref(), defaults::PROBABILITY),
            size: bytes(written.size),
            priority: written.priority.as_ref().map_or(0, |rank| rank.value),
            // Asking again is no duplicate.
            is_read: written.reads.is_some() && written.writes.is_none(),
            reads: self.data_at(written.reads.as_ref(), service),
            writes: self.data_at(written.writes.as_ref(), service),
            keys: parts::value(written.key.as_ref(), Keys::EVEN),
            then: Vec::new(),
        };
        let id = self.resolved.system.steps.push(step);
        self.resolved.system.names.steps.push(name.to_owned());
        self.resolved.steps.push(StepNote {
            written,
            item_idx: self.item_idx,
            parent,
            quorum,
            role: Role::Listed,
        });
        if self.resolved.index.steps[self.flow].contains_key(name) {
            let message = format!("`{name}` is a step of flow `{flow_name}` twice");
            self.mistakes
                .error(codes::TWICE, written.name.place, message)
                .help(format!(
                    "give this one a name of its own: `{name}_again: {{ service: {name} }}`"
                ));
        } else {
            self.resolved.index.steps[self.flow].insert(name, id);
            self.resolved
                .index
                .all_steps
                .entry(name)
                .or_default()
                .push(id);
        }
        let then: Vec<Item> = written
            .then
            .iter()
            .filter_map(|item| self.add_item(item, Some(id)))
            .collect();
        self.resolved.system.steps[id].then = then;
        id
    }

    /// Adds a step `undo_<step>` for each of the flow that says how it is undone.
    fn add_compensations(&mut self, first: u32) {
        let end = count(self.resolved.system.steps.len());
        for id in (first..end).map(StepId) {
            let written = self.resolved.steps[id].written;
            let Some(compensate) = &written.compensate else {
                continue;
            };
            let service = match &compensate.service {
                Some(name) => self.named_service(name, None),
                None => self.resolved.system.steps[id].service,
            };
            let time = match &compensate.service_time {
                Some(time) => time.value.clone(),
                None => self.time_at(service),
            };
            self.add_beside(id, "undo", service, time, Role::Undoes(id));
        }
    }

    /// Adds a step `ask_<step>` for each of the flow, at its service and as long as its service takes, if messages of the
    /// variant carry ids.
    fn add_questions(&mut self, first: u32, end: u32) {
        let variant = &self.scenario.variant.value;
        let steps = variant.steps.iter().map(|entry| entry.value.carries);
        let mut carries = std::iter::once(variant.carries).chain(steps);
        if !carries.any(|carries| carries == Some(Carries::Id)) {
            return;
        }
        for id in (first..end).map(StepId) {
            let asked = &self.resolved.system.steps[id];
            let (service, own) = (asked.service, asked.service_time.clone());
            let entry = self.scenario.services.get(service.idx());
            let time = entry.and_then(|entry| entry.value.service_time.as_ref());
            let time = time.map_or(own, |time| time.value.clone());
            self.add_beside(id, "ask", service, time, Role::Asks(id));
        }
    }

    /// Adds a step `poll_<step>` at the service of the flow's first step, where clients ask for the result.
    fn add_status(&mut self, entry: StepId) {
        let variant = &self.scenario.variant.value;
        let by = variant.answer_by.as_ref().map(|by| &by.value);
        let Some(scenario::AnswerBy::Poll { service_time, .. }) = by else {
            return;
        };
        if self.resolved.system.steps.get(entry).is_none() {
            return;
        }
        let service = self.resolved.system.steps[entry].service;
        let time = match service_time {
            Some(time) => time.value.clone(),
            None => self.time_at(service),
        };
        self.add_beside(entry, "poll", service, time, Role::Tells(entry));
    }

    /// Adds a step `<service>_for_<step>` for each of the flow, and each service that some caller lets do it instead; and for those
    /// that do it when that one does not.
    fn add_stand_ins(&mut self, first: u32, end: u32) {
        for id in (first..end).map(StepId) {
            let name = self.resolved.steps[id].written.name.value.as_str();
            let own = self.resolved.system.steps[id].service;
            let mut added: Vec<ServiceId> = Vec::new();
            let mut callees = vec![name];
            while let Some(callee) = callees.pop() {
                for (service, name) in self.instead_of(callee) {
                    if service != own && !added.contains(&service) {
                        added.push(service);
                        callees.push(name);
                        let time = self.time_at(service);
                        self.add_beside(
                            id,
                            &format!("{name}_for"),
                            service,
                            time,
                            Role::StandsIn(id),
                        );
                    }
                }
            }
        }
    }

    /// The services that some caller of a callee lets do it instead.
    fn instead_of(&mut self, callee: &str) -> Vec<(ServiceId, &'a str)> {
        let mut found = Vec::new();
        for entry in &self.scenario.variant.value.calls {
            let meant = entry.name.rsplit("-> ").next().unwrap_or_default();
            let Some(Spanned { value, place }) = &entry.value.fallback else {
                continue;
            };
            let Fallback::Service(service) = value else {
                continue;
            };
            let services = &self.resolved.index.services;
            match services.get(service.as_str()) {
                Some(&id) if meant == callee || meant == "*" => found.push((id, service.as_str())),
                None if self.unknown_stand_ins.insert(*place) => {
                    let known = services.keys().copied();
                    self.mistakes
                        .unknown(codes::UNKNOWN, *place, "service", service, known);
                }
                _ => {}
            }
        }
        found
    }

    /// Adds a step `apply_<step>` for each of the flow that writes, and each replica of what it writes.
    fn add_applies(&mut self, first: u32, end: u32) {
        for id in (first..end).map(StepId) {
            let Some(data) = self.resolved.system.steps[id].writes else {
                continue;
            };
            for (idx, copied) in self.resolved.copies.clone().into_iter().enumerate() {
                let is_replica = matches!(copied.written.value.kind, copies::Kind::Replica { .. });
                if copied.data == data && is_replica {
                    let role = Role::Applies(id, CopyId::from_idx(idx));
                    self.add_beside(id, "apply", copied.at, copied.apply(), role);
                }
            }
        }
    }

    /// The data that a step reads or writes, which must be where the step is done.
    fn data_at(&mut self, name: Option<&Spanned<String>>, service: ServiceId) -> Option<DataId> {
        let name = name?;
        let data = data_of(name, &self.resolved.index, self.mistakes)?;
        let owner = self.resolved.system.data[data].owner;
        if owner != service
            && let Some(entry) = self.scenario.services.get(owner.idx())
        {
            let message = format!("`{}` is at `{}`", name.value, entry.name);
            self.mistakes
                .error(codes::COPY, name.place, message)
                .help(format!("read and write it in a step at `{}`", entry.name));
        }
        Some(data)
    }

    /// The bytes of the message of a step that the wiring adds: an update carries a key's state.
    fn size_beside(&self, of: StepId, role: Role) -> f64 {
        let step = &self.resolved.system.steps[of];
        match (role, step.writes) {
            (Role::Applies(..), Some(data)) => bytes(self.scenario.data[data.idx()].value.size),
            (Role::Applies(..), None) => 0.0,
            _ => step.size,
        }
    }

    /// Adds a step that no place of the list names: it has to do with one that is.
    fn add_beside(
        &mut self,
        of: StepId,
        verb: &str,
        service: ServiceId,
        service_time: Dist,
        role: Role,
    ) {
        let written = self.resolved.steps[of].written;
        let flow_name = self.scenario.flows[self.flow.idx()].name.as_str();
        let name = format!("{verb}_{}", written.name.value);
        let step = Step {
            key: key_of(&[flow_name, &name]),
            service,
            service_time,
            required: match role {
                Role::Applies(..) => Required::Optional,
                _ => Required::Required,
            },
            probability: 1.0,
            reads: None,
            writes: None,
            size: self.size_beside(of, role),
            is_read: matches!(role, Role::Asks(_) | Role::Applies(..) | Role::Tells(_)),
            then: Vec::new(),
            ..self.resolved.system.steps[of].clone()
        };
        self.resolved.system.steps.push(step);
        self.resolved.system.names.steps.push(name);
        self.resolved.steps.push(StepNote {
            written,
            item_idx: usize::MAX,
            parent: None,
            quorum: Quorum::All,
            role,
        });
    }

    fn service_of(&mut self, written: &scenario::Step) -> ServiceId {
        let label = written
            .service
            .is_none()
            .then_some("a step is done at the service of its name, or at its `service:`");
        self.named_service(written.service.as_ref().unwrap_or(&written.name), label)
    }

    fn named_service(&mut self, place_name: &Spanned<String>, label: Option<&str>) -> ServiceId {
        let services = &self.resolved.index.services;
        if let Some(&service) = services.get(place_name.value.as_str()) {
            return service;
        }
        let known = services.keys().copied();
        let note = self.mistakes.unknown(
            codes::NO_SERVICE,
            place_name.place,
            "service",
            &place_name.value,
            known,
        );
        if let Some(label) = label {
            note.label(label);
        }
        NOWHERE
    }

    fn time_of(&mut self, written: &scenario::Step, service: ServiceId) -> Dist {
        if let Some(time) = &written.service_time {
            return time.value.clone();
        }
        self.time_at(service)
    }

    /// The service time of whatever is done at a service.
    fn time_at(&mut self, service: ServiceId) -> Dist {
        let nothing = || Dist::constant(Duration::ZERO);
        let Some(entry) = self.scenario.services.get(service.idx()) else {
            return nothing();
        };
        if let Some(time) = &entry.value.service_time {
            return time.value.clone();
        }
        if self.timeless.insert(service) {
            let message = format!("service `{}` has no `service_time`", entry.name);
            self.mistakes
                .error(codes::NO_TIME, entry.place, message)
                .help("what its work takes alone, e.g. `service_time: { p50: 12ms, p99: 80ms }`");
        }
        nothing()
    }

    /// What must be done for completion.
    fn goals(&mut self, entry: &Entry<scenario::Flow>, items: &[Item]) -> Vec<Goal> {
        match &entry.value.done_when {
            None | Some(DoneWhen::All) => all_goals(self.resolved, items),
            Some(DoneWhen::Steps(names)) => self.named_goals(entry, names),
        }
    }

    fn named_goals(
        &mut self,
        entry: &Entry<scenario::Flow>,
        names: &[Spanned<String>],
    ) -> Vec<Goal> {
        if names.is_empty() {
            self.mistakes
                .error(
                    codes::DONE_WHEN,
                    entry.place,
                    format!("`done_when` of flow `{}` names no step", entry.name),
                )
                .help("leave it out: the default is every step that is not optional");
        }
        let mut goals = Vec::new();
        let mut seen = BTreeSet::new();
        for name in names {
            let steps = &self.resolved.index.steps[self.flow];
            let Some(&step) = steps.get(name.value.as_str()) else {
                let known = steps.keys().copied();
                self.mistakes
                    .unknown(codes::UNKNOWN, name.place, "step", &name.value, known);
                continue;
            };
            if !self.resolved.is_required(step) {
                let message = format!(
                    "`{}` is optional, so being done cannot depend on it",
                    name.value
                );
                self.mistakes
                    .error(codes::DONE_WHEN, name.place, message)
                    .help("drop `optional: true` at the step, or the step here");
            } else if !seen.insert(step) {
                let message = format!("`{}` is named twice in `done_when`", name.value);
                self.mistakes.error(codes::DONE_WHEN, name.place, message);
            }
            goals.push(Goal {
                steps: vec![step],
                need: 1,
            });
        }
        goals
    }
}

/// Every step that is not optional; of a group that needs only some of its steps, that many. A `then` step counts if the
/// step it belongs to does.
fn all_goals(resolved: &Resolved<'_>, items: &[Item]) -> Vec<Goal> {
    let mut goals = Vec::new();
    let mut todo: Vec<&Item> = items.iter().rev().collect();
    while let Some(item) = todo.pop() {
        let (required, need) = resolved.required_of(item);
        if (need as usize) < required.len() {
            goals.push(Goal {
                steps: required,
                need,
            });
            continue;
        }
        for step in required {
            goals.push(Goal {
                steps: vec![step],
                need: 1,
            });
            todo.extend(resolved.system.steps[step].then.iter().rev());
        }
    }
    goals.sort_by_key(|goal| goal.steps.first().copied());
    goals
}

/// Bytes as a number to calculate with; 0 where none are written.
#[expect(clippy::cast_precision_loss, reason = "15 digits are enough")]
fn bytes(written: Option<u64>) -> f64 {
    written.map_or(0.0, |bytes| bytes as f64)
}
