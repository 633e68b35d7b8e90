//! Closed forms beside the simulated numbers: a sentence for the page, a table for the summary.

use super::format::{self, Unit};
use super::story;
use crate::analysis::{Findings, FormulaFindings, VariantFindings};
use crate::analysis::{Holds, Law};

/// Rows of the table.
const ROWS_MAX: usize = 40;

/// A row of the table: a closed form of something, with a cell for each variant.
pub(super) struct Row {
    /// What it is about: `busy share of payment`.
    pub(super) what: String,
    /// Its formula.
    pub(super) formula: &'static str,
    /// Per variant: the simulated number, the sign, the closed form, and a mark if it is judged; nothing where it says nothing.
    pub(super) cells: Vec<String>,
}

/// How many closed forms should hold, how many of them do, and how many are rough; over all variants.
fn tally(findings: &Findings) -> (usize, usize, usize) {
    let all = || findings.variants.iter().flat_map(|v| &v.formulas);
    let judged = all().filter(|one| one.agrees.is_some()).count();
    let agreeing = all().filter(|one| one.agrees == Some(true)).count();
    (judged, agreeing, all().count() - judged)
}

/// What the page says of them; nothing without any.
pub(super) fn sentence(findings: &Findings) -> Option<String> {
    let (judged, agreeing, rough) = tally(findings);
    let forms = |n: usize| story::plural(n as u64, "closed form");
    let text = match (judged, rough) {
        (0, 0) => return None,
        (0, n) => format!("{} of the undisturbed system", forms(n)),
        (1, _) if agreeing == 1 => "the closed form that must hold does".to_owned(),
        (n, _) if n == agreeing => format!("all {} that must hold do", forms(n)),
        (n, _) => format!("{agreeing} of {} that must hold do", forms(n)),
    };
    Some(format!("theory: {text}"))
}

/// The table, what is apart first; and how many rows are left out.
pub(super) fn table(findings: &Findings) -> (Vec<Row>, usize) {
    let mut keys: Vec<(Law, &str)> = Vec::new();
    for formula in findings.variants.iter().flat_map(|v| &v.formulas) {
        let key = (formula.law, formula.of.as_str());
        if !keys.contains(&key) {
            keys.push(key);
        }
    }
    let find = |variant: &'_ VariantFindings, (law, of): (Law, &str)| {
        let mut formulas = variant.formulas.iter();
        formulas.position(|one| one.law == law && one.of == of)
    };
    let is_apart = |key: (Law, &str)| {
        let mut variants = findings.variants.iter();
        variants.any(|v| find(v, key).is_some_and(|idx| v.formulas[idx].agrees == Some(false)))
    };
    keys.sort_by_key(|&key| (!is_apart(key), key.0));
    let left_out = keys.len().saturating_sub(ROWS_MAX);
    keys.truncate(ROWS_MAX);
    let rows = keys.into_iter().map(|key| Row {
        what: format!("{} {}", key.0.label(), key.1),
        formula: key.0.definition().formula,
        cells: findings
            .variants
            .iter()
            .map(|v| find(v, key).map_or(format::UNKNOWN.to_owned(), |idx| cell(&v.formulas[idx])))
            .collect(),
    });
    (rows.collect(), left_out)
}

/// `62.4% ±0.2 = 62.5% ✓`.
fn cell(formula: &FormulaFindings) -> String {
    let unit = unit(formula.law);
    let seen = format::estimate(unit, &formula.seen).text();
    let expected = format::number(unit, formula.expected, None).value;
    let mark = match formula.agrees {
        Some(true) => " ✓",
        Some(false) => " ✗",
        None => "",
    };
    format!("{seen} {} {expected}{mark}", formula.holds.sign())
}

fn unit(law: Law) -> Unit {
    match law.definition().unit {
        "seconds" => Unit::Seconds,
        "share" => Unit::Share,
        "per second" => Unit::Rate,
        "attempts" => Unit::Ratio,
        _ => Unit::Count,
    }
}

/// What stands below the table: what the signs in it mean, and where there is more.
pub(super) fn note(findings: &Findings, left_out: usize) -> String {
    let more = match left_out {
        0 => String::new(),
        n => format!(" {n} more in `data/formulas.csv`."),
    };
    let signs = legend(findings).join(", ");
    format!("Simulated, then the closed form: {signs}. Sources: `brownout explain`.{more}")
}

/// What a sign in the table means, for every sign that is in it.
fn legend(findings: &Findings) -> Vec<&'static str> {
    let all = || findings.variants.iter().flat_map(|v| &v.formulas);
    let meanings = [
        (Holds::Exactly, "= must be so"),
        (Holds::AtLeast, "≥ cannot be less"),
        (Holds::AtMost, "≤ cannot be more"),
        (
            Holds::About,
            "vs where faults, retries, limits or queueing that are there are left out: the difference is what these do",
        ),
    ];
    let used = meanings.into_iter();
    used.filter(|(holds, _)| all().any(|one| one.holds == *holds))
        .map(|(_, meaning)| meaning)
        .collect()
}
