//! Small systems and wirings, and a probe that writes everything down.

use crate::arrivals::Arrivals;
use crate::brokers::partition::Keys;
use crate::brokers::{
    Ack, Confirm, Durable, Kind, Ordering, Relay, WhenExhausted, WhenFull, WhenRefused,
};
use crate::engine::{
    Answer, Applied, Boundary, Cause, Counted, Fate, Probe, RunEnd, RunFacts, WorkerTime, simulate,
};
use crate::faults::Effect;
use crate::kernel::chance::key_of;
use crate::kernel::dist::Dist;
use crate::kernel::ids::IdVec;
use crate::kernel::time::{Duration, Time};
use crate::model::*;
use crate::policies::balance::Balance;
use crate::policies::retry::{Backoff, Jitter, Retry};
use crate::policies::{Outcome, OutcomeSet};

/// What a run did, in order.
#[derive(Debug, Default)]
pub(super) struct Notes {
    pub(super) offered: u64,
    /// (ordinal, when, what)
    pub(super) answers: Vec<(u64, f64, Answer)>,
    pub(super) causes: Vec<Option<Cause>>,
    /// (ordinal, when its last goal was reached)
    pub(super) completions: Vec<(u64, f64)>,
    pub(super) fates: Vec<(u64, Fate)>,
    /// Of each fate.
    pub(super) ends: Vec<Option<Cause>>,
    pub(super) outcomes: Vec<(EdgeId, Outcome)>,
    pub(super) ages: Vec<f64>,
    pub(super) duplicates: Vec<(StepId, Applied)>,
    pub(super) backlog: u64,
}

impl Notes {
    pub(super) fn count(&self, answer: Answer) -> usize {
        self.answers
            .iter()
            .filter(|(_, _, what)| *what == answer)
            .count()
    }
    pub(super) fn fates(&self, fate: Fate) -> usize {
        self.fates.iter().filter(|(_, what)| *what == fate).count()
    }
    pub(super) fn outcomes(&self, outcome: Outcome) -> usize {
        self.outcomes
            .iter()
            .filter(|(_, what)| *what == outcome)
            .count()
    }
}

impl Probe for Notes {
    fn offered(&mut self, run: RunFacts) {
        self.offered += u64::from(run.counted == Counted::Yes);
    }
    fn answered(&mut self, now: Time, run: RunFacts, answer: Answer, cause: Option<Cause>) {
        if run.counted == Counted::Yes {
            self.answers.push((run.ordinal, now.as_secs_f64(), answer));
            self.causes.push(cause);
        }
    }
    fn completed(&mut self, _now: Time, at: Time, run: RunFacts) {
        if run.counted == Counted::Yes {
            self.completions.push((run.ordinal, at.as_secs_f64()));
        }
    }
    fn closed(&mut self, _now: Time, run: RunFacts, fate: Fate, cause: Option<Cause>) {
        if run.counted == Counted::Yes {
            self.fates.push((run.ordinal, fate));
            self.ends.push(cause);
        }
    }
    fn backlog(&mut self, _now: Time, _flow: FlowId, backlog: u64) {
        self.backlog = backlog;
    }
    fn settled(&mut self, edge: EdgeId, counted: Counted, outcome: Outcome) {
        if counted == Counted::Yes {
            self.outcomes.push((edge, outcome));
        }
    }
    fn started(&mut self, _now: Time, _channel: ChannelId, _counted: Counted, age: Duration) {
        self.ages.push(age.as_secs_f64());
    }
    fn duplicated(&mut self, _run: RunFacts, step: StepId, applied: Applied) {
        self.duplicates.push((step, applied));
    }
    fn boundary(&mut self, _now: Time, _which: Boundary, _services: &[WorkerTime], _wasted: u128) {}
}

pub(super) fn ms(ms: u64) -> Duration {
    Duration::from_millis(ms)
}

