//! The bundled face: Inter (SIL Open Font License, `fonts/OFL.txt`), regular and semibold, cut down to Latin, Greek, Cyrillic
//! and the symbols that charts use. One face measures, draws and renders, so a label is as wide as it was planned.

use plotters::style::{FontDesc, FontFamily, FontStyle, register_font};
use std::sync::OnceLock;

/// The regular weight.
pub(super) const REGULAR: &[u8] = include_bytes!("../fonts/Inter-Regular.ttf");
/// The semibold weight.
pub(super) const SEMIBOLD: &[u8] = include_bytes!("../fonts/Inter-SemiBold.ttf");
/// The face's name.
pub(super) const FACE: &str = "Inter";
/// As it stands in SVG: a reader without Inter sees the next best, of nearly the same widths.
pub(super) const FAMILIES: &str = "Inter, 'Helvetica Neue', Arial, 'Liberation Sans', sans-serif";

/// How heavy text is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Weight {
    /// 400.
    Regular,
    /// 600.
    Semibold,
}

impl Weight {
    /// The drawing library knows it as this.
    pub(super) fn style(self) -> FontStyle {
        match self {
            Self::Regular => FontStyle::Normal,
            Self::Semibold => FontStyle::Bold,
        }
    }
}

/// Makes the face known to the drawing library.
///
/// # Errors
/// If the bundled file is no font.
pub(super) fn register() -> Result<(), String> {
    static DONE: OnceLock<Result<(), String>> = OnceLock::new();
    DONE.get_or_init(|| {
        for (weight, bytes) in [(Weight::Regular, REGULAR), (Weight::Semibold, SEMIBOLD)] {
            register_font(FACE, weight.style(), bytes)
                .map_err(|_| "the bundled font cannot be read".to_owned())?;
        }
        Ok(())
    })
    .clone()
}

/// The library's size unit is the line height; this many of it are one em.
pub(super) const EM: f64 = 1.24;
/// A text of the bundled face is drawn at this part of its measured width: what is measured is as high as a line of 1.24 em, and
/// the face has lines of 1.21 em. The rest is a margin.
pub(super) const DRAWN: f64 = 1.21 / EM;
/// Measured at this multiple, because the library measures in whole pixels.
const FINE: f64 = 16.0;

/// How wide a text is at `size` pixels to the em.
pub(super) fn measure(text: &str, size: f64, weight: Weight) -> f64 {
    let font = FontDesc::new(FontFamily::Name(FACE), size * EM * FINE, weight.style());
    match font.box_size(text) {
        Ok((width, _)) => f64::from(width) / FINE,
        Err(_) => 0.62 * size * text.chars().count() as f64,
    }
}

/// Lines no wider than `width`, broken at spaces, else after `_`, `-`, `.` or `/`, else anywhere.
pub(super) fn wrap(text: &str, size: f64, weight: Weight, width: f64) -> Vec<String> {
    let mut lines = Vec::new();
    let mut line = String::new();
    let fits = |line: &str| measure(line.trim_end(), size, weight) <= width;
    for piece in pieces(text) {
        let joined = format!("{line}{piece}");
        if fits(&joined) {
            line = joined;
            continue;
        }
        if !line.trim().is_empty() {
            lines.push(std::mem::take(&mut line).trim_end().to_owned());
        }
        line.clear();
        // Too long for a line of its own: broken at its smaller breaks, and anywhere only where there is none.
        for part in broken(&piece) {
            let joined = format!("{line}{part}");
            if fits(&joined) {
                line = joined;
                continue;
            }
            if !line.is_empty() {
                lines.push(std::mem::take(&mut line));
            }
            for c in part.chars() {
                let joined = format!("{line}{c}");
                if !fits(&joined) && !line.is_empty() {
                    lines.push(std::mem::take(&mut line));
                }
                line.push(c);
            }
        }
    }
    if !line.trim().is_empty() || lines.is_empty() {
        lines.push(line.trim_end().to_owned());
    }
    lines
}

/// The same in lines of about one length: no word is left alone on the last one.
pub(super) fn wrap_evenly(text: &str, size: f64, weight: Weight, width: f64) -> Vec<String> {
    let lines = wrap(text, size, weight, width);
    if lines.len() < 2 {
        return lines;
    }
    // The narrowest that takes no more lines, to a fiftieth.
    let narrower = (0..50).rev().map(|step| width * f64::from(step + 1) / 50.0);
    let narrower = narrower.map(|width| wrap(text, size, weight, width));
    let same = narrower.take_while(|other| other.len() == lines.len());
    same.last().unwrap_or(lines)
}

/// The text cut after each place where a line may end at all.
fn broken(text: &str) -> Vec<String> {
    let mut pieces = vec![String::new()];
    for c in text.chars() {
        pieces.last_mut().expect("begins with one").push(c);
        if matches!(c, ' ' | '_' | '-' | '/' | '.') {
            pieces.push(String::new());
        }
    }
    pieces
}

/// The text cut after each place where a line may end.
fn pieces(text: &str) -> Vec<String> {
    // A short word with a break inside is not broken there: `place_order`, `2.5s`.
    let mut merged: Vec<String> = Vec::new();
    for piece in broken(text) {
        match merged.last_mut() {
            Some(last) if !last.ends_with(' ') && last.len() + piece.len() <= 14 => {
                last.push_str(&piece);
            }
            _ => merged.push(piece),
        }
    }
    merged
}
