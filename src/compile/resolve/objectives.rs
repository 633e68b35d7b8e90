//! SLO lines: metric, statistic, target and scope, each looked up and fitted to the others.

use super::data::{data_of, service_of};
use super::metrics::{LATER, Of, SHAPES, Scopes, Shape, Stats, plain};
use super::notes::Resolved;
use super::quantities::{self, Kind};
use crate::compile::codes;
use crate::compile::mistakes::{Mistakes, did_you_mean, listed};
use crate::kernel::units::Op;
use crate::model::{DataId, FaultId, FlowId, Metric, Objective, Scope, Stat, StepId};
use crate::scenario::{Entry, Scenario, Slo, Spanned};

/// Adds every SLO line.
pub(crate) fn resolve(scenario: &Scenario, resolved: &mut Resolved<'_>, mistakes: &mut Mistakes) {
    for entry in &scenario.slo {
        if let Some(objective) = objective(entry, resolved, mistakes) {
            resolved.system.objectives.push(objective);
        }
    }
}

fn objective(
    entry: &Entry<Slo>,
    resolved: &Resolved<'_>,
    mistakes: &mut Mistakes,
) -> Option<Objective> {
    let line = &entry.value;
    let Some(shape) = shape_of(&line.metric, mistakes) else {
        // What else the line says is judged by its metric; names can be looked up anyway.
        line.flow
            .as_ref()
            .map(|flow| flow_id(flow, resolved, mistakes));
        line.scope
            .as_ref()
            .map(|(_, fault)| fault_id(fault, resolved, mistakes));
        return None;
    };
    let flow = flow(shape, entry, resolved, mistakes);
    let metric = metric(shape, line, flow.flatten(), resolved, mistakes);
    let stat = stat(shape, line, mistakes);
    let is_share = shape.kind == Kind::Count && line.target.value.trim().ends_with('%');
    let (kind, stat) = match stat {
        Some(Stat::Value) if is_share => (Kind::Share, Some(Stat::Share)),
        stat => (shape.kind, stat),
    };
    let target = quantities::read(kind, &line.target, mistakes);
    let scope = scope(shape, line, resolved, mistakes);
    if line.op == Op::Equal && !matches!(shape.kind, Kind::Count) {
        mistakes
            .error(
                codes::TARGET,
                line.target.place,
                format!("`{}` is never exactly a value", shape.word),
            )
            .help("use `<`, `<=`, `>` or `>=`");
    }
    Some(Objective {
        flow: flow?,
        metric: metric?,
        stat: stat?,
        op: line.op,
        target: target?,
        scope: scope?,
        title: line.title.clone(),
        variants: line
            .variants
            .iter()
            .map(|variant| variant.value.clone())
            .collect(),
        text: line.text.value.clone(),
    })
}

fn shape_of(word: &Spanned<String>, mistakes: &mut Mistakes) -> Option<&'static Shape> {
    let shape = SHAPES.iter().find(|shape| shape.word == word.value);
    if shape.is_none() {
        if LATER.contains(&word.value.as_str()) {
            let message = format!("metric `{}` is not supported yet", word.value);
            mistakes.error(codes::UNSUPPORTED, word.place, message);
        } else {
            let words: Vec<&str> = SHAPES.iter().map(|shape| shape.word).collect();
            let help = did_you_mean(&word.value, &words)
                .unwrap_or_else(|| format!("metrics: {}", words.join(", ")));
            let message = format!("unknown metric `{}`", word.value);
            mistakes
                .error(codes::METRIC, word.place, message)
                .help(help);
        }
    }
    shape
}

