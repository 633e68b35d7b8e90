//! What holds for every output, over the samples and over findings made at random.

use super::*;
use crate::analysis::{Estimate, Verdict};
use proptest::prelude::*;

fn look(width: usize) -> Look {
    Look::plain(width)
}

fn check_page(findings: &Findings, width: usize) {
    let text = page(
        findings,
        None,
        look(width),
        Some("results/order_checkout/9f3c1a7"),
    );
    for line in text.lines() {
        assert!(
            line.chars().count() <= width,
            "{} > {width}: {line}",
            line.chars().count()
        );
    }
    assert!(!text.contains("NaN") && !text.contains(" inf"), "{text}");
    assert!(
        text.lines().any(|l| l.starts_with("next: brownout ")),
        "{text}"
    );
}

fn samples() -> [Findings; 3] {
    [sample::checkout(), sample::nasty(), sample::bare()]
}

#[test]
fn no_line_is_wider_than_the_terminal() {
    for findings in samples() {
        for width in 60..=160 {
            check_page(&findings, width);
        }
    }
}

#[test]
fn the_verdict_stands_before_any_table() {
    let text = page(&sample::checkout(), None, look(98), None);
    let verdict = text
        .find("✗ sync and hybrid break the SLO · async holds all 5")
        .unwrap();
    assert!(verdict < text.find("accepted    ≥ 99.9%").unwrap());
    assert!(text.contains("✗ 89.84% ±0.08") && text.contains("✓ 2m48s  ±4s"));
    assert!(text.contains("① payment_outage 5m"));
    assert!(text.contains("57%  gave up after 5s queued for checkout"));
}

#[test]
fn colour_adds_escapes_and_changes_no_word() {
    let findings = sample::checkout();
    let plain = page(&findings, None, look(98), None);
    let coloured = page(
        &findings,
        None,
        Look {
            color: Color::Always,
            ..look(98)
        },
        None,
    );
    assert!(!plain.contains('\u{1b}') && coloured.contains('\u{1b}'));
    let stripped = anstream::adapter::strip_str(&coloured).to_string();
    assert_eq!(stripped, plain);
}

#[test]
fn the_summary_fits_its_schema() {
    let schema: serde_json::Value = serde_json::from_str(&summary_schema()).unwrap();
    let validator = jsonschema::validator_for(&schema).unwrap();
    for findings in samples() {
        let json: serde_json::Value = serde_json::from_str(&summary_json(&findings)).unwrap();
        let errors: Vec<String> = validator
            .iter_errors(&json)
            .map(|e| e.to_string())
            .collect();
        assert!(errors.is_empty(), "{errors:#?}");
        assert_eq!(json["schema"], "brownout/summary/1");
    }
    let wrong = serde_json::json!({ "schema": "brownout/summary/1" });
    assert!(!validator.is_valid(&wrong));
}

#[test]
fn never_is_null_and_counted() {
    let json: serde_json::Value = serde_json::from_str(&summary_json(&sample::nasty())).unwrap();
    let recovery = &json["variants"]["queued"]["recovery"]["payment_outage"];
    assert!(recovery["mean"].is_null());
    assert_eq!(recovery["never"], 3);
}

#[test]
fn csv_files_read_back() {
    for findings in samples() {
        for file in data::files(&findings).unwrap() {
            if !file.path.starts_with("data/") {
                continue;
            }
            assert!(file.bytes.starts_with(b"# "));
            let mut reader = csv::ReaderBuilder::new()
                .comment(Some(b'#'))
                .from_reader(file.bytes.as_slice());
            let columns = reader.headers().unwrap().len();
            let expected = match file.path.as_str() {
                "data/metrics.csv" | "data/formulas.csv" => 9,
                "data/breakdown.csv" => 10,
                _ => 8,
            };
            assert_eq!(columns, expected, "{}", file.path);
            let n = reader.records().map(Result::unwrap).count();
            assert!(n > 0, "{}", file.path);
        }
    }
}

#[test]
fn markdown_answers_first() {
    let text = summary_markdown(&sample::checkout());
    let head: Vec<&str> = text.lines().take(5).collect();
    assert_eq!(head[0], "# Order checkout");
    assert!(
        head[2].starts_with("**Question.**")
            && head[4].starts_with("**Answer.** ✗ sync and hybrid")
    );
    assert!(text.contains("brownout run sample.yaml"));
    let guess = text
        .find("- `services.inventory.service_time`: guess")
        .unwrap();
    let known = text
        .find("- `services.payment.service_time`: provider dashboard")
        .unwrap();
    assert!(guess < known, "guesses come first");
}

fn number() -> impl Strategy<Value = f64> {
    prop_oneof![
        4 => 0.0..1.0f64,
        2 => 0.0..1e4f64,
        1 => Just(0.0),
        1 => Just(1.0),
        1 => Just(1e-12),
        1 => Just(1e18),
        1 => Just(f64::NAN),
        1 => Just(f64::INFINITY),
    ]
}

prop_compose! {
    fn estimate()(mean in number(), half in proptest::option::of(number()), n in 0u32..4, n_never in 0u32..4, n_bound in 0u32..2) -> Estimate {
        Estimate { mean, half_width: half, n, n_never, n_bound }
    }
}

/// The plausible sample with its numbers replaced by any.
fn any_findings() -> impl Strategy<Value = Findings> {
    let numbers = proptest::collection::vec(number(), 40);
    let estimates = proptest::collection::vec(estimate(), 40);
    (numbers, estimates, 0usize..4, 0usize..5).prop_map(|(numbers, estimates, n_variants, cut)| {
        let mut findings = sample::checkout();
        findings.variants.truncate(n_variants);
        let mut n = (0..).map(|i: usize| numbers[i % numbers.len()]);
        let mut e = (0..).map(|i: usize| estimates[i % estimates.len()]);
        for variant in &mut findings.variants {
            variant.recovery.iter_mut().for_each(|r| *r = e.next());
            for flow in &mut variant.flows {
                flow.figures
                    .iter_mut()
                    .for_each(|f| f.1 = e.next().unwrap_or(f.1));
                flow.series.truncate(cut * 9);
                for bin in &mut flow.series {
                    bin.availability = n.next().unwrap_or(0.0).min(1.0);
                    bin.latency_p50_s = n.next().unwrap_or(0.0);
                    bin.backlog = n.next().unwrap_or(0.0);
                }
                flow.latency
                    .points
                    .iter_mut()
                    .for_each(|p| p.value_s = n.next().unwrap_or(0.0));
            }
        }
        for objective in &mut findings.objectives {
            objective.cells.truncate(n_variants);
            for cell in &mut objective.cells {
                cell.estimate = e.next();
                cell.verdict = Verdict::Undecided;
            }
        }
        for fault in &mut findings.faults {
            fault.windows = vec![(n.next().unwrap_or(0.0), n.next().unwrap_or(0.0))];
        }
        findings
    })
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(48))]
    #[test]
    fn no_findings_make_a_report_panic(findings in any_findings(), width in 60usize..160) {
        check_page(&findings, width);
        let markdown = summary_markdown(&findings);
        prop_assert!(!markdown.contains("NaN"), "{markdown}");
        let json: serde_json::Value = serde_json::from_str(&summary_json(&findings)).unwrap();
        prop_assert!(json.is_object());
        for (stem, svg) in charts::svgs(&findings) {
            prop_assert!(!svg.contains("NaN"), "{stem}");
        }
        data::files(&findings).unwrap();
    }
}
