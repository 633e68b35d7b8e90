//! Where everything of a topology lies: services in one row in the order of the flow, calls beside and above it, brokers
//! below it. Pixels from a panel's left edge and from the upper edge of the row.

use super::super::font::{self, Weight};
use super::grid::{Grid, NAME, NAME_LINE};
use crate::analysis::{Carrier, TopologyFindings, WayFindings, WayRole};

/// Between two ways that run beside each other above the row.
pub(super) const LEVEL: f64 = 14.0;
/// Between two ways inside a broker.
const TRACK: f64 = 8.0;
/// From the row to the first broker.
const DROP: f64 = 20.0;

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

/// A call. Those of one caller leave it together.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Call {
    /// The caller's column.
    from: usize,
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
    /// With what it runs there on one line: the number of the first of them.
    pub bus: usize,
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

/// A place on a node's upper or lower side, and who uses it: ways that leave together, or arrive together, share one.
#[derive(Clone, Debug, PartialEq)]
struct Port {
    column: usize,
    /// How many columns, and to which side, the farthest way goes.
    step: i64,
    users: Vec<User>,
}

#[derive(Clone, Copy, Debug, PartialEq)]
enum User {
    CallFrom(usize),
    CallTo(usize),
    SendFrom(usize),
    SendTo(usize, usize),
}

/// Adds a user to the port that `is_same` knows, or to a new one.
fn use_port(
    ports: &mut Vec<Port>,
    (column, step): (usize, i64),
    user: User,
    is_same: impl Fn(&User) -> bool,
) {
    let known = ports
        .iter_mut()
        .find(|port| port.column == column && port.users.iter().any(&is_same));
    match known {
        Some(port) => {
            port.users.push(user);
            if step.abs() > port.step.abs() {
                port.step = step;
            }
        }
        None => ports.push(Port {
            column,
            step,
            users: vec![user],
        }),
    }
}

/// Puts one variant's ways into places.
pub(super) fn panel(grid: &Grid, topology: &TopologyFindings) -> Panel {
    let mut panel = Panel::default();
    let mut below: Vec<Port> = Vec::new();
    // Of each send: its sender's column and its broker.
    let mut groups: Vec<(usize, Option<&str>)> = Vec::new();
    for way in &topology.ways {
        let from = grid.column(way.from.as_deref());
        let to = grid.column(Some(&way.to));
        let (broker, awaits_reply, is_posted) = match &way.by {
            Carrier::Call => {
                panel.calls.push(call(grid, way, (from, to)));
                continue;
            }
            Carrier::Broker {
                name,
                awaits_reply,
                is_posted,
            } => (Some(name.as_str()), *awaits_reply, *is_posted),
            Carrier::Sender { is_posted } => (None, false, *is_posted),
        };
        let mut known = groups.iter().zip(&panel.sends);
        let group = known.position(|(g, send)| *g == (from, broker) && send.text == word(way));
        let group = group.unwrap_or_else(|| {
            groups.push((from, broker));
            let pipe = pipe(&mut panel, topology, broker);
            panel.sends.push(Send::new(pipe, word(way)));
            groups.len() - 1
        });
        let leg = panel.sends[group].legs.len();
        panel.sends[group].is_needed |= way.is_needed;
        panel.sends[group].legs.push(Leg {
            x: 0.0,
            is_posted,
            awaits_reply,
        });
        let pipe = panel.sends[group].pipe;
        let arrives =
            |user: &User| matches!(user, User::SendTo(send, _) if panel.sends[*send].pipe == pipe);
        let user = User::SendTo(group, leg);
        use_port(&mut below, (to, step(to, from)), user, arrives);
        let leaves = |user: &User| *user == User::SendFrom(group);
        use_port(
            &mut below,
            (from, step(from, to)),
            User::SendFrom(group),
            leaves,
        );
    }
    let above = call_ports(grid, topology, &panel);
    for ports in [above, below] {
        place_ports(grid, &mut panel, &ports);
    }
    levels(&mut panel);
    lanes(grid, &mut panel);
    panel
}

/// Ports of the calls that go over the row.
fn call_ports(grid: &Grid, topology: &TopologyFindings, panel: &Panel) -> Vec<Port> {
    let mut above: Vec<Port> = Vec::new();
    let ways = topology.ways.iter().filter(|way| way.by == Carrier::Call);
    for (idx, (way, call)) in ways.zip(&panel.calls).enumerate() {
        if call.level.is_none() {
            continue;
        }
        let to = grid.column(Some(&way.to));
        let leaves = |user: &User| match user {
            User::CallFrom(other) => panel.calls[*other].is_beside(call),
            _ => false,
        };
        let away = (call.from, step(call.from, to));
        use_port(&mut above, away, User::CallFrom(idx), leaves);
        use_port(
            &mut above,
            (to, step(to, call.from)),
            User::CallTo(idx),
            |_| false,
        );
    }
    above
}

/// How many columns, and to which side, from one to the other.
fn step(from: usize, to: usize) -> i64 {
    let n = |column: usize| i64::try_from(column).unwrap_or(i64::MAX);
    n(to) - n(from)
}

