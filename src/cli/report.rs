//! `brownout report RESULT`: everything that is made of findings, made anew without simulating.

use super::args;
use super::error::Error;
use super::exit::Exit;
use super::folder::{Extent, Folder};
use super::results;
use super::terminal::Terminal;
use crate::report::{self, Extras};
use std::fs;
use std::path::Path;
use std::sync::Arc;

/// Files that are not made of findings, and stay.
const KEPT: [&str; 6] = [
    results::REPLICATIONS,
    "scenario.yaml",
    results::RESOLVED,
    "run.json",
    "trace.otlp.jsonl",
    "trace.chrome.json",
];

/// Makes the reports of a result anew, in its place.
///
/// # Errors
/// If it is no result, or cannot be written.
pub(super) fn run(asked: &args::Report, terminal: Terminal) -> Result<Exit, Error> {
    let found = results::place(&asked.result, &asked.out)?;
    let findings = results::findings(&found)?;
    let template = asked.template.as_deref().map(read).transpose()?;
    let extras = Extras {
        template: template.as_deref(),
        adr: asked.adr,
    };
    let files = report::artefacts(&findings, extras).map_err(|why| match &asked.template {
        Some(path) => Error::Usage(format!("`{}`: {why}", path.display())),
        None => Error::Draw(why),
    })?;
    // A link is not replaced, but what it leads to.
    let folder = fs::canonicalize(&found).map_err(Error::read(&found))?;
    let (Some(home), Some(name)) = (folder.parent(), folder.file_name()) else {
        return Err(Error::Usage(format!("`{}` is no result", folder.display())));
    };
    let name = name.to_string_lossy();
    let new = Folder::begin(home, &name, Arc::default())?;
    for kept in KEPT {
        let path = folder.join(kept);
        if path.exists() {
            let bytes = fs::read(&path).map_err(Error::read(&path))?;
            new.write(kept, &bytes)?;
        }
    }
    for file in &files {
        new.write(&file.path, &file.bytes)?;
    }
    // Nothing was run: what `latest` leads to stays.
    new.commit(&name, Extent::Partial)?;
    terminal.print(&format!("{}\n", found.join("report.html").display()))?;
    Ok(Exit::Passed)
}

fn read(path: &Path) -> Result<String, Error> {
    fs::read_to_string(path).map_err(Error::read(path))
}
