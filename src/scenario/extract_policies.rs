//! Circuit breakers, bulkheads, budgets and their order, load shedding and discovery, of a checked variant, typed.

use super::typed::{boolean, count, rate, share, span, spanned, word};
use super::value::{Data, Value};
use super::{CircuitBreaker, PolicyKind, Spanned, defaults};
use crate::kernel::time::Duration;
use crate::policies::autoscale::Autoscale;
use crate::policies::breaker::{Breaker, Recent, Window};
use crate::policies::budget::{Budget, Takes};
use crate::policies::bulkhead::Bulkhead;
use crate::policies::discipline::Discipline;
use crate::policies::discovery::{Discovery, HealthCheck};
use crate::policies::hedge::{After, Hedge};
use crate::policies::limit::{ConcurrencyLimit, Law};
use crate::policies::outlier::OutlierEjection;
use crate::policies::shed::{Codel, Shed, ShedBy};
use crate::policies::throttle::AdaptiveThrottle;
use crate::policies::{Outcome, OutcomeSet};

/// A circuit breaker: what is written, over its preset, over the defaults.
pub(super) fn circuit_breaker(value: &Value) -> CircuitBreaker {
    let number = |key| count(value.written(key)).map(|count| count.value);
    let time = |key| span(value.written(key)).map(|span| span.value);
    let part = |key| share(value.written(key)).map(|share| share.value);
    let looks_back = [
        "window_calls",
        "window",
        "minimum_calls",
        "failure_share",
        "slow_call",
        "slow_share",
    ];
    let is_written = |key: &str| value.written(key).is_some();
    let base = match word(value.written("preset")) {
        None if is_written("consecutive") && !looks_back.into_iter().any(is_written) => Breaker {
            recent: None,
            probes: 1,
            ..defaults::BREAKER
        },
        preset => preset_of(preset),
    };
    let has_other_keys = looks_back.into_iter().any(is_written);
    let recent = base.recent.or(has_other_keys.then_some(defaults::RECENT));
    let law = Breaker {
        recent: recent.map(|recent| Recent {
            window: match (time("window"), number("window_calls")) {
                (Some(window), _) => Window::Span(window),
                (None, Some(n)) => Window::Calls(n),
                (None, None) => recent.window,
            },
            minimum: number("minimum_calls").unwrap_or(recent.minimum),
            failure_share: part("failure_share").unwrap_or(recent.failure_share),
            slow_share: part("slow_share").unwrap_or(recent.slow_share),
        }),
        consecutive: number("consecutive").or(base.consecutive),
        open: time("wait_in_open_state").unwrap_or(base.open),
        probes: number("probes").unwrap_or(base.probes),
        failures: value.written("when").map_or(base.failures, outcomes),
        slow: time("slow_call").unwrap_or(base.slow),
    };
    let is_shared = boolean(value.written("shared")).unwrap_or(false);
    CircuitBreaker { law, is_shared }
}

/// The defaults of a library.
fn preset_of(name: Option<&str>) -> Breaker {
    let recent = |window: u64, minimum, failure_share| {
        Some(Recent {
            window: Window::Span(Duration::from_secs(window)),
            minimum,
            failure_share,
            ..defaults::RECENT
        })
    };
    let base = Breaker {
        probes: 1,
        slow: Duration::MAX,
        ..defaults::BREAKER
    };
    let seconds = Duration::from_secs;
    match name {
        // Polly v8, `CircuitBreakerConstants.cs`.
        Some("polly") => Breaker {
            recent: recent(30, 100, 0.1),
            open: seconds(5),
            ..base
        },
        // `HystrixCommandProperties.java`.
        Some("hystrix") => Breaker {
            recent: recent(10, 20, 0.5),
            open: seconds(5),
            ..base
        },
        // opossum, `lib/circuit.js`: `volumeThreshold` is 0.
        Some("opossum") => Breaker {
            recent: recent(10, 1, 0.5),
            open: seconds(30),
            ..base
        },
        // sony/gobreaker, `v2/gobreaker.go`: more than 5 in a row.
        Some("gobreaker") => Breaker {
            recent: None,
            consecutive: Some(6),
            ..base
        },
        // Failsafe 3, `CircuitBreaker.java`.
        Some("failsafe") => Breaker {
            recent: None,
            consecutive: Some(1),
            ..base
        },
        _ => defaults::BREAKER,
    }
}

