//! Two probes at once.

use crate::engine::{
    Answer, Applied, Boundary, Cause, Counted, Fate, Happening, Probe, ReadFrom, RunFacts,
    WorkerTime,
};
use crate::kernel::time::{Duration, Time};
use crate::model::{ChannelId, DataId, EdgeId, FaultId, FlowId, ServiceId, StepId};
use crate::policies::Outcome;

/// One that counts everything, and one that follows single flow runs.
#[derive(Debug)]
pub struct Both<A, B> {
    /// Is told everything but what becomes of single flow runs.
    pub all: A,
    /// Is told of single flow runs only.
    pub single: B,
}

impl<A: Probe, B: Probe> Probe for Both<A, B> {
    const FOLLOWS: bool = B::FOLLOWS;

    #[inline]
    fn arrived(&mut self, slot: u32, run: RunFacts) {
        self.single.arrived(slot, run);
    }
    #[inline]
    fn follows(&self, slot: u32) -> bool {
        self.single.follows(slot)
    }
    fn happens(&mut self, now: Time, slot: u32, what: Happening) {
        self.single.happens(now, slot, what);
    }
    #[inline]
    fn offered(&mut self, run: RunFacts) {
        self.all.offered(run);
    }
    #[inline]
    fn answered(&mut self, now: Time, run: RunFacts, answer: Answer, cause: Option<Cause>) {
        self.all.answered(now, run, answer, cause);
    }
    #[inline]
    fn completed(&mut self, now: Time, at: Time, run: RunFacts) {
        self.all.completed(now, at, run);
    }
    #[inline]
    fn closed(&mut self, now: Time, run: RunFacts, fate: Fate, cause: Option<Cause>) {
        self.all.closed(now, run, fate, cause);
    }
    #[inline]
    fn backlog(&mut self, now: Time, flow: FlowId, backlog: u64) {
        self.all.backlog(now, flow, backlog);
    }
    #[inline]
    fn attempted(&mut self, edge: EdgeId, counted: Counted) {
        self.all.attempted(edge, counted);
    }
    #[inline]
    fn settled(&mut self, edge: EdgeId, counted: Counted, outcome: Outcome) {
        self.all.settled(edge, counted, outcome);
    }
    fn switched(&mut self, fault: FaultId, begins: bool) {
        self.all.switched(fault, begins);
    }
    #[inline]
    fn started(&mut self, now: Time, channel: ChannelId, counted: Counted, age: Duration) {
        self.all.started(now, channel, counted, age);
    }
    fn duplicated(&mut self, run: RunFacts, step: StepId, applied: Applied) {
        self.all.duplicated(run, step, applied);
    }
    #[inline]
    fn read(
        &mut self,
        now: Time,
        data: DataId,
        counted: Counted,
        from: ReadFrom,
        staleness: Duration,
    ) {
        self.all.read(now, data, counted, from, staleness);
    }
    #[inline]
    fn began(&mut self, service: ServiceId, counted: Counted, wait: Duration) {
        self.all.began(service, counted, wait);
    }
    fn boundary(&mut self, now: Time, edge: Boundary, services: &[WorkerTime], wasted: u128) {
        self.all.boundary(now, edge, services, wasted);
    }
}
