//! The page `run` prints: verdict first, then tables, time, causes, warnings, where the files are, one command.

use super::format::{self, Unit};
use super::layout::{both_ends, clean, wrap};
use super::story;
use super::style::Paint;
use super::table::{Row, Table, TableCell};
use super::{Detail, Look, commands, comparison, reach, spark, theory};
use crate::analysis::{self, Cause, Findings, FlowFindings, Verdict, VerdictChange};
use crate::kernel::units::format_share;

/// Warnings shown.
const WARNINGS_MAX: usize = 5;
/// Causes shown of the worst variant.
const CAUSES_MAX: usize = 5;
/// The narrowest page.
const WIDTH_MIN: usize = 40;

/// The page.
pub(super) fn page(
    findings: &Findings,
    before: Option<&Findings>,
    look: Look,
    folder: Option<&str>,
) -> String {
    let paint = Paint::new(look.color);
    let columns = look.width.max(WIDTH_MIN);
    let mut blocks = vec![
        header(findings, before, columns, paint),
        verdict(findings, columns, paint),
        objectives(findings, before, columns, (paint, look.detail)),
    ];
    for flow in story::flows(findings) {
        blocks.push(figures(findings, flow, columns, paint));
        blocks.push(spark::lines(findings, flow, columns, paint));
        blocks.push(causes(findings, flow, columns, (paint, look.detail)));
    }
    blocks.push(reach::lines(findings, columns));
    for data in story::data(findings) {
        blocks.push(data_figures(findings, data, columns, paint));
    }
    blocks.extend(beside_theory(findings, columns, (paint, look.detail)));
    blocks.push(warnings(findings, columns, (paint, look.detail)));
    blocks.push(ending(findings, folder, columns, paint));
    let mut text = String::new();
    for block in blocks.into_iter().filter(|b| !b.is_empty()) {
        if !text.is_empty() {
            text.push('\n');
        }
        for line in block {
            text.push_str(line.trim_end());
            text.push('\n');
        }
    }
    text
}

fn header(
    findings: &Findings,
    before: Option<&Findings>,
    columns: usize,
    paint: Paint,
) -> Vec<String> {
    let s = &findings.stamp;
    let title = clean(if s.title.is_empty() {
        &s.scenario
    } else {
        &s.title
    });
    let size = format!(
        "{} · {} · {} simulated",
        story::plural(findings.variants.len() as u64, "variant"),
        story::replications(findings),
        format::literal(s.duration_s),
    );
    let mut lines = both_ends(&title, &size, columns);
    if let Some(first) = lines.first_mut()
        && let Some(rest) = first.strip_prefix(title.as_str())
    {
        *first = format!("{}{}", paint.strong(&title), rest);
    }
    let file = clean(s.file.rsplit('/').next().unwrap_or(&s.file));
    let stamp = format!(
        "{file} {} · {} · brownout {}",
        story::hash7(&s.hash),
        story::seed(findings),
        s.version
    );
    let interval = format!("± is a {}% interval", story::level(findings));
    let interval = match s.precision {
        Some(precise) => {
            let word = if precise.is_reached {
                "known"
            } else {
                "not known"
            };
            let share = format_share(precise.share);
            format!("{interval}; {word} to ±{share} or decided")
        }
        None => interval,
    };
    let interval = match s.replications {
        2.. => interval,
        _ if story::is_batched(findings) => format!("{interval}, of batches"),
        _ => "one replication: no intervals".to_owned(),
    };
    let interval = match before {
        Some(_) => format!("{interval}; Δ since the last run"),
        None => interval,
    };
    lines.extend(
        both_ends(&stamp, &interval, columns)
            .iter()
            .map(|l| paint.dim(l)),
    );
    lines
}

fn verdict(findings: &Findings, columns: usize, paint: Paint) -> Vec<String> {
    let overall = story::overall(findings);
    let mark = story::mark(overall);
    let sentence = clean(&story::verdict_sentence(findings));
    let text = if overall == Verdict::NotBound {
        sentence
    } else {
        format!("{mark} {sentence}")
    };
    let mut lines: Vec<String> = wrap(&text, columns, 2)
        .iter()
        .map(|line| {
            line.strip_prefix(mark).map_or_else(
                || paint.strong(line),
                |rest| format!("{}{}", paint.verdict(overall, mark), paint.strong(rest)),
            )
        })
        .collect();
    if let Some(price) = story::price(findings) {
        let wrapped = wrap(&clean(&price), columns.saturating_sub(2), 0);
        lines.extend(wrapped.iter().map(|l| format!("  {l}")));
    }
    lines
}

