//! What can go wrong (A30): effects, each distinct, all of them stacking.

mod condition;

pub use condition::{Condition, either};

use crate::kernel::time::Duration;
use crate::kernel::units::{Op, format_share};

/// What a fault does (A30). Effects stack.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Effect {
    /// Work inside is lost; new work is refused, or swallowed.
    Down(Manner),
    /// A broker that goes down loses this.
    Lose(Lose),
    /// Frozen: nothing is lost, everything waits.
    Pause,
    /// This share is answered with an error, 0 to 1 (service or broker).
    Errors(f64),
    /// This much is added to each hop (link), write (broker) or service time (service).
    LatencyPlus(Duration),
    /// Each hop, write or service time is multiplied by this; what remains of work in service is stretched too.
    LatencyTimes(f64),
    /// This share of the workers is left, 0 to 1; those in service finish.
    Capacity(f64),
    /// This share of what is sent over the link (or to the service) is lost on the way, 0 to 1.
    Drop(f64),
    /// This share of the messages that reach the broker can never be processed, 0 to 1.
    Poison(f64),
    /// This share of the messages is doubled on the way to the broker, 0 to 1.
    Duplicate(f64),
    /// Whatever comes above this rate, per second, is turned away as throttled: calls of a service, messages to a broker.
    Throttle(f64),
    /// So many times as many clients come from a traffic source.
    Load(f64),
    /// This share of the replies that come back is lost on the way, 0 to 1.
    DropReplies(f64),
}

impl Effect {
    /// The effect at a part of its strength, 0 to 1; `None` for one that is there or not.
    #[must_use]
    pub fn at(self, strength: f64) -> Option<Self> {
        let part = |share: f64| share * strength;
        Some(match self {
            Self::Errors(share) => Self::Errors(part(share)),
            Self::LatencyPlus(span) => {
                Self::LatencyPlus(Duration::from_secs_f64(part(span.as_secs_f64())))
            }
            Self::LatencyTimes(factor) => Self::LatencyTimes(1.0 + part(factor - 1.0)),
            Self::Capacity(share) => Self::Capacity(1.0 - part(1.0 - share)),
            Self::Drop(share) => Self::Drop(part(share)),
            Self::DropReplies(share) => Self::DropReplies(part(share)),
            Self::Poison(share) => Self::Poison(part(share)),
            Self::Duplicate(share) => Self::Duplicate(part(share)),
            Self::Down(_) | Self::Lose(_) | Self::Pause | Self::Throttle(_) | Self::Load(_) => {
                return None;
            }
        })
    }
}

/// What somebody watches, for a fault that begins when there is too much of it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Gauge {
    /// Messages ready at a broker, or calls and deliveries that wait for a worker of a service.
    Backlog,
    /// The share of a service's workers that are busy or held.
    Utilization,
}

impl Gauge {
    /// All of them.
    pub const ALL: [Self; 2] = [Self::Backlog, Self::Utilization];

    /// As it is written.
    #[must_use]
    pub const fn word(self) -> &'static str {
        match self {
            Self::Backlog => "backlog",
            Self::Utilization => "utilization",
        }
    }

    /// The condition that this of somebody reaches a level, in canonical form: `backlog(orders) > 10000`.
    #[must_use]
    pub fn condition(self, of: &str, op: Op, level: f64) -> String {
        let level = match self {
            Self::Backlog => level.to_string(),
            Self::Utilization => format_share(level),
        };
        format!("{}({of}) {op} {level}", self.word())
    }
}

/// What a broker that goes down loses of what it has stored, although it is durable (A28); each more than the one before.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Lose {
    /// What it has not flushed yet.
    Unflushed,
    /// What is delivered, or put off, and not acknowledged; and what is not flushed.
    Unacked,
    /// Everything.
    All,
}

/// How a part that is down behaves.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Manner {
    /// Fails at once; callers hear of it.
    Refuse,
    /// Accepts and never answers.
    Hang,
}
