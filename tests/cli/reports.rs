//! Results after they are made: reports made anew, comparisons, baselines, and what other programs read.

use super::{Scratch, outcome};
use std::fs;

/// A scenario that takes a moment: the call breaks its line while `back` is away, the queue does not.
const AWAY: &str = "\
brownout: 1
name: Tiny
question: Call it, or queue it?
flows:
  visit: { from: guest, steps: [front, back], answer_needs: [front] }
services:
  front: { concurrency: 4, service_time: 5ms }
  back:  { concurrency: 4, service_time: exponential 20ms }
brokers:
  post: { publish: 1ms }
traffic:
  guest: { rate: 20/s, patience: 2s }
variants:
  called: { wiring: sync }
  queued: { wiring: async, via: post, answer_after: front }
faults:
  away: { at: 20s, for: 10s, target: back, down: refuse }
slo:
  answered: availability >= 99%
run: { duration: 1m, warmup: 5s, replications: 4, seed: 3 }
sources:
  services.back.service_time: guess
";

fn scratch(test: &str) -> Scratch {
    let scratch = Scratch::new(&format!("reports-{test}"));
    fs::write(scratch.0.join("tiny.yaml"), AWAY).unwrap();
    scratch
}

#[test]
fn a_report_made_anew_is_the_one_that_the_run_wrote() {
    let scratch = scratch("anew");
    let (code, ..) = scratch.run(&["run", "tiny.yaml", "--quiet", "--trace", "2"]);
    assert_eq!(code, 1);
    let written = scratch.tree("results/tiny/latest");
    let receipt = scratch.read("results/tiny/latest/run.json");
    for file in ["report.html", "trace.chrome.json"] {
        assert!(written.contains_key(file), "{file}");
    }
    let (code, stdout, stderr) = scratch.run(&["report", "@last"]);
    assert_eq!((code, stderr.as_str()), (0, ""));
    assert!(stdout.contains("report.html"), "{stdout}");
    assert!(
        written == scratch.tree("results/tiny/latest"),
        "the same bytes"
    );
    assert_eq!(receipt, scratch.read("results/tiny/latest/run.json"));
    // What is asked for is added, and `latest` still leads there.
    let (code, ..) = scratch.run(&["report", "results/tiny/latest", "--adr"]);
    assert_eq!(code, 0);
    let adr = scratch.read("results/tiny/latest/adr.md");
    for heading in [
        "## Context and Problem Statement",
        "## Considered Options",
        "## Decision Outcome",
        "- called",
    ] {
        assert!(adr.contains(heading), "{heading}\n{adr}");
    }
}

#[test]
fn a_template_of_ones_own_is_filled_and_a_wrong_one_changes_nothing() {
    let scratch = scratch("template");
    scratch.run(&["run", "tiny.yaml", "--quiet"]);
    fs::write(
        scratch.0.join("ours.html"),
        "<h1>{{ title }}</h1>\n{{ answer }}\n",
    )
    .unwrap();
    let (code, ..) = scratch.run(&["report", "@last", "--template", "ours.html"]);
    assert_eq!(code, 0);
    let page = scratch.read("results/tiny/latest/report.html");
    assert!(page.starts_with("<h1>Tiny</h1>\n"), "{page}");
    assert!(page.contains("called breaks"), "{page}");
    let before = scratch.tree("results/tiny/latest");
    fs::write(scratch.0.join("wrong.html"), "\n{{ tilte }}").unwrap();
    let (code, _, stderr) = scratch.run(&["report", "@last", "--template", "wrong.html"]);
    assert_eq!(code, 2);
    assert!(
        stderr.contains("wrong.html") && stderr.contains("line 2"),
        "{stderr}"
    );
    assert!(before == scratch.tree("results/tiny/latest"));
    let (code, _, stderr) = scratch.run(&["report", "results"]);
    assert_eq!(code, 2);
    assert!(stderr.contains("findings.cbor"), "{stderr}");
}

