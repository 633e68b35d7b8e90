//! Are the intervals what they say (A38)? Of a thousand studies of one thing, each with a seed of its own, 95 % must hold the truth:
//! 950, give or take 3.29 √(1 000 · 0.95 · 0.05) = 22.7 with a probability of 99.9 %.

use crate::harness::cases;
use brownout::analysis::{self, Estimate, Findings, Stamp};
use brownout::compile::Case;
use brownout::experiment;
use brownout::kernel::math::ln;
use std::sync::atomic::AtomicBool;

const STUDIES: u64 = 1_000;

/// What a study with this seed finds.
fn study_of(cases: &mut [Case], seed: u64) -> Findings {
    for case in cases.iter_mut() {
        case.system.plan.seed = seed;
    }
    let plan = cases[0].system.plan;
    let all = experiment::run(cases, 2, &AtomicBool::new(false), &|_, _| {});
    let stamp = Stamp::of(&plan, "study");
    analysis::findings(stamp, Vec::new(), cases, &all)
}

fn figure(findings: &Findings, variant: usize, figure: &str) -> Estimate {
    let figures = &findings.variants[variant].flows[0].figures;
    figures.iter().find(|(key, _)| *key == figure).unwrap().1
}

/// How many of so many intervals hold a truth.
#[derive(Debug, Default)]
struct Count {
    held: u32,
    of: u32,
}

impl Count {
    /// A study without an interval says nothing, wrong or right.
    fn add(&mut self, truth: f64, estimate: Estimate) {
        if let Some(half_width) = estimate.half_width {
            self.held += u32::from((estimate.mean - truth).abs() <= half_width);
            self.of += 1;
        }
    }

    /// 95 % of them, give or take 3.29 √(n · 0.95 · 0.05); and of a thousand studies at most so many gave none.
    fn assert(&self, what: &str, without_at_most: u32) {
        let n = f64::from(self.of);
        let off = (f64::from(self.held) - 0.95 * n).abs();
        let told = format!("{what}: {} of {}", self.held, self.of);
        assert!(off <= 3.29 * (n * 0.95 * 0.05).sqrt(), "{told}");
        assert!(self.of + without_at_most >= 1_000, "{told}");
    }
}

/// 1 + 1/2 + … + 1/n.
fn harmonic(n: u32) -> f64 {
    (1..=n).map(|k| 1.0 / f64::from(k)).sum()
}

/// Studies of a desk with as many workers as are wanted: times of mean 100 ms, of another law and mean 110 ms for the same draws in the
/// other variant, and a quantile.
fn of_independent_times(run: &str, (truth, quantile): (f64, impl Fn(&Findings) -> Estimate)) {
    let mut cases = cases(&format!(
        "brownout: 1
flows: {{ ask: {{ from: clerk, steps: [desk] }} }}
services: {{ desk: {{ concurrency: unlimited, service_time: exponential 100ms }} }}
traffic: {{ clerk: {{ rate: 10/s, arrivals: constant }} }}
variants:
  one: {{ wiring: sync }}
  two: {{ wiring: sync, services: {{ desk: {{ service_time: uniform 0ms..220ms }} }} }}
slo: {{ quick: latency p90 < 1s }}
run: {{ {run} }}
"
    ));
    let [mut means, mut quantiles, mut differences] = [(); 3].map(|()| Count::default());
    for seed in 0..STUDIES {
        let findings = study_of(&mut cases, seed);
        means.add(0.1, figure(&findings, 0, "latency_mean"));
        quantiles.add(truth, quantile(&findings));
        let mut paired = findings.differences.iter();
        let mean = paired.find(|one| one.figure == "latency_mean").unwrap();
        differences.add(0.01, mean.estimate);
    }
    let without = without_at_most(run);
    means.assert(&format!("means, {run}"), without);
    quantiles.assert(&format!("quantiles, {run}"), without);
    differences.assert(&format!("differences, {run}"), without);
}

/// Studies of one worker at half of what it can do: times that depend on each other, of mean 1/(μ − λ) = 200 ms.
fn of_waits(run: &str) {
    let mut cases = cases(&format!(
        "brownout: 1
flows: {{ ask: {{ from: clerk, steps: [desk] }} }}
services: {{ desk: {{ service_time: exponential 100ms }} }}
traffic: {{ clerk: {{ rate: 5/s }} }}
variants: {{ one: {{ wiring: sync }} }}
slo: {{ answered: availability >= 0% }}
run: {{ {run} }}
"
    ));
    let mut means = Count::default();
    for seed in 0..STUDIES {
        let findings = study_of(&mut cases, seed);
        means.add(0.2, figure(&findings, 0, "latency_mean"));
    }
    means.assert(&format!("means of waits, {run}"), without_at_most(run));
}

/// Replications always give an interval. Of batches that have nothing to do with each other a test at 5 % joins 5 % of studies, and
/// leaves 5 % of those without one: 2.5 of a thousand, and 9 or fewer with a probability of 99.9 % (Poisson).
fn without_at_most(run: &str) -> u32 {
    if run.ends_with("replications: 1") {
        9
    } else {
        0
    }
}

