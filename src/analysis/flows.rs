//! What became of a variant's flows: figures, outcomes, curves, series, causes; and how they differ from another variant's.

use super::breakdown::breakdowns;
use super::causes::causes;
use super::curve::curve;
use super::figures::{FIGURES, Question, WINDOWED, settled};
use super::timeline::timeline;
use super::{Difference, Estimate, FlowFindings, OutcomeCounts};
use crate::compile::Case;
use crate::metrics::{Counts, FlowSeen, Observation, thresholds};
use crate::model::{FlowId, Metric, Scope, Stat};

/// A figure's number in each replication.
pub(super) struct Figure {
    name: &'static str,
    values: Vec<Option<f64>>,
    n_bound: u32,
}

/// A flow's figures: one number a replication each.
pub(super) fn figures(case: &Case, seen: &[Observation], flow: FlowId) -> Vec<Figure> {
    let ask = |name: &'static str, metric: Metric, stat: Stat, target: f64| {
        let question = Question {
            flows: vec![flow],
            scope: Scope::Whole,
            metric,
            stat,
            target,
        };
        Figure {
            name,
            values: question.ask(case, seen),
            n_bound: question.bounds(case, seen),
        }
    };
    let figures = FIGURES
        .iter()
        .map(|&(name, metric, stat)| ask(name, metric, stat, 0.0));
    let windowed = thresholds(&case.system, flow)
        .next()
        .map(|target| ask(WINDOWED, Metric::WindowedAvailability, Stat::Value, target));
    figures.chain(windowed).collect()
}

/// Everything about one flow.
pub(super) fn flow(case: &Case, seen: &[Observation], id: FlowId) -> FlowFindings {
    let confidence = case.system.plan.confidence;
    let flows: Vec<&FlowSeen> = seen.iter().map(|seen| &seen.flows[id]).collect();
    let asked = figures(case, seen, id);
    let observed = asked
        .iter()
        .map(|figure| (figure.name, figure.values.clone()));
    let estimates = asked.iter().filter_map(|figure| {
        let values = settled(
            figure.values.iter().copied().flatten().collect(),
            seen.len(),
        );
        let estimate = Estimate::of(&values, confidence)?;
        Some((figure.name, estimate.bounding(figure.n_bound)))
    });
    let mut counts = Counts::default();
    for flow in &flows {
        counts.add(&flow.whole.counts);
    }
    let latencies: Vec<_> = flows
        .iter()
        .filter_map(|flow| flow.whole.latency.as_ref())
        .collect();
    let completions = flows
        .iter()
        .filter_map(|flow| flow.whole.completion.as_ref());
    let latency = curve(&latencies, confidence);
    let completion = curve(&completions.collect::<Vec<_>>(), confidence);
    let all_series: Vec<_> = flows.iter().map(|flow| &flow.series).collect();
    let (series, intervals) = timeline(&all_series, confidence);
    FlowFindings {
        name: case.system.names.flows[id].clone(),
        figures: estimates.collect(),
        observed: observed.collect(),
        outcomes: outcomes(&counts),
        breakdowns: breakdowns(case, seen, id, [&latency, &completion]),
        latency,
        completion,
        series,
        intervals,
        causes: causes(case, flows.iter().map(|flow| &flow.causes)),
    }
}

const fn outcomes(counts: &Counts) -> OutcomeCounts {
    OutcomeCounts {
        offered: counts.offered,
        answered_ok: counts.answered_ok,
        degraded: counts.degraded,
        failed: counts.failed,
        gave_up: counts.gave_up,
        unanswered: counts.unanswered,
        completed: counts.completed,
        lost: counts.lost,
        dead_lettered: counts.dead_lettered,
        compensated: counts.compensated,
        incomplete: counts.incomplete,
    }
}

/// Paired differences of every figure of every flow that both variants have (A38): over the replications in which both
/// observed it.
pub(super) fn differences(
    (case, seen): (&Case, &[Observation]),
    (base, base_seen): (&Case, &[Observation]),
) -> Vec<Difference> {
    let mut differences = Vec::new();
    for (id, name) in case.system.names.flows.enumerate() {
        let same = base.system.names.flows.enumerate();
        let Some((base_id, _)) = same.into_iter().find(|(_, other)| *other == name) else {
            continue;
        };
        let mine = figures(case, seen, id);
        let theirs = figures(base, base_seen, base_id);
        for figure in &mine {
            let Some(other) = theirs.iter().find(|other| other.name == figure.name) else {
                continue;
            };
            let pairs = figure.values.iter().zip(&other.values);
            let pairs = pairs.filter_map(|(mine, theirs)| Some((*mine)? - (*theirs)?));
            let each = settled(pairs.collect(), seen.len());
            if let Some(estimate) = Estimate::of(&each, case.system.plan.confidence) {
                differences.push(Difference {
                    variant: case.wiring.name.clone(),
                    baseline: base.wiring.name.clone(),
                    flow: name.clone(),
                    figure: figure.name,
                    estimate,
                });
            }
        }
    }
    differences
}
