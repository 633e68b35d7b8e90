use super::*;
use crate::report::charts::font;
use crate::report::sample;

fn drawn(findings: &Findings) -> (Drawing, Vec<String>) {
    font::register().unwrap();
    let drawing = draw(findings, "place_order").unwrap();
    let texts = drawing.labels().map(|one| one.text.clone()).collect();
    (drawing, texts)
}

#[test]
fn a_backlog_that_never_is_has_no_panel_and_leaves_its_room_to_the_others() {
    let mut findings = sample::checkout();
    let (before, texts) = drawn(&findings);
    assert!(texts.iter().any(|text| text == "backlog"));
    findings.objectives.clear();
    let flows = findings.variants.iter_mut().flat_map(|v| &mut v.flows);
    for bin in flows.flat_map(|flow| &mut flow.series) {
        bin.backlog = 0.9;
    }
    let (after, texts) = drawn(&findings);
    assert!(!texts.iter().any(|text| text == "backlog"));
    assert!(after.description.contains("the backlog is never above 1"));
    assert!((before.height - after.height).abs() < 20.0);
}