pub(super) fn service(concurrency: u32) -> Service {
    Service {
        replicas: 1,
        concurrency,
        queue: UNLIMITED,
        errors: 0.0,
        blocking: Blocking::Holds,
        balance: Balance::RoundRobin,
        idempotent: Idempotent::No,
        key: 0,
        zones: Vec::new(),
        discovery: None,
        autoscale: None,
        warm_up: None,
        external: false,
        discipline: crate::policies::discipline::Discipline::Fifo,
        shed: None,
        crowding: None,
        rate_limit: None,
    }
}

pub(super) fn broker() -> Broker {
    Broker {
        kind: Kind::Queue,
        partitions: 1,
        ordering: Ordering::None,
        ttl: Duration::MAX,
        publish: Dist::constant(Duration::ZERO),
        confirm: Confirm::Waits,
        capacity: UNLIMITED,
        when_full: WhenFull::Reject,
        durable: Durable::Survives,
        flush: Duration::SECOND,
        dedup: None,
        throughput: None,
        zones: Vec::new(),
        failover: Duration::ZERO,
    }
}

fn step(k: u32, service_time: Dist) -> Step {
    Step {
        key: key_of(&["flow", &format!("step{k}")]),
        flow: FlowId(0),
        service: ServiceId(k),
        service_time,
        required: Required::Required,
        probability: 1.0,
        keys: Keys::EVEN,
        is_read: false,
        priority: 0,
        size: 0.0,
        reads: None,
        writes: None,
        then: Vec::new(),
    }
}

/// One flow, a step for each service, one source of evenly spaced clients; 10 s of window, no warm-up.
pub(super) fn system(services: Vec<(Service, Dist)>, per_second: f64) -> System {
    let n = services.len();
    let steps = services.iter().zip(0..);
    let steps = steps.map(|((_, service_time), k)| step(k, service_time.clone()));
    let steps: IdVec<StepId, Step> = steps.collect();
    let goals = steps
        .ids()
        .map(|step| Goal {
            steps: vec![step],
            need: 1,
        })
        .collect();
    let flow = Flow {
        entry: StepId(0),
        items: steps
            .ids()
            .skip(1)
            .map(|step| Item {
                branches: vec![step],
                need: 1,
            })
            .collect(),
        goals,
        steps: 0..u32::try_from(n).unwrap(),
    };
    System {
        brokers: [broker()].into_iter().collect(),
        services: services.into_iter().map(|(service, _)| service).collect(),
        data: IdVec::new(),
        flows: [flow].into_iter().collect(),
        steps,
        sources: [Source {
            key: key_of(&["clients"]),
            flow: FlowId(0),
            arrivals: Arrivals::Constant(per_second),
            patience: Duration::MAX,
        }]
        .into_iter()
        .collect(),
        faults: IdVec::new(),
        hop: Dist::constant(Duration::ZERO),
        objectives: IdVec::new(),
        plan: Plan {
            warmup: Duration::ZERO,
            duration: Duration::from_secs(10),
            drain: Duration::from_secs(600),
            replications: 1,
            seed: 7,
            precision: None,
            confidence: 0.95,
        },
        names: Names::default(),
    }
}

pub(super) fn fault(
    system: &mut System,
    target: Target,
    from_s: u64,
    to_s: u64,
    effect: Effect,
) -> FaultId {
    let window = Window {
        start: Time::ZERO + Duration::from_secs(from_s),
        end: Time::ZERO + Duration::from_secs(to_s),
    };
    system.faults.push(Fault {
        key: 1,
        target,
        windows: vec![window],
        random: None,
        when: None,
        is_rolling: false,
        ramp: Duration::ZERO,
        effects: vec![effect],
        replicas: UNLIMITED,
    })
}

pub(super) fn call() -> Call {
    Call {
        timeout: Duration::MAX,
        deadline: Duration::MAX,
        retry: Retry::NEVER,
        cancel: Cancel::RunsOn,
        deadline_of: crate::model::DeadlineOf::Own,
    }
}

