//! `brownout explain [WORD…]`: what a metric is, or what a code says.

use super::args;
use super::error::Error;
use super::exit::Exit;
use super::terminal::Terminal;
use crate::analysis::{glossary, warm_up};
use crate::compile;
use crate::scenario;

/// Explains each word; all metrics without one.
///
/// # Errors
/// If a word is neither, or stdout cannot be written.
pub(super) fn run(explain: &args::Explain, terminal: Terminal) -> Result<Exit, Error> {
    if explain.markdown {
        terminal.print(&glossary::markdown())?;
        return Ok(Exit::Passed);
    }
    let texts: Vec<String> = if explain.words.is_empty() {
        glossary::METRICS
            .iter()
            .map(glossary::Definition::text)
            .collect()
    } else {
        let words = explain.words.iter().map(|word| of(word));
        words.collect::<Result<_, _>>().map_err(Error::Usage)?
    };
    terminal.print(&texts.join("\n"))?;
    Ok(Exit::Passed)
}

/// What one word means.
fn of(word: &str) -> Result<String, String> {
    if let Some(metric) = glossary::find(word) {
        return Ok(metric.text());
    }
    let mut codes = scenario::CODES
        .iter()
        .chain(compile::CODES)
        .chain(warm_up::CODES);
    let unknown =
        || format!("`{word}` is no metric and no code; `brownout explain` lists the metrics");
    let code = codes.find(|code| code.code == word).ok_or_else(unknown)?;
    let (number, meaning, help) = (code.code, code.meaning, code.help);
    Ok(if help == meaning || help.is_empty() {
        format!("{number}: {meaning}\n")
    } else {
        format!("{number}: {meaning}\n  help: {help}\n")
    })
}
