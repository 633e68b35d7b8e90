//! Findings from observations made by hand.

use super::*;
use crate::engine::{self, Answer, Counted, Fate, Place, Probe as _};
use crate::kernel::units::Op;
use crate::metrics::Meter;
use crate::metrics::fixture::{PAY, SHOP, at, end, objective, run, system, wiring};
use crate::model::{EdgeId, ServiceId, StepId};
use crate::policies::Outcome;

/// How flow run number `n` of replication `replication` fares.
type Fares = fn(replication: i64, n: i64) -> (Answer, Fate, Option<engine::Cause>);

/// 1 000 flow runs, ten a second, each answered after `latency_ms` + its replication, in each of three replications.
fn observations(case: &Case, latency_ms: i64, fares: Fares) -> Vec<Observation> {
    let one = |replication: i64| {
        let mut meter = Meter::new(&case.system, &case.wiring);
        for n in 0..1_000 {
            let this = run(n * 100);
            let (answer, fate, first) = fares(replication, n);
            let told = at(n * 100 + latency_ms + replication);
            meter.offered(this);
            meter.attempted(EdgeId(0), Counted::Yes);
            meter.settled(EdgeId(0), Counted::Yes, Outcome::Ok);
            if fate != Fate::Unanswered {
                meter.answered(told, this, answer, first);
            }
            if fate == Fate::Completed {
                meter.completed(told, told, this);
            }
            meter.closed(told, this, fate, first);
        }
        meter.into_observation(end(120_000))
    };
    (0..3).map(one).collect()
}

fn cause(outcome: Outcome, place: Place) -> engine::Cause {
    engine::Cause {
        outcome,
        place,
        starved_by: None,
        fault: None,
    }
}

fn well(_: i64, _: i64) -> (Answer, Fate, Option<engine::Cause>) {
    (Answer::Ok, Fate::Completed, None)
}

/// 900 complete; 40 give up queued for starved `shop`, 20 waiting for `pay` in the fault, 10 time out, 10 get lost, 10 are
/// parked, 5 are incomplete, 5 unanswered.
fn badly(_: i64, n: i64) -> (Answer, Fate, Option<engine::Cause>) {
    let timeout = |place| cause(Outcome::Timeout, place);
    let starved = engine::Cause {
        starved_by: Some(ServiceId(1)),
        ..cause(Outcome::GaveUp, Place::Queued(SHOP))
    };
    let hit = engine::Cause {
        fault: Some(FaultId(0)),
        ..cause(Outcome::GaveUp, Place::Hanging(PAY))
    };
    match n {
        0..40 => (Answer::GaveUp, Fate::Refused, Some(starved)),
        40..50 => (Answer::GaveUp, Fate::Refused, Some(hit)),
        50..60 => {
            let serving = engine::Cause {
                place: Place::Serving(PAY),
                ..hit
            };
            (Answer::GaveUp, Fate::Refused, Some(serving))
        }
        60..70 => (
            Answer::Failed,
            Fate::Refused,
            Some(timeout(Place::Queued(PAY))),
        ),
        70..80 => (
            Answer::Ok,
            Fate::Lost,
            Some(timeout(Place::Broker(StepId(2)))),
        ),
        80..90 => (
            Answer::Degraded,
            Fate::DeadLettered,
            Some(timeout(Place::At(StepId(2)))),
        ),
        90..95 => (
            Answer::Ok,
            Fate::Incomplete,
            Some(timeout(Place::Queued(StepId(2)))),
        ),
        95..100 => (Answer::Failed, Fate::Unanswered, None),
        _ => well(0, n),
    }
}

fn found(system: &System, fares: [Fares; 2]) -> Findings {
    let case = |name: &str| Case {
        system: system.clone(),
        wiring: wiring(name),
    };
    let cases = [case("sync"), case("async")];
    let observations = Observations {
        first: 0,
        cases: vec![
            observations(&cases[0], 50, fares[0]),
            observations(&cases[1], 20, fares[1]),
        ],
    };
    findings(
        Stamp::of(&cases[0].system.plan, "shop"),
        Vec::new(),
        &cases,
        &observations,
    )
}

