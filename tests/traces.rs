//! `--trace`: the files as the tools that show traces read them.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

use assert_cmd::Command;
use opentelemetry_proto::tonic::collector::trace::v1::ExportTraceServiceRequest;
use opentelemetry_proto::tonic::common::v1::{KeyValue, any_value::Value};
use opentelemetry_proto::tonic::trace::v1::{Span, span::SpanKind, status::StatusCode};
use serde_json::Value as Json;
use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Path, PathBuf};

/// A desk that hangs for a while; a message besides.
const SCENARIO: &str = "\
brownout: 1
name: Traced
flows:
  order: { from: buyer, steps: [shop, desk, mail], answer_needs: [shop, desk] }
services:
  shop: { concurrency: 2, service_time: 10ms }
  desk: { concurrency: 2, service_time: exponential 20ms }
  mail: { concurrency: 1, service_time: 5ms, errors: 20% }
brokers:
  post: { publish: 3ms }
network: 1ms
traffic:
  buyer: { rate: 20/s, patience: 3s }
variants:
  called: { wiring: sync, calls: { desk: { timeout: 100ms, retry: { attempts: 3, backoff: 50ms, jitter: none } } } }
  sent:   { extends: called, steps: { mail: { wiring: async, via: post } }, consume: { mail: { redeliver: { attempts: 4, backoff: 1s, jitter: none } } } }
faults:
  slow_desk: { at: 10s, for: 20s, target: desk, latency: +150ms }
slo:
  answered: availability >= 1%
run: { duration: 40s, warmup: 5s, replications: 3, seed: 3 }
";

/// Runs the scenario; gives back where its result is.
fn run(test: &str, args: &[&str]) -> PathBuf {
    let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join(format!("traces_{test}"));
    let _ = fs::remove_dir_all(&folder);
    fs::create_dir_all(&folder).unwrap();
    fs::write(folder.join("traced.yaml"), SCENARIO).unwrap();
    let output = Command::new(env!("CARGO_BIN_EXE_brownout"))
        .current_dir(&folder)
        .args(["run", "traced.yaml", "--quiet"])
        .args(args)
        .output()
        .unwrap();
    let stderr = String::from_utf8_lossy(&output.stderr);
    assert!(matches!(output.status.code(), Some(0 | 1 | 3)), "{stderr}");
    folder.join("results/traced/latest")
}

/// A flow run: its spans with the service of each.
type Trace = Vec<(String, Span)>;

/// Each line must be what the official types write again, without loss.
fn otlp(result: &Path) -> Vec<Trace> {
    let text = fs::read_to_string(result.join("trace.otlp.jsonl")).unwrap();
    let trace = |line: &str| {
        let request: ExportTraceServiceRequest = serde_json::from_str(line).unwrap();
        let ours: Json = serde_json::from_str(line).unwrap();
        let again = serde_json::to_value(&request).unwrap();
        assert!(holds(&again, &ours), "{ours}\nis read as\n{again}");
        let mut spans: Trace = Vec::new();
        for one in request.resource_spans {
            let attributes = one.resource.unwrap().attributes;
            let service = word(&attributes, "service.name").unwrap();
            let all = one.scope_spans.into_iter().flat_map(|scope| scope.spans);
            spans.extend(all.map(|span| (service.clone(), span)));
        }
        spans
    };
    text.lines().map(trace).collect()
}

/// Has `whole` everything that `part` has, with the same values?
fn holds(whole: &Json, part: &Json) -> bool {
    match (whole, part) {
        (Json::Object(whole), Json::Object(part)) => part
            .iter()
            .all(|(key, value)| whole.get(key).is_some_and(|other| holds(other, value))),
        (Json::Array(whole), Json::Array(part)) => {
            whole.len() == part.len() && whole.iter().zip(part).all(|(a, b)| holds(a, b))
        }
        (whole, part) => whole == part,
    }
}

fn word(attributes: &[KeyValue], key: &str) -> Option<String> {
    let found = attributes.iter().find(|one| one.key == key)?;
    match found.value.as_ref()?.value.as_ref()? {
        Value::StringValue(word) => Some(word.clone()),
        Value::IntValue(number) => Some(number.to_string()),
        other => panic!("{key} is {other:?}"),
    }
}

fn root(trace: &Trace) -> &Span {
    let mut roots = trace
        .iter()
        .filter(|(_, span)| span.parent_span_id.is_empty());
    let root = &roots.next().expect("a root").1;
    assert!(roots.next().is_none(), "two roots");
    root
}

fn of<'a>(trace: &'a Trace, name: &str) -> Vec<&'a Span> {
    let all = trace.iter().map(|(_, span)| span);
    let mut found: Vec<&Span> = all.filter(|span| span.name == name).collect();
    found.sort_by_key(|span| span.start_time_unix_nano);
    found
}

fn variant<'a>(traces: &'a [Trace], name: &str) -> Vec<&'a Trace> {
    let is_of =
        |trace: &&Trace| word(&root(trace).attributes, "brownout.variant").as_deref() == Some(name);
    traces.iter().filter(is_of).collect()
}

