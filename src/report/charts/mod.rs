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

/// The drawings with the stems of their files: `timeline` with one flow, `timeline.<flow>` with several.
fn drawings(findings: &Findings) -> Vec<(String, Drawing)> {
    if font::register().is_err() {
        return Vec::new();
    }
    let flows = story::flows(findings);
    let mut drawings = Vec::new();
    for flow in &flows {
        for (stem, chart) in CHARTS {
            if let Some(drawing) = chart(findings, flow) {
                let stem = match flows.as_slice() {
                    [_] => stem.to_owned(),
                    _ => format!("{stem}.{}", data::file_safe(flow)),
                };
                drawings.push((stem, drawing));
            }
        }
    }
    for (stem, chart) in WHOLE {
        drawings.extend(chart(findings).map(|drawing| (stem.to_owned(), drawing)));
    }
    drawings
}

/// A chart that is drawn.
pub(super) struct Drawn {
    /// The stem of its file.
    pub(super) stem: String,
    /// Its finding.
    pub(super) title: String,
    /// What is plotted, and how to read it.
    pub(super) description: String,
    /// The picture.
    pub(super) svg: String,
}

/// Every chart, to be set into a page.
///
/// # Errors
/// If the font or the drawing library refuses.
pub(super) fn drawn(findings: &Findings) -> Result<Vec<Drawn>, String> {
    font::register()?;
    let all = drawings(findings).into_iter().map(|(stem, drawing)| {
        Ok(Drawn {
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

/// Every chart as SVG and PNG.
///
/// # Errors
/// If the font or the drawing library refuses.
pub(super) fn files(findings: &Findings) -> Result<Vec<Artefact>, String> {
    font::register()?;
    let mut files = Vec::new();
    for (stem, drawing) in drawings(findings) {
        let svg = drawing.svg()?;
        let png = png::render(&svg)?;
        files.push(Artefact {
            path: format!("charts/{stem}.svg"),
            bytes: svg.into_bytes(),
        });
        files.push(Artefact {
            path: format!("charts/{stem}.png"),
            bytes: png,
        });
    }
    Ok(files)
}

/// Every chart as SVG only: quick, for tests over many findings.
#[cfg(test)]
pub(super) fn svgs(findings: &Findings) -> Vec<(String, String)> {
    drawings(findings)
        .into_iter()
        .map(|(stem, drawing)| (stem, drawing.svg().expect("a drawing can be written")))
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
