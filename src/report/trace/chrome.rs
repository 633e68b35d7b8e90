//! Chrome's trace event format: a process for each flow run of a variant, threads for the services it meets. What goes on at one
//! service at once, and is not one inside of the other, lies in threads of its own, as viewers nest by time alone.

use super::told::{Fact, Told, ToldSpan};
use crate::analysis::Stamp;
use crate::kernel::time::Time;
use serde::Serialize;
use serde_json::{Map, Value, json};
use std::cmp::Reverse;

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct File {
    display_time_unit: &'static str,
    other_data: Value,
    trace_events: Vec<Value>,
}

/// A thread: its service, which one of that, and when what lies in it ends, the outermost first.
struct Lane<'a> {
    service: &'a str,
    nth: usize,
    ends: Vec<Time>,
}

/// The whole file.
pub(super) fn text(stamp: &Stamp, all: &[Told]) -> String {
    let mut events = Vec::new();
    for (process, told) in (1_u32..).zip(all) {
        flow_run(&mut events, process, told);
    }
    let file = File {
        display_time_unit: "ms",
        other_data: json!({
            "scenario": stamp.scenario,
            "hash": stamp.hash,
            "seed": stamp.seed.to_string(),
            "version": stamp.version,
            "clock": "simulated, microseconds since the run began",
        }),
        trace_events: events,
    };
    let mut text = serde_json::to_string(&file).expect("strings and finite numbers");
    text.push('\n');
    text
}

fn flow_run(events: &mut Vec<Value>, process: u32, told: &Told) {
    let name = format!("{} · {}", told.variant, told.name);
    let named = |what: &str, thread: usize, args: Value| json!({ "ph": "M", "name": what, "pid": process, "tid": thread, "args": args });
    events.push(named("process_name", 0, json!({ "name": name })));
    events.push(named(
        "process_sort_index",
        0,
        json!({ "sort_index": process }),
    ));
    // The longer one first, so that what lies inside of it comes after it.
    let mut order: Vec<usize> = (0..told.spans.len()).collect();
    order.sort_by_key(|&place| {
        let (start, end) = told.spans[place].ends;
        (start, Reverse(end), place)
    });
    let mut lanes: Vec<Lane<'_>> = Vec::new();
    let mut spans = Vec::new();
    for span in order.into_iter().map(|place| &told.spans[place]) {
        let thread = lane(&mut lanes, span);
        spans.push(complete(process, thread, span));
    }
    for (thread, lane) in (1..).zip(&lanes) {
        let name = match lane.nth {
            1 => lane.service.to_owned(),
            nth => format!("{} {nth}", lane.service),
        };
        events.push(named("thread_name", thread, json!({ "name": name })));
        let order = json!({ "sort_index": thread });
        events.push(named("thread_sort_index", thread, order));
    }
    events.extend(spans);
}

/// The first thread of the span's service in which it lies after or inside of what is there; a new one if there is none.
fn lane<'a>(lanes: &mut Vec<Lane<'a>>, span: &'a ToldSpan) -> usize {
    let (start, end) = span.ends;
    let mut nth = 1;
    for (place, lane) in lanes.iter_mut().enumerate() {
        if lane.service != span.service {
            continue;
        }
        nth += 1;
        while lane.ends.last().is_some_and(|&last| last <= start) {
            lane.ends.pop();
        }
        if lane.ends.last().is_none_or(|&last| end <= last) {
            lane.ends.push(end);
            return place + 1;
        }
    }
    lanes.push(Lane {
        service: &span.service,
        nth,
        ends: vec![end],
    });
    lanes.len()
}

fn complete(process: u32, thread: usize, span: &ToldSpan) -> Value {
    let args = span.facts.iter().map(|(key, fact)| {
        let value = match fact {
            Fact::Word(word) => Value::from(word.as_str()),
            Fact::Number(number) => Value::from(*number),
            Fact::Is(is) => Value::from(*is),
        };
        ((*key).to_owned(), value)
    });
    let mut args: Map<String, Value> = args.collect();
    if let Some(failure) = span.failure {
        args.insert("error".to_owned(), failure.into());
    }
    let mut event = json!({
        "ph": "X",
        "name": span.name,
        "cat": span.service,
        "pid": process,
        "tid": thread,
        "ts": micros(span.ends.0.0),
        "dur": micros(span.ends.1.0 - span.ends.0.0),
        "args": args,
    });
    if span.failure.is_some() {
        event["cname"] = "terrible".into();
    }
    event
}

/// Nanoseconds as microseconds: the digits of a float hold both up to a hundred days.
fn micros(nanos: u64) -> f64 {
    nanos as f64 / 1e3
}
