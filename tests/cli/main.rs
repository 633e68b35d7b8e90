//! The program as its users meet it: arguments in; stdout, stderr, files and an exit code out.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

mod flags;
mod merged;
mod reports;

use assert_cmd::Command;
use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::{self, Stdio};

const PROGRAM: &str = env!("CARGO_BIN_EXE_brownout");

/// A scenario that takes a moment.
const TINY: &str = "\
# Question: does the smallest scenario run?
brownout: 1
name: Tiny
question: Does the smallest scenario run?
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
  sync:  { wiring: sync }
  async: { wiring: async, via: post, answer_after: front }
slo:
  answered: availability >= 99%
run: { duration: 1m, warmup: 5s, replications: 4, seed: 3 }
";

/// Two mistakes.
const BROKEN: &str = "\
brownout: 1
flows:
  visit: { from: guest, steps: [front] }
services:
  front: { replcas: 4, service_time: 5 }
traffic:
  guest: { rate: 20/s }
variants:
  sync: { wiring: sync }
run: { duration: 1m }
";

/// What a command comes to: exit code, stdout, stderr.
fn outcome(command: &mut Command) -> (i32, String, String) {
    let output = command.output().unwrap();
    let text = |bytes| String::from_utf8(bytes).unwrap();
    (
        output.status.code().unwrap(),
        text(output.stdout),
        text(output.stderr),
    )
}

/// A folder for one test.
struct Scratch(PathBuf);

impl Scratch {
    fn new(test: &str) -> Self {
        let path = Path::new(env!("CARGO_TARGET_TMPDIR")).join(test);
        let _ = fs::remove_dir_all(&path);
        fs::create_dir_all(&path).unwrap();
        fs::write(path.join("tiny.yaml"), TINY).unwrap();
        fs::write(path.join("broken.yaml"), BROKEN).unwrap();
        Self(path)
    }

    /// The program, started in the folder with nothing of ours in its environment.
    fn program(&self) -> Command {
        let mut command = Command::new(PROGRAM);
        command.current_dir(&self.0);
        for name in [
            "NO_COLOR",
            "CLICOLOR",
            "CLICOLOR_FORCE",
            "COLUMNS",
            "GITHUB_STEP_SUMMARY",
        ] {
            command.env_remove(name);
        }
        command
    }

    fn spawn(&self, args: &[&str]) -> process::Child {
        process::Command::new(PROGRAM)
            .args(args)
            .current_dir(&self.0)
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .unwrap()
    }

    /// Runs and gives back (exit code, stdout, stderr).
    fn run(&self, args: &[&str]) -> (i32, String, String) {
        outcome(self.program().args(args))
    }

    fn read(&self, path: &str) -> String {
        fs::read_to_string(self.0.join(path)).unwrap()
    }

    /// Names in a folder, sorted; none if it is not there.
    fn names(&self, folder: &str) -> Vec<String> {
        let mut names: Vec<String> = fs::read_dir(self.0.join(folder))
            .into_iter()
            .flatten()
            .map(|entry| entry.unwrap().file_name().into_string().unwrap())
            .collect();
        names.sort();
        names
    }

    /// The files below a folder, by path, `run.json` left out.
    fn tree(&self, folder: &str) -> BTreeMap<String, Vec<u8>> {
        fn walk(root: &Path, at: &Path, found: &mut BTreeMap<String, Vec<u8>>) {
            for entry in fs::read_dir(at).unwrap() {
                let path = entry.unwrap().path();
                if path.is_dir() {
                    walk(root, &path, found);
                } else {
                    let name = path.strip_prefix(root).unwrap().to_str().unwrap();
                    found.insert(name.replace('\\', "/"), fs::read(&path).unwrap());
                }
            }
        }
        let root = self.0.join(folder);
        let mut found = BTreeMap::new();
        walk(&root, &root, &mut found);
        found.remove("run.json");
        found
    }

    fn json(&self, path: &str) -> serde_json::Value {
        serde_json::from_str(&self.read(path)).unwrap()
    }

    /// The name of the only result of `tiny.yaml`.
    fn result(&self) -> String {
        let names = self.names("results/tiny");
        let names: Vec<&String> = names.iter().filter(|name| *name != "latest").collect();
        assert_eq!(names.len(), 1, "{names:?}");
        names[0].clone()
    }
}

