//! Messages (A22–A28): handed over, written, delivered, answered, put back, put off, parked.
//!
//! ```text
//!   sender ─► Flying ─► (Blocked) ─► Writing ─► Ready ─► Unacked ─► acked
//!                │                                ▲  ▲       │
//!                └─ refused, lost                 │  └ back ─┤ connection lost, visibility over
//!                                                 └─ PutOff ◄┘ failed        out of deliveries ─► parked, dropped
//! ```

use crate::brokers::queue::Offer;
use crate::brokers::{Ack, Confirm, Durable, WhenExhausted};
use crate::engine::draws::{child, happens};
use crate::engine::event::Event;
use crate::engine::probe::{Cause, Place, Probe};
use crate::engine::record::{Attempt, Message, NO_EVENT, Owner, Phase, Stage};
use crate::engine::slab::Ref;
use crate::engine::world::{Door, World};
use crate::faults::Manner;
use crate::kernel::time::Duration;
use crate::model::{BrokerId, Channel, ChannelId, ServiceId, StepId};
use crate::policies::Outcome;
use crate::policies::retry::Retry;

/// How a message leaves the system.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Exit {
    Acked,
    DeadLettered,
    Dropped,
    Lost,
    /// Refused before it was stored: the sender's business, not the broker's account.
    Refused,
}

/// The shortest wait between the endless deliveries of `then: block`, where no backoff is given: without one the same
/// instant would never end.
const BLOCK_WAIT_MIN: Duration = Duration::SECOND;

