//! A drawing as a list of marks in pixels, written as SVG by plotters. Charts place marks; tests look at where text lies.

use super::font::{self, Weight};
use super::paths;
use crate::report::layout::clean;
use plotters::coord::Shift;
use plotters::element::{Circle, PathElement, Polygon, Rectangle, Text};
use plotters::prelude::{DrawingArea, IntoDrawingArea, SVGBackend};
use plotters::style::text_anchor::{HPos, Pos, VPos};
use plotters::style::{
    Color as _, FontDesc, FontFamily, RGBAColor, RGBColor, ShapeStyle, TextStyle,
};

/// Drawn on a grid this much finer than pixels, because the library draws at whole coordinates.
const FINE: f64 = 8.0;

/// Text of the regular weight up to this wide is as wide as the reader's face makes it.
const FREE_MAX: f64 = 60.0;

/// A colour.
pub(super) type Ink = (u8, u8, u8);

/// Where a text's given point lies in it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Anchor {
    /// At its left end.
    Start,
    /// In its middle.
    Middle,
    /// At its right end.
    End,
}

/// Lengths of dashes and gaps in pixels; `None` for a solid line.
pub(super) type Dash = Option<(f64, f64)>;

/// The form of a dot: identity for print without colour.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Shape {
    /// ●
    Circle,
    /// ■
    Square,
    /// ▲
    Triangle,
    /// ◆
    Diamond,
}

/// A text on the drawing.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Label {
    /// Where: the anchor's x and the base line's y.
    pub at: (f64, f64),
    /// What.
    pub text: String,
    /// Pixels to the em.
    pub size: f64,
    /// How heavy.
    pub weight: Weight,
    /// Colour.
    pub ink: Ink,
    /// Which point of the text lies at `at`.
    pub anchor: Anchor,
}

impl Label {
    fn width(&self) -> f64 {
        font::measure(&self.text, self.size, self.weight)
    }

    /// The width as an attribute, so that a reader with a wider face sees nothing stick out or touch: of what is bold, i.e.
    /// titles, headings and names, and of what is long. In the rest the faces differ by a few pixels.
    fn fixed_width(&self) -> Option<String> {
        let width = self.width();
        let is_fixed = self.weight == Weight::Semibold || width > FREE_MAX;
        is_fixed.then(|| {
            let width = fine_u32(width * font::DRAWN);
            format!(" textLength=\"{width}\" lengthAdjust=\"spacingAndGlyphs\"")
        })
    }

    /// Left, top, right, bottom.
    #[cfg(test)]
    pub(super) fn extent(&self) -> (f64, f64, f64, f64) {
        let width = self.width();
        let left = match self.anchor {
            Anchor::Start => self.at.0,
            Anchor::Middle => self.at.0 - width / 2.0,
            Anchor::End => self.at.0 - width,
        };
        (
            left,
            self.at.1 - 0.75 * self.size,
            left + width,
            self.at.1 + 0.22 * self.size,
        )
    }
}

/// One thing drawn.
#[derive(Clone, Debug, PartialEq)]
enum Mark {
    Line {
        points: Vec<(f64, f64)>,
        ink: Ink,
        width: f64,
        dash: Dash,
    },
    Area {
        points: Vec<(f64, f64)>,
        ink: Ink,
        opacity: f64,
    },
    Box {
        from: (f64, f64),
        to: (f64, f64),
        ink: Ink,
        opacity: f64,
    },
    Ring {
        at: (f64, f64),
        radius: f64,
        ink: Ink,
        filled: bool,
    },
    Text(Label),
}

/// A drawing.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Drawing {
    /// Width in pixels.
    pub width: f64,
    /// Height in pixels.
    pub height: f64,
    /// The finding, for readers that do not see.
    pub title: String,
    /// What is plotted, for the same.
    pub description: String,
    /// Its axis of time, for a page that tells the time under the pointer.
    pub clock: Option<Clock>,
    marks: Vec<Mark>,
}

/// A horizontal axis of time.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Clock {
    /// From and to which pixel.
    pub pixels: (f64, f64),
    /// Which seconds.
    pub seconds: (f64, f64),
}

impl Drawing {
    /// An empty drawing.
    pub(super) fn new(width: f64) -> Self {
        Self {
            width,
            height: 0.0,
            title: String::new(),
            description: String::new(),
            clock: None,
            marks: Vec::new(),
        }
    }

    /// A line through points; points that are no numbers are left out.
    pub(super) fn line(&mut self, points: Vec<(f64, f64)>, ink: Ink, width: f64, dash: Dash) {
        let points = finite(points);
        if points.len() >= 2 {
            self.marks.push(Mark::Line {
                points,
                ink,
                width,
                dash,
            });
        }
    }

