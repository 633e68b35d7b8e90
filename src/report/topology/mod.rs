//! Who reaches whom in each variant, as the text of a diagram: for Markdown (Mermaid), Graphviz (DOT) and Structurizr.

mod dot;
mod graph;
mod mermaid;
mod structurizr;

#[cfg(test)]
mod tests;

use crate::compile::Case;
use graph::Graph;

/// The language of a diagram.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Diagram {
    /// A Mermaid flowchart for each variant, each in a fenced block of Markdown.
    Mermaid,
    /// A Graphviz digraph for each variant.
    Dot,
    /// A Structurizr workspace with a container view for each variant.
    Structurizr,
}

/// The topology of every variant: its clients, services and brokers, calls solid and messages dashed, each with the steps that it
/// reaches.
#[must_use]
pub fn topology(title: &str, cases: &[Case], form: Diagram) -> String {
    let graphs: Vec<Graph> = cases.iter().map(Graph::of).collect();
    match form {
        Diagram::Mermaid => joined(&graphs, mermaid::block),
        Diagram::Dot => joined(&graphs, dot::digraph),
        Diagram::Structurizr => structurizr::workspace(title, &graphs),
    }
}

fn joined(graphs: &[Graph], one: impl Fn(&Graph) -> String) -> String {
    graphs.iter().map(one).collect::<Vec<_>>().join("\n")
}

/// A text on one line.
fn on_one_line(text: &str) -> String {
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}
