//! `brownout schema`: for editors, and for readers of results.

use super::args::{self, SchemaOf};
use super::error::Error;
use super::exit::Exit;
use super::terminal::Terminal;
use crate::{report, scenario};

/// Prints a JSON Schema.
///
/// # Errors
/// If stdout cannot be written.
pub(super) fn run(schema: args::Schema, terminal: Terminal) -> Result<Exit, Error> {
    let text = match schema.of {
        SchemaOf::Scenario => scenario::schema(),
        SchemaOf::Summary => report::summary_schema(),
    };
    terminal.print(&format!("{}\n", text.trim_end()))?;
    Ok(Exit::Passed)
}