    /// A filled polygon.
    pub(super) fn area(&mut self, points: Vec<(f64, f64)>, ink: Ink, opacity: f64) {
        let points = finite(points);
        if points.len() >= 3 {
            self.marks.push(Mark::Area {
                points,
                ink,
                opacity,
            });
        }
    }

    /// A filled rectangle.
    pub(super) fn rect(&mut self, from: (f64, f64), to: (f64, f64), ink: Ink, opacity: f64) {
        if [from.0, from.1, to.0, to.1].iter().all(|v| v.is_finite()) {
            self.marks.push(Mark::Box {
                from,
                to,
                ink,
                opacity,
            });
        }
    }

    /// A dot of some shape.
    pub(super) fn dot(&mut self, at: (f64, f64), radius: f64, ink: Ink, shape: Shape) {
        let (x, y) = at;
        if !(x.is_finite() && y.is_finite()) {
            return;
        }
        let r = radius;
        match shape {
            Shape::Circle => self.marks.push(Mark::Ring {
                at,
                radius,
                ink,
                filled: true,
            }),
            Shape::Square => self.rect(
                (x - 0.9 * r, y - 0.9 * r),
                (x + 0.9 * r, y + 0.9 * r),
                ink,
                1.0,
            ),
            Shape::Triangle => self.area(
                vec![
                    (x, y - 1.15 * r),
                    (x + 1.1 * r, y + 0.85 * r),
                    (x - 1.1 * r, y + 0.85 * r),
                ],
                ink,
                1.0,
            ),
            Shape::Diamond => self.area(
                vec![
                    (x, y - 1.25 * r),
                    (x + 1.25 * r, y),
                    (x, y + 1.25 * r),
                    (x - 1.25 * r, y),
                ],
                ink,
                1.0,
            ),
        }
    }

    /// A text.
    pub(super) fn text(&mut self, mut label: Label) {
        label.text = clean(&label.text);
        if !label.text.trim().is_empty() && label.at.0.is_finite() && label.at.1.is_finite() {
            self.marks.push(Mark::Text(label));
        }
    }

    /// All texts, in drawing order.
    #[cfg(test)]
    pub(super) fn labels(&self) -> impl Iterator<Item = &Label> {
        self.marks.iter().filter_map(|m| match m {
            Mark::Text(label) => Some(label),
            _ => None,
        })
    }

    /// Left, top, right and bottom of every mark that is no text.
    #[cfg(test)]
    pub(super) fn extents(&self) -> impl Iterator<Item = (f64, f64, f64, f64)> {
        let bounds = |points: &[(f64, f64)]| {
            let none = (f64::INFINITY, f64::INFINITY, 0.0_f64, 0.0_f64);
            points.iter().fold(none, |b, p| {
                (b.0.min(p.0), b.1.min(p.1), b.2.max(p.0), b.3.max(p.1))
            })
        };
        self.marks.iter().filter_map(move |mark| match mark {
            Mark::Line { points, .. } | Mark::Area { points, .. } => Some(bounds(points)),
            Mark::Box { from, to, .. } => Some(bounds(&[*from, *to])),
            Mark::Ring { at, radius, .. } => {
                let (x, y) = *at;
                Some((x - radius, y - radius, x + radius, y + radius))
            }
            Mark::Text(_) => None,
        })
    }

    /// The drawing as SVG.
    ///
    /// # Errors
    /// If the drawing library refuses.
    pub(super) fn svg(&self) -> Result<String, String> {
        let mut text = String::new();
        let size = (fine_u32(self.width), fine_u32(self.height));
        {
            let area = SVGBackend::with_string(&mut text, size).into_drawing_area();
            let fault = |e: &dyn std::fmt::Display| format!("cannot draw the chart: {e}");
            area.fill(&RGBColor(255, 255, 255)).map_err(|e| fault(&e))?;
            for mark in &self.marks {
                draw(&area, mark).map_err(|e| fault(&e))?;
            }
            area.present().map_err(|e| fault(&e))?;
        }
        Ok(self.dressed(&text, size))
    }

