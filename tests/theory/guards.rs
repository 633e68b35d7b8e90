//! Circuit breakers, bulkheads, rate limits and retry budgets around calls, and the order they stand in.

use crate::harness::{figure, flow, holds, study, variant};
use brownout::analysis::{Estimate, Findings};
use brownout::kernel::math::exp;
use brownout::policies::Outcome;
use brownout::theory::{MmC, MmCK, erlang_b};

/// A clerk comes every 100 ms, from 0.1 s on, for 310 s; the desk is down all the time and says so. No time is lost anywhere.
fn against_a_dead_desk(calls: &str) -> Findings {
    study(&format!(
        "brownout: 1
flows: {{ ask: {{ from: clerk, steps: [desk] }} }}
services: {{ desk: {{ concurrency: unlimited, service_time: 0ms }} }}
traffic: {{ clerk: {{ rate: 10/s, arrivals: constant }} }}
variants: {{ guarded: {{ wiring: sync, calls: {{ desk: {{ {calls} }} }} }} }}
faults: {{ dead: {{ at: 0s, for: 20m, target: desk, down: refuse }} }}
slo: {{ answered: availability >= 0% }}
run: {{ duration: 310.05s, warmup: 0s, drain: 0s, replications: 1 }}
"
    ))
}

/// Attempts of the counted flow runs, and how many of them a breaker turned away.
fn attempts(findings: &Findings) -> (u64, u64) {
    let edge = &variant(findings, "guarded").edges[0];
    let turned_away = edge.outcomes[Outcome::BreakerOpen as usize];
    (edge.outcomes.iter().sum(), turned_away)
}

/// The defaults of resilience4j: 100 calls reach the desk by 10.0 s; then ten of each 61 s, from 70 s on (shared case
/// `A-breaker-alldown`): 70.0 to 70.9, 130.9, …, 191.8, 252.7: 140.
#[test]
fn a_breaker_lets_ten_in_sixty_one_seconds_through_to_a_dead_callee() {
    let findings = against_a_dead_desk("circuit_breaker: { preset: resilience4j }");
    let (all, turned_away) = attempts(&findings);
    assert_eq!((all, all - turned_away), (3_100, 140));
    // What was turned away failed of the outage all the same.
    let causes = &flow(&findings, "guarded").causes;
    let of_breaker = causes
        .iter()
        .find(|cause| cause.what.contains("open breaker"));
    let of_breaker = of_breaker.expect("most failed of the breaker");
    assert_eq!(of_breaker.count, turned_away);
    assert_eq!(of_breaker.fault.as_deref(), Some("dead"));
}

/// Three attempts each, at one instant. A breaker inside the retry counts attempts: the fourth one opens it, which is the second
/// call's first. Around the retry it counts calls: the fourth call opens it, after twelve attempts.
#[test]
fn a_breaker_inside_a_retry_counts_attempts_and_around_it_calls() {
    let policies = |order: &str| {
        format!(
            "order: {order}, retry: {{ attempts: 3, backoff: none, when: [refused] }}, circuit_breaker: {{ consecutive: 4, wait_in_open_state: 1h }}"
        )
    };
    let inside = against_a_dead_desk(&policies("[retry, circuit_breaker]"));
    // The first call makes three attempts, the second one and is turned away once: that is no reason to try again.
    let (all, turned_away) = attempts(&inside);
    assert_eq!(all - turned_away, 4);
    assert_eq!(turned_away, 1 + 3_098);
    let around = against_a_dead_desk(&policies("[circuit_breaker, retry]"));
    let (all, turned_away) = attempts(&around);
    assert_eq!((all - turned_away, turned_away), (12, 3_096));
}

