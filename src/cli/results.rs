//! Results that lie in folders: where they are, and what is in them.

use super::error::Error;
use crate::analysis::{Findings, stored};
use crate::report;
use std::fs;
use std::path::{Path, PathBuf};

/// The file of a result that runs it again.
pub(super) const RESOLVED: &str = "scenario.resolved.yaml";
/// The file of a result that has its replications in it, to be merged with others.
pub(super) const REPLICATIONS: &str = "replications.cbor.gz";
/// The name of the result that a scenario is compared with.
pub(super) const BASELINE: &str = "baseline";
/// The name of the newest whole result.
pub(super) const LATEST: &str = "latest";

/// The folder that a word means: a path, or `@last` or `@baseline` of a scenario (`@last:order_checkout`), which need not be named
/// where there is only one under `out`.
///
/// # Errors
/// If there is no such folder, or no telling which.
pub(super) fn place(word: &str, out: &Path) -> Result<PathBuf, Error> {
    let Some(asked) = word.strip_prefix('@') else {
        return Ok(PathBuf::from(word));
    };
    let (which, scenario) = match asked.split_once(':') {
        Some((which, scenario)) => (which, Some(scenario)),
        None => (asked, None),
    };
    let name = match which {
        "last" => LATEST,
        "baseline" => BASELINE,
        _ => {
            let message = format!("`{word}` is neither `@last` nor `@baseline`");
            return Err(Error::Usage(message));
        }
    };
    let home = match scenario {
        Some(scenario) => out.join(scenario),
        None => only_home(word, out)?,
    };
    let folder = resolve(&home, name);
    folder.ok_or_else(|| {
        let help = match name {
            BASELINE => "`brownout run FILE --save-baseline` makes one",
            _ => "`brownout run FILE` makes one",
        };
        Error::Usage(format!(
            "there is no {which} result in `{}`: {help}",
            home.display()
        ))
    })
}

/// The only scenario that has results.
fn only_home(word: &str, out: &Path) -> Result<PathBuf, Error> {
    let entries = fs::read_dir(out).map_err(Error::read(out))?;
    let mut homes: Vec<PathBuf> = entries
        .flatten()
        .map(|entry| entry.path())
        .filter(|path| resolve(path, LATEST).is_some())
        .collect();
    homes.sort();
    match homes.as_slice() {
        [one] => Ok(one.clone()),
        [] => Err(Error::Usage(format!(
            "there are no results in `{}`",
            out.display()
        ))),
        many => {
            let named: Vec<String> = many
                .iter()
                .filter_map(|path| Some(format!("`{word}:{}`", path.file_name()?.to_str()?)))
                .collect();
            Err(Error::Usage(format!("which one: {}?", named.join(", "))))
        }
    }
}

/// The folder that a name in a scenario's folder leads to: by a link, or by a file with the folder's name where there are no links.
fn resolve(home: &Path, name: &str) -> Option<PathBuf> {
    let place = home.join(name);
    let place = match fs::read_to_string(&place) {
        Ok(pointed) => home.join(pointed.trim()),
        Err(_) => place,
    };
    place.is_dir().then_some(place)
}

/// The findings of a result.
///
/// # Errors
/// If it is no folder of a result, or one of another version.
pub(super) fn findings(folder: &Path) -> Result<Findings, Error> {
    let path = folder.join(report::FINDINGS);
    let bytes = fs::read(&path).map_err(Error::read(&path))?;
    stored::from_bytes(&bytes).map_err(|why| Error::Usage(format!("`{}`: {why}", path.display())))
}
