//! Numbers in messages: three digits, and units as in the scenario.

use crate::kernel::time::Duration;
use crate::kernel::units::format_duration;

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
