//! Faults: windows on the run's clock, targets, effects.

use super::{case, compiled, compiled_after, file};
use crate::arrivals::Stages;
use crate::diagnostic::Severity;
use crate::faults::Gauge;
use crate::kernel::time::Duration;
use crate::kernel::units::Op;
use crate::model::{
    BrokerId, End, FaultId, ServiceId, SourceId, System, Target, UNLIMITED, Ways, ZoneId,
};
use crate::scenario::{Scenario, Spanned};

/// The usual file, async, with one fault; warm-up is 1 min, the window 10 min.
fn with(fault: &str) -> String {
    let faults = format!("faults:\n  trouble: {fault}\nrun: {{ duration: 10m, warmup: 1m }}");
    file("[a, b]", "", "wiring: async").replace("run: { duration: 10m }", &faults)
}

/// The windows of a fault, as seconds of the run's clock.
fn windows(fault: &str) -> Vec<(f64, f64)> {
    let case = case(&with(fault));
    let fault = case.system.faults.iter().next().expect("one fault");
    fault
        .windows
        .iter()
        .map(|window| (window.start.as_secs_f64(), window.end.as_secs_f64()))
        .collect()
}

fn target(name: &str) -> Target {
    let case = case(&with(&format!(
        "{{ at: 1m, for: 1m, target: {name}, latency: x2 }}"
    )));
    case.system.faults.iter().next().expect("one fault").target
}

fn check(fault: &str, severity: Severity, expected: &[&str]) {
    let mut told = compiled(&with(fault)).told(severity);
    told.retain(|line| !line.starts_with("W210"));
    assert_eq!(told, expected, "\n{fault}");
}

#[test]
fn at_counts_from_the_opening_of_the_window() {
    assert_eq!(
        windows("{ at: 2m, for: 30s, target: a, pause: true }"),
        [(180.0, 210.0)]
    );
    assert_eq!(
        windows("{ at: 0s, for: 30s, target: a, pause: true }"),
        [(60.0, 90.0)]
    );
}

#[test]
fn every_repeats_until_the_window_closes() {
    assert_eq!(
        windows("{ at: 1m, for: 30s, every: 4m, target: a, pause: true }"),
        [(120.0, 150.0), (360.0, 390.0), (600.0, 630.0)]
    );
    // The fourth would begin at the very close.
    assert_eq!(
        windows("{ at: 1m, for: 30s, every: 3m, target: a, pause: true }").len(),
        3
    );
}

#[test]
fn a_target_is_a_service_a_broker_or_a_link() {
    let service = |idx| End::Service(ServiceId(idx));
    assert_eq!(target("b"), Target::Service(ServiceId(1)));
    assert_eq!(target("q"), Target::Broker(BrokerId(0)));
    assert_eq!(
        target("a -> b"),
        Target::Link {
            from: service(0),
            to: service(1)
        }
    );
    assert_eq!(
        target("client -> a"),
        Target::Link {
            from: End::Source(SourceId(0)),
            to: service(0)
        }
    );
    assert_eq!(
        target("q -> b"),
        Target::Link {
            from: End::Broker(BrokerId(0)),
            to: service(1)
        }
    );
}

#[test]
fn a_step_name_stands_for_its_service_if_that_is_one() {
    let text = with("{ at: 1m, for: 1m, target: pay, down: hang }")
        .replace("[a, b]", "[a, { pay: { service: c } }]");
    assert_eq!(
        case(&text).system.faults.iter().next().expect("one").target,
        Target::Service(ServiceId(2))
    );
}

#[test]
fn targets_must_exist() {
    check(
        "{ at: 1m, for: 1m, target: aa, down: hang }",
        Severity::Error,
        &["S102 `aa` unknown fault target `aa` (did you mean `a`?)"],
    );
    check(
        "{ at: 1m, for: 1m, target: a -> clint, drop: 1% }",
        Severity::Error,
        &["S102 `a -> clint` unknown fault target `clint` (did you mean `client`?)"],
    );
    check(
        "{ at: 1m, for: 1m, target: client, down: hang }",
        Severity::Error,
        &[
            "S121 `hang` a traffic source cannot have the effect `down` (a traffic source can only have `load: x5`; or hit the link from it to its first step)",
        ],
    );
}

