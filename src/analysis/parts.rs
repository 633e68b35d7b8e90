//! What a variant's services, edges and channels did.

use super::curve::curve;
use super::figures::float;
use super::{ChannelFindings, EdgeFindings, Estimate, MessageCounts, ServiceFindings};
use crate::compile::Case;
use crate::kernel::ids::Id as _;
use crate::metrics::Observation;
use crate::model::{Edge, EdgeId, Link};
use crate::policies::Outcome;

/// Per service, in file order.
pub(super) fn services(case: &Case, seen: &[Observation]) -> Vec<ServiceFindings> {
    let confidence = case.system.plan.confidence;
    let names = case.system.names.services.enumerate();
    let services = names.map(|(id, name)| {
        let each = seen.iter().map(|seen| seen.services[id]);
        let busy: Vec<f64> = each.clone().filter_map(|service| service.busy).collect();
        let held: Vec<f64> = each.clone().filter_map(|service| service.held).collect();
        let queues: Vec<f64> = each.map(|service| float(service.queue_max)).collect();
        ServiceFindings {
            name: name.clone(),
            busy: Estimate::of(&busy, confidence),
            held: Estimate::of(&held, confidence),
            queue_max: Estimate::of(&queues, confidence).unwrap_or(Estimate::nothing()),
        }
    });
    services.collect()
}

/// Per edge of the wiring.
pub(super) fn edges(case: &Case, seen: &[Observation]) -> Vec<EdgeFindings> {
    let edges = case.wiring.edges.enumerate();
    edges
        .map(|(id, edge)| findings_of(case, id, edge, seen))
        .collect()
}

fn findings_of(case: &Case, id: EdgeId, edge: &Edge, seen: &[Observation]) -> EdgeFindings {
    let names = &case.system.names;
    let flow = case.system.steps[edge.to].flow;
    let mut outcomes = [0; Outcome::N];
    let (mut attempts, mut offered) = (0, 0);
    for seen in seen {
        let edge = &seen.edges[id];
        let sums = outcomes.iter_mut().zip(edge.outcomes);
        sums.for_each(|(sum, count)| *sum += count);
        attempts += edge.attempts;
        offered += seen.flows[flow].whole.counts.offered;
    }
    EdgeFindings {
        from: edge
            .from
            .map_or_else(|| "client".into(), |step| names.steps[step].clone()),
        to: names.steps[edge.to].clone(),
        by: match edge.link {
            Link::Call(_) => "call",
            Link::Publish(_) => "message",
        },
        outcomes,
        amplification: if offered == 0 {
            0.0
        } else {
            float(attempts) / float(offered)
        },
    }
}

/// Per channel of the wiring.
pub(super) fn channels(case: &Case, seen: &[Observation]) -> Vec<ChannelFindings> {
    let confidence = case.system.plan.confidence;
    let names = &case.system.names;
    let channels = case.wiring.channels.enumerate();
    let channels = channels.map(|(id, channel)| {
        let accounts = || {
            seen.iter()
                .filter_map(|seen| seen.end.channels.get(id.idx()))
        };
        let mut messages = MessageCounts::default();
        for account in accounts() {
            messages.published += account.published;
            messages.acked += account.acked;
            messages.redelivered += account.redelivered;
            messages.dead_lettered += account.dead_lettered;
            messages.expired += account.expired;
            messages.dropped += account.dropped;
            messages.lost += account.lost;
            messages.stored += account.stored;
            messages.duplicates += account.duplicates;
            messages.duplicates_applied += account.duplicates_applied;
        }
        let ages: Vec<_> = seen.iter().map(|seen| &seen.message_ages[id]).collect();
        let ready: Vec<f64> = accounts().map(|account| float(account.ready_max)).collect();
        ChannelFindings {
            broker: names.brokers[channel.broker].clone(),
            to: names.steps[channel.to].clone(),
            messages,
            message_age: curve(&ages, confidence),
            backlog_max: Estimate::of(&ready, confidence).unwrap_or(Estimate::nothing()),
        }
    });
    channels.collect()
}
