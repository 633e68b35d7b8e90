//! How nodes, brokers and arrows look.

use super::super::canvas::{Anchor, Dash, Drawing, Ink, Label};
use super::super::font::{self, Weight};
use super::super::frame::label;
use super::super::palette::{AXIS, GREY, HAIR, INK, tint};
use super::grid::{NAME, NAME_LINE};
use super::layout::Pipe;

/// A message's line.
const MESSAGE: Dash = Some((4.5, 3.0));
const WHITE: Ink = (255, 255, 255);

/// How a service is drawn.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Look {
    /// The answer needs it.
    Needed,
    /// It is reached, but nobody waits for it.
    Reached,
    /// Not in this variant.
    Absent,
}

/// Colour, width and dash of a way.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Stroke {
    ink: Ink,
    width: f64,
    dash: Dash,
}

impl Stroke {
    /// Of a call.
    pub(super) fn call(hue: Ink, is_needed: bool) -> Self {
        let (ink, width) = if is_needed { (hue, 2.0) } else { (GREY, 1.1) };
        Self {
            ink,
            width,
            dash: None,
        }
    }

    /// Of a message.
    pub(super) fn message(hue: Ink, is_needed: bool) -> Self {
        Self {
            dash: MESSAGE,
            ..Self::call(hue, is_needed)
        }
    }
}

/// A way through corners, with a head at its end.
pub(super) fn arrow(drawing: &mut Drawing, mut points: Vec<(f64, f64)>, stroke: Stroke) {
    let [.., before, end] = points[..] else {
        return;
    };
    let (long, half) = (7.0, 3.4);
    let (dx, dy) = (end.0 - before.0, end.1 - before.1);
    let length = (dx * dx + dy * dy).sqrt().max(1e-9);
    let (ux, uy) = (dx / length, dy / length);
    let base = (end.0 - ux * long, end.1 - uy * long);
    if let Some(last) = points.last_mut() {
        *last = base;
    }
    line(drawing, points, stroke);
    let head = vec![
        end,
        (base.0 - uy * half, base.1 + ux * half),
        (base.0 + uy * half, base.1 - ux * half),
    ];
    drawing.area(head, stroke.ink, 1.0);
}

/// A way without a head.
pub(super) fn line(drawing: &mut Drawing, points: Vec<(f64, f64)>, stroke: Stroke) {
    drawing.line(points, stroke.ink, stroke.width, stroke.dash);
}

/// A service: its box and its name.
pub(super) fn service(
    drawing: &mut Drawing,
    (from, to): ((f64, f64), (f64, f64)),
    (lines, size): (&[String], f64),
    is_external: bool,
    (look, hue): (Look, Ink),
) {
    let corners = [from, (to.0, from.1), to, (from.0, to.1), from];
    let dash: Dash = is_external.then_some((2.5, 2.5));
    let (fill, ink, width) = match look {
        Look::Needed => (tint(hue, 0.12), hue, 2.0),
        Look::Reached => ((0xF6, 0xF6, 0xF6), GREY, 1.0),
        Look::Absent => (WHITE, HAIR, 1.0),
    };
    drawing.rect(from, to, fill, 1.0);
    for side in corners.windows(2) {
        drawing.line(side.to_vec(), ink, width, dash);
    }
    let ink = if look == Look::Absent { GREY } else { INK };
    let more = usize::from(is_external);
    let high = (lines.len() + more) as f64 * NAME_LINE;
    let x = f64::midpoint(from.0, to.0);
    let mut y = f64::midpoint(from.1, to.1) - high / 2.0 - 3.5;
    for text in lines {
        y += NAME_LINE;
        drawing.text(Label {
            size,
            ..name((x, y), text, ink)
        });
    }
    if is_external {
        let room = to.0 - from.0 - 4.0;
        let widest = room / font::measure("external", 1.0, Weight::Regular);
        let small = Label {
            size: widest.min(10.0),
            ..name((x, y + NAME_LINE), "external", GREY)
        };
        drawing.text(small);
    }
}

/// The clients: a figure with what they are called below it.
pub(super) fn clients(
    drawing: &mut Drawing,
    x: f64,
    (top, middle): (f64, f64),
    (lines, size): (&[String], f64),
) {
    let head = middle - 8.0;
    drawing.dot(
        (x, head.max(top + 5.0)),
        4.5,
        INK,
        super::super::canvas::Shape::Circle,
    );
    let body = bow().map(|(along, out)| (x + 8.5 * along, middle + 8.0 - 9.0 * out));
    drawing.area(body.collect(), INK, 1.0);
    for (idx, text) in lines.iter().enumerate() {
        let y = middle + 21.0 + idx as f64 * NAME_LINE;
        drawing.text(Label {
            size,
            ..name((x, y), text, INK)
        });
    }
}

