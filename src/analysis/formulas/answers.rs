//! What an answer needs: work and hops, all that must be up, attempts; and what is accepted and not done.

use super::{Row, View};
use crate::analysis::figures::{Question, ratio, settled};
use crate::analysis::needs::{self, Part};
use crate::analysis::{Holds, Law};
use crate::arrivals::Arrivals;
use crate::faults::Effect;
use crate::kernel::time::Time;
use crate::metrics::{FlowSeen, Sample};
use crate::model::{
    AnswerBy, Edge, EdgeId, Fault, FlowId, Link, Metric, Scope, Stat, System, Target, UNLIMITED,
    Window,
};
use crate::policies::OutcomeSet;
use crate::theory::{attempts_mean, availability};

/// Rows for every flow.
pub(super) fn rows(view: &View<'_>, rows: &mut Vec<Row>) {
    for flow in view.case.system.flows.ids() {
        let name = &view.case.system.names.flows[flow];
        floor(view, flow, name, rows);
        chain(view, flow, name, rows);
        little(view, flow, name, rows);
        users(view, flow, name, rows);
    }
    for (id, edge) in view.case.wiring.edges.enumerate() {
        attempts(view, id, edge, rows);
    }
}

/// What every replication observed of a flow.
fn ask(view: &View<'_>, flow: FlowId, metric: Metric, stat: Stat) -> Vec<f64> {
    let question = Question {
        flows: vec![flow],
        scope: Scope::Whole,
        metric,
        stat,
        target: 0.0,
    };
    let values = question.ask(view.case, view.seen);
    settled(values.into_iter().flatten().collect(), view.seen.len())
}

/// The time to the answer without any wait, seconds: that of the clients' own edges.
fn floor_s(view: &View<'_>, flow: FlowId) -> Option<f64> {
    let wiring = &view.case.wiring;
    let first = wiring.entries_of(&view.case.system, flow).next()?;
    let is_called = wiring.answer_by == AnswerBy::Call;
    is_called.then(|| view.waits.edge_s(&wiring.edges[first]))
}

fn floor(view: &View<'_>, flow: FlowId, name: &str, rows: &mut Vec<Row>) {
    if let Some(floor) = floor_s(view, flow) {
        let seen = ask(view, flow, Metric::Latency, Stat::Mean);
        let holds = view.or_about(Holds::AtLeast);
        rows.push(Row::new(Law::AnswerFloor, name, holds, floor, seen));
    }
}

fn little(view: &View<'_>, flow: FlowId, name: &str, rows: &mut Vec<Row>) {
    let mean_of = |seen: &FlowSeen| {
        let whole = &seen.whole;
        let [answer, done] = [&whole.latency, &whole.completion]
            .map(|sample| sample.as_ref().and_then(Sample::mean_s));
        #[expect(clippy::cast_precision_loss, reason = "reports need 15 digits at most")]
        let throughput = whole.counts.completed as f64 / whole.seconds;
        // Accepted runs alone have both: where others were answered too, their answers tell nothing of these.
        let is_told = whole.counts.accepted() == whole.counts.offered;
        Some((throughput * (done? - answer?), whole.backlog_mean)).filter(|_| is_told)
    };
    let all = view.seen.iter().map(|seen| mean_of(&seen.flows[flow]));
    let Some(both) = all.collect::<Option<Vec<(f64, f64)>>>() else {
        return;
    };
    // Who is done with the answer leaves nothing to be done.
    if both.iter().any(|&(expected, _)| expected > 0.0) {
        let (expected, seen) = both.into_iter().unzip();
        rows.push(Row {
            law: Law::Little,
            of: name.to_owned(),
            holds: view.holds(),
            expected,
            seen,
        });
    }
}

/// The asymptotic bounds of a closed system with one source.
fn users(view: &View<'_>, flow: FlowId, name: &str, rows: &mut Vec<Row>) {
    let system = &view.case.system;
    let mut sources = system.sources.iter();
    let (Some(source), None) = (sources.next(), sources.next()) else {
        return;
    };
    let (Arrivals::Closed(users), Some(floor)) = (&source.arrivals, floor_s(view, flow)) else {
        return;
    };
    let cycle = f64::from(users.n) / (users.think.mean_s() + floor);
    let one = system.sources.iter().map(|_| 1.0).collect();
    let visits = crate::compile::demand::rates(system, &view.case.wiring, &one).steps;
    let capacities = system.services.enumerate().map(|(id, service)| {
        let steps = system.steps.enumerate().filter(|(_, of)| of.service == id);
        let work: f64 = steps
            .map(|(step, of)| visits[step] * of.service_time.mean_s())
            .sum();
        if service.concurrency == UNLIMITED || work <= 0.0 {
            return f64::INFINITY;
        }
        f64::from(service.replicas) * f64::from(service.concurrency) / work
    });
    let bound = capacities.fold(cycle, f64::min);
    let seen = ask(view, flow, Metric::Throughput, Stat::Value);
    // Users saturate what they use: that is no reason for the bound not to hold.
    let is_undisturbed = system.faults.is_empty();
    let holds = if is_undisturbed {
        Holds::AtMost
    } else {
        Holds::About
    };
    rows.push(Row::new(Law::ThroughputBound, name, holds, bound, seen));
}