#[test]
fn effects_fit_their_target() {
    let told = |fault: &str| compiled(&with(fault)).told(Severity::Error);
    for (effect, service, broker, link) in [
        ("down: refuse", true, true, true),
        ("down: hang", true, true, true),
        ("pause: true", true, true, false),
        ("errors: 10%", true, true, false),
        ("latency: +400ms", true, true, true),
        ("latency: x10", true, true, true),
        ("capacity: 50%", true, false, false),
        ("drop: 2%", true, true, true),
        ("drop_replies: 2%", true, true, true),
    ] {
        for (target, allowed) in [("a", service), ("q", broker), ("q -> b", link)] {
            let told = told(&format!(
                "{{ at: 1m, for: 1m, target: {target}, {effect} }}"
            ));
            assert_eq!(told.is_empty(), allowed, "{effect} at {target}: {told:?}");
            assert!(told.iter().all(|line| line.starts_with("S121")), "{told:?}");
        }
    }
}

#[test]
fn windows_make_sense() {
    let again = |view: &mut Scenario| {
        let fault = &mut view.faults[0].value;
        fault.every = Some(Spanned {
            value: Duration::SECOND,
            place: fault.at.place,
        });
    };
    let outcome = compiled_after(&with("{ at: 1m, for: 2m, target: a, pause: true }"), again);
    assert_eq!(
        outcome.told(Severity::Error),
        [
            "S122 `1m` fault `trouble` begins again before it has ended (`every` counts from begin to begin: at least `for`)",
        ]
    );
    check(
        "{ at: 20m, for: 2m, target: a, pause: true }",
        Severity::Warning,
        &[
            "W213 `20m` fault `trouble` begins after the measured window of 10m (`at` counts from the opening of the window: begin earlier, or measure longer)",
        ],
    );
    check(
        "{ at: 9m, for: 2m, target: a, pause: true }",
        Severity::Warning,
        &[
            "W213 `2m` fault `trouble` ends after 11m, but the measured window is 10m: recovery cannot be seen (end it earlier, or measure longer)",
        ],
    );
}

#[test]
fn replicas_are_of_a_service_that_has_them() {
    check(
        "{ at: 1m, for: 1m, target: a, replicas: 2, pause: true }",
        Severity::Error,
        &[
            "S119 `2` the fault hits 2 instances of `a`, which has 1 (leave `replicas` out to hit them all)",
        ],
    );
    check(
        "{ at: 1m, for: 1m, target: q, replicas: 1, pause: true }",
        Severity::Error,
        &["S121 `1` only a service has replicas (leave `replicas` out)"],
    );
    let one = case(&with(
        "{ at: 1m, for: 1m, target: a, replicas: 1, pause: true }",
    ));
    assert_eq!(one.system.faults.iter().next().expect("one").replicas, 1);
    let all = case(&with("{ at: 1m, for: 1m, target: a, pause: true }"));
    assert_eq!(
        all.system.faults.iter().next().expect("one").replicas,
        UNLIMITED
    );
}

