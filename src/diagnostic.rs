//! What is wrong with a scenario, where, and what would help.

use annotate_snippets::renderer::DecorStyle;
use annotate_snippets::{AnnotationKind, Level, Origin, Renderer, Snippet};

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

/// A stable code and what it means: a row of the tables of those who report mistakes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Code {
    /// `S…` for an error, `W…` for a warning.
    pub code: &'static str,
    /// One sentence for people.
    pub meaning: &'static str,
    /// What helps where a diagnostic has nothing better to say.
    pub help: &'static str,
}

/// What there is to know of a warning: what it means, why it matters, and how a line is mended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Lore {
    /// Which warning.
    pub code: &'static str,
    /// Two to four sentences: what it means, and why it matters.
    pub text: &'static str,
    /// A line that gives it, of `tests/lints/<code>.yaml`.
    pub line: &'static str,
    /// The same line, mended: it gives no warning any more.
    pub mended: &'static str,
}

impl Lore {
    /// The entry of a code.
    #[must_use]
    pub fn find(all: &'static [Self], code: &str) -> Option<&'static Self> {
        all.iter().find(|lore| lore.code == code)
    }
}

/// Gives every diagnostic that has no help of its own that of its code.
pub fn help_all(diagnostics: &mut [Diagnostic], codes: &[Code]) {
    for diagnostic in diagnostics.iter_mut().filter(|one| one.help.is_none()) {
        let code = codes.iter().find(|code| code.code == diagnostic.code);
        diagnostic.help = code.map(|code| code.help.to_owned());
    }
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

impl Diagnostic {
    /// An error without a place yet.
    #[must_use]
    pub fn error(code: &'static str, message: impl Into<String>) -> Self {
        Self {
            severity: Severity::Error,
            code,
            message: message.into(),
            place: None,
            label: None,
            help: None,
        }
    }

    /// A warning without a place yet.
    #[must_use]
    pub fn warning(code: &'static str, message: impl Into<String>) -> Self {
        Self {
            severity: Severity::Warning,
            ..Self::error(code, message)
        }
    }

    /// The same at a place.
    #[must_use]
    pub fn at(self, place: Place) -> Self {
        Self {
            place: Some(place),
            ..self
        }
    }

    /// The same with a text beside the underlined place.
    #[must_use]
    pub fn label(self, label: impl Into<String>) -> Self {
        Self {
            label: Some(label.into()),
            ..self
        }
    }

    /// The same with a line of help.
    #[must_use]
    pub fn help(self, help: impl Into<String>) -> Self {
        Self {
            help: Some(help.into()),
            ..self
        }
    }
}

/// The source texts that places point into.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Sources {
    /// Name and text of each, by index.
    pub texts: Vec<(String, String)>,
}

impl Sources {
    /// Adds a text and gives its index.
    ///
    /// # Panics
    /// With more than 2^16 texts.
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

/// The widest snippet, in columns; longer lines are cut around the underlined place.
const WIDTH: usize = 140;

/// Diagnostics as people read them: snippet, underline, label, help; in order of place; the closing line counts them.
/// Empty for no diagnostics.
#[must_use]
pub fn render(diagnostics: &[Diagnostic], sources: &Sources, paint: Paint) -> String {
    if diagnostics.is_empty() {
        return String::new();
    }
    let renderer = match paint {
        Paint::Plain => Renderer::plain(),
        Paint::Ansi => Renderer::styled(),
    };
    let renderer = renderer.decor_style(DecorStyle::Ascii).term_width(WIDTH);
    let mut ordered: Vec<&Diagnostic> = diagnostics.iter().collect();
    ordered.sort_by_key(|diagnostic| (diagnostic.place, diagnostic.code));
    let mut text = String::new();
    for diagnostic in ordered {
        text.push_str(&one(diagnostic, sources, &renderer));
        if let Some(help) = &diagnostic.help {
            let help = annotate_snippets::normalize_untrusted_str(help);
            let line = Level::HELP.secondary_title(help);
            let group = annotate_snippets::Group::with_title(line);
            text.push_str(renderer.render(&[group]).trim_end());
            text.push('\n');
        }
    }
    text.push('\n');
    text.push_str(&closing(diagnostics, sources));
    text.push('\n');
    text
}

/// Headline and snippet of one diagnostic, with a line break at the end.
fn one(diagnostic: &Diagnostic, sources: &Sources, renderer: &Renderer) -> String {
    let level = match diagnostic.severity {
        Severity::Error => Level::ERROR,
        Severity::Warning => Level::WARNING,
    };
    let message = annotate_snippets::normalize_untrusted_str(&diagnostic.message);
    let title = level.primary_title(message).id(diagnostic.code);
    let source = diagnostic
        .place
        .and_then(|place| Some((place, sources.texts.get(usize::from(place.file))?)));
    let group = match source {
        Some((place, (name, text))) => {
            let lines = Lines::around(text, place);
            let mut annotation = AnnotationKind::Primary.span(lines.from..lines.to);
            if let Some(label) = &diagnostic.label {
                annotation = annotation.label(label.clone());
            }
            title.element(
                Snippet::source(lines.text)
                    .path(name)
                    .line_start(lines.number)
                    .annotation(annotation),
            )
        }
        None => match sources.texts.first() {
            Some((name, _)) => title.element(Origin::path(name)),
            None => annotate_snippets::Group::with_title(title),
        },
    };
    let drawn = renderer.render(&[group]);
    // The library closes some snippets with an empty gutter; the help line follows directly.
    let mut lines: Vec<&str> = drawn.lines().collect();
    while lines.last().is_some_and(|line| line.trim() == "|") {
        lines.pop();
    }
    let mut text = lines.join("\n");
    text.push('\n');
    text
}

/// The lines a place touches, and the place within them.
struct Lines<'a> {
    text: &'a str,
    number: usize,
    from: usize,
    to: usize,
}

impl<'a> Lines<'a> {
    /// At most the first line of a longer place: what is wrong begins there.
    fn around(text: &'a str, place: Place) -> Self {
        let mut start = (place.start as usize).min(text.len());
        while !text.is_char_boundary(start) {
            start -= 1;
        }
        let line_start = text[..start].rfind('\n').map_or(0, |at| at + 1);
        let line = text[line_start..].lines().next().unwrap_or("");
        let from = (start - line_start).min(line.len());
        let mut to = (place.end as usize).saturating_sub(line_start);
        to = to.clamp(from, line.len());
        while !line.is_char_boundary(to) {
            to += 1;
        }
        Self {
            text: line,
            number: 1 + text[..line_start].matches('\n').count(),
            from,
            to,
        }
    }
}

/// `2 errors in checkout.yaml · nothing was run`.
fn closing(diagnostics: &[Diagnostic], sources: &Sources) -> String {
    let of = |severity| {
        let n = diagnostics.iter().filter(|d| d.severity == severity);
        n.count()
    };
    let (n_errors, n_warnings) = (of(Severity::Error), of(Severity::Warning));
    let counted = |n: usize, word: &str| match n {
        1 => format!("1 {word}"),
        n => format!("{n} {word}s"),
    };
    let mut line = match (n_errors, n_warnings) {
        (n, 0) => counted(n, "error"),
        (0, n) => counted(n, "warning"),
        (n, m) => format!("{} and {}", counted(n, "error"), counted(m, "warning")),
    };
    if let Some((name, _)) = sources.texts.first() {
        line.push_str(" in ");
        line.push_str(name);
    }
    if n_errors > 0 {
        line.push_str(" · nothing was run");
    }
    line
}

#[cfg(test)]
mod tests {
    use super::*;