fn is_error(span: &Span) -> bool {
    span.status
        .as_ref()
        .is_some_and(|status| status.code == StatusCode::Error as i32)
}

#[test]
fn every_trace_is_a_tree_that_tells_the_flow_run() {
    let traces = otlp(&run("tree", &["--trace", "60"]));
    assert_eq!(traces.len(), 120);
    let mut ids = BTreeSet::new();
    for trace in &traces {
        let root = root(trace);
        assert_eq!(root.kind, SpanKind::Client as i32);
        assert_eq!((root.trace_id.len(), root.span_id.len()), (16, 8));
        assert!(
            ids.insert(root.trace_id.clone()),
            "a trace has an id of its own"
        );
        let by_id: BTreeMap<&[u8], &Span> = trace
            .iter()
            .map(|(_, span)| (span.span_id.as_slice(), span))
            .collect();
        assert_eq!(by_id.len(), trace.len(), "a span has an id of its own");
        for (service, span) in trace {
            assert_eq!(span.trace_id, root.trace_id);
            assert!(!service.is_empty() && span.start_time_unix_nano <= span.end_time_unix_nano);
            if !span.parent_span_id.is_empty() {
                let parent = by_id[span.parent_span_id.as_slice()];
                assert!(
                    parent.start_time_unix_nano <= span.start_time_unix_nano,
                    "{span:?}"
                );
            }
        }
        // It lasts until the answer or the completion, whichever is later.
        let ends = root.events.iter().map(|event| event.time_unix_nano).max();
        let is_over = matches!(
            word(&root.attributes, "brownout.fate").as_deref(),
            Some("completed" | "refused")
        );
        assert!(
            !is_over || ends == Some(root.end_time_unix_nano),
            "{root:?}"
        );
        let answered = root.events.iter().filter(|event| event.name == "answered");
        assert_eq!(answered.count(), 1);
        let is_good = word(&root.attributes, "brownout.answer").as_deref() == Some("ok");
        assert!(is_good || is_error(root), "{root:?}");
    }
}

#[test]
fn the_same_flow_runs_are_traced_in_every_variant_all_over_the_window() {
    let traces = otlp(&run("same_runs", &["--trace", "20"]));
    let runs = |name| {
        let all = variant(&traces, name).into_iter().map(root);
        let all = all.map(|root| {
            (
                word(&root.attributes, "brownout.ordinal"),
                root.start_time_unix_nano,
            )
        });
        all.collect::<Vec<_>>()
    };
    let called = runs("called");
    assert_eq!(called.len(), 20);
    assert_eq!(called, runs("sent"));
    // The window opens after 5 s: each quarter of it has its share.
    for quarter in 0..4 {
        let opens = (5 + 10 * quarter) * 1_000_000_000;
        let part = opens..opens + 10_000_000_000;
        let n = called
            .iter()
            .filter(|(_, start)| part.contains(start))
            .count();
        assert!((3..=7).contains(&n), "{n} in quarter {quarter}");
    }
}

#[test]
fn attempts_waits_and_failures_are_there_and_in_order() {
    let traces = otlp(&run("attempts", &["--trace", "200"]));
    let (mut n_retried, mut n_timeouts) = (0, 0);
    for trace in variant(&traces, "called") {
        let (attempts, waits) = (of(trace, "call desk"), of(trace, "wait before retry"));
        // A client may have left before a worker of the shop was free to call.
        if attempts.is_empty() {
            continue;
        }
        assert_eq!(
            attempts.len(),
            waits.len() + 1,
            "of an attempt and the next is a wait"
        );
        for (k, wait) in waits.iter().enumerate() {
            n_retried += 1;
            assert!(is_error(attempts[k]), "{:?}", attempts[k]);
            let took = attempts[k].end_time_unix_nano - attempts[k].start_time_unix_nano;
            match word(&attempts[k].attributes, "brownout.outcome").as_deref() {
                Some("timeout") => {
                    n_timeouts += 1;
                    assert_eq!(took, 100_000_000);
                }
                // The mail behind the desk failed.
                outcome => assert!(outcome == Some("error") && took < 100_000_000),
            }
            assert_eq!(wait.start_time_unix_nano, attempts[k].end_time_unix_nano);
            assert_eq!(
                wait.end_time_unix_nano,
                attempts[k + 1].start_time_unix_nano
            );
            assert_eq!(
                wait.end_time_unix_nano - wait.start_time_unix_nano,
                50_000_000
            );
            assert_eq!(wait.parent_span_id, attempts[k].parent_span_id);
            let number = word(&attempts[k + 1].attributes, "brownout.attempt").unwrap();
            assert_eq!(number, (k + 2).to_string());
        }
    }
    assert!(
        n_retried > 20 && n_timeouts > 10,
        "{n_retried} {n_timeouts}"
    );
    let is_there = |name: &str| traces.iter().any(|trace| !of(trace, name).is_empty());
    assert!(["queue", "work", "network"].into_iter().all(is_there));
}

