//! The system: services, steps, flows, sources, brokers, faults, objectives. Knows nothing of wirings.

use super::fault::{End, Fault, Target, Ways, Window};
use super::{BrokerId, DataId, FaultId, FlowId, ObjectiveId, ServiceId, SourceId, StepId, ZoneId};
use crate::arrivals::Arrivals;
use crate::brokers::partition::Keys;
use crate::brokers::{Confirm, Durable, Kind, Ordering, WhenFull};
use crate::copies::Popularity;
use crate::faults::Effect;
use crate::kernel::dist::Dist;
use crate::kernel::ids::IdVec;
use crate::kernel::time::{Duration, Time};
use crate::kernel::units::Op;
use crate::policies::autoscale::Autoscale;
use crate::policies::balance::Balance;
use crate::policies::discipline::Discipline;
use crate::policies::discovery::Discovery;
use crate::policies::rate_limit::RateLimit;
use crate::policies::shed::Shed;
use serde::{Deserialize, Serialize};
use std::borrow::Cow;

/// Everything a wiring does not decide. Both sides of a comparison take the same value (A42).
#[derive(Clone, Debug, PartialEq)]
pub struct System {
    /// The services.
    pub services: IdVec<ServiceId, Service>,
    /// The brokers.
    pub brokers: IdVec<BrokerId, Broker>,
    /// The data that steps read and write.
    pub data: IdVec<DataId, Data>,
    /// The flows.
    pub flows: IdVec<FlowId, Flow>,
    /// The steps of all flows; a flow's steps are consecutive, in the order written.
    pub steps: IdVec<StepId, Step>,
    /// The traffic sources.
    pub sources: IdVec<SourceId, Source>,
    /// The faults.
    pub faults: IdVec<FaultId, Fault>,
    /// The transit time of one hop over any link.
    pub hop: Dist,
    /// The SLO lines, in file order.
    pub objectives: IdVec<ObjectiveId, Objective>,
    /// Length, seed and replications.
    pub plan: Plan,
    /// What things are called.
    pub names: Names,
}

/// What things are called; read by reports only.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Names {
    /// Service names.
    pub services: IdVec<ServiceId, String>,
    /// Broker names.
    pub brokers: IdVec<BrokerId, String>,
    /// Data names.
    pub data: IdVec<DataId, String>,
    /// Flow names.
    pub flows: IdVec<FlowId, String>,
    /// Step names (unique within a flow).
    pub steps: IdVec<StepId, String>,
    /// Source names.
    pub sources: IdVec<SourceId, String>,
    /// Zone names.
    pub zones: IdVec<ZoneId, String>,
    /// Fault names.
    pub faults: IdVec<FaultId, String>,
    /// SLO line names.
    pub objectives: IdVec<ObjectiveId, String>,
}

/// A named thing with instances, each a station of queue and workers (A10).
#[derive(Clone, Debug, PartialEq)]
pub struct Service {
    /// Identity for draws (A4): [`crate::kernel::chance::key_of`] its name.
    pub key: u64,
    /// Instances; at least 1. Of one that scales, the most that there can be.
    pub replicas: u32,
    /// Workers of each instance; [`UNLIMITED`] means that nobody waits.
    pub concurrency: u32,
    /// Waiting places of each instance (those in service not counted); [`UNLIMITED`] for no bound.
    pub queue: u32,
    /// Share of attempts answered with an error after their own work, 0 to 1.
    pub errors: f64,
    /// Does waiting for a callee keep the worker (A11)?
    pub blocking: Blocking,
    /// Which instance takes the next attempt (A12).
    pub balance: Balance,
    /// Has a second execution for the same flow run no second effect (A27)?
    pub idempotent: Idempotent,
    /// Does it belong to someone else? Then it takes no messages: somebody calls it for each (A29).
    pub external: bool,
    /// Who of those that wait is served next (A10).
    pub discipline: Discipline,
    /// What those in service at an instance do to each other; `None`: each worker has all that it needs.
    pub crowding: Option<Crowding>,
    /// When it turns calls away that it could serve only too late (A13).
    pub shed: Option<Shed>,
    /// Calls above this rate are `throttled` (A13), all instances together.
    pub rate_limit: Option<RateLimit>,
    /// Where its instances stand, in turn: see [`Service::zone_of`]. Empty for nowhere in particular.
    pub zones: Vec<ZoneId>,
    /// How callers learn which instances are up; without it they send to all (A12).
    pub discovery: Option<Discovery>,
    /// How many instances there are follows the load (A15).
    pub autoscale: Option<Autoscale>,
    /// How slow an instance is that has just come up.
    pub warm_up: Option<WarmUp>,
}

