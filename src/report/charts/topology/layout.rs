//! Where everything of a topology lies: services in one row in the order of the flow, calls beside and above it, brokers
//! below it. Pixels from a panel's left edge and from the upper edge of the row.

use super::super::font::{self, Weight};
use crate::analysis::{Carrier, TopologyFindings, WayFindings, WayRole};

/// Size of a node's name.
pub(super) const NAME: f64 = 11.5;
/// Height of a line of it.
pub(super) const NAME_LINE: f64 = 14.0;
/// Between two panels.
pub(super) const GUTTER: f64 = 28.0;
/// Between two ways that run beside each other above the row.
pub(super) const LEVEL: f64 = 14.0;
/// Between two ways inside a broker.
const TRACK: f64 = 8.0;
/// From the row to the first broker.
const DROP: f64 = 20.0;
/// Between two nodes at least.
const GAP: f64 = 26.0;
/// The widest a node is.
const NODE_MAX: f64 = 118.0;
/// The narrowest, but where the chart has no room.
const NODE_MIN: f64 = 52.0;

/// What all panels share.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Grid {
    /// The services of all variants, in the order of the flow.
    pub services: Vec<String>,
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
        let node = (pitch - GAP).max(pitch * 0.6).min(longest);
        // The clients have no box: their name may be wider.
        let rooms = std::iter::once(pitch - 6.0).chain(std::iter::repeat(node - 8.0));
        let names: Vec<Vec<String>> = names()
            .zip(rooms)
            .map(|(name, room)| font::wrap(name, NAME, Weight::Regular, room))
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
    fn column(&self, service: Option<&str>) -> usize {
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
pub(super) fn clients(topologies: &[&TopologyFindings]) -> String {
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

/// One variant's panel.
#[derive(Clone, Debug, Default, PartialEq)]
pub(super) struct Panel {
    /// Calls.
    pub calls: Vec<Call>,
    /// Messages, together where one sender hands them to one broker.
    pub sends: Vec<Send>,
    /// Brokers; without a name where the sender keeps its messages itself.
    pub pipes: Vec<Pipe>,
    /// How many ways run above one another over the row.
    pub levels: usize,
}

/// A call.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Call {
    /// Where it leaves and where it arrives.
    pub ends: (f64, f64),
    /// Straight beside the nodes, or so many levels above them.
    pub level: Option<usize>,
    /// Does the answer wait for it?
    pub is_needed: bool,
    /// When it is taken, if not always.
    pub text: &'static str,
}

/// Messages of one sender to one broker.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Send {
    /// Where they leave.
    pub x: f64,
    /// The broker's place in [`Panel::pipes`].
    pub pipe: usize,
    /// Which way inside it.
    pub track: usize,
    /// Does the answer wait for the hand-over?
    pub is_needed: bool,
    /// When they are sent, if not always.
    pub text: &'static str,
    /// To whom.
    pub legs: Vec<Leg>,
}

/// The last part of a message's way.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Leg {
    /// Where it arrives.
    pub x: f64,
    /// Is the consumer called for it?
    pub is_posted: bool,
    /// Does the sender wait for the reply?
    pub awaits_reply: bool,
}

/// A broker.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Pipe {
    /// Its name in lines.
    pub lines: Vec<String>,
    /// Is it a broker, or the sender's own keeping?
    pub is_broker: bool,
    /// Left and right end.
    pub ends: (f64, f64),
    /// Is it needed for an answer?
    pub is_needed: bool,
    /// How many ways run in it.
    pub tracks: usize,
    /// Its row below the services.
    pub lane: usize,
}

impl Pipe {
    /// How high it is.
    pub(super) fn height(&self) -> f64 {
        if self.is_broker {
            8.0 + self.tracks as f64 * TRACK
        } else {
            self.tracks as f64 * TRACK
        }
    }

    /// Where a way in it runs, from its upper edge.
    pub(super) fn track(&self, track: usize) -> f64 {
        let first = if self.is_broker { 4.0 } else { 0.0 };
        first + (track as f64 + 0.5) * TRACK
    }

    fn reach(&self) -> (f64, f64) {
        let names = self.lines.iter();
        let width = names.map(|line| font::measure(line, NAME, Weight::Regular));
        let half = width.fold(0.0, f64::max) / 2.0;
        let middle = f64::midpoint(self.ends.0, self.ends.1);
        (
            self.ends.0.min(middle - half) - 5.0,
            self.ends.1.max(middle + half) + 5.0,
        )
    }
}

/// Which side of a node a way uses, and what for.
#[derive(Clone, Copy, Debug, PartialEq)]
enum Want {
    CallFrom(usize),
    CallTo(usize),
    SendFrom(usize),
    SendTo(usize, usize),
}

