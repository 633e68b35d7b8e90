//! Findings: what the observations of all replications say.
//!
//! One observation a replication and metric (A38): [`figures`](self) asks each replication one number, [`Estimate::of`] makes a
//! mean with an interval of them, [`verdict`] judges an SLO line by it. Histograms, outcomes and causes are pooled; variants
//! are compared by paired differences. Variants may overlay faults and SLO lines, so these are matched by name.

mod blast;
mod breakdown;
mod causes;
mod comparison;
mod curve;
mod data;
mod definition;
mod estimate;
mod figures;
mod findings;
mod flows;
pub mod formulas;
pub mod glossary;
mod law;
mod lore;
mod needs;
mod parts;
mod phrases;
pub mod precision;
mod stamp;
pub mod stored;
mod timeline;
mod topology;
pub mod warm_up;
mod words;

pub use crate::metrics::Part;
pub use comparison::{Comparison, FigureChange, VerdictChange, compare, verdict_changes};
pub use definition::Definition;
pub use estimate::verdict;
pub use findings::*;
pub use law::{Holds, Law};
pub use lore::LORE;
pub use stamp::{Precise, Seeded, Stamp};
pub use words::Word;

use crate::compile::Case;
use crate::experiment::Observations;
use crate::metrics::Observation;
use crate::model::{FaultId, Metric, Objective, Scope, Stat, System};
use figures::Question;

/// Merges and judges. `stamp` and `warnings` go through as they are.
#[must_use]
pub fn findings(
    stamp: Stamp,
    warnings: Vec<Warning>,
    cases: &[Case],
    observations: &Observations,
) -> Findings {
    let all: Vec<(&Case, &[Observation])> = cases
        .iter()
        .zip(observations.cases.iter().map(Vec::as_slice))
        .collect();
    let faults = faults(cases);
    let differences = all
        .iter()
        .skip(1)
        .flat_map(|&variant| flows::differences(variant, all[0]));
    let variants: Vec<VariantFindings> = all
        .iter()
        .map(|&(case, seen)| variant(case, seen, &faults))
        .collect();
    let apart = variants
        .iter()
        .filter_map(|variant| formulas::warnings(&variant.name, &variant.formulas));
    let mut warnings = warnings;
    warnings.extend(warm_up::warnings(&all));
    warnings.extend(apart);
    Findings {
        stamp,
        objectives: objectives(&all),
        differences: differences.collect(),
        variants,
        faults,
        warnings,
    }
}

fn variant(case: &Case, seen: &[Observation], faults: &[FaultFindings]) -> VariantFindings {
    let system = &case.system;
    let estimate = |metric: Metric| estimate(&ask_all(case, seen, metric), case);
    VariantFindings {
        name: case.wiring.name.clone(),
        title: case.wiring.title.clone(),
        flows: system
            .flows
            .ids()
            .map(|id| flows::flow(case, seen, id))
            .collect(),
        services: parts::services(case, seen),
        edges: parts::edges(case, seen),
        channels: parts::channels(case, seen),
        topology: topology::topology(case),
        data: data::data(case, seen),
        recovery: faults
            .iter()
            .map(|fault| estimate(Metric::Recovery(fault_named(system, &fault.name)?)))
            .collect(),
        blast_radius: blast::radius(case, seen, faults),
        formulas: formulas::formulas(case, seen),
        wasted_work: estimate(Metric::WastedWork).unwrap_or(Estimate::nothing()),
        events: seen.iter().map(|seen| seen.end.events).sum(),
        fingerprint: seen
            .iter()
            .fold(0, |hash, seen| fold(hash, seen.end.fingerprint)),
    }
}

/// FNV-1a's step, on 64 bits at once: order matters, and no replication can be left out unseen.
const fn fold(hash: u64, fingerprint: u64) -> u64 {
    (hash ^ fingerprint).wrapping_mul(0x0000_0100_0000_01b3)
}

