//! Availability over the window as one line of blocks per variant, the faults numbered above, the clock below.
//!
//! A full block means that (to the precision shown) everybody was served; any shortfall shows as a lower block. Nothing is
//! smoothed: a column is the share of those offered in its span, and a span without arrivals is a dot.

use super::format;
use super::layout::{cut, pad, width, wrap};
use super::minutes;
use super::story;
use super::style::Paint;
use crate::analysis::{Bin, Findings, FlowFindings};

const BLOCKS: [char; 8] = ['▁', '▂', '▃', '▄', '▅', '▆', '▇', '█'];
const GAP: char = '·';
const NUMBERS: [char; 20] = [
    '①', '②', '③', '④', '⑤', '⑥', '⑦', '⑧', '⑨', '⑩', '⑪', '⑫', '⑬', '⑭', '⑮', '⑯', '⑰', '⑱', '⑲',
    '⑳',
];
/// Columns of a sparkline at most.
const COLUMNS_MAX: usize = 60;
/// Columns kept for `   worst minute 99.98%`.
const WORST: usize = 26;

/// The number of a fault, ① for the first.
pub(super) fn numeral(idx: usize) -> char {
    NUMBERS.get(idx).copied().unwrap_or('◆')
}

/// The block of one flow: heading, marks, a line per variant, the clock.
pub(super) fn lines(findings: &Findings, flow: &str, columns: usize, paint: Paint) -> Vec<String> {
    let rows: Vec<(&str, &FlowFindings)> = findings
        .variants
        .iter()
        .filter_map(|v| Some((v.name.as_str(), story::flow_of(v, flow)?)))
        .collect();
    let span = minutes::window(findings, rows.iter().map(|(_, f)| *f));
    if rows.iter().all(|(_, f)| f.series.is_empty()) || span <= 0.0 {
        return Vec::new();
    }
    let longest = rows.iter().map(|(n, _)| width(n)).max().unwrap_or(0);
    let label = longest.min((columns / 4).max(6));
    let with_worst = columns >= label + 4 + 20 + WORST;
    let room = columns.saturating_sub(label + 4 + if with_worst { WORST } else { 0 });
    let n = room.clamp(1, COLUMNS_MAX);
    let mut out = heading(findings, flow, columns, paint);
    let indent = " ".repeat(label + 4);
    let marks = marks(findings, span, n);
    if !marks.trim().is_empty() {
        out.push(format!("{indent}{}", marks.trim_end()));
    }
    for (name, found) in &rows {
        let blocks: String = (0..n)
            .map(|idx| block(&found.series, column(span, n, idx)))
            .collect();
        let mut line = format!("  {}  {blocks}", pad(&cut(name, label), label));
        if with_worst {
            line.push_str("   ");
            line.push_str(&worst(&found.series, span));
        }
        out.push(line);
    }
    out.push(paint.dim(&format!(
        "{indent}{}",
        clock(span, n, columns.saturating_sub(label + 4)).trim_end()
    )));
    out
}

fn column(span: f64, n: usize, idx: usize) -> (f64, f64) {
    let at = |i: usize| span * i as f64 / n as f64;
    (at(idx), at(idx + 1))
}

fn heading(findings: &Findings, flow: &str, columns: usize, paint: Paint) -> Vec<String> {
    let mut text = format!("{flow} accepted");
    for (idx, fault) in findings.faults.iter().enumerate() {
        let at = match (fault.windows.first(), fault.random) {
            (Some(window), _) => format::literal(window.0.max(0.0)),
            (None, Some(_)) => "by\u{a0}chance".to_owned(),
            (None, None) => match &fault.when {
                Some(when) => format!("when {when}").replace(' ', "\u{a0}"),
                None => format::UNKNOWN.to_owned(),
            },
        };
        let more = if fault.windows.len() > 1 {
            format!("\u{a0}({}\u{a0}times)", fault.windows.len())
        } else {
            String::new()
        };
        let gap = if idx == 0 { "      " } else { "    " };
        text.push_str(gap);
        text.extend([
            &numeral(idx).to_string(),
            "\u{a0}",
            &fault.name,
            "\u{a0}",
            &at,
            &more,
        ]);
    }
    let mut lines = if width(&text) <= columns {
        vec![text]
    } else {
        wrap(&text, columns, 2)
    };
    if let Some(first) = lines.first_mut() {
        let rest = first.split_off(first.len().min(flow.len() + " accepted".len()));
        *first = format!("{}{rest}", paint.strong(first));
    }
    lines.iter().map(|l| l.replace('\u{a0}', " ")).collect()
}

/// The faults' numbers above the columns in which they begin; one that finds its column taken goes to the next free one.
fn marks(findings: &Findings, span: f64, n: usize) -> String {
    let mut row = vec![' '; n];
    for (idx, fault) in findings.faults.iter().enumerate() {
        for window in &fault.windows {
            if !(0.0..span).contains(&window.0) {
                continue;
            }
            let first = (0..n)
                .find(|i| column(span, n, *i).1 > window.0)
                .unwrap_or(n - 1);
            if let Some(free) = (first..n).find(|i| row[*i] == ' ') {
                row[free] = numeral(idx);
            }
        }
    }
    row.into_iter().collect()
}

fn block(series: &[Bin], (from, to): (f64, f64)) -> char {
    let Some(share) = minutes::accepted(series, from, to) else {
        return GAP;
    };
    if share >= 0.999 {
        return BLOCKS[7];
    }
    let level = (0..7).rev().find(|l| share * 7.0 >= f64::from(*l));
    BLOCKS[usize::try_from(level.unwrap_or(0)).unwrap_or(0)]
}

/// `worst minute 99.42%`.
fn worst(series: &[Bin], span: f64) -> String {
    let Some(worst) = minutes::worst(series, span) else {
        return String::new();
    };
    let share = format::share(worst.share);
    cut(
        &format!("worst {} {share:>7}", minutes::word(worst.length_s)),
        WORST - 3,
    )
}

/// Times under the columns, as many as fit, at round steps.
fn clock(span: f64, n: usize, room: usize) -> String {
    let mut row: Vec<char> = vec![' '; (n + 8).min(room)];
    let mut free = 0;
    for (tick, text) in super::ticks::time_marks(span, (n / 9).max(2)) {
        #[expect(
            clippy::cast_possible_truncation,
            clippy::cast_sign_loss,
            reason = "between 0 and the number of columns"
        )]
        let at = ((tick / span * n as f64).round().max(0.0) as usize).min(n);
        let end = at + width(&text);
        if at >= free && end <= row.len() {
            for (offset, c) in text.chars().enumerate() {
                row[at + offset] = c;
            }
            free = end + 1;
        }
    }
    let text: String = row.into_iter().collect();
    text.trim_end().to_owned()
}
