//! A broker that goes down and comes back (A28): what is lost, what comes again, who hears of it.

use crate::brokers::Durable;
use crate::engine::probe::Probe;
use crate::engine::record::{Message, Stage};
use crate::engine::slab::Ref;
use crate::engine::world::{Door, Exit, World};
use crate::faults::{Lose, Manner};
use crate::kernel::time::Time;
use crate::model::BrokerId;
use crate::policies::Outcome;

impl<P: Probe> World<'_, P> {
    /// A broker goes down (A28): connections are gone, what was being written is lost, what was stored survives if durable.
    pub(in crate::engine) fn crash_broker(&mut self, broker: BrokerId, manner: Manner) {
        self.brokers[broker].epoch += 1;
        self.brokers[broker].taken_in_at = Time::ZERO;
        let loses = match self.system.brokers[broker].durable {
            Durable::Survives => self.brokers[broker].condition.lose,
            Durable::Loses => Some(Lose::All),
        };
        let (now, flush) = (self.now(), self.system.brokers[broker].flush);
        self.brokers[broker]
            .door
            .retain(|door| matches!(door, Door::Word(_) | Door::Expired(_)));
        for channel in self.brokers[broker].channels.clone() {
            let is_posted = self.is_posted(channel);
            if !is_posted {
                self.channels[channel].queue.disconnect_all();
            }
            for message in self.in_order(|m| m.channel == channel).into_iter().rev() {
                let record = &self.messages[message];
                let is_durable = survives(record, loses, record.ready + flush <= now);
                match record.state {
                    Stage::Flying | Stage::Outbox => {}
                    Stage::Writing => {
                        self.channels[channel].queue.write_lost();
                        self.cut_sender(message, manner);
                    }
                    Stage::AtTheDoor | Stage::Blocked => self.cut_sender(message, manner),
                    // Whoever calls for it still does.
                    Stage::Unacked if is_durable && is_posted => {}
                    // What was put off in its lane would be passed by those behind it.
                    state @ (Stage::Unacked | Stage::PutOff)
                        if is_durable
                            && (state == Stage::Unacked
                                || self.channels[channel].queue.is_ordered()) =>
                    {
                        self.blame_broker(message, Outcome::Reset);
                        self.back_to_front(message, channel);
                    }
                    Stage::Ready | Stage::PutOff | Stage::Parked if is_durable => {}
                    state => {
                        if state == Stage::Ready {
                            let lane = self.messages[message].lane;
                            self.channels[channel].queue.ready_lost(lane);
                        }
                        self.blame_broker(message, Outcome::Reset);
                        self.exit(message, Exit::Lost);
                    }
                }
            }
        }
        for door in std::mem::take(&mut self.brokers[broker].door) {
            match door {
                Door::Word(job) => self.replied(job),
                door => self.brokers[broker].door.push(door),
            }
        }
    }

    /// The broker goes down with a message half in: its sender hears a reset, or nothing.
    fn cut_sender(&mut self, message: Ref, manner: Manner) {
        match manner {
            Manner::Refuse => self.refuse(message, Outcome::Reset),
            Manner::Hang => self.vanish(message),
        }
    }

    /// A broker works again after a pause or an outage: what waited at its door goes in, consumers get what is ready.
    pub(in crate::engine) fn resume_broker(&mut self, broker: BrokerId) {
        for door in std::mem::take(&mut self.brokers[broker].door) {
            match door {
                Door::Message(message) => match self.messages[message].state {
                    Stage::Writing => self.written(message),
                    _ => self.reach_broker(message),
                },
                Door::Word(job) => self.replied(job),
                Door::Reply(reply) => self.reply(reply),
                Door::Expired(message) => {
                    let record = self.messages.get(message);
                    if record.is_some_and(|record| record.state == Stage::Ready) {
                        self.expire(message);
                    }
                }
            }
        }
        for channel in self.brokers[broker].channels.clone() {
            self.deliver(channel);
        }
    }
}

/// Does a stored message survive a crash that loses so much?
fn survives(message: &Message, loses: Option<Lose>, is_flushed: bool) -> bool {
    match loses {
        None => true,
        Some(Lose::All) => false,
        Some(Lose::Unacked) if !matches!(message.state, Stage::Ready | Stage::Parked) => false,
        Some(_) => message.deliveries > 1 || is_flushed,
    }
}
