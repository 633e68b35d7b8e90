//! Closed forms beside the simulated numbers: what a report sets there, and how it judges it.
//!
//! The expected values are worked out here by hand or by another way than the report's.

use crate::harness::{study, variant};
use brownout::analysis::{FormulaFindings, VariantFindings};
use brownout::analysis::{Holds, Law};
use brownout::kernel::math::ln;

fn form<'a>(found: &'a VariantFindings, law: Law, of: &str) -> &'a FormulaFindings {
    let mut formulas = found.formulas.iter();
    formulas
        .find(|one| one.law == law && one.of == of)
        .unwrap_or_else(|| panic!("no {law:?} of {of}: {:#?}", found.formulas))
}

fn near(a: f64, b: f64) {
    assert!((a - b).abs() <= 1e-9 * b.abs(), "{a} is not {b}");
}

/// M/M/8 at 4.8 of 8: C = 0.1395 by summing the series; behind it, by Burke, Poisson arrivals at an M/D/1 at 0.6: ρ/(2(1 − ρ)) of a
/// service. Every one holds exactly, and does.
#[test]
fn stations_in_a_row_are_what_erlang_and_pollaczek_say() {
    let findings = study(
        "brownout: 1
flows: { order: { from: shopper, steps: [gate, desk] } }
services:
  gate: { replicas: 2, concurrency: 4, balance: shared, blocking: false, service_time: exponential 40ms }
  desk: { service_time: 5ms }
brokers: { bus: { kind: queue } }
traffic: { shopper: { rate: 120/s } }
variants:
  called: { wiring: sync }
  handed: { wiring: async, via: bus }
slo: { answered: availability >= 99% }
run: { duration: 5m, warmup: 30s, replications: 10, seed: 3 }
",
    );
    let called = variant(&findings, "called");
    let terms: Vec<f64> = (0..8)
        .scan(1.0, |term, k| {
            let now = *term;
            *term *= 4.8 / f64::from(k + 1);
            Some(now)
        })
        .collect();
    let last = terms[7] * 4.8 / 8.0 / (1.0 - 0.6);
    let c = last / (terms.iter().sum::<f64>() + last);
    near(form(called, Law::Utilization, "gate").expected, 0.6);
    near(form(called, Law::WaitShare, "gate").expected, c);
    near(
        form(called, Law::WaitMean, "gate").expected,
        c / (8.0 / 0.04 - 120.0),
    );
    near(
        form(called, Law::WaitP99, "gate").expected,
        ln(c / 0.01) / (8.0 / 0.04 - 120.0),
    );
    near(
        form(called, Law::WaitMean, "desk").expected,
        0.6 / (2.0 * 0.4) * 0.005,
    );
    // A deterministic time has no simple quantile, and messages do not wait at the service alone.
    assert!(
        called
            .formulas
            .iter()
            .all(|one| one.law != Law::WaitP99 || one.of == "gate")
    );
    let handed = variant(&findings, "handed");
    assert!(
        handed
            .formulas
            .iter()
            .all(|one| one.law != Law::WaitMean || one.of == "gate")
    );
    assert_eq!(form(handed, Law::Little, "order").holds, Holds::Exactly);
    for found in [called, handed] {
        for one in &found.formulas {
            assert_ne!(one.holds, Holds::About, "{one:?}");
            assert_eq!(one.agrees, Some(true), "{one:?}");
        }
    }
    assert!(findings.warnings.is_empty(), "{:?}", findings.warnings);
}

/// Lines that each choose by chance are M/M/1 of their share; lines chosen by length wait longer than one line, and not as long as lines
/// by chance: the pooled form bounds them. A station that holds its worker for its callee is no M/M/c.
#[test]
fn a_form_is_exact_only_where_all_that_it_assumes_is_so() {
    let findings = study(
        "brownout: 1
flows: { ask: { from: clerk, steps: [desk, back] } }
services:
  desk: { replicas: 2, balance: random, blocking: false, service_time: exponential 10ms }
  back: { concurrency: unlimited, service_time: 1ms }
traffic: { clerk: { rate: 100/s } }
variants:
  by_chance: { wiring: sync }
  by_length: { wiring: sync, services: { desk: { balance: least_requests } } }
  held: { wiring: sync, services: { desk: { blocking: true } } }
  even: { wiring: sync, traffic: { clerk: { rate: 100/s, arrivals: constant } } }
slo: { answered: availability >= 99% }
run: { duration: 5m, warmup: 30s, replications: 10, seed: 4 }
",
    );
    let by_chance = form(variant(&findings, "by_chance"), Law::WaitMean, "desk");
    assert_eq!(
        (by_chance.holds, by_chance.agrees),
        (Holds::Exactly, Some(true))
    );
    near(by_chance.expected, 0.01 * 0.5 / 0.5);
    let by_length = form(variant(&findings, "by_length"), Law::WaitMean, "desk");
    assert_eq!(
        (by_length.holds, by_length.agrees),
        (Holds::AtLeast, Some(true))
    );
    // M/M/2 at 0.5: C = 1/3, and 1/3 / (200 − 100).
    near(by_length.expected, 1.0 / 300.0);
    let held = variant(&findings, "held");
    assert!(held.formulas.iter().all(|one| one.law != Law::WaitMean));
    let even = form(variant(&findings, "even"), Law::WaitMean, "desk");
    assert_eq!((even.holds, even.agrees), (Holds::About, None));
}

