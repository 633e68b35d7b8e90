//! `brownout merge RESULT…`: what several machines simulated, as if one had.
//!
//! ```text
//! folders ─ read ─▶ parts ─ of one scenario? no replication twice? ─▶ replications in order ─ analysis ─▶ a result
//! ```
//!
//! All shares of a run give the very bytes that the whole run gives, in any order (save `run.json`).

use super::args::{self, FailOn};
use super::error::Error;
use super::exit::Exit;
use super::identity;
use super::input::{Input, Ready};
use super::job::{Beside, Job, counting};
use super::receipt::{self, Speed};
use super::results;
use super::run::check_outputs;
use super::side::differences;
use super::supervisor::{Control, supervise_brief};
use super::terminal::Terminal;
use crate::analysis::{self, Findings, Precise, Seeded, Stamp, formulas, precision, warm_up};
use crate::experiment::Observations;
use crate::experiment::stored::{self, Batch};
use crate::report::Artefact;
use crate::scenario::Changes;
use serde_json::Value as Json;
use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};
use std::time::Duration;

/// Differences between two scenarios that are told.
const DIFFERENCES_MAX: usize = 5;
/// What may differ between results that are merged: which replications there are.
const OF_REPLICATIONS: [&str; 4] = ["seed", "replications", "max_replications", "precision"];

/// A result to be merged.
struct Part {
    /// As it was named.
    word: String,
    folder: PathBuf,
    findings: Findings,
    /// Its scenario, with every change in it.
    ready: Ready,
    batches: Vec<Batch>,
}

/// Reads the results, puts their replications together, writes and prints what these say.
///
/// # Errors
/// If a result cannot be read or written. Everything that keeps results from being merged is told at once.
pub(super) fn run(
    asked: &args::Merge,
    written: Vec<String>,
    terminal: Terminal,
) -> Result<Exit, Error> {
    check_outputs(&asked.formats, 1)?;
    let job = Job {
        out: Some(asked.out.clone()),
        outputs: asked.formats.clone(),
        quiet: asked.quiet,
        beside: Beside {
            adr: asked.adr,
            step_summary: true,
            fail_on: asked.fail_on,
            ..Beside::NOTHING
        },
        args: written,
        ..Job::quiet(None, terminal)
    };
    let (words, fail_on) = (asked.results.clone(), asked.fail_on);
    supervise_brief(terminal, move |control| {
        merge(&job, &words, fail_on, control, terminal)
    })
}

fn merge(
    job: &Job,
    words: &[String],
    fail_on: FailOn,
    control: &Control,
    terminal: Terminal,
) -> Result<Exit, Error> {
    let out = job.out.as_deref().unwrap_or(Path::new("results"));
    let mut parts = Vec::new();
    let mut mistakes = Vec::new();
    for word in words {
        match part(word, out, terminal) {
            Ok(Some(part)) => parts.push(part),
            // Its mistakes have been told.
            Ok(None) => mistakes.push(format!("`{word}`: its scenario has mistakes")),
            Err(error) => mistakes.push(error.to_string()),
        }
    }
    parts.sort_by_key(|part| part.batches.first().map(key));
    if let Some((first, others)) = parts.split_first() {
        mistakes.extend(others.iter().filter_map(|other| apart(first, other)));
    }
    if mistakes.is_empty() {
        mistakes.extend(twice(&parts));
    }
    if !mistakes.is_empty() {
        for mistake in &mistakes {
            terminal.complain(mistake);
        }
        return Ok(Exit::NothingRan);
    }
    write(job, parts, fail_on, control)
}

/// Where replications stand among those of all results.
fn key(batch: &Batch) -> (u64, u32) {
    (batch.seed, batch.observations.first)
}

