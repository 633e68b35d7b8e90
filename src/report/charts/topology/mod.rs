//! Chart 8: who is connected with whom. A panel for each variant with every service in the same place: calls are solid,
//! messages dashed and through their broker; what the answer needs is in the variant's colour, and heavier.

mod grid;
mod layout;
mod marks;

use super::canvas::{Drawing, Label};
use super::font::{self, Weight};
use super::frame::{self, LINE, MARGIN, SMALL, Words, label};
use super::palette::{GREY, hue, hue_text};
use crate::analysis::{Carrier, Findings, TopologyFindings, WayFindings, WayRole};
use crate::report::story;
use grid::Grid;
use layout::{LEVEL, Panel, Send};
use marks::{Look, Stroke};

/// A variant's panel: index, name, topology.
type Row<'a> = (usize, &'a str, &'a TopologyFindings);

/// The chart; `None` without a topology of the flow.
pub(super) fn draw(findings: &Findings, flow: &str) -> Option<Drawing> {
    let variants = findings.variants.iter().enumerate();
    let rows: Vec<Row<'_>> = variants
        .filter_map(|(idx, v)| {
            let topology = v.topology.iter().find(|t| t.flow == flow)?;
            Some((idx, v.name.as_str(), topology))
        })
        .filter(|row| !row.2.services.is_empty())
        .collect();
    if rows.is_empty() {
        return None;
    }
    let mut drawing = Drawing::new(frame::WIDTH);
    let words = words(findings, flow, &rows);
    let y = frame::header(&mut drawing, &words);
    for row in &rows {
        drawing.description += &told(row);
    }
    let topologies: Vec<&TopologyFindings> = rows.iter().map(|row| row.2).collect();
    let grid = Grid::new(&topologies, frame::WIDTH - 2.0 * MARGIN);
    let panels: Vec<Panel> = topologies.iter().map(|t| layout::panel(&grid, t)).collect();
    let mut y = y + 4.0;
    for (rows, panels) in rows.chunks(grid.per_row).zip(panels.chunks(grid.per_row)) {
        y = band(&mut drawing, &grid, rows, panels, y);
    }
    frame::footer(&mut drawing, y - 6.0, &words);
    Some(drawing)
}

/// Panels beside each other; gives the y below them.
fn band(drawing: &mut Drawing, grid: &Grid, rows: &[Row<'_>], panels: &[Panel], y: f64) -> f64 {
    let mut below = y;
    for (column, row) in rows.iter().enumerate() {
        let left = MARGIN + column as f64 * (grid.panel + grid::GUTTER);
        marks::rule(drawing, (left, y), grid.panel);
        below = below.max(heading(drawing, row, (left, y), grid.panel));
    }
    let levels = panels.iter().map(|p| p.levels).max().unwrap_or(0);
    let top = below + 16.0 + levels as f64 * LEVEL;
    let lanes = layout::lane_tops(panels);
    for (column, (row, panel)) in rows.iter().zip(panels).enumerate() {
        let left = MARGIN + column as f64 * (grid.panel + grid::GUTTER);
        let sheet = Sheet {
            grid,
            panel,
            left,
            top,
            lanes: &lanes,
            variant_idx: row.0,
        };
        sheet.draw(drawing, row.2);
    }
    let end = lanes.last().copied().unwrap_or(0.0);
    top + grid.height + end + 10.0
}

/// The variant's name, and what its answer needs; gives the y below.
fn heading(
    drawing: &mut Drawing,
    (idx, name, topology): &Row<'_>,
    at: (f64, f64),
    width: f64,
) -> f64 {
    let mut y = at.1 + 3.0;
    let needs = format!(
        "{} needs {}",
        if topology.is_promise {
            "the promise"
        } else {
            "the answer"
        },
        needed(topology)
    );
    let lines = font::wrap(name, 13.0, Weight::Semibold, width);
    for line in &lines {
        y += 17.0;
        drawing.text(Label {
            size: 13.0,
            weight: Weight::Semibold,
            ..label(
                (at.0, y),
                line,
                hue_text(*idx),
                super::canvas::Anchor::Start,
            )
        });
    }
    for line in font::wrap(&needs, SMALL, Weight::Regular, width) {
        y += LINE;
        drawing.text(label((at.0, y), &line, GREY, super::canvas::Anchor::Start));
    }
    y
}

/// One panel being drawn.
struct Sheet<'a> {
    grid: &'a Grid,
    panel: &'a Panel,
    left: f64,
    /// Upper edge of the row of services.
    top: f64,
    lanes: &'a [f64],
    variant_idx: usize,
}