#[test]
fn help_and_usage_errors_are_as_written() {
    trycmd::TestCases::new().case("tests/cmd/*.trycmd");
}

/// The starter is sound, no warning is given of it, it runs at once, and the schema that its first line names lies beside it.
#[test]
fn what_new_writes_is_sound_and_runs() {
    let scratch = Scratch::new("new");
    let (code, stdout, stderr) = scratch.run(&["new", "studies/order"]);
    assert_eq!((code, stderr.as_str()), (0, ""), "{stdout}");
    assert_eq!(
        scratch.names("studies"),
        ["brownout.schema.json", "order.yaml"]
    );
    let read = |path: &str| scratch.read(path);
    let text = read("studies/order.yaml");
    assert!(text.starts_with("# yaml-language-server: $schema=./brownout.schema.json\n"));
    let (_, schema, _) = scratch.run(&["schema"]);
    assert_eq!(read("studies/brownout.schema.json"), schema);
    let (code, _, stderr) = scratch.run(&["check", "studies/order.yaml"]);
    assert_eq!((code, stderr.as_str()), (0, ""));
    let (code, verdict, _) = scratch.run(&["run", "studies/order.yaml", "--no-out", "-q"]);
    assert_eq!(code, 1, "the chain of calls breaks a line: {verdict}");
    // What is there stays as it is.
    fs::write(scratch.0.join("studies/order.yaml"), "mine").unwrap();
    fs::write(scratch.0.join("studies/brownout.schema.json"), "{}").unwrap();
    let (code, _, stderr) = scratch.run(&["new", "studies/order.yaml"]);
    assert_eq!(code, 2);
    assert!(stderr.contains("--force"), "{stderr}");
    assert_eq!(read("studies/order.yaml"), "mine");
    let (code, ..) = scratch.run(&["new", "studies/order", "--force", "--from", "styles"]);
    assert_eq!(code, 0);
    assert!(read("studies/order.yaml").contains("Six ways to wire one order"));
    assert_eq!(read("studies/brownout.schema.json"), "{}");
}

#[test]
fn manual_pages_go_to_a_folder() {
    let scratch = Scratch::new("man");
    let (code, stdout, stderr) = scratch.run(&["man", "--dir", "man1"]);
    assert_eq!((code, stderr.as_str()), (0, ""));
    let names = scratch.names("man1");
    assert!(names.contains(&"brownout.1".to_owned()), "{names:?}");
    assert!(names.contains(&"brownout-run.1".to_owned()), "{names:?}");
    assert_eq!(stdout.lines().count(), names.len());
    fs::write(scratch.0.join("taken"), "").unwrap();
    let (code, ..) = scratch.run(&["man", "--dir", "taken"]);
    assert_eq!(code, 4);
}

#[test]
fn every_mistake_is_told_and_nothing_is_written() {
    let scratch = Scratch::new("mistakes");
    for command in [
        &["check", "broken.yaml"][..],
        &["run", "broken.yaml"],
        &["show", "broken.yaml"],
    ] {
        let (code, stdout, stderr) = scratch.run(command);
        assert_eq!(code, 2, "{command:?}: {stderr}");
        assert_eq!(stdout, "", "{command:?}");
        for word in ["replcas", "replicas", "broken.yaml:5:12", "5ms", "2 errors"] {
            assert!(
                stderr.contains(word),
                "{command:?}: no {word:?} in\n{stderr}"
            );
        }
    }
    assert_eq!(scratch.names("."), ["broken.yaml", "tiny.yaml"]);
}

#[test]
fn one_bad_file_keeps_all_from_running() {
    let scratch = Scratch::new("one_bad");
    let (code, stdout, _) = scratch.run(&["run", "tiny.yaml", "broken.yaml"]);
    assert_eq!((code, stdout.as_str()), (2, ""));
    let (code, _, stderr) = scratch.run(&["run", "tiny.yaml", "absent.yaml"]);
    assert_eq!(code, 2);
    assert!(stderr.contains("cannot read `absent.yaml`"), "{stderr}");
    assert_eq!(scratch.names("."), ["broken.yaml", "tiny.yaml"]);
}

