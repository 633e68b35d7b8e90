//! `brownout check FILE…`: every mistake, nothing run; with `--watch` again after every save.

use super::args;
use super::error::Error;
use super::exit::Exit;
use super::input::{self, Input, Ready};
use super::saves::{self, Saves};
use super::side::differences;
use super::supervisor::{self, Control};
use super::terminal::{self, Terminal};
use crate::diagnostic;
use crate::scenario::Changes;
use serde_json::Value as Json;
use std::fmt::Write as _;
use std::path::Path;
use std::sync::atomic::Ordering;

/// Checks; tells what is wrong on stderr and what was understood on stdout.
///
/// # Errors
/// If stdout cannot be written.
pub(super) fn run(check: args::Check, terminal: Terminal) -> Result<Exit, Error> {
    let changes = input::changes(&check.adjust);
    if check.watch {
        if check.files.iter().any(|file| file == Path::new("-")) {
            return Err(Error::Usage("`--watch` needs files, not stdin".into()));
        }
        return supervisor::supervise_brief(terminal, move |control| {
            watch(&check, &changes, terminal, control)
        });
    }
    let Some(all) = input::check_all(&check.files, &changes, terminal)? else {
        return Ok(Exit::NothingRan);
    };
    let text: String = all
        .iter()
        .map(|ready| understood(ready, terminal))
        .collect();
    if !check.quiet {
        terminal.print(&text)?;
    }
    Ok(Exit::Passed)
}

/// Checks now and after every save, until Ctrl-C.
fn watch(
    check: &args::Check,
    changes: &Changes,
    terminal: Terminal,
    control: &Control,
) -> Result<Exit, Error> {
    let is_over = || control.stop.load(Ordering::Relaxed);
    let files = [check.files.as_slice(), &changes.overlays].concat();
    let mut before: Option<Vec<Seen>> = None;
    while !is_over() {
        let saves = Saves::of(&files);
        terminal::clear();
        let (mut now, mut news) = (Vec::new(), Vec::new());
        for (nth, file) in check.files.iter().enumerate() {
            let (mut seen, text) = look(file, changes, terminal);
            if !check.quiet {
                terminal.print(&text)?;
            }
            if let Some(last) = before.as_ref().and_then(|before| before.get(nth)) {
                news.extend(told(last, &seen));
                seen.sound = seen.sound.or_else(|| last.sound.clone());
            }
            now.push(seen);
        }
        match before {
            None => terminal.tell("watching; Ctrl-C ends it"),
            Some(_) if news.is_empty() => terminal.tell("nothing changed"),
            Some(_) => news.iter().flatten().for_each(|line| terminal.tell(line)),
        }
        before = Some(now);
        saves::wait(is_over, || saves.is_saved());
    }
    Ok(Exit::Interrupted)
}

/// A file at one check.
#[derive(Debug, Default)]
struct Seen {
    text: String,
    is_sound: bool,
    /// What it holds; of one with mistakes what it held when it had none.
    sound: Option<Json>,
}

/// Checks one file: what it holds, and what is printed of that. Mistakes are told on stderr.
fn look(file: &Path, changes: &Changes, terminal: Terminal) -> (Seen, String) {
    let input = match Input::read(file) {
        Ok(input) => input,
        Err(error) => {
            terminal.complain(&error.to_string());
            return (Seen::default(), String::new());
        }
    };
    let text = input.text.clone();
    let ready = input.check(changes, terminal);
    let printed = ready.as_ref().map(|ready| understood(ready, terminal));
    let seen = Seen {
        text,
        is_sound: ready.is_some(),
        sound: ready.map(|ready| ready.reading.resolved),
    };
    (seen, printed.unwrap_or_default())
}

/// What a save has changed in a file, in lines; `None` if nothing.
fn told(before: &Seen, now: &Seen) -> Option<Vec<String>> {
    // An overlay may have changed what the same text comes to.
    let is_same = now.sound.is_none() || before.sound == now.sound;
    if before.text == now.text && before.is_sound == now.is_sound && is_same {
        return None;
    }
    let (Some(old), Some(new)) = (&before.sound, &now.sound) else {
        return Some(Vec::new());
    };
    let changed = differences(old, new);
    if changed.is_empty() {
        return Some(vec!["nothing changed that is simulated".to_owned()]);
    }
    let lines = changed.into_iter();
    Some(lines.map(|line| format!("changed: {line}")).collect())
}

/// Tells the suspicions there are; gives one line: what the file holds.
fn understood(ready: &Ready, terminal: Terminal) -> String {
    if !ready.warnings.is_empty() {
        let rendered = diagnostic::render(&ready.warnings, &ready.sources, terminal.paint());
        terminal.tell(&rendered);
    }
    let mut line = format!("{}: no mistakes", ready.input.name);
    if let Some(view) = ready.reading.views.first() {
        let counts = [
            (ready.reading.views.len(), "variant"),
            (view.flows.len(), "flow"),
            (view.services.len(), "service"),
            (view.brokers.len(), "broker"),
            (view.faults.len(), "fault"),
            (view.slo.len(), "SLO line"),
        ];
        for (n, what) in counts.into_iter().filter(|&(n, _)| n > 0) {
            let s = if n == 1 { "" } else { "s" };
            write!(line, " · {n} {what}{s}").expect("a string takes any text");
        }
    }
    line.push('\n');
    line
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn seen(text: &str, sound: Option<Json>) -> Seen {
        Seen {
            text: text.to_owned(),
            is_sound: sound.is_some(),
            sound,
        }
    }

    #[test]
    fn a_save_tells_what_it_changed_or_that_it_changed_nothing() {
        let before = seen("a: 1", Some(json!({ "a": 1 })));
        let same = seen("a: 1", Some(json!({ "a": 1 })));
        assert_eq!(told(&before, &same), None);
        let commented = seen("a: 1 # one", Some(json!({ "a": 1 })));
        let lines = |before: &Seen, now: &Seen| told(before, now).unwrap();
        assert_eq!(
            lines(&before, &commented),
            ["nothing changed that is simulated"]
        );
        let other = seen("a: 2", Some(json!({ "a": 2 })));
        assert_eq!(lines(&before, &other), ["changed: a 1 → 2"]);
        // The mistakes themselves are told elsewhere.
        assert!(lines(&before, &seen("a:", None)).is_empty());
        assert_eq!(told(&seen("a:", None), &seen("a:", None)), None);
    }
}
