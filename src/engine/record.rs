//! The records of a run: flow runs, jobs, calls, messages. Plain values; what happens to them is in the other files.
//!
//! ```text
//!   Run ◄── every job, call and message names its flow run; the last one gone closes it
//!   Call ──► Job ──► Call ──► Job …      a caller's attempts (retry loop), and the execution of the present one
//!   Call ──► Message ──► Job             a sender's attempts, the message at the broker, its present delivery
//! ```

use super::probe::{Cause, Counted};
use super::slab::Ref;
use super::station::Hand;
use crate::kernel::calendar::Sequence;
use crate::kernel::time::{Duration, Time};
use crate::model::{BrokerId, ChannelId, EdgeId, FaultId, FlowId, ServiceId, SourceId, StepId};
use crate::policies::Outcome;

/// No event is awaited.
pub(super) const NO_EVENT: Sequence = 0;

/// A flow run.
#[derive(Clone, Debug, Default)]
#[expect(clippy::struct_excessive_bools, reason = "each is a fact of its own")]
pub(super) struct Run {
    pub(super) source: SourceId,
    pub(super) flow: FlowId,
    pub(super) ordinal: u64,
    pub(super) start: Time,
    pub(super) counted: Counted,
    pub(super) client: Client,
    /// Is its fate decided (so that the drain need not wait for it)?
    pub(super) decided: bool,
    /// Did one of its messages end in the dead-letter place?
    pub(super) parked: bool,
    /// Does a saga conduct it on, or did one?
    pub(super) has_saga: bool,
    /// Is what was done for it being undone?
    pub(super) undo: Undo,
    /// Goals not yet reached.
    pub(super) goals_left: u32,
    /// When the last goal was reached.
    pub(super) done_at: Time,
    /// Jobs, calls and messages that name it.
    pub(super) refs: u32,
    pub(super) cause: Option<Cause>,
    /// The event that ends the client's patience.
    pub(super) patience: Sequence,
    /// The client's call, as long as it lasts.
    pub(super) call: Option<Ref>,
    /// Of a client that was promised the result: the event by which it asks or hears, how often it has asked, what it last heard.
    pub(super) poll: Sequence,
    pub(super) polls: u16,
    pub(super) news: News,
    /// Its last message: where it is stuck, if the client has nothing under way.
    pub(super) message: Option<Ref>,
    /// Does a probe follow it?
    pub(super) is_followed: bool,
}

/// Is what was done for a flow run undone?
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) enum Undo {
    /// No.
    #[default]
    No,
    /// It is under way.
    Begun,
    /// All of it.
    Done,
    /// A step was done all the same, later: a command that had been given up.
    Late,
}

/// What a client that asks for the result is told.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) enum News {
    /// There is none yet.
    #[default]
    Open,
    /// Everything is done.
    Done,
    /// It will not be done.
    Failed,
}

/// What the client of a flow run does.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) enum Client {
    /// It waits.
    #[default]
    Waiting,
    /// It was promised the result, and waits for it.
    Promised,
    /// It has what it wanted.
    Accepted,
    /// It was told of a failure, or left.
    Refused,
}

/// Who waits for a call.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) enum Caller {
    /// The client of the flow run.
    #[default]
    Client,
    /// A job, in the stage with this number.
    Job(Ref, u32),
    /// A message of a channel whose deliveries are calls.
    Message(Ref, ChannelId),
    /// The call that it is a hedge of (A20).
    Hedge(Ref),
}

/// One call over an edge: its attempts, one after another. For a message: the sender's attempts to hand it over.
#[derive(Clone, Debug, Default)]
pub(super) struct Call {
    pub(super) run: Ref,
    pub(super) edge: EdgeId,
    pub(super) caller: Caller,
    /// The caller's lineage: which attempts led to it.
    pub(super) lineage: u16,
    pub(super) counted: Counted,
    /// Attempts begun.
    pub(super) attempts: u32,
    /// The present attempt.
    pub(super) attempt: Attempt,
    /// When the present attempt began.
    pub(super) began: Time,
    /// When the whole call must be over.
    pub(super) deadline: Time,
    /// The wait before the present attempt.
    pub(super) previous: Duration,
    /// The event that ends the attempt's time or the backoff.
    pub(super) timer: Sequence,
    /// The event that brings the broker's word.
    pub(super) confirm: Sequence,
    /// What the broker's word says.
    pub(super) word: Outcome,
    /// Neighbours among the calls of the same job.
    pub(super) before: Option<Ref>,
    pub(super) after: Option<Ref>,
    /// Is its flow run followed by a probe?
    pub(super) is_followed: bool,
}

