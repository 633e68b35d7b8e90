//! Traffic: which source wants which flow, and how it comes.

use super::notes::Resolved;
use super::parts;
use crate::arrivals::{Arrivals, Bursts, Spacing, Stages, Users};
use crate::compile::codes;
use crate::compile::mistakes::{Mistakes, listed};
use crate::kernel::chance::key_of;
use crate::kernel::dist::Dist;
use crate::kernel::ids::Id;
use crate::kernel::time::Duration;
use crate::kernel::units::format_duration;
use crate::model::{FlowId, Plan, Source};
use crate::scenario::{self, Entry, Scenario, Spanned, defaults};

/// Adds every source; every flow must have one.
pub(crate) fn resolve(scenario: &Scenario, resolved: &mut Resolved<'_>, mistakes: &mut Mistakes) {
    let claims = claims(scenario, resolved, mistakes);
    let mut fed = vec![false; scenario.flows.len()];
    for (idx, entry) in scenario.traffic.iter().enumerate() {
        let flow = flow_of(scenario, resolved, entry, &claims[idx], mistakes);
        if let Some(flow) = flow {
            fed[flow.idx()] = true;
        }
        let written = &entry.value;
        let patience = written.patience.as_ref();
        if let Some(patience) = patience.filter(|patience| patience.value.is_zero()) {
            mistakes
                .error(
                    codes::RANGE,
                    patience.place,
                    "`patience` is 0: every client leaves at once",
                )
                .help("`none` for clients who wait for ever");
        }
        let arrivals = arrivals(entry, mistakes);
        if let Some(file) = &entry.value.file {
            warn_if_short(file, &resolved.system.plan, mistakes);
        }
        resolved.peaks.push(peak(&entry.value, &arrivals));
        resolved.system.sources.push(Source {
            key: key_of(&[&entry.name]),
            flow: flow.unwrap_or(FlowId(u32::MAX)),
            arrivals,
            patience: patience.map_or(defaults::PATIENCE, |patience| patience.value),
        });
    }
    for (flow, _) in scenario.flows.iter().zip(fed).filter(|&(_, fed)| !fed) {
        // An unknown `from` has been reported, and says it all.
        if !has_unknown_from(flow, resolved) {
            let message = format!("no traffic source wants flow `{}`", flow.name);
            mistakes
                .error(codes::NO_TRAFFIC, flow.place, message)
                .help(format!(
                    "add one: `traffic: {{ clients: {{ flow: {}, rate: 10/s }} }}`",
                    flow.name
                ));
        }
    }
}

/// For each source the flows whose `from` names it.
fn claims(
    scenario: &Scenario,
    resolved: &Resolved<'_>,
    mistakes: &mut Mistakes,
) -> Vec<Vec<FlowId>> {
    let mut claims = vec![Vec::new(); scenario.traffic.len()];
    for (idx, flow) in scenario.flows.iter().enumerate() {
        let Some(from) = &flow.value.from else {
            continue;
        };
        let sources = &resolved.index.sources;
        if let Some(source) = sources.get(from.value.as_str()) {
            claims[source.idx()].push(FlowId::from_idx(idx));
        } else {
            let known = sources.keys().copied();
            mistakes.unknown(codes::UNKNOWN, from.place, "source", &from.value, known);
        }
    }
    claims
}

/// The flow a source wants: the one it names, else the one that names it, else the only one.
fn flow_of(
    scenario: &Scenario,
    resolved: &Resolved<'_>,
    source: &Entry<scenario::Source>,
    claims: &[FlowId],
    mistakes: &mut Mistakes,
) -> Option<FlowId> {
    let flows = &resolved.index.flows;
    let name_of = |flow: &FlowId| scenario.flows[flow.idx()].name.as_str();
    if let Some(named) = &source.value.flow {
        let Some(&flow) = flows.get(named.value.as_str()) else {
            mistakes.unknown(
                codes::UNKNOWN,
                named.place,
                "flow",
                &named.value,
                flows.keys().copied(),
            );
            return None;
        };
        if let Some(other) = claims.iter().find(|&&claim| claim != flow) {
            let message = format!(
                "source `{}` wants flow `{}`, but flow `{}` is `from: {}`",
                source.name,
                named.value,
                name_of(other),
                source.name
            );
            mistakes
                .error(codes::NO_TRAFFIC, named.place, message)
                .help("a source wants one flow: give the other flow a source of its own");
        }
        return Some(flow);
    }
    match (claims, scenario.flows.as_slice()) {
        (&[flow], _) => Some(flow),
        ([], [only]) if only.value.from.is_none() => Some(FlowId::from_idx(0)),
        // A flow whose `from` is unknown has been reported; it may well mean this source.
        ([], flows) if flows.iter().any(|flow| has_unknown_from(flow, resolved)) => None,
        ([], _) => {
            let message = format!("source `{}` wants no flow", source.name);
            let names: Vec<&str> = flows.keys().copied().collect();
            mistakes
                .error(codes::NO_TRAFFIC, source.place, message)
                .help(format!("write `flow:` with one of {}", listed(&names)));
            None
        }
        (several, _) => {
            let names: Vec<&str> = several.iter().map(name_of).collect();
            let message = format!(
                "source `{}` wants {} flows: {}",
                source.name,
                names.len(),
                listed(&names)
            );
            mistakes
                .error(codes::NO_TRAFFIC, source.place, message)
                .help("a source wants one flow: give each flow a source of its own");
            Some(several[0])
        }
    }
}

