//! What is written about the things that are wired: services, brokers, data, traffic, and the faults that hit them.

use super::guards::RateLimit;
use super::trigger::Trigger;
use super::{Count, Spanned};
use crate::arrivals::{Recorded, Spacing};
use crate::brokers::{Kind, Ordering, WhenFull};
use crate::copies::Popularity;
use crate::kernel::dist::Dist;
use crate::kernel::time::Duration;
use crate::kernel::units::{format_duration, format_rate};
use crate::policies::autoscale::Autoscale;
use crate::policies::balance::Balance;
use crate::policies::discipline::Discipline;
use crate::policies::discovery::Discovery;
use crate::policies::shed::Shed;

/// `services.<name>`.
#[derive(Clone, Debug, PartialEq)]
pub struct Service {
    /// `replicas`; default 1.
    pub replicas: Option<Count>,
    /// `concurrency`, workers of each instance; default 1.
    pub concurrency: Option<Count>,
    /// `queue`, waiting places of each instance; default unlimited.
    pub queue: Option<Count>,
    /// `service_time`; required unless every step at the service gives its own.
    pub service_time: Option<Spanned<Dist>>,
    /// `errors`, a share; default 0 %.
    pub errors: Option<Spanned<f64>>,
    /// `blocking`; default true.
    pub blocking: Option<bool>,
    /// `balance`; default `round_robin`.
    pub balance: Option<Balance>,
    /// `idempotent`; default false.
    pub idempotent: Option<bool>,
    /// `external`; default false.
    pub external: Option<bool>,
    /// `discipline`; default `fifo`.
    pub discipline: Option<Discipline>,
    /// Is it `discipline: ps`? Who waits is then served first come, first served.
    pub is_sharing: Option<bool>,
    /// `cores`; default 1 with `discipline: ps`.
    pub cores: Option<Count>,
    /// `contention`; default 0.
    pub contention: Option<Spanned<Duration>>,
    /// `shed`; default none.
    pub shed: Option<Spanned<Shed>>,
    /// `rate_limit`: per second, and how many at once; default none.
    pub rate_limit: Option<Spanned<RateLimit>>,
    /// `zones`, or the one `zone`; default nowhere in particular.
    pub zones: Vec<Spanned<String>>,
    /// `autoscale`: everything but the number it begins with, which is `replicas`.
    pub autoscale: Option<Spanned<Option<Autoscale>>>,
    /// `warm_up`: for how long, and how many times as slow.
    pub warm_up: Option<Spanned<(Duration, f64)>>,
    /// `discovery`; default none: callers send to every instance.
    pub discovery: Option<Spanned<Option<Discovery>>>,
}

/// `brokers.<name>`.
#[derive(Clone, Debug, PartialEq)]
pub struct Broker {
    /// `kind`; default `queue`.
    pub kind: Option<Kind>,
    /// `partitions` of a log.
    pub partitions: Option<Count>,
    /// `ordering`; default `per_key` for a log, `none` for a queue.
    pub ordering: Option<Spanned<Ordering>>,
    /// `ttl`; default none (for ever).
    pub ttl: Option<Spanned<Duration>>,
    /// `poll`: how long consumers sleep when there is too little; default none (messages are pushed).
    pub poll: Option<Spanned<Duration>>,
    /// `batch`: the most a consumer takes at one asking; default 1.
    pub batch: Option<Count>,
    /// `publish`, the time of one write; default 0.
    pub publish: Option<Spanned<Dist>>,
    /// `confirm`; default true.
    pub confirm: Option<bool>,
    /// `capacity`, ready messages per queue; default unlimited.
    pub capacity: Option<Count>,
    /// `when_full`; default `reject`.
    pub when_full: Option<WhenFull>,
    /// `durable`; default true.
    pub durable: Option<bool>,
    /// `dedup`; default none.
    pub dedup: Option<Spanned<Duration>>,
    /// `flush`; default 1 s.
    pub flush: Option<Spanned<Duration>>,
    /// `linger`; default 0.
    pub linger: Option<Spanned<Duration>>,
    /// `throughput`, bytes per second; default unlimited.
    pub throughput: Option<u64>,
    /// `zones`, or the one `zone`; default nowhere in particular.
    pub zones: Vec<Spanned<String>>,
    /// `failover`; default 10 s.
    pub failover: Option<Spanned<Duration>>,
}

