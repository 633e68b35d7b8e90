//! What a report says, as words and tables ready to be set: the same for Markdown, for the page in a browser, and for templates of
//! one's own. One formatted value feeds all of them.

use super::chart_data;
use super::charts::{self, Drawn};
use super::commands;
use super::format;
use super::page::{DATA_FIGURES, FIGURES};
use super::review::{Review, is_guess, review};
use super::story::{self, Reach};
use super::texts::Table;
use super::theory;
use crate::analysis::{
    FaultFindings, Findings, FlowFindings, ObjectiveFindings, VariantFindings, Verdict,
};
use serde::Serialize;

/// Causes listed for each variant and flow.
const CAUSES_MAX: usize = 6;
/// Windows of a fault that are listed.
const WINDOWS_MAX: usize = 3;

/// A whole report.
#[derive(Debug, PartialEq, Serialize)]
pub(super) struct View {
    pub(super) title: String,
    pub(super) question: Option<String>,
    /// `pass`, `fail`, `undecided` or `none`.
    pub(super) overall: &'static str,
    /// Its mark, or nothing.
    pub(super) mark: &'static str,
    /// The answer in one sentence.
    pub(super) answer: String,
    /// What it costs, if one variant holds everything.
    pub(super) price: Option<String>,
    pub(super) stamp: String,
    pub(super) slo: Option<Table>,
    /// Why lines are undecided.
    pub(super) doubts: Vec<String>,
    pub(super) slo_note: String,
    pub(super) flows: Vec<FlowView>,
    pub(super) data: Vec<DataView>,
    pub(super) faults: Option<Table>,
    pub(super) blast_radius: Option<Table>,
    pub(super) theory: Option<Table>,
    pub(super) theory_note: String,
    pub(super) review: Review,
    pub(super) assumptions: Vec<Assumption>,
    pub(super) warnings: Vec<WarningView>,
    pub(super) limits: Vec<&'static str>,
    pub(super) command: String,
    pub(super) version: String,
    pub(super) hash: String,
    pub(super) seed: String,
    pub(super) warmup: String,
    pub(super) duration: String,
    /// `calls: All calls`, of variants that have a title.
    pub(super) titles: Vec<String>,
    pub(super) variants: Vec<VariantView>,
    /// Only of a page in a browser.
    pub(super) charts: Vec<ChartView>,
}

/// A variant, and the colours that only it has.
#[derive(Debug, PartialEq, Serialize)]
pub(super) struct VariantView {
    pub(super) name: String,
    pub(super) title: String,
    pub(super) inks: Vec<String>,
}

/// A chart, and its numbers where they are few enough.
#[derive(Debug, PartialEq, Serialize)]
pub(super) struct ChartView {
    /// `timeline`, `percentiles`, …
    pub(super) kind: &'static str,
    /// Unique on the page.
    pub(super) id: String,
    pub(super) title: String,
    pub(super) description: String,
    pub(super) svg: String,
    pub(super) table: Option<Table>,
}

/// A flow.
#[derive(Debug, PartialEq, Serialize)]
pub(super) struct FlowView {
    pub(super) name: String,
    pub(super) figures: Table,
    /// Nothing if every flow run of every variant ended well.
    pub(super) causes: Vec<CausesView>,
}

/// Why flow runs of a variant did not end well.
#[derive(Debug, PartialEq, Serialize)]
pub(super) struct CausesView {
    pub(super) variant: String,
    /// `14 632 of 144 012`.
    pub(super) of: String,
    pub(super) items: Vec<CauseView>,
    /// Causes that are not listed.
    pub(super) more: usize,
}

/// A cause.
#[derive(Debug, PartialEq, Serialize)]
pub(super) struct CauseView {
    pub(super) share: String,
    pub(super) count: String,
    pub(super) what: String,
    pub(super) why: String,
}

