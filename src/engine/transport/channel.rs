//! The broker's side of a channel (A22–A24, A28): messages handed over, refused, written, let in.
//!
//! ```text
//!   sender ─► Flying ─► (Blocked) ─► Writing ─► Ready ─► (see `delivery`)
//!                └─ refused, lost
//! ```

use crate::brokers::partition;
use crate::brokers::queue::Offer;
use crate::brokers::{Confirm, WhenRefused};
use crate::engine::draws::{happens, losses};
use crate::engine::event::Event;
use crate::engine::probe::{Cause, Doing, Place, Probe};
use crate::engine::record::{Attempt, Caller, Message, NO_EVENT, Stage};
use crate::engine::slab::Ref;
use crate::engine::world::{Door, Exit, World};
use crate::faults::{Manner, either};
use crate::kernel::time::{Duration, Time};
use crate::model::{Channel, ChannelId, Publish};
use crate::policies::Outcome;
use crate::policies::rate_limit::TokenBucket;

impl<P: Probe> World<'_, P> {
    /// Sends a message to the broker.
    pub(in crate::engine) fn publish(&mut self, call: Ref, publish: &Publish, lineage: u16) {
        if publish.when_refused == WhenRefused::Outbox {
            return self.store(call, publish, lineage);
        }
        let channel = publish.channel;
        let edge = self.calls[call].edge;
        let way = &self.edges[edge].out;
        let waits = publish.confirm == Confirm::Waits;
        if waits && !way.is_sound && way.condition.down == Some(Manner::Refuse) {
            return self.word(call, Outcome::Unreachable, Duration::ZERO);
        }
        let message = self.new_message(call, publish, lineage);
        if waits {
            self.calls[call].attempt = Attempt::Message(message);
        } else {
            self.ledger.channels[channel].published += 1;
        }
        self.dispatch_message(message);
        if !waits {
            self.settle(call, Outcome::Ok);
        }
    }

    /// A message that its sender is about to send.
    pub(super) fn new_message(&mut self, call: Ref, publish: &Publish, lineage: u16) -> Ref {
        let (run, edge, channel) = (self.calls[call].run, self.calls[call].edge, publish.channel);
        let now = self.now();
        self.hold(run);
        self.n_messages += 1;
        let lane = self.lane_of(run, channel);
        let message = self.messages.insert(Message {
            run,
            channel,
            lineage,
            sender: (publish.confirm == Confirm::Waits).then_some(call),
            reply_to: publish.awaits_reply.then_some(call),
            state: Stage::Flying,
            edge,
            is_relayed: false,
            is_poison: false,
            lane,
            published: now,
            committed: match self.calls[call].caller {
                // Published by whoever has just committed it.
                Caller::Job(job, _) => self.jobs.get(job).map_or(now, |job| job.ends),
                Caller::Client | Caller::Message(..) | Caller::Hedge(_) => now,
            },
            ready: now,
            expires: Time::NEVER,
            deliveries: 0,
            previous: Duration::ZERO,
            job: None,
            holder: self.sender_instance(call),
            number: self.n_messages,
            event: NO_EVENT,
            is_followed: self.runs[run].is_followed,
        });
        if !self.riders.of_call.is_empty() {
            self.load_riders(call, message);
        }
        self.runs[run].message = Some(message);
        self.trace_message(message, call);
        message
    }

    /// Sends a message on its way to the broker; it may get lost there.
    pub(super) fn dispatch_message(&mut self, message: Ref) {
        let record = &self.messages[message];
        let (run, edge, lineage) = (record.run, record.edge, record.lineage);
        let step = self.wiring.channels[record.channel].to;
        let way = &self.edges[edge].out;
        let is_lost = !way.is_sound
            && (way.condition.down.is_some()
                || happens(
                    either(way.condition.drop, self.loss_of_message(record)),
                    || {
                        let who = self.who(run, lineage) + losses::OUT;
                        self.draws_of(run, step).drop.draw(who)
                    },
                ));
        if is_lost {
            self.vanish(message);
        } else if way.is_instant() {
            self.reach_broker(message);
        } else {
            self.message_does(message, Doing::OnTheWay);
            let who = self.who(run, lineage);
            let (traveller, event) = (self.traveller(run, step, who), Event::Message(message.idx));
            self.messages[message].event = self.travel(
                |world| &world.edges[edge].out,
                traveller,
                |draws| draws.hop_publish,
                event,
            );
        }
    }

    /// A message's present wait is over.
    pub(in crate::engine) fn message_moves(&mut self, message: Ref) {
        self.messages[message].event = NO_EVENT;
        match self.messages[message].state {
            Stage::Flying => self.reach_broker(message),
            Stage::Writing => self.written(message),
            Stage::Unacked => self.visible_again(message),
            Stage::PutOff => self.due_again(message),
            Stage::Ready => self.expire(message),
            Stage::AtTheDoor | Stage::Blocked | Stage::Outbox | Stage::Parked => {
                unreachable!("nothing is scheduled for it")
            }
        }
    }

    /// The message reaches the broker: down, frozen, failing, full, or written.
    pub(super) fn reach_broker(&mut self, message: Ref) {
        let record = &self.messages[message];
        let broker = self.wiring.channels[record.channel].broker;
        let is_sound = self.brokers[broker].is_sound && self.edges[record.edge].out.is_sound;
        if is_sound || self.is_taken_in(message) {
            self.offer(message, false);
        }
    }

    /// Does a broker in trouble, or one at the end of a link in trouble, take the message in? If not, its fate is settled.
    fn is_taken_in(&mut self, message: Ref) -> bool {
        let record = &self.messages[message];
        let (run, channel, lineage) = (record.run, record.channel, record.lineage);
        let Channel {
            broker, to: step, ..
        } = self.wiring.channels[channel];
        let condition = self.brokers[broker].condition;
        match condition.down {
            Some(Manner::Refuse) => {
                self.refuse(message, Outcome::Refused);
                return false;
            }
            Some(Manner::Hang) => {
                self.vanish(message);
                return false;
            }
            None => {}
        }
        if condition.paused {
            self.messages[message].state = Stage::AtTheDoor;
            self.message_does(message, Doing::AtTheDoor);
            self.brokers[broker].door.push(Door::Message(message));
            return false;
        }
        if let Some(rate) = condition.throttle {
            let now = self.now();
            if !TokenBucket::new(rate).admits(&mut self.brokers[broker].throttled_at, now) {
                self.refuse(message, Outcome::Throttled);
                return false;
            }
        }
        let who = self.who(run, lineage);
        let draws = || self.draws_of(run, step);
        if happens(condition.drop, || draws().drop.draw(who + losses::ARRIVAL)) {
            self.vanish(message);
            return false;
        }
        if happens(condition.errors, || {
            self.draws_of(run, step)
                .fault_error
                .draw(who + losses::ARRIVAL)
        }) {
            self.refuse(message, Outcome::Error);
            return false;
        }
        if happens(condition.poison, || {
            self.draws_of(run, step).poison.draw(self.who(run, 0))
        }) {
            self.messages[message].is_poison = true;
        }
        let on_the_way = self.edges[self.messages[message].edge].out.condition;
        let is_doubled = |share| happens(share, || self.draws_of(run, step).duplicate.draw(who));
        if is_doubled(condition.duplicate) || is_doubled(on_the_way.duplicate) {
            self.double(message);
        }
        true
    }

    /// The message arrives twice: the second time nobody waits for a word about it.
    fn double(&mut self, message: Ref) {
        let second = Message {
            sender: None,
            reply_to: None,
            is_relayed: false,
            ..self.messages[message].clone()
        };
        let second = self.once_more(second, message);
        self.copy_riders(message, second);
        self.offer(second, false);
    }

    /// One more message, like another `of` which has been published.
    pub(super) fn once_more(&mut self, mut like: Message, of: Ref) -> Ref {
        self.n_messages += 1;
        self.hold(like.run);
        self.ledger.channels[like.channel].published += 1;
        like.number = self.n_messages;
        let message = self.messages.insert(like);
        self.trace_copy(message, of);
        message
    }

    /// A message wants into its queue; a copy has been written already.
    pub(super) fn offer(&mut self, message: Ref, is_copy: bool) {
        let (channel, lane) = (self.messages[message].channel, self.messages[message].lane);
        match self.channels[channel].queue.offer(message, lane) {
            Offer::Write => self.take_in(message, is_copy),
            Offer::Reject if is_copy => {
                // There is nobody to refuse it to: its subscriber goes without.
                self.blame_broker(message, Outcome::Overloaded);
                self.exit(message, Exit::Dropped);
            }
            Offer::DropNew => self.drop_new(message),
            Offer::Wait => {
                self.messages[message].state = Stage::Blocked;
                self.message_does(message, Doing::AtTheDoor);
            }
            Offer::Reject => self.refuse(message, Outcome::Overloaded),
            Offer::DropOldest => {
                let oldest = self.take_ready(channel, lane);
                self.blame_broker(oldest, Outcome::Overloaded);
                self.exit(oldest, Exit::Dropped);
                self.take_in(message, is_copy);
            }
        }
    }

    /// A full queue drops what comes, and says to its sender that it has it. Other subscribers get it all the same.
    fn drop_new(&mut self, message: Ref) {
        self.blame_broker(message, Outcome::Overloaded);
        if self.messages[message].is_relayed {
            self.confirm_to_relay(message);
        }
        let riders = self.unload_riders(message);
        if let Some(sender) = self.messages[message].sender.take() {
            let channel = self.messages[message].channel;
            self.ledger.channels[channel].published += 1;
            if self.messages[message].reply_to.is_none() {
                self.tell_sender(sender, message, Outcome::Ok);
            }
        }
        self.exit(message, Exit::Dropped);
        self.fan_out(riders);
    }

    /// There is room for a message: it is written, unless it is a copy of one that has been.
    fn take_in(&mut self, message: Ref, is_copy: bool) {
        if is_copy {
            self.written(message);
        } else {
            self.write(message);
        }
    }

    /// Takes the oldest ready message of a lane that the queue says has one.
    pub(super) fn take_ready(&mut self, channel: ChannelId, lane: u32) -> Ref {
        let messages = &self.messages;
        let is_ready = |other| {
            messages
                .get(other)
                .is_some_and(|m: &Message| m.state == Stage::Ready)
        };
        let queue = &mut self.channels[channel].queue;
        queue
            .take(lane, is_ready)
            .expect("the queue has a ready one")
    }

    fn write(&mut self, message: Ref) {
        let record = &self.messages[message];
        let (run, channel, lineage) = (record.run, record.channel, record.lineage);
        let Channel {
            broker, to: step, ..
        } = self.wiring.channels[channel];
        self.messages[message].state = Stage::Writing;
        self.message_does(message, Doing::Writing);
        let state = &self.brokers[broker];
        let event = Event::Message(message.idx);
        let on_the_way_in = self.system.brokers[broker].throughput.map(|throughput| {
            let takes = Duration::from_secs_f64(self.system.steps[step].size / throughput);
            state.taken_in_at.max(self.calendar.now()) + state.condition.stretch(takes)
        });
        if let Some(taken_in) = on_the_way_in {
            self.brokers[broker].taken_in_at = taken_in;
        }
        let state = &self.brokers[broker];
        let before = on_the_way_in.map_or(Duration::ZERO, |at| at - self.calendar.now());
        self.messages[message].event = match state.write {
            Some(lane) if state.condition.is_on_time() && before.is_zero() => {
                self.after_lane(lane, event)
            }
            _ => {
                let stream = self.draws_of(run, step).write;
                let write = self.system.brokers[broker]
                    .publish
                    .sample(&mut stream.draw(self.who(run, lineage)));
                self.after(before + state.condition.stretch(write), event)
            }
        };
    }

    /// The message is stored: the sender learns of it, a consumer may have it.
    pub(super) fn written(&mut self, message: Ref) {
        let channel = self.messages[message].channel;
        let broker = self.wiring.channels[channel].broker;
        if self.brokers[broker].condition.paused {
            self.message_does(message, Doing::AtTheDoor);
            return self.brokers[broker].door.push(Door::Message(message));
        }
        if self.system.brokers[broker].dedup.is_some() && self.is_known(message) {
            return;
        }
        self.begins_to_wait(channel);
        let lane = self.messages[message].lane;
        self.channels[channel].queue.written(message, lane);
        let now = self.now();
        let ttl = self.channels[channel].ttl;
        let expiry = ttl.map(|ttl| self.after_lane(ttl, Event::Message(message.idx)));
        if self.messages[message].is_relayed {
            self.confirm_to_relay(message);
        }
        let riders = self.unload_riders(message);
        let record = &mut self.messages[message];
        record.state = Stage::Ready;
        record.ready = now;
        if let (Some(ttl), Some(expiry)) = (ttl, expiry) {
            record.expires = now + ttl.delay();
            record.event = expiry;
        }
        self.message_does(message, Doing::Stored);
        let record = &mut self.messages[message];
        if let Some(sender) = record.sender.take() {
            self.ledger.channels[channel].published += 1;
            if self.messages[message].reply_to.is_none() {
                self.tell_sender(sender, message, Outcome::Ok);
            }
        }
        self.deliver(channel);
        if !self.channels[channel].is_plain {
            self.miss(message, channel);
        }
        self.fan_out(riders);
    }

    /// The message is too old (`ttl`): nobody will be given it.
    pub(super) fn expire(&mut self, message: Ref) {
        let record = &self.messages[message];
        let (channel, lane) = (record.channel, record.lane);
        let broker = self.wiring.channels[channel].broker;
        let condition = &self.brokers[broker].condition;
        if condition.down.is_some() || condition.paused {
            // Nobody looks: it is found too old when the broker is back.
            return self.brokers[broker].door.push(Door::Expired(message));
        }
        self.channels[channel].queue.ready_lost(lane);
        self.blame_broker(message, Outcome::Expired);
        self.exit(message, Exit::Expired);
        self.let_in(channel);
    }

    /// A message is ready again; it lives no longer for that.
    pub(super) fn ready_again(&mut self, message: Ref) {
        let now = self.now();
        let record = &mut self.messages[message];
        record.state = Stage::Ready;
        record.ready = now;
        record.event = NO_EVENT;
        self.message_does(message, Doing::Stored);
        let record = &self.messages[message];
        if record.expires != Time::NEVER {
            let left = record.expires.max(now) - now;
            self.messages[message].event = self.after(left, Event::Message(message.idx));
        }
    }

    /// The lane of a flow run's messages on a channel: the partition of its key, which is the same everywhere (A4).
    pub(super) fn lane_of(&self, run: Ref, channel: ChannelId) -> u32 {
        let state = &self.channels[channel];
        let shares = &state.shares;
        if shares.is_empty() {
            return 0;
        }
        if let Some(feed) = state.feed {
            let key = self.key_of(run, self.wiring.copies[feed.copy].data);
            let n = u32::try_from(shares.len()).expect("a count of partitions");
            return partition::place_of(key, n);
        }
        self.place_of_key(run, shares)
    }

    /// Something is about to be ready: if nothing was, the wait begins now.
    pub(super) fn begins_to_wait(&mut self, channel: ChannelId) {
        let now = self.now();
        let state = &mut self.channels[channel];
        if state.queue.is_empty() {
            state.waiting_since = now;
        }
    }

    /// Does a sender's present attempt wait for what becomes of the message?
    pub(super) fn waits_for_message(&self, call: Ref, message: Ref) -> bool {
        let call = self.calls.get(call);
        call.is_some_and(|call| call.attempt == Attempt::Message(message))
    }

    /// The broker's word travels to the sender, if it still waits.
    pub(super) fn tell_sender(&mut self, call: Ref, message: Ref, outcome: Outcome) {
        if !self.waits_for_message(call, message) {
            return;
        }
        self.calls[call].attempt = Attempt::Nothing;
        let edge = self.calls[call].edge;
        let record = &self.messages[message];
        let (run, step) = (record.run, self.wiring.edges[edge].to);
        let who = self.who(run, record.lineage);
        let traveller = self.traveller(run, step, who);
        let state = &self.edges[edge];
        let is_sound = state.out.is_sound && state.back.is_sound;
        let is_heard = is_sound || {
            let between = self.loss_of_word(call, edge);
            !self.loses_reply(edge, traveller.draws, who, between)
        };
        if is_heard {
            let way = &self.edges[edge].back;
            let hop = self.hop(way, traveller, |draws| draws.hop_back);
            self.call_spends(call, [(Doing::OnTheWay, hop)]);
            self.word(call, outcome, hop);
        }
    }

    /// The broker says no. Without confirm nobody hears it: the message is lost.
    pub(super) fn refuse(&mut self, message: Ref, outcome: Outcome) {
        match self.messages[message].sender {
            Some(sender) => {
                self.tell_sender(sender, message, outcome);
                self.exit(message, Exit::Refused);
            }
            None if self.messages[message].is_relayed => self.back_to_outbox(message),
            None => {
                self.blame_broker(message, outcome);
                self.exit(message, Exit::Lost);
            }
        }
    }

    /// The message is gone, and whoever sent it hears nothing.
    pub(super) fn vanish(&mut self, message: Ref) {
        match self.messages[message].sender {
            Some(sender) => {
                if self.waits_for_message(sender, message) {
                    self.calls[sender].attempt = Attempt::Nothing;
                }
                self.exit(message, Exit::Refused);
            }
            None if self.messages[message].is_relayed => self.back_to_outbox(message),
            None => {
                self.blame_broker(message, Outcome::Unreachable);
                self.exit(message, Exit::Lost);
            }
        }
    }

    /// The message leaves the system.
    pub(super) fn exit(&mut self, message: Ref, exit: Exit) {
        let channel = self.messages[message].channel;
        let account = &mut self.ledger.channels[channel];
        match exit {
            Exit::Acked => account.acked += 1,
            Exit::DeadLettered => account.dead_lettered += 1,
            Exit::Dropped => account.dropped += 1,
            Exit::Expired => account.expired += 1,
            Exit::Lost => account.lost += 1,
            Exit::Refused => {}
        }
        if matches!(exit, Exit::DeadLettered | Exit::Dropped | Exit::Expired) {
            // Whoever waits for a reply learns that none will come.
            self.reply_from(message, Outcome::Error);
        }
        let record = &self.messages[message];
        let (run, lane) = (record.run, record.lane);
        let was_out = matches!(record.state, Stage::Unacked | Stage::PutOff);
        self.trace_message_gone(message);
        self.messages.remove(message);
        if !self.riders.of_message.is_empty() {
            self.riders.of_message.remove(&message.idx);
        }
        if was_out && !self.acks_before(channel) {
            self.channels[channel].queue.free(lane);
        }
        if exit == Exit::DeadLettered {
            self.runs[run].parked = true;
        }
        let state = &mut self.channels[channel];
        if state.held_up_by == Some(message) {
            state.held_up_by = None;
        }
        self.release(run);
    }

    /// Room for somebody who waited in front of a full queue.
    pub(super) fn let_in(&mut self, channel: ChannelId) {
        loop {
            let messages = &self.messages;
            let is_waiting = |other| {
                messages
                    .get(other)
                    .is_some_and(|m: &Message| m.state == Stage::Blocked)
            };
            let Some(message) = self.channels[channel].queue.unblock(is_waiting) else {
                return;
            };
            self.write(message);
        }
    }

    /// Messages that fit, oldest first.
    pub(super) fn in_order(&self, fits: impl Fn(&Message) -> bool) -> Vec<Ref> {
        let mut found: Vec<Ref> = self.messages.refs();
        found.retain(|&message| fits(&self.messages[message]));
        found.sort_unstable_by_key(|&message| self.messages[message].number);
        found
    }

    /// The end of the run finds a message in the system: stored.
    pub(in crate::engine) fn cut_off_message(&mut self, message: Ref) {
        let record = &self.messages[message];
        let account = &mut self.ledger.channels[record.channel];
        // A sender that waits for the broker's word has not been booked yet.
        if record.sender.is_some() {
            account.published += 1;
        }
        if record.state == Stage::Parked {
            account.dead_lettered += 1;
            self.runs[record.run].parked = true;
        } else {
            account.stored += 1;
        }
    }

    /// The broker turned a message away, or lost it.
    pub(super) fn blame_broker(&mut self, message: Ref, outcome: Outcome) {
        let record = &self.messages[message];
        let (run, channel, published) = (record.run, record.channel, record.published);
        let step = self.wiring.channels[channel].to;
        self.blame(run, |world| Cause {
            outcome,
            place: Place::Broker(step),
            starved_by: None,
            fault: world.acting_on_channel(channel, published),
        });
    }
}
