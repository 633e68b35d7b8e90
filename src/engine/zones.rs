//! Who stands in which zone, and what gets lost between two of them (A30).

use super::probe::Probe;
use super::record::{Caller, Message};
use super::slab::Ref;
use super::timetable::Leak;
use super::world::World;
use crate::model::{BrokerId, ChannelId, EdgeId, Link, ServiceId, Target, Ways, ZoneId};

impl<P: Probe> World<'_, P> {
    /// What gets lost between zones is another amount now. A consumer that can talk to its broker again connects anew.
    pub(super) fn change_between(&mut self) {
        let consumers = self.consumers();
        let was_cut: Vec<bool> = consumers.iter().map(|who| self.is_cut_off(*who)).collect();
        self.faults.leaks = self.leaks_now();
        self.change_links();
        for service in self.services.ids() {
            self.note_soundness(service);
        }
        for channel in self.channels.ids() {
            self.membership(channel);
        }
        for (who, was_cut) in consumers.into_iter().zip(was_cut) {
            if was_cut && !self.is_cut_off(who) {
                let (channel, instance) = who;
                self.reconnect(self.channels[channel].service, instance);
            }
        }
    }

    /// The losses of every fault that acts.
    fn leaks_now(&self) -> Vec<Leak> {
        let mut leaks = Vec::new();
        let targets = self.system.faults.iter().map(|fault| fault.target);
        let mut seen = Vec::new();
        for target in targets {
            let Target::Between { from, to, ways } = target else {
                continue;
            };
            if seen.contains(&target) {
                continue;
            }
            seen.push(target);
            let share = self.condition(target, 0).drop;
            if share > 0.0 {
                leaks.push(Leak { from, to, share });
                if ways == Ways::Both {
                    leaks.push(Leak {
                        from: to,
                        to: from,
                        share,
                    });
                }
            }
        }
        leaks
    }

    /// The share of what is sent from one zone to another that gets lost; what stands nowhere in particular loses nothing.
    pub(super) fn loss_between(&self, from: Option<ZoneId>, to: Option<ZoneId>) -> f64 {
        let (Some(from), Some(to)) = (from, to) else {
            return 0.0;
        };
        let leaks = self.faults.leaks.iter();
        let on_the_way = leaks.filter(|leak| (leak.from, leak.to) == (from, to));
        1.0 - on_the_way.fold(1.0, |kept, leak| kept * (1.0 - leak.share))
    }

    /// Where an instance stands. Those that share one line stand nowhere: somebody takes what comes on either side.
    pub(super) fn zone_of_instance(&self, service: ServiceId, instance: u32) -> Option<ZoneId> {
        if self.is_shared(service) {
            return None;
        }
        self.system.services[service].zone_of(instance)
    }

    /// Where a broker works now.
    pub(super) fn zone_of_broker(&self, broker: BrokerId) -> Option<ZoneId> {
        let zones = &self.system.brokers[broker].zones;
        zones.get(self.brokers[broker].zone).copied()
    }

    /// Where a caller stands; clients, and whoever posts messages, are nowhere.
    pub(super) fn zone_of(&self, caller: Caller) -> Option<ZoneId> {
        let of = match caller {
            Caller::Job(of, _) => of,
            Caller::Hedge(of) => return self.zone_of(self.calls.get(of)?.caller),
            Caller::Client | Caller::Message(..) => return None,
        };
        let service = self.system.steps[self.jobs.get(of)?.step].service;
        let instance = u32::try_from(self.caller_instance(caller)).expect("a count of instances");
        self.zone_of_instance(service, instance)
    }

    /// Where a job is done.
    fn zone_of_job(&self, job: Ref) -> Option<ZoneId> {
        let record = &self.jobs[job];
        let service = self.system.steps[record.step].service;
        self.zone_of_instance(service, record.instance)
    }

    /// The share of a call's requests that get lost on their way to an instance.
    #[cold]
    pub(super) fn loss_to(&self, call: Ref, service: ServiceId, instance: u32) -> f64 {
        let caller = self.calls.get(call).map(|record| record.caller);
        let from = caller.and_then(|caller| self.zone_of(caller));
        self.loss_between(from, self.zone_of_instance(service, instance))
    }

    /// The share of replies that get lost on their way from where a job was done to whoever called for it.
    #[cold]
    pub(super) fn loss_back(&self, job: Ref, call: Ref) -> f64 {
        let caller = self.calls.get(call).map(|record| record.caller);
        let to = caller.and_then(|caller| self.zone_of(caller));
        self.loss_between(self.zone_of_job(job), to)
    }

    /// The same for messages on their way from their sender to the broker.
    #[cold]
    pub(super) fn loss_of_message(&self, message: &Message) -> f64 {
        let broker = self.wiring.channels[message.channel].broker;
        self.loss_between(self.zone_of_sender(message), self.zone_of_broker(broker))
    }

    /// The same for the broker's words on their way to a relay.
    pub(super) fn loss_to_relay(&self, message: Ref) -> f64 {
        if self.faults.leaks.is_empty() {
            return 0.0;
        }
        let record = &self.messages[message];
        let broker = self.wiring.channels[record.channel].broker;
        self.loss_between(self.zone_of_broker(broker), self.zone_of_sender(record))
    }

    /// Which instance of its service makes a call.
    pub(super) fn sender_instance(&self, call: Ref) -> u32 {
        let instance = self.caller_instance(self.calls[call].caller);
        u32::try_from(instance).expect("a count of instances")
    }

    /// Where whoever sends a message stands.
    fn zone_of_sender(&self, message: &Message) -> Option<ZoneId> {
        let from = self.wiring.edges[message.edge].from?;
        self.zone_of_instance(self.system.steps[from].service, message.holder)
    }

    /// The same for the broker's words on their way to whoever made a call over an edge.
    #[cold]
    pub(super) fn loss_of_word(&self, call: Ref, edge: EdgeId) -> f64 {
        let Link::Publish(publish) = &self.wiring.edges[edge].link else {
            return 0.0;
        };
        let broker = self.wiring.channels[publish.channel].broker;
        let to = self.zone_of(self.calls[call].caller);
        self.loss_between(self.zone_of_broker(broker), to)
    }

    /// The share of what is sent from a channel's broker to one of its consumers that gets lost, and of what comes back. Whoever
    /// keeps the messages of a stream or a webhook stands nowhere.
    pub(super) fn loss_of_delivery(&self, channel: ChannelId, consumer: u32) -> (f64, f64) {
        if self.faults.leaks.is_empty() || self.wiring.channels[channel].keeper.is_some() {
            return (0.0, 0.0);
        }
        let broker = self.zone_of_broker(self.wiring.channels[channel].broker);
        let consumer = self.zone_of_instance(self.channels[channel].service, consumer);
        let (there, back) = (
            self.loss_between(broker, consumer),
            self.loss_between(consumer, broker),
        );
        (there, back)
    }

    /// Every instance that consumes from a channel.
    fn consumers(&self) -> Vec<(ChannelId, u32)> {
        let all = self.channels.enumerate().flat_map(|(id, channel)| {
            let instances = self.services[channel.service].instances.len();
            let n = u32::try_from(instances).expect("a count of instances");
            (0..n).map(move |instance| (id, instance))
        });
        all.collect()
    }

    /// The consumers of a channel that cannot talk to its broker.
    pub(super) fn cut_off_from(&self, channel: ChannelId) -> Vec<usize> {
        if self.faults.leaks.is_empty() {
            return Vec::new();
        }
        let service = self.channels[channel].service;
        let all = (0..).take(self.services[service].instances.len());
        let cut_off = all.filter(|&consumer| self.is_cut_off((channel, consumer)));
        cut_off.map(|consumer| consumer as usize).collect()
    }

    /// Can a consumer and its broker not talk to each other: does nothing get through one way, or the other?
    pub(super) fn is_cut_off(&self, (channel, consumer): (ChannelId, u32)) -> bool {
        let (there, back) = self.loss_of_delivery(channel, consumer);
        there >= 1.0 || back >= 1.0
    }
}
