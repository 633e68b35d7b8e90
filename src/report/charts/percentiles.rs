//! Chart 2: how long, by percentile, on the nines axis. Answer and completion side by side on one scale.

use super::canvas::{Anchor, Drawing, Shape};
use super::frame::{
    self, End, Key, LINE, MARGIN, Plot, Words, direct_labels, fitting, heading_above_key,
    heading_with_key, label, x_grid, x_labels, y_axis,
};
use super::palette::{GREY, INK, dash, hue, shape};
use super::scale::{Scale, band_on_log, log_ends, nines};
use crate::analysis::{Curve, CurvePoint, Findings, FlowFindings};
use crate::model::{Metric, Stat};
use crate::report::format::{self, Unit};
use crate::report::{story, ticks};

/// A variant's line: index, name, flow.
type Row<'a> = (usize, &'a str, &'a FlowFindings);

/// The widest a variant's name may be beside a panel.
const NAMES: f64 = 112.0;

/// One of the two panels.
struct Side {
    what: &'static str,
    how: &'static str,
    metric: Metric,
    curve: fn(&FlowFindings) -> &Curve,
}

const SIDES: [Side; 2] = [
    Side {
        what: "answer",
        how: "arrival until the answer",
        metric: Metric::Latency,
        curve: |f| &f.latency,
    },
    Side {
        what: "completion",
        how: "arrival until all is done",
        metric: Metric::Completion,
        curve: |f| &f.completion,
    },
];

/// The chart; `None` if no curve has a point.
pub(super) fn draw(findings: &Findings, flow: &str) -> Option<Drawing> {
    let rows: Vec<Row<'_>> = super::rows(findings, flow);
    let (low, high, most) = ends(findings, flow, &rows)?;
    let mut drawing = Drawing::new(frame::WIDTH);
    let words = words(findings, flow, &rows);
    let y = frame::header(&mut drawing, &words);
    let names = frame::names_width(rows.iter().map(|r| r.1), NAMES) + 18.0;
    let left = MARGIN + 46.0;
    let width = (frame::WIDTH - MARGIN - left - 2.0 * names - 34.0) / 2.0;
    let height = frame::names_height(rows.iter().map(|r| r.1), NAMES).max(330.0);
    let values: Vec<(f64, String)> = ticks::log_ticks(low, high)
        .into_iter()
        .map(|t| (t, format::literal(t)))
        .collect();
    let is_high = has_key_below(findings, flow, width);
    let top = y + 20.0 + if is_high { LINE } else { 0.0 };
    let mut bottom = y;
    for (idx, side) in SIDES.iter().enumerate() {
        let from = left + idx as f64 * (width + names + 34.0);
        let plot = Plot {
            left: from,
            right: from + width,
            top,
            bottom: top + height,
        };
        let texts = target_texts(findings, flow, side);
        let at = (from, y + 12.0);
        side_heading(&mut drawing, side, at, width, (&key(&texts), is_high));
        let scales = Scales {
            percentile: Scale::nines(most, (plot.left, plot.right)),
            value: Scale::log((low, high), (plot.bottom, plot.top)),
        };
        let shown = if idx == 0 {
            values.clone()
        } else {
            blank(&values)
        };
        y_axis(&mut drawing, plot, scales.value, &shown);
        bottom = panel(
            &mut drawing,
            findings,
            flow,
            side,
            &rows,
            plot,
            &scales,
            most,
        );
    }
    drawing.text(label(
        (left, bottom + 14.0),
        "percentile of flow runs, nines scale",
        GREY,
        Anchor::Start,
    ));
    frame::footer(&mut drawing, bottom + 18.0, &words);
    Some(drawing)
}

fn target_texts(findings: &Findings, flow: &str, side: &Side) -> Vec<String> {
    let targets = targets(findings, flow, side.metric).into_iter();
    targets.map(|(_, _, text)| text).collect()
}

/// Is there a panel whose targets find no room beside its heading? Both have them below then.
fn has_key_below(findings: &Findings, flow: &str, width: f64) -> bool {
    SIDES.iter().any(|side| {
        let texts = target_texts(findings, flow, side);
        !key(&texts).fits_beside((side.what, side.how), width)
    })
}