fn fault_named(system: &System, name: &str) -> Option<FaultId> {
    let mut named = system.names.faults.enumerate();
    named.find(|(_, other)| *other == name).map(|(id, _)| id)
}

/// What every replication observed of a metric of the whole system.
fn ask_all(case: &Case, seen: &[Observation], metric: Metric) -> Vec<f64> {
    let question = Question {
        flows: case.system.flows.ids().collect(),
        scope: Scope::Whole,
        metric,
        stat: Stat::Value,
        target: 0.0,
    };
    question.ask(case, seen).into_iter().flatten().collect()
}

fn estimate(values: &[f64], case: &Case) -> Option<Estimate> {
    Estimate::of(values, case.system.plan.confidence)
}

/// The faults of all variants, each once, in file order.
fn faults(cases: &[Case]) -> Vec<FaultFindings> {
    let mut found: Vec<FaultFindings> = Vec::new();
    for system in cases.iter().map(|case| &case.system) {
        for (id, fault) in system.faults.enumerate() {
            let name = &system.names.faults[id];
            if found.iter().any(|other| other.name == *name) {
                continue;
            }
            let opens = system.plan.opens().as_secs_f64();
            let windows = fault.windows.iter().map(|window| {
                let (start, end) = (window.start.as_secs_f64(), window.end.as_secs_f64());
                (start - opens, end - opens)
            });
            found.push(FaultFindings {
                name: name.clone(),
                target: phrases::target(system, fault.target),
                effect: phrases::effects(&fault.effects),
                windows: windows.collect(),
                random: fault
                    .random
                    .as_ref()
                    .map(|random| (random.mtbf.mean_s(), random.mttr.mean_s())),
                when: fault.when.map(|when| phrases::trigger(system, &when)),
            });
        }
    }
    found
}

/// The SLO lines of all variants, each once, in file order, judged in every variant.
fn objectives(all: &[(&Case, &[Observation])]) -> Vec<ObjectiveFindings> {
    let mut found: Vec<ObjectiveFindings> = Vec::new();
    for system in all.iter().map(|(case, _)| &case.system) {
        for (id, line) in system.objectives.enumerate() {
            let name = &system.names.objectives[id];
            if found.iter().any(|other| other.name == *name) {
                continue;
            }
            let cells = all.iter().map(|&(case, seen)| cell(case, seen, name));
            found.push(ObjectiveFindings {
                name: name.clone(),
                title: line.title.clone(),
                text: line.text.clone(),
                flow: line.flow.map(|flow| system.names.flows[flow].clone()),
                metric: line.metric,
                stat: line.stat,
                op: line.op,
                target: line.target,
                cells: cells.collect(),
            });
        }
    }
    found
}

/// The SLO line of this name in one variant.
fn cell(case: &Case, seen: &[Observation], name: &str) -> Cell {
    let system = &case.system;
    let mut named = system.names.objectives.enumerate();
    let Some((id, _)) = named.find(|(_, other)| *other == name) else {
        return Cell {
            estimate: None,
            verdict: Verdict::NotBound,
        };
    };
    let line = &system.objectives[id];
    let question = Question {
        flows: line
            .flow
            .map_or_else(|| system.flows.ids().collect(), |flow| vec![flow]),
        scope: line.scope,
        metric: line.metric,
        stat: line.stat,
        target: line.target,
    };
    let values = question.ask(case, seen).into_iter().flatten().collect();
    let values = figures::settled(values, seen.len());
    let n_bound = question.bounds(case, seen);
    let is_bound = line.variants.is_empty() || line.variants.contains(&case.wiring.name);
    Cell {
        estimate: estimate(&values, case).map(|estimate| estimate.bounding(n_bound)),
        verdict: if is_bound {
            judge(line, &values, n_bound, case)
        } else {
            Verdict::NotBound
        },
    }
}

fn judge(line: &Objective, values: &[f64], n_bound: u32, case: &Case) -> Verdict {
    let confidence = case.system.plan.confidence;
    verdict(values, n_bound, line.op, line.target, confidence)
}

#[cfg(test)]
mod tests;
