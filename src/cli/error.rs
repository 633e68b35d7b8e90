//! What the world did to us: files, pipes, signals. Mistakes in a scenario are `Diagnostic`s instead.

use std::fmt;
use std::io;
use std::path::{Path, PathBuf};

/// Why a command could not do its work.
#[derive(Debug)]
pub(super) enum Error {
    /// Arguments that make no sense together.
    Usage(String),
    /// A scenario could not be read.
    Read {
        /// The file, or `<stdin>`.
        path: PathBuf,
        /// What the system said.
        cause: io::Error,
    },
    /// A scenario is larger than any scenario.
    TooLarge {
        /// The file.
        path: PathBuf,
        /// Bytes that would have been accepted.
        limit: u64,
    },
    /// A scenario is not UTF-8.
    NotText {
        /// The file.
        path: PathBuf,
        /// First byte that is not.
        offset: usize,
    },
    /// A result could not be written.
    Write {
        /// The file or folder.
        path: PathBuf,
        /// What the system said.
        cause: io::Error,
    },
    /// stdout could not be written (and is not just closed).
    Print(io::Error),
    /// A chart or table could not be made.
    Draw(String),
    /// Ctrl-C cannot be listened for.
    Signals(io::Error),
}

impl Error {
    /// A failed read of `path`, to be used with `map_err`.
    pub(super) fn read(path: &Path) -> impl FnOnce(io::Error) -> Self {
        let path = path.to_owned();
        move |cause| Self::Read { path, cause }
    }

    /// A failed write of `path`, to be used with `map_err`.
    pub(super) fn write(path: &Path) -> impl FnOnce(io::Error) -> Self {
        let path = path.to_owned();
        move |cause| Self::Write { path, cause }
    }
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Usage(message) => f.write_str(message),
            Self::Read { path, cause } => write!(f, "cannot read `{}`: {cause}", path.display()),
            Self::TooLarge { path, limit } => {
                let mib = limit / (1 << 20);
                write!(
                    f,
                    "`{}` is larger than {mib} MiB: not a scenario",
                    path.display()
                )
            }
            Self::NotText { path, offset } => {
                write!(f, "`{}` is not UTF-8: see byte {offset}", path.display())
            }
            Self::Write { path, cause } => write!(f, "cannot write `{}`: {cause}", path.display()),
            Self::Print(cause) => write!(f, "cannot write to stdout: {cause}"),
            Self::Draw(cause) => write!(f, "cannot make the report: {cause}"),
            Self::Signals(cause) => write!(f, "cannot listen for Ctrl-C: {cause}"),
        }
    }
}

impl std::error::Error for Error {}
