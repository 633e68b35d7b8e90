//! The meter, driven by hand.

use super::fixture::{FLOW, PAY, SHOP, at, end, objective, run, system, wiring};
use super::{Counts, Ending, Meter, Observation};
use crate::engine::{
    Answer, Applied, Boundary, Cause, Counted, Fate, Place, Probe as _, WorkerTime,
};
use crate::kernel::time::Duration;
use crate::kernel::units::Op;
use crate::model::{ChannelId, EdgeId, FaultId, Metric, Scope, ServiceId, Stat};
use crate::policies::Outcome;

const CAUSE: Cause = Cause {
    outcome: Outcome::Timeout,
    place: Place::Queued(PAY),
    starved_by: None,
    fault: None,
};

/// Every way a flow run can go, once, and one of the warm-up that must not count.
fn every_way() -> Observation {
    let system = system(100, &[]);
    let mut meter = Meter::new(&system, &wiring("sync"));
    meter.backlog(at(-500), FLOW, 2);
    meter.offered(run(-500));
    meter.answered(at(100), run(-500), Answer::Ok, None);
    meter.completed(at(600), at(600), run(-500));
    meter.closed(at(600), run(-500), Fate::Completed, None);
    for ms in 0..8 {
        meter.offered(run(ms * 1_000));
    }
    meter.answered(at(100), run(0), Answer::Ok, None);
    meter.completed(at(400), at(300), run(0));
    meter.closed(at(400), run(0), Fate::Completed, None);
    meter.answered(at(1_200), run(1_000), Answer::Degraded, None);
    meter.closed(at(1_300), run(1_000), Fate::Lost, Some(CAUSE));
    meter.answered(at(2_300), run(2_000), Answer::Failed, Some(CAUSE));
    meter.closed(at(2_300), run(2_000), Fate::Refused, None);
    meter.answered(at(8_000), run(3_000), Answer::GaveUp, None);
    meter.closed(at(9_000), run(3_000), Fate::Refused, None);
    meter.answered(at(4_500), run(4_000), Answer::Ok, None);
    meter.closed(at(20_000), run(4_000), Fate::DeadLettered, Some(CAUSE));
    meter.answered(at(5_600), run(5_000), Answer::Ok, None);
    meter.backlog(at(50_000), FLOW, 4);
    meter.duplicated(run(5_000), SHOP, Applied::Again);
    meter.duplicated(run(5_000), SHOP, Applied::Once);
    meter.duplicated(run(-500), SHOP, Applied::Again);
    meter.closed(at(200_000), run(5_000), Fate::Incomplete, Some(CAUSE));
    meter.closed(at(200_000), run(6_000), Fate::Unanswered, None);
    meter.answered(at(7_000), run(7_000), Answer::Ok, None);
    meter.completed(at(7_000), at(7_000), run(7_000));
    meter.closed(at(7_000), run(7_000), Fate::Completed, None);
    meter.into_observation(end(200_000))
}

#[test]
fn each_flow_run_is_in_exactly_one_account() {
    let seen = every_way();
    let counts = seen.flows[FLOW].whole.counts;
    assert_eq!(
        counts,
        Counts {
            offered: 8,
            answered_ok: 4,
            degraded: 1,
            failed: 1,
            gave_up: 1,
            unanswered: 1,
            completed: 2,
            lost: 1,
            dead_lettered: 1,
            compensated: 0,
            incomplete: 1,
            duplicates_applied: 1,
        }
    );
    let causes: u64 = seen.flows[FLOW].causes.iter().map(|(_, count)| count).sum();
    assert_eq!(causes, counts.not_well());
    assert_eq!(causes, 6);
    let endings: Vec<Ending> = seen.flows[FLOW]
        .causes
        .iter()
        .map(|(key, _)| key.0)
        .collect();
    assert!(endings.is_sorted() && endings.len() == 6);
}

#[test]
fn times_run_from_the_intended_start_and_unfinished_ones_count() {
    let seen = every_way();
    let whole = &seen.flows[FLOW].whole;
    let latency = whole.latency.as_ref().unwrap();
    // 0.1, 0.2, 0.3, 5 (gave up), 0.5, 0.6, 194 (unanswered), 0.
    assert_eq!((latency.n(), latency.max_s()), (8, Some(194.0)));
    assert!((latency.mean_s().unwrap() - 200.7 / 8.0).abs() < 1e-9);
    let completion = whole.completion.as_ref().unwrap();
    // 0.3 (not 0.4: done before it was told), 0, 195 (incomplete).
    assert_eq!((completion.n(), completion.max_s()), (3, Some(195.0)));
    assert!((completion.mean_s().unwrap() - 195.3 / 3.0).abs() < 1e-9);
}

#[test]
fn backlog_and_completions_are_of_all_flow_runs_by_the_clock() {
    let seen = every_way();
    let whole = &seen.flows[FLOW].whole;
    assert_eq!((whole.completions, whole.backlog_max), (3, 4));
    assert!(
        (whole.backlog_mean - 3.0).abs() < 1e-12,
        "2 for 50 s, then 4"
    );
    let bins = &seen.flows[FLOW].series.bins;
    assert_eq!(bins.iter().map(|bin| bin.completed).sum::<u64>(), 3);
    assert_eq!((bins[99].backlog, bins[100].backlog), (2, 4));
    assert_eq!(bins.len(), 400, "0.5 s each, twice the window");
}

