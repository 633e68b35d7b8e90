//! Chart 1: what happened when. Small multiples on one time axis, faults through all of them.

mod faults;
mod recovery;

#[cfg(test)]
mod tests;

use super::canvas::{Anchor, Clock, Drawing};
use super::font::{self, Weight};
use super::frame::{
    self, End, Key, MARGIN, Plot, SMALL, Words, direct_labels, heading_with_key, label, x_grid,
    x_labels, y_axis,
};
use super::palette::{AXIS, GREY, INK, dash, hue};
use super::scale::{Scale, log_ends, upper_end};
use crate::analysis::{Bin, FaultFindings, Findings, FlowFindings};
use crate::model::{Metric, Stat};
use crate::report::format::{self, Unit};
use crate::report::{minutes, story, ticks};

/// A variant's line: index, name, flow.
type Row<'a> = (usize, &'a str, &'a FlowFindings);

/// What all panels share.
struct Sheet<'a> {
    findings: &'a Findings,
    flow: &'a str,
    rows: Vec<Row<'a>>,
    left: f64,
    right: f64,
    time: Scale,
    time_ticks: Vec<(f64, String)>,
    /// The end of the axis.
    end: f64,
    /// The end of the series.
    last: f64,
}

/// What one panel shows.
struct Panel {
    what: &'static str,
    how: String,
    value: fn(&Bin) -> f64,
    band: fn(&Bin) -> Option<(f64, f64)>,
    metric: Metric,
    stat: Stat,
    height: f64,
}

/// The chart; `None` without a time series.
pub(super) fn draw(findings: &Findings, flow: &str) -> Option<Drawing> {
    let rows: Vec<Row<'_>> = super::rows(findings, flow);
    let window = minutes::window(findings, rows.iter().map(|r| r.2));
    let last = rows
        .iter()
        .flat_map(|r| &r.2.series)
        .map(|b| b.start_s + b.length_s)
        .filter(|e| e.is_finite())
        .fold(window, f64::max);
    if rows.iter().all(|r| r.2.series.is_empty()) || !(last.is_finite() && last > 0.0) {
        return None;
    }
    let end = axis_end(findings, window, last);
    let mut drawing = Drawing::new(frame::WIDTH);
    let words = words(findings, flow, &rows, window);
    let mut y = frame::header(&mut drawing, &words);
    let names = frame::names_width(rows.iter().map(|r| r.1), frame::LABEL_MAX);
    let (left, right) = (MARGIN + 52.0, frame::WIDTH - MARGIN - names - 18.0);
    let sheet = Sheet {
        findings,
        flow,
        left,
        right,
        time: Scale::linear((0.0, end), (left, right)),
        time_ticks: ticks::time_marks(end, 8),
        end,
        last,
        rows,
    };
    y = sheet.fault_names(&mut drawing, y);
    let from = y;
    let (panels, strip) = (sheet.panels(), sheet.strip());
    let heights = panels.iter().map(|p| HEADING + p.height + GAP);
    let bottom = y + heights.sum::<f64>() + strip.height() - GAP;
    sheet.fault_bands(&mut drawing, from, bottom);
    for panel in &panels {
        y = sheet.panel(&mut drawing, panel, y);
    }
    y = sheet.recoveries(&mut drawing, &strip, y);
    let plot = sheet.plot(y - GAP, y - GAP);
    y = x_labels(&mut drawing, plot, sheet.time, &sheet.time_ticks);
    drawing.text(label((left, y + 14.0), CAPTION, GREY, Anchor::Start));
    sheet.drain(&mut drawing, window, (from, bottom), y + 14.0);
    frame::footer(&mut drawing, y + 16.0, &words);
    drawing.clock = Some(Clock {
        pixels: (left, right),
        seconds: (0.0, end),
    });
    Some(drawing)
}

/// What the time axis counts.
const CAPTION: &str = "time since the window opened";

/// How a target's line is drawn.
const TARGET_DASH: super::canvas::Dash = Some((5.0, 3.0));

/// A backlog that never is more has no panel.
const BACKLOG_LEAST: f64 = 1.0;
const GAP: f64 = 12.0;
const HEADING: f64 = 18.0;

