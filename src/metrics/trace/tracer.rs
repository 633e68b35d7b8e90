//! The probe that follows single flow runs and makes spans of what happens to them.

use super::parts::FlowParts;
use super::sample::{Choice, Sample};
use super::span::{Span, Spot, Trace, What};
use crate::engine::{
    Answer, Counted, Doing, Fate, Happening, Origin, Probe, RunFacts, Thing, WorksFor,
};
use crate::kernel::ids::IdVec;
use crate::kernel::time::Time;
use crate::model::{ChannelId, EdgeId, FlowId, StepId, System, Wiring};
use crate::policies::Outcome;

/// The slot of a flow run that is not followed.
const NOBODY: u32 = u32::MAX;

/// The place of the flow run's own span.
const ROOT: u32 = 0;

/// Follows an even sample of the counted flow runs of each flow.
#[derive(Debug)]
pub struct Tracer<'a> {
    system: &'a System,
    wiring: &'a Wiring,
    samples: IdVec<FlowId, Sample>,
    /// By the engine's slot: the place of who is followed there.
    places: Vec<u32>,
    followed: Vec<Followed>,
}

/// A flow run as far as it has got.
#[derive(Debug)]
struct Followed {
    trace: Trace,
    things: Vec<State>,
    slot: u32,
    is_closed: bool,
}

/// A thing of a flow run.
#[derive(Clone, Copy, Debug)]
struct State {
    thing: Thing,
    /// The span that caused it, and what it is itself.
    base: u32,
    own: Option<u32>,
    /// Is its own span another one's?
    is_borrowed: bool,
    /// What it does at present.
    doing: Option<u32>,
    /// The edge of a call, the step of a job, the channel of a message.
    of: Of,
}

#[derive(Clone, Copy, Debug)]
enum Of {
    Edge(EdgeId),
    Step(StepId, bool),
    Channel(ChannelId),
}

impl<'a> Tracer<'a> {
    /// Ready to follow `most` flow runs of each flow in a run of `wiring` on `system`.
    #[must_use]
    pub fn new(system: &'a System, wiring: &'a Wiring, most: usize) -> Self {
        Self {
            system,
            wiring,
            samples: system.flows.iter().map(|_| Sample::new(most)).collect(),
            places: Vec::new(),
            followed: Vec::new(),
        }
    }

    /// The traces of each flow, in the order of their starts.
    #[must_use]
    pub fn into_traces(self) -> IdVec<FlowId, Vec<Trace>> {
        let mut traces: IdVec<FlowId, Vec<Trace>> =
            IdVec::from_fn(self.samples.len(), |_| Vec::new());
        for one in self.followed {
            traces[one.trace.run.flow].push(one.trace);
        }
        for flow in &mut traces {
            flow.sort_by_key(|trace| {
                let run = trace.run;
                (run.start, run.source, run.ordinal)
            });
        }
        traces
    }

    /// Where the time of each flow's followed runs went.
    #[must_use]
    pub fn into_parts(self) -> IdVec<FlowId, FlowParts> {
        let (system, wiring) = (self.system, self.wiring);
        let traces = self.into_traces();
        let parts = |traces: &Vec<Trace>| FlowParts::of(traces, system, wiring);
        traces.iter().map(parts).collect()
    }

    /// The place where somebody does something.
    fn spot(&self, of: Of, doing: Doing) -> Spot {
        match (of, doing) {
            (_, Doing::OnTheWay) => Spot::Nowhere,
            (Of::Edge(edge), _) => {
                let step = self.wiring.edges[edge].to;
                Spot::Service(self.system.steps[step].service)
            }
            (Of::Step(step, _), _) => Spot::Service(self.system.steps[step].service),
            (Of::Channel(channel), Doing::PutOff) => {
                let step = self.wiring.channels[channel].to;
                Spot::Service(self.system.steps[step].service)
            }
            (Of::Channel(channel), _) => Spot::Broker(self.wiring.channels[channel].broker),
        }
    }
}

impl Followed {
    fn new(run: RunFacts, slot: u32) -> Self {
        let root = Span {
            parent: None,
            what: What::FlowRun,
            start: run.start,
            end: Time::NEVER,
            outcome: None,
        };
        let trace = Trace {
            run,
            told: None,
            done: None,
            fate: Fate::Unanswered,
            closed: Time::NEVER,
            spans: vec![root],
        };
        Self {
            trace,
            things: Vec::new(),
            slot,
            is_closed: false,
        }
    }