#[test]
fn a_crash_a_share_and_a_throttle_are_of_instances() {
    let text = |of: &str| with(&format!("{{ at: 1m, {of} }}")).replace("b: {", "b: { replicas: 5,");
    let hits = |of: &str| {
        let case = case(&text(of));
        let fault = case.system.faults.iter().next().expect("one fault");
        (
            fault.replicas,
            fault.windows[0].end - fault.windows[0].start,
        )
    };
    let seconds = Duration::from_secs;
    assert_eq!(
        hits("target: b, kill: 2, restart_after: 30s"),
        (2, seconds(30))
    );
    assert_eq!(
        hits("target: q, kill: 1, restart_after: 9s"),
        (UNLIMITED, seconds(9))
    );
    // 30 % of 5 are 1.5: two; 20 % are one exactly, and nothing is less than one.
    for (share, n) in [("30%", 2), ("20%", 1), ("0%", 1), ("100%", UNLIMITED)] {
        let of = format!("for: 1m, target: b, pause: true, share: {share}");
        assert_eq!(hits(&of), (n, seconds(60)), "{share}");
    }
    let told = |of: &str| compiled(&text(of)).told(Severity::Error);
    assert_eq!(told("target: q, kill: 2, restart_after: 9s").len(), 1);
    assert_eq!(told("for: 1m, target: a -> b, throttle: 5/s").len(), 1);
    assert_eq!(told("for: 1m, target: q, share: 50%, pause: true").len(), 1);
    assert_eq!(told("target: b, kill: 6, restart_after: 9s").len(), 1);
}

#[test]
fn messages_are_spoilt_at_their_broker_and_doubled_on_the_way_to_it() {
    let told = |target: &str, effect: &str| {
        let fault =
            format!("faults:\n  f: {{ at: 1m, for: 1m, target: {target}, {effect} }}\nrun:");
        let text = super::file("[a, b]", "", "wiring: async").replace("run:", &fault);
        super::compiled(&text).told(crate::diagnostic::Severity::Error)
    };
    assert_eq!(told("q", "poison: 1%, duplicate: 1%"), [""; 0]);
    assert_eq!(told("a -> q", "duplicate: 1%"), [""; 0]);
    assert_eq!(
        told("b", "poison: 1%"),
        [
            "S121 `1%` a service cannot have the effect `poison` (messages are spoilt at their broker: name it as the target, or use `errors: 30%`)"
        ]
    );
    assert_eq!(
        told("q -> b", "duplicate: 1%"),
        [
            "S121 `1%` a link cannot have the effect `duplicate` (messages are doubled on the way to a broker: name the broker, or the link to it)"
        ]
    );
}

/// The usual file, where `a` stands in two zones and the broker in one of them.
fn in_zones(fault: &str) -> String {
    with(fault)
        .replace("  a: { ", "  a: { replicas: 3, zones: [north, south], ")
        .replace("q: {}", "q: { zone: south }")
}

#[test]
fn a_zone_is_whatever_something_stands_in() {
    let case = case(&in_zones(
        "{ at: 1m, for: 1m, target: south, down: hang, latency: x2, errors: 1% }",
    ));
    let (system, fault) = (&case.system, &case.system.faults[FaultId(0)]);
    let names: Vec<&str> = system.names.zones.iter().map(String::as_str).collect();
    assert_eq!(names, ["north", "south"]);
    assert_eq!(fault.target, Target::Zone(ZoneId(1)));
    let service = &system.services[ServiceId(0)];
    let zones = [0, 1, 2].map(|instance| service.zone_of(instance));
    assert_eq!(zones, [0, 1, 0].map(|zone| Some(ZoneId(zone))));
    assert!(system.touches(fault, Target::Broker(BrokerId(0))));
    assert!(system.touches(fault, Target::Service(ServiceId(0))));
    assert!(!system.touches(fault, Target::Service(ServiceId(1))));
}

