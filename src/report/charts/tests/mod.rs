//! What holds for every drawing: nothing lies on a label, nothing is cut, nothing changes unseen.

mod stress;

pub(super) use stress::NAMES;

use super::canvas::Label;
use super::*;
use crate::analysis::{self, Stamp};
use crate::diagnostic::Sources;
use crate::report::sample;
use crate::scenario::{self, Changes};
use crate::{compile, experiment};

fn overlap(a: &Label, b: &Label) -> bool {
    let (a, b) = (a.extent(), b.extent());
    a.0 < b.2 - 0.5 && b.0 < a.2 - 0.5 && a.1 < b.3 - 0.5 && b.1 < a.3 - 0.5
}

/// No label lies on another, none is cut by the edge, and no mark lies beyond it.
fn check(name: &str, findings: &Findings) {
    font::register().unwrap();
    for (_, stem, drawing) in drawings(findings) {
        let stem = format!("{name}: {stem}");
        for (left, top, right, bottom) in drawing.extents() {
            assert!(
                left >= 0.0 && top >= 0.0 && right <= drawing.width && bottom <= drawing.height,
                "{stem}: a mark at {left}, {top} to {right}, {bottom} lies beyond the edge"
            );
        }
        let labels: Vec<&Label> = drawing.labels().collect();
        for (idx, label) in labels.iter().enumerate() {
            let (left, top, right, bottom) = label.extent();
            assert!(
                left >= 0.0 && top >= 0.0 && right <= drawing.width && bottom <= drawing.height,
                "{stem}: `{}` is cut: {:?} of {}×{}",
                label.text,
                label.extent(),
                drawing.width,
                drawing.height
            );
            for other in &labels[idx + 1..] {
                assert!(
                    !overlap(label, other),
                    "{stem}: `{}` lies on `{}`",
                    label.text,
                    other.text
                );
            }
        }
    }
}

/// Every sample with its name.
fn samples() -> Vec<(&'static str, Findings)> {
    vec![
        ("checkout", sample::checkout()),
        ("nasty", sample::nasty()),
        ("bare", sample::bare()),
        ("long_names", stress::long_names()),
        ("recoveries", stress::recoveries()),
        ("shares_done", stress::shares_done()),
        ("topologies", stress::topologies()),
        ("two_places", stress::two_places()),
    ]
}

#[test]
fn nothing_overlaps_or_is_cut_in_any_sample() {
    for (name, findings) in samples() {
        check(name, &findings);
    }
}

/// What a shipped scenario finds with one replication or two of a short run.
fn study(stem: &str, set: &[&str]) -> Findings {
    let root = std::path::Path::new(env!("CARGO_MANIFEST_DIR"));
    let path = root.join("scenarios").join(stem).with_extension("yaml");
    let text = std::fs::read_to_string(&path).unwrap();
    let changes = Changes {
        set: set.iter().map(|change| (*change).to_owned()).collect(),
        ..Changes::default()
    };
    let mut sources = Sources::default();
    let (reading, _) = scenario::read(&mut sources, path.to_str().unwrap(), &text, &changes);
    let cases = compile::compile_all(&reading.unwrap().views).0.unwrap();
    let stop = std::sync::atomic::AtomicBool::new(false);
    let observations = experiment::run(&cases, 2, &stop, &|_, _| {});
    let stamp = Stamp::of(&cases[0].system.plan, stem);
    analysis::findings(stamp, Vec::new(), &cases, &observations)
}

#[test]
fn nothing_overlaps_or_is_cut_in_shipped_studies() {
    for (stem, set) in [
        (
            "order_checkout",
            ["run.replications=2", "traffic.shopper.rate=6/s"].as_slice(),
        ),
        (
            "price_replica",
            &["run.replications=1", "traffic.visitor.rate=2/s"],
        ),
        (
            "styles",
            &["run.replications=2", "traffic.shopper.rate=2/s"],
        ),
    ] {
        check(stem, &study(stem, set));
    }
}

/// The drawings of the samples, as they are written. A change of one is looked at before it is taken for the new golden one.
#[test]
fn drawings_are_as_they_were_looked_at() {
    let kept = |name: &str, stem: &str| match name {
        "checkout" => true,
        "recoveries" => stem == "recovery",
        "shares_done" => stem == "ecdf",
        "topologies" | "two_places" => stem == "topology",
        "bare" => matches!(stem, "ecdf" | "availability" | "outcomes"),
        _ => false,
    };
    for (name, findings) in samples() {
        for (stem, svg) in svgs(&findings) {
            if kept(name, &stem) {
                let file = format!("{name}_{stem}.svg");
                insta::assert_binary_snapshot!(&file, svg.into_bytes());
            }
        }
    }
}

