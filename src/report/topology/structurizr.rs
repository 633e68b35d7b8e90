//! The Structurizr DSL: one workspace; each variant is a software system with its containers, and has a view of them.
//!
//! A system of its own for each variant, because in one system a view would show the lines of all variants.

use super::graph::{Carries, Graph, Node, Shape};
use super::on_one_line;
use std::collections::BTreeMap;
use std::fmt::Write as _;

/// The workspace of a scenario.
pub(super) fn workspace(title: &str, graphs: &[Graph]) -> String {
    let mut text = format!(
        "workspace {} {{\n  !identifiers hierarchical\n\n  model {{\n",
        quoted(title)
    );
    let shapes = graphs.iter().flat_map(|graph| &graph.shapes);
    let clients = shapes.filter(|shape| matches!(shape.node, Node::Client(_)));
    let clients: BTreeMap<&str, &Shape> =
        clients.map(|shape| (shape.name.as_str(), shape)).collect();
    for shape in clients.values() {
        put(
            &mut text,
            4,
            &format!(
                "{} = person {} {}",
                shape.id(),
                quoted(&shape.name),
                quoted(&shape.about)
            ),
        );
    }
    for graph in graphs {
        system(graph, &mut text);
    }
    text += "  }\n\n  views {\n";
    for graph in graphs {
        let key = quoted(&graph.name);
        put(
            &mut text,
            4,
            &format!(
                "container {} {key} {} {{",
                system_id(graph),
                quoted(&graph.title)
            ),
        );
        put(&mut text, 6, "include *");
        put(&mut text, 6, "autoLayout lr");
        put(&mut text, 4, "}");
    }
    text += STYLES;
    text + "  }\n}\n"
}

const STYLES: &str = "    styles {
      relationship \"Relationship\" {
        style solid
      }
      relationship \"Message\" {
        style dashed
      }
      element \"Broker\" {
        shape Pipe
      }
    }
";

/// The software system of a variant.
fn system(graph: &Graph, text: &mut String) {
    let head = format!(
        "{} = softwareSystem {} {} {{",
        system_id(graph),
        quoted(&graph.name),
        quoted(&graph.title)
    );
    put(text, 4, &head);
    for shape in &graph.shapes {
        let tag = match shape.node {
            Node::Client(_) => continue,
            Node::Service(_) => "Service",
            Node::Broker(_) => "Broker",
        };
        let (name, about) = (quoted(&shape.name), quoted(&shape.about));
        put(
            text,
            6,
            &format!("{} = container {name} {about} \"\" \"{tag}\"", shape.id()),
        );
    }
    put(text, 4, "}");
    let full = |node| {
        let shape = graph.shape(node);
        match node {
            Node::Client(_) => shape.id(),
            Node::Service(_) | Node::Broker(_) => format!("{}.{}", system_id(graph), shape.id()),
        }
    };
    for line in &graph.lines {
        let (technology, tag) = match line.carries {
            Carries::Calls => ("call", "Call"),
            Carries::Messages => ("message", "Message"),
        };
        let label = quoted(&line.labels.join(", "));
        let (from, to) = (full(line.from), full(line.to));
        put(
            text,
            4,
            &format!("{from} -> {to} {label} \"{technology}\" \"{tag}\""),
        );
    }
}

fn system_id(graph: &Graph) -> String {
    format!("variant_{}", graph.name)
}

fn put(text: &mut String, indent: usize, line: &str) {
    writeln!(text, "{:indent$}{line}", "").expect("a string takes any text");
}

/// A quoted text on one line.
fn quoted(text: &str) -> String {
    let text = on_one_line(text).replace('\\', "\\\\");
    format!("\"{}\"", text.replace('"', "\\\""))
}
