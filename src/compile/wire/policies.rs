//! What was written for each edge and channel: `a -> b` over `b` over `*`, field by field.

use std::collections::BTreeMap;

use super::checks;
use super::guards::{self, GuardNote};
use crate::brokers::{Ack, Confirm, Kind, WhenExhausted, WhenRefused};
use crate::compile::codes;
use crate::compile::mistakes::Mistakes;
use crate::compile::resolve::{Resolved, parts};
use crate::kernel::time::Duration;
use crate::model::{
    self, BrokerId, Call, Cancel, Channel, ChannelId, DeadlineOf, Guarded, Link, Publish,
    ServiceId, StepId,
};
use crate::policies::budget::Budget;
use crate::policies::hedge::Hedge;
use crate::policies::outlier::OutlierEjection;
use crate::policies::retry::Retry;
use crate::scenario::{
    self, CallPolicies, CircuitBreaker, Consume, Count, Entry, Spanned, Variant, defaults,
};

/// What was written for a call, merged.
#[derive(Clone, Default)]
pub(crate) struct CallNote<'a> {
    /// Limit for each attempt.
    pub(crate) timeout: Option<&'a Spanned<Duration>>,
    /// Limit for the whole call.
    pub(crate) deadline: Option<&'a Spanned<Duration>>,
    /// Further attempts.
    pub(crate) retry: Option<&'a Spanned<Retry>>,
    /// The broker that takes what could not be called.
    pub(crate) fallback: Option<&'a Spanned<String>>,
    cancel: Option<&'a Spanned<bool>>,
    budget: Option<&'a Spanned<Budget>>,
    hedge: Option<&'a Spanned<Option<Hedge>>>,
    ejection: Option<&'a Spanned<Option<OutlierEjection>>>,
    propagate: Option<&'a Spanned<bool>>,
    is_static: Option<&'a Spanned<bool>>,
    /// What is written for this call by its name, not for all.
    named: Vec<&'a CallPolicies>,
    guards: GuardNote<'a>,
}

/// What was written for a consumer, merged.
#[derive(Clone, Default)]
pub(crate) struct ConsumeNote<'a> {
    /// Workers set apart.
    pub(crate) workers: Option<&'a Count>,
    prefetch: Option<&'a Count>,
    ack: Option<Ack>,
    visibility: Option<&'a Spanned<Duration>>,
    redeliver: Option<&'a Spanned<Retry>>,
    then: Option<WhenExhausted>,
    pub(crate) timeout: Option<&'a Spanned<Duration>>,
    rate_limit: Option<&'a Spanned<scenario::RateLimit>>,
    poll: Option<&'a Spanned<Duration>>,
    batch: Option<&'a Count>,
    circuit_breaker: Option<&'a Spanned<Option<CircuitBreaker>>>,
    replay: Option<&'a Spanned<Duration>>,
    redrive: Option<&'a Spanned<(Duration, f64)>>,
    linger: Option<&'a Spanned<Duration>>,
    session: Option<&'a Spanned<Duration>>,
    rebalance: Option<&'a Spanned<Duration>>,
}

/// The variant's policies by whom they speak of; remembers which were asked for.
pub(crate) struct Book<'a> {
    calls: BTreeMap<&'a str, (&'a Entry<CallPolicies>, Asked)>,
    arrows: BTreeMap<(&'a str, &'a str), (&'a Entry<CallPolicies>, Asked)>,
    consume: BTreeMap<&'a str, (&'a Entry<Consume>, Asked)>,
    publish: &'a scenario::Publish,
}

#[derive(Clone, Copy, PartialEq)]
enum Asked {
    No,
    Yes,
}

impl<'a> Book<'a> {
    /// The book of a variant; reports keys that name nothing, and values that mean nothing.
    pub(crate) fn new(
        variant: &'a Variant,
        resolved: &Resolved<'_>,
        mistakes: &mut Mistakes,
    ) -> Self {
        let mut book = Self {
            calls: BTreeMap::new(),
            arrows: BTreeMap::new(),
            consume: BTreeMap::new(),
            publish: &variant.publish,
        };
        let index = &resolved.index;
        for entry in &variant.calls {
            checks::call(&entry.value, mistakes);
            if let Some((from, to)) = entry.name.split_once("->") {
                let (from, to) = (from.trim(), to.trim());
                if !index.sources.contains_key(from) {
                    known_step(from, entry, resolved, mistakes);
                }
                known_step(to, entry, resolved, mistakes);
                book.arrows.insert((from, to), (entry, Asked::No));
            } else {
                known_step(&entry.name, entry, resolved, mistakes);
                book.calls.insert(&entry.name, (entry, Asked::No));
            }
        }
        for entry in &variant.consume {
            checks::consume(&entry.value, mistakes);
            known_step(&entry.name, entry, resolved, mistakes);
            book.consume.insert(&entry.name, (entry, Asked::No));
        }
        checks::publish(&variant.publish, mistakes);
        book
    }

