//! A comparison as a table of text: variants are columns, or rows when there are many or the terminal is narrow.

use super::format::Shown;
use super::layout::{cut, pad, width, wrap};
use super::style::Paint;
use crate::analysis::Verdict;

/// A table of figures by variant.
pub(super) struct Table {
    /// What it is about; stands in the corner, or above where variants are rows.
    pub title: String,
    /// The variants' names.
    pub columns: Vec<String>,
    /// One row per figure.
    pub rows: Vec<Row>,
}

/// One figure in all variants.
pub(super) struct Row {
    /// What it is.
    pub name: String,
    /// Comparison and target, if it has one.
    pub target: String,
    /// One cell per column.
    pub cells: Vec<TableCell>,
}

/// One figure in one variant.
pub(super) struct TableCell {
    /// The verdict, if it is judged.
    pub verdict: Option<Verdict>,
    /// The value.
    pub shown: Shown,
}

/// More variants than this are rows.
const COLUMNS_MAX: usize = 4;
const GAP: usize = 3;

impl Table {
    /// The lines of the table, none longer than `columns`.
    pub(super) fn lines(&self, columns: usize, paint: Paint) -> Vec<String> {
        if self.rows.is_empty() || self.columns.is_empty() {
            return Vec::new();
        }
        if self.columns.len() <= COLUMNS_MAX
            && let Some(lines) = self.wide(columns, paint)
        {
            return lines;
        }
        self.stacked(columns, paint)
    }

    fn wide(&self, columns: usize, paint: Paint) -> Option<Vec<String>> {
        let name = max_width(self.rows.iter().map(|r| r.name.as_str()));
        let target = max_width(self.rows.iter().map(|r| r.target.as_str()));
        let label = if target == 0 { name } else { name + 1 + target };
        let label = label.max(width(&self.title));
        let values: Vec<usize> = (0..self.columns.len())
            .map(|idx| max_width(self.column(idx).map(|c| c.shown.value.as_str())))
            .collect();
        let wanted: Vec<usize> = (0..self.columns.len())
            .map(|idx| {
                let half = max_width(self.column(idx).map(|c| c.shown.half_width.as_str()));
                let cell = 2 + values[idx] + if half == 0 { 0 } else { 1 + half };
                cell.max(width(&self.columns[idx]))
            })
            .collect();
        let tight = label + wanted.iter().map(|w| w + GAP).sum::<usize>();
        if tight > columns {
            return None;
        }
        // Columns of the same width, as wide as 98 columns of three variants would have them.
        let spare = (columns.min(98) - label) / self.columns.len();
        let most = wanted.iter().max().copied().unwrap_or(0) + GAP;
        let even = most.max(spare.min(22));
        let widths: Vec<usize> = if label + even * self.columns.len() <= columns {
            vec![even; self.columns.len()]
        } else {
            wanted.iter().map(|w| w + GAP).collect()
        };
        let mut head = pad(&self.title, label);
        for (name, width) in self.columns.iter().zip(&widths) {
            head.push_str(&" ".repeat(GAP));
            head.push_str(&pad(name, width - GAP));
        }
        let mut lines = vec![paint.strong(head.trim_end())];
        for row in &self.rows {
            let mut line = pad(&row.name, name);
            let mut used = name;
            if target > 0 {
                line.push(' ');
                line.push_str(&paint.dim(&pad(&row.target, target)));
                used += 1 + target;
            }
            line.push_str(&" ".repeat(label - used));
            for (idx, cell) in row.cells.iter().enumerate().take(widths.len()) {
                line.push_str(&" ".repeat(GAP));
                line.push_str(&cell.text(values[idx], widths[idx] - GAP, paint));
            }
            lines.push(line.trim_end().to_owned());
        }
        Some(lines)
    }

    fn stacked(&self, columns: usize, paint: Paint) -> Vec<String> {
        let mut lines = Vec::new();
        if !self.title.is_empty() {
            lines.extend(
                wrap(&self.title, columns, 2)
                    .iter()
                    .map(|l| paint.strong(l)),
            );
        }
        let room = columns.saturating_sub(4);
        let longest = max_width(self.columns.iter().map(String::as_str));
        let cells = max_width(
            self.rows
                .iter()
                .flat_map(|r| &r.cells)
                .map(|c| c.shown.value.as_str()),
        );
        let halves = max_width(
            self.rows
                .iter()
                .flat_map(|r| &r.cells)
                .map(|c| c.shown.half_width.as_str()),
        );
        let name = longest.min(room.saturating_sub(cells + halves + 5).max(8));
        for row in &self.rows {
            let title = if row.target.is_empty() {
                row.name.clone()
            } else {
                format!("{} {}", row.name, row.target)
            };
            lines.extend(wrap(&title, columns, 2).iter().map(|l| paint.strong(l)));
            for (column, cell) in self.columns.iter().zip(&row.cells) {
                let plain = cell.text(cells, 0, Paint::PLAIN);
                let label = pad(&cut(column, name), name);
                if 2 + name + 2 + width(&plain) <= columns {
                    let text = cell.text(cells, 0, paint);
                    lines.push(format!("  {label}  {text}").trim_end().to_owned());
                } else {
                    lines.extend(wrap(&format!("  {column} {}", plain.trim()), columns, 4));
                }
            }
        }
        lines
    }

    fn column(&self, idx: usize) -> impl Iterator<Item = &TableCell> {
        self.rows.iter().filter_map(move |r| r.cells.get(idx))
    }
}

impl TableCell {
    /// Mark, value and half-width, the value padded to `value` columns and all of it to `total`.
    fn text(&self, value: usize, total: usize, paint: Paint) -> String {
        let mark = self.verdict.map_or(" ", super::story::mark);
        let body = if self.shown.half_width.is_empty() {
            self.shown.value.clone()
        } else {
            format!(
                "{} {}",
                pad(&self.shown.value, value),
                self.shown.half_width
            )
        };
        let body = pad(&body, total.saturating_sub(2));
        match self.verdict {
            Some(verdict) => format!("{} {body}", paint.verdict(verdict, mark)),
            None => format!("{mark} {body}"),
        }
    }
}

fn max_width<'a>(texts: impl Iterator<Item = &'a str>) -> usize {
    texts.map(width).max().unwrap_or(0)
}