impl<P: Probe> World<'_, P> {
    /// Sends a message to the broker.
    pub(in crate::engine) fn publish(
        &mut self,
        call: Ref,
        channel: ChannelId,
        confirm: Confirm,
        lineage: u16,
    ) {
        let (run, edge) = (self.calls[call].run, self.calls[call].edge);
        let link = self.edges[edge].out;
        let waits = confirm == Confirm::Waits;
        if waits && link.down == Some(Manner::Refuse) {
            return self.word(call, Outcome::Unreachable, Duration::ZERO);
        }
        let now = self.now();
        self.hold(run);
        self.n_messages += 1;
        let message = self.messages.insert(Message {
            run,
            channel,
            lineage,
            sender: waits.then_some(call),
            state: Stage::Flying,
            published: now,
            deliveries: 0,
            previous: Duration::ZERO,
            job: None,
            holder: 0,
            number: self.n_messages,
            event: NO_EVENT,
        });
        if waits {
            self.calls[call].attempt = Attempt::Message(message);
        } else {
            self.ledger.channels[channel].published += 1;
        }
        let step = self.wiring.channels[channel].to;
        let who = self.who(run, lineage);
        let draws = *self.draws.of(self.runs[run].source, step);
        if link.down.is_some() || happens(link.drop, || draws.drop.draw(who)) {
            self.vanish(message);
        } else {
            let event = Event::Message(message.idx);
            self.messages[message].event = match self.edges[edge].lane_out {
                Some(lane) => self.after_lane(lane, event),
                None => {
                    let hop = link.stretch(self.hop_time(draws.hop_publish, who));
                    self.after(hop, event)
                }
            };
        }
        if !waits {
            self.settle(call, Outcome::Ok);
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
            Stage::AtTheDoor | Stage::Blocked | Stage::Ready => {
                unreachable!("nothing is scheduled for it")
            }
        }
    }

    /// The message reaches the broker: down, frozen, failing, full, or written.
    fn reach_broker(&mut self, message: Ref) {
        let record = &self.messages[message];
        let (run, channel, lineage) = (record.run, record.channel, record.lineage);
        let Channel {
            broker, to: step, ..
        } = self.wiring.channels[channel];
        let condition = self.brokers[broker].condition;
        match condition.down {
            Some(Manner::Refuse) => return self.refuse(message, Outcome::Refused),
            Some(Manner::Hang) => return self.vanish(message),
            None => {}
        }
        if condition.paused {
            self.messages[message].state = Stage::AtTheDoor;
            return self.brokers[broker].door.push(Door::Message(message));
        }
        let who = self.who(run, lineage);
        let draws = *self.draws.of(self.runs[run].source, step);
        if happens(condition.drop, || draws.drop.draw(who + 64)) {
            return self.vanish(message);
        }
        if happens(condition.errors, || draws.fault_error.draw(who + 64)) {
            return self.refuse(message, Outcome::Error);
        }
        match self.channels[channel].queue.offer(message) {
            Offer::Write => self.write(message),
            Offer::Wait => self.messages[message].state = Stage::Blocked,
            Offer::Reject => self.refuse(message, Outcome::Overloaded),
            Offer::DropOldest => {
                let messages = &self.messages;
                let is_ready = |other| {
                    messages
                        .get(other)
                        .is_some_and(|m: &Message| m.state == Stage::Ready)
                };
                let oldest = self.channels[channel]
                    .queue
                    .take(is_ready)
                    .expect("the queue said it has a ready one");
                self.blame_broker(oldest, Outcome::Overloaded);
                self.exit(oldest, Exit::Dropped);
                self.write(message);
            }
        }
    }

    fn write(&mut self, message: Ref) {
        let record = &self.messages[message];
        let (run, channel, lineage) = (record.run, record.channel, record.lineage);
        let Channel {
            broker, to: step, ..
        } = self.wiring.channels[channel];
        let stream = self.draws.of(self.runs[run].source, step).write;
        let write = self.system.brokers[broker]
            .publish
            .sample(&mut stream.draw(self.who(run, lineage)));
        let write = self.brokers[broker].condition.stretch(write);
        self.messages[message].state = Stage::Writing;
        self.messages[message].event = self.after(write, Event::Message(message.idx));
    }

    /// The message is stored: the sender learns of it, a consumer may have it.
    fn written(&mut self, message: Ref) {
        let channel = self.messages[message].channel;
        let broker = self.wiring.channels[channel].broker;
        if self.brokers[broker].condition.paused {
            return self.brokers[broker].door.push(Door::Message(message));
        }
        self.channels[channel].queue.written(message);
        let record = &mut self.messages[message];
        record.state = Stage::Ready;
        if let Some(sender) = record.sender.take() {
            self.ledger.channels[channel].published += 1;
            self.tell_sender(sender, message, Outcome::Ok);
        }
        self.deliver(channel);
    }

    /// The broker's word travels to the sender, if it still waits.
    fn tell_sender(&mut self, call: Ref, message: Ref, outcome: Outcome) {
        let waits = self
            .calls
            .get(call)
            .is_some_and(|record| record.attempt == Attempt::Message(message));
        if !waits {
            return;
        }
        self.calls[call].attempt = Attempt::Nothing;
        let edge = self.calls[call].edge;
        let record = &self.messages[message];
        let (run, step) = (record.run, self.wiring.edges[edge].to);
        let who = self.who(run, record.lineage);
        let (out, link) = (self.edges[edge].out, self.edges[edge].back);
        let draws = *self.draws.of(self.runs[run].source, step);
        let is_lost = link.down.is_some()
            || happens(out.drop_replies, || draws.drop.draw(who + 128))
            || happens(link.drop, || draws.drop.draw(who + 129));
        if !is_lost {
            let hop = link.stretch(self.hop_time(draws.hop_back, who));
            self.word(call, outcome, hop);
        }
    }

    /// The broker says no. Without confirm nobody hears it: the message is lost.
    fn refuse(&mut self, message: Ref, outcome: Outcome) {
        match self.messages[message].sender {
            Some(sender) => {
                self.tell_sender(sender, message, outcome);
                self.exit(message, Exit::Refused);
            }
            None => {
                self.blame_broker(message, outcome);
                self.exit(message, Exit::Lost);
            }
        }
    }

    /// The message is gone, and whoever sent it hears nothing.
    fn vanish(&mut self, message: Ref) {
        match self.messages[message].sender {
            Some(sender) => {
                let waits = self
                    .calls
                    .get(sender)
                    .is_some_and(|call| call.attempt == Attempt::Message(message));
                if waits {
                    self.calls[sender].attempt = Attempt::Nothing;
                }
                self.exit(message, Exit::Refused);
            }
            None => {
                self.blame_broker(message, Outcome::Unreachable);
                self.exit(message, Exit::Lost);
            }
        }
    }

    /// The message leaves the system.
    fn exit(&mut self, message: Ref, exit: Exit) {
        let channel = self.messages[message].channel;
        let account = &mut self.ledger.channels[channel];
        match exit {
            Exit::Acked => account.acked += 1,
            Exit::DeadLettered => account.dead_lettered += 1,
            Exit::Dropped => account.dropped += 1,
            Exit::Lost => account.lost += 1,
            Exit::Refused => {}
        }
        let record = self.messages.remove(message);
        if exit == Exit::DeadLettered {
            self.runs[record.run].parked = true;
        }
        let state = &mut self.channels[channel];
        if state.held_up_by == Some(message) {
            state.held_up_by = None;
        }
        self.release(record.run);
    }

    /// Gives ready messages to consumers that may have more.
    pub(in crate::engine) fn deliver(&mut self, channel: ChannelId) {
        let broker = self.wiring.channels[channel].broker;
        loop {
            let condition = &self.brokers[broker].condition;
            let state = &self.channels[channel];
            let is_shut =
                condition.down.is_some() || condition.paused || state.deliver.down.is_some();
            if is_shut || state.held_up_by.is_some() || state.queue.is_empty() {
                break;
            }
            let service = state.service;
            let is_shared = self.is_shared(service);
            let instances = &self.services[service].instances;
            let is_up = |idx: usize| match is_shared {
                false => instances[idx].condition.down != Some(Manner::Refuse),
                true => instances
                    .iter()
                    .any(|instance| instance.condition.down != Some(Manner::Refuse)),
            };
            let state = &mut self.channels[channel];
            let Some(consumer) = state.queue.consumer(is_up) else {
                break;
            };
            let messages = &self.messages;
            let is_ready = |other| {
                messages
                    .get(other)
                    .is_some_and(|m: &Message| m.state == Stage::Ready)
            };
            let message = state.queue.take(is_ready).expect("the queue is not empty");
            self.hand_over(
                message,
                channel,
                u32::try_from(consumer).expect("a consumer number"),
            );
        }
        self.let_in(channel);
    }

    /// Room for somebody who waited in front of a full queue.
    fn let_in(&mut self, channel: ChannelId) {
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

    /// Sends one delivery on its way.
    fn hand_over(&mut self, message: Ref, channel: ChannelId, consumer: u32) {
        let wired = &self.wiring.channels[channel];
        let (broker, step, visibility) = (wired.broker, wired.to, wired.visibility);
        let record = &mut self.messages[message];
        record.deliveries += 1;
        record.state = Stage::Unacked;
        record.holder = consumer;
        let (run, lineage) = (record.run, child(record.lineage, record.deliveries - 1));
        if record.deliveries > 1 {
            self.ledger.channels[channel].redelivered += 1;
        }
        if visibility != Duration::MAX {
            self.messages[message].event = self.after(visibility, Event::Message(message.idx));
        }
        let link = self.channels[channel].deliver;
        let who = self.who(run, lineage);
        let draws = *self.draws.of(self.runs[run].source, step);
        if happens(link.drop, || draws.drop.draw(who + 192)) {
            self.messages[message].job = None;
            return;
        }
        let job = self.new_job(run, Owner::Message(message, channel), step, lineage);
        self.messages[message].job = Some(job);
        let hop = link.stretch(self.hop_time(draws.hop_deliver, who));
        let event = self.after(hop, Event::Request(job.idx));
        let record = &mut self.jobs[job];
        record.instance = consumer;
        record.epoch = self.brokers[broker].epoch;
        record.event = event;
    }

    /// A worker begins to process a delivery; told before its work is worth anything when `ack: before`.
    pub(in crate::engine) fn delivery_starts(
        &mut self,
        job: Ref,
        message: Ref,
        channel: ChannelId,
    ) {
        let now = self.now();
        let counted = self.runs[self.jobs[job].run].counted;
        let Some(record) = self.messages.get(message) else {
            return;
        };
        let age = now - record.published;
        self.probe.started(now, channel, counted, age);
        if self.wiring.channels[channel].ack == Ack::Before {
            self.forget_ready(message, channel);
            self.exit(message, Exit::Acked);
        }
    }

    /// Is a queued job still worth a worker? One whose connection is gone is not: the broker gives its message to another.
    pub(in crate::engine) fn is_wanted(&self, job: Ref) -> bool {
        match self.jobs[job].owner {
            Owner::Message(_, channel) => self.is_connected(job, channel),
            _ => true,
        }
    }

    fn is_connected(&self, job: Ref, channel: ChannelId) -> bool {
        let broker = self.wiring.channels[channel].broker;
        self.jobs[job].epoch == self.brokers[broker].epoch
    }

    /// A consumer sends its word (ack or not) to the broker.
    pub(in crate::engine) fn report_to_broker(
        &mut self,
        job: Ref,
        channel: ChannelId,
        outcome: Outcome,
    ) {
        let record = &mut self.jobs[job];
        record.outcome = outcome;
        record.phase = Phase::Going;
        if outcome.is_ok() {
            // The work was for the flow run, which has it now, whatever becomes of the word.
            record.worked = 0;
        }
        let (run, step, lineage) = (record.run, record.step, record.lineage);
        let link = self.channels[channel].ack;
        let who = self.who(run, lineage);
        let draws = *self.draws.of(self.runs[run].source, step);
        let hop = link.stretch(self.hop_time(draws.hop_out, who));
        self.jobs[job].event = self.after(hop, Event::Reply(job.idx));
    }

    /// The broker hears a consumer's word.
    pub(in crate::engine) fn broker_hears(&mut self, job: Ref, message: Ref, channel: ChannelId) {
        let broker = self.wiring.channels[channel].broker;
        let condition = self.brokers[broker].condition;
        let record = &self.jobs[job];
        let (run, step, lineage, outcome) =
            (record.run, record.step, record.lineage, record.outcome);
        let link = self.channels[channel].ack;
        let draws = self.draws.of(self.runs[run].source, step);
        let is_lost = link.down.is_some()
            || happens(link.drop, || draws.drop.draw(self.who(run, lineage) + 208));
        if condition.paused && condition.down.is_none() {
            return self.brokers[broker].door.push(Door::Word(job));
        }
        if condition.down.is_some() || is_lost || !self.is_connected(job, channel) {
            return self.word_lost(job, message, channel);
        }
        let consumer = self.consumer_of(job, channel);
        self.channels[channel].queue.credit(consumer);
        let is_present = self
            .messages
            .get(message)
            .is_some_and(|record| record.job == Some(job));
        self.discard(job);
        if outcome.is_ok() {
            if let Some(record) = self.messages.get(message) {
                if record.deliveries > 1 {
                    let run = record.run;
                    self.runs[run].cause = None;
                }
                self.forget_ready(message, channel);
                self.exit(message, Exit::Acked);
            }
        } else if is_present {
            self.messages[message].job = None;
            self.failed_delivery(message, channel, outcome);
        }
        self.deliver(channel);
    }

    /// A consumer's word does not arrive. If the connection still stands, the place it filled is free, and the message waits
    /// for its visibility timeout.
    fn word_lost(&mut self, job: Ref, message: Ref, channel: ChannelId) {
        let is_connected = self.is_connected(job, channel);
        let consumer = self.consumer_of(job, channel);
        if let Some(record) = self
            .messages
            .get_mut(message)
            .filter(|record| record.job == Some(job))
        {
            record.job = None;
        } else if is_connected {
            self.channels[channel].queue.credit(consumer);
        }
        self.discard(job);
    }

    /// Which of the channel's consumers a job is: an instance, or all of them where they share one line.
    fn consumer_of(&self, job: Ref, channel: ChannelId) -> usize {
        if self.is_shared(self.channels[channel].service) {
            0
        } else {
            self.jobs[job].instance as usize
        }
    }

    /// If the message is ready (again), it is no longer.
    fn forget_ready(&mut self, message: Ref, channel: ChannelId) {
        match self.messages[message].state {
            Stage::Ready => self.channels[channel].queue.ready_lost(),
            // A delivery that got lost holds a place until its message is back or gone.
            Stage::Unacked if self.messages[message].job.is_none() => {
                let holder = self.messages[message].holder as usize;
                self.free_place(channel, holder);
            }
            _ => {}
        }
    }

    /// A place whose delivery nobody will answer: free at once, or when the consumer, which hangs, connects anew.
    fn free_place(&mut self, channel: ChannelId, consumer: usize) {
        let service = self.channels[channel].service;
        let hangs = !self.is_shared(service)
            && self.services[service].instances[consumer].condition.down == Some(Manner::Hang);
        let queue = &mut self.channels[channel].queue;
        if hangs {
            queue.void(consumer)
        } else {
            queue.credit(consumer)
        }
    }

    /// A delivery failed: put off, or out of deliveries.
    fn failed_delivery(&mut self, message: Ref, channel: ChannelId, outcome: Outcome) {
        let wired = &self.wiring.channels[channel];
        let (retry, exhausted, step) = (wired.redeliver, wired.when_exhausted, wired.to);
        let record = &self.messages[message];
        let (run, lineage, made, previous) = (
            record.run,
            record.lineage,
            record.deliveries,
            record.previous,
        );
        let stream = self.draws.of(self.runs[run].source, step).jitter;
        let mut draw = stream.draw(self.who(run, child(lineage, made)));
        if let Some(wait) = retry.next(made, outcome, previous, &mut draw) {
            return self.put_off(message, wait);
        }
        match exhausted {
            WhenExhausted::DeadLetter => self.exit(message, Exit::DeadLettered),
            WhenExhausted::Drop => self.exit(message, Exit::Dropped),
            WhenExhausted::Block => {
                let endless = Retry {
                    attempts: u32::MAX,
                    ..retry
                };
                let wait = endless
                    .next(made, outcome, previous, &mut draw)
                    .unwrap_or(Duration::ZERO);
                self.channels[channel].held_up_by = Some(message);
                self.put_off(message, if wait.is_zero() { BLOCK_WAIT_MIN } else { wait });
            }
        }
    }

    fn put_off(&mut self, message: Ref, wait: Duration) {
        let event = self.after(wait, Event::Message(message.idx));
        let record = &mut self.messages[message];
        record.state = Stage::PutOff;
        record.previous = wait;
        record.event = event;
    }

    /// A message that was put off is due: at the end of the queue, or at once if everything waits for it.
    fn due_again(&mut self, message: Ref) {
        let channel = self.messages[message].channel;
        self.messages[message].state = Stage::Ready;
        let state = &mut self.channels[channel];
        if state.held_up_by == Some(message) {
            state.held_up_by = None;
            state.queue.put_first(message);
        } else {
            state.queue.put_last(message);
        }
        self.deliver(channel);
    }

    /// The visibility timeout is over: the message shows again, whatever its consumer does (A27).
    fn visible_again(&mut self, message: Ref) {
        let record = &mut self.messages[message];
        let (channel, holder, job) = (record.channel, record.holder as usize, record.job.take());
        if job.is_none() {
            self.free_place(channel, holder);
        }
        self.back_to_front(message, channel);
        self.deliver(channel);
    }

    /// Puts a message back for another delivery; one out of deliveries is parked or dropped.
    fn back_to_front(&mut self, message: Ref, channel: ChannelId) {
        self.messages[message].event = NO_EVENT;
        self.messages[message].job = None;
        let wired = &self.wiring.channels[channel];
        let is_out = self.messages[message].deliveries >= wired.redeliver.attempts;
        let exhausted = wired.when_exhausted;
        if is_out {
            self.blame_consumer(message, channel);
        }
        match exhausted {
            WhenExhausted::DeadLetter if is_out => self.exit(message, Exit::DeadLettered),
            WhenExhausted::Drop if is_out => self.exit(message, Exit::Dropped),
            _ => {
                self.messages[message].state = Stage::Ready;
                self.channels[channel].queue.put_first(message);
            }
        }
    }

    /// A delivery's consumer refused the connection or lost it: the broker sees that at once.
    pub(in crate::engine) fn delivery_lost(&mut self, job: Ref, message: Ref, channel: ChannelId) {
        let is_connected = self.is_connected(job, channel);
        let consumer = self.consumer_of(job, channel);
        let is_present = self
            .messages
            .get(message)
            .is_some_and(|record| record.job == Some(job));
        self.discard(job);
        if is_connected {
            self.channels[channel].queue.credit(consumer);
        }
        if is_present {
            self.back_to_front(message, channel);
        }
        self.deliver(channel);
    }

    /// A delivery ends where nobody answers: its message waits for the visibility timeout, or for a new connection.
    pub(in crate::engine) fn strand(&mut self, job: Ref, message: Ref, channel: ChannelId) {
        let is_connected = self.is_connected(job, channel);
        let consumer = self.consumer_of(job, channel);
        match self
            .messages
            .get_mut(message)
            .filter(|record| record.job == Some(job))
        {
            Some(record) => record.job = None,
            None if is_connected => self.free_place(channel, consumer),
            None => {}
        }
        self.discard(job);
    }

    /// An instance that hung is back and connects anew: what was delivered to it is delivered again.
    pub(in crate::engine) fn reconnect(&mut self, service: ServiceId, instance: u32) {
        let consumer = if self.is_shared(service) { 0 } else { instance };
        for channel in self.services[service].channels.clone() {
            let stranded = self.in_order(|m| {
                m.channel == channel
                    && m.state == Stage::Unacked
                    && m.holder == consumer
                    && m.job.is_none()
            });
            self.channels[channel].queue.reconnect(consumer as usize);
            for message in stranded.into_iter().rev() {
                self.channels[channel].queue.credit(consumer as usize);
                self.back_to_front(message, channel);
            }
            self.deliver(channel);
        }
    }

    /// Messages that fit, oldest first.
    fn in_order(&self, fits: impl Fn(&Message) -> bool) -> Vec<Ref> {
        let mut found: Vec<Ref> = self.messages.refs();
        found.retain(|&message| fits(&self.messages[message]));
        found.sort_unstable_by_key(|&message| self.messages[message].number);
        found
    }

    /// A broker goes down (A28): connections are gone, what was being written is lost, what was stored survives if durable.
    pub(in crate::engine) fn crash_broker(&mut self, broker: BrokerId, manner: Manner) {
        self.brokers[broker].epoch += 1;
        let is_durable = self.system.brokers[broker].durable == Durable::Survives;
        self.brokers[broker]
            .door
            .retain(|door| matches!(door, Door::Word(_)));
        for channel in self.brokers[broker].channels.clone() {
            self.channels[channel].queue.disconnect_all();
            for message in self.in_order(|m| m.channel == channel).into_iter().rev() {
                match self.messages[message].state {
                    Stage::Flying => {}
                    Stage::Writing => {
                        self.channels[channel].queue.write_lost();
                        self.cut_sender(message, manner);
                    }
                    Stage::AtTheDoor | Stage::Blocked => self.cut_sender(message, manner),
                    Stage::Unacked if is_durable => self.back_to_front(message, channel),
                    Stage::Ready | Stage::PutOff if is_durable => {}
                    state => {
                        if state == Stage::Ready {
                            self.channels[channel].queue.ready_lost();
                        }
                        self.blame_broker(message, Outcome::Reset);
                        self.exit(message, Exit::Lost);
                    }
                }
            }
        }
        for door in std::mem::take(&mut self.brokers[broker].door) {
            if let Door::Word(job) = door {
                self.replied(job);
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
            }
        }
        for channel in self.brokers[broker].channels.clone() {
            self.deliver(channel);
        }
    }

    /// The end of the run finds a message in the system: stored.
    pub(in crate::engine) fn cut_off_message(&mut self, message: Ref) {
        let record = &self.messages[message];
        let account = &mut self.ledger.channels[record.channel];
        // A sender that waits for the broker's word has not been booked yet.
        if record.sender.is_some() {
            account.published += 1;
        }
        account.stored += 1;
    }

    fn blame_broker(&mut self, message: Ref, outcome: Outcome) {
        let (run, channel) = (self.messages[message].run, self.messages[message].channel);
        let Channel {
            broker, to: step, ..
        } = self.wiring.channels[channel];
        self.blame(run, |world| Cause {
            outcome,
            place: Place::Broker(step),
            starved_by: None,
            fault: world.acting_on_broker(broker),
        });
    }

    fn blame_consumer(&mut self, message: Ref, channel: ChannelId) {
        let run = self.messages[message].run;
        let step: StepId = self.wiring.channels[channel].to;
        let service = self.channels[channel].service;
        self.blame(run, |world| Cause {
            outcome: Outcome::Reset,
            place: Place::Hanging(step),
            starved_by: None,
            fault: world.acting_on_service(service),
        });
    }
}
