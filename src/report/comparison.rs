//! Two results side by side, for people and as data: changed inputs first, then verdicts, then figures.

use super::Look;
use super::format::{self, Unit};
use super::layout::{clean, pad, width, wrap};
use super::story;
use super::style::Paint;
use crate::analysis::glossary::is_gain;
use crate::analysis::{self, Comparison, FigureChange, Findings, Verdict, VerdictChange};
use serde_json::json;

/// Two results, and what they are called.
pub(super) struct Pair<'a> {
    pub(super) before: &'a Findings,
    pub(super) after: &'a Findings,
    /// What of the inputs has changed, a line each.
    pub(super) inputs: &'a [String],
    pub(super) found: &'a Comparison,
}

/// The page.
pub(super) fn page(pair: &Pair<'_>, look: Look) -> String {
    let paint = Paint::new(look.color);
    let columns = look.width;
    let head = format!(
        "{} → {}",
        story::stamp(pair.before),
        story::stamp(pair.after)
    );
    let head = wrap(&clean(&head), columns, 2);
    let mut lines: Vec<String> = head.iter().map(|line| paint.strong(line)).collect();
    let how = if pair.found.is_paired {
        "same seed, same customers: differences are paired"
    } else {
        "other seeds or replications: differences are of independent means"
    };
    lines.push(paint.dim(how));
    lines.push(String::new());
    if pair.inputs.is_empty() {
        lines.push("changed: nothing in the scenario".to_owned());
    }
    for input in pair.inputs {
        lines.extend(wrap(&clean(&format!("changed: {input}")), columns, 4));
    }
    for (names, word) in [
        (&pair.found.gone, "only before"),
        (&pair.found.new, "only after"),
    ] {
        if !names.is_empty() {
            lines.push(format!("{word}: {}", clean(&names.join(", "))));
        }
    }
    lines.push(String::new());
    lines.extend(verdict_lines(pair, paint));
    lines.extend(figure_lines(pair, columns, paint));
    let mut text = String::new();
    for line in lines {
        text.push_str(line.trim_end());
        text.push('\n');
    }
    text
}

/// The cells of an SLO line in a variant, before and after, without their marks.
fn change_cells(
    before: &Findings,
    after: &Findings,
    change: &VerdictChange,
) -> (format::Shown, format::Shown) {
    let old = &before.objectives[change.objective_before_idx];
    let new = &after.objectives[change.objective_idx];
    (
        story::cell_text(old, &old.cells[change.variant_before_idx]),
        story::cell_text(new, &new.cells[change.variant_idx]),
    )
}

/// What has changed of the SLO lines between two runs: `Δ accepted of sync: 24.99% → 89.84%`.
pub(super) fn changes(before: &Findings, after: &Findings) -> Vec<String> {
    let all = analysis::verdict_changes(before, after).into_iter();
    let lines = all.filter_map(|change| {
        let (was, is) = change_cells(before, after, &change);
        let is_news = was.value != is.value || change.before != change.after;
        is_news.then(|| {
            format!(
                "Δ {} of {}: {} {} → {} {}",
                story::objective_name(&after.objectives[change.objective_idx]),
                after.variants[change.variant_idx].name,
                story::mark(change.before),
                was.value,
                story::mark(change.after),
                is.value
            )
        })
    });
    lines.collect()
}

fn verdict_lines(pair: &Pair<'_>, paint: Paint) -> Vec<String> {
    let bound = |change: &&VerdictChange| {
        change.before != Verdict::NotBound || change.after != Verdict::NotBound
    };
    let all: Vec<&VerdictChange> = pair.found.verdicts.iter().filter(bound).collect();
    let turned: Vec<&&VerdictChange> = all.iter().filter(|one| one.before != one.after).collect();
    if all.is_empty() {
        return Vec::new();
    }
    let mut lines = Vec::new();
    for change in &turned {
        let objective = &pair.after.objectives[change.objective_idx];
        let (was, is) = change_cells(pair.before, pair.after, change);
        let (was, is) = (was.text(), is.text());
        let mark = story::mark(change.after);
        lines.push(format!(
            "{} {} {} of {}: {} {was} → {mark} {is}",
            paint.verdict(change.after, mark),
            clean(&story::objective_name(objective)),
            story::objective_target(objective),
            clean(&pair.after.variants[change.variant_idx].name),
            story::mark(change.before),
        ));
    }
    let same = all.len() - turned.len();
    if same > 0 {
        let verdicts = story::plural(same as u64, "SLO verdict");
        lines.push(paint.dim(&format!("{verdicts} as before")));
    }
    lines.push(String::new());
    lines
}

/// Better, worse, or other; nothing if chance can have done it.
fn judgement(change: &FigureChange) -> &'static str {
    if !change.is_sure {
        return "";
    }
    match is_gain(change.figure) {
        Some(gain) if gain == (change.difference.mean > 0.0) => "better",
        Some(_) => "worse",
        None => "other",
    }
}

