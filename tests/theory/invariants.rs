//! What must hold whatever the numbers: Little's law, the null experiment, bytes that do not depend on threads, accounts.

use crate::harness::{cases, flow, study, study_on};
use brownout::engine::{Answer, Cause, Fate, Probe, RunFacts, simulate};
use brownout::kernel::time::Time;
use brownout::model::FlowId;
use std::collections::BTreeMap;
use std::fmt::Write as _;

/// Integrates the engine's own count of accepted, unfinished flow runs; and keeps each one's instants.
#[derive(Default)]
struct Little {
    since: f64,
    backlog: f64,
    area: f64,
    waiting: BTreeMap<u64, f64>,
    n: u64,
    sojourns: f64,
}

impl Probe for Little {
    fn backlog(&mut self, now: Time, _flow: FlowId, backlog: u64) {
        self.area += self.backlog * (now.as_secs_f64() - self.since);
        self.since = now.as_secs_f64();
        self.backlog = f64::from(u32::try_from(backlog).unwrap());
    }
    fn answered(&mut self, now: Time, run: RunFacts, _answer: Answer, _cause: Option<Cause>) {
        self.waiting.insert(run.ordinal, now.as_secs_f64());
    }
    fn completed(&mut self, _now: Time, at: Time, run: RunFacts) {
        self.n += 1;
        self.sojourns += (at.as_secs_f64() - self.waiting.remove(&run.ordinal).unwrap()).max(0.0);
    }
}

/// Little's law for what is accepted and not done: ∫ backlog dt = Σ (completion − answer), exactly, those still under way at
/// the end included (Stidham 1974); floats add up to within 1e-9 of it.
#[test]
fn littles_law_is_exact() {
    let all = cases(
        "brownout: 1
flows: { item: { from: customer, steps: [intake, desk], answer_needs: [intake] } }
services:
  intake: { concurrency: unlimited, service_time: 1ms }
  desk: { concurrency: 3, service_time: { p50: 20ms, p99: 200ms } }
brokers: { line: {} }
network: 1ms
traffic: { customer: { rate: 60/s } }
variants: { queued: { wiring: async, via: line } }
faults: { outage: { at: 1m, for: 30s, target: desk, down: refuse } }
slo: { kept: lost == 0 }
run: { duration: 5m, warmup: 30s, replications: 1, seed: 3 }
",
    );
    let mut probe = Little::default();
    let end = simulate(&all[0].system, &all[0].wiring, 0, &mut probe)
        .ended
        .as_secs_f64();
    assert!(probe.n > 17_000);
    let under_way: f64 = probe.waiting.values().map(|answer| end - answer).sum();
    let area = probe.area + probe.backlog * (end - probe.since);
    let sojourns = probe.sojourns + under_way;
    assert!(
        (area - sojourns).abs() / sojourns < 1e-9,
        "{area} {sojourns}"
    );
}

/// Completion instants by ordinal.
#[derive(Default)]
struct Completions(Vec<(u64, Time)>);

impl Probe for Completions {
    fn completed(&mut self, _now: Time, at: Time, run: RunFacts) {
        self.0.push((run.ordinal, at));
    }
}

/// A43: a free broker, calls that hold nothing, no faults, no policies, a linear flow: equal completions, run by run.
#[test]
fn the_null_experiment() {
    let all = cases(
        "brownout: 1
flows: { item: { from: customer, steps: [a, b, c, d], answer_needs: [a] } }
services:
  a: { blocking: false, concurrency: 2, service_time: exponential 10ms }
  b: { blocking: false, concurrency: 3, service_time: { p50: 15ms, p99: 90ms } }
  c: { blocking: false, balance: shared, replicas: 3, service_time: { mean: 12ms, cv: 2 } }
  d: { blocking: false, concurrency: 1, service_time: 5ms }
brokers: { line: {} }
traffic: { customer: { rate: 110/s } }
variants:
  chain: { wiring: sync }
  orchestrated: { wiring: sync, shape: orchestrated }
  events: { wiring: async, via: line }
  half: { wiring: async, via: line, answer_after: c }
slo: { kept: lost == 0 }
run: { duration: 2m, warmup: 10s, replications: 1, seed: 11 }
",
    );
    let completions = all.iter().map(|case| {
        let mut probe = Completions::default();
        simulate(&case.system, &case.wiring, 0, &mut probe);
        // The drain of each ends when its own last counted flow run has its answer: compare those all of them have.
        let closes = case.system.plan.closes();
        probe.0.retain(|(_, at)| *at < closes);
        probe.0.sort_unstable();
        probe.0
    });
    let completions: Vec<_> = completions.collect();
    assert!(completions[0].len() > 12_000);
    for other in &completions[1..] {
        assert_eq!(&completions[0], other);
    }
}

const MIXED: &str = "brownout: 1
flows:
  order: { from: shopper, steps: [shop, [stock, price], pay, ship], answer_needs: [shop] }
  look: { from: visitor, steps: [shop, { price: { probability: 30% } }] }
services:
  shop: { replicas: 2, concurrency: 16, queue: 50, service_time: { p50: 5ms, p99: 30ms } }
  stock: { concurrency: 8, service_time: { p50: 10ms, p99: 60ms }, errors: 1% }
  price: { concurrency: 8, service_time: exponential 8ms }
  pay: { replicas: 2, concurrency: 6, service_time: { p50: 60ms, p99: 300ms } }
  ship: { concurrency: 8, service_time: uniform 10ms..50ms }
