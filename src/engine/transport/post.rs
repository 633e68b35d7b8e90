//! Deliveries that are calls (A29): a webhook's sender, or a worker beside the sender, calls the consumer for each message,
//! keeps what failed and tries again by its schedule.
//!
//! ```text
//!   Ready ─► Unacked: call ─► ok ─► acked
//!     ▲                └─► failed ─► PutOff, or out of deliveries
//!     └──────────────────────────────┘
//! ```

use crate::engine::probe::Probe;
use crate::engine::record::Caller;
use crate::engine::slab::Ref;
use crate::engine::world::{Exit, World};
use crate::model::ChannelId;
use crate::policies::Outcome;

impl<P: Probe> World<'_, P> {
    /// Are the channel's deliveries calls?
    pub(super) fn is_posted(&self, channel: ChannelId) -> bool {
        self.wiring.channels[channel].post.is_some()
    }

    /// Is whoever keeps the channel's messages at work? A broker always is, as far as this question goes.
    pub(super) fn is_kept(&self, channel: ChannelId) -> bool {
        let Some(keeper) = self.wiring.channels[channel].keeper else {
            return true;
        };
        self.is_at_work(keeper)
    }

    /// Posts the next ready message, if another may be under way.
    pub(super) fn post_next(&mut self, channel: ChannelId) -> bool {
        let state = &mut self.channels[channel];
        let Some((_, lane)) = state.queue.next(|_| true) else {
            return false;
        };
        state.n_asked += 1;
        let message = self.take_ready(channel, lane);
        self.post(message, channel);
        true
    }

    fn post(&mut self, message: Ref, channel: ChannelId) {
        let edge = self.wiring.channels[channel]
            .post
            .expect("only such channels are asked");
        let now = self.now();
        let (run, lineage) = self.count_delivery(message, channel);
        let age = now - self.messages[message].published;
        let counted = self.runs[run].counted;
        self.probe.started(now, channel, counted, age);
        self.start_call(run, edge, Caller::Message(message, channel), lineage);
    }

    /// The call that delivered a message is over.
    pub(super) fn posted(&mut self, message: Ref, channel: ChannelId, outcome: Outcome) {
        self.channels[channel].queue.credit(0);
        let broker = self.wiring.channels[channel].broker;
        let Some(record) = self.messages.get(message) else {
            // Lost with its broker meanwhile.
            return self.deliver(channel);
        };
        let (run, deliveries) = (record.run, record.deliveries);
        if self.brokers[broker].condition.down.is_some() {
            // Nobody can be told: it is delivered again, whatever came of it.
            self.back_to_front(message, channel);
        } else if outcome.is_ok() {
            self.made_good(run, deliveries);
            self.reply_from(message, Outcome::Ok);
            self.exit(message, Exit::Acked);
        } else {
            self.failed_delivery(message, channel, outcome);
        }
        self.deliver(channel);
    }
}
