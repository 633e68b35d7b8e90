//! What the panels of a topology share: which service stands in which column, and how large everything is.

use super::super::font::{self, Weight};
use crate::analysis::TopologyFindings;

/// Between two panels.
pub(super) const GUTTER: f64 = 28.0;
/// Between two nodes at least.
const GAP: f64 = 26.0;
/// The same where there are so many nodes that their names have no room.
const GAP_MIN: f64 = 15.0;
/// Size of a name there.
const NAME_MIN: f64 = 9.0;
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
    /// Width of a node.
    pub node: f64,
    /// Height of a node.
    pub height: f64,
}

impl Grid {
    /// For `n` panels in `width`.
    pub(super) fn new(topologies: &[&TopologyFindings], width: f64) -> Self {
        let services = services(topologies);
        let clients = clients(topologies);
        let n_columns = services.len() as f64 + 1.0;
        let names = || std::iter::once(&clients).chain(&services);
        let wanted = names()
            .map(|name| longest_word(name))
            .fold(NODE_MIN, f64::max)
            + 9.0;
        let panel_of = |k: usize| (width - (k as f64 - 1.0) * GUTTER) / k as f64;
        let wanted = wanted.min(NODE_MAX);
        let per_row = (1..=topologies.len().clamp(1, 3))
            .rev()
            .find(|k| panel_of(*k) / n_columns >= wanted + GAP)
            .unwrap_or(1);
        let pitch = panel_of(per_row) / n_columns;
        let longest = services
            .iter()
            .map(|name| font::measure(name, NAME, Weight::Regular));
        let longest = (longest.fold(NODE_MIN, f64::max) + 20.0).min(NODE_MAX);
        // With many nodes: smaller letters and shorter ways.
        let is_tight = pitch < wanted + GAP;
        let (gap, size) = if is_tight {
            (GAP_MIN, NAME_MIN)
        } else {
            (GAP, NAME)
        };
        let node = (pitch - gap).max(pitch * 0.6).min(longest);
        let inside = node - if is_tight { 4.0 } else { 8.0 };
        // The clients have no box: their name may be wider.
        let rooms = std::iter::once(pitch - 6.0).chain(std::iter::repeat(inside));
        let names: Vec<Vec<String>> = names()
            .zip(rooms)
            .map(|(name, room)| font::wrap(name, size, Weight::Regular, room))
            .collect();
        let externals = |name: &str| {
            let places = topologies.iter().flat_map(|t| &t.services);
            places
                .into_iter()
                .any(|p| p.service == name && p.is_external)
        };
        let lines = names.iter().enumerate().map(|(column, lines)| {
            let more = match column.checked_sub(1).map(|idx| externals(&services[idx])) {
                None => 2,
                Some(true) => 1,
                Some(false) => 0,
            };
            lines.len() + more
        });
        let lines = lines.max().unwrap_or(1).max(2);
        Self {
            names,
            size,
            per_row,
            panel: panel_of(per_row),
            node,
            height: lines as f64 * NAME_LINE + 10.0,
            services,
        }
    }

    /// The middle of a column; the clients are column 0.
    pub(super) fn x(&self, column: usize) -> f64 {
        let pitch = self.panel / (self.services.len() as f64 + 1.0);
        (column as f64 + 0.5) * pitch
    }

    /// The column of a service; of the clients for `None`.
    pub(super) fn column(&self, service: Option<&str>) -> usize {
        service
            .and_then(|name| self.services.iter().position(|other| other == name))
            .map_or(0, |idx| idx + 1)
    }
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
fn longest_word(name: &str) -> f64 {
    let pieces = name.split_inclusive(['_', '-', ' ', '.', '/']);
    pieces
        .map(|piece| font::measure(piece, NAME, Weight::Regular))
        .fold(0.0, f64::max)
}
