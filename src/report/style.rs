//! Colour and weight for a terminal, or nothing.

use super::Color;
use crate::analysis::Verdict;
use anstyle::{AnsiColor, Style};

/// Writes escapes, or leaves text as it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Paint {
    color: Color,
}

impl Paint {
    /// No escapes.
    pub(super) const PLAIN: Self = Self {
        color: Color::Never,
    };

    /// Escapes if wanted.
    pub(super) fn new(color: Color) -> Self {
        Self { color }
    }

    /// Bold.
    pub(super) fn strong(self, text: &str) -> String {
        self.with(Style::new().bold(), text)
    }

    /// Grey.
    pub(super) fn dim(self, text: &str) -> String {
        self.with(Style::new().dimmed(), text)
    }

    /// Yellow, for warnings.
    pub(super) fn warning(self, text: &str) -> String {
        self.with(AnsiColor::Yellow.on_default().bold(), text)
    }

    /// Green, red or yellow by verdict.
    pub(super) fn verdict(self, verdict: Verdict, text: &str) -> String {
        let style = match verdict {
            Verdict::Pass => AnsiColor::Green.on_default(),
            Verdict::Fail => AnsiColor::Red.on_default(),
            Verdict::Undecided => AnsiColor::Yellow.on_default(),
            Verdict::NotBound => return text.to_owned(),
        };
        self.with(style, text)
    }

    fn with(self, style: Style, text: &str) -> String {
        match self.color {
            Color::Never => text.to_owned(),
            Color::Always if text.trim().is_empty() => text.to_owned(),
            Color::Always => format!("{style}{text}{style:#}"),
        }
    }
}