impl Sheet<'_> {
    /// Those that have something to show; an empty one leaves its room to the others.
    fn panels(&self) -> Vec<Panel> {
        let mut panels = self.all_panels();
        if !has_backlog(self.findings, self.flow, &self.rows) {
            let room = panels.pop().map_or(0.0, |p| HEADING + p.height + GAP);
            let share = room / panels.len() as f64;
            for panel in &mut panels {
                panel.height += share;
            }
        }
        panels
    }

    /// The last is the backlog's.
    fn all_panels(&self) -> Vec<Panel> {
        let names = frame::names_height(self.rows.iter().map(|r| r.1), frame::LABEL_MAX);
        let height = |least: f64| least.max(names + 4.0);
        let bin = self
            .rows
            .iter()
            .find_map(|r| r.2.series.first())
            .map_or(0.0, |b| b.length_s);
        let bin = format::literal(bin);
        vec![
            Panel {
                what: "accepted",
                how: format!("share of those offered in each {bin} that were answered ok in time"),
                value: |b| {
                    if b.offered > 0.0 {
                        b.availability
                    } else {
                        f64::NAN
                    }
                },
                band: |b| b.availability_band,
                metric: Metric::Availability,
                stat: Stat::Value,
                height: height(110.0),
            },
            Panel {
                what: "answer p50",
                how: format!("median time to the answer, by {bin} of arrival, log scale"),
                value: |b| b.latency_p50_s,
                band: |_| None,
                metric: Metric::Latency,
                stat: Stat::Quantile(0.5),
                height: height(96.0),
            },
            Panel {
                what: "answer p99",
                how: "one in a hundred waits longer, log scale".to_owned(),
                value: |b| b.latency_p99_s,
                band: |_| None,
                metric: Metric::Latency,
                stat: Stat::Quantile(0.99),
                height: height(96.0),
            },
            Panel {
                what: "backlog",
                how: format!(
                    "{} accepted and not done, at the end of each {bin}",
                    self.flow
                ),
                value: |b| b.backlog,
                band: |b| b.backlog_band,
                metric: Metric::Backlog,
                stat: Stat::Max,
                height: height(110.0),
            },
        ]
    }

    fn plot(&self, top: f64, bottom: f64) -> Plot {
        Plot {
            left: self.left,
            right: self.right,
            top,
            bottom,
        }
    }

    fn in_range(&self, window: (f64, f64)) -> bool {
        window.0.is_finite() && window.0 < self.end && window.1 > 0.0
    }

    fn span(&self, window: (f64, f64)) -> (f64, f64) {
        let (from, to) = (
            self.time.at(window.0.max(0.0)),
            self.time.at(window.1.min(self.end)),
        );
        (from, to.max(from + 2.0))
    }

    /// A line where the window closes, if the series goes on; and if it goes on beyond the axis, until when.
    fn drain(&self, drawing: &mut Drawing, window: f64, (from, to): (f64, f64), base: f64) {
        if window >= self.end * 0.999 {
            return;
        }
        let x = self.time.at(window);
        drawing.line(vec![(x, from), (x, to)], AXIS, 1.0, Some((2.0, 2.0)));
        let is_cut = self.last > self.end;
        let text = if is_cut {
            let last = format::literal(self.last.round());
            let also = format!(" The drain is shown in part: it goes on to {last}.");
            drawing.description += &also;
            format!("window closes; the drain goes on to {last} →")
        } else {
            "window closes; what follows drains".to_owned()
        };
        let width = font::measure(&text, SMALL, Weight::Regular);
        let caption = font::measure(CAPTION, SMALL, Weight::Regular);
        let least = self.left + caption + 24.0 + width / 2.0;
        // An arrow stands where the axis ends.
        let x = if is_cut { self.right - width / 2.0 } else { x };
        let x = x.max(least).min(frame::WIDTH - MARGIN - width / 2.0);
        drawing.text(label((x, base), &text, GREY, Anchor::Middle));
    }

    /// The bins that the axis shows.
    fn shown<'b>(&self, flow: &'b FlowFindings) -> &'b [Bin] {
        let is_shown = |b: &Bin| b.start_s + b.length_s / 2.0 <= self.end;
        let n = flow.series.iter().take_while(|b| is_shown(b)).count();
        &flow.series[..n]
    }

    fn scale(&self, panel: &Panel, plot: Plot) -> (Scale, Vec<(f64, String)>) {
        let pixels = (plot.bottom, plot.top);
        let bins = || self.rows.iter().flat_map(|r| self.shown(r.2));
        let values = || bins().map(panel.value);
        match panel.metric {
            Metric::Availability => (
                Scale::linear((0.0, 1.0), pixels),
                [0.0, 0.25, 0.5, 0.75, 1.0]
                    .map(|v| (v, format::target(Unit::Share, v)))
                    .to_vec(),
            ),
            Metric::Latency => {
                // The same scale for p50 and p99: the two panels are compared.
                let (low, high) = log_ends(
                    bins()
                        .flat_map(|b| [b.latency_p50_s, b.latency_p99_s])
                        .chain(self.targets(panel).into_iter().map(|t| t.0)),
                );
                let ticks = ticks::log_ticks(low, high);
                (
                    Scale::log((low, high), pixels),
                    ticks.into_iter().map(|t| (t, format::literal(t))).collect(),
                )
            }
            _ => {
                let bands = bins().filter_map(panel.band).map(|b| b.1);
                let high = upper_end(values().chain(bands));
                // Two would say little of what lies between them.
                let few = ticks::linear_ticks(0.0, high, 4);
                let ticks = if few.len() < 3 {
                    ticks::linear_ticks(0.0, high, 8)
                } else {
                    few
                };
                let whole = ticks.into_iter().filter(|t| high < 1.0 || t.fract() == 0.0);
                (
                    Scale::linear((0.0, high), pixels),
                    whole.map(|t| (t, format::axis_count(t))).collect(),
                )
            }
        }
    }

    /// Targets of SLO lines about what a panel shows: value and how it is written.
    fn targets(&self, panel: &Panel) -> Vec<(f64, String)> {
        self.findings
            .objectives
            .iter()
            .filter(|o| {
                o.metric == panel.metric && o.stat == panel.stat && story::speaks_of(o, self.flow)
            })
            .filter(|o| o.target.is_finite())
            .map(|o| (o.target, story::objective_target(o)))
            .collect()
    }

    fn panel(&self, drawing: &mut Drawing, panel: &Panel, y: f64) -> f64 {
        let texts: Vec<String> = self.targets(panel).into_iter().map(|t| t.1).collect();
        heading_with_key(
            drawing,
            (self.left, y + 12.0),
            (panel.what, &panel.how),
            self.right - self.left,
            &Key {
                texts: &texts,
                stroke: 1.0,
                dash: TARGET_DASH,
                shape: None,
            },
        );
        let plot = self.plot(y + HEADING, y + HEADING + panel.height);
        let (scale, marks) = self.scale(panel, plot);
        y_axis(drawing, plot, scale, &marks);
        x_grid(drawing, plot, self.time, &self.time_ticks);
        for (idx, _, flow) in &self.rows {
            for run in runs(self.shown(flow), panel.band) {
                let upper = run
                    .iter()
                    .map(|(b, band)| (self.middle(b), scale.at(band.1)));
                let lower = run
                    .iter()
                    .rev()
                    .map(|(b, band)| (self.middle(b), scale.at(band.0)));
                drawing.area(upper.chain(lower).collect(), hue(*idx), 0.18);
            }
        }
        let mut ends = Vec::new();
        for (idx, name, flow) in &self.rows {
            let lines = runs(self.shown(flow), |b| {
                Some((panel.value)(b)).filter(|v| v.is_finite())
            });
            for run in &lines {
                let mut points: Vec<(f64, f64)> = run
                    .iter()
                    .map(|(b, v)| (self.middle(b), scale.at(*v)))
                    .collect();
                if let [only] = points.as_slice() {
                    points.push((only.0 + 1.0, only.1));
                }
                drawing.line(points, hue(*idx), 1.75, dash(*idx));
            }
            if let Some((bin, value)) = lines.last().and_then(|run| run.last()) {
                ends.push(End {
                    variant_idx: *idx,
                    name,
                    at: (self.middle(bin), scale.at(*value)),
                });
            }
        }
        self.target_lines(drawing, panel, plot, scale);
        direct_labels(
            drawing,
            &ends,
            (self.right, frame::LABEL_MAX),
            (plot.top - 4.0, plot.bottom + 6.0),
        );
        plot.bottom + GAP
    }

    fn target_lines(&self, drawing: &mut Drawing, panel: &Panel, plot: Plot, scale: Scale) {
        for (value, _) in self.targets(panel) {
            let y = scale.at(value);
            drawing.line(vec![(plot.left, y), (plot.right, y)], INK, 1.0, TARGET_DASH);
        }
    }

    fn middle(&self, bin: &Bin) -> f64 {
        self.time.at(bin.start_s + bin.length_s / 2.0)
    }
}

