//! Faults: windows on the run's clock, targets by id, effects that the target can have (A30).

use super::notes::Resolved;
use super::parts;
use super::targets;
use crate::compile::codes;
use crate::compile::mistakes::Mistakes;
use crate::faults::{Effect, Gauge};
use crate::kernel::chance::key_of;
use crate::kernel::ids::Id;
use crate::kernel::time::Duration;
use crate::kernel::units::format_duration;
use crate::model::{
    End, Fault, Plan, Random, ServiceId, SourceId, Target, Trigger, UNLIMITED, Watched, Window,
};
use crate::scenario::{self, Entry, Scenario};

/// A fault may not repeat more often than this within a run.
const WINDOWS_MAX: u64 = 10_000;

/// Adds every fault.
pub(crate) fn resolve(scenario: &Scenario, resolved: &mut Resolved<'_>, mistakes: &mut Mistakes) {
    for entry in &scenario.faults {
        let written = &entry.value;
        let target = targets::target(resolved, &written.target, mistakes);
        if written.effects.is_empty() {
            mistakes
                .error(
                    codes::FAULT_EFFECT,
                    entry.place,
                    format!("fault `{}` has no effect", entry.name),
                )
                .help("say what it does, e.g. `down: hang`, `latency: x10`, `errors: 30%`");
        }
        if let Some(target) = target {
            for effect in &written.effects {
                check_effect(target, effect, mistakes);
            }
        }
        for effect in &written.effects {
            check_size(effect, mistakes);
        }
        let random = random(entry, &resolved.system.plan, mistakes);
        let when = trigger(entry, resolved, mistakes);
        let windows = match random {
            Some(_) => Vec::new(),
            None if written.when.is_some() => Vec::new(),
            None => {
                let turns = turns(entry, resolved, target, mistakes);
                windows(entry, &resolved.system.plan, turns, mistakes)
            }
        };
        if let Some(Target::Source(source)) = target {
            surge(source, written, &windows, resolved, mistakes);
        }
        let fault = Fault {
            key: key_of(&[&entry.name]),
            target: target.unwrap_or(Target::Service(ServiceId(u32::MAX))),
            windows,
            random,
            when,
            effects: written.effects.iter().map(|effect| effect.value).collect(),
            replicas: replicas(scenario, resolved, written, target, mistakes),
            ramp: ramp(entry, mistakes),
            is_rolling: written.rolling.as_ref().is_some_and(|on| on.value),
        };
        resolved.system.faults.push(fault);
    }
}

/// How a fault comes by chance; reports one that comes too often, or brings a surge.
fn random(entry: &Entry<scenario::Fault>, plan: &Plan, mistakes: &mut Mistakes) -> Option<Random> {
    let written = entry.value.random.as_ref()?;
    let (mtbf, mttr) = written.value.clone();
    let name = &entry.name;
    let run_s = (plan.warmup + plan.duration + plan.drain).as_secs_f64();
    #[expect(clippy::cast_precision_loss, reason = "a small number")]
    let most = Random::WINDOWS_MAX as f64;
    if run_s / (mtbf.mean_s() + mttr.mean_s()) > most / 2.0 {
        let message = format!("fault `{name}` comes more than {} times", most / 2.0);
        mistakes
            .error(codes::FAULT_TIME, written.place, message)
            .help("choose a longer `mtbf`, or say what it does in the mean: `errors: 1%`");
    }
    if mtbf.as_constant().is_some() {
        let message = format!("fault `{name}` comes like clockwork: its `mtbf` is always the same");
        let mean = format_duration(Duration::from_secs_f64(mtbf.mean_s()));
        mistakes
            .warn(codes::CLOCKWORK, written.place, message)
            .help(format!("by chance is `mtbf: exponential {mean}`"));
    }
    if mtbf.mean_s() >= run_s {
        let message = format!("fault `{name}` comes less than once in a run");
        mistakes
            .warn(codes::FAULT_LATE, written.place, message)
            .help("what is rare needs many replications, or a longer run");
    }
    Some(Random { mtbf, mttr })
}