    /// The policies of a call from a step or source to a step.
    pub(crate) fn call(&mut self, from: &'a str, to: &'a str) -> CallNote<'a> {
        let mut note = CallNote::default();
        let arrow = ask(self.arrows.get_mut(&(from, to)));
        for entry in [
            arrow,
            ask(self.calls.get_mut(to)),
            ask(self.calls.get_mut("*")),
        ] {
            let Some(entry) = entry else { continue };
            let written = &entry.value;
            if entry.name != "*" {
                note.named.push(written);
            }
            note.timeout = note.timeout.or(written.timeout.as_ref());
            note.deadline = note.deadline.or(written.deadline.as_ref());
            if note.retry.is_none() {
                note.budget = written.budget.as_ref();
            }
            note.retry = note.retry.or(written.retry.as_ref());
            note.guards.merge(written);
            note.hedge = note.hedge.or(written.hedge.as_ref());
            note.ejection = note.ejection.or(written.outlier_ejection.as_ref());
            note.cancel = note.cancel.or(written.cancel.as_ref());
            note.propagate = note.propagate.or(written.propagate.as_ref());
            if note.fallback.is_none() && note.is_static.is_none() {
                (note.fallback, note.is_static) =
                    (written.fallback.as_ref(), written.is_static.as_ref());
            }
        }
        note
    }

    /// The policies of a step that consumes.
    pub(crate) fn consume(&mut self, step: &str) -> ConsumeNote<'a> {
        let mut note = ConsumeNote::default();
        for entry in [
            ask(self.consume.get_mut(step)),
            ask(self.consume.get_mut("*")),
        ] {
            let Some(entry) = entry else { continue };
            let written = &entry.value;
            note.workers = note.workers.or(written.workers.as_ref());
            note.prefetch = note.prefetch.or(written.prefetch.as_ref());
            note.ack = note.ack.or(written.ack);
            note.visibility = note.visibility.or(written.visibility.as_ref());
            note.redeliver = note.redeliver.or(written.redeliver.as_ref());
            note.then = note.then.or(written.then);
            note.timeout = note.timeout.or(written.timeout.as_ref());
            note.rate_limit = note.rate_limit.or(written.rate_limit.as_ref());
            note.poll = note.poll.or(written.poll.as_ref());
            note.batch = note.batch.or(written.batch.as_ref());
            note.circuit_breaker = note.circuit_breaker.or(written.circuit_breaker.as_ref());
            note.replay = note.replay.or(written.replay.as_ref());
            note.redrive = note.redrive.or(written.redrive.as_ref());
            note.linger = note.linger.or(written.linger.as_ref());
            note.session = note.session.or(written.session.as_ref());
            note.rebalance = note.rebalance.or(written.rebalance.as_ref());
        }
        note
    }

    /// What senders do when the broker has refused for good.
    pub(crate) fn publish_fallback(&self) -> Option<&'a Spanned<String>> {
        self.publish.fallback.as_ref()
    }

    /// The sender's side of a hand-over; `confirm` is the broker's own word on it.
    pub(crate) fn publish(&self, channel: ChannelId, confirm: Option<Confirm>) -> Publish {
        let written = self.publish;
        let own = written.confirm.map(|waits| {
            if waits {
                Confirm::Waits
            } else {
                Confirm::Forgets
            }
        });
        Publish {
            channel,
            is_local: false,
            awaits_reply: false,
            relay: written
                .outbox
                .as_ref()
                .map_or(defaults::RELAY, |relay| relay.value),
            deadline: Duration::MAX,
            confirm: own.or(confirm).unwrap_or(Confirm::Waits),
            when_refused: written
                .when_refused
                .as_ref()
                .map_or(defaults::WHEN_REFUSED, |when| when.value),
            timeout: written
                .timeout
                .as_ref()
                .map_or(Duration::MAX, |timeout| timeout.value),
            retry: written
                .retry
                .as_ref()
                .map_or(defaults::PUBLISH_RETRY, |retry| retry.value),
        }
    }

    /// Warns about keys that nothing asked for. `*` may stand for nothing.
    pub(crate) fn warn_unused(&self, resolved: &Resolved<'_>, mistakes: &mut Mistakes) {
        let calls = self
            .calls
            .iter()
            .map(|(&name, &(entry, asked))| (name, entry.place, asked));
        for (name, place, asked) in calls {
            if asked == Asked::No && resolved.index.all_steps.contains_key(name) {
                let message = format!("nothing calls `{name}` in this variant");
                mistakes
                    .warn(codes::UNUSED_KEY, place, message)
                    .help("what reaches it by a message is written under `consume`");
            }
        }
        for (&(from, to), &(entry, asked)) in &self.arrows {
            let steps = &resolved.index.all_steps;
            let is_known = steps.contains_key(to)
                && (steps.contains_key(from) || resolved.index.sources.contains_key(from));
            if asked == Asked::No && is_known {
                let message = format!("`{from}` does not call `{to}` in this variant");
                mistakes.warn(codes::UNUSED_KEY, entry.place, message);
            }
        }
        for (&name, &(entry, asked)) in &self.consume {
            if asked == Asked::No && resolved.index.all_steps.contains_key(name) {
                let message = format!("`{name}` consumes nothing in this variant");
                mistakes
                    .warn(codes::UNUSED_KEY, entry.place, message)
                    .help("what calls it is written under `calls`");
            }
        }
    }
}

