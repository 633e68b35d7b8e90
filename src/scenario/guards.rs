//! What is written about the policies of callers, typed.

use crate::kernel::time::Duration;
use crate::policies::breaker::Breaker;

/// `rate_limit`.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct RateLimit {
    /// `rate`, per second.
    pub rate: f64,
    /// `burst`, of a token bucket; default a second's worth, at least 1.
    pub burst: Option<u32>,
    /// `algorithm` and `window`, if it is no token bucket.
    pub window: Option<(Window, Duration)>,
}

/// `calls.<key>.fallback`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Fallback {
    /// `via`: a broker takes the step for later.
    Broker(String),
    /// `call`: another service does it instead.
    Service(String),
    /// `static`: a value at hand.
    Static,
}

/// How windows lie.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Window {
    /// One after another.
    Fixed,
    /// Everywhere.
    Sliding,
}

/// `circuit_breaker`.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct CircuitBreaker {
    /// When it opens and closes.
    pub law: Breaker,
    /// `shared`; default false.
    pub is_shared: bool,
}

/// A policy that `order` may name.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum PolicyKind {
    /// `retry`.
    Retry,
    /// `circuit_breaker`.
    CircuitBreaker,
    /// `rate_limit`.
    RateLimit,
    /// `bulkhead`.
    Bulkhead,
    /// `concurrency_limit`.
    ConcurrencyLimit,
    /// `adaptive_throttle`.
    AdaptiveThrottle,
}

impl PolicyKind {
    /// All of them, in the order that holds where none is written.
    pub const ALL: [Self; 6] = [
        Self::Retry,
        Self::AdaptiveThrottle,
        Self::CircuitBreaker,
        Self::RateLimit,
        Self::ConcurrencyLimit,
        Self::Bulkhead,
    ];
}
