//! Chart 5: where the time goes. For each variant the p50 and the p99 flow run as stacked bars, until the answer and until the
//! completion; below each bar what its parts are.

use super::canvas::{Anchor, Drawing, Ink, Label};
use super::font::{self, Weight};
use super::frame::{self, LABEL_MAX, LINE, MARGIN, Plot, SMALL, Words, label, x_grid, x_labels};
use super::palette::{GREY, INK, hue_text};
use super::scale::{Scale, upper_end};
use crate::analysis::{Breakdown, Findings, FlowFindings, Part, PartTime};
use crate::report::format::{self, Unit};
use crate::report::{story, ticks};

/// A variant's row: index, name, flow.
type Row<'a> = (usize, &'a str, &'a FlowFindings);

const BAR: f64 = 18.0;

/// Between two panels.
const BETWEEN: f64 = 16.0;

/// The side of a sample of a part's fill.
const SWATCH: f64 = 9.0;

/// Between a part's sample and its text, and between two parts.
const GAPS: (f64, f64) = (5.0, 15.0);

/// A part below this share of its bar is drawn, and not named.
const NAMED: f64 = 0.02;

/// A place is named with its part if it has at least this share of it.
const MOSTLY: f64 = 0.6;
/// It is called all of it from here on.
const ALL: f64 = 0.95;

/// The chart; `None` if nothing was taken apart.
pub(super) fn draw(findings: &Findings, flow: &str) -> Option<Drawing> {
    let rows: Vec<Row<'_>> = super::rows(findings, flow)
        .into_iter()
        .filter(|row| !row.2.breakdowns.is_empty())
        .collect();
    if rows.is_empty() {
        return None;
    }
    let mut drawing = Drawing::new(frame::WIDTH);
    let words = words(findings, flow, &rows);
    let mut y = frame::header(&mut drawing, &words);
    let names = frame::names_width(rows.iter().map(|row| row.1), LABEL_MAX);
    let left = MARGIN + names + 52.0;
    for (nth, (metric, what)) in panels(&rows).into_iter().enumerate() {
        y += if nth > 0 { BETWEEN } else { 0.0 };
        let heading = (MARGIN, y + 12.0);
        let how = match metric {
            "latency" => "mean over the flow runs around the quantile",
            _ => "the same, over those that were completed",
        };
        frame::heading(
            &mut drawing,
            heading,
            what,
            how,
            frame::WIDTH - 2.0 * MARGIN,
        );
        y = panel(&mut drawing, &rows, metric, left, y + 20.0);
    }
    frame::footer(&mut drawing, y, &words);
    Some(drawing)
}

/// The panels that say something: the second only where something goes on after the answer.
fn panels(rows: &[Row<'_>]) -> Vec<(&'static str, &'static str)> {
    let mut panels = vec![("latency", "Until the answer")];
    let goes_on = rows.iter().any(|row| {
        let total = |metric, q| find(row.2, metric, q).map_or(0.0, |found| found.total_s);
        [0.5, 0.99]
            .iter()
            .any(|&q| total("completion", q) > total("latency", q))
    });
    if goes_on {
        panels.push(("completion", "Until everything required is done"));
    }
    panels
}

fn find<'a>(flow: &'a FlowFindings, metric: &str, q: f64) -> Option<&'a Breakdown> {
    let mut all = flow.breakdowns.iter();
    all.find(|one| one.metric == metric && (one.q - q).abs() < 1e-9)
}

/// One metric of every variant on an axis of its own; gives the y below it.
fn panel(drawing: &mut Drawing, rows: &[Row<'_>], metric: &str, left: f64, y: f64) -> f64 {
    let of = |row: &Row<'_>| {
        let all = row.2.breakdowns.iter();
        let found = all.filter(|one| one.metric == metric).cloned();
        found.collect::<Vec<Breakdown>>()
    };
    let totals = rows.iter().flat_map(of).map(|one| one.total_s);
    let most = upper_end(totals);
    let right = frame::WIDTH - MARGIN - 78.0;
    let scale = Scale::linear((0.0, most), (left, right));
    let marks = ticks::time_marks(most, 5);
    let room = frame::WIDTH - MARGIN - left;
    let heights: Vec<f64> = rows.iter().map(|row| height(row, &of(row), room)).collect();
    let plot = Plot {
        left,
        right,
        top: y,
        bottom: y + heights.iter().sum::<f64>(),
    };
    x_grid(drawing, plot, scale, &marks);
    let mut at = y;
    for (row, height) in rows.iter().zip(&heights) {
        group(drawing, row, &of(row), (scale, left, room), at + 8.0);
        at += height;
    }
    x_labels(drawing, plot, scale, &marks)
}

fn height(row: &Row<'_>, bars: &[Breakdown], room: f64) -> f64 {
    let lines = bars.iter().map(|bar| lines(bar, room).len() as f64);
    let bars: f64 = lines.map(|n| BAR + 6.0 + n * (LINE + 1.0) + 6.0).sum();
    let names = font::wrap(row.1, SMALL, Weight::Semibold, LABEL_MAX).len() as f64 * LINE;
    (bars + 12.0).max(names + 20.0)
}

