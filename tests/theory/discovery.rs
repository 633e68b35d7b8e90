//! What it costs that callers do not know at once who is gone: health checks, lists asked for from time to time, a list that
//! does not change, and one that nobody believes.

use crate::harness::{figure, flow, holds, study};
use brownout::analysis::Estimate;

/// Two desks, ten clerks a second in turn, from the first of 100 s on one desk is down. Gives the share answered.
fn answered(down: &str, discovery: &str, faults: &str) -> Estimate {
    let findings = study(&format!(
        "brownout: 1
flows: {{ ask: {{ from: clerk, steps: [desk] }} }}
services: {{ desk: {{ replicas: 2, concurrency: unlimited, service_time: 1ms, discovery: {discovery} }} }}
traffic: {{ clerk: {{ rate: 10/s, arrivals: constant }} }}
variants: {{ called: {{ wiring: sync, calls: {{ desk: {{ timeout: 100ms }} }} }} }}
faults:
  dead: {{ at: 0s, for: 100s, target: desk, replicas: 1, down: {down} }}
{faults}
slo: {{ answered: availability >= 0% }}
run: {{ duration: 100s, warmup: 10s, replications: 60, seed: 17, confidence: 99.9% }}
"
    ));
    figure(&findings, "called", "availability")
}

/// A third failure in a row: the first look comes after a time uniform on (0, 10 s), the third 20 s later: 25 s in the mean, and
/// half of the clerks fail until then. Who hangs is found out by the timeout of the look, later.
#[test]
fn three_looks_take_two_and_a_half_intervals() {
    let check = "{ health_check: { interval: 10s, timeout: 2s, unhealthy_after: 3 } }";
    let refused = answered("refuse", check, "");
    holds("refused", 1.0 - 25.0 / 2.0 / 100.0, refused);
    let hung = answered("hang", check, "");
    holds("hung", 1.0 - 27.0 / 2.0 / 100.0, hung);
}

/// Callers that ask every 30 s wait 15 s more in the mean, whenever the checks have found out: after 2 + 4 s. Until then, 21 s,
/// half of the clerks fail.
#[test]
fn a_list_that_is_asked_for_is_older_by_half_its_period() {
    let law = "{ refresh: 30s, health_check: { interval: 4s, unhealthy_after: 2 } }";
    let asked = answered("refuse", law, "");
    holds("asked", 1.0 - 21.0 / 2.0 / 100.0, asked);
}

/// As long as discovery itself is out, the list stays as it was; then it is right at once.
#[test]
fn a_frozen_list_keeps_who_is_gone() {
    let check = "{ health_check: { interval: 1s, unhealthy_after: 1 } }";
    for effect in ["pause: true", "down: hang"] {
        let frozen = format!("  frozen: {{ at: 0s, for: 40s, target: discovery, {effect} }}");
        // Of two clerks in a row one fails: 200 of the first 400, or one more.
        let share = answered("refuse", check, &frozen).mean;
        assert!((share - 0.8).abs() <= 0.001 + 1e-9, "{effect}: {share}");
    }
}

/// Where half of the instances is too small a share to be believed, callers go on sending to all.
#[test]
fn a_share_below_the_panic_threshold_is_not_believed() {
    let law = |panic| {
        format!("{{ health_check: {{ interval: 1s, unhealthy_after: 1 }}, panic_below: {panic} }}")
    };
    let share = answered("refuse", &law("51%"), "").mean;
    assert!((share - 0.5).abs() <= 0.001 + 1e-9, "{share}");
    assert!(answered("refuse", &law("50%"), "").mean > 0.98);
}

