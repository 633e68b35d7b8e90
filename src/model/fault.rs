//! Faults: when, where, and what they do (A30, A5).

use super::{BrokerId, ServiceId, SourceId, ZoneId};
use crate::faults::{Effect, Gauge};
use crate::kernel::chance::{Purpose, Stream};
use crate::kernel::dist::Dist;
use crate::kernel::time::{Duration, Time};
use crate::kernel::units::Op;

/// A timed cause of trouble.
#[derive(Clone, Debug, PartialEq)]
pub struct Fault {
    /// Identity for draws (A4): [`crate::kernel::chance::key_of`] its name.
    pub key: u64,
    /// What it hits.
    pub target: Target,
    /// When: disjoint, in order, on the run's clock (warm-up included). A5: the same in every variant.
    pub windows: Vec<Window>,
    /// It comes by chance: `windows` are empty until a replication draws them ([`crate::model::System::in_replication`]).
    pub random: Option<Random>,
    /// It comes when something is so: `windows` stay empty, each run of each variant has its own.
    pub when: Option<Trigger>,
    /// What it does there; at least one.
    pub effects: Vec<Effect>,
    /// How many instances of a service it hits (the first ones); [`crate::model::UNLIMITED`] for all.
    pub replicas: u32,
    /// Does each window hit the next ones, in turn?
    pub is_rolling: bool,
    /// For how long it grows, in each window, from nothing to its full strength.
    pub ramp: Duration,
}

impl Fault {
    /// Does it hit all instances of a service that has `n`, at once?
    #[must_use]
    pub const fn hits_all(&self, n: u32) -> bool {
        self.replicas >= n
    }

    /// Does it hit an instance of a service that has `n`, in its window of this number?
    #[must_use]
    pub fn hits(&self, instance: u32, n: u32, window: u32) -> bool {
        if !self.is_rolling || self.hits_all(n) {
            return instance < self.replicas;
        }
        let first = u64::from(window) * u64::from(self.replicas) % u64::from(n);
        let place = (u64::from(instance) + u64::from(n) - first) % u64::from(n);
        place < u64::from(self.replicas)
    }
}

/// A fault that comes when there is too much of something; again whenever there has been less meanwhile.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Trigger {
    /// What is watched.
    pub gauge: Gauge,
    /// Of whom.
    pub of: Watched,
    /// How it is compared with the level.
    pub op: Op,
    /// A count, or a share 0 to 1.
    pub level: f64,
    /// Nobody looks before.
    pub from: Time,
    /// How long it lasts then; `None`: as long as it is so.
    pub lasts: Option<Duration>,
}

impl Trigger {
    /// From one look to the next.
    pub const LOOKS_EVERY: Duration = Duration::from_millis(100);
}

/// Whom somebody watches.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Watched {
    /// A broker, all its queues together.
    Broker(BrokerId),
    /// A service, all its instances together.
    Service(ServiceId),
}

/// A fault that comes by chance: its target is well for a time, ill for a time, and so on from the run's begin (A5).
#[derive(Clone, Debug, PartialEq)]
pub struct Random {
    /// From the end of one window to the begin of the next.
    pub mtbf: Dist,
    /// How long a window lasts; a time that is drawn as zero is none.
    pub mttr: Dist,
}

impl Random {
    /// The most windows that are drawn.
    pub const WINDOWS_MAX: usize = 10_000;

    /// The windows of a replication that begin before `end`. They depend on the seed, the replication and the fault's key alone,
    /// so every variant has the same (A5).
    #[must_use]
    pub fn windows(&self, key: u64, seed: u64, replication: u32, end: Time) -> Vec<Window> {
        let stream = Stream::new(seed, replication, Purpose::Fault, key);
        let mut windows = Vec::new();
        let mut free = Time::ZERO;
        for nth in 0..Self::WINDOWS_MAX as u64 {
            let mut draw = stream.draw(nth << 8);
            let start = free + self.mtbf.sample(&mut draw);
            if start >= end {
                break;
            }
            free = start + self.mttr.sample(&mut draw);
            if free > start {
                windows.push(Window { start, end: free });
            }
        }
        windows
    }
}

/// A half-open span of the run's clock.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Window {
    /// Its first instant.
    pub start: Time,
    /// The first instant after it.
    pub end: Time,
}

/// What a fault hits.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Target {
    /// A service (some or all instances).
    Service(ServiceId),
    /// A broker.
    Broker(BrokerId),
    /// A traffic source: its arrivals have it in them already.
    Source(SourceId),
    /// Every instance of every service that stands in a zone, and every broker that works there.
    Zone(ZoneId),
    /// What callers know of instances: it stays as it is.
    Discovery,
    /// What goes from an instance in one zone to one in another, whoever they are: requests, replies, messages, words.
    Between {
        /// Where it is sent.
        from: ZoneId,
        /// Where it would arrive.
        to: ZoneId,
        /// What goes the other way too?
        ways: Ways,
    },
    /// Every hop from one end to the other; replies go the other way and are not hit.
    Link {
        /// The sending end.
        from: End,
        /// The receiving end.
        to: End,
    },
}

/// Does a fault between two places hit one direction or both?
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Ways {
    /// From the one to the other.
    There,
    /// And back.
    Both,
}

/// An end of a link.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum End {
    /// The clients of a source.
    Source(SourceId),
    /// A service.
    Service(ServiceId),
    /// A broker.
    Broker(BrokerId),
}
