//! What a person sees who sits before a terminal: the program runs in a real one (a pseudo-terminal), an emulator keeps the screen,
//! and files are saved and keys typed while it runs. Pages of `--watch`, colours, widths, the progress bar, Ctrl-C.

#![cfg(unix)]
#![expect(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

use portable_pty::{Child, CommandBuilder, MasterPty, PtySize, native_pty_system};
use std::fs;
use std::io::{Read as _, Write};
use std::path::{Path, PathBuf};
use std::sync::{Arc, Condvar, Mutex};
use std::thread;
use std::time::Duration;

/// What is not on the screen by then never will be.
const DEADLINE: Duration = Duration::from_secs(60);

/// A scenario that takes a moment and holds its line.
const TINY: &str = "\
brownout: 1
name: Tiny
flows: { visit: { from: guest, steps: [front, back], answer_needs: [front] } }
services:
  front: { concurrency: 4, service_time: 5ms }
  back: { concurrency: 4, service_time: exponential 20ms }
brokers: { post: { publish: 1ms } }
traffic: { guest: { rate: 20/s, patience: 2s } }
variants:
  sync: { wiring: sync }
  async: { wiring: async, via: post, answer_after: front }
slo: { answered: availability >= 99% }
run: { duration: 1m, warmup: 5s, replications: 4, seed: 3 }
";

/// The scenario with one of its words changed.
fn changed(from: &str, to: &str) -> String {
    assert!(TINY.contains(from), "no {from:?}");
    TINY.replace(from, to)
}

/// The scenario so long that nobody waits for its end.
fn endless() -> String {
    changed("replications: 4", "replications: 1000000")
}

/// A mistake at line 5, column 12.
fn broken() -> String {
    changed("front: { concurrency", "front: { concurency")
}

/// Is the page of all replications there, down to its last line?
fn is_whole(screen: &str) -> bool {
    let is_last = |line: &str| line == "next: brownout show tiny.yaml";
    screen.contains("2 variants · 4 replications") && screen.lines().any(is_last)
}

/// Are there lines that hold these words, from top to bottom?
fn are_in_order(screen: &str, words: &[&str]) -> bool {
    let mut lines = screen.lines();
    let mut is_below = |word: &&str| lines.any(|line| line.contains(*word));
    words.iter().all(&mut is_below)
}

/// Is there a bar of [`endless`], or what it has left behind?
fn has_bar(screen: &str) -> bool {
    screen.contains(" of 2000000 replications · ")
}

/// A terminal in which the program runs, in a folder of its own.
struct Window {
    folder: PathBuf,
    shown: Arc<(Mutex<Shown>, Condvar)>,
    keyboard: Box<dyn Write + Send>,
    child: Box<dyn Child + Send + Sync>,
    /// Closed, it hangs up.
    _line: Box<dyn MasterPty + Send>,
}

/// What the terminal shows.
struct Shown {
    emulator: vt100::Parser,
    /// What was on the screen each time when it was cleared.
    earlier: Vec<String>,
    last_bytes: [u8; 3],
    has_escapes: bool,
    is_over: bool,
}

impl Shown {
    fn take(&mut self, bytes: &[u8]) {
        for &byte in bytes {
            if (&self.last_bytes, byte) == (b"\x1b[2", b'J') {
                self.earlier.push(self.text());
            }
            self.has_escapes |= byte == 0x1b;
            self.last_bytes = [self.last_bytes[1], self.last_bytes[2], byte];
            self.emulator.process(&[byte]);
        }
    }

    /// The lines on the screen, without blanks at their ends.
    fn text(&self) -> String {
        let screen = self.emulator.screen();
        let (_, columns) = screen.size();
        let rows = screen.rows(0, columns.get());
        let lines: Vec<String> = rows.map(|row| row.trim_end().to_owned()).collect();
        lines.join("\n").trim_end().to_owned()
    }

    /// The lines that have left the screen at its top since it was cleared, and those on it.
    fn text_with_above(&mut self) -> String {
        let (_, columns) = self.emulator.screen().size();
        let screen = self.emulator.screen_mut();
        let mut lines = Vec::new();
        for above in (1..=screen.scrollback_len()).rev() {
            screen.set_scrollback(above);
            let top = screen.rows(0, columns.get()).next().unwrap();
            lines.push(top.trim_end().to_owned());
        }
        screen.set_scrollback(0);
        lines.push(self.text());
        lines.join("\n")
    }

