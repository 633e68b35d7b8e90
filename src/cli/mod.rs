//! The command line: one file per command.
//!
//! ```text
//! arguments ─ args ─▶ a command ─ input ─▶ read and compiled ─ supervisor ─▶ simulated ─ folder ─▶ files ─ terminal ─▶ stdout
//! ```
//!
//! stdout is the result, stderr everything else. This is the only floor that reads the clock, the environment or a
//! directory; nothing it reads there reaches a result, save `run.json`.

mod args;
mod check;
mod compare;
mod completions;
mod error;
mod exit;
mod explain;
mod folder;
mod identity;
mod input;
mod job;
mod man;
mod merge;
mod new;
mod progress;
mod receipt;
mod report;
mod results;
mod run;
mod saves;
mod schema;
mod show;
mod side;
mod supervisor;
mod terminal;
mod until;
mod validate;
mod watch;
mod words;

use args::Command;
use exit::Exit;
use std::process::ExitCode;
use terminal::Terminal;

/// Runs the program on the process's arguments.
///
/// The exit code: 0 every SLO line passed · 1 one failed · 2 nothing ran (usage, bad scenario) · 3 none failed but one is
/// undecided · 4 could not write · 130 interrupted. A panic (101) is our bug.
#[must_use]
pub fn main() -> ExitCode {
    let written: Vec<String> = std::env::args_os()
        .skip(1)
        .map(|arg| arg.to_string_lossy().into_owned())
        .collect();
    let args = match args::parse() {
        Ok(args) => args,
        Err(exit) => return exit.into(),
    };
    let terminal = Terminal::new(args.color);
    let exit = match args.command {
        Command::Run(run) => run::run(&run, written, terminal),
        Command::Check(check) => check::run(check, terminal),
        Command::Compare(asked) => compare::run(asked, terminal),
        Command::Report(asked) => report::run(&asked, terminal),
        Command::Merge(asked) => merge::run(&asked, written, terminal),
        Command::Show(show) => show::run(&show, terminal),
        Command::Schema(schema) => schema::run(schema, terminal),
        Command::Explain(explain) => explain::run(&explain, terminal),
        Command::New(new) => new::run(&new, terminal),
        Command::Validate(validate) => validate::run(&validate, terminal),
        Command::Completions(completions) => completions::run(completions, terminal),
        Command::Man(man) => man::run(&man, terminal),
    };
    let exit = exit.unwrap_or_else(|error| {
        terminal.complain(&error.to_string());
        Exit::from(&error)
    });
    exit.into()
}
