//! `brownout show FILE`: every value with its origin, or who reaches whom as a diagram.

use super::args::{self, DiagramOf};
use super::error::Error;
use super::exit::Exit;
use super::input::{self, Ready};
use super::terminal::Terminal;
use crate::report::{self, Diagram};
use std::slice;

/// Prints the scenario with every default filled in, or the diagrams of its variants.
///
/// # Errors
/// If stdout cannot be written.
pub(super) fn run(show: &args::Show, terminal: Terminal) -> Result<Exit, Error> {
    let changes = input::changes(&show.adjust);
    let Some(all) = input::check_all(slice::from_ref(&show.file), &changes, terminal)? else {
        return Ok(Exit::NothingRan);
    };
    for ready in &all {
        let text = match show.diagram {
            None => ready.reading.shown.clone(),
            Some(form) => drawn(ready, form),
        };
        terminal.print(&text)?;
    }
    Ok(Exit::Passed)
}

fn drawn(ready: &Ready, form: DiagramOf) -> String {
    let form = match form {
        DiagramOf::Mermaid => Diagram::Mermaid,
        DiagramOf::Dot => Diagram::Dot,
        DiagramOf::Structurizr => Diagram::Structurizr,
    };
    let title = &ready.reading.views[0].name;
    report::topology(title, &ready.cases, form)
}