#[test]
fn a_reader_that_does_not_see_is_told_first() {
    for (name, findings) in samples() {
        for (stem, svg) in svgs(&findings) {
            let (head, rest) = svg.split_once('>').unwrap();
            assert!(
                head.starts_with("<svg ") && head.contains("role=\"img\""),
                "{name}: {stem}"
            );
            let rest = rest.trim_start();
            assert!(rest.starts_with("<title>"), "{name}: {stem}");
            let rest = rest.split_once("</title>").unwrap().1.trim_start();
            assert!(rest.starts_with("<desc>"), "{name}: {stem}");
            assert!(
                svg.contains(&story::stamp(&findings)) || name == "nasty",
                "{name}: {stem}"
            );
        }
    }
}

/// A reader's face may be wider than the one that was measured.
#[test]
fn titles_headings_and_whatever_is_long_have_their_width_written_down() {
    for (name, findings) in samples() {
        for (_, stem, drawing) in drawings(&findings) {
            let svg = drawing.svg().unwrap();
            let texts: Vec<&str> = svg.split("<text").skip(1).collect();
            let labels: Vec<&Label> = drawing.labels().collect();
            assert_eq!(texts.len(), labels.len(), "{name}: {stem}");
            for (text, label) in texts.iter().zip(labels) {
                let width = label.extent().2 - label.extent().0;
                let is_fixed = label.weight == font::Weight::Semibold || width > 60.0;
                let at = text.split_once('>').unwrap().0;
                assert_eq!(
                    at.contains("textLength"),
                    is_fixed,
                    "{name}: {}",
                    label.text
                );
            }
        }
    }
}

#[test]
fn a_fault_from_which_nobody_can_tell_the_recovery_has_no_chart() {
    let mut findings = sample::checkout();
    for variant in &mut findings.variants {
        variant.recovery.fill(None);
    }
    assert!(svgs(&findings).iter().all(|(stem, _)| stem != "recovery"));
}

/// Titles say what the numbers say.
#[test]
fn titles_are_findings() {
    let title = |findings: &Findings, stem: &str| {
        font::register().unwrap();
        let found = drawings(findings)
            .into_iter()
            .find(|(_, other, _)| other == stem);
        found.unwrap().2.title
    };
    let mut findings = sample::checkout();
    assert_eq!(
        title(&findings, "recovery"),
        "sync is back 21s after payment_outage, async 1m12s"
    );
    findings.variants[0].recovery[0] = Some(crate::analysis::Estimate {
        mean: f64::INFINITY,
        half_width: None,
        n: 20,
        n_never: 20,
        n_bound: 0,
    });
    assert_eq!(
        title(&findings, "recovery"),
        "hybrid is back 22s after payment_outage, async 1m12s; sync never recovers"
    );
    assert_eq!(
        title(&findings, "topology"),
        "sync: the answer needs 4 services up; async: 2 services and the broker"
    );
}

#[test]
fn pictures_are_the_same_twice_and_have_text() {
    let all = || files(&drawn(&sample::checkout()).unwrap()).unwrap();
    let once = all();
    assert_eq!(once, all());
    assert_eq!(once.len(), 16);
    for pair in once.chunks(2) {
        assert!(pair[0].bytes.starts_with(b"<svg") && pair[1].bytes.starts_with(b"\x89PNG"));
        let svg = String::from_utf8(pair[0].bytes.clone()).unwrap();
        assert!(
            !svg.contains("NaN") && !svg.contains("inf"),
            "{}",
            pair[0].path
        );
    }
}

#[test]
fn the_bundled_face_has_every_symbol_of_the_charts() {
    font::register().unwrap();
    for text in ["×", "≥", "≤", "±", "·", "…", "–", "µ", "①", "⑨", "\u{a0}"] {
        assert!(
            font::measure(text, 100.0, font::Weight::Regular) > 5.0,
            "{text}"
        );
    }
}

/// What an answer needs, by the story of the study: who hands over to a broker needs that and not the consumer, unless it waits
/// for the reply; who keeps its messages in an outbox needs neither.
#[test]
fn a_topology_knows_what_an_answer_needs() {
    let findings = study(
        "styles",
        &["run.replications=1", "traffic.shopper.rate=1/s"],
    );
    let needs = |variant: &str| {
        let found = findings
            .variants
            .iter()
            .find(|v| v.name == variant)
            .unwrap();
        let topology = &found.topology[0];
        let services = topology.services.iter().filter(|place| place.is_needed);
        let services: Vec<&str> = services.map(|place| place.service.as_str()).collect();
        (services.join(" "), topology.needed_brokers.join(" "))
    };
    let expected = [
        ("chain", "order stock payment mail points", ""),
        ("asked", "order stock payment", "queues"),
        ("events", "order stock", "queues"),
        ("journal", "order stock", "journal"),
        ("saga", "order stock", ""),
        ("stored", "order stock", ""),
    ];
    for (variant, services, brokers) in expected {
        let found = needs(variant);
        assert_eq!(
            (found.0.as_str(), found.1.as_str()),
            (services, brokers),
            "{variant}"
        );
    }
}
