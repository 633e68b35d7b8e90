//! `brownout new NAME`: a scenario to begin with, and the schema by which editors know its keys.

use super::args::{self, STARTER};
use super::error::Error;
use super::exit::Exit;
use super::terminal::Terminal;
use crate::scenario;
use include_dir::{Dir, include_dir};
use std::fs::{self, File};
use std::io::{self, Write as _};
use std::path::{Path, PathBuf};

/// The template that shows every block once, each key with its meaning and default.
const STARTER_TEXT: &str = include_str!("starter.yaml");
/// The studies that come with the program.
static STUDIES: Dir<'_> = include_dir!("$CARGO_MANIFEST_DIR/scenarios");
/// What the schema is called beside a scenario.
const SCHEMA: &str = "brownout.schema.json";

/// Writes the scenario and, if there is none beside it, the schema; or lists the templates.
///
/// # Errors
/// If there is no such template, if the file is there already, or if something cannot be written.
pub(super) fn run(new: &args::New, terminal: Terminal) -> Result<Exit, Error> {
    let Some(name) = new.name.as_ref().filter(|_| !new.list) else {
        terminal.print(&list())?;
        return Ok(Exit::Passed);
    };
    let template = find(&new.from).map_err(Error::Usage)?;
    let file = with_extension(name);
    let folder = match file.parent() {
        Some(folder) if folder != Path::new("") => folder,
        _ => Path::new("."),
    };
    fs::create_dir_all(folder).map_err(Error::write(folder))?;
    let text = format!("# yaml-language-server: $schema=./{SCHEMA}\n{template}");
    if !put(&file, &text, new.force)? {
        let file = file.display();
        let message = format!("`{file}` is there already; `--force` writes over it");
        return Err(Error::Usage(message));
    }
    let schema = file.with_file_name(SCHEMA);
    let is_new = put(&schema, &scenario::schema(), false)?;
    let what = if is_new {
        "by which editors know its keys"
    } else {
        "was there, and is kept"
    };
    let (file, schema) = (file.display().to_string(), schema.display().to_string());
    let columns = file.len().max(schema.len());
    terminal.print(&format!(
        "{file:columns$}  a scenario, begun with `{from}`\n\
         {schema:columns$}  {what}\n\
         next: brownout check {file}            is it sound?\n      \
         brownout run {file} --quick      a first look\n      \
         brownout run {file} --watch      again after every save\n",
        from = new.from
    ))?;
    Ok(Exit::Passed)
}

/// Writes a file, over one that is there only if `force`; says whether it did.
fn put(path: &Path, text: &str, force: bool) -> Result<bool, Error> {
    let mut options = File::options();
    options.write(true);
    if force {
        options.create(true).truncate(true);
    } else {
        options.create_new(true);
    }
    let written = options
        .open(path)
        .and_then(|mut file| file.write_all(text.as_bytes()));
    match written {
        Ok(()) => Ok(true),
        Err(cause) if cause.kind() == io::ErrorKind::AlreadyExists && !force => Ok(false),
        Err(cause) => Err(Error::write(path)(cause)),
    }
}

/// `order` is `order.yaml`.
fn with_extension(name: &Path) -> PathBuf {
    let is_yaml = name
        .extension()
        .is_some_and(|extension| extension == "yaml" || extension == "yml");
    if is_yaml {
        return name.to_owned();
    }
    let mut name = name.as_os_str().to_owned();
    name.push(".yaml");
    name.into()
}

/// Every template: its name and text, the starter first.
fn templates() -> Vec<(String, &'static str)> {
    let studies = STUDIES.files().filter_map(|file| {
        let path = file.path();
        let is_yaml = path
            .extension()
            .is_some_and(|extension| extension == "yaml");
        let stem = path.file_stem().filter(|_| is_yaml)?;
        Some((stem.to_string_lossy().into_owned(), file.contents_utf8()?))
    });
    let mut studies: Vec<_> = studies.collect();
    studies.sort();
    studies.insert(0, (STARTER.to_owned(), STARTER_TEXT));
    studies
}

fn find(name: &str) -> Result<&'static str, String> {
    let all = templates();
    let found = all.iter().find(|(own, _)| own == name);
    found.map(|(_, text)| *text).ok_or_else(|| {
        let names: Vec<&str> = all.iter().map(|(own, _)| own.as_str()).collect();
        format!(
            "there is no template `{name}`; there is {}",
            names.join(", ")
        )
    })
}

/// The templates, each with the question it answers.
fn list() -> String {
    let all = templates();
    let columns = all.iter().map(|(name, _)| name.len()).max().unwrap_or(0);
    let question = |text: &str| {
        let line = text
            .lines()
            .find_map(|line| line.strip_prefix("question: "));
        line.unwrap_or_default().to_owned()
    };
    let lines = all
        .iter()
        .map(|(name, text)| format!("{name:columns$}  {}\n", question(text)));
    lines.collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::compile::compile_all;
    use crate::diagnostic::Sources;
    use crate::scenario::Changes;

    #[test]
    fn every_template_is_sound_and_the_starter_gives_no_warning() {
        for (name, text) in templates() {
            let mut sources = Sources::default();
            let (reading, mut found) =
                scenario::read(&mut sources, "new.yaml", text, &Changes::default());
            let reading = reading.unwrap_or_else(|| panic!("{name}: {found:#?}"));
            let (cases, more) = compile_all(&reading.views);
            found.extend(more);
            assert!(cases.is_some(), "{name}: {found:#?}");
            assert!(name != STARTER || found.is_empty(), "{found:#?}");
        }
        assert!(templates().len() > 10);
    }

    /// Every key of the starter says what it is: on its line, or on one above it.
    #[test]
    fn the_starter_comments_its_keys() {
        let lines: Vec<&str> = STARTER_TEXT.lines().collect();
        for (nth, line) in lines.iter().enumerate() {
            let is_key =
                line.trim_start().split_once(':').is_some() && !line.trim_start().starts_with('#');
            let above = nth.checked_sub(1).map(|nth| lines[nth].trim_start());
            let is_told =
                line.contains(" # ") || above.is_some_and(|above| above.starts_with("# "));
            assert!(!is_key || is_told, "line {}: {line}", nth + 1);
        }
    }

    #[test]
    fn a_name_without_an_extension_gets_one() {
        assert_eq!(with_extension(Path::new("a/b")), Path::new("a/b.yaml"));
        assert_eq!(with_extension(Path::new("a.b")), Path::new("a.b.yaml"));
        assert_eq!(with_extension(Path::new("a.yml")), Path::new("a.yml"));
    }
}