fn figure(flow: &FlowFindings, name: &str) -> Estimate {
    let named = flow.figures.iter().find(|(other, _)| *other == name);
    named.unwrap_or_else(|| panic!("no figure {name}")).1
}

#[test]
fn causes_add_up_and_say_why() {
    let findings = found(&system(100, &[&[(50, 60)]]), [badly, well]);
    let flow = &findings.variants[0].flows[0];
    let counts = flow.outcomes;
    let not_well = counts.failed
        + counts.gave_up
        + counts.unanswered
        + counts.lost
        + counts.dead_lettered
        + counts.incomplete;
    let causes = &flow.causes;
    assert_eq!(
        causes.iter().map(|cause| cause.count).sum::<u64>(),
        not_well
    );
    assert_eq!(not_well, 300);
    assert!((causes.iter().map(|cause| cause.share).sum::<f64>() - 1.0).abs() < 1e-12);
    assert!(causes.is_sorted_by_key(|cause| std::cmp::Reverse(cause.count)));
    let text = |cause: &Cause| {
        format!(
            "{} {}: {} / {}",
            cause.count, cause.outcome, cause.what, cause.why
        )
    };
    let texts: Vec<String> = causes.iter().map(text).collect();
    assert_eq!(
        texts,
        [
            "120 gave_up: gave up after 5s queued for shop / all 8 slots were waiting on pay",
            "60 gave_up: gave up after 5s waiting for pay / fault_0",
            "30 dead_lettered: accepted, then dead-lettered at ship / load",
            "30 lost: accepted, then lost at the broker in front of ship / the broker's queue was longer than the wait",
            "30 timeout: timed out after 2s queued for pay / the queue was longer than the timeout",
            "15 unfinished: accepted, not done by the end of the run, queued for ship / the run ended first",
            "15 unfinished: no answer by the end of the run, on its way / no single cause",
        ]
    );
    assert!(findings.variants[1].flows[0].causes.is_empty());
}

#[test]
fn figures_are_those_of_the_observations() {
    let findings = found(&system(100, &[&[(50, 60)]]), [badly, well]);
    let [sync, queue] = [0, 1].map(|variant| &findings.variants[variant].flows[0]);
    let check = |flow, name, expected: f64| {
        let mean = figure(flow, name).mean;
        assert!((mean - expected).abs() < 1e-9, "{name}: {mean}");
    };
    check(sync, "availability", 0.925);
    check(queue, "availability", 1.0);
    check(queue, "latency_mean", 0.021);
    check(queue, "goodput", 10.0);
    // The last one starts at 99.9 s and is told within the window too.
    check(queue, "throughput", 10.0);
    check(queue, "amplification", 1.0);
    check(sync, "unfinished", 10.0);
    check(sync, "lost", 10.0);
    check(sync, "dead_lettered", 10.0);
    // 20, 21 and 22 ms: half-width t(0.975; 2) / √3 = 4.303 / 1.732.
    let half = figure(queue, "latency_mean").half_width.unwrap();
    assert!((half - 4.3027e-3 / 3.0_f64.sqrt()).abs() < 1e-7);
    let names: Vec<_> = queue.figures.iter().map(|(name, _)| *name).collect();
    assert!(names.contains(&"latency_p99"), "3 000 samples: 30 above");
    assert!(!names.contains(&"latency_p999"), "3 above (A39)");
    assert_eq!(names.first(), Some(&"availability"));
}

#[test]
fn differences_are_paired() {
    let findings = found(&system(100, &[]), [well, well]);
    let latency = findings
        .differences
        .iter()
        .find(|line| line.figure == "latency_mean");
    let latency = latency.unwrap();
    assert_eq!((&*latency.variant, &*latency.baseline), ("async", "sync"));
    // 30 ms in every replication: the replications' own spread cancels.
    assert!((latency.estimate.mean + 0.030).abs() < 1e-9);
    assert!(latency.estimate.half_width.unwrap() < 1e-9);
}

