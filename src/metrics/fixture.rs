//! A small system and wiring for tests: shop (4 × 2 workers) calls pay (1 worker), then a message leads to ship.

use crate::arrivals::Arrivals;
use crate::brokers::partition::Keys;
use crate::brokers::{
    Ack, Confirm, Durable, Kind, Ordering, Relay, WhenExhausted, WhenFull, WhenRefused,
};
use crate::engine::{Counted, RunEnd, RunFacts, WorkerTime};
use crate::faults::{Effect, Manner};
use crate::kernel::dist::Dist;
use crate::kernel::ids::IdVec;
use crate::kernel::time::{Duration, Time};
use crate::kernel::units::Op;
use crate::model::*;
use crate::policies::balance::Balance;
use crate::policies::retry::Retry;

/// The only flow.
pub(crate) const FLOW: FlowId = FlowId(0);
/// Its first step.
pub(crate) const SHOP: StepId = StepId(0);
/// Its second step, called by the first.
pub(crate) const PAY: StepId = StepId(1);

/// Warm-up of 10 s, a window of `duration_s`, faults at these seconds of the window on `pay`.
#[expect(clippy::too_many_lines, reason = "one literal, no logic")]
pub(crate) fn system(duration_s: u64, faults: &[&[(u64, u64)]]) -> System {
    let names = ["shop", "pay", "ship"];
    let service = |replicas, concurrency| Service {
        external: false,
        discipline: crate::policies::discipline::Discipline::Fifo,
        shed: None,
        crowding: None,
        rate_limit: None,
        replicas,
        concurrency,
        queue: UNLIMITED,
        errors: 0.0,
        blocking: Blocking::Holds,
        balance: Balance::Shared,
        idempotent: Idempotent::No,
        key: 0,
        zones: Vec::new(),
        discovery: None,
        autoscale: None,
        warm_up: None,
    };
    let opens = Duration::from_secs(10);
    let at = |s: u64| Time::ZERO + opens + Duration::from_secs(s);
    let fault = |windows: &&[(u64, u64)]| Fault {
        key: 0,
        target: Target::Service(ServiceId(1)),
        windows: windows
            .iter()
            .map(|&(start, end)| Window {
                start: at(start),
                end: at(end),
            })
            .collect(),
        random: None,
        when: None,
        is_rolling: false,
        ramp: Duration::ZERO,
        effects: vec![Effect::Down(Manner::Hang)],
        replicas: UNLIMITED,
    };
    System {
        services: [service(4, 2), service(1, 1), service(1, UNLIMITED)]
            .into_iter()
            .collect(),
        brokers: [Broker {
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
        }]
        .into_iter()
        .collect(),
        data: IdVec::new(),
        flows: [Flow {
            entry: SHOP,
            items: Vec::new(),
            goals: Vec::new(),
            steps: 0..3,
        }]
        .into_iter()
        .collect(),
        steps: (0..3)
            .map(|idx| Step {
                key: u64::from(idx),
                flow: FLOW,
                service: ServiceId(idx),
                service_time: Dist::constant(Duration::from_millis(10)),
                required: Required::Required,
                probability: 1.0,
                keys: Keys::EVEN,
                is_read: false,
                priority: 0,
                size: 0.0,
                reads: None,
                writes: None,
                then: Vec::new(),
            })
            .collect(),
        sources: [Source {
            key: 0,
            flow: FLOW,
            arrivals: Arrivals::Poisson(10.0),
            patience: Duration::from_secs(5),
        }]
        .into_iter()
        .collect(),
        hop: Dist::constant(Duration::ZERO),
        objectives: [].into_iter().collect(),
        plan: Plan {
            warmup: opens,
            duration: Duration::from_secs(duration_s),
            drain: Duration::from_secs(600),
            replications: 3,
            precision: None,
            seed: 42,
            confidence: 0.95,
        },
        names: Names {
            services: names.iter().map(ToString::to_string).collect(),
            brokers: ["post".to_string()].into_iter().collect(),
            data: IdVec::new(),
            flows: ["order".to_string()].into_iter().collect(),
            steps: names.iter().map(ToString::to_string).collect(),
            sources: ["shopper".to_string()].into_iter().collect(),
            zones: IdVec::new(),
            faults: (0..faults.len())
                .map(|idx| format!("fault_{idx}"))
                .collect(),
            objectives: [].into_iter().collect(),
        },
        faults: faults.iter().map(fault).collect(),
    }
}

