//! Why flow runs did not end well, in phrases (A31). Those that read the same are one.

use super::Cause;
use super::figures::float;
use super::phrases::plural;
use crate::compile::Case;
use crate::engine::{self, Place};
use crate::kernel::time::Duration;
use crate::kernel::units::format_duration;
use crate::metrics::{Causes, Ending};
use crate::model::{ServiceId, SourceId, StepId, UNLIMITED};
use crate::policies::Outcome;
use std::cmp::Reverse;
use std::collections::BTreeMap;

/// What makes two causes the same to a reader: outcome, what, why, fault.
type Phrases = (&'static str, String, String, Option<String>);

/// All causes of one flow in one variant, most frequent first.
pub(super) fn causes<'a>(case: &Case, seen: impl Iterator<Item = &'a Causes>) -> Vec<Cause> {
    let mut counts: BTreeMap<Phrases, u64> = BTreeMap::new();
    for (&(ending, source, first), count) in seen.flat_map(Causes::iter) {
        let phrases = phrases(case, ending, source, first);
        *counts.entry(phrases).or_default() += count;
    }
    let all: u64 = counts.values().sum();
    let causes = counts
        .into_iter()
        .map(|((outcome, what, why, fault), count)| Cause {
            count,
            share: float(count) / float(all),
            outcome,
            what,
            why,
            fault,
        });
    let mut causes: Vec<Cause> = causes.collect();
    causes.sort_by_key(|cause| Reverse(cause.count));
    causes
}

fn phrases(case: &Case, ending: Ending, source: SourceId, first: Option<engine::Cause>) -> Phrases {
    let names = &case.system.names;
    let fault = first.and_then(|first| first.fault);
    let fault = fault.map(|fault| names.faults[fault].clone());
    (
        word(ending, first),
        what(case, ending, source, first),
        why(case, ending, first, fault.as_deref()),
        fault,
    )
}

/// What the client got, or what became of the accepted order.
fn word(ending: Ending, first: Option<engine::Cause>) -> &'static str {
    match ending {
        Ending::Failed => first.map_or("failed", |first| first.outcome.word()),
        Ending::GaveUp => "gave_up",
        Ending::Unanswered | Ending::Incomplete => "unfinished",
        Ending::Lost => "lost",
        Ending::DeadLettered => "dead_lettered",
        Ending::Compensated => "compensated",
    }
}

fn what(case: &Case, ending: Ending, source: SourceId, first: Option<engine::Cause>) -> String {
    let place = first.map(|first| place(case, first.place));
    let place = place.unwrap_or_else(|| "on its way".into());
    let is_expired = first.is_some_and(|first| first.outcome == Outcome::Expired);
    match ending {
        Ending::Failed => match first {
            Some(first) => failed(case, first),
            None => "failed".into(),
        },
        Ending::GaveUp => match case.system.sources[source].patience {
            Duration::MAX => format!("gave up {place}"),
            patience => format!("gave up after {} {place}", format_duration(patience)),
        },
        Ending::Unanswered => format!("no answer by the end of the run, {place}"),
        Ending::Lost if is_expired => format!("accepted, then expired {place}"),
        Ending::Lost => format!("accepted, then lost {place}"),
        Ending::DeadLettered => format!("accepted, then dead-lettered {place}"),
        Ending::Compensated => format!("accepted, then undone after a failure {place}"),
        Ending::Incomplete => format!("accepted, not done by the end of the run, {place}"),
    }
}

/// What a client was told that was told of a failure: how its first failed attempt ended.
fn failed(case: &Case, first: engine::Cause) -> String {
    let step = step_of(first.place);
    let name = &case.system.names.steps[step];
    match first.outcome {
        Outcome::Timeout => match timeout(case, step) {
            Some(limit) => format!(
                "timed out after {} {}",
                format_duration(limit),
                place(case, first.place)
            ),
            None => format!("timed out {}", place(case, first.place)),
        },
        Outcome::Error => format!("error from {name}"),
        Outcome::Refused => match first.place {
            Place::Broker(_) => format!("refused by the broker in front of {name}"),
            _ => format!("refused by {name}"),
        },
        Outcome::Reset => format!("connection to {name} broke"),
        Outcome::Unreachable => format!("{name} was unreachable"),
        Outcome::Overloaded => match first.place {
            Place::Broker(_) => format!("turned away by the full broker in front of {name}"),
            _ => format!("turned away by {name}, its queue full"),
        },
        Outcome::Throttled => format!("throttled by {name}"),
        Outcome::Shed => format!("shed by {name}"),
        Outcome::BreakerOpen => format!("open breaker in front of {name}"),
        Outcome::BulkheadFull => format!("full bulkhead in front of {name}"),
        Outcome::BudgetEmpty => format!("no retry budget left for {name}"),
        outcome => format!("{} {}", outcome.word(), place(case, first.place)),
    }
}