fn has_unknown_from(flow: &Entry<scenario::Flow>, resolved: &Resolved<'_>) -> bool {
    let from = flow.value.from.as_ref();
    from.is_some_and(|from| !resolved.index.sources.contains_key(from.value.as_str()))
}

/// When clients come: as written, and the burst beside that.
fn arrivals(entry: &Entry<scenario::Source>, mistakes: &mut Mistakes) -> Arrivals {
    let written = &entry.value;
    if let Some(users) = &written.users {
        return closed(users, written.think_time.as_ref(), mistakes);
    }
    let steady = without_burst(entry, mistakes);
    if let (Some(bursts), Some(rate)) = (&written.bursts, &written.rate) {
        return bursty(bursts, rate.value, mistakes).unwrap_or(steady);
    }
    let Some((at, count, over)) = written.burst.as_ref().map(|burst| burst.value) else {
        return steady;
    };
    let Some(stages) = steady.as_stages() else {
        return steady;
    };
    Arrivals::Stages(stages.with_burst(at, f64::from(count) / over.as_secs_f64(), over))
}

/// Users, each of whom waits; reports those who never think.
fn closed(
    users: &Spanned<u32>,
    think: Option<&Spanned<Dist>>,
    mistakes: &mut Mistakes,
) -> Arrivals {
    parts::at_most(Some(users), parts::MOST, "users", mistakes);
    let thinks = think.map_or(Dist::constant(Duration::ZERO), |think| think.value.clone());
    if thinks.mean_s() <= 0.0 {
        let place = think.map_or(users.place, |think| think.place);
        mistakes
            .error(codes::ARRIVALS, place, "users who never think ask without end")
            .help("what do they do from an answer to the next question? e.g. `think_time: exponential 5s`");
    }
    Arrivals::Closed(Users {
        n: users.value,
        think: thinks,
    })
}

/// Bursts around a mean rate; reports what cannot be.
fn bursty(
    written: &Spanned<(f64, Duration, Duration)>,
    rate: f64,
    mistakes: &mut Mistakes,
) -> Option<Arrivals> {
    let (peak, lasts, every) = written.value;
    let mut wrong = |message: String, help: &str| {
        mistakes
            .error(codes::ARRIVALS, written.place, message)
            .help(help.to_owned());
    };
    if every <= lasts {
        wrong(
            "a burst lasts as long as it takes until the next one".to_owned(),
            "`every` counts from begin to begin",
        );
        return None;
    }
    if peak < rate {
        wrong(
            format!("the peak of {peak}/s is below the mean rate of {rate}/s"),
            "`rate` is the mean, quiet phases and bursts together",
        );
        return None;
    }
    let quiet = Duration(every.0 - lasts.0);
    let left = rate * every.as_secs_f64() - peak * lasts.as_secs_f64();
    if left < -1e-9 * rate * every.as_secs_f64() {
        let most = rate * every.as_secs_f64() / lasts.as_secs_f64();
        wrong(
            format!("bursts alone bring more than the mean rate of {rate}/s"),
            &format!("with these lengths the peak is at most {most}/s"),
        );
        return None;
    }
    Some(Arrivals::Bursty(Bursts {
        peak,
        lasts,
        quiet_rate: left.max(0.0) / quiet.as_secs_f64(),
        quiet,
    }))
}

