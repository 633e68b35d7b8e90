//! Load that is not steady.

use crate::harness::{figure, flow, holds, study};

type Matrix = [[f64; 2]; 2];

fn times(a: Matrix, b: Matrix) -> Matrix {
    let cell = |i: usize, j: usize| a[i][0] * b[0][j] + a[i][1] * b[1][j];
    [[cell(0, 0), cell(0, 1)], [cell(1, 0), cell(1, 1)]]
}

fn plus(a: Matrix, b: Matrix) -> Matrix {
    let cell = |i: usize, j: usize| a[i][j] + b[i][j];
    [[cell(0, 0), cell(0, 1)], [cell(1, 0), cell(1, 1)]]
}

fn inverse([[a, b], [c, d]]: Matrix) -> Matrix {
    let det = a * d - b * c;
    [[d / det, -b / det], [-c / det, a / det]]
}

fn row(v: [f64; 2], m: Matrix) -> [f64; 2] {
    let cell = |j: usize| v[0] * m[0][j] + v[1] * m[1][j];
    [cell(0), cell(1)]
}

/// The mean time in an MMPP(2)/M/1: a quasi-birth-and-death process (Neuts, "Matrix-Geometric Solutions in Stochastic Models",
/// 1981, ch. 3). R = −A₀(A₁ + R A₂)⁻¹ by iteration; π₀(B + R A₂) = 0 and π₀(I − R)⁻¹1 = 1; E[N] = π₀R(I − R)⁻²1; Little.
fn sojourn(rates: [f64; 2], ends: [f64; 2], mu: f64) -> f64 {
    let up = [[rates[0], 0.0], [0.0, rates[1]]];
    let phases = [[-ends[0], ends[0]], [ends[1], -ends[1]]];
    let stay = plus(phases, [[-rates[0] - mu, 0.0], [0.0, -rates[1] - mu]]);
    let down = [[mu, 0.0], [0.0, mu]];
    let minus = |m: Matrix| m.map(|row| row.map(|cell| -cell));
    let mut r = [[0.0; 2]; 2];
    for _ in 0..10_000 {
        r = times(minus(up), inverse(plus(stay, times(r, down))));
    }
    let empty = plus(phases, [[-rates[0], 0.0], [0.0, -rates[1]]]);
    let boundary = plus(empty, times(r, down));
    // A left vector of rank one less: orthogonal to the first column.
    let left = [boundary[1][0], -boundary[0][0]];
    let rest = inverse(plus([[1.0, 0.0], [0.0, 1.0]], minus(r)));
    let total: f64 = row(left, rest).iter().sum();
    let empty = left.map(|cell| cell / total);
    let number: f64 = row(row(row(empty, r), rest), rest).iter().sum();
    let mean_rate = (rates[0] * ends[1] + rates[1] * ends[0]) / (ends[0] + ends[1]);
    number / mean_rate
}

/// The formula itself: without bursts it is M/M/1, and with those of the test 1.241 282 3 s (a published case, solved elsewhere).
#[test]
fn the_matrices_are_right() {
    assert!((sojourn([8.0, 8.0], [0.3, 0.7], 10.0) - 0.5).abs() < 1e-9);
    assert!((sojourn([4.0, 20.0], [0.1, 0.5], 12.0) - 1.241_282_3).abs() < 1e-6);
}

/// Quiet for 10 s with 4/s, a burst of 2 s with 20/s, one worker for 12/s: utilisation 5/9, and four times the time of M/M/1.
#[test]
fn bursts_wait_as_the_matrices_say() {
    let findings = study(
        "brownout: 1
flows: { visit: { from: customer, steps: [desk] } }
services: { desk: { service_time: exponential 83333333ns } }
traffic: { customer: { rate: 400/min, arrivals: bursty, bursts: { peak: 20/s, lasts: 2s, every: 12s } } }
variants: { called: { wiring: sync } }
slo: { any: availability >= 0% }
run: { duration: 10h, warmup: 10m, replications: 20, confidence: 99.9% }
",
    );
    let expected = sojourn([4.0, 20.0], [0.1, 0.5], 12.0);
    holds(
        "mean",
        expected,
        figure(&findings, "called", "latency_mean"),
    );
}

