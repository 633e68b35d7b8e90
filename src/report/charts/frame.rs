//! What every chart has: the finding as its title, what is plotted, how to read it, the stamp; axes and their labels.

use super::canvas::{Anchor, Drawing, Ink, Label};
use super::font::{self, Weight};
use super::labels::{Wish, spread};
use super::palette::{AXIS, GREY, HAIR, INK, hue_text};
use super::scale::Scale;

/// Width of every chart.
pub(super) const WIDTH: f64 = 960.0;
/// Blank on the left and the right.
pub(super) const MARGIN: f64 = 28.0;
/// Size of labels.
pub(super) const SMALL: f64 = 12.0;
/// Height of a line of labels.
pub(super) const LINE: f64 = 15.0;

/// The words of a chart.
pub(super) struct Words {
    /// The finding.
    pub title: String,
    /// What is plotted, with units.
    pub subtitle: String,
    /// How to read it.
    pub reading: String,
    /// From what it was made.
    pub stamp: String,
}

/// A plain label.
pub(super) fn label(at: (f64, f64), text: &str, ink: Ink, anchor: Anchor) -> Label {
    Label {
        at,
        text: text.to_owned(),
        size: SMALL,
        weight: Weight::Regular,
        ink,
        anchor,
    }
}

/// Draws title, subtitle and reading; gives the y below them.
pub(super) fn header(drawing: &mut Drawing, words: &Words) -> f64 {
    drawing.title.clone_from(&words.title);
    drawing.description = format!("{} {}", words.subtitle, words.reading);
    let width = drawing.width - 2.0 * MARGIN;
    let mut y = 16.0;
    for (text, size, weight, ink, leading) in [
        (&words.title, 20.0, Weight::Semibold, INK, 26.0),
        (&words.subtitle, 13.5, Weight::Regular, GREY, 19.0),
        (&words.reading, 12.5, Weight::Regular, GREY, 17.0),
    ] {
        let lines = if size > 13.0 {
            font::wrap_evenly(text, size, weight, width)
        } else {
            font::wrap(text, size, weight, width)
        };
        for line in lines {
            y += leading;
            drawing.text(Label {
                at: (MARGIN, y),
                text: line,
                size,
                weight,
                ink,
                anchor: Anchor::Start,
            });
        }
        y += 3.0;
    }
    y + 10.0
}

/// Draws the stamp below `y` and closes the drawing.
pub(super) fn footer(drawing: &mut Drawing, y: f64, words: &Words) {
    let mut y = y + 8.0;
    for line in font::wrap(
        &words.stamp,
        11.0,
        Weight::Regular,
        drawing.width - 2.0 * MARGIN,
    ) {
        y += 15.0;
        drawing.text(Label {
            at: (MARGIN, y),
            text: line,
            size: 11.0,
            weight: Weight::Regular,
            ink: GREY,
            anchor: Anchor::Start,
        });
    }
    drawing.height = (y + 16.0).ceil();
}

/// A panel's place.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Plot {
    /// Left edge.
    pub left: f64,
    /// Right edge.
    pub right: f64,
    /// Upper edge.
    pub top: f64,
    /// Lower edge.
    pub bottom: f64,
}

/// Horizontal grid lines with labels on the left; labels that would touch are left out.
pub(super) fn y_axis(drawing: &mut Drawing, plot: Plot, scale: Scale, ticks: &[(f64, String)]) {
    let mut last = f64::INFINITY;
    for (value, text) in ticks {
        let y = scale.at(*value);
        drawing.line(vec![(plot.left, y), (plot.right, y)], HAIR, 0.75, None);
        if (last - y).abs() >= 14.0 {
            drawing.text(label((plot.left - 7.0, y + 4.2), text, GREY, Anchor::End));
            last = y;
        }
    }
}

/// Vertical grid lines.
pub(super) fn x_grid(drawing: &mut Drawing, plot: Plot, scale: Scale, ticks: &[(f64, String)]) {
    for (value, _) in ticks {
        let x = scale.at(*value);
        drawing.line(vec![(x, plot.top), (x, plot.bottom)], HAIR, 0.75, None);
    }
}

