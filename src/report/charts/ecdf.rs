//! Chart 6: how many are done within a time, of all that were offered: what is lost keeps a curve below the top.

use super::canvas::{Anchor, Drawing, Shape};
use super::frame::{
    self, End, Key, MARGIN, Plot, Words, direct_labels, heading_with_key, label, x_grid, x_labels,
    y_axis,
};
use super::palette::{AXIS, GREY, INK, dash, hue, shape};
use super::scale::{Scale, band_on_log, log_ends};
use crate::analysis::{Curve, Findings, FlowFindings};
use crate::model::{Metric, Stat};
use crate::report::format::{self, Unit};
use crate::report::{story, ticks};

/// The widest a variant's name may be beside the panel.
const NAMES: f64 = 150.0;

/// A share of those offered, and by when so many are done.
#[derive(Clone, Copy, Debug, PartialEq)]
struct Step {
    seconds: f64,
    share: f64,
    band: Option<(f64, f64)>,
}

/// One variant's curves.
struct Row<'a> {
    idx: usize,
    name: &'a str,
    /// The share that is completed in the end.
    top: f64,
    done: Vec<Step>,
    /// Until the client has its answer; empty where that is the same.
    answered: Vec<Step>,
    /// The last completion.
    last_s: f64,
}

/// The chart; `None` if nothing was completed.
pub(super) fn draw(findings: &Findings, flow: &str) -> Option<Drawing> {
    let rows: Vec<Row<'_>> = super::rows(findings, flow)
        .into_iter()
        .filter_map(|(idx, name, found)| row(idx, name, found))
        .collect();
    if rows.iter().all(|row| row.done.is_empty()) {
        return None;
    }
    let targets = targets(findings, flow);
    let steps = rows.iter().flat_map(|r| r.done.iter().chain(&r.answered));
    let times = steps.flat_map(|s| [s.seconds, s.band.map_or(s.seconds, |b| b.1)]);
    let lasts = rows.iter().map(|r| r.last_s);
    let ends = log_ends(times.chain(lasts).chain(targets.iter().map(|t| t.1)));
    let mut drawing = Drawing::new(frame::WIDTH);
    let words = words(findings, flow, &rows);
    let y = frame::header(&mut drawing, &words);
    let labels: Vec<String> = rows.iter().map(end_label).collect();
    let names = frame::names_width(labels.iter().map(String::as_str), NAMES);
    let height = frame::names_height(labels.iter().map(String::as_str), NAMES).max(340.0);
    let plot = Plot {
        left: MARGIN + 46.0,
        right: frame::WIDTH - MARGIN - names - 18.0,
        top: y + 22.0,
        bottom: y + 22.0 + height,
    };
    let texts: Vec<String> = targets.iter().map(|t| t.2.clone()).collect();
    let key = Key {
        texts: &texts,
        stroke: 1.5,
        dash: None,
        shape: Some(Shape::Diamond),
    };
    let heading = ("done", "share of those offered that is completed by then");
    let width = plot.right - plot.left;
    heading_with_key(&mut drawing, (plot.left, y + 12.0), heading, width, &key);
    let time = Scale::log(ends, (plot.left, plot.right));
    let share = Scale::linear((0.0, 1.0), (plot.bottom, plot.top));
    let ticks = grid(&mut drawing, plot, (time, ends), share);
    curves(&mut drawing, &rows, plot, time, share);
    target_points(&mut drawing, &rows, &targets, time, share);
    let label_ends: Vec<End<'_>> = rows
        .iter()
        .zip(&labels)
        .map(|(row, name)| End {
            variant_idx: row.idx,
            name,
            at: (plot.right - 2.0, share.at(row.top)),
        })
        .collect();
    let between = (plot.top - 6.0, plot.bottom + 6.0);
    direct_labels(&mut drawing, &label_ends, (plot.right, NAMES), between);
    let bottom = x_labels(&mut drawing, plot, time, &ticks);
    drawing.text(label(
        (plot.left, bottom + 14.0),
        "time since arrival, log scale",
        GREY,
        Anchor::Start,
    ));
    frame::footer(&mut drawing, bottom + 18.0, &words);
    Some(drawing)
}

/// Grid and labels of the shares; gives the times to be labelled.
fn grid(
    drawing: &mut Drawing,
    plot: Plot,
    (time, ends): (Scale, (f64, f64)),
    share: Scale,
) -> Vec<(f64, String)> {
    let marks = [0.0, 0.25, 0.5, 0.75, 1.0].map(|v| (v, format::target(Unit::Share, v)));
    y_axis(drawing, plot, share, &marks);
    let ticks = ticks::log_ticks(ends.0, ends.1).into_iter();
    let ticks: Vec<(f64, String)> = ticks.map(|t| (t, format::literal(t))).collect();
    x_grid(drawing, plot, time, &ticks);
    ticks
}

