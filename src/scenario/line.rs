//! An SLO line, read.

use crate::diagnostic::Place;
use crate::kernel::units::Op;

/// A word of a line and where it stands.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Word {
    /// The word; a target in canonical form.
    pub(super) text: String,
    /// Where it stands.
    pub(super) place: Place,
}

/// A line, read.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Line {
    /// The flow, if one is named.
    pub(super) flow: Option<Word>,
    /// The metric.
    pub(super) metric: Word,
    /// Its argument.
    pub(super) argument: Option<Word>,
    /// The statistic.
    pub(super) stat: Option<Word>,
    /// The comparison.
    pub(super) op: Op,
    /// The target.
    pub(super) target: Word,
    /// `during`, `after` or `outside`, and a fault.
    pub(super) scope: Option<(Word, Word)>,
}

impl Line {
    /// The line in canonical form: one blank between words.
    pub(super) fn text(&self) -> String {
        let metric = match &self.argument {
            Some(argument) => format!("{}({})", self.metric.text, argument.text),
            None => self.metric.text.clone(),
        };
        let mut words: Vec<&str> = Vec::new();
        words.extend(self.flow.iter().map(|flow| flow.text.as_str()));
        words.push(&metric);
        words.extend(self.stat.iter().map(|stat| stat.text.as_str()));
        words.extend([self.op.word(), &self.target.text]);
        if let Some((scope, fault)) = &self.scope {
            words.extend([scope.text.as_str(), &fault.text]);
        }
        words.join(" ")
    }
}