/// Undecided cells that are explained.
const DOUBTS_MAX: usize = 3;

fn objectives(
    findings: &Findings,
    before: Option<&Findings>,
    columns: usize,
    (paint, detail): (Paint, Detail),
) -> Vec<String> {
    let changes = before.map(|before| (before, analysis::verdict_changes(before, findings)));
    let moved = |line_idx, variant_idx| {
        let (before, changes) = changes.as_ref()?;
        let mut changes = changes.iter();
        let is_it =
            |one: &&VerdictChange| (one.objective_idx, one.variant_idx) == (line_idx, variant_idx);
        comparison::moved(before, findings, changes.find(is_it)?)
    };
    let rows = findings
        .objectives
        .iter()
        .enumerate()
        .map(|(line_idx, objective)| Row {
            name: clean(&story::objective_name(objective)),
            target: story::objective_target(objective),
            cells: objective
                .cells
                .iter()
                .enumerate()
                .map(|(variant_idx, cell)| TableCell {
                    verdict: Some(cell.verdict),
                    shown: story::cell_text(objective, cell).and(moved(line_idx, variant_idx)),
                })
                .collect(),
        })
        .collect();
    let mut lines = Table {
        title: String::new(),
        columns: variant_names(findings),
        rows,
    }
    .lines(columns, paint);
    let titles = findings.objectives.iter().filter_map(|objective| {
        let title = objective.title.as_ref()?;
        Some(format!("{}: {title}", story::objective_name(objective)))
    });
    let mut doubts = story::undecided(findings);
    let more = doubts.len().saturating_sub(detail.most(DOUBTS_MAX));
    doubts.truncate(detail.most(DOUBTS_MAX));
    if more > 0 {
        doubts.push(format!(
            "… {}",
            story::plural(more as u64, "more undecided cell")
        ));
    }
    for text in titles.chain(doubts) {
        lines.extend(wrap(&clean(&text), columns, 2).iter().map(|l| paint.dim(l)));
    }
    lines
}

fn variant_names(findings: &Findings) -> Vec<String> {
    findings.variants.iter().map(|v| clean(&v.name)).collect()
}

/// What a reviewer must see beside availability, SLO line or not (A44).
pub(super) const FIGURES: [(&str, &str); 11] = [
    ("availability", "availability"),
    ("degraded", "of it degraded"),
    ("latency_p50", "answer p50"),
    ("latency_p99", "answer p99"),
    ("completion_p50", "completion p50"),
    ("completion_p99", "completion p99"),
    ("lost", "lost per run"),
    ("dead_lettered", "dead-lettered per run"),
    ("compensated", "undone per run"),
    ("duplicates_applied", "done twice per run"),
    ("unfinished", "unfinished per run"),
];

fn figures(findings: &Findings, flow: &str, columns: usize, paint: Paint) -> Vec<String> {
    let mut rows = Vec::new();
    let mut nothing = Vec::new();
    for (figure, name) in FIGURES {
        if !story::is_news(findings, flow, figure) {
            continue;
        }
        let found: Vec<_> = findings
            .variants
            .iter()
            .map(|v| story::flow_of(v, flow).and_then(|f| story::figure(f, figure)))
            .collect();
        let unit = format::unit_of_figure(figure);
        if unit == Unit::Count && found.iter().all(|e| e.is_some_and(|e| e.mean == 0.0)) {
            nothing.push(name.trim_end_matches(" per run"));
            continue;
        }
        rows.push(Row {
            name: name.to_owned(),
            target: String::new(),
            cells: found
                .iter()
                .map(|e| TableCell {
                    verdict: None,
                    shown: format::estimate_or_unknown(figure, *e),
                })
                .collect(),
        });
    }
    let table = Table {
        title: clean(flow),
        columns: variant_names(findings),
        rows,
    };
    let mut lines = table.lines(columns, paint);
    if lines.is_empty() {
        return lines;
    }
    if !nothing.is_empty() && !findings.variants.is_empty() {
        let text = format!("none {} in any variant", or_list(&nothing));
        lines.extend(wrap(&text, columns, 2).iter().map(|l| paint.dim(l)));
    }
    lines
}

