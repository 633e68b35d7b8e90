//! What was written for a consumer: `b` over `*`, field by field; and the channel that it makes.

use super::checks;
use super::guards;
use crate::brokers::{Ack, Kind, WhenExhausted};
use crate::compile::codes;
use crate::compile::mistakes::Mistakes;
use crate::compile::resolve::{Resolved, parts};
use crate::kernel::time::Duration;
use crate::model::{self, BrokerId, Channel, Guarded, ServiceId, StepId};
use crate::policies::retry::Retry;
use crate::scenario::{self, CircuitBreaker, Consume, Count, Spanned, defaults};

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

impl<'a> ConsumeNote<'a> {
    /// Takes what is written of what is not yet.
    pub(crate) fn merge(&mut self, written: &'a Consume) {
        self.workers = self.workers.or(written.workers.as_ref());
        self.prefetch = self.prefetch.or(written.prefetch.as_ref());
        self.ack = self.ack.or(written.ack);
        self.visibility = self.visibility.or(written.visibility.as_ref());
        self.redeliver = self.redeliver.or(written.redeliver.as_ref());
        self.then = self.then.or(written.then);
        self.timeout = self.timeout.or(written.timeout.as_ref());
        self.rate_limit = self.rate_limit.or(written.rate_limit.as_ref());
        self.poll = self.poll.or(written.poll.as_ref());
        self.batch = self.batch.or(written.batch.as_ref());
        self.circuit_breaker = self.circuit_breaker.or(written.circuit_breaker.as_ref());
        self.replay = self.replay.or(written.replay.as_ref());
        self.redrive = self.redrive.or(written.redrive.as_ref());
        self.linger = self.linger.or(written.linger.as_ref());
        self.session = self.session.or(written.session.as_ref());
        self.rebalance = self.rebalance.or(written.rebalance.as_ref());
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
