//! What holds for every diagram of every shipped study, and of one that uses whatever a wiring may be made of.

use super::graph::{Graph, Node};
use super::{Diagram, topology};
use crate::compile::{Case, compile_all};
use crate::diagnostic::Sources;
use crate::model::Link;
use crate::scenario::{self, Changes};
use std::fs;
use std::path::Path;

fn cases(name: &str, text: &str) -> Vec<Case> {
    let mut sources = Sources::default();
    let (reading, found) = scenario::read(&mut sources, name, text, &Changes::default());
    let reading = reading.unwrap_or_else(|| panic!("{name}: {found:#?}"));
    let (cases, found) = compile_all(&reading.views);
    cases.unwrap_or_else(|| panic!("{name}: {found:#?}"))
}

fn shipped() -> Vec<(String, Vec<Case>)> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("scenarios");
    let entries = fs::read_dir(folder).unwrap();
    let mut paths: Vec<_> = entries.map(|entry| entry.unwrap().path()).collect();
    paths.retain(|path| {
        path.extension()
            .is_some_and(|extension| extension == "yaml")
    });
    paths.sort();
    let all = paths.iter().map(|path| {
        let name = path.to_str().unwrap();
        (
            name.to_owned(),
            cases(name, &fs::read_to_string(path).unwrap()),
        )
    });
    all.chain([("mixed".to_owned(), cases("mixed.yaml", MIXED))])
        .collect()
}

/// A webhook, a stream, a reply over a queue, an external consumer, a fallback, two flows.
const MIXED: &str = "\
brownout: 1
flows:
  order: { from: shopper, steps: [desk, stock, partner, screen] }
  report: { from: clerk, steps: [desk_report: { service: desk }, bank] }
services:
  desk: { concurrency: unlimited, service_time: 1ms }
  stock: { replicas: 2, service_time: 1ms }
  partner: { concurrency: 4, external: true, service_time: 1ms }
  screen: { concurrency: 4, service_time: 1ms }
  bank: { concurrency: 4, external: true, service_time: 1ms }
brokers: { post: {} }
traffic: { shopper: { rate: 10/s }, clerk: { rate: 1/s, flow: report } }
variants:
  mixed:
    title: 'All of \"it\" # | <at> once\\'
    wiring: async
    via: post
    steps: { partner: { wiring: async, via: webhook }, screen: { wiring: async, via: stream } }
run: { duration: 1m }
";

#[test]
fn every_service_of_a_step_is_there_and_every_line_is_drawn_once() {
    for (name, cases) in shipped() {
        for case in &cases {
            let graph = Graph::of(case);
            for step in &case.system.steps {
                let n = graph.shapes.iter();
                let n = n.filter(|shape| shape.node == Node::Service(step.service));
                assert_eq!(n.count(), 1, "{name}");
            }
            for (nth, line) in graph.lines.iter().enumerate() {
                let ends = |of: &super::graph::Line| (of.from, of.to, of.carries);
                let before = graph.lines[..nth].iter();
                assert!(
                    before.map(ends).all(|other| other != ends(line)),
                    "{name}: {line:?}"
                );
            }
        }
    }
}

/// What leads to a step is named on a line to its service, from the broker if a message goes over one.
#[test]
fn every_edge_of_a_wiring_is_on_a_line() {
    for (name, cases) in shipped() {
        for case in &cases {
            let graph = Graph::of(case);
            for edge in &case.wiring.edges {
                let step = &case.system.names.steps[edge.to];
                let to = Node::Service(case.system.steps[edge.to].service);
                let broker = match &edge.link {
                    Link::Call(_) => None,
                    Link::Publish(publish) => {
                        let channel = &case.wiring.channels[publish.channel];
                        channel
                            .keeper
                            .is_none()
                            .then_some(Node::Broker(channel.broker))
                    }
                };
                let is_on = |from: Option<Node>, to: Node| {
                    graph.lines.iter().any(|line| {
                        let is_named = line
                            .labels
                            .iter()
                            .any(|label| label.contains(step.as_str()));
                        is_named && line.to == to && from.is_none_or(|from| from == line.from)
                    })
                };
                assert!(is_on(broker, to), "{name} {}: {step}", graph.name);
                if let Some(broker) = broker {
                    assert!(is_on(None, broker), "{name} {}: {step}", graph.name);
                }
            }
        }
    }
}

#[test]
fn texts_are_whole_in_every_language() {
    for (name, cases) in shipped() {
        for form in [Diagram::Mermaid, Diagram::Dot, Diagram::Structurizr] {
            let text = topology(&name, &cases, form);
            for line in text.lines() {
                let plain = line.replace("\\\\", "").replace("\\\"", "");
                assert_eq!(plain.matches('"').count() % 2, 0, "{form:?}: {line}");
            }
            if form != Diagram::Mermaid {
                let n = |mark| text.matches(mark).count();
                assert_eq!(n('{'), n('}'), "{text}");
            }
            let heads = match form {
                Diagram::Mermaid => "```mermaid\n%% variant ",
                Diagram::Dot => "digraph ",
                Diagram::Structurizr => "    container variant_",
            };
            assert_eq!(text.matches(heads).count(), cases.len(), "{text}");
            for case in &cases {
                let graph = Graph::of(case);
                assert!(text.contains(&graph.name));
                assert!(
                    graph.shapes.iter().all(|shape| text.contains(&shape.id())),
                    "{text}"
                );
            }
        }
    }
}

#[test]
fn what_needs_no_broker_goes_without_one() {
    let mixed = &cases("mixed.yaml", MIXED)[0];
    let text = topology("mixed", std::slice::from_ref(mixed), Diagram::Dot);
    for line in [
        r#"  service_stock -> service_partner [style=solid, label="order: partner (webhook)"];"#,
        r#"  service_partner -> service_screen [style=dashed, label="order: screen (stream)"];"#,
        r#"  broker_post -> service_bank [style=solid, label="report: bank"];"#,
        r#"  label="All of \"it\" # | <at> once\\";"#,
    ] {
        assert!(text.lines().any(|own| own == line), "no {line}\n{text}");
    }
}