/// Where a refusal by the breaker is tried again too, a breaker inside the retry is asked three times each, one around it once.
#[test]
fn a_refusal_around_the_retry_is_not_tried_again() {
    let policies = |order: &str| {
        format!(
            "order: {order}, retry: {{ attempts: 3, backoff: none }}, circuit_breaker: {{ preset: failsafe, wait_in_open_state: 1h }}"
        )
    };
    let (inside, _) = attempts(&against_a_dead_desk(&policies("[retry, circuit_breaker]")));
    assert_eq!(inside, 3 * 3_100);
    let (around, _) = attempts(&against_a_dead_desk(&policies("[circuit_breaker, retry]")));
    assert_eq!(around, 3 + 3_099);
}

/// A bucket of 50 tokens pays for 50 retries, and failures put nothing back.
#[test]
fn a_bucket_of_tokens_bounds_retries_in_an_outage() {
    let findings = against_a_dead_desk(
        "retry: { attempts: 3, backoff: none, budget: { tokens: 50, refill: 10% } }",
    );
    assert_eq!(attempts(&findings).0, 3_100 + 50);
}

/// A fifth of the first attempts, and nothing free: at most 1.2 attempts a call, and as many but for the window that fills.
#[test]
fn a_share_bounds_the_amplification_in_an_outage() {
    let findings = against_a_dead_desk(
        "retry: { attempts: 3, backoff: none, budget: { share: 20%, at_least: 0/s } }",
    );
    let retries = attempts(&findings).0 - 3_100;
    assert!((600..=620).contains(&retries), "{retries}");
    let tries = figure(&findings, "guarded", "amplification").mean;
    assert!((tries - 1.2).abs() < 0.005, "{tries}");
}

/// Erlang's loss formula holds for a bulkhead as it does for servers: 8 erlangs on 10 places lose B = 12.166 %. Each of 20
/// replications has 3 000 s of 80 calls a second; the interval is Student's at 99.9 %.
#[test]
fn a_bulkhead_turns_away_what_erlang_says() {
    let findings = study(
        "brownout: 1
flows: { ask: { from: clerk, steps: [desk] } }
services: { desk: { concurrency: unlimited, service_time: exponential 100ms } }
traffic: { clerk: { rate: 80/s } }
variants: { guarded: { wiring: sync, calls: { desk: { bulkhead: { most: 10 } } } } }
slo: { answered: availability >= 0% }
run: { duration: 3000s, warmup: 10s, replications: 20, confidence: 99.9% }
",
    );
    let erlang = (1..=10).fold(1.0, |b, n| 8.0 * b / (f64::from(n) + 8.0 * b));
    let got = figure(&findings, "guarded", "availability");
    assert!(
        (got.mean - (1.0 - erlang)).abs() <= got.half_width.expect("many replications"),
        "{got:?} is not {}",
        1.0 - erlang
    );
}

/// A client's limit of 5/s lets a second's worth through at once and then 5 of every 10: 5 and 5 · 310.
#[test]
fn a_rate_limit_of_the_caller_throttles() {
    let findings = study(
        "brownout: 1
flows: { ask: { from: clerk, steps: [desk] } }
services: { desk: { concurrency: unlimited, service_time: 0ms } }
traffic: { clerk: { rate: 10/s, arrivals: constant } }
variants: { guarded: { wiring: sync, calls: { desk: { rate_limit: 5/s } } } }
slo: { answered: availability >= 0% }
run: { duration: 310.05s, warmup: 0s, drain: 0s, replications: 1 }
",
    );
    let ok = figure(&findings, "guarded", "availability").mean * 3_100.0;
    assert!((1_550.0..=1_555.0).contains(&ok), "{ok}");
}

