//! The consumer's side of a channel (A26, A27): deliveries and their answers; what becomes of those without one is in `redelivery`.
//!
//! ```text
//!   Ready ─► Unacked ─► acked
//!     ▲  ▲       │
//!     │  └ back ─┤ connection lost, visibility over
//!     └─ PutOff ◄┘ failed              out of deliveries ─► parked, dropped, or everything waits (block)
//! ```

use crate::brokers::Ack;
use crate::engine::draws::{child, happens, losses};
use crate::engine::event::Event;
use crate::engine::network::Traveller;
use crate::engine::probe::{Cause, Doing, Place, Probe};
use crate::engine::record::{Mark, Message, NO_EVENT, Owner, Phase, Stage, Stand, Undo};
use crate::engine::slab::Ref;
use crate::engine::world::{Door, Exit, Instance, World};
use crate::faults::{Manner, either};
use crate::kernel::time::Duration;
use crate::model::{Channel, ChannelId};
use crate::policies::Outcome;

impl<P: Probe> World<'_, P> {
    /// Gives ready messages to consumers that may have more.
    #[inline]
    pub(in crate::engine) fn deliver(&mut self, channel: ChannelId) {
        let state = &self.channels[channel];
        if !state.is_plain || !state.queue.is_idle() {
            self.deliver_ready(channel);
        }
    }

    /// May the next ready message be given to a consumer, as far as the broker, the way, the group and the clock go?
    fn may_deliver(&mut self, channel: ChannelId) -> bool {
        let now = self.now();
        let condition = &self.brokers[self.wiring.channels[channel].broker].condition;
        let state = &self.channels[channel];
        let is_shut =
            condition.down.is_some() || condition.paused || state.deliver.condition.down.is_some();
        let is_paused = state
            .group
            .as_ref()
            .is_some_and(|group| now < group.paused_until);
        if is_shut || is_paused || now < state.asleep_until {
            return false;
        }
        self.is_in_pace(channel) && self.is_kept(channel)
    }

    /// Do consumers wait for their batch to fill? They are woken when they have waited long enough.
    fn lingers(&mut self, channel: ChannelId) -> bool {
        let Channel { linger, batch, .. } = self.wiring.channels[channel];
        let now = self.now();
        let state = &mut self.channels[channel];
        let until = state.waiting_since + linger;
        if linger.is_zero() || state.queue.n_ready() >= batch || now >= until {
            return false;
        }
        if state.lingers_until != until && state.queue.n_ready() > 0 {
            state.lingers_until = until;
            self.after(until - now, Event::Wake(channel.0));
        }
        true
    }

    fn deliver_ready(&mut self, channel: ChannelId) {
        if !self.channels[channel].is_plain && self.lingers(channel) {
            return;
        }
        let broker = self.wiring.channels[channel].broker;
        while !self.channels[channel].queue.is_empty() {
            let state = &self.channels[channel];
            if state.held_up_by.is_some() {
                break;
            }
            let is_plain =
                state.is_plain && state.deliver.is_sound && self.brokers[broker].is_sound;
            if !is_plain && !self.may_deliver(channel) {
                break;
            }
            if !is_plain && self.is_posted(channel) {
                if !self.post_next(channel) {
                    break;
                }
                continue;
            }
            let service = self.channels[channel].service;
            let is_shared = self.is_shared(service);
            let instances = &self.services[service].instances;
            let is_alive = |instance: &Instance| {
                instance.condition.down != Some(Manner::Refuse) && instance.stands == Stand::Serving
            };
            let feed = self.channels[channel].feed;
            let cut_off = self.cut_off_from(channel);
            let is_up = |idx: usize| {
                if feed.is_some_and(|feed| feed.instance as usize != idx) || cut_off.contains(&idx)
                {
                    false
                } else if is_shared {
                    instances.iter().any(is_alive)
                } else {
                    is_alive(&instances[idx])
                }
            };
            let state = &mut self.channels[channel];
            let Some((consumer, lane)) = state.queue.next(is_up) else {
                break;
            };
            state.n_asked += 1;
            let message = self.take_ready(channel, lane);
            self.hand_over(
                message,
                channel,
                u32::try_from(consumer).expect("a consumer number"),
            );
        }
        if !self.channels[channel].is_plain {
            self.fall_asleep(channel);
        }
        if self.channels[channel].queue.is_blocked() {
            self.let_in(channel);
        }
    }

    /// May another delivery begin, as far as the consumer's rate limit goes? If not, it is looked at again when one may.
    fn is_in_pace(&mut self, channel: ChannelId) -> bool {
        let Some(limit) = self.wiring.channels[channel].rate_limit else {
            return true;
        };
        let now = self.now();
        let state = &mut self.channels[channel];
        let next = limit.next(&state.passed, now);
        if next <= now {
            return true;
        }
        if state.paced_until != next {
            state.paced_until = next;
            self.after(next - now, Event::Wake(channel.0));
        }
        false
    }

    /// A delivery begins, for a flow run and of a lineage that come back; it counts for the consumer's rate limit too.
    pub(super) fn count_delivery(&mut self, message: Ref, channel: ChannelId) -> (Ref, u16) {
        let record = &mut self.messages[message];
        record.deliveries += 1;
        record.state = Stage::Unacked;
        record.event = NO_EVENT;
        let delivery = (record.run, child(record.lineage, record.deliveries - 1));
        if record.deliveries > 1 {
            self.ledger.channels[channel].redelivered += 1;
        }
        self.message_does(message, Doing::Nothing);
        if let Some(limit) = self.wiring.channels[channel].rate_limit {
            let now = self.now();
            limit.admits(&mut self.channels[channel].passed, now);
        }
        delivery
    }

    /// Consumers that poll and found less than a full batch sleep before they ask again.
    fn fall_asleep(&mut self, channel: ChannelId) {
        let Channel { poll, batch, .. } = self.wiring.channels[channel];
        let now = self.now();
        let state = &mut self.channels[channel];
        if poll.is_zero() || now < state.asleep_until || !state.queue.is_empty() {
            return;
        }
        let n_asked = std::mem::take(&mut state.n_asked);
        if state.queue.has_credit() || !n_asked.is_multiple_of(batch) {
            state.asleep_until = now + poll;
            self.after(poll, Event::Wake(channel.0));
        }
    }

    /// Sends one delivery on its way.
    fn hand_over(&mut self, message: Ref, channel: ChannelId, consumer: u32) {
        let wired = &self.wiring.channels[channel];
        let (broker, step, visibility) = (wired.broker, wired.to, wired.visibility);
        let (run, lineage) = self.count_delivery(message, channel);
        self.messages[message].holder = consumer;
        if visibility != Duration::MAX {
            self.messages[message].event = self.after(visibility, Event::Message(message.idx));
        }
        let way = &self.channels[channel].deliver;
        let drop = if way.is_sound {
            0.0
        } else {
            either(
                way.condition.drop,
                self.loss_of_delivery(channel, consumer).0,
            )
        };
        let who = self.who(run, lineage);
        if happens(drop, || {
            self.draws_of(run, step).drop.draw(who + losses::DELIVERY)
        }) {
            self.messages[message].job = None;
            if self.wiring.channels[channel].stream.is_some() {
                // The connection stands, and nobody asks for it again.
                self.channels[channel].queue.credit(consumer as usize);
                self.blame_way(message, channel);
                self.exit(message, Exit::Lost);
            } else if self.channels[channel].queue.is_ordered() {
                // A reader that misses what it fetched fetches again.
                self.fetch_again(message, channel, consumer as usize);
            }
            return;
        }
        let job = self.new_job(run, Owner::Message(message, channel), step, lineage);
        self.messages[message].job = Some(job);
        let Message {
            reply_to,
            is_poison,
            ..
        } = self.messages[message];
        let record = &mut self.jobs[job];
        (record.reply_to, record.is_poisoned) = (reply_to, is_poison);
        record.instance = consumer;
        record.epoch = self.brokers[broker].epoch;
        if self.channels[channel].group.is_some() {
            return self.fetch(job, message, channel);
        }
        self.send_job(
            job,
            |world| &world.channels[channel].deliver,
            |draws| draws.hop_deliver,
            Event::Request,
        );
    }

    /// A reader of a log has fetched ahead: a message that has been ready for longer than the way takes is there at once.
    fn fetch(&mut self, job: Ref, message: Ref, channel: ChannelId) {
        let record = &self.jobs[job];
        let traveller = Traveller {
            draws: record.draws,
            who: record.who,
        };
        let way = &self.channels[channel].deliver;
        let hop = self.hop(way, traveller, |draws| draws.hop_deliver);
        let now = self.now();
        let there = self.messages[message].ready + hop;
        if there <= now {
            self.admit(job);
        } else {
            self.job_does(job, Doing::OnTheWay);
            self.jobs[job].event = self.after(there - now, Event::Request(job.idx));
        }
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

    pub(super) fn is_connected(&self, job: Ref, channel: ChannelId) -> bool {
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
        if outcome.is_ok() && record.mark != Mark::Again {
            // The work was for the flow run, which has it now, whatever becomes of the word. Done again, it was for nothing.
            record.worked = 0;
        }
        if outcome.is_ok()
            && let (Some(feed), Owner::Message(message, _)) =
                (self.channels[channel].feed, record.owner)
        {
            self.applied(message, feed);
        }
        let is_awaited = self.jobs[job].reply_to.is_some();
        if is_awaited && (outcome.is_ok() || self.acks_before(channel)) {
            self.reply_of(job, outcome);
        }
        if self.channels[channel].group.is_some()
            && let Owner::Message(message, _) = self.jobs[job].owner
        {
            // Its reader goes on with the next one at once; the commit needs no answer.
            return self.broker_hears(job, message, channel);
        }
        self.send_job(
            job,
            |world| &world.channels[channel].ack,
            |draws| draws.hop_out,
            Event::Reply,
        );
    }

    /// The broker hears a consumer's word.
    pub(in crate::engine) fn broker_hears(&mut self, job: Ref, message: Ref, channel: ChannelId) {
        let broker = self.wiring.channels[channel].broker;
        let outcome = self.jobs[job].outcome;
        let is_sound = self.brokers[broker].is_sound
            && self.channels[channel].ack.is_sound
            && self.channels[channel].deliver.is_sound;
        if !is_sound {
            let condition = &self.brokers[broker].condition;
            if condition.paused && condition.down.is_none() {
                return self.brokers[broker].door.push(Door::Word(job));
            }
        }
        let is_heard = is_sound || self.is_word_heard(job, channel);
        if !is_heard || !self.is_connected(job, channel) {
            return self.word_lost(job, message, channel);
        }
        let consumer = self.consumer_of(job, channel);
        self.channels[channel].queue.credit(consumer);
        self.free_lane_of(job, channel);
        let is_present = self
            .messages
            .get(message)
            .is_some_and(|record| record.job == Some(job));
        self.discard(job);
        if outcome.is_ok() {
            if let Some(record) = self.messages.get(message) {
                let (run, deliveries) = (record.run, record.deliveries);
                self.made_good(run, deliveries);
                self.forget_ready(message, channel);
                self.exit(message, Exit::Acked);
            }
        } else if is_present {
            self.messages[message].job = None;
            self.failed_delivery(message, channel, outcome);
        }
        self.deliver(channel);
    }

    /// Does a consumer's word reach a broker that is up, in spite of all trouble?
    fn is_word_heard(&self, job: Ref, channel: ChannelId) -> bool {
        let broker = self.wiring.channels[channel].broker;
        let record = &self.jobs[job];
        let link = &self.channels[channel].ack.condition;
        let (_, between) = self.loss_of_delivery(channel, record.instance);
        let between = either(
            between,
            self.channels[channel].deliver.condition.drop_replies,
        );
        let is_lost = link.down.is_some()
            || happens(either(link.drop, between), || {
                self.draws_of(record.run, record.step)
                    .drop
                    .draw(self.who(record.run, record.lineage) + losses::WORD)
            });
        !is_lost && self.brokers[broker].condition.down.is_none()
    }

    /// A message is acknowledged after so many deliveries: a failure that a further one made good is not what the flow run
    /// will fail of.
    pub(super) fn made_good(&mut self, run: Ref, deliveries: u32) {
        let record = &mut self.runs[run];
        if deliveries > 1 && !record.parked && record.undo == Undo::No {
            record.cause = None;
        }
    }

    /// The work on a message that can never be processed fails: because of the fault that spoilt it at the broker.
    pub(in crate::engine) fn fail_of_poison(&mut self, job: Ref) {
        let (run, step) = (self.jobs[job].run, self.jobs[job].step);
        self.blame(run, |world| Cause {
            outcome: Outcome::Error,
            place: Place::At(step),
            starved_by: None,
            fault: world.poisoner_of(run, step),
        });
        self.finish(job, Outcome::Error);
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
            if is_connected && self.channels[channel].queue.is_ordered() {
                // Not committed: it is read again, and by whoever reads it then.
                self.fetch_again(message, channel, consumer);
            }
        } else if is_connected {
            self.channels[channel].queue.credit(consumer);
            self.free_lane_of(job, channel);
        }
        self.discard(job);
    }

    /// Is a message acknowledged before its work?
    pub(super) fn acks_before(&self, channel: ChannelId) -> bool {
        self.wiring.channels[channel].ack == Ack::Before
    }

    /// A message acknowledged before its work keeps its lane until the work is done.
    pub(super) fn free_lane_of(&mut self, job: Ref, channel: ChannelId) {
        if self.acks_before(channel) {
            let lane = self.lane_of(self.jobs[job].run, channel);
            self.channels[channel].queue.free(lane);
        }
    }

    /// Which of the channel's consumers a job is: an instance, or all of them where they share one line.
    pub(super) fn consumer_of(&self, job: Ref, channel: ChannelId) -> usize {
        if self.is_shared(self.channels[channel].service) {
            0
        } else {
            self.jobs[job].instance as usize
        }
    }

    /// If the message is ready (again), it is no longer.
    fn forget_ready(&mut self, message: Ref, channel: ChannelId) {
        match self.messages[message].state {
            Stage::Ready => {
                let lane = self.messages[message].lane;
                self.channels[channel].queue.ready_lost(lane);
            }
            // A delivery that got lost holds a place until its message is back or gone.
            Stage::Unacked if self.messages[message].job.is_none() => {
                let holder = self.messages[message].holder as usize;
                self.free_place(channel, holder);
            }
            _ => {}
        }
    }

    /// A place whose delivery nobody will answer: free at once, or when the consumer, which hangs, connects anew.
    pub(super) fn free_place(&mut self, channel: ChannelId, consumer: usize) {
        let hangs = self.hangs(channel, consumer);
        let queue = &mut self.channels[channel].queue;
        if hangs {
            queue.void(consumer);
        } else {
            queue.credit(consumer);
        }
    }

    /// Does a consumer take what it is given and never answer?
    pub(super) fn hangs(&self, channel: ChannelId, consumer: usize) -> bool {
        let service = self.channels[channel].service;
        let instances = &self.services[service].instances;
        let hangs = |instance: &Instance| instance.condition.down == Some(Manner::Hang);
        !self.is_shared(service) && hangs(&instances[consumer])
    }
}
