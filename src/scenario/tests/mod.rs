//! The reader as a whole: text in, rendered diagnostics or a reading out.

use super::{Changes, Reading, read};
use crate::diagnostic::{Paint, Sources, render};

pub(super) const ORDER_CHECKOUT: &str = include_str!("order_checkout.yaml");

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

#[test]
fn the_documented_example_reads_without_diagnostics() {
    let reading = sound(ORDER_CHECKOUT);
    let names: Vec<&str> = reading
        .views
        .iter()
        .map(|view| view.variant.name.as_str())
        .collect();
    assert_eq!(names, ["sync", "async", "hybrid"]);
}

#[test]
fn what_show_prints_is_the_same_scenario() {
    let first = sound(ORDER_CHECKOUT);
    let second = sound(&first.shown);
    assert_eq!(first.resolved, second.resolved);
}
