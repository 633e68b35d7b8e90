//! `data/*.csv` (tidy, one observation a line; the first line is a `#` stamp) and `hdr/*.hgrm`, `*.hlog` (the last line is).

use super::{Artefact, story};
use crate::analysis::{Estimate, Findings, ServiceFindings};
use crate::metrics::{hgrm, hlog};

/// All data files.
pub(super) fn files(findings: &Findings) -> Result<Vec<Artefact>, String> {
    let mut files = vec![
        metrics_file(findings)?,
        csv_file(findings, "timeseries", &timeseries(findings))?,
        csv_file(findings, "causes", &causes(findings))?,
        csv_file(findings, "breakdown", &breakdown(findings))?,
        csv_file(findings, "formulas", &formulas(findings))?,
    ];
    let stamp = super::layout::clean(&story::stamp(findings));
    for variant in &findings.variants {
        for flow in &variant.flows {
            let over_time = flow.intervals.iter();
            let over_time = over_time.map(|one| (one.start_s, one.length_s, &one.latency));
            let window = (0.0, findings.stamp.duration_s, &flow.completion.pooled);
            for (metric, extension, text) in [
                ("latency", "hgrm", hgrm(&flow.latency.pooled)),
                ("latency", "hlog", hlog(over_time)),
                ("completion", "hgrm", hgrm(&flow.completion.pooled)),
                ("completion", "hlog", hlog([window])),
            ] {
                let (variant, flow) = (file_safe(&variant.name), file_safe(&flow.name));
                files.push(Artefact {
                    path: format!("hdr/{variant}.{flow}.{metric}.{extension}"),
                    bytes: format!("{text}# {stamp}\n").into_bytes(),
                });
            }
        }
    }
    Ok(files)
}

/// `metrics.csv`.
pub(super) fn metrics_file(findings: &Findings) -> Result<Artefact, String> {
    csv_file(findings, "metrics", &metrics(findings))
}

/// A name as a part of a file name: what no file system likes becomes `_`.
pub(super) fn file_safe(name: &str) -> String {
    let safe: String = name
        .chars()
        .map(|c| {
            if c.is_alphanumeric() || c == '_' || c == '-' {
                c
            } else {
                '_'
            }
        })
        .take(80)
        .collect();
    if safe.is_empty() {
        "_".to_owned()
    } else {
        safe
    }
}

fn csv_file(findings: &Findings, name: &str, rows: &[Vec<String>]) -> Result<Artefact, String> {
    let stamp = super::layout::clean(&story::stamp(findings));
    let mut bytes = format!("# {stamp}\n").into_bytes();
    let mut writer = csv::WriterBuilder::new()
        .terminator(csv::Terminator::Any(b'\n'))
        .from_writer(&mut bytes);
    for row in rows {
        writer.write_record(row).map_err(|e| e.to_string())?;
    }
    writer.flush().map_err(|e| e.to_string())?;
    drop(writer);
    Ok(Artefact {
        path: format!("data/{name}.csv"),
        bytes,
    })
}

/// A number for a program: the shortest text that reads back as the same; empty if there is none; `inf` is not written.
fn number(value: f64) -> String {
    if value.is_finite() {
        format!("{value}")
    } else {
        String::new()
    }
}

fn estimate(e: &Estimate) -> [String; 5] {
    [
        number(e.mean),
        e.half_width.map_or(String::new(), number),
        e.n.to_string(),
        e.n_never.to_string(),
        e.n_bound.to_string(),
    ]
}

fn row<const N: usize>(parts: [&str; N]) -> Vec<String> {
    parts.iter().map(|p| (*p).to_owned()).collect()
}