/// What was read of some data.
pub(super) const DATA_FIGURES: [(&str, &str); 6] = [
    ("reads", "reads per run"),
    ("read_from_copy", "read from a copy"),
    ("read_from_old_copy", "read from an old entry"),
    ("read_stale", "read stale"),
    ("staleness_p99", "staleness p99"),
    ("staleness_max", "staleness max"),
];

fn data_figures(findings: &Findings, data: &str, columns: usize, paint: Paint) -> Vec<String> {
    let rows = DATA_FIGURES.iter().map(|&(figure, name)| Row {
        name: name.to_owned(),
        target: String::new(),
        cells: findings
            .variants
            .iter()
            .map(|variant| TableCell {
                verdict: None,
                shown: format::estimate_or_unknown(
                    figure,
                    story::data_figure(variant, data, figure),
                ),
            })
            .collect(),
    });
    let table = Table {
        title: clean(data),
        columns: variant_names(findings),
        rows: rows.collect(),
    };
    table.lines(columns, paint)
}

fn or_list(words: &[&str]) -> String {
    match words {
        [] => String::new(),
        [one] => (*one).to_owned(),
        [init @ .., last] => format!("{} or {last}", init.join(", ")),
    }
}

fn causes(
    findings: &Findings,
    flow: &str,
    columns: usize,
    (paint, detail): (Paint, Detail),
) -> Vec<String> {
    let Some(worst) = story::worst_variant(findings, flow) else {
        return Vec::new();
    };
    let of = |idx: usize| {
        let variant = &findings.variants[idx];
        story::flow_of(variant, flow).map(|found| (variant.name.as_str(), found))
    };
    let mut lines = Vec::new();
    if let Some((name, found)) = of(worst) {
        lines.extend(why(name, flow, found, columns, (paint, detail)));
    }
    for idx in (0..findings.variants.len()).filter(|&idx| idx != worst) {
        let Some((name, found)) = of(idx) else {
            continue;
        };
        match found.causes.first().filter(|cause| cause.count > 0) {
            Some(_) if detail == Detail::Full => {
                lines.extend(why(name, flow, found, columns, (paint, detail)));
            }
            Some(first) => lines.extend(in_short(name, found, first, columns)),
            None => {}
        }
    }
    lines
}

/// Every cause of a variant's failures, each on a line of its own.
fn why(
    name: &str,
    flow: &str,
    found: &FlowFindings,
    columns: usize,
    (paint, detail): (Paint, Detail),
) -> Vec<String> {
    let head = format!(
        "why {name} failed {} of {} {flow} runs",
        format::count(story::failed(found)),
        format::count(found.outcomes.offered)
    );
    let head = wrap(&clean(&head), columns, 2);
    let mut lines: Vec<String> = head.iter().map(|line| paint.strong(line)).collect();
    lines.extend(cause_lines(found, columns, detail));
    lines
}

/// The first two causes of a variant's failures, in a sentence.
fn in_short(name: &str, found: &FlowFindings, first: &Cause, columns: usize) -> Vec<String> {
    let mut text = format!(
        "{name} failed {}: {} {}",
        format::count(story::failed(found)),
        format::rough_share(first.share),
        phrase(&first.what, &first.why)
    );
    if let Some(second) = found.causes.get(1) {
        text.extend([
            " · ",
            &format::rough_share(second.share),
            " ",
            &phrase(&second.what, &second.why),
        ]);
    }
    wrap(&clean(&text), columns, 4)
}

fn phrase(what: &str, why: &str) -> String {
    if why.is_empty() {
        what.to_owned()
    } else {
        format!("{what} ({why})")
    }
}

fn cause_lines(found: &FlowFindings, columns: usize, detail: Detail) -> Vec<String> {
    let most = detail.most(CAUSES_MAX);
    let shown: Vec<_> = found.causes.iter().take(most).collect();
    let what = shown
        .iter()
        .map(|c| super::layout::width(&c.what))
        .max()
        .unwrap_or(0)
        .min(columns / 2);
    let mut lines = Vec::new();
    for cause in shown {
        let share = format::rough_share(cause.share);
        let line = format!(
            "{share:>5}  {}   {}",
            super::layout::pad(&clean(&cause.what), what),
            clean(&cause.why)
        );
        if super::layout::width(line.trim_end()) <= columns {
            lines.push(line);
        } else {
            lines.extend(wrapped_cause(&share, cause, what, columns));
        }
    }
    let rest: u64 = found
        .causes
        .iter()
        .skip(most)
        .fold(0, |sum, c| sum.saturating_add(c.count));
    if rest > 0 {
        let n = found.causes.len() - most;
        let share = rest as f64 / story::failed(found).max(1) as f64;
        lines.push(format!(
            "{:>5}  {}",
            format::rough_share(share),
            story::plural(n as u64, "other cause")
        ));
    }
    lines
}

