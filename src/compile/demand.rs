//! What a wiring asks of its steps when nothing fails: how often each is executed, how long it waits for what it calls, and which
//! workers do it.
//!
//! Means, without faults, errors, retries and queueing: what closed forms and lints begin with.

use crate::brokers::{Confirm, WhenRefused};
use crate::kernel::ids::IdVec;
use crate::model::{
    AnswerBy, Blocking, ChannelId, Edge, EdgeId, Link, Service, ServiceId, SourceId, Stage, StepId,
    System, UNLIMITED, Wiring,
};

/// How often each step is reached and executed.
#[derive(Clone, Debug, PartialEq)]
pub struct Rates {
    /// Executions per second.
    pub steps: IdVec<StepId, f64>,
    /// Flow runs per second that go over each edge, whether they need its step or not.
    pub edges: IdVec<EdgeId, f64>,
}

/// With so many flow runs `arriving` per second, from each source.
///
/// A step that everybody reaches by way of a copy counts as never called; one that clients ask for their result as called once.
#[must_use]
pub fn rates(system: &System, wiring: &Wiring, arriving: &IdVec<SourceId, f64>) -> Rates {
    let mut passing = IdVec::from_fn(system.steps.len(), |_: StepId| 0.0);
    let mut rates = Rates {
        steps: IdVec::new(),
        edges: IdVec::from_fn(wiring.edges.len(), |_: EdgeId| 0.0),
    };
    let asks = match &wiring.answer_by {
        AnswerBy::Poll { edges, .. } => Some(edges),
        AnswerBy::Call | AnswerBy::Callback => None,
    };
    let of_clients = std::iter::once(&wiring.entries).chain(asks);
    for (source, &edge) in of_clients.flat_map(IdVec::enumerate) {
        rates.edges[edge] += arriving[source];
        passing[wiring.edges[edge].to] += arriving[source];
    }
    // Every edge leads to a later step: whoever leads to a step has been there before.
    for (id, step) in system.steps.enumerate() {
        let executed = if is_read_from_copies(wiring, id) {
            0.0
        } else {
            passing[id] * step.probability
        };
        let program = &wiring.steps[id];
        let then = program.then.iter().map(|stage| (stage, executed));
        let passed = passing[id];
        let rest = program.rest.iter().map(|stage| (stage, passed));
        for (stage, rate) in then.chain(rest) {
            // A join is passed by one of its branches.
            let share = stage
                .join
                .as_ref()
                .map_or(1.0, |join| 1.0 / of(join.steps.len()));
            for &edge in &stage.edges {
                rates.edges[edge] += rate * share;
                passing[wiring.edges[edge].to] += rate * share;
            }
        }
        rates.steps.push(executed);
    }
    rates
}

#[expect(clippy::cast_precision_loss, reason = "a handful of branches")]
fn of(n: usize) -> f64 {
    n as f64
}

/// Does everybody who reaches the step look into a copy first? How often it is called all the same is not known here.
#[must_use]
pub fn is_read_from_copies(wiring: &Wiring, step: StepId) -> bool {
    let edges = wiring.edges.iter().filter(|edge| edge.to == step);
    let mut edges = edges.peekable();
    edges.peek().is_some() && edges.all(|edge| edge.copy.is_some())
}

/// How long steps take beyond their own work, seconds: about, and rather too little (means of parallel callees, nothing for groups
/// that go on early).
#[derive(Clone, Debug)]
pub struct Waits<'a> {
    system: &'a System,
    wiring: &'a Wiring,
    /// What a caller waits for if the flow run needs the step: its work and its `then`.
    work: IdVec<StepId, f64>,
    /// And in any case.
    rest: IdVec<StepId, f64>,
    /// For how long the step holds its worker while it waits for what it calls; 0 where a worker is released.
    pub held: IdVec<StepId, f64>,
}

impl<'a> Waits<'a> {
    /// Of a wiring.
    #[must_use]
    pub fn of(system: &'a System, wiring: &'a Wiring) -> Self {
        let nothing = || IdVec::from_fn(system.steps.len(), |_: StepId| 0.0);
        let mut waits = Self {
            system,
            wiring,
            work: nothing(),
            rest: nothing(),
            held: nothing(),
        };
        // Every edge leads to a later step: from the end, all callees are known.
        for (id, step) in system.steps.enumerate().rev() {
            let program = &wiring.steps[id];
            let sum =
                |stages: &[Stage]| -> f64 { stages.iter().map(|stage| waits.stage_s(stage)).sum() };
            let (then_s, rest_s) = (sum(&program.then), sum(program.answered()));
            waits.work[id] = step.service_time.mean_s() + then_s;
            waits.rest[id] = rest_s;
            if system.services[step.service].blocking == Blocking::Holds {
                waits.held[id] = then_s + rest_s;
            }
        }
        waits
    }

