//! The values of policies, looked at one by one: what would never work, and what has no effect.

use super::guards;
use crate::brokers::WhenRefused;
use crate::compile::codes;
use crate::compile::mistakes::Mistakes;
use crate::kernel::time::Duration;
use crate::model;
use crate::policies::retry::{Backoff, Retry};
use crate::scenario::{self, CallPolicies, Consume, Spanned};

/// Checks the values of a call.
pub(super) fn call(written: &CallPolicies, mistakes: &mut Mistakes) {
    check_span(written.timeout.as_ref(), "timeout", mistakes);
    check_span(written.deadline.as_ref(), "deadline", mistakes);
    check_retry(written.retry.as_ref(), mistakes);
    guards::check_call(written, mistakes);
}

/// Checks the values of a consumer.
pub(super) fn consume(written: &Consume, mistakes: &mut Mistakes) {
    check_span(written.visibility.as_ref(), "visibility", mistakes);
    check_retry(written.redeliver.as_ref(), mistakes);
    guards::check_breaker(written.circuit_breaker.as_ref(), mistakes);
    for (name, count) in [
        ("workers", &written.workers),
        ("prefetch", &written.prefetch),
    ] {
        if let Some(count) = count
            && count.value == 0
        {
            mistakes
                .error(
                    codes::RANGE,
                    count.place,
                    format!("`{name}` is 0: nothing would be consumed"),
                )
                .help("at least 1; leave the key out for the default");
        }
    }
}

/// Checks the values of a sender.
pub(super) fn publish(written: &scenario::Publish, mistakes: &mut Mistakes) {
    check_span(written.timeout.as_ref(), "timeout", mistakes);
    check_retry(written.retry.as_ref(), mistakes);
    let when = written.when_refused.as_ref();
    if let Some(retry) = &written.retry
        && when.is_none_or(|when| when.value != WhenRefused::Retry)
    {
        mistakes
            .warn(
                codes::UNUSED_KEY,
                retry.place,
                "`publish.retry` has no effect without `when_refused: retry`",
            )
            .help("add `when_refused: retry`");
    }
    let is_outbox = when.is_some_and(|when| when.value == WhenRefused::Outbox);
    if let Some(outbox) = written.outbox.as_ref().filter(|_| !is_outbox) {
        mistakes
            .warn(
                codes::UNUSED_KEY,
                outbox.place,
                "`publish.outbox` has no effect without `when_refused: outbox`",
            )
            .help("add `when_refused: outbox`");
    }
    if is_outbox {
        if let Some(timeout) = &written.timeout {
            mistakes
                .warn(
                    codes::UNUSED_KEY,
                    timeout.place,
                    "`publish.timeout` has no effect with an outbox",
                )
                .help("the sender stores the message and does not wait for the broker");
        }
        return;
    }
    if written.confirm != Some(false) {
        return;
    }
    if let Some(when) = when.filter(|when| when.value != WhenRefused::Drop) {
        mistakes
            .warn(
                codes::UNUSED_KEY,
                when.place,
                "`when_refused` has no effect without `confirm`",
            )
            .help(
                "a sender that does not wait for the confirm learns of no refusal: `confirm: true`",
            );
    }
    if let Some(timeout) = &written.timeout {
        mistakes.warn(
            codes::UNUSED_KEY,
            timeout.place,
            "`publish.timeout` has no effect without `confirm`",
        );
    }
}

fn check_span(written: Option<&Spanned<Duration>>, name: &str, mistakes: &mut Mistakes) {
    if let Some(written) = written
        && written.value.is_zero()
    {
        mistakes
            .error(codes::RANGE, written.place, format!("`{name}` is 0"))
            .help("`none` for no limit");
    }
}

fn check_retry(written: Option<&Spanned<Retry>>, mistakes: &mut Mistakes) {
    let Some(written) = written else { return };
    let retry = &written.value;
    if retry.attempts == 0 {
        mistakes
            .error(
                codes::RANGE,
                written.place,
                "0 attempts: nothing would ever be tried",
            )
            .help("attempts count the first one too; `1` means no retry");
    } else if retry.attempts == model::UNLIMITED && is_instant(retry.backoff) {
        mistakes
            .error(
                codes::ENDLESS,
                written.place,
                "unlimited attempts without a wait between them",
            )
            .help("add `backoff: 100ms..10s`, or limit `attempts`");
    }
}

/// Does the backoff never wait?
pub(super) fn is_instant(backoff: Backoff) -> bool {
    match backoff {
        Backoff::None => true,
        Backoff::Constant(wait) => wait.is_zero(),
        // The last one repeats.
        Backoff::Schedule(waits) => waits.written().last().is_none_or(|wait| wait.is_zero()),
        Backoff::Linear { from, to }
        | Backoff::Exponential { from, to, .. }
        | Backoff::Decorrelated { from, to } => from.is_zero() || to.is_zero(),
    }
}