#[test]
fn zones_and_lists_have_their_own_effects_and_names() {
    let told = |fault: &str| compiled(&in_zones(fault)).told(Severity::Error);
    assert_eq!(
        told("{ at: 1m, for: 1m, target: south, throttle: 5/s }"),
        [
            "S121 `5/s` a zone cannot have the effect `throttle` (name the service or the broker: a zone is lost (`down`, `pause`), slow or faulty as a whole)"
        ]
    );
    assert_eq!(
        told("{ at: 1m, for: 1m, target: discovery, errors: 5% }"),
        [
            "S121 `5%` a target `discovery` cannot have the effect `errors` (what callers know can only stay as it is: `pause: true`; instances that are down are a fault of their service)"
        ]
    );
    assert_eq!(
        told("{ at: 1m, for: 1m, target: sooth, down: hang }"),
        ["S102 `sooth` unknown fault target `sooth` (did you mean `south`?)"]
    );
    let twice = in_zones("{ at: 1m, for: 1m, target: b, down: hang }").replace("south", "b");
    let told = compiled(&twice).told(Severity::Error);
    assert_eq!(
        told,
        [
            "S103 `b` `b` names a service and a zone (give the zone a name of its own: a fault's target could mean either)"
        ]
    );
}

#[test]
fn a_random_fault_has_windows_in_each_replication_only() {
    let random = |what: &str| with(&format!("{{ {what}, target: b, down: hang }}"));
    let case = case(&random(
        "random: { mtbf: exponential 20s, mttr: exponential 5s }",
    ));
    assert!(case.system.faults[FaultId(0)].windows.is_empty());
    let drawn = |replication| {
        let system = case.system.in_replication(replication);
        system.faults[FaultId(0)].windows.clone()
    };
    let (first, second) = (drawn(0), drawn(1));
    assert_eq!(first, drawn(0));
    assert_ne!(first, second);
    // 1 min of warm-up, 10 min of window and 10 min of drain: 50 in the mean, ± 7.
    assert!((25..80).contains(&first.len()), "{}", first.len());
    let in_order = first.windows(2).all(|two| two[0].end <= two[1].start);
    assert!(in_order && first.iter().all(|window| window.start < window.end));
    for (what, code) in [
        ("random: { mtbf: 20s, mttr: 5s }", "W218"),
        ("random: { mtbf: exponential 1d, mttr: 5s }", "W213"),
    ] {
        let told = compiled(&random(what)).told(Severity::Warning);
        assert!(told.iter().any(|line| line.starts_with(code)), "{told:?}");
    }
    let told = compiled(&random("random: { mtbf: exponential 10ms, mttr: 1ms }"));
    assert_eq!(told.told(Severity::Error).len(), 1);
}

#[test]
fn a_surge_by_chance_is_in_the_arrivals_of_its_replication() {
    let surge = with("{ random: { mtbf: exponential 1m, mttr: 5s }, target: client, load: x5 }");
    let case = case(&surge);
    let drawn = case.system.in_replication(3);
    let windows = &drawn.faults[FaultId(0)].windows;
    let opens = case.system.plan.opens();
    assert!(!windows.is_empty() && windows.iter().all(|window| window.start >= opens));
    let stages = |system: &System| system.sources[SourceId(0)].arrivals.as_stages();
    let (before, after) = (stages(&case.system), stages(&drawn));
    let (Some(before), Some(after)) = (before, after) else {
        panic!("stages");
    };
    let peak = |of: &Stages| of.ramps.iter().map(|ramp| ramp.1).fold(of.start, f64::max);
    assert!((peak(&after) - 5.0 * peak(&before)).abs() < 1e-9);
}

#[test]
fn zones_are_cut_apart_one_way_or_both() {
    let target = |cut: &str| {
        let text = in_zones(&format!("{{ at: 1m, for: 1m, {cut} }}"));
        case(&text).system.faults[FaultId(0)].target
    };
    let both = target("cut: [north, south]");
    let Target::Between { from, to, ways } = both else {
        panic!("{both:?}");
    };
    assert_eq!(ways, Ways::Both);
    let ways = Ways::There;
    let back = Target::Between {
        from: to,
        to: from,
        ways,
    };
    assert_eq!(target("cut: south -> north"), back);
    assert_eq!(target("target: south -> north, drop: 2%"), back);
    let wrong = |fault: &str| {
        compiled(&in_zones(&format!("{{ at: 1m, for: 1m, {fault} }}"))).told(Severity::Error)
    };
    assert_eq!(
        wrong("cut: [north, sooth]"),
        ["S102 `[north, sooth]` unknown zone `sooth` (did you mean `south`?)"]
    );
    assert!(wrong("cut: [north, north]")[0].contains("cannot be cut from itself"));
    assert!(wrong("target: north -> south, latency: +1s")[0].contains("can only get lost"));
}

