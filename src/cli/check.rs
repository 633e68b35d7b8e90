//! `brownout check FILE…`: every mistake, nothing run.

use super::args;
use super::error::Error;
use super::exit::Exit;
use super::input::{self, Ready};
use super::terminal::Terminal;
use crate::diagnostic;
use std::fmt::Write as _;

/// Checks; tells what is wrong on stderr and what was understood on stdout.
///
/// # Errors
/// If stdout cannot be written.
pub(super) fn run(check: &args::Check, terminal: Terminal) -> Result<Exit, Error> {
    let changes = input::changes(&check.adjust);
    let Some(all) = input::check_all(&check.files, &changes, terminal)? else {
        return Ok(Exit::NothingRan);
    };
    let mut text = String::new();
    for ready in &all {
        if !ready.warnings.is_empty() {
            let rendered = diagnostic::render(&ready.warnings, &ready.sources, terminal.paint());
            terminal.tell(&rendered);
        }
        text += &understood(ready);
    }
    if !check.quiet {
        terminal.print(&text)?;
    }
    Ok(Exit::Passed)
}

/// One line: what the file holds.
fn understood(ready: &Ready) -> String {
    let mut line = format!("{}: no mistakes", ready.input.name);
    if let Some(view) = ready.reading.views.first() {
        let counts = [
            (ready.reading.views.len(), "variant"),
            (view.flows.len(), "flow"),
            (view.services.len(), "service"),
            (view.brokers.len(), "broker"),
            (view.faults.len(), "fault"),
            (view.slo.len(), "SLO line"),
        ];
        for (n, what) in counts.into_iter().filter(|&(n, _)| n > 0) {
            let s = if n == 1 { "" } else { "s" };
            write!(line, " · {n} {what}{s}").expect("a string takes any text");
        }
    }
    line.push('\n');
    line
}
