//! The system: goals, identities, defaults, SLO lines.

use super::{case, compiled, compiled_after, file};
use crate::arrivals::{Arrivals, Spacing, Stages};
use crate::diagnostic::Severity;
use crate::kernel::chance::key_of;
use crate::kernel::time::{Duration, Time};
use crate::kernel::units::Op;
use crate::model::{FaultId, FlowId, Metric, Scope, ServiceId, Stat, UNLIMITED};
use crate::policies::balance::Balance;

/// The goals in words: `a; 1 of b c`.
fn goals(steps: &str, flow: &str) -> String {
    let case = case(&file(steps, flow, "wiring: sync"));
    let flow = case.system.flows.iter().next().expect("one flow");
    let goal = |goal: &crate::model::Goal| {
        let names: Vec<&str> = goal
            .steps
            .iter()
            .map(|&step| case.system.names.steps[step].as_str())
            .collect();
        if goal.steps.len() == 1 && goal.need == 1 {
            names[0].to_owned()
        } else {
            format!("{} of {}", goal.need, names.join(" "))
        }
    };
    flow.goals.iter().map(goal).collect::<Vec<_>>().join("; ")
}

#[test]
fn done_is_by_default_every_step_that_is_not_optional() {
    assert_eq!(goals("[a, [b, c], d]", ""), "a; b; c; d");
    assert_eq!(goals("[a, [b, c], d]", ", done_when: all"), "a; b; c; d");
    assert_eq!(
        goals("[a, { b: { optional: true, then: [c] } }, d]", ""),
        "a; d"
    );
    assert_eq!(
        goals("[a, { b: { then: [c, { d: { optional: true } }] } }]", ""),
        "a; b; c"
    );
}

#[test]
fn of_a_group_that_needs_some_as_many_must_be_done() {
    assert_eq!(
        goals(
            "[a, { parallel: [b, { c: { then: [e] } }], need: any }, d]",
            ""
        ),
        "a; 1 of b c; d"
    );
    assert_eq!(
        goals(
            "[a, { parallel: [b, c, { d: { optional: true } }], need: 1 }]",
            ""
        ),
        "a; 1 of b c"
    );
    assert_eq!(
        goals(
            "[a, { parallel: [b, { c: { optional: true } }], need: 1 }]",
            ""
        ),
        "a; b"
    );
}

#[test]
fn done_when_names_the_goals() {
    assert_eq!(goals("[a, [b, c], d]", ", done_when: [c, a]"), "c; a");
}

#[test]
fn a_group_counts_its_optional_steps_as_soon_as_they_have_settled() {
    let need = |steps: &str| {
        let case = case(&file(steps, "", "wiring: sync"));
        case.system.flows.iter().next().expect("one flow").items[0].need
    };
    assert_eq!(need("[a, [b, c]]"), 2);
    assert_eq!(need("[a, [b, { c: { optional: true } }]]"), 2);
    assert_eq!(
        need("[a, { parallel: [b, d, { c: { optional: true } }], need: 1 }]"),
        2
    );
    assert_eq!(need("[a, { b: { optional: true } }]"), 1);
}

#[test]
fn identities_are_names() {
    let text = file("[a, b]", "", "wiring: sync").replace(
        "run:",
        "faults: { f: { at: 1s, for: 1s, target: a, pause: true } }\nrun:",
    );
    let case = case(&text);
    let keys: Vec<u64> = case.system.steps.iter().map(|step| step.key).collect();
    assert_eq!(keys, [key_of(&["order", "a"]), key_of(&["order", "b"])]);
    assert_eq!(
        case.system.sources.iter().next().expect("one").key,
        key_of(&["client"])
    );
    assert_eq!(
        case.system.faults.iter().next().expect("one").key,
        key_of(&["f"])
    );
}

#[test]
fn variants_share_one_system() {
    let text = file("[a, b, c]", "", "wiring: sync").replace(
        "run:",
        "  w: { wiring: async }\n  x: { extends: v, shape: orchestrated }\nrun:",
    );
    let cases = compiled(&text).cases.expect("sound");
    assert_eq!(cases.len(), 3);
    assert_eq!(cases[0].system, cases[1].system);
    assert_eq!(cases[0].system, cases[2].system);
}

#[test]
fn what_is_not_written_is_what_a_practitioner_expects() {
    let text = file("[a]", "", "wiring: sync").replace("a: { concurrency: 10,", "a: {");
    let case = case(&text);
    let service = &case.system.services[ServiceId(0)];
    assert_eq!(
        (service.replicas, service.concurrency, service.queue),
        (1, 1, UNLIMITED)
    );
    assert_eq!(service.balance, Balance::RoundRobin);
    let plan = &case.system.plan;
    assert_eq!(
        plan.opens(),
        Time::ZERO + Duration::from_secs(60),
        "a tenth of 10 min"
    );
    assert_eq!(plan.drain, Duration::from_secs(600));
    assert_eq!((plan.replications, plan.seed), (10, 1));
}