fn texts(change: &FigureChange) -> [String; 3] {
    let unit = format::unit_of_figure(change.figure);
    [
        format::estimate(unit, &change.before).value,
        format::estimate(unit, &change.after).value,
        difference(unit, change),
    ]
}

/// `+64.9 points ±0.2`, `−1.2s ±0.1`.
fn difference(unit: Unit, change: &FigureChange) -> String {
    signed(unit, change.difference.mean, change.difference.half_width)
}

/// By how much an SLO line's cell has moved since an earlier run: `Δ −1.2s`; `None` if it reads as it did, or one of the two says
/// nothing.
pub(super) fn moved(before: &Findings, after: &Findings, change: &VerdictChange) -> Option<String> {
    let line = &after.objectives[change.objective_idx];
    let was = before.objectives[change.objective_before_idx].cells[change.variant_before_idx];
    let is = line.cells[change.variant_idx];
    let moved = is.estimate?.mean - was.estimate?.mean;
    let (old, new) = change_cells(before, after, change);
    let unit = format::unit_of_line(line.metric, line.stat);
    let is_news = moved.is_finite() && old.value != new.value;
    is_news.then(|| format!("Δ {}", signed(unit, moved, None)))
}

fn signed(unit: Unit, mean: f64, half_width: Option<f64>) -> String {
    let sign = if mean < 0.0 { "−" } else { "+" };
    let text = format::number(unit, mean.abs(), half_width).text();
    if unit == Unit::Share {
        format!("{sign}{}", text.replacen('%', " points", 1))
    } else {
        format!("{sign}{text}")
    }
}

fn figure_lines(pair: &Pair<'_>, columns: usize, paint: Paint) -> Vec<String> {
    let mut lines = Vec::new();
    let mut seen: Vec<(&str, &str)> = Vec::new();
    for one in &pair.found.figures {
        let key = (one.flow.as_str(), one.variant.as_str());
        if seen.contains(&key) {
            continue;
        }
        seen.push(key);
        let own = pair.found.figures.iter();
        let own = own.filter(|other| (other.flow.as_str(), other.variant.as_str()) == key);
        let (sure, other): (Vec<_>, Vec<_>) = own.partition(|one| one.is_sure);
        let head = clean(&format!("{} in {}", key.0, key.1));
        let rows: Vec<(String, [String; 3], &str)> = sure
            .iter()
            .map(|one| (one.figure.replace('_', " "), texts(one), judgement(one)))
            .collect();
        let first = rows.iter().map(|(name, ..)| width(name)).max().unwrap_or(0);
        let widest = |nth: usize| rows.iter().map(|(_, cells, _)| width(&cells[nth])).max();
        let wide = [0, 1, 2].map(|nth| widest(nth).unwrap_or(0));
        lines.push(paint.strong(&head));
        for (name, cells, judgement) in &rows {
            let line = format!(
                "  {}   {} → {}   {}   {judgement}",
                pad(name, first),
                pad(&cells[0], wide[0]),
                pad(&cells[1], wide[1]),
                pad(&cells[2], wide[2]),
            );
            if width(&line) <= columns {
                lines.push(line);
            } else {
                lines.extend(wrap(line.trim_start(), columns, 4));
            }
        }
        let rest = match (sure.len(), other.len()) {
            (0, _) => "nothing has moved by more than chance".to_owned(),
            (_, 0) => continue,
            (_, n) => format!("{} within chance", story::plural(n as u64, "other figure")),
        };
        lines.push(paint.dim(&format!("  {rest}")));
    }
    lines
}

/// The comparison as data.
pub(super) fn json(pair: &Pair<'_>) -> String {
    let verdict = |verdict: Verdict| match verdict {
        Verdict::Pass => "pass",
        Verdict::Fail => "fail",
        Verdict::Undecided => "undecided",
        Verdict::NotBound => "not_bound",
    };
    let verdicts: Vec<_> = pair
        .found
        .verdicts
        .iter()
        .map(|one| {
            json!({
                "slo": pair.after.objectives[one.objective_idx].name,
                "variant": pair.after.variants[one.variant_idx].name,
                "before": verdict(one.before),
                "after": verdict(one.after),
            })
        })
        .collect();
    let figures: Vec<_> = pair
        .found
        .figures
        .iter()
        .map(|one| {
            json!({
                "variant": one.variant,
                "flow": one.flow,
                "metric": one.figure,
                "before": one.before.mean,
                "after": one.after.mean,
                "difference": one.difference.mean,
                "half_width": one.difference.half_width,
                "sure": one.is_sure,
            })
        })
        .collect();
    let whole = json!({
        "schema": "brownout/comparison/1",
        "before": story::stamp(pair.before),
        "after": story::stamp(pair.after),
        "paired": pair.found.is_paired,
        "inputs": pair.inputs,
        "only_before": pair.found.gone,
        "only_after": pair.found.new,
        "verdicts": verdicts,
        "figures": figures,
    });
    let mut text = serde_json::to_string_pretty(&whole).expect("strings and numbers");
    text.push('\n');
    text
}