    /// Begins a span.
    fn begin(&mut self, parent: u32, what: What, start: Time) -> u32 {
        let place = u32::try_from(self.trace.spans.len()).expect("fewer than 2^32 spans");
        self.trace.spans.push(Span {
            parent: Some(parent),
            what,
            start,
            end: Time::NEVER,
            outcome: None,
        });
        place
    }

    /// Ends a span, unless it has ended. What takes no time and has nothing below it leaves none.
    fn end(&mut self, place: u32, now: Time) {
        let n = self.trace.spans.len();
        let span = &mut self.trace.spans[place as usize];
        if span.end != Time::NEVER {
            return;
        }
        span.end = now;
        let is_last = place as usize + 1 == n;
        if is_last && span.start == now && matches!(span.what, What::Doing { .. }) {
            self.trace.spans.pop();
        }
    }

    fn find(&mut self, thing: Thing) -> Option<&mut State> {
        self.things.iter_mut().rev().find(|one| one.thing == thing)
    }

    /// The span below which stands what a thing causes.
    fn below(&mut self, thing: Thing) -> u32 {
        let found = self.find(thing);
        found.map_or(ROOT, |one| one.own.unwrap_or(one.base))
    }

    fn of_origin(&mut self, origin: Origin) -> u32 {
        match origin {
            Origin::Client => ROOT,
            Origin::Of(thing) => self.below(thing),
            Origin::Beside(thing) => self.find(thing).map_or(ROOT, |one| one.base),
        }
    }

    /// A thing does no longer what it did.
    fn stop(&mut self, thing: Thing, now: Time) {
        let doing = self.find(thing).and_then(|one| one.doing.take());
        if let Some(place) = doing {
            self.end(place, now);
        }
    }

    fn attempt(&mut self, (call, origin): (Thing, Origin), edge: EdgeId, number: u32, now: Time) {
        self.stop(call, now);
        let known = self.find(call).map(|one| one.base);
        let base = known.unwrap_or_else(|| self.of_origin(origin));
        let what = What::Attempt {
            edge,
            number,
            is_hedge: matches!(origin, Origin::Beside(_)),
        };
        let own = self.begin(base, what, now);
        match self.find(call) {
            Some(state) => state.own = Some(own),
            None => self.things.push(State {
                thing: call,
                base,
                own: Some(own),
                is_borrowed: false,
                doing: None,
                of: Of::Edge(edge),
            }),
        }
    }

    fn settled(&mut self, call: Thing, outcome: Outcome, now: Time) {
        self.stop(call, now);
        if let Some(own) = self.find(call).and_then(|one| one.own) {
            self.trace.spans[own as usize].outcome = Some(outcome);
            self.end(own, now);
        }
    }

    fn job(&mut self, job: Thing, works_for: WorksFor, step: StepId, now: Time) {
        let base = match works_for {
            WorksFor::Attempt(by) | WorksFor::Delivery(by) | WorksFor::Rest(by) => self.below(by),
            WorksFor::Saga => ROOT,
        };
        let own = match works_for {
            WorksFor::Saga => Some(self.begin(base, What::Saga { step }, now)),
            WorksFor::Rest(_) => Some(base),
            WorksFor::Attempt(_) | WorksFor::Delivery(_) => None,
        };
        self.things.push(State {
            thing: job,
            base,
            own,
            is_borrowed: matches!(works_for, WorksFor::Rest(_)),
            doing: None,
            of: Of::Step(step, matches!(works_for, WorksFor::Delivery(_))),
        });
    }

    fn message(&mut self, message: Thing, origin: Origin, channel: ChannelId, now: Time) {
        let base = self.of_origin(origin);
        let own = self.begin(base, What::Message { channel }, now);
        self.things.push(State {
            thing: message,
            base,
            own: Some(own),
            is_borrowed: false,
            doing: None,
            of: Of::Channel(channel),
        });
    }

    /// The span below which stands what a thing does itself. A job is at its service from the first time that it does
    /// anything there until it is on its way back.
    fn holder(&mut self, state: State, doing: Doing, now: Time) -> u32 {
        match (state.of, doing) {
            (Of::Step(..), Doing::OnTheWay) => {
                if let Some(own) = state.own.filter(|_| !state.is_borrowed) {
                    self.end(own, now);
                }
                state.base
            }
            (Of::Edge(_), Doing::BackingOff) => state.base,
            (Of::Step(step, is_delivery), _) if state.own.is_none() => {
                let own = self.begin(state.base, What::Step { step, is_delivery }, now);
                if let Some(state) = self.find(state.thing) {
                    state.own = Some(own);
                }
                own
            }
            _ => state.own.unwrap_or(state.base),
        }
    }