/// When a fault comes that waits for something to be so; reports what cannot be watched, and what cannot come so.
fn trigger(
    entry: &Entry<scenario::Fault>,
    resolved: &Resolved<'_>,
    mistakes: &mut Mistakes,
) -> Option<Trigger> {
    let written = entry.value.when.as_ref()?;
    refuse_surge(&entry.value, "a surge that waits for something", mistakes);
    let scenario::Trigger {
        gauge,
        of,
        op,
        level,
    } = &written.value;
    let index = &resolved.index;
    let service = index.services.get(of.as_str()).copied();
    let broker = index.brokers.get(of.as_str()).copied();
    let watched = match (gauge, service, broker) {
        (_, Some(service), _) => Watched::Service(service),
        (Gauge::Backlog, None, Some(broker)) => Watched::Broker(broker),
        (Gauge::Utilization, None, Some(_)) => {
            let message = format!("broker `{of}` has no workers to be busy");
            mistakes
                .error(codes::FAULT_EFFECT, written.place, message)
                .help(format!("what fills up there is `backlog({of})`"));
            return None;
        }
        (_, None, None) => {
            let known = index.services.keys().chain(index.brokers.keys()).copied();
            let what = "service or broker";
            mistakes.unknown(codes::UNKNOWN, written.place, what, of, known);
            return None;
        }
    };
    Some(Trigger {
        gauge: *gauge,
        of: watched,
        op: *op,
        level: *level,
        from: resolved.system.plan.opens() + entry.value.at.value,
        lasts: entry.value.lasts.as_ref().map(|lasts| lasts.value),
    })
}

/// Reports a surge where its times must be known beforehand.
fn refuse_surge(written: &scenario::Fault, what: &str, mistakes: &mut Mistakes) {
    let is_surge = |effect: &&scenario::Spanned<Effect>| matches!(effect.value, Effect::Load(_));
    if let Some(surge) = written.effects.iter().find(is_surge) {
        let message = format!("{what} is not supported yet");
        mistakes
            .error(codes::UNSUPPORTED, surge.place, message)
            .help("write `at` and `for`, or `random`, or `arrivals: bursty`");
    }
}

/// For how long a fault grows; reports what cannot grow, and a ramp that is longer than the fault.
fn ramp(entry: &Entry<scenario::Fault>, mistakes: &mut Mistakes) -> Duration {
    let written = &entry.value;
    let Some(ramp) = &written.ramp else {
        return Duration::ZERO;
    };
    for effect in &written.effects {
        if effect.value.at(1.0).is_none() {
            let word = word_of(effect.value);
            mistakes
                .error(
                    codes::FAULT_EFFECT,
                    effect.place,
                    format!("`{word}` does not come gradually"),
                )
                .help("`ramp` is for `errors`, `latency`, `capacity`, `drop` and the like; a surge that grows is `stages`");
        }
    }
    if written
        .lasts
        .as_ref()
        .is_some_and(|lasts| ramp.value > lasts.value)
    {
        let message = format!("fault `{}` ends before it has grown", entry.name);
        mistakes
            .error(codes::FAULT_TIME, ramp.place, message)
            .help("`ramp` is a part of `for`");
    }
    ramp.value
}

/// How many windows it takes until every instance has had its turn; `None` for a fault that is not rolling.
fn turns(
    entry: &Entry<scenario::Fault>,
    resolved: &Resolved<'_>,
    target: Option<Target>,
    mistakes: &mut Mistakes,
) -> Option<u64> {
    let written = &entry.value;
    let rolling = written.rolling.as_ref().filter(|on| on.value)?;
    let each = written.replicas.as_ref().or(written.kill.as_ref());
    let (Some(each), Some(Target::Service(service))) = (each, target) else {
        let message = format!("fault `{}` rolls over nothing", entry.name);
        mistakes
            .error(codes::FAULT_EFFECT, rolling.place, message)
            .help("how many instances of a service at once? e.g. `target: checkout, kill: 1`, or `replicas: 1`");
        return None;
    };
    let n = resolved.system.services[service].replicas;
    Some(u64::from(n.div_ceil(each.value.max(1))))
}

fn windows(
    entry: &Entry<scenario::Fault>,
    plan: &Plan,
    turns: Option<u64>,
    mistakes: &mut Mistakes,
) -> Vec<Window> {
    let written = &entry.value;
    // Without it, that has been reported.
    let Some(written_lasts) = &written.lasts else {
        return Vec::new();
    };
    let (at, lasts) = (written.at.value, written_lasts.value);
    if lasts.is_zero() {
        mistakes.error(
            codes::FAULT_TIME,
            written_lasts.place,
            format!("fault `{}` lasts no time", entry.name),
        );
        return Vec::new();
    }
    let every = written.every.as_ref();
    if let Some(every) = every.filter(|every| every.value < lasts) {
        let message = format!("fault `{}` begins again before it has ended", entry.name);
        mistakes
            .error(codes::FAULT_TIME, every.place, message)
            .help("`every` counts from begin to begin: at least `for`");
        return Vec::new();
    }
    warn_if_late(entry, written_lasts, plan, mistakes);
    let n = match (turns, every) {
        (Some(turns), _) => turns,
        (None, None) => 1,
        (None, Some(every)) => plan
            .duration
            .0
            .saturating_sub(at.0)
            .div_ceil(every.value.0)
            .max(1),
    };
    if n > WINDOWS_MAX {
        let message = format!(
            "fault `{}` begins {n} times, more than {WINDOWS_MAX}",
            entry.name
        );
        mistakes.error(codes::FAULT_TIME, every.map(|every| every.place), message);
        return Vec::new();
    }
    let period = every.map_or(lasts, |every| every.value);
    (0..n)
        .map(|k| {
            let start = plan.opens() + at + Duration(period.0.saturating_mul(k));
            Window {
                start,
                end: start + lasts,
            }
        })
        .collect()
}

