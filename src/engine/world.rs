//! The switchboard: it alone holds the calendar, schedules and routes. What happens to flow runs, jobs, calls and messages
//! stands in the files of that name; each adds verbs to [`World`].
//!
//! ```text
//!   arrive ──► send ──► admit ──► serve ──► (stages: send …) ──► settle ──► answer, completion
//! ```
//!
//! Within one instant (A2): the event itself, then everything that follows from it without delay in the order it was
//! caused, then the stations with a free worker and somebody waiting, in the order they became so.

use super::draws::Draws;
use super::event::Event;
use super::guards::{EdgeGuards, GuardedCalls};
use super::hedging::{AllTwins, Hedging};
use super::known::Copies;
use super::ledger::Ledger;
use super::probe::{Boundary, Probe, RunEnd, WorkerTime};
use super::record::{Call, Chore, Job, Message, NO_EVENT, Run, Stand};
use super::scaling::Scaling;
use super::slab::{Ref, Slab};
use super::station::{Crowd, Line, Station, assert_balanced};
use super::timetable::Faults;
use super::view::View;
use crate::arrivals::Generator;
use crate::faults::Condition;
use crate::kernel::calendar::{Calendar, Lane, Payload, Sequence};
use crate::kernel::chance::Stream;
use crate::kernel::ids::{Id as _, IdVec};
use crate::kernel::time::{Duration, Time};
use crate::model::{
    BrokerId, ChannelId, EdgeId, Feed, FlowId, ServiceId, SourceId, StepId, System, Wiring,
};
use crate::policies::Outcome;
use crate::policies::outlier::Watch;
use crate::policies::rate_limit::Passed;
use std::collections::{BTreeMap, VecDeque};
use std::ops::Range;

/// A service while it runs.
pub(super) struct ServiceState {
    /// Its first station; an instance has `n_pools` of them: the common one, then one for each channel with workers of its own.
    pub(super) first_station: u32,
    pub(super) n_pools: u32,
    pub(super) instances: Vec<Instance>,
    /// Do all instances share one line?
    pub(super) is_shared: bool,
    /// Does no fault act on any of its instances, or between zones?
    pub(super) is_sound: bool,
    /// The instance whose turn it is.
    pub(super) turn: u32,
    /// The edges by which its steps go on.
    pub(super) edges: Vec<EdgeId>,
    /// The channels it consumes from, and those whose messages it keeps.
    pub(super) channels: Vec<ChannelId>,
    pub(super) keeps: Vec<ChannelId>,
    /// Sagas that go on when it is up again.
    pub(super) sagas: Vec<Ref>,
    /// Who has passed its rate limit.
    pub(super) passed: Passed,
    /// The same of a fault that throttles it.
    pub(super) throttled_at: Time,
    /// What callers know of its instances, where they do not send to all.
    pub(super) view: Option<Box<View>>,
    /// How many of its instances there are, if that changes.
    pub(super) scaling: Option<Box<Scaling>>,
    /// Where keys name its instances: for each step there, the share of the keys of each instance and those before it.
    pub(super) shares: Vec<(StepId, Vec<f64>)>,
    /// Does it matter to the balancer who calls, or for which attempt?
    pub(super) is_choosy: bool,
}

impl ServiceState {
    /// The numbers of its stations, and of their lines.
    pub(super) fn stations(&self) -> Range<usize> {
        let first = self.first_station as usize;
        first..first + self.instances.len() * self.n_pools as usize
    }
}

/// One instance of a service.
pub(super) struct Instance {
    pub(super) condition: Condition,
    /// Jobs inside.
    pub(super) inside: u32,
    /// Is it there?
    pub(super) stands: Stand,
    /// Until when it is slow, because it has just come up.
    pub(super) warm_at: Time,
    /// Jobs to go on with when it is no longer frozen.
    pub(super) frozen: Vec<Ref>,
}

/// One direction of a link: its condition, and the delay of a hop where that is constant.
#[derive(Clone, Copy)]
pub(super) struct Way {
    pub(super) lane: Option<Lane>,
    /// Does no fault act on it, or between zones?
    pub(super) is_sound: bool,
    pub(super) condition: Condition,
}

