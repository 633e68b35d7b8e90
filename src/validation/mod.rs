//! Cases with known answers, from theory, papers and published simulators, each a scenario run by the ordinary program.
//!
//! ```text
//!   tests/cases/<id>.yaml   the scenario ─▶ read, compiled, simulated, found ─▶ summary.json
//!   tests/cases/<id>.json   what is expected, and what of the summary it is (`got`) ─────┴─▶ a row for each: met or not
//! ```

mod case;
mod formula;
mod table;

pub use case::{Case, Metric, cases, find, shipped};
pub use table::{Met, Outcome, Row, markdown, page};

use crate::analysis::{self, Stamp};
use crate::compile;
use crate::diagnostic::{self, Paint, Sources};
use crate::experiment;
use crate::report;
use crate::scenario::{self, Changes};
use std::sync::atomic::AtomicBool;

/// About how many flow runs a case simulates, in all replications of all variants, warm-up included; of users, and of a load that is
/// not steady, those of its mean or highest rate.
///
/// # Errors
/// As [`run`].
pub fn flow_runs(case: &Case) -> Result<f64, String> {
    let cases = compiled(case)?;
    let of_case = |one: &compile::Case| {
        let plan = &one.system.plan;
        let seconds = (plan.warmup + plan.duration).as_secs_f64() * f64::from(plan.replications);
        let rate: f64 = one
            .system
            .sources
            .iter()
            .map(|source| source.arrivals.rate())
            .sum();
        rate * seconds
    };
    Ok(cases.iter().map(of_case).sum())
}

/// Runs a case on so many threads (0: as many as the machine runs at once); `None` if it was stopped.
///
/// # Errors
/// What is wrong with the case itself: its scenario, or where a figure is looked for.
pub fn run(case: &Case, threads: usize, stop: &AtomicBool) -> Result<Option<Outcome>, String> {
    let cases = compiled(case)?;
    let name = format!("{}.yaml", case.id);
    let plan = cases[0].system.plan;
    let observations = experiment::run(&cases, threads, stop, &|_, _| {});
    let finished = observations.cases.iter().map(Vec::len).min().unwrap_or(0);
    if finished < plan.replications as usize {
        return Ok(None);
    }
    let stamp = Stamp {
        file: name,
        title: case.title.clone(),
        ..Stamp::of(&plan, &case.id)
    };
    let findings = analysis::findings(stamp, Vec::new(), &cases, &observations);
    let summary = report::summary_value(&findings);
    Outcome::of(case, &summary).map(Some)
}

/// The variants of a case's scenario, compiled.
fn compiled(case: &Case) -> Result<Vec<compile::Case>, String> {
    let mut sources = Sources::default();
    let name = format!("{}.yaml", case.id);
    let (reading, mut found) =
        scenario::read(&mut sources, &name, &case.scenario, &Changes::default());
    let views = reading.map(|reading| reading.views).unwrap_or_default();
    let (cases, diagnostics) = compile::compile_all(&views);
    found.extend(diagnostics);
    let Some(cases) = cases.filter(|_| !views.is_empty()) else {
        return Err(diagnostic::render(&found, &sources, Paint::Plain));
    };
    Ok(cases)
}
