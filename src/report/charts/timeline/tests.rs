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

#[test]
fn a_long_drain_has_a_third_of_the_axis_and_says_that_it_goes_on() {
    let mut findings = sample::checkout();
    let last = findings.variants[0].flows[0].series.last().copied();
    let later = Bin {
        start_s: 11_990.0,
        ..last.unwrap()
    };
    findings.variants[0].flows[0].series.push(later);
    let (drawing, texts) = drawn(&findings);
    assert!(drawing.clock.is_some_and(|clock| clock.seconds.1 < 1_801.0));
    let told = "window closes; the drain goes on to 3h20m →";
    assert!(texts.iter().any(|text| text == told), "{texts:?}");
    assert!(drawing.description.ends_with("it goes on to 3h20m."));
}

#[test]
fn every_fault_has_its_recovery_beside_its_number_in_every_variant() {
    let mut findings = sample::checkout();
    let n_variants = findings.variants.len();
    // All end at once; of two that took the same time the numbers stand together.
    let first = findings.faults[0].clone();
    findings.faults = vec![first; 4];
    for variant in &mut findings.variants {
        variant.recovery = [5.0, 9_000.0, 5.0, f64::INFINITY]
            .map(|mean| Some(crate::report::sample::est(mean, 0.0)))
            .to_vec();
    }
    let (_, texts) = drawn(&findings);
    for words in ["①③ 5.00s ±0", "② 2h30m ±0", "④ never"] {
        let n = texts.iter().filter(|text| *text == words).count();
        assert_eq!(n, n_variants, "{words} in {texts:?}");
    }
}
