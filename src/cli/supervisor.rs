//! Waits: for the work, for Ctrl-C, for the next tick of the progress.
//!
//! ```text
//!                    ┌ done ──────────────▶ its answer
//! work ∥ select! ────┼ first Ctrl-C ──────▶ `stop` is set: the work ends after the replications in flight
//!                    ├ second Ctrl-C ─────▶ the folder being written is removed; the process ends, 130
//!                    └ tick ──────────────▶ progress
//! ```

use super::error::Error;
use super::exit::Exit;
use super::folder::Unfinished;
use super::progress::{Manner, Progress};
use super::terminal::Terminal;
use std::io;
use std::process;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;
use tokio::time::{MissedTickBehavior, interval};

/// Between two looks at the progress.
const TICK: Duration = Duration::from_millis(100);

/// What the work and its supervisor share.
#[derive(Debug)]
pub(super) struct Control {
    /// Set by the first Ctrl-C.
    pub(super) stop: AtomicBool,
    /// How far the work is.
    pub(super) progress: Progress,
    /// The folder being written.
    pub(super) unfinished: Arc<Unfinished>,
}

impl Control {
    /// Nothing to stop, nothing to show.
    #[cfg(test)]
    pub(super) fn quiet() -> Self {
        Self {
            stop: AtomicBool::new(false),
            progress: Progress::new(Manner::Silent, crate::report::Glyphs::Unicode),
            unfinished: Arc::default(),
        }
    }
}

/// What the first Ctrl-C is answered where replications are simulated.
const STOPPING: &str = "stopping after the replications in flight; Ctrl-C again stops at once";

/// Does `work` in a thread of its own and waits for it.
///
/// # Errors
/// If Ctrl-C cannot be listened for, or what `work` answers.
pub(super) fn supervise<F>(manner: Manner, terminal: Terminal, work: F) -> Result<Exit, Error>
where
    F: FnOnce(&Control) -> Result<Exit, Error> + Send + 'static,
{
    begin(manner, terminal, Some(STOPPING), work)
}

/// The same for what ends at once: there is nothing to tell of it.
///
/// # Errors
/// As [`supervise`].
pub(super) fn supervise_brief<F>(terminal: Terminal, work: F) -> Result<Exit, Error>
where
    F: FnOnce(&Control) -> Result<Exit, Error> + Send + 'static,
{
    begin(Manner::Silent, terminal, None, work)
}

fn begin<F>(
    manner: Manner,
    terminal: Terminal,
    stopping: Option<&'static str>,
    work: F,
) -> Result<Exit, Error>
where
    F: FnOnce(&Control) -> Result<Exit, Error> + Send + 'static,
{
    let control = Arc::new(Control {
        stop: AtomicBool::new(false),
        progress: Progress::new(manner, terminal.glyphs()),
        unfinished: Arc::default(),
    });
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .map_err(Error::Signals)?;
    runtime.block_on(wait(control, terminal, stopping, work))
}

async fn wait<F>(
    control: Arc<Control>,
    terminal: Terminal,
    stopping: Option<&'static str>,
    work: F,
) -> Result<Exit, Error>
where
    F: FnOnce(&Control) -> Result<Exit, Error> + Send + 'static,
{
    let shared = Arc::clone(&control);
    let mut tick = interval(TICK);
    tick.set_missed_tick_behavior(MissedTickBehavior::Skip);
    // One listener for all turns of the loop, so that no Ctrl-C falls between two of them.
    let mut interrupts = interrupts().map_err(Error::Signals)?;
    let mut work = tokio::task::spawn_blocking(move || work(&shared));
    loop {
        tokio::select! {
            done = &mut work => {
                control.progress.end();
                return done.unwrap_or_else(|_| {
                    terminal.complain("this is a bug in brownout; the lines above name it");
                    Ok(Exit::Bug)
                });
            }
            Some(()) = interrupts.recv() => {
                if control.stop.swap(true, Ordering::Relaxed) {
                    control.unfinished.abandon();
                    control.progress.end();
                    process::exit(Exit::Interrupted.code().into());
                }
                if let Some(stopping) = stopping {
                    control.progress.aside(|| terminal.tell(stopping));
                }
            }
            _ = tick.tick() => control.progress.tick(),
        }
    }
}

/// Every Ctrl-C from now on.
#[cfg(unix)]
fn interrupts() -> io::Result<tokio::signal::unix::Signal> {
    tokio::signal::unix::signal(tokio::signal::unix::SignalKind::interrupt())
}

/// Every Ctrl-C from now on.
#[cfg(windows)]
fn interrupts() -> io::Result<tokio::signal::windows::CtrlC> {
    tokio::signal::windows::ctrl_c()
}