/// Three times as many clients for 20 s of 100, and 100 more in the last 10: 10/s · 80 + 30/s · 20 + 100, evenly spaced, give or
/// take one at each edge. What the surge turns away is its own doing.
#[test]
fn a_surge_multiplies_and_a_burst_adds() {
    let findings = study(
        "brownout: 1
flows: { visit: { from: customer, steps: [desk] } }
services: { desk: { queue: 0, service_time: 60ms } }
traffic: { customer: { rate: 10/s, arrivals: constant, burst: { at: 90s, count: 100, over: 10s } } }
variants: { called: { wiring: sync } }
faults: { sale: { at: 30s, for: 20s, target: customer, load: x3 } }
slo: { busy: throughput >= 20/s during sale, any: availability >= 0% }
run: { duration: 100s, warmup: 5s, drain: 5s, replications: 1 }
",
    );
    let outcomes = flow(&findings, "called").outcomes;
    assert!(outcomes.offered.abs_diff(800 + 600 + 100) <= 4);
    // Of three that come every 100 ms one finds the desk busy: one every 33 ms, done in 60 ms, so every second one.
    let causes = &flow(&findings, "called").causes;
    let of_sale = causes
        .iter()
        .filter(|cause| cause.fault.as_deref() == Some("sale"));
    let of_sale: u64 = of_sale.map(|cause| cause.count).sum();
    assert!((295..=305).contains(&of_sale), "{causes:?}");
}

/// The machine repairman (Gross and Harris, *Fundamentals of Queueing Theory*, section 2.7): N users who think for an exponential
/// time of mean Z at one worker with exponential times of mean S. p₀ is 1 over the sum of N!/(N − n)! (S/Z)ⁿ, the worker finishes
/// X = (1 − p₀)/S, and by Little's law over the whole loop an answer takes N/X − Z: the interactive response time law.
#[test]
fn users_wait_for_their_answers() {
    let (n, z, s) = (20_u32, 1.0, 0.04);
    let mut term = 1.0;
    let mut sum = 1.0;
    for k in 0..n {
        term *= f64::from(n - k) * s / z;
        sum += term;
    }
    let rate = (1.0 - 1.0 / sum) / s;
    let findings = study(
        "brownout: 1
flows: { ask: { from: agent, steps: [desk] } }
services: { desk: { service_time: exponential 40ms } }
traffic: { agent: { users: 20, think_time: exponential 1s } }
variants: { called: { wiring: sync } }
slo: { answered: availability >= 0% }
run: { duration: 30m, warmup: 5m, replications: 20, seed: 3, confidence: 99.9% }
",
    );
    holds("rate", rate, figure(&findings, "called", "throughput"));
    let wait = f64::from(n) / rate - z;
    holds("answer", wait, figure(&findings, "called", "latency_mean"));
}

/// Users whose answers never come leave when their patience is over, and ask again after they have thought: one every 3 s each.
#[test]
fn users_who_leave_come_back() {
    let findings = study(
        "brownout: 1
flows: { ask: { from: agent, steps: [desk] } }
services: { desk: { service_time: 10ms } }
traffic: { agent: { users: 7, think_time: 2s, patience: 1s } }
variants: { called: { wiring: sync } }
faults: { dead: { random: { mtbf: uniform 0s..1ns, mttr: 1h }, target: desk, down: hang } }
slo: { answered: availability >= 0% }
run: { duration: 300s, warmup: 30s, drain: 0s, replications: 1 }
",
    );
    let n = flow(&findings, "called").outcomes;
    // Those whose patience is not over at the end are not answered.
    assert_eq!((n.offered, n.gave_up + n.unanswered), (700, 700));
    assert_eq!(n.answered_ok, 0);
}

/// A file in a place of the test's own.
fn file(name: &str, content: &str) -> String {
    let path = std::path::Path::new(env!("CARGO_TARGET_TMPDIR")).join(name);
    std::fs::write(&path, content).unwrap();
    path.to_str().unwrap().to_owned()
}