#[test]
fn a_fault_that_waits_names_what_it_waits_for() {
    let waits = |when: &str| with(&format!("{{ when: {when}, target: b, down: hang }}"));
    let fault = case(&waits("utilization(b) > 90%")).system.faults[FaultId(0)].clone();
    assert!(fault.windows.is_empty());
    let when = fault
        .when
        .map(|when| (when.gauge, when.op, when.level, when.lasts));
    assert_eq!(when, Some((Gauge::Utilization, Op::More, 0.9, None)));
    let wrong = |text: &str| compiled(text).told(Severity::Error);
    let unknown = wrong(&waits("backlog(bb) > 3"));
    assert_eq!(unknown.len(), 1, "{unknown:?}");
    assert!(
        unknown[0].contains("unknown service or broker `bb`"),
        "{unknown:?}"
    );
    let surge = wrong(&with("{ when: backlog(b) > 3, target: client, load: x5 }"));
    assert!(surge[0].contains("not supported yet"), "{surge:?}");
    let line = waits("backlog(b) > 3") + "slo: { back: recovery(trouble) < 1m }\n";
    let line = wrong(&line);
    assert!(
        line.iter()
            .any(|line| line.contains("at other times in every variant")),
        "{line:?}"
    );
}

#[test]
fn a_rolling_fault_takes_as_many_turns_as_there_are_batches() {
    let rolling = |what: &str| {
        with(&format!("{{ at: 1m, target: b, {what}, rolling: true }}"))
            .replace("  b: { ", "  b: { replicas: 5, ")
    };
    let turns = |what: &str| {
        let case = case(&rolling(what));
        let fault = &case.system.faults[FaultId(0)];
        let starts = fault
            .windows
            .iter()
            .map(|window| window.start.as_secs_f64());
        let hit: Vec<u32> = (0..fault.windows.len())
            .flat_map(|turn| {
                let turn = u32::try_from(turn).unwrap_or(u32::MAX);
                (0..5).filter(move |&instance| fault.hits(instance, 5, turn))
            })
            .collect();
        (starts.collect::<Vec<f64>>(), hit)
    };
    let (starts, hit) = turns("kill: 2, restart_after: 30s");
    assert_eq!(starts, [120.0, 150.0, 180.0]);
    assert_eq!(hit, [0, 1, 2, 3, 0, 4]);
    let (starts, hit) = turns("replicas: 1, for: 10s, every: 1m, down: refuse");
    assert_eq!(starts, [120.0, 180.0, 240.0, 300.0, 360.0]);
    assert_eq!(hit, [0, 1, 2, 3, 4]);
    let told = compiled(&rolling("for: 10s, down: refuse")).told(Severity::Error);
    assert!(told[0].contains("rolls over nothing"), "{told:?}");
}

#[test]
fn what_is_there_or_not_does_not_come_gradually() {
    let told = |what: &str| {
        let fault = format!("{{ at: 1m, for: 1m, target: b, {what} }}");
        compiled(&with(&fault)).told(Severity::Error)
    };
    assert_eq!(told("errors: 50%, latency: x3, ramp: 1m"), [""; 0]);
    let down = told("down: hang, ramp: 10s");
    assert!(
        down.len() == 1 && down[0].contains("`down` does not come gradually"),
        "{down:?}"
    );
    let long = told("errors: 50%, ramp: 61s");
    assert!(
        long.len() == 1 && long[0].contains("ends before it has grown"),
        "{long:?}"
    );
}