#[test]
fn a_baseline_is_kept_and_compared_with() {
    let scratch = scratch("baseline");
    let (code, _, stderr) = scratch.run(&["run", "tiny.yaml", "--quiet", "--baseline"]);
    assert_eq!(code, 2, "nothing to compare with, and nothing run");
    assert!(stderr.contains("--save-baseline"), "{stderr}");
    scratch.run(&["run", "tiny.yaml", "--quiet", "--save-baseline"]);
    let longer = ["--set", "faults.away.for=20s"];
    let (code, stdout, _) =
        scratch.run(&[&["run", "tiny.yaml", "--quiet", "--baseline"], &longer[..]].concat());
    assert_eq!(code, 1);
    assert!(
        stdout.contains("changed: faults.away.for 10s → 20s"),
        "{stdout}"
    );
    assert!(stdout.contains("paired"), "{stdout}");
    let (code, stdout, _) = scratch.run(&["compare", "@baseline", "@last", "--format", "json"]);
    assert_eq!(code, 0, "no line breaks that did not before");
    let found: serde_json::Value = serde_json::from_str(&stdout).unwrap();
    assert_eq!(found["paired"], true);
    let figures = found["figures"].as_array().unwrap();
    let moved = |variant: &str, metric: &str| {
        let mut same = figures.iter();
        let one = same
            .find(|one| one["variant"] == variant && one["metric"] == metric)
            .unwrap();
        (one["difference"].as_f64().unwrap(), one["sure"] == true)
    };
    // A sixth of a minute more is refused to those who call: the same customers came, so hardly anything else differs.
    let (difference, is_sure) = moved("called", "availability");
    assert!(
        is_sure && (difference + 1.0 / 6.0).abs() < 0.02,
        "{difference}"
    );
    assert_eq!(moved("queued", "availability"), (0.0, false));
    // Two scenarios are run for it; with another seed the customers are others.
    let other = AWAY
        .replace("seed: 3", "seed: 4")
        .replace("for: 10s", "for: 1ms");
    fs::write(scratch.0.join("other.yaml"), other).unwrap();
    let (code, stdout, _) = scratch.run(&["compare", "other.yaml", "tiny.yaml", "-q"]);
    assert_eq!(code, 1, "a line is broken that was not: {stdout}");
    assert!(stdout.contains("independent means"), "{stdout}");
    assert!(stdout.contains("run.seed 4 → 3"), "{stdout}");
}

#[test]
fn other_programs_read_what_is_meant_for_them() {
    let scratch = scratch("feeds");
    let summary = scratch.0.join("step.md");
    let run = |format: &str| {
        let mut program = scratch.program();
        let args = ["run", "tiny.yaml", "--no-out", "--format", format];
        program.args(args).env("GITHUB_STEP_SUMMARY", &summary);
        let (code, stdout, _) = outcome(&mut program);
        assert_eq!(code, 1, "{format}");
        stdout
    };
    let lines = run("jsonl");
    let kinds: Vec<String> = lines
        .lines()
        .map(|line| serde_json::from_str::<serde_json::Value>(line).unwrap())
        .map(|line| line["kind"].as_str().unwrap().to_owned())
        .collect();
    for kind in ["stamp", "slo", "figure", "formula"] {
        assert!(kinds.iter().any(|one| one == kind), "{kind}");
    }
    let junit = run("junit");
    assert!(
        junit.contains("tests=\"2\"") && junit.contains("failures=\"1\""),
        "{junit}"
    );
    assert!(junit.contains("availability &gt;= 99%"), "{junit}");
    let github = run("github");
    assert!(
        github.contains(
            "::error file=tiny.yaml,title=SLO line broken::called: availability >= 99%25"
        ),
        "{github}"
    );
    let csv = run("csv");
    assert!(
        csv.starts_with("# tiny ") && csv.contains("\nvariant,scope,name,metric"),
        "{csv}"
    );
    // The page of a step grows by a summary with each run.
    let step = scratch.read("step.md");
    assert_eq!(step.matches("# Tiny\n").count(), 4);
    let (code, ..) = scratch.run(&["run", "tiny.yaml", "--no-out", "-q", "--fail-on", "never"]);
    assert_eq!(code, 0);
    let undecided = ["run", "tiny.yaml", "--quick", "-q", "--variant", "queued"];
    assert_eq!(scratch.run(&undecided).0, 3);
    let fails = [&undecided[..], &["--fail-on", "undecided"]].concat();
    assert_eq!(scratch.run(&fails).0, 1);
}

#[test]
fn a_page_for_the_review_has_everything_in_one_small_file() {
    let scratch = scratch("page");
    scratch.run(&["run", "tiny.yaml", "--quiet"]);
    let page = scratch.read("results/tiny/latest/report.html");
    assert!(page.len() < 300_000, "{}", page.len());
    let charts = fs::read_dir(scratch.0.join("results/tiny/latest/charts")).unwrap();
    assert_eq!(page.matches("<svg ").count() * 2, charts.count());
    for words in [
        "Call it, or queue it?",
        "Quality-attribute scenario",
        "services.back.service_time",
        "<b>guess</b>",
        "brownout run scenario.resolved.yaml",
        "Limits of the model",
    ] {
        assert!(page.contains(words), "{words}");
    }
}
