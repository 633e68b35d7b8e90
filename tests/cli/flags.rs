//! Flags of `run` that change what is simulated or how it is told.

use super::{Scratch, TINY};
use std::fs;

/// A day in the life of an operator: less traffic, a service that fails, one variant gone.
const OVERLAY: &str = "\
traffic:
  guest: { rate: 10/s }
services:
  back: { errors: 50% }
variants:
  async: null
";

#[test]
fn an_overlay_is_as_good_as_an_edit() {
    let scratch = Scratch::new("overlay");
    fs::write(scratch.0.join("less.yaml"), OVERLAY).unwrap();
    let args = ["run", "tiny.yaml", "--quiet", "--overlay", "less.yaml"];
    let (code, ..) = scratch.run(&args);
    assert_eq!(code, 1);
    let laid = scratch.tree("results/tiny/latest");
    let edited = TINY
        .replace("20/s", "10/s")
        .replace("exponential 20ms", "exponential 20ms, errors: 50%");
    let edited: Vec<&str> = edited
        .lines()
        .filter(|line| !line.contains("async:"))
        .collect();
    fs::write(scratch.0.join("tiny.yaml"), edited.join("\n")).unwrap();
    scratch.run(&["run", "tiny.yaml", "--quiet", "--out", "edited"]);
    let by_hand = scratch.tree("edited/tiny/latest");
    for file in ["summary.json", "data/metrics.csv", "report.html"] {
        assert!(laid[file] == by_hand[file], "{file}");
    }
}

#[test]
fn later_overlays_win_and_a_set_wins_over_all() {
    let scratch = Scratch::new("overlays");
    let rate = |rate: &str| format!("traffic: {{ guest: {{ rate: {rate} }} }}\n");
    fs::write(scratch.0.join("a.yaml"), rate("11/s")).unwrap();
    fs::write(scratch.0.join("b.yaml"), rate("12/s")).unwrap();
    let overlaid = [
        "show",
        "tiny.yaml",
        "--overlay",
        "a.yaml",
        "--overlay",
        "b.yaml",
    ];
    let (_, shown, _) = scratch.run(&overlaid);
    assert!(shown.contains("rate: 12/s # b.yaml line 1"), "{shown}");
    let set = [&overlaid[..], &["--set", "traffic.guest.rate=13/s"]].concat();
    let (_, shown, _) = scratch.run(&set);
    assert!(shown.contains("rate: 13/s # --set"), "{shown}");
}

#[test]
fn mistakes_in_an_overlay_stand_where_they_were_made() {
    let scratch = Scratch::new("overlay_mistakes");
    fs::write(
        scratch.0.join("a.yaml"),
        "services:\n  back: { replcas: 2 }\n",
    )
    .unwrap();
    fs::write(scratch.0.join("b.yaml"), "[1]\n").unwrap();
    let (code, stdout, stderr) = scratch.run(&[
        "run",
        "tiny.yaml",
        "--overlay",
        "a.yaml",
        "--overlay",
        "b.yaml",
        "--overlay",
        "c.yaml",
    ]);
    assert_eq!((code, stdout.as_str()), (2, ""));
    for word in [
        "a.yaml:2:11",
        "replicas",
        "an overlay is a map",
        "cannot read `c.yaml`",
        "3 errors",
    ] {
        assert!(stderr.contains(word), "no {word} in {stderr}");
    }
    assert!(scratch.names("results").is_empty());
}

#[test]
fn the_command_suggested_next_has_the_overlay_in_it() {
    let scratch = Scratch::new("overlay_next");
    fs::write(scratch.0.join("less.yaml"), OVERLAY).unwrap();
    let (_, page, _) = scratch.run(&["run", "tiny.yaml", "--no-out", "--overlay", "less.yaml"]);
    let next = page.rsplit("next: ").next().unwrap().replace("\n  ", " ");
    assert!(next.contains("--overlay less.yaml"), "{next}");
}

