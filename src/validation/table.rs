//! Expected and got, row by row.

use super::case::Case;
use super::formula::{self, Value};
use serde_json::Value as Json;
use std::fmt::Write as _;

/// What a case came to.
#[derive(Clone, Debug, PartialEq)]
pub struct Outcome {
    /// The case's name.
    pub id: String,
    /// What it is about.
    pub title: String,
    /// Where its answers are from.
    pub source: String,
    /// A row for each answer, by name.
    pub rows: Vec<Row>,
}

/// One answer, and what the program gave.
#[derive(Clone, Debug, PartialEq)]
pub struct Row {
    /// The answer's name.
    pub metric: String,
    /// How it is known.
    pub basis: String,
    /// The answer.
    pub expected: f64,
    /// How far off it may be.
    pub tolerance: f64,
    /// Was it met?
    pub met: Met,
}

/// Was an answer met?
#[derive(Clone, Debug, PartialEq)]
pub enum Met {
    /// The program gives this, with the half-width of its interval, and that is near enough.
    Yes(f64, Option<f64>),
    /// It is not.
    No(f64, Option<f64>),
    /// The program does not give it, for this reason.
    NotGiven(String),
}

impl Outcome {
    /// Of a case whose run gave this summary.
    pub(super) fn of(case: &Case, summary: &Json) -> Result<Self, String> {
        let mut rows = Vec::new();
        for (name, metric) in &case.metrics {
            let met = match &metric.got {
                None => Met::NotGiven(metric.not.clone().unwrap_or_default()),
                Some(formula) => {
                    let Value { mean, half_width } = formula::evaluate(formula, summary)
                        .map_err(|wrong| format!("{} {name}: {wrong}", case.id))?;
                    // Answers are written with eight digits or so.
                    let slack = metric.tolerance + 1e-7 * metric.expected.abs();
                    if (mean - metric.expected).abs() <= slack {
                        Met::Yes(mean, half_width)
                    } else {
                        Met::No(mean, half_width)
                    }
                }
            };
            rows.push(Row {
                metric: name.clone(),
                basis: metric.basis.clone(),
                expected: metric.expected,
                tolerance: metric.tolerance,
                met,
            });
        }
        Ok(Self {
            id: case.id.clone(),
            title: case.title.clone(),
            source: case.source.clone(),
            rows,
        })
    }

    /// Is every answer that the program gives met?
    #[must_use]
    pub fn is_met(&self) -> bool {
        self.rows.iter().all(|row| !matches!(row.met, Met::No(..)))
    }
}

/// Six digits at most.
fn number(value: f64) -> String {
    if value == 0.0 {
        return "0".to_owned();
    }
    let scientific = format!("{value:e}");
    let digits = scientific
        .rsplit('e')
        .next()
        .and_then(|text| text.parse().ok());
    let digits: i32 = digits.unwrap_or(0);
    if !(-5..9).contains(&digits) {
        return format!("{value:.3e}");
    }
    let places = usize::try_from(5 - digits).unwrap_or(0).min(10);
    let text = format!("{value:.places$}");
    if text.contains('.') {
        text.trim_end_matches('0').trim_end_matches('.').to_owned()
    } else {
        text
    }
}

fn got(value: f64, half_width: Option<f64>) -> String {
    match half_width {
        Some(half_width) => format!("{} ± {}", number(value), number(half_width)),
        None => number(value),
    }
}

/// `12 cases, 40 answers: 39 met, 1 not met, 2 not given`.
fn sums(outcomes: &[Outcome]) -> String {
    let rows = || outcomes.iter().flat_map(|outcome| &outcome.rows);
    let count = |is: fn(&Met) -> bool| rows().filter(|row| is(&row.met)).count();
    format!(
        "{} cases, {} answers: {} met, {} not met, {} not given by the program",
        outcomes.len(),
        rows().count(),
        count(|met| matches!(met, Met::Yes(..))),
        count(|met| matches!(met, Met::No(..))),
        count(|met| matches!(met, Met::NotGiven(_))),
    )
}

/// For a terminal: a line for each answer.
///
/// # Panics
/// Never: a string takes everything.
#[must_use]
pub fn page(outcomes: &[Outcome]) -> String {
    let mut text = String::new();
    for outcome in outcomes {
        writeln!(text, "{}  {}", outcome.id, outcome.title).expect("a string takes everything");
        for row in &outcome.rows {
            let (mark, told) = match &row.met {
                Met::Yes(value, half_width) => ("✓", got(*value, *half_width)),
                Met::No(value, half_width) => ("✗", got(*value, *half_width)),
                Met::NotGiven(why) => ("–", why.clone()),
            };
            let expected = format!("{} ± {}", number(row.expected), number(row.tolerance));
            writeln!(
                text,
                "  {mark} {:<24} expected {expected:<24} got {told}",
                row.metric
            )
            .expect("a string takes everything");
        }
    }
    writeln!(text, "\n{}", sums(outcomes)).expect("a string takes everything");
    text
}

/// As a document.
///
/// # Panics
/// Never: a string takes everything.
#[must_use]
pub fn markdown(outcomes: &[Outcome]) -> String {
    let mut text = String::from(
        "# Validation\n\nMade by `brownout validate --format markdown`: do not edit.\n\n\
         Cases with known answers, from theory, papers and published simulators. Each is a scenario in `tests/cases`, run by the \
         ordinary program; beside it stands what is expected, with the tolerance of the case, and what of `summary.json` it is.\n\
         A tolerance is what one correct run of the stated size keeps with a probability above 0.9999; ± behind what was got is \
         the half-width of the program's own interval over replications.\n\n",
    );
    writeln!(text, "{}.\n", sums(outcomes)).expect("a string takes everything");
    for outcome in outcomes {
        writeln!(
            text,
            "## {}\n\n{}.\nSource: {}.\n\n| answer | known | expected | tolerance | got | |\n|---|---|---|---|---|---|",
            outcome.id,
            outcome.title.trim_end_matches('.'),
            outcome.source.trim_end_matches('.')
        )
        .expect("a string takes everything");
        for row in &outcome.rows {
            let (mark, told) = match &row.met {
                Met::Yes(value, half_width) => ("met", got(*value, *half_width)),
                Met::No(value, half_width) => ("**not met**", got(*value, *half_width)),
                Met::NotGiven(why) => ("not given", why.clone()),
            };
            let cells = [
                row.metric.as_str(),
                &row.basis,
                &number(row.expected),
                &number(row.tolerance),
                &told,
                mark,
            ];
            let cells = cells.map(|cell| cell.replace('|', "\\|"));
            writeln!(text, "| {} |", cells.join(" | ")).expect("a string takes everything");
        }
        text.push('\n');
    }
    text.truncate(text.trim_end().len());
    text.push('\n');
    text
}
