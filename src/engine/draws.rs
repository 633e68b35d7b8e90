//! Which stream of draws decides what (A4). A draw's identity is (source, step, ordinal, lineage): never a slot.

use crate::kernel::chance::{Draw, Purpose, Stream};
use crate::kernel::ids::IdVec;
use crate::model::{SourceId, StepId, System};

/// The streams of one step for the flow runs of one source.
#[derive(Clone, Copy, Debug)]
pub(super) struct StepDraws {
    pub(super) service: Stream,
    pub(super) error: Stream,
    pub(super) fault_error: Stream,
    pub(super) probability: Stream,
    pub(super) hop_out: Stream,
    pub(super) hop_back: Stream,
    pub(super) hop_publish: Stream,
    pub(super) hop_deliver: Stream,
    pub(super) write: Stream,
    pub(super) jitter: Stream,
    pub(super) balance: Stream,
    pub(super) drop: Stream,
    pub(super) key: Stream,
    pub(super) poison: Stream,
    pub(super) duplicate: Stream,
    pub(super) throttle: Stream,
    pub(super) shed: Stream,
}

/// Where in the stream of losses each kind of passage begins: one identity may lose several things on its way.
pub(super) mod losses {
    /// A request or a message on its way out.
    pub(in crate::engine) const OUT: u64 = 0;
    /// Something that reaches a service or a broker that loses it.
    pub(in crate::engine) const ARRIVAL: u64 = 64;
    /// A reply, lost by a fault of the way out; one more for the way back.
    pub(in crate::engine) const REPLY: u64 = 128;
    /// A delivery.
    pub(in crate::engine) const DELIVERY: u64 = 192;
    /// A consumer's word.
    pub(in crate::engine) const WORD: u64 = 208;
    /// A consumer's reply, on its way to the broker.
    pub(in crate::engine) const ANSWER: u64 = 224;
}

/// All streams of a run.
#[derive(Clone, Debug)]
pub(super) struct Draws {
    streams: Vec<StepDraws>,
    /// Per source: the place of its flow's first step, less that step's number, modulo 2^32.
    offsets: IdVec<SourceId, u32>,
}

impl Draws {
    /// The streams of a replication.
    pub(super) fn new(system: &System, replication: u32) -> Self {
        let mut streams = Vec::new();
        let mut offsets = IdVec::new();
        for source in &system.sources {
            let steps = system.flows[source.flow].steps.clone();
            let place = u32::try_from(streams.len()).expect("fewer than 2^32 streams");
            offsets.push(place.wrapping_sub(steps.start));
            streams.extend(steps.map(|step| {
                let step = &system.steps[StepId(step)];
                let line = source.key ^ step.key.rotate_left(23);
                let stream = |purpose| Stream::new(system.plan.seed, replication, purpose, line);
                StepDraws {
                    service: stream(Purpose::Service),
                    error: stream(Purpose::Error),
                    fault_error: stream(Purpose::FaultError),
                    probability: stream(Purpose::Probability),
                    hop_out: stream(Purpose::HopOut),
                    hop_back: stream(Purpose::HopBack),
                    hop_publish: stream(Purpose::HopPublish),
                    hop_deliver: stream(Purpose::HopDeliver),
                    write: stream(Purpose::BrokerWrite),
                    jitter: stream(Purpose::Jitter),
                    balance: stream(Purpose::Balance),
                    drop: stream(Purpose::Drop),
                    key: stream(Purpose::Key),
                    poison: stream(Purpose::Poison),
                    duplicate: stream(Purpose::Duplicate),
                    throttle: stream(Purpose::Throttle),
                    shed: stream(Purpose::Shed),
                }
            }));
        }
        Self { streams, offsets }
    }

    /// The streams of a step for a source's flow runs.
    #[inline]
    pub(super) fn of(&self, source: SourceId, step: StepId) -> &StepDraws {
        self.at(self.place(source, step))
    }

    /// Where these streams are.
    #[inline]
    pub(super) fn place(&self, source: SourceId, step: StepId) -> u32 {
        self.offsets[source].wrapping_add(step.0)
    }

    /// The streams at a place.
    #[inline]
    pub(super) fn at(&self, place: u32) -> &StepDraws {
        &self.streams[place as usize]
    }
}

/// Who draws: the flow run's ordinal and the attempts that led here.
#[inline]
pub(super) fn who(ordinal: u64, lineage: u16) -> u64 {
    (ordinal << 24) | (u64::from(lineage) << 8)
}

/// The lineage of the `attempt`-th attempt (from 0) of somebody with this lineage: 0 as long as all are the first.
#[inline]
pub(super) fn child(lineage: u16, attempt: u32) -> u16 {
    #[expect(
        clippy::cast_possible_truncation,
        reason = "a lineage is a hash of attempt numbers, modulo 2^16"
    )]
    let attempt = attempt as u16;
    lineage.wrapping_mul(37).wrapping_add(attempt)
}

/// Does something of this chance happen? Draws nothing where the answer is certain.
#[inline]
pub(super) fn happens(chance: f64, draw: impl FnOnce() -> Draw) -> bool {
    chance > 0.0 && (chance >= 1.0 || draw().uniform() < chance)
}