/// What those in service at an instance do to each other (A10).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Crowding {
    /// They share so many cores evenly; at least 1.
    Cores(u32),
    /// Each work takes so much longer for each one in service when it begins, itself included.
    Contention(Duration),
}

/// An instance that has just started, or restarted, is slow for a while (A15).
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct WarmUp {
    /// For how long.
    pub lasts: Duration,
    /// Its own work takes so many times as long; at least 1.
    pub slowdown: f64,
}

impl WarmUp {
    /// How long work takes that is begun by an instance that is not warm yet.
    #[must_use]
    pub fn stretch(&self, span: Duration) -> Duration {
        Duration::from_secs_f64(span.as_secs_f64() * self.slowdown)
    }
}

impl Service {
    /// Where an instance stands.
    #[must_use]
    pub fn zone_of(&self, instance: u32) -> Option<ZoneId> {
        let n = self.zones.len().max(1);
        self.zones.get(instance as usize % n).copied()
    }
}

/// Is a second execution for the same flow run without a second effect (A27)?
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Idempotent {
    /// It costs and changes nothing.
    Yes,
    /// It is applied again.
    No,
}

/// A count without a bound.
pub const UNLIMITED: u32 = u32::MAX;

/// Does a step that waits for a callee keep its worker (A11)?
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Blocking {
    /// The worker is held (thread per request).
    Holds,
    /// The worker is released while waiting.
    Releases,
}

/// A broker: every consuming step has a queue of its own on it, or reads the log as a group of its own (A22).
#[derive(Clone, Debug, PartialEq)]
pub struct Broker {
    /// How it keeps messages and hands them out.
    pub kind: Kind,
    /// Partitions of a log; 1 for a queue.
    pub partitions: u32,
    /// What is delivered in order.
    pub ordering: Ordering,
    /// How long a message may wait before it is delivered, from its write on; [`Duration::MAX`] for ever. After that it
    /// expires.
    pub ttl: Duration,
    /// Time of one write at the broker.
    pub publish: Dist,
    /// Does the sender wait for the broker's word by default (A23)?
    pub confirm: Confirm,
    /// Ready messages each queue holds at most (unacked ones not counted); [`UNLIMITED`] for no bound.
    pub capacity: u32,
    /// What happens to a message that finds its queue full (A24).
    pub when_full: WhenFull,
    /// Do stored messages survive a crash of the broker (A28)?
    pub durable: Durable,
    /// For how long it knows what it has had: a message of the same flow run for the same step is taken and goes nowhere.
    pub dedup: Option<Duration>,
    /// How long a message that was written is only in memory.
    pub flush: Duration,
    /// What it takes in for each second, bytes, one message after another; `None` for any amount at once.
    pub throughput: Option<f64>,
    /// Where it can work, the first one at first; it works in one of them at a time. Empty for nowhere in particular.
    pub zones: Vec<ZoneId>,
    /// How long it is frozen when it moves to another zone, because the one it works in is down or frozen.
    pub failover: Duration,
}

/// Data that steps read and write, key by key; a flow run means the same key wherever it does (A29b).
#[derive(Clone, Debug, PartialEq)]
pub struct Data {
    /// Identity for draws (A4): [`crate::kernel::chance::key_of`] its name.
    pub key: u64,
    /// The service that has it.
    pub owner: ServiceId,
    /// How many keys there are; at least 1.
    pub keys: u32,
    /// How often each is meant, by a flow run of a flow that only reads it.
    pub popularity: Popularity,
    /// The same of a flow that writes it.
    pub updated: Popularity,
}

/// A business transaction.
#[derive(Clone, Debug, PartialEq)]
pub struct Flow {
    /// The step a client reaches first.
    pub entry: StepId,
    /// What follows the entry, in order.
    pub items: Vec<Item>,
    /// The flow run is completed when every goal is reached (`done_when`; default: every step that is not optional).
    pub goals: Vec<Goal>,
    /// Its steps: consecutive ids.
    pub steps: std::ops::Range<u32>,
}

/// Steps of which enough must be done for completion: one step, or a parallel group with its `need`.
#[derive(Clone, Debug, PartialEq)]
pub struct Goal {
    /// The steps, none of them optional; no step is in two goals.
    pub steps: Vec<StepId>,
    /// How many of them must be done; at least 1.
    pub need: u32,
}

