//! Hand-made spans and where their time goes; and what a probe makes of happenings.

use super::parts::{FlowParts, Part, Parts, Until, split};
use super::span::{Span, Spot, What};
use super::tracer::Tracer;
use crate::engine::{
    Answer, Counted, Doing, Fate, Happening, Origin, Probe as _, RunFacts, Thing, WorksFor,
};
use crate::kernel::time::{Duration, Time};
use crate::metrics::fixture;
use crate::model::{BrokerId, ChannelId, EdgeId, FlowId, ServiceId, SourceId, StepId};
use crate::policies::Outcome;

const SHOP: Spot = Spot::Service(ServiceId(0));
const PAY: Spot = Spot::Service(ServiceId(1));
const POST: Spot = Spot::Broker(BrokerId(0));

const ATTEMPT: What = What::Attempt {
    edge: EdgeId(0),
    number: 1,
    is_hedge: false,
};
const STEP: What = What::Step {
    step: StepId(0),
    is_delivery: false,
};
const DELIVERY: What = What::Step {
    step: StepId(1),
    is_delivery: true,
};
const MESSAGE: What = What::Message {
    channel: ChannelId(0),
};

fn at(s: u64) -> Time {
    Time::ZERO + Duration::from_secs(s)
}

fn span(parent: u32, what: What, (start, end): (u64, u64)) -> Span {
    Span {
        parent: Some(parent),
        what,
        start: at(start),
        end: at(end),
        outcome: None,
    }
}

fn does(parent: u32, doing: Doing, at: Spot, ends: (u64, u64)) -> Span {
    span(parent, What::Doing { doing, at }, ends)
}

/// The root, ten seconds long, and others below it.
fn tree(others: &[Span]) -> Vec<Span> {
    let mut root = span(0, What::FlowRun, (0, 10));
    root.parent = None;
    let mut spans = vec![root];
    spans.extend_from_slice(others);
    spans
}

/// The seconds of each part until `to`.
fn seconds(spans: &[Span], until: Until, to: u64) -> [u64; Part::N] {
    seconds_if(spans, until, to, true)
}

/// The same, where whoever hands a message over waits for its reply, or for the broker's word only.
fn seconds_if(spans: &[Span], until: Until, to: u64, awaits_reply: bool) -> [u64; Part::N] {
    let is_needed = |what| awaits_reply || !matches!(what, What::Attempt { .. });
    let parts = split(spans, until, (at(0), at(to)), &is_needed);
    let sum = parts.by_part.iter().fold(0, |sum, span| sum + span.0);
    assert_eq!(sum, parts.whole.0, "the parts are the whole: {parts:?}");
    parts.by_part.map(|span| span.0 / Duration::SECOND.0)
}

#[test]
fn the_most_productive_thing_counts_and_what_is_left_is_other() {
    let spans = tree(&[
        span(0, ATTEMPT, (0, 10)),
        does(1, Doing::OnTheWay, Spot::Nowhere, (0, 2)),
        span(1, STEP, (2, 8)),
        does(3, Doing::Queued, SHOP, (2, 5)),
        does(3, Doing::Working(0), SHOP, (4, 7)),
        does(0, Doing::BackingOff, SHOP, (1, 9)),
    ]);
    // 0–2 network, 2–4 queueing, 4–7 working, 7–9 backing off, 9–10 nothing.
    assert_eq!(seconds(&spans, Until::Answer, 10), [3, 0, 2, 2, 2, 1]);
    // Until an earlier instant only what was before it.
    assert_eq!(seconds(&spans, Until::Answer, 5), [1, 0, 2, 2, 0, 0]);
}

#[test]
fn what_an_attempt_left_behind_counts_no_longer() {
    // The first attempt is given up at 3, while its job is queued until 6 and in service until 8.
    let spans = tree(&[
        span(0, ATTEMPT, (0, 3)),
        span(1, STEP, (0, 8)),
        does(2, Doing::Queued, SHOP, (0, 6)),
        does(2, Doing::Working(0), SHOP, (6, 8)),
        does(0, Doing::BackingOff, SHOP, (3, 5)),
        span(0, ATTEMPT, (5, 10)),
        span(6, STEP, (5, 10)),
        does(7, Doing::Queued, SHOP, (5, 9)),
        does(7, Doing::Working(0), SHOP, (9, 10)),
    ]);
    let expected = [1, 0, 7, 0, 2, 0];
    assert_eq!(seconds(&spans, Until::Answer, 10), expected);
    assert_eq!(seconds(&spans, Until::Completion, 10), expected);
}

#[test]
fn a_message_nobody_waits_for_counts_for_the_completion_only() {
    let spans = tree(&[
        span(0, ATTEMPT, (0, 4)),
        span(1, STEP, (0, 3)),
        does(2, Doing::Working(0), SHOP, (0, 1)),
        // A hand-over that is confirmed at 2.
        span(2, ATTEMPT, (1, 2)),
        span(4, MESSAGE, (1, 9)),
        does(5, Doing::Writing, POST, (1, 2)),
        does(5, Doing::Stored, POST, (2, 5)),
        span(5, DELIVERY, (5, 9)),
        does(8, Doing::Working(0), PAY, (6, 9)),
        does(1, Doing::OnTheWay, Spot::Nowhere, (3, 4)),
    ]);
    // The answer: 0–1 working, 1–2 written while the sender waits, 2–3 nothing, 3–4 on the way.
    assert_eq!(seconds(&spans, Until::Answer, 4), [1, 1, 0, 1, 0, 1]);
    // The completion: 1–5 at the broker (over the way back), 5–6 nothing, 6–9 working.
    assert_eq!(seconds(&spans, Until::Completion, 9), [4, 4, 0, 0, 0, 1]);
    // A step that is not required is none of it.
    let parts = split(&spans, Until::Completion, (at(0), at(9)), &|_| false);
    assert_eq!(parts.by_part[Part::Broker as usize], Duration::ZERO);
    assert_eq!(parts.by_part[Part::Working as usize], Duration::SECOND);
}

