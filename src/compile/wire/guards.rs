//! What was written about circuit breakers, bulkheads and rate limits of callers, and in which order they stand.

use crate::compile::codes;
use crate::compile::mistakes::Mistakes;
use crate::compile::resolve::parts;
use crate::model::{Around, Guarded, Whose};
use crate::policies::bulkhead::Bulkhead;
use crate::policies::guard::Guard;
use crate::policies::hedge::After;
use crate::policies::limit::ConcurrencyLimit;
use crate::policies::rate_limit::RateLimit;
use crate::policies::throttle::AdaptiveThrottle;
use crate::scenario::{self, CallPolicies, CircuitBreaker, PolicyKind, Spanned};

/// What was written, merged.
#[derive(Clone, Default)]
pub(super) struct GuardNote<'a> {
    breaker: Option<&'a Spanned<Option<CircuitBreaker>>>,
    bulkhead: Option<&'a Spanned<Option<(Bulkhead, bool)>>>,
    rate_limit: Option<&'a Spanned<scenario::RateLimit>>,
    limit: Option<&'a Spanned<Option<(ConcurrencyLimit, bool)>>>,
    throttle: Option<&'a Spanned<Option<(AdaptiveThrottle, bool)>>>,
    order: Option<&'a Spanned<Vec<PolicyKind>>>,
}

impl<'a> GuardNote<'a> {
    /// Takes what is written for less.
    pub(super) fn merge(&mut self, written: &'a CallPolicies) {
        self.breaker = self.breaker.or(written.circuit_breaker.as_ref());
        self.bulkhead = self.bulkhead.or(written.bulkhead.as_ref());
        self.rate_limit = self.rate_limit.or(written.rate_limit.as_ref());
        self.limit = self.limit.or(written.concurrency_limit.as_ref());
        self.throttle = self.throttle.or(written.adaptive_throttle.as_ref());
        self.order = self.order.or(written.order.as_ref());
    }

    /// A waiting line is before the attempt itself: nothing may turn away who has waited.
    fn check_line(&self, mistakes: &mut Mistakes) {
        let (Some(order), Some(bulkhead)) = (self.order, self.bulkhead) else {
            return;
        };
        let waits = bulkhead.value.is_some_and(|(law, _)| law.queue > 0);
        if waits && order.value.last() != Some(&PolicyKind::Bulkhead) {
            mistakes
                .error(
                    codes::UNSUPPORTED,
                    order.place,
                    "a bulkhead with a `queue` that is not the innermost policy is not supported yet",
                )
                .help("let `bulkhead` come last in `order`");
        }
    }

    /// The guards, the outermost first.
    pub(super) fn guards(&self, mistakes: &mut Mistakes) -> Vec<Guarded> {
        self.check_line(mistakes);
        let order = self
            .order
            .map_or(&PolicyKind::ALL[..], |order| &order.value);
        let mut around = Around::Call;
        let mut guards = Vec::new();
        for kind in order {
            let guard = match kind {
                PolicyKind::Retry => {
                    around = Around::Attempt;
                    None
                }
                PolicyKind::CircuitBreaker => {
                    self.breaker.and_then(|written| written.value).map(breaker)
                }
                PolicyKind::RateLimit => self
                    .rate_limit
                    .filter(|limit| limit.value.rate > 0.0)
                    .map(|limit| Guarded {
                        guard: Guard::RateLimit(parts::limit_of(limit.value)),
                        whose: Whose::Instance,
                        around,
                    }),
                PolicyKind::Bulkhead => whole(self.bulkhead, Guard::Bulkhead),
                PolicyKind::ConcurrencyLimit => whole(self.limit, Guard::Limit),
                PolicyKind::AdaptiveThrottle => whole(self.throttle, Guard::Throttle),
            };
            guards.extend(guard.map(|guard| Guarded { around, ..guard }));
        }
        guards
    }
}

/// A policy that is written as a law and whether it is shared.
fn whole<Law: Copy>(
    written: Option<&Spanned<Option<(Law, bool)>>>,
    guard: fn(Law) -> Guard,
) -> Option<Guarded> {
    let (law, is_shared) = written?.value?;
    Some(Guarded {
        guard: guard(law),
        whose: whose(is_shared),
        around: Around::Attempt,
    })
}

/// A circuit breaker around each attempt.
pub(super) fn breaker(written: CircuitBreaker) -> Guarded {
    Guarded {
        guard: Guard::Breaker(written.law),
        whose: whose(written.is_shared),
        around: Around::Attempt,
    }
}

/// A limit on what the clients of a source may ask for.
pub(super) fn plan(limit: RateLimit) -> Guarded {
    Guarded {
        guard: Guard::RateLimit(limit),
        whose: Whose::Shared,
        around: Around::Attempt,
    }
}

const fn whose(is_shared: bool) -> Whose {
    if is_shared {
        Whose::Shared
    } else {
        Whose::Instance
    }
}

/// Checks the values of a call's guards.
pub(super) fn check_call(written: &CallPolicies, mistakes: &mut Mistakes) {
    check_breaker(written.circuit_breaker.as_ref(), mistakes);
    parts::rate_limit(written.rate_limit.as_ref(), mistakes);
    check_hedge(written, mistakes);
    let Some(order) = &written.order else { return };
    let n_written = order.value.len();
    if n_written > PolicyKind::ALL.len() {
        mistakes.error(codes::RANGE, order.place, "`order` names a policy twice");
    }
}

/// A hedge is sent while there is something to be hedged.
fn check_hedge(written: &CallPolicies, mistakes: &mut Mistakes) {
    let Some((hedge, law)) = written
        .hedge
        .as_ref()
        .and_then(|hedge| Some((hedge, hedge.value?)))
    else {
        return;
    };
    if let (After::Delay(delay), Some(timeout)) = (law.after, &written.timeout)
        && delay >= timeout.value
    {
        mistakes
            .warn(
                codes::UNUSED_KEY,
                hedge.place,
                "the hedge comes when the attempt has timed out",
            )
            .help("send it sooner than the `timeout`, e.g. at the 95th percentile: `at: p95`");
    }
}

/// Checks the values of a circuit breaker.
pub(super) fn check_breaker(
    written: Option<&Spanned<Option<CircuitBreaker>>>,
    mistakes: &mut Mistakes,
) {
    let Some((written, law)) = written.and_then(|written| Some((written, written.value?.law)))
    else {
        return;
    };
    let shares = law
        .recent
        .map(|recent| [recent.failure_share, recent.slow_share]);
    if shares.is_some_and(|shares| shares.into_iter().any(|share| share <= 0.0)) {
        mistakes
            .error(
                codes::RANGE,
                written.place,
                "a circuit breaker with a share of 0% is always open",
            )
            .help("from which share on does it open, e.g. `failure_share: 50%`?");
    }
}