    /// In pixels for the reader, on the fine grid inside; with a title and a description; text at its base line; what every text has
    /// in common said once; dashes and widths as attributes, for the drawing library has no word for them.
    fn dressed(&self, text: &str, (width, height): (u32, u32)) -> String {
        let head_end = text.find('>').map_or(0, |at| at + 1);
        let clock = self.clock.map_or(String::new(), |clock| {
            let share = |pixel: f64| pixel / self.width;
            format!(
                " data-left=\"{:.4}\" data-right=\"{:.4}\" data-from=\"{}\" data-to=\"{}\"",
                share(clock.pixels.0),
                share(clock.pixels.1),
                clock.seconds.0,
                clock.seconds.1
            )
        });
        let mut svg = format!(
            "<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"{:.0}\" height=\"{:.0}\" viewBox=\"0 0 {width} {height}\" \
             role=\"img\" stroke-linejoin=\"round\" font-family=\"{}\"{clock}>\n<title>{}</title>\n<desc>{}</desc>",
            self.width,
            self.height,
            font::FAMILIES,
            escape(&self.title),
            escape(&self.description),
        );
        let body = text[head_end..]
            .replace(" dy=\"-0.5ex\"", "")
            .replace(" opacity=\"1\"", "")
            .replace(" text-anchor=\"start\"", "")
            .replace(&format!(" font-family=\"{}\"", font::FACE), "")
            .replace("font-weight=\"bold\"", "font-weight=\"600\"");
        let dashes = self.marks.iter().filter_map(|mark| match mark {
            Mark::Line { dash, .. } => Some(dash.map_or(String::new(), |(on, off)| {
                format!(" stroke-dasharray=\"{} {}\"", fine_u32(on), fine_u32(off))
            })),
            _ => None,
        });
        let widths = self.marks.iter().filter_map(|mark| match mark {
            Mark::Text(label) => Some(label.fixed_width().unwrap_or_default()),
            _ => None,
        });
        let body = with_attributes(&body, "<polyline", dashes);
        svg.push_str(&with_attributes(&body, "<text", widths));
        paths::relative(&svg)
    }
}

/// To each element of a kind what the next of `attributes` says.
fn with_attributes(
    svg: &str,
    element: &str,
    mut attributes: impl Iterator<Item = String>,
) -> String {
    let mut parts = svg.split(element);
    let mut dressed = parts.next().unwrap_or("").to_owned();
    for part in parts {
        dressed.push_str(element);
        dressed.push_str(&attributes.next().unwrap_or_default());
        dressed.push_str(part);
    }
    dressed
}

fn escape(text: &str) -> String {
    clean(text)
        .replace('&', "&amp;")
        .replace('<', "&lt;")
        .replace('>', "&gt;")
}

fn finite(points: Vec<(f64, f64)>) -> Vec<(f64, f64)> {
    points
        .into_iter()
        .filter(|(x, y)| x.is_finite() && y.is_finite())
        .collect()
}

#[expect(
    clippy::cast_possible_truncation,
    reason = "coordinates are clamped to what a drawing can have"
)]
fn fine(value: f64) -> i32 {
    (value * FINE).round().clamp(-1e6, 1e6) as i32
}

#[expect(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "sizes are clamped to what a drawing can have"
)]
fn fine_u32(value: f64) -> u32 {
    (value * FINE).round().clamp(0.0, 1e6) as u32
}

fn point(at: (f64, f64)) -> (i32, i32) {
    (fine(at.0), fine(at.1))
}

fn colour(ink: Ink, opacity: f64) -> RGBAColor {
    RGBColor(ink.0, ink.1, ink.2).mix(opacity)
}

type Area<'a> = DrawingArea<SVGBackend<'a>, Shift>;

fn draw(area: &Area<'_>, mark: &Mark) -> Result<(), String> {
    let done = match mark {
        Mark::Line {
            points, ink, width, ..
        } => {
            let style = ShapeStyle {
                color: colour(*ink, 1.0),
                filled: false,
                stroke_width: fine_u32(*width).max(1),
            };
            let points: Vec<(i32, i32)> =
                paths::thinned(points).iter().map(|p| point(*p)).collect();
            area.draw(&PathElement::new(points, style))
        }
        Mark::Area {
            points,
            ink,
            opacity,
        } => {
            let points: Vec<(i32, i32)> =
                paths::thinned(points).iter().map(|p| point(*p)).collect();
            area.draw(&Polygon::new(points, colour(*ink, *opacity).filled()))
        }
        Mark::Box {
            from,
            to,
            ink,
            opacity,
        } => area.draw(&Rectangle::new(
            [point(*from), point(*to)],
            colour(*ink, *opacity).filled(),
        )),
        Mark::Ring {
            at,
            radius,
            ink,
            filled,
        } => {
            let style = ShapeStyle {
                color: colour(*ink, 1.0),
                filled: *filled,
                stroke_width: fine_u32(1.5),
            };
            area.draw(&Circle::new(point(*at), fine(*radius), style))
        }
        Mark::Text(label) => return write(area, label),
    };
    done.map_err(|e| e.to_string())
}

fn write(area: &Area<'_>, label: &Label) -> Result<(), String> {
    let font = FontDesc::new(
        FontFamily::Name(font::FACE),
        label.size * font::EM * FINE,
        label.weight.style(),
    );
    let anchor = match label.anchor {
        Anchor::Start => HPos::Left,
        Anchor::Middle => HPos::Center,
        Anchor::End => HPos::Right,
    };
    let ink = colour(label.ink, 1.0);
    let style = TextStyle::from(font)
        .color(&ink)
        .pos(Pos::new(anchor, VPos::Bottom));
    area.draw(&Text::new(label.text.as_str(), point(label.at), style))
        .map_err(|e| e.to_string())
}
