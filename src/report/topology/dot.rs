//! DOT, the language of Graphviz.

use super::graph::{Carries, Graph, Node};
use std::fmt::Write as _;

/// The digraph of one variant.
pub(super) fn digraph(graph: &Graph) -> String {
    let mut text = format!(
        "digraph {} {{\n  rankdir=LR;\n  labelloc=t;\n  label={};\n  node [fontname=\"sans-serif\"];\n  edge [fontname=\"sans-serif\"];\n",
        quoted(&graph.name),
        quoted(&graph.title)
    );
    for shape in &graph.shapes {
        let form = match shape.node {
            Node::Client(_) => "oval",
            Node::Service(_) => "box",
            Node::Broker(_) => "cylinder",
        };
        let label = quoted(&format!("{}\n{}", shape.name, shape.about));
        writeln!(text, "  {} [shape={form}, label={label}];", shape.id())
            .expect("a string takes any text");
    }
    for line in &graph.lines {
        let style = match line.carries {
            Carries::Calls => "solid",
            Carries::Messages => "dashed",
        };
        let (from, to) = (graph.shape(line.from).id(), graph.shape(line.to).id());
        let label = quoted(&line.labels.join("\n"));
        writeln!(text, "  {from} -> {to} [style={style}, label={label}];")
            .expect("a string takes any text");
    }
    text + "}\n"
}

/// A quoted text that is read as it stands.
fn quoted(text: &str) -> String {
    let text = text.replace('\\', "\\\\").replace('"', "\\\"");
    format!("\"{}\"", text.replace('\n', "\\n"))
}

#[cfg(test)]
mod tests {
    use super::quoted;

    #[test]
    fn quotes_and_strokes_are_escaped() {
        assert_eq!(quoted(r#"a "b" \n"#), r#""a \"b\" \\n""#);
        assert_eq!(quoted("a\nb"), r#""a\nb""#);
    }
}