impl Way {
    /// Does a hop take no time at all?
    #[inline]
    pub(super) fn is_instant(&self) -> bool {
        self.lane.is_some_and(|lane| lane.delay().is_zero())
    }
}

/// An edge while it runs.
pub(super) struct EdgeState {
    pub(super) out: Way,
    pub(super) back: Way,
    pub(super) timeout: Option<Lane>,
    /// Workers held by steps that wait on it.
    pub(super) held: u32,
    /// Does nothing stand before its attempts, or go beside them: no policies, no hedges?
    pub(super) is_plain: bool,
    /// What attempts must pass, if anything.
    pub(super) guards: Option<Box<EdgeGuards>>,
    /// What each instance of the caller holds of the callee's, if it takes any off its list.
    pub(super) watches: Vec<Watch>,
    /// The hedges of its attempts, if there are to be any.
    pub(super) hedging: Option<Box<Hedging>>,
}

/// A channel while it runs.
pub(super) struct ChannelState {
    pub(super) service: ServiceId,
    /// Which of the service's pools works for it.
    pub(super) pool: u32,
    /// Links from the broker to the consumer and back.
    pub(super) deliver: Way,
    pub(super) ack: Way,
    pub(super) queue: crate::brokers::queue::Queue<Ref>,
    /// How long messages live, if not for ever.
    pub(super) ttl: Option<Lane>,
    /// Is there nothing to look at but the broker, the way and the consumers' credit: no group, no sleep, no pace, no posts?
    pub(super) is_plain: bool,
    /// Which share of the messages go to each lane or one before it; empty for a single lane.
    pub(super) shares: Vec<f64>,
    /// Until when its consumers, which poll, are asleep; what they have taken at the present asking.
    pub(super) asleep_until: Time,
    pub(super) n_asked: u32,
    /// Until when its consumers wait for their batch to fill.
    pub(super) lingers_until: Time,
    /// Which deliveries have passed its rate limit, and until when everybody waits for it.
    pub(super) passed: Passed,
    pub(super) paced_until: Time,
    /// What its senders have stored for a relay, oldest first; and whether that is about to look.
    pub(super) outbox: VecDeque<Ref>,
    pub(super) is_relay_due: bool,
    /// The members of a group that reads a log.
    pub(super) group: Option<Group>,
    /// Since when something has been ready without a break.
    pub(super) waiting_since: Time,
    /// The copy that its messages are updates of, and the only instance that consumes.
    pub(super) feed: Option<Feed>,
    /// What it has had, for a broker that looks.
    pub(super) seen: crate::brokers::seen::Seen<(SourceId, u64)>,
    /// Dead letters, in the order they were parked, as long as they may be delivered anew.
    pub(super) parked: VecDeque<Ref>,
    /// Nothing is delivered before this message is through (`then: block`).
    pub(super) held_up_by: Option<Ref>,
}

/// The consumers of a log that share its partitions among them.
pub(super) struct Group {
    pub(super) is_member: Vec<bool>,
    /// When a member that is gone went.
    pub(super) gone_at: Vec<Time>,
    /// Nobody reads before this instant.
    pub(super) paused_until: Time,
}

/// A broker while it runs.
pub(super) struct BrokerState {
    pub(super) condition: Condition,
    /// Does no fault act on it?
    pub(super) is_sound: bool,
    /// The delay of a write where that is constant and no fault changes it.
    pub(super) write: Option<Lane>,
    /// How often it has crashed: connections of an earlier epoch are gone.
    pub(super) epoch: u32,
    /// What arrived while it was frozen.
    pub(super) door: Vec<Door>,
    /// When the bucket of a fault that throttles it is full again.
    pub(super) throttled_at: Time,
    /// When it has taken in what is on its way in, where that takes time.
    pub(super) taken_in_at: Time,
    /// In which of its zones it works, and until when it is frozen because it has just moved there.
    pub(super) zone: usize,
    pub(super) moving_until: Time,
    pub(super) channels: Vec<ChannelId>,
}

/// The edges that one publish serves beside its own, where a broker hands every message to several steps.
#[derive(Default)]
pub(super) struct Riders {
    /// Are there any brokers that hand a message to several steps?
    pub(super) are_possible: bool,
    /// Of the hand-over that is about to begin.
    pub(super) next: Vec<EdgeId>,
    /// By the slot of the sender's call, and of the message.
    pub(super) of_call: BTreeMap<u32, Vec<EdgeId>>,
    pub(super) of_message: BTreeMap<u32, Vec<EdgeId>>,
}

