//! Scenario text in, findings out; and what it means that a formula holds.

use brownout::analysis::{self, Estimate, Findings, FlowFindings, Stamp, VariantFindings};
use brownout::compile::{self, Case};
use brownout::diagnostic::{self, Paint, Severity, Sources};
use brownout::experiment;
use brownout::scenario::{self, Changes};
use std::sync::atomic::AtomicBool;

/// Reads and compiles a scenario's text; every mistake fails the test.
pub(crate) fn cases(text: &str) -> Vec<Case> {
    let mut sources = Sources::default();
    let (reading, mut found) = scenario::read(&mut sources, "case.yaml", text, &Changes::default());
    let views = reading.map(|reading| reading.views).unwrap_or_default();
    let (cases, diagnostics) = compile::compile_all(&views);
    found.extend(diagnostics);
    let errors = found
        .iter()
        .filter(|one| one.severity == Severity::Error)
        .count();
    assert_eq!(
        errors,
        0,
        "{}\n{text}",
        diagnostic::render(&found, &sources, Paint::Plain)
    );
    cases.unwrap()
}

/// Simulates on so many threads and judges.
pub(crate) fn study_on(text: &str, threads: usize) -> Findings {
    let cases = cases(text);
    let plan = cases[0].system.plan;
    let observations = experiment::run(&cases, threads, &AtomicBool::new(false), &|_, _| {});
    let stamp = Stamp::of(&plan, "case");
    analysis::findings(stamp, Vec::new(), &cases, &observations)
}

/// Simulates on two threads and judges.
pub(crate) fn study(text: &str) -> Findings {
    study_on(text, 2)
}

/// One flow at one service that is called, and how long it is watched: `rate` per second, `service` as YAML fields.
pub(crate) fn one_station(rate: f64, service: &str, duration: &str) -> Findings {
    study(&format!(
        "brownout: 1
flows: {{ visit: {{ from: customer, steps: [desk] }} }}
services: {{ desk: {{ {service} }} }}
traffic: {{ customer: {{ rate: {rate}/s }} }}
variants: {{ called: {{ wiring: sync }} }}
slo: {{ answered: availability >= 0.0% }}
run: {{ duration: {duration}, warmup: 5m, replications: 20, seed: 2026, confidence: 99.9% }}
"
    ))
}

pub(crate) fn variant<'a>(findings: &'a Findings, name: &str) -> &'a VariantFindings {
    findings
        .variants
        .iter()
        .find(|variant| variant.name == name)
        .unwrap()
}

pub(crate) fn flow<'a>(findings: &'a Findings, name: &str) -> &'a FlowFindings {
    &variant(findings, name).flows[0]
}

/// A figure of a variant's only flow.
pub(crate) fn figure(findings: &Findings, name: &str, figure: &str) -> Estimate {
    let figures = &flow(findings, name).figures;
    figures
        .iter()
        .find(|(key, _)| *key == figure)
        .unwrap_or_else(|| panic!("no figure {figure}"))
        .1
}

/// The formula lies in the interval; and the interval is narrow enough to tell something (5 % of the formula).
pub(crate) fn holds(what: &str, formula: f64, got: Estimate) {
    let half_width = got.half_width.unwrap();
    assert!(
        (got.mean - formula).abs() <= half_width,
        "{what}: {} ± {half_width} does not hold {formula}",
        got.mean
    );
    assert!(
        half_width <= 0.05 * formula.abs(),
        "{what}: ± {half_width} around {formula} says too little"
    );
}