fn ask<'a, T>(entry: Option<&mut (&'a Entry<T>, Asked)>) -> Option<&'a Entry<T>> {
    entry.map(|(entry, asked)| {
        *asked = Asked::Yes;
        *entry
    })
}

fn known_step<T>(name: &str, entry: &Entry<T>, resolved: &Resolved<'_>, mistakes: &mut Mistakes) {
    let steps = &resolved.index.all_steps;
    if name != "*" && !steps.contains_key(name) {
        mistakes.unknown(
            codes::UNKNOWN,
            entry.place,
            "step",
            name,
            steps.keys().copied(),
        );
    }
}

impl CallNote<'_> {
    /// What retries may draw upon.
    pub(crate) fn budget(&self) -> Option<Budget> {
        self.budget.map(|budget| budget.value)
    }

    /// Further requests beside one that is out, where a step is called.
    pub(crate) fn hedge_over(&self, link: &Link) -> Option<Hedge> {
        match link {
            Link::Call(_) => self.hedge?.value,
            Link::Publish(_) => None,
        }
    }

    /// Which instances of the callee are taken off the list, where a step is called.
    pub(crate) fn ejection_over(&self, link: &Link) -> Option<OutlierEjection> {
        match link {
            Link::Call(_) => self.ejection?.value,
            Link::Publish(_) => None,
        }
    }

    /// What attempts must pass.
    pub(crate) fn guards(&self, mistakes: &mut Mistakes) -> Vec<Guarded> {
        self.guards.guards(mistakes)
    }

    /// The same for a call that travels as a message, and its answer as another: request-reply over a broker.
    pub(crate) fn request(&self, channel: ChannelId) -> Publish {
        let Call {
            timeout,
            deadline,
            retry,
            ..
        } = self.policies();
        Publish {
            channel,
            awaits_reply: true,
            relay: defaults::RELAY,
            deadline,
            is_local: false,
            confirm: Confirm::Waits,
            when_refused: if retry.attempts > 1 {
                WhenRefused::Retry
            } else {
                WhenRefused::Fail
            },
            timeout,
            retry,
        }
    }

    /// Warns about keys that mean nothing where the request travels as a message.
    pub(crate) fn warn_of_requests(&self, callee: &str, mistakes: &mut Mistakes) {
        let place = |on: &Option<Spanned<bool>>| on.as_ref().map(|on| on.place);
        let unused = self.named.iter().flat_map(|written| {
            [
                ("cancel", place(&written.cancel)),
                ("propagate", place(&written.propagate)),
                ("fallback", place(&written.is_static)),
                ("fallback", written.fallback.as_ref().map(|via| via.place)),
                ("hedge", written.hedge.as_ref().map(|hedge| hedge.place)),
                (
                    "outlier_ejection",
                    written.outlier_ejection.as_ref().map(|law| law.place),
                ),
            ]
        });
        for (key, place) in unused {
            if let Some(place) = place {
                let message = format!("`{callee}` is asked by a message: `{key}` has no effect");
                mistakes.warn(codes::UNUSED_KEY, place, message).help(
                    "`timeout`, `deadline`, `retry` and the policies of `order` hold for requests by message too",
                );
            }
        }
    }

    /// With every default filled.
    pub(crate) fn policies(&self) -> Call {
        Call {
            timeout: self.timeout.map_or(Duration::MAX, |timeout| timeout.value),
            deadline: self
                .deadline
                .map_or(Duration::MAX, |deadline| deadline.value),
            retry: self.retry.map_or(defaults::RETRY, |retry| retry.value),
            cancel: if self.cancel.map_or(defaults::CANCEL, |on| on.value) {
                Cancel::Stops
            } else {
                Cancel::RunsOn
            },
            deadline_of: if self.propagate.map_or(defaults::PROPAGATE, |on| on.value) {
                DeadlineOf::Caller
            } else {
                DeadlineOf::Own
            },
        }
    }

    /// Does a value at hand stand for what could not be called?
    pub(crate) fn has_static(&self, link: &Link) -> bool {
        matches!(link, Link::Call(_)) && self.is_static.is_some_and(|on| on.value)
    }
}