fn call(grid: &Grid, way: &WayFindings, (from, to): (usize, usize)) -> Call {
    let half = |column: usize| grid.node(column) / 2.0;
    let is_straight = to == from + 1;
    // A client is a figure narrower than a node.
    let leaves = if from == 0 {
        14.0_f64.min(half(from))
    } else {
        half(from)
    };
    Call {
        from,
        ends: (grid.x(from) + leaves, grid.x(to) - half(to)),
        level: (!is_straight).then_some(0),
        is_needed: way.is_needed,
        text: word(way),
    }
}

impl Call {
    /// Do both go over the row, and leave together?
    pub(super) fn is_over_with(&self, other: &Self) -> bool {
        self.level.is_some() && other.level.is_some() && self.is_beside(other)
    }

    /// Does it leave together with another one?
    fn is_beside(&self, other: &Self) -> bool {
        (self.from, self.is_needed, self.text) == (other.from, other.is_needed, other.text)
    }
}

impl Send {
    fn new(pipe: usize, text: &'static str) -> Self {
        Self {
            x: 0.0,
            pipe,
            track: 0,
            bus: 0,
            is_needed: false,
            text,
            legs: Vec::new(),
        }
    }

    /// Does the answer wait for the reply?
    pub(super) fn awaits(&self, leg: &Leg) -> bool {
        leg.awaits_reply && self.is_needed
    }
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
    // Who keeps messages itself has a way of its own.
    let known = broker.and_then(|_| panel.pipes.iter().position(whole));
    if let Some(at) = known {
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
fn place_ports(grid: &Grid, panel: &mut Panel, ports: &[Port]) {
    for column in 0..=grid.services.len() {
        let mut here: Vec<&Port> = ports.iter().filter(|port| port.column == column).collect();
        here.sort_by_key(|port| (port.step.signum(), -port.step));
        let n = here.len();
        let room = grid.node(column) - 16.0;
        let apart = if n > 1 {
            (room / (n as f64 - 1.0)).min(16.0)
        } else {
            0.0
        };
        let first = grid.x(column) - apart * (n.max(1) as f64 - 1.0) / 2.0;
        for (idx, port) in here.into_iter().enumerate() {
            let x = first + idx as f64 * apart;
            for user in &port.users {
                match *user {
                    User::CallFrom(call) => panel.calls[call].ends.0 = x,
                    User::CallTo(call) => panel.calls[call].ends.1 = x,
                    User::SendFrom(send) => panel.sends[send].x = x,
                    User::SendTo(send, leg) => panel.sends[send].legs[leg].x = x,
                }
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

/// Calls that leave together run on one level.
fn levels(panel: &mut Panel) {
    let mut trunks: Vec<Vec<usize>> = Vec::new();
    for idx in 0..panel.calls.len() {
        if panel.calls[idx].level.is_none() {
            continue;
        }
        let is_beside =
            |trunk: &&mut Vec<usize>| panel.calls[trunk[0]].is_beside(&panel.calls[idx]);
        match trunks.iter_mut().find(is_beside) {
            Some(trunk) => trunk.push(idx),
            None => trunks.push(vec![idx]),
        }
    }
    let spans: Vec<(f64, f64)> = trunks
        .iter()
        .map(|trunk| {
            reach(trunk.iter().flat_map(|idx| {
                let ends = panel.calls[*idx].ends;
                [ends.0, ends.1]
            }))
        })
        .collect();
    for (trunk, level) in trunks.iter().zip(packed(&spans, 5.0)) {
        for idx in trunk {
            panel.calls[*idx].level = Some(level);
        }
        panel.levels = panel.levels.max(level + 1);
    }
}

/// Ways inside the brokers, then the brokers below one another where they meet.
fn lanes(grid: &Grid, panel: &mut Panel) {
    for idx in 0..panel.pipes.len() {
        let groups = tracks(panel, idx);
        let spans: Vec<(f64, f64)> = groups
            .iter()
            .map(|group| reach(group.iter().flat_map(|send| xs(&panel.sends[*send]))))
            .collect();
        let tracks = packed(&spans, 4.0);
        for (group, track) in groups.iter().zip(&tracks) {
            for send in group {
                panel.sends[*send].track = *track;
                panel.sends[*send].bus = group[0];
            }
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

/// What runs on one track in a broker: all of one sender, or all to one consumer.
fn tracks(panel: &Panel, pipe: usize) -> Vec<Vec<usize>> {
    let mut groups: Vec<Vec<usize>> = Vec::new();
    let only = |send: usize| match panel.sends[send].legs.as_slice() {
        [leg] if panel.sends[send].text.is_empty() => Some(leg.x),
        _ => None,
    };
    for send in 0..panel.sends.len() {
        if panel.sends[send].pipe != pipe {
            continue;
        }
        let to = only(send);
        let same = groups.iter_mut().find(|g| to.is_some() && only(g[0]) == to);
        match same {
            Some(group) => group.push(send),
            None => groups.push(vec![send]),
        }
    }
    groups
}

/// Where a send leaves and arrives.
fn xs(send: &Send) -> impl Iterator<Item = f64> {
    send.legs.iter().map(|leg| leg.x).chain([send.x])
}

/// The least and the largest.
pub(super) fn reach(xs: impl Iterator<Item = f64>) -> (f64, f64) {
    let none = (f64::INFINITY, f64::NEG_INFINITY);
    xs.fold(none, |(low, high), x| (low.min(x), high.max(x)))
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
