//! Findings → text, files, charts. Formats and draws; computes nothing anew.
//!
//! ```text
//! Findings ─┬─ story (sentences) + format (numbers) ─┬─ page      terminal
//!           │                                        ├─ markdown  summary.md
//!           ├─ summary   summary.json and its schema ├─ charts    charts/*.svg, *.png
//!           └─ data      data/*.csv, hdr/*.hgrm|hlog ┘
//! ```

#![expect(
    clippy::cast_precision_loss,
    reason = "counts become shares and pixels, whose few digits an f64 holds"
)]

mod ascii;
mod chart_data;
mod charts;
mod commands;
mod comparison;
mod data;
mod feeds;
mod format;
mod html;
mod layout;
mod markdown;
mod minutes;
mod page;
mod reach;
mod review;
mod spark;
mod story;
mod style;
mod summary;
mod table;
mod texts;
mod theory;
mod ticks;
mod topology;
mod trace;
mod view;

#[cfg(test)]
mod sample;
#[cfg(test)]
mod sample_parts;
#[cfg(test)]
mod sample_times;
#[cfg(test)]
mod tests;

use crate::analysis::{Comparison, Findings, Stamp, stored};
use crate::compile::Case;
use crate::metrics::Trace;
use comparison::Pair;
use serde_json::Value;
use view::View;

pub use topology::{Diagram, topology};

/// A file of a result folder: its path inside the folder (`charts/timeline.svg`) and its bytes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Artefact {
    /// The path, `/`-separated.
    pub path: String,
    /// The bytes.
    pub bytes: Vec<u8>,
}

/// How a page for a terminal looks.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Look {
    /// Columns; fewer than 40 are taken for 40.
    pub width: usize,
    /// Colour and bold by ANSI escapes?
    pub color: Color,
    /// Signs and blocks, or ASCII only?
    pub glyphs: Glyphs,
    /// How much of it?
    pub detail: Detail,
}

impl Look {
    /// A plain page of so many columns.
    #[must_use]
    pub const fn plain(width: usize) -> Self {
        Self {
            width,
            color: Color::Never,
            glyphs: Glyphs::Unicode,
            detail: Detail::Usual,
        }
    }
}

/// Which characters a page may have.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Glyphs {
    /// All.
    Unicode,
    /// Those of ASCII.
    Ascii,
}

impl Glyphs {
    /// A text with these only.
    #[must_use]
    pub fn spelt(self, text: String) -> String {
        match self {
            Self::Unicode => text,
            Self::Ascii => ascii::ascii(&text),
        }
    }
}

/// How much a page tells.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Detail {
    /// The first few of causes, doubts and warnings.
    Usual,
    /// All of them, in every variant, and the closed forms.
    Full,
}

impl Detail {
    /// How many of a list are told: `few`, or all.
    const fn most(self, few: usize) -> usize {
        match self {
            Self::Usual => few,
            Self::Full => usize::MAX,
        }
    }
}

/// Colour or not.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Color {
    /// Plain text.
    Never,
    /// ANSI escapes.
    Always,
}

/// The page `run` prints (INTERFACE.md). `before`: an earlier run, since which each SLO line has moved; `folder`: where the files
/// are, if any were written. Its last line is the command suggested next.
#[must_use]
pub fn page(
    findings: &Findings,
    before: Option<&Findings>,
    look: Look,
    folder: Option<&str>,
) -> String {
    look.glyphs
        .spelt(page::page(findings, before, look, folder))
}

/// A text in lines of at most so many columns, broken between words; a longer word is broken where it must be.
#[must_use]
pub fn lines(text: &str, columns: usize) -> Vec<String> {
    layout::wrap(text, columns, 0)
}

/// The verdict in one sentence: what `run --quiet` prints.
#[must_use]
pub fn verdict(findings: &Findings) -> String {
    story::verdict_sentence(findings)
}

/// What has changed of the SLO lines between two runs, a line each.
#[must_use]
pub fn changes(before: &Findings, after: &Findings) -> Vec<String> {
    comparison::changes(before, after)
}