/// The metric with its argument.
fn metric(
    shape: &Shape,
    line: &Slo,
    flow: Option<FlowId>,
    resolved: &Resolved<'_>,
    mistakes: &mut Mistakes,
) -> Option<Metric> {
    let wants = match shape.word {
        "recovery" => Some("fault"),
        "utilization" => Some("service"),
        "breaker_open" => Some("step"),
        _ => None,
    };
    match (wants, &line.argument) {
        (Some("fault"), Some(fault)) => fault_id(fault, resolved, mistakes).map(Metric::Recovery),
        (Some("step"), Some(step)) => {
            step_of(step, flow?, resolved, mistakes).map(Metric::BreakerOpen)
        }
        (Some(_), Some(service)) => {
            service_of(service, &resolved.index, mistakes).map(Metric::Utilization)
        }
        (Some(kind), None) => {
            let message = format!("`{}` needs a {kind}", shape.word);
            mistakes
                .error(codes::METRIC, line.metric.place, message)
                .help(format!("write `{}(<{kind}>)`", shape.word));
            None
        }
        (None, Some(argument)) => {
            let message = format!("`{}` takes nothing in brackets", shape.word);
            mistakes
                .error(codes::METRIC, argument.place, message)
                .help(format!("write `{}`", shape.word));
            None
        }
        (None, None) if shape.of == Of::Data => {
            data_id(shape, line, resolved, mistakes).map(Metric::Staleness)
        }
        (None, None) => Some(plain(shape.word)),
    }
}

/// The step of a flow; reports one that the flow has not.
fn step_of(
    name: &Spanned<String>,
    flow: FlowId,
    resolved: &Resolved<'_>,
    mistakes: &mut Mistakes,
) -> Option<StepId> {
    let steps = resolved.index.all_steps.get(name.value.as_str());
    let of_flow = |step: &&StepId| resolved.step(**step).flow == flow;
    let found = steps.and_then(|steps| steps.iter().find(of_flow)).copied();
    if found.is_none() {
        let known = resolved.index.all_steps.iter();
        let known = known.filter(|(_, steps)| steps.iter().any(|step| of_flow(&step)));
        let names = known.map(|(name, _)| *name);
        mistakes.unknown(codes::UNKNOWN, name.place, "step", &name.value, names);
    }
    found
}

/// Whose metric it is; the only flow if none is named.
#[expect(
    clippy::option_option,
    reason = "outside: could it be told; inside: the flow, or the whole system"
)]
fn flow(
    shape: &Shape,
    entry: &Entry<Slo>,
    resolved: &Resolved<'_>,
    mistakes: &mut Mistakes,
) -> Option<Option<FlowId>> {
    match (&entry.value.flow, shape.of) {
        (None, Of::System) | (_, Of::Data) => Some(None),
        (Some(flow), Of::System) => {
            let message = format!("`{}` is of the whole system, not of a flow", shape.word);
            mistakes
                .error(codes::SCOPE, flow.place, message)
                .help("leave the flow out");
            None
        }
        (Some(flow), Of::Flow) => flow_id(flow, resolved, mistakes).map(Some),
        (None, Of::Flow) => {
            let flows: Vec<&str> = resolved.index.flows.keys().copied().collect();
            if flows.len() > 1 {
                let message = format!("`{}` of which flow?", shape.word);
                mistakes
                    .error(codes::SCOPE, entry.value.metric.place, message)
                    .help(format!("begin the line with one of {}", listed(&flows)));
                return None;
            }
            Some(Some(FlowId(0)))
        }
    }
}

/// Which data the line begins with; the only data if none is named.
fn data_id(
    shape: &Shape,
    line: &Slo,
    resolved: &Resolved<'_>,
    mistakes: &mut Mistakes,
) -> Option<DataId> {
    if let Some(name) = &line.flow {
        return data_of(name, &resolved.index, mistakes);
    }
    let known: Vec<&str> = resolved.index.data.keys().copied().collect();
    if known.len() == 1 {
        return Some(DataId(0));
    }
    let message = format!("`{}` of which data?", shape.word);
    let help = if known.is_empty() {
        "declare some, and say which steps read and write it: `data: { price: { owner: catalogue, keys: 10k } }`".to_owned()
    } else {
        format!("begin the line with one of {}", listed(&known))
    };
    mistakes
        .error(codes::SCOPE, line.metric.place, message)
        .help(help);
    None
}