#[test]
fn a_result_has_every_file_and_its_stamp() {
    let scratch = Scratch::new("files");
    let (code, stdout, stderr) = scratch.run(&["run", "tiny.yaml"]);
    assert_eq!(code, 0, "{stdout}{stderr}");
    assert_eq!(stderr, "");
    let name = scratch.result();
    let tree = scratch.tree(&format!("results/tiny/{name}"));
    for file in [
        "summary.json",
        "summary.md",
        "scenario.yaml",
        "scenario.resolved.yaml",
        "data/metrics.csv",
        "data/timeseries.csv",
        "data/causes.csv",
    ] {
        assert!(tree.contains_key(file), "no {file} in {:?}", tree.keys());
    }
    for extension in [".svg", ".png", ".hgrm", ".hlog"] {
        let n = tree.keys().filter(|path| path.ends_with(extension)).count();
        assert!(n >= 4, "{n} {extension} files in {:?}", tree.keys());
    }
    assert_eq!(tree["scenario.yaml"], TINY.as_bytes());
    let stamped = format!("tiny {name} · seed 3 · 4 replications · brownout ");
    for (path, bytes) in &tree {
        let text = String::from_utf8_lossy(bytes);
        // Data carry the same in fields of their own.
        let is_stamped = ![
            "scenario.yaml",
            "scenario.resolved.yaml",
            "summary.json",
            "findings.cbor",
            "replications.cbor.gz",
        ]
        .contains(&path.as_str())
            && !path.contains(".png")
            && !path.contains(".hgrm");
        assert!(
            !is_stamped || text.contains(&stamped),
            "{path} lacks its stamp"
        );
    }
    assert!(
        stdout.contains(&name) && stdout.contains(&format!("results/tiny/{name}/")),
        "{stdout}"
    );
    let latest = fs::read_link(scratch.0.join("results/tiny/latest")).unwrap();
    assert_eq!(latest, Path::new(&name));
    let run = scratch.json(&format!("results/tiny/{name}/run.json"));
    assert_eq!(run["schema"], "brownout/run/1");
    assert_eq!(run["seed"], 3);
    assert_eq!(run["partial"], false);
    assert!(run["hash"].as_str().unwrap().starts_with(&name));
    assert!(run["events"].as_u64().unwrap() > 1000, "{run}");
}

#[test]
fn the_same_inputs_give_the_same_bytes() {
    let scratch = Scratch::new("same");
    scratch.run(&["run", "tiny.yaml", "--jobs", "1"]);
    let name = scratch.result();
    let folder = format!("results/tiny/{name}");
    let once = scratch.tree(&folder);
    assert!(once.len() > 6);
    let (code, ..) = scratch.run(&["run", "tiny.yaml", "--jobs", "8", "--color", "always", "-q"]);
    assert_eq!(code, 0);
    assert_eq!(scratch.result(), name);
    let again = scratch.tree(&folder);
    assert_eq!(
        once.keys().collect::<Vec<_>>(),
        again.keys().collect::<Vec<_>>()
    );
    for (path, bytes) in &once {
        assert!(again[path] == *bytes, "{path} differs");
    }
}

#[test]
fn comments_and_key_order_do_not_change_the_hash_and_values_do() {
    let scratch = Scratch::new("hash");
    scratch.run(&["run", "tiny.yaml"]);
    let name = scratch.result();
    let moved = TINY.replace(
        "{ concurrency: 4, service_time: 5ms }",
        "{ service_time: 5ms, concurrency: 4 } # moved",
    );
    assert_ne!(moved, TINY);
    fs::write(scratch.0.join("tiny.yaml"), moved).unwrap();
    scratch.run(&["run", "tiny.yaml"]);
    assert_eq!(scratch.result(), name);
    for change in [
        &["--seed", "4"][..],
        &["--replications", "3"],
        &["--set", "services.front.concurrency=5"],
        &["--variant", "sync"],
    ] {
        let (code, _, stderr) = scratch.run(&[&["run", "tiny.yaml"], change].concat());
        assert_eq!(code, 0, "{change:?}: {stderr}");
    }
    assert_eq!(scratch.names("results/tiny").len(), 1 + 4 + 1);
}