/// What lies in a folder; `None` if its scenario has mistakes, which have been told.
fn part(word: &str, out: &Path, terminal: Terminal) -> Result<Option<Part>, Error> {
    let folder = results::place(word, out)?;
    let findings = results::findings(&folder)?;
    let path = folder.join(results::REPLICATIONS);
    let bytes = fs::read(&path).map_err(Error::read(&path))?;
    let mut batches = stored::from_bytes(&bytes)
        .map_err(|why| Error::Usage(format!("`{}`: {why}", path.display())))?;
    batches.sort_by_key(key);
    let resolved = Input::read(&folder.join(results::RESOLVED))?;
    let shown = resolved.text.clone();
    let Some(mut ready) = resolved.check(&Changes::default(), terminal) else {
        return Ok(None);
    };
    // What is kept beside a result is what was given, not what was read here.
    ready.input.text = Input::read(&folder.join("scenario.yaml"))?.text;
    ready.input.stem.clone_from(&findings.stamp.scenario);
    ready.reading.shown = shown;
    Ok(Some(Part {
        word: word.to_owned(),
        folder,
        findings,
        ready,
        batches,
    }))
}

/// Why a result cannot be merged with the first one, if it is of another scenario.
fn apart(first: &Part, other: &Part) -> Option<String> {
    let found = differences(
        &without_replications(&first.ready.reading.resolved),
        &without_replications(&other.ready.reading.resolved),
    );
    if found.is_empty() {
        return None;
    }
    let told = found.iter().take(DIFFERENCES_MAX).map(String::as_str);
    let told = told.collect::<Vec<_>>().join("; ");
    let more = match found.len().saturating_sub(DIFFERENCES_MAX) {
        0 => String::new(),
        n => format!("; and {n} more"),
    };
    let (one, two) = (&first.word, &other.word);
    Some(format!(
        "`{one}` and `{two}` are of different scenarios: {told}{more}"
    ))
}

/// A scenario but for what says which replications there are.
fn without_replications(resolved: &Json) -> Json {
    let mut scenario = resolved.clone();
    if let Some(Json::Object(run)) = scenario.get_mut("run") {
        run.retain(|key, _| !OF_REPLICATIONS.contains(&key.as_str()));
    }
    scenario
}

/// Replications that are in two results.
fn twice(parts: &[Part]) -> Vec<String> {
    let mut mistakes = Vec::new();
    for (nth, one) in parts.iter().enumerate() {
        for two in &parts[nth + 1..] {
            let mut pairs = one
                .batches
                .iter()
                .flat_map(|a| two.batches.iter().map(move |b| (a, b)));
            if let Some((a, _)) = pairs.find(|(a, b)| overlap(a, b)) {
                mistakes.push(format!(
                    "`{}` and `{}` have the same replications of seed {}: the same customers would count twice; run with \
                     another `--seed`, or with `--shard`",
                    one.word, two.word, a.seed
                ));
            }
        }
    }
    mistakes
}

fn overlap(a: &Batch, b: &Batch) -> bool {
    let (one, two) = (a.observations.numbers(), b.observations.numbers());
    a.seed == b.seed && one.start < two.end && two.start < one.end
}

/// Batches in order, those that follow one another put together.
fn joined(batches: impl IntoIterator<Item = Batch>) -> Vec<Batch> {
    let mut all: Vec<Batch> = Vec::new();
    for batch in batches {
        let follows = |last: &&mut Batch| {
            last.seed == batch.seed && last.observations.numbers().end == batch.observations.first
        };
        match all.last_mut().filter(follows) {
            Some(last) => last.observations.append(batch.observations.cases),
            None => all.push(batch),
        }
    }
    all
}

/// How many replications were planned, of all seeds together.
fn planned(parts: &[Part]) -> u32 {
    let mut planned: BTreeMap<u64, u32> = BTreeMap::new();
    for part in parts {
        let stamp = &part.findings.stamp;
        for batch in &part.batches {
            let of_seed = if stamp.merged.is_empty() {
                stamp.replications_planned
            } else {
                seeded(batch).n
            };
            let most = planned.entry(batch.seed).or_default();
            *most = of_seed.max(*most);
        }
    }
    planned.values().sum()
}

/// What all replications say.
struct Merged {
    /// The scenario of the first of them.
    ready: Ready,
    findings: Findings,
    /// The file of their replications.
    replications: Vec<u8>,
    speed: Speed,
}

