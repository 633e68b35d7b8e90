//! What becomes of a message whose delivery came to nothing (A27): put off, put back, given up; and of whoever held it.
//!
//! ```text
//!   failed ─► PutOff ─► Ready        out of deliveries ─► parked, dropped, or everything waits (block)
//!   no answer (visibility, a lost connection, a consumer that hung) ─► Ready, in front
//! ```

use crate::brokers::{Ack, WhenExhausted};
use crate::engine::draws::child;
use crate::engine::event::Event;
use crate::engine::probe::{Cause, Doing, Place, Probe};
use crate::engine::record::{Message, NO_EVENT, Stage};
use crate::engine::slab::Ref;
use crate::engine::world::{Exit, World};
use crate::kernel::time::Duration;
use crate::model::{ChannelId, End, ServiceId};
use crate::policies::Outcome;
use crate::policies::retry::Retry;

/// The shortest wait between the endless deliveries of `then: block`, where no backoff is given: without one the same
/// instant would never end.
const BLOCK_WAIT_MIN: Duration = Duration::SECOND;

/// How soon a reader of a log fetches again what got lost on the way.
const FETCH_AGAIN: Duration = Duration::from_millis(500);

impl<P: Probe> World<'_, P> {
    /// A delivery failed: put off, or out of deliveries.
    pub(super) fn failed_delivery(&mut self, message: Ref, channel: ChannelId, outcome: Outcome) {
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
            WhenExhausted::DeadLetter => self.park(message, channel),
            WhenExhausted::Drop => self.exit(message, Exit::Dropped),
            WhenExhausted::Block => {
                let endless = Retry {
                    attempts: u32::MAX,
                    ..retry
                };
                let wait = endless
                    .next(made, outcome, previous, &mut draw)
                    .unwrap_or(Duration::ZERO);
                if !self.channels[channel].queue.is_ordered() {
                    self.channels[channel].held_up_by = Some(message);
                }
                self.put_off(message, if wait.is_zero() { BLOCK_WAIT_MIN } else { wait });
            }
        }
    }

    /// A message is out of deliveries: a dead letter, for good or until they are delivered anew. One whose sender waits for the
    /// reply is for good.
    fn park(&mut self, message: Ref, channel: ChannelId) {
        let now = self.now();
        let redrive = self.wiring.channels[channel].redrive;
        let record = &mut self.messages[message];
        if redrive.is_none_or(|redrive| now >= redrive.at) || record.reply_to.is_some() {
            return self.exit(message, Exit::DeadLettered);
        }
        record.state = Stage::Parked;
        record.event = NO_EVENT;
        record.job = None;
        let (run, lane) = (record.run, record.lane);
        self.runs[run].parked = true;
        self.message_does(message, Doing::Parked);
        let state = &mut self.channels[channel];
        if self.wiring.channels[channel].ack == Ack::After {
            state.queue.free(lane);
        }
        state.parked.push_back(message);
    }

    /// The oldest dead letter is delivered anew, as if for the first time.
    pub(in crate::engine) fn redrive(&mut self, channel: ChannelId) {
        let Some(redrive) = self.wiring.channels[channel].redrive else {
            return;
        };
        let Some(message) = self.channels[channel].parked.pop_front() else {
            return;
        };
        self.after(redrive.gap, Event::Redrive(channel.0));
        // A crash of its broker may have lost it.
        let is_there = |record: &&mut Message| record.state == Stage::Parked;
        let Some(record) = self.messages.get_mut(message).filter(is_there) else {
            return;
        };
        (record.deliveries, record.previous) = (0, Duration::ZERO);
        // What made it a dead letter is over.
        record.is_poison = false;
        let (run, lane) = (record.run, record.lane);
        self.runs[run].parked = false;
        self.ready_again(message);
        self.begins_to_wait(channel);
        self.channels[channel].queue.put_last(message, lane);
        self.deliver(channel);
    }

    /// A reader of a log missed a message, or its commit got lost: it fetches it again.
    pub(super) fn fetch_again(&mut self, message: Ref, channel: ChannelId, reader: usize) {
        self.channels[channel].queue.credit(reader);
        self.put_off(message, FETCH_AGAIN);
    }

    fn put_off(&mut self, message: Ref, wait: Duration) {
        let event = self.after(wait, Event::Message(message.idx));
        let record = &mut self.messages[message];
        record.state = Stage::PutOff;
        record.previous = wait;
        record.event = event;
        self.message_does(message, Doing::PutOff);
    }

    /// A message that was put off is due: at the end of the queue, or at once if everything waits for it.
    pub(super) fn due_again(&mut self, message: Ref) {
        let (channel, lane) = (self.messages[message].channel, self.messages[message].lane);
        self.ready_again(message);
        self.begins_to_wait(channel);
        let state = &mut self.channels[channel];
        if state.held_up_by == Some(message) || state.queue.is_ordered() {
            state.held_up_by = None;
            state.queue.put_first(message, lane);
        } else {
            state.queue.put_last(message, lane);
        }
        self.deliver(channel);
    }

    /// The visibility timeout is over: the message shows again, whatever its consumer does (A27).
    pub(super) fn visible_again(&mut self, message: Ref) {
        self.blame_visibility(message);
        let record = &mut self.messages[message];
        let (channel, holder, job) = (record.channel, record.holder as usize, record.job.take());
        if job.is_none() {
            self.free_place(channel, holder);
        }
        self.back_to_front(message, channel);
        self.deliver(channel);
    }

    /// On a stream without replay a message that nobody listens to is gone.
    pub(super) fn miss(&mut self, message: Ref, channel: ChannelId) {
        if self.wiring.channels[channel].stream != Some(Duration::ZERO) {
            return;
        }
        let Some(record) = self.messages.get(message) else {
            return;
        };
        if record.state == Stage::Ready {
            let lane = record.lane;
            self.blame_way(message, channel);
            self.channels[channel].queue.ready_lost(lane);
            self.exit(message, Exit::Lost);
        }
    }

    /// A message did not reach its consumer.
    pub(super) fn blame_way(&mut self, message: Ref, channel: ChannelId) {
        let record = &self.messages[message];
        let (run, published) = (record.run, record.published);
        let step = self.wiring.channels[channel].to;
        self.blame(run, |world| {
            let to = End::Service(world.channels[channel].service);
            let way = world.acting_between(published, world.end_of(channel), to);
            Cause {
                outcome: Outcome::Unreachable,
                place: Place::OnTheWay(step),
                starved_by: None,
                fault: way.or_else(|| world.acting_on_channel(channel, published)),
            }
        });
    }

    /// Puts a message back for another delivery; one out of deliveries is parked or dropped.
    pub(super) fn back_to_front(&mut self, message: Ref, channel: ChannelId) {
        self.messages[message].event = NO_EVENT;
        self.messages[message].job = None;
        let wired = &self.wiring.channels[channel];
        match wired.stream {
            None => {}
            Some(Duration::ZERO) => return self.exit(message, Exit::Lost),
            Some(_) => {
                // Whoever connects anew reads on from what it has done.
                self.messages[message].deliveries = 0;
            }
        }
        // What a reader of a log did not commit is read again, however often.
        let is_out = self.channels[channel].group.is_none()
            && self.messages[message].deliveries >= wired.redeliver.attempts;
        let exhausted = wired.when_exhausted;
        match exhausted {
            WhenExhausted::DeadLetter if is_out => self.park(message, channel),
            WhenExhausted::Drop if is_out => self.exit(message, Exit::Dropped),
            _ => {
                self.ready_again(message);
                self.begins_to_wait(channel);
                let lane = self.messages[message].lane;
                self.channels[channel].queue.put_first(message, lane);
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
        self.blame_consumer(job);
        if is_connected {
            self.channels[channel].queue.credit(consumer);
            self.free_lane_of(job, channel);
        }
        self.discard(job);
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
            Some(record) => {
                record.job = None;
                if is_connected
                    && self.channels[channel].queue.is_ordered()
                    && !self.hangs(channel, consumer)
                {
                    self.fetch_again(message, channel, consumer);
                }
            }
            None if is_connected => {
                self.free_place(channel, consumer);
                self.free_lane_of(job, channel);
            }
            None => {}
        }
        self.blame_consumer(job);
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

    /// A delivery came to nothing: its consumer is down, or went down.
    fn blame_consumer(&mut self, job: Ref) {
        let record = &self.jobs[job];
        let (run, step) = (record.run, record.step);
        self.blame(run, |world| Cause {
            outcome: Outcome::Reset,
            place: Place::Hanging(step),
            starved_by: None,
            fault: world.acting_on_service(world.system.steps[step].service),
        });
    }
}
