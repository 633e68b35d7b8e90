//! The outbox (A25): a message is stored with its sender's own commit, and a relay beside the sender publishes it later.
//!
//! ```text
//!   sender ─► Outbox ─► (every `poll`, a batch) ─► broker
//!                ▲ └──────── no confirm, refused ◄──┘        a confirm that gets lost: published twice
//! ```

use crate::brokers::Relay;
use crate::engine::draws::child;
use crate::engine::event::Event;
use crate::engine::probe::{Doing, Probe};
use crate::engine::record::{Message, NO_EVENT, Stage};
use crate::engine::slab::Ref;
use crate::engine::world::World;
use crate::kernel::time::{Duration, Time};
use crate::model::{ChannelId, Link, Publish};
use crate::policies::Outcome;

/// The lineage of a message that is published again is that of its sender's attempt with this number.
const AGAIN: u32 = 61;

impl<P: Probe> World<'_, P> {
    /// Stores a message with its sender, which goes on at once.
    pub(super) fn store(&mut self, call: Ref, publish: &Publish, lineage: u16) {
        let message = self.new_message(call, publish, lineage);
        let record = &mut self.messages[message];
        record.sender = None;
        record.is_relayed = true;
        record.state = Stage::Outbox;
        self.message_does(message, Doing::InOutbox);
        self.ledger.channels[publish.channel].published += 1;
        self.channels[publish.channel].outbox.push_back(message);
        self.await_relay(publish.channel, publish.relay);
        self.settle(call, Outcome::Ok);
    }

    /// The relay looks at the next multiple of its period, if it is not about to anyway.
    fn await_relay(&mut self, channel: ChannelId, relay: Relay) {
        let now = self.now();
        let state = &mut self.channels[channel];
        if state.is_relay_due || state.outbox.is_empty() {
            return;
        }
        state.is_relay_due = true;
        let wait = Duration(relay.poll.0 - (now - Time::ZERO).0 % relay.poll.0);
        self.after(wait, Event::Relay(channel.0));
    }

    /// The relay publishes a batch, unless the service whose outbox it is has gone down with it.
    pub(in crate::engine) fn relay(&mut self, channel: ChannelId) {
        self.channels[channel].is_relay_due = false;
        let Some(&first) = self.channels[channel].outbox.front() else {
            return;
        };
        let relay = match &self.wiring.edges[self.messages[first].edge].link {
            Link::Publish(publish) => publish.relay,
            Link::Call(_) => unreachable!("messages are published"),
        };
        let waiting = std::mem::take(&mut self.channels[channel].outbox);
        let mut n_sent = 0;
        for message in waiting {
            if n_sent < relay.batch && self.is_relay_up(message) {
                n_sent += 1;
                self.messages[message].state = Stage::Flying;
                self.dispatch_message(message);
            } else {
                self.channels[channel].outbox.push_back(message);
            }
        }
        self.await_relay(channel, relay);
    }

    /// Is the service up that has stored the message?
    fn is_relay_up(&self, message: Ref) -> bool {
        let edge = self.messages[message].edge;
        let Some(from) = self.wiring.edges[edge].from else {
            return true;
        };
        let service = self.steps[from].service;
        self.is_at_work(service)
    }

    /// The broker did not take it: it stays in the outbox, where it was.
    pub(super) fn back_to_outbox(&mut self, message: Ref) {
        let record = &mut self.messages[message];
        record.state = Stage::Outbox;
        record.event = NO_EVENT;
        self.message_does(message, Doing::InOutbox);
        let record = &self.messages[message];
        let (channel, edge, number) = (record.channel, record.edge, record.number);
        let messages = &self.messages;
        let outbox = &mut self.channels[channel].outbox;
        let place = outbox.partition_point(|&other| messages[other].number < number);
        outbox.insert(place, message);
        if let Link::Publish(publish) = &self.wiring.edges[edge].link {
            self.await_relay(channel, publish.relay);
        }
    }

    /// A relayed message is stored at the broker. If the confirm gets lost, the relay knows nothing of it and publishes the
    /// message again.
    pub(super) fn confirm_to_relay(&mut self, message: Ref) {
        let record = &mut self.messages[message];
        record.is_relayed = false;
        let (run, edge, lineage) = (record.run, record.edge, record.lineage);
        let step = self.wiring.edges[edge].to;
        let who = self.who(run, lineage);
        let traveller = self.traveller(run, step, who);
        if !self.loses_reply(edge, traveller.draws, who, self.loss_to_relay(message)) {
            return;
        }
        let again = Message {
            lineage: child(lineage, AGAIN),
            is_relayed: true,
            ..self.messages[message].clone()
        };
        let again = self.once_more(again, message);
        self.copy_riders(message, again);
        self.back_to_outbox(again);
    }
}