/// Half a circle of radius 1: from −1 to 1 along its diameter, and how far out.
fn bow() -> impl DoubleEndedIterator<Item = (f64, f64)> {
    (-8..=8).map(|idx| {
        // Denser towards the ends, where the bow is steep.
        let part = f64::from(idx) / 8.0;
        let along = part * (1.5 - 0.5 * part * part);
        (along, (1.0 - along * along).max(0.0).sqrt())
    })
}

/// A broker: a cylinder on its side, what runs in it is drawn after it.
pub(super) fn pipe(drawing: &mut Drawing, pipe: &Pipe, (left, top): (f64, f64), hue: Ink) {
    if !pipe.is_broker {
        return;
    }
    let (from, to) = (left + pipe.ends.0, left + pipe.ends.1);
    let (bottom, flat) = (top + pipe.height(), 5.0);
    let middle = f64::midpoint(top, bottom);
    let half = (bottom - top) / 2.0;
    // Downwards, bent by so much to the right.
    let arc =
        |x: f64, bend: f64| bow().map(move |(along, out)| (x + bend * out, middle + half * along));
    let (ink, width, fill) = if pipe.is_needed {
        (hue, 2.0, tint(hue, 0.12))
    } else {
        (GREY, 1.1, (0xF6, 0xF6, 0xF6))
    };
    let (from, to) = (from + flat, to - flat);
    let outline: Vec<(f64, f64)> = arc(to, flat).chain(arc(from, -flat).rev()).collect();
    let mut closed = outline.clone();
    closed.extend(outline.first().copied());
    drawing.area(outline, fill, 1.0);
    drawing.line(closed, ink, width, None);
    // The near end of the cylinder.
    drawing.line(arc(to, -flat).collect(), ink, width * 0.7, None);
}

/// A broker's name below it, over the lines that go on to other brokers.
pub(super) fn pipe_name(drawing: &mut Drawing, pipe: &Pipe, (left, top): (f64, f64)) {
    let x = left + f64::midpoint(pipe.ends.0, pipe.ends.1);
    let ink = if pipe.is_broker { INK } else { GREY };
    let mut y = top + pipe.height() + 2.0;
    for text in &pipe.lines {
        let half = font::measure(text, NAME, Weight::Regular) / 2.0 + 2.0;
        drawing.rect(
            (x - half, y + 1.0),
            (x + half, y + NAME_LINE + 1.0),
            WHITE,
            1.0,
        );
        y += NAME_LINE;
        drawing.text(name((x, y - 2.5), text, ink));
    }
}

/// What a way is for, in its middle; left out where it is too short.
pub(super) fn way_name(drawing: &mut Drawing, (from, to): (f64, f64), y: f64, text: &str) {
    let width = font::measure(text, 10.0, Weight::Regular);
    if text.is_empty() || (to - from).abs() < width + 26.0 {
        return;
    }
    let x = f64::midpoint(from, to);
    let half = width / 2.0 + 3.0;
    drawing.rect((x - half, y - 5.0), (x + half, y + 5.0), WHITE, 1.0);
    let small = Label {
        size: 10.0,
        ..name((x, y + 3.5), text, GREY)
    };
    drawing.text(small);
}

/// What a way between neighbours is for, above it; left out where it is too short.
pub(super) fn way_name_above(drawing: &mut Drawing, (from, to): (f64, f64), y: f64, text: &str) {
    let width = font::measure(text, 10.0, Weight::Regular);
    if to - from >= width + 8.0 {
        let small = Label {
            size: 10.0,
            ..name((f64::midpoint(from, to - 4.0), y - 5.0), text, GREY)
        };
        drawing.text(small);
    }
}

/// A line that separates panels.
pub(super) fn rule(drawing: &mut Drawing, from: (f64, f64), width: f64) {
    drawing.line(vec![from, (from.0 + width, from.1)], AXIS, 0.75, None);
}

fn name(at: (f64, f64), text: &str, ink: Ink) -> Label {
    Label {
        size: NAME,
        ..label(at, text, ink, Anchor::Middle)
    }
}