impl Merged {
    /// Of results that may be merged, in order.
    fn of(parts: Vec<Part>) -> Self {
        let planned = planned(&parts);
        let mut parts = parts.into_iter();
        let first = parts.next().expect("two results at least");
        let mut hashes = vec![first.findings.stamp.hash.clone()];
        let mut batches = first.batches;
        for part in parts {
            hashes.push(part.findings.stamp.hash);
            batches.extend(part.batches);
        }
        batches.sort_by_key(key);
        let batches = joined(batches);
        hashes.dedup();
        let rerun = first.folder.join(results::RESOLVED).display().to_string();
        let stamp = stamp(
            first.findings.stamp,
            &first.ready,
            &batches,
            planned,
            &hashes,
        );
        let replications = batches.iter().map(|one| (one.seed, &one.observations));
        let replications = stored::to_bytes(replications);
        let all = together(batches);
        // What depends on the replications is judged anew.
        let of_replications = [warm_up::TOO_SHORT, formulas::APART];
        let mut warnings = first.findings.warnings;
        warnings.retain(|one| !of_replications.contains(&one.code.as_str()));
        let cases = &first.ready.cases;
        let mut findings = analysis::findings(Stamp { rerun, ..stamp }, warnings, cases, &all);
        if let Some(law) = cases[0].system.plan.precision {
            let is_whole = findings.stamp.replications >= planned;
            findings.stamp.precision = Some(Precise {
                share: law.share,
                is_reached: is_whole && precision::wanted(&findings, law.share).is_none(),
            });
        }
        let ends = || all.cases.iter().flatten().map(|one| &one.end);
        let events = ends().map(|end| end.events).sum();
        let flow_runs = ends().map(|end| end.flow_runs).sum();
        Self {
            ready: first.ready,
            findings,
            replications,
            // Nothing was simulated here.
            speed: Speed::new(0, Duration::ZERO, events, flow_runs),
        }
    }
}

/// What was merged: under the name of the one run that all are shares of, or under one of its own.
fn stamp(first: Stamp, ready: &Ready, batches: &[Batch], planned: u32, hashes: &[String]) -> Stamp {
    let seeded: Vec<Seeded> = batches.iter().map(seeded).collect();
    let hash = match hashes {
        [one] => one.clone(),
        _ => {
            let scenario = without_replications(&ready.reading.resolved);
            identity::of_merged(&scenario, &ready.cases, &seeded)
        }
    };
    let n: u32 = seeded.iter().map(|batch| batch.n).sum();
    let is_one_run = matches!(&seeded[..], [one] if one.first == 0);
    Stamp {
        hash,
        seed: seeded[0].seed,
        merged: if is_one_run { Vec::new() } else { seeded },
        replications: n,
        replications_planned: planned.max(n),
        ..first
    }
}

/// Writes and prints one result of them.
fn write(job: &Job, parts: Vec<Part>, fail_on: FailOn, control: &Control) -> Result<Exit, Error> {
    let started = receipt::now();
    let Merged {
        ready,
        findings,
        replications,
        speed,
    } = Merged::of(parts);
    let folder = job.folder(&ready, &findings.stamp.hash, control)?;
    let beside = vec![Artefact {
        path: results::REPLICATIONS.to_owned(),
        bytes: replications,
    }];
    let kept = job.keep((folder, beside), &ready, &findings, started, speed);
    let shown = kept.as_ref().ok().and_then(Option::as_deref);
    job.show(&findings, shown)?;
    kept?;
    job.step_summary(&findings)?;
    Ok(counting(Exit::of(&findings), fail_on))
}

fn seeded(batch: &Batch) -> Seeded {
    let numbers = batch.observations.numbers();
    Seeded {
        seed: batch.seed,
        first: numbers.start,
        n: numbers.end - numbers.start,
    }
}

/// All replications, in order.
fn together(batches: Vec<Batch>) -> Observations {
    let mut batches = batches.into_iter().map(|batch| batch.observations);
    let mut all = batches.next().expect("two results at least");
    for batch in batches {
        all.append(batch.cases);
    }
    all
}
