//! The strip below the panels: how long each variant took to recover from each fault.

use super::super::canvas::{Anchor, Drawing, Label};
use super::super::font::{self, Weight};
use super::super::frame::{self, End, direct_labels, heading, label, x_grid};
use super::super::labels;
use super::super::palette::{hue, hue_text, shape};
use super::{GAP, HEADING, Row, Sheet};
use crate::report::format::{self, Unit};
use crate::report::spark;

/// Height of a lane: bars of one variant that would lie on each other or on each other's words lie in lanes.
const LANE: f64 = 16.0;
/// Size of the words.
const SIZE: f64 = 11.0;
/// Between a bar and its words.
const BESIDE: f64 = 7.0;
/// Between variants, if any of them has lanes.
const APART: f64 = 5.0;

/// What a variant made of a fault, or of several that ended at once.
struct Bar {
    /// Which faults.
    faults: Vec<usize>,
    /// Its pixels.
    from: f64,
    to: f64,
    /// How long it took.
    text: String,
    /// Does it go on beyond the axis?
    is_open: bool,
}

impl Bar {
    /// `② 4.00s`: which faults, if there are several in the study, and how long it took.
    fn words(&self, is_numbered: bool) -> String {
        let numeral = |idx: &usize| spark::numeral(*idx);
        let numbers: String = match (self.faults.as_slice(), is_numbered) {
            (_, false) => return self.text.clone(),
            ([first, .., last], _) if last - first + 1 == self.faults.len() && last - first > 1 => {
                format!("{}–{}", numeral(first), numeral(last))
            }
            (faults, _) => faults.iter().map(numeral).collect(),
        };
        format!("{numbers} {}", self.text)
    }
}

/// A bar with its words, in its lane.
struct Laid {
    bar: Bar,
    words: String,
    /// Where the words begin.
    x: f64,
    lane: usize,
}

/// All rows.
pub(super) struct Strip<'a> {
    rows: Vec<(&'a Row<'a>, Vec<Laid>)>,
    heights: Vec<f64>,
}

impl Strip<'_> {
    /// Was there nothing to recover from?
    fn is_empty(&self) -> bool {
        self.rows.iter().all(|(_, bars)| bars.is_empty())
    }

    /// With its heading, and the gap below it.
    pub(super) fn height(&self) -> f64 {
        if self.is_empty() {
            return 0.0;
        }
        HEADING + self.heights.iter().sum::<f64>() + GAP
    }
}

