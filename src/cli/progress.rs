//! How far a simulation is, on stderr: a bar on a terminal, a line now and then elsewhere, nothing if it is soon over.

use super::terminal;
use crate::report::Glyphs;
use indicatif::{
    HumanDuration, ProgressBar, ProgressDrawTarget, ProgressState, ProgressStyle, TermLike,
};
use std::fmt;
use std::io::{self, Write as _};
use std::mem;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

#[expect(clippy::disallowed_types, reason = "progress is about the wall clock")]
use std::time::Instant;

/// A run that takes less says nothing.
const SILENT: Duration = Duration::from_secs(1);
/// Bars are drawn at most so often a second.
const DRAWN: u8 = 10;
/// Lines come at most this often.
const LINE_EVERY: Duration = Duration::from_secs(5);

/// The progress of one simulation after another. Simulating threads write it, a ticking one shows it.
#[derive(Debug)]
pub(super) struct Progress {
    finished: AtomicUsize,
    planned: AtomicUsize,
    manner: Manner,
    glyphs: Glyphs,
    current: Mutex<Option<Current>>,
}

/// How progress is shown.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Manner {
    /// Not at all.
    Silent,
    /// A line that is redrawn.
    Bar,
    /// Lines.
    Lines,
}

/// The simulation being shown.
#[derive(Debug)]
#[expect(clippy::disallowed_types, reason = "progress is about the wall clock")]
struct Current {
    title: String,
    /// What is counted.
    of: &'static str,
    began: Instant,
    bar: Option<ProgressBar>,
    line_at: Duration,
}

impl Manner {
    /// What suits stderr, and the environment: a log of a build wants no line that is redrawn.
    pub(super) fn of_stderr() -> Self {
        let is_set = |ci: std::ffi::OsString| !ci.is_empty() && ci != "false";
        let is_ci = std::env::var_os("CI").is_some_and(is_set);
        if terminal::can_redraw() && !is_ci {
            Self::Bar
        } else {
            Self::Lines
        }
    }
}

impl Progress {
    /// Nothing has begun.
    pub(super) fn new(manner: Manner, glyphs: Glyphs) -> Self {
        Self {
            finished: AtomicUsize::new(0),
            planned: AtomicUsize::new(0),
            manner,
            glyphs,
            current: Mutex::new(None),
        }
    }

    /// A simulation of so many replications over all variants begins, or of so many of something else.
    #[expect(clippy::disallowed_types, reason = "progress is about the wall clock")]
    pub(super) fn begin(&self, title: &str, planned: usize, of: &'static str) {
        self.finished.store(0, Ordering::Relaxed);
        self.planned.store(planned, Ordering::Relaxed);
        *self.lock() = Some(Current {
            title: title.to_owned(),
            of,
            began: Instant::now(),
            bar: None,
            line_at: SILENT.max(LINE_EVERY / 2),
        });
    }

    /// `finished` replications of `planned` are done. From any thread; cheap.
    pub(super) fn set(&self, finished: usize, planned: usize) {
        self.planned.store(planned, Ordering::Relaxed);
        self.finished.fetch_max(finished, Ordering::Relaxed);
    }

    /// The simulation is over: the bar is gone when this returns.
    pub(super) fn end(&self) {
        if let Some(Current { bar: Some(bar), .. }) = self.lock().take() {
            bar.finish_and_clear();
        }
    }

    /// Tells something while a simulation goes on: the bar makes way for it.
    pub(super) fn aside(&self, tell: impl FnOnce()) {
        match self.lock().as_ref() {
            Some(Current { bar: Some(bar), .. }) => bar.suspend(tell),
            _ => tell(),
        }
    }

    /// Shows how far it is.
    pub(super) fn tick(&self) {
        if self.manner == Manner::Silent {
            return;
        }
        let mut current = self.lock();
        let Some(current) = current.as_mut() else {
            return;
        };
        let finished = self.finished.load(Ordering::Relaxed);
        let planned = self.planned.load(Ordering::Relaxed);
        let elapsed = current.began.elapsed();
        if elapsed < SILENT {
            return;
        }
        match self.manner {
            Manner::Silent => {}
            Manner::Bar => current.draw(finished, planned, self.glyphs),
            Manner::Lines => current.write(finished, planned, elapsed, self.glyphs),
        }
    }