fn row<'a>(idx: usize, name: &'a str, found: &FlowFindings) -> Option<Row<'a>> {
    let offered = found.outcomes.offered;
    if offered == 0 {
        return None;
    }
    let top = (found.outcomes.completed as f64 / offered as f64).min(1.0);
    let done = steps(&found.completion, offered, top);
    let answered = steps(&found.latency, offered, 1.0);
    let last_s = found.completion.max_s;
    let last_s = if last_s.is_finite() && top > 0.0 {
        last_s
    } else {
        0.0
    };
    Some(Row {
        idx,
        name,
        top,
        answered: if differs(&answered, &done) {
            answered
        } else {
            Vec::new()
        },
        done,
        last_s,
    })
}

/// A curve's points as shares of those offered. What the end of the run cut off is among the samples, with the time until
/// then; it lies above the top and is left out.
fn steps(curve: &Curve, offered: u64, top: f64) -> Vec<Step> {
    let part = (curve.n as f64 / offered as f64).min(1.0);
    let points = curve.points.iter().map(|p| Step {
        seconds: p.value_s,
        share: p.q * part,
        band: p.band_s.map(|band| band_on_log(p.value_s, band)),
    });
    points
        .filter(|s| s.seconds.is_finite() && s.seconds > 0.0)
        .filter(|s| s.share.is_finite() && s.share <= top + 1e-12)
        .collect()
}

/// Do two curves lie apart anywhere by more than a line is wide: 3 % of the time at the same share?
fn differs(a: &[Step], b: &[Step]) -> bool {
    let (Some(last), false) = (b.last(), a.is_empty()) else {
        return !a.is_empty();
    };
    let mut apart = b
        .iter()
        .filter_map(|step| Some((step.seconds, when(a, step.share)?)))
        .map(|(x, y)| (x / y).max(y / x) > 1.03);
    apart.any(|is_apart| is_apart) || a.iter().any(|step| step.share > last.share + 0.02)
}

/// When a share is reached: between two points in proportion. `None` beyond the last.
fn when(steps: &[Step], share: f64) -> Option<f64> {
    let next = steps.iter().position(|step| step.share >= share)?;
    let to = steps[next];
    let Some(from) = next.checked_sub(1).map(|idx| steps[idx]) else {
        return Some(to.seconds);
    };
    let part = (share - from.share) / (to.share - from.share);
    Some(from.seconds + part * (to.seconds - from.seconds))
}

/// Quantiles of the completion time that SLO lines name: quantile, seconds, how it is written.
fn targets(findings: &Findings, flow: &str) -> Vec<(f64, f64, String)> {
    findings
        .objectives
        .iter()
        .filter(|o| o.metric == Metric::Completion && story::speaks_of(o, flow))
        .filter(|o| o.target.is_finite() && o.target > 0.0)
        .filter_map(|o| match o.stat {
            Stat::Quantile(q) => Some((
                q,
                o.target,
                format!("{} {}", format::quantile(q), story::objective_target(o)),
            )),
            _ => None,
        })
        .collect()
}

