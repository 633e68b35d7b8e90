//! Chart 5: how long after each fault a variant was back. A row for each variant under its fault, one time axis for all; who
//! never came back stands in a column of its own.

use super::canvas::{Anchor, Drawing, Ink, Label};
use super::font::{self, Weight};
use super::frame::{
    self, LABEL_MAX, LINE, MARGIN, Plot, SMALL, Words, fitting, label, x_grid, x_labels,
};
use super::palette::{AXIS, GREY, HAIR, INK, hue, hue_text, shape};
use super::scale::{Scale, upper_end};
use crate::analysis::{Estimate, FaultFindings, Findings};
use crate::model::Metric;
use crate::report::format::{self, Unit};
use crate::report::{spark, story, ticks};

/// Width of the column of those who never recover.
const NEVER_COLUMN: f64 = 74.0;
/// Width of the column of what comes at once, on an axis that has no zero.
const ZERO_COLUMN: f64 = 34.0;
/// Height of a variant's row at least.
const ROW: f64 = 22.0;
/// Height of a fault's heading.
const HEADING: f64 = 24.0;
/// Between the faults.
const GAP: f64 = 10.0;

/// A fault with what each variant made of it.
struct Block<'a> {
    number: char,
    fault: &'a FaultFindings,
    /// Per variant: index, name, recovery.
    rows: Vec<(usize, &'a str, Option<Estimate>)>,
    /// The target of an SLO line, and how it is written.
    target: Option<(f64, String)>,
}

impl Block<'_> {
    fn is_told(&self) -> bool {
        self.rows.iter().any(|row| row.2.is_some())
    }
}

/// Where times lie.
struct Axis {
    scale: Scale,
    ticks: Vec<(f64, String)>,
    /// Where nothing at all lies, if the axis has no place for it.
    zero: Option<f64>,
    /// The middle of the column of those who never recover, if there are any.
    never: Option<f64>,
    /// The time at its left end.
    least: f64,
}

impl Axis {
    fn at(&self, seconds: f64) -> f64 {
        match self.zero {
            _ if seconds == f64::INFINITY => self.never.unwrap_or(f64::NAN),
            Some(zero) if seconds <= 0.0 => zero,
            _ => self.scale.at(seconds),
        }
    }

    /// Has it a place for a time, not only its end to put it at?
    fn holds(&self, seconds: f64) -> bool {
        seconds >= self.least || (self.zero.is_some() && seconds <= 0.0)
    }
}

/// The chart; `None` if no variant's recovery from any fault can be told.
pub(super) fn draw(findings: &Findings) -> Option<Drawing> {
    let blocks = blocks(findings);
    if !blocks.iter().any(Block::is_told) {
        return None;
    }
    let mut drawing = Drawing::new(frame::WIDTH);
    let words = words(findings, &blocks);
    let y = frame::header(&mut drawing, &words);
    let names = frame::names_width(findings.variants.iter().map(|v| v.name.as_str()), LABEL_MAX);
    let texts = blocks.iter().flat_map(|b| &b.rows).map(|r| {
        let text = shown(r.2.as_ref());
        font::measure(&text, SMALL, Weight::Semibold)
    });
    let texts = texts.fold(60.0, f64::max);
    let left = MARGIN + names + 22.0;
    let right = frame::WIDTH - MARGIN - texts - 16.0;
    let axis = axis(&blocks, left, right);
    let mut tops = Vec::new();
    let mut bottom = y;
    for block in &blocks {
        tops.push(bottom);
        bottom += height(block) + GAP;
    }
    let plot = Plot {
        left,
        right,
        top: y,
        bottom: bottom - GAP,
    };
    grid(&mut drawing, &blocks, &axis, plot, &tops);
    for (block, top) in blocks.iter().zip(tops) {
        draw_block(&mut drawing, block, &axis, plot, top);
    }
    let y = axis_labels(&mut drawing, &axis, plot);
    drawing.text(label(
        (left, y + 14.0),
        "time from the fault's end until all is well again",
        GREY,
        Anchor::Start,
    ));
    frame::footer(&mut drawing, y + 18.0, &words);
    Some(drawing)
}