/// Instants from a file at one worker of a constant time: each client waits as Lindley's recursion says, W' = max(0, W + s − gap)
/// (Lindley, "The theory of queues with a single server", 1952); and every variant and replication has the same clients.
#[test]
fn recorded_clients_come_when_they_came() {
    let service_s = 0.08;
    let mut instants: Vec<f64> = (0..500_u32)
        .map(|k| f64::from(k * k % 977) * 0.05)
        .collect();
    let rows: Vec<String> = instants
        .iter()
        .map(|at| format!("{},{:.3}", at * 7.0, at * 1e3))
        .collect();
    let path = file("instants.csv", &format!("id,at\n{}\n", rows.join("\n")));
    instants.sort_by(f64::total_cmp);
    let (mut wait, mut total, mut before) = (0.0, 0.0, 0.0);
    for &at in &instants {
        wait = f64::max(0.0, wait + service_s - (at - before));
        // The first one finds nobody.
        wait = if before == 0.0 && total == 0.0 {
            0.0
        } else {
            wait
        };
        (total, before) = (total + wait + service_s, at);
    }
    let findings = study(&format!(
        "brownout: 1
flows: {{ ask: {{ from: clerk, steps: [desk] }} }}
services: {{ desk: {{ service_time: 80ms }} }}
traffic: {{ clerk: {{ file: {{ path: '{path}', column: at, unit: ms }} }} }}
variants: {{ one: {{ wiring: sync }}, two: {{ wiring: sync }} }}
slo: {{ answered: availability >= 0% }}
run: {{ duration: 50s, warmup: 0s, replications: 2 }}
"
    ));
    let mean = figure(&findings, "one", "latency_mean");
    assert!(
        (mean.mean - total / 500.0).abs() < 1e-6,
        "{} {}",
        mean.mean,
        total / 500.0
    );
    assert!(
        mean.half_width.unwrap() < 1e-12,
        "both replications are the same"
    );
    for name in ["one", "two"] {
        assert_eq!(flow(&findings, name).outcomes.offered, 2 * 500);
    }
}

/// A log whose clock began long ago: its first instant is the opening of the window.
#[test]
fn a_recorded_clock_may_have_begun_long_ago() {
    let rows: Vec<String> = (0..300).map(|k| format!("{}", 1_700_000_000 + k)).collect();
    let path = file("epoch.csv", &format!("when\n{}\n", rows.join("\n")));
    let findings = study(&format!(
        "brownout: 1
flows: {{ ask: {{ from: clerk, steps: [desk] }} }}
services: {{ desk: {{ service_time: 10ms }} }}
traffic: {{ clerk: {{ file: {{ path: '{path}', unit: s, opens_at: first }} }} }}
variants: {{ one: {{ wiring: sync }} }}
slo: {{ answered: availability >= 0% }}
run: {{ duration: 200s, warmup: 20s, replications: 1 }}
"
    ));
    let outcomes = flow(&findings, "one").outcomes;
    assert_eq!((outcomes.offered, outcomes.completed), (200, 200));
}

/// A rate for each ten seconds, by chance: as many come as the rates say, in the part of the window that each one holds.
#[test]
fn recorded_rates_hold_one_after_another() {
    let path = file("rates.csv", "rps\n40\n10\n0\n30\n");
    let findings = study(&format!(
        "brownout: 1
flows: {{ ask: {{ from: clerk, steps: [desk] }} }}
services: {{ desk: {{ concurrency: unlimited, service_time: 0ms }} }}
traffic: {{ clerk: {{ file: {{ path: '{path}', holds: rates, every: 10s }} }} }}
variants: {{ one: {{ wiring: sync }} }}
faults: {{ second: {{ at: 10s, for: 10s, target: desk, down: refuse }} }}
slo: {{ answered: availability >= 0% }}
run: {{ duration: 40s, warmup: 5s, replications: 300, confidence: 99.9% }}
"
    ));
    holds(
        "rate",
        (40.0 + 10.0 + 30.0) / 4.0 - 2.5,
        figure(&findings, "one", "throughput"),
    );
    let share = 1.0 - 10.0 / (40.0 + 10.0 + 30.0);
    holds("share", share, figure(&findings, "one", "availability"));
}
