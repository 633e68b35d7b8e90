//! The reader as a whole: text in, rendered diagnostics or a reading out.

mod fixtures;
mod properties;
mod whole;

use super::{Changes, Reading, read};
use crate::diagnostic::{Paint, Sources, render};

pub(super) const ORDER_CHECKOUT: &str = include_str!("order_checkout.yaml");
pub(super) const EVERYTHING: &str = include_str!("everything.yaml");

/// Reads a text under the name `s.yaml`; diagnostics as people see them.
pub(super) fn check(text: &str, changes: &Changes) -> (Option<Reading>, String) {
    let mut sources = Sources::default();
    let (reading, diagnostics) = read(&mut sources, "s.yaml", text, changes);
    (reading, render(&diagnostics, &sources, Paint::Plain))
}

/// Reads a text that has nothing wrong.
pub(super) fn sound(text: &str) -> Reading {
    let (reading, mistakes) = check(text, &Changes::default());
    assert_eq!(mistakes, "", "in\n{text}");
    reading.expect("no diagnostics")
}