fn curves(drawing: &mut Drawing, rows: &[Row<'_>], plot: Plot, time: Scale, share: Scale) {
    let at = |seconds: f64, of: f64| (time.at(seconds), share.at(of));
    for row in rows {
        let banded = || row.done.iter().filter_map(|s| Some((s.share, s.band?)));
        let lower = banded().map(|(of, band)| at(band.0, of));
        let upper = banded().collect::<Vec<_>>().into_iter().rev();
        let area = lower.chain(upper.map(|(of, band)| at(band.1, of)));
        drawing.area(area.collect(), hue(row.idx), 0.18);
    }
    for row in rows {
        let ink = hue(row.idx);
        let answered = row.answered.iter().map(|s| at(s.seconds, s.share));
        drawing.line(answered.collect(), ink, 0.9, dash(row.idx));
        let points: Vec<(f64, f64)> = row.done.iter().map(|s| at(s.seconds, s.share)).collect();
        if let Some(last) = points.last() {
            // Beyond the last quantile that the samples tell, only the largest is known.
            let end = (time.at(row.last_s).max(last.0), share.at(row.top));
            drawing.line(vec![*last, end], ink, 0.9, Some((1.5, 2.0)));
            drawing.line(vec![end, (plot.right, end.1)], ink, 1.25, Some((1.5, 3.0)));
        } else {
            let y = share.at(row.top);
            drawing.line(
                vec![(plot.left, y), (plot.right, y)],
                ink,
                1.25,
                Some((1.5, 3.0)),
            );
        }
        for quarter in [0.25, 0.5, 0.75, 0.9] {
            if let Some(seconds) = when(&row.done, quarter) {
                drawing.dot(at(seconds, quarter), 3.5, ink, shape(row.idx));
            }
        }
        drawing.line(points, ink, 2.0, dash(row.idx));
    }
    drawing.line(
        vec![(plot.left, plot.top), (plot.left, plot.bottom)],
        AXIS,
        1.0,
        None,
    );
}

/// A target speaks of those completed: it lies below the top of each variant, once where they are the same to the eye.
fn target_points(
    drawing: &mut Drawing,
    rows: &[Row<'_>],
    targets: &[(f64, f64, String)],
    time: Scale,
    share: Scale,
) {
    for (q, seconds, _) in targets {
        let mut drawn: Vec<f64> = Vec::new();
        for row in rows.iter().filter(|row| row.top > 0.0) {
            let (x, y) = (time.at(*seconds), share.at(q * row.top));
            if drawn.iter().all(|other| (other - y).abs() > 3.0) {
                drawing.line(vec![(x - 12.0, y), (x + 12.0, y)], INK, 1.5, None);
                drawing.dot((x, y), 3.0, INK, Shape::Diamond);
                drawn.push(y);
            }
        }
    }
}

fn end_label(row: &Row<'_>) -> String {
    format!("{} {}", row.name, format::share(row.top))
}

fn words(findings: &Findings, flow: &str, rows: &[Row<'_>]) -> Words {
    let mut reading = "Further left is sooner; where a curve ends below 100%, the rest is never done. A dotted line goes on to the last completion.".to_owned();
    if rows.iter().any(|row| !row.answered.is_empty()) {
        reading += " Thin: until the client has an answer, of whatever kind, or leaves.";
    }
    let has_bands = rows.iter().flat_map(|r| &r.done).any(|s| s.band.is_some());
    if has_bands {
        reading += " Bands are ";
        reading += &story::intervals(findings);
        reading += ".";
    }
    if !targets(findings, flow).is_empty() {
        reading += " A target is a quantile of those completed.";
    }
    Words {
        title: title(flow, rows),
        subtitle: format!(
            "{flow}: share of all offered that is completed within a time, all replications together"
        ),
        reading,
        stamp: story::stamp(findings),
    }
}

/// `async completes 99.94% of place_order, half of all within 352ms; sync 89.84%, half within 331ms`.
fn title(flow: &str, rows: &[Row<'_>]) -> String {
    let text = |row: &Row<'_>| format::share(row.top);
    let half = |row: &Row<'_>| {
        when(&row.done, 0.5).map(|seconds| format::number(Unit::Seconds, seconds, None).value)
    };
    let mut order: Vec<&Row<'_>> = rows.iter().collect();
    order.sort_by(|a, b| {
        let halves = [a, b].map(|row| when(&row.done, 0.5).unwrap_or(f64::INFINITY));
        let order = if text(a) == text(b) {
            halves[0].total_cmp(&halves[1])
        } else {
            b.top.total_cmp(&a.top)
        };
        order.then(a.idx.cmp(&b.idx))
    });
    let (best, worst) = (order[0], order[order.len() - 1]);
    let within = |row: &Row<'_>, of: &str| match half(row) {
        Some(half) => format!(", half {of}within {half}"),
        None => String::new(),
    };
    let first = format!("{} completes {} of {flow}", best.name, text(best));
    if rows.len() == 1 {
        return first + &within(best, "of all ");
    }
    if text(best) == text(worst) {
        let every = format!("Every variant completes {} of {flow}", text(best));
        return match (half(best), half(worst)) {
            (Some(fast), Some(slow)) if fast == slow => {
                format!("{every}, half of all within {fast}")
            }
            (Some(fast), Some(slow)) => {
                format!(
                    "{every}: {} half of all within {fast}, {} {slow}",
                    best.name, worst.name
                )
            }
            _ => every,
        };
    }
    let least: Vec<&Row<'_>> = rows.iter().filter(|row| text(row) == text(worst)).collect();
    let names: Vec<&str> = least.iter().map(|row| row.name).collect();
    if names.len() > 1 {
        return format!(
            "{first}{}; {} {}",
            within(best, "of all "),
            story::list(&names),
            text(worst)
        );
    }
    format!(
        "{first}{}; {} {}{}",
        within(best, "of all "),
        worst.name,
        text(worst),
        within(worst, "")
    )
}