#[test]
fn a_message_shows_its_time_at_the_broker_and_each_delivery() {
    let traces = otlp(&run("messages", &["--trace", "100"]));
    let (mut n, mut n_again) = (0, 0);
    for trace in variant(&traces, "sent") {
        for message in of(trace, "message to mail") {
            n += 1;
            let below = |name: &str| {
                let mut all = of(trace, name);
                all.retain(|span| span.parent_span_id == message.span_id);
                all
            };
            let write = below("write");
            assert_eq!(write.len(), 1);
            assert_eq!(
                write[0].end_time_unix_nano - write[0].start_time_unix_nano,
                3_000_000
            );
            let publish = trace
                .iter()
                .find(|(_, span)| span.span_id == message.parent_span_id);
            let publish = &publish.unwrap().1;
            assert_eq!(
                (publish.name.as_str(), publish.kind),
                ("publish mail", SpanKind::Producer as i32)
            );
            let (deliveries, waits) = (below("mail"), below("wait before redelivery"));
            n_again += waits.len();
            assert_eq!(deliveries.len(), waits.len() + 1);
            for (delivery, wait) in deliveries.iter().zip(&waits) {
                assert_eq!(delivery.kind, SpanKind::Consumer as i32);
                assert!(
                    is_error(delivery) && wait.start_time_unix_nano >= delivery.end_time_unix_nano
                );
            }
            let at = trace
                .iter()
                .find(|(_, span)| span.span_id == message.span_id);
            assert_eq!(at.unwrap().0, "post");
        }
    }
    assert!(n > 50 && n_again > 5, "{n} {n_again}");
}

#[test]
fn chrome_events_nest_in_their_threads() {
    let result = run("chrome", &["--trace", "40"]);
    let text = fs::read_to_string(result.join("trace.chrome.json")).unwrap();
    let file: Json = serde_json::from_str(&text).unwrap();
    assert_eq!(file["displayTimeUnit"], "ms");
    let events = file["traceEvents"].as_array().unwrap();
    let (mut named, mut n) = (BTreeSet::new(), 0);
    let mut open: BTreeMap<(u64, u64), Vec<f64>> = BTreeMap::new();
    for event in events {
        let place = (
            event["pid"].as_u64().unwrap(),
            event["tid"].as_u64().unwrap(),
        );
        match event["ph"].as_str().unwrap() {
            "M" => {
                if event["name"] == "thread_name" || event["name"] == "process_name" {
                    assert!(
                        event["args"]["name"]
                            .as_str()
                            .is_some_and(|name| !name.is_empty())
                    );
                    named.insert(place);
                }
            }
            "X" => {
                n += 1;
                assert!(
                    named.contains(&place) && named.contains(&(place.0, 0)),
                    "{event}"
                );
                let (start, long) = (
                    event["ts"].as_f64().unwrap(),
                    event["dur"].as_f64().unwrap(),
                );
                assert!(long >= 0.0 && !event["name"].as_str().unwrap().is_empty());
                let ends = open.entry(place).or_default();
                while ends.last().is_some_and(|&last| last <= start + 1e-4) {
                    ends.pop();
                }
                let outer = ends.last().copied().unwrap_or(f64::INFINITY);
                assert!(start + long <= outer + 1e-3, "{event} ends after {outer}");
                ends.push(start + long);
            }
            other => panic!("{other}"),
        }
    }
    let spans: usize = otlp(&result).iter().map(Vec::len).sum();
    assert_eq!(n, spans, "the same spans in both files");
}

#[test]
fn threads_do_not_change_a_byte_and_traces_change_nothing_else() {
    let read = |result: &Path, file: &str| fs::read(result.join(file)).unwrap();
    let one = run("one_thread", &["--trace", "15", "--jobs", "1"]);
    let three = run("three_threads", &["--trace", "15", "--jobs", "3"]);
    for file in ["trace.otlp.jsonl", "trace.chrome.json", "summary.json"] {
        assert!(read(&one, file) == read(&three, file), "{file} differs");
    }
    let without = run("without", &[]);
    assert!(!without.join("trace.otlp.jsonl").exists());
    for file in ["summary.json", "data/breakdown.csv", "charts/breakdown.svg"] {
        assert!(read(&one, file) == read(&without, file), "{file} differs");
    }
}

#[test]
fn traces_need_a_folder() {
    for flag in ["--no-out", "--quick"] {
        let output = Command::new(env!("CARGO_BIN_EXE_brownout"))
            .args(["run", "traced.yaml", "--trace", "5", flag])
            .output()
            .unwrap();
        assert_eq!(output.status.code(), Some(2), "{flag}");
        let stderr = String::from_utf8_lossy(&output.stderr);
        assert!(
            stderr.contains("--trace") && stderr.contains(flag),
            "{stderr}"
        );
    }
}
