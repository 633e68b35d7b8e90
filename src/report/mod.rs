//! Findings → text, files, charts. Formats and draws; computes nothing anew.
//!
//! ```text
//! Findings ─┬─ story (sentences) + format (numbers) ─┬─ page      terminal
//!           │                                        ├─ markdown  summary.md
//!           ├─ summary   summary.json and its schema ├─ charts    charts/*.svg, *.png
//!           └─ data      data/*.csv, hdr/*.hgrm      ┘
//! ```

#![expect(
    clippy::cast_precision_loss,
    reason = "counts become shares and pixels, whose few digits an f64 holds"
)]

mod charts;
mod data;
mod format;
mod layout;
mod markdown;
mod minutes;
mod page;
mod reach;
mod spark;
mod story;
mod style;
mod summary;
mod table;
mod theory;
mod ticks;
mod trace;

#[cfg(test)]
mod sample;
#[cfg(test)]
mod sample_parts;
#[cfg(test)]
mod tests;

use crate::analysis::{Findings, Stamp};
use crate::compile::Case;
use crate::metrics::Trace;

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
}

/// Colour or not.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Color {
    /// Plain text.
    Never,
    /// ANSI escapes.
    Always,
}

/// The page `run` prints (INTERFACE.md). `folder`: where the files are, if any were written. Its last line is the command
/// suggested next.
#[must_use]
pub fn page(findings: &Findings, look: Look, folder: Option<&str>) -> String {
    page::page(findings, look, folder)
}

/// The verdict in one sentence: what `run --quiet` prints.
#[must_use]
pub fn verdict(findings: &Findings) -> String {
    story::verdict_sentence(findings)
}

/// What has changed of the SLO lines between two runs, a line each.
#[must_use]
pub fn changes(before: &Findings, after: &Findings) -> Vec<String> {
    story::changes(before, after)
}

/// Every file of a result folder that depends on the findings only: `summary.json`, `summary.md`, `charts/*.svg|png`,
/// `data/*.csv`, `hdr/*.hgrm`. The same findings give the same bytes.
///
/// # Errors
/// If a chart cannot be drawn (a bundled font that does not load, say).
pub fn artefacts(findings: &Findings) -> Result<Vec<Artefact>, String> {
    let mut files = vec![
        Artefact {
            path: "summary.json".to_owned(),
            bytes: summary_json(findings).into_bytes(),
        },
        Artefact {
            path: "summary.md".to_owned(),
            bytes: summary_markdown(findings).into_bytes(),
        },
    ];
    files.extend(charts::files(findings)?);
    files.extend(data::files(findings)?);
    Ok(files)
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

/// `summary.md`'s text.
#[must_use]
pub fn summary_markdown(findings: &Findings) -> String {
    markdown::markdown(findings)
}

/// The JSON Schema of `summary.json`.
#[must_use]
pub fn summary_schema() -> String {
    summary::schema()
}
