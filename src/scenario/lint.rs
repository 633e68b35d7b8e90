//! What is wrong with a tree whatever its grammar: empty values and maps, and texts that YAML 1.1 reads otherwise.

use super::codes;
use super::tree::{Node, What};
use crate::diagnostic::{Diagnostic, Place};

/// Words that are truth values in YAML 1.1 and texts in YAML 1.2.
const WORDS_11: &[&str] = &["on", "off", "yes", "no", "y", "n"];

/// Checks a whole file; every mistake found is marked broken, so that later passes step over it.
pub(super) fn lint(root: &mut Node, diagnostics: &mut Vec<Diagnostic>) {
    walk(root, Nulls::Mistakes, 0, diagnostics);
}

/// What an empty value means.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Nulls {
    /// Something was forgotten.
    Mistakes,
    /// It deletes.
    Delete,
}

fn walk(node: &mut Node, nulls: Nulls, depth: usize, diagnostics: &mut Vec<Diagnostic>) {
    let place = node.place;
    match &mut node.what {
        What::Map(pairs) => {
            for pair in pairs {
                if !word(&pair.key, pair.key_place, diagnostics)
                    && let Some(error) = diagnostics.last_mut()
                {
                    error.help = Some("choose another name".to_owned());
                }
                let value = &mut pair.value;
                let empty = match &value.what {
                    What::Null => nulls == Nulls::Mistakes,
                    // Below the blocks `{}` says "with every default", and nothing may be needed for an answer.
                    What::Map(pairs) => {
                        depth == 0 && pairs.is_empty() && !MAY_BE_EMPTY.contains(&pair.key.as_str())
                    }
                    What::List(nodes) => pair.key != "answer_needs" && nodes.is_empty(),
                    _ => false,
                };
                if empty {
                    let what = match value.what {
                        What::Null => "has no value",
                        What::Map(_) => "is an empty map",
                        _ => "is an empty list",
                    };
                    let message = format!("`{}` {what}", pair.key);
                    let error = Diagnostic::error(codes::EMPTY, message).at(pair.key_place);
                    diagnostics.push(error.help("give it one, or remove the key"));
                    value.what = What::Broken;
                    continue;
                }
                let in_variant = depth == 0 && pair.key == "variants";
                let below = if in_variant { Nulls::Delete } else { nulls };
                // A variant itself must hold something; within it, null deletes.
                walk(value, below, depth + 1, diagnostics);
            }
        }
        What::List(nodes) => {
            for node in nodes {
                if node.what == What::Null {
                    let message = "an item of the list has no value";
                    diagnostics.push(Diagnostic::error(codes::EMPTY, message).at(node.place));
                    node.what = What::Broken;
                } else {
                    walk(node, Nulls::Mistakes, depth + 1, diagnostics);
                }
            }
        }
        What::Scalar(scalar) if !scalar.quoted => {
            let clean = word(&scalar.text, place, diagnostics);
            if !clean {
                node.what = What::Broken;
            }
        }
        _ => {}
    }
}

/// Blocks that a scenario can do without.
const MAY_BE_EMPTY: [&str; 4] = ["brokers", "faults", "slo", "sources"];

/// Is the text safe from YAML 1.1?
fn word(text: &str, place: Place, diagnostics: &mut Vec<Diagnostic>) -> bool {
    let lower = text.to_lowercase();
    let error = if WORDS_11.contains(&lower.as_str()) {
        let message = format!("`{text}` is a truth value in YAML 1.1 and a text in YAML 1.2");
        let help = match lower.as_str() {
            "on" | "yes" | "y" => format!("write `true`, or \"{text}\" if you mean the text"),
            _ => format!("write `false`, or \"{text}\" if you mean the text"),
        };
        Diagnostic::error(codes::YAML_11, message).help(help)
    } else if is_sexagesimal(text) {
        let message = format!("`{text}` is a number to the base 60 in YAML 1.1");
        Diagnostic::error(codes::YAML_11, message).help(sexagesimal_help(text))
    } else {
        return true;
    };
    diagnostics.push(error.at(place));
    false
}

/// `1:30`, `20:30:15`.
fn is_sexagesimal(text: &str) -> bool {
    let digits = |part: &str| !part.is_empty() && part.chars().all(|c| c.is_ascii_digit());
    text.contains(':') && text.split(':').all(digits)
}

fn sexagesimal_help(text: &str) -> String {
    let parts: Vec<&str> = text.split(':').collect();
    match parts.as_slice() {
        [m, s] => format!("write `{m}m{s}s` or `{m}h{s}m`"),
        [h, m, s] => format!("write `{h}h{m}m{s}s`"),
        _ => "write a duration like `1h30m`".into(),
    }
}

/// Would some reader of YAML take the plain text for something other than a text?
pub(super) fn is_ambiguous(text: &str) -> bool {
    let lower = text.to_lowercase();
    let word = matches!(lower.as_str(), "true" | "false" | "null" | "~");
    let number = text.starts_with(|c: char| c.is_ascii_digit() || matches!(c, '+' | '-' | '.'))
        && (text.parse::<f64>().is_ok() || lower.starts_with("0x") || lower.starts_with("0o"));
    word || number || WORDS_11.contains(&lower.as_str()) || is_sexagesimal(text)
}
