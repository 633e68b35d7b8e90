//! Above the panels the names of the faults, through the panels their bands.

use super::super::canvas::{Anchor, Drawing};
use super::super::font::{self, Weight};
use super::super::frame::{self, MARGIN, SMALL, label};
use super::super::labels;
use super::super::palette::{AXIS, INK, SHADE};
use super::Sheet;
use crate::report::spark;

/// Height of a row of names: a circled number is higher than a letter.
const FAULT_LINE: f64 = 18.0;

impl Sheet<'_> {
    /// Names of the faults above the panels, in as many rows as they need, the first on top; the first window has the name, later
    /// ones the number.
    pub(super) fn fault_names(&self, drawing: &mut Drawing, y: f64) -> f64 {
        let mut names: Vec<(f64, f64, String)> = Vec::new();
        for (idx, fault) in self.findings.faults.iter().enumerate() {
            let mut is_first = true;
            for window in fault.windows.iter().filter(|w| self.in_range(**w)) {
                let (from, to) = self.span(*window);
                let text = if is_first {
                    format!("{} {}", spark::numeral(idx), fault.name)
                } else {
                    spark::numeral(idx).to_string()
                };
                is_first = false;
                names.push((f64::midpoint(from, to), 0.0, text));
            }
        }
        for (centre, left, text) in &mut names {
            self.place_name(*centre, left, text);
        }
        let spans: Vec<(f64, f64)> = names
            .iter()
            .map(|(_, left, text)| {
                (
                    *left,
                    *left + font::measure(text, SMALL, Weight::Regular) + 8.0,
                )
            })
            .collect();
        let rows = labels::stacked(&spans);
        let n_rows = rows.iter().max().map_or(0, |r| r + 1);
        for ((centre, left, text), row) in names.iter().zip(&rows) {
            let base = y + 12.0 + (n_rows - 1 - row) as f64 * FAULT_LINE;
            drawing.text(label((*left, base), text, INK, Anchor::Start));
            let width = font::measure(text, SMALL, Weight::Regular);
            let x = centre.clamp(*left, *left + width);
            let is_free = names
                .iter()
                .zip(&rows)
                .all(|((_, other, text), other_row)| {
                    other_row >= row
                        || x < *other - 2.0
                        || x > *other + font::measure(text, SMALL, Weight::Regular) + 2.0
                });
            if is_free {
                drawing.line(
                    vec![(x, base + 4.0), (x, y + n_rows as f64 * FAULT_LINE + 2.0)],
                    AXIS,
                    0.75,
                    None,
                );
            }
        }
        y + n_rows as f64 * FAULT_LINE + if n_rows > 0 { 2.0 } else { 0.0 }
    }

    /// The number stands over the band; the name goes on to the right of it, or comes before it where that is too long.
    fn place_name(&self, centre: f64, left: &mut f64, text: &mut String) {
        let lines = font::wrap(text, SMALL, Weight::Regular, self.right - self.left);
        if lines.len() > 1 {
            *text = format!("{}…", lines[0]);
        }
        let width = font::measure(text, SMALL, Weight::Regular);
        let (number, name) = text.split_once(' ').unwrap_or((text, ""));
        let half = font::measure(number, SMALL, Weight::Regular) / 2.0;
        if centre - half + width <= frame::WIDTH - MARGIN {
            *left = centre - half;
        } else {
            *text = format!("{name} {number}");
            *left = (centre + half - width).max(self.left);
        }
    }

    pub(super) fn fault_bands(&self, drawing: &mut Drawing, from: f64, to: f64) {
        let mut windows: Vec<(f64, f64)> = self
            .findings
            .faults
            .iter()
            .flat_map(|f| f.windows.iter().copied())
            .collect();
        // Faults of the same span are one trouble, e.g. one broker of each variant; what overlaps otherwise is darker.
        windows.sort_by(|a, b| a.0.total_cmp(&b.0).then(a.1.total_cmp(&b.1)));
        windows.dedup();
        for window in &windows {
            if self.in_range(*window) {
                let (left, right) = self.span(*window);
                drawing.rect((left, from), (right, to), SHADE, 0.09);
            }
        }
    }
}
