//! `brownout validate [CASE…]`: cases with known answers, run by this program.

use super::args::{self, Table};
use super::error::Error;
use super::exit::Exit;
use super::progress::Manner;
use super::supervisor::{self, Control};
use super::terminal::Terminal;
use crate::validation::{self, Case, Outcome};
use std::ffi::OsStr;
use std::fs;
use std::num::NonZero;
use std::path::Path;
use std::sync::OnceLock;
use std::sync::atomic::{AtomicUsize, Ordering};

/// Runs the cases; a table on stdout.
///
/// # Errors
/// If a case is asked for that there is not, or stdout cannot be written.
pub(super) fn run(validate: &args::Validate, terminal: Terminal) -> Result<Exit, Error> {
    let all = match &validate.from {
        Some(folder) => validation::cases(&files(folder)?),
        None => validation::shipped(),
    };
    let cases = all.and_then(|all| validation::find(all, &validate.cases));
    let cases = cases.map_err(Error::Usage)?;
    let manner = if validate.quiet {
        Manner::Silent
    } else {
        Manner::of_stderr()
    };
    let (jobs, format) = (validate.jobs, validate.format);
    supervisor::supervise(manner, terminal, move |control| {
        let Some(outcomes) = run_all(&cases, jobs, control) else {
            terminal.tell("interrupted before every case was run");
            return Ok(Exit::Interrupted);
        };
        let outcomes: Vec<Outcome> = outcomes
            .into_iter()
            .collect::<Result<_, _>>()
            .map_err(Error::Usage)?;
        terminal.print(&match format {
            Table::Markdown => validation::markdown(&outcomes),
            Table::Human => validation::page(&outcomes),
        })?;
        Ok(if outcomes.iter().all(Outcome::is_met) {
            Exit::Passed
        } else {
            Exit::Failed
        })
    })
}

/// The files of a folder: their names and texts.
fn files(folder: &Path) -> Result<Vec<(String, String)>, Error> {
    let unread = |path: &Path| {
        let path = path.to_owned();
        move |cause| Error::Read { path, cause }
    };
    let mut files = Vec::new();
    for entry in fs::read_dir(folder).map_err(unread(folder))? {
        let path = entry.map_err(unread(folder))?.path();
        let is_ours = |extension: &OsStr| extension == "yaml" || extension == "json";
        if path.extension().is_some_and(is_ours) {
            let text = fs::read_to_string(&path).map_err(unread(&path))?;
            let name = path.file_name().unwrap_or_default();
            files.push((name.to_string_lossy().into_owned(), text));
        }
    }
    files.sort();
    Ok(files)
}

/// What each case came to, in order; `None` if they were stopped. Cases are spread over threads, each is run on one.
fn run_all(
    cases: &[Case],
    jobs: Option<u16>,
    control: &Control,
) -> Option<Vec<Result<Outcome, String>>> {
    let places: Vec<OnceLock<Result<Outcome, String>>> = std::iter::repeat_with(OnceLock::new)
        .take(cases.len())
        .collect();
    let (next, finished) = (AtomicUsize::new(0), AtomicUsize::new(0));
    let work = || {
        while !control.stop.load(Ordering::Relaxed) {
            let idx = next.fetch_add(1, Ordering::Relaxed);
            let (Some(case), Some(place)) = (cases.get(idx), places.get(idx)) else {
                break;
            };
            if let Some(outcome) = validation::run(case, 1, &control.stop).transpose() {
                assert!(place.set(outcome).is_ok(), "each case is taken once");
                let n = finished.fetch_add(1, Ordering::Relaxed) + 1;
                control.progress.set(n, cases.len());
            }
        }
    };
    control.progress.begin("validate", cases.len(), "cases");
    let threads = jobs.map_or_else(
        || std::thread::available_parallelism().map_or(1, NonZero::get),
        usize::from,
    );
    std::thread::scope(|scope| {
        for _ in 1..threads.min(cases.len()) {
            scope.spawn(work);
        }
        work();
    });
    control.progress.end();
    places.into_iter().map(OnceLock::into_inner).collect()
}
