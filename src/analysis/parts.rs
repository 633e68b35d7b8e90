//! What a variant's services, edges and channels did.

use super::curve::curve;
use super::figures::float;
use super::{
    ChannelFindings, EdgeFindings, Estimate, MessageCounts, ServiceFindings, WaitFindings,
};
use crate::compile::Case;
use crate::engine::ChannelAccount;
use crate::kernel::ids::Id as _;
use crate::metrics::{FINE, Observation, Sample, WaitsSeen, pool};
use crate::model::{Edge, EdgeId, Link};
use crate::policies::Outcome;
use std::collections::BTreeMap;

/// Per service, in file order.
pub(super) fn services(case: &Case, seen: &[Observation]) -> Vec<ServiceFindings> {
    let confidence = case.system.plan.confidence;
    let names = case.system.names.services.enumerate();
    let services = names.map(|(id, name)| {
        let each = seen.iter().map(|seen| seen.services[id]);
        let busy: Vec<f64> = each.clone().filter_map(|service| service.busy).collect();
        let held: Vec<f64> = each.clone().filter_map(|service| service.held).collect();
        let instances: Vec<f64> = each
            .clone()
            .filter_map(|service| service.instances)
            .collect();
        let waits: Vec<WaitsSeen> = each.clone().filter_map(|service| service.waits).collect();
        let queues: Vec<f64> = each.map(|service| float(service.queue_max)).collect();
        ServiceFindings {
            name: name.clone(),
            busy: Estimate::of(&busy, confidence),
            held: Estimate::of(&held, confidence),
            instances: Estimate::of(&instances, confidence),
            waits: waits_of(&waits, confidence),
            queue_max: Estimate::of(&queues, confidence).unwrap_or(Estimate::nothing()),
        }
    });
    services.collect()
}

fn waits_of(seen: &[WaitsSeen], confidence: f64) -> Option<WaitFindings> {
    let estimate = |part: fn(&WaitsSeen) -> f64| {
        let values: Vec<f64> = seen.iter().map(part).collect();
        Estimate::of(&values, confidence)
    };
    Some(WaitFindings {
        mean: estimate(|waits| waits.mean_s)?,
        share: estimate(|waits| waits.share)?,
        p50: estimate(|waits| waits.p50_s)?,
        p99: estimate(|waits| waits.p99_s)?,
    })
}

/// Per pair of ends: updates go to each instance that keeps a copy over an edge of its own.
pub(super) fn edges(case: &Case, seen: &[Observation]) -> Vec<EdgeFindings> {
    let ends = |edge: &Edge| (edge.from, edge.to, matches!(edge.link, Link::Call(_)));
    let edges = case.wiring.edges.enumerate();
    let groups = grouped(edges.map(|(id, edge)| (ends(edge), id)));
    let findings = groups.iter().map(|same| {
        let edge = &case.wiring.edges[same[0]];
        findings_of(case, same, edge, seen)
    });
    findings.collect()
}

/// Things of one key together, in the order of their first.
fn grouped<K: Ord, T>(things: impl Iterator<Item = (K, T)>) -> Vec<Vec<T>> {
    let mut places = BTreeMap::new();
    let mut groups: Vec<Vec<T>> = Vec::new();
    for (key, thing) in things {
        let place = *places.entry(key).or_insert(groups.len());
        if place == groups.len() {
            groups.push(Vec::new());
        }
        groups[place].push(thing);
    }
    groups
}

fn findings_of(case: &Case, same: &[EdgeId], edge: &Edge, seen: &[Observation]) -> EdgeFindings {
    let names = &case.system.names;
    let flow = case.system.steps[edge.to].flow;
    let mut outcomes = [0; Outcome::N];
    let (mut attempts, mut offered) = (0, 0);
    for seen in seen {
        for edge in same.iter().map(|&id| &seen.edges[id]) {
            let sums = outcomes.iter_mut().zip(edge.outcomes);
            sums.for_each(|(sum, count)| *sum += count);
            attempts += edge.attempts;
        }
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

/// Per broker and consuming step: the channels of the instances that keep copies are one.
pub(super) fn channels(case: &Case, seen: &[Observation]) -> Vec<ChannelFindings> {
    let confidence = case.system.plan.confidence;
    let names = &case.system.names;
    let all = case.wiring.channels.enumerate();
    let groups = grouped(all.map(|(id, channel)| ((channel.broker, channel.to), id)));
    let channels = groups.iter().map(|same| {
        let channel = &case.wiring.channels[same[0]];
        let accounts = |seen: &'_ Observation| -> Vec<ChannelAccount> {
            let accounts = same.iter().filter_map(|id| seen.end.channels.get(id.idx()));
            accounts.copied().collect()
        };
        let mut messages = MessageCounts::default();
        for account in seen.iter().flat_map(accounts) {
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
        let ages = seen.iter().map(|seen| {
            let ages = same.iter().map(|&id| &seen.message_ages[id]);
            pool(ages)
        });
        let ages: Vec<Sample<FINE>> = ages.collect();
        let ages: Vec<&Sample<FINE>> = ages.iter().collect();
        let ready = seen.iter().map(|seen| {
            let ready = accounts(seen).into_iter().map(|account| account.ready_max);
            float(ready.max().unwrap_or(0))
        });
        let ready: Vec<f64> = ready.collect();
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