fn blocks(findings: &Findings) -> Vec<Block<'_>> {
    let faults = findings.faults.iter().enumerate();
    let blocks = faults.map(|(idx, fault)| Block {
        number: spark::numeral(idx),
        fault,
        rows: findings
            .variants
            .iter()
            .enumerate()
            .map(|(at, v)| (at, v.name.as_str(), v.recovery.get(idx).copied().flatten()))
            .map(|(at, name, found)| (at, name, found.filter(|e| e.n > 0 && !e.mean.is_nan())))
            .collect(),
        target: target(findings, &fault.name),
    });
    blocks.collect()
}

/// The strictest target for the recovery from a fault. The line is matched by the name in it, for a variant may number its
/// faults otherwise. Bars are of the flow that is back last: a line that speaks of one of several flows is no target for them.
fn target(findings: &Findings, fault: &str) -> Option<(f64, String)> {
    let named = format!("recovery({fault})");
    let is_one = story::flows(findings).len() < 2;
    let lines = findings.objectives.iter().filter(|line| {
        let text: String = line.text.split_whitespace().collect();
        let is_of_all = is_one || line.flow.is_none();
        is_of_all && matches!(line.metric, Metric::Recovery(_)) && text.contains(&named)
    });
    lines
        .filter(|line| line.target.is_finite() && line.target >= 0.0)
        .map(|line| (line.target, story::objective_target(line)))
        .min_by(|a, b| a.0.total_cmp(&b.0))
}

fn shown(found: Option<&Estimate>) -> String {
    found.map_or_else(
        || format::UNKNOWN.to_owned(),
        |e| format::estimate(Unit::Seconds, e).text(),
    )
}

fn row_height(name: &str) -> f64 {
    let lines = font::wrap(name, SMALL, Weight::Semibold, LABEL_MAX).len();
    (lines as f64 * LINE + 5.0).max(ROW)
}

fn height(block: &Block<'_>) -> f64 {
    if !block.is_told() {
        return HEADING;
    }
    let rows = block.rows.iter().map(|row| row_height(row.1));
    HEADING + rows.sum::<f64>() + 4.0
}

