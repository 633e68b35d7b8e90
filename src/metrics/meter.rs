//! The probe of a measured run: hands each happening to those who count it.

use super::blast::{Blast, BlastSeen};
use super::causes::{Causes, Ending};
use super::channels::Channels;
use super::data::Reads;
use super::edges::Edges;
use super::grid::Grid;
use super::observation::{FlowSeen, Observation, ScopedSeen};
use super::recovery::recoveries;
use super::series::Series;
use super::slice::{Slice, Wanted};
use super::spans::Spans;
use super::waits::Waits;
use super::whole::Whole;
use super::windows::Windows;
use super::workers::Workers;
use crate::engine::{
    Answer, Applied, Boundary, Cause, Counted, Fate, Probe, ReadFrom, RunEnd, RunFacts, WorkerTime,
};
use crate::kernel::ids::{Id as _, IdVec};
use crate::kernel::time::{Duration, Time};
use crate::model::{
    ChannelId, DataId, EdgeId, FaultId, FlowId, Metric, Objective, Scope, ServiceId, StepId,
    System, Wiring,
};
use crate::policies::Outcome;

/// Measures one replication.
#[derive(Debug)]
pub struct Meter<'a> {
    system: &'a System,
    flows: Vec<FlowMeter>,
    scoped: Vec<Scoped>,
    edges: Edges,
    blast: Option<Blast>,
    channels: Channels,
    reads: Reads,
    /// The flow each channel's messages belong to.
    flow_of_channel: IdVec<ChannelId, FlowId>,
    workers: Workers,
    waits: Waits,
}

#[derive(Debug)]
struct FlowMeter {
    whole: Whole,
    series: Series,
    /// Where faults make something to recover from.
    grid: Option<Grid>,
    windows: Windows,
    causes: Causes,
}

impl FlowMeter {
    fn told(&mut self, start: Time, after: Duration, good: bool) {
        self.windows.told(start, good);
        if let Some(grid) = &mut self.grid {
            grid.told(start, after, good);
        }
    }
}

/// What an SLO line with `during`, `after` or `outside` speaks of.
#[derive(Debug)]
struct Scoped {
    flow: FlowId,
    scope: Scope,
    slice: Slice,
}

impl<'a> Meter<'a> {
    /// Ready for a run of `wiring` on `system`.
    #[must_use]
    pub fn new(system: &'a System, wiring: &Wiring) -> Self {
        let has_faults = !system.faults.is_empty();
        let flow_meter = |flow| FlowMeter {
            whole: Whole::new(
                system,
                Wanted {
                    latency: true,
                    completion: true,
                    message_age: false,
                },
            ),
            series: Series::new(&system.plan),
            grid: has_faults.then(|| Grid::new(&system.plan)),
            windows: Windows::new(system.plan.opens(), thresholds(system, flow)),
            causes: Causes::default(),
        };
        Self {
            system,
            flows: system.flows.ids().map(flow_meter).collect(),
            scoped: scoped(system),
            edges: Edges::new(wiring.edges.len()),
            blast: has_faults.then(|| Blast::new(wiring.edges.len(), system.faults.len())),
            channels: Channels::new(wiring.channels.len()),
            reads: Reads::new(system),
            flow_of_channel: wiring
                .channels
                .iter()
                .map(|channel| system.steps[channel.to].flow)
                .collect(),
            workers: Workers::default(),
            waits: Waits::new(system.services.len()),
        }
    }

    /// What was seen, once the run has ended.
    #[must_use]
    pub fn into_observation(self, end: RunEnd) -> Observation {
        let system = self.system;
        let (services, wasted_work) = self.workers.seen(system, &self.waits);
        let flows = self.flows.into_iter().map(|meter| {
            let recovery = meter.grid.map_or_else(IdVec::new, |grid| {
                let (step, bins) = grid.seen(end.ended);
                recoveries(&system.faults, &system.plan, step, &bins)
            });
            let (whole, batches) = meter.whole.seen(end.ended);
            FlowSeen {
                whole,
                batches,
                series: meter.series.seen(end.ended),
                causes: meter.causes,
                good_windows: meter.windows.seen(),
                recovery,
            }
        });
        Observation {
            flows: flows.collect(),
            scoped: self
                .scoped
                .into_iter()
                .map(|scoped| ScopedSeen {
                    flow: scoped.flow,
                    scope: scoped.scope,
                    slice: scoped.slice.seen(end.ended),
                })
                .collect(),
            services,
            edges: self.edges.seen(),
            blast: self.blast.map_or_else(BlastSeen::default, Blast::seen),
            message_ages: self.channels.seen(),
            data: self.reads.seen(),
            parts: IdVec::new(),
            wasted_work,
            end,
        }
    }

    /// Every slice that counts this flow run.
    #[inline]
    fn slices(&mut self, run: RunFacts, mut each: impl FnMut(&mut Slice)) {
        each(self.flows[run.flow.idx()].whole.at(run.start));
        for scoped in &mut self.scoped {
            if scoped.flow == run.flow && scoped.slice.contains(run.start) {
                each(&mut scoped.slice);
            }
        }
    }
}

/// One slice for each flow and scope that SLO lines speak of, with the recorders that those lines read.
fn scoped(system: &System) -> Vec<Scoped> {
    let mut wanted: Vec<(FlowId, Scope, Wanted)> = Vec::new();
    for objective in system
        .objectives
        .iter()
        .filter(|line| line.scope != Scope::Whole)
    {
        for flow in flows_of(objective, system) {
            let place = wanted
                .iter()
                .position(|&(other, scope, _)| other == flow && scope == objective.scope);
            let place = place.unwrap_or_else(|| {
                wanted.push((flow, objective.scope, Wanted::default()));
                wanted.len() - 1
            });
            let wanted = &mut wanted[place].2;
            wanted.latency |= objective.metric == Metric::Latency;
            wanted.completion |= objective.metric == Metric::Completion;
            wanted.message_age |= objective.metric == Metric::MessageAge;
        }
    }
    let make = |(flow, scope, wanted)| Scoped {
        flow,
        scope,
        slice: Slice::new(Spans::of(scope, system), wanted),
    };
    wanted.into_iter().map(make).collect()
}

