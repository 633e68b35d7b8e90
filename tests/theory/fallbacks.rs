//! Another way to a step: a broker after a call, a call after a broker.

use crate::harness::{figure, flow, study, variant};

/// Arrivals at 1 s, 2 s, … of 100 s; `desk` is away from 20.5 s to 40.5 s, the broker from 60.5 s to 80.5 s.
fn order(variant: &str) -> brownout::analysis::Findings {
    study(&format!(
        "brownout: 1
flows: {{ order: {{ from: customer, steps: [shop, desk] }} }}
services:
  shop: {{ concurrency: unlimited, service_time: 10ms }}
  desk: {{ concurrency: 10, service_time: 100ms }}
brokers: {{ line: {{ publish: 5ms }} }}
traffic: {{ customer: {{ rate: 1/s, arrivals: constant }} }}
variants: {{ ordered: {{ {variant} }} }}
faults:
  desk_away: {{ at: 20.5s, for: 20s, target: desk, down: refuse }}
  line_away: {{ at: 60.5s, for: 20s, target: line, down: refuse }}
slo: {{ answered: availability >= 0% }}
run: {{ duration: 100s, warmup: 0s, replications: 1 }}
"
    ))
}

#[test]
fn what_cannot_be_called_may_go_to_a_broker_as_a_promise() {
    let findings = order("wiring: sync, calls: { desk: { fallback: { via: line } } }");
    let outcomes = flow(&findings, "ordered").outcomes;
    // Those of 21 s to 40 s are answered all the same, degraded, and done when the desk is back.
    assert_eq!((outcomes.degraded, outcomes.failed), (20, 0));
    assert_eq!(outcomes.completed, outcomes.offered);
    let longest = figure(&findings, "ordered", "completion_max").mean;
    assert!((19.5..=20.0).contains(&longest), "{longest}");
    let messages = variant(&findings, "ordered").channels[0].messages;
    assert_eq!((messages.published, messages.acked), (20, 20));
}

#[test]
fn with_both_ways_gone_the_caller_hears_it() {
    let findings = study(
        "brownout: 1
flows: { order: { from: customer, steps: [shop, desk] } }
services:
  shop: { concurrency: unlimited, service_time: 10ms }
  desk: { concurrency: 10, service_time: 100ms }
brokers: { line: { publish: 5ms } }
traffic: { customer: { rate: 1/s, arrivals: constant } }
variants: { ordered: { wiring: sync, calls: { desk: { fallback: { via: line } } } } }
faults:
  desk_away: { at: 20.5s, for: 20s, target: desk, down: refuse }
  line_away: { at: 30.5s, for: 20s, target: line, down: refuse }
slo: { answered: availability >= 0% }
run: { duration: 100s, warmup: 0s, replications: 1 }
",
    );
    let outcomes = flow(&findings, "ordered").outcomes;
    assert_eq!((outcomes.degraded, outcomes.failed), (10, 10));
    assert_eq!(outcomes.completed, outcomes.offered - 10);
}

#[test]
fn what_no_broker_takes_may_be_called() {
    let findings = order("wiring: async, publish: { fallback: { via: call } }");
    let outcomes = flow(&findings, "ordered").outcomes;
    // The desk's absence costs nothing but time; the broker's is not felt: the desk is there then, and called.
    assert_eq!((outcomes.degraded, outcomes.failed), (0, 0));
    assert_eq!(outcomes.completed, outcomes.offered);
    let edges = &variant(&findings, "ordered").edges;
    let called = edges
        .iter()
        .find(|edge| edge.to == "desk" && edge.by == "call");
    assert_eq!(called.map(|edge| edge.outcomes[0]), Some(20));
}

/// A value at hand stands for a step that cannot be reached: everybody is answered, and whoever met the outage in a degraded way.
#[test]
fn a_static_value_answers_without_the_callee() {
    let findings = study(
        "brownout: 1
flows: { view: { from: reader, steps: [page, prices] } }
services:
  page: { concurrency: unlimited, service_time: 1ms }
  prices: { concurrency: unlimited, service_time: 1ms }
traffic: { reader: { rate: 10/s, arrivals: constant } }
variants:
  plain: { wiring: sync }
  static: { wiring: sync, calls: { prices: { fallback: { static: true } } } }
faults: { out: { at: 20s, for: 30s, target: prices, down: refuse } }
slo: { answered: availability >= 0%, second_best: degraded <= 30% }
run: { duration: 100s, warmup: 0s, replications: 1 }
",
    );
    let outcomes = |name| flow(&findings, name).outcomes;
    let n = outcomes("plain");
    assert_eq!((n.answered_ok + n.failed, n.degraded), (n.offered, 0));
    assert!(n.failed.abs_diff(300) <= 1, "{n:?}");
    let with = outcomes("static");
    assert_eq!((with.degraded, with.failed), (n.failed, 0));
    assert_eq!(with.completed, n.offered);
}