impl Call {
    /// How long it may still take; [`Duration::MAX`] for ever.
    #[inline]
    pub(super) fn left(&self, now: Time) -> Duration {
        match self.deadline {
            Time::NEVER => Duration::MAX,
            deadline => deadline - now,
        }
    }
}

/// What a call is doing.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) enum Attempt {
    /// A request is with a callee.
    Job(Ref),
    /// A message is on its way to be stored.
    Message(Ref),
    /// Nobody works for it, and it does not know: dropped on the way, swallowed.
    #[default]
    Nothing,
    /// It waits for a place of a bulkhead.
    InLine,
    /// It has one, and is about to begin.
    Admitted,
    /// It waits to try again.
    BackingOff,
    /// Its own request has failed; a hedge of it is out.
    Outlived,
}

/// For whom a job works.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Owner {
    /// An attempt of a call.
    Call(Ref),
    /// A delivery of a message of a channel.
    Message(Ref, ChannelId),
    /// A job that does the rest of a step that is not needed, in the stage with this number.
    Rest(Ref, u32),
    /// A job that conducts a saga on after its answer, at no station.
    Saga,
}

impl Default for Owner {
    fn default() -> Self {
        Self::Call(Ref::default())
    }
}

/// One execution of a step.
#[derive(Clone, Debug, Default)]
#[expect(
    clippy::struct_excessive_bools,
    reason = "each is a fact of its own, and none is asked with another"
)]
pub(super) struct Job {
    pub(super) run: Ref,
    pub(super) owner: Owner,
    pub(super) step: StepId,
    /// Which attempts led to it (A4): 0 if all were the first.
    pub(super) lineage: u16,
    /// The identity of its draws (A4), and where their streams are.
    pub(super) who: u64,
    pub(super) draws: u32,
    pub(super) phase: Phase,
    pub(super) hand: Hand,
    /// The edge that its held worker waits on.
    pub(super) held_on: Option<EdgeId>,
    /// Nobody wants it any more (A17): dropped when reached.
    pub(super) withdrawn: bool,
    /// Has the step been marked as done, and was it done before?
    pub(super) mark: Mark,
    /// Has it made do with something old?
    pub(super) is_degraded: bool,
    /// Does it work for a message that can never be processed?
    pub(super) is_poisoned: bool,
    /// Of its service.
    pub(super) instance: u32,
    /// Where it waits and works.
    pub(super) station: u32,
    /// The next stage of its program.
    pub(super) stage: u32,
    /// Edges of the present stage that must succeed, have succeeded, are out.
    pub(super) need: u32,
    pub(super) n_ok: u32,
    pub(super) n_out: u32,
    /// How it ended.
    pub(super) outcome: Outcome,
    /// The broker's epoch at delivery: the connection by which it came.
    pub(super) epoch: u32,
    /// The event it waits for.
    pub(super) event: Sequence,
    /// When its own work ends, or how much is left while frozen.
    pub(super) ends: Time,
    pub(super) left: Duration,
    /// When its own work began.
    pub(super) began: Time,
    /// Worker-time spent on it and on what it took from callees, nanoseconds.
    pub(super) worked: u64,
    /// The first of its calls.
    pub(super) calls: Option<Ref>,
    /// The call that waits for its reply, if it was delivered by a message.
    pub(super) reply_to: Option<Ref>,
    /// For a saga that undoes: one more than the steps it has still to look at; 0 as long as it goes forward.
    pub(super) undo: u32,
    /// Is its flow run followed by a probe?
    pub(super) is_followed: bool,
}

