//! Findings → text, files, charts. Formats and draws; computes nothing anew.

use crate::analysis::Findings;

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
    /// Columns.
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

/// The page `run` prints (INTERFACE.md). `folder`: where the files are, if any were written; `next`: the command suggested.
#[must_use]
pub fn page(findings: &Findings, look: Look, folder: Option<&str>) -> String {
    let _ = (findings, look, folder);
    String::new()
}

/// Every file of a result folder that depends on the findings only: `summary.json`, `summary.md`, `charts/*.svg|png`,
/// `data/*.csv`, `hdr/*.hgrm`. The same findings give the same bytes.
///
/// # Errors
/// If a chart cannot be drawn (a bundled font that does not load, say).
pub fn artefacts(findings: &Findings) -> Result<Vec<Artefact>, String> {
    let _ = findings;
    Ok(Vec::new())
}

/// `summary.json`'s text.
#[must_use]
pub fn summary_json(findings: &Findings) -> String {
    let _ = findings;
    String::new()
}

/// `summary.md`'s text.
#[must_use]
pub fn summary_markdown(findings: &Findings) -> String {
    let _ = findings;
    String::new()
}

/// The JSON Schema of `summary.json`.
#[must_use]
pub fn summary_schema() -> String {
    String::new()
}