/// The flows an SLO line speaks of: the one it names, or all.
fn flows_of(objective: &Objective, system: &System) -> Vec<FlowId> {
    objective
        .flow
        .map_or_else(|| system.flows.ids().collect(), |flow| vec![flow])
}

/// The shares that SLO lines ask of 10 s windows of this flow: those of `windowed_availability` lines first, then those of
/// `availability` lines.
pub fn thresholds(system: &System, flow: FlowId) -> impl Iterator<Item = f64> + use<> {
    let of = |metric: Metric| {
        let lines = system
            .objectives
            .iter()
            .filter(move |line| line.metric == metric);
        let lines = lines.filter(move |line| flows_of(line, system).contains(&flow));
        lines.map(|line| line.target).collect::<Vec<_>>()
    };
    let mut targets = of(Metric::WindowedAvailability);
    targets.extend(of(Metric::Availability));
    targets.into_iter()
}

impl Probe for Meter<'_> {
    fn offered(&mut self, run: RunFacts) {
        if run.counted == Counted::Yes {
            self.slices(run, Slice::offered);
            let flow = &mut self.flows[run.flow.idx()];
            flow.series.offered(run.start);
            flow.windows.offered(run.start);
            if let Some(grid) = &mut flow.grid {
                grid.offered(run.start);
            }
        }
    }

    fn answered(&mut self, now: Time, run: RunFacts, answer: Answer, cause: Option<Cause>) {
        if run.counted == Counted::No {
            return;
        }
        let after = now - run.start;
        self.slices(run, |slice| slice.answered(after, answer));
        let flow = &mut self.flows[run.flow.idx()];
        let ending = Ending::of_answer(answer);
        flow.series.told(run.start, after, ending.is_none());
        flow.told(run.start, after, ending.is_none());
        if let Some(ending) = ending {
            flow.causes.count(ending, run.source, cause);
        }
    }

    fn completed(&mut self, now: Time, at: Time, run: RunFacts) {
        let flow = &mut self.flows[run.flow.idx()];
        flow.whole.at(at).completed_at(at);
        flow.series.completed(now);
        for scoped in &mut self.scoped {
            if scoped.flow == run.flow {
                scoped.slice.completed_at(at);
            }
        }
        if run.counted == Counted::Yes {
            let after = at - run.start;
            self.slices(run, |slice| slice.completed(after));
        }
    }

    fn closed(&mut self, now: Time, run: RunFacts, fate: Fate, cause: Option<Cause>) {
        if run.counted == Counted::No {
            return;
        }
        let after = now - run.start;
        self.slices(run, |slice| slice.closed(after, fate));
        let flow = &mut self.flows[run.flow.idx()];
        if fate == Fate::Unanswered {
            flow.series.told(run.start, after, false);
            flow.told(run.start, after, false);
        }
        if let Some(ending) = Ending::of_fate(fate) {
            flow.causes.count(ending, run.source, cause);
        }
    }

    fn backlog(&mut self, now: Time, flow: FlowId, backlog: u64) {
        let meter = &mut self.flows[flow.idx()];
        meter.whole.backlog(now, backlog);
        meter.series.backlog(now, backlog);
        if let Some(grid) = &mut meter.grid {
            grid.backlog(now, backlog);
        }
        for scoped in &mut self.scoped {
            if scoped.flow == flow {
                scoped.slice.backlog(now, backlog);
            }
        }
    }

    fn attempted(&mut self, edge: EdgeId, counted: Counted) {
        if counted == Counted::Yes {
            self.edges.attempted(edge);
        }
    }

    fn settled(&mut self, edge: EdgeId, counted: Counted, outcome: Outcome) {
        if counted == Counted::Yes {
            self.edges.settled(edge, outcome);
            if let Some(blast) = &mut self.blast {
                blast.settled(edge, outcome);
            }
        }
    }

    fn switched(&mut self, fault: FaultId, begins: bool) {
        if let Some(blast) = &mut self.blast {
            blast.switched(fault, begins);
        }
    }

    fn started(&mut self, now: Time, channel: ChannelId, counted: Counted, age: Duration) {
        if counted == Counted::No {
            return;
        }
        self.channels.started(channel, age);
        let flow = self.flow_of_channel[channel];
        for scoped in &mut self.scoped {
            if scoped.flow == flow {
                scoped.slice.started(now, age);
            }
        }
    }

    fn duplicated(&mut self, run: RunFacts, _step: StepId, applied: Applied) {
        if run.counted == Counted::Yes && applied == Applied::Again {
            self.slices(run, Slice::duplicated);
        }
    }

    fn read(
        &mut self,
        now: Time,
        data: DataId,
        counted: Counted,
        from: ReadFrom,
        staleness: Duration,
    ) {
        if counted == Counted::Yes {
            self.reads.read(now, data, from, staleness);
        }
    }

    #[inline]
    fn began(&mut self, service: ServiceId, counted: Counted, wait: Duration) {
        self.waits.began(service, counted, wait);
    }

    fn boundary(&mut self, _now: Time, edge: Boundary, services: &[WorkerTime], wasted: u128) {
        self.workers.boundary(edge, services, wasted);
    }
}