/// A desk with as many workers as are wanted, exponential work, 500 clients exactly in each of five replications: independent times
/// of mean 100 ms, and in the other variant 110 ms for the same draws. The expected 99 % quantile of 500 of them is that of the 495th
/// in order, 100 ms · (H₅₀₀ − H₅), H the harmonic numbers (Rényi, "On the theory of order statistics", 1953).
#[test]
fn of_a_thousand_intervals_of_independent_times_95_in_100_hold_the_truth() {
    // The first client comes after 100 ms, and none at the closing.
    let p99 = 0.1 * (harmonic(499) - harmonic(4));
    assert!((p99 - 0.1 * ln(100.0)).abs() < 0.02);
    let quantile = |findings: &Findings| figure(findings, 0, "latency_p99");
    of_independent_times(
        "duration: 50s, warmup: 0s, replications: 5",
        (p99, quantile),
    );
}

/// In six replications, independent of each other.
#[test]
fn of_a_thousand_intervals_of_waits_95_in_100_hold_the_truth() {
    of_waits("duration: 200s, warmup: 20s, drain: 10s, replications: 6");
}

/// One replication, cut into batches: independent times, 100 in each of 20 batches. Of 1 999 of them the 90 % quantile is the 1 800th in
/// order, in the mean 100 ms · (H₁₉₉₉ − H₁₉₉).
#[test]
fn of_a_thousand_intervals_of_batches_95_in_100_hold_the_truth() {
    let p90 = 0.1 * (harmonic(1_999) - harmonic(199));
    let quantile = |findings: &Findings| findings.objectives[0].cells[0].estimate.unwrap();
    of_independent_times(
        "duration: 200s, warmup: 0s, replications: 1",
        (p90, quantile),
    );
}

/// Waits depend on each other, and so do batches of them: less the longer they are. A batch of 60 s is 50 times as long as it takes the
/// worker to forget, 1/(μ (1 − √ρ)²) = 1.2 s (Cohen, "The Single Server Queue", 2nd ed. 1982, III.7).
#[test]
fn of_a_thousand_intervals_of_batches_of_waits_95_in_100_hold_the_truth() {
    of_waits("duration: 20m, warmup: 20s, drain: 10s, replications: 1");
}

/// What common random numbers are worth: where the second variant takes 1.1 times as long for the same draws, the difference of
/// means has the variance 0.1² v instead of (1 + 1.1²) v of independent runs, 221 times less (Law, "Simulation Modeling and
/// Analysis", 5th ed., 11.2). Of 400 replications, a ratio of variances is off by √(4/400) = 10 % or so; and at one worker, where waits
/// add up, the gain is still more than tenfold.
#[test]
fn common_random_numbers_take_the_common_part_out() {
    let gain = |concurrency: &str, rate: &str| {
        let mut cases = cases(&format!(
            "brownout: 1
flows: {{ ask: {{ from: clerk, steps: [desk] }} }}
services: {{ desk: {{ concurrency: {concurrency}, service_time: exponential 100ms }} }}
traffic: {{ clerk: {{ rate: {rate} }} }}
variants:
  one: {{ wiring: sync }}
  two: {{ wiring: sync, services: {{ desk: {{ service_time: exponential 110ms }} }} }}
slo: {{ answered: availability >= 0% }}
run: {{ duration: 100s, warmup: 20s, drain: 10s, replications: 400 }}
"
        ));
        let findings = study_of(&mut cases, 5);
        let mut paired = findings.differences.iter();
        let paired = paired.find(|one| one.figure == "latency_mean").unwrap();
        let square = |half_width: Option<f64>| half_width.unwrap() * half_width.unwrap();
        let apart: f64 = (0..2)
            .map(|k| square(figure(&findings, k, "latency_mean").half_width))
            .sum();
        apart / square(paired.estimate.half_width)
    };
    let independent = gain("unlimited", "10/s");
    let formula = (1.0 + 1.1 * 1.1) / (0.1 * 0.1);
    assert!(
        (0.6..1.6).contains(&(independent / formula)),
        "{independent}"
    );
    let waiting = gain("1", "5/s");
    assert!(waiting > 10.0, "{waiting}");
}

/// One worker at 19 twentieths of what it can do, that begins with nobody: it takes some 1/μ · (1 + ρ)/(1 − ρ)² = 78 s to settle
/// (relaxation time of M/M/1: Morse, *Queues, Inventories and Maintenance*, 1958). Without a warm-up that is told; with one of ten
/// times as long it is not, and neither is chance: of forty studies of what is stationary at once none is warned of.
#[test]
fn a_warm_up_that_is_too_short_is_told() {
    let warned = |warmup: &str, service: &str, seed: u64| {
        let mut cases = cases(&format!(
            "brownout: 1
flows: {{ ask: {{ from: clerk, steps: [desk] }} }}
services: {{ desk: {{ {service} }} }}
traffic: {{ clerk: {{ rate: 19/s }} }}
variants: {{ one: {{ wiring: sync }} }}
slo: {{ answered: availability >= 0% }}
run: {{ duration: 20m, warmup: {warmup}, drain: 1m, replications: 20 }}
"
        ));
        let findings = study_of(&mut cases, seed);
        let codes = findings.warnings.iter().map(|warning| warning.code.clone());
        codes.collect::<Vec<_>>()
    };
    let busy = "service_time: exponential 50ms";
    assert_eq!(warned("0s", busy, 1), ["W301"]);
    assert!(warned("13m", busy, 1).is_empty());
    let at_once = "concurrency: unlimited, service_time: exponential 50ms";
    for seed in 0..40 {
        assert!(warned("1s", at_once, seed).is_empty(), "{seed}");
    }
}
