//! What the engine tells those who measure. A type parameter, so what is not asked costs nothing.

pub use super::happening::{Answer, Doing, Fate, Happening, Origin, Thing, WorksFor};
use crate::kernel::time::{Duration, Time};
use crate::model::{ChannelId, DataId, EdgeId, FaultId, FlowId, ServiceId, SourceId, StepId};
use crate::policies::Outcome;
use serde::{Deserialize, Serialize};

/// The facts of a flow run that measures need.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct RunFacts {
    /// Its flow.
    pub flow: FlowId,
    /// Where its client came from.
    pub source: SourceId,
    /// Its number in the source, from 0: with the source its identity in every variant (A4).
    pub ordinal: u64,
    /// Its intended start (A8).
    pub start: Time,
    /// Did it arrive in the measured window (A3)?
    pub counted: Counted,
}

/// Does a flow run count (A3)?
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Counted {
    /// It arrived in the measured window.
    Yes,
    /// It arrived during warm-up or drain.
    #[default]
    No,
}

/// Where a failed attempt, a leaving client or a lost message was stuck, and why: the first cause on a flow run's way (A31).
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct Cause {
    /// How the first failed attempt on the way ended.
    pub outcome: Outcome,
    /// What it was doing then.
    pub place: Place,
    /// The service whose workers were all taken by callers waiting, if another one is the bottleneck.
    pub starved_by: Option<ServiceId>,
    /// The fault behind it, if any.
    pub fault: Option<FaultId>,
}

/// Where something was stuck.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub enum Place {
    /// In the queue of the step's service.
    Queued(StepId),
    /// In service.
    Serving(StepId),
    /// At a service that is down or frozen.
    Hanging(StepId),
    /// On the way to or from the step.
    OnTheWay(StepId),
    /// Refused or failed by the step's service itself.
    At(StepId),
    /// Waiting to try the step again.
    BackingOff(StepId),
    /// At the broker in front of the step.
    Broker(StepId),
}

/// Receives what happens, in the order it happens. Every method has an empty default.
pub trait Probe {
    /// May it follow single flow runs? If not, the engine has no code that would tell it of them.
    const FOLLOWS: bool = false;

    /// A client arrived, whose flow run has this slot until [`Happening::Closed`]: asked before anything else is told of it.
    fn arrived(&mut self, _slot: u32, _run: RunFacts) {}
    /// Is the flow run of a slot followed? One that was when it arrived may be so no longer.
    fn follows(&self, _slot: u32) -> bool {
        false
    }
    /// Something happened to a flow run that is followed.
    fn happens(&mut self, _now: Time, _slot: u32, _what: Happening) {}
    /// A client arrived.
    fn offered(&mut self, _run: RunFacts) {}
    /// A client got its answer, or left (at `now`).
    fn answered(&mut self, _now: Time, _run: RunFacts, _answer: Answer, _cause: Option<Cause>) {}
    /// An accepted flow run has all required steps done; `at` is the instant the last one was done (not later than `now`:
    /// a synchronous one is done before its answer arrives).
    fn completed(&mut self, _now: Time, _at: Time, _run: RunFacts) {}
    /// Nothing of the flow run is left; told once, also for those cut off at the end.
    fn closed(&mut self, _now: Time, _run: RunFacts, _fate: Fate, _cause: Option<Cause>) {}
    /// The flow's backlog (accepted, not done) is now `backlog`; all flow runs, counted or not.
    fn backlog(&mut self, _now: Time, _flow: FlowId, _backlog: u64) {}
    /// An attempt over an edge began.
    fn attempted(&mut self, _edge: EdgeId, _counted: Counted) {}
    /// An attempt over an edge ended.
    fn settled(&mut self, _edge: EdgeId, _counted: Counted, _outcome: Outcome) {}
    /// A fault begins or ends.
    fn switched(&mut self, _fault: FaultId, _begins: bool) {}
    /// A delivered message began to be processed, `age` after its publish.
    fn started(&mut self, _now: Time, _channel: ChannelId, _counted: Counted, _age: Duration) {}
    /// A step of a flow run was executed again.
    fn duplicated(&mut self, _run: RunFacts, _step: StepId, _applied: Applied) {}
    /// A flow run has got what it reads of some data, `staleness` after the oldest update that the read did not see (A29b).
    fn read(
        &mut self,
        _now: Time,
        _data: DataId,
        _counted: Counted,
        _from: ReadFrom,
        _staleness: Duration,
    ) {
    }
    /// A worker of a service began, after so long a wait for it; none at all is zero.
    fn began(&mut self, _service: ServiceId, _counted: Counted, _wait: Duration) {}
    /// The measured window opened or closed; the worker-time of every service until now.
    /// `wasted`: nanoseconds of busy worker-time whose result nobody took (A35), all services together.
    fn boundary(
        &mut self,
        _now: Time,
        _edge_of_window: Boundary,
        _services: &[WorkerTime],
        _wasted: u128,
    ) {
    }
}

