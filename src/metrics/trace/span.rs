//! A followed flow run: who caused what, from when to when.

use crate::engine::{Answer, Doing, Fate, RunFacts};
use crate::kernel::time::Time;
use crate::model::{BrokerId, ChannelId, EdgeId, ServiceId, StepId};
use crate::policies::Outcome;
use serde::{Deserialize, Serialize};

/// The spans of one flow run.
#[derive(Clone, Debug, PartialEq)]
pub struct Trace {
    /// Whose they are.
    pub run: RunFacts,
    /// When the client got what, or left.
    pub told: Option<(Time, Answer)>,
    /// When the last required step was done, if the flow run was completed.
    pub done: Option<Time>,
    /// What became of it.
    pub fate: Fate,
    /// When nothing of it was left, or the run of the simulation was over.
    pub closed: Time,
    /// The flow run itself first; every other one behind the one that caused it.
    pub spans: Vec<Span>,
}

/// Something that lasted.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Span {
    /// The place of the span that caused it; `None` for the flow run itself.
    pub parent: Option<u32>,
    /// What it was.
    pub what: What,
    /// From when.
    pub start: Time,
    /// To when.
    pub end: Time,
    /// How it ended, if that is known.
    pub outcome: Option<Outcome>,
}

/// What lasted.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum What {
    /// The flow run, from the client's intended start to its answer or its completion, whichever is later.
    FlowRun,
    /// An attempt over an edge: a call, or the hand-over of a message as far as the sender waits for it.
    Attempt {
        /// The edge.
        edge: EdgeId,
        /// Its number among the attempts of the call, from 1; a hedge has that of the attempt it is a hedge of.
        number: u32,
        /// Is it a hedge?
        is_hedge: bool,
    },
    /// An execution of a step at its service, from its arrival there until it has said how it ended.
    Step {
        /// The step.
        step: StepId,
        /// Was it caused by a message?
        is_delivery: bool,
    },
    /// What is conducted after the answer.
    Saga {
        /// By which step.
        step: StepId,
    },
    /// A message, from its sender until it is acknowledged, or gone otherwise.
    Message {
        /// Its channel.
        channel: ChannelId,
    },
    /// Something that one of the others did, or waited for, without others.
    Doing {
        /// What.
        doing: Doing,
        /// Where.
        at: Spot,
    },
}

/// Where time was spent.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub enum Spot {
    /// At no place that has a name.
    Nowhere,
    /// At a service, or in front of it.
    Service(ServiceId),
    /// At a broker.
    Broker(BrokerId),
}