#[test]
fn stages_begin_at_their_start() {
    let arrivals = |source: &str| {
        let text = file("[a]", "", "wiring: sync").replace("{ rate: 10/s }", source);
        case(&text)
            .system
            .sources
            .iter()
            .next()
            .expect("one")
            .arrivals
            .clone()
    };
    let minute = Duration::from_secs(60);
    let stages = |start, ramps: &[f64], spacing| {
        Arrivals::Stages(Stages {
            start,
            ramps: ramps.iter().map(|&rate| (minute, rate)).collect(),
            spacing,
        })
    };
    let two = "{ stages: [{ duration: 1m, target: 5/s }, { duration: 1m, target: 9/s }] }";
    assert_eq!(arrivals(two), stages(0.0, &[5.0, 9.0], Spacing::Poisson));
    let one = "{ arrivals: constant, stages: [{ duration: 1m, target: 5/s }] }";
    assert_eq!(arrivals(one), stages(5.0, &[5.0], Spacing::Constant));
    let start = "{ start: 3/s, stages: [{ duration: 1m, target: 5/s }] }";
    assert_eq!(arrivals(start), stages(3.0, &[5.0], Spacing::Poisson));
    assert_eq!(
        arrivals("{ rate: 5/s, arrivals: constant }"),
        Arrivals::Constant(5.0)
    );
}

/// The usual file with a fault `f` and one SLO line.
fn with_line(line: &str) -> String {
    file("[a, b]", "", "wiring: sync").replace(
        "run:",
        &format!("faults: {{ f: {{ at: 1s, for: 1s, target: a, pause: true }} }}\nslo:\n  line: {line}\nrun:"),
    )
}

/// What an SLO line should be read as: flow, metric, statistic, comparison, target, scope.
fn check_line(
    line: &str,
    flow: Option<u32>,
    metric: Metric,
    stat: Stat,
    (op, target): (Op, f64),
    scope: Scope,
) {
    let case = case(&with_line(line));
    let objective = case.system.objectives.iter().next().expect("one line");
    let found = (objective.flow, objective.metric, objective.stat);
    assert_eq!(found, (flow.map(FlowId), metric, stat), "{line}");
    assert_eq!((objective.op, objective.scope), (op, scope), "{line}");
    assert!(
        (objective.target - target).abs() < 1e-12,
        "{line}: {}",
        objective.target
    );
    assert_eq!(objective.text, line);
}

#[test]
fn slo_lines_that_take_a_statistic_are_read() {
    use {Metric::*, Op::*, Scope::*, Stat::*};
    let flow = Some(0);
    check_line(
        "order latency p99 < 800ms",
        flow,
        Latency,
        Quantile(0.99),
        (Less, 0.8),
        Whole,
    );
    check_line(
        "completion mean <= 5m",
        flow,
        Completion,
        Mean,
        (AtMost, 300.0),
        Whole,
    );
    check_line("backlog < 1000", flow, Backlog, Max, (Less, 1000.0), Whole);
}

#[test]
fn slo_lines_of_one_number_are_read() {
    use {Metric::*, Op::*, Scope::Whole, Stat::Value};
    let flow = Some(0);
    check_line(
        "availability >= 99.9%",
        flow,
        Availability,
        Value,
        (AtLeast, 0.999),
        Whole,
    );
    check_line("lost == 0", flow, Lost, Value, (Equal, 0.0), Whole);
    check_line(
        "goodput >= 1.5/s",
        flow,
        Goodput,
        Value,
        (AtLeast, 1.5),
        Whole,
    );
    check_line(
        "wasted_work < 5%",
        None,
        WastedWork,
        Value,
        (Less, 0.05),
        Whole,
    );
}

#[test]
fn names_in_slo_lines_become_ids() {
    use {Metric::*, Op::*, Scope::*, Stat::*};
    let (f, flow) = (FaultId(0), Some(0));
    check_line(
        "latency max < 2s during f",
        flow,
        Latency,
        Max,
        (Less, 2.0),
        During(f),
    );
    check_line(
        "availability > 90% after f",
        flow,
        Availability,
        Value,
        (More, 0.9),
        After(f),
    );
    check_line(
        "availability > 90% outside f",
        flow,
        Availability,
        Value,
        (More, 0.9),
        Outside(f),
    );
    check_line(
        "recovery(f) < 5m",
        flow,
        Recovery(f),
        Value,
        (Less, 300.0),
        Whole,
    );
    check_line(
        "utilization(b) < 80%",
        None,
        Utilization(ServiceId(1)),
        Value,
        (Less, 0.8),
        Whole,
    );
}

/// A variant may take a fault away (`f: null`); the lines about that fault speak of the others.
#[test]
fn lines_about_a_fault_that_a_variant_takes_away_do_not_bind_it() {
    for (line, expected) in [
        ("recovery(f) < 5m", [1, 0]),
        ("availability > 90% after f", [1, 0]),
        ("availability > 90%", [1, 1]),
    ] {
        let calm = "  calm: { extends: v, faults: { f: null } }\nfaults:";
        let outcome = compiled(&with_line(line).replacen("faults:", calm, 1));
        let lines = outcome.cases.expect("no error, so cases");
        let lines: Vec<usize> = lines
            .iter()
            .map(|case| case.system.objectives.len())
            .collect();
        assert_eq!(lines, expected, "{line}");
    }
}

