//! The static defaults of the language as values, for `compile`; the grammar's tables hold the same as text.

use crate::arrivals::Spacing;
use crate::brokers::{Ack, Kind, Relay, WhenExhausted, WhenFull, WhenRefused};
use crate::copies::Popularity;
use crate::kernel::time::Duration;
use crate::policies::OutcomeSet;
use crate::policies::balance::Balance;
use crate::policies::breaker::{Breaker, Recent, Window};
use crate::policies::retry::{Backoff, Jitter, Retry};

/// `services.<name>.replicas`.
pub const REPLICAS: u32 = 1;
/// `services.<name>.concurrency`.
pub const CONCURRENCY: u32 = 1;
/// `services.<name>.queue`: unlimited.
pub const QUEUE: u32 = u32::MAX;
/// `services.<name>.errors`, a share.
pub const ERRORS: f64 = 0.0;
/// `services.<name>.blocking`.
pub const BLOCKING: bool = true;
/// `services.<name>.balance`.
pub const BALANCE: Balance = Balance::RoundRobin;
/// `services.<name>.idempotent`.
pub const IDEMPOTENT: bool = false;

/// `services.<name>.cores`, with `discipline: ps`.
pub const CORES: u32 = 1;

/// `services.<name>.external`.
pub const EXTERNAL: bool = false;

/// A step's `optional`.
pub const OPTIONAL: bool = false;
/// A step's `probability`, a share.
pub const PROBABILITY: f64 = 1.0;

/// `brokers.<name>.kind`.
pub const KIND: Kind = Kind::Queue;
/// `brokers.<name>.ttl`: for ever.
pub const TTL: Duration = Duration::MAX;
/// `brokers.<name>.poll` and `consume.<key>.poll`: messages are pushed.
pub const POLL: Duration = Duration::ZERO;
/// `brokers.<name>.batch` and `consume.<key>.batch`.
pub const BATCH: u32 = 1;
/// `consume.<key>.session`: `session.timeout.ms` of Kafka's consumers since 3.0 (KIP-735).
pub const SESSION: Duration = Duration::from_secs(45);
/// `consume.<key>.rebalance`: `group.initial.rebalance.delay.ms` of Kafka's brokers.
pub const REBALANCE: Duration = Duration::from_secs(3);
/// `brokers.<name>.publish`.
pub const PUBLISH_TIME: Duration = Duration::ZERO;
/// `brokers.<name>.confirm`.
pub const CONFIRM: bool = true;
/// `brokers.<name>.capacity`: unlimited.
pub const CAPACITY: u32 = u32::MAX;
/// `brokers.<name>.when_full`.
pub const WHEN_FULL: WhenFull = WhenFull::Reject;
/// `brokers.<name>.durable`.
pub const DURABLE: bool = true;

/// `brokers.<name>.flush`: `appendfsync everysec` of Redis.
pub const FLUSH: Duration = Duration::SECOND;

/// `brokers.<name>.failover`: a guess; elections take seconds, what stands before them (sessions, heartbeats) some more.
pub const FAILOVER: Duration = Duration::from_secs(10);

/// `calls.<key>.concurrency_limit.initial`, and `least`: of the same library.
pub const LIMIT_INITIAL: u32 = 20;
/// `calls.<key>.concurrency_limit.most`.
pub const LIMIT_MOST: u32 = 200;
/// `calls.<key>.concurrency_limit.too_slow`: `AIMDLimit` of Netflix's concurrency-limits.
pub const TOO_SLOW: Duration = Duration::from_secs(5);

/// `data.<name>.popularity`.
pub const POPULARITY: Popularity = Popularity::Uniform;

/// `network`.
pub const NETWORK: Duration = Duration::ZERO;

/// `traffic.<name>.arrivals`.
pub const ARRIVALS: Spacing = Spacing::Poisson;
/// `traffic.<name>.patience`: for ever.
pub const PATIENCE: Duration = Duration::MAX;

