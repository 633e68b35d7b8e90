//! Collecting what is wrong: passes report and go on.

use super::codes;
use crate::diagnostic::{Code, Diagnostic, Place, Severity, help_all};

/// Everything found so far.
#[derive(Default)]
pub(crate) struct Mistakes {
    found: Vec<Diagnostic>,
}

/// A mistake just reported, to be given more words.
pub(crate) struct Note<'a>(&'a mut Diagnostic);

impl Mistakes {
    /// Reports an error.
    pub(crate) fn error(
        &mut self,
        code: Code,
        place: impl Into<Option<Place>>,
        message: impl Into<String>,
    ) -> Note<'_> {
        self.add(Severity::Error, code, place.into(), message.into())
    }

    /// Reports a warning.
    pub(crate) fn warn(
        &mut self,
        code: Code,
        place: impl Into<Option<Place>>,
        message: impl Into<String>,
    ) -> Note<'_> {
        self.add(Severity::Warning, code, place.into(), message.into())
    }

    /// Reports that `name` is no `kind` (a singular noun), with the likeliest known name.
    pub(crate) fn unknown<'n>(
        &mut self,
        code: Code,
        place: Place,
        kind: &str,
        name: &str,
        known: impl IntoIterator<Item = &'n str>,
    ) -> Note<'_> {
        let known: Vec<&str> = known.into_iter().collect();
        let help = did_you_mean(name, &known).unwrap_or_else(|| match known.as_slice() {
            [] => format!("no {kind} is declared"),
            some => format!("known: {}", listed(some)),
        });
        self.error(code, place, format!("unknown {kind} `{name}`"))
            .help(help)
    }

    /// Is there an error among them?
    pub(crate) fn has_error(&self) -> bool {
        self.found
            .iter()
            .any(|found| found.severity == Severity::Error)
    }

    /// All of them, in order of place.
    pub(crate) fn into_sorted(mut self) -> Vec<Diagnostic> {
        self.found.sort_by_key(|found| found.place);
        help_all(&mut self.found, codes::CODES);
        self.found
    }

    fn add(
        &mut self,
        severity: Severity,
        code: Code,
        place: Option<Place>,
        message: String,
    ) -> Note<'_> {
        self.found.push(Diagnostic {
            severity,
            code: code.code,
            message,
            place,
            label: None,
            help: None,
        });
        Note(self.found.last_mut().expect("one was just pushed"))
    }
}

impl Note<'_> {
    /// Says what would help.
    pub(crate) fn help(self, text: impl Into<String>) -> Self {
        self.0.help = Some(text.into());
        self
    }

    /// Says something beside the underlined place.
    pub(crate) fn label(self, text: impl Into<String>) -> Self {
        self.0.label = Some(text.into());
        self
    }
}

/// ``did you mean `payment`?`` if a known name is near enough.
pub(crate) fn did_you_mean(name: &str, known: &[&str]) -> Option<String> {
    let near = name.chars().count().div_ceil(3).max(1);
    known
        .iter()
        .map(|known| (strsim::damerau_levenshtein(name, known), known))
        .filter(|&(distance, _)| distance <= near)
        .min_by_key(|&(distance, _)| distance)
        .map(|(_, known)| format!("did you mean `{known}`?"))
}

/// `` `a`, `b` and 3 more ``.
pub(crate) fn listed<S: AsRef<str>>(names: &[S]) -> String {
    const SHOWN: usize = 6;
    let mut text = names
        .iter()
        .take(SHOWN)
        .map(|name| format!("`{}`", name.as_ref()))
        .collect::<Vec<_>>()
        .join(", ");
    if names.len() > SHOWN {
        text = format!("{text} and {} more", names.len() - SHOWN);
    }
    text
}