/// Three desks in turn, ten clerks a second, one desk down: every third clerk fails, until five in a row have. Then it is left out
/// for 30 s, after five more for 60 s, and so on: 30 + 60 + 90 + 120 + 150 + 180 s are more than ten minutes, so six times five
/// fail. The two instances of an office decide each for themselves: five of each one's calls fail, six times.
#[test]
fn an_outlier_is_left_out_longer_each_time() {
    let failed = |balance: &str, services: &str, (steps, caller): (&str, &str)| {
        let findings = study(&format!(
            "brownout: 1
flows: {{ ask: {{ from: clerk, steps: {steps} }} }}
services:
  desk: {{ replicas: 3, balance: {balance}, concurrency: unlimited, service_time: 1ms }}
{services}
traffic: {{ clerk: {{ rate: 10/s, arrivals: constant }} }}
variants: {{ called: {{ wiring: sync, calls: {{ {caller}: {{ outlier_ejection: {{}} }} }} }} }}
faults: {{ dead: {{ at: 0s, for: 10m, target: desk, replicas: 1, down: refuse }} }}
slo: {{ answered: availability >= 0% }}
run: {{ duration: 10m, warmup: 10s, replications: 1 }}
"
        ));
        flow(&findings, "called").outcomes.failed
    };
    assert_eq!(failed("round_robin", "", ("[desk]", "desk")), 6 * 5);
    // Five failures of one in three of 5/s take 3 s in the mean: six times that, and 450 s, is the begin of the last 180 s.
    let office = "  office: { replicas: 2, concurrency: unlimited, service_time: 1ms }";
    let two = failed("random", office, ("[office, desk]", "office -> desk"));
    assert_eq!(two, 2 * 6 * 5);
}

/// A deployment that takes one of four instances away for 30 s each, one after the other: for two minutes a quarter of the calls
/// finds nobody, whichever instance it is. Two at a time take one minute, and half of the calls.
#[test]
fn a_rolling_fault_hits_every_instance_once() {
    for (at_once, share_s) in [(1, 30.0), (2, 30.0), (3, 45.0)] {
        let findings = study(&format!(
            "brownout: 1
flows: {{ ask: {{ from: clerk, steps: [desk] }} }}
services: {{ desk: {{ replicas: 4, concurrency: unlimited, service_time: 1ms }} }}
traffic: {{ clerk: {{ rate: 40/s, arrivals: constant }} }}
variants: {{ called: {{ wiring: sync }} }}
faults: {{ deploy: {{ at: 30s, target: desk, kill: {at_once}, restart_after: 30s, rolling: true }} }}
slo: {{ answered: availability >= 0% }}
run: {{ duration: 200s, warmup: 10s, replications: 1 }}
"
        ));
        // 4 × 30 s × 1/4, 2 × 30 s × 2/4, 2 × 30 s × 3/4.
        let lost = 200.0 * (1.0 - figure(&findings, "called", "availability").mean);
        assert!((lost - share_s).abs() < 0.2, "{at_once}: {lost}");
        let windows = &findings.faults[0].windows;
        assert_eq!(windows.len(), 4_usize.div_ceil(at_once), "{windows:?}");
    }
}

/// Where the key names the instance, one hot key makes one hot instance: 60 % and a third of the rest. Who is on the list takes
/// the keys of those who are not.
#[test]
fn keys_go_to_their_instance_and_from_a_dead_one_to_the_next() {
    let answered = |discovery: &str| {
        let findings = study(&format!(
            "brownout: 1
flows: {{ ask: {{ from: clerk, steps: [{{ desk: {{ key: {{ hot: 60% }} }} }}] }} }}
services: {{ desk: {{ replicas: 3, balance: hash, concurrency: unlimited, service_time: 1ms{discovery} }} }}
traffic: {{ clerk: {{ rate: 50/s }} }}
variants: {{ called: {{ wiring: sync }} }}
faults: {{ dead: {{ at: 0s, for: 10m, target: desk, replicas: 1, down: refuse }} }}
slo: {{ answered: availability >= 0% }}
run: {{ duration: 10m, warmup: 10s, replications: 10, confidence: 99.9% }}
"
        ));
        figure(&findings, "called", "availability")
    };
    holds("hot", 1.0 - (0.6 + 0.4 / 3.0), answered(""));
    let check = ", discovery: { health_check: { interval: 1s, unhealthy_after: 1 } }";
    assert!(answered(check).mean > 0.998);
}