/// Each of two instances has a breaker of its own, so it takes twice the failures; a shared one opens at the first.
#[test]
fn each_instance_of_the_caller_has_a_breaker_unless_it_is_shared() {
    let passed = |shared: bool| {
        let findings = study(&format!(
            "brownout: 1
flows: {{ ask: {{ from: clerk, steps: [shop, desk] }} }}
services:
  shop: {{ replicas: 2, concurrency: unlimited, service_time: 0ms }}
  desk: {{ concurrency: unlimited, service_time: 0ms }}
traffic: {{ clerk: {{ rate: 10/s, arrivals: constant }} }}
variants: {{ guarded: {{ wiring: sync, calls: {{ desk: {{ circuit_breaker: {{ consecutive: 3, wait_in_open_state: 1h, shared: {shared} }} }} }} }} }}
faults: {{ dead: {{ at: 0s, for: 20m, target: desk, down: refuse }} }}
slo: {{ shut: breaker_open(desk) >= 90% }}
run: {{ duration: 20.05s, warmup: 0s, drain: 0s, replications: 1 }}
"
        ));
        let open = findings.objectives[0].cells[0]
            .estimate
            .expect("measured")
            .mean;
        (200.0 * (1.0 - open)).round()
    };
    assert!((passed(false) - 6.0).abs() < 1e-9);
    assert!((passed(true) - 3.0).abs() < 1e-9);
}

/// A crash of two of four instances, then a throttle of one of four: what round robin sends there fails, and nothing else. Of 200
/// calls in 20 s a half goes to the two that are away, and a quarter to the one that lets one through every two seconds.
#[test]
fn faults_of_a_part_hit_their_part() {
    let findings = study(
        "brownout: 1
flows: { ask: { from: clerk, steps: [desk] } }
services: { desk: { replicas: 4, concurrency: unlimited, service_time: 0ms } }
traffic: { clerk: { rate: 10/s, arrivals: constant } }
variants: { guarded: { wiring: sync } }
faults:
  crash: { at: 10.05s, target: desk, kill: 2, restart_after: 20s }
  choke: { at: 50.05s, for: 20s, target: desk, share: 25%, throttle: 0.5/s }
slo:
  few: unfinished < 0.1%
  some: lost < 0.1% during crash
run: { duration: 100.05s, warmup: 0s, drain: 0s, replications: 1 }
",
    );
    let edge = &variant(&findings, "guarded").edges[0];
    assert_eq!(edge.outcomes[Outcome::Refused as usize], 100);
    // Fifty of 200 come there in 20 s, and one of them every 2 s passes.
    assert_eq!(edge.outcomes[Outcome::Throttled as usize], 40);
    let shares = findings
        .objectives
        .iter()
        .map(|line| line.cells[0].estimate);
    assert!(shares.flatten().all(|share| share.mean < 1e-12));
}

/// A fifth of the messages can never be processed: 20 % of those offered are dead-lettered, as a share, in a 99.9 % interval.
#[test]
fn a_line_may_ask_for_a_share_of_a_count() {
    let findings = study(
        "brownout: 1
flows: { ask: { from: clerk, steps: [desk, back], answer_needs: [desk] } }
services:
  desk: { concurrency: unlimited, service_time: 0ms }
  back: { concurrency: unlimited, service_time: 1ms }
brokers: { line: {} }
traffic: { clerk: { rate: 50/s } }
variants: { guarded: { wiring: async, via: line, answer_after: desk, consume: { back: { redeliver: { attempts: 2, backoff: 10ms } } } } }
faults: { spoilt: { at: 0s, for: 20m, target: line, poison: 20% } }
slo: { parked: dead_lettered < 25% }
run: { duration: 60s, warmup: 1s, replications: 20, confidence: 99.9% }
",
    );
    let share = findings.objectives[0].cells[0].estimate.expect("measured");
    let half = share.half_width.expect("many replications");
    assert!((share.mean - 0.2).abs() <= half, "{share:?}");
    assert!(half < 0.02);
}