/// Has a job's step been marked as done?
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) enum Mark {
    /// Not yet.
    #[default]
    No,
    /// For the first time.
    First,
    /// It was done before: this is a duplicate.
    Again,
}

impl Mark {
    /// Of something done now.
    pub(super) const fn of(is_again: bool) -> Self {
        if is_again { Self::Again } else { Self::First }
    }
}

/// Where a job is.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) enum Phase {
    /// On the way to its service.
    #[default]
    Coming,
    /// In the line of its station.
    Queued,
    /// Its own work is being done.
    Serving,
    /// It is sending a stage out.
    Sending,
    /// Its stage is out.
    Waiting,
    /// Something came back while its instance was frozen; it goes on when that ends.
    Frozen,
    /// Swallowed by an instance that hangs.
    Hanging,
    /// On the way back.
    Going,
}

/// A message.
#[derive(Clone, Debug, Default)]
pub(super) struct Message {
    pub(super) run: Ref,
    pub(super) channel: ChannelId,
    pub(super) lineage: u16,
    /// The sender's call, if it waits for the broker's word.
    pub(super) sender: Option<Ref>,
    /// The sender's call, if it waits for the consumer's reply.
    pub(super) reply_to: Option<Ref>,
    pub(super) state: Stage,
    /// The edge over which it is sent.
    pub(super) edge: EdgeId,
    /// Does a relay send it, from the outbox of its sender?
    pub(super) is_relayed: bool,
    /// Can it never be processed?
    pub(super) is_poison: bool,
    /// Its lane in the queue.
    pub(super) lane: u32,
    /// When the sender let go of it.
    pub(super) published: Time,
    /// When what it carries was committed, if it is an update of data.
    pub(super) committed: Time,
    /// When it was last made ready, and when it will be too old.
    pub(super) ready: Time,
    pub(super) expires: Time,
    pub(super) deliveries: u32,
    /// The wait before the present delivery.
    pub(super) previous: Duration,
    /// The present delivery's job, and the instance it went to; before the first one, the sender's.
    pub(super) job: Option<Ref>,
    pub(super) holder: u32,
    /// Its number among all messages: the order of publishing.
    pub(super) number: u64,
    /// The event that ends its present wait.
    pub(super) event: Sequence,
    /// Is its flow run followed by a probe?
    pub(super) is_followed: bool,
}

/// Where a message is.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) enum Stage {
    /// With its sender, to be published by a relay.
    Outbox,
    /// On the way to the broker.
    #[default]
    Flying,
    /// At a broker that is frozen.
    AtTheDoor,
    /// In front of a full queue that blocks.
    Blocked,
    /// Being written.
    Writing,
    /// To be delivered.
    Ready,
    /// With a consumer.
    Unacked,
    /// Put off after a failure.
    PutOff,
    /// Out of deliveries, until dead letters are delivered anew.
    Parked,
}

/// Something to be done at an instant. Nobody takes it back.
#[derive(Clone, Copy, Debug, Default)]
pub(super) enum Chore {
    /// Nothing.
    #[default]
    Nothing,
    /// A health check looks at an instance.
    Look(ServiceId, u32),
    /// What it has found is told.
    Found {
        service: ServiceId,
        instance: u32,
        is_up: bool,
    },
    /// Callers of a service learn which instances are held to be up.
    Refresh(ServiceId),
    /// A broker has moved to another zone.
    Moved(BrokerId),
    /// A service's autoscaler decides.
    Scale(ServiceId),
    /// An instance has started.
    Started(ServiceId, u32),
    /// An instance of a service may be warm.
    Warm(ServiceId),
    /// A user of a source has thought enough.
    Ask(SourceId),
    /// Somebody looks whether it is time for a fault to begin; has it not been since it last did?
    Watch(FaultId, bool),
    /// A call whose attempt of this number is still out sends a hedge.
    Hedge(Ref, u32),
}

/// Where an instance of a service that scales stands.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) enum Stand {
    /// It takes work.
    #[default]
    Serving,
    /// It finishes what it has, and takes nothing new.
    Draining,
    /// It is about to take work.
    Starting,
    /// It is not there.
    Off,
}