#[test]
fn work_on_a_message_acknowledged_before_counts_for_whom_awaits_its_reply() {
    let spans = tree(&[
        span(0, ATTEMPT, (0, 6)),
        span(1, MESSAGE, (0, 2)),
        does(2, Doing::Stored, POST, (0, 2)),
        span(2, DELIVERY, (2, 5)),
        does(4, Doing::Working(0), PAY, (2, 5)),
        does(1, Doing::OnTheWay, Spot::Nowhere, (5, 6)),
    ]);
    assert_eq!(seconds(&spans, Until::Answer, 6), [3, 2, 0, 1, 0, 0]);
    // Who waits for the broker's word alone waits for none of this.
    let word_only = seconds_if(&spans, Until::Answer, 6, false);
    assert_eq!(word_only, [0, 0, 0, 1, 0, 5]);
}

#[test]
fn of_two_that_wait_the_one_that_waits_longer_gives_the_place() {
    let spans = tree(&[
        span(0, ATTEMPT, (0, 10)),
        span(1, STEP, (0, 10)),
        does(2, Doing::Queued, SHOP, (0, 4)),
        does(2, Doing::Queued, PAY, (1, 9)),
    ]);
    let parts = split(&spans, Until::Answer, (at(0), at(10)), &|_| true);
    let of = |s| Duration::from_secs(s);
    let expected = [(Part::Queueing, SHOP, of(1)), (Part::Queueing, PAY, of(8))];
    assert_eq!(parts.by_spot, expected);
}

/// What a tracer makes of one flow run's happenings: (second, what).
fn traced(happenings: &[(u64, Happening)]) -> (Vec<Span>, Parts) {
    let system = fixture::system(60, &[]);
    let wiring = fixture::wiring("sync");
    let mut tracer = Tracer::new(&system, &wiring, 1);
    let run = RunFacts {
        flow: FlowId(0),
        source: SourceId(0),
        ordinal: 0,
        start: at(0),
        counted: Counted::Yes,
    };
    tracer.arrived(3, run);
    assert!(tracer.follows(3) && !tracer.follows(2));
    for &(second, what) in happenings {
        tracer.happens(at(second), 3, what);
    }
    let trace = tracer.into_traces()[FlowId(0)][0].clone();
    let parts = FlowParts::of(std::slice::from_ref(&trace), &system, &wiring);
    (trace.spans, parts.latency[0].clone())
}

/// An attempt whose job travels, queues, is worked on, fails and travels back.
fn failed_attempt() -> Vec<(u64, Happening)> {
    let (call, job) = (Thing::Call(1), Thing::Job(1));
    vec![
        (
            0,
            Happening::Attempt {
                call,
                origin: Origin::Client,
                edge: EdgeId(0),
                number: 1,
            },
        ),
        (
            0,
            Happening::Job {
                job,
                works_for: WorksFor::Attempt(call),
                step: StepId(0),
            },
        ),
        (0, Happening::Does(job, Doing::OnTheWay)),
        (1, Happening::Does(job, Doing::Queued)),
        (3, Happening::Does(job, Doing::Working(2))),
        // The same again is no new span.
        (4, Happening::Does(job, Doing::Working(2))),
        (6, Happening::Does(job, Doing::Nothing)),
        (
            6,
            Happening::Finished {
                job,
                outcome: Outcome::Error,
            },
        ),
        (6, Happening::Does(job, Doing::OnTheWay)),
        (7, Happening::Gone(job)),
        (
            7,
            Happening::Settled {
                call,
                outcome: Outcome::Error,
            },
        ),
        (7, Happening::Does(call, Doing::BackingOff)),
        (7, Happening::Gone(call)),
        (7, Happening::Told(Answer::Failed)),
        (7, Happening::Closed(Fate::Refused)),
    ]
}

#[test]
fn a_job_is_at_its_service_between_its_two_ways() {
    let (spans, parts) = traced(&failed_attempt());
    let ends: Vec<(Option<u32>, u64, u64)> = spans
        .iter()
        .map(|span| (span.parent, span.start.0, span.end.0))
        .map(|(parent, start, end)| (parent, start / 1_000_000_000, end / 1_000_000_000))
        .collect();
    let expected = [
        (None, 0, 7),
        (Some(0), 0, 7),
        (Some(1), 0, 1),
        (Some(1), 1, 6),
        (Some(3), 1, 3),
        (Some(3), 3, 6),
        (Some(1), 6, 7),
    ];
    assert_eq!(ends, expected);
    assert_eq!(spans[3].outcome, Some(Outcome::Error));
    let seconds = parts.by_part.map(|span| span.0 / 1_000_000_000);
    assert_eq!(seconds, [3, 0, 2, 2, 0, 0]);
}
