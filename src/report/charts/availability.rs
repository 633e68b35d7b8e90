//! Chart 3: availability and its interval on a nines axis, and how much of the error budget that spends.

use super::canvas::{Anchor, Drawing, Label};
use super::font::{self, Weight};
use super::frame::{self, LABEL_MAX, LINE, MARGIN, Plot, SMALL, Words, label, x_grid, x_labels};
use super::palette::{GREY, HAIR, INK, hue, hue_text, shape};
use super::scale::{Scale, nines};
use crate::analysis::{Estimate, Findings, FlowFindings};
use crate::report::format::{self, Unit};
use crate::report::story;

/// A variant's row: index, name, flow.
type Row<'a> = (usize, &'a str, &'a FlowFindings);

/// The chart; `None` if no variant has an availability.
pub(super) fn draw(findings: &Findings, flow: &str) -> Option<Drawing> {
    let rows: Vec<(usize, &str, Estimate)> = super::rows(findings, flow)
        .into_iter()
        .filter_map(|(idx, name, f): Row<'_>| Some((idx, name, story::figure(f, "availability")?)))
        .filter(|r| r.2.mean.is_finite())
        .collect();
    if rows.is_empty() {
        return None;
    }
    let target = story::availability_target(findings, flow);
    let most = axis_end(&rows, target);
    let mut drawing = Drawing::new(frame::WIDTH);
    let words = words(findings, flow, &rows, target);
    let y = frame::header(&mut drawing, &words);
    let names = frame::names_width(rows.iter().map(|r| r.1), LABEL_MAX);
    let texts: Vec<(String, String)> = rows.iter().map(|r| result(&r.2, target)).collect();
    let side = texts.iter().map(text_width).fold(60.0, f64::max);
    let left = MARGIN + names + 22.0;
    let right = frame::WIDTH - MARGIN - side - 24.0;
    let top = y + 18.0;
    let heights: Vec<f64> = rows
        .iter()
        .map(|r| {
            (font::wrap(r.1, SMALL, Weight::Semibold, LABEL_MAX).len() as f64 * LINE + 14.0)
                .max(44.0)
        })
        .collect();
    let plot = Plot {
        left,
        right,
        top,
        bottom: top + heights.iter().sum::<f64>(),
    };
    let scale = Scale::nines(most, (left, right));
    let marks = marks(most);
    x_grid(&mut drawing, plot, scale, &marks);
    if let Some(target) = target {
        target_line(&mut drawing, plot, scale, target);
    }
    let mut y = top;
    for ((row, text), height) in rows.iter().zip(&texts).zip(&heights) {
        variant(&mut drawing, row, text, plot, scale, y + height / 2.0);
        y += height;
        drawing.line(
            vec![(MARGIN, y), (frame::WIDTH - MARGIN, y)],
            HAIR,
            0.75,
            None,
        );
    }
    let y = x_labels(&mut drawing, plot, scale, &marks);
    drawing.text(label(
        (left, y + 14.0),
        "accepted, % of those offered, nines scale",
        GREY,
        Anchor::Start,
    ));
    frame::footer(&mut drawing, y + 18.0, &words);
    Some(drawing)
}

/// How wide the wider of a row's two texts is.
fn text_width((value, budget): &(String, String)) -> f64 {
    let value = font::measure(value, SMALL, Weight::Semibold);
    value.max(font::measure(budget, SMALL, Weight::Regular))
}

fn target_line(drawing: &mut Drawing, plot: Plot, scale: Scale, target: f64) {
    let x = scale.at(target);
    let line = vec![(x, plot.top - 4.0), (x, plot.bottom)];
    drawing.line(line, INK, 1.25, Some((5.0, 3.0)));
    let text = format!("SLO ≥ {}", format::target(Unit::Share, target));
    let half = font::measure(&text, SMALL, Weight::Semibold) / 2.0;
    let (least, most) = (plot.left + half, plot.right - half);
    let x = x.clamp(least, most.max(least));
    drawing.text(strong((x, plot.top - 8.0), &text, INK, Anchor::Middle));
}

fn strong(at: (f64, f64), text: &str, ink: super::canvas::Ink, anchor: Anchor) -> Label {
    Label {
        weight: Weight::Semibold,
        ..label(at, text, ink, anchor)
    }
}

/// Nines at the right end: one more than anybody has or wants; who has all lies there.
fn axis_end(rows: &[(usize, &str, Estimate)], target: Option<f64>) -> f64 {
    rows.iter()
        .flat_map(|r| [r.2.mean, r.2.mean + r.2.half_width.unwrap_or(0.0)])
        .chain(target)
        .map(nines)
        .filter(|n| n.is_finite())
        .fold(2.0, f64::max)
        .ceil()
        .min(8.0)
        + 0.5
}

fn marks(most: f64) -> Vec<(f64, String)> {
    [
        0.0,
        0.5,
        0.9,
        0.99,
        0.999,
        0.9999,
        0.99999,
        0.999_999,
        0.999_999_9,
    ]
    .into_iter()
    .filter(|q| nines(*q) < most - 0.4)
    .map(|q| (q, format::target(Unit::Share, q)))
    .chain([(1.0, "100%".to_owned())])
    .collect()
}

/// The value with its interval, and the budget in words.
fn result(estimate: &Estimate, target: Option<f64>) -> (String, String) {
    let shown = format::estimate(Unit::Share, estimate).text();
    let budget = target.and_then(|t| budget(estimate.mean, t));
    (shown, budget.unwrap_or_default())
}

/// `102× budget`, `0.39× budget`, `no budget spent`; `None` if the target leaves no budget.
fn budget(availability: f64, target: f64) -> Option<String> {
    if !(0.0..1.0).contains(&target) || !availability.is_finite() {
        return None;
    }
    let ratio = (1.0 - availability).max(0.0) / (1.0 - target);
    Some(if ratio == 0.0 {
        "none of the budget".to_owned()
    } else {
        format!("{}× budget", format::number(Unit::Ratio, ratio, None).value)
    })
}

fn variant(
    drawing: &mut Drawing,
    (idx, name, estimate): &(usize, &str, Estimate),
    (value, budget): &(String, String),
    plot: Plot,
    scale: Scale,
    y: f64,
) {
    let lines = font::wrap(name, SMALL, Weight::Semibold, LABEL_MAX);
    let top = y - lines.len() as f64 * LINE / 2.0;
    for (row, line) in lines.iter().enumerate() {
        let at = (plot.left - 14.0, top + (row as f64 + 1.0) * LINE - 4.0);
        drawing.text(strong(at, line, hue_text(*idx), Anchor::End));
    }
    let x = scale.at(estimate.mean);
    if let Some(h) = estimate.half_width.filter(|h| h.is_finite() && *h > 0.0) {
        let (from, to) = (
            scale.at((estimate.mean - h).clamp(0.0, 1.0)),
            scale.at((estimate.mean + h).clamp(0.0, 1.0)),
        );
        drawing.line(vec![(from, y), (to, y)], hue(*idx), 2.5, None);
        for end in [from, to] {
            drawing.line(vec![(end, y - 5.0), (end, y + 5.0)], hue(*idx), 1.5, None);
        }
    }
    drawing.dot((x, y), 5.0, hue(*idx), shape(*idx));
    let right = plot.right + 16.0;
    let base = if budget.is_empty() { y + 4.0 } else { y - 3.0 };
    drawing.text(strong((right, base), value, hue_text(*idx), Anchor::Start));
    drawing.text(label((right, y + 13.0), budget, INK, Anchor::Start));
}

fn words(
    findings: &Findings,
    flow: &str,
    rows: &[(usize, &str, Estimate)],
    target: Option<f64>,
) -> Words {
    let reading = match target {
        Some(target) if target < 1.0 => format!(
            "Each step to the right fails ten times less. The budget of {} is {} of {flow} runs.",
            format::target(Unit::Share, target),
            format::target(Unit::Share, 1.0 - target)
        ),
        _ => "Each step to the right fails ten times less.".to_owned(),
    };
    let interval = if findings.stamp.replications >= 2 || story::is_batched(findings) {
        format!(", with {}", story::intervals(findings))
    } else {
        String::new()
    };
    Words {
        title: title(flow, rows, target),
        subtitle: format!("{flow}: share answered ok in time of all offered{interval}"),
        reading,
        stamp: story::stamp(findings),
    }
}

/// `sync spends 102× its error budget for place_order, async 0.39×`.
fn title(flow: &str, rows: &[(usize, &str, Estimate)], target: Option<f64>) -> String {
    let mut order: Vec<_> = rows.iter().collect();
    order.sort_by(|a, b| a.2.mean.total_cmp(&b.2.mean));
    let (worst, best) = (order[0], order[order.len() - 1]);
    let text = |r: &(usize, &str, Estimate)| format::estimate(Unit::Share, &r.2).value;
    let spent = |r: &(usize, &str, Estimate)| {
        target.and_then(|t| budget(r.2.mean, t)).map(|b| {
            b.replace(" budget", "")
                .replace("none of the", "none of it")
        })
    };
    match (spent(worst), spent(best)) {
        (Some(w), Some(_)) if rows.len() == 1 => {
            format!(
                "{} accepts {} of {flow}: {w} its error budget",
                worst.1,
                text(worst)
            )
        }
        _ if rows.len() > 1 && text(worst) == text(best) => {
            format!("Every variant accepts {} of {flow}", text(worst))
        }
        (Some(w), Some(_)) => format!(
            "{} accepts {} of {flow} and spends {w} its error budget; {} accepts {}",
            worst.1,
            text(worst),
            best.1,
            text(best)
        ),
        _ if rows.len() == 1 => format!("{} accepts {} of {flow}", worst.1, text(worst)),
        _ => format!(
            "{} accepts {} of {flow}, {} {}",
            worst.1,
            text(worst),
            best.1,
            text(best)
        ),
    }
}
