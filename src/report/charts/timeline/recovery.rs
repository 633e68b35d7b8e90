//! The strip below the panels: how long each variant took to recover from each fault.

use super::super::canvas::{Anchor, Drawing, Label};
use super::super::font::{self, Weight};
use super::super::frame::{self, End, direct_labels, heading, label, x_grid};
use super::super::palette::{hue, hue_text, shape};
use super::{GAP, HEADING, RECOVERY_ROW, Sheet};
use crate::report::format::{self, Unit};

impl Sheet<'_> {
    pub(super) fn has_recoveries(&self) -> bool {
        self.findings.faults.iter().enumerate().any(|(idx, fault)| {
            fault.windows.iter().any(|w| self.in_range(*w))
                && self.rows.iter().any(|r| {
                    let variant = &self.findings.variants[r.0];
                    variant.recovery.get(idx).is_some_and(Option::is_some)
                })
        })
    }

    /// How high a variant's row is: its name finds room beside it.
    pub(super) fn recovery_row_height(&self) -> f64 {
        let names = self.rows.iter().map(|r| {
            let lines = font::wrap(r.1, frame::SMALL, Weight::Semibold, frame::LABEL_MAX);
            lines.len() as f64 * frame::LINE + 2.0
        });
        names.fold(RECOVERY_ROW, f64::max)
    }

    /// A row a variant: from a fault's end to where everything was back in band.
    pub(super) fn recoveries(&self, drawing: &mut Drawing, y: f64) -> f64 {
        if !self.has_recoveries() {
            return y;
        }
        let how = "from a fault's end until success, answer time and backlog are back in their band for good";
        heading(
            drawing,
            (self.left, y + 12.0),
            "recovery",
            how,
            self.right - self.left,
        );
        let top = y + HEADING;
        let height = self.recovery_row_height();
        let plot = self.plot(top, top + self.rows.len() as f64 * height);
        x_grid(drawing, plot, self.time, &self.time_ticks);
        let mut ends = Vec::new();
        for (row, (idx, name, _)) in self.rows.iter().enumerate() {
            let middle = top + (row as f64 + 0.5) * height;
            self.recovery_row(drawing, *idx, middle);
            ends.push(End {
                variant_idx: *idx,
                name,
                at: (self.right - 2.0, middle),
            });
        }
        let between = (plot.top, plot.bottom);
        direct_labels(drawing, &ends, (self.right, frame::LABEL_MAX), between);
        plot.bottom + GAP
    }

    /// From, to, the words, and whether it goes on beyond the axis.
    fn bars(&self, variant_idx: usize) -> Vec<(f64, f64, String, bool)> {
        let found = &self.findings.variants[variant_idx].recovery;
        self.findings
            .faults
            .iter()
            .zip(found)
            .filter_map(|(fault, e)| {
                let (end, e) = (fault.windows.last()?.1, e.as_ref()?);
                let until = if e.mean.is_finite() {
                    end + e.mean
                } else {
                    self.end
                };
                let text = format::estimate(Unit::Seconds, e).text();
                (end.is_finite() && end < self.end).then(|| {
                    (
                        self.time.at(end),
                        self.time.at(until),
                        text,
                        until >= self.end,
                    )
                })
            })
            .collect()
    }

    fn recovery_row(&self, drawing: &mut Drawing, variant_idx: usize, y: f64) {
        let ink = hue(variant_idx);
        let bars = self.bars(variant_idx);
        for (from, to, ..) in &bars {
            drawing.line(vec![(*from, y), (*to, y)], ink, 3.0, None);
            drawing.dot((*to, y), 3.5, ink, shape(variant_idx));
        }
        // Names last, over every line of the row.
        let first_open = bars.iter().position(|bar| bar.3);
        for (idx, (from, to, text, is_open)) in bars.iter().enumerate() {
            let width = font::measure(text, 11.0, Weight::Regular);
            let next = bars
                .iter()
                .enumerate()
                .filter(|(other, bar)| *other != idx && bar.0 >= *from)
                .map(|(_, bar)| bar.0)
                .fold(self.right, f64::min);
            let is_covered = bars
                .iter()
                .enumerate()
                .any(|(other, bar)| other != idx && bar.0 < *to && bar.1 > *to);
            let has_room = *to - *from > width + 20.0;
            if *is_open && has_room && first_open == Some(idx) {
                let at = (self.right - 10.0 - width, y - 3.0);
                drawing.rect(
                    (at.0 - 3.0, y - 6.0),
                    (at.0 + width + 3.0, y + 6.0),
                    (255, 255, 255),
                    1.0,
                );
                drawing.text(Label {
                    size: 11.0,
                    ..label((at.0, y + 4.0), text, hue_text(variant_idx), Anchor::Start)
                });
                continue;
            }
            if is_covered || to + 7.0 + width >= next {
                continue;
            }
            let (x, anchor) = (to + 7.0, Anchor::Start);
            drawing.text(Label {
                size: 11.0,
                ..label((x, y + 4.0), text, hue_text(variant_idx), anchor)
            });
        }
    }
}
