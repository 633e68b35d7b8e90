//! What the panels of a topology share: which service stands in which column, and how large everything is.

use super::super::font::{self, Weight};
use crate::analysis::TopologyFindings;

/// Between two panels.
pub(super) const GUTTER: f64 = 28.0;
/// Between two nodes at least.
const GAP: f64 = 26.0;
/// The same where there are so many nodes that their names have no room.
const GAP_MIN: f64 = 15.0;
/// Sizes of a name there, the first that lets every word stay whole.
const NAMES_TIGHT: [f64; 4] = [9.0, 8.5, 8.0, 7.5];
/// Between a name and the edges of its node there.
const PAD_MIN: f64 = 4.0;
/// The narrowest node there, and the narrowest column of the clients.
const NODE_TIGHT: f64 = 34.0;
/// The widest a node is.
const NODE_MAX: f64 = 118.0;
/// The narrowest, but where the chart has no room.
const NODE_MIN: f64 = 52.0;
/// Size of a node's name.
pub(super) const NAME: f64 = 11.5;
/// Height of a line of it.
pub(super) const NAME_LINE: f64 = 14.0;

/// What all panels share.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Grid {
    /// The services of all variants, in the order of the flow.
    pub services: Vec<String>,
    /// Size of their names.
    pub size: f64,
    /// Lines of their names; first those of the clients.
    pub names: Vec<Vec<String>>,
    /// Panels beside each other.
    pub per_row: usize,
    /// Width of a panel.
    pub panel: f64,
    /// Height of a node.
    pub height: f64,
    /// Where each column begins, and where the last one ends.
    edges: Vec<f64>,
    /// Width of each column's node.
    nodes: Vec<f64>,
}

/// How a panel's width is shared out.
struct Columns {
    size: f64,
    widths: Vec<f64>,
    nodes: Vec<f64>,
    /// Between a name and the edges of its node.
    pad: f64,
}

impl Grid {
    /// For `n` panels in `width`.
    pub(super) fn new(topologies: &[&TopologyFindings], width: f64) -> Self {
        let services = services(topologies);
        let names: Vec<String> = std::iter::once(clients(topologies))
            .chain(services.iter().cloned())
            .collect();
        let n_columns = names.len() as f64;
        let words = names.iter().map(|name| longest_word(name, NAME));
        let wanted = (words.fold(NODE_MIN, f64::max) + 9.0).min(NODE_MAX) + GAP;
        let panel_of = |k: usize| (width - (k as f64 - 1.0) * GUTTER) / k as f64;
        let per_row = (1..=topologies.len().clamp(1, 3))
            .rev()
            .find(|k| panel_of(*k) / n_columns >= wanted);
        let panel = panel_of(per_row.unwrap_or(1));
        let columns = match per_row {
            Some(_) => equal_columns(&names, panel),
            None => tight_columns(&names, panel),
        };
        let lines: Vec<Vec<String>> = names
            .iter()
            .enumerate()
            .map(|(column, name)| {
                // The clients have no box: their name may be wider.
                let room = match column {
                    0 => columns.widths[0] - 6.0,
                    _ => columns.nodes[column] - columns.pad,
                };
                font::wrap(name, columns.size, Weight::Regular, room)
            })
            .collect();
        let mut edges = vec![0.0];
        for (column, width) in columns.widths.iter().enumerate() {
            edges.push(edges[column] + width);
        }
        Self {
            height: height(topologies, &services, &lines),
            size: columns.size,
            names: lines,
            per_row: per_row.unwrap_or(1),
            panel,
            edges,
            nodes: columns.nodes,
            services,
        }
    }

    /// The middle of a column; the clients are column 0.
    pub(super) fn x(&self, column: usize) -> f64 {
        f64::midpoint(self.edges[column], self.edges[column + 1])
    }

    /// The width of a column's node.
    pub(super) fn node(&self, column: usize) -> f64 {
        self.nodes[column]
    }

    /// The column of a service; of the clients for `None`.
    pub(super) fn column(&self, service: Option<&str>) -> usize {
        service
            .and_then(|name| self.services.iter().position(|other| other == name))
            .map_or(0, |idx| idx + 1)
    }
}

/// Columns of one width.
fn equal_columns(names: &[String], panel: f64) -> Columns {
    let pitch = panel / names.len() as f64;
    let longest = names[1..]
        .iter()
        .map(|name| font::measure(name, NAME, Weight::Regular));
    let longest = (longest.fold(NODE_MIN, f64::max) + 20.0).min(NODE_MAX);
    let node = (pitch - GAP).max(pitch * 0.6).min(longest);
    let pad = 8.0;
    // The longest word stays whole, if that leaves it readable.
    let words = names.iter().map(|name| longest_word(name, NAME));
    let word = words.fold(0.0, f64::max);
    let size = (NAME * (node - pad) / word).clamp(NAMES_TIGHT[0], NAME);
    Columns {
        size,
        widths: vec![pitch; names.len()],
        nodes: vec![node; names.len()],
        pad,
    }
}