    fn lock(&self) -> std::sync::MutexGuard<'_, Option<Current>> {
        self.current.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Current {
    fn draw(&mut self, finished: usize, planned: usize, glyphs: Glyphs) {
        let (title, of) = (&self.title, self.of);
        let bar = self.bar.get_or_insert_with(|| {
            let template = "{prefix} {wide_bar} {pos} of {len} {msg} · {elapsed}{left}";
            let template = glyphs.spelt(template.to_owned());
            let style = ProgressStyle::with_template(&template).expect("a fixed template");
            let (blocks, between) = match glyphs {
                Glyphs::Unicode => ("━╸─", " · "),
                Glyphs::Ascii => ("=>-", " - "),
            };
            let left = move |state: &ProgressState, text: &mut dyn fmt::Write| {
                left(between, state, text);
            };
            let place = Box::new(Stderr::default());
            let target = ProgressDrawTarget::term_like_with_hz(place, DRAWN);
            let bar = ProgressBar::with_draw_target(Some(0), target);
            bar.with_style(style.progress_chars(blocks).with_key("left", left))
                .with_prefix(glyphs.spelt(title.clone()))
                .with_message(of)
                .with_elapsed(self.began.elapsed())
        });
        bar.set_length(planned as u64);
        bar.set_position(finished as u64);
        bar.tick();
    }

    fn write(&mut self, finished: usize, planned: usize, elapsed: Duration, glyphs: Glyphs) {
        if elapsed < self.line_at || finished >= planned {
            return;
        }
        self.line_at = elapsed + LINE_EVERY;
        let line = line((&self.title, self.of), finished, planned, elapsed);
        // If nobody listens, nobody is told.
        let _ = writeln!(std::io::stderr(), "{}", glyphs.spelt(line));
    }
}

/// The time left, once it can be told.
fn left(between: &str, state: &ProgressState, text: &mut dyn fmt::Write) {
    if state.pos() > 0 {
        // A line that cannot be written is not shown.
        let _ = write!(text, "{between}{:#} left", HumanDuration(state.eta()));
    }
}

/// stderr as a place to draw on; what is drawn appears at once.
#[derive(Debug, Default)]
struct Stderr(Mutex<String>);

impl Stderr {
    fn add(&self, text: impl fmt::Display) -> io::Result<()> {
        let mut drawn = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        fmt::Write::write_fmt(&mut *drawn, format_args!("{text}")).map_err(io::Error::other)
    }

    fn go(&self, n: usize, way: char) -> io::Result<()> {
        if n == 0 {
            return Ok(());
        }
        self.add(format_args!("\u{1b}[{n}{way}"))
    }
}

impl TermLike for Stderr {
    fn width(&self) -> u16 {
        terminal::width_of_line()
    }

    fn move_cursor_up(&self, n: usize) -> io::Result<()> {
        self.go(n, 'A')
    }

    fn move_cursor_down(&self, n: usize) -> io::Result<()> {
        self.go(n, 'B')
    }

    fn move_cursor_right(&self, n: usize) -> io::Result<()> {
        self.go(n, 'C')
    }

    fn move_cursor_left(&self, n: usize) -> io::Result<()> {
        self.go(n, 'D')
    }

    fn write_line(&self, text: &str) -> io::Result<()> {
        self.add(format_args!("{text}\n"))
    }

    fn write_str(&self, text: &str) -> io::Result<()> {
        self.add(text)
    }

    fn clear_line(&self) -> io::Result<()> {
        self.add("\r\u{1b}[2K")
    }

    fn flush(&self) -> io::Result<()> {
        let mut drawn = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        terminal::redraw(&mem::take(&mut *drawn));
        Ok(())
    }
}

/// A line of progress, with the time left if that can be told.
fn line((title, of): (&str, &str), finished: usize, planned: usize, elapsed: Duration) -> String {
    let so_far = elapsed.as_secs();
    let told = format!("{title}: {finished} of {planned} {of} in {so_far}s");
    if finished == 0 {
        return told;
    }
    let left = elapsed.as_millis() * (planned - finished) as u128 / finished as u128;
    format!("{told}, about {}s left", left.div_ceil(1000))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_line_tells_the_time_left_once_it_is_known() {
        let elapsed = Duration::from_secs(4);
        assert_eq!(
            line(("a", "replications"), 0, 60, elapsed),
            "a: 0 of 60 replications in 4s"
        );
        assert_eq!(
            line(("a", "cases"), 20, 60, elapsed),
            "a: 20 of 60 cases in 4s, about 8s left"
        );
    }

    #[test]
    fn threads_that_report_late_do_not_turn_progress_back() {
        let progress = Progress::new(Manner::Silent, Glyphs::Unicode);
        progress.begin("a", 9, "cases");
        progress.set(3, 9);
        progress.set(2, 9);
        assert_eq!(progress.finished.load(Ordering::Relaxed), 3);
    }
}
