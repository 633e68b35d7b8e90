//! The findings for other programs than ours: lines of JSON, CSV, `JUnit`, the annotations of GitHub Actions.

use super::{data, story, summary};
use crate::analysis::{Cell, Findings, ObjectiveFindings, VariantFindings, Verdict};
use quick_junit::{NonSuccessKind, Report, TestCase, TestCaseStatus, TestSuite};
use serde_json::{Value, json};

/// One JSON document a line: the stamp, SLO lines, figures, closed forms, warnings.
pub(super) fn jsonl(findings: &Findings) -> String {
    let whole = summary::value(findings);
    let mut lines = vec![json!({
        "kind": "stamp",
        "verdict": whole["verdict"],
        "answer": whole["answer"],
        "stamp": whole["stamp"],
    })];
    let object = |value: &Value| value.as_object().cloned().unwrap_or_default();
    for (slo, line) in object(&whole["slo"]) {
        for (variant, cell) in object(&line["variants"]) {
            lines.push(json!({
                "kind": "slo", "slo": slo, "variant": variant, "expect": line["expect"], "cell": cell,
            }));
        }
    }
    for (variant, of) in object(&whole["variants"]) {
        for (flow, found) in object(&of["flows"]) {
            for (metric, value) in object(&found["metrics"]) {
                lines.push(json!({
                    "kind": "figure", "variant": variant, "flow": flow, "metric": metric, "value": value,
                }));
            }
        }
        for formula in of["formulas"].as_array().into_iter().flatten() {
            lines.push(json!({ "kind": "formula", "variant": variant, "formula": formula }));
        }
    }
    for warning in whole["warnings"].as_array().into_iter().flatten() {
        lines.push(json!({ "kind": "warning", "warning": warning }));
    }
    let lines = lines.iter().map(|line| line.to_string() + "\n");
    lines.collect()
}

/// `metrics.csv`'s text.
///
/// # Errors
/// If a table cannot be written.
pub(super) fn csv(findings: &Findings) -> Result<String, String> {
    let bytes = data::metrics_file(findings)?.bytes;
    String::from_utf8(bytes).map_err(|error| error.to_string())
}

/// The cells that bind, with their lines and variants.
fn cells(findings: &Findings) -> Vec<(&VariantFindings, &ObjectiveFindings, &Cell)> {
    let variants = findings.variants.iter().enumerate();
    let cells = variants.flat_map(|(idx, variant)| {
        let lines = findings.objectives.iter();
        lines.filter_map(move |line| Some((variant, line, line.cells.get(idx)?)))
    });
    cells
        .filter(|(_, _, cell)| cell.verdict != Verdict::NotBound)
        .collect()
}

/// A report in `JUnit`'s form: a suite for each variant, a case for each SLO line; undecided ones are skipped.
///
/// # Errors
/// If it cannot be written.
pub(super) fn junit(findings: &Findings) -> Result<String, String> {
    let mut report = Report::new(findings.stamp.scenario.clone());
    for variant in &findings.variants {
        let mut suite = TestSuite::new(variant.name.clone());
        for (_, line, cell) in cells(findings)
            .into_iter()
            .filter(|(of, ..)| of.name == variant.name)
        {
            let shown = story::cell_text(line, cell).text();
            let status = match cell.verdict {
                Verdict::Fail => {
                    let mut status = TestCaseStatus::non_success(NonSuccessKind::Failure);
                    status.set_message(format!("{}: {shown}", line.text));
                    status
                }
                Verdict::Undecided => {
                    let mut status = TestCaseStatus::skipped();
                    status.set_message(format!("undecided: {shown}"));
                    status
                }
                Verdict::Pass | Verdict::NotBound => TestCaseStatus::success(),
            };
            let name = format!("{}: {}", line.name, line.text);
            let mut case = TestCase::new(name, status);
            case.set_classname(format!("{}.{}", findings.stamp.scenario, variant.name));
            case.set_system_out(shown);
            suite.add_test_case(case);
        }
        report.add_test_suite(suite);
    }
    report.to_string().map_err(|error| error.to_string())
}

/// Commands of a GitHub Actions workflow: an error for each broken line, a notice for each undecided one, the warnings in their places.
pub(super) fn github(findings: &Findings) -> String {
    let file = &findings.stamp.file;
    let mut text = String::new();
    for (variant, line, cell) in cells(findings) {
        let (level, title) = match cell.verdict {
            Verdict::Fail => ("error", "SLO line broken"),
            Verdict::Undecided => ("notice", "SLO line undecided"),
            Verdict::Pass | Verdict::NotBound => continue,
        };
        let shown = story::cell_text(line, cell).text();
        let message = format!("{}: {} is {shown}", variant.name, line.text);
        text.push_str(&command(level, file, None, title, &message));
    }
    for warning in &findings.warnings {
        let place = warning
            .place
            .as_deref()
            .and_then(|place| place.rsplit_once(':'));
        let (of, line) = place.map_or((file.as_str(), None), |(of, line)| (of, Some(line)));
        text.push_str(&command(
            "warning",
            of,
            line,
            &warning.code,
            &warning.message,
        ));
    }
    text.push_str(&command(
        "notice",
        file,
        None,
        "verdict",
        &story::verdict_sentence(findings),
    ));
    text
}

/// `::error file=a.yaml,line=3,title=W204::message`, with what the runner would take for its own escaped.
fn command(level: &str, file: &str, line: Option<&str>, title: &str, message: &str) -> String {
    let plain = |text: &str| {
        text.replace('%', "%25")
            .replace('\r', "%0D")
            .replace('\n', "%0A")
    };
    let property = |text: &str| plain(text).replace(':', "%3A").replace(',', "%2C");
    let line = line.map_or(String::new(), |line| format!(",line={}", property(line)));
    format!(
        "::{level} file={}{line},title={}::{}\n",
        property(file),
        property(title),
        plain(message)
    )
}
