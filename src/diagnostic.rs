//! What is wrong with a scenario, where, and what would help.

/// Where something was written: a file and a byte range in it. Values given by `--set` live in a file of their own
/// named `--set`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Place {
    /// Which source text (index into [`Sources`]).
    pub file: u16,
    /// First byte.
    pub start: u32,
    /// First byte after.
    pub end: u32,
}

/// Error or warning.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Severity {
    /// Nothing is run.
    Error,
    /// The run goes on; the report shows it.
    Warning,
}

/// One mistake or suspicion.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Diagnostic {
    /// Error or warning.
    pub severity: Severity,
    /// Stable code, `S…` for errors and `W…` for warnings.
    pub code: &'static str,
    /// What is wrong: lower case, no full stop, names the thing and the value.
    pub message: String,
    /// Where; `None` for the file as a whole.
    pub place: Option<Place>,
    /// Short text beside the underlined place.
    pub label: Option<String>,
    /// What would help.
    pub help: Option<String>,
}