fn side_heading(
    drawing: &mut Drawing,
    side: &Side,
    at: (f64, f64),
    width: f64,
    (key, is_high): (&Key<'_>, bool),
) {
    let heading = (side.what, side.how);
    if is_high {
        heading_above_key(drawing, at, heading, width, key);
    } else {
        heading_with_key(drawing, at, heading, width, key);
    }
}

fn key(texts: &[String]) -> Key<'_> {
    Key {
        texts,
        stroke: 1.5,
        dash: None,
        shape: Some(Shape::Diamond),
    }
}

/// Least and largest time shown and most nines; `None` if no curve has a point.
fn ends(findings: &Findings, flow: &str, rows: &[Row<'_>]) -> Option<(f64, f64, f64)> {
    let points = || {
        rows.iter()
            .flat_map(|r| SIDES.iter().flat_map(|s| good(&(s.curve)(r.2).points)))
    };
    points().next()?;
    let targets = SIDES.iter().flat_map(|s| targets(findings, flow, s.metric));
    let (low, high) = log_ends(
        points()
            .flat_map(|p| [p.value_s, p.band_s.map_or(p.value_s, |b| b.1)])
            .chain(targets.map(|t| t.1)),
    );
    let most = points().map(|p| nines(p.q)).fold(2.0, f64::max).min(9.0);
    Some((low, high, most))
}

/// A panel's two scales.
struct Scales {
    percentile: Scale,
    value: Scale,
}

/// The same grid without its words.
fn blank(ticks: &[(f64, String)]) -> Vec<(f64, String)> {
    ticks.iter().map(|(t, _)| (*t, String::new())).collect()
}

/// Points that can be drawn on a logarithmic axis.
fn good(points: &[CurvePoint]) -> impl Iterator<Item = &CurvePoint> {
    points
        .iter()
        .filter(|p| p.value_s.is_finite() && p.value_s > 0.0 && (0.0..1.0).contains(&p.q))
}

/// Percentiles and values that SLO lines name.
fn targets(findings: &Findings, flow: &str, metric: Metric) -> Vec<(f64, f64, String)> {
    findings
        .objectives
        .iter()
        .filter(|o| o.metric == metric && story::speaks_of(o, flow) && o.target.is_finite())
        .filter_map(|o| match o.stat {
            Stat::Quantile(q) if o.target > 0.0 => Some((
                q,
                o.target,
                format!("{} {}", format::quantile(q), story::objective_target(o)),
            )),
            _ => None,
        })
        .collect()
}

#[expect(clippy::too_many_arguments, reason = "what a panel is drawn from")]
fn panel(
    drawing: &mut Drawing,
    findings: &Findings,
    flow: &str,
    side: &Side,
    rows: &[Row<'_>],
    plot: Plot,
    scales: &Scales,
    most: f64,
) -> f64 {
    // In the order of their worth: what finds no room beside an earlier one is left out, line and label.
    let marks: Vec<(f64, String)> = [0.5, 0.9, 0.99, 0.999, 0.9999, 0.99999, 0.999_999, 0.0]
        .into_iter()
        .filter(|q| nines(*q) <= most + 1e-9)
        .map(|q| (q, format::target(Unit::Share, q)))
        .collect();
    let marks = fitting(scales.percentile, &marks);
    x_grid(drawing, plot, scales.percentile, &marks);
    let at = |q: f64, value: f64| (scales.percentile.at(q), scales.value.at(value));
    for (idx, _, found) in rows {
        let points: Vec<&CurvePoint> = good(&(side.curve)(found).points).collect();
        let banded = || {
            points
                .iter()
                .filter_map(|p| p.band_s.map(|b| (p.q, band_on_log(p.value_s, b))))
        };
        let upper = banded().map(|(q, b)| at(q, b.1));
        let lower = banded().collect::<Vec<_>>().into_iter().rev();
        let area = upper.chain(lower.map(|(q, b)| at(q, b.0))).collect();
        drawing.area(area, hue(*idx), 0.18);
    }
    let mut ends = Vec::new();
    for (idx, name, found) in rows {
        let points: Vec<(f64, f64)> = good(&(side.curve)(found).points)
            .map(|p| at(p.q, p.value_s))
            .collect();
        let Some(last) = points.last().copied() else {
            continue;
        };
        for (q, _) in &marks {
            let x = scales.percentile.at(*q);
            if let Some(on) = points.iter().find(|p| (p.0 - x).abs() < 0.01) {
                drawing.dot(*on, 3.5, hue(*idx), shape(*idx));
            }
        }
        drawing.dot(last, 3.5, hue(*idx), shape(*idx));
        drawing.line(points, hue(*idx), 2.0, dash(*idx));
        ends.push(End {
            variant_idx: *idx,
            name,
            at: last,
        });
    }
    for (q, value, _) in targets(findings, flow, side.metric) {
        target_point(drawing, at(q, value));
    }
    direct_labels(
        drawing,
        &ends,
        (plot.right, NAMES),
        (plot.top - 4.0, plot.bottom + 6.0),
    );
    x_labels(drawing, plot, scales.percentile, &marks)
}

fn target_point(drawing: &mut Drawing, (x, y): (f64, f64)) {
    drawing.line(vec![(x - 16.0, y), (x + 16.0, y)], INK, 1.5, None);
    drawing.dot((x, y), 3.0, INK, Shape::Diamond);
}

fn words(findings: &Findings, flow: &str, rows: &[Row<'_>]) -> Words {
    let interval = if findings.stamp.replications >= 2 {
        format!(" Bands are {}.", story::intervals(findings))
    } else {
        String::new()
    };
    Words {
        title: title(flow, rows),
        subtitle: format!(
            "{flow}: time (log scale) by percentile of flow runs, all replications together"
        ),
        reading: format!(
            "Each step to the right is ten times rarer; lower is faster. A curve stops where the sample does.{interval}"
        ),
        stamp: story::stamp(findings),
    }
}

/// `At p99 async answers place_order in 497ms, sync in 5.00s; async completes it in 2m48s, sync in 3.07s`.
fn title(flow: &str, rows: &[Row<'_>]) -> String {
    let part = |figure: &str, verb: &str| -> Option<String> {
        let mut found: Vec<(&str, f64, String)> = rows
            .iter()
            .filter_map(|r| {
                let e = story::figure(r.2, figure)?;
                let mut text = format::estimate(Unit::Seconds, &e).value;
                if figure.starts_with("completion") {
                    text += &story::of_accepted(r.2);
                }
                e.mean.is_finite().then_some((r.1, e.mean, text))
            })
            .collect();
        found.sort_by(|a, b| a.1.total_cmp(&b.1));
        let first = found.first()?;
        let last = found.last()?;
        Some(if found.len() == 1 || first.2 == last.2 {
            let who = if found.len() == 1 {
                first.0
            } else {
                "every variant"
            };
            format!("{who} {verb} in {}", first.2)
        } else {
            format!(
                "{} {verb} in {}, {} in {}",
                first.0, first.2, last.0, last.2
            )
        })
    };
    match (
        part("latency_p99", "answers"),
        part("completion_p99", "completes"),
    ) {
        (Some(answer), Some(completion)) => format!("{flow} at p99: {answer}; {completion}"),
        (Some(one), None) | (None, Some(one)) => format!("{flow} at p99: {one}"),
        (None, None) => format!("{flow}: how long it takes"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::report::sample;

    #[test]
    fn targets_that_find_no_room_beside_a_heading_stand_below_it() {
        let mut findings = sample::checkout();
        super::super::font::register().unwrap();
        let hows = |findings: &Findings| {
            let drawing = draw(findings, "place_order").unwrap();
            let texts: Vec<String> = drawing.labels().map(|one| one.text.clone()).collect();
            let has = |what: &str| texts.iter().any(|text| text.starts_with(what));
            (has("arrival until the answer"), has("SLO p99 < "))
        };
        assert_eq!(hows(&findings), (true, true));
        for variant in &mut findings.variants {
            variant.name = format!("{} of the eastern regions", variant.name);
        }
        assert_eq!(hows(&findings), (true, true));
    }
}
