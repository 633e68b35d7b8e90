//! Charts as SVG and PNG. One file a chart; what they share is in `canvas` (marks and text), `frame` (title, axes, names),
//! `scale`, `labels` (nothing lies on anything), `palette` and `font`.

mod availability;
mod breakdown;
mod canvas;
mod ecdf;
mod font;
mod frame;
mod labels;
mod outcomes;
mod palette;
mod paths;
mod percentiles;
mod png;
mod recovery;
mod scale;
mod timeline;
mod topology;

#[cfg(test)]
mod tests;

use super::{Artefact, data, story};
use crate::analysis::Findings;
use canvas::Drawing;

/// A chart of one flow; `None` where there is nothing to draw.
type Chart = fn(&Findings, &str) -> Option<Drawing>;

/// All charts of one flow with the stems of their files.
const CHARTS: [(&str, Chart); 7] = [
    ("timeline", timeline::draw),
    ("percentiles", percentiles::draw),
    ("ecdf", ecdf::draw),
    ("availability", availability::draw),
    ("outcomes", outcomes::draw),
    ("breakdown", breakdown::draw),
    ("topology", topology::draw),
];

/// A chart of the whole system; `None` where there is nothing to draw.
type WholeChart = fn(&Findings) -> Option<Drawing>;

/// All charts of the whole system with the stems of their files.
const WHOLE: [(&str, WholeChart); 1] = [("recovery", recovery::draw)];

/// What a chart is of.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Of<'a> {
    /// Which chart.
    pub(super) kind: &'static str,
    /// Of which flow, if not of the whole system.
    pub(super) flow: Option<&'a str>,
}

/// The drawings, with the stems of their files: `timeline` with one flow, `timeline.<flow>` with several.
fn drawings(findings: &Findings) -> Vec<(Of<'_>, String, Drawing)> {
    if font::register().is_err() {
        return Vec::new();
    }
    let flows = story::flows(findings);
    let mut drawings = Vec::new();
    for &flow in &flows {
        for (kind, chart) in CHARTS {
            if let Some(drawing) = chart(findings, flow) {
                let stem = match flows.as_slice() {
                    [_] => kind.to_owned(),
                    _ => format!("{kind}.{}", data::file_safe(flow)),
                };
                let flow = Some(flow);
                drawings.push((Of { kind, flow }, stem, drawing));
            }
        }
    }
    for (kind, chart) in WHOLE {
        let flow = None;
        drawings
            .extend(chart(findings).map(|drawing| (Of { kind, flow }, kind.to_owned(), drawing)));
    }
    drawings
}

/// A chart that is drawn.
pub(super) struct Drawn<'a> {
    /// What it is of.
    pub(super) of: Of<'a>,
    /// The stem of its file.
    pub(super) stem: String,
    /// Its finding.
    pub(super) title: String,
    /// What is plotted, and how to read it.
    pub(super) description: String,
    /// The picture.
    pub(super) svg: String,
}

/// Every chart.
///
/// # Errors
/// If the font or the drawing library refuses.
pub(super) fn drawn(findings: &Findings) -> Result<Vec<Drawn<'_>>, String> {
    font::register()?;
    let all = drawings(findings).into_iter().map(|(of, stem, drawing)| {
        Ok(Drawn {
            of,
            stem,
            svg: drawing.svg()?,
            title: drawing.title,
            description: drawing.description,
        })
    });
    all.collect()
}

/// The colours of the variant with this index, as `#RRGGBB`.
pub(super) fn inks(variant_idx: usize) -> Vec<String> {
    let inks = [palette::hue(variant_idx), palette::hue_text(variant_idx)];
    let mut inks = inks
        .map(|(r, g, b)| format!("#{r:02X}{g:02X}{b:02X}"))
        .to_vec();
    inks.dedup();
    inks
}

/// How many charts there are.
pub(super) fn count(findings: &Findings) -> usize {
    drawings(findings).len()
}

/// Charts as SVG and PNG.
///
/// # Errors
/// If the font refuses.
pub(super) fn files(drawn: &[Drawn<'_>]) -> Result<Vec<Artefact>, String> {
    let mut files = Vec::new();
    for Drawn { stem, svg, .. } in drawn {
        files.push(Artefact {
            path: format!("charts/{stem}.svg"),
            bytes: svg.clone().into_bytes(),
        });
        files.push(Artefact {
            path: format!("charts/{stem}.png"),
            bytes: png::render(svg)?,
        });
    }
    Ok(files)
}

/// Every chart as SVG only: quick, for tests over many findings.
#[cfg(test)]
pub(super) fn svgs(findings: &Findings) -> Vec<(String, String)> {
    drawings(findings)
        .into_iter()
        .map(|(_, stem, drawing)| (stem, drawing.svg().expect("a drawing can be written")))
        .collect()
}

/// The variants that have this flow: index, name, flow.
fn rows<'a>(
    findings: &'a Findings,
    flow: &str,
) -> Vec<(usize, &'a str, &'a crate::analysis::FlowFindings)> {
    findings
        .variants
        .iter()
        .enumerate()
        .filter_map(|(idx, v)| Some((idx, v.name.as_str(), story::flow_of(v, flow)?)))
        .collect()
}