/// `calls.<key>.timeout` and `deadline`: none.
pub const TIMEOUT: Duration = Duration::MAX;
/// `calls.<key>.retry`: none.
pub const RETRY: Retry = Retry::NEVER;
/// `calls.<key>.cancel`.
pub const CANCEL: bool = false;
/// `calls.<key>.propagate`.
pub const PROPAGATE: bool = false;
/// What a written `retry` says where it says nothing.
pub const RETRY_WRITTEN: Retry = Retry {
    attempts: 3,
    backoff: Backoff::Exponential {
        from: Duration::from_millis(100),
        to: Duration::from_secs(1),
        factor: 2.0,
    },
    jitter: Jitter::Full,
    when: OutcomeSet::FAILURES,
};

/// `consume.<key>.ack`.
pub const ACK: Ack = Ack::After;
/// `consume.<key>.visibility`: never.
pub const VISIBILITY: Duration = Duration::MAX;
/// `consume.<key>.redeliver`, and what a written one says where it says nothing.
pub const REDELIVER: Retry = Retry {
    attempts: 5,
    backoff: Backoff::Exponential {
        from: Duration::from_secs(1),
        to: Duration::from_secs(60),
        factor: 2.0,
    },
    jitter: Jitter::None,
    when: OutcomeSet::FAILURES,
};
/// `consume.<key>.then`.
pub const WHEN_EXHAUSTED: WhenExhausted = WhenExhausted::DeadLetter;

/// `publish.when_refused`.
pub const WHEN_REFUSED: WhenRefused = WhenRefused::Fail;
/// `publish.timeout`: for ever.
pub const PUBLISH_TIMEOUT: Duration = Duration::MAX;
/// `publish.retry`, under `when_refused: retry`.
pub const PUBLISH_RETRY: Retry = Retry {
    attempts: 5,
    backoff: Backoff::Exponential {
        from: Duration::from_millis(100),
        to: Duration::from_secs(10),
        factor: 2.0,
    },
    jitter: Jitter::None,
    when: OutcomeSet::FAILURES,
};

/// `circuit_breaker`, what it looks back upon: resilience4j 2, `CircuitBreakerConfig.java`.
pub const RECENT: Recent = Recent {
    window: Window::Calls(100),
    minimum: 100,
    failure_share: 0.5,
    slow_share: 1.0,
};
/// `circuit_breaker`: resilience4j 2, `CircuitBreakerConfig.java`.
pub const BREAKER: Breaker = Breaker {
    recent: Some(RECENT),
    consecutive: None,
    open: Duration::from_secs(60),
    probes: 10,
    failures: OutcomeSet::FAILURES,
    slow: Duration::from_secs(60),
};

/// `retry.budget.refill`, a share of a token (Brooker, "Fixing retries with token buckets and circuit breakers", 2022).
pub const BUDGET_REFILL: f64 = 0.1;
/// `retry.budget.at_least`, per second: `minRetriesPerSec` of Finagle's `RetryBudget`.
pub const BUDGET_AT_LEAST: f64 = 10.0;
/// `retry.budget.window`: `ttl` of Finagle's `RetryBudget`.
pub const BUDGET_WINDOW: Duration = Duration::from_secs(10);

/// `publish.outbox`: `poll.interval.ms` of Debezium's connectors.
pub const RELAY: Relay = Relay {
    poll: Duration::from_millis(500),
    batch: 100,
};

/// `run.warmup`, as a share of the duration.
pub const WARMUP_SHARE: f64 = 0.1;
/// `run.drain`, at least; the window if that is longer.
pub const DRAIN_LEAST: Duration = Duration::from_secs(600);
/// `run.max_replications`, with `precision`.
pub const MAX_REPLICATIONS: u32 = 1000;
/// `run.replications`.
pub const REPLICATIONS: u32 = 10;
/// `run.seed`.
pub const SEED: u64 = 1;
/// `run.confidence`, a share.
pub const CONFIDENCE: f64 = 0.95;

