//! Chart 4: where the flow runs went. One stacked bar a variant, every part with its share and its count.

use super::canvas::{Anchor, Drawing, Ink, Label};
use super::font::{self, Weight};
use super::frame::{self, LABEL_MAX, LINE, MARGIN, Plot, SMALL, Words, label, x_grid, x_labels};
use super::labels;
use super::palette::{AXIS, GREY, INK, hue, hue_text, tint};
use super::scale::Scale;
use crate::analysis::{Findings, FlowFindings, OutcomeCounts};
use crate::report::format::{self, Unit};
use crate::report::story;

/// A variant's row: index, name, flow.
type Row<'a> = (usize, &'a str, &'a FlowFindings);

const BAR: f64 = 24.0;

/// How many ends a flow run can have.
const PARTS: usize = 8;

/// The ends a flow run can have, in the order they stand in a bar: first those that were accepted.
fn parts(o: &OutcomeCounts) -> [(&'static str, u64); PARTS] {
    [
        ("completed", o.completed),
        ("accepted, still on its way", o.incomplete),
        ("accepted, undone", o.compensated),
        ("accepted, dead-lettered", o.dead_lettered),
        ("accepted, lost", o.lost),
        ("failed", o.failed),
        ("gave up", o.gave_up),
        ("unanswered", o.unanswered),
    ]
}

/// Hue only for what was accepted, weaker the less became of it; greys for the rest.
fn fill(variant_idx: usize, part_idx: usize) -> Ink {
    let ink = hue(variant_idx);
    let inks: [Ink; PARTS] = [
        ink,
        tint(ink, 0.6),
        tint(ink, 0.45),
        tint(ink, 0.3),
        (0x1A, 0x1A, 0x1A),
        (0x55, 0x55, 0x55),
        (0x8C, 0x8C, 0x8C),
        (0xBF, 0xBF, 0xBF),
    ];
    inks[part_idx]
}

/// The chart; `None` if no flow run was counted.
pub(super) fn draw(findings: &Findings, flow: &str) -> Option<Drawing> {
    let rows: Vec<Row<'_>> = super::rows(findings, flow)
        .into_iter()
        .filter(|r: &Row<'_>| r.2.outcomes.offered > 0)
        .collect();
    if rows.is_empty() {
        return None;
    }
    let mut drawing = Drawing::new(frame::WIDTH);
    let words = words(findings, flow, &rows);
    let y = frame::header(&mut drawing, &words);
    let names = frame::names_width(rows.iter().map(|r| r.1), LABEL_MAX);
    let left = MARGIN + names + 16.0;
    let right = frame::WIDTH - MARGIN - 14.0;
    let scale = Scale::linear((0.0, 1.0), (left, right));
    let marks: Vec<(f64, String)> = [0.0, 0.25, 0.5, 0.75, 1.0]
        .map(|v| (v, format::target(Unit::Share, v)))
        .to_vec();
    // Measure first: the grid lies behind bars whose labels need more or fewer rows.
    let heights: Vec<f64> = rows.iter().map(|r| height(r, scale)).collect();
    let plot = Plot {
        left,
        right,
        top: y,
        bottom: y + heights.iter().sum::<f64>(),
    };
    x_grid(&mut drawing, plot, scale, &marks);
    let mut y = y;
    for (row, height) in rows.iter().zip(&heights) {
        bar(&mut drawing, row, scale, left, y + 8.0);
        y += height;
    }
    let y = x_labels(&mut drawing, plot, scale, &marks);
    drawing.text(label(
        (left, y + 14.0),
        "share of those offered, from zero",
        GREY,
        Anchor::Start,
    ));
    frame::footer(&mut drawing, y + 18.0, &words);
    Some(drawing)
}

/// A part of a bar with its label.
struct Piece {
    part_idx: usize,
    /// Left and right end in pixels.
    span: (f64, f64),
    text: String,
    /// The label's left end and its row below the bar.
    left: f64,
    row: usize,
}

fn pieces(row: &Row<'_>, scale: Scale) -> Vec<Piece> {
    let offered = row.2.outcomes.offered.max(1) as f64;
    let mut done = 0.0;
    let mut pieces = Vec::new();
    for (part_idx, (name, n)) in parts(&row.2.outcomes).into_iter().enumerate() {
        let share = n as f64 / offered;
        let span = (scale.at(done), scale.at(done + share));
        done += share;
        if n > 0 {
            let text = format!("{name} {} ({})", format::count(n), format::share(share));
            pieces.push(Piece {
                part_idx,
                span,
                text,
                left: 0.0,
                row: 0,
            });
        }
    }
    let (from, to) = (scale.at(0.0), scale.at(1.0));
    for piece in &mut pieces {
        let width = font::measure(&piece.text, SMALL, Weight::Regular);
        let centre = f64::midpoint(piece.span.0, piece.span.1);
        piece.left = (centre - width / 2.0).clamp(from, (to + 14.0 - width).max(from));
    }
    // Later pieces lie right of earlier ones or below them.
    let spans: Vec<(f64, f64)> = pieces
        .iter()
        .map(|p| {
            (
                p.left,
                p.left + font::measure(&p.text, SMALL, Weight::Regular) + 14.0,
            )
        })
        .collect();
    for (piece, row) in pieces.iter_mut().zip(labels::rows(&spans)) {
        piece.row = row;
    }
    pieces
}

fn height(row: &Row<'_>, scale: Scale) -> f64 {
    let n = pieces(row, scale)
        .iter()
        .map(|p| p.row + 1)
        .max()
        .unwrap_or(1);
    let names = font::wrap(row.1, SMALL, Weight::Semibold, LABEL_MAX).len() as f64 * LINE;
    (8.0 + BAR + 10.0 + n as f64 * (LINE + 1.0) + 8.0).max(names + 20.0)
}

fn bar(drawing: &mut Drawing, row: &Row<'_>, scale: Scale, left: f64, y: f64) {
    let (idx, name, _) = row;
    for (line_idx, line) in font::wrap(name, SMALL, Weight::Semibold, LABEL_MAX)
        .iter()
        .enumerate()
    {
        drawing.text(Label {
            weight: Weight::Semibold,
            ..label(
                (left - 10.0, y + 16.0 + line_idx as f64 * LINE),
                line,
                hue_text(*idx),
                Anchor::End,
            )
        });
    }
    let pieces = pieces(row, scale);
    for piece in &pieces {
        // What there is shows, be it ever so little.
        let to = piece.span.1.max(piece.span.0 + 1.0);
        drawing.rect(
            (piece.span.0, y),
            (to, y + BAR),
            fill(*idx, piece.part_idx),
            1.0,
        );
    }
    for piece in &pieces {
        let width = font::measure(&piece.text, SMALL, Weight::Regular);
        let base = y + BAR + 18.0 + piece.row as f64 * (LINE + 1.0);
        let centre = f64::midpoint(piece.span.0, piece.span.1);
        let x = centre.clamp(piece.left + 3.0, piece.left + width - 3.0);
        let is_free = pieces.iter().all(|other| {
            other.row >= piece.row
                || x < other.left - 3.0
                || x > other.left + font::measure(&other.text, SMALL, Weight::Regular) + 3.0
        });
        if is_free {
            drawing.line(
                vec![
                    (centre, y + BAR + 1.0),
                    (x, y + BAR + 5.0),
                    (x, base - 11.0),
                ],
                AXIS,
                0.75,
                None,
            );
        }
        // No grid line runs through the words.
        drawing.rect(
            (piece.left - 2.0, base - 10.0),
            (piece.left + width + 2.0, base + 3.0),
            (255, 255, 255),
            1.0,
        );
        drawing.text(label((piece.left, base), &piece.text, INK, Anchor::Start));
    }
}

fn words(findings: &Findings, flow: &str, rows: &[Row<'_>]) -> Words {
    Words {
        title: title(flow, rows),
        subtitle: format!(
            "Where the {flow} runs went: counts over {} and shares of all offered",
            story::replications(findings)
        ),
        reading: "In colour what was accepted, full where it was also completed; in grey what was not accepted.".to_owned(),
        stamp: story::stamp(findings),
    }
}

/// `sync does not complete 10.2% of place_order (gave up), async 0.05%`.
fn title(flow: &str, rows: &[Row<'_>]) -> String {
    let missed = |r: &Row<'_>| {
        let o = &r.2.outcomes;
        o.offered.saturating_sub(o.completed) as f64 / o.offered.max(1) as f64
    };
    let mut order: Vec<&Row<'_>> = rows.iter().collect();
    order.sort_by(|a, b| missed(b).total_cmp(&missed(a)).then(a.0.cmp(&b.0)));
    let (worst, best) = (order[0], order[order.len() - 1]);
    if missed(worst) == 0.0 {
        return match rows.len() {
            1 => format!("{} completes every {flow}", worst.1),
            _ => format!("Every variant completes every {flow}"),
        };
    }
    let most = parts(&worst.2.outcomes)[1..]
        .iter()
        .max_by_key(|p| p.1)
        .map_or("", |p| p.0);
    let first = format!(
        "{} does not complete {} of {flow}, mostly {most}",
        worst.1,
        format::share(missed(worst))
    );
    if rows.len() == 1 {
        first
    } else if format::share(missed(worst)) == format::share(missed(best)) {
        first
            .replacen(worst.1, "Every variant", 1)
            .replacen(" does not ", " fails to ", 1)
    } else {
        format!("{first}; {} {}", best.1, format::share(missed(best)))
    }
}