/// Warns about a fault whose end the measured window does not see.
fn warn_if_late(
    entry: &Entry<scenario::Fault>,
    lasts: &scenario::Spanned<Duration>,
    plan: &Plan,
    mistakes: &mut Mistakes,
) {
    let written = &entry.value;
    let (name, window) = (&entry.name, format_duration(plan.duration));
    let end = written.at.value + lasts.value;
    if written.at.value >= plan.duration {
        let message = format!("fault `{name}` begins after the measured window of {window}");
        mistakes
            .warn(codes::FAULT_LATE, written.at.place, message)
            .help("`at` counts from the opening of the window: begin earlier, or measure longer");
    } else if written.every.is_none() && end > plan.duration {
        let end = format_duration(end);
        let message = format!(
            "fault `{name}` ends after {end}, but the measured window is {window}: recovery cannot be seen"
        );
        mistakes
            .warn(codes::FAULT_LATE, lasts.place, message)
            .help("end it earlier, or measure longer");
    }
}

fn replicas(
    scenario: &Scenario,
    resolved: &Resolved<'_>,
    written: &scenario::Fault,
    target: Option<Target>,
    mistakes: &mut Mistakes,
) -> u32 {
    if let Some(share) = &written.share {
        return share_of(share, resolved, target, mistakes);
    }
    if let (Some(kill), Some(Target::Broker(_))) = (&written.kill, target)
        && kill.value == 1
    {
        return UNLIMITED;
    }
    let Some(count) = written.replicas.as_ref().or(written.kill.as_ref()) else {
        return UNLIMITED;
    };
    parts::at_least_one(Some(count), "replicas", mistakes);
    match target {
        Some(Target::Service(service)) => {
            let has = resolved.system.services[service].replicas;
            if count.value != UNLIMITED && count.value > has {
                let name = &scenario.services[service.idx()].name;
                let message = format!(
                    "the fault hits {} instances of `{name}`, which has {has}",
                    count.value
                );
                mistakes
                    .error(codes::RANGE, count.place, message)
                    .help("leave `replicas` out to hit them all");
            }
        }
        Some(_) => {
            mistakes
                .error(
                    codes::FAULT_EFFECT,
                    count.place,
                    "only a service has replicas",
                )
                .help("leave `replicas` out");
        }
        None => {}
    }
    count.value
}

/// How many instances a share is: rounded up, so that something is hit.
fn share_of(
    share: &scenario::Spanned<f64>,
    resolved: &Resolved<'_>,
    target: Option<Target>,
    mistakes: &mut Mistakes,
) -> u32 {
    parts::share(Some(share), "share", mistakes);
    match target {
        Some(Target::Service(service)) => {
            let has = resolved.system.services[service].replicas;
            let is_enough = |n: &u32| f64::from(*n) >= share.value * f64::from(has) - 1e-9;
            (1..has).find(is_enough).unwrap_or(UNLIMITED)
        }
        Some(_) => {
            mistakes
                .error(
                    codes::FAULT_EFFECT,
                    share.place,
                    "only a service has replicas",
                )
                .help("leave `share` out");
            UNLIMITED
        }
        None => UNLIMITED,
    }
}

