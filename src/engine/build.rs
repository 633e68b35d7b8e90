//! A world at rest: every part of system and wiring, before anything happens.

use super::draws::Draws;
use super::guards::{EdgeGuards, GuardedCalls};
use super::hedging::{AllTwins, Hedging};
use super::known::Copies;
use super::ledger::Ledger;
use super::probe::Probe;
use super::record::Stand;
use super::scaling::Scaling;
use super::slab::Slab;
use super::station::{Crowd, Line, Station};
use super::timetable::Faults;
use super::view::View;
use super::world::{
    BrokerState, ChannelState, EdgeState, Group, Instance, Riders, ServiceState, SourceState,
    StepState, Way, World,
};
use crate::arrivals::{Arrivals, Generator};
use crate::brokers::partition::Keys;
use crate::brokers::queue::{Order, Plan, Queue};
use crate::brokers::seen::Seen;
use crate::brokers::{Kind, Ordering};
use crate::faults::Condition;
use crate::kernel::calendar::{Calendar, Lane};
use crate::kernel::chance::{Purpose, Stream};
use crate::kernel::ids::{Id, IdVec};
use crate::kernel::time::{Duration, Time};
use crate::model::{
    Broker, BrokerId, ChannelId, Edge, EdgeId, Link, Service, ServiceId, Source, SourceId, StepId,
    System, UNLIMITED, Wiring,
};
use crate::policies::balance::Balance;
use crate::policies::outlier::Watch;
use crate::policies::rate_limit::Passed;
use std::collections::{BTreeSet, VecDeque};

impl Way {
    /// A way with nothing wrong.
    fn sound(lane: Option<Lane>) -> Self {
        Self {
            lane,
            is_sound: true,
            condition: Condition::SOUND,
        }
    }
}

/// Services with their stations, in one go: stations of a service are consecutive.
struct Floor {
    services: IdVec<ServiceId, ServiceState>,
    stations: Vec<Station>,
    lines: Vec<Line>,
    crowds: Vec<Option<Crowd>>,
    /// The pool of each channel at its service.
    pools: Vec<u32>,
}

impl Floor {
    /// Adds the stations of a service with these pools of workers in each instance; gives the number of the first.
    fn stations_of(&mut self, service: &Service, pools: &[u32]) -> u32 {
        let first = u32::try_from(self.stations.len()).expect("fewer than 2^32 stations");
        let is_shared = service.balance == Balance::Shared;
        let n_pools = u32::try_from(pools.len()).expect("a count of pools");
        for instance in 0..service.replicas {
            for (&workers, pool) in pools.iter().zip(0..) {
                let of_line = if is_shared { 0 } else { instance };
                let mut station = Station::new(workers);
                station.line = first + of_line * n_pools + pool;
                station.instance = instance;
                station.is_off = service.autoscale.is_some_and(|law| instance >= law.initial);
                station.stopped = station.is_off;
                self.stations.push(station);
                self.crowds.push(service.crowding.map(Crowd::new));
                // A shared line has the places of all instances.
                let places = if is_shared {
                    service.queue.saturating_mul(service.replicas)
                } else {
                    service.queue
                };
                self.lines.push(Line {
                    capacity: places,
                    discipline: service.discipline,
                    sheds: service.shed.is_some(),
                    ..Line::default()
                });
            }
        }
        first
    }
}

impl<'a, P: Probe> World<'a, P> {
    /// The world of one replication.
    pub(super) fn new(
        system: &'a System,
        wiring: &'a Wiring,
        replication: u32,
        probe: &'a mut P,
    ) -> Self {
        let mut calendar = Calendar::new();
        let hop = system.hop.as_constant();
        let edges = edges(system, wiring, hop, &mut calendar);
        let lane = hop.map(|hop| calendar.lane(hop));
        let floor = floor(system, wiring, replication);
        let channels = wiring
            .channels
            .enumerate()
            .map(|(id, _)| channel(system, wiring, &floor, (lane, &mut calendar), id))
            .collect();
        let sources = sources(system, replication, &mut calendar);
        let brokers = brokers(system, wiring, &mut calendar);
        Self {
            system,
            wiring,
            replication,
            probe,
            calendar,
            immediate: VecDeque::new(),
            listed: Vec::new(),
            runs: Slab::new(),
            jobs: Slab::new(),
            calls: Slab::new(),
            messages: Slab::new(),
            done: Vec::new(),
            words: words(system),
            services: floor.services,
            stations: floor.stations,
            lines: floor.lines,
            crowds: shared(floor.crowds),
            edges,
            channels,
            brokers,
            sources,
            steps: steps(system, wiring),
            draws: Draws::new(system, replication),
            faults: Faults::new(system),
            ledger: Ledger::new(wiring.edges.len(), wiring.channels.len()),
            riders: Riders {
                are_possible: system
                    .brokers
                    .iter()
                    .any(|broker| broker.kind != Kind::Queue),
                ..Riders::default()
            },
            copies: Copies::new(system, wiring, replication),
            guarded: GuardedCalls::new(),
            chores: Slab::new(),
            has_users: has_users(system),
            twins: AllTwins::new(),
            has_closed: false,
            n_open: 0,
            backlog: IdVec::from_fn(system.flows.len(), |_| 0),
            wasted: 0,
            n_messages: 0,
            n_events: 0,
            fingerprint: 0,
        }
    }
}