/// `data.<name>`.
#[derive(Clone, Debug, PartialEq)]
pub struct Data {
    /// `owner`: a service.
    pub owner: Spanned<String>,
    /// `keys`.
    pub keys: Count,
    /// `popularity`; default uniform.
    pub popularity: Option<Popularity>,
    /// `updated`; default as `popularity`.
    pub updated: Option<Popularity>,
    /// `size`, bytes; default 0.
    pub size: Option<u64>,
}

/// `traffic.<name>`.
#[derive(Clone, Debug, PartialEq)]
pub struct Source {
    /// `flow`: which flow it wants; default the flow whose `from` names it.
    pub flow: Option<Spanned<String>>,
    /// `rate`, per second.
    pub rate: Option<Spanned<f64>>,
    /// `arrivals`: `poisson` (default) or `constant`.
    pub arrivals: Option<Spacing>,
    /// `start`, the rate at which `stages` begin, per second; default 0, or the first target if only one stage.
    pub start: Option<Spanned<f64>>,
    /// `stages`: duration and target rate per second.
    pub stages: Option<Spanned<Vec<(Duration, f64)>>>,
    /// `patience`; default none (for ever).
    pub patience: Option<Spanned<Duration>>,
    /// `bursts`: peak per second, mean length, mean cycle.
    pub bursts: Option<Spanned<(f64, Duration, Duration)>>,
    /// `burst`: from the opening of the window, how many, over which span.
    pub burst: Option<Spanned<(Duration, u32, Duration)>>,
    /// `users`, instead of a rate.
    pub users: Option<Count>,
    /// `think_time` of users.
    pub think_time: Option<Spanned<Dist>>,
    /// `file`, instead of a rate.
    pub file: Option<Spanned<Replay>>,
    /// `plan`, per second; default none.
    pub plan: Option<Spanned<f64>>,
}

/// `traffic.<name>.file`: what stands in it.
#[derive(Clone, Debug, PartialEq)]
pub enum Replay {
    /// When each client comes, from the opening of the measured window on; in order.
    Instants(Recorded),
    /// Rates per second, each for this long, from the opening of the measured window on.
    Rates(Duration, Vec<f64>),
}

impl Replay {
    /// `1200 clients until 10m`, `86400 rates, 0/s to 400/s`.
    #[must_use]
    pub fn told(&self) -> String {
        match self {
            Self::Instants(recorded) => {
                let last = recorded
                    .instants()
                    .last()
                    .copied()
                    .unwrap_or(Duration::ZERO);
                let n = recorded.instants().len();
                format!("{n} clients until {}", format_duration(last))
            }
            Self::Rates(_, rates) => {
                let least = rates.iter().copied().fold(f64::INFINITY, f64::min);
                let most = rates.iter().copied().fold(0.0, f64::max);
                let (least, most) = (format_rate(least), format_rate(most));
                format!("{} rates, {least} to {most}", rates.len())
            }
        }
    }
}

/// `faults.<name>`.
#[derive(Clone, Debug, PartialEq)]
pub struct Fault {
    /// `at`, from the opening of the measured window.
    pub at: Spanned<Duration>,
    /// `for`; with `when` it may be missing.
    pub lasts: Option<Spanned<Duration>>,
    /// `random`, instead of `at`, `for` and `every`: how long its target is well, and ill.
    pub random: Option<Spanned<(Dist, Dist)>>,
    /// `every`: repeat with this period until the window closes.
    pub every: Option<Spanned<Duration>>,
    /// `ramp`: for how long it grows.
    pub ramp: Option<Spanned<Duration>>,
    /// `rolling`: one after another; default false.
    pub rolling: Option<Spanned<bool>>,
    /// `when`: it begins when this is so; `at` is then from when on somebody watches.
    pub when: Option<Spanned<Trigger>>,
    /// Where.
    pub target: Spanned<Aim>,
    /// `replicas`: how many instances.
    pub replicas: Option<Count>,
    /// `kill`: how many instances, or a broker (1).
    pub kill: Option<Count>,
    /// `share` of the instances.
    pub share: Option<Spanned<f64>>,
    /// The effects.
    pub effects: Vec<Spanned<crate::faults::Effect>>,
}

/// What a fault hits, as written.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Aim {
    /// `target`: a service, a broker, a zone, a traffic source, `a -> b`, or `discovery`.
    Named(String),
    /// `cut`: what goes from one zone to another, and back if both ways are cut.
    Cut {
        /// The first zone.
        from: String,
        /// The second zone.
        to: String,
        /// One way, or both.
        is_both: bool,
    },
}
