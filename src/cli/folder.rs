//! A result's folder: written whole beside its place, then moved there; never a mixture, never lost.
//!
//! ```text
//! results/<stem>/.<name>.<pid>.new/   being written
//! results/<stem>/<name>/              the result
//! results/<stem>/.<name>.<pid>.old/   the one before, for the instant between two renames
//! results/<stem>/latest -> <name>
//! ```

use super::error::Error;
use std::fs::{self, File};
use std::io::{self, Write as _};
use std::path::{Path, PathBuf};
use std::process;
use std::sync::{Arc, Mutex, PoisonError};

/// How often a place is cleared for the new result before somebody else is believed to be at work there.
const TRIES: usize = 8;

/// The folder being written, known to whoever may have to stop the program at once.
#[derive(Debug, Default)]
pub(super) struct Unfinished(Mutex<Option<PathBuf>>);

impl Unfinished {
    /// Removes the folder being written, if there is one, and waits for a move into place that has begun.
    pub(super) fn abandon(&self) {
        let mut path = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(path) = path.take() {
            // What cannot be removed stays behind under a name that no reader takes for a result.
            let _ = fs::remove_dir_all(&path);
            // Neither does the folder of all results of the scenario stay, if there is none.
            if let Some(home) = path.parent() {
                let _ = fs::remove_dir(home);
            }
        }
    }

    fn set(&self, path: PathBuf) {
        *self.0.lock().unwrap_or_else(PoisonError::into_inner) = Some(path);
    }
}

/// A result being written. Dropped before [`Folder::commit`], it leaves nothing behind.
#[derive(Debug)]
pub(super) struct Folder {
    home: PathBuf,
    new: PathBuf,
    unfinished: Arc<Unfinished>,
}

/// Is a result all that was asked for, or what an interrupted run had finished?
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Extent {
    /// All of it: `latest` points at it.
    Whole,
    /// A part: it never takes the place of a whole one.
    Partial,
}

impl Folder {
    /// Begins a folder inside `home` (`results/<stem>`), which is made if need be.
    ///
    /// # Errors
    /// If `home` cannot be written: better known before the simulation than after it.
    pub(super) fn begin(
        home: &Path,
        name: &str,
        unfinished: Arc<Unfinished>,
    ) -> Result<Self, Error> {
        fs::create_dir_all(home).map_err(Error::write(home))?;
        rescue(home, name);
        let new = home.join(format!(".{name}.{}.new", process::id()));
        let _ = fs::remove_dir_all(&new);
        fs::create_dir(&new).map_err(Error::write(&new))?;
        unfinished.set(new.clone());
        Ok(Self {
            home: home.to_owned(),
            new,
            unfinished,
        })
    }

    /// Writes a file to disk. `path` is relative, `/`-separated.
    ///
    /// # Errors
    /// If it cannot be written.
    pub(super) fn write(&self, path: &str, bytes: &[u8]) -> Result<(), Error> {
        let path = path
            .split('/')
            .fold(self.new.clone(), |at, part| at.join(part));
        let write = || {
            if let Some(parent) = path.parent() {
                fs::create_dir_all(parent)?;
            }
            let mut file = File::create(&path)?;
            file.write_all(bytes)?;
            file.sync_all()
        };
        write().map_err(Error::write(&path))
    }

    /// Moves the folder to `name`, in the place of an earlier one; if the result is whole, `latest` then points at it.
    ///
    /// # Errors
    /// If it cannot be moved; an earlier result is then where it was.
    pub(super) fn commit(self, name: &str, extent: Extent) -> Result<PathBuf, Error> {
        let place = self.home.join(name);
        sync_tree(&self.new).map_err(Error::write(&self.new))?;
        let unfinished = Arc::clone(&self.unfinished);
        let mut guard = unfinished.0.lock().unwrap_or_else(PoisonError::into_inner);
        if guard.is_none() {
            let cause = io::Error::from(io::ErrorKind::Interrupted);
            return Err(Error::write(&place)(cause));
        }
        replace(&self.new, &place, &self.home, name).map_err(Error::write(&place))?;
        *guard = None;
        drop(guard);
        if extent == Extent::Whole {
            let latest = self.home.join("latest");
            point(&latest, name, &self.home).map_err(Error::write(&latest))?;
        }
        sync(&self.home).map_err(Error::write(&self.home))?;
        Ok(place)
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        self.unfinished.abandon();
    }
}

/// Moves `new` to `place`. What stands there is moved aside first, and removed once the new one stands; if that fails it
/// is moved back.
fn replace(new: &Path, place: &Path, home: &Path, name: &str) -> io::Result<()> {
    let mut aside: Vec<PathBuf> = Vec::new();
    let mut tried = Ok(());
    for k in 0..TRIES {
        tried = fs::rename(new, place);
        if tried.is_ok() || !place.exists() {
            break;
        }
        let old = home.join(format!(".{name}.{}-{k}.old", process::id()));
        let _ = fs::remove_dir_all(&old);
        match fs::rename(place, &old) {
            Ok(()) => aside.push(old),
            // Somebody else has just moved it.
            Err(cause) if cause.kind() == io::ErrorKind::NotFound => {}
            Err(cause) => {
                tried = Err(cause);
                break;
            }
        }
    }
    if tried.is_err()
        && !place.exists()
        && let Some(old) = aside.pop()
    {
        let _ = fs::rename(old, place);
    }
    for old in aside {
        // A leftover is found by `rescue`.
        let _ = fs::remove_dir_all(old);
    }
    tried
}