#[test]
fn no_out_writes_nothing_and_stdin_is_a_file() {
    let scratch = Scratch::new("no_out");
    let output = scratch
        .program()
        .args(["run", "-", "--no-out", "-q"])
        .write_stdin(TINY)
        .output()
        .unwrap();
    assert_eq!(output.status.code(), Some(0));
    let verdict = String::from_utf8(output.stdout).unwrap();
    assert_eq!(verdict.lines().count(), 1, "{verdict}");
    assert!(output.stderr.is_empty());
    assert_eq!(scratch.names("."), ["broken.yaml", "tiny.yaml"]);
    let (code, _, stderr) = scratch.run(&["check", "-", "-"]);
    assert_eq!(code, 2);
    assert!(stderr.contains("only once"), "{stderr}");
}

#[test]
fn formats_go_to_stdout_and_to_files() {
    let scratch = Scratch::new("formats");
    let (code, stdout, _) = scratch.run(&[
        "run",
        "tiny.yaml",
        "--no-out",
        "--format",
        "json",
        "--format",
        "markdown=a.md",
        "--format",
        "human=a.txt",
    ]);
    assert_eq!(code, 0);
    let summary: serde_json::Value = serde_json::from_str(&stdout).unwrap();
    assert_eq!(summary["schema"], "brownout/summary/1");
    assert!(
        fs::read_to_string(scratch.0.join("a.md"))
            .unwrap()
            .starts_with('#')
    );
    let page = fs::read_to_string(scratch.0.join("a.txt")).unwrap();
    assert!(page.starts_with("Tiny") && !page.contains('\x1b'), "{page}");
    for (args, word) in [
        (
            &["--format", "json", "--format", "human"][..],
            "two formats for stdout",
        ),
        (
            &["--format", "json=x", "--format", "human=x"],
            "two formats for `x`",
        ),
        (
            &["tiny.yaml", "--format", "json=x"],
            "one scenario at a time",
        ),
        (&["--format", "yaml"], "unknown format `yaml`"),
    ] {
        let (code, stdout, stderr) = scratch.run(&[&["run", "tiny.yaml"], args].concat());
        assert_eq!((code, stdout.as_str()), (2, ""), "{args:?}");
        assert!(stderr.contains(word), "{args:?}: {stderr}");
    }
}

#[test]
fn a_summary_obeys_the_published_schema() {
    let scratch = Scratch::new("schema");
    let (_, schema, _) = scratch.run(&["schema", "summary"]);
    let (_, summary, _) = scratch.run(&["run", "tiny.yaml", "--no-out", "--format", "json"]);
    let schema = serde_json::from_str(&schema).unwrap();
    let summary = serde_json::from_str(&summary).unwrap();
    let validator = jsonschema::validator_for(&schema).unwrap();
    let mistakes: Vec<String> = validator
        .iter_errors(&summary)
        .map(|error| error.to_string())
        .collect();
    assert!(mistakes.is_empty(), "{mistakes:?}");
}

#[test]
fn colour_is_for_terminals_unless_asked_for() {
    let scratch = Scratch::new("colour");
    let has_escapes = |args: &[&str], env: &[(&str, &str)]| {
        let mut program = scratch.program();
        program
            .args(["run", "tiny.yaml", "--no-out", "--replications", "2"])
            .args(args);
        let output = program.envs(env.iter().copied()).output().unwrap();
        output.stdout.contains(&0x1b)
    };
    assert!(!has_escapes(&[], &[]));
    assert!(has_escapes(&["--color", "always"], &[]));
    assert!(has_escapes(&[], &[("CLICOLOR_FORCE", "1")]));
    assert!(!has_escapes(
        &[],
        &[("CLICOLOR_FORCE", "1"), ("NO_COLOR", "1")]
    ));
    assert!(!has_escapes(
        &["--color", "never"],
        &[("CLICOLOR_FORCE", "1")]
    ));
}