/// Data that are read.
#[derive(Debug, PartialEq, Serialize)]
pub(super) struct DataView {
    pub(super) name: String,
    pub(super) figures: Table,
}

/// Where a number came from.
#[derive(Debug, PartialEq, Serialize)]
pub(super) struct Assumption {
    pub(super) path: String,
    pub(super) source: String,
    pub(super) is_guess: bool,
}

/// A warning.
#[derive(Debug, PartialEq, Serialize)]
pub(super) struct WarningView {
    pub(super) code: String,
    pub(super) message: String,
    pub(super) place: Option<String>,
}

/// What no run of this program models.
const LIMITS: [&str; 2] = [
    "Not modelled: packets, CPU beyond workers, people.",
    "Service times are independent given the step.",
];

impl View {
    /// Of what was found, without charts.
    pub(super) fn of(findings: &Findings) -> Self {
        let s = &findings.stamp;
        let overall = story::overall(findings);
        let (theory, left_out) = theory_table(findings);
        let title = if s.title.is_empty() {
            &s.scenario
        } else {
            &s.title
        };
        Self {
            title: title.clone(),
            question: s.question.clone(),
            overall: match overall {
                Verdict::Pass => "pass",
                Verdict::Fail => "fail",
                Verdict::Undecided => "undecided",
                Verdict::NotBound => "none",
            },
            mark: story::mark(overall).trim(),
            answer: story::verdict_sentence(findings),
            price: story::price(findings),
            stamp: story::stamp(findings),
            slo: slo(findings),
            doubts: story::undecided(findings),
            slo_note: format!(
                "✓ holds, ✗ breaks, ? undecided; ± is a {}% interval over {}.",
                story::level(findings),
                story::spread(findings)
            ),
            flows: story::flows(findings)
                .into_iter()
                .map(|flow| flow_view(findings, flow))
                .collect(),
            data: story::data(findings)
                .into_iter()
                .map(|name| data_view(findings, name))
                .collect(),
            faults: faults(findings),
            blast_radius: blast_radius(findings),
            theory,
            theory_note: theory::note(findings, left_out),
            review: review(findings),
            assumptions: assumptions(findings),
            warnings: warnings(findings),
            limits: LIMITS.to_vec(),
            command: commands::commands(findings),
            version: s.version.clone(),
            hash: s.hash.clone(),
            seed: story::seed(findings),
            warmup: format::literal(s.warmup_s),
            duration: format::literal(s.duration_s),
            titles: titles(findings),
            variants: variants(findings),
            charts: Vec::new(),
        }
    }

