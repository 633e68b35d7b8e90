//! What a broker takes in, and how long consumers wait for a batch.

use crate::harness::{figure, holds, study, variant};

/// One flow whose second step is behind a message; `rest` is what else stands in the file.
fn behind(broker: &str, step: &str, traffic: &str, rest: &str) -> brownout::analysis::Findings {
    study(&format!(
        "brownout: 1
flows: {{ send: {{ from: clerk, steps: [desk, {step}], answer_needs: [desk] }} }}
services:
  desk: {{ concurrency: unlimited, service_time: 0ms }}
  back: {{ concurrency: unlimited, service_time: 0ms }}
brokers: {{ line: {{ {broker} }} }}
traffic: {{ clerk: {{ {traffic} }} }}
variants: {{ sent: {{ wiring: async, via: line, answer_after: desk }} }}
slo: {{ any: availability >= 0% }}
{rest}
"
    ))
}

/// Messages of 10 kB on a way of 100 kB/s are an M/D/1 of 100 ms each: with 6 a second the mean is D + ρD/(2(1 − ρ)) = 175 ms
/// (Pollaczek and Khinchine). The sender waits for the confirm, so that is its answer.
#[test]
fn bytes_come_in_one_message_after_another() {
    let findings = behind(
        "throughput: 100kB/s",
        "back: { size: 10kB }",
        "rate: 6/s",
        "run: { duration: 1h, warmup: 1m, replications: 20, confidence: 99.9% }",
    );
    let (d, rho) = (0.1, 0.6);
    let mean = d + rho * d / (2.0 * (1.0 - rho));
    holds("answer", mean, figure(&findings, "sent", "latency_mean"));
}

/// A message every 10 ms, batches of 5, and a second's patience: the first of five waits for the other four, 40 ms, the last not
/// at all. With 25 ms of patience it is three at a time: the first waits 25 ms, the second 15, the third 5.
#[test]
fn a_batch_waits_until_it_is_full_or_it_has_waited_long_enough() {
    let mean = |linger: &str, batch: u32| {
        let findings = behind(
            &format!("linger: {linger}, batch: {batch}"),
            "back",
            "rate: 100/s, arrivals: constant",
            "run: { duration: 60s, warmup: 5s, replications: 1 }",
        );
        figure(&findings, "sent", "completion_mean").mean
    };
    assert!((mean("1s", 5) - 0.020).abs() < 1e-3);
    assert!((mean("25ms", 100) - 0.015).abs() < 1e-3);
    assert!(mean("0s", 5) < 1e-6);
}

/// The gateway lets each class of clients have its plan: 20/s of 50/s, and all of 15/s, whatever the others do.
#[test]
fn a_plan_throttles_its_own_clients_only() {
    let findings = study(
        "brownout: 1
flows:
  free: { from: guests, steps: [look: { service: desk }] }
  paid: { from: members, steps: [pay: { service: desk }] }
services: { desk: { concurrency: unlimited, service_time: 0ms } }
traffic:
  guests: { rate: 50/s, arrivals: constant, plan: 20/s }
  members: { rate: 15/s, arrivals: constant, plan: 20/s }
variants: { called: { wiring: sync } }
slo: { any: free availability >= 0% }
run: { duration: 100s, warmup: 10s, drain: 0s, replications: 1 }
",
    );
    let share = |idx: usize| {
        let figures = &variant(&findings, "called").flows[idx].figures;
        figures
            .iter()
            .find(|(key, _)| *key == "availability")
            .unwrap()
            .1
            .mean
    };
    assert!((share(0) - 0.4).abs() < 0.001, "{}", share(0));
    assert!((share(1) - 1.0).abs() < 1e-12);
}