/// The attempt timeout of the calls that lead to a step, if they have one and the same.
fn timeout(case: &Case, step: StepId) -> Option<Duration> {
    let calls = case.wiring.edges.iter().filter(|edge| edge.to == step);
    let limits = calls.map(|edge| match &edge.link {
        crate::model::Link::Call(call) => call.timeout,
        crate::model::Link::Publish(publish) => publish.timeout,
    });
    let mut limits: Vec<Duration> = limits.collect();
    limits.dedup();
    match limits[..] {
        [limit] if limit != Duration::MAX => Some(limit),
        _ => None,
    }
}

fn place(case: &Case, place: Place) -> String {
    let name = &case.system.names.steps[step_of(place)];
    match place {
        Place::Queued(_) => format!("queued for {name}"),
        Place::Serving(_) | Place::Hanging(_) => format!("waiting for {name}"),
        Place::OnTheWay(_) => format!("on the way to {name} or back"),
        Place::At(_) => format!("at {name}"),
        Place::BackingOff(_) => format!("waiting to try {name} again"),
        Place::Broker(_) => format!("at the broker in front of {name}"),
    }
}

const fn step_of(place: Place) -> StepId {
    match place {
        Place::Queued(step)
        | Place::Serving(step)
        | Place::Hanging(step)
        | Place::OnTheWay(step)
        | Place::At(step)
        | Place::BackingOff(step)
        | Place::Broker(step) => step,
    }
}

/// The reason: the fault, and the service whose callers held all workers; with neither, what load or chance did.
fn why(case: &Case, ending: Ending, first: Option<engine::Cause>, fault: Option<&str>) -> String {
    let Some(first) = first else {
        return "no single cause".into();
    };
    let service = case.system.steps[step_of(first.place)].service;
    let starved = first.starved_by.map(|by| {
        format!(
            "{} on {}",
            waiting(case, service),
            case.system.names.services[by]
        )
    });
    match (fault, starved) {
        (Some(fault), Some(starved)) => format!("{fault}: {starved}"),
        (Some(reason), None) => reason.into(),
        (None, Some(reason)) => reason,
        (None, None) => load(ending, first).into(),
    }
}

/// `all 256 slots were waiting`.
fn waiting(case: &Case, service: ServiceId) -> String {
    let service = &case.system.services[service];
    if service.concurrency == UNLIMITED || service.autoscale.is_some() {
        return "its workers were waiting".into();
    }
    let slots = u64::from(service.replicas) * u64::from(service.concurrency);
    match slots {
        1 => "the only slot was waiting".into(),
        _ => format!("all {} were waiting", plural(slots, "slot")),
    }
}

/// The reason where neither a fault nor a waiting callee is one.
fn load(ending: Ending, first: engine::Cause) -> &'static str {
    match (ending, first.outcome, first.place) {
        (Ending::Unanswered | Ending::Incomplete, _, _) => "the run ended first",
        (_, Outcome::Error, _) => "its own errors",
        (_, Outcome::Overloaded, Place::Broker(_)) => "more was sent than consumed",
        (_, Outcome::Overloaded, _) => "more came than it could serve",
        (Ending::GaveUp, _, Place::Queued(_)) => "the queue was longer than the client's patience",
        (_, _, Place::Queued(_)) => "the queue was longer than the timeout",
        (Ending::GaveUp, _, Place::Serving(_)) => "its work took longer than the client's patience",
        (_, _, Place::Serving(_)) => "its work took longer than the timeout",
        (_, _, Place::BackingOff(_)) => "earlier attempts had failed",
        (_, _, Place::Broker(_)) => "the broker's queue was longer than the wait",
        (_, _, Place::OnTheWay(_)) => "the way took longer than the wait",
        _ => "load",
    }
}
