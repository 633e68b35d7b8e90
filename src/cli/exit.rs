//! What happened, as an exit code.

use super::error::Error;
use crate::analysis::{Findings, Verdict};
use std::process::ExitCode;

/// What happened. The order is how much it matters: of several files, the worst speaks.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Exit {
    /// Every SLO line passed.
    Passed,
    /// Nothing failed, but a line is undecided.
    Undecided,
    /// An SLO line failed.
    Failed,
    /// Nothing ran: usage, or a bad scenario.
    NothingRan,
    /// The results could not be written.
    NotWritten,
    /// Ctrl-C.
    Interrupted,
    /// Our bug.
    Bug,
}

impl Exit {
    /// The number the process ends with.
    pub(super) const fn code(self) -> u8 {
        match self {
            Self::Passed => 0,
            Self::Failed => 1,
            Self::NothingRan => 2,
            Self::Undecided => 3,
            Self::NotWritten => 4,
            Self::Bug => 101,
            Self::Interrupted => 130,
        }
    }

    /// What the verdicts of a run say.
    pub(super) fn of(findings: &Findings) -> Self {
        let cells = findings.objectives.iter().flat_map(|line| &line.cells);
        let worst = cells.map(|cell| match cell.verdict {
            Verdict::Pass | Verdict::NotBound => Self::Passed,
            Verdict::Undecided => Self::Undecided,
            Verdict::Fail => Self::Failed,
        });
        worst.max().unwrap_or(Self::Passed)
    }
}

impl From<Exit> for ExitCode {
    fn from(exit: Exit) -> Self {
        exit.code().into()
    }
}

impl From<&Error> for Exit {
    fn from(error: &Error) -> Self {
        match error {
            Error::Usage(_)
            | Error::Read { .. }
            | Error::TooLarge { .. }
            | Error::NotText { .. }
            | Error::Signals(_) => Self::NothingRan,
            Error::Write { .. } | Error::Print(_) | Error::Draw(_) => Self::NotWritten,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::Exit;

    #[test]
    fn the_worst_of_several_files_speaks() {
        let order = [
            Exit::Passed,
            Exit::Undecided,
            Exit::Failed,
            Exit::NothingRan,
            Exit::NotWritten,
            Exit::Interrupted,
        ];
        assert!(order.is_sorted());
        assert_eq!(order.map(Exit::code), [0, 3, 1, 2, 4, 130]);
    }
}