/// Where another desk stands in, those of the twenty seconds are served there, and from there the flow goes on: nobody fails, all
/// is done, and their answers are degraded. Its policies are those of its own name.
#[test]
fn another_service_may_do_it_instead() {
    for shape in ["chain", "orchestrated"] {
        let findings = study(&format!(
            "brownout: 1
flows: {{ order: {{ from: customer, steps: [shop, desk, depot], answer_needs: [shop, desk, depot] }} }}
services:
  shop: {{ concurrency: unlimited, service_time: 10ms }}
  desk: {{ concurrency: 10, service_time: 100ms }}
  spare: {{ concurrency: 10, service_time: 300ms }}
  depot: {{ concurrency: 10, service_time: 50ms }}
traffic: {{ customer: {{ rate: 1/s, arrivals: constant }} }}
variants:
  ordered: {{ wiring: sync, shape: {shape}, calls: {{ desk: {{ fallback: {{ call: spare }} }}, spare: {{ timeout: 1s }} }} }}
faults: {{ desk_away: {{ at: 20.5s, for: 20s, target: desk, down: refuse }} }}
slo: {{ answered: availability >= 0% }}
run: {{ duration: 100s, warmup: 0s, replications: 1 }}
"
        ));
        let outcomes = flow(&findings, "ordered").outcomes;
        assert_eq!((outcomes.degraded, outcomes.failed), (20, 0), "{shape}");
        assert_eq!(outcomes.completed, outcomes.offered, "{shape}");
        let mean = figure(&findings, "ordered", "latency_mean").mean;
        // 160 ms, and for a fifth of them 200 ms more; 99 of 100 seconds have a customer, or all.
        let share = 20.0 / f64::from(u32::try_from(outcomes.offered).unwrap());
        assert!(
            (mean - 0.160 - 0.200 * share).abs() < 1e-4,
            "{shape}: {mean}"
        );
        assert!(figure(&findings, "ordered", "duplicates_applied").mean < 1e-12);
    }
}

/// A desk that is slow is not gone: whoever went to the spare one after a second is served twice, and neither desk knows.
#[test]
fn what_is_done_instead_may_be_done_twice() {
    let findings = study(
        "brownout: 1
flows: { order: { from: customer, steps: [shop, desk] } }
services:
  shop: { concurrency: unlimited, service_time: 10ms }
  desk: { concurrency: 10, service_time: 100ms, idempotent: true }
  spare: { concurrency: 10, service_time: 300ms, idempotent: true }
traffic: { customer: { rate: 1/s, arrivals: constant } }
variants: { ordered: { wiring: sync, calls: { desk: { timeout: 1s, fallback: { call: spare } } } } }
faults: { slow: { at: 20.5s, for: 20s, target: desk, latency: +3s } }
slo: { answered: availability >= 0% }
run: { duration: 100s, warmup: 0s, replications: 1 }
",
    );
    let outcomes = flow(&findings, "ordered").outcomes;
    assert_eq!((outcomes.degraded, outcomes.failed), (20, 0));
    let twice = figure(&findings, "ordered", "duplicates_applied").mean;
    assert!((twice - 20.0).abs() < 1e-9, "{twice}");
}

/// A step that is passed over is passed over with what it needs: nine of ten flow runs do without `b` and with that without `c`, and
/// are complete all the same; and so is one that has a value at hand instead of both.
#[test]
fn what_is_passed_over_is_so_with_all_that_it_needs() {
    for (b, calls, faults) in [
        ("probability: 10%, ", "", ""),
        (
            "",
            ", calls: { b: { fallback: { static: true } } }",
            "faults: { gone: { at: 0s, for: 100s, target: b, down: refuse } }",
        ),
    ] {
        let findings = study(&format!(
            "brownout: 1
flows: {{ order: {{ from: customer, steps: [{{ a: {{ then: [{{ b: {{ {b}then: [c] }} }}] }} }}] }} }}
services:
  a: {{ concurrency: unlimited, service_time: 1ms }}
  b: {{ concurrency: unlimited, service_time: 1ms }}
  c: {{ concurrency: unlimited, service_time: 1ms }}
traffic: {{ customer: {{ rate: 10/s }} }}
variants: {{ ordered: {{ wiring: sync{calls} }} }}
{faults}
slo: {{ answered: availability >= 0% }}
run: {{ duration: 100s, warmup: 0s, replications: 1 }}
"
        ));
        let outcomes = flow(&findings, "ordered").outcomes;
        assert_eq!(outcomes.completed, outcomes.offered, "{outcomes:?}");
    }
}

/// Who stands in may have somebody to stand in for it, in turn, but never itself.
#[test]
fn the_spare_one_may_have_a_spare_one() {
    let findings = study(
        "brownout: 1
flows: { order: { from: customer, steps: [desk] } }
services:
  desk: { concurrency: unlimited, service_time: 1ms }
  spare: { concurrency: unlimited, service_time: 10ms }
  last: { concurrency: unlimited, service_time: 100ms }
traffic: { customer: { rate: 1/s, arrivals: constant } }
variants:
  ordered:
    wiring: sync
    calls: { desk: { fallback: { call: spare } }, spare: { fallback: { call: last } }, last: { fallback: { call: spare } } }
faults:
  desk_away: { at: 20.5s, for: 60s, target: desk, down: refuse }
  spare_away: { at: 40.5s, for: 20s, target: spare, down: refuse }
  last_away: { at: 50.5s, for: 10s, target: last, down: refuse }
slo: { answered: availability >= 0% }
run: { duration: 100s, warmup: 0s, replications: 1 }
",
    );
    let outcomes = flow(&findings, "ordered").outcomes;
    assert_eq!(
        (outcomes.degraded, outcomes.failed),
        (50, 10),
        "{outcomes:?}"
    );
    assert_eq!(outcomes.completed + outcomes.failed, outcomes.offered);
}