#[test]
fn the_exit_code_is_the_verdict() {
    let scratch = Scratch::new("verdicts");
    let expect = |line: &str, expected: i32| {
        let set = format!("slo.answered={line}");
        let args = [
            "run",
            "tiny.yaml",
            "--no-out",
            "--replications",
            "4",
            "--set",
            "services.front.errors=50%",
            "--set",
            &set,
        ];
        let (code, stdout, stderr) = scratch.run(&args);
        assert_eq!(code, expected, "{line}: {stdout}{stderr}");
    };
    expect("availability >= 1%", 0);
    expect("availability >= 99%", 1);
    // Four replications of 1 200 coin throws: the interval is some per cent wide.
    expect("availability >= 50%", 3);
}

/// One worker at λ = 8/s, μ = 10/s answers after 1/(μ − λ) = 500 ms in the mean; the line asks for less than 510 ms. Few replications
/// cannot tell, and a precision finds how many can. The number is the file's and the seed's, not the machine's; given on the command
/// line it is what it is.
#[test]
fn a_precision_finds_how_many_replications_decide() {
    let scratch = Scratch::new("precision");
    let near = "\
flows: { visit: { steps: [desk] } }
services: { desk: { service_time: exponential 100ms } }
traffic: { clients: { rate: 8/s } }
variants: { one: { wiring: sync } }
slo: { fast: latency mean < 510ms }
run: { duration: 10m, warmup: 1m, drain: 10s, replications: 5 }
";
    let precise = near.replace("replications: 5", "replications: 5, precision: 0.5%");
    fs::write(scratch.0.join("near.yaml"), near).unwrap();
    fs::write(scratch.0.join("precise.yaml"), &precise).unwrap();
    let run = |args: &[&str]| {
        let (code, out, _) =
            scratch.run(&[&["run", "--no-out", "--format", "json"], args].concat());
        let summary: serde_json::Value = serde_json::from_str(&out).unwrap();
        (code, summary["stamp"].clone(), summary["verdict"].clone())
    };
    let (code, _, verdict) = run(&["near.yaml"]);
    assert_eq!((code, verdict.as_str()), (3, Some("undecided")));
    let (code, stamp, verdict) = run(&["precise.yaml", "--jobs", "1"]);
    assert_eq!((code, verdict.as_str()), (0, Some("pass")));
    assert_eq!(stamp["precision"]["reached"], true);
    let n = stamp["replications"].as_u64().unwrap();
    assert!(n > 20, "{n}");
    assert_eq!(run(&["precise.yaml", "--jobs", "3"]).1["replications"], n);
    let (code, stamp, _) = run(&["precise.yaml", "--replications", "6"]);
    assert_eq!((code, stamp["replications"].as_u64()), (3, Some(6)));
    let few = ["precise.yaml", "--set", "run.max_replications=7"];
    let (code, stamp, _) = run(&few);
    assert_eq!((code, stamp["replications"].as_u64()), (3, Some(7)));
    assert_eq!(stamp["precision"]["reached"], false);
}

/// Users who all begin to think at once take some rounds until they have spread. A warm-up that is given stays, and is complained of;
/// without one it is found, and is the file's and the seed's, not the machine's.
#[test]
fn a_warm_up_is_found_where_none_is_given() {
    let scratch = Scratch::new("warm_up");
    let open = "\
flows: { visit: { steps: [desk] } }
services: { desk: { service_time: exponential 300ms } }
traffic: { clients: { users: 350, think_time: uniform 1ms..300s } }
variants: { one: { wiring: sync } }
run: { duration: 20m, drain: 10s, replications: 60 }
";
    fs::write(scratch.0.join("open.yaml"), open).unwrap();
    let given = open.replace("drain: 10s", "drain: 10s, warmup: 2m");
    fs::write(scratch.0.join("given.yaml"), given).unwrap();
    let run = |args: &[&str]| {
        let (_, out, _) = scratch.run(&[&["run", "--no-out", "--format", "json"], args].concat());
        let summary: serde_json::Value = serde_json::from_str(&out).unwrap();
        let codes = summary["warnings"].as_array().unwrap().iter();
        let codes: Vec<String> = codes
            .map(|one| one["code"].as_str().unwrap().to_owned())
            .collect();
        (summary["stamp"]["warmup"].as_f64().unwrap(), codes)
    };
    let (warmup, codes) = run(&["given.yaml"]);
    assert!((warmup - 120.0).abs() < 1e-9, "{warmup}");
    assert!(codes.contains(&"W301".to_owned()), "{codes:?}");
    let (warmup, codes) = run(&["open.yaml"]);
    assert!(warmup > 200.0, "{warmup}");
    assert!(codes.contains(&"W302".to_owned()), "{codes:?}");
    assert!(!codes.contains(&"W301".to_owned()), "{codes:?}");
    assert_eq!(
        run(&["open.yaml", "--jobs", "3"]).0.to_bits(),
        warmup.to_bits()
    );
}