    fn place(start: u32, end: u32) -> Place {
        Place {
            file: 0,
            start,
            end,
        }
    }

    fn check(text: &str, diagnostics: &[Diagnostic], expected: &str) {
        let mut sources = Sources::default();
        sources.add("s.yaml", text);
        assert_eq!(render(diagnostics, &sources, Paint::Plain), expected);
    }

    #[test]
    fn mistakes_come_in_order_of_place_and_are_counted() {
        let late = Diagnostic::error("S010", "`5` has no unit")
            .at(place(10, 11))
            .label("a duration needs a unit")
            .help("did you mean milliseconds? `5ms`");
        let early = Diagnostic::warning("W204", "é is early").at(place(0, 2));
        check(
            "é: 1\nbb: 5\n",
            &[late, early],
            "\
warning[W204]: é is early
 --> s.yaml:1:1
  |
1 | é: 1
  | ^
error[S010]: `5` has no unit
 --> s.yaml:2:5
  |
2 | bb: 5
  |     ^ a duration needs a unit
help: did you mean milliseconds? `5ms`

1 error and 1 warning in s.yaml · nothing was run
",
        );
    }

    #[test]
    fn warnings_alone_stop_nothing_and_no_place_is_the_file() {
        let warning = Diagnostic::warning("W201", "too much work");
        check(
            "a: 1\n",
            &[warning],
            "warning[W201]: too much work\n--> s.yaml\n\n1 warning in s.yaml\n",
        );
        check("a: 1\n", &[], "");
    }

    #[test]
    fn a_place_beyond_the_text_or_within_a_character_is_no_bug() {
        let mut sources = Sources::default();
        sources.add("s.yaml", "é\n");
        for (start, end) in [(1, 1), (0, 1), (3, 9), (99, 100), (2, 2)] {
            let diagnostic = Diagnostic::error("S001", "odd").at(place(start, end));
            let text = render(std::slice::from_ref(&diagnostic), &sources, Paint::Plain);
            assert!(text.starts_with("error[S001]: odd\n"), "{text}");
            let painted = render(&[diagnostic], &sources, Paint::Ansi);
            assert!(painted.contains('\u{1b}'), "{painted}");
        }
    }
}
