//! `run --watch`: again whenever the file is saved.
//!
//! ```text
//! saved ─▶ check ─ mistakes ─▶ told, above the last good page
//!             │            (and below it, where the screen is too low for both)
//!             └─ sound ─▶ one replication of each variant ─▶ provisional page ─▶ all of them ─▶ page, result
//! ```

use super::error::Error;
use super::exit::Exit;
use super::identity;
use super::input::{Input, Ready};
use super::job::{Finished, Job};
use super::receipt;
use super::saves::{self, LOOK, Saves};
use super::side::differences;
use super::supervisor::Control;
use super::terminal;
use super::until::Until;
use crate::analysis::Findings;
use crate::compile::Case;
use crate::report;
use crate::scenario::Changes;
use serde_json::Value as Json;
use std::path::Path;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread;

/// Above a page that is not yet the whole of it.
const FIRST_LOOK: &str = "provisional: one replication of each variant";

/// The last finished run.
struct Last {
    resolved: Json,
    findings: Findings,
}

/// Runs a scenario now and after every save, until Ctrl-C.
///
/// # Errors
/// If a result or the page cannot be written.
pub(super) fn watch(
    job: &Job,
    file: &Path,
    changes: &Changes,
    control: &Control,
) -> Result<Exit, Error> {
    if file == Path::new("-") {
        return Err(Error::Usage("`--watch` needs a file, not stdin".into()));
    }
    let files = [&[file.to_owned()], changes.overlays.as_slice()].concat();
    let mut last: Option<Last> = None;
    let is_over = || control.stop.load(Ordering::Relaxed);
    while !is_over() {
        let seen = Saves::of(&files);
        let is_saved = || seen.is_changed();
        terminal::clear();
        let check = || match Input::read(file) {
            Ok(input) => input.check(changes, job.terminal),
            Err(error) => {
                job.terminal.complain(&error.to_string());
                None
            }
        };
        match check() {
            Some(ready) => round(job, &ready, &mut last, control, &is_saved)?,
            None => {
                if let Some(last) = &last {
                    job.terminal.tell("\nthe last good run:\n");
                    let n_lines = job.show(&last.findings, None)?;
                    if terminal::is_out_of_sight(n_lines) {
                        job.terminal
                            .tell("\nabove is the last good run; the file now:\n");
                        check();
                    }
                }
            }
        }
        saves::wait(is_over, is_saved);
    }
    Ok(Exit::Interrupted)
}

/// A sound file: a first look, then the whole of it.
fn round(
    job: &Job,
    ready: &Ready,
    last: &mut Option<Last>,
    control: &Control,
    is_saved: &(dyn Fn() -> bool + Sync),
) -> Result<(), Error> {
    let told = last.as_ref().map_or(Vec::new(), |last| {
        differences(&last.resolved, &ready.reading.resolved)
    });
    let tell_changes = || {
        for line in &told {
            job.terminal.tell(&format!("changed: {line}"));
        }
    };
    let hash = identity::hash(&ready.reading.resolved, &ready.cases);
    let limit = Until::after(job.max_time);
    let first: Vec<Case> = ready
        .cases
        .iter()
        .cloned()
        .map(of_one_replication)
        .collect();
    if ready.cases[0].system.plan.replications > 1 {
        let mut seen = until(control, is_saved, |stop| {
            job.simulate(ready, &first, (control, stop), limit)
        });
        seen.planned = ready.cases[0].system.plan.replications;
        let Some(findings) = job.findings(ready, &first, hash.clone(), &seen) else {
            return Ok(());
        };
        job.terminal.tell(FIRST_LOOK);
        tell_changes();
        let before = last.as_ref().map(|last| &last.findings);
        job.show_since(before, &findings, None)?;
    }
    let folder = job.folder(ready, &hash, control)?;
    let started = receipt::now();
    let finished = until(control, is_saved, |stop| {
        job.finish(ready, hash, (control, stop), limit)
    });
    let Some(Finished {
        ready: now,
        seen,
        findings,
    }) = finished
    else {
        return Ok(());
    };
    // Without a save or Ctrl-C it is `--max-time` that has ended it, and what is finished counts.
    let is_partial = findings.stamp.replications < findings.stamp.replications_planned;
    if is_partial && (is_saved() || control.stop.load(Ordering::Relaxed)) {
        return Ok(());
    }
    let beside = job.beside_findings(&now, &findings, &seen);
    let kept = job.keep((folder, beside), &now, &findings, started, seen.speed)?;
    tell_round(
        job,
        last.as_ref(),
        &findings,
        kept.as_deref(),
        &tell_changes,
    )?;
    *last = Some(Last {
        resolved: ready.reading.resolved.clone(),
        findings,
    });
    Ok(())
}

/// The whole page on a cleared screen: above it what was saved, below it what that has changed in the answer.
fn tell_round(
    job: &Job,
    last: Option<&Last>,
    findings: &Findings,
    folder: Option<&Path>,
    tell_changes: &dyn Fn(),
) -> Result<(), Error> {
    terminal::clear();
    tell_changes();
    let before = last.map(|last| &last.findings);
    let n_lines = job.show_since(before, findings, folder)?;
    if terminal::is_out_of_sight(n_lines) {
        job.terminal.tell("");
        tell_changes();
        job.terminal.tell(&report::verdict(findings));
    }
    if let Some(last) = last {
        for line in report::changes(&last.findings, findings) {
            job.terminal.tell(&line);
        }
    }
    Ok(())
}

fn of_one_replication(mut case: Case) -> Case {
    case.system.plan.replications = 1;
    case.system.plan.precision = None;
    case
}

/// Does something that ends early once its argument is set: after Ctrl-C, or when the file is saved again.
fn until<T>(
    control: &Control,
    is_saved: &(dyn Fn() -> bool + Sync),
    work: impl FnOnce(&AtomicBool) -> T,
) -> T {
    let (stop, is_done) = (AtomicBool::new(false), AtomicBool::new(false));
    thread::scope(|scope| {
        scope.spawn(|| {
            while !is_done.load(Ordering::Relaxed) {
                if control.stop.load(Ordering::Relaxed) || is_saved() {
                    stop.store(true, Ordering::Relaxed);
                    return;
                }
                thread::sleep(LOOK);
            }
        });
        let done = work(&stop);
        is_done.store(true, Ordering::Relaxed);
        done
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn work_ends_early_when_the_file_is_saved() {
        let control = Control::quiet();
        let ended = until(&control, &|| true, |stop| {
            while !stop.load(Ordering::Relaxed) {
                thread::yield_now();
            }
            true
        });
        assert!(ended);
    }
}
