//! Hops: how long they take, and which links are in trouble. Knows no caller and no message.

use super::draws::{StepDraws, happens, losses};
use super::event::Event;
use super::probe::Probe;
use super::slab::Ref;
use super::world::{Way, World};
use crate::faults::{Condition, either};
use crate::kernel::calendar::Sequence;
use crate::kernel::chance::Stream;
use crate::kernel::time::Duration;
use crate::model::{ChannelId, EdgeId, End, Link, StepId, Target};

/// Who hops: where the streams of a step for a flow run are, and the identity that draws from them.
#[derive(Clone, Copy)]
pub(super) struct Traveller {
    pub(super) draws: u32,
    pub(super) who: u64,
}

impl<P: Probe> World<'_, P> {
    /// Who hops for a flow run's step.
    pub(super) fn traveller(&self, run: Ref, step: StepId, who: u64) -> Traveller {
        let draws = self.draws.place(self.runs[run].source, step);
        Traveller { draws, who }
    }

    /// Sends something on its way: the event comes when it arrives.
    #[inline]
    pub(super) fn travel(
        &mut self,
        way: impl FnOnce(&Self) -> &Way,
        traveller: Traveller,
        stream: impl FnOnce(&StepDraws) -> Stream,
        event: Event,
    ) -> Sequence {
        let way = way(self);
        match way.lane {
            Some(lane) => self.after_lane(lane, event),
            None => {
                let hop = self.hop(way, traveller, stream);
                self.after(hop, event)
            }
        }
    }

    /// The time of one hop.
    pub(super) fn hop(
        &self,
        way: &Way,
        traveller: Traveller,
        stream: impl FnOnce(&StepDraws) -> Stream,
    ) -> Duration {
        if let Some(lane) = way.lane {
            return lane.delay();
        }
        let draws = self.draws.at(traveller.draws);
        let hop = self
            .system
            .hop
            .sample(&mut stream(draws).draw(traveller.who));
        way.condition.stretch(hop)
    }

    /// Does a reply over the edge get lost: by a fault of the way out that hits replies, or by one of the way back, or because
    /// this share gets lost between zones?
    pub(super) fn loses_reply(&self, edge: EdgeId, draws: u32, who: u64, between: f64) -> bool {
        let state = &self.edges[edge];
        let (out, back) = (&state.out.condition, &state.back.condition);
        let draw = |nth| self.draws.at(draws).drop.draw(who + losses::REPLY + nth);
        back.down.is_some()
            || happens(out.drop_replies, || draw(0))
            || happens(either(back.drop, between), || draw(1))
    }

    /// Conditions of every edge and channel anew; a hop under way keeps its time.
    pub(super) fn change_links(&mut self) {
        let edges: Vec<EdgeId> = self.edges.ids().collect();
        for edge in edges {
            if matches!(&self.wiring.edges[edge].link, Link::Publish(publish) if publish.is_local) {
                continue;
            }
            let (from, to) = self.ends(edge);
            let (out, back) = (self.way(from, to), self.way(to, from));
            let state = &mut self.edges[edge];
            (state.out, state.back) = (out, back);
        }
        let channels: Vec<_> = self.channels.ids().collect();
        for channel in channels {
            let broker = self.end_of(channel);
            let service = End::Service(self.channels[channel].service);
            let (deliver, ack) = (self.way(broker, service), self.way(service, broker));
            let state = &mut self.channels[channel];
            (state.deliver, state.ack) = (deliver, ack);
            self.deliver(channel);
        }
    }

    /// Where a channel's deliveries come from: its broker, or the sender of a stream.
    pub(super) fn end_of(&self, channel: ChannelId) -> End {
        let wired = &self.wiring.channels[channel];
        match wired.keeper {
            Some(keeper) if wired.stream.is_some() => End::Service(keeper),
            _ => End::Broker(wired.broker),
        }
    }

    /// One direction of a link under the faults that act now.
    fn way(&mut self, from: End, to: End) -> Way {
        let condition = self.condition(Target::Link { from, to }, 0);
        let constant = self.system.hop.as_constant();
        let lane = constant.map(|hop| self.calendar.lane(condition.stretch(hop)));
        Way {
            lane,
            is_sound: condition == Condition::SOUND && self.faults.leaks.is_empty(),
            condition,
        }
    }

    /// The ends of an edge's link.
    pub(super) fn ends(&self, edge: EdgeId) -> (End, End) {
        let record = &self.wiring.edges[edge];
        let from = match record.from {
            Some(step) => End::Service(self.system.steps[step].service),
            None => {
                let source = self.wiring.source_of(edge);
                End::Source(source.expect("an edge from no step is a source's"))
            }
        };
        let to = match &record.link {
            Link::Call(_) => End::Service(self.system.steps[record.to].service),
            Link::Publish(publish) => End::Broker(self.wiring.channels[publish.channel].broker),
        };
        (from, to)
    }
}
