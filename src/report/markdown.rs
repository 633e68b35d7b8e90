//! `summary.md`: one page that answers the scenario's question, for a wiki or a pull request.

use super::format;
use super::page::{DATA_FIGURES, FIGURES};
use super::story;
use super::theory;
use crate::analysis::{Findings, FlowFindings, ObjectiveFindings, VariantFindings, Verdict};
use std::fmt::Write as _;

/// Causes listed per variant and flow.
const CAUSES_MAX: usize = 6;

/// The text of `summary.md`.
pub(super) fn markdown(findings: &Findings) -> String {
    let mut text = String::new();
    answer(&mut text, findings);
    objectives(&mut text, findings);
    for flow in story::flows(findings) {
        figures(&mut text, findings, flow);
        causes(&mut text, findings, flow);
    }
    for data in story::data(findings) {
        data_figures(&mut text, findings, data);
    }
    faults(&mut text, findings);
    beside_theory(&mut text, findings);
    assumptions(&mut text, findings);
    warnings(&mut text, findings);
    reproduce(&mut text, findings);
    text
}

/// A line of text; writing to a `String` cannot fail.
fn line(text: &mut String, content: &str) {
    text.push_str(content.trim_end());
    text.push('\n');
}

/// Text that Markdown takes as it is, on one line, also in a table.
fn escape(text: &str) -> String {
    let mut safe = String::new();
    for c in text.chars() {
        match c {
            '|' | '*' | '<' | '[' | ']' | '`' | '\\' | '#' => {
                safe.push('\\');
                safe.push(c);
            }
            c if c.is_control() => safe.push(' '),
            c => safe.push(c),
        }
    }
    safe
}

/// Text as code; a backtick inside becomes an apostrophe.
fn code(text: &str) -> String {
    format!("`{}`", super::layout::clean(text).replace('`', "'"))
}

fn answer(text: &mut String, findings: &Findings) {
    let s = &findings.stamp;
    let title = if s.title.is_empty() {
        &s.scenario
    } else {
        &s.title
    };
    line(text, &format!("# {}", escape(title)));
    line(text, "");
    if let Some(question) = &s.question {
        line(text, &format!("**Question.** {}", escape(question)));
        line(text, "");
    }
    let overall = story::overall(findings);
    let mark = match overall {
        Verdict::NotBound => String::new(),
        verdict => format!("{} ", story::mark(verdict)),
    };
    let mut sentence = story::verdict_sentence(findings);
    if let Some(price) = story::price(findings) {
        write!(sentence, "; {price}").expect("a String takes everything");
    }
    line(text, &format!("**Answer.** {mark}{}.", escape(&sentence)));
    line(text, "");
    line(text, &format!("*{}*", escape(&story::stamp(findings))));
}

fn header(text: &mut String, first: &[&str], findings: &Findings) {
    let mut names = String::new();
    let mut rule = String::new();
    for name in first {
        write!(names, "| {name} ").expect("a String takes everything");
        rule.push_str("|---");
    }
    for variant in &findings.variants {
        write!(names, "| {} ", escape(&variant.name)).expect("a String takes everything");
        rule.push_str("|---");
    }
    line(text, &format!("{names}|"));
    line(text, &format!("{rule}|"));
}

fn objectives(text: &mut String, findings: &Findings) {
    if findings.objectives.is_empty() || findings.variants.is_empty() {
        return;
    }
    line(text, "");
    line(text, "## SLO");
    line(text, "");
    header(text, &["line", "target"], findings);
    for objective in &findings.objectives {
        let mut row = format!(
            "| {} | {} ",
            escape(&objective_words(objective)),
            escape(&story::objective_target(objective)).replace("\\<", "<")
        );
        for cell in &objective.cells {
            let shown = story::cell_text(objective, cell).text();
            write!(row, "| {} {} ", story::mark(cell.verdict).trim(), shown)
                .expect("a String takes everything");
        }
        line(text, &format!("{}|", row.replace("|  ", "| ")));
    }
    line(text, "");
    for reason in story::undecided(findings) {
        line(text, &format!("- {}", escape(&reason)));
    }
    line(text, "");
    let confidence = format::quantile(findings.stamp.confidence);
    line(
        text,
        &format!(
            "✓ holds, ✗ breaks, ? undecided; ± is a {}% interval over {}.",
            confidence.trim_start_matches('p'),
            story::spread(findings)
        ),
    );
}