    /// Is anything on the screen coloured, bold or dim?
    fn is_styled(&self) -> bool {
        let screen = self.emulator.screen();
        let (rows, columns) = screen.size();
        let mut places =
            (0..rows.get()).flat_map(|row| (0..columns.get()).map(move |at| (row, at)));
        places.any(|(row, at)| {
            let cell = screen.cell(row, at).unwrap();
            cell.fgcolor() != vt100::Color::Default || cell.bold() || cell.dim()
        })
    }

    /// Is a line too long for the screen, so that it goes on in the next?
    fn is_wrapped(&self) -> bool {
        let screen = self.emulator.screen();
        (0..screen.size().0.get()).any(|row| screen.row_wrapped(row))
    }
}

impl Window {
    /// Starts the program in a terminal of 100 rows and 98 columns.
    fn open(test: &str, scenario: &str, args: &[&str]) -> Self {
        Self::sized(test, scenario, args, (100, 98), &[])
    }

    /// Starts the program with `tiny.yaml` in its folder, and nothing of ours in its environment.
    fn sized(
        test: &str,
        scenario: &str,
        args: &[&str],
        (rows, cols): (u16, u16),
        environment: &[(&str, &str)],
    ) -> Self {
        let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join(format!("terminal_{test}"));
        let _ = fs::remove_dir_all(&folder);
        fs::create_dir_all(&folder).unwrap();
        fs::write(folder.join("tiny.yaml"), scenario).unwrap();
        let size = PtySize {
            rows,
            cols,
            ..PtySize::default()
        };
        let pair = native_pty_system().openpty(size).unwrap();
        let mut command = CommandBuilder::new(env!("CARGO_BIN_EXE_brownout"));
        command.args(args);
        command.cwd(&folder);
        command.env_clear();
        command.env("TERM", "xterm-256color");
        for (name, value) in environment {
            command.env(name, value);
        }
        let child = pair.slave.spawn_command(command).unwrap();
        let shown = Shown {
            emulator: vt100::Parser::new(rows.try_into().unwrap(), cols.try_into().unwrap(), 1000),
            earlier: Vec::new(),
            last_bytes: [0; 3],
            has_escapes: false,
            is_over: false,
        };
        let shown = Arc::new((Mutex::new(shown), Condvar::new()));
        let mut output = pair.master.try_clone_reader().unwrap();
        let shared = Arc::clone(&shown);
        thread::spawn(move || {
            let (shown, news) = &*shared;
            let mut bytes = [0; 4096];
            // Of a terminal that nobody writes to any more, some systems tell an end, others a failure.
            while let Ok(n @ 1..) = output.read(&mut bytes) {
                shown.lock().unwrap().take(&bytes[..n]);
                news.notify_all();
            }
            shown.lock().unwrap().is_over = true;
            news.notify_all();
        });
        Self {
            folder,
            shown,
            keyboard: pair.master.take_writer().unwrap(),
            child,
            _line: pair.master,
        }
    }

    /// Waits until the screen is as wanted; gives back what it shows.
    fn wait(&self, wanted: &str, is_it: impl Fn(&str) -> bool) -> String {
        self.wait_until(wanted, |shown| is_it(&shown.text()))
    }

    /// Waits until what is shown, in sight or above, is as wanted; gives back what is in sight.
    fn wait_until(&self, wanted: &str, is_it: impl Fn(&mut Shown) -> bool) -> String {
        let (shown, news) = &*self.shown;
        let is_missing = |shown: &mut Shown| !is_it(shown) && !shown.is_over;
        let guard = shown.lock().unwrap();
        let (mut guard, _) = news
            .wait_timeout_while(guard, DEADLINE, is_missing)
            .unwrap();
        let (is_there, text) = (is_it(&mut guard), guard.text());
        drop(guard);
        assert!(is_there, "never seen: {wanted}; on the screen is\n{text}");
        text
    }

    /// Waits for the page of all replications.
    fn wait_for_page(&self) -> String {
        self.wait("the page of all replications", is_whole)
    }

    /// Saves a file as most programs do: its bytes are replaced.
    fn save(&self, text: &str) {
        fs::write(self.folder.join("tiny.yaml"), text).unwrap();
    }

    /// Saves a file as careful editors do: another one takes its place.
    fn replace(&self, text: &str) {
        let beside = self.folder.join(".tiny.yaml.swap");
        fs::write(&beside, text).unwrap();
        fs::rename(beside, self.folder.join("tiny.yaml")).unwrap();
    }