#[cfg(test)]
mod tests {
    use super::*;
    use crate::diagnostic::Sources;
    use crate::scenario::{Changes, Scenario, read};

    /// A scenario that writes nothing that has a default, and the same as `show` prints it, where everything is written.
    fn all_written() -> Scenario {
        let text = "
flows: { f: { steps: [a] } }
services: { a: {} }
brokers: { b: { durable: true } }
traffic: { t: { rate: 1/s } }
variants:
  v:
    wiring: sync
    calls: { a: { retry: { attempts: 3 } } }
    consume: { a: { redeliver: { jitter: none } } }
    publish: { retry: { jitter: none } }
run: { duration: 1m }
"
        .replace("{ a: {} }", "{ a: { service_time: 1ms } }");
        let first = read(
            &mut Sources::default(),
            "s.yaml",
            &text,
            &Changes::default(),
        );
        let shown = first.0.expect("sound").shown;
        let second = read(
            &mut Sources::default(),
            "s.yaml",
            &shown,
            &Changes::default(),
        );
        second.0.expect("sound").views.remove(0)
    }

    #[test]
    fn the_grammar_fills_in_the_same_defaults() {
        let view = all_written();
        let service = &view.services[0].value;
        assert_eq!(service.replicas.as_ref().map(|c| c.value), Some(REPLICAS));
        assert_eq!(
            service.concurrency.as_ref().map(|c| c.value),
            Some(CONCURRENCY)
        );
        assert_eq!(service.queue.as_ref().map(|c| c.value), Some(QUEUE));
        assert_eq!(service.errors.as_ref().map(|c| c.value), Some(ERRORS));
        assert_eq!(service.blocking, Some(BLOCKING));
        assert_eq!(service.balance, Some(BALANCE));
        assert_eq!(service.idempotent, Some(IDEMPOTENT));
        let broker = &view.brokers[0].value;
        assert_eq!(broker.confirm, Some(CONFIRM));
        assert_eq!(broker.capacity.as_ref().map(|c| c.value), Some(CAPACITY));
        assert_eq!(broker.when_full, Some(WHEN_FULL));
        assert_eq!(broker.durable, Some(DURABLE));
        let source = &view.traffic[0].value;
        assert_eq!(source.arrivals, Some(ARRIVALS));
        assert_eq!(source.patience.as_ref().map(|c| c.value), Some(PATIENCE));
        let variant = &view.variant.value;
        let retry = variant.calls[0].value.retry.as_ref();
        assert_eq!(retry.map(|c| c.value), Some(RETRY_WRITTEN));
        let redeliver = variant.consume[0].value.redeliver.as_ref();
        assert_eq!(redeliver.map(|c| c.value), Some(REDELIVER));
        let refused = variant.publish.when_refused.as_ref();
        assert_eq!(refused.map(|c| c.value), Some(WHEN_REFUSED));
        let timeout = variant.publish.timeout.as_ref();
        assert_eq!(timeout.map(|c| c.value), Some(PUBLISH_TIMEOUT));
        let retry = variant.publish.retry.as_ref();
        assert_eq!(retry.map(|c| c.value), Some(PUBLISH_RETRY));
        let run = &view.run;
        assert_eq!(
            run.replications.as_ref().map(|c| c.value),
            Some(REPLICATIONS)
        );
        assert_eq!(run.seed.as_ref().map(|c| c.value), Some(SEED));
        assert_eq!(run.confidence.as_ref().map(|c| c.value), Some(CONFIDENCE));
        let crate::scenario::Item::Step(step) = &view.flows[0].value.steps[0] else {
            panic!("a step");
        };
        assert_eq!(step.optional, Some(OPTIONAL));
        assert_eq!(
            step.probability.as_ref().map(|c| c.value),
            Some(PROBABILITY)
        );
    }
}