/// What else is made of findings, on demand.
#[derive(Clone, Copy, Debug, Default)]
pub struct Extras<'a> {
    /// A template of one's own for `report.html`: its text.
    pub template: Option<&'a str>,
    /// `adr.md` too?
    pub adr: bool,
}

/// The file of a result that has all findings in it, to make the others of.
pub const FINDINGS: &str = "findings.cbor";

/// Every file of a result folder that depends on the findings only: `report.html`, `summary.json`, `summary.md`, `charts/*.svg|png`,
/// `data/*.csv`, `hdr/*.hgrm|hlog`, and the findings themselves. The same findings give the same bytes.
///
/// # Errors
/// If a chart cannot be drawn (a bundled font that does not load, say), or a template not be filled.
pub fn artefacts(findings: &Findings, extras: Extras<'_>) -> Result<Vec<Artefact>, String> {
    let charts = charts::drawn(findings)?;
    let view = View::with_charts(findings, &charts);
    let file = |path: &str, text: String| Artefact {
        path: path.to_owned(),
        bytes: text.into_bytes(),
    };
    let mut files = vec![
        file("report.html", html::html(&view, extras.template)?),
        file("summary.json", summary_json(findings)),
        file("summary.md", markdown::markdown(&view)),
        Artefact {
            path: FINDINGS.to_owned(),
            bytes: stored::to_bytes(findings),
        },
    ];
    if extras.adr {
        files.push(file("adr.md", markdown::adr(&view)));
    }
    files.extend(charts::files(&charts)?);
    files.extend(data::files(findings)?);
    Ok(files)
}

/// One JSON document a line: stamp, SLO lines, figures, closed forms, warnings.
#[must_use]
pub fn jsonl(findings: &Findings) -> String {
    feeds::jsonl(findings)
}

/// `metrics.csv`'s text.
///
/// # Errors
/// If it cannot be written.
pub fn csv(findings: &Findings) -> Result<String, String> {
    feeds::csv(findings)
}

/// The SLO lines as a report in `JUnit`'s form.
///
/// # Errors
/// If it cannot be written.
pub fn junit(findings: &Findings) -> Result<String, String> {
    feeds::junit(findings)
}

/// The verdicts and warnings as commands of a GitHub Actions workflow.
#[must_use]
pub fn github(findings: &Findings) -> String {
    feeds::github(findings)
}

/// Two results side by side: `inputs` is what has changed in the scenario, a line each.
#[must_use]
pub fn comparison(
    before: &Findings,
    after: &Findings,
    inputs: &[String],
    found: &Comparison,
    look: Look,
) -> String {
    let pair = Pair {
        before,
        after,
        inputs,
        found,
    };
    look.glyphs.spelt(comparison::page(&pair, look))
}

/// The same as data.
#[must_use]
pub fn comparison_json(
    before: &Findings,
    after: &Findings,
    inputs: &[String],
    found: &Comparison,
) -> String {
    comparison::json(&Pair {
        before,
        after,
        inputs,
        found,
    })
}

/// `trace.otlp.jsonl` and `trace.chrome.json`: flow runs that were followed, `traces` of each case. The same traces give the
/// same bytes.
#[must_use]
pub fn traces(stamp: &Stamp, cases: &[Case], traces: &[Vec<Trace>]) -> Vec<Artefact> {
    trace::files(stamp, cases, traces)
}

/// `summary.json`'s text.
#[must_use]
pub fn summary_json(findings: &Findings) -> String {
    summary::json(findings)
}

/// What `summary.json` says, as a tree.
#[must_use]
pub fn summary_value(findings: &Findings) -> Value {
    summary::value(findings)
}

/// `summary.md`'s text.
#[must_use]
pub fn summary_markdown(findings: &Findings) -> String {
    markdown::markdown(&View::of(findings))
}

/// The JSON Schema of `summary.json`.
#[must_use]
pub fn summary_schema() -> String {
    summary::schema()
}