/// Puts one variant's ways into places.
pub(super) fn panel(grid: &Grid, topology: &TopologyFindings) -> Panel {
    let mut panel = Panel::default();
    let mut above: Vec<(usize, i64, Want)> = Vec::new();
    let mut below: Vec<(usize, i64, Want)> = Vec::new();
    let mut groups: Vec<((usize, Option<&str>, &str), Vec<usize>)> = Vec::new();
    for way in &topology.ways {
        let from = grid.column(way.from.as_deref());
        let to = grid.column(Some(&way.to));
        let broker = match &way.by {
            Carrier::Call => {
                call(grid, &mut panel, &mut above, way, (from, to));
                continue;
            }
            Carrier::Broker { name, .. } => Some(name.as_str()),
            Carrier::Sender { .. } => None,
        };
        let key = (from, broker, word(way));
        let group = groups.iter().position(|group| group.0 == key);
        let group = group.unwrap_or_else(|| {
            groups.push((key, Vec::new()));
            let pipe = pipe(&mut panel, topology, broker);
            panel.sends.push(Send {
                x: 0.0,
                pipe,
                track: 0,
                is_needed: false,
                text: word(way),
                legs: Vec::new(),
            });
            groups.len() - 1
        });
        let (awaits_reply, is_posted) = match way.by {
            Carrier::Broker {
                awaits_reply,
                is_posted,
                ..
            } => (awaits_reply, is_posted),
            Carrier::Sender { is_posted } => (false, is_posted),
            Carrier::Call => (false, false),
        };
        let send = &mut panel.sends[group];
        send.is_needed |= way.is_needed;
        below.push((to, step(to, from), Want::SendTo(group, send.legs.len())));
        send.legs.push(Leg {
            x: 0.0,
            is_posted,
            awaits_reply,
        });
        groups[group].1.push(to);
    }
    for (idx, ((from, ..), to)) in groups.iter().enumerate() {
        let far = to.iter().copied().max_by_key(|to| to.abs_diff(*from));
        let far = far.unwrap_or(*from);
        below.push((*from, step(*from, far), Want::SendFrom(idx)));
    }
    for wants in [above, below] {
        ports(grid, &mut panel, wants);
    }
    levels(&mut panel);
    lanes(grid, &mut panel);
    panel
}

/// How many columns, and to which side, from one to the other.
fn step(from: usize, to: usize) -> i64 {
    let n = |column: usize| i64::try_from(column).unwrap_or(i64::MAX);
    n(to) - n(from)
}

fn call(
    grid: &Grid,
    panel: &mut Panel,
    above: &mut Vec<(usize, i64, Want)>,
    way: &WayFindings,
    (from, to): (usize, usize),
) {
    let half = grid.node / 2.0;
    let is_straight = to == from + 1;
    if !is_straight {
        let idx = panel.calls.len();
        above.push((from, step(from, to), Want::CallFrom(idx)));
        above.push((to, step(to, from), Want::CallTo(idx)));
    }
    // A client is a figure narrower than a node.
    let leaves = if from == 0 { 14.0_f64.min(half) } else { half };
    panel.calls.push(Call {
        ends: (grid.x(from) + leaves, grid.x(to) - half),
        level: (!is_straight).then_some(0),
        is_needed: way.is_needed,
        text: word(way),
    });
}

fn word(way: &WayFindings) -> &'static str {
    match way.role {
        WayRole::Usual => "",
        WayRole::CopyFirst => "if no copy",
        WayRole::Fallback => "fallback",
        WayRole::Poll => "asks again",
        WayRole::Undo => "undo",
    }
}

fn pipe(panel: &mut Panel, topology: &TopologyFindings, broker: Option<&str>) -> usize {
    let name = broker.unwrap_or("kept by the sender");
    let whole = |pipe: &Pipe| pipe.lines.concat() == name && pipe.is_broker == broker.is_some();
    if let Some(at) = panel.pipes.iter().position(whole) {
        return at;
    }
    panel.pipes.push(Pipe {
        lines: vec![name.to_owned()],
        is_broker: broker.is_some(),
        ends: (f64::INFINITY, f64::NEG_INFINITY),
        is_needed: topology
            .needed_brokers
            .iter()
            .any(|needed| Some(needed.as_str()) == broker),
        tracks: 0,
        lane: 0,
    });
    panel.pipes.len() - 1
}

/// Places on one side of each node, such that ways that lie in one another do not cross: those from the left stand left, the
/// longest of them rightmost; those to the right stand right, the longest leftmost.
fn ports(grid: &Grid, panel: &mut Panel, wants: Vec<(usize, i64, Want)>) {
    for column in 0..=grid.services.len() {
        let mut here: Vec<(i64, Want)> = wants
            .iter()
            .filter(|want| want.0 == column)
            .map(|want| (want.1, want.2))
            .collect();
        here.sort_by_key(|(step, _)| (step.signum(), -step.abs() * step.signum()));
        let n = here.len();
        let room = grid.node - 16.0;
        let apart = if n > 1 {
            (room / (n as f64 - 1.0)).min(16.0)
        } else {
            0.0
        };
        let first = grid.x(column) - apart * (n.max(1) as f64 - 1.0) / 2.0;
        for (idx, (_, want)) in here.into_iter().enumerate() {
            let x = first + idx as f64 * apart;
            match want {
                Want::CallFrom(call) => panel.calls[call].ends.0 = x,
                Want::CallTo(call) => panel.calls[call].ends.1 = x,
                Want::SendFrom(send) => panel.sends[send].x = x,
                Want::SendTo(send, leg) => panel.sends[send].legs[leg].x = x,
            }
        }
    }
}

