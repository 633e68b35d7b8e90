//! Calls whose limits do not fit: to the client's patience, to the callee's work, to a fault.

use std::collections::BTreeSet;

use super::words;
use crate::brokers::{Confirm, WhenRefused};
use crate::compile::codes;
use crate::compile::mistakes::Mistakes;
use crate::compile::resolve::Resolved;
use crate::compile::wire::Wired;
use crate::faults::{Effect, Manner};
use crate::kernel::ids::{Id, IdVec};
use crate::kernel::time::Duration;
use crate::model::{
    Call, Edge, EdgeId, End, Fault, FaultId, Link, Publish, SourceId, StepId, Target,
};
use crate::scenario::Scenario;

/// All suspicions about calls.
pub(crate) fn lint(
    scenario: &Scenario,
    resolved: &Resolved<'_>,
    wired: &Wired<'_>,
    mistakes: &mut Mistakes,
) {
    let waiting = waiting_clients(resolved, wired);
    let mut said = BTreeSet::new();
    for (id, edge) in wired.wiring.edges.enumerate() {
        let call = match &edge.link {
            Link::Call(call) => call,
            Link::Publish(publish) => {
                no_word(scenario, resolved, (edge, publish), wired, mistakes);
                continue;
            }
        };
        outlasts(
            resolved,
            wired,
            (id, edge, call),
            &waiting,
            &mut said,
            mistakes,
        );
        tight_timeout(resolved, wired, (id, edge, call), mistakes);
        no_timeout(scenario, resolved, (id, edge, call), wired, mistakes);
    }
}

/// An edge that is a call.
type CallEdge<'c> = (EdgeId, &'c Edge, &'c Call);

/// For each step the most impatient client that waits while it is called.
fn waiting_clients(resolved: &Resolved<'_>, wired: &Wired<'_>) -> IdVec<StepId, Option<SourceId>> {
    let sources = &resolved.system.sources;
    let impatient = |a: Option<SourceId>, b: Option<SourceId>| {
        a.into_iter()
            .chain(b)
            .min_by_key(|&source| (sources[source].patience, source))
    };
    let mut waiting = IdVec::from_fn(resolved.system.steps.len(), |_: StepId| None);
    for (idx, &edge) in wired.wiring.entries.iter().enumerate() {
        let edge = &wired.wiring.edges[edge];
        if let Link::Call(_) = edge.link {
            waiting[edge.to] = impatient(waiting[edge.to], Some(SourceId::from_idx(idx)));
        }
    }
    // Every edge leads to a later step.
    for (step, program) in wired.wiring.steps.enumerate() {
        for &edge in program
            .then
            .iter()
            .chain(&program.rest)
            .flat_map(|stage| &stage.edges)
        {
            let edge = &wired.wiring.edges[edge];
            if let Link::Call(_) = edge.link {
                waiting[edge.to] = impatient(waiting[edge.to], waiting[step]);
            }
        }
    }
    waiting
}

/// W204: the retries of a call can outlast the patience of the client that waits for it.
fn outlasts(
    resolved: &Resolved<'_>,
    wired: &Wired<'_>,
    (id, edge, call): CallEdge<'_>,
    waiting: &IdVec<StepId, Option<SourceId>>,
    said: &mut BTreeSet<Option<crate::diagnostic::Place>>,
    mistakes: &mut Mistakes,
) {
    let Some(source) = waiting[edge.to] else {
        return;
    };
    let patience = resolved.system.sources[source].patience;
    if call.retry.attempts < 2 || call.timeout == Duration::MAX || patience == Duration::MAX {
        return;
    }
    let longest = call.longest_s();
    let place = wired.calls[id].retry.map(|retry| retry.place);
    if longest <= patience.as_secs_f64() || !said.insert(place) {
        return;
    }
    let client = &resolved.system.names.sources[source];
    let attempts = if call.retry.attempts == u32::MAX {
        "unlimited".to_owned()
    } else {
        call.retry.attempts.to_string()
    };
    let can_take = if longest.is_finite() {
        format!("can take {}", words::duration(longest))
    } else {
        "can take for ever".to_owned()
    };
    let message = format!(
        "{attempts} attempts × {} {can_take}, but the {client} leaves after {}",
        words::span(call.timeout),
        words::span(patience)
    );
    mistakes
        .warn(codes::OUTLASTS, place, message)
        .help("fewer attempts, a shorter `timeout`, or a `deadline` within the patience");
}

