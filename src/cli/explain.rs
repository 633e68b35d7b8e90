//! `brownout explain [WORD…]`: what a metric or a closed form is, what a code says, how the program ends.

use super::args;
use super::error::Error;
use super::exit::Exit;
use super::terminal::{self, Terminal};
use crate::analysis::{self, Definition, Law, formulas, glossary, warm_up};
use crate::compile;
use crate::diagnostic::{Code, Lore};
use crate::report;
use crate::scenario;
use std::fmt::Write as _;

/// The topics that are lists, and what they list.
const LISTS: [(&str, &str); 4] = [
    ("metrics", "every metric with its formula"),
    ("closed-forms", "every closed form beside the numbers"),
    ("codes", "every mistake and every warning"),
    ("exit-codes", "how the program ends"),
];

/// Explains each word; without one, tells what can be explained.
///
/// # Errors
/// If a word is nothing that can be, or stdout cannot be written.
pub(super) fn run(explain: &args::Explain, terminal: Terminal) -> Result<Exit, Error> {
    if explain.markdown {
        terminal.print(&glossary::markdown())?;
        return Ok(Exit::Passed);
    }
    if explain.words.is_empty() {
        terminal.print(&topics())?;
        return Ok(Exit::Passed);
    }
    let (mut texts, mut unknown) = (Vec::new(), Vec::new());
    for word in &explain.words {
        match of(word) {
            Ok(text) => texts.push(text),
            Err(message) => unknown.push(message),
        }
    }
    terminal.print(&texts.join("\n"))?;
    if unknown.is_empty() {
        return Ok(Exit::Passed);
    }
    for message in &unknown {
        terminal.complain(message);
    }
    Ok(Exit::NothingRan)
}

/// What one word means.
fn of(word: &str) -> Result<String, String> {
    match word {
        "metrics" => return Ok(joined(glossary::METRICS.iter().map(Definition::text))),
        "closed-forms" => return Ok(joined(forms().map(Definition::form_text))),
        "codes" => return Ok(codes().map(|code| line(code.code, code.meaning)).collect()),
        "exit-codes" => return Ok(exit_codes()),
        _ => {}
    }
    if let Some(metric) = glossary::find(word) {
        return Ok(metric.text());
    }
    if let Some(form) = glossary::find_form(word) {
        return Ok(form.form_text());
    }
    let is_it = |code: &&Code| code.code.eq_ignore_ascii_case(word);
    let code = codes().find(is_it).ok_or_else(|| {
        format!("`{word}` is no metric, no closed form and no code; `brownout explain` lists them")
    })?;
    Ok(of_code(code))
}

/// A code with its meaning, what helps, and what else there is to know of it.
fn of_code(code: &Code) -> String {
    let mut text = line(code.code, code.meaning);
    if code.help != code.meaning && !code.help.is_empty() {
        text += &wrapped("  help: ", code.help);
    }
    let all = [compile::LORE, analysis::LORE];
    if let Some(lore) = all.into_iter().find_map(|all| Lore::find(all, code.code)) {
        let told = lore.text.replace('\n', " ");
        write!(
            text,
            "\n{}\n  gives it:    {}\n  mends it:    {}\n",
            wrapped("  ", &told),
            lore.line,
            lore.mended
        )
        .expect("a string takes any text");
    }
    text
}

/// What can be explained.
fn topics() -> String {
    let mut text = String::from("brownout explain WORD…\n\nlists\n");
    for (word, what) in LISTS {
        writeln!(text, "  {word:<14}{what}").expect("a string takes any text");
    }
    let metrics = glossary::METRICS.iter().map(|metric| metric.name);
    let forms = forms().map(|form| form.name);
    let of_kind = |kind| {
        codes()
            .map(|code| code.code)
            .filter(move |code| code.starts_with(kind))
    };
    for (head, words) in [
        (
            "metrics, as in SLO lines and reports",
            metrics.collect::<Vec<_>>(),
        ),
        ("closed forms", forms.collect()),
        ("mistakes", of_kind('S').collect()),
        ("warnings", of_kind('W').collect()),
    ] {
        write!(text, "\n{head}\n{}", wrapped("  ", &words.join(" ")))
            .expect("a string takes any text");
    }
    text
}

fn exit_codes() -> String {
    let all = Exit::ALL.into_iter();
    all.map(|exit| wrapped(&format!("{:>5}  ", exit.code()), exit.meaning()))
        .collect()
}

/// Every code there is: of mistakes first, then of warnings.
fn codes() -> impl Iterator<Item = &'static Code> {
    let all = || {
        let of_files = scenario::CODES.iter().chain(compile::CODES);
        of_files.chain(warm_up::CODES).chain(formulas::CODES)
    };
    let is_mistake = |code: &&Code| code.code.starts_with('S');
    all()
        .filter(is_mistake)
        .chain(all().filter(move |code| !is_mistake(code)))
}

fn forms() -> impl Iterator<Item = &'static Definition> {
    Law::ALL.into_iter().map(Law::definition)
}

fn joined(texts: impl Iterator<Item = String>) -> String {
    texts.collect::<Vec<_>>().join("\n")
}

fn line(word: &str, what: &str) -> String {
    wrapped(&format!("{word}: "), what)
}

/// A text in lines of the usual width: the first after `head`, the others as far to the right.
fn wrapped(head: &str, text: &str) -> String {
    let columns = head.chars().count();
    let lines = report::lines(text, terminal::WIDTH - columns);
    let lines = lines.iter().enumerate();
    lines
        .map(|(nth, line)| match nth {
            0 => format!("{head}{line}\n"),
            _ => format!("{:columns$}{line}\n", ""),
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_topic_that_is_listed_is_explained() {
        let listed = topics();
        let words = listed.lines().filter(|line| line.starts_with("  "));
        let of_lists = LISTS.map(|(word, _)| word);
        let mut n = 0;
        for line in words {
            let mut on_line: Vec<&str> = line.split_whitespace().collect();
            if of_lists.contains(&on_line[0]) {
                on_line.truncate(1);
            }
            for word in on_line {
                assert!(of(word).is_ok_and(|text| text.len() > 20), "{word}");
                n += 1;
            }
        }
        assert!(n > 80, "{n} topics");
    }

    #[test]
    fn every_code_of_a_warning_has_more_than_its_line() {
        for code in codes().filter(|code| code.code.starts_with('W')) {
            let text = of_code(code);
            assert!(
                text.contains("gives it:") && text.contains("mends it:"),
                "{text}"
            );
        }
    }

    #[test]
    fn long_texts_are_broken_between_words() {
        let text = wrapped("ab: ", &"word ".repeat(40));
        assert!(text.lines().count() > 1);
        assert!(text.lines().all(|line| line.len() <= terminal::WIDTH));
        assert!(
            text.lines()
                .skip(1)
                .all(|line| line.starts_with("    word"))
        );
        assert_eq!(text.split_whitespace().count(), 41);
    }
}