/// One worker at 0.9, begun empty and watched for 20 s without a warm-up: it takes 1/(μ (1 − √ρ)²) = 38 s to forget that. The mean wait
/// of 0.9 s does not show, and the report says so.
#[test]
fn what_must_hold_and_does_not_is_told() {
    let findings = study(
        "brownout: 1
flows: { ask: { from: clerk, steps: [desk] } }
services: { desk: { service_time: exponential 100ms } }
traffic: { clerk: { rate: 9/s } }
variants: { one: { wiring: sync } }
slo: { answered: availability >= 99% }
run: { duration: 20s, warmup: 0s, drain: 60s, replications: 200, seed: 5 }
",
    );
    let wait = form(variant(&findings, "one"), Law::WaitMean, "desk");
    near(wait.expected, 0.9);
    assert_eq!(wait.agrees, Some(false), "{wait:?}");
    assert!(findings.warnings.iter().any(|one| one.code == "W303"));
}

/// 1 % of errors at the one, 2 % at the other, which is also down for 1 min of 10: 0.99 · 0.98 · 0.9. Refusals are told at once, and
/// nobody tries again: that is what comes out too. The third step can be done without.
#[test]
fn a_chain_is_as_available_as_the_product_says() {
    let findings = study(
        "brownout: 1
flows: { order: { from: shopper, steps: [shop, pay, { mail: { optional: true } }] } }
services:
  shop: { concurrency: unlimited, service_time: 1ms, errors: 1% }
  pay: { concurrency: unlimited, service_time: 1ms, errors: 2% }
  mail: { concurrency: unlimited, service_time: 1ms, errors: 50% }
traffic: { shopper: { rate: 50/s } }
variants: { called: { wiring: sync } }
faults: { away: { target: pay, at: 2m, for: 1m, down: refuse } }
slo: { answered: availability >= 80% }
run: { duration: 10m, warmup: 10s, replications: 10, seed: 6 }
",
    );
    let chain = form(
        variant(&findings, "called"),
        Law::AvailabilityOfChain,
        "order",
    );
    near(chain.expected, 0.99 * (0.9 * 0.98));
    crate::harness::holds("availability", chain.expected, chain.seen);
}

/// Ten users who think for a second and use a desk for 50 ms and another for 20 ms: at most 10/(1 + 0.07) a second; a hundred of them as
/// many as the first desk can do.
#[test]
fn users_have_no_more_done_than_their_number_and_the_slowest_desk_allow() {
    let findings = study(
        "brownout: 1
flows: { ask: { from: clerk, steps: [first, second] } }
services:
  first: { blocking: false, service_time: 50ms }
  second: { blocking: false, service_time: 20ms }
traffic: { clerk: { users: 10, think_time: exponential 1s } }
variants:
  few: { wiring: sync }
  many: { wiring: sync, traffic: { clerk: { users: 100, think_time: exponential 1s } } }
slo: { answered: availability >= 99% }
run: { duration: 2m, warmup: 1m, replications: 10, seed: 7 }
",
    );
    for (name, bound) in [("few", 10.0 / 1.07), ("many", 20.0)] {
        let found = form(variant(&findings, name), Law::ThroughputBound, "ask");
        near(found.expected, bound);
        assert_eq!((found.holds, found.agrees), (Holds::AtMost, Some(true)));
        assert!(found.seen.mean > 0.9 * bound, "{found:?}");
    }
}

/// 50 a second for 5 min of outage are 15 000; at 100 a second they are gone after as long again. Three attempts of which a fifth fails
/// are 1.24 in the mean.
#[test]
fn what_piles_up_drains_and_what_fails_is_tried_again() {
    let findings = study(
        "brownout: 1
flows: { job: { from: client, steps: [intake, worker], answer_needs: [intake] } }
services:
  intake: { concurrency: unlimited, service_time: 1ms }
  worker: { concurrency: 10, service_time: 100ms, balance: shared }
brokers: { jobs: { kind: queue } }
traffic: { client: { rate: 50/s, arrivals: constant } }
variants: { queue: { wiring: async, via: jobs, answer_after: intake } }
faults: { outage: { at: 5m, for: 5m, target: worker, down: refuse } }
slo: { caught_up: recovery(outage) < 6m }
run: { duration: 20m, warmup: 1m, replications: 3, seed: 7 }
",
    );
    let queue = variant(&findings, "queue");
    let piled = form(queue, Law::OutageBacklog, "worker after outage");
    near(piled.expected, 15_000.0);
    assert!((piled.seen.mean - 15_000.0).abs() < 20.0, "{piled:?}");
    let drained = form(queue, Law::OutageDrain, "worker after outage");
    near(drained.expected, 300.0);
    // The recovery is looked for in whole seconds, and the last ones fall within the band.
    assert!((drained.seen.mean - 300.0).abs() < 5.0, "{drained:?}");
    let findings = study(
        "brownout: 1
flows: { ask: { from: clerk, steps: [desk] } }
services: { desk: { concurrency: unlimited, service_time: 1ms, errors: 20% } }
traffic: { clerk: { rate: 100/s } }
variants: { tried: { wiring: sync, calls: { desk: { retry: { attempts: 3 } } } } }
slo: { answered: availability >= 99% }
run: { duration: 2m, warmup: 1s, replications: 10, seed: 8 }
",
    );
    let attempts = form(variant(&findings, "tried"), Law::Attempts, "client -> desk");
    near(attempts.expected, 1.0 + 0.2 + 0.04);
    crate::harness::holds("attempts", attempts.expected, attempts.seen);
}
