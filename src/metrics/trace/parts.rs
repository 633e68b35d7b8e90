//! Where the time of a flow run goes: each instant until its answer, or its completion, belongs to the most productive thing
//! that somebody waits for then (A45).
//!
//! ```text
//! working  >  at the broker  >  queueing  >  network  >  waiting before a retry  >  other
//! ```

use super::span::{Span, Spot, Trace, What};
use crate::engine::{Doing, Fate};
use crate::kernel::time::{Duration, Time};
use crate::model::{AnswerBy, Link, Required, System, Wiring};
use serde::{Deserialize, Serialize};
use std::cmp::Reverse;
use std::collections::{BTreeMap, BTreeSet};

/// What goes on at an instant, the most productive first.
#[derive(
    Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, serde::Serialize, serde::Deserialize,
)]
pub enum Part {
    /// A step is being worked on.
    Working,
    /// A message is with a broker, or in an outbox: written, or stored until it is delivered.
    Broker,
    /// A job waits for a worker, or an attempt for a place of a bulkhead.
    Queueing,
    /// Something is on its way.
    Network,
    /// A call, or a message whose delivery has failed, waits before it is tried again.
    RetryWait,
    /// Nothing of all this: frozen, hanging, lost without a word, waiting for the next poll.
    Other,
}

impl Part {
    /// How many there are.
    pub const N: usize = 6;

    /// All, in their order.
    pub const ALL: [Self; Self::N] = [
        Self::Working,
        Self::Broker,
        Self::Queueing,
        Self::Network,
        Self::RetryWait,
        Self::Other,
    ];

    /// Its name for programs.
    #[must_use]
    pub const fn word(self) -> &'static str {
        match self {
            Self::Working => "working",
            Self::Broker => "broker",
            Self::Queueing => "queueing",
            Self::Network => "network",
            Self::RetryWait => "retry_wait",
            Self::Other => "other",
        }
    }

    /// The part that a thing doing this belongs to.
    #[must_use]
    pub const fn of(doing: Doing) -> Self {
        match doing {
            Doing::Working(_) => Self::Working,
            Doing::InOutbox | Doing::AtTheDoor | Doing::Writing | Doing::Stored => Self::Broker,
            Doing::Queued | Doing::InLine => Self::Queueing,
            Doing::OnTheWay => Self::Network,
            Doing::BackingOff | Doing::PutOff => Self::RetryWait,
            Doing::Nothing | Doing::StandsStill | Doing::Parked => Self::Other,
        }
    }
}

/// The time of one flow run, part by part.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Parts {
    /// All of it: the sum of the parts.
    pub whole: Duration,
    /// By part, in the order of [`Part::ALL`].
    pub by_part: [Duration; Part::N],
    /// The same by where it was spent, in that order; what was spent nowhere in particular is left out.
    pub by_spot: Vec<(Part, Spot, Duration)>,
}

/// The times of the flow runs of one flow that were followed.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct FlowParts {
    /// Until the client was told, or the run was over.
    pub latency: Vec<Parts>,
    /// Until the last required step was done, or the run was over, of those that were accepted and not given up.
    pub completion: Vec<Parts>,
}

impl FlowParts {
    pub(super) fn of(traces: &[Trace], system: &System, wiring: &Wiring) -> Self {
        let mut parts = Self::default();
        for trace in traces {
            let told = match (trace.told, trace.fate) {
                (Some((told, _)), _) => Some(told),
                (None, Fate::Unanswered) => Some(trace.closed),
                (None, _) => None,
            };
            let done = match (trace.done, trace.fate) {
                (Some(done), _) => Some(done),
                (None, Fate::Incomplete) => Some(trace.closed),
                (None, _) => None,
            };
            let is_needed = |step| system.steps[step].required == Required::Required;
            let of_answer = match wiring.answer_by {
                AnswerBy::Call => Until::Answer,
                // The client waits for the completion.
                AnswerBy::Poll { .. } | AnswerBy::Callback => Until::Completion,
            };
            let to = |channel| wiring.channels[channel].to;
            let split = |until, end| {
                let is_needed: IsNeeded<'_> = &|what: What| match what {
                    What::Message { channel } => is_needed(to(channel)),
                    What::Step { step, .. } => is_needed(step),
                    What::Attempt { edge, .. } => match &wiring.edges[edge].link {
                        Link::Call(_) => true,
                        Link::Publish(publish) => publish.awaits_reply,
                    },
                    _ => true,
                };
                split(&trace.spans, until, (trace.run.start, end), is_needed)
            };
            parts.latency.extend(told.map(|end| split(of_answer, end)));
            parts
                .completion
                .extend(done.map(|end| split(Until::Completion, end)));
        }
        parts
    }
}

