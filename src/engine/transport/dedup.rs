//! A broker that knows what it has had (A27): a message published again within its window is taken, and goes nowhere.

use crate::engine::probe::Probe;
use crate::engine::slab::Ref;
use crate::engine::world::{Exit, World};
use crate::policies::Outcome;

impl<P: Probe> World<'_, P> {
    /// Has the broker had the message before, which it has just written? Then its sender is told that all is well, and that is all.
    pub(super) fn is_known(&mut self, message: Ref) -> bool {
        let channel = self.messages[message].channel;
        let broker = self.wiring.channels[channel].broker;
        let Some(window) = self.system.brokers[broker].dedup else {
            return false;
        };
        let run = &self.runs[self.messages[message].run];
        let who = (run.source, run.ordinal);
        let now = self.now();
        if self.channels[channel].seen.is_news(who, now, window) {
            return false;
        }
        self.channels[channel].queue.write_lost();
        let riders = self.unload_riders(message);
        if self.messages[message].is_relayed {
            self.confirm_to_relay(message);
        }
        if let Some(sender) = self.messages[message].sender.take() {
            self.ledger.channels[channel].published += 1;
            if self.messages[message].reply_to.is_none() {
                self.tell_sender(sender, message, Outcome::Ok);
            }
        }
        self.exit(message, Exit::Acked);
        self.fan_out(riders);
        self.let_in(channel);
        true
    }
}