fn edges(
    system: &System,
    wiring: &Wiring,
    hop: Option<Duration>,
    calendar: &mut Calendar,
) -> IdVec<EdgeId, EdgeState> {
    let edges = wiring.edges.iter().map(|edge| {
        let is_local = matches!(&edge.link, Link::Publish(publish) if publish.is_local);
        let hop = if is_local { Some(Duration::ZERO) } else { hop };
        let lane = hop.map(|hop| calendar.lane(hop));
        let timeout = match &edge.link {
            Link::Call(call) => call.timeout,
            Link::Publish(publish) => publish.timeout,
        };
        let n_callers = edge.from.map_or(1, |from| n_instances(system, from));
        EdgeState {
            out: Way::sound(lane),
            back: Way::sound(lane),
            timeout: (timeout != Duration::MAX).then(|| calendar.lane(timeout)),
            held: 0,
            is_plain: edge.guards.is_empty()
                && edge.budget.is_none()
                && edge.hedge.is_none()
                && edge.ejection.is_none(),
            watches: watches(system, edge, n_callers),
            guards: EdgeGuards::new(edge, n_callers),
            hedging: Hedging::new(edge, n_callers),
        }
    });
    edges.collect()
}

/// Words of marks for the steps of any flow.
fn words(system: &System) -> usize {
    let flows = system.flows.iter();
    let most = flows.map(|flow| flow.steps.len().div_ceil(64)).max();
    most.unwrap_or(1)
}

/// Who is in service at each station; nothing where that makes no difference anywhere.
fn shared(crowds: Vec<Option<Crowd>>) -> Vec<Option<Crowd>> {
    if crowds.iter().any(Option::is_some) {
        crowds
    } else {
        Vec::new()
    }
}

/// Are there sources with a fixed number of users?
fn has_users(system: &System) -> bool {
    let is_closed = |source: &Source| matches!(source.arrivals, Arrivals::Closed(_));
    system.sources.iter().any(is_closed)
}

/// What each instance of an edge's caller holds of the callee's, where it takes any off its list.
fn watches(system: &System, edge: &Edge, n_callers: usize) -> Vec<Watch> {
    let Some(law) = edge.ejection else {
        return Vec::new();
    };
    let callee = &system.services[system.steps[edge.to].service];
    vec![law.watch(callee.replicas); n_callers]
}

/// How many instances a step's service has.
fn n_instances(system: &System, step: StepId) -> usize {
    system.services[system.steps[step].service].replicas as usize
}

fn sources(
    system: &System,
    replication: u32,
    calendar: &mut Calendar,
) -> IdVec<SourceId, SourceState> {
    let plan = &system.plan;
    let sources = system.sources.iter().map(|source| {
        let stream = Stream::new(plan.seed, replication, Purpose::Arrival, source.key);
        let is_limited = source.patience != Duration::MAX;
        SourceState {
            generator: Generator::new(&source.arrivals, stream, plan.opens()),
            ordinal: 0,
            patience: is_limited.then(|| calendar.lane(source.patience)),
            think: matches!(source.arrivals, Arrivals::Closed(_))
                .then(|| Stream::new(plan.seed, replication, Purpose::Think, source.key)),
        }
    });
    sources.collect()
}