/// A cause that does not fit on a line: its reason wrapped in its own column, or, where that is too narrow, all of it.
fn wrapped_cause(share: &str, cause: &Cause, what: usize, columns: usize) -> Vec<String> {
    let (what_text, why) = (clean(&cause.what), clean(&cause.why));
    let lead = 7 + what + 3;
    let (parts, left) = if lead + 24 <= columns && super::layout::width(&what_text) <= what {
        let first = format!("{share:>5}  {}   ", super::layout::pad(&what_text, what));
        (wrap(&why, columns - lead, 0), first)
    } else {
        let text = clean(&phrase(&cause.what, &cause.why));
        (
            wrap(&text, columns.saturating_sub(7), 0),
            format!("{share:>5}  "),
        )
    };
    let blank = " ".repeat(super::layout::width(&left));
    parts
        .iter()
        .enumerate()
        .map(|(idx, part)| format!("{}{part}", if idx == 0 { &left } else { &blank }))
        .collect()
}

/// What theory says of it, in a sentence; in full, the table too.
fn beside_theory(
    findings: &Findings,
    columns: usize,
    (paint, detail): (Paint, Detail),
) -> Vec<Vec<String>> {
    let Some(sentence) = theory::sentence(findings) else {
        return Vec::new();
    };
    let dim = |text: &str| -> Vec<String> {
        let lines = wrap(text, columns, 2);
        lines.iter().map(|line| paint.dim(line)).collect()
    };
    if detail == Detail::Usual {
        let more = "beside the numbers in the Markdown summary";
        return vec![dim(&format!("{sentence} ({more})"))];
    }
    let (rows, left_out) = theory::table(findings);
    let rows = rows.into_iter().map(|row| Row {
        name: clean(&row.what),
        target: String::new(),
        cells: row.cells.into_iter().map(bare).collect(),
    });
    let table = Table {
        title: String::new(),
        columns: variant_names(findings),
        rows: rows.collect(),
    };
    let mut lines = table.lines(columns, paint);
    lines.extend(dim(&theory::note(findings, left_out)));
    vec![dim(&sentence), lines]
}

/// A cell with nothing but a text.
fn bare(value: String) -> TableCell {
    TableCell {
        verdict: None,
        shown: format::Shown {
            value,
            half_width: String::new(),
        },
    }
}

fn warnings(findings: &Findings, columns: usize, (paint, detail): (Paint, Detail)) -> Vec<String> {
    let mut lines = Vec::new();
    for warning in findings.warnings.iter().take(detail.most(WARNINGS_MAX)) {
        let head = format!("warning[{}]:", warning.code);
        let place = warning
            .place
            .as_ref()
            .map_or(String::new(), |p| format!("   {p}"));
        let text = clean(&format!("{head} {}{place}", warning.message));
        let wrapped = if super::layout::width(&text) <= columns {
            vec![text]
        } else {
            wrap(&text, columns, 2)
        };
        for (idx, line) in wrapped.iter().enumerate() {
            lines.push(match line.strip_prefix(&head) {
                Some(rest) if idx == 0 => format!("{}{rest}", paint.warning(&head)),
                _ => line.clone(),
            });
        }
    }
    let more = findings
        .warnings
        .len()
        .saturating_sub(detail.most(WARNINGS_MAX));
    if more > 0 {
        lines.push(format!(
            "… {}: -v shows them",
            story::plural(more as u64, "more warning")
        ));
    }
    lines
}

fn ending(findings: &Findings, folder: Option<&str>, columns: usize, paint: Paint) -> Vec<String> {
    let mut lines = Vec::new();
    if let Some(folder) = folder {
        let n = super::charts::count(findings);
        let files = format!(
            "{}/    report.html  summary.md  {}  data/  hdr/",
            folder.trim_end_matches('/'),
            story::plural(n as u64, "chart")
        );
        if super::layout::width(&files) <= columns {
            lines.push(files);
        } else {
            lines.extend(wrap(&files, columns, 2));
        }
    }
    let next = format!("next: {}", commands::next_command(findings));
    lines.extend(wrap(&clean(&next), columns, 2).iter().map(|l| paint.dim(l)));
    lines
}