impl ConsumeNote<'_> {
    /// What deliveries that are calls must pass.
    pub(crate) fn guards(&self) -> Vec<Guarded> {
        let breaker = self.circuit_breaker.and_then(|written| written.value);
        breaker.map(guards::breaker).into_iter().collect()
    }

    /// Refuses what only deliveries that are calls can have.
    pub(crate) fn refuse_of_calls(&self, consumer: &str, mistakes: &mut Mistakes) {
        if let Some(written) = self.circuit_breaker {
            let message = format!(
                "`{consumer}` is not called for its messages: a `circuit_breaker` there is not supported yet"
            );
            mistakes
                .error(codes::UNSUPPORTED, written.place, message)
                .help("it stands before a webhook or an `external` service");
        }
    }

    /// With every default filled. Prefetch is by default one message for each worker that serves the channel.
    pub(crate) fn channel(
        &self,
        broker: BrokerId,
        to: StepId,
        resolved: &Resolved<'_>,
        own: Option<&scenario::Broker>,
        mistakes: &mut Mistakes,
    ) -> Channel {
        let services = &resolved.system.services;
        let service = services.get(resolved.step(to).service);
        let is_log = resolved.system.brokers.get(broker).map(|b| b.kind) == Some(Kind::Log);
        self.warn_of_kind(is_log, mistakes);
        let workers = self.workers.map(|workers| workers.value);
        let serving = workers.or(service.map(|service| service.concurrency));
        let redeliver = self
            .redeliver
            .map_or(defaults::REDELIVER, |redeliver| redeliver.value);
        let when_exhausted = self.then.unwrap_or(defaults::WHEN_EXHAUSTED);
        if let Some(written) = self.redeliver
            && when_exhausted == WhenExhausted::Block
            && redeliver.attempts != u32::MAX
            && checks::is_instant(redeliver.backoff)
        {
            mistakes
                .error(
                    codes::ENDLESS,
                    written.place,
                    "`then: block` redelivers for ever, and without a wait",
                )
                .help("add `backoff: 1s..60s`");
        }
        let (batch, linger) = self.batch(own, mistakes);
        Channel {
            broker,
            to,
            workers,
            post: None,
            keeper: None,
            rate_limit: parts::rate_limit(self.rate_limit, mistakes),
            prefetch: match self.prefetch {
                Some(prefetch) => prefetch.value,
                // One message of each partition is out at a time: that is bound enough.
                None if is_log => model::UNLIMITED,
                None => serving.unwrap_or(1),
            },
            ack: self.ack.unwrap_or(defaults::ACK),
            visibility: match self.visibility {
                Some(visibility) if !is_log => visibility.value,
                _ => Duration::MAX,
            },
            redeliver,
            when_exhausted,
            poll: self.poll(own),
            batch,
            linger,
            session: self
                .session
                .map_or(defaults::SESSION, |session| session.value),
            rebalance: self
                .rebalance
                .map_or(defaults::REBALANCE, |rebalance| rebalance.value),
            stream: None,
            redrive: self
                .redrive
                .and_then(|redrive| parts::redrive(redrive, &resolved.system.plan, mistakes)),
            feed: None,
        }
    }

    /// How many it takes at one asking, and how long it waits for so many: its own, or the broker's.
    fn batch(&self, own: Option<&scenario::Broker>, mistakes: &mut Mistakes) -> (u32, Duration) {
        let batch = self.batch.or(own.and_then(|own| own.batch.as_ref()));
        let batch = batch.map_or(defaults::BATCH, |batch| batch.value);
        let Some(linger) = self.linger.or(own.and_then(|own| own.linger.as_ref())) else {
            return (batch, Duration::ZERO);
        };
        if batch <= 1 && !linger.value.is_zero() {
            mistakes
                .warn(
                    codes::UNUSED_KEY,
                    linger.place,
                    "`linger` has no effect: a batch of one is full at once",
                )
                .help("add `batch: 100`");
        }
        (batch, linger.value)
    }

    /// How long it sleeps: its own, or the broker's; `none` is no sleep at all.
    fn poll(&self, own: Option<&scenario::Broker>) -> Duration {
        let written = self.poll.or(own.and_then(|own| own.poll.as_ref()));
        match written.map(|poll| poll.value) {
            None | Some(Duration::MAX) => defaults::POLL,
            Some(poll) => poll,
        }
    }

    /// Makes a channel a stream from its sender: all is pushed as it comes, and nobody answers. What is replayed is what was not
    /// worked off; without that a delivery is all there is.
    pub(crate) fn stream(
        &self,
        keeper: ServiceId,
        consumer: &str,
        channel: &mut Channel,
        mistakes: &mut Mistakes,
    ) {
        let unused = [
            ("prefetch", self.prefetch.map(|count| count.place)),
            ("visibility", self.visibility.map(|span| span.place)),
            ("redeliver", self.redeliver.map(|retry| retry.place)),
            ("poll", self.poll.map(|span| span.place)),
            ("linger", self.linger.map(|span| span.place)),
            ("at", self.redrive.map(|redrive| redrive.place)),
        ];
        for (key, place) in unused {
            if let Some(place) = place {
                let message = format!("`{consumer}` reads a stream: `{key}` has no effect");
                mistakes
                    .warn(codes::UNUSED_KEY, place, message)
                    .help("what it missed is sent again as far back as `replay` says");
            }
        }
        channel.stream = Some(match self.replay.map(|replay| replay.value) {
            None | Some(Duration::MAX) => Duration::ZERO,
            Some(replay) => replay,
        });
        channel.keeper = Some(keeper);
        channel.prefetch = model::UNLIMITED;
        channel.visibility = Duration::MAX;
        channel.ack = Ack::After;
        channel.redeliver = Retry::NEVER;
        channel.when_exhausted = WhenExhausted::Drop;
        channel.poll = Duration::ZERO;
        channel.linger = Duration::ZERO;
    }

    /// Warns about a replay where there is no stream.
    pub(crate) fn warn_of_replay(&self, consumer: &str, mistakes: &mut Mistakes) {
        if let Some(replay) = self.replay {
            let message = format!("`{consumer}` reads no stream: `replay` has no effect");
            mistakes.warn(codes::UNUSED_KEY, replay.place, message);
        }
    }

    /// Warns about keys that mean nothing where somebody calls the consumer for each message.
    pub(crate) fn warn_of_posts(&self, consumer: &str, mistakes: &mut Mistakes) {
        let unused = [
            ("prefetch", self.prefetch.map(|count| count.place)),
            ("visibility", self.visibility.map(|span| span.place)),
        ];
        for (key, place) in unused {
            if let Some(place) = place {
                let message =
                    format!("`{consumer}` is called for each message: `{key}` has no effect");
                mistakes
                    .warn(codes::UNUSED_KEY, place, message)
                    .help("`workers` bounds the calls under way, `timeout` each of them");
            }
        }
    }

    /// Warns about keys that the broker's kind does not know.
    fn warn_of_kind(&self, is_log: bool, mistakes: &mut Mistakes) {
        let place = |span: Option<&Spanned<Duration>>| span.map(|span| span.place);
        let unused = if is_log {
            [
                (
                    "visibility",
                    place(self.visibility),
                    "a log keeps what is not committed",
                ),
                ("", None, ""),
            ]
        } else {
            [
                (
                    "session",
                    place(self.session),
                    "a queue has no group: a lost connection is seen at once",
                ),
                (
                    "rebalance",
                    place(self.rebalance),
                    "a queue has no group: its consumers compete",
                ),
            ]
        };
        for (key, place, help) in unused {
            if let Some(place) = place {
                let kind = if is_log { "log" } else { "queue" };
                let message = format!("`{key}` has no effect on a {kind}");
                mistakes.warn(codes::UNUSED_KEY, place, message).help(help);
            }
        }
    }
}
