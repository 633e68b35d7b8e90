//! What holds when nothing is written: what a practitioner would expect.

use crate::kernel::time::Duration;
use crate::model::UNLIMITED;
use crate::policies::OutcomeSet;
use crate::policies::balance::Balance;
use crate::policies::retry::{Backoff, Jitter, Retry};

/// `services.<name>.replicas`.
pub(crate) const REPLICAS: u32 = 1;
/// `services.<name>.concurrency`.
pub(crate) const CONCURRENCY: u32 = 1;
/// `services.<name>.queue`.
pub(crate) const QUEUE: u32 = UNLIMITED;
/// `services.<name>.balance`.
pub(crate) const BALANCE: Balance = Balance::RoundRobin;
/// `brokers.<name>.capacity`.
pub(crate) const CAPACITY: u32 = UNLIMITED;
/// `consume."<step>".redeliver`: five deliveries, waiting 1 s, 2 s, 4 s, 8 s between them.
pub(crate) const REDELIVER: Retry = Retry {
    attempts: 5,
    backoff: Backoff::Exponential {
        from: Duration::SECOND,
        to: Duration::from_secs(60),
        factor: 2.0,
    },
    jitter: Jitter::None,
    when: OutcomeSet::FAILURES,
};
/// `publish.retry` under `when_refused: retry`: five attempts, waiting 100 ms, 200 ms, 400 ms, 800 ms between them.
pub(crate) const PUBLISH_RETRY: Retry = Retry {
    attempts: 5,
    backoff: Backoff::Exponential {
        from: Duration::from_millis(100),
        to: Duration::from_secs(10),
        factor: 2.0,
    },
    jitter: Jitter::None,
    when: OutcomeSet::FAILURES,
};
/// `run.warmup` as a part of the duration: one in this many.
pub(crate) const WARMUP_PART: u64 = 10;
/// `run.drain`, at least.
pub(crate) const DRAIN_MIN: Duration = Duration::from_secs(600);
/// `run.replications`.
pub(crate) const REPLICATIONS: u32 = 10;
/// `run.seed`.
pub(crate) const SEED: u64 = 1;
/// `run.confidence`.
pub(crate) const CONFIDENCE: f64 = 0.95;
