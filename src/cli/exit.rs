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
    /// Every way to end, by its number.
    pub(super) const ALL: [Self; 7] = [
        Self::Passed,
        Self::Failed,
        Self::NothingRan,
        Self::Undecided,
        Self::NotWritten,
        Self::Bug,
        Self::Interrupted,
    ];

    /// What it means, in a sentence.
    pub(super) const fn meaning(self) -> &'static str {
        match self {
            Self::Passed => "Every SLO line passed, or the command did what was asked.",
            Self::Failed => {
                "An SLO line failed: its interval lies on the wrong side of the target. Of `validate`: an answer is not met."
            }
            Self::NothingRan => {
                "Nothing ran: the arguments make no sense, a file cannot be read, or there is a mistake in a scenario. `check` tells them all."
            }
            Self::Undecided => {
                "No line failed, but one is undecided: its interval straddles the target. More replications, or a `precision`, decide it."
            }
            Self::NotWritten => {
                "The results could not be written; what could be printed has been printed. Or `--max-time` was over before a replication of each variant was finished."
            }
            Self::Bug => "A bug in brownout; the lines above name it.",
            Self::Interrupted => {
                "Ctrl-C: the first one writes what is finished, marked partial; the second stops at once. A watch always ends so."
            }
        }
    }

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
    fn every_way_to_end_is_listed_once_by_its_number() {
        assert!(Exit::ALL.map(Exit::code).is_sorted_by(|a, b| a < b));
        assert!(Exit::ALL.iter().all(|exit| exit.meaning().ends_with('.')));
    }

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