/// One place in a sequence: branches that run at once (one branch for a plain step).
#[derive(Clone, Debug, PartialEq)]
pub struct Item {
    /// The steps that start together.
    pub branches: Vec<StepId>,
    /// How many of them must succeed before the sequence goes on; at least 1. An optional step counts as soon as it has
    /// settled, however it did: so `all` waits for it, and its failure changes nothing.
    pub need: u32,
}

/// One piece of work of a flow at a service.
#[derive(Clone, Debug, PartialEq)]
pub struct Step {
    /// Identity for draws (A4): [`crate::kernel::chance::key_of`] flow and step name, so that variants that add things move nothing.
    pub key: u64,
    /// Its flow.
    pub flow: FlowId,
    /// Where it is done.
    pub service: ServiceId,
    /// Self time: without queueing and without callees.
    pub service_time: Dist,
    /// Bytes of its message.
    pub size: f64,
    /// Its rank where the highest is served first; 0 without one.
    pub priority: u32,
    /// Does its failure fail its caller?
    pub required: Required,
    /// Chance that a flow run needs it at all, 0 to 1.
    pub probability: f64,
    /// The keys of its messages.
    pub keys: Keys,
    /// The data it reads.
    pub reads: Option<DataId>,
    /// The data it writes: committed when its own work is done.
    pub writes: Option<DataId>,
    /// Does it only read, so that doing it again changes nothing and is no duplicate?
    pub is_read: bool,
    /// What this step itself needs before it can finish, each called by it in turn.
    pub then: Vec<Item>,
}

/// Is a step needed?
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Required {
    /// Its failure fails its caller.
    Required,
    /// Its failure changes nothing.
    Optional,
}

/// Where flow runs come from.
#[derive(Clone, Debug, PartialEq)]
pub struct Source {
    /// Identity for draws (A4): [`crate::kernel::chance::key_of`] its name.
    pub key: u64,
    /// The flow its clients want.
    pub flow: FlowId,
    /// When they come.
    pub arrivals: Arrivals,
    /// How long a client waits before it leaves (A8); [`Duration::MAX`] for ever.
    pub patience: Duration,
}

impl Source {
    /// So many times as many clients come in some windows of the run's clock, none before the measured window opens. Says whether
    /// they do: not from a source that is bursty, or of users.
    pub fn surge(&mut self, factor: f64, windows: &[Window], opens: Time) -> bool {
        let Some(stages) = self.arrivals.as_stages() else {
            return false;
        };
        let surged = windows.iter().fold(stages, |stages, window| {
            stages.with_surge(window.start - opens, factor, window.end - window.start)
        });
        self.arrivals = Arrivals::Stages(surged);
        true
    }
}

impl System {
    /// Can a fault be felt at a target: does it hit that, or a zone in which some of it stands, or what goes between zones in
    /// which the ends of a link stand?
    #[must_use]
    pub fn touches(&self, fault: &Fault, target: Target) -> bool {
        let is_in = |end, zone: &ZoneId| self.zones_of(end).contains(zone);
        match (fault.target, target) {
            (of, target) if of == target => true,
            (Target::Zone(zone), Target::Service(service)) => is_in(End::Service(service), &zone),
            (Target::Zone(zone), Target::Broker(broker)) => is_in(End::Broker(broker), &zone),
            (Target::Between { from, to, ways }, Target::Link { from: a, to: b }) => {
                (is_in(a, &from) && is_in(b, &to))
                    || (ways == Ways::Both && is_in(a, &to) && is_in(b, &from))
            }
            _ => false,
        }
    }

    /// The service that a fault stops altogether while it acts, if it does.
    #[must_use]
    pub fn stopped_by(&self, fault: &Fault) -> Option<ServiceId> {
        let Target::Service(service) = fault.target else {
            return None;
        };
        let stops = |effect: &Effect| matches!(effect, Effect::Down(_) | Effect::Pause);
        let is_whole = fault.hits_all(self.services[service].replicas);
        (is_whole && fault.effects.iter().any(stops)).then_some(service)
    }

    /// The zones in which an end of a link stands; none for clients.
    fn zones_of(&self, end: End) -> &[ZoneId] {
        match end {
            End::Service(service) => &self.services[service].zones,
            End::Broker(broker) => &self.brokers[broker].zones,
            End::Source(_) => &[],
        }
    }