/// Where the axis ends: of a long drain it shows so much that two thirds are left to the window, but no fault is cut off.
fn axis_end(findings: &Findings, window: f64, last: f64) -> f64 {
    let faults = findings.faults.iter().flat_map(|fault| &fault.windows);
    let ends = faults.map(|w| w.1 * 1.1).filter(|end| end.is_finite());
    last.min(ends.fold(window * 1.5, f64::max))
}

/// Is there ever more than one flow run on its way, or an SLO line about it?
fn has_backlog(findings: &Findings, flow: &str, rows: &[Row<'_>]) -> bool {
    let mut bins = rows.iter().flat_map(|r| &r.2.series);
    let mut lines = findings.objectives.iter();
    bins.any(|bin| bin.backlog > BACKLOG_LEAST)
        || lines.any(|o| o.metric == Metric::Backlog && story::speaks_of(o, flow))
}

/// Stretches of bins in a row that have a value: gaps stay gaps.
fn runs<T>(series: &[Bin], value: impl Fn(&Bin) -> Option<T>) -> Vec<Vec<(Bin, T)>> {
    let mut runs: Vec<Vec<(Bin, T)>> = Vec::new();
    let mut is_open = false;
    for bin in series {
        match value(bin) {
            Some(v) if is_open => runs.last_mut().expect("an open run").push((*bin, v)),
            Some(v) => {
                runs.push(vec![(*bin, v)]);
                is_open = true;
            }
            None => is_open = false,
        }
    }
    runs
}

fn words(findings: &Findings, flow: &str, rows: &[Row<'_>], window: f64) -> Words {
    let replications = findings.stamp.replications;
    let band = if replications >= 2 {
        format!(" Tinted bands are {}.", story::intervals(findings))
    } else {
        String::new()
    };
    let (also, without) = if has_backlog(findings, flow, rows) {
        (", backlog (count)", "")
    } else {
        ("", "; the backlog is never above 1")
    };
    Words {
        title: title(findings, flow, rows, window),
        subtitle: format!(
            "{flow} over {}: accepted (%), time to the answer (p50 and p99, log){also}; mean of {}{without}",
            format::literal(window),
            story::replications(findings)
        ),
        reading: format!("{}{band}", reading(findings)),
        stamp: story::stamp(findings),
    }
}

/// How the panels hang together: by the bands of the faults, where those have any.
fn reading(findings: &Findings) -> &'static str {
    let faults = &findings.faults;
    let has_bands = faults.iter().any(|fault| !fault.windows.is_empty());
    let is_chance = !faults.is_empty() && faults.iter().all(|fault| fault.random.is_some());
    if faults.is_empty() {
        "Read downwards: what stands on one line through the panels happened at one time."
    } else if !has_bands && is_chance {
        "Read downwards. The faults come by chance, at other times in each replication: they have no band."
    } else if !has_bands && faults.iter().any(|fault| fault.when.is_some()) {
        "Read downwards. The faults come when something is so, at other times in each replication: they have no band."
    } else {
        "Read downwards: a fault's grey band runs through every panel, so what it did stands below it."
    }
}

/// `In its worst minute sync accepts 0.20%, during payment_outage; async never less than 99.42%`.
fn title(findings: &Findings, flow: &str, rows: &[Row<'_>], window: f64) -> String {
    let mut found: Vec<(&str, minutes::Worst, &FlowFindings)> = rows
        .iter()
        .filter_map(|r| Some((r.1, minutes::worst(&r.2.series, window)?, r.2)))
        .collect();
    found.sort_by(|a, b| a.1.share.total_cmp(&b.1.share));
    let (Some(first), Some(last)) = (found.first(), found.last()) else {
        return format!("{flow} over time");
    };
    let span = minutes::word(first.1.length_s);
    // Of the faults that acted then, the one that most failures are blamed on; one that only happened to act is not named.
    let is_acting = |fault: &FaultFindings| {
        let end = first.1.start_s + first.1.length_s;
        fault
            .windows
            .iter()
            .any(|w| w.0 < end && w.1 > first.1.start_s)
    };
    let mut blamed = first.2.causes.iter().filter_map(|cause| {
        let name = cause.fault.as_ref()?;
        findings.faults.iter().find(|fault| fault.name == *name)
    });
    let during = blamed.find(|fault| is_acting(fault)).map_or_else(
        || format!(", {} in", format::literal(first.1.start_s)),
        |fault| format!(", during {}", fault.name),
    );
    let low = format::share(first.1.share);
    if first.1.share >= 0.999 {
        return match found.len() {
            1 => format!(
                "{} never accepts less than {low} of {flow} in any {span}",
                first.0
            ),
            _ => format!("No variant accepts less than {low} of {flow} in any {span}"),
        };
    }
    if found.len() == 1 {
        return format!(
            "In its worst {span} {} accepts {low} of {flow}{during}",
            first.0
        );
    }
    let tied: Vec<&str> = found
        .iter()
        .filter(|f| format::share(f.1.share) == low)
        .map(|f| f.0)
        .collect();
    if tied.len() == found.len() {
        return format!("In the worst {span} every variant accepts only {low} of {flow}{during}");
    }
    let verb = if tied.len() == 1 { "accepts" } else { "accept" };
    let share = format::share(last.1.share);
    let other = if last.1.share >= 1.0 {
        format!("always {share}")
    } else {
        format!("never less than {share}")
    };
    format!(
        "In the worst {span} {} {verb} {low} of {flow}{during}; {} {other}",
        story::list(&tied),
        last.0,
    )
}