/// What is waited for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Until {
    /// The answer: only what somebody waits for whom the client waits for.
    Answer,
    /// The completion: messages and sagas too, which nobody need wait for.
    Completion,
}

/// Is the work on a message, or of a step that one caused, needed for the completion? And does who hands a message over (an
/// attempt) wait for that work, not only for the broker's word?
pub(super) type IsNeeded<'a> = &'a dyn Fn(What) -> bool;

/// Splits the time of one flow run.
pub(super) fn split(
    spans: &[Span],
    until: Until,
    (from, to): (Time, Time),
    is_needed: IsNeeded<'_>,
) -> Parts {
    let mut edges: BTreeMap<Time, Vec<(usize, bool)>> = BTreeMap::new();
    let mut pieces: Vec<(Part, Spot, Time)> = Vec::new();
    for span in spans {
        let What::Doing { doing, at } = span.what else {
            continue;
        };
        let part = Part::of(doing);
        let Some((start, end)) = awaited(spans, span, until, is_needed) else {
            continue;
        };
        let (start, end) = (start.max(from), end.min(to));
        if part != Part::Other && start < end {
            edges.entry(start).or_default().push((pieces.len(), true));
            edges.entry(end).or_default().push((pieces.len(), false));
            pieces.push((part, at, end));
        }
    }
    let mut by_part = [Duration::ZERO; Part::N];
    let mut by_spot: BTreeMap<(Part, Spot), Duration> = BTreeMap::new();
    // Of several that are equally productive the one counts that lasts longest.
    let mut going_on: BTreeSet<(Part, Reverse<Time>, usize)> = BTreeSet::new();
    let mut before = from;
    for (at, changes) in edges {
        let best = going_on.first().copied();
        let (part, spot) = best.map_or((Part::Other, Spot::Nowhere), |(part, _, piece)| {
            (part, pieces[piece].1)
        });
        by_part[part as usize] += at - before;
        if spot != Spot::Nowhere && before < at {
            *by_spot.entry((part, spot)).or_default() += at - before;
        }
        before = at;
        for (piece, begins) in changes {
            let (part, _, end) = pieces[piece];
            let entry = (part, Reverse(end), piece);
            if begins {
                going_on.insert(entry);
            } else {
                going_on.remove(&entry);
            }
        }
    }
    by_part[Part::Other as usize] += to.since(before);
    let by_spot = by_spot.into_iter();
    Parts {
        whole: to.since(from),
        by_part,
        by_spot: by_spot
            .map(|((part, spot), span)| (part, spot, span))
            .collect(),
    }
}

/// The stretch of a span during which somebody waits for it: as long as every attempt and every step that caused it goes on.
/// `None` if nobody does, or if it is not needed.
fn awaited(
    spans: &[Span],
    span: &Span,
    until: Until,
    is_needed: IsNeeded<'_>,
) -> Option<(Time, Time)> {
    let (mut start, mut end) = (span.start, span.end);
    // Of a message that is stored a sender has had the broker's word.
    let mut is_after_word = matches!(
        span.what,
        What::Doing {
            doing: Doing::Stored | Doing::PutOff,
            ..
        }
    );
    let mut above = span.parent;
    while let Some(place) = above {
        let by = &spans[place as usize];
        let stands_alone = match by.what {
            What::Saga { .. } if until == Until::Answer => return None,
            What::Attempt { .. } if is_after_word && !is_needed(by.what) => return None,
            What::Saga { .. } | What::Message { .. } => true,
            What::Step { is_delivery, .. } => is_delivery,
            What::FlowRun | What::Attempt { .. } | What::Doing { .. } => false,
        };
        // A message acknowledged before its work is gone while that is done.
        if !matches!(by.what, What::Message { .. } | What::FlowRun) {
            (start, end) = (start.max(by.start), end.min(by.end));
        }
        if stands_alone && until == Until::Completion {
            return is_needed(by.what).then_some((start, end));
        }
        // What is done for a message is done after it was stored.
        is_after_word = match by.what {
            What::Message { .. } => is_after_word,
            What::Step { is_delivery, .. } => is_delivery,
            What::Attempt { .. } => is_posted(spans, by),
            _ => false,
        };
        above = by.parent;
    }
    Some((start, end))
}

/// Is an attempt the delivery of a message?
fn is_posted(spans: &[Span], attempt: &Span) -> bool {
    let by = attempt.parent.map(|place| spans[place as usize].what);
    matches!(by, Some(What::Message { .. }))
}
