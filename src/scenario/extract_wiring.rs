//! The wiring keys of a checked variant, typed.

use super::Fallback;
use super::defaults;
use super::extract_policies::{
    adaptive_throttle, budget, bulkhead, circuit_breaker, concurrency_limit, hedge, order,
    outcomes, outlier_ejection,
};
use super::typed::{
    boolean, count, dist, entries, flag, limit, name, or_none, rate, span, spanned, text, word,
};
use super::value::{Data, Value};
use super::{
    AnswerBy, CallPolicies, Carries, Consume, Copy, Publish, Shape, Spanned, StepWiring, Transport,
    Variant,
};
use crate::brokers::{Ack, Relay, WhenExhausted, WhenRefused};
use crate::copies::Kind;
use crate::kernel::time::Duration;
use crate::policies::OutcomeSet;
use crate::policies::retry::{Backoff, Jitter, Retry, Waits};

fn transport(value: Option<&Value>) -> Option<Spanned<Transport>> {
    let transport = match word(value)? {
        "async" => Transport::Message,
        _ => Transport::Call,
    };
    spanned(value?, Some(transport))
}

fn shape(value: Option<&Value>) -> Option<Spanned<Shape>> {
    let shape = match word(value)? {
        "orchestrated" => Shape::Orchestrated,
        "choreographed" => Shape::Choreographed,
        _ => Shape::Chain,
    };
    spanned(value?, Some(shape))
}

fn carries(value: Option<&Value>) -> Option<Carries> {
    word(value).map(|word| match word {
        "id" => Carries::Id,
        _ => Carries::State,
    })
}

/// The wiring keys.
pub(super) fn wiring_of(value: &Value) -> Variant {
    Variant {
        title: text(value.written("title")),
        wiring: transport(value.written("wiring")),
        shape: shape(value.written("shape")),
        via: name(value.written("via")),
        carries: carries(value.written("carries")),
        answer_after: name(value.written("answer_after")),
        answer_by: value.written("answer_by").and_then(answer_by),
        steps: entries(value.get("steps"), |value| {
            Some(StepWiring {
                wiring: transport(value.written("wiring")),
                via: name(value.written("via")),
                carries: carries(value.written("carries")),
            })
        }),
        calls: entries(value.get("calls"), |value| {
            Some(CallPolicies {
                timeout: span(value.written("timeout")),
                deadline: span(value.written("deadline")),
                retry: retry(value.written("retry")),
                cancel: flag(value.written("cancel")),
                propagate: flag(value.written("propagate")),
                fallback: value.written("fallback").and_then(fallback_of_call),
                budget: value.written("retry").and_then(budget),
                circuit_breaker: or_none(value.written("circuit_breaker"), |law| {
                    Some(circuit_breaker(law))
                }),
                bulkhead: or_none(value.written("bulkhead"), bulkhead),
                rate_limit: limit(value.written("rate_limit")),
                concurrency_limit: or_none(value.written("concurrency_limit"), |law| {
                    Some(concurrency_limit(law))
                }),
                adaptive_throttle: or_none(value.written("adaptive_throttle"), |law| {
                    Some(adaptive_throttle(law))
                }),
                outlier_ejection: or_none(value.written("outlier_ejection"), |law| {
                    Some(outlier_ejection(law))
                }),
                hedge: or_none(value.written("hedge"), hedge),
                order: value.written("order").and_then(order),
            })
        }),
        consume: entries(value.get("consume"), |value| Some(consume(value))),
        publish: value.get("publish").map(publish).unwrap_or_default(),
        copies: entries(value.get("copies"), copy),
    }
}

fn answer_by(value: &Value) -> Option<Spanned<AnswerBy>> {
    let by = match word(Some(value)) {
        Some("callback") => AnswerBy::Callback,
        Some(_) => AnswerBy::Call,
        None => AnswerBy::Poll {
            every: span(value.get("poll"))?.value,
            service_time: value.written("service_time").and_then(dist),
        },
    };
    spanned(value, Some(by))
}

fn copy(value: &Value) -> Option<Copy> {
    let or = |key: &str, default| span(value.written(key)).map_or(default, |span| span.value);
    let kind = match word(value.get("kind"))? {
        "cache" => Kind::Cache {
            ttl: or("ttl", Duration::MAX),
            entries: count(value.written("entries")).map_or(u32::MAX, |n| n.value),
            stale_if_error: match or("stale_if_error", Duration::ZERO) {
                // `none` is no time at all, not for ever.
                Duration::MAX => Duration::ZERO,
                span => span,
            },
        },
        _ => Kind::Replica {
            bootstrap: or("bootstrap", Duration::ZERO),
        },
    };
    Some(Copy {
        at: name(value.get("at"))?,
        kind,
        via: name(value.written("via")),
        apply: value.written("apply").and_then(dist),
    })
}

