//! `brownout show FILE`: every value with its origin.

use super::args;
use super::error::Error;
use super::exit::Exit;
use super::input;
use super::terminal::Terminal;
use std::slice;

/// Prints the scenario with every default filled in.
///
/// # Errors
/// If stdout cannot be written.
pub(super) fn run(show: &args::Show, terminal: Terminal) -> Result<Exit, Error> {
    let changes = input::changes(&show.adjust);
    let Some(all) = input::check_all(slice::from_ref(&show.file), &changes, terminal)? else {
        return Ok(Exit::NothingRan);
    };
    for ready in &all {
        terminal.print(&ready.reading.shown)?;
    }
    Ok(Exit::Passed)
}