    fn type_ctrl_c(&mut self) {
        self.keyboard.write_all(b"\x03").unwrap();
        self.keyboard.flush().unwrap();
    }

    /// Waits for the end: the exit code, and what is on the screen then.
    fn end(&mut self) -> (u32, String) {
        let text = self.wait_until("the end", |shown| shown.is_over);
        (self.child.wait().unwrap().exit_code(), text)
    }

    /// Looks at more than the text.
    fn see<T>(&self, look: impl FnOnce(&mut Shown) -> T) -> T {
        look(&mut self.shown.0.lock().unwrap())
    }
}

impl Drop for Window {
    fn drop(&mut self) {
        // It has ended long ago where a test succeeds.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

#[test]
fn a_first_look_comes_first_and_the_whole_page_takes_its_place() {
    let window = Window::open("pages", TINY, &["run", "tiny.yaml", "--watch", "--no-out"]);
    let page = window.wait_for_page();
    assert!(page.ends_with("next: brownout show tiny.yaml"), "{page}");
    assert!(page.contains("± is a 95% interval\n"), "{page}");
    assert_eq!(page.matches("Tiny").count(), 1, "{page}");
    assert!(!page.contains("provisional"), "{page}");
    let (earlier, above) = window.see(|shown| {
        let above = shown.emulator.screen().scrollback_len();
        (shown.earlier.clone(), above)
    });
    assert_eq!(above, 0, "an old page is above the screen");
    let [empty, first] = earlier.as_slice() else {
        panic!("cleared at the start and before the page: {earlier:?}");
    };
    assert_eq!(empty, "");
    let words = [
        "provisional: one replication of each variant",
        "partial: 1 of 4 replications",
        "answered ≥ 99%",
    ];
    assert!(are_in_order(first, &words), "{first}");
}

#[test]
fn a_save_tells_what_it_changed_above_the_table_and_what_came_of_it_below() {
    let window = Window::open(
        "changed",
        TINY,
        &["run", "tiny.yaml", "--watch", "--no-out"],
    );
    window.wait_for_page();
    window.save(&changed(
        "front: { concurrency: 4",
        "front: { errors: 50%, concurrency: 2",
    ));
    let page = window.wait("what came of it", |screen| {
        is_whole(screen) && screen.contains("\nΔ answered of async: ✓ 100% → ✗ ")
    });
    let words = [
        "changed: services.front.concurrency 4 → 2",
        "Tiny",
        "Δ since the last run",
        "✗ ",
        "answered ≥ 99%",
        "next: brownout show",
        "Δ answered of sync: ✓ 100% → ✗ ",
    ];
    assert!(page.starts_with(words[0]), "{page}");
    assert!(are_in_order(&page, &words), "{page}");
    assert!(page.contains("\nchanged: services.front.errors"), "{page}");
    let mut lines = page.lines();
    let line = lines.find(|line| line.contains("answered ≥ 99%")).unwrap();
    assert_eq!(line.matches("Δ −").count(), 2, "{line}");
    // The first look tells it too.
    let first = window.see(|shown| shown.earlier.last().cloned()).unwrap();
    let words = ["provisional", "changed: services.front.", "Tiny"];
    assert!(are_in_order(&first, &words), "{first}");
}

#[test]
fn an_invalid_file_keeps_the_last_good_page_below_the_mistake() {
    let window = Window::open("broken", TINY, &["run", "tiny.yaml", "--watch", "--no-out"]);
    let good = window.wait_for_page();
    window.save(&broken());
    let both = window.wait("the mistake and the page", |screen| {
        screen.contains("error[S003]") && is_whole(screen)
    });
    let words = [
        "error[S003]: unknown field `concurency`",
        "tiny.yaml:5:12",
        "front: { concurency: 4",
        "1 error in tiny.yaml",
        "the last good run:",
        "2 variants · 4 replications",
        "✓ sync and async hold",
        "next: brownout show",
    ];
    assert!(are_in_order(&both, &words), "{both}");
    assert!(both.ends_with(&good), "{both}");
    window.save(TINY);
    let mended = window.wait("the page without the mistake", |screen| {
        is_whole(screen) && !screen.contains("error[")
    });
    // All but the line that says since when it has moved: by nothing.
    let figures = |page: &str| page.split_once("\n\n").unwrap().1.to_owned();
    assert_eq!(figures(&mended), figures(&good));
}

/// A million replications are not waited for: those in flight are.
#[test]
fn a_save_during_a_long_run_starts_anew() {
    let args = ["run", "tiny.yaml", "--watch", "--no-out", "--jobs", "1"];
    let window = Window::open("long", &endless(), &args);
    let long = window.wait("a bar below the first look", has_bar);
    let words = ["provisional", "Tiny", "of 2000000 replications"];
    assert!(are_in_order(&long, &words), "{long}");
    window.save(&changed("20/s", "30/s"));
    let page = window.wait_for_page();
    assert!(!has_bar(&page), "{page}");
}

#[test]
fn a_file_that_is_replaced_is_noticed_as_one_that_is_written_into() {
    let window = Window::open(
        "replaced",
        TINY,
        &["run", "tiny.yaml", "--watch", "--no-out"],
    );
    window.wait_for_page();
    let expect = |change: &str| {
        window.wait(change, |screen| is_whole(screen) && screen.contains(change));
    };
    window.save(&changed("20/s", "30/s"));
    expect("changed: traffic.guest.rate 20/s → 30/s");
    window.replace(&changed("20/s", "10/s"));
    expect("changed: traffic.guest.rate 30/s → 10/s");
    window.replace(TINY);
    expect("changed: traffic.guest.rate 10/s → 20/s");
}

#[test]
fn ctrl_c_ends_a_watch_and_leaves_a_tidy_terminal() {
    let interrupt = |mut window: Window| {
        window.type_ctrl_c();
        let (code, screen) = window.end();
        assert_eq!(code, 130, "{screen}");
        assert!(!has_bar(&screen), "{screen}");
        let is_hidden = window.see(|shown| shown.emulator.screen().hide_cursor());
        assert!(!is_hidden, "no cursor");
        screen
    };
    let run = ["run", "tiny.yaml", "--watch", "--no-out", "--jobs", "1"];
    let waiting = Window::open("interrupted_waiting", TINY, &run);
    waiting.wait_for_page();
    interrupt(waiting);
    let running = Window::open("interrupted_running", &endless(), &run);
    running.wait("a bar", has_bar);
    let screen = interrupt(running);
    assert!(
        screen.ends_with("\nstopping after the replications in flight; Ctrl-C again stops at once")
    );
    let check = ["check", "tiny.yaml", "--watch"];
    let checking = Window::open("interrupted_checking", TINY, &check);
    let before = checking.wait("watching", |screen| screen.contains("Ctrl-C ends it"));
    assert_eq!(
        interrupt(checking).trim_end_matches("^C").trim_end(),
        before
    );
}

#[test]
fn a_watched_check_tells_mistakes_and_that_they_are_mended() {
    let mut window = Window::open("check", TINY, &["check", "tiny.yaml", "--watch"]);
    let clean = "tiny.yaml: no mistakes · 2 variants · 1 flow · 2 services · 1 broker · 1 SLO line";
    window.wait("no mistakes", |screen| {
        screen == format!("{clean}\nwatching; Ctrl-C ends it")
    });
    window.save(&broken());
    let told = window.wait("the mistake", |screen| {
        are_in_order(screen, &["error[S003]", "1 error in"])
    });
    let words = ["error[S003]", "tiny.yaml:5:12", "concurency"];
    assert!(are_in_order(&told, &words), "{told}");
    assert!(!told.contains("no mistakes"), "{told}");
    window.replace(&changed("20/s", "30/s"));
    window.wait("mended and changed", |screen| {
        screen == format!("{clean}\nchanged: traffic.guest.rate 20/s → 30/s")
    });
    window.type_ctrl_c();
    assert_eq!(window.end().0, 130);
}

#[test]
fn no_line_is_wider_than_a_narrow_terminal() {
    let args = ["run", "tiny.yaml", "--no-out"];
    let mut window = Window::sized("narrow", TINY, &args, (100, 60), &[]);
    let (code, page) = window.end();
    assert_eq!(code, 0, "{page}");
    assert!(is_whole(&page), "{page}");
    assert!(!window.see(|shown| shown.is_wrapped()), "{page}");
    assert_eq!(
        page.lines().map(|line| line.chars().count()).max(),
        Some(60)
    );
}

#[test]
fn a_terminal_is_coloured_unless_it_must_not_or_cannot_be() {
    let args = ["run", "tiny.yaml", "--no-out"];
    for (environment, is_styled) in [
        (None, true),
        (Some(("NO_COLOR", "1")), false),
        (Some(("TERM", "dumb")), false),
    ] {
        let mut window = Window::sized("colour", TINY, &args, (100, 98), environment.as_slice());
        let (code, page) = window.end();
        assert_eq!(code, 0, "{page}");
        let seen = window.see(|shown| (shown.is_styled(), shown.has_escapes));
        assert_eq!(seen, (is_styled, is_styled), "{environment:?}: {page}");
    }
}

/// Without colour too: a cleared screen is no colour.
#[test]
fn a_screen_without_colour_is_cleared_all_the_same() {
    let args = ["run", "tiny.yaml", "--watch", "--no-out"];
    let environment = [("NO_COLOR", "1")];
    let window = Window::sized("plain_pages", TINY, &args, (100, 98), &environment);
    let page = window.wait_for_page();
    assert_eq!(page.matches("Tiny").count(), 1, "{page}");
    assert!(!window.see(|shown| shown.is_styled()), "{page}");
}

/// On any width the bar is one line.
#[test]
fn a_run_that_takes_long_has_a_bar_until_it_ends() {
    let args = ["run", "tiny.yaml", "--no-out", "--max-time", "3s"];
    let open = |(test, columns)| Window::sized(test, &endless(), &args, (100, columns), &[]);
    let mut windows = [("bar", 98), ("narrow_bar", 60)].map(open);
    for window in &windows {
        let bar = window.wait("a bar", has_bar);
        assert_eq!(bar.lines().count(), 1, "{bar}");
        assert!(bar.starts_with("tiny "), "{bar}");
    }
    for window in &mut windows {
        let (code, page) = window.end();
        assert_eq!(code, 0, "{page}");
        assert!(page.starts_with("Tiny") && !has_bar(&page), "{page}");
    }
}

/// What `--max-time` has left of a watched run is shown as that of any other.
#[test]
fn a_watched_run_whose_time_is_over_shows_what_is_finished() {
    let args = ["run", "tiny.yaml", "--watch", "--no-out"];
    let args = [&args[..], &["--max-time", "2s"]].concat();
    let window = Window::open("max_time", &endless(), &args);
    window.wait("the page of what is finished", |screen| {
        screen.starts_with("Tiny") && screen.contains(" of 1000000 replications")
    });
}

/// The end of the page is in sight, and the rest of it, and nothing else, above.
/// On a low screen what is new is in sight: the verdict, what was saved, a mistake; the page is above, whole.
#[test]
fn below_a_page_longer_than_the_screen_stands_what_is_new() {
    let args = ["run", "tiny.yaml", "--watch", "--no-out"];
    let window = Window::sized("low", TINY, &args, (24, 80), &[]);
    let verdict = "sync and async hold the SLO line";
    let is_last = |screen: &str, words: &str| {
        screen
            .lines()
            .last()
            .is_some_and(|line| line.starts_with(words))
    };
    let page = window.wait("the verdict below the page", |screen| {
        is_last(screen, verdict) && are_in_order(screen, &["next: brownout show", verdict])
    });
    assert!(!page.contains("changed:"), "{page}");
    let all = window.see(Shown::text_with_above);
    assert!(all.lines().count() > 24, "{all}");
    assert_eq!(all.matches("Tiny").count(), 1, "{all}");
    let words = [
        "Tiny",
        "✓ sync and async hold",
        "answered ≥ 99%",
        "next: ",
        verdict,
    ];
    assert!(are_in_order(&all, &words), "{all}");

    window.save(&changed("exponential 20ms", "exponential 2s"));
    let words = [
        "next: ",
        "changed: services.back.service_time",
        "sync breaks",
        "Δ answered of sync",
    ];
    window.wait("what was saved and what that changed", |screen| {
        are_in_order(screen, &words)
    });

    window.save(&broken());
    let words = [
        "next: ",
        "above is the last good run",
        "unknown field `concurency`",
        "nothing was run",
    ];
    window.wait("the mistake below the last good page", |screen| {
        are_in_order(screen, &words)
    });
    let all = window.see(Shown::text_with_above);
    let words = [
        "unknown field `concurency`",
        "the last good run:",
        "Tiny",
        "✗ sync",
        "unknown field `concurency`",
    ];
    assert!(are_in_order(&all, &words), "{all}");
}