#[test]
fn names_in_slo_lines_must_exist() {
    for (line, expected) in [
        (
            "recovery(g) < 5m",
            "S102 `g` unknown fault `g` (did you mean `f`?)",
        ),
        (
            "utilization(bb) < 80%",
            "S102 `bb` unknown service `bb` (did you mean `b`?)",
        ),
        (
            "ordr latency p99 < 1s",
            "S102 `ordr` unknown flow `ordr` (did you mean `order`?)",
        ),
        (
            "latency p99 < 1s during g",
            "S102 `g` unknown fault `g` (did you mean `f`?)",
        ),
    ] {
        assert_eq!(
            compiled(&with_line(line)).told(Severity::Error),
            [expected],
            "{line}"
        );
    }
}

#[test]
fn slo_lines_fit_their_metric() {
    for (line, expected) in [
        (
            "order wasted_work < 5%",
            "S126 `order` `wasted_work` is of the whole system, not of a flow (leave the flow out)",
        ),
        (
            "latency p99 == 1s",
            "S125 `1s` `latency` is never exactly a value (use `<`, `<=`, `>` or `>=`)",
        ),
    ] {
        assert_eq!(
            compiled(&with_line(line)).told(Severity::Error),
            [expected],
            "{line}"
        );
    }
    let told = compiled(&with_line("recovery(f) < 5m during f")).told(Severity::Error);
    assert!(
        told.len() == 1 && told[0].starts_with("S126 `during` `recovery` cannot be narrowed"),
        "{told:?}"
    );
}

#[test]
fn with_several_flows_a_line_says_which() {
    let text = with_line("latency p99 < 1s")
        .replace(
            "services:",
            "  other: { from: clerk, steps: [c] }\nservices:",
        )
        .replace("steps: [a, b]", "steps: [a, b], from: client")
        .replace(
            "client: { rate: 10/s }",
            "client: { rate: 10/s }\n  clerk: { rate: 1/s }",
        );
    assert_eq!(
        compiled(&text).told(Severity::Error),
        ["S126 `latency` `latency` of which flow? (begin the line with one of `order`, `other`)",]
    );
}

#[test]
fn lines_that_the_reader_would_not_let_through_are_told_too() {
    let told = |line: &str, change: fn(&mut crate::scenario::Slo)| {
        let outcome = compiled_after(&with_line(line), |view| change(&mut view.slo[0].value));
        let told = outcome.told(Severity::Error);
        assert_eq!(told.len(), 1, "{told:?}");
        told[0][..4].to_owned()
    };
    assert_eq!(
        told("lost == 0", |line| line.metric.value = "speed".into()),
        "S123"
    );
    assert_eq!(
        told("lost == 0", |line| line.metric.value =
            "blast_radius".into()),
        "S112"
    );
    assert_eq!(
        told("recovery(f) < 1m", |line| line.argument = None),
        "S123"
    );
    assert_eq!(told("latency p99 < 1s", |line| line.stat = None), "S124");
    assert_eq!(
        told("latency p99 < 1s", |line| line
            .stat
            .as_mut()
            .expect("one")
            .value = "p100".into()),
        "S124"
    );
    assert_eq!(
        told("latency p99 < 1s", |line| line.target.value = "1".into()),
        "S125"
    );
}

#[test]
fn a_service_that_scales_has_room_for_the_most_and_says_what_it_begins_with() {
    let with = |written: &str| {
        file("[a, b]", "", "wiring: sync").replace("  a: { ", &format!("  a: {{ {written}, "))
    };
    let service = |written: &str| case(&with(written)).system.services[ServiceId(0)].clone();
    let scaled = service("replicas: 3, autoscale: { min: 2, max: 8 }");
    assert_eq!(scaled.replicas, 8);
    let law = scaled.autoscale.expect("it scales");
    assert_eq!((law.min, law.initial, law.max), (2, 3, 8));
    assert_eq!(
        service("autoscale: { min: 2, max: 8 }")
            .autoscale
            .map(|law| law.initial),
        Some(2)
    );
    for (written, what) in [
        (
            "replicas: 9, autoscale: { max: 8 }",
            "begins with 9 instances",
        ),
        (
            "balance: shared, autoscale: { max: 8 }",
            "is not supported yet",
        ),
    ] {
        let told = compiled(&with(written)).told(Severity::Error);
        assert!(told.len() == 1 && told[0].contains(what), "{told:?}");
    }
    let endless = with("autoscale: { max: 8 }").replace(
        "max: 8 }, concurrency: 10",
        "max: 8 }, concurrency: unlimited",
    );
    let told = compiled(&endless).told(Severity::Error);
    assert!(
        told.len() == 1 && told[0].contains("workers without end"),
        "{told:?}"
    );
}