fn without_burst(entry: &Entry<scenario::Source>, mistakes: &mut Mistakes) -> Arrivals {
    let written = &entry.value;
    let spacing = written.arrivals.unwrap_or(defaults::ARRIVALS);
    let nothing = Arrivals::Constant(0.0);
    if let Some(file) = &written.file {
        return recorded(file, spacing, &entry.name, mistakes);
    }
    match (&written.rate, &written.stages) {
        (None, None) => {
            let message = format!("source `{}` has no rate", entry.name);
            mistakes
                .error(codes::ARRIVALS, entry.place, message)
                .help("e.g. `rate: 120/s`, or `stages: [{ duration: 10m, target: 120/s }]`");
            nothing
        }
        (Some(_), Some(stages)) => {
            let message = format!("source `{}` has both `rate` and `stages`", entry.name);
            mistakes
                .error(codes::ARRIVALS, stages.place, message)
                .help("keep one; `start` is the rate before the first stage");
            nothing
        }
        (Some(rate), None) => {
            if let Some(start) = &written.start {
                mistakes
                    .error(codes::ARRIVALS, start.place, "`start` belongs to `stages`")
                    .help("drop it: the rate is constant");
            }
            if !(rate.value > 0.0 && rate.value.is_finite()) {
                let message = format!("source `{}` sends {} per second", entry.name, rate.value);
                mistakes
                    .error(codes::ARRIVALS, rate.place, message)
                    .help("a source that sends nothing can be left out");
            }
            match spacing {
                Spacing::Poisson => Arrivals::Poisson(rate.value),
                Spacing::Constant => Arrivals::Constant(rate.value),
            }
        }
        (None, Some(ramps)) => {
            let only = match ramps.value.as_slice() {
                [(_, target)] => *target,
                _ => 0.0,
            };
            let start = written.start.as_ref().map_or(only, |start| start.value);
            let sends = start > 0.0 || ramps.value.iter().any(|&(_, target)| target > 0.0);
            let is_sane = |rate: f64| rate >= 0.0 && rate.is_finite();
            if !sends || !is_sane(start) || !ramps.value.iter().all(|&(_, target)| is_sane(target))
            {
                let message = format!("source `{}` sends nothing at any stage", entry.name);
                mistakes.error(codes::ARRIVALS, ramps.place, message);
            }
            Arrivals::Stages(Stages {
                start,
                ramps: ramps.value.clone(),
                spacing,
            })
        }
    }
}

/// What came from a file; reports one in which nobody comes.
fn recorded(
    file: &Spanned<scenario::Replay>,
    spacing: Spacing,
    source: &str,
    mistakes: &mut Mistakes,
) -> Arrivals {
    let (every, rates) = match &file.value {
        scenario::Replay::Instants(instants) => return Arrivals::Recorded(instants.clone()),
        scenario::Replay::Rates(every, rates) => (*every, rates),
    };
    if rates.iter().all(|&rate| rate <= 0.0) {
        let message = format!("source `{source}` sends nothing at any time");
        mistakes.error(codes::ARRIVALS, file.place, message);
    }
    let steps = rates
        .iter()
        .flat_map(|&rate| [(Duration::ZERO, rate), (every, rate)]);
    Arrivals::Stages(Stages {
        start: rates.first().copied().unwrap_or(0.0),
        ramps: steps.collect(),
        spacing,
    })
}

/// Warns about a file that says nothing of the end of the measured window.
fn warn_if_short(file: &Spanned<scenario::Replay>, plan: &Plan, mistakes: &mut Mistakes) {
    let (ends, then) = match &file.value {
        scenario::Replay::Instants(recorded) => {
            (recorded.instants().last().copied(), "nobody comes")
        }
        scenario::Replay::Rates(every, rates) => {
            let n = u64::try_from(rates.len()).unwrap_or(u64::MAX);
            (
                Some(Duration(every.0.saturating_mul(n))),
                "its last rate holds",
            )
        }
    };
    let ends = ends.unwrap_or(Duration::ZERO);
    // The last client may well come a little before the end of what was recorded.
    if ends.as_secs_f64() < 0.9 * plan.duration.as_secs_f64() {
        let message = format!(
            "the file ends after {}, the measured window after {}: from there on {then}",
            format_duration(ends),
            format_duration(plan.duration)
        );
        mistakes
            .warn(codes::FILE_SHORT, file.place, message)
            .help("run for as long as the file tells");
    }
}

/// The rate that a system must bear for long, per second: a burst passes.
fn peak(written: &scenario::Source, arrivals: &Arrivals) -> f64 {
    match arrivals {
        // They come when there is an answer: whatever is slow, they wait for it and add nothing.
        Arrivals::Closed(_) => 0.0,
        Arrivals::Stages(_) if written.burst.is_some() => {
            let targets = written.stages.iter().flat_map(|stages| &stages.value);
            let rates = targets.map(|&(_, target)| target);
            let at_first = written.rate.as_ref().or(written.start.as_ref());
            rates.fold(at_first.map_or(0.0, |rate| rate.value), f64::max)
        }
        other => other.rate(),
    }
}