/// What is known of a service, by name; some only of some services.
fn figures_of(service: &ServiceFindings) -> [(&'static str, Option<&Estimate>); 7] {
    let waits = service.waits.as_ref();
    [
        ("busy", service.busy.as_ref()),
        ("held", service.held.as_ref()),
        ("instances", service.instances.as_ref()),
        ("wait_mean", waits.map(|waits| &waits.mean)),
        ("waits", waits.map(|waits| &waits.share)),
        ("wait_p50", waits.map(|waits| &waits.p50)),
        ("wait_p99", waits.map(|waits| &waits.p99)),
    ]
}

/// One line per variant, flow (or service, channel, data, fault) and metric.
fn metrics(findings: &Findings) -> Vec<Vec<String>> {
    let mut rows = vec![row([
        "variant",
        "scope",
        "name",
        "metric",
        "mean",
        "half_width",
        "n",
        "never",
        "at_least",
    ])];
    let mut add = |variant: &str, scope: &str, name: &str, metric: &str, e: &Estimate| {
        let mut line = row([variant, scope, name, metric]);
        line.extend(estimate(e));
        rows.push(line);
    };
    for variant in &findings.variants {
        let v = variant.name.as_str();
        for flow in &variant.flows {
            for (metric, e) in &flow.figures {
                add(v, "flow", &flow.name, metric, e);
            }
        }
        for service in &variant.services {
            for (metric, e) in figures_of(service) {
                if let Some(e) = e {
                    add(v, "service", &service.name, metric, e);
                }
            }
            add(v, "service", &service.name, "queue_max", &service.queue_max);
        }
        for channel in &variant.channels {
            let name = format!("{} -> {}", channel.broker, channel.to);
            add(v, "channel", &name, "backlog_max", &channel.backlog_max);
        }
        for data in &variant.data {
            for (metric, e) in &data.figures {
                add(v, "data", &data.name, metric, e);
            }
        }
        for (fault, e) in findings.faults.iter().zip(&variant.recovery) {
            if let Some(e) = e {
                add(v, "fault", &fault.name, "recovery", e);
            }
        }
        add(v, "variant", "", "wasted_work", &variant.wasted_work);
    }
    rows
}

/// One line per variant, flow, bin and metric.
fn timeseries(findings: &Findings) -> Vec<Vec<String>> {
    let mut rows = vec![row([
        "variant", "flow", "start_s", "length_s", "metric", "value", "lower", "upper",
    ])];
    for variant in &findings.variants {
        for flow in &variant.flows {
            for bin in &flow.series {
                let figures = [
                    ("offered", bin.offered, None),
                    ("availability", bin.availability, bin.availability_band),
                    ("latency_p50", bin.latency_p50_s, None),
                    ("latency_p99", bin.latency_p99_s, None),
                    ("backlog", bin.backlog, bin.backlog_band),
                    ("completed", bin.completed, None),
                ];
                for (metric, value, band) in figures {
                    rows.push(vec![
                        variant.name.clone(),
                        flow.name.clone(),
                        number(bin.start_s),
                        number(bin.length_s),
                        metric.to_owned(),
                        number(value),
                        band.map_or(String::new(), |b: (f64, f64)| number(b.0)),
                        band.map_or(String::new(), |b: (f64, f64)| number(b.1)),
                    ]);
                }
            }
        }
    }
    rows
}

/// One line per variant, flow and cause.
fn causes(findings: &Findings) -> Vec<Vec<String>> {
    let mut rows = vec![row([
        "variant", "flow", "outcome", "what", "why", "fault", "count", "share",
    ])];
    for variant in &findings.variants {
        for flow in &variant.flows {
            for cause in &flow.causes {
                rows.push(vec![
                    variant.name.clone(),
                    flow.name.clone(),
                    cause.outcome.to_owned(),
                    cause.what.clone(),
                    cause.why.clone(),
                    cause.fault.clone().unwrap_or_default(),
                    cause.count.to_string(),
                    number(cause.share),
                ]);
            }
        }
    }
    rows
}

/// One line per variant, flow, metric, quantile and part; then one for each place where a part was spent.
fn breakdown(findings: &Findings) -> Vec<Vec<String>> {
    let mut rows = vec![row([
        "variant", "flow", "metric", "q", "part", "at", "seconds", "share", "n", "sample",
    ])];
    for variant in &findings.variants {
        for flow in &variant.flows {
            for one in &flow.breakdowns {
                let mut add = |part: &str, at: &str, seconds: f64| {
                    rows.push(vec![
                        variant.name.clone(),
                        flow.name.clone(),
                        one.metric.to_owned(),
                        number(one.q),
                        part.to_owned(),
                        at.to_owned(),
                        number(seconds),
                        number(seconds / one.total_s),
                        one.n.to_string(),
                        one.n_sample.to_string(),
                    ]);
                };
                for part in &one.parts {
                    add(part.part.word(), "", part.seconds);
                    for (place, seconds) in &part.places {
                        add(part.part.word(), place, *seconds);
                    }
                }
            }
        }
    }
    rows
}

/// One line per variant and closed form.
fn formulas(findings: &Findings) -> Vec<Vec<String>> {
    let mut rows = vec![row([
        "variant",
        "formula",
        "of",
        "holds",
        "expected",
        "mean",
        "half_width",
        "n",
        "agrees",
    ])];
    for variant in &findings.variants {
        for one in &variant.formulas {
            rows.push(vec![
                variant.name.clone(),
                one.law.definition().name.to_owned(),
                one.of.clone(),
                one.holds.word().to_owned(),
                number(one.expected),
                number(one.seen.mean),
                one.seen.half_width.map_or(String::new(), number),
                one.seen.n.to_string(),
                one.agrees
                    .map_or(String::new(), |agrees| agrees.to_string()),
            ]);
        }
    }
    rows
}