/// A pool of ten connections and an endless line is M/M/10 (Erlang C), whatever the database behind it could do: 8 erlangs.
/// With a limit of 50 ms on the wait it is M/M/10 with that patience, which loses less than Erlang's B.
#[test]
fn a_connection_pool_waits_as_erlang_says() {
    let pool = |line: &str| {
        study(&format!(
            "brownout: 1
flows: {{ ask: {{ from: clerk, steps: [database] }} }}
services: {{ database: {{ concurrency: unlimited, service_time: exponential 100ms }} }}
traffic: {{ clerk: {{ rate: 80/s }} }}
variants: {{ guarded: {{ wiring: sync, calls: {{ database: {{ bulkhead: {{ most: 10, {line} }} }} }} }} }}
slo: {{ answered: availability >= 0% }}
run: {{ duration: 2000s, warmup: 20s, replications: 20, confidence: 99.9% }}
"
        ))
    };
    let station = MmC {
        arrivals_per_s: 80.0,
        service_s: 0.1,
        n_workers: 10,
    };
    let wait = station.wait_mean_s();
    let endless = pool("queue: unlimited");
    holds(
        "endless",
        wait + 0.1,
        figure(&endless, "guarded", "latency_mean"),
    );
    assert_eq!(flow(&endless, "guarded").outcomes.failed, 0);
    let limited = pool("queue: unlimited, wait: 50ms");
    let lost = 1.0 - figure(&limited, "guarded", "availability").mean;
    assert!(lost > 0.01 && lost < erlang_b(8.0, 10), "{lost}");
    let bounded = pool("queue: 5");
    let mmck = MmCK {
        station,
        capacity: 15,
    };
    let answered = 1.0 - mmck.blocked();
    holds(
        "bounded",
        answered,
        figure(&bounded, "guarded", "availability"),
    );
}

/// A desk takes 20/s of 100/s. A clerk that throttles itself with K sends K times what is accepted: the share of what is sent
/// that is accepted settles at 1/K, for only there the chance of turning away stays as it is (Beyer et al., *Site Reliability
/// Engineering*, 2016, chapter 21; shared case `C-sre-throttle-k2`). The bucket's second's worth lets 20/s through nearly whole:
/// a Poisson stream of K × 20/s finds it empty only when it should.
#[test]
fn a_clerk_that_throttles_itself_sends_k_times_what_is_accepted() {
    for (k, sent) in [("2", 40.0), ("1.5", 30.0)] {
        let findings = study(&format!(
            "brownout: 1
flows: {{ ask: {{ from: clerk, steps: [desk] }} }}
services: {{ desk: {{ concurrency: unlimited, service_time: 0ms, rate_limit: 20/s }} }}
network: 1ms
traffic: {{ clerk: {{ rate: 100/s }} }}
variants: {{ guarded: {{ wiring: sync, calls: {{ desk: {{ adaptive_throttle: {{ k: {k} }} }} }} }} }}
slo: {{ answered: availability >= 0% }}
run: {{ duration: 50m, warmup: 30m, drain: 0s, replications: 8, confidence: 99.9% }}
"
        ));
        let offered = flow(&findings, "guarded").outcomes.offered;
        let accepted = flow(&findings, "guarded").outcomes.answered_ok;
        #[expect(clippy::cast_precision_loss, reason = "counts")]
        let (offered, accepted) = (offered as f64, accepted as f64);
        // 2.4 million runs; the accepted ones are 20/s, less what the bucket misses when it is full: below 1 %.
        let rate = 100.0 * accepted / offered;
        assert!((19.8..=20.05).contains(&rate), "{rate}");
        // Who is turned away by himself is told at once, all others after two hops: the mean time is 2 ms × what is sent.
        let mean = figure(&findings, "guarded", "latency_mean");
        holds(k, 0.002 * sent / 100.0, mean);
    }
}