/// The bars of one variant.
fn group(
    drawing: &mut Drawing,
    row: &Row<'_>,
    bars: &[Breakdown],
    (scale, left, room): (Scale, f64, f64),
    y: f64,
) {
    name(drawing, row, left, y);
    let mut y = y;
    for bar in bars {
        let quantile = format::quantile(bar.q);
        drawing.text(label((left - 8.0, y + 13.0), &quantile, GREY, Anchor::End));
        let mut done = 0.0;
        for part in &bar.parts {
            let (from, to) = (scale.at(done), scale.at(done + part.seconds));
            done += part.seconds;
            if part.seconds > 0.0 {
                fill(
                    drawing,
                    part.part,
                    (from, y),
                    (to.max(from + 0.75), y + BAR),
                );
            }
        }
        drawing.text(Label {
            weight: Weight::Semibold,
            ..label(
                (scale.at(bar.total_s) + 7.0, y + 13.0),
                &seconds(bar.total_s),
                INK,
                Anchor::Start,
            )
        });
        y += BAR + 6.0;
        for line in lines(bar, room) {
            y += LINE + 1.0;
            for (part, text, x) in line {
                let (x, base) = (left + x, y - 4.0);
                let width = SWATCH + GAPS.0 + font::measure(&text, SMALL, Weight::Regular);
                // No grid line behind words.
                drawing.rect(
                    (x, base - 11.0),
                    (x + width, base + 4.0),
                    (255, 255, 255),
                    1.0,
                );
                fill(drawing, part, (x, base - SWATCH), (x + SWATCH, base));
                drawing.text(label(
                    (x + SWATCH + GAPS.0, base),
                    &text,
                    INK,
                    Anchor::Start,
                ));
            }
        }
        y += 6.0;
    }
}

/// A variant's name, left of its bars.
fn name(drawing: &mut Drawing, row: &Row<'_>, left: f64, y: f64) {
    let names = font::wrap(row.1, SMALL, Weight::Semibold, LABEL_MAX);
    for (k, line) in names.iter().enumerate() {
        drawing.text(Label {
            weight: Weight::Semibold,
            ..label(
                (left - 46.0, y + 13.0 + k as f64 * LINE),
                line,
                hue_text(row.0),
                Anchor::End,
            )
        });
    }
}

/// The names of a bar's parts, in the order of the bar: in lines, each with its place from the left.
fn lines(bar: &Breakdown, room: f64) -> Vec<Vec<(Part, String, f64)>> {
    let mut lines: Vec<Vec<(Part, String, f64)>> = vec![Vec::new()];
    let mut x = 0.0;
    let named = bar.parts.iter();
    for part in named.filter(|part| part.seconds > 0.0 && part.seconds >= NAMED * bar.total_s) {
        let share = part.seconds / bar.total_s;
        let figures = format!("{} ({})", seconds(part.seconds), format::rough_share(share));
        // A name that is too long even for a line of its own loses its end.
        let left = room - SWATCH - GAPS.0;
        let short = left - font::measure(&format!(" {figures}"), SMALL, Weight::Regular) - 8.0;
        let phrase = phrase(part);
        let text = match font::wrap(&phrase, SMALL, Weight::Regular, short).as_slice() {
            [whole] => format!("{whole} {figures}"),
            [start, ..] => format!("{start}… {figures}"),
            [] => figures,
        };
        let width = SWATCH + GAPS.0 + font::measure(&text, SMALL, Weight::Regular);
        if x > 0.0 && x + width > room {
            lines.push(Vec::new());
            x = 0.0;
        }
        if let Some(line) = lines.last_mut() {
            line.push((part.part, text, x));
        }
        x += width + GAPS.1;
    }
    lines
}

fn seconds(value: f64) -> String {
    format::number(Unit::Seconds, value, None).value
}

/// A part in words, with its place if most of it was there.
fn phrase(part: &PartTime) -> String {
    let share = |seconds: f64| seconds / part.seconds;
    let place = part.places.first();
    let place = place.filter(|(_, seconds)| share(*seconds) >= MOSTLY);
    let (place, is_all) = place.map_or(("", true), |(name, seconds)| {
        (name.as_str(), share(*seconds) >= ALL)
    });
    let (what, at) = match part.part {
        Part::Working => ("work", "at"),
        Part::Broker if is_all && !place.is_empty() => ("time", "at the broker"),
        Part::Broker => ("time at brokers", "at"),
        Part::Queueing => ("queueing", "for"),
        Part::Network => return "network".to_owned(),
        Part::RetryWait => ("waiting to retry", ""),
        Part::Other => return "waiting, nothing under way".to_owned(),
    };
    let words = match (place, is_all) {
        ("", _) => what.to_owned(),
        (_, true) => format!("{what} {at} {place}"),
        (_, false) => format!("{what}, mostly {at} {place}"),
    };
    words.replace("  ", " ")
}

