//! What is wrong with a quantity.

use std::fmt;

/// What is wrong with a quantity, and what was probably meant.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct UnitMistake {
    /// Lower case, no full stop, names the value: `` `800` has no unit ``.
    pub message: String,
    /// What would help: ``did you mean milliseconds? `800ms` ``.
    pub help: Option<String>,
}

impl UnitMistake {
    pub(super) fn new(message: impl Into<String>) -> Self {
        Self {
            message: message.into(),
            help: None,
        }
    }

    pub(super) fn with_help(self, help: impl Into<String>) -> Self {
        Self {
            help: Some(help.into()),
            ..self
        }
    }

    pub(super) fn did_you_mean(self, likely: &str) -> Self {
        self.with_help(format!("did you mean `{likely}`?"))
    }
}

impl fmt::Display for UnitMistake {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.message)?;
        self.help.iter().try_for_each(|help| write!(f, "; {help}"))
    }
}

impl std::error::Error for UnitMistake {}