/// A desk that works off 100/s is asked for 300/s, in a queue without an end. A limit that shrinks when an answer takes more than
/// half a second lets 100/s × 0.5 s be under way, and as many more as come until the first late answer is there: one for each
/// success, 50 in half a second. So nobody waits for more than 1 s, and the desk has always enough to do. A gradient stays below
/// its 50. Without a limit the queue grows by 200/s, and everybody is served too late.
#[test]
fn a_limit_that_is_found_out_bounds_the_wait_and_wastes_no_worker() {
    let calls = |policy: &str| {
        study(&format!(
            "brownout: 1
flows: {{ ask: {{ from: clerk, steps: [desk] }} }}
services: {{ desk: {{ concurrency: 10, service_time: 100ms }} }}
traffic: {{ clerk: {{ rate: 300/s, patience: 5s }} }}
variants: {{ guarded: {{ wiring: sync, calls: {{ desk: {{ {policy} }} }} }} }}
slo: {{ answered: availability >= 0% }}
run: {{ duration: 5m, warmup: 1m, drain: 0s, replications: 4, confidence: 99.9% }}
"
        ))
    };
    let plain = calls("timeout: none");
    assert!(figure(&plain, "guarded", "availability").mean < 0.01);
    for (policy, longest) in [
        (
            "concurrency_limit: { law: aimd, too_slow: 500ms, least: 10 }",
            1.0,
        ),
        (
            "concurrency_limit: { law: gradient, least: 10, most: 50 }",
            0.5,
        ),
    ] {
        let findings = calls(policy);
        // A third of what is asked for, as long as ten are under way: 10 workers, 100 ms each.
        let good = figure(&findings, "guarded", "goodput").mean;
        assert!((99.0..=100.5).contains(&good), "{policy}: {good}");
        let slowest = figure(&findings, "guarded", "latency_max").mean;
        assert!(slowest < longest + 0.1, "{policy}: {slowest}");
    }
}

/// The share of a Poisson stream that gets through a limit: at the desk, and at its caller.
fn passes(limit: &str, rate: f64) -> [Estimate; 2] {
    let at_the_desk = format!("rate_limit: {limit}");
    let at_the_clerk = format!("desk: {{ rate_limit: {limit} }}");
    let places = [
        (at_the_desk.as_str(), ""),
        ("blocking: true", &at_the_clerk),
    ];
    places.map(|(desk, clerk)| {
        let findings = study(&format!(
            "brownout: 1
flows: {{ ask: {{ from: clerk, steps: [desk] }} }}
services: {{ desk: {{ concurrency: unlimited, service_time: 0ms, {desk} }} }}
traffic: {{ clerk: {{ rate: {rate}/s }} }}
variants: {{ guarded: {{ wiring: sync, calls: {{ {clerk} }} }} }}
slo: {{ answered: availability >= 0% }}
run: {{ duration: 30m, warmup: 1m, drain: 0s, replications: 10, confidence: 99.9% }}
"
        ));
        figure(&findings, "guarded", "availability")
    })
}

/// A bucket of b at r per second before a Poisson stream of λ is the bounded workload of an M/D/1 queue (shared cases
/// `A-tokenbucket-*`): with b = 1 and λ = r one of two gets through, r/(λ + r); with b = 5, r = 10, λ = 12 the share of
/// 0.80085331 (Takács 1962; Cohen 1982).
#[test]
fn a_bucket_lets_through_what_a_bounded_queue_would() {
    for (limit, rate, share) in [
        ("{ rate: 10/s, burst: 1 }", 10.0, 0.5),
        ("{ rate: 10/s, burst: 5 }", 12.0, 0.800_853_31),
    ] {
        for passed in passes(limit, rate) {
            holds(limit, share, passed);
        }
    }
}