#[test]
fn a_place_that_cannot_be_written_is_told_before_the_simulation() {
    let scratch = Scratch::new("unwritable");
    fs::write(scratch.0.join("taken"), "").unwrap();
    let (code, stdout, stderr) = scratch.run(&["run", "tiny.yaml", "--out", "taken"]);
    assert_eq!((code, stdout.as_str()), (4, ""));
    assert!(stderr.contains("cannot write `taken"), "{stderr}");
}

#[test]
fn a_closed_pipe_is_success_and_silent() {
    let scratch = Scratch::new("pipe");
    for args in [
        &["schema"][..],
        &["show", "tiny.yaml"],
        &["run", "tiny.yaml", "--no-out", "--replications", "2"],
    ] {
        let mut child = scratch.spawn(args);
        drop(child.stdout.take());
        let output = child.wait_with_output().unwrap();
        assert_eq!(output.status.code(), Some(0), "{args:?}");
        assert_eq!(String::from_utf8(output.stderr).unwrap(), "", "{args:?}");
    }
}

#[cfg(unix)]
mod interrupted {
    use super::*;
    use std::io::{BufRead as _, BufReader, Read as _};

    fn interrupt(child: &process::Child) {
        let pid = child.id().to_string();
        let status = process::Command::new("kill")
            .args(["-INT", &pid])
            .status()
            .unwrap();
        assert!(status.success());
    }

    /// Reads lines of stderr until `is_it`.
    fn wait_for(
        lines: &mut impl Iterator<Item = std::io::Result<String>>,
        is_it: impl Fn(&str) -> bool,
    ) {
        assert!(lines.any(|line| is_it(&line.unwrap())), "stderr ended");
    }

    #[test]
    fn the_first_interrupt_keeps_what_is_finished_and_marks_it() {
        let scratch = Scratch::new("interrupt_once");
        let mut child = scratch.spawn(&["run", "tiny.yaml", "--replications", "1000000"]);
        let mut lines = BufReader::new(child.stderr.take().unwrap()).lines();
        // A line of progress that tells the time left tells that a replication of every variant may well be finished.
        wait_for(&mut lines, |line| line.contains(" left"));
        interrupt(&child);
        wait_for(&mut lines, |line| line.contains("Ctrl-C again"));
        let mut page = String::new();
        child
            .stdout
            .take()
            .unwrap()
            .read_to_string(&mut page)
            .unwrap();
        assert_eq!(child.wait().unwrap().code(), Some(130));
        let name = scratch.result();
        assert!(name.ends_with("-partial"), "{name}");
        let run = scratch.json(&format!("results/tiny/{name}/run.json"));
        assert_eq!(run["partial"], true);
        assert!(run["replications"].as_u64() < run["replications_planned"].as_u64());
        let summary =
            fs::read_to_string(scratch.0.join(format!("results/tiny/{name}/summary.md"))).unwrap();
        let marks = |text: &str| text.contains(" of 1000000 replications");
        assert!(marks(&page), "{page}");
        assert!(marks(&summary), "{summary}");
    }

    #[test]
    fn the_second_interrupt_stops_at_once_and_leaves_nothing() {
        let scratch = Scratch::new("interrupt_twice");
        // One replication takes minutes.
        let mut child = scratch.spawn(&["run", "tiny.yaml", "--set", "run.duration=60d"]);
        let mut lines = BufReader::new(child.stderr.take().unwrap()).lines();
        wait_for(&mut lines, |line| line.contains("replications in"));
        interrupt(&child);
        wait_for(&mut lines, |line| line.contains("Ctrl-C again"));
        interrupt(&child);
        assert_eq!(child.wait().unwrap().code(), Some(130));
        assert!(scratch.names("results/tiny").is_empty());
    }