impl Sheet<'_> {
    fn draw(&self, drawing: &mut Drawing, topology: &TopologyFindings) {
        // Deeper brokers first: what goes on to them passes behind those above.
        let mut pipes: Vec<usize> = (0..self.panel.pipes.len()).collect();
        pipes.sort_by_key(|idx| std::cmp::Reverse(self.panel.pipes[*idx].lane));
        for idx in pipes {
            let pipe = &self.panel.pipes[idx];
            let at = (self.left, self.lane(pipe.lane));
            let sends = || self.panel.sends.iter().filter(|send| send.pipe == idx);
            marks::pipe(drawing, pipe, at, hue(self.variant_idx));
            self.tracks(drawing, idx);
            sends().for_each(|send| self.send(drawing, send));
            marks::pipe_name(drawing, pipe, at);
        }
        // What the answer needs is drawn last, over the rest.
        let mut calls: Vec<&layout::Call> = self.panel.calls.iter().collect();
        calls.sort_by_key(|call| call.is_needed);
        for call in &calls {
            self.call(drawing, call);
        }
        for call in &calls {
            // Those that leave together are named once, on the longest way.
            let length = |call: &layout::Call| (call.ends.1 - call.ends.0).abs();
            let is_named = calls.iter().all(|other| {
                !other.is_over_with(call)
                    || std::ptr::eq(*other, *call)
                    || length(other) < length(call)
            });
            if !is_named {
                continue;
            }
            let y = self.call_y(call);
            let ends = (self.left + call.ends.0, self.left + call.ends.1);
            match call.level {
                None => marks::way_name_above(drawing, ends, y, call.text),
                Some(_) => marks::way_name(drawing, ends, y, call.text),
            }
        }
        self.nodes(drawing, topology);
    }

    fn nodes(&self, drawing: &mut Drawing, topology: &TopologyFindings) {
        let grid = self.grid;
        let bottom = self.top + grid.height;
        for (idx, service) in grid.services.iter().enumerate() {
            let x = self.left + grid.x(idx + 1);
            let place = topology.services.iter().find(|p| p.service == *service);
            let look = match place {
                Some(place) if place.is_needed => Look::Needed,
                Some(_) => Look::Reached,
                None => Look::Absent,
            };
            let half = grid.node(idx + 1) / 2.0;
            marks::service(
                drawing,
                ((x - half, self.top), (x + half, bottom)),
                (&grid.names[idx + 1], grid.size),
                place.is_some_and(|place| place.is_external),
                (look, hue(self.variant_idx)),
            );
        }
        let x = self.left + grid.x(0);
        let names = (grid.names[0].as_slice(), grid.size);
        marks::clients(drawing, x, (self.top, self.middle()), names);
    }

    /// The height of the straight calls and of the clients' figure, whose name stands below it: the middle of the row, or
    /// higher where a long name needs the room.
    fn middle(&self) -> f64 {
        let lines = self.grid.names[0].len() as f64;
        let used = 11.0 + lines * grid::NAME_LINE;
        self.top
            + (self.grid.height / 2.0)
                .min(self.grid.height - used)
                .max(14.0)
    }

    fn lane(&self, lane: usize) -> f64 {
        self.top + self.grid.height + self.lanes.get(lane).copied().unwrap_or(0.0)
    }

    fn call_y(&self, call: &layout::Call) -> f64 {
        match call.level {
            None => self.middle(),
            Some(level) => self.top - 12.0 - level as f64 * LEVEL,
        }
    }

    fn call(&self, drawing: &mut Drawing, call: &layout::Call) {
        let stroke = Stroke::call(hue(self.variant_idx), call.is_needed);
        let (from, to) = (self.left + call.ends.0, self.left + call.ends.1);
        let y = self.call_y(call);
        let points = match call.level {
            None => vec![(from, y), (to - 1.0, y)],
            Some(_) => vec![(from, self.top), (from, y), (to, y), (to, self.top - 1.0)],
        };
        marks::arrow(drawing, points, stroke);
    }

    /// What runs inside a broker: one line where several messages take the same way, for dashes upon dashes are no dashes.
    fn tracks(&self, drawing: &mut Drawing, pipe_idx: usize) {
        let pipe = &self.panel.pipes[pipe_idx];
        let ink = hue(self.variant_idx);
        for (bus, first) in self.panel.sends.iter().enumerate() {
            if first.pipe != pipe_idx || first.bus != bus {
                continue;
            }
            let y = self.lane(pipe.lane) + pipe.track(first.track);
            let together = || self.panel.sends.iter().filter(|send| send.bus == bus);
            for is_awaited in [false, true] {
                let ends = together().flat_map(|send| {
                    let legs = send.legs.iter();
                    let legs = legs.filter(move |leg| send.awaits(leg) == is_awaited);
                    legs.flat_map(|leg| [send.x, leg.x])
                });
                let (from, to) = layout::reach(ends);
                let ends = vec![(self.left + from, y), (self.left + to, y)];
                marks::line(drawing, ends, Stroke::message(ink, is_awaited));
            }
        }
    }

    fn send(&self, drawing: &mut Drawing, send: &Send) {
        let ink = hue(self.variant_idx);
        let pipe = &self.panel.pipes[send.pipe];
        let bottom = self.top + self.grid.height;
        let top = self.lane(pipe.lane);
        let track = top + pipe.track(send.track);
        let x = self.left + send.x;
        let strong = Stroke::message(ink, send.is_needed);
        let weak = Stroke::message(ink, false);
        for leg in &send.legs {
            let to = self.left + leg.x;
            let is_awaited = send.awaits(leg);
            let stroke = if is_awaited { strong } else { weak };
            let last = if leg.is_posted {
                Stroke::call(ink, is_awaited)
            } else {
                stroke
            };
            // Out of the broker upwards; the consumer's own call, or its reading.
            marks::arrow(drawing, vec![(to, track), (to, bottom + 1.0)], last);
        }
        if send.legs.iter().any(|leg| leg.awaits_reply) {
            marks::arrow(drawing, vec![(x, track), (x, bottom + 1.0)], strong);
        } else {
            let handed = if pipe.is_broker { top } else { track };
            marks::line(drawing, vec![(x, handed), (x, track)], strong);
            let end = vec![(x, bottom), (x, handed)];
            if pipe.is_broker {
                marks::arrow(drawing, end, strong);
            } else {
                marks::line(drawing, end, strong);
            }
        }
        let legs = send.legs.iter().map(|leg| self.left + leg.x);
        let far = legs.max_by(|a, b| (a - x).abs().total_cmp(&(b - x).abs()));
        marks::way_name(drawing, (x, far.unwrap_or(x)), track, send.text);
    }
}

