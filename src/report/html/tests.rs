//! The page from findings made by hand: complete, safe, small.

use super::*;
use crate::analysis::Findings;
use crate::report::{charts, sample};

fn of(findings: &Findings) -> String {
    let charts = charts::drawn(findings).unwrap();
    html(&View::with_charts(findings, &charts), None).unwrap()
}

fn page() -> String {
    of(&sample::checkout())
}

#[test]
fn every_table_and_chart_is_there_without_script_or_style() {
    let page = page();
    let svgs = page.matches("<svg ").count();
    assert_eq!(svgs, charts::count(&sample::checkout()));
    // What a policy that forbids inline style would take away must not carry anything.
    assert!(!page.contains(" style=\""));
    for words in [
        "SLO",
        "Quality-attribute scenario",
        "Assumptions",
        "Reproduce",
        "Beside theory",
    ] {
        assert!(page.contains(words), "{words}");
    }
    // Nothing is fetched from anywhere.
    for fetch in ["src=", "href=", "url(", "@import", "fetch(", "XMLHttp"] {
        assert!(!page.contains(fetch), "{fetch}");
    }
    assert_eq!(page.matches("<script>").count(), 1);
    assert!(SCRIPT.len() < 15_000);
    assert!(page.len() < 300_000, "{}", page.len());
}

#[test]
fn names_cannot_break_out() {
    let mut findings = sample::checkout();
    findings.stamp.title = "</title><script>alert(1)</script>".to_owned();
    findings.variants[0].name = "<img onerror=x>".to_owned();
    let page = of(&findings);
    assert!(!page.contains("<script>alert") && !page.contains("<img"));
    assert_eq!(page.matches("<script>").count(), 1);
}

#[test]
fn a_template_of_ones_own_is_filled_or_told_what_is_wrong() {
    let view = View::of(&sample::checkout());
    let own = html(&view, Some("{{ title }}: {{ overall }}"));
    assert_eq!(own.unwrap(), "Order checkout: fail");
    let wrong = html(&view, Some("\n{{ titel }}")).unwrap_err();
    assert!(wrong.contains("line 2"), "{wrong}");
    assert!(html(&view, Some("{% if %}")).is_err());
}