    #[test]
    fn a_watched_file_is_run_again_after_every_save() {
        let scratch = Scratch::new("watched");
        let mut child = scratch.spawn(&["run", "tiny.yaml", "--watch"]);
        let mut lines = BufReader::new(child.stderr.take().unwrap()).lines();
        let save = |text: &str| fs::write(scratch.0.join("tiny.yaml"), text).unwrap();
        wait_for(&mut lines, |line| line.contains("provisional"));
        while !scratch.0.join("results/tiny/latest").exists() {
            std::thread::yield_now();
        }
        save(BROKEN);
        wait_for(&mut lines, |line| line.contains("replcas"));
        save(&TINY.replace("20/s", "30/s"));
        wait_for(&mut lines, |line| {
            line == "changed: traffic.guest.rate 20/s → 30/s"
        });
        interrupt(&child);
        wait_for(&mut lines, |line| line.contains("Ctrl-C again"));
        assert_eq!(child.wait().unwrap().code(), Some(130));
        let mut pages = String::new();
        child
            .stdout
            .take()
            .unwrap()
            .read_to_string(&mut pages)
            .unwrap();
        assert!(pages.contains("partial: 1 of 4 replications"), "{pages}");
        assert!(pages.contains("2 variants · 4 replications"), "{pages}");
    }

    /// A scenario without a warm-up for which a longer one is found: watched or not, it gives the same result.
    #[test]
    fn a_watched_file_gives_the_result_that_a_run_gives() {
        let scratch = Scratch::new("watched_warm_up");
        let text = include_str!("../lints/W302.yaml");
        fs::write(scratch.0.join("tiny.yaml"), text).unwrap();
        scratch.run(&["run", "tiny.yaml", "--quiet", "--out", "once"]);
        let mut child = scratch.spawn(&["run", "tiny.yaml", "--watch"]);
        while !scratch.0.join("results/tiny/latest").exists() {
            std::thread::yield_now();
        }
        interrupt(&child);
        assert_eq!(child.wait().unwrap().code(), Some(130));
        let once = scratch.tree("once/tiny/latest");
        assert!(String::from_utf8_lossy(&once["summary.json"]).contains("W302"));
        assert!(once == scratch.tree("results/tiny/latest"));
    }

    #[test]
    fn a_watched_file_is_checked_again_after_every_save() {
        let scratch = Scratch::new("check_watched");
        let mut child = scratch.spawn(&["check", "tiny.yaml", "--watch"]);
        let mut lines = BufReader::new(child.stderr.take().unwrap()).lines();
        let save = |text: &str| fs::write(scratch.0.join("tiny.yaml"), text).unwrap();
        wait_for(&mut lines, |line| line.contains("watching"));
        save(BROKEN);
        wait_for(&mut lines, |line| line.contains("replcas"));
        save(&TINY.replace("20/s", "30/s"));
        wait_for(&mut lines, |line| {
            line == "changed: traffic.guest.rate 20/s → 30/s"
        });
        save(&(TINY.replace("20/s", "30/s") + "# the end\n"));
        wait_for(&mut lines, |line| {
            line == "nothing changed that is simulated"
        });
        let file = fs::File::options()
            .write(true)
            .open(scratch.0.join("tiny.yaml"))
            .unwrap();
        let at = file.metadata().unwrap().modified().unwrap();
        file.set_modified(at + std::time::Duration::from_secs(1))
            .unwrap();
        wait_for(&mut lines, |line| line == "nothing changed");
        interrupt(&child);
        assert_eq!(child.wait().unwrap().code(), Some(130));
        let rest: Vec<String> = lines.map(Result::unwrap).collect();
        assert!(
            !rest.concat().contains("Ctrl-C"),
            "an interrupt needs no words: {rest:?}"
        );
        let mut told = String::new();
        let mut stdout = child.stdout.take().unwrap();
        stdout.read_to_string(&mut told).unwrap();
        let n = told.matches("tiny.yaml: no mistakes · 2 variants").count();
        // A save that is seen between its two halves is looked at twice.
        assert!(n >= 4, "{told}");
    }
}