    fn does(&mut self, state: State, doing: Doing, at: Spot, now: Time) {
        let what = What::Doing { doing, at };
        let same = |place: u32| self.trace.spans[place as usize].what == what;
        if state.doing.is_some_and(same) {
            return;
        }
        self.stop(state.thing, now);
        let parent = self.holder(state, doing, now);
        if doing == Doing::Nothing {
            return;
        }
        let place = self.begin(parent, what, now);
        if let Some(state) = self.find(state.thing) {
            state.doing = Some(place);
        }
    }

    fn gone(&mut self, thing: Thing, now: Time) {
        self.stop(thing, now);
        let own = self.find(thing).filter(|one| !one.is_borrowed);
        if let Some(own) = own.and_then(|one| one.own) {
            self.end(own, now);
        }
    }

    fn closed(&mut self, fate: Fate, now: Time) {
        let trace = &mut self.trace;
        (trace.fate, trace.closed) = (fate, now);
        self.is_closed = true;
        self.things = Vec::new();
        let told = trace.told.map(|(at, _)| at);
        let end = match (fate, told) {
            (Fate::Completed | Fate::Refused, Some(told)) => told.max(trace.done.unwrap_or(told)),
            _ => now,
        };
        trace.spans[ROOT as usize].end = end;
        for span in &mut trace.spans {
            if span.end == Time::NEVER {
                span.end = now;
            }
        }
        trace.spans.shrink_to_fit();
    }

    fn told(&mut self, answer: Answer, now: Time) {
        self.trace.told = Some((now, answer));
    }
}

impl Probe for Tracer<'_> {
    const FOLLOWS: bool = true;

    #[inline]
    fn arrived(&mut self, slot: u32, run: RunFacts) {
        let idx = slot as usize;
        if self.places.len() <= idx {
            self.places.resize(idx + 1, NOBODY);
        }
        self.places[idx] = NOBODY;
        if run.counted == Counted::No {
            return;
        }
        let new = u32::try_from(self.followed.len()).expect("fewer than 2^32 flow runs");
        match self.samples[run.flow].choose(run, new) {
            Choice::Passed => {}
            Choice::Taken => {
                self.places[idx] = new;
                self.followed.push(Followed::new(run, slot));
            }
            Choice::Replaces(place) => {
                let one = &mut self.followed[place as usize];
                if !one.is_closed {
                    self.places[one.slot as usize] = NOBODY;
                }
                *one = Followed::new(run, slot);
                self.places[idx] = place;
            }
        }
    }

    #[inline]
    fn follows(&self, slot: u32) -> bool {
        self.places[slot as usize] != NOBODY
    }

    fn happens(&mut self, now: Time, slot: u32, what: Happening) {
        let place = self.places[slot as usize] as usize;
        let one = &mut self.followed[place];
        match what {
            Happening::Attempt {
                call,
                origin,
                edge,
                number,
            } => one.attempt((call, origin), edge, number, now),
            Happening::Settled { call, outcome } => one.settled(call, outcome, now),
            Happening::Job {
                job,
                works_for,
                step,
            } => one.job(job, works_for, step, now),
            Happening::Finished { job, outcome } => {
                let own = one.find(job).filter(|one| !one.is_borrowed);
                if let Some(own) = own.and_then(|one| one.own) {
                    one.trace.spans[own as usize].outcome = Some(outcome);
                }
            }
            Happening::Message {
                message,
                origin,
                channel,
            } => one.message(message, origin, channel, now),
            Happening::Does(thing, doing) => {
                let Some(state) = one.find(thing).copied() else {
                    return;
                };
                let at = self.spot(state.of, doing);
                self.followed[place].does(state, doing, at, now);
            }
            Happening::Spends(call, doing, from, to) => {
                let parent = one.below(call);
                if from < to {
                    let at = Spot::Nowhere;
                    let place = one.begin(parent, What::Doing { doing, at }, from);
                    one.end(place, to);
                }
            }
            Happening::Gone(thing) => one.gone(thing, now),
            Happening::Told(answer) => one.told(answer, now),
            Happening::Done(at) => one.trace.done = Some(at),
            Happening::Closed(fate) => {
                one.closed(fate, now);
                self.places[slot as usize] = NOBODY;
            }
        }
    }
}
