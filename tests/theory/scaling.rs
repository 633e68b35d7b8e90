//! Instances that come and go, and that are slow when they have just come.

use crate::harness::{figure, study, variant};

/// Twenty clerks a second for ten minutes, ten before and after; one worker an instance, 100 ms each, of which 60 % are to be busy.
///
/// Two instances do for ten a second. The surge begins with a decision of the scaler; the next one, 15 s later, sees both busy all
/// the time and wants 2 ÷ 0.6, so four, which are there 30 s after that. Two are too many when the surge is over, but they go only if no
/// decision of the last minute has wanted them: at the surge's end one did, so 75 s later; the decision after that finds them
/// empty. So there are four for 600 − 15 − 30 + 75 + 15 = 645 s.
#[test]
fn instances_follow_the_load_late() {
    let findings = study(
        "brownout: 1
flows: { ask: { from: clerk, steps: [desk] } }
services:
  desk: { service_time: 100ms, replicas: 2, balance: least_requests, autoscale: { min: 1, max: 9, target_utilization: 60%, interval: 15s, start_up: 30s, cool_down: 60s } }
traffic: { clerk: { rate: 10/s, arrivals: constant } }
variants: { called: { wiring: sync } }
faults: { surge: { at: 5m, for: 10m, target: clerk, load: x2 } }
slo: { answered: availability >= 0% }
run: { duration: 20m, warmup: 5m, replications: 1 }
",
    );
    let desk = &variant(&findings, "called").services[0];
    let instances = desk.instances.unwrap().mean;
    let expected = 2.0 + 2.0 * 645.0 / 1200.0;
    assert!((instances - expected).abs() < 1e-6, "{instances}");
    // Work there was for (10 × 600 + 20 × 600) × 0.1 s.
    let busy = desk.busy.unwrap().mean;
    let share = 18_000.0 * 0.1 / (expected * 1200.0);
    assert!((busy - share).abs() < 1e-3, "{busy}");
    assert!((figure(&findings, "called", "availability").mean - 1.0).abs() < 1e-12);
}

/// A desk that comes up cold: 100 clerks find it down, the next 100 wait for three times as long, 400 as usual.
#[test]
fn who_has_restarted_is_cold_for_a_while() {
    let findings = study(
        "brownout: 1
flows: { ask: { from: clerk, steps: [desk] } }
services: { desk: { service_time: 10ms, concurrency: unlimited, warm_up: { for: 10s, slowdown: x3 } } }
traffic: { clerk: { rate: 10/s, arrivals: constant } }
variants: { called: { wiring: sync } }
faults: { crash: { at: 0s, target: desk, kill: 1, restart_after: 10s } }
slo: { answered: availability >= 0% }
run: { duration: 60s, warmup: 1s, replications: 1 }
",
    );
    let mean = figure(&findings, "called", "latency_mean").mean;
    let expected = (100.0 * 0.030 + 400.0 * 0.010) / 600.0;
    // One clerk more or less at each border.
    assert!((mean - expected).abs() < 0.03 / 600.0 * 2.0, "{mean}");
}
