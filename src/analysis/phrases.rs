//! Words for people: durations, faults, ends.

use crate::faults::{Effect, Lose, Manner};
use crate::kernel::units::{format_duration, format_rate, format_share};
use crate::model::{End, System, Target, Trigger, Watched, Ways};

/// `1 slot`, `2 slots`.
pub(super) fn plural(n: u64, noun: &str) -> String {
    format!("{n} {noun}{}", if n == 1 { "" } else { "s" })
}

/// What a fault hits: a service, a broker, a zone, `a -> b`, or `discovery`.
pub(super) fn target(system: &System, target: Target) -> String {
    match target {
        Target::Service(id) => system.names.services[id].clone(),
        Target::Broker(id) => system.names.brokers[id].clone(),
        Target::Source(id) => system.names.sources[id].clone(),
        Target::Zone(id) => system.names.zones[id].clone(),
        Target::Discovery => "discovery".into(),
        Target::Between { from, to, ways } => {
            let arrow = match ways {
                Ways::There => "->",
                Ways::Both => "<->",
            };
            let zones = &system.names.zones;
            format!("{} {arrow} {}", zones[from], zones[to])
        }
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

/// What a fault waits for, as written: `backlog(orders) > 10000`.
pub(super) fn trigger(system: &System, trigger: &Trigger) -> String {
    let of = match trigger.of {
        Watched::Broker(id) => &system.names.brokers[id],
        Watched::Service(id) => &system.names.services[id],
    };
    trigger.gauge.condition(of, trigger.op, trigger.level)
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
        Effect::Lose(Lose::Unflushed) => "lose: unflushed".into(),
        Effect::Lose(Lose::Unacked) => "lose: unacked".into(),
        Effect::Lose(Lose::All) => "lose: all".into(),
        Effect::Pause => "pause".into(),
        Effect::Errors(share) => format!("errors: {}", format_share(share)),
        Effect::LatencyPlus(span) => format!("latency: +{}", format_duration(span)),
        Effect::LatencyTimes(factor) => format!("latency: x{factor}"),
        Effect::Capacity(share) => format!("capacity: {}", format_share(share)),
        Effect::Throttle(rate) => format!("throttle: {}", format_rate(rate)),
        Effect::Load(factor) => format!("load: x{factor}"),
        Effect::Drop(share) => format!("drop: {}", format_share(share)),
        Effect::DropReplies(share) => format!("drop_replies: {}", format_share(share)),
        Effect::Poison(share) => format!("poison: {}", format_share(share)),
        Effect::Duplicate(share) => format!("duplicate: {}", format_share(share)),
    }
}
