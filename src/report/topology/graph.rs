//! The graph that every diagram draws: what takes part in a variant, and what goes between.

use crate::brokers::Kind;
use crate::compile::Case;
use crate::model::{
    BrokerId, Channel, Edge, EdgeId, FlowId, Link, ServiceId, SourceId, StepId, UNLIMITED,
};
use std::collections::BTreeSet;

/// Something that takes part. Clients stand before services, and services before brokers.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Node {
    Client(SourceId),
    Service(ServiceId),
    Broker(BrokerId),
}

/// What goes over a line.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Carries {
    /// Calls: the sender waits.
    Calls,
    /// Messages.
    Messages,
}

/// A node as it is drawn.
#[derive(Clone, Debug)]
pub(super) struct Shape {
    pub(super) node: Node,
    /// Unique among all of a scenario; lower-case letters, digits and underscores.
    pub(super) name: String,
    /// What else there is to say of it.
    pub(super) about: String,
}

/// A line from one node to another.
#[derive(Clone, Debug)]
pub(super) struct Line {
    pub(super) from: Node,
    pub(super) to: Node,
    pub(super) carries: Carries,
    /// The steps that are reached over it, in the order of the wiring.
    pub(super) labels: Vec<String>,
}

/// A variant.
#[derive(Clone, Debug)]
pub(super) struct Graph {
    pub(super) name: String,
    pub(super) title: String,
    pub(super) shapes: Vec<Shape>,
    pub(super) lines: Vec<Line>,
}

impl Graph {
    /// Of a variant.
    pub(super) fn of(case: &Case) -> Self {
        let mut draw = Draw {
            case,
            lines: Vec::new(),
        };
        let fallbacks = case.wiring.edges.iter().filter_map(|edge| edge.fallback);
        let fallbacks: BTreeSet<EdgeId> = fallbacks.collect();
        let posts = case.wiring.channels.iter();
        let posts: BTreeSet<EdgeId> = posts.filter_map(|channel| channel.post).collect();
        for (id, edge) in case.wiring.edges.enumerate() {
            // A delivery that is a call is drawn with its message.
            if !posts.contains(&id) {
                draw.edge(id, edge, fallbacks.contains(&id));
            }
        }
        let lines = draw.lines;
        let ends = lines.iter().flat_map(|line| [line.from, line.to]);
        let steps = case.system.steps.iter();
        let services = steps.map(|step| Node::Service(step.service));
        let nodes: BTreeSet<Node> = ends.chain(services).collect();
        Self {
            name: case.wiring.name.clone(),
            title: super::on_one_line(&case.wiring.title),
            shapes: nodes.into_iter().map(|node| shape(case, node)).collect(),
            lines,
        }
    }

    /// The shape of a node of this graph.
    pub(super) fn shape(&self, node: Node) -> &Shape {
        let mut shapes = self.shapes.iter();
        shapes
            .find(|shape| shape.node == node)
            .expect("every end of a line is a shape")
    }
}

struct Draw<'a> {
    case: &'a Case,
    lines: Vec<Line>,
}

impl Draw<'_> {
    fn edge(&mut self, id: EdgeId, edge: &Edge, is_fallback: bool) {
        let wiring = &self.case.wiring;
        let from = match edge.from {
            Some(step) => Some(self.home(step)),
            None => wiring.source_of(id).map(Node::Client),
        };
        let to = self.home(edge.to);
        let mut label = self.label(edge.to);
        if is_fallback {
            label += " (fallback)";
        }
        match &edge.link {
            Link::Call(_) => self.line(from, to, Carries::Calls, label),
            Link::Publish(publish) => {
                let channel = &wiring.channels[publish.channel];
                if publish.awaits_reply {
                    label += " (and reply)";
                }
                self.message(from, to, channel, label);
            }
        }
    }

    /// Over its broker; from the sender itself where that keeps the messages.
    fn message(&mut self, from: Option<Node>, to: Node, channel: &Channel, label: String) {
        let deliveries = match channel.post {
            Some(_) => Carries::Calls,
            None => Carries::Messages,
        };
        if let Some(keeper) = channel.keeper {
            let how = match channel.post {
                Some(_) => "webhook",
                None => "stream",
            };
            let keeper = Some(Node::Service(keeper));
            if from != keeper {
                self.line(from, to, Carries::Messages, label.clone());
            }
            self.line(keeper, to, deliveries, format!("{label} ({how})"));
        } else {
            let broker = Node::Broker(channel.broker);
            self.line(from, broker, Carries::Messages, label.clone());
            self.line(Some(broker), to, deliveries, label);
        }
    }

    /// Adds a label to the line between two nodes, which is drawn once.
    fn line(&mut self, from: Option<Node>, to: Node, carries: Carries, label: String) {
        let Some(from) = from else { return };
        let is_it = |line: &&mut Line| (line.from, line.to, line.carries) == (from, to, carries);
        match self.lines.iter_mut().find(is_it) {
            Some(line) if line.labels.contains(&label) => {}
            Some(line) => line.labels.push(label),
            None => self.lines.push(Line {
                from,
                to,
                carries,
                labels: vec![label],
            }),
        }
    }

    fn home(&self, step: StepId) -> Node {
        Node::Service(self.case.system.steps[step].service)
    }

    /// The step, with its flow if there are several.
    fn label(&self, step: StepId) -> String {
        let (system, names) = (&self.case.system, &self.case.system.names);
        let name = &names.steps[step];
        let flow: FlowId = system.steps[step].flow;
        if system.flows.len() > 1 {
            format!("{}: {name}", names.flows[flow])
        } else {
            name.clone()
        }
    }
}

fn shape(case: &Case, node: Node) -> Shape {
    let (system, names) = (&case.system, &case.system.names);
    let (name, about) = match node {
        Node::Client(id) => {
            let flow = &names.flows[system.sources[id].flow];
            (&names.sources[id], format!("clients of {flow}"))
        }
        Node::Service(id) => (&names.services[id], workers(case, id)),
        Node::Broker(id) => {
            let kind = match system.brokers[id].kind {
                Kind::Queue => "queue".to_owned(),
                Kind::Topic => "topic".to_owned(),
                Kind::Log => format!("log of {} partitions", system.brokers[id].partitions),
            };
            (&names.brokers[id], kind)
        }
    };
    Shape {
        node,
        name: name.clone(),
        about,
    }
}

/// `3 × 32 workers`.
fn workers(case: &Case, id: ServiceId) -> String {
    let service = &case.system.services[id];
    let each = match service.concurrency {
        UNLIMITED => "unlimited workers".to_owned(),
        1 => "1 worker".to_owned(),
        n => format!("{n} workers"),
    };
    let all = match service.replicas {
        1 => each,
        n => format!("{n} × {each}"),
    };
    if service.external {
        format!("external, {all}")
    } else {
        all
    }
}

impl Node {
    /// What it is, in a word.
    pub(super) const fn kind(self) -> &'static str {
        match self {
            Self::Client(_) => "client",
            Self::Service(_) => "service",
            Self::Broker(_) => "broker",
        }
    }
}

impl Shape {
    /// A word for it that no language of diagrams keeps for itself.
    pub(super) fn id(&self) -> String {
        format!("{}_{}", self.node.kind(), self.name)
    }
}