brokers: { bus: { publish: { p50: 2ms, p99: 9ms }, capacity: 2k } }
network: { p50: 500us, p99: 3ms }
traffic:
  shopper: { rate: 60/s, patience: 3s }
  visitor: { rate: 100/s, arrivals: constant }
variants:
  called: { wiring: sync, calls: { \"*\": { timeout: 1s, retry: { attempts: 2, backoff: 50ms..200ms, jitter: full } } } }
  queued: { wiring: async, via: bus, answer_after: price, consume: { \"*\": { visibility: 5s } } }
faults:
  pay_down: { at: 20s, for: 10s, target: pay, down: hang }
  bus_down: { at: 40s, for: 2s, target: bus, down: refuse }
  slow: { at: 50s, for: 5s, target: stock, latency: x10 }
slo: { fast: order latency p99 < 2s, kept: order lost == 0 }
run: { duration: 70s, warmup: 5s, drain: 5m, replications: 6, seed: 5 }
";

/// A6: the findings do not depend on the number of threads, nor on the day.
#[test]
fn one_thread_or_eight_find_the_same() {
    let findings = [1, 2, 8, 1].map(|threads| format!("{:?}", study_on(MIXED, threads)));
    assert!(findings.windows(2).all(|pair| pair[0] == pair[1]));
}

/// An M/D/1 at ten times its capacity for 100 s: every request is reported, most of them as unfinished.
#[test]
fn unfinished_work_is_shown() {
    let findings = study(
        "brownout: 1
flows: { visit: { from: customer, steps: [desk] } }
services: { desk: { service_time: 100ms } }
traffic: { customer: { rate: 100/s } }
variants: { called: { wiring: sync } }
slo: { answered: availability >= 99% }
run: { duration: 100s, warmup: 0s, drain: 200s, replications: 4, seed: 5 }
",
    );
    let outcomes = flow(&findings, "called").outcomes;
    // 10 a second are served for 300 s: 3 000 of about 10 000, give or take the one that is being served at the end.
    let served = f64::from(u32::try_from(outcomes.answered_ok).unwrap()) / 4.0;
    assert!((served - 3000.0).abs() <= 2.0, "{served}");
    assert_eq!(outcomes.offered, outcomes.answered_ok + outcomes.unanswered);
    // Poisson: 4 · 10 000 arrivals, standard deviation 200, 4.5 of them.
    assert!(outcomes.offered.abs_diff(40_000) < 900, "{outcomes:?}");
    assert_eq!(
        flow(&findings, "called")
            .causes
            .iter()
            .map(|cause| cause.count)
            .sum::<u64>(),
        outcomes.unanswered
    );
}

/// 1 000 services and 3 000 edges: compiled in time that does not show, and run.
#[test]
fn a_thousand_services_compile() {
    let mut text = String::from("brownout: 1\nflows:\n");
    for flow in 0..60_u32 {
        let steps: Vec<String> = (0..50)
            .map(|step| format!("s{}", (flow * 17 + step * 20) % 1000))
            .collect();
        writeln!(
            text,
            "  f{flow}: {{ from: t{flow}, steps: [{}] }}",
            steps.join(", ")
        )
        .unwrap();
    }
    text.push_str("services:\n");
    for service in 0..1000 {
        writeln!(
            text,
            "  s{service}: {{ concurrency: 20, blocking: false, service_time: exponential 1ms }}"
        )
        .unwrap();
    }
    text.push_str("traffic:\n");
    for source in 0..60 {
        writeln!(text, "  t{source}: {{ rate: 2/s }}").unwrap();
    }
    text.push_str(
        "variants: { called: { wiring: sync } }\nslo: { answered: f0 availability >= 99% }\n",
    );
    text.push_str("run: { duration: 2s, warmup: 0s, replications: 1, seed: 5 }\n");
    let all = cases(&text);
    assert_eq!(all[0].wiring.edges.len(), 60 * 50);
    let findings = study(&text);
    let fates = findings.variants[0].flows.iter().map(|flow| flow.outcomes);
    assert!(
        fates
            .clone()
            .all(|n| n.offered == n.answered_ok && n.completed == n.answered_ok)
    );
}

/// Counts the fates.
#[derive(Default)]
struct Fates(u64);

impl Probe for Fates {
    fn closed(&mut self, _now: Time, _run: RunFacts, _fate: Fate, _cause: Option<Cause>) {
        self.0 += 1;
    }
}

/// Everything is down from the first to the last second: every flow run still has its fate.
#[test]
fn when_everything_is_down() {
    let all = cases(&MIXED.replace(
        "faults:",
        "faults:
  a: { at: 0s, for: 10m, target: shop, down: hang }
  b: { at: 0s, for: 10m, target: bus, down: hang }
  c: { at: 0s, for: 10m, target: price, down: refuse }",
    ));
    for case in all {
        let mut probe = Fates::default();
        let end = simulate(&case.system, &case.wiring, 0, &mut probe);
        assert_eq!(probe.0, end.flow_runs);
    }
}
