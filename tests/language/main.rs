//! The language as files have it: what is told of them, and what editors know of it.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

mod lints;
mod schema;

use std::fs;
use std::path::{Path, PathBuf};

/// The YAML files of a folder, in order.
fn yaml(folder: &str) -> Vec<PathBuf> {
    let entries = fs::read_dir(Path::new(env!("CARGO_MANIFEST_DIR")).join(folder)).unwrap();
    let mut paths: Vec<PathBuf> = entries.map(|entry| entry.unwrap().path()).collect();
    paths.retain(|path| {
        path.extension()
            .is_some_and(|extension| extension == "yaml")
    });
    paths.sort();
    paths
}
