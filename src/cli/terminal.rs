//! stdout and stderr: colour, width, and a closed pipe that is nobody's mistake.

use super::error::Error;
use crate::diagnostic::Paint;
use crate::report;
use anstream::stream::{AsLockedWrite, RawStream};
use anstream::{AutoStream, ColorChoice};
use std::io::{self, IsTerminal as _, Write};

/// The width of a page that nobody has asked to be wider or narrower.
pub(super) const WIDTH: usize = 98;
/// Narrower than this, nothing is laid out.
const WIDTH_MIN: usize = 40;
/// Wider than this, lines are hard to follow.
const WIDTH_MAX: usize = 200;

/// Columns that a Ctrl-C typed twice is echoed in.
const ECHO: usize = 4;

/// How to talk to who started us.
#[derive(Clone, Copy, Debug)]
pub(super) struct Terminal {
    color: ColorChoice,
    glyphs: report::Glyphs,
    detail: report::Detail,
}

impl Terminal {
    /// `color` as asked for on the command line; with `Auto`, `NO_COLOR`, `CLICOLOR`, `CLICOLOR_FORCE`, `TERM` and whether
    /// there is a terminal decide, for each stream.
    pub(super) const fn new(color: ColorChoice) -> Self {
        Self {
            color,
            glyphs: report::Glyphs::Unicode,
            detail: report::Detail::Usual,
        }
    }

    /// The same with these glyphs, and so much on a page.
    pub(super) const fn with(self, glyphs: report::Glyphs, detail: report::Detail) -> Self {
        Self {
            glyphs,
            detail,
            ..self
        }
    }

    /// Is everything to be told?
    pub(super) fn is_verbose(self) -> bool {
        self.detail == report::Detail::Full
    }

    /// The glyphs of pages and messages.
    pub(super) const fn glyphs(self) -> report::Glyphs {
        self.glyphs
    }

    /// How a page for stdout looks.
    pub(super) fn look(self) -> report::Look {
        report::Look {
            width: width(),
            glyphs: self.glyphs,
            detail: self.detail,
            color: if self.is_colored(&io::stdout()) {
                report::Color::Always
            } else {
                report::Color::Never
            },
        }
    }

    /// How diagnostics for stderr look.
    pub(super) fn paint(self) -> Paint {
        if self.is_colored(&io::stderr()) {
            Paint::Ansi
        } else {
            Paint::Plain
        }
    }

    fn is_colored(self, stream: &impl RawStream) -> bool {
        let choice = match self.color {
            ColorChoice::Auto => AutoStream::choice(stream),
            given => given,
        };
        choice != ColorChoice::Never
    }

    /// Writes the result. A closed pipe (`| head`) is success: who reads has read enough.
    ///
    /// # Errors
    /// If stdout cannot be written for another reason (a full disk, say).
    pub(super) fn print(self, text: &str) -> Result<(), Error> {
        let mut stdout = AutoStream::new(io::stdout(), self.color).lock();
        let written = stdout
            .write_all(text.as_bytes())
            .and_then(|()| stdout.flush());
        match written {
            Err(cause) if cause.kind() != io::ErrorKind::BrokenPipe => Err(Error::Print(cause)),
            _ => Ok(()),
        }
    }

    /// Writes to stderr what is not the result. If nobody listens there, nobody is told.
    pub(super) fn tell(self, text: &str) {
        let mut stderr = AutoStream::new(io::stderr(), self.color).lock();
        let text = self.glyphs.spelt(text.trim_end_matches('\n').to_owned());
        let _ = writeln!(stderr, "{text}");
    }

    /// Says that something went wrong.
    pub(super) fn complain(self, message: &str) {
        let red = anstyle::AnsiColor::Red.on_default().bold();
        self.tell(&format!("{red}error{red:#}: {message}"));
    }
}

/// Is stderr a terminal?
pub(super) fn is_watched() -> bool {
    io::stderr().is_terminal()
}

/// Begins a new page, if both streams are a terminal that can.
pub(super) fn clear() {
    if can_redraw() && io::stdout().is_terminal() {
        raw(io::stdout(), "\u{1b}[2J\u{1b}[3J\u{1b}[H");
    }
}

/// Are lines that were followed by so many others on stdout out of sight, above the upper edge of a terminal?
pub(super) fn is_out_of_sight(n_lines: usize) -> bool {
    let size = terminal_size::terminal_size_of(io::stdout());
    can_redraw() && size.is_some_and(|(_, rows)| usize::from(rows.0) <= n_lines)
}

/// Writes escapes that are no colour, and so are none of `NO_COLOR`'s business. If nobody looks, nobody is shown.
fn raw(stream: impl RawStream + AsLockedWrite, text: &str) {
    let mut stream = AutoStream::new(stream, ColorChoice::Always);
    let written = stream.write_all(text.as_bytes());
    let _ = written.and_then(|()| stream.flush());
}

/// Writes to stderr what redraws a line.
pub(super) fn redraw(text: &str) {
    raw(io::stderr(), text);
}

/// Columns of a line that is redrawn: those of stderr's terminal up to the usual width, without some at its edge. There a Ctrl-C is
/// echoed, and goes when the line is drawn again; below the line it would stay, and the line too.
pub(super) fn width_of_line() -> u16 {
    let known = terminal_size::terminal_size_of(io::stderr());
    let columns = known.map_or(WIDTH, |(width, _)| WIDTH.min(width.0.into()));
    let columns = columns.saturating_sub(ECHO).max(1);
    u16::try_from(columns).unwrap_or(u16::MAX)
}

/// Is stderr a terminal on which a line can be redrawn?
pub(super) fn can_redraw() -> bool {
    is_watched() && std::env::var_os("TERM").is_none_or(|term| term != "dumb")
}

/// Columns of a page: `COLUMNS`, else the terminal's up to the usual width, else the usual width.
fn width() -> usize {
    let asked = std::env::var("COLUMNS").ok();
    let asked = asked.and_then(|columns| columns.trim().parse::<usize>().ok());
    asked.map_or_else(
        || {
            let terminal = terminal_size::terminal_size_of(io::stdout());
            terminal.map_or(WIDTH, |(width, _)| {
                usize::from(width.0).clamp(WIDTH_MIN, WIDTH)
            })
        },
        |columns| columns.clamp(WIDTH_MIN, WIDTH_MAX),
    )
}
