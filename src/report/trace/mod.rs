//! Followed flow runs for tools that show traces: OTLP (Jaeger, Tempo, any collector) and Chrome's trace events (Perfetto).
//!
//! ```text
//! Trace ─ told (names, services, attributes) ─┬─ otlp    trace.otlp.jsonl
//!                                             └─ chrome  trace.chrome.json
//! ```

mod chrome;
mod otlp;
mod told;

use super::Artefact;
use crate::analysis::Stamp;
use crate::compile::Case;
use crate::metrics::Trace;

/// Both files of followed flow runs: `traces` of each case.
pub(super) fn files(stamp: &Stamp, cases: &[Case], traces: &[Vec<Trace>]) -> Vec<Artefact> {
    let told: Vec<told::Told> = cases
        .iter()
        .zip(traces)
        .flat_map(|(case, traces)| traces.iter().map(|trace| told::told(stamp, case, trace)))
        .collect();
    let file = |path: &str, text: String| Artefact {
        path: path.to_owned(),
        bytes: text.into_bytes(),
    };
    vec![
        file("trace.otlp.jsonl", otlp::lines(&told)),
        file("trace.chrome.json", chrome::text(stamp, &told)),
    ]
}
