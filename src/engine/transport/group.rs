//! The consumers of a log as a group (A26): who is a member, who reads which partition, and what a change costs.
//!
//! ```text
//!   member gone ──(session)──► noticed ─┐
//!   member back ────────────────────────┴─► nobody reads for `rebalance`, then every partition has a reader again
//! ```

use crate::engine::event::Event;
use crate::engine::probe::Probe;
use crate::engine::record::{Stage, Stand};
use crate::engine::world::World;
use crate::model::ChannelId;

impl<P: Probe> World<'_, P> {
    /// The condition of the consumers has changed: one that is gone is missed after the session timeout, one that is back
    /// joins at once.
    pub(in crate::engine) fn membership(&mut self, channel: ChannelId) {
        if self.channels[channel].group.is_none() {
            return;
        }
        let is_alive = self.alive(channel);
        let now = self.now();
        let session = self.wiring.channels[channel].session;
        let (mut joins, mut goes) = (false, false);
        if let Some(group) = &mut self.channels[channel].group {
            for (k, &alive) in is_alive.iter().enumerate() {
                if alive && !group.is_member[k] {
                    group.is_member[k] = true;
                    joins = true;
                } else if !alive && group.is_member[k] {
                    group.gone_at[k] = now;
                    goes = true;
                }
            }
        }
        if goes {
            self.after(session, Event::Session(channel.0));
        }
        if joins {
            self.rebalance(channel);
        }
    }

    /// Somebody's session may be over: whoever has been gone for that long is no member any more.
    pub(in crate::engine) fn session_over(&mut self, channel: ChannelId) {
        let is_alive = self.alive(channel);
        let now = self.now();
        let session = self.wiring.channels[channel].session;
        let mut is_changed = false;
        if let Some(group) = &mut self.channels[channel].group {
            for (k, &alive) in is_alive.iter().enumerate() {
                if group.is_member[k] && !alive && group.gone_at[k] + session <= now {
                    group.is_member[k] = false;
                    is_changed = true;
                }
            }
        }
        if is_changed {
            self.rebalance(channel);
        }
    }

    /// Readers anew among the members. What was with somebody who is no member is read again; what a member is working on it
    /// finishes, and only then the partition's new reader goes on.
    fn rebalance(&mut self, channel: ChannelId) {
        let pause = self.wiring.channels[channel].rebalance;
        let now = self.now();
        let state = &mut self.channels[channel];
        let Some(group) = &mut state.group else {
            return;
        };
        group.paused_until = now + pause;
        state.queue.assign(&group.is_member);
        let is_member = group.is_member.clone();
        let stranded = self.in_order(|m| {
            m.channel == channel && m.state == Stage::Unacked && !is_member[m.holder as usize]
        });
        for message in stranded.into_iter().rev() {
            let holder = self.messages[message].holder as usize;
            self.channels[channel].queue.credit(holder);
            self.back_to_front(message, channel);
        }
        self.after(pause, Event::Wake(channel.0));
    }

    /// Which of the channel's consumers are up: each instance, or all of them where they share one line.
    fn alive(&self, channel: ChannelId) -> Vec<bool> {
        let service = self.channels[channel].service;
        let is_up = self.services[service]
            .instances
            .iter()
            .map(|instance| instance.condition.down.is_none() && instance.stands == Stand::Serving);
        if self.is_shared(service) {
            vec![is_up.into_iter().any(|is_up| is_up)]
        } else {
            let feed = self.channels[channel].feed;
            let is_of = |k| feed.is_none_or(|feed| feed.instance as usize == k);
            let cut_off = self.cut_off_from(channel);
            is_up
                .enumerate()
                .map(|(k, is_up)| is_up && is_of(k) && !cut_off.contains(&k))
                .collect()
        }
    }
}