/// A set of outcomes.
pub(super) fn outcomes(value: &Value) -> OutcomeSet {
    let words = value.list().iter().filter_map(|value| word(Some(value)));
    OutcomeSet::of(words.filter_map(Outcome::from_word))
}

/// A bulkhead.
pub(super) fn bulkhead(value: &Value) -> Option<(Bulkhead, bool)> {
    let law = Bulkhead {
        most: count(value.get("most"))?.value,
        queue: count(value.written("queue")).map_or(0, |n| n.value),
        wait: span(value.written("wait")).map_or(Duration::MAX, |s| s.value),
    };
    let is_shared = boolean(value.written("shared")).unwrap_or(false);
    Some((law, is_shared))
}

/// A concurrency limit that is found out, and whether all instances share it.
pub(super) fn concurrency_limit(value: &Value) -> (ConcurrencyLimit, bool) {
    let number = |key, default| count(value.get(key)).map_or(default, |n| n.value);
    let initial = number("initial", defaults::LIMIT_INITIAL);
    let limit = ConcurrencyLimit {
        law: match word(value.get("law")) {
            Some("gradient") => Law::Gradient,
            _ => Law::Aimd {
                too_slow: span(value.get("too_slow")).map_or(defaults::TOO_SLOW, |s| s.value),
            },
        },
        initial,
        least: number("least", defaults::LIMIT_INITIAL.min(initial)),
        most: number("most", defaults::LIMIT_MOST),
    };
    let is_shared = boolean(value.get("shared")).unwrap_or(false);
    (limit, is_shared)
}

/// Adaptive throttling, and whether all instances share it.
pub(super) fn adaptive_throttle(value: &Value) -> (AdaptiveThrottle, bool) {
    let book = AdaptiveThrottle::BOOK;
    let throttle = AdaptiveThrottle {
        k: match value.get("k").map(|k| &k.data) {
            Some(Data::Number(k)) => *k,
            _ => book.k,
        },
        window: span(value.get("window")).map_or(book.window, |s| s.value),
    };
    let is_shared = boolean(value.get("shared")).unwrap_or(false);
    (throttle, is_shared)
}

/// When a caller takes an instance off its list.
pub(super) fn outlier_ejection(value: &Value) -> OutlierEjection {
    let envoy = OutlierEjection::ENVOY;
    let time = |key, default| span(value.get(key)).map_or(default, |span| span.value);
    OutlierEjection {
        consecutive: count(value.get("consecutive")).map_or(envoy.consecutive, |n| n.value),
        eject_for: time("eject_for", envoy.eject_for),
        at_most: time("at_most", envoy.at_most),
        most: share(value.get("most")).map_or(envoy.most, |share| share.value),
    }
}

/// A hedge.
pub(super) fn hedge(value: &Value) -> Option<Hedge> {
    let after = match span(value.get("after")) {
        Some(delay) => After::Delay(delay.value),
        None => After::Quantile(share(value.get("at"))?.value),
    };
    let hedge = Hedge {
        after,
        most: count(value.get("most")).map_or(1, |n| n.value),
        budget: budget(value).map(|budget| budget.value),
        is_tied: boolean(value.written("tied")).unwrap_or(false),
    };
    Some(hedge)
}

/// The budget of a retry, or of a hedge.
pub(super) fn budget(retry: &Value) -> Option<Spanned<Budget>> {
    let value = retry.written("budget")?;
    let budget = match count(value.written("tokens")) {
        Some(tokens) => Budget::Tokens {
            most: tokens.value,
            refill: share(value.written("refill")).map_or(defaults::BUDGET_REFILL, |s| s.value),
            takes: match word(value.written("takes")) {
                Some("failures") => Takes::Failures,
                _ => Takes::Retries,
            },
        },
        None if value.written("failures").is_some() => Budget::Failures {
            share: share(value.written("failures"))?.value,
            window: span(value.written("window")).map_or(defaults::BUDGET_WINDOW, |s| s.value),
        },
        None => Budget::Share {
            share: share(value.written("share"))?.value,
            at_least: rate(value.written("at_least"))
                .map_or(defaults::BUDGET_AT_LEAST, |r| r.value),
            window: span(value.written("window")).map_or(defaults::BUDGET_WINDOW, |s| s.value),
        },
    };
    spanned(value, Some(budget))
}

