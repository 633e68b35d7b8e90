//! What must work for a client to be answered: services, brokers, and the ways between them.

use crate::brokers::WhenRefused;
use crate::compile::Case;
use crate::model::{
    BrokerId, EdgeId, FlowId, Link, Required, ServiceId, Stage, Step, StepId, System, Wiring,
};

/// Something that can fail.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Part {
    /// A service.
    Service(ServiceId),
    /// A broker.
    Broker(BrokerId),
}

/// What the answer of a flow run needs.
#[derive(Clone, Debug, Default, PartialEq)]
pub(super) struct Needs {
    /// What must be up, in the order met, each with the chance that a flow run needs it.
    pub parts: Vec<(Part, f64)>,
    /// The ways that the answer waits for, each once.
    pub edges: Vec<EdgeId>,
}

/// What the answer to a flow's clients needs: nothing that it can do without, be that an optional step, a step with another
/// way, a copy at hand, or some branches of a quorum.
pub(super) fn of(case: &Case, flow: FlowId) -> Needs {
    let mut walk = Walk {
        system: &case.system,
        wiring: &case.wiring,
        needs: Needs::default(),
    };
    for edge in case.wiring.entries_of(&case.system, flow) {
        walk.edge(edge, 1.0);
    }
    walk.needs
}

struct Walk<'a> {
    system: &'a System,
    wiring: &'a Wiring,
    needs: Needs,
}

impl Walk<'_> {
    fn add(&mut self, part: Part, chance: f64) {
        let mut known = self.needs.parts.iter_mut();
        match known.find(|(other, _)| *other == part) {
            Some((_, most)) => *most = most.max(chance),
            None => self.needs.parts.push((part, chance)),
        }
    }

    fn edge(&mut self, id: EdgeId, chance: f64) {
        let edge = &self.wiring.edges[id];
        let step: &Step = &self.system.steps[edge.to];
        let can_do_without = step.required == Required::Optional
            || edge.fallback.is_some()
            || edge.has_static
            || edge.copy.is_some();
        if can_do_without {
            return;
        }
        let waits = match &edge.link {
            Link::Call(_) => {
                self.step(edge.to, chance);
                true
            }
            Link::Publish(publish) => {
                let is_kept = publish.is_local || publish.when_refused == WhenRefused::Outbox;
                if !is_kept {
                    let broker = self.wiring.channels[publish.channel].broker;
                    self.add(Part::Broker(broker), chance * step.probability);
                }
                if publish.awaits_reply {
                    self.step(edge.to, chance);
                }
                publish.awaits_reply || !is_kept
            }
        };
        if waits && !self.needs.edges.contains(&id) {
            self.needs.edges.push(id);
        }
    }

    fn step(&mut self, id: StepId, chance: f64) {
        let step = &self.system.steps[id];
        let executed = chance * step.probability;
        self.add(Part::Service(step.service), executed);
        let program = &self.wiring.steps[id];
        let then = program.then.iter().map(|stage| (stage, executed));
        let rest = program.answered().iter().map(|stage| (stage, chance));
        for (stage, chance) in then.chain(rest) {
            let Stage { edges, need, join } = stage;
            let waits_for_all = join
                .as_ref()
                .is_none_or(|join| join.need as usize == join.steps.len());
            if waits_for_all && *need as usize == edges.len() {
                for &edge in edges {
                    self.edge(edge, chance);
                }
            }
        }
    }
}