    /// The same with charts and their numbers.
    pub(super) fn with_charts(findings: &Findings, charts: &[Drawn<'_>]) -> Self {
        let charts = charts.iter().map(|chart| ChartView {
            kind: chart.of.kind,
            table: chart_data::table(findings, chart.of),
            id: chart
                .stem
                .replace(|c: char| !c.is_ascii_alphanumeric(), "-"),
            title: chart.title.clone(),
            description: chart.description.clone(),
            svg: chart.svg.clone(),
        });
        Self {
            charts: charts.collect(),
            ..Self::of(findings)
        }
    }
}

fn titles(findings: &Findings) -> Vec<String> {
    let titled = findings
        .variants
        .iter()
        .filter(|one| one.title != one.name && !one.title.is_empty());
    titled
        .map(|one| format!("{}: {}", one.name, one.title))
        .collect()
}

fn variants(findings: &Findings) -> Vec<VariantView> {
    let variants = findings.variants.iter().enumerate();
    let variants = variants.map(|(idx, variant)| VariantView {
        name: variant.name.clone(),
        title: variant.title.clone(),
        inks: charts::inks(idx),
    });
    variants.collect()
}

/// A head of some words and the variants' names.
fn head(first: &[&str], findings: &Findings) -> Vec<String> {
    let names = findings.variants.iter().map(|v| v.name.clone());
    first
        .iter()
        .map(|word| (*word).to_owned())
        .chain(names)
        .collect()
}

/// A row of some words and a cell for each variant.
fn row(
    first: &[&str],
    findings: &Findings,
    cell: impl FnMut(&VariantFindings) -> String,
) -> Vec<String> {
    first
        .iter()
        .map(|word| (*word).to_owned())
        .chain(findings.variants.iter().map(cell))
        .collect()
}

fn slo(findings: &Findings) -> Option<Table> {
    if findings.objectives.is_empty() || findings.variants.is_empty() {
        return None;
    }
    let rows = findings.objectives.iter().map(|objective| {
        let cells = objective.cells.iter().map(|cell| {
            let shown = story::cell_text(objective, cell).text();
            format!("{} {shown}", story::mark(cell.verdict).trim())
                .trim()
                .to_owned()
        });
        [
            objective_words(objective),
            story::objective_target(objective),
        ]
        .into_iter()
        .chain(cells)
        .collect()
    });
    Some(Table {
        head: head(&["line", "target"], findings),
        rows: rows.collect(),
    })
}

/// A line's name and, if it has one, its title.
fn objective_words(objective: &ObjectiveFindings) -> String {
    let name = story::objective_name(objective);
    match &objective.title {
        Some(title) => format!("{name}: {title}"),
        None => name,
    }
}

fn flow_view(findings: &Findings, flow: &str) -> FlowView {
    let shown = FIGURES
        .iter()
        .filter(|(figure, _)| story::is_news(findings, flow, figure));
    let mut rows: Vec<Vec<String>> = shown
        .map(|(figure, name)| {
            row(&[name], findings, |variant| {
                story::flow_of(variant, flow).map_or(format::UNKNOWN.to_owned(), |f| {
                    story::figure_text(f, figure)
                })
            })
        })
        .collect();
    rows.push(row(&["offered in all runs"], findings, |variant| {
        let offered = story::flow_of(variant, flow).map_or(0, |f| f.outcomes.offered);
        format::count(offered)
    }));
    let causes = story::worst_variant(findings, flow).map(|_| {
        let variants = findings.variants.iter();
        variants.filter_map(|variant| {
            let found = story::flow_of(variant, flow)?;
            Some(causes_view(&variant.name, found))
        })
    });
    FlowView {
        name: flow.to_owned(),
        figures: Table {
            head: head(&["figure"], findings),
            rows,
        },
        causes: causes.into_iter().flatten().collect(),
    }
}

fn causes_view(variant: &str, found: &FlowFindings) -> CausesView {
    let items = found.causes.iter().take(CAUSES_MAX).map(|cause| {
        let why = match &cause.fault {
            Some(fault) if !cause.why.contains(fault.as_str()) => {
                format!("{} ({fault})", cause.why).trim_start().to_owned()
            }
            _ => cause.why.clone(),
        };
        CauseView {
            share: format::rough_share(cause.share),
            count: format::count(cause.count),
            what: cause.what.clone(),
            why,
        }
    });
    CausesView {
        variant: variant.to_owned(),
        of: format!(
            "{} of {}",
            format::count(story::failed(found)),
            format::count(found.outcomes.offered)
        ),
        items: items.collect(),
        more: found.causes.len().saturating_sub(CAUSES_MAX),
    }
}

fn data_view(findings: &Findings, name: &str) -> DataView {
    let rows = DATA_FIGURES.iter().map(|(figure, words)| {
        row(&[words], findings, |variant| {
            let found = story::data_figure(variant, name, figure);
            format::estimate_or_unknown(figure, found).text()
        })
    });
    DataView {
        name: name.to_owned(),
        figures: Table {
            head: head(&["figure"], findings),
            rows: rows.collect(),
        },
    }
}

/// When a fault acts.
fn when(fault: &FaultFindings) -> String {
    let mut when: Vec<String> = fault
        .windows
        .iter()
        .take(WINDOWS_MAX)
        .map(|(from, to)| {
            format!(
                "{} for {}",
                format::literal(from.max(0.0)),
                format::literal(to - from)
            )
        })
        .collect();
    if let Some((well, ill)) = fault.random {
        when.push(format!(
            "by chance, in the mean {} after {}",
            format::literal(ill.round()),
            format::literal(well.round())
        ));
    }
    if let Some(condition) = &fault.when {
        when.push(format!("when `{condition}`"));
    }
    if fault.windows.len() > WINDOWS_MAX {
        when.push(format!("{} more", fault.windows.len() - WINDOWS_MAX));
    }
    when.join(", ")
}

fn faults(findings: &Findings) -> Option<Table> {
    let rows = findings.faults.iter().enumerate().map(|(idx, fault)| {
        let first = [
            fault.name.as_str(),
            fault.target.as_str(),
            fault.effect.as_str(),
            &when(fault),
        ];
        row(&first, findings, |variant| {
            match variant.recovery.get(idx) {
                Some(Some(e)) => match format::estimate(format::Unit::Seconds, e).text() {
                    text if text.starts_with(format::NEVER) => text,
                    text if variant.flows.len() > 1 => format!("all back in {text}"),
                    text => format!("back in {text}"),
                },
                _ => format::UNKNOWN.to_owned(),
            }
        })
    });
    let rows: Vec<Vec<String>> = rows.collect();
    (!rows.is_empty()).then(|| Table {
        head: head(&["fault", "hits", "does", "when"], findings),
        rows,
    })
}

/// Where calls fail because of each fault.
fn blast_radius(findings: &Findings) -> Option<Table> {
    let mut faults = findings.faults.iter().enumerate();
    let is_felt = |(idx, fault): (usize, &FaultFindings)| {
        let mut variants = findings.variants.iter();
        variants.any(|variant| story::reach(variant, idx, &fault.name) != Reach::Nobody)
    };
    if !faults.any(is_felt) {
        return None;
    }
    let rows = findings.faults.iter().enumerate().map(|(idx, fault)| {
        row(&[&fault.name], findings, |variant| {
            match story::reach(variant, idx, &fault.name) {
                Reach::Nobody => "nothing".to_owned(),
                Reach::Clients => "clients only".to_owned(),
                Reach::Callers(services) => {
                    let named = services.iter().map(|(name, share)| {
                        format!("{name}\u{a0}{}", format::rough_share(*share))
                    });
                    named.collect::<Vec<_>>().join(", ")
                }
            }
        })
    });
    Some(Table {
        head: head(&["fault"], findings),
        rows: rows.collect(),
    })
}

/// The closed forms, and how many are left out.
fn theory_table(findings: &Findings) -> (Option<Table>, usize) {
    let (rows, left_out) = theory::table(findings);
    let rows: Vec<Vec<String>> = rows
        .into_iter()
        .map(|row| {
            [row.what, row.formula.to_owned()]
                .into_iter()
                .chain(row.cells)
                .collect()
        })
        .collect();
    let table = (!rows.is_empty()).then(|| Table {
        head: head(&["closed form", "is"], findings),
        rows,
    });
    (table, left_out)
}

/// Where the numbers came from, guesses first.
fn assumptions(findings: &Findings) -> Vec<Assumption> {
    let all = findings
        .stamp
        .sources
        .iter()
        .map(|(path, source)| Assumption {
            path: path.clone(),
            source: source.clone(),
            is_guess: is_guess(source),
        });
    let mut all: Vec<Assumption> = all.collect();
    all.sort_by_key(|one| !one.is_guess);
    all
}

fn warnings(findings: &Findings) -> Vec<WarningView> {
    let warnings = findings.warnings.iter().map(|warning| WarningView {
        code: warning.code.clone(),
        message: warning.message.clone(),
        place: warning.place.clone(),
    });
    warnings.collect()
}