/// W206: the callee's own work often takes longer than the caller waits.
fn tight_timeout(
    resolved: &Resolved<'_>,
    wired: &Wired<'_>,
    (id, edge, call): CallEdge<'_>,
    mistakes: &mut Mistakes,
) {
    let p99 = resolved.step(edge.to).service_time.quantile_s(0.99);
    if call.timeout == Duration::MAX || call.timeout.as_secs_f64() >= p99 {
        return;
    }
    let place = wired.calls[id].timeout.map(|timeout| timeout.place);
    let message = format!(
        "1 in 100 executions of `{}` takes {} or more, but its caller waits {}",
        resolved.name(edge.to),
        words::duration(p99),
        words::span(call.timeout)
    );
    mistakes
        .warn(codes::TIGHT_TIMEOUT, place, message)
        .help("a timeout below the callee's own tail fails calls on a good day; give it room above the p99");
}

/// W205: nothing ends the wait for a callee that a fault silences.
fn no_timeout(
    scenario: &Scenario,
    resolved: &Resolved<'_>,
    (id, edge, call): CallEdge<'_>,
    wired: &Wired<'_>,
    mistakes: &mut Mistakes,
) {
    if call.timeout != Duration::MAX || call.deadline != Duration::MAX {
        return;
    }
    let to = End::Service(resolved.step(edge.to).service);
    let (from, caller) = if let Some(step) = edge.from {
        let service = resolved.step(step).service;
        (End::Service(service), resolved.name(step))
    } else {
        let source = wired.wiring.source_of(id);
        let source = source.expect("an edge without a sender is a source's");
        if resolved.system.sources[source].patience != Duration::MAX {
            return;
        }
        let name = &resolved.system.names.sources[source];
        (End::Source(source), name.as_str())
    };
    let Some((fault, _)) = silencing(resolved, from, to) else {
        return;
    };
    let name = resolved.name(edge.to);
    let message = format!(
        "in `{}`, `{caller}` waits for `{name}` without limit, also when fault `{}` leaves it without an answer",
        scenario.variant.name, resolved.system.names.faults[fault]
    );
    mistakes
        .warn(codes::NO_TIMEOUT, scenario.variant.place, message)
        .help(format!("`calls: {{ {name}: {{ timeout: 2s }} }}`"));
}

/// W205: nothing ends the wait for a broker's word, although a fault silences the broker.
fn no_word(
    scenario: &Scenario,
    resolved: &Resolved<'_>,
    (edge, publish): (&Edge, &Publish),
    wired: &Wired<'_>,
    mistakes: &mut Mistakes,
) {
    let is_limited = publish.timeout != Duration::MAX || publish.deadline != Duration::MAX;
    let waits = publish.confirm == Confirm::Waits && publish.when_refused != WhenRefused::Outbox;
    let Some(from) = edge
        .from
        .filter(|_| waits && !is_limited && !publish.is_local)
    else {
        return;
    };
    let broker = wired.wiring.channels[publish.channel].broker;
    let ends = (
        End::Service(resolved.step(from).service),
        End::Broker(broker),
    );
    let Some((fault, _)) = silencing(resolved, ends.0, ends.1) else {
        return;
    };
    let message = format!(
        "in `{}`, `{}` waits for the word of broker `{}` without limit, also when fault `{}` leaves it without one",
        scenario.variant.name,
        resolved.name(from),
        resolved.system.names.brokers[broker],
        resolved.system.names.faults[fault]
    );
    mistakes
        .warn(codes::NO_TIMEOUT, scenario.variant.place, message)
        .help("`publish: { timeout: 2s }`, and `when_refused` for what happens then");
}

/// The first fault that swallows what goes between two ends.
fn silencing<'r>(resolved: &'r Resolved<'_>, from: End, to: End) -> Option<(FaultId, &'r Fault)> {
    resolved.system.faults.enumerate().find(|(_, fault)| {
        let hits = match fault.target {
            Target::Service(_) | Target::Zone(_) | Target::Broker(_) => match to {
                End::Service(service) => resolved.system.touches(fault, Target::Service(service)),
                // One that stands in several zones works on in another.
                End::Broker(broker) => {
                    let moves = resolved.system.brokers[broker].zones.len() > 1;
                    let is_zone = matches!(fault.target, Target::Zone(_));
                    !(moves && is_zone) && resolved.system.touches(fault, Target::Broker(broker))
                }
                End::Source(_) => false,
            },
            Target::Between { .. } => {
                let there = resolved.system.touches(fault, Target::Link { from, to });
                there
                    || resolved
                        .system
                        .touches(fault, Target::Link { from: to, to: from })
            }
            Target::Source(_) | Target::Discovery => false,
            Target::Link {
                from: start,
                to: end,
            } => start == from && end == to,
        };
        hits && fault.effects.iter().any(|effect| match effect {
            Effect::Down(manner) => *manner == Manner::Hang,
            Effect::Drop(share) | Effect::DropReplies(share) => *share > 0.0,
            _ => false,
        })
    })
}
