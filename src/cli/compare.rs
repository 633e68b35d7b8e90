//! `brownout compare A B`: two results, or two scenarios that are run for it, side by side.

use super::args;
use super::error::Error;
use super::exit::Exit;
use super::identity;
use super::input::Input;
use super::job::Job;
use super::progress::Manner;
use super::results;
use super::side::{self, Side};
use super::supervisor::{Control, supervise};
use super::terminal::Terminal;
use super::until::Until;
use crate::scenario::Changes;

/// Compares; runs what is a scenario. Exit code 1 if an SLO line breaks that did not.
///
/// # Errors
/// If one of them cannot be read.
pub(super) fn run(asked: args::Compare, terminal: Terminal) -> Result<Exit, Error> {
    let manner = if asked.quiet {
        Manner::Silent
    } else {
        Manner::of_stderr()
    };
    supervise(manner, terminal, move |control| {
        let mut sides = Vec::new();
        for word in [&asked.before, &asked.after] {
            match one_of(word, &asked, control, terminal)? {
                Some(side) => sides.push(side),
                None => return Ok(Exit::NothingRan),
            }
        }
        let [before, after] = &sides[..] else {
            return Ok(Exit::NothingRan);
        };
        side::tell(before, after, asked.format, terminal)
    })
}

/// A result's folder, or a scenario's file; `None` if the scenario has mistakes, which have been told.
fn one_of(
    word: &str,
    asked: &args::Compare,
    control: &Control,
    terminal: Terminal,
) -> Result<Option<Side>, Error> {
    let path = results::place(word, &asked.out)?;
    if path.is_dir() {
        return side::of_result(&path, terminal);
    }
    let input = Input::read(&path)?;
    let Some(ready) = input.check(&Changes::default(), terminal) else {
        return Ok(None);
    };
    let job = Job::quiet(asked.jobs, terminal);
    let hash = identity::hash(&ready.reading.resolved, &ready.cases);
    let until = Until::after(None);
    let finished = job.finish(&ready, hash, (control, &control.stop), until);
    Ok(finished.map(|finished| Side {
        resolved: finished.ready.reading.resolved.clone(),
        findings: finished.findings,
    }))
}
