//! What becomes of one flow run, as the engine tells it to a probe that follows it: calls, jobs and messages, what each is
//! doing and since when.
//!
//! ```text
//!   flow run ─► attempt ─► job ─► attempt ─► job …        each thing does one thing at a time, until it does another
//!                  └────► message ─► job (a delivery)
//! ```

use crate::kernel::time::Time;
use crate::model::{ChannelId, EdgeId, StepId};
use crate::policies::Outcome;

/// What a client got (A32).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Answer {
    /// What it asked for: accepted.
    Ok,
    /// A fallback: accepted too.
    Degraded,
    /// An error of some kind.
    Failed,
    /// Nothing: it left.
    GaveUp,
}

/// What became of a flow run in the end. Told exactly once for each.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Fate {
    /// Accepted and completed.
    Completed,
    /// Accepted, and can never complete.
    Lost,
    /// Accepted, and a required step's message was parked.
    DeadLettered,
    /// Accepted; a step failed for good, and what had been done before it was undone.
    Compensated,
    /// Accepted, and still on its way at the end of the drain.
    Incomplete,
    /// The client was told of a failure, or left.
    Refused,
    /// Neither answered nor left at the end of the drain.
    Unanswered,
}

/// A call, a job or a message: the name is never another one's in the same run.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Thing {
    /// A call over an edge, or a hand-over: its attempts, one after another.
    Call(u64),
    /// One execution of a step.
    Job(u64),
    /// A message.
    Message(u64),
}

/// Because of whom something began.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Origin {
    /// The client of the flow run.
    Client,
    /// A thing.
    Of(Thing),
    /// Whoever that other thing is because of: it is that once more (a hedge, a copy of a message).
    Beside(Thing),
}

/// For what a job works.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum WorksFor {
    /// The present attempt of a call.
    Attempt(Thing),
    /// A delivery of a message.
    Delivery(Thing),
    /// Another job, at no station: the rest of a step that is not needed.
    Rest(Thing),
    /// A saga that is conducted on after its answer, at no station.
    Saga,
}

/// What a thing does.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Doing {
    /// Nothing itself: it waits for what it has sent out, or is with somebody else.
    Nothing,
    /// It is on its way over the network.
    OnTheWay,
    /// A job waits for a worker.
    Queued,
    /// An instance with this number works on a job.
    Working(u32),
    /// A job is at an instance that is frozen or hangs.
    StandsStill,
    /// An attempt waits for a place of a bulkhead.
    InLine,
    /// A call waits before its next attempt.
    BackingOff,
    /// A message waits in the outbox of its sender.
    InOutbox,
    /// A message is at a broker that is frozen, or in front of a queue that is full.
    AtTheDoor,
    /// A message is being written.
    Writing,
    /// A message is stored, until it is delivered.
    Stored,
    /// A message is put off after a delivery that failed.
    PutOff,
    /// A message is a dead letter.
    Parked,
}

/// Something that happens to a flow run.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Happening {
    /// An attempt of a call begins.
    Attempt {
        /// The call.
        call: Thing,
        /// Who makes it.
        origin: Origin,
        /// Over which edge.
        edge: EdgeId,
        /// The attempt's number, from 1; of a hedge that of the attempt it is a hedge of.
        number: u32,
    },
    /// The present attempt of a call has ended.
    Settled {
        /// The call.
        call: Thing,
        /// How.
        outcome: Outcome,
    },
    /// A job begins, on the way to its service.
    Job {
        /// The job.
        job: Thing,
        /// For what it works.
        works_for: WorksFor,
        /// Which step it executes.
        step: StepId,
    },
    /// A job has come to an end, in this way; its word is still to be told.
    Finished {
        /// The job.
        job: Thing,
        /// How.
        outcome: Outcome,
    },
    /// A message begins.
    Message {
        /// The message.
        message: Thing,
        /// Who sends it.
        origin: Origin,
        /// Through which channel.
        channel: ChannelId,
    },
    /// From now on a thing does this.
    Does(Thing, Doing),
    /// A call does this between two instants, of which neither need be now.
    Spends(Thing, Doing, Time, Time),
    /// A thing is no more.
    Gone(Thing),
    /// The client has got this, or left.
    Told(Answer),
    /// An accepted flow run is done: the last required step was at this instant.
    Done(Time),
    /// Nothing of the flow run is left, or the run of the simulation is over.
    Closed(Fate),
}
