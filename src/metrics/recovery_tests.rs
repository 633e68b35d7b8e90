//! Recovery on synthetic series.

use super::fixture::system;
use super::grid::GridBin;
use super::recovery::recoveries;
use crate::kernel::time::Duration;

/// 100 clients a second, answered in level 500 ± 5, one failure every 7 s, backlog 10 ± 2; `change` spoils some seconds.
fn series(seconds: u64, change: impl Fn(u64, &mut GridBin)) -> Vec<GridBin> {
    let bin = |s: u64| {
        let mut bin = GridBin {
            offered: 100,
            good: if s.is_multiple_of(7) { 99 } else { 100 },
            told: 100,
            level: 100 * (495 + s * 7 % 11),
            backlog: 8 + s * 3 % 5,
        };
        change(s, &mut bin);
        bin
    };
    (0..seconds).map(bin).collect()
}

fn check(faults: &[&[(u64, u64)]], change: impl Fn(u64, &mut GridBin)) -> Vec<Option<f64>> {
    let system = system(600, faults);
    let bins = series(600, change);
    let found = recoveries(&system.faults, &system.plan, Duration::SECOND, &bins);
    found.iter().copied().collect()
}

#[test]
fn untouched_is_back_at_once() {
    assert_eq!(check(&[&[(200, 260)]], |_, _| {}), [Some(0.0)]);
}

/// Where almost nobody was served before the fault, there is nothing to come back to.
#[test]
fn an_outage_is_no_baseline() {
    assert_eq!(check(&[&[(200, 260)]], |_, bin| bin.good = 30), [None]);
}

/// Whoever broke down before the fault, by load say, does not recover from the fault by staying down.
#[test]
fn a_breakdown_before_the_fault_is_no_baseline_either() {
    let down_from =
        |from: u64| move |s: u64, bin: &mut GridBin| bin.good -= if s >= from { 90 } else { 0 };
    assert_eq!(check(&[&[(300, 360)]], down_from(150)), [None]);
    // One that was over leaves the band as narrow as it was.
    let down = |s: u64, bin: &mut GridBin| {
        bin.good -= if (100..120).contains(&s) || s >= 300 {
            90
        } else {
            0
        };
    };
    assert_eq!(check(&[&[(300, 360)]], down), [Some(f64::INFINITY)]);
}

#[test]
fn back_before_the_fault_ends_is_back_at_once() {
    let down = |s, bin: &mut GridBin| bin.good -= if (200..250).contains(&s) { 90 } else { 0 };
    assert_eq!(check(&[&[(200, 260)]], down), [Some(0.0)]);
}

/// A second outside of its band spoils the window that slides over its edge: at most one second is told too much or too little.
fn is_near(found: &[Option<f64>], expected: f64) -> bool {
    (found[0].unwrap() - expected).abs() <= 1.0
}

#[test]
fn each_signal_alone_delays_recovery() {
    let faults: &[&[(u64, u64)]] = &[&[(200, 260)]];
    let bad = |s: u64| (200..300).contains(&s);
    let share = check(faults, |s, bin| bin.good -= if bad(s) { 50 } else { 0 });
    let level = check(faults, |s, bin| bin.level *= if bad(s) { 3 } else { 1 });
    let backlog = check(faults, |s, bin| bin.backlog += if bad(s) { 900 } else { 0 });
    assert!(is_near(&share, 40.0) && is_near(&level, 40.0) && is_near(&backlog, 40.0));
}

#[test]
fn a_relapse_within_thirty_seconds_is_not_back() {
    let relapsing = |s: u64| (200..280).contains(&s) || (300..310).contains(&s);
    let found = check(&[&[(200, 260)]], |s, bin| {
        bin.good -= if relapsing(s) { 50 } else { 0 };
    });
    assert!(is_near(&found, 50.0), "{found:?}");
}

#[test]
fn a_relapse_later_is_another_story() {
    let relapsing = |s: u64| (200..280).contains(&s) || (320..330).contains(&s);
    let found = check(&[&[(200, 260)]], |s, bin| {
        bin.good -= if relapsing(s) { 50 } else { 0 };
    });
    assert!(is_near(&found, 20.0), "{found:?}");
}

#[test]
fn what_never_comes_back_is_never() {
    let found = check(&[&[(200, 260)]], |s, bin| {
        bin.level *= if s >= 200 { 2 } else { 1 }
    });
    assert_eq!(found, [Some(f64::INFINITY)]);
}

#[test]
fn what_cannot_be_told_is_not_told() {
    let down = |s: u64, bin: &mut GridBin| bin.good -= if s >= 200 { 50 } else { 0 };
    assert_eq!(check(&[&[(0, 60)]], down), [None], "nothing before it");
    assert_eq!(
        check(&[&[(30, 60)]], down),
        [None],
        "20 s before it are too little"
    );
    assert_eq!(check(&[&[(550, 580)]], down), [None], "20 s after it");
    assert_eq!(check(&[&[(500, 700)]], down), [None], "acts at the end");
    assert_eq!(
        check(&[&[(200, 450)]], down),
        [None],
        "shorter after it than itself"
    );
    assert_eq!(check(&[&[]], down), [None], "it never acts");
}

#[test]
fn the_last_of_several_windows_counts() {
    let down = |s: u64, bin: &mut GridBin| {
        let is_down = (200..220).contains(&s) || (300..330).contains(&s);
        bin.good -= if is_down { 50 } else { 0 };
    };
    let found = check(&[&[(200, 220), (300, 320)]], down);
    assert!(is_near(&found, 10.0), "{found:?}");
}

#[test]
fn an_earlier_fault_and_its_recovery_are_no_baseline() {
    // The first one ends at 200 and is over at 260. If its time were baseline, the second one's trouble would be usual.
    let down = |s: u64, bin: &mut GridBin| {
        let is_down = (180..260).contains(&s) || (400..450).contains(&s);
        bin.good -= if is_down { 50 } else { 0 };
    };
    let found = check(&[&[(180, 200)], &[(400, 420)]], down);
    assert!(is_near(&found, 60.0), "{found:?}");
    assert!((found[1].unwrap() - 30.0).abs() <= 1.0, "{found:?}");
}

#[test]
fn after_one_that_never_recovers_the_calm_before_it_is_the_baseline() {
    let down = |s: u64, bin: &mut GridBin| bin.good -= if s >= 180 { 50 } else { 0 };
    let found = check(&[&[(180, 200)], &[(300, 320)]], down);
    assert_eq!(found, [Some(f64::INFINITY); 2]);
}