/// From zero, in equal steps; in equal factors where times differ more than a hundredfold.
fn axis(blocks: &[Block<'_>], left: f64, right: f64) -> Axis {
    let found = || blocks.iter().flat_map(|b| &b.rows).filter_map(|row| row.2);
    let has_never = found().any(|e| e.mean.is_infinite());
    let never = has_never.then_some(right - NEVER_COLUMN / 2.0);
    let right = if has_never {
        right - NEVER_COLUMN - 14.0
    } else {
        right
    };
    let means: Vec<f64> = blocks
        .iter()
        .flat_map(|block| {
            let found = block.rows.iter().filter_map(|row| Some(row.2?.mean));
            found.chain(block.target.as_ref().map(|t| t.0))
        })
        .filter(|mean| mean.is_finite())
        .collect();
    let uppers = found().map(|e| e.mean + e.half_width.filter(|h| h.is_finite()).unwrap_or(0.0));
    let high = upper_end(means.iter().copied().chain(uppers));
    let positive = means.iter().copied().filter(|mean| *mean > 0.0);
    let low = positive.fold(f64::INFINITY, f64::min).max(high * 1e-9);
    if !(low.is_finite() && high / low > 100.0) {
        return Axis {
            scale: Scale::linear((0.0, high), (left, right)),
            ticks: ticks::time_marks(high, 6),
            zero: None,
            never,
            least: 0.0,
        };
    }
    let has_zero = means.iter().any(|mean| *mean <= 0.0);
    let from = if has_zero { left + ZERO_COLUMN } else { left };
    let low = low / 1.6;
    let ticks = ticks::log_ticks(low, high).into_iter();
    Axis {
        scale: Scale::log((low, high), (from, right)),
        ticks: ticks.map(|t| (t, format::literal(t))).collect(),
        zero: has_zero.then_some(left + 6.0),
        never,
        least: low,
    }
}

fn grid(drawing: &mut Drawing, blocks: &[Block<'_>], axis: &Axis, plot: Plot, tops: &[f64]) {
    for (block, top) in blocks.iter().zip(tops) {
        if !block.is_told() {
            continue;
        }
        let (from, to) = (top + HEADING, top + height(block));
        let part = Plot {
            top: from,
            bottom: to,
            ..plot
        };
        x_grid(drawing, part, axis.scale, &axis.ticks);
        if let Some(zero) = axis.zero {
            drawing.line(vec![(zero, from), (zero, to)], HAIR, 0.75, None);
        }
        if let Some(never) = axis.never {
            let half = NEVER_COLUMN / 2.0;
            drawing.rect((never - half, from), (never + half, to), (0, 0, 0), 0.05);
        }
    }
}

fn axis_labels(drawing: &mut Drawing, axis: &Axis, plot: Plot) -> f64 {
    let part = Plot {
        right: axis
            .never
            .map_or(plot.right, |never| never - NEVER_COLUMN / 2.0 - 10.0),
        ..plot
    };
    // The label of what comes at once, if it has one, has precedence over those right of it.
    let ticks: Vec<(f64, String)> = fitting(axis.scale, &axis.ticks)
        .into_iter()
        .filter(|(at, _)| {
            axis.zero
                .is_none_or(|zero| axis.scale.at(*at) > zero + 24.0)
        })
        .collect();
    let y = x_labels(drawing, part, axis.scale, &ticks);
    if let Some(zero) = axis.zero {
        let at = (zero, plot.bottom + 17.0);
        drawing.text(label(at, "0s", GREY, Anchor::Middle));
    }
    if let Some(never) = axis.never {
        let half = NEVER_COLUMN / 2.0;
        let line = [never - half, never + half].map(|x| (x, plot.bottom));
        drawing.line(line.to_vec(), AXIS, 1.0, None);
        let at = (never, plot.bottom + 17.0);
        drawing.text(label(at, format::NEVER, GREY, Anchor::Middle));
    }
    y
}

fn draw_block(drawing: &mut Drawing, block: &Block<'_>, axis: &Axis, plot: Plot, top: f64) {
    heading(drawing, block, axis, plot, top);
    if !block.is_told() {
        return;
    }
    let from = top + HEADING;
    if let Some((target, _)) = &block.target {
        let x = axis.at(*target);
        let to = top + height(block);
        drawing.line(vec![(x, from), (x, to)], INK, 1.25, Some((5.0, 3.0)));
    }
    let mut y = from + 2.0;
    for (idx, name, found) in &block.rows {
        let height = row_height(name);
        let middle = y + height / 2.0;
        let ink = hue_text(*idx);
        let lines = font::wrap(name, SMALL, Weight::Semibold, LABEL_MAX);
        let first = middle - lines.len() as f64 * LINE / 2.0;
        for (line_idx, line) in lines.iter().enumerate() {
            let at = (
                plot.left - 14.0,
                first + (line_idx as f64 + 1.0) * LINE - 4.0,
            );
            drawing.text(strong(at, line, ink, Anchor::End));
        }
        if let Some(found) = found {
            dot(drawing, *idx, found, axis, middle);
        }
        let ink = if found.is_some() { ink } else { GREY };
        let at = (plot.right + 12.0, middle + 4.0);
        drawing.text(strong(at, &shown(found.as_ref()), ink, Anchor::Start));
        y += height;
    }
}

/// Number and name of a fault, what it is, and its target; what finds no room is left out, the name is cut.
fn heading(drawing: &mut Drawing, block: &Block<'_>, axis: &Axis, plot: Plot, top: f64) {
    let base = top + 16.0;
    let mut end = frame::WIDTH - MARGIN;
    if let (Some((target, text)), true) = (&block.target, block.is_told()) {
        let text = format!("SLO {text}");
        let width = font::measure(&text, SMALL, Weight::Semibold);
        let x = axis.at(*target).clamp(plot.left + width, plot.right);
        drawing.text(strong((x + 4.0, base), &text, INK, Anchor::End));
        end = x + 4.0 - width - 12.0;
    }
    let name = format!("{} {}", block.number, block.fault.name);
    let lines = font::wrap(&name, SMALL, Weight::Semibold, end - MARGIN);
    let name = match lines.as_slice() {
        [_] => name,
        // One line is all the room there is: as much of the name as there is room for.
        _ => format!(
            "{}…",
            font::wrap(&name, SMALL, Weight::Semibold, end - MARGIN - 12.0)[0]
        ),
    };
    drawing.text(strong((MARGIN, base), &name, INK, Anchor::Start));
    let from = MARGIN + font::measure(&name, SMALL, Weight::Semibold) + 8.0;
    let what = if block.is_told() {
        format!("{}: {}", block.fault.target, block.fault.effect)
    } else {
        format!(
            "{} cannot be told: it never ended with time enough left",
            format::UNKNOWN
        )
    };
    if from + font::measure(&what, SMALL, Weight::Regular) <= end {
        drawing.text(label((from, base), &what, GREY, Anchor::Start));
    }
}

fn strong(at: (f64, f64), text: &str, ink: Ink, anchor: Anchor) -> Label {
    Label {
        weight: Weight::Semibold,
        ..label(at, text, ink, anchor)
    }
}

/// A dot with its interval; hollow where some replications recover and some do not.
fn dot(drawing: &mut Drawing, variant_idx: usize, found: &Estimate, axis: &Axis, y: f64) {
    let ink = hue(variant_idx);
    let x = axis.at(found.mean);
    if let Some(half) = found.half_width.filter(|h| h.is_finite() && *h > 0.0) {
        // An interval that goes on beyond the axis has no end there.
        let low = (found.mean - half).max(0.0);
        let (from, to) = (axis.at(low), axis.at(found.mean + half));
        drawing.line(vec![(from, y), (to, y)], ink, 2.5, None);
        let ends = [(from, axis.holds(low)), (to, true)];
        for (end, _) in ends.into_iter().filter(|end| end.1) {
            drawing.line(vec![(end, y - 5.0), (end, y + 5.0)], ink, 1.5, None);
        }
    }
    drawing.dot((x, y), 5.0, ink, shape(variant_idx));
    if found.n_never > 0 && found.n_never < found.n {
        drawing.dot((x, y), 2.5, (255, 255, 255), shape(variant_idx));
    }
}

fn words(findings: &Findings, blocks: &[Block<'_>]) -> Words {
    let interval = if findings.stamp.replications >= 2 {
        format!(", with {}", story::intervals(findings))
    } else {
        String::new()
    };
    let mut reading = "Further left is sooner back.".to_owned();
    let rows = || blocks.iter().flat_map(|b| &b.rows).filter_map(|r| r.2);
    if rows().any(|e| e.n_never > 0) {
        reading += " Who was not back by the end of the run stands under never";
        reading += if rows().any(|e| e.n_never > 0 && e.n_never < e.n) {
            ", hollow where that is so in some replications only."
        } else {
            "."
        };
    }
    if blocks.iter().any(|b| b.rows.iter().any(|r| r.2.is_none())) {
        reading += " A dash: no window of the fault ended with time enough left to tell.";
    }
    Words {
        title: title(blocks),
        subtitle: format!(
            "Time from the end of a fault until success, answer time and backlog are back in their band for good{interval}"
        ),
        reading,
        stamp: story::stamp(findings),
    }
}

/// `async is back 50s after payment_outage; sync never recovers`: of the fault that tells the variants most apart.
fn title(blocks: &[Block<'_>]) -> String {
    let found = blocks.iter().filter_map(|block| {
        let rows = block.rows.iter().filter_map(|row| Some((row.1, row.2?)));
        let mut rows: Vec<(&str, Estimate)> = rows.collect();
        rows.sort_by(|a, b| a.1.mean.total_cmp(&b.1.mean));
        (!rows.is_empty()).then_some((block.fault.name.as_str(), rows))
    });
    // A fault that some survive and some do not says most, then one that nobody does, then the one of the largest difference.
    let weight = |rows: &[(&str, Estimate)]| {
        let (first, last) = (rows[0].1.mean, rows[rows.len() - 1].1.mean);
        let n_never = rows.iter().filter(|r| r.1.mean.is_infinite()).count();
        match n_never {
            0 => last - first,
            n if n == rows.len() => 1e18,
            _ => 2e18,
        }
    };
    let mut best: Option<(&str, Vec<(&str, Estimate)>)> = None;
    for (fault, rows) in found {
        if best
            .as_ref()
            .is_none_or(|(_, other)| weight(&rows) > weight(other))
        {
            best = Some((fault, rows));
        }
    }
    best.map_or_else(
        || "Recovery".to_owned(),
        |(fault, rows)| sentence(fault, &rows),
    )
}

/// No time at all is `at once`.
fn later(time: &str) -> &str {
    if time == "0s" { "at once" } else { time }
}

/// Who is back when, of those who come back: the first and the last.
fn back(fault: &str, rows: &[(&str, Estimate)]) -> Option<String> {
    let text = |e: &Estimate| format::estimate(Unit::Seconds, e).value;
    let back: Vec<&(&str, Estimate)> = rows.iter().filter(|r| r.1.mean.is_finite()).collect();
    let (first, last) = (back.first()?, back.last()?);
    let (fast, slow) = (text(&first.1), text(&last.1));
    Some(
        if fast == slow && back.len() == rows.len() && rows.len() > 1 {
            format!("Every variant is back {} after {fault}", later(&fast))
        } else if fast == slow {
            let names: Vec<&str> = back.iter().map(|r| r.0).collect();
            let verb = if names.len() == 1 { "is" } else { "are" };
            format!(
                "{} {verb} back {} after {fault}",
                story::list(&names),
                later(&fast)
            )
        } else {
            let after = if fast == "0s" { "after " } else { "" };
            format!(
                "{} is back {} after {fault}, {} {after}{slow}",
                first.0,
                later(&fast),
                last.0
            )
        },
    )
}

fn sentence(fault: &str, rows: &[(&str, Estimate)]) -> String {
    let is_always = |e: &Estimate| e.n_never > 0 && e.n_never == e.n;
    let of = |keep: &dyn Fn(&Estimate) -> bool| -> Vec<&str> {
        rows.iter().filter(|r| keep(&r.1)).map(|r| r.0).collect()
    };
    let never = of(&is_always);
    let partly = of(&|e| e.mean.is_infinite() && !is_always(e));
    let mut parts: Vec<String> = back(fault, rows).into_iter().collect();
    let after = if parts.is_empty() {
        format!(" from {fault}")
    } else {
        String::new()
    };
    if never.len() == rows.len() && rows.len() > 1 {
        parts.push(format!("No variant recovers{after}"));
    } else if !never.is_empty() {
        let verb = if never.len() == 1 {
            "recovers"
        } else {
            "recover"
        };
        parts.push(format!("{} never {verb}{after}", story::list(&never)));
    }
    if !partly.is_empty() {
        let verb = if partly.len() == 1 { "does" } else { "do" };
        let after = if parts.is_empty() {
            after
        } else {
            String::new()
        };
        let often = match rows
            .iter()
            .filter(|r| partly.contains(&r.0))
            .collect::<Vec<_>>()[..]
        {
            [(_, e)] => format!("in {} of {} replications", e.n_never, e.n),
            _ => "in some replications".to_owned(),
        };
        parts.push(format!(
            "{} {verb} not recover{after} {often}",
            story::list(&partly)
        ));
    }
    parts.join("; ")
}