/// A line's name and, if it has one, its title.
fn objective_words(objective: &ObjectiveFindings) -> String {
    let name = story::objective_name(objective);
    match &objective.title {
        Some(title) => format!("{name}: {title}"),
        None => name,
    }
}

fn figures(text: &mut String, findings: &Findings, flow: &str) {
    line(text, "");
    line(text, &format!("## {}", escape(flow)));
    line(text, "");
    header(text, &["figure"], findings);
    for (figure, name) in FIGURES {
        if !story::is_news(findings, flow, figure) {
            continue;
        }
        let mut row = format!("| {name} ");
        for variant in &findings.variants {
            let shown = story::flow_of(variant, flow).map_or(format::UNKNOWN.to_owned(), |f| {
                story::figure_text(f, figure)
            });
            write!(row, "| {shown} ").expect("a String takes everything");
        }
        line(text, &format!("{row}|"));
    }
    let mut row = "| offered in all runs ".to_owned();
    for variant in &findings.variants {
        let offered = story::flow_of(variant, flow).map_or(0, |f| f.outcomes.offered);
        write!(row, "| {} ", format::count(offered)).expect("a String takes everything");
    }
    line(text, &format!("{row}|"));
}

fn data_figures(text: &mut String, findings: &Findings, data: &str) {
    line(text, "");
    line(text, &format!("## {}", escape(data)));
    line(text, "");
    header(text, &["figure"], findings);
    for (figure, name) in DATA_FIGURES {
        let mut row = format!("| {name} ");
        for variant in &findings.variants {
            let found = story::data_figure(variant, data, figure);
            let shown = format::estimate_or_unknown(figure, found).text();
            write!(row, "| {shown} ").expect("a String takes everything");
        }
        line(text, &format!("{row}|"));
    }
}

fn causes(text: &mut String, findings: &Findings, flow: &str) {
    if story::worst_variant(findings, flow).is_none() {
        return;
    }
    line(text, "");
    line(
        text,
        &format!("### Why {} runs did not end well", escape(flow)),
    );
    line(text, "");
    for variant in &findings.variants {
        let Some(found) = story::flow_of(variant, flow) else {
            continue;
        };
        let n = story::failed(found);
        let offered = found.outcomes.offered;
        let head = format!(
            "- **{}**: {} of {}",
            escape(&variant.name),
            format::count(n),
            format::count(offered)
        );
        line(text, &head);
        cause_list(text, found);
    }
}

fn cause_list(text: &mut String, found: &FlowFindings) {
    for cause in found.causes.iter().take(CAUSES_MAX) {
        let mut item = format!(
            "  - {} ({}) {}",
            format::rough_share(cause.share),
            format::count(cause.count),
            escape(&cause.what)
        );
        if !cause.why.is_empty() {
            write!(item, ": {}", escape(&cause.why)).expect("a String takes everything");
        }
        if let Some(fault) = &cause.fault
            && !cause.why.contains(fault.as_str())
        {
            write!(item, " ({})", escape(fault)).expect("a String takes everything");
        }
        line(text, &item);
    }
    let more = found.causes.len().saturating_sub(CAUSES_MAX);
    if more > 0 {
        line(
            text,
            &format!(
                "  - {} in `data/causes.csv`",
                story::plural(more as u64, "other cause")
            ),
        );
    }
}

fn faults(text: &mut String, findings: &Findings) {
    if findings.faults.is_empty() {
        return;
    }
    line(text, "");
    line(text, "## Faults");
    line(text, "");
    header(text, &["fault", "hits", "does", "when"], findings);
    for (idx, fault) in findings.faults.iter().enumerate() {
        let mut when: Vec<String> = fault
            .windows
            .iter()
            .take(3)
            .map(|(from, to)| {
                format!(
                    "{} for {}",
                    format::literal(from.max(0.0)),
                    format::literal(to - from)
                )
            })
            .collect();
        if let Some((well, ill)) = fault.random {
            when.push(format!(
                "by chance, in the mean {} after {}",
                format::literal(ill.round()),
                format::literal(well.round())
            ));
        }
        if let Some(condition) = &fault.when {
            when.push(format!("when `{condition}`"));
        }
        if fault.windows.len() > 3 {
            when.push(format!("{} more", fault.windows.len() - 3));
        }
        let mut row = format!(
            "| {} | {} | {} | {} ",
            escape(&fault.name),
            escape(&fault.target),
            escape(&fault.effect),
            when.join(", ")
        );
        for variant in &findings.variants {
            let recovered = match variant.recovery.get(idx) {
                Some(Some(e)) => match format::estimate(format::Unit::Seconds, e).text() {
                    text if text.starts_with(format::NEVER) => text,
                    text => format!("back in {text}"),
                },
                _ => format::UNKNOWN.to_owned(),
            };
            write!(row, "| {recovered} ").expect("a String takes everything");
        }
        line(text, &format!("{row}|"));
    }
    blast_radius(text, findings);
}