/// With many nodes: smaller letters, shorter ways, and more room for those that have a long word in their name.
fn tight_columns(names: &[String], panel: f64) -> Columns {
    let needed = |size: f64| -> Vec<f64> {
        let words = names.iter().map(|name| longest_word(name, size));
        let nodes = words.map(|word| (word + PAD_MIN + 0.5).max(NODE_TIGHT));
        nodes.map(|node| node + GAP_MIN).collect()
    };
    let all = NAMES_TIGHT.map(|size| (size, needed(size)));
    let total = |widths: &[f64]| widths.iter().sum::<f64>();
    let (size, mut widths) = all
        .iter()
        .find(|(_, widths)| total(widths) <= panel)
        .or(all.last())
        .cloned()
        .unwrap_or_default();
    let rest = panel - total(&widths);
    let n = widths.len() as f64;
    let share = panel / total(&widths);
    for width in &mut widths {
        *width = if rest >= 0.0 {
            *width + rest / n
        } else {
            *width * share
        };
    }
    Columns {
        size,
        nodes: widths
            .iter()
            .map(|width| (width - GAP_MIN).max(width * 0.6).min(NODE_MAX))
            .collect(),
        widths,
        pad: PAD_MIN,
    }
}

/// The height of a node that has room for every name.
fn height(topologies: &[&TopologyFindings], services: &[String], names: &[Vec<String>]) -> f64 {
    let is_external = |name: &String| {
        let places = topologies.iter().flat_map(|t| &t.services);
        places
            .into_iter()
            .any(|p| p.service == *name && p.is_external)
    };
    let lines = names.iter().enumerate().map(|(column, lines)| {
        let more = match column.checked_sub(1).map(|idx| is_external(&services[idx])) {
            None => 2,
            Some(true) => 1,
            Some(false) => 0,
        };
        lines.len() + more
    });
    let lines = lines.max().unwrap_or(1).max(2);
    lines as f64 * NAME_LINE + 10.0
}

/// The services of all variants: one that a later variant adds stands after the one it follows there.
fn services(topologies: &[&TopologyFindings]) -> Vec<String> {
    let mut all: Vec<String> = Vec::new();
    for topology in topologies {
        let mut after = 0;
        for place in &topology.services {
            match all.iter().position(|other| *other == place.service) {
                Some(at) => after = at + 1,
                None => {
                    all.insert(after, place.service.clone());
                    after += 1;
                }
            }
        }
    }
    all
}

/// What the clients are called: as their source, if there is one.
fn clients(topologies: &[&TopologyFindings]) -> String {
    match topologies.first().map(|t| t.clients.as_slice()) {
        Some([one]) => one.clone(),
        _ => "clients".to_owned(),
    }
}

/// The widest piece of a name that is not broken gladly.
fn longest_word(name: &str, size: f64) -> f64 {
    let pieces = name.split_inclusive(['_', '-', ' ', '.', '/']);
    pieces
        .map(|piece| font::measure(piece.trim_end(), size, Weight::Regular))
        .fold(0.0, f64::max)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::analysis::PlaceFindings;
    use crate::report::charts::tests::NAMES;

    fn grid(names: &[&str]) -> Grid {
        font::register().unwrap();
        let places = names.iter().map(|name| PlaceFindings {
            service: (*name).to_owned(),
            is_external: false,
            is_needed: true,
        });
        let topology = TopologyFindings {
            flow: "buy".to_owned(),
            clients: vec!["shopper".to_owned()],
            services: places.collect(),
            ways: Vec::new(),
            needed_brokers: Vec::new(),
            is_promise: false,
        };
        Grid::new(&[&topology], 904.0)
    }

    #[test]
    fn a_word_stays_whole_between_many_services() {
        let names = [&NAMES[..], &["recommendations"]].concat();
        let grid = grid(&names);
        for lines in &grid.names[1..] {
            let whole = lines.iter().enumerate().all(|(idx, line)| {
                idx + 1 == lines.len() || line.ends_with(['_', '-', ' ', '.', '/'])
            });
            assert!(whole, "{lines:?}");
        }
        for column in 1..=names.len() {
            let far = grid.x(column) - grid.x(column - 1);
            assert!(far > f64::midpoint(grid.node(column), grid.node(column - 1)) + 8.0);
        }
    }

    #[test]
    fn few_services_stand_in_columns_of_one_width() {
        let grid = grid(&["order", "stock"]);
        let near = |a: f64, b: f64| (a - b).abs() < 1e-9;
        assert!(near(grid.x(2) - grid.x(1), grid.x(1) - grid.x(0)));
        assert!(near(grid.size, NAME));
    }
}
