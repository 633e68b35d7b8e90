//! `brownout explain [WORD…]`: what a metric or a closed form is, or what a code says.

use super::args;
use super::error::Error;
use super::exit::Exit;
use super::terminal::Terminal;
use crate::analysis::{Definition, Law, formulas, glossary, warm_up};
use crate::compile;
use crate::scenario;

/// Explains each word; all metrics and closed forms without one.
///
/// # Errors
/// If a word is neither, or stdout cannot be written.
pub(super) fn run(explain: &args::Explain, terminal: Terminal) -> Result<Exit, Error> {
    if explain.markdown {
        terminal.print(&glossary::markdown())?;
        return Ok(Exit::Passed);
    }
    let texts: Vec<String> = if explain.words.is_empty() {
        let metrics = glossary::METRICS.iter().map(Definition::text);
        let forms = Law::ALL.into_iter().map(|law| law.definition().form_text());
        metrics.chain(forms).collect()
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
    if let Some(form) = glossary::find_form(word) {
        return Ok(form.form_text());
    }
    let mut codes = scenario::CODES
        .iter()
        .chain(compile::CODES)
        .chain(warm_up::CODES)
        .chain(formulas::CODES);
    let unknown = || {
        format!("`{word}` is no metric, no closed form and no code; `brownout explain` lists them")
    };
    let code = codes.find(|code| code.code == word).ok_or_else(unknown)?;
    let (number, meaning, help) = (code.code, code.meaning, code.help);
    Ok(if help == meaning || help.is_empty() {
        format!("{number}: {meaning}\n")
    } else {
        format!("{number}: {meaning}\n  help: {help}\n")
    })
}