/// Which services feel each fault: more of the calls to them fail while it acts.
fn blast_radius(text: &mut String, findings: &Findings) {
    let is_felt = |variant: &VariantFindings| variant.blast_radius.iter().any(|of| !of.is_empty());
    if !findings.variants.iter().any(is_felt) {
        return;
    }
    line(text, "");
    line(text, "### Blast radius");
    line(text, "");
    line(
        text,
        "Services of which more calls fail while the fault acts than just before, and the share that fails.",
    );
    line(text, "");
    header(text, &["fault"], findings);
    for (idx, fault) in findings.faults.iter().enumerate() {
        let mut row = format!("| {} ", escape(&fault.name));
        for variant in &findings.variants {
            let reached = variant.blast_radius.get(idx).map_or(&[][..], Vec::as_slice);
            let named: Vec<String> = reached
                .iter()
                .map(|(name, share)| format!("{} {}", escape(name), format::rough_share(*share)))
                .collect();
            let named = if named.is_empty() {
                "none".to_owned()
            } else {
                named.join(", ")
            };
            write!(row, "| {named} ").expect("a String takes everything");
        }
        line(text, &format!("{row}|"));
    }
}

/// Closed forms beside the simulated numbers.
fn beside_theory(text: &mut String, findings: &Findings) {
    let (rows, left_out) = theory::table(findings);
    if rows.is_empty() {
        return;
    }
    line(text, "");
    line(text, "## Beside theory");
    line(text, "");
    header(text, &["closed form", "is"], findings);
    for row in rows {
        let cells: Vec<String> = row.cells.iter().map(|cell| escape(cell)).collect();
        let row = format!(
            "| {} | {} | {} |",
            escape(&row.what),
            escape(row.formula),
            cells.join(" | ")
        );
        line(text, &row);
    }
    line(text, "");
    let more = match left_out {
        0 => String::new(),
        n => format!(" {n} more in `data/formulas.csv`."),
    };
    line(
        text,
        &format!(
            "Simulated, then the closed form: {}. Sources: `brownout explain`.{more}",
            theory::legend(findings).join(", ")
        ),
    );
}

/// Where the numbers came from, guesses first.
fn assumptions(text: &mut String, findings: &Findings) {
    let sources = &findings.stamp.sources;
    if sources.is_empty() {
        return;
    }
    line(text, "");
    line(text, "## Assumptions");
    line(text, "");
    let is_guess = |source: &str| source.trim_start().to_lowercase().starts_with("guess");
    let guesses = sources.iter().filter(|(_, source)| is_guess(source));
    let others = sources.iter().filter(|(_, source)| !is_guess(source));
    for (path, source) in guesses.chain(others) {
        line(text, &format!("- {}: {}", code(path), escape(source)));
    }
}

fn warnings(text: &mut String, findings: &Findings) {
    if findings.warnings.is_empty() {
        return;
    }
    line(text, "");
    line(text, "## Warnings");
    line(text, "");
    for warning in &findings.warnings {
        let place = warning
            .place
            .as_ref()
            .map_or(String::new(), |p| format!(" ({})", code(p)));
        line(
            text,
            &format!(
                "- {}: {}{place}",
                escape(&warning.code),
                escape(&warning.message)
            ),
        );
    }
}

fn reproduce(text: &mut String, findings: &Findings) {
    let s = &findings.stamp;
    line(text, "");
    line(text, "## Reproduce");
    line(text, "");
    line(text, "```sh");
    line(text, &story::command(findings, &[]));
    line(text, "```");
    line(text, "");
    line(
        text,
        &format!(
            "brownout {} · SHA-256 {} · {} warm-up, {} measured.",
            escape(&s.version),
            code(&s.hash),
            format::literal(s.warmup_s),
            format::literal(s.duration_s)
        ),
    );
    line(text, "");
    line(
        text,
        "Not modelled: packets, CPU beyond workers, people. Service times are independent given the step.",
    );
}