impl Sheet<'_> {
    /// What each variant's row holds, laid out.
    pub(super) fn strip(&self) -> Strip<'_> {
        let rows = self.rows.iter();
        let rows: Vec<(&Row<'_>, Vec<Laid>)> =
            rows.map(|row| (row, self.lay(self.bars(row.0)))).collect();
        let heights = row_heights(&rows);
        Strip { rows, heights }
    }

    /// A row a variant: from a fault's end to where everything was back in band.
    pub(super) fn recoveries(&self, drawing: &mut Drawing, strip: &Strip<'_>, y: f64) -> f64 {
        if strip.is_empty() {
            return y;
        }
        let how = "from a fault's end until success, answer time and backlog are back in their band for good";
        let width = self.right - self.left;
        heading(drawing, (self.left, y + 12.0), "recovery", how, width);
        let top = y + HEADING;
        let plot = self.plot(top, y + strip.height() - GAP);
        x_grid(drawing, plot, self.time, &self.time_ticks);
        let mut ends = Vec::new();
        let mut top = top;
        for (((idx, name, _), bars), height) in strip.rows.iter().zip(&strip.heights) {
            let middle = top + height / 2.0;
            let first = middle - lanes(bars) * LANE / 2.0;
            for laid in bars {
                let y = first + (laid.lane as f64 + 0.5) * LANE;
                self.recovery(drawing, *idx, laid, y);
            }
            ends.push(End {
                variant_idx: *idx,
                name,
                at: (self.right - 2.0, middle),
            });
            top += height;
        }
        let between = (plot.top, plot.bottom);
        direct_labels(drawing, &ends, (self.right, frame::LABEL_MAX), between);
        plot.bottom + GAP
    }

    /// One for each fault; those that ended at once and took the same time share theirs.
    fn bars(&self, variant_idx: usize) -> Vec<Bar> {
        let found = &self.findings.variants[variant_idx].recovery;
        let mut bars: Vec<Bar> = Vec::new();
        for (idx, (fault, found)) in self.findings.faults.iter().zip(found).enumerate() {
            let (Some(window), Some(found)) = (fault.windows.last(), found) else {
                continue;
            };
            let end = window.1;
            if !(end.is_finite() && end < self.end) {
                continue;
            }
            let until = if found.mean.is_finite() {
                end + found.mean
            } else {
                self.end
            };
            let bar = Bar {
                faults: vec![idx],
                from: self.time.at(end),
                to: self.time.at(until),
                text: format::estimate(Unit::Seconds, found).text(),
                is_open: until >= self.end,
            };
            let is_same = |other: &&mut Bar| {
                (other.from - bar.from).abs() < 0.1
                    && (other.to - bar.to).abs() < 0.1
                    && other.text == bar.text
            };
            match bars.iter_mut().find(is_same) {
                Some(other) => other.faults.push(idx),
                None => bars.push(bar),
            }
        }
        bars
    }

    /// Words stand right of their bar; left of it, if the axis ends before. What would touch lies in a lane below.
    fn lay(&self, bars: Vec<Bar>) -> Vec<Laid> {
        let is_numbered = self.findings.faults.len() > 1;
        let laid = bars.into_iter().map(|bar| {
            let words = bar.words(is_numbered);
            let width = font::measure(&words, SIZE, Weight::Regular);
            let has_room = !bar.is_open && bar.to + BESIDE + width <= self.right;
            let x = if has_room {
                bar.to + BESIDE
            } else if bar.from - BESIDE - width >= self.left {
                bar.from - BESIDE - width
            } else {
                // Neither side has room: on the bar, before its end.
                bar.to - 3.0 * BESIDE - width
            };
            let span = (x.min(bar.from - 4.0), (x + width).max(bar.to + 4.0) + 5.0);
            let laid = Laid {
                bar,
                words,
                x,
                lane: 0,
            };
            (laid, span)
        });
        let (mut laid, spans): (Vec<Laid>, Vec<(f64, f64)>) = laid.unzip();
        for (laid, lane) in laid.iter_mut().zip(labels::rows(&spans)) {
            laid.lane = lane;
        }
        laid
    }

    fn recovery(&self, drawing: &mut Drawing, variant_idx: usize, laid: &Laid, y: f64) {
        let ink = hue(variant_idx);
        let (from, to) = (laid.bar.from, laid.bar.to);
        drawing.line(vec![(from, y), (to, y)], ink, 3.0, None);
        if laid.bar.is_open {
            let tip = self.right + 1.0;
            let head = vec![(tip, y), (tip - 8.0, y - 5.0), (tip - 8.0, y + 5.0)];
            drawing.area(head, ink, 1.0);
        } else {
            drawing.dot((to, y), 3.5, ink, shape(variant_idx));
        }
        if (from..to).contains(&laid.x) {
            let width = font::measure(&laid.words, SIZE, Weight::Regular);
            let around = ((laid.x - 3.0, y - 6.0), (laid.x + width + 3.0, y + 6.0));
            drawing.rect(around.0, around.1, (255, 255, 255), 1.0);
        }
        drawing.text(Label {
            size: SIZE,
            ..label(
                (laid.x, y + 4.0),
                &laid.words,
                hue_text(variant_idx),
                Anchor::Start,
            )
        });
    }
}

/// In how many lanes they lie.
fn lanes(bars: &[Laid]) -> f64 {
    bars.iter()
        .map(|laid| laid.lane as f64 + 1.0)
        .fold(1.0, f64::max)
}

/// How high each variant's row is: its name finds room beside it.
fn row_heights(rows: &[(&Row<'_>, Vec<Laid>)]) -> Vec<f64> {
    let has_lanes = rows.iter().any(|(_, bars)| lanes(bars) > 1.0);
    let apart = if has_lanes { APART } else { 0.0 };
    let heights = rows.iter().map(|((_, name, _), bars)| {
        let lines = font::wrap(name, frame::SMALL, Weight::Semibold, frame::LABEL_MAX);
        let name = lines.len() as f64 * frame::LINE + 2.0;
        (lanes(bars) * LANE).max(name) + apart
    });
    heights.collect()
}