    /// The system of one replication: with the windows of the faults that come by chance. The system itself, if there are none.
    #[must_use]
    pub fn in_replication(&self, replication: u32) -> Cow<'_, Self> {
        if self.faults.iter().all(|fault| fault.random.is_none()) {
            return Cow::Borrowed(self);
        }
        let mut system = self.clone();
        let (opens, end) = (self.plan.opens(), self.plan.closes() + self.plan.drain);
        for fault in &mut system.faults {
            let Some(random) = &fault.random else {
                continue;
            };
            fault.windows = random.windows(fault.key, self.plan.seed, replication, end);
            if let Target::Source(source) = fault.target {
                // The load of the warm-up is what it is.
                fault.windows.retain(|window| window.end > opens);
                if let Some(first) = fault.windows.first_mut() {
                    first.start = first.start.max(opens);
                }
                for effect in &fault.effects {
                    if let Effect::Load(factor) = *effect {
                        system.sources[source].surge(factor, &fault.windows, opens);
                    }
                }
            }
        }
        Cow::Owned(system)
    }
}

/// Length, seed and replications of a run (A3).
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Plan {
    /// Simulated before counting begins.
    pub warmup: Duration,
    /// The measured window.
    pub duration: Duration,
    /// The longest drain after it.
    pub drain: Duration,
    /// How many replications of each variant; the fewest, if a precision is asked for.
    pub replications: u32,
    /// Until when there are more of them.
    pub precision: Option<Precision>,
    /// The seed of all draws.
    pub seed: u64,
    /// Level of every interval, e.g. 0.95.
    pub confidence: f64,
}

/// More replications until enough is known (A39).
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Precision {
    /// Half-widths that are narrow enough, as a share of what they are around; above 0.
    pub share: f64,
    /// The most replications.
    pub most: u32,
}

impl Plan {
    /// The instant the measured window opens.
    #[must_use]
    pub fn opens(&self) -> Time {
        Time::ZERO + self.warmup
    }
    /// The first instant after the measured window.
    #[must_use]
    pub fn closes(&self) -> Time {
        self.opens() + self.duration
    }
}

/// An SLO line.
#[derive(Clone, Debug, PartialEq)]
pub struct Objective {
    /// The flow it speaks of; `None` for a line about the whole system (a service's utilization) or about data.
    pub flow: Option<FlowId>,
    /// What is measured.
    pub metric: Metric,
    /// Which statistic of it.
    pub stat: Stat,
    /// How it compares to the target.
    pub op: Op,
    /// The target in the metric's base unit: seconds, a share 0 to 1, a count, or per second.
    pub target: f64,
    /// When it applies.
    pub scope: Scope,
    /// A title for people, if one is given.
    pub title: Option<String>,
    /// The variants it binds, by name; empty for all.
    pub variants: Vec<String>,
    /// The line as written, e.g. `latency p99 < 800ms`.
    pub text: String,
}

/// What an SLO line measures (A33–A36).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Metric {
    /// Share answered ok or degraded within patience.
    Availability,
    /// Share answered by a fallback, within patience (A20).
    Degraded,
    /// Share of 10 s windows in which availability met the objective's own target.
    WindowedAvailability,
    /// Intended start to the client's answer, seconds.
    Latency,
    /// Intended start to the last required step done, seconds.
    Completion,
    /// Answered ok per second.
    Goodput,
    /// Completed per second.
    Throughput,
    /// Accepted and not done.
    Backlog,
    /// Publish to start of processing, seconds.
    MessageAge,
    /// A fault's end until everything is back in band, seconds.
    Recovery(FaultId),
    /// Accepted and can never complete.
    Lost,
    /// Parked.
    DeadLettered,
    /// Accepted, and undone after a failure.
    Compensated,
    /// Second effects.
    DuplicatesApplied,
    /// Counted flow runs without an end.
    Unfinished,
    /// How old what was read of some data was: the time since the oldest update that the read did not see, seconds (A29b).
    Staleness(DataId),
    /// Attempts per flow run.
    Amplification,
    /// Share of the attempts at a step that an open circuit breaker turned away.
    BreakerOpen(StepId),
    /// Worker-seconds whose result nobody took, as a share of all busy worker-time.
    WastedWork,
    /// Busy or held share of a service's workers.
    Utilization(ServiceId),
}

/// Which statistic of a metric.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub enum Stat {
    /// The metric is one number (a share, a count, a rate).
    Value,
    /// A count of flow runs as a share of those offered.
    Share,
    /// The mean.
    Mean,
    /// The largest.
    Max,
    /// A quantile, 0 to 1.
    Quantile(f64),
}

/// Which flow runs an SLO line counts, by their intended start.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Scope {
    /// All of the window.
    Whole,
    /// Those that arrive while the fault acts.
    During(FaultId),
    /// Those that arrive after the fault's last end.
    After(FaultId),
    /// Those that arrive while the fault does not act.
    Outside(FaultId),
}