pub(super) fn retry(attempts: u32, wait: Duration) -> Retry {
    Retry {
        attempts,
        backoff: Backoff::Constant(wait),
        jitter: Jitter::None,
        when: OutcomeSet::FAILURES,
    }
}

pub(super) fn publish() -> Publish {
    Publish {
        channel: ChannelId(0),
        is_local: false,
        awaits_reply: false,
        relay: Relay {
            poll: Duration::SECOND,
            batch: 1,
        },
        deadline: Duration::MAX,
        confirm: Confirm::Waits,
        when_refused: WhenRefused::Fail,
        timeout: Duration::MAX,
        retry: Retry::NEVER,
    }
}

pub(super) fn channel(to: u32, prefetch: u32) -> Channel {
    Channel {
        broker: BrokerId(0),
        to: StepId(to),
        workers: None,
        prefetch,
        ack: Ack::After,
        visibility: Duration::MAX,
        redeliver: retry(5, ms(1000)),
        when_exhausted: WhenExhausted::DeadLetter,
        post: None,
        keeper: None,
        rate_limit: None,
        poll: Duration::ZERO,
        batch: 1,
        linger: Duration::ZERO,
        session: ms(10_000),
        rebalance: ms(3_000),
        stream: None,
        redrive: None,
        feed: None,
    }
}

fn stage(edge: EdgeId) -> Stage {
    Stage {
        edges: vec![edge],
        need: 1,
        join: None,
    }
}

/// Every step calls the next; edge k leads to step k.
pub(super) fn chained(system: &System, policies: Call) -> Wiring {
    wired(system, |_| Link::Call(policies), Vec::new())
}

/// The first `n_called` steps are called, the others get messages; edge k leads to step k.
pub(super) fn queued(
    system: &System,
    n_called: u32,
    policies: Call,
    sender: Publish,
    like: &Channel,
) -> Wiring {
    let n = u32::try_from(system.steps.len()).unwrap();
    let channels = (n_called..n)
        .map(|to| Channel {
            to: StepId(to),
            ..like.clone()
        })
        .collect();
    let link = |step: u32| match step.checked_sub(n_called) {
        None => Link::Call(policies),
        Some(idx) => Link::Publish(Publish {
            channel: ChannelId(idx),
            ..sender
        }),
    };
    wired(system, link, channels)
}

fn wired(system: &System, link: impl Fn(u32) -> Link, channels: Vec<Channel>) -> Wiring {
    let n = u32::try_from(system.steps.len()).unwrap();
    let edges = (0..n).map(|to| Edge {
        from: to.checked_sub(1).map(StepId),
        to: StepId(to),
        link: link(to),
        copy: None,
        fallback: None,
        is_degraded: false,
        guards: Vec::new(),
        budget: None,
        hedge: None,
        ejection: None,
        has_static: false,
    });
    let next = |k: u32| {
        if k + 1 < n {
            vec![stage(EdgeId(k + 1))]
        } else {
            Vec::new()
        }
    };
    Wiring {
        name: "variant".into(),
        title: "variant".into(),
        edges: edges.collect(),
        steps: (0..n)
            .map(|k| Program {
                stands_for: None,
                saga: None,
                then: Vec::new(),
                rest: next(k),
            })
            .collect(),
        entries: [EdgeId(0)].into_iter().collect(),
        channels: channels.into_iter().collect(),
        copies: IdVec::new(),
        answer_by: AnswerBy::Call,
    }
}

/// Runs it and writes everything down; the accounts are asserted by the engine itself.
pub(super) fn observe(system: &System, wiring: &Wiring) -> (Notes, RunEnd) {
    let mut notes = Notes::default();
    let end = simulate(system, wiring, 0, &mut notes);
    (notes, end)
}

pub(super) fn close(got: f64, expected: f64) {
    assert!((got - expected).abs() < 1e-6, "{got} is not {expected}");
}
