//! Request-reply over a broker (A29): the consumer's reply travels back as a message, to a queue of the sender's own.
//!
//! ```text
//!   consumer done, or out of deliveries ─► hop ─► broker writes ─► hop ─► the sender's call settles
//! ```

use crate::engine::draws::{happens, losses};
use crate::engine::network::Traveller;
use crate::engine::probe::{Doing, Probe};
use crate::engine::record::{Attempt, Owner};
use crate::engine::slab::Ref;
use crate::engine::world::{Door, Reply, World};
use crate::kernel::time::Duration;
use crate::model::{ChannelId, EdgeId};
use crate::policies::Outcome;

/// Where in their streams a reply's draws begin: one identity draws for the message and for the reply to it.
const REPLY: u64 = 128;

impl<P: Probe> World<'_, P> {
    /// A delivered message has been worked off, or will not be: its sender may wait for that.
    pub(super) fn reply_of(&mut self, job: Ref, outcome: Outcome) {
        let record = &self.jobs[job];
        if let Owner::Message(message, channel) = record.owner {
            self.reply_to(record.reply_to, (message, channel), record.lineage, outcome);
        }
    }

    /// The same for a message that is with nobody.
    pub(super) fn reply_from(&mut self, message: Ref, outcome: Outcome) {
        let record = &self.messages[message];
        let of = (message, record.channel);
        self.reply_to(record.reply_to, of, record.lineage, outcome);
    }

    fn reply_to(
        &mut self,
        call: Option<Ref>,
        (message, channel): (Ref, ChannelId),
        lineage: u16,
        outcome: Outcome,
    ) {
        if let Some(call) = call {
            self.reply(Reply {
                call,
                message,
                channel,
                lineage,
                outcome,
            });
        }
    }

    /// Sends a reply on its way, if anybody still waits for it.
    pub(super) fn reply(&mut self, reply: Reply) {
        let Reply {
            call,
            message,
            channel,
            lineage,
            outcome,
        } = reply;
        if !self.waits_for_message(call, message) {
            return;
        }
        let (run, edge) = (self.calls[call].run, self.calls[call].edge);
        let wired = &self.wiring.channels[channel];
        let (broker, step, is_posted) = (wired.broker, wired.to, wired.post.is_some());
        let who = self.who(run, lineage);
        let traveller = self.traveller(run, step, who + REPLY);
        if is_posted {
            // The answer to the post is all there is: it is with the sender already.
            self.calls[call].attempt = Attempt::Nothing;
            let way = &self.edges[edge].back;
            let hop = self.hop(way, traveller, |draws| draws.hop_back);
            self.call_spends(call, [(Doing::OnTheWay, hop)]);
            return self.word(call, outcome, hop);
        }
        let condition = self.brokers[broker].condition;
        if condition.paused && condition.down.is_none() {
            return self.brokers[broker].door.push(Door::Reply(reply));
        }
        let way = self.channels[channel].ack.condition;
        let is_lost = condition.down.is_some()
            || way.down.is_some()
            || happens(way.drop, || {
                self.draws_of(run, step).drop.draw(who + losses::ANSWER)
            })
            || self.loses_reply(edge, traveller.draws, who, self.loss_of_word(call, edge));
        // One that is lost may come again, with the message.
        if !is_lost {
            self.calls[call].attempt = Attempt::Nothing;
            let [out, write, back] = self.way_back(traveller, channel, edge);
            let spans = [
                (Doing::OnTheWay, out),
                (Doing::Writing, write),
                (Doing::OnTheWay, back),
            ];
            self.call_spends(call, spans);
            self.word(call, outcome, out + write + back);
        }
    }

    /// How long a reply takes: to the broker, its write, and to the sender.
    fn way_back(&self, traveller: Traveller, channel: ChannelId, edge: EdgeId) -> [Duration; 3] {
        let broker = self.wiring.channels[channel].broker;
        let to_broker = &self.channels[channel].ack;
        let out = self.hop(to_broker, traveller, |draws| draws.hop_publish);
        let stream = self.draws.at(traveller.draws).write;
        let write = self.system.brokers[broker]
            .publish
            .sample(&mut stream.draw(traveller.who));
        let write = self.brokers[broker].condition.stretch(write);
        let back = self.hop(&self.edges[edge].back, traveller, |draws| draws.hop_back);
        [out, write, back]
    }
}