/// Labels below the lower edge; those that would touch are left out. Gives the y below them.
pub(super) fn x_labels(
    drawing: &mut Drawing,
    plot: Plot,
    scale: Scale,
    ticks: &[(f64, String)],
) -> f64 {
    drawing.line(
        vec![(plot.left, plot.bottom), (plot.right, plot.bottom)],
        AXIS,
        1.0,
        None,
    );
    for (value, text) in fitting(scale, ticks) {
        let x = scale.at(value);
        drawing.line(
            vec![(x, plot.bottom), (x, plot.bottom + 4.0)],
            AXIS,
            1.0,
            None,
        );
        drawing.text(label((x, plot.bottom + 17.0), &text, GREY, Anchor::Middle));
    }
    plot.bottom + 22.0
}

/// Those ticks of a horizontal axis whose labels find room, in the order given: earlier ones first.
pub(super) fn fitting(scale: Scale, ticks: &[(f64, String)]) -> Vec<(f64, String)> {
    let mut taken: Vec<(f64, f64)> = Vec::new();
    let mut found = Vec::new();
    for (value, text) in ticks {
        let x = scale.at(*value);
        let half = font::measure(text, SMALL, Weight::Regular) / 2.0 + 4.0;
        let span = (x - half, x + half);
        if taken.iter().all(|t| span.1 <= t.0 || t.1 <= span.0) {
            taken.push(span);
            found.push((*value, text.clone()));
        }
    }
    found
}

/// The widest a direct label may be before it is wrapped.
pub(super) const LABEL_MAX: f64 = 170.0;

/// How wide the names' column must be.
pub(super) fn names_width<'a>(names: impl Iterator<Item = &'a str>, room: f64) -> f64 {
    names
        .flat_map(|n| font::wrap(n, SMALL, Weight::Semibold, room))
        .map(|line| font::measure(&line, SMALL, Weight::Semibold))
        .fold(20.0, f64::max)
}

/// How high a panel must be for the names of all variants to find room beside it.
pub(super) fn names_height<'a>(names: impl Iterator<Item = &'a str>, room: f64) -> f64 {
    names
        .map(|n| font::wrap(n, SMALL, Weight::Semibold, room).len() as f64 * LINE)
        .sum()
}

/// A line's end that wants its variant's name.
pub(super) struct End<'a> {
    /// Which variant.
    pub variant_idx: usize,
    /// Its name.
    pub name: &'a str,
    /// Where the line ends.
    pub at: (f64, f64),
}