/// Fixed windows of T with room for n let through E[min(N, n)] of each, N Poisson of mean λT. A sliding window is a loss system:
/// whoever passes takes one of n places for T, so that the share B(n, λT) is turned away (Erlang 1917).
#[test]
fn windows_let_through_what_their_places_hold() {
    let (rate, span_s) = (12.0, 0.5);
    let (offered, most) = (rate * span_s, 5_u32);
    let mut weight = exp(-offered);
    let mut passed = 0.0;
    let mut rest = 1.0;
    for k in 0..most {
        passed += f64::from(k) * weight;
        rest -= weight;
        weight *= offered / f64::from(k + 1);
    }
    passed += f64::from(most) * rest;
    let fixed = "{ rate: 10/s, algorithm: fixed_window, window: 500ms }";
    let sliding = "{ rate: 10/s, algorithm: sliding_window, window: 500ms }";
    for got in passes(fixed, rate) {
        holds(fixed, passed / offered, got);
    }
    for got in passes(sliding, rate) {
        holds(sliding, 1.0 - erlang_b(offered, most), got);
    }
}

/// Trunk reservation (Ross, *Multiservice Loss Models*, 1995; shared cases `A-reserve-*`): c workers, of which r are for calls of
/// a rank. Busy workers are a birth-death chain: born at λ₁ + λ₂ below c − r, at λ₁ above, dying at n μ.
fn losses(critical: f64, sheddable: f64, workers: u32, reserved: u32) -> (f64, f64) {
    let mut weights = vec![1.0];
    for n in 1..=workers {
        let born = if n <= workers - reserved {
            critical + sheddable
        } else {
            critical
        };
        weights.push(weights[weights.len() - 1] * born / f64::from(n));
    }
    let all: f64 = weights.iter().sum();
    let shed: f64 = weights[(workers - reserved) as usize..].iter().sum();
    (weights[workers as usize] / all, shed / all)
}

#[test]
fn workers_are_kept_for_those_who_matter() {
    for (critical, sheddable, workers, reserved) in [(4.0, 8.0, 10, 2), (15.0, 25.0, 30, 4)] {
        let findings = study(&format!(
            "brownout: 1
flows:
  pay: {{ from: payer, steps: [{{ till: {{ service: desk, priority: 1 }} }}] }}
  look: {{ from: visitor, steps: [{{ shelf: {{ service: desk }} }}] }}
services: {{ desk: {{ concurrency: {workers}, queue: 0, service_time: exponential 1s, shed: {{ reserve: {reserved} }} }} }}
traffic: {{ payer: {{ rate: {critical}/s }}, visitor: {{ rate: {sheddable}/s }} }}
variants: {{ called: {{ wiring: sync }} }}
slo: {{ answered: pay availability >= 0% }}
run: {{ duration: 2h, warmup: 2m, drain: 0s, replications: 20, confidence: 99.9% }}
"
        ));
        let (first, second) = losses(critical, sheddable, workers, reserved);
        let flows = &variant(&findings, "called").flows;
        for (flow, loss) in flows.iter().zip([first, second]) {
            let got = flow
                .figures
                .iter()
                .find(|(name, _)| *name == "availability");
            let got = got.unwrap().1;
            holds(&flow.name, 1.0 - loss, got);
            // Narrow enough to tell the loss too.
            assert!(got.half_width.unwrap() < 0.1 * loss, "{got:?}");
        }
    }
}

/// gRPC's throttling of retries (proposal A6; shared case `C-grpc-throttle-det`): 10 tokens, each failed attempt takes one, and
/// retries are made while more than 5 are left. The first call makes its four attempts, every later one a single one.
#[test]
fn failures_drain_the_bucket_of_grpc() {
    let findings = against_a_dead_desk(
        "retry: { attempts: 4, backoff: none, budget: { tokens: 10, refill: 10%, takes: failures } }",
    );
    assert_eq!(attempts(&findings).0, 4 + 3_099);
}

/// One in five of all attempts a retry is one for every four first attempts (*Site Reliability Engineering*, 2016, chapter 21,
/// "Deciding to Retry"; shared case `C-sre-budget-total`): 1.25 attempts for each call.
#[test]
fn a_fifth_of_all_attempts_is_a_quarter_of_the_first() {
    let findings = against_a_dead_desk(
        "retry: { attempts: 4, backoff: none, budget: { share: 25%, at_least: 0/s, window: 1h } }",
    );
    let growth = figure(&findings, "guarded", "amplification").mean;
    assert!((growth - 1.25).abs() < 0.002, "{growth}");
}