    /// For how long each step takes a worker, seconds: its own work, and what it holds one for beyond that.
    #[must_use]
    pub fn taken_s(&self) -> IdVec<StepId, f64> {
        let steps = self.system.steps.iter().zip(&self.held);
        steps
            .map(|(step, held)| step.service_time.mean_s() + held)
            .collect()
    }

    fn stage_s(&self, stage: &Stage) -> f64 {
        if stage.join.is_some() || (stage.need as usize) < stage.edges.len() {
            return 0.0;
        }
        let edges = stage.edges.iter();
        edges
            .map(|&edge| self.edge_s(&self.wiring.edges[edge]))
            .fold(0.0, f64::max)
    }

    /// How long whoever takes an edge waits until it can go on: there, the work and all that it waits for itself, and back.
    #[must_use]
    pub fn edge_s(&self, edge: &Edge) -> f64 {
        let probability = self.system.steps[edge.to].probability;
        let hops = 2.0 * self.system.hop.mean_s();
        let (work, rest) = (self.work[edge.to], self.rest[edge.to]);
        let write = |channel| {
            let broker = self.wiring.channels[channel].broker;
            self.system.brokers[broker].publish.mean_s()
        };
        match &edge.link {
            Link::Call(_) if edge.copy.is_some() => rest,
            Link::Call(call) => {
                let whole = probability * (hops + work) + rest;
                whole.min(call.longest_s())
            }
            Link::Publish(publish) if publish.awaits_reply => {
                probability * (2.0 * (hops + write(publish.channel)) + work) + rest
            }
            Link::Publish(publish) if publish.when_refused == WhenRefused::Outbox => 0.0,
            Link::Publish(publish) if publish.confirm == Confirm::Waits => {
                probability * (hops + write(publish.channel))
            }
            Link::Publish(_) => 0.0,
        }
    }
}

/// Workers that serve the same queue, all instances together.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Pool {
    /// How many; infinite if nobody waits.
    pub workers: f64,
    /// The steps they serve.
    pub steps: Vec<StepId>,
}

impl Pool {
    /// How many of its workers are taken in the mean, at these `rates` per second and so many seconds each.
    #[must_use]
    pub fn taken(&self, rates: &IdVec<StepId, f64>, each_s: &IdVec<StepId, f64>) -> f64 {
        let steps = self.steps.iter();
        steps.map(|&step| rates[step] * each_s[step]).sum()
    }
}

/// The pools of workers of a wiring.
#[derive(Clone, Debug, PartialEq)]
pub struct Pools {
    /// What is left of each service.
    shared: IdVec<ServiceId, Pool>,
    /// Set apart for a channel that asks for it.
    apart: IdVec<ChannelId, Option<Pool>>,
}

impl Pools {
    /// One set apart for each channel that asks for it, and what is left of each service.
    #[must_use]
    pub fn of(system: &System, wiring: &Wiring) -> Self {
        let services = &system.services;
        let mut left: IdVec<ServiceId, u32> =
            services.iter().map(|service| service.concurrency).collect();
        let mut apart = IdVec::new();
        let mut is_apart = IdVec::from_fn(system.steps.len(), |_: StepId| false);
        for channel in &wiring.channels {
            let service = system.steps[channel.to].service;
            apart.push(channel.workers.map(|workers| {
                is_apart[channel.to] = true;
                if left[service] != UNLIMITED {
                    left[service] = left[service].saturating_sub(workers);
                }
                Pool {
                    workers: all(&services[service], workers),
                    steps: vec![channel.to],
                }
            }));
        }
        let mut shared: IdVec<ServiceId, Pool> = services
            .enumerate()
            .map(|(id, service)| Pool {
                workers: all(service, left[id]),
                steps: Vec::new(),
            })
            .collect();
        for (id, step) in system.steps.enumerate() {
            if !is_apart[id] {
                shared[step.service].steps.push(id);
            }
        }
        Self { shared, apart }
    }

    /// All of them.
    pub fn all(&self) -> impl Iterator<Item = &Pool> {
        self.shared.iter().chain(self.apart.iter().flatten())
    }

    /// The pool that serves a channel to a step of `service`.
    #[must_use]
    pub fn of_channel(&self, channel: ChannelId, service: ServiceId) -> &Pool {
        self.apart[channel]
            .as_ref()
            .unwrap_or(&self.shared[service])
    }
}

fn all(service: &Service, each: u32) -> f64 {
    if each == UNLIMITED {
        f64::INFINITY
    } else {
        f64::from(service.replicas) * f64::from(each)
    }
}