fn consume(value: &Value) -> Consume {
    Consume {
        workers: count(value.written("workers")),
        prefetch: count(value.written("prefetch")),
        ack: word(value.written("ack")).map(|word| match word {
            "before" => Ack::Before,
            _ => Ack::After,
        }),
        visibility: span(value.written("visibility")),
        redeliver: redeliver(value.written("redeliver")),
        then: word(value.written("then")).map(|word| match word {
            "drop" => WhenExhausted::Drop,
            "block" => WhenExhausted::Block,
            _ => WhenExhausted::DeadLetter,
        }),
        timeout: span(value.written("timeout")),
        rate_limit: limit(value.written("rate_limit")),
        poll: span(value.written("poll")),
        batch: count(value.written("batch")),
        circuit_breaker: or_none(value.written("circuit_breaker"), |law| {
            Some(circuit_breaker(law))
        }),
        replay: span(value.written("replay")),
        redrive: value.written("replay").and_then(|value| {
            let at = span(value.get("at"))?.value;
            spanned(value, Some((at, rate(value.get("rate"))?.value)))
        }),
        linger: span(value.written("linger")),
        session: span(value.written("session")),
        rebalance: span(value.written("rebalance")),
    }
}

fn publish(value: &Value) -> Publish {
    let refused = word(value.written("when_refused")).map(|word| match word {
        "retry" => WhenRefused::Retry,
        "outbox" => WhenRefused::Outbox,
        "drop" => WhenRefused::Drop,
        _ => WhenRefused::Fail,
    });
    let place = value.written("when_refused").map(|value| value.place);
    Publish {
        confirm: boolean(value.written("confirm")),
        when_refused: refused
            .zip(place)
            .map(|(value, place)| Spanned { value, place }),
        timeout: span(value.written("timeout")),
        retry: retry(value.written("retry")),
        fallback: fallback(value),
        outbox: value.written("outbox").and_then(|value| {
            let relay = Relay {
                poll: span(value.get("poll")).map_or(defaults::RELAY.poll, |poll| poll.value),
                batch: count(value.get("batch")).map_or(defaults::RELAY.batch, |n| n.value),
            };
            spanned(value, Some(relay))
        }),
    }
}

/// What stands in for a call.
fn fallback_of_call(value: &Value) -> Option<Spanned<Fallback>> {
    let named = |key, made: fn(String) -> Fallback| {
        let Spanned { value, place } = name(value.written(key))?;
        Some(Spanned {
            value: made(value),
            place,
        })
    };
    let at_hand = || {
        let on = flag(value.written("static")).filter(|on| on.value)?;
        Some(Spanned {
            value: Fallback::Static,
            place: on.place,
        })
    };
    let broker = named("via", Fallback::Broker);
    let other = broker.or_else(|| named("call", Fallback::Service));
    other.or_else(at_hand)
}

/// Where a fallback leads.
fn fallback(value: &Value) -> Option<Spanned<String>> {
    name(value.written("fallback")?.get("via"))
}

/// A redelivery: what is written, over its preset, over the defaults.
fn redeliver(value: Option<&Value>) -> Option<Spanned<Retry>> {
    let value = value?;
    let base = match word(value.get("preset")) {
        Some("standard_webhooks") => Retry {
            attempts: 10,
            backoff: Waits::new(&STANDARD_WEBHOOKS).map_or(Backoff::None, Backoff::Schedule),
            ..defaults::REDELIVER
        },
        _ => defaults::REDELIVER,
    };
    let retry = match value.data {
        Data::Word(_) => Retry::NEVER,
        _ => Retry {
            attempts: count(value.written("attempts")).map_or(base.attempts, |n| n.value),
            backoff: backoff(value.written("backoff")).unwrap_or(base.backoff),
            jitter: jitter(value),
            when: OutcomeSet::FAILURES,
        },
    };
    spanned(value, Some(retry))
}

/// The waits between the ten attempts of the example schedule of the Standard Webhooks specification
/// (<https://github.com/standard-webhooks/standard-webhooks>, `spec/standard-webhooks.md`, "Deliverability and reliability").
const STANDARD_WEBHOOKS: [Duration; 9] = [
    Duration::from_secs(5),
    Duration::from_secs(5 * 60),
    Duration::from_secs(30 * 60),
    Duration::from_secs(2 * 3600),
    Duration::from_secs(5 * 3600),
    Duration::from_secs(10 * 3600),
    Duration::from_secs(14 * 3600),
    Duration::from_secs(20 * 3600),
    Duration::from_secs(24 * 3600),
];

fn backoff(value: Option<&Value>) -> Option<Backoff> {
    match value?.data {
        Data::Backoff(backoff) => Some(backoff),
        _ => None,
    }
}

fn jitter(value: &Value) -> Jitter {
    match word(value.get("jitter")) {
        Some("full") => Jitter::Full,
        Some("equal") => Jitter::Equal,
        _ => Jitter::None,
    }
}

/// A retry; its own defaults are part of it.
fn retry(value: Option<&Value>) -> Option<Spanned<Retry>> {
    let value = value?;
    let when = value.get("when").map(outcomes);
    let retry = match value.data {
        Data::Word(_) => Retry::NEVER,
        _ => Retry {
            attempts: count(value.get("attempts"))?.value,
            backoff: backoff(value.get("backoff")).unwrap_or(Backoff::None),
            jitter: jitter(value),
            when: when.unwrap_or(OutcomeSet::FAILURES),
        },
    };
    spanned(value, Some(retry))
}