/// Attempts of a retried call to a step that fails by chance alone, of all that go over its edge.
fn attempts(view: &View<'_>, id: EdgeId, edge: &Edge, rows: &mut Vec<Row>) {
    let (system, wiring) = (&view.case.system, &view.case.wiring);
    let step = &system.steps[edge.to];
    let program = &wiring.steps[edge.to];
    let failure = system.services[step.service].errors;
    let Link::Call(call) = &edge.link else {
        return;
    };
    let is_leaf = program.then.is_empty() && program.rest.is_empty();
    let is_bare = edge.guards.is_empty() && edge.budget.is_none() && edge.hedge.is_none();
    let retries = call.retry.attempts != u32::MAX
        && call.retry.attempts > 1
        && call.retry.when == OutcomeSet::FAILURES;
    if !(failure > 0.0 && is_leaf && is_bare && retries && edge.copy.is_none()) {
        return;
    }
    let arriving: f64 = system
        .sources
        .enumerate()
        .filter(|(_, source)| source.flow == step.flow)
        .map(|(id, _)| view.arriving[id])
        .sum();
    let calls = view.rates.edges[id] / arriving * step.probability;
    let expected = calls * attempts_mean(failure, call.retry.attempts);
    let per_run = view.seen.iter().filter_map(|seen| {
        ratio(
            seen.edges[id].attempts,
            seen.flows[step.flow].whole.counts.offered,
        )
    });
    let from = edge
        .from
        .map_or("client", |from| system.names.steps[from].as_str());
    let of = format!("{from} -> {}", system.names.steps[edge.to]);
    rows.push(Row::new(
        Law::Attempts,
        &of,
        Holds::About,
        expected,
        per_run.collect(),
    ));
}

/// What all that an answer needs leaves of availability, if anything fails at all.
fn chain(view: &View<'_>, flow: FlowId, name: &str, rows: &mut Vec<Row>) {
    let needs = needs::of(view.case, flow);
    let expected = availability_of(&view.case.system, &needs.parts);
    if expected < 1.0 {
        let seen = ask(view, flow, Metric::Availability, Stat::Value);
        rows.push(Row::new(
            Law::AvailabilityOfChain,
            name,
            Holds::About,
            expected,
            seen,
        ));
    }
}

/// The time average over the measured window of the product of what works.
fn availability_of(system: &System, needs: &[(Part, f64)]) -> f64 {
    let (opens, closes) = (system.plan.opens(), system.plan.closes());
    let inside = |time: &Time| *time > opens && *time < closes;
    let edges = |window: &Window| [window.start, window.end];
    let windows = system.faults.iter().flat_map(|fault| &fault.windows);
    let mut cuts: Vec<Time> = windows.flat_map(edges).filter(inside).collect();
    cuts.extend([opens, closes]);
    cuts.sort_unstable();
    let spans = cuts.windows(2).map(|span| {
        let works = needs
            .iter()
            .map(|&(part, chance)| 1.0 - chance * fails(system, part, span[0]));
        works.product::<f64>() * (span[1] - span[0]).as_secs_f64()
    });
    spans.sum::<f64>() / (closes - opens).as_secs_f64()
}

/// The chance that a part does not do what it is asked for at an instant.
fn fails(system: &System, part: Part, now: Time) -> f64 {
    let (target, own, replicas) = match part {
        Part::Service(service) => {
            let of = &system.services[service];
            (Target::Service(service), of.errors, of.replicas)
        }
        Part::Broker(broker) => (Target::Broker(broker), 0.0, 1),
    };
    let hits = |fault: &&Fault| fault.target == target && fault.hits_all(replicas);
    let works = system.faults.iter().filter(hits).map(|fault| {
        let acts = match &fault.random {
            Some(random) => 1.0 - availability(random.mtbf.mean_s(), random.mttr.mean_s()),
            None => {
                let mut windows = fault.windows.iter();
                let is_on = windows.any(|window| window.start <= now && now < window.end);
                f64::from(u8::from(is_on))
            }
        };
        let fails = fault.effects.iter().map(|effect| match *effect {
            Effect::Down(_) => 1.0,
            Effect::Errors(share) | Effect::Drop(share) => share,
            _ => 0.0,
        });
        1.0 - acts * fails.fold(0.0, f64::max)
    });
    1.0 - (1.0 - own) * works.product::<f64>()
}