/// A row for each span such that spans of one row do not meet: short ones first.
fn packed(spans: &[(f64, f64)], apart: f64) -> Vec<usize> {
    let mut order: Vec<usize> = (0..spans.len()).collect();
    let length = |idx: usize| (spans[idx].1 - spans[idx].0).abs();
    order.sort_by(|a, b| length(*a).total_cmp(&length(*b)).then(a.cmp(b)));
    let mut rows: Vec<Vec<(f64, f64)>> = Vec::new();
    let mut found = vec![0; spans.len()];
    for idx in order {
        let (a, b) = spans[idx];
        let span = (a.min(b), a.max(b));
        let is_free = |row: &Vec<(f64, f64)>| {
            let mut others = row.iter();
            others.all(|o| span.1 + apart <= o.0 || o.1 + apart <= span.0)
        };
        let row = rows.iter().position(is_free).unwrap_or(rows.len());
        if row == rows.len() {
            rows.push(Vec::new());
        }
        rows[row].push(span);
        found[idx] = row;
    }
    found
}

fn levels(panel: &mut Panel) {
    let over: Vec<usize> = (0..panel.calls.len())
        .filter(|idx| panel.calls[*idx].level.is_some())
        .collect();
    let spans: Vec<(f64, f64)> = over.iter().map(|idx| panel.calls[*idx].ends).collect();
    for (idx, level) in over.iter().zip(packed(&spans, 5.0)) {
        panel.calls[*idx].level = Some(level);
        panel.levels = panel.levels.max(level + 1);
    }
}

/// Ways inside the brokers, then the brokers below one another where they meet.
fn lanes(grid: &Grid, panel: &mut Panel) {
    for idx in 0..panel.pipes.len() {
        let sends: Vec<usize> = (0..panel.sends.len())
            .filter(|send| panel.sends[*send].pipe == idx)
            .collect();
        let spans: Vec<(f64, f64)> = sends.iter().map(|send| span(&panel.sends[*send])).collect();
        let tracks = packed(&spans, 4.0);
        for (send, track) in sends.iter().zip(&tracks) {
            panel.sends[*send].track = *track;
        }
        let pipe = &mut panel.pipes[idx];
        let pad = if pipe.is_broker { 13.0 } else { 0.0 };
        let from = spans.iter().map(|s| s.0).fold(f64::INFINITY, f64::min) - pad;
        let to = spans.iter().map(|s| s.1).fold(f64::NEG_INFINITY, f64::max) + pad;
        pipe.ends = (from, to);
        pipe.tracks = tracks.iter().max().map_or(0, |most| most + 1);
        // The name may be wider than the broker, but stays in the panel.
        let middle = f64::midpoint(from, to);
        let room = 2.0 * middle.min(grid.panel - middle);
        let room = (to - from).max(110.0).min(room).max(30.0);
        pipe.lines = font::wrap(&pipe.lines.concat(), NAME, Weight::Regular, room);
    }
    let spans: Vec<(f64, f64)> = panel.pipes.iter().map(Pipe::reach).collect();
    for (pipe, lane) in panel.pipes.iter_mut().zip(packed(&spans, 6.0)) {
        pipe.lane = lane;
    }
}

fn span(send: &Send) -> (f64, f64) {
    let ends = send.legs.iter().map(|leg| leg.x).chain([send.x]);
    let (low, high) = (f64::INFINITY, f64::NEG_INFINITY);
    ends.fold((low, high), |(low, high), x| (low.min(x), high.max(x)))
}

/// Where each lane begins below the row, over all panels, and where the last one ends.
pub(super) fn lane_tops(panels: &[Panel]) -> Vec<f64> {
    let mut tops = vec![DROP];
    let n = panels
        .iter()
        .flat_map(|p| &p.pipes)
        .map(|pipe| pipe.lane + 1);
    for lane in 0..n.max().unwrap_or(0) {
        let pipes = panels.iter().flat_map(|p| &p.pipes);
        let heights = pipes
            .filter(|pipe| pipe.lane == lane)
            .map(|pipe| pipe.height() + pipe.lines.len() as f64 * NAME_LINE + 16.0);
        tops.push(tops[lane] + heights.fold(0.0, f64::max));
    }
    tops
}