/// Deadlines are handed on (*Site Reliability Engineering*, 2016, chapter 22; shared case `C-sre-deadline`): of 30 s a works 7 s and
/// b 4 s, which leaves 23 s and 19 s. c never answers: its callers give up at 30 s if the deadline is handed on, and c's own
/// retries end there; without that b waits on for its own 60 s.
#[test]
fn what_is_left_of_a_deadline_is_handed_on() {
    let text = |policy: &str, limit: &str| {
        study(&format!(
            "brownout: 1
flows: {{ ask: {{ from: clerk, steps: [a, b, c] }} }}
services:
  a: {{ concurrency: unlimited, service_time: 7s }}
  b: {{ concurrency: unlimited, service_time: 4s }}
  c: {{ concurrency: unlimited, service_time: 1s }}
traffic: {{ clerk: {{ rate: 1/s, arrivals: constant }} }}
variants:
  called:
    wiring: sync
    calls:
      a: {{ timeout: {limit} }}
      b: {{ {policy}timeout: 60s }}
      c: {{ {policy}timeout: 5s, retry: {{ attempts: 100, backoff: none }} }}
faults: {{ dead: {{ at: 0s, for: 1h, target: c, down: hang }} }}
slo: {{ answered: availability >= 0% }}
run: {{ duration: 100s, warmup: 0s, drain: 200s, replications: 1 }}
"
        ))
    };
    let tries = |findings: &Findings| {
        let edges = &variant(findings, "called").edges;
        let edge = edges.iter().find(|edge| edge.to == "c").unwrap();
        edge.outcomes.iter().sum::<u64>()
    };
    // b calls c at 11 s, with 19 s left: at 11, 16, 21 and 26 s, and at 31 s nobody waits any more.
    let handed_on = text("propagate: true, ", "30s");
    let n = flow(&handed_on, "called").outcomes;
    assert_eq!((n.failed, tries(&handed_on)), (n.offered, 4 * n.offered));
    // With 70 s it is b's own limit that counts, from 7 s to 67 s: at 11, …, 66 s.
    assert_eq!(tries(&text("propagate: true, ", "70s")), 12 * n.offered);
    // And nothing is handed on to who does not ask for it: while a's callers are long gone, c is asked until the end.
    assert!(tries(&text("", "30s")) > 10 * n.offered);
}

/// Whoever works for nobody any more begins no call that hands the deadline on: `a` takes twice as long as its caller waits, so `b` is
/// never asked, whether it is a timeout or the client's patience that is over.
#[test]
fn a_deadline_that_has_passed_is_handed_on_too() {
    for (calls, patience) in [
        ("a: { timeout: 1s }, ", ""),
        ("a: { propagate: true }, ", ", patience: 1s"),
    ] {
        let findings = study(&format!(
            "brownout: 1
flows: {{ ask: {{ from: clerk, steps: [a, b] }} }}
services:
  a: {{ concurrency: unlimited, service_time: 2s }}
  b: {{ concurrency: unlimited, service_time: 1s }}
traffic: {{ clerk: {{ rate: 1/s, arrivals: constant{patience} }} }}
variants: {{ one: {{ wiring: sync, calls: {{ {calls}b: {{ propagate: true }} }} }} }}
slo: {{ answered: availability >= 0% }}
run: {{ duration: 100s, warmup: 0s, replications: 1 }}
"
        ));
        let edges = &variant(&findings, "one").edges;
        let to_b = edges.iter().find(|edge| edge.to == "b").unwrap();
        assert_eq!(to_b.outcomes[Outcome::Ok as usize], 0, "{calls}");
    }
}