/// `4 services`, `1 service and the broker`, `2 services and 2 brokers`.
fn needed(topology: &TopologyFindings) -> String {
    let services = topology.services.iter().filter(|place| place.is_needed);
    let n_services = services.count() as u64;
    let services = story::plural(n_services, "service");
    match (n_services, topology.needed_brokers.len()) {
        (0, 0) => "no service".to_owned(),
        (0, 1) => "only the broker".to_owned(),
        (0, n) => format!("{n} brokers"),
        (_, 0) => services,
        (_, 1) => format!("{services} and the broker"),
        (_, n) => format!("{services} and {n} brokers"),
    }
}

fn words(findings: &Findings, flow: &str, rows: &[Row<'_>]) -> Words {
    let ways = || rows.iter().flat_map(|row| &row.2.ways);
    let mut reading = "Heavy and in colour: what must work for the client's answer. Solid: a call, whose caller waits.".to_owned();
    let is_message = |way: &WayFindings| way.by != Carrier::Call;
    if ways().any(is_message) {
        reading += " Dashed: a message through a broker (cylinder)";
        let is_awaited = |way: &WayFindings| {
            matches!(
                way.by,
                Carrier::Broker {
                    awaits_reply: true,
                    ..
                }
            )
        };
        reading += if ways().any(is_awaited) {
            "; with two heads its sender waits for the reply."
        } else {
            "."
        };
        if ways().any(|way| {
            matches!(
                way.by,
                Carrier::Broker {
                    is_posted: true,
                    ..
                }
            )
        }) {
            reading += " Solid out of the cylinder: the consumer is called for each message.";
        }
    }
    Words {
        title: title(rows),
        subtitle: format!(
            "{flow}: services and the ways between them in every variant, each service in the same place"
        ),
        reading,
        stamp: story::stamp(findings),
    }
}

/// `sync: the answer needs 4 services up; async: 1 service and the broker`.
fn title(rows: &[Row<'_>]) -> String {
    let n = |row: &Row<'_>| {
        let services = row.2.services.iter().filter(|place| place.is_needed);
        services.count() + row.2.needed_brokers.len()
    };
    let mut order: Vec<&Row<'_>> = rows.iter().collect();
    order.sort_by_key(|row| (std::cmp::Reverse(n(row)), row.0));
    let (most, least) = (order[0], order[order.len() - 1]);
    let (much, little) = (needed(most.2), needed(least.2));
    let of = |text: &str| -> String {
        let same = rows.iter().filter(|row| needed(row.2) == text);
        story::list(&same.map(|row| row.1).collect::<Vec<_>>())
    };
    let is_promise = rows.iter().all(|row| row.2.is_promise);
    let what = if is_promise {
        "the promise"
    } else {
        "the answer"
    };
    if rows.len() == 1 {
        format!("{}: {what} needs {much} up", most.1)
    } else if rows.iter().all(|row| needed(row.2) == much) {
        format!("In every variant {what} needs {much} up")
    } else {
        format!(
            "{}: {what} needs {much} up; {}: {little}",
            of(&much),
            of(&little)
        )
    }
}

/// The panel in words, for readers that do not see.
fn told((_, name, topology): &Row<'_>) -> String {
    let ways = topology.ways.iter().map(|way| {
        let from = match (&way.from, topology.clients.as_slice()) {
            (Some(service), _) => service,
            (None, [one]) => one,
            (None, _) => "clients",
        };
        let by = match &way.by {
            Carrier::Call => format!("{from} calls {}", way.to),
            Carrier::Broker { name, .. } => format!("{from} sends to {} through {name}", way.to),
            Carrier::Sender { .. } => format!("{from} sends to {} itself", way.to),
        };
        match way.role {
            WayRole::Usual => by,
            WayRole::CopyFirst => format!("{by} where no copy has it"),
            WayRole::Fallback => format!("{by} when another way has failed"),
            WayRole::Poll => format!("{by} to ask again"),
            WayRole::Undo => format!("{by} to undo"),
        }
    });
    format!(" {name}: {}.", ways.collect::<Vec<_>>().join(", "))
}
