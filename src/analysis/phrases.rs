//! Words for people: durations, faults, ends.

use crate::faults::{Effect, Manner};
use crate::kernel::time::Duration;
use crate::model::{End, System, Target};

/// A duration as people write it: `5s`, `250ms`, `1m30s`.
pub(super) fn duration(span: Duration) -> String {
    const UNITS: [(u64, &str); 7] = [
        (86_400_000_000_000, "d"),
        (3_600_000_000_000, "h"),
        (60_000_000_000, "m"),
        (1_000_000_000, "s"),
        (1_000_000, "ms"),
        (1_000, "us"),
        (1, "ns"),
    ];
    let mut rest = span.0;
    let mut text = String::new();
    for (unit, name) in UNITS {
        // Below a second one unit says all: `1.5s`, not `1s500ms`.
        if unit == 1_000_000_000 && rest >= unit && !rest.is_multiple_of(unit) {
            return text + &format!("{}s", Duration(rest).as_secs_f64());
        }
        if rest >= unit {
            text.push_str(&(rest / unit).to_string());
            text.push_str(name);
            rest %= unit;
        }
    }
    if text.is_empty() { "0s".into() } else { text }
}

/// `1 slot`, `2 slots`.
pub(super) fn plural(n: u64, noun: &str) -> String {
    format!("{n} {noun}{}", if n == 1 { "" } else { "s" })
}

/// What a fault hits: a service, a broker, or `a -> b`.
pub(super) fn target(system: &System, target: Target) -> String {
    match target {
        Target::Service(id) => system.names.services[id].clone(),
        Target::Broker(id) => system.names.brokers[id].clone(),
        Target::Link { from, to } => format!("{} -> {}", end(system, from), end(system, to)),
    }
}

fn end(system: &System, end: End) -> &str {
    match end {
        End::Source(id) => &system.names.sources[id],
        End::Service(id) => &system.names.services[id],
        End::Broker(id) => &system.names.brokers[id],
    }
}

/// What a fault does, as written: `down: hang`, `latency: +400ms, errors: 5%`.
pub(super) fn effects(effects: &[Effect]) -> String {
    let texts: Vec<String> = effects.iter().copied().map(effect).collect();
    texts.join(", ")
}

fn effect(effect: Effect) -> String {
    match effect {
        Effect::Down(Manner::Refuse) => "down: refuse".into(),
        Effect::Down(Manner::Hang) => "down: hang".into(),
        Effect::Pause => "pause".into(),
        Effect::Errors(share) => format!("errors: {}", percent(share)),
        Effect::LatencyPlus(span) => format!("latency: +{}", duration(span)),
        Effect::LatencyTimes(factor) => format!("latency: x{factor}"),
        Effect::Capacity(share) => format!("capacity: {}", percent(share)),
        Effect::Drop(share) => format!("drop: {}", percent(share)),
        Effect::DropReplies(share) => format!("drop_replies: {}", percent(share)),
    }
}

/// A share as a percentage without digits that say nothing.
fn percent(share: f64) -> String {
    let text = format!("{:.4}", share * 100.0);
    format!("{}%", text.trim_end_matches('0').trim_end_matches('.'))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn durations_read_as_written() {
        let check = |ns: u64, text: &str| assert_eq!(duration(Duration(ns)), text);
        check(0, "0s");
        check(5_000_000_000, "5s");
        check(250_000_000, "250ms");
        check(1_500_000_000, "1.5s");
        check(90_000_000_000, "1m30s");
        check(5_400_000_000_000, "1h30m");
        check(30_000, "30us");
    }

    #[test]
    fn shares_read_as_written() {
        assert_eq!(percent(0.3), "30%");
        assert_eq!(percent(0.001), "0.1%");
        assert_eq!(percent(1.0), "100%");
    }
}
