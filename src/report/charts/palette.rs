//! Colours and their second channel. A hue says which variant, and nothing else.

use super::canvas::{Dash, Ink, Shape};

/// Text.
pub(super) const INK: Ink = (0x1A, 0x1A, 0x1A);
/// Text of the second rank.
pub(super) const GREY: Ink = (0x59, 0x59, 0x59);
/// Grid lines.
pub(super) const HAIR: Ink = (0xDD, 0xDD, 0xDD);
/// Axis lines and leaders.
pub(super) const AXIS: Ink = (0x99, 0x99, 0x99);
/// A fault's span.
pub(super) const SHADE: Ink = (0x00, 0x00, 0x00);

const HUES: [Ink; 4] = [
    (0x00, 0x72, 0xB2),
    (0xD5, 0x5E, 0x00),
    (0x00, 0x9E, 0x73),
    (0xCC, 0x79, 0xA7),
];

const DASHES: [Dash; 8] = [
    None,
    Some((9.0, 3.0)),
    Some((3.0, 2.5)),
    Some((14.0, 4.0)),
    Some((6.0, 6.0)),
    Some((2.0, 5.0)),
    Some((18.0, 8.0)),
    Some((5.0, 2.0)),
];

/// A variant's hue; the fifth has the first's again, with another dash.
pub(super) fn hue(variant_idx: usize) -> Ink {
    HUES[variant_idx % HUES.len()]
}

/// A variant's hue as text: dark enough to read on white.
pub(super) fn hue_text(variant_idx: usize) -> Ink {
    let darker = |c: u8| u8::try_from(u16::from(c) * 4 / 5).unwrap_or(c);
    let (r, g, b) = hue(variant_idx);
    (darker(r), darker(g), darker(b))
}

/// A hue mixed with white: `strength` 1 is the hue.
pub(super) fn tint(ink: Ink, strength: f64) -> Ink {
    #[expect(
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        reason = "between 0 and 255"
    )]
    let mix = |c: u8| {
        (255.0 - (255.0 - f64::from(c)) * strength)
            .round()
            .clamp(0.0, 255.0) as u8
    };
    (mix(ink.0), mix(ink.1), mix(ink.2))
}

/// A variant's dash.
pub(super) fn dash(variant_idx: usize) -> Dash {
    DASHES[variant_idx % DASHES.len()]
}

/// A variant's marker.
pub(super) fn shape(variant_idx: usize) -> Shape {
    [
        Shape::Circle,
        Shape::Square,
        Shape::Triangle,
        Shape::Diamond,
    ][(variant_idx + variant_idx / 4) % 4]
}