fn stat(shape: &Shape, line: &Slo, mistakes: &mut Mistakes) -> Option<Stat> {
    let Some(word) = &line.stat else {
        return match shape.stats {
            Stats::None => Some(Stat::Value),
            Stats::Level => Some(Stat::Max),
            Stats::Spread => {
                let message = format!("`{}` needs a statistic", shape.word);
                mistakes
                    .error(codes::STAT, line.metric.place, message)
                    .help(format!(
                        "e.g. `{} p99`, `{} mean` or `{} max`",
                        shape.word, shape.word, shape.word
                    ));
                None
            }
        };
    };
    let read = read_stat(&word.value);
    let fits = match (shape.stats, read) {
        (Stats::Spread, Some(_)) | (Stats::Level, Some(Stat::Max | Stat::Mean)) => true,
        (Stats::None | Stats::Level, _) | (Stats::Spread, None) => false,
    };
    if fits {
        return read;
    }
    let (message, help) = match (shape.stats, read) {
        (_, None) => (
            format!("unknown statistic `{}`", word.value),
            "`p50` to `p99.99`, `mean` or `max`".to_owned(),
        ),
        (Stats::Level, _) => (
            format!("`{}` has no `{}`", shape.word, word.value),
            "`max` or `mean`".to_owned(),
        ),
        _ => (
            format!("`{}` is one number and has no `{}`", shape.word, word.value),
            format!("write `{}` alone", shape.word),
        ),
    };
    mistakes.error(codes::STAT, word.place, message).help(help);
    None
}

/// `mean`, `max`, or `p` and a percentile above 0 and below 100.
fn read_stat(word: &str) -> Option<Stat> {
    match word {
        "mean" => Some(Stat::Mean),
        "max" => Some(Stat::Max),
        _ => {
            let digits = word.strip_prefix('p')?;
            let plain = digits
                .bytes()
                .all(|byte| byte.is_ascii_digit() || byte == b'.');
            let percentile: f64 = digits.parse().ok().filter(|_| plain)?;
            (percentile > 0.0 && percentile < 100.0).then_some(Stat::Quantile(percentile / 100.0))
        }
    }
}

fn scope(
    shape: &Shape,
    line: &Slo,
    resolved: &Resolved<'_>,
    mistakes: &mut Mistakes,
) -> Option<Scope> {
    let Some((word, fault)) = &line.scope else {
        return Some(Scope::Whole);
    };
    let fault = fault_id(fault, resolved, mistakes);
    if shape.scopes == Scopes::None {
        let message = format!("`{}` cannot be narrowed to a fault's time", shape.word);
        let able: Vec<&str> = SHAPES
            .iter()
            .filter(|shape| shape.scopes == Scopes::Span)
            .map(|shape| shape.word)
            .collect();
        mistakes
            .error(codes::SCOPE, word.place, message)
            .help(format!("these can: {}", able.join(", ")));
        return None;
    }
    let fault = fault?;
    match word.value.as_str() {
        "during" => Some(Scope::During(fault)),
        "after" => Some(Scope::After(fault)),
        "outside" => Some(Scope::Outside(fault)),
        other => {
            let message = format!("unknown scope `{other}`");
            mistakes
                .error(codes::SCOPE, word.place, message)
                .help("`during`, `after` or `outside`, and a fault");
            None
        }
    }
}

fn fault_id(
    name: &Spanned<String>,
    resolved: &Resolved<'_>,
    mistakes: &mut Mistakes,
) -> Option<FaultId> {
    let faults = &resolved.index.faults;
    let found = faults.get(name.value.as_str()).copied();
    let fault = found.and_then(|id| resolved.system.faults.get(id));
    if fault.is_some_and(|fault| fault.when.is_some()) {
        let message = format!(
            "fault `{}` comes at other times in every variant",
            name.value
        );
        mistakes
            .error(codes::METRIC, name.place, message)
            .help("it comes when something is so: what is compared must not depend on that");
        return None;
    }
    if found.is_none() {
        mistakes.unknown(
            codes::UNKNOWN,
            name.place,
            "fault",
            &name.value,
            faults.keys().copied(),
        );
    }
    found
}

fn flow_id(
    name: &Spanned<String>,
    resolved: &Resolved<'_>,
    mistakes: &mut Mistakes,
) -> Option<FlowId> {
    let flows = &resolved.index.flows;
    let found = flows.get(name.value.as_str()).copied();
    if found.is_none() {
        mistakes.unknown(
            codes::UNKNOWN,
            name.place,
            "flow",
            &name.value,
            flows.keys().copied(),
        );
    }
    found
}