/// Lightness and hatch of a part: a hue would be a variant's.
fn fill(drawing: &mut Drawing, part: Part, from: (f64, f64), to: (f64, f64)) {
    let grey = |light: u8| -> Ink { (light, light, light) };
    let (ink, hatch) = match part {
        Part::Working => (grey(0x33), None),
        Part::Broker => (grey(0x80), None),
        Part::Queueing => (grey(0xD6), Some((grey(0x4D), 1.0))),
        Part::Network => (grey(0xB0), None),
        Part::RetryWait => (grey(0xEE), Some((grey(0x80), -1.0))),
        Part::Other => (grey(0xF2), None),
    };
    drawing.rect(from, to, ink, 1.0);
    if let Some((ink, slope)) = hatch {
        stripes(drawing, from, to, ink, slope);
    }
    if matches!(part, Part::Other | Part::RetryWait) && to.0 - from.0 > 2.0 {
        let (a, b) = ((to.0, from.1), (from.0, to.1));
        drawing.line(vec![from, a, to, b, from], grey(0x99), 0.75, None);
    }
}

/// Slanted lines inside of a rectangle: rising with a slope of 1, falling with −1.
fn stripes(drawing: &mut Drawing, from: (f64, f64), to: (f64, f64), ink: Ink, slope: f64) {
    const APART: f64 = 5.0;
    let (width, height) = (to.0 - from.0, to.1 - from.1);
    let n = ((width + height) / APART).ceil().min(1000.0);
    let mut at = APART / 2.0;
    while at < n * APART {
        // On a line x + y = at, with y from the bottom (rising) or from the top (falling).
        let (x0, x1) = ((at - height).max(0.0), at.min(width));
        if x1 - x0 > 0.5 {
            let y = |x: f64| {
                let depth = at - x;
                if slope < 0.0 {
                    from.1 + depth
                } else {
                    to.1 - depth
                }
            };
            drawing.line(
                vec![(from.0 + x0, y(x0)), (from.0 + x1, y(x1))],
                ink,
                0.75,
                None,
            );
        }
        at += APART;
    }
}

fn words(findings: &Findings, flow: &str, rows: &[Row<'_>]) -> Words {
    let n = rows.iter().flat_map(|row| &row.2.breakdowns);
    let n = n.map(|one| one.n_sample).max().unwrap_or(0);
    Words {
        title: title(flow, rows),
        subtitle: format!(
            "Seconds from a client's intended start of {flow}, by what went on; {} runs of the first replication, evenly chosen",
            format::count(n)
        ),
        reading: "Each instant belongs to the most productive thing that somebody waits for: work, else the broker, else queueing, \
                  else the network, else the wait before a retry. Parts below 2% have no label."
            .to_owned(),
        stamp: story::stamp(findings),
    }
}

/// `sync: 87% of the p99 place_order is queueing for checkout; async: 71% is work at checkout`.
fn title(flow: &str, rows: &[Row<'_>]) -> String {
    let slow = |row: &Row<'_>| {
        let found = find(row.2, "latency", 0.99).or_else(|| find(row.2, "latency", 0.5));
        found.filter(|one| one.total_s > 0.0).cloned()
    };
    let mut found: Vec<(&str, Breakdown)> = rows
        .iter()
        .filter_map(|row| Some((row.1, slow(row)?)))
        .collect();
    // The slowest first; of those alike the one that stands first.
    found.sort_by(|a, b| b.1.total_s.total_cmp(&a.1.total_s));
    let most = |one: &Breakdown| {
        let most = one
            .parts
            .iter()
            .max_by(|a, b| a.seconds.total_cmp(&b.seconds))?;
        let share = format::rough_share(most.seconds / one.total_s);
        Some((share, phrase(most)))
    };
    let Some(((name, first), (share, what))) = found
        .first()
        .and_then(|first| Some((first, most(&first.1)?)))
    else {
        return format!("No time goes by in {flow}");
    };
    let quantile = format::quantile(first.q);
    let is_alike = |(_, one): &(&str, Breakdown)| {
        most(one).is_some_and(|of| of == (share.clone(), what.clone()))
    };
    if found.len() > 1 && found.iter().all(is_alike) {
        return format!("Every variant: {share} of the {quantile} {flow} is {what}");
    }
    let title = format!("{name}: {share} of the {quantile} {flow} is {what}");
    if let Some((other, last)) = found.last().filter(|_| found.len() > 1)
        && let Some((share, what)) = most(last)
    {
        return format!("{title}; {other}: {share} is {what}");
    }
    title
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::report::sample;

    #[test]
    fn the_title_names_the_largest_part_of_the_slowest_and_of_the_fastest_variant() {
        let findings = sample::checkout();
        let rows: Vec<Row<'_>> = super::super::rows(&findings, "place_order");
        assert_eq!(
            title("place_order", &rows),
            "hybrid: 87% of the p99 place_order is queueing, mostly for checkout; async: 60% is work, mostly at payment"
        );
    }

    #[test]
    fn what_goes_on_after_the_answer_has_a_panel_of_its_own() {
        let findings = sample::checkout();
        let rows: Vec<Row<'_>> = super::super::rows(&findings, "place_order");
        assert_eq!(panels(&rows).len(), 2);
        assert_eq!(
            panels(&rows[..1]).len(),
            1,
            "a chain is done before it answers"
        );
    }
}