fn brokers(
    system: &System,
    wiring: &Wiring,
    calendar: &mut Calendar,
) -> IdVec<BrokerId, BrokerState> {
    let mut brokers = IdVec::from_fn(system.brokers.len(), |id: BrokerId| BrokerState {
        condition: Condition::SOUND,
        is_sound: true,
        write: system.brokers[id]
            .publish
            .as_constant()
            .map(|write| calendar.lane(write)),
        epoch: 0,
        door: Vec::new(),
        throttled_at: Time::ZERO,
        taken_in_at: Time::ZERO,
        zone: 0,
        moving_until: Time::ZERO,
        channels: Vec::new(),
    });
    for (id, channel) in wiring.channels.enumerate() {
        brokers[channel.broker].channels.push(id);
    }
    brokers
}

/// The workers of each pool of an instance: the common one gets what is not set apart.
fn workers(concurrency: u32, apart: &[u32]) -> Vec<u32> {
    let common = match concurrency {
        UNLIMITED => UNLIMITED,
        n => n
            .checked_sub(apart.iter().sum())
            .expect("compile allows no more workers set apart than there are"),
    };
    std::iter::once(common)
        .chain(apart.iter().copied())
        .collect()
}

/// Where keys name the instances of a service: the shares of the keys of each step there.
fn shares(system: &System, service: ServiceId) -> Vec<(StepId, Vec<f64>)> {
    let there = &system.services[service];
    if there.balance != Balance::Hash {
        return Vec::new();
    }
    let steps = system.steps.enumerate();
    let here = steps.filter(|(_, step)| step.service == service);
    here.map(|(id, step)| (id, step.keys.cumulative(there.replicas)))
        .collect()
}

/// The instances of a service when the run begins.
fn instances(service: &Service) -> Vec<Instance> {
    let instances = (0..service.replicas).map(|instance| Instance {
        condition: Condition::SOUND,
        stands: match service.autoscale {
            Some(law) if instance >= law.initial => Stand::Off,
            _ => Stand::Serving,
        },
        warm_at: Time::ZERO,
        inside: 0,
        frozen: Vec::new(),
    });
    instances.collect()
}

fn floor(system: &System, wiring: &Wiring, replication: u32) -> Floor {
    let mut floor = Floor {
        services: IdVec::new(),
        stations: Vec::new(),
        lines: Vec::new(),
        crowds: Vec::new(),
        pools: vec![0; wiring.channels.len()],
    };
    let mut edges: IdVec<ServiceId, Vec<EdgeId>> =
        IdVec::from_fn(system.services.len(), |_| Vec::new());
    for (id, edge) in wiring.edges.enumerate() {
        if let Some(from) = edge.from {
            edges[system.steps[from].service].push(id);
        }
    }
    let minds = |edge: &&Edge| edge.hedge.is_some() || edge.ejection.is_some();
    let hedged = wiring.edges.iter().filter(minds);
    let hedged: BTreeSet<ServiceId> = hedged.map(|edge| system.steps[edge.to].service).collect();
    for (id, service) in system.services.enumerate() {
        let consumed = wiring.channels.enumerate().filter(|(_, channel)| {
            channel.post.is_none() && system.steps[channel.to].service == id
        });
        let consumed: Vec<(ChannelId, Option<u32>)> = consumed
            .map(|(id, channel)| (id, channel.workers))
            .collect();
        let mut apart = Vec::new();
        for (channel, workers) in &consumed {
            if let Some(n) = workers {
                apart.push(*n);
                floor.pools[channel.idx()] = u32::try_from(apart.len()).expect("a count of pools");
            }
        }
        let pools = workers(service.concurrency, &apart);
        let first_station = floor.stations_of(service, &pools);
        floor.services.push(ServiceState {
            first_station,
            n_pools: u32::try_from(pools.len()).expect("a count of pools"),
            instances: instances(service),
            is_shared: service.balance == Balance::Shared,
            is_sound: true,
            turn: 0,
            edges: std::mem::take(&mut edges[id]),
            channels: consumed.iter().map(|(id, _)| *id).collect(),
            keeps: wiring
                .channels
                .enumerate()
                .filter(|(_, channel)| channel.keeper == Some(id))
                .map(|(id, _)| id)
                .collect(),
            sagas: Vec::new(),
            passed: Passed::default(),
            throttled_at: Time::ZERO,
            view: View::new(system, id, replication),
            scaling: Scaling::new(system, id),
            shares: shares(system, id),
            is_choosy: service.balance == Balance::ZoneAware || hedged.contains(&id),
        });
    }
    floor
}