/// Adds an SLO line that binds every variant.
pub(crate) fn objective(
    system: &mut System,
    metric: Metric,
    stat: Stat,
    (op, target): (Op, f64),
    scope: Scope,
) {
    let name = format!("line_{}", system.objectives.len());
    system.names.objectives.push(name);
    system.objectives.push(Objective {
        flow: Some(FLOW),
        metric,
        stat,
        op,
        target,
        scope,
        title: None,
        variants: Vec::new(),
        text: String::new(),
    });
}

/// client ─▶ shop ─▶ pay, and shop ─▶ post ─▶ ship.
#[expect(clippy::too_many_lines, reason = "one literal, no logic")]
pub(crate) fn wiring(name: &str) -> Wiring {
    let call = |from, to, timeout| Edge {
        from,
        to,
        copy: None,
        fallback: None,
        is_degraded: false,
        guards: Vec::new(),
        budget: None,
        hedge: None,
        ejection: None,
        has_static: false,
        link: Link::Call(Call {
            timeout,
            deadline: Duration::MAX,
            retry: Retry::NEVER,
            cancel: Cancel::RunsOn,
            deadline_of: crate::model::DeadlineOf::Own,
        }),
    };
    let publish = Edge {
        from: Some(SHOP),
        to: StepId(2),
        copy: None,
        fallback: None,
        is_degraded: false,
        guards: Vec::new(),
        budget: None,
        hedge: None,
        ejection: None,
        has_static: false,
        link: Link::Publish(Publish {
            is_local: false,
            awaits_reply: false,
            relay: Relay {
                poll: Duration::SECOND,
                batch: 1,
            },
            deadline: Duration::MAX,
            channel: ChannelId(0),
            confirm: Confirm::Waits,
            when_refused: WhenRefused::Fail,
            timeout: Duration::MAX,
            retry: Retry::NEVER,
        }),
    };
    let edges = [
        call(None, SHOP, Duration::MAX),
        call(Some(SHOP), PAY, Duration::from_secs(2)),
        publish,
    ];
    Wiring {
        name: name.into(),
        title: name.into(),
        edges: edges.into_iter().collect(),
        steps: (0..3).map(|_| Program::default()).collect(),
        entries: [EdgeId(0)].into_iter().collect(),
        copies: IdVec::new(),
        answer_by: AnswerBy::Call,
        channels: [Channel {
            broker: BrokerId(0),
            to: StepId(2),
            workers: None,
            prefetch: 1,
            ack: Ack::After,
            visibility: Duration::MAX,
            redeliver: Retry::NEVER,
            when_exhausted: WhenExhausted::DeadLetter,
            post: None,
            keeper: None,
            rate_limit: None,
            poll: Duration::ZERO,
            batch: 1,
            linger: Duration::ZERO,
            session: Duration::ZERO,
            rebalance: Duration::ZERO,
            stream: None,
            redrive: None,
            feed: None,
        }]
        .into_iter()
        .collect(),
    }
}

/// A flow run that starts `ms` after the opening of the window (before it, if negative).
pub(crate) fn run(ms: i64) -> RunFacts {
    let start = Time(
        10_000_000_000_u64
            .checked_add_signed(ms * 1_000_000)
            .unwrap(),
    );
    RunFacts {
        flow: FLOW,
        source: SourceId(0),
        ordinal: 0,
        start,
        counted: if ms < 0 { Counted::No } else { Counted::Yes },
    }
}

/// The instant `ms` after the opening of the window.
pub(crate) fn at(ms: i64) -> Time {
    run(ms).start
}

/// The end of a run, `ms` after the opening of the window.
pub(crate) fn end(ms: i64) -> RunEnd {
    RunEnd {
        services: vec![WorkerTime::default(); 3],
        wasted: 0,
        channels: vec![crate::engine::ChannelAccount::default()],
        attempts: vec![0; 3],
        flow_runs: 0,
        events: 1,
        fingerprint: 7,
        ended: at(ms),
    }
}
