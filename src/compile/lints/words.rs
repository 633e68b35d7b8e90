//! Numbers in messages: three digits, and units as in the scenario.

use crate::kernel::time::Duration;
use crate::kernel::units::format_duration;
use crate::policies::retry::{Backoff, Retry};

/// Seconds as people write a duration: `6.3s`, `250ms`, `2m`.
pub(crate) fn duration(seconds: f64) -> String {
    let (value, unit) = if seconds >= 86_400.0 {
        (seconds / 86_400.0, "d")
    } else if seconds >= 3600.0 {
        (seconds / 3600.0, "h")
    } else if seconds >= 60.0 {
        (seconds / 60.0, "m")
    } else if seconds >= 1.0 || seconds <= 0.0 {
        (seconds, "s")
    } else if seconds >= 1e-3 {
        (seconds * 1e3, "ms")
    } else {
        (seconds * 1e6, "us")
    };
    format!("{}{unit}", three(value))
}

/// A span as people write it.
pub(crate) fn span(span: Duration) -> String {
    format_duration(span)
}

/// `1 worker`, `8 workers`.
pub(crate) fn workers(n: f64) -> String {
    let text = three(n);
    let s = if text == "1" { "" } else { "s" };
    format!("{text} worker{s}")
}

/// A number with three significant digits, and no zeros behind the point.
pub(crate) fn three(value: f64) -> String {
    let digits = match value.abs() {
        size if size >= 100.0 => 0,
        size if size >= 10.0 => 1,
        size if size >= 1.0 => 2,
        _ => 3,
    };
    let text = format!("{value:.digits$}");
    if text.contains('.') {
        text.trim_end_matches('0').trim_end_matches('.').to_owned()
    } else {
        text
    }
}

/// The longest that all waits of a retry can take together, seconds; infinite for unlimited attempts.
pub(crate) fn waits_s(retry: &Retry) -> f64 {
    /// After so many different waits the last one is taken for all that follow.
    const STEPS_MAX: u32 = 1_000;
    if retry.attempts == u32::MAX {
        return f64::INFINITY;
    }
    let n_waits = retry.attempts.saturating_sub(1);
    let mut total = 0.0;
    let mut wait = 0.0;
    for k in 1..=n_waits.min(STEPS_MAX) {
        wait = wait_s(retry.backoff, k, wait);
        total += wait;
    }
    total + f64::from(n_waits.saturating_sub(STEPS_MAX)) * wait
}

/// The longest `k`-th wait (from 1), after one of `previous` seconds.
fn wait_s(backoff: Backoff, k: u32, previous: f64) -> f64 {
    match backoff {
        Backoff::None => 0.0,
        Backoff::Constant(wait) => wait.as_secs_f64(),
        Backoff::Schedule(waits) => waits.after(k).as_secs_f64(),
        Backoff::Linear { from, to } => (from.as_secs_f64() * f64::from(k)).min(to.as_secs_f64()),
        Backoff::Exponential { from, to, factor } => {
            let next = if k == 1 {
                from.as_secs_f64()
            } else {
                previous * factor
            };
            next.min(to.as_secs_f64())
        }
        Backoff::Decorrelated { from, to } => {
            from.as_secs_f64().max(3.0 * previous).min(to.as_secs_f64())
        }
    }
}