/// Who must wait for whom in a queue, and which share of the messages go to each lane or one before it; none for a single lane.
fn order(broker: &Broker, keys: Keys) -> (Order, Vec<f64>) {
    let (order, shares) = match (broker.kind, broker.ordering) {
        (Kind::Log, _) => {
            let n = broker.partitions;
            (Order::Readers(n), keys.cumulative(n))
        }
        (Kind::Queue | Kind::Topic, Ordering::None) => (Order::None, Vec::new()),
        (Kind::Queue | Kind::Topic, Ordering::Total) => (Order::Lanes(1), Vec::new()),
        (Kind::Queue | Kind::Topic, Ordering::PerKey) => {
            let shares = keys.lanes().unwrap_or_default();
            match u32::try_from(shares.len()).expect("a count of lanes") {
                0 => (Order::None, shares),
                n => (Order::Lanes(n), shares),
            }
        }
    };
    let is_one = shares.len() <= 1;
    (order, if is_one { Vec::new() } else { shares })
}

fn channel(
    system: &System,
    wiring: &Wiring,
    floor: &Floor,
    (lane, calendar): (Option<Lane>, &mut Calendar),
    id: ChannelId,
) -> ChannelState {
    let wired = &wiring.channels[id];
    let broker = &system.brokers[wired.broker];
    let service = system.steps[wired.to].service;
    let replicas = system.services[service].replicas;
    // Where all instances share one line they are one consumer, with the credit of all.
    let (n_consumers, prefetch) = match system.services[service].balance {
        _ if wired.post.is_some() => (1, wired.prefetch),
        Balance::Shared => (1, wired.prefetch.saturating_mul(replicas)),
        _ => (replicas as usize, wired.prefetch),
    };
    let (order, shares) = order(broker, system.steps[wired.to].keys);
    let is_member: Vec<bool> = (0..n_consumers)
        .map(|k| wired.feed.is_none_or(|feed| feed.instance as usize == k))
        .collect();
    let mut queue = Queue::new(Plan {
        capacity: broker.capacity,
        when_full: broker.when_full,
        order,
        n_consumers,
        prefetch,
    });
    queue.assign(&is_member);
    let ttl = match wired.stream {
        Some(replay) if !replay.is_zero() => replay,
        _ => broker.ttl,
    };
    ChannelState {
        service,
        ttl: (ttl != Duration::MAX).then(|| calendar.lane(ttl)),
        pool: floor.pools[id.idx()],
        deliver: Way::sound(lane),
        ack: Way::sound(lane),
        queue,
        is_plain: order == Order::None
            && wired.poll.is_zero()
            && wired.linger.is_zero()
            && wired.rate_limit.is_none()
            && wired.stream.is_none()
            && wired.post.is_none(),
        shares,
        asleep_until: Time::ZERO + wired.poll,
        n_asked: 0,
        lingers_until: Time::ZERO,
        outbox: VecDeque::new(),
        is_relay_due: false,
        passed: Passed::default(),
        paced_until: Time::ZERO,
        group: matches!(order, Order::Readers(_)).then(|| Group {
            is_member,
            gone_at: vec![Time::ZERO; n_consumers],
            paused_until: Time::ZERO,
        }),
        seen: Seen::default(),
        parked: VecDeque::new(),
        feed: wired.feed,
        waiting_since: Time::ZERO,
        held_up_by: None,
    }
}

fn steps(system: &System, wiring: &Wiring) -> IdVec<StepId, StepState> {
    let count = |stages: usize| u32::try_from(stages).expect("a count of stages");
    let mut steps = IdVec::from_fn(system.steps.len(), |step| {
        let program = &wiring.steps[step];
        let n_then = count(program.then.len());
        let flow = system.steps[step].flow;
        StepState {
            service: system.steps[step].service,
            place: step.0 - system.flows[flow].steps.start,
            goal: None,
            is_alone: true,
            stands_for: program.stands_for,
            is_status: wiring.is_status(step),
            posted_by: None,
            n_then,
            n_stages: n_then + count(program.rest.len()),
            answers_at: match &program.saga {
                Some(saga) if (saga.answers_after as usize) < program.rest.len() => {
                    n_then + saga.answers_after
                }
                _ => u32::MAX,
            },
        }
    });
    for (id, channel) in wiring.channels.enumerate() {
        if channel.post.is_some() {
            steps[channel.to].posted_by = Some(id);
        }
    }
    for flow in &system.flows {
        for (goal, idx) in flow.goals.iter().zip(0..) {
            for &step in &goal.steps {
                steps[step].goal = Some(idx);
                steps[step].is_alone = goal.steps.len() == 1;
            }
        }
    }
    steps
}
