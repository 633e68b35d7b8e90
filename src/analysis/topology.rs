//! Who is connected with whom, as a wiring says: the services of a flow and the ways between them.

use super::needs::{self, Needs, Part};
use super::{Carrier, PlaceFindings, TopologyFindings, WayFindings, WayRole};
use crate::compile::Case;
use crate::kernel::ids::Id as _;
use crate::model::{AnswerBy, Edge, EdgeId, FlowId, Link, ServiceId, StepId};
use std::collections::BTreeSet;

/// Per flow, in file order.
pub(super) fn topology(case: &Case) -> Vec<TopologyFindings> {
    let flows = case.system.flows.ids();
    flows.map(|flow| of_flow(case, flow)).collect()
}

fn of_flow(case: &Case, flow: FlowId) -> TopologyFindings {
    let (system, wiring) = (&case.system, &case.wiring);
    let needs = needs::of(case, flow);
    let posts: BTreeSet<EdgeId> = wiring.channels.iter().filter_map(|one| one.post).collect();
    let edges = wiring.edges.enumerate();
    let edges =
        edges.filter(|(id, edge)| system.steps[edge.to].flow == flow && !posts.contains(id));
    let mut ways: Vec<WayFindings> = Vec::new();
    for (id, edge) in edges {
        add(&mut ways, way(case, &needs, id, edge));
    }
    let sources = system.sources.enumerate();
    let sources = sources.filter(|(_, source)| source.flow == flow);
    let brokers = needs.parts.iter().filter_map(|(part, _)| match part {
        Part::Broker(broker) => Some(system.names.brokers[*broker].clone()),
        Part::Service(_) => None,
    });
    TopologyFindings {
        flow: system.names.flows[flow].clone(),
        clients: sources
            .map(|(id, _)| system.names.sources[id].clone())
            .collect(),
        services: places(case, flow, &needs, &ways),
        needed_brokers: brokers.collect(),
        is_promise: wiring.answer_by != AnswerBy::Call,
        ways,
    }
}

/// Services that a way leads to, in the order of the flow's steps.
fn places(case: &Case, flow: FlowId, needs: &Needs, ways: &[WayFindings]) -> Vec<PlaceFindings> {
    let system = &case.system;
    let mut services: Vec<ServiceId> = Vec::new();
    for idx in system.flows[flow].steps.clone() {
        let service = system.steps[StepId::from_idx(idx as usize)].service;
        let name = &system.names.services[service];
        if !services.contains(&service) && ways.iter().any(|way| way.to == *name) {
            services.push(service);
        }
    }
    let places = services.into_iter().map(|service| PlaceFindings {
        service: system.names.services[service].clone(),
        is_external: system.services[service].external,
        is_needed: needs
            .parts
            .iter()
            .any(|(part, _)| *part == Part::Service(service)),
    });
    places.collect()
}

fn way(case: &Case, needs: &Needs, id: EdgeId, edge: &Edge) -> WayFindings {
    let (system, wiring) = (&case.system, &case.wiring);
    let service = |step: StepId| system.names.services[system.steps[step].service].clone();
    let by = match &edge.link {
        Link::Call(_) => Carrier::Call,
        Link::Publish(publish) if publish.is_local => Carrier::Sender {
            is_posted: wiring.channels[publish.channel].post.is_some(),
        },
        Link::Publish(publish) => {
            let channel = &wiring.channels[publish.channel];
            Carrier::Broker {
                name: system.names.brokers[channel.broker].clone(),
                awaits_reply: publish.awaits_reply,
                is_posted: channel.post.is_some(),
            }
        }
    };
    WayFindings {
        from: edge.from.map(service),
        to: service(edge.to),
        by,
        role: role(case, id, edge),
        is_needed: needs.edges.contains(&id),
    }
}

fn role(case: &Case, id: EdgeId, edge: &Edge) -> WayRole {
    let wiring = &case.wiring;
    let is_poll = match &wiring.answer_by {
        AnswerBy::Poll { edges, .. } => edges.iter().any(|&poll| poll == id),
        AnswerBy::Call | AnswerBy::Callback => false,
    };
    let undoes = |undo: &[(StepId, EdgeId)]| undo.iter().any(|&(_, undo)| undo == id);
    let mut sagas = wiring.steps.iter().filter_map(|step| step.saga.as_ref());
    if is_poll {
        WayRole::Poll
    } else if wiring.edges.iter().any(|other| other.fallback == Some(id)) {
        WayRole::Fallback
    } else if sagas.any(|saga| undoes(&saga.undo)) {
        WayRole::Undo
    } else if edge.copy.is_some() {
        WayRole::CopyFirst
    } else {
        WayRole::Usual
    }
}

/// The same way of several steps is one: needed if one of them is, and as usual as the most usual.
fn add(ways: &mut Vec<WayFindings>, way: WayFindings) {
    let is_same = |other: &&mut WayFindings| {
        (&other.from, &other.to, &other.by) == (&way.from, &way.to, &way.by)
    };
    match ways.iter_mut().find(is_same) {
        Some(other) => {
            other.is_needed |= way.is_needed;
            other.role = other.role.min(way.role);
        }
        None => ways.push(way),
    }
}