/// Writes variants' names right of `x`, wrapped to `room`, as near as they can be to the ends of their lines, with leaders.
pub(super) fn direct_labels(
    drawing: &mut Drawing,
    ends: &[End<'_>],
    (x, room): (f64, f64),
    (from, to): (f64, f64),
) {
    let blocks: Vec<Vec<String>> = ends
        .iter()
        .map(|e| font::wrap(e.name, SMALL, Weight::Semibold, room))
        .collect();
    let wishes: Vec<Wish> = ends
        .iter()
        .zip(&blocks)
        .map(|(e, lines)| Wish {
            centre: e.at.1,
            length: lines.len() as f64 * LINE,
        })
        .collect();
    let centres = spread(&wishes, from, to);
    for ((end, lines), centre) in ends.iter().zip(&blocks).zip(centres) {
        let ink = hue_text(end.variant_idx);
        let leader = super::palette::tint(ink, 0.6);
        // A line that ended long before is led here by dots: nothing that could be taken for more of it.
        if x - end.at.0 > 24.0 {
            let dots = vec![(end.at.0 + 4.0, end.at.1), (x, end.at.1)];
            drawing.line(dots, leader, 0.75, Some((1.0, 5.0)));
        }
        let from = end.at.0.max(x - 24.0) + 2.0;
        drawing.line(
            vec![
                (from.max(x - 2.0).min(x + 2.0), end.at.1),
                (x + 2.0, end.at.1),
                (x + 11.0, centre),
            ],
            leader,
            0.75,
            None,
        );
        let top = centre - lines.len() as f64 * LINE / 2.0;
        for (row, line) in lines.iter().enumerate() {
            drawing.text(Label {
                weight: Weight::Semibold,
                ..label(
                    (x + 14.0, top + (row as f64 + 1.0) * LINE - 4.0),
                    line,
                    ink,
                    Anchor::Start,
                )
            });
        }
    }
}

/// A panel's heading: what it shows, then in grey how it is counted; at the right end the targets drawn in it, outside of the
/// plot so that no label lies on a curve.
pub(super) fn heading_with_key(
    drawing: &mut Drawing,
    at: (f64, f64),
    (what, how): (&str, &str),
    width: f64,
    key: &Key<'_>,
) {
    draw_key(drawing, (at.0 + width, at.1), key);
    heading(drawing, at, what, how, width - key.width());
}

/// The same on two lines, the targets below; `at` is the upper one.
pub(super) fn heading_above_key(
    drawing: &mut Drawing,
    at: (f64, f64),
    (what, how): (&str, &str),
    width: f64,
    key: &Key<'_>,
) {
    draw_key(drawing, (at.0 + width, at.1 + LINE), key);
    heading(drawing, at, what, how, width);
}

/// The targets drawn in a panel, with a sample of their line, up to `right`.
fn draw_key(drawing: &mut Drawing, (right, y): (f64, f64), key: &Key<'_>) {
    if key.texts.is_empty() {
        return;
    }
    let right = right - 8.0;
    drawing.text(Label {
        size: 11.0,
        weight: Weight::Semibold,
        ..label((right, y), &key.text(), INK, Anchor::End)
    });
    let sample = right - font::measure(&key.text(), 11.0, Weight::Semibold) - 6.0;
    let (y, long) = (y - 4.0, key.sample());
    drawing.line(
        vec![(sample - long, y), (sample, y)],
        INK,
        key.stroke,
        key.dash,
    );
    if let Some(shape) = key.shape {
        drawing.dot((sample - long / 2.0, y), 3.0, INK, shape);
    }
}

/// How targets are drawn in a panel, and what they are.
pub(super) struct Key<'a> {
    /// `p99 < 800ms`.
    pub texts: &'a [String],
    /// How wide the line is.
    pub stroke: f64,
    /// Its dash.
    pub dash: super::canvas::Dash,
    /// A mark on it.
    pub shape: Option<super::canvas::Shape>,
}

impl Key<'_> {
    fn text(&self) -> String {
        format!("SLO {}", self.texts.join(", "))
    }

    /// How long the sample of the line is.
    fn sample(&self) -> f64 {
        if self.shape.is_some() { 12.0 } else { 20.0 }
    }

    /// How much of a heading's line it takes.
    fn width(&self) -> f64 {
        if self.texts.is_empty() {
            return 0.0;
        }
        8.0 + font::measure(&self.text(), 11.0, Weight::Semibold) + 6.0 + self.sample() + 6.0
    }

    /// Has a heading of this width room for it on the same line?
    pub(super) fn fits_beside(&self, (what, how): (&str, &str), width: f64) -> bool {
        let what = font::measure(what, SMALL, Weight::Semibold);
        let how = font::measure(how, SMALL, Weight::Regular);
        self.texts.is_empty() || what + 7.0 + how + self.width() <= width
    }
}

/// A panel's heading: what it shows, then in grey how it is counted.
pub(super) fn heading(drawing: &mut Drawing, at: (f64, f64), what: &str, how: &str, width: f64) {
    let strong = Label {
        weight: Weight::Semibold,
        ..label(at, what, INK, Anchor::Start)
    };
    let used = font::measure(what, SMALL, Weight::Semibold);
    drawing.text(strong);
    let room = width - used - 7.0;
    if let Some(first) = font::wrap(how, SMALL, Weight::Regular, room).first()
        && font::measure(how, SMALL, Weight::Regular) <= room
    {
        drawing.text(label((at.0 + used + 7.0, at.1), first, GREY, Anchor::Start));
    }
}