/// What helps instead, if a target cannot have an effect.
///
/// | effect | service | broker | link | zone |
/// |---|---|---|---|---|
/// | down, latency, drop, `drop_replies` | yes | yes | yes | yes |
/// | errors, pause | yes | yes | no | yes |
/// | throttle | yes | yes | no | no |
/// | capacity | yes | no | no | its services |
/// | lose, poison | no | yes | no | no |
/// | duplicate | no | yes | to a broker | no |
///
/// A source has `load` alone, what callers know (`discovery`) can only be frozen, and what goes between zones only get lost.
fn misfit(effect: Effect, target: Target) -> Option<&'static str> {
    Some(match (effect, target) {
        (Effect::Load(_), Target::Source(_))
        | (Effect::Pause | Effect::Down(_), Target::Discovery)
        | (Effect::Drop(_), Target::Between { .. }) => return None,
        (_, Target::Between { .. }) => {
            "what goes between zones can only get lost: `cut: [zone_a, zone_b]`, or `drop: 2%`"
        }
        (_, Target::Discovery) => {
            "what callers know can only stay as it is: `pause: true`; instances that are down are a fault of their service"
        }
        (
            Effect::Lose(_) | Effect::Throttle(_) | Effect::Poison(_) | Effect::Duplicate(_),
            Target::Zone(_),
        ) => {
            "name the service or the broker: a zone is lost (`down`, `pause`), slow or faulty as a whole"
        }
        (Effect::Load(_), _) => "load comes from a traffic source: name that as the target",
        (_, Target::Source(_)) => {
            "a traffic source can only have `load: x5`; or hit the link from it to its first step"
        }
        (Effect::Capacity(_), Target::Broker(_)) => {
            "a broker has no workers: use `latency: x10` or `errors: 30%`"
        }
        (Effect::Capacity(_), Target::Link { .. }) => {
            "a link has no workers: use `latency: +400ms` or `drop: 2%`"
        }
        (Effect::Errors(_), Target::Link { .. }) => {
            "a link does not answer: use `drop: 2%`, or `down: refuse`, which callers hear as `unreachable`"
        }
        (Effect::Lose(_), Target::Service(_) | Target::Link { .. }) => {
            "what a service has at work is lost with it anyway: `lose` is for brokers"
        }
        (Effect::Throttle(_), Target::Link { .. }) => {
            "a link counts nothing: name the service or the broker at its end"
        }
        (Effect::Pause, Target::Link { .. }) => {
            "a link holds nothing: use `latency: +10s`, or `down: hang`"
        }
        (Effect::Poison(_), Target::Service(_) | Target::Link { .. }) => {
            "messages are spoilt at their broker: name it as the target, or use `errors: 30%`"
        }
        (
            Effect::Duplicate(_),
            Target::Service(_)
            | Target::Link {
                to: End::Service(_) | End::Source(_),
                ..
            },
        ) => "messages are doubled on the way to a broker: name the broker, or the link to it",
        _ => return None,
    })
}

/// Reports an effect that its target cannot have.
fn check_effect(target: Target, effect: &scenario::Spanned<Effect>, mistakes: &mut Mistakes) {
    let Some(help) = misfit(effect.value, target) else {
        return;
    };
    let word = word_of(effect.value);
    let kind = match target {
        Target::Service(_) => "service",
        Target::Broker(_) => "broker",
        Target::Link { .. } => "link",
        Target::Source(_) => "traffic source",
        Target::Zone(_) => "zone",
        Target::Discovery => "target `discovery`",
        Target::Between { .. } => "link between zones",
    };
    mistakes
        .error(
            codes::FAULT_EFFECT,
            effect.place,
            format!("a {kind} cannot have the effect `{word}`"),
        )
        .help(help);
}

/// The key of an effect.
const fn word_of(effect: Effect) -> &'static str {
    match effect {
        Effect::Down(_) => "down",
        Effect::Lose(_) => "lose",
        Effect::Pause => "pause",
        Effect::Errors(_) => "errors",
        Effect::LatencyPlus(_) | Effect::LatencyTimes(_) => "latency",
        Effect::Capacity(_) => "capacity",
        Effect::Drop(_) => "drop",
        Effect::Poison(_) => "poison",
        Effect::Duplicate(_) => "duplicate",
        Effect::Throttle(_) => "throttle",
        Effect::Load(_) => "load",
        Effect::DropReplies(_) => "drop_replies",
    }
}

/// Puts a surge into the arrivals of its source.
fn surge(
    source: SourceId,
    written: &scenario::Fault,
    windows: &[Window],
    resolved: &mut Resolved<'_>,
    mistakes: &mut Mistakes,
) {
    let opens = resolved.system.plan.opens();
    for effect in &written.effects {
        let Effect::Load(factor) = effect.value else {
            continue;
        };
        if !resolved.system.sources[source].surge(factor, windows, opens) {
            mistakes
                .error(
                    codes::UNSUPPORTED,
                    effect.place,
                    "a surge of a source that is bursty, recorded, or of users, is not supported yet",
                )
                .help("write `bursts` that are higher, more `users`, or a `rate`");
            return;
        }
    }
}

/// Refuses shares and factors that mean nothing.
fn check_size(effect: &scenario::Spanned<Effect>, mistakes: &mut Mistakes) {
    match effect.value {
        Effect::Errors(share)
        | Effect::Drop(share)
        | Effect::DropReplies(share)
        | Effect::Poison(share)
        | Effect::Duplicate(share)
        | Effect::Capacity(share) => {
            let written = scenario::Spanned {
                value: share,
                place: effect.place,
            };
            parts::share(Some(&written), "the effect", mistakes);
        }
        Effect::LatencyTimes(factor) if !(factor.is_finite() && factor >= 0.0) => {
            mistakes.error(
                codes::RANGE,
                effect.place,
                format!("latency times {factor}"),
            );
        }
        _ => {}
    }
}
