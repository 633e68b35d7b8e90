//! `brownout run FILE…`: simulate, judge, write, print.

use super::args::{self, Showing};
use super::error::Error;
use super::exit::Exit;
use super::input::{self, Ready};
use super::job::{Beside, Job};
use super::progress::Manner;
use super::supervisor::supervise;
use super::terminal::{self, Terminal};
use super::watch;
use super::words::{Format, Output, Shard};
use crate::report;
use crate::scenario::Changes;
use std::path::PathBuf;
use std::sync::atomic::Ordering;

/// Reads every file, and runs them one after another if none has an error.
///
/// # Errors
/// If a result cannot be written; the page has then been printed all the same.
pub(super) fn run(
    run: &args::Run,
    written: Vec<String>,
    terminal: Terminal,
) -> Result<Exit, Error> {
    check_outputs(&run.formats, run.files.len())?;
    let mut changes = input::changes(&run.adjust);
    let fixed = run.replications.or(run.quick.then_some(1));
    let replications = fixed.map(|n| format!("run.replications={n}"));
    let seed = run.seed.map(|n| format!("run.seed={n}"));
    let precision = run.precision.as_ref();
    let precision = precision.map(|share| format!("run.precision={share}"));
    let all = [replications, seed, precision];
    changes.set.extend(all.into_iter().flatten());
    let manner = manner(run);
    let terminal = told(run, terminal);
    let mut job = job(run, written, changes.clone(), terminal);
    if run.watch {
        let [file] = run.files.as_slice() else {
            return Err(Error::Usage("`--watch` takes one scenario".into()));
        };
        let file = file.clone();
        return supervise(manner, terminal, move |control| {
            watch::watch(&job, &file, &changes, control)
        });
    }
    let Some(mut all) = input::check_all(&run.files, &changes, terminal)? else {
        return Ok(Exit::NothingRan);
    };
    let is_open = |ready: &Ready| ready.cases[0].system.plan.precision.is_some();
    if let Some(n) = fixed.filter(|_| all.iter().any(is_open)) {
        // A number given here is the number, whatever precision a file asks for.
        changes.set.push(format!("run.max_replications={n}"));
        job.changes = changes.clone();
        let again = all
            .into_iter()
            .map(|ready| ready.input.check(&changes, terminal));
        let Some(again) = again.collect() else {
            return Ok(Exit::NothingRan);
        };
        all = again;
    }
    check_shares(run.shard, &all)?;
    supervise(manner, terminal, move |control| {
        let mut worst = Exit::Passed;
        for ready in all {
            worst = worst.max(job.one(&ready, control)?);
            if control.stop.load(Ordering::Relaxed) {
                return Ok(Exit::Interrupted);
            }
        }
        Ok(worst)
    })
}

/// Refuses more shares than there are replications.
fn check_shares(shard: Option<Shard>, all: &[Ready]) -> Result<(), Error> {
    let Some(Shard { of, .. }) = shard else {
        return Ok(());
    };
    let replications = |ready: &Ready| ready.cases[0].system.plan.replications;
    let Some(ready) = all.iter().find(|ready| replications(ready) < of) else {
        return Ok(());
    };
    let (name, n) = (&ready.input.name, replications(ready));
    let message = format!("`{name}` has {n} replications: too few for {of} shares");
    Err(Error::Usage(message))
}

/// The terminal, with the glyphs and the detail that are asked for.
fn told(run: &args::Run, terminal: Terminal) -> Terminal {
    let glyphs = if run.ascii {
        report::Glyphs::Ascii
    } else {
        report::Glyphs::Unicode
    };
    let detail = if run.verbose {
        report::Detail::Full
    } else {
        report::Detail::Usual
    };
    terminal.with(glyphs, detail)
}

/// How progress is shown.
fn manner(run: &args::Run) -> Manner {
    match run.progress {
        Showing::None => Manner::Silent,
        _ if run.quiet => Manner::Silent,
        Showing::Auto => Manner::of_stderr(),
        Showing::Bar if terminal::is_watched() => Manner::Bar,
        Showing::Bar | Showing::Plain => Manner::Lines,
    }
}

/// What the flags ask for.
fn job(run: &args::Run, written: Vec<String>, changes: Changes, terminal: Terminal) -> Job {
    let cores = std::thread::available_parallelism().map_or(1, usize::from);
    Job {
        flags: flags(run),
        out: (!run.no_out && !run.quick).then(|| run.out.clone()),
        threads: run.jobs.map_or(cores, usize::from),
        outputs: run.formats.clone(),
        quiet: run.quiet,
        trace: run.trace,
        shard: run.shard,
        max_time: run.max_time,
        beside: Beside {
            saves_baseline: run.save_baseline,
            compares: run.baseline,
            adr: run.adr,
            step_summary: !run.watch,
            fail_on: run.fail_on,
        },
        args: written,
        terminal,
        changes,
    }
}

/// The flags of this run that decide its result, to be typed again.
fn flags(run: &args::Run) -> Vec<String> {
    let variants = run
        .adjust
        .variants
        .iter()
        .map(|name| ("--variant", name.clone()));
    let overlays = run
        .adjust
        .overlays
        .iter()
        .map(|file| ("--overlay", file.display().to_string()));
    let set = run
        .adjust
        .set
        .iter()
        .map(|change| ("--set", change.clone()));
    let replications = run.replications.map(|n| ("--replications", n.to_string()));
    let seed = run.seed.map(|seed| ("--seed", seed.to_string()));
    let precision = run.precision.clone();
    let precision = precision.map(|share| ("--precision", share));
    let shard = run
        .shard
        .map(|one| ("--shard", format!("{}/{}", one.nth, one.of)));
    let all = variants
        .chain(overlays)
        .chain(set)
        .chain(replications)
        .chain(seed)
        .chain(precision)
        .chain(shard);
    all.flat_map(|(flag, value)| [flag.to_owned(), value])
        .collect()
}

/// Refuses outputs of which one would overwrite another.
pub(super) fn check_outputs(formats: &[Output], n_files: usize) -> Result<(), Error> {
    let mut seen: Vec<&Option<PathBuf>> = Vec::new();
    for output in formats {
        if seen.contains(&&output.file) {
            let place = match &output.file {
                Some(file) => format!("`{}`", file.display()),
                None => "stdout".to_owned(),
            };
            return Err(Error::Usage(format!("two formats for {place}")));
        }
        if output.file.is_some() && n_files > 1 {
            let message = "`--format X=FILE` takes one scenario at a time";
            return Err(Error::Usage(message.into()));
        }
        let is_whole = matches!(output.format, Format::Json | Format::Junit | Format::Csv);
        if is_whole && n_files > 1 {
            let message = "this format takes one scenario at a time: two documents are not one";
            return Err(Error::Usage(message.into()));
        }
        seen.push(&output.file);
    }
    Ok(())
}