#[test]
fn bins_tell_by_intended_start() {
    let seen = every_way();
    let bins = &seen.flows[FLOW].series.bins;
    let told = |idx: usize| (bins[idx].offered, bins[idx].good, bins[idx].latency.n());
    assert_eq!(
        (told(0), told(1), told(6)),
        ((1, 1, 1), (0, 0, 0), (1, 0, 1))
    );
    assert!((bins[6].latency.max_s().unwrap() - 5.0).abs() < 1e-9);
    assert_eq!(bins.iter().map(|bin| bin.offered).sum::<u64>(), 8);
}

#[test]
fn a_scope_counts_those_who_start_in_it() {
    let mut system = system(100, &[&[(10, 20), (30, 40)]]);
    let fault = FaultId(0);
    let scopes = [
        Scope::During(fault),
        Scope::After(fault),
        Scope::Outside(fault),
    ];
    for scope in scopes {
        let line = (Op::Less, 1.0);
        objective(&mut system, Metric::Latency, Stat::Mean, line, scope);
    }
    let mut meter = Meter::new(&system, &wiring("sync"));
    for s in 0..100 {
        meter.offered(run(s * 1_000));
        meter.answered(at(s * 1_000 + s), run(s * 1_000), Answer::Ok, None);
    }
    let seen = meter.into_observation(end(100_000));
    let slices: Vec<_> = seen.scoped.iter().map(|scoped| &scoped.slice).collect();
    let offered: Vec<u64> = slices.iter().map(|slice| slice.counts.offered).collect();
    let seconds: Vec<f64> = slices.iter().map(|slice| slice.seconds).collect();
    assert_eq!(offered, [20, 60, 80]);
    assert_eq!(seconds, [20.0, 60.0, 80.0]);
    let longest: Vec<_> = slices
        .iter()
        .map(|s| s.latency.as_ref().unwrap().max_s())
        .collect();
    assert_eq!(longest, [Some(0.039), Some(0.099), Some(0.099)]);
    assert!(
        slices.iter().all(|slice| slice.completion.is_none()),
        "nobody asked"
    );
}

#[test]
fn only_counted_attempts_and_messages_are_counted() {
    let system = system(100, &[]);
    let mut meter = Meter::new(&system, &wiring("sync"));
    for counted in [Counted::Yes, Counted::No] {
        meter.attempted(EdgeId(1), counted);
        meter.settled(EdgeId(1), counted, Outcome::Reset);
        meter.started(at(5), ChannelId(0), counted, Duration::from_millis(30));
    }
    let seen = meter.into_observation(end(100_000));
    assert_eq!(seen.edges[EdgeId(1)].attempts, 1);
    assert_eq!(seen.edges[EdgeId(1)].outcomes[Outcome::Reset as usize], 1);
    assert_eq!(seen.message_ages[ChannelId(0)].n(), 1);
}

#[test]
fn worker_time_is_that_of_the_window() {
    let system = system(100, &[]);
    let mut meter = Meter::new(&system, &wiring("sync"));
    let account = |busy, held, idle, down| WorkerTime {
        busy,
        held,
        idle,
        down,
        off: 0,
        queue_max: 9,
    };
    let unlimited = account(1_000, 0, 0, 0);
    let opened = [account(100, 0, 900, 0), account(0, 0, 1_000, 0), unlimited];
    meter.boundary(at(0), Boundary::Opens, &opened, 50);
    let closed = [
        account(500, 200, 1_200, 100),
        account(0, 0, 2_000, 0),
        unlimited,
    ];
    meter.boundary(at(100_000), Boundary::Closes, &closed, 150);
    meter.boundary(
        at(150_000),
        Boundary::Ends,
        &[WorkerTime::default(); 3],
        900,
    );
    let seen = meter.into_observation(end(150_000));
    let shop = seen.services[ServiceId(0)];
    assert_eq!(
        (shop.busy, shop.held, shop.queue_max),
        (Some(0.4), Some(0.2), 9)
    );
    assert_eq!(seen.services[ServiceId(1)].busy, Some(0.0));
    assert_eq!(seen.services[ServiceId(2)].busy, None);
    assert!((seen.wasted_work - 0.25).abs() < 1e-12, "100 of 400");
}

#[test]
fn ten_second_windows_are_good_or_not() {
    let mut system = system(100, &[]);
    let line = (Op::AtLeast, 0.95);
    objective(
        &mut system,
        Metric::WindowedAvailability,
        Stat::Value,
        line,
        Scope::Whole,
    );
    let mut meter = Meter::new(&system, &wiring("sync"));
    // 10 a second for 60 s, then nobody; one failure in the first window, six in the second.
    for idx in 0..600 {
        let this = run(idx * 100);
        let failed = idx == 5 || (100..106).contains(&idx);
        let answer = if failed { Answer::Failed } else { Answer::Ok };
        meter.offered(this);
        meter.answered(this.start, this, answer, None);
    }
    let seen = meter.into_observation(end(100_000));
    assert_eq!(seen.flows[FLOW].good_windows, [(0.95, Some(5.0 / 6.0))]);
}
