//! One publish for several steps (A22): a topic gives each its own copy, the groups of a log read the same message.
//!
//! ```text
//!   sender ─► one hand-over ─► broker writes once ─► a copy in the queue of each step that the flow run needs
//! ```

use crate::brokers::Kind;
use crate::engine::probe::Probe;
use crate::engine::record::{Caller, Message, NO_EVENT, Stage};
use crate::engine::slab::Ref;
use crate::engine::world::World;
use crate::model::{BrokerId, EdgeId, Link};
use crate::policies::Outcome;

impl<P: Probe> World<'_, P> {
    /// The broker that hands the edge's message to several steps, if it is one.
    fn fan_of(&self, edge: EdgeId) -> Option<BrokerId> {
        match &self.wiring.edges[edge].link {
            Link::Publish(publish) if !publish.awaits_reply => {
                let broker = self.wiring.channels[publish.channel].broker;
                let kind = self.system.brokers[broker].kind;
                (kind != Kind::Queue).then_some(broker)
            }
            _ => None,
        }
    }

    /// Takes the edges of a stage of which some share one publish: the first that the flow run needs carries the others.
    pub(in crate::engine) fn send_together(
        &mut self,
        job: Ref,
        run: Ref,
        edges: &[EdgeId],
        (stage, lineage): (u32, u16),
    ) {
        let mut together: Vec<(BrokerId, Vec<EdgeId>)> = Vec::new();
        for &edge in edges {
            let is_needed = self.needs(run, self.wiring.edges[edge].to);
            match self.fan_of(edge).filter(|_| is_needed) {
                None => self.send(job, run, edge, stage, lineage),
                Some(broker) => match together.iter_mut().find(|(of, _)| *of == broker) {
                    Some((_, edges)) => edges.push(edge),
                    None => together.push((broker, vec![edge])),
                },
            }
        }
        for (_, mut edges) in together {
            let first = edges.remove(0);
            self.riders.next = edges;
            self.start_call(run, first, Caller::Job(job, stage), lineage);
        }
    }

    /// Nobody wants to know any more what became of those a hand-over carried. Its slot is used again: not by its riders.
    pub(super) fn forget_riders(&mut self, call: Ref) {
        if !self.riders.of_call.is_empty() {
            self.riders.of_call.remove(&call.idx);
        }
    }

    /// A hand-over has ended: it has for those it carried too.
    pub(super) fn riders_ended(&mut self, call: Ref, (job, stage): (Ref, u32), outcome: Outcome) {
        if self.riders.of_call.is_empty() {
            return;
        }
        for edge in self.riders_of(call) {
            self.branch_ended(job, stage, self.wiring.edges[edge].to, outcome);
        }
    }

    /// Those that a hand-over carried, which is over.
    pub(super) fn riders_of(&mut self, call: Ref) -> Vec<EdgeId> {
        self.riders.of_call.remove(&call.idx).unwrap_or_default()
    }

    /// The sender gives a message up: those it would have carried are dropped with it.
    pub(super) fn drop_for_riders(&mut self, call: Ref) {
        for edge in self.riders.of_call.get(&call.idx).into_iter().flatten() {
            if let Link::Publish(publish) = &self.wiring.edges[*edge].link {
                let account = &mut self.ledger.channels[publish.channel];
                account.published += 1;
                account.dropped += 1;
            }
        }
    }

    /// A new message carries what its sender's call carries.
    pub(super) fn load_riders(&mut self, call: Ref, message: Ref) {
        if let Some(riders) = self.riders.of_call.get(&call.idx) {
            let riders = riders.clone();
            self.riders.of_message.insert(message.idx, riders);
        }
    }

    /// A message that is the same once more carries the same.
    pub(super) fn copy_riders(&mut self, of: Ref, to: Ref) {
        if let Some(riders) = self.riders.of_message.get(&of.idx) {
            let riders = riders.clone();
            self.riders.of_message.insert(to.idx, riders);
        }
    }

    /// What a message carries, and the message as it is, if it carries anything: for [`World::fan_out`], which must follow. It
    /// keeps the flow run until then, whatever becomes of the message.
    pub(super) fn unload_riders(&mut self, message: Ref) -> Option<(Ref, Message, Vec<EdgeId>)> {
        if self.riders.of_message.is_empty() {
            return None;
        }
        let riders = self.riders.of_message.remove(&message.idx)?;
        self.hold(self.messages[message].run);
        Some((message, self.messages[message].clone(), riders))
    }

    /// A message has been written: every step it carried gets a copy.
    pub(super) fn fan_out(&mut self, riders: Option<(Ref, Message, Vec<EdgeId>)>) {
        let Some((of, message, riders)) = riders else {
            return;
        };
        for edge in riders {
            let Link::Publish(publish) = &self.wiring.edges[edge].link else {
                continue;
            };
            let channel = publish.channel;
            let lane = self.lane_of(message.run, channel);
            let copy = Message {
                channel,
                edge,
                lane,
                sender: None,
                is_relayed: false,
                state: Stage::Flying,
                event: NO_EVENT,
                ..message.clone()
            };
            let copy = self.once_more(copy, of);
            self.offer(copy, true);
        }
        self.release(message.run);
    }
}
