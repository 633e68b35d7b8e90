//! The numbers of a chart as a table, for those who do not see it or want to copy them.

use super::charts::Of;
use super::format::{self, Unit};
use super::texts::Table;
use super::{minutes, story};
use crate::analysis::{Curve, Findings, FlowFindings, VariantFindings};

/// Spans of a timeline.
const SPANS: u32 = 20;
/// Quantiles of a curve.
const QUANTILES: [f64; 6] = [0.5, 0.75, 0.9, 0.95, 0.99, 0.999];

/// The table of a chart; `None` of one whose numbers stand elsewhere on the page.
pub(super) fn table(findings: &Findings, of: Of<'_>) -> Option<Table> {
    let flow = of.flow?;
    match of.kind {
        "timeline" => Some(timeline(findings, flow)),
        "percentiles" => Some(quantiles(findings, flow, "answer", |flow| &flow.latency)),
        "ecdf" => Some(quantiles(findings, flow, "completion", |flow| {
            &flow.completion
        })),
        "outcomes" => Some(outcomes(findings, flow)),
        _ => None,
    }
}

fn head(first: &str, findings: &Findings) -> Vec<String> {
    let names = findings.variants.iter().map(|variant| variant.name.clone());
    std::iter::once(first.to_owned()).chain(names).collect()
}

fn row(
    first: String,
    findings: &Findings,
    cell: impl Fn(&VariantFindings) -> Option<String>,
) -> Vec<String> {
    let cells = findings.variants.iter();
    let cells = cells.map(|variant| cell(variant).unwrap_or_else(|| format::UNKNOWN.to_owned()));
    std::iter::once(first).chain(cells).collect()
}

/// Share accepted in each twentieth of the window.
fn timeline(findings: &Findings, flow: &str) -> Table {
    let window = findings.stamp.duration_s;
    let step = window / f64::from(SPANS);
    let rows = (0..SPANS).map(|nth| {
        let (from, to) = (f64::from(nth) * step, f64::from(nth + 1) * step);
        row(format::literal(from), findings, |variant| {
            let series = &story::flow_of(variant, flow)?.series;
            minutes::accepted(series, from, to).map(format::share)
        })
    });
    Table {
        head: head("accepted, from", findings),
        rows: rows.collect(),
    }
}

fn quantiles(
    findings: &Findings,
    flow: &str,
    what: &str,
    curve: fn(&FlowFindings) -> &Curve,
) -> Table {
    let rows = QUANTILES.iter().map(|&q| {
        row(format::quantile(q), findings, |variant| {
            let curve = curve(story::flow_of(variant, flow)?);
            let last = curve.points.last()?;
            // A curve stops where the sample stops.
            let point = curve.points.iter().find(|point| point.q >= q - 1e-9)?;
            (last.q >= q - 1e-9).then(|| format::number(Unit::Seconds, point.value_s, None).value)
        })
    });
    Table {
        head: head(what, findings),
        rows: rows.collect(),
    }
}

fn outcomes(findings: &Findings, flow: &str) -> Table {
    let counts = [
        (
            "answered ok",
            (|f| f.outcomes.answered_ok) as fn(&FlowFindings) -> u64,
        ),
        ("answered by a fallback", |f| f.outcomes.degraded),
        ("told of a failure", |f| f.outcomes.failed),
        ("left before an answer", |f| f.outcomes.gave_up),
        ("without an answer", |f| f.outcomes.unanswered),
        ("accepted and completed", |f| f.outcomes.completed),
        ("accepted and lost", |f| f.outcomes.lost),
        ("accepted and parked", |f| f.outcomes.dead_lettered),
        ("accepted and undone", |f| f.outcomes.compensated),
        ("accepted and not done", |f| f.outcomes.incomplete),
    ];
    let rows = counts.iter().map(|(what, count)| {
        row((*what).to_owned(), findings, |variant| {
            Some(format::count(count(story::flow_of(variant, flow)?)))
        })
    });
    Table {
        head: head("flow runs, all replications", findings),
        rows: rows.collect(),
    }
}
