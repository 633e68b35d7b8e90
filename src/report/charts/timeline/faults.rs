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

/// A fault's name over a window of it.
struct Name {
    /// Which fault.
    rank: usize,
    /// The middle of its band.
    centre: f64,
    /// Where the words begin.
    left: f64,
    text: String,
}

impl Name {
    fn right(&self) -> f64 {
        self.left + font::measure(&self.text, SMALL, Weight::Regular)
    }
}

impl Sheet<'_> {
    /// Names of the faults above the panels, in as many rows as they need, the first on top.
    pub(super) fn fault_names(&self, drawing: &mut Drawing, y: f64) -> f64 {
        let names = self.names();
        let spans: Vec<(f64, f64)> = names
            .iter()
            .map(|name| (name.left, name.right() + 8.0))
            .collect();
        let ranks: Vec<usize> = names.iter().map(|name| name.rank).collect();
        let rows = labels::stacked(&spans, &ranks);
        let n_rows = rows.iter().max().map_or(0, |r| r + 1);
        let below = y + n_rows as f64 * FAULT_LINE + 2.0;
        for (name, row) in names.iter().zip(&rows) {
            let base = y + 12.0 + (n_rows - 1 - row) as f64 * FAULT_LINE;
            drawing.text(label((name.left, base), &name.text, INK, Anchor::Start));
            let x = name.centre.clamp(name.left, name.right());
            let is_free = names.iter().zip(&rows).all(|(other, other_row)| {
                other_row >= row || x < other.left - 2.0 || x > other.right() + 2.0
            });
            if is_free {
                drawing.line(vec![(x, base + 4.0), (x, below)], AXIS, 0.75, None);
            }
        }
        if n_rows > 0 { below } else { y }
    }

    /// The first window of a fault has its name, later ones the number.
    fn names(&self) -> Vec<Name> {
        let mut names = Vec::new();
        for (rank, fault) in self.findings.faults.iter().enumerate() {
            let windows = fault.windows.iter().filter(|w| self.in_range(**w));
            for (nth, window) in windows.enumerate() {
                let (from, to) = self.span(*window);
                let text = match nth {
                    0 => format!("{} {}", spark::numeral(rank), fault.name),
                    _ => spark::numeral(rank).to_string(),
                };
                names.push(self.name(rank, f64::midpoint(from, to), text));
            }
        }
        names
    }

    /// The number stands over the band; the name goes on to the right of it, or comes before it where that is too long.
    fn name(&self, rank: usize, centre: f64, mut text: String) -> Name {
        let lines = font::wrap(&text, SMALL, Weight::Regular, self.right - self.left);
        if lines.len() > 1 {
            text = format!("{}…", lines[0]);
        }
        let width = font::measure(&text, SMALL, Weight::Regular);
        let (number, name) = text.split_once(' ').unwrap_or((&text, ""));
        let half = font::measure(number, SMALL, Weight::Regular) / 2.0;
        let mut left = centre - half;
        if left + width > frame::WIDTH - MARGIN {
            left = (centre + half - width).max(self.left);
            text = format!("{name} {number}");
        }
        Name {
            rank,
            centre,
            left,
            text,
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
