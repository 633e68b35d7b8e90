use super::canvas::Label;
use super::*;
use crate::report::sample;

fn overlap(a: &Label, b: &Label) -> bool {
    let (a, b) = (a.extent(), b.extent());
    a.0 < b.2 - 0.5 && b.0 < a.2 - 0.5 && a.1 < b.3 - 0.5 && b.1 < a.3 - 0.5
}

/// No label lies on another, and none is cut by the edge.
fn check_labels(findings: &Findings) {
    font::register().unwrap();
    for (stem, drawing) in drawings(findings) {
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

#[test]
fn labels_of_the_plausible_sample_do_not_overlap() {
    check_labels(&sample::checkout());
}

#[test]
fn labels_of_the_nasty_sample_do_not_overlap() {
    check_labels(&sample::nasty());
}

#[test]
fn labels_of_a_bare_run_do_not_overlap() {
    check_labels(&sample::bare());
}

#[test]
fn pictures_are_the_same_twice_and_have_text() {
    let once = files(&sample::checkout()).unwrap();
    assert_eq!(once, files(&sample::checkout()).unwrap());
    assert_eq!(once.len(), 10);
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
