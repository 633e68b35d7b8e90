//! `report.html`: one file, no network, complete without script.
//!
//! The template is filled with a [`View`]; a user may bring another one. Script and style only add: under a policy that forbids both,
//! every table and every chart is still there.

use super::view::View;
use minijinja::syntax::SyntaxConfig;
use minijinja::value::Serde;
use minijinja::{AutoEscape, Environment, HtmlEscape, UndefinedBehavior, Value, context};

const TEMPLATE: &str = include_str!("report.html");
const STYLE: &str = include_str!("style.css");
const SCRIPT: &str = include_str!("script.js");

/// The text of `report.html`, by the template of this program, or by another one.
///
/// # Errors
/// If the template is none, or asks for something that there is not: with its line.
pub(super) fn html(view: &View, template: Option<&str>) -> Result<String, String> {
    let mut environment = Environment::new();
    environment.set_auto_escape_callback(|_| AutoEscape::Html);
    environment.set_undefined_behavior(UndefinedBehavior::Strict);
    environment.add_filter("prose", prose);
    let syntax = SyntaxConfig::builder()
        .trim_blocks(true)
        .lstrip_blocks(true)
        .keep_trailing_newline(true)
        .build();
    environment.set_syntax(syntax.expect("the usual delimiters"));
    let text = template.unwrap_or(TEMPLATE);
    let fault = |error: minijinja::Error| match error.line() {
        Some(line) => format!("line {line}: {error}"),
        None => error.to_string(),
    };
    environment.add_template("report", text).map_err(fault)?;
    let report = environment.get_template("report").map_err(fault)?;
    let values = context! {
        style => Value::from_safe_string(STYLE.to_owned()),
        script => Value::from_safe_string(SCRIPT.to_owned()),
        ..Value::from(Serde(view))
    };
    report.render(values).map_err(fault)
}

/// A sentence in which backticks enclose code.
fn prose(text: &str) -> Value {
    let parts = text.split('`').enumerate().map(|(nth, part)| {
        let part = HtmlEscape(part);
        if nth % 2 == 0 {
            part.to_string()
        } else {
            format!("<code>{part}</code>")
        }
    });
    Value::from_safe_string(parts.collect())
}

#[cfg(test)]
mod tests;
