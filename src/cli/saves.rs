//! When a file is saved: what `--watch` waits for.
//!
//! Files are read again and again and compared: scenarios are small, and so it works on every file system and with every editor.

use std::fs;
use std::path::Path;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread;
use std::time::{Duration, UNIX_EPOCH};

/// Between two looks at the files.
pub(super) const LOOK: Duration = Duration::from_millis(50);

/// What files held at an instant.
#[derive(Debug)]
pub(super) struct Saves<'a, P> {
    files: &'a [P],
    held: Vec<Held>,
    was_changed: AtomicBool,
}

/// A file's bytes and when they were written, by the file system's clock; nothing if it cannot be read.
#[derive(Debug, PartialEq, Eq)]
struct Held {
    bytes: Option<Vec<u8>>,
    at: Option<Duration>,
}

impl Held {
    fn now(file: &Path) -> Self {
        let at = fs::metadata(file).and_then(|known| known.modified()).ok();
        Self {
            at: at.and_then(|at| at.duration_since(UNIX_EPOCH).ok()),
            bytes: fs::read(file).ok(),
        }
    }
}

impl<'a, P: AsRef<Path>> Saves<'a, P> {
    /// What files hold now.
    pub(super) fn of(files: &'a [P]) -> Self {
        Self {
            held: files.iter().map(|file| Held::now(file.as_ref())).collect(),
            files,
            was_changed: AtomicBool::new(false),
        }
    }

    /// Has one of them been saved since, with or without a change?
    pub(super) fn is_saved(&self) -> bool {
        self.any(|before, now| before != now)
    }

    /// Does one of them hold something else, or did it at an earlier look? What a save has ended does not come back when it is undone.
    pub(super) fn is_changed(&self) -> bool {
        let is_changed = self.any(|before, now| before.bytes != now.bytes);
        self.was_changed.fetch_or(is_changed, Ordering::Relaxed) || is_changed
    }

    fn any(&self, differ: impl Fn(&Held, &Held) -> bool) -> bool {
        let mut all = self.files.iter().zip(&self.held);
        all.any(|(file, before)| differ(before, &Held::now(file.as_ref())))
    }
}

/// Waits until all is over, or a save is seen.
pub(super) fn wait(is_over: impl Fn() -> bool, is_saved: impl Fn() -> bool) {
    while !is_over() && !is_saved() {
        thread::sleep(LOOK);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_save_without_a_change_is_a_save_and_no_change() {
        let folder = std::env::temp_dir().join(format!("brownout-saves-{}", std::process::id()));
        fs::create_dir_all(&folder).unwrap();
        let file = folder.join("a.yaml");
        fs::write(&file, "a: 1").unwrap();
        let files = [file.clone(), folder.join("absent.yaml")];
        let saves = Saves::of(&files);
        assert!(!saves.is_saved() && !saves.is_changed());
        let at = fs::metadata(&file).unwrap().modified().unwrap();
        let opened = fs::File::options().write(true).open(&file).unwrap();
        opened.set_modified(at + Duration::from_secs(1)).unwrap();
        assert!(saves.is_saved() && !saves.is_changed());
        fs::write(&file, "a: 2").unwrap();
        assert!(saves.is_saved() && saves.is_changed());
        fs::remove_dir_all(&folder).unwrap();
        assert!(saves.is_changed());
    }

    /// Most programs empty a file before they write it: what is seen between is a change, whatever is written then.
    #[test]
    fn a_change_that_is_undone_was_a_change() {
        let name = format!("brownout-undone-{}.yaml", std::process::id());
        let files = [std::env::temp_dir().join(name)];
        fs::write(&files[0], "a: 1").unwrap();
        let saves = Saves::of(&files);
        fs::write(&files[0], "").unwrap();
        assert!(saves.is_changed());
        fs::write(&files[0], "a: 1").unwrap();
        assert!(saves.is_changed());
        assert!(!Saves::of(&files).is_changed());
        fs::remove_file(&files[0]).unwrap();
    }
}
