//! OTLP as JSON (OpenTelemetry protocol 1.x, JSON Protobuf encoding): a line for each flow run, an `ExportTraceServiceRequest`
//! each. Instants are those of the simulated clock, counted from 1970.

use super::told::{Fact, Side, Told, ToldSpan};
use serde::Serialize;
use std::fmt::Write as _;

/// Status code of a failure.
const ERROR: u8 = 2;

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Request {
    resource_spans: Vec<ResourceSpans>,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct ResourceSpans {
    resource: Resource,
    scope_spans: [ScopeSpans; 1],
}

#[derive(Serialize)]
struct Resource {
    attributes: Vec<Attribute>,
}

#[derive(Serialize)]
struct ScopeSpans {
    scope: Scope,
    spans: Vec<Span>,
}

#[derive(Serialize)]
struct Scope {
    name: &'static str,
    version: &'static str,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Span {
    trace_id: String,
    #[serde(rename = "spanId")]
    id: String,
    #[serde(rename = "parentSpanId")]
    parent_id: String,
    name: String,
    kind: u8,
    start_time_unix_nano: String,
    end_time_unix_nano: String,
    attributes: Vec<Attribute>,
    events: Vec<Event>,
    status: Status,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Event {
    time_unix_nano: String,
    name: &'static str,
}

#[derive(Serialize)]
struct Status {
    message: &'static str,
    code: u8,
}

#[derive(Serialize)]
struct Attribute {
    key: &'static str,
    value: Value,
}

/// Whole numbers are strings, as 64 bits do not fit into a number of JSON.
#[derive(Serialize)]
enum Value {
    #[serde(rename = "stringValue")]
    Word(String),
    #[serde(rename = "intValue")]
    Number(String),
    #[serde(rename = "boolValue")]
    Is(bool),
}

/// A line for each flow run.
pub(super) fn lines(all: &[Told]) -> String {
    let mut text = String::new();
    for told in all {
        let line = serde_json::to_string(&request(told)).expect("strings and small numbers");
        text.push_str(&line);
        text.push('\n');
    }
    text
}

fn request(told: &Told) -> Request {
    // Services in the order of their first span.
    let mut services: Vec<(&str, Vec<Span>)> = Vec::new();
    for one in &told.spans {
        let span = span(told, one);
        match services.iter_mut().find(|(name, _)| *name == one.service) {
            Some((_, spans)) => spans.push(span),
            None => services.push((&one.service, vec![span])),
        }
    }
    let resource_spans = services.into_iter().map(|(name, spans)| ResourceSpans {
        resource: Resource {
            attributes: vec![
                attribute("service.name", &Fact::Word(name.to_owned())),
                attribute("service.namespace", &Fact::Word(told.variant.clone())),
                attribute("brownout.variant", &Fact::Word(told.variant.clone())),
            ],
        },
        scope_spans: [ScopeSpans {
            scope: Scope {
                name: "brownout",
                version: env!("CARGO_PKG_VERSION"),
            },
            spans,
        }],
    });
    Request {
        resource_spans: resource_spans.collect(),
    }
}

fn span(told: &Told, span: &ToldSpan) -> Span {
    let id = |number: u64| format!("{number:016x}");
    let events = told.events.iter().filter(|_| span.parent.is_none());
    Span {
        trace_id: told.id.iter().fold(String::new(), |mut hex, byte| {
            write!(hex, "{byte:02x}").expect("a string takes any text");
            hex
        }),
        id: id(span.id),
        parent_id: span.parent.map_or(String::new(), id),
        name: span.name.clone(),
        kind: match span.side {
            Side::Inside => 1,
            Side::Callee => 2,
            Side::Caller => 3,
            Side::Sender => 4,
            Side::Receiver => 5,
        },
        start_time_unix_nano: span.ends.0.0.to_string(),
        end_time_unix_nano: span.ends.1.0.to_string(),
        attributes: span
            .facts
            .iter()
            .map(|(key, fact)| attribute(key, fact))
            .collect(),
        events: events
            .map(|&(name, at)| Event {
                time_unix_nano: at.0.to_string(),
                name,
            })
            .collect(),
        status: Status {
            message: span.failure.unwrap_or_default(),
            code: if span.failure.is_some() { ERROR } else { 0 },
        },
    }
}

fn attribute(key: &'static str, fact: &Fact) -> Attribute {
    let value = match fact {
        Fact::Word(word) => Value::Word(word.clone()),
        Fact::Number(number) => Value::Number(number.to_string()),
        Fact::Is(is) => Value::Is(*is),
    };
    Attribute { key, value }
}