/// The written order, and after it whatever it does not name.
pub(super) fn order(value: &Value) -> Option<Spanned<Vec<PolicyKind>>> {
    let words = value.list().iter().filter_map(|value| word(Some(value)));
    let mut order: Vec<PolicyKind> = words
        .filter_map(|word| match word {
            "retry" => Some(PolicyKind::Retry),
            "circuit_breaker" => Some(PolicyKind::CircuitBreaker),
            "rate_limit" => Some(PolicyKind::RateLimit),
            "bulkhead" => Some(PolicyKind::Bulkhead),
            "concurrency_limit" => Some(PolicyKind::ConcurrencyLimit),
            "adaptive_throttle" => Some(PolicyKind::AdaptiveThrottle),
            _ => None,
        })
        .collect();
    for kind in PolicyKind::ALL {
        if !order.contains(&kind) {
            order.push(kind);
        }
    }
    spanned(value, Some(order))
}

/// When a service sheds.
pub(super) fn shed(value: &Value) -> Option<Spanned<Shed>> {
    if matches!(value.data, Data::Word(_)) {
        return None;
    }
    let codel = span(value.written("codel")).map(|target| Codel {
        target: target.value,
        interval: span(value.written("interval")).map_or(Discipline::STANDING, |s| s.value),
    });
    let shed = Shed {
        queue: count(value.written("queue")).map_or(u32::MAX, |n| n.value),
        waited: span(value.written("waited")).map_or(Duration::MAX, |s| s.value),
        codel,
        time_left: span(value.written("time_left")).map(|s| s.value),
        reserve: count(value.written("reserve")).map_or(0, |n| n.value),
        reserve_for: count(value.written("reserve_for")).map_or(1, |n| n.value),
        share: share(value.written("share")).map_or(0.0, |share| share.value),
        by: match word(value.written("by")) {
            Some("flow_run") => ShedBy::FlowRun,
            _ => ShedBy::Call,
        },
    };
    spanned(value, Some(shed))
}

/// How the number of instances follows the load.
pub(super) fn autoscale(value: &Value) -> Option<Autoscale> {
    let time = |key| span(value.get(key)).map(|span| span.value);
    let min = count(value.get("min")).map_or(1, |n| n.value);
    let autoscale = Autoscale {
        min,
        max: count(value.get("max"))?.value,
        initial: min,
        target: share(value.get("target_utilization")).map_or(0.8, |share| share.value),
        interval: time("interval").unwrap_or(Duration::from_secs(15)),
        start_up: time("start_up").unwrap_or(Duration::from_secs(30)),
        cool_down: time("cool_down").unwrap_or(Duration::from_secs(300)),
    };
    Some(autoscale)
}

/// How callers learn which instances are up.
pub(super) fn discovery(value: &Value) -> Discovery {
    let default = HealthCheck::KUBERNETES;
    let written = value.get("health_check");
    let time = |key| span(written.and_then(|check| check.get(key))).map(|span| span.value);
    let times = |key| count(written.and_then(|check| check.get(key))).map(|n| n.value);
    let interval = time("interval").unwrap_or(default.interval);
    let health = HealthCheck {
        interval,
        timeout: time("timeout").unwrap_or(default.timeout.min(Duration(interval.0 / 2))),
        unhealthy_after: times("unhealthy_after").unwrap_or(default.unhealthy_after),
        healthy_after: times("healthy_after").unwrap_or(default.healthy_after),
    };
    Discovery {
        refresh: span(value.get("refresh")).map_or(Duration::ZERO, |span| span.value),
        health,
        panic_below: share(value.get("panic_below")).map_or(0.0, |share| share.value),
    }
}