/// Where data were read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ReadFrom {
    /// At their owner.
    Owner,
    /// From a copy.
    Copy,
    /// From a cache whose entry was too old, because the owner failed.
    OldCopy,
}

/// Did a second execution have a second effect (A27)?
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Applied {
    /// It was applied again.
    Again,
    /// The step is idempotent.
    Once,
}

/// An edge of the measured window.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Boundary {
    /// Counting begins.
    Opens,
    /// Counting ends.
    Closes,
    /// The run ends.
    Ends,
}

/// Where a service's worker-time went since the run began (A32): the five add up to workers × time.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct WorkerTime {
    /// Nanoseconds of workers working.
    pub busy: u128,
    /// Nanoseconds of workers held while their step waits.
    pub held: u128,
    /// Nanoseconds of workers with nothing to do (0 for unlimited workers).
    pub idle: u128,
    /// Nanoseconds of workers that were down, frozen or taken away.
    pub down: u128,
    /// Nanoseconds of workers of instances that an autoscaler has not started, or has ended.
    pub off: u128,
    /// Longest queue so far.
    pub queue_max: u64,
}

impl WorkerTime {
    /// That of instances that are there, whatever they do.
    #[must_use]
    pub const fn there(&self) -> u128 {
        self.busy + self.held + self.idle + self.down
    }
}

/// The accounts of one channel at the end of a run (A32):
/// published = acked + dead-lettered + expired + dropped + lost + stored.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct ChannelAccount {
    /// Messages that left a sender which went on, or that the broker stored.
    pub published: u64,
    /// Done with.
    pub acked: u64,
    /// Delivered again (not part of the balance).
    pub redelivered: u64,
    /// Parked.
    pub dead_lettered: u64,
    /// Too old.
    pub expired: u64,
    /// Pushed out, or given up.
    pub dropped: u64,
    /// Gone without anybody's decision.
    pub lost: u64,
    /// Still there.
    pub stored: u64,
    /// Executed again (not part of the balance).
    pub duplicates: u64,
    /// Executed again with a second effect.
    pub duplicates_applied: u64,
    /// Most ready messages at once.
    pub ready_max: u64,
}

/// What a run ends with, beside what its probe saw.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct RunEnd {
    /// Per service, until the end.
    pub services: Vec<WorkerTime>,
    /// Nanoseconds of busy worker-time whose result nobody took, all services together (A35).
    pub wasted: u128,
    /// Per channel of the wiring.
    pub channels: Vec<ChannelAccount>,
    /// Attempts begun and settled per edge of the wiring (equal, or the ledger's assertion would have failed).
    pub attempts: Vec<u64>,
    /// Flow runs that arrived, counted or not.
    pub flow_runs: u64,
    /// Events executed.
    pub events: u64,
    /// Hash of the executed trace.
    pub fingerprint: u64,
    /// The instant the run ended.
    pub ended: Time,
}