#[test]
fn lines_are_judged_by_their_figure() {
    use Metric::{Amplification, Availability, Latency, Lost, Recovery};
    use Op::{AtLeast, Equal, Less};
    use Scope::{After, During, Whole};
    use Verdict::{Fail, Pass, Undecided};
    let fault = FaultId(0);
    let lines = [
        (
            Availability,
            Stat::Value,
            AtLeast,
            0.99,
            Whole,
            [Fail, Pass],
        ),
        (
            Latency,
            Stat::Quantile(0.99),
            Less,
            0.040,
            Whole,
            [Fail, Pass],
        ),
        // Too few samples (A39).
        (
            Latency,
            Stat::Quantile(0.9999),
            Less,
            0.040,
            Whole,
            [Undecided; 2],
        ),
        (Lost, Stat::Value, Equal, 0.0, Whole, [Fail, Pass]),
        // All that went wrong was before.
        (
            Availability,
            Stat::Value,
            AtLeast,
            0.99,
            After(fault),
            [Pass; 2],
        ),
        // Not measured in a scope.
        (
            Amplification,
            Stat::Value,
            Less,
            2.0,
            During(fault),
            [Undecided; 2],
        ),
        (Recovery(fault), Stat::Value, Less, 10.0, Whole, [Pass; 2]),
    ];
    let mut system = system(100, &[&[(50, 60)]]);
    for (metric, stat, op, target, scope, _) in lines {
        objective(&mut system, metric, stat, (op, target), scope);
    }
    let findings = found(&system, [badly, well]);
    for (line, (_, _, _, _, _, expected)) in findings.objectives.iter().zip(lines) {
        let verdicts: Vec<Verdict> = line.cells.iter().map(|cell| cell.verdict).collect();
        assert_eq!(verdicts, expected, "{line:?}");
    }
    assert_eq!(findings.objectives[2].cells[0].estimate, None);
}

#[test]
fn a_line_binds_only_the_variants_it_names() {
    let mut system = system(100, &[&[(50, 60)]]);
    let line = (Op::Equal, 0.0);
    objective(&mut system, Metric::Lost, Stat::Value, line, Scope::Whole);
    system.objectives[crate::model::ObjectiveId(0)].variants = vec!["async".into()];
    let cells = &found(&system, [badly, badly]).objectives[0].cells;
    assert_eq!(
        (cells[0].verdict, cells[1].verdict),
        (Verdict::NotBound, Verdict::Fail)
    );
}

#[test]
fn the_timeline_means_over_replications() {
    let findings = found(&system(100, &[&[(50, 60)]]), [badly, well]);
    let series = &findings.variants[1].flows[0].series;
    assert_eq!(
        (series.len(), series[0].length_s, series[3].start_s),
        (240, 0.5, 1.5)
    );
    let is = |value: f64, expected: f64| (value - expected).abs() < 1e-12;
    assert!(
        series[..200]
            .iter()
            .all(|bin| is(bin.offered, 5.0) && is(bin.availability, 1.0))
    );
    assert!(
        series[..200]
            .iter()
            .all(|bin| bin.availability_band == Some((1.0, 1.0)))
    );
    assert!(
        series[200..]
            .iter()
            .all(|bin| bin.availability.is_nan() && is(bin.offered, 0.0))
    );
    let spoilt = &findings.variants[0].flows[0].series[0];
    assert!(is(spoilt.availability, 0.0));
    assert_eq!(findings.faults[0].windows, [(50.0, 60.0)]);
    assert_eq!(
        (&*findings.faults[0].target, &*findings.faults[0].effect),
        ("pay", "down: hang")
    );
}

#[test]
fn nothing_observed_is_not_a_panic() {
    let mut system = system(100, &[&[(50, 60)]]);
    let line = (Op::Equal, 0.0);
    objective(&mut system, Metric::Lost, Stat::Value, line, Scope::Whole);
    let cases = [Case {
        system,
        wiring: wiring("sync"),
    }];
    let observations = Observations::none(1, 0);
    let findings = findings(
        Stamp::of(&cases[0].system.plan, "shop"),
        Vec::new(),
        &cases,
        &observations,
    );
    assert_eq!(findings.objectives[0].cells[0].verdict, Verdict::Undecided);
    assert!(findings.variants[0].flows[0].figures.is_empty());
}
