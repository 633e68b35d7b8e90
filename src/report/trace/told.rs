//! A followed flow run in names: what each span is called, whose it is, what is known of it.

use crate::analysis::Stamp;
use crate::compile::Case;
use crate::engine::{Answer, Doing, Fate};
use crate::kernel::time::Time;
use crate::metrics::{Part, Span, Trace, What};
use crate::model::{EdgeId, Link};
use crate::policies::Outcome;
use sha2::{Digest as _, Sha256};

/// A flow run for people and tools.
pub(super) struct Told {
    /// The variant it belongs to.
    pub(super) variant: String,
    /// `place_order shopper#1234`: the same in every variant.
    pub(super) name: String,
    /// Of sixteen bytes.
    pub(super) id: [u8; 16],
    /// The flow run first.
    pub(super) spans: Vec<ToldSpan>,
    /// When it was answered, and completed.
    pub(super) events: Vec<(&'static str, Time)>,
}

/// A span for people and tools.
pub(super) struct ToldSpan {
    /// Unlike any other of the flow run.
    pub(super) id: u64,
    /// Whose it is because of.
    pub(super) parent: Option<u64>,
    /// What it is called.
    pub(super) name: String,
    /// Who does it: a service, a broker or a source.
    pub(super) service: String,
    /// On which side of what.
    pub(super) side: Side,
    /// From when to when.
    pub(super) ends: (Time, Time),
    /// What is known of it.
    pub(super) facts: Vec<(&'static str, Fact)>,
    /// Why it is a failure, if it is one.
    pub(super) failure: Option<&'static str>,
}

/// A value.
pub(super) enum Fact {
    /// A word.
    Word(String),
    /// A number.
    Number(u64),
    /// Yes or no.
    Is(bool),
}

/// What a span is to its parent.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Side {
    /// Something inside.
    Inside,
    /// Whoever is called.
    Callee,
    /// Whoever calls.
    Caller,
    /// Whoever sends a message.
    Sender,
    /// Whoever has a message delivered.
    Receiver,
}

/// Puts a flow run in names.
pub(super) fn told(stamp: &Stamp, case: &Case, trace: &Trace) -> Told {
    let names = &case.system.names;
    let (run, variant) = (trace.run, &case.wiring.name);
    let source = &names.sources[run.source];
    let identity = format!("{}/{variant}/{source}/{}", stamp.hash, run.ordinal);
    let digest = Sha256::digest(identity.as_bytes());
    let (mut id, mut first) = ([0; 16], [0; 8]);
    id.copy_from_slice(&digest[..16]);
    first.copy_from_slice(&digest[16..24]);
    let first = u64::from_le_bytes(first);
    // No span has the number nought, which stands for none.
    let number = |place: u32| match first.wrapping_add(u64::from(place)) {
        0 => first.wrapping_sub(1),
        number => number,
    };
    let mut spans: Vec<ToldSpan> = Vec::new();
    for (place, span) in (0..).zip(&trace.spans) {
        let by = span.parent.map(|by| spans[by as usize].service.clone());
        let (name, service, side) = words(case, trace, span, by);
        spans.push(ToldSpan {
            id: number(place),
            parent: span.parent.map(number),
            name,
            service,
            side,
            ends: (span.start, span.end),
            facts: facts(case, span),
            failure: span.outcome.and_then(failure),
        });
    }
    if let Some(root) = spans.first_mut() {
        of_run(root, case, trace);
    }
    let told = trace.told.map(|(at, _)| ("answered", at));
    let done = trace.done.map(|at| ("completed", at));
    Told {
        variant: variant.clone(),
        name: format!("{} {source}#{}", names.flows[run.flow], run.ordinal),
        id,
        spans,
        events: told.into_iter().chain(done).collect(),
    }
}

/// What is known of the flow run itself.
fn of_run(root: &mut ToldSpan, case: &Case, trace: &Trace) {
    let names = &case.system.names;
    let word = |text: &str| Fact::Word(text.to_owned());
    let answer = trace.told.map(|(_, answer)| answer_word(answer));
    root.facts.extend([
        ("brownout.variant", word(&case.wiring.name)),
        ("brownout.flow", word(&names.flows[trace.run.flow])),
        ("brownout.source", word(&names.sources[trace.run.source])),
        ("brownout.ordinal", Fact::Number(trace.run.ordinal)),
        ("brownout.seed", Fact::Number(case.system.plan.seed)),
        ("brownout.replication", Fact::Number(0)),
        ("brownout.answer", word(answer.unwrap_or("none"))),
        ("brownout.fate", word(fate_word(trace.fate))),
    ]);
    root.failure = match (trace.told, trace.fate) {
        (Some((_, answer @ (Answer::Failed | Answer::GaveUp))), _) => Some(answer_word(answer)),
        (_, Fate::Completed | Fate::Refused) => None,
        (_, fate) => Some(fate_word(fate)),
    };
}

/// A span's name, who does it, and on which side. `by`: who does what caused it.
fn words(case: &Case, trace: &Trace, span: &Span, by: Option<String>) -> (String, String, Side) {
    let (names, steps) = (&case.system.names, &case.system.steps);
    let at = |step| names.services[steps[step].service].clone();
    let sender = |edge: EdgeId| match case.wiring.edges[edge].from {
        Some(step) => at(step),
        None => names.sources[trace.run.source].clone(),
    };
    match span.what {
        What::FlowRun => (
            names.flows[trace.run.flow].clone(),
            names.sources[trace.run.source].clone(),
            Side::Caller,
        ),
        What::Attempt { edge, .. } => {
            let to = &names.steps[case.wiring.edges[edge].to];
            let (verb, side) = match case.wiring.edges[edge].link {
                Link::Call(_) => ("call", Side::Caller),
                Link::Publish(_) => ("publish", Side::Sender),
            };
            (format!("{verb} {to}"), sender(edge), side)
        }
        What::Step { step, is_delivery } => {
            let side = if is_delivery {
                Side::Receiver
            } else {
                Side::Callee
            };
            (names.steps[step].clone(), at(step), side)
        }
        What::Saga { step } => (
            format!("saga of {}", names.steps[step]),
            at(step),
            Side::Inside,
        ),
        What::Message { channel } => {
            let channel = &case.wiring.channels[channel];
            let broker = names.brokers[channel.broker].clone();
            let name = format!("message to {}", names.steps[channel.to]);
            (name, broker, Side::Inside)
        }
        What::Doing { doing, .. } => (
            doing_word(doing).to_owned(),
            by.unwrap_or_default(),
            Side::Inside,
        ),
    }
}

fn facts(case: &Case, span: &Span) -> Vec<(&'static str, Fact)> {
    let word = |text: &str| Fact::Word(text.to_owned());
    let names = &case.system.names;
    let mut facts = match span.what {
        What::FlowRun => Vec::new(),
        What::Attempt {
            edge,
            number,
            is_hedge,
        } => vec![
            (
                "brownout.step",
                word(&names.steps[case.wiring.edges[edge].to]),
            ),
            ("brownout.attempt", Fact::Number(number.into())),
            ("brownout.hedge", Fact::Is(is_hedge)),
        ],
        What::Step { step, .. } | What::Saga { step } => {
            vec![("brownout.step", word(&names.steps[step]))]
        }
        What::Message { channel } => {
            let to = case.wiring.channels[channel].to;
            vec![("brownout.step", word(&names.steps[to]))]
        }
        What::Doing { doing, .. } => {
            let mut facts = vec![("brownout.part", word(Part::of(doing).word()))];
            if let Doing::Working(instance) = doing {
                facts.push(("brownout.instance", Fact::Number(instance.into())));
            }
            facts
        }
    };
    if let Some(outcome) = span.outcome {
        facts.push(("brownout.outcome", word(outcome.word())));
    }
    facts
}

/// What was called off is no failure, nor is what the end of the run cut off.
fn failure(outcome: Outcome) -> Option<&'static str> {
    let is_failure =
        !outcome.is_ok() && !matches!(outcome, Outcome::Cancelled | Outcome::Unfinished);
    is_failure.then(|| outcome.word())
}

const fn answer_word(answer: Answer) -> &'static str {
    match answer {
        Answer::Ok => "ok",
        Answer::Degraded => "degraded",
        Answer::Failed => "failed",
        Answer::GaveUp => "gave_up",
    }
}

const fn fate_word(fate: Fate) -> &'static str {
    match fate {
        Fate::Completed => "completed",
        Fate::Lost => "lost",
        Fate::DeadLettered => "dead_lettered",
        Fate::Compensated => "compensated",
        Fate::Incomplete => "incomplete",
        Fate::Refused => "refused",
        Fate::Unanswered => "unanswered",
    }
}

const fn doing_word(doing: Doing) -> &'static str {
    match doing {
        Doing::Nothing => "nothing",
        Doing::OnTheWay => "network",
        Doing::Queued => "queue",
        Doing::Working(_) => "work",
        Doing::StandsStill => "stand still",
        Doing::InLine => "wait for a place",
        Doing::BackingOff => "wait before retry",
        Doing::InOutbox => "outbox",
        Doing::AtTheDoor => "wait for the broker",
        Doing::Writing => "write",
        Doing::Stored => "stored",
        Doing::PutOff => "wait before redelivery",
        Doing::Parked => "dead letter",
    }
}