/// The flag is as good as the key, and a share that is none is refused as in a file.
#[test]
fn a_precision_on_the_command_line_is_as_good_as_one_in_the_file() {
    let scratch = Scratch::new("precision_flag");
    scratch.run(&[
        "run",
        "tiny.yaml",
        "--quiet",
        "--precision",
        "5%",
        "--out",
        "flag",
    ]);
    let set = ["--set", "run.precision=5%", "--out", "set"];
    scratch.run(&[&["run", "tiny.yaml", "--quiet"][..], &set].concat());
    assert!(scratch.tree("flag/tiny/latest") == scratch.tree("set/tiny/latest"));
    let (code, _, stderr) = scratch.run(&["run", "tiny.yaml", "--precision", "much"]);
    assert!(code == 2 && stderr.contains("--set"), "{stderr}");
}

#[test]
fn ascii_is_for_people_and_leaves_data_alone() {
    let scratch = Scratch::new("ascii");
    let text = TINY.replace("name: Tiny", "name: Größe").replace(
        "slo:",
        "faults:\n  outage: { at: 20s, for: 5s, target: back, down: refuse }\nslo:",
    );
    fs::write(scratch.0.join("tiny.yaml"), text).unwrap();
    let args = ["run", "tiny.yaml", "--no-out"];
    let (_, signs, _) = scratch.run(&args);
    let (_, page, stderr) = scratch.run(&[&args[..], &["--ascii", "-v"]].concat());
    assert!(page.is_ascii() && stderr.is_ascii(), "{page}{stderr}");
    assert!(
        page.starts_with("Grosse") && page.contains("1 outage 20s"),
        "{page}"
    );
    let sparkline = |page: &str| {
        let mut lines = page.lines().filter(|line| line.contains("worst minute"));
        lines.next().map(|line| line.chars().count())
    };
    assert_eq!(sparkline(&page), sparkline(&signs));
    let (_, json, _) = scratch.run(&[&args[..], &["--ascii", "--format", "json"]].concat());
    assert!(json.contains("Größe"), "{json}");
}

/// Where eight causes are told in short, `-v` tells each, in both variants.
#[test]
fn verbose_cuts_nothing_short() {
    let scratch = Scratch::new("verbose");
    let text = TINY
        .replace(
            "concurrency: 4, service_time: 5ms",
            "concurrency: 4, service_time: 5ms, errors: 5%",
        )
        .replace("exponential 20ms", "exponential 20ms, errors: 5%");
    fs::write(scratch.0.join("tiny.yaml"), text).unwrap();
    let args = ["run", "tiny.yaml", "--no-out"];
    let (_, page, quiet) = scratch.run(&args);
    let (_, whole, told) = scratch.run(&[&args[..], &["-v"]].concat());
    assert_eq!(quiet, "");
    assert!(
        told.starts_with("simulated ") && told.contains("events/s"),
        "{told}"
    );
    let whys = |page: &str| page.matches("\nwhy ").count();
    assert_eq!((whys(&page), whys(&whole)), (1, 2), "{whole}");
    assert!(!page.contains("busy share of back") && whole.contains("busy share of back"));
    let (code, _, stderr) = scratch.run(&[&args[..], &["-v", "-q"]].concat());
    assert!(
        code == 2 && stderr.contains("cannot be used with"),
        "{stderr}"
    );
}

#[test]
fn progress_is_told_in_lines_or_not_at_all() {
    let scratch = Scratch::new("progress");
    let stderr = |how: &str| {
        let much = ["--replications", "1000000", "--max-time", "3500ms"];
        let args = ["run", "tiny.yaml", "--no-out", "--progress", how];
        let (_, _, stderr) = scratch.run(&[&args[..], &much].concat());
        stderr
    };
    let lines = stderr("plain");
    assert!(
        lines.contains("tiny: ") && lines.contains(" of 2000000 replications in "),
        "{lines}"
    );
    assert!(
        !lines.contains('\r') && !lines.contains('\u{1b}'),
        "{lines}"
    );
    assert_eq!(stderr("none"), "");
}