/// What waits at a frozen broker.
#[derive(Clone, Copy)]
pub(super) enum Door {
    Message(Ref),
    Word(Ref),
    /// A message that would have expired meanwhile.
    Expired(Ref),
    Reply(Reply),
}

/// A consumer's reply on its way to whoever sent the message.
#[derive(Clone, Copy)]
pub(super) struct Reply {
    /// The call that waits for it, and the message that it answers.
    pub(super) call: Ref,
    pub(super) message: Ref,
    pub(super) channel: ChannelId,
    pub(super) lineage: u16,
    pub(super) outcome: Outcome,
}

/// How a message leaves the system.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Exit {
    Acked,
    DeadLettered,
    Dropped,
    Expired,
    Lost,
    /// Refused before it was stored: the sender's business, not the broker's account.
    Refused,
}

/// A traffic source while it runs.
pub(super) struct SourceState {
    pub(super) generator: Generator,
    pub(super) ordinal: u64,
    pub(super) patience: Option<Lane>,
    /// How long its users think, if it has a fixed number of them.
    pub(super) think: Option<Stream>,
}

/// A step while it runs.
#[derive(Clone, Copy)]
pub(super) struct StepState {
    pub(super) service: ServiceId,
    /// Its number within its flow.
    pub(super) place: u32,
    /// Which of its flow's goals it counts towards.
    pub(super) goal: Option<u32>,
    /// Is it alone in that?
    pub(super) is_alone: bool,
    /// The step that is done with it.
    pub(super) stands_for: Option<StepId>,
    /// Does it tell a client what became of its flow run?
    pub(super) is_status: bool,
    /// The channel whose deliveries call it.
    pub(super) posted_by: Option<ChannelId>,
    /// Stages of its `then`, and of all.
    pub(super) n_then: u32,
    pub(super) n_stages: u32,
    /// The stage before which it answers and a saga goes on; past all of them without one.
    pub(super) answers_at: u32,
}

/// One replication as it runs.
pub(super) struct World<'a, P> {
    pub(super) system: &'a System,
    pub(super) wiring: &'a Wiring,
    pub(super) replication: u32,
    pub(super) probe: &'a mut P,
    pub(super) calendar: Calendar,
    /// What follows without delay.
    pub(super) immediate: VecDeque<(Payload, Sequence)>,
    /// Stations to be filled at the end of the event.
    pub(super) listed: Vec<u32>,
    pub(super) runs: Slab<Run>,
    pub(super) jobs: Slab<Job>,
    pub(super) calls: Slab<Call>,
    pub(super) messages: Slab<Message>,
    /// Which steps of a flow run are done: `words` words for each slot of `runs`.
    pub(super) done: Vec<u64>,
    pub(super) words: usize,
    pub(super) services: IdVec<ServiceId, ServiceState>,
    pub(super) stations: Vec<Station>,
    pub(super) lines: Vec<Line>,
    /// By station; empty if who is in service makes no difference anywhere.
    pub(super) crowds: Vec<Option<Crowd>>,
    pub(super) edges: IdVec<EdgeId, EdgeState>,
    pub(super) channels: IdVec<ChannelId, ChannelState>,
    pub(super) brokers: IdVec<BrokerId, BrokerState>,
    pub(super) sources: IdVec<SourceId, SourceState>,
    pub(super) steps: IdVec<StepId, StepState>,
    pub(super) draws: Draws,
    pub(super) faults: Faults,
    pub(super) ledger: Ledger,
    pub(super) riders: Riders,
    pub(super) copies: Copies,
    pub(super) guarded: GuardedCalls,
    pub(super) chores: Slab<Chore>,
    /// Are there sources with a fixed number of users?
    pub(super) has_users: bool,
    pub(super) twins: AllTwins,
    /// Is the measured window over, and has the probe been told so?
    pub(super) has_closed: bool,
    /// Counted flow runs whose fate is open.
    pub(super) n_open: u64,
    pub(super) backlog: IdVec<FlowId, u64>,
    /// Worker-time whose result nobody took, nanoseconds.
    pub(super) wasted: u128,
    pub(super) n_messages: u64,
    pub(super) n_events: u64,
    pub(super) fingerprint: u64,
}

