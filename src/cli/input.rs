//! From a FILE argument to variants that can be simulated, or to everything that is wrong with it.

use super::args::Adjust;
use super::error::Error;
use super::terminal::Terminal;
use crate::compile::{self, Case};
use crate::diagnostic::{self, Diagnostic, Severity, Sources};
use crate::scenario::{self, Changes, Reading};
use std::fs::File;
use std::io::{self, Read};
use std::path::{Path, PathBuf};

/// Bytes of a scenario file that are accepted: a thousand services take less than a hundredth of it.
const LIMIT: u64 = 16 << 20;

/// A scenario file's text and what it is called.
#[derive(Clone, Debug)]
pub(super) struct Input {
    /// As given on the command line.
    pub(super) given: String,
    /// The name in messages: as given, or `<stdin>`.
    pub(super) name: String,
    /// The file's name without its extension; names the result's folder.
    pub(super) stem: String,
    /// The text.
    pub(super) text: String,
}

/// A scenario without errors.
#[derive(Debug)]
pub(super) struct Ready {
    /// What it was made from.
    pub(super) input: Input,
    /// What was read.
    pub(super) reading: Reading,
    /// A case for each variant, in file order.
    pub(super) cases: Vec<Case>,
    /// Suspicions, in order of place.
    pub(super) warnings: Vec<Diagnostic>,
    /// What places point into.
    pub(super) sources: Sources,
}

impl Input {
    /// Reads a file, or stdin for `-`.
    ///
    /// # Errors
    /// If it cannot be read, is not UTF-8, or is larger than any scenario.
    pub(super) fn read(path: &Path) -> Result<Self, Error> {
        let given = path.display().to_string();
        let is_stdin = path == Path::new("-");
        let path = if is_stdin { Path::new("<stdin>") } else { path };
        let bytes = if is_stdin {
            read_bounded(path, io::stdin().lock())
        } else {
            let file = File::open(path).map_err(|cause| unreadable(path, cause))?;
            read_bounded(path, file)
        }?;
        let text = String::from_utf8(bytes).map_err(|error| Error::NotText {
            path: path.to_owned(),
            offset: error.utf8_error().valid_up_to(),
        })?;
        let stem = path.file_stem().unwrap_or(path.as_os_str());
        Ok(Self {
            given,
            name: path.display().to_string(),
            stem: if is_stdin {
                "stdin".to_owned()
            } else {
                stem.to_string_lossy().into_owned()
            },
            text,
        })
    }

    /// Reads the scenario and compiles every variant. On an error, everything that is wrong has been told on stderr.
    pub(super) fn check(self, changes: &Changes, terminal: Terminal) -> Option<Ready> {
        let mut sources = Sources::default();
        let draft = scenario::read_draft(&mut sources, &self.name, &self.text, changes);
        let (cases, more) = match &draft.reading {
            Some(reading) => compile::compile_all(&reading.views),
            None => (None, compile::further(&draft)),
        };
        let (reading, mut found) = (draft.reading, draft.diagnostics);
        found.extend(more);
        found.sort_by_key(|one| one.place);
        let has_error = found.iter().any(|one| one.severity == Severity::Error);
        match (reading, cases) {
            (Some(reading), Some(cases)) if !has_error => Some(Ready {
                input: self,
                reading,
                cases,
                warnings: found,
                sources,
            }),
            _ => {
                assert!(has_error, "a refusal has a reason");
                terminal.tell(&diagnostic::render(&found, &sources, terminal.paint()));
                None
            }
        }
    }
}

/// Reads and checks all `files`; `None` if one of them has an error, after everything that is wrong with any of them has
/// been told on stderr.
///
/// # Errors
/// If stdin is asked for twice. A file that cannot be read is told like a mistake in it.
pub(super) fn check_all(
    files: &[PathBuf],
    changes: &Changes,
    terminal: Terminal,
) -> Result<Option<Vec<Ready>>, Error> {
    let is_stdin = |path: &&PathBuf| path.as_path() == Path::new("-");
    if files.iter().filter(is_stdin).count() > 1 {
        let message = "stdin (`-`) can be read only once";
        return Err(Error::Usage(message.into()));
    }
    let checked: Vec<Option<Ready>> = files
        .iter()
        .map(|path| match Input::read(path) {
            Ok(input) => input.check(changes, terminal),
            Err(error) => {
                terminal.complain(&error.to_string());
                None
            }
        })
        .collect();
    Ok(checked.into_iter().collect())
}

/// The changes that flags ask for.
pub(super) fn changes(adjust: &Adjust) -> Changes {
    Changes {
        overlays: adjust.overlays.clone(),
        set: adjust.set.clone(),
        variants: adjust.variants.clone(),
    }
}

fn read_bounded(path: &Path, from: impl Read) -> Result<Vec<u8>, Error> {
    let mut bytes = Vec::new();
    let read = from.take(LIMIT + 1).read_to_end(&mut bytes);
    let n = read.map_err(|cause| unreadable(path, cause))?;
    if n as u64 > LIMIT {
        return Err(Error::TooLarge {
            path: path.to_owned(),
            limit: LIMIT,
        });
    }
    Ok(bytes)
}

fn unreadable(path: &Path, cause: io::Error) -> Error {
    let path = path.to_owned();
    Error::Read { path, cause }
}