/// After a crash between the two renames of [`replace`], puts the old result back; removes leftovers of a crash after them.
fn rescue(home: &Path, name: &str) {
    let Ok(entries) = fs::read_dir(home) else {
        return;
    };
    let (before, after) = (format!(".{name}."), ".old");
    for entry in entries.flatten() {
        let file = entry.file_name();
        let Some(file) = file.to_str() else { continue };
        if file.starts_with(&before) && file.ends_with(after) {
            let place = home.join(name);
            if place.exists() {
                let _ = fs::remove_dir_all(entry.path());
            } else {
                let _ = fs::rename(entry.path(), place);
            }
        }
    }
}

/// Points a name in a scenario's folder at one of its results.
///
/// # Errors
/// If the folder cannot be written.
pub(super) fn point_at(home: &Path, name: &str, result: &Path) -> Result<(), Error> {
    let target = result.file_name().unwrap_or(result.as_os_str());
    let link = home.join(name);
    point(&link, &target.to_string_lossy(), home).map_err(Error::write(&link))
}

/// Points `latest` at `name`: a symbolic link, replaced in one step.
#[cfg(unix)]
fn point(latest: &Path, name: &str, home: &Path) -> io::Result<()> {
    let new = home.join(format!(".latest.{}.new", process::id()));
    let _ = fs::remove_file(&new);
    std::os::unix::fs::symlink(name, &new)?;
    fs::rename(&new, latest)
}

/// Points `latest` at `name`: a file that holds the name, replaced in one step.
#[cfg(not(unix))]
fn point(latest: &Path, name: &str, home: &Path) -> io::Result<()> {
    let new = home.join(format!(".latest.{}.new", process::id()));
    fs::write(&new, format!("{name}\n"))?;
    fs::rename(&new, latest)
}

/// Brings every folder below and including `folder` to disk.
fn sync_tree(folder: &Path) -> io::Result<()> {
    for entry in fs::read_dir(folder)? {
        let entry = entry?;
        if entry.file_type()?.is_dir() {
            sync_tree(&entry.path())?;
        }
    }
    sync(folder)
}

#[cfg(unix)]
fn sync(folder: &Path) -> io::Result<()> {
    File::open(folder)?.sync_all()
}

/// Elsewhere a folder cannot be opened as a file; the system writes it when it will.
#[cfg(not(unix))]
fn sync(_folder: &Path) -> io::Result<()> {
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::sync::atomic::{AtomicU32, Ordering};

    /// A folder for one test, removed after it.
    struct Scratch(PathBuf);

    impl Scratch {
        fn new() -> Self {
            static NEXT: AtomicU32 = AtomicU32::new(0);
            let next = NEXT.fetch_add(1, Ordering::Relaxed);
            let path = std::env::temp_dir().join(format!("brownout-{}-{next}", process::id()));
            fs::create_dir_all(&path).unwrap();
            Self(path)
        }

        fn names(&self) -> Vec<String> {
            let Ok(entries) = fs::read_dir(&self.0) else {
                return Vec::new();
            };
            let mut names: Vec<String> = entries
                .map(|entry| entry.unwrap().file_name().into_string().unwrap())
                .collect();
            names.sort();
            names
        }

        fn put(&self, name: &str, files: &[(&str, &str)]) {
            let folder = Folder::begin(&self.0, name, Arc::default()).unwrap();
            for (path, text) in files {
                folder.write(path, text.as_bytes()).unwrap();
            }
            folder.commit(name, Extent::Whole).unwrap();
        }
    }

    impl Drop for Scratch {
        fn drop(&mut self) {
            let _ = fs::remove_dir_all(&self.0);
        }
    }

    #[test]
    fn a_result_replaces_the_one_before_whole() {
        let home = Scratch::new();
        home.put("abc", &[("a", "1"), ("charts/b", "2")]);
        home.put("abc", &[("a", "3")]);
        assert_eq!(home.names(), ["abc", "latest"]);
        assert_eq!(fs::read_to_string(home.0.join("latest/a")).unwrap(), "3");
        assert!(!home.0.join("abc/charts").exists());
    }

    #[test]
    fn a_partial_result_leaves_latest_where_it_was() {
        let home = Scratch::new();
        home.put("abc", &[("a", "whole")]);
        let folder = Folder::begin(&home.0, "def", Arc::default()).unwrap();
        folder.write("a", b"part").unwrap();
        folder.commit("def-partial", Extent::Partial).unwrap();
        assert_eq!(home.names(), ["abc", "def-partial", "latest"]);
        assert_eq!(
            fs::read_to_string(home.0.join("latest/a")).unwrap(),
            "whole"
        );
    }

    #[test]
    fn what_is_not_finished_leaves_nothing() {
        let home = Scratch::new();
        let unfinished = Arc::new(Unfinished::default());
        let folder = Folder::begin(&home.0, "abc", Arc::clone(&unfinished)).unwrap();
        folder.write("a", b"1").unwrap();
        unfinished.abandon();
        assert!(folder.commit("abc", Extent::Whole).is_err());
        assert!(home.names().is_empty());
    }

    #[test]
    fn a_result_moved_aside_by_a_crash_comes_back() {
        let home = Scratch::new();
        home.put("abc", &[("a", "1")]);
        fs::rename(home.0.join("abc"), home.0.join(".abc.1-0.old")).unwrap();
        drop(Folder::begin(&home.0, "abc", Arc::default()).unwrap());
        assert_eq!(fs::read_to_string(home.0.join("abc/a")).unwrap(), "1");
        assert_eq!(home.names(), ["abc", "latest"]);
    }

    #[test]
    fn a_file_in_the_way_is_an_error_that_names_it() {
        let home = Scratch::new();
        fs::write(home.0.join("taken"), "").unwrap();
        let error = Folder::begin(&home.0.join("taken"), "abc", Arc::default()).unwrap_err();
        assert!(error.to_string().contains("taken"), "{error}");
    }
}