impl<P: Probe> World<'_, P> {
    /// The instant of the present event.
    #[inline]
    pub(super) fn now(&self) -> Time {
        self.calendar.now()
    }

    /// Schedules an event after a delay; without delay it follows within this instant.
    #[inline]
    pub(super) fn after(&mut self, delay: Duration, event: Event) -> Sequence {
        if delay.is_zero() {
            let sequence = self.calendar.sequence();
            self.immediate.push_back((event.pack(), sequence));
            sequence
        } else {
            let at = self.now() + delay;
            self.calendar.schedule(at, event.pack())
        }
    }

    /// Schedules an event after a constant delay.
    #[inline]
    pub(super) fn after_lane(&mut self, lane: Lane, event: Event) -> Sequence {
        if lane.delay().is_zero() {
            self.after(Duration::ZERO, event)
        } else {
            self.calendar.schedule_in(lane, event.pack())
        }
    }

    /// Runs to the end: every counted flow run decided, or the drain over.
    pub(super) fn run(mut self) -> RunEnd {
        let plan = &self.system.plan;
        let latest = plan.closes() + plan.drain;
        self.open();
        loop {
            if self.n_open == 0 && self.has_closed {
                break;
            }
            let Some((time, sequence, payload)) = self.calendar.pop_until(latest) else {
                break;
            };
            self.execute(time, payload, sequence);
            self.settle_instant();
        }
        if self.n_open > 0 {
            self.calendar.advance_to(latest);
        }
        self.close()
    }

    /// The first events: fault switches first, then the window's edges, then each source's first client.
    fn open(&mut self) {
        for idx in 0..self.faults.switches.len() {
            let event = Event::Fault(u32::try_from(idx).expect("a switch number"));
            let at = self.faults.switches[idx].at;
            self.calendar.schedule(at, event.pack());
        }
        let plan = &self.system.plan;
        self.calendar
            .schedule(plan.opens(), Event::Boundary(0).pack());
        self.calendar
            .schedule(plan.closes(), Event::Boundary(1).pack());
        for source in self.sources.ids() {
            self.await_client(source);
            self.await_users(source);
        }
        self.await_scalers();
        self.await_triggers();
        for (id, channel) in self.wiring.channels.enumerate() {
            if !channel.poll.is_zero() {
                let at = Time::ZERO + channel.poll;
                self.calendar.schedule(at, Event::Wake(id.0).pack());
            }
            if let Some(redrive) = channel.redrive {
                self.calendar
                    .schedule(redrive.at, Event::Redrive(id.0).pack());
            }
        }
    }

    /// Everything that follows from an event within its instant.
    #[inline]
    fn settle_instant(&mut self) {
        loop {
            while let Some((payload, sequence)) = self.immediate.pop_front() {
                let now = self.now();
                self.execute(now, payload, sequence);
            }
            if self.listed.is_empty() {
                return;
            }
            let mut listed = std::mem::take(&mut self.listed);
            for &station in &listed {
                self.stations[station as usize].listed = false;
                self.fill(station);
            }
            listed.clear();
            if self.listed.is_empty() {
                self.listed = listed;
            }
        }
    }

    #[inline]
    fn execute(&mut self, time: Time, payload: Payload, sequence: Sequence) {
        let word = time.0 ^ (u64::from(payload) << 32);
        if self.dispatch(Event::unpack(payload), sequence) {
            self.n_events += 1;
            self.fingerprint = (self.fingerprint ^ word)
                .wrapping_mul(0x9e37_79b9_7f4a_7c15)
                .rotate_left(29);
        }
    }

    /// The one place where an event that is no longer awaited is dropped: false then.
    #[inline]
    fn dispatch(&mut self, event: Event, sequence: Sequence) -> bool {
        match event {
            Event::Request(idx) => match self.job_awaiting(idx, sequence) {
                Some(job) => self.admit_last(job),
                None => return false,
            },
            Event::Served(idx) => match self.job_awaiting(idx, sequence) {
                Some(job) => self.served(job),
                None => return false,
            },
            Event::Reply(idx) => match self.job_awaiting(idx, sequence) {
                Some(job) => self.replied(job),
                None => return false,
            },
            Event::Timer(idx) => match self.call_where(idx, |call| call.timer == sequence) {
                Some(call) => self.time_is_up(call),
                None => return false,
            },
            Event::Confirm(idx) => match self.call_where(idx, |call| call.confirm == sequence) {
                Some(call) => {
                    let word = self.calls[call].word;
                    self.settle(call, word);
                }
                None => return false,
            },
            Event::Message(idx) => {
                let found = self
                    .messages
                    .at(idx)
                    .filter(|&message| self.messages[message].event == sequence);
                let Some(message) = found else { return false };
                self.message_moves(message);
            }
            Event::Patience(idx) => {
                let Some(run) = self
                    .runs
                    .at(idx)
                    .filter(|&run| self.runs[run].patience == sequence)
                else {
                    return false;
                };
                self.leave(run);
            }
            Event::Arrive(source) => self.arrive(SourceId(source)),
            Event::Fault(idx) => self.switch(idx as usize),
            Event::Boundary(0) => self.boundary(Boundary::Opens),
            Event::Boundary(_) => self.boundary(Boundary::Closes),
            Event::Wake(channel) => self.deliver(ChannelId(channel)),
            Event::Session(channel) => self.session_over(ChannelId(channel)),
            Event::Relay(channel) => self.relay(ChannelId(channel)),
            Event::Redrive(channel) => self.redrive(ChannelId(channel)),
            Event::Chore(idx) => self.do_chore(idx),
            Event::Result(idx) => {
                let found = self.runs.at(idx);
                let Some(run) = found.filter(|&run| self.runs[run].poll == sequence) else {
                    return false;
                };
                self.result_due(run);
            }
        }
        true
    }

    /// The call in a slot, if it is one like that.
    #[inline]
    fn call_where(&self, idx: u32, is_it: impl FnOnce(&Call) -> bool) -> Option<Ref> {
        let call = self.calls.at(idx)?;
        is_it(&self.calls[call]).then_some(call)
    }

    /// The job in a slot, if this is the event it waits for, which has come now.
    #[inline]
    fn job_awaiting(&mut self, idx: u32, sequence: Sequence) -> Option<Ref> {
        let (job, record) = self.jobs.at_mut(idx)?;
        if record.event != sequence {
            return None;
        }
        record.event = NO_EVENT;
        Some(job)
    }

    fn boundary(&mut self, which: Boundary) {
        self.has_closed |= which == Boundary::Closes;
        let services = self.worker_times();
        self.probe
            .boundary(self.calendar.now(), which, &services, self.wasted);
    }

    /// Worker-time of every service until now.
    fn worker_times(&self) -> Vec<WorkerTime> {
        let services = self.services.ids();
        services.map(|service| self.worker_time(service)).collect()
    }

    /// The same of one.
    pub(super) fn worker_time(&self, service: ServiceId) -> WorkerTime {
        let now = self.now();
        let mut total = WorkerTime::default();
        for station in self.services[service].stations() {
            self.stations[station].add_to(&mut total, now);
            total.queue_max = total.queue_max.max(self.lines[station].waiting_max);
        }
        total
    }

    /// Closes the books.
    fn close(mut self) -> RunEnd {
        self.cut_off();
        for (id, channel) in self.channels.enumerate() {
            self.ledger.channels[id].ready_max = channel.queue.ready_max;
        }
        let now = self.now();
        let services = self.worker_times();
        self.probe
            .boundary(now, Boundary::Ends, &services, self.wasted);
        for (id, service) in self.system.services.enumerate() {
            if service.concurrency != crate::model::UNLIMITED {
                let workers = u64::from(service.concurrency) * u64::from(service.replicas);
                assert_balanced(&services[id.idx()], workers, now - Time::ZERO, id.0);
            }
        }
        self.ledger
            .assert_balanced(now, self.system.plan.seed, self.replication);
        RunEnd {
            services,
            wasted: self.wasted,
            channels: self.ledger.channels.iter().copied().collect(),
            attempts: self.ledger.begun.iter().copied().collect(),
            flow_runs: self.ledger.offered,
            events: self.n_events,
            fingerprint: self.fingerprint,
            ended: now,
        }
    }
}
