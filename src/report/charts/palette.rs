//! Colours and their second channel. A hue says which variant, and nothing else.

use super::canvas::{Dash, Ink, Shape};
use crate::kernel::math;

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

/// Okabe and Ito's colours for the colour-blind, without their yellow (too light for a line on white), with a wine red of
/// Paul Tol's instead.
const HUES: [Ink; 8] = [
    (0x00, 0x72, 0xB2),
    (0xD5, 0x5E, 0x00),
    (0x00, 0x9E, 0x73),
    (0xCC, 0x79, 0xA7),
    (0xE6, 0x9F, 0x00),
    (0x56, 0xB4, 0xE9),
    (0x4D, 0x4D, 0x4D),
    (0x88, 0x22, 0x55),
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

/// A variant's hue; the ninth has the first's again.
pub(super) fn hue(variant_idx: usize) -> Ink {
    HUES[variant_idx % HUES.len()]
}

/// A variant's hue as text: dark enough to read on white, a contrast of 4.5 (WCAG 2.1, 1.4.3).
pub(super) fn hue_text(variant_idx: usize) -> Ink {
    let hue = hue(variant_idx);
    let shades = (0..=12).map(|step: u16| {
        let darker = |c: u8| u8::try_from(u16::from(c) * (16 - step) / 20).unwrap_or(c);
        (darker(hue.0), darker(hue.1), darker(hue.2))
    });
    let mut readable = shades.filter(|ink| contrast_to_white(*ink) >= 4.5);
    readable.next().unwrap_or(INK)
}

/// The contrast of a colour to white, 1 to 21 (WCAG 2.1).
fn contrast_to_white(ink: Ink) -> f64 {
    let linear = |c: u8| {
        let c = f64::from(c) / 255.0;
        if c <= 0.04045 {
            c / 12.92
        } else {
            math::pow((c + 0.055) / 1.055, 2.4)
        }
    };
    let light = 0.2126 * linear(ink.0) + 0.7152 * linear(ink.1) + 0.0722 * linear(ink.2);
    1.05 / (light + 0.05)
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn eight_variants_are_told_apart_by_hue_and_by_dash_and_their_names_can_be_read() {
        for one in 0..8 {
            assert!(contrast_to_white(hue_text(one)) >= 4.5, "{one}");
            for other in 0..one {
                assert!(hue(one) != hue(other) && dash(one) != dash(other));
            }
        }
    }
}
