//! Mermaid: a flowchart in a fenced block, which Markdown on the web draws.

use super::graph::{Carries, Graph, Node};
use std::fmt::Write as _;

/// The block of one variant.
pub(super) fn block(graph: &Graph) -> String {
    let mut text = format!(
        "```mermaid\n%% variant {}: {}\nflowchart LR\n",
        graph.name, graph.title
    );
    for shape in &graph.shapes {
        let (open, close) = match shape.node {
            Node::Client(_) => ("([", "])"),
            Node::Service(_) => ("[", "]"),
            Node::Broker(_) => ("[(", ")]"),
        };
        let (name, about) = (escaped(&shape.name), escaped(&shape.about));
        writeln!(text, "  {}{open}\"{name}<br/>{about}\"{close}", shape.id())
            .expect("a string takes any text");
    }
    for line in &graph.lines {
        let arrow = match line.carries {
            Carries::Calls => "-->",
            Carries::Messages => "-.->",
        };
        let (from, to) = (graph.shape(line.from).id(), graph.shape(line.to).id());
        let label = escaped(&line.labels.join(", "));
        writeln!(text, "  {from} {arrow}|\"{label}\"| {to}").expect("a string takes any text");
    }
    text + "```\n"
}

/// What a quoted text may hold: marks of its own are written by their number.
fn escaped(text: &str) -> String {
    let mut escaped = String::new();
    for character in text.chars() {
        match character {
            '"' | '#' | '<' | '>' | '&' | '`' | '\\' | '|' | '*' => {
                write!(escaped, "#{};", u32::from(character)).expect("a string takes any text");
            }
            other => escaped.push(other),
        }
    }
    escaped
}

#[cfg(test)]
mod tests {
    use super::escaped;

    #[test]
    fn marks_of_the_language_are_written_by_their_number() {
        assert_eq!(escaped("a \"b\" #1"), "a #34;b#34; #35;1");
        assert_eq!(escaped("<b>`c`</b>"), "#60;b#62;#96;c#96;#60;/b#62;");
        assert_eq!(escaped("2 × 4"), "2 × 4");
    }
}
