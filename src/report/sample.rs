//! Findings to test against: a plausible one and a nasty one. Invented numbers, for tests only.

#![expect(
    clippy::too_many_lines,
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "sample data, long because it is written out; its numbers are small"
)]

pub(super) use super::sample_parts::est;
use super::sample_parts::{cause, cell, fault, topology};
use crate::analysis::{
    Bin, Cell, ChannelFindings, Curve, CurvePoint, Difference, EdgeFindings, Estimate, Findings,
    FlowFindings, FormulaFindings, Holds, Law, MessageCounts, ObjectiveFindings, OutcomeCounts,
    ServiceFindings, Stamp, VariantFindings, Verdict, Warning,
};
use crate::kernel::units::Op;
use crate::model::{FaultId, Metric, Stat};
use crate::policies::Outcome;

/// Reproducible noise in −1..1.
fn noise(a: usize, b: usize) -> f64 {
    let x = (a as u64 + 1)
        .wrapping_mul(0x9E37_79B9_7F4A_7C15)
        .wrapping_add((b as u64).wrapping_mul(0xD1B5_4A32_D192_ED03));
    let x = (x ^ (x >> 29)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
    ((x >> 40) as f64) / f64::from(1 << 23) - 1.0
}

/// Which wiring a sample variant resembles.
#[derive(Clone, Copy, PartialEq)]
enum Kind {
    Sync,
    Async,
    Hybrid,
}

fn series(kind: Kind, id: usize) -> Vec<Bin> {
    (0..132)
        .map(|idx| {
            let start_s = idx as f64 * 10.0;
            let outage = (300.0..430.0).contains(&start_s);
            let slow = (600.0..690.0).contains(&start_s);
            let failover = (840.0..850.0).contains(&start_s);
            let past = start_s >= 1200.0;
            let (availability, p50, p99, backlog) = match kind {
                _ if past => (
                    f64::NAN,
                    f64::NAN,
                    f64::NAN,
                    if kind == Kind::Async {
                        (1300.0 - start_s).max(0.0) / 10.0
                    } else {
                        0.0
                    },
                ),
                Kind::Sync | Kind::Hybrid if outage => (0.002, 5.0, 5.0, 600.0),
                Kind::Sync | Kind::Hybrid => (
                    0.9998,
                    0.31 + if slow { 0.4 } else { 0.0 },
                    1.2 + if slow { 0.6 } else { 0.0 },
                    45.0,
                ),
                Kind::Async => (
                    if failover { 0.965 } else { 1.0 },
                    0.031 + if slow { 0.4 } else { 0.0 },
                    0.12 + if slow { 0.5 } else { 0.0 },
                    if (300.0..420.0).contains(&start_s) {
                        (start_s - 290.0) * 120.0
                    } else if (420.0..500.0).contains(&start_s) {
                        (500.0 - start_s) / 80.0 * 14_400.0
                    } else {
                        60.0
                    },
                ),
            };
            let jitter = 1.0 + 0.06 * noise(idx, id);
            Bin {
                start_s,
                length_s: 10.0,
                offered: if past {
                    0.0
                } else {
                    1200.0 + 30.0 * noise(idx, 99)
                },
                availability,
                availability_band: (!past).then(|| {
                    (
                        (availability - 0.003_f64).max(0.0),
                        (availability + 0.003).min(1.0),
                    )
                }),
                latency_p50_s: p50 * jitter,
                latency_p99_s: p99 * jitter,
                backlog: backlog * jitter,
                backlog_band: Some((backlog * jitter * 0.92, backlog * jitter * 1.08)),
                completed: 1200.0,
            }
        })
        .collect()
}

fn curve(scale: f64, tail: f64, end: f64) -> Curve {
    let qs = [
        0.0, 0.1, 0.25, 0.5, 0.75, 0.9, 0.95, 0.98, 0.99, 0.995, 0.998, 0.999, 0.9995, 0.9998,
        0.9999,
    ];
    let points: Vec<CurvePoint> = qs
        .into_iter()
        .filter(|q| *q <= end)
        .map(|q| {
            let nines = -crate::kernel::math::ln(1.0 - q) / crate::kernel::math::ln(10.0);
            let value_s = scale * crate::kernel::math::pow(tail, nines) * (0.3 + nines.min(1.0));
            CurvePoint {
                q,
                value_s,
                band_s: Some((
                    value_s * (0.97 - 0.02 * nines),
                    value_s * (1.03 + 0.04 * nines),
                )),
            }
        })
        .collect();
    Curve {
        n: 2_880_240,
        mean_s: scale,
        max_s: points.last().map_or(0.0, |p| p.value_s) * 1.4,
        points,
        pooled: crate::metrics::Sample::default(),
    }
}

fn flow(kind: Kind, id: usize) -> FlowFindings {
    let (availability, p50, p99, c50, c99, backlog) = match kind {
        Kind::Sync => (est(0.8984, 0.0008), 0.317, 5.001, 0.317, 3.07, 640.0),
        Kind::Async => (
            est(0.99961, 0.00011),
            0.0312,
            0.4973,
            0.352,
            168.2,
            14_420.0,
        ),
        Kind::Hybrid => (est(0.8985, 0.0008), 0.251, 5.002, 0.33, 4.02, 655.0),
    };
    let offered = 2_880_240;
    let accepted = (offered as f64 * availability.mean).round() as u64;
    let (dead, lost) = if kind == Kind::Async {
        (214, 0)
    } else {
        (0, 0)
    };
    let missed = offered - accepted;
    let causes = match kind {
        Kind::Async => vec![
            cause(
                missed,
                missed + dead,
                "error",
                "told of an error at checkout",
                "orders refused the publish",
                "broker_failover",
            ),
            cause(
                dead,
                missed + dead,
                "dead_lettered",
                "parked before shipping",
                "8 deliveries failed",
                "payment_outage",
            ),
        ],
        _ => vec![
            cause(
                missed * 57 / 100,
                missed,
                "gave_up",
                "gave up after 5s queued for checkout",
                "its workers were waiting on payment",
                "payment_outage",
            ),
            cause(
                missed - missed * 57 / 100,
                missed,
                "gave_up",
                "gave up after 5s waiting for payment",
                "payment_outage",
                "payment_outage",
            ),
        ],
    };
    FlowFindings {
        name: "place_order".to_owned(),
        figures: vec![
            ("availability", availability),
            ("latency_mean", est(p50 * 1.2, p50 * 0.01)),
            ("latency_p50", est(p50, p50 * 0.004)),
            ("latency_p95", est(p50 * 2.0, p50 * 0.01)),
            ("latency_p99", est(p99, p99 * 0.012)),
            ("latency_p999", est(p99 * 1.1, p99 * 0.02)),
            ("latency_max", est(p99 * 1.3, p99 * 0.1)),
            ("completion_mean", est(c50 * 1.2, c50 * 0.01)),
            ("completion_p50", est(c50, c50 * 0.004)),
            ("completion_p95", est(c50 * 2.0, c50 * 0.01)),
            ("completion_p99", est(c99, c99 * 0.03)),
            ("completion_max", est(c99 * 1.3, c99 * 0.1)),
            ("goodput", est(120.0 * availability.mean, 0.4)),
            ("throughput", est(119.0 * availability.mean, 0.4)),
            ("backlog_max", est(backlog, backlog * 0.02)),
            ("lost", est(0.0, 0.0)),
            (
                "dead_lettered",
                est(dead as f64 / 20.0, if dead > 0 { 1.3 } else { 0.0 }),
            ),
            (
                "duplicates_applied",
                est(
                    if kind == Kind::Async { 41.2 } else { 0.0 },
                    if kind == Kind::Async { 3.1 } else { 0.0 },
                ),
            ),
            ("unfinished", est(0.0, 0.0)),
            ("amplification", est(4.13, 0.02)),
            ("windowed_availability", est(0.9, 0.001)),
        ],
        observed: Vec::new(),
        outcomes: OutcomeCounts {
            offered,
            answered_ok: accepted,
            failed: if kind == Kind::Async { missed } else { 0 },
            gave_up: if kind == Kind::Async { 0 } else { missed },
            completed: accepted - dead - lost,
            dead_lettered: dead,
            lost,
            ..OutcomeCounts::default()
        },
        latency: curve(p50, 2.0, 1.0),
        completion: curve(c50, 4.0, 1.0),
        series: series(kind, id),
        intervals: Vec::new(),
        causes,
        breakdowns: super::sample_times::breakdowns(kind as usize),
    }
}

fn variant(kind: Kind, name: &str, title: &str, id: usize) -> VariantFindings {
    let mut outcomes = [0; Outcome::N];
    outcomes[Outcome::Ok as usize] = 2_580_000;
    outcomes[Outcome::Timeout as usize] = 310_000;
    let messages = MessageCounts {
        published: 2_879_000,
        acked: 2_878_786,
        dead_lettered: 214,
        redelivered: 9_000,
        ..MessageCounts::default()
    };
    VariantFindings {
        name: name.to_owned(),
        title: title.to_owned(),
        flows: vec![flow(kind, id)],
        services: vec![ServiceFindings {
            instances: None,
            name: "checkout".to_owned(),
            busy: Some(est(0.05, 0.001)),
            held: Some(est(0.31, 0.002)),
            waits: None,
            queue_max: est(400.0, 12.0),
        }],
        data: Vec::new(),
        edges: vec![EdgeFindings {
            from: "client".to_owned(),
            to: "checkout".to_owned(),
            by: "call",
            outcomes,
            amplification: 1.0,
        }],
        channels: if kind == Kind::Sync {
            Vec::new()
        } else {
            vec![ChannelFindings {
                broker: "orders".to_owned(),
                to: "payment".to_owned(),
                messages,
                message_age: curve(0.02, 3.0, 1.0),
                backlog_max: est(14_000.0, 120.0),
            }]
        },
        topology: vec![topology(match kind {
            Kind::Sync => 4,
            Kind::Async => 2,
            Kind::Hybrid => 3,
        })],
        blast_radius: vec![
            vec![("payment".to_owned(), 0.97), ("checkout".to_owned(), 0.31)],
            Vec::new(),
        ],
        recovery: vec![
            Some(match kind {
                Kind::Sync => est(21.2, 2.1),
                Kind::Async => est(72.4, 6.1),
                Kind::Hybrid => est(22.3, 2.2),
            }),
            Some(est(1.2, 0.3)),
            None,
        ],
        formulas: vec![
            FormulaFindings {
                law: Law::Utilization,
                of: "payment".to_owned(),
                holds: Holds::Exactly,
                expected: 0.625,
                seen: est(0.6241, 0.0021),
                agrees: Some(true),
            },
            FormulaFindings {
                law: Law::AvailabilityOfChain,
                of: "orders".to_owned(),
                holds: Holds::About,
                expected: 0.9,
                seen: est(0.8984, 0.0008),
                agrees: None,
            },
        ],
        wasted_work: est(0.021, 0.001),
        events: 81_234_567,
        fingerprint: 0x0123_4567_89AB_CDEF + id as u64,
    }
}

fn objective(
    name: &str,
    text: &str,
    metric: Metric,
    stat: Stat,
    op: Op,
    target: f64,
    cells: Vec<Cell>,
) -> ObjectiveFindings {
    ObjectiveFindings {
        name: name.to_owned(),
        title: None,
        text: text.to_owned(),
        flow: Some("place_order".to_owned()),
        metric,
        stat,
        op,
        target,
        cells,
    }
}

/// Three variants like the example of the interface's description.
pub(super) fn checkout() -> Findings {
    use Verdict::{Fail, Pass};
    let q99 = Stat::Quantile(0.99);
    Findings {
        stamp: Stamp {
            rerun: "sample.yaml".to_owned(),
        flags: Vec::new(),
            scenario: "order_checkout".to_owned(),
            file: "scenarios/order_checkout.yaml".to_owned(),
            title: "Order checkout".to_owned(),
            question: Some("Call payment and shipping while the shopper waits, or publish an event and finish later?".to_owned()),
            hash: "9f3c1a7be0d14c5f8a2b6d7e9f0a1b2c3d4e5f60718293a4b5c6d7e8f9a0b1c2".to_owned(),
            seed: 42,
        merged: Vec::new(),
            replications: 20,
            replications_planned: 20,
            precision: None,
            version: "0.1.0".to_owned(),
            warmup_s: 120.0,
            duration_s: 1200.0,
            confidence: 0.95,
            sources: vec![
                ("services.payment.service_time".to_owned(), "provider dashboard, October 2026".to_owned()),
                ("services.inventory.service_time".to_owned(), "guess".to_owned()),
            ],
        },
        variants: vec![
            variant(Kind::Sync, "sync", "Synchronous chain", 0),
            variant(Kind::Async, "async", "Events through a broker", 1),
            variant(Kind::Hybrid, "hybrid", "Charge now, ship later", 2),
        ],
        objectives: vec![
            objective("accepted", "availability >= 99.9%", Metric::Availability, Stat::Value, Op::AtLeast, 0.999,
                vec![cell(0.8984, 0.0008, Fail), cell(0.99961, 0.00011, Pass), cell(0.8985, 0.0008, Fail)]),
            objective("fast", "latency p99 < 800ms", Metric::Latency, q99, Op::Less, 0.8,
                vec![cell(5.001, 0.012, Fail), cell(0.4973, 0.0091, Pass), cell(5.002, 0.011, Fail)]),
            objective("shipped", "completion p99 < 5m", Metric::Completion, q99, Op::Less, 300.0,
                vec![cell(3.07, 0.13, Pass), cell(168.2, 4.1, Pass), cell(4.02, 0.12, Pass)]),
            objective("recovered", "recovery(payment_outage) < 5m", Metric::Recovery(FaultId(0)), Stat::Value, Op::Less, 300.0,
                vec![cell(21.2, 2.1, Pass), cell(72.4, 6.1, Pass), cell(22.3, 2.2, Pass)]),
            objective("no_loss", "lost == 0", Metric::Lost, Stat::Value, Op::Equal, 0.0,
                vec![cell(0.0, 0.0, Pass), cell(0.0, 0.0, Pass), cell(0.0, 0.0, Pass)]),
        ],
        faults: vec![
            fault("payment_outage", "payment", "down: hang", vec![(300.0, 420.0)]),
            fault("slow_inventory", "inventory", "latency: +400ms", vec![(600.0, 690.0)]),
            fault("broker_failover", "orders", "down: refuse", vec![(840.0, 844.0)]),
        ],
        differences: vec![Difference {
            variant: "async".to_owned(),
            baseline: "sync".to_owned(),
            flow: "place_order".to_owned(),
            figure: "availability",
            estimate: est(0.1012, 0.0008),
        }],
        warnings: vec![Warning {
            code: "W204".to_owned(),
            message: "3 attempts × 2s can take 6.3s, but the shopper leaves after 5s".to_owned(),
            place: Some("order_checkout.yaml:31".to_owned()),
        }],
    }
}

/// Eight variants with long names, gaps in the series, missing figures, two flows, infinities, no faults in range.
pub(super) fn nasty() -> Findings {
    let base = checkout();
    let names = [
        "a",
        "webhook_inside_the_billing_request_with_retries_and_a_breaker",
        "queued",
        "queued_with_breaker",
        "queued_with_breaker_and_hedge",
        "replicated",
        "hybrid_charge_now_ship_later_v2",
        "h",
    ];
    let kinds = [Kind::Sync, Kind::Async, Kind::Hybrid];
    let mut findings = base.clone();
    findings.stamp.title = "A title that is far too long for one line of a terminal, and for a chart as well, and that goes on & on <b>".to_owned();
    findings.stamp.scenario = "a_scenario_whose_name_is_rather_long_too".to_owned();
    findings.stamp.replications = 7;
    findings.stamp.replications_planned = 200;
    findings.variants = names
        .iter()
        .enumerate()
        .map(|(idx, name)| {
            let mut v = variant(kinds[idx % 3], name, name, idx);
            let mut second = v.flows[0].clone();
            second.name = "notify_partner_of_every_invoice".to_owned();
            if idx == 3 {
                second.series.clear();
                second.figures.clear();
                second.outcomes = OutcomeCounts::default();
                second.causes.clear();
                second.latency.points.clear();
                second.completion.points.clear();
                second.breakdowns.clear();
            }
            for (at, bin) in second.series.iter_mut().enumerate() {
                if at % 17 == idx {
                    bin.availability = f64::NAN;
                    bin.latency_p50_s = f64::NAN;
                    bin.latency_p99_s = f64::NAN;
                    bin.offered = 0.0;
                    bin.availability_band = None;
                }
                bin.backlog *= 1e7;
                bin.backlog_band = None;
            }
            second.latency.points.truncate(3 + idx);
            for part in second.breakdowns.iter_mut().flat_map(|one| &mut one.parts) {
                for place in &mut part.places {
                    place.0 = format!(
                        "{}_behind_a_name_that_goes_on_{}",
                        place.0,
                        "and_on_".repeat(idx)
                    );
                }
            }
            v.flows.push(second);
            if idx == 2 {
                v.flows[0].figures.retain(|(n, _)| !n.ends_with("p99"));
                v.recovery[0] = Some(Estimate {
                    mean: f64::INFINITY,
                    half_width: None,
                    n: 7,
                    n_never: 3,
                    n_bound: 0,
                });
                v.wasted_work = Estimate {
                    mean: f64::NAN,
                    half_width: None,
                    n: 0,
                    n_never: 0,
                    n_bound: 0,
                };
            }
            v
        })
        .collect();
    for (row, objective) in findings.objectives.iter_mut().enumerate() {
        let first = objective.cells[0];
        objective.cells = (0..names.len())
            .map(|idx| match (idx + row) % 5 {
                0 => first,
                1 => Cell {
                    estimate: None,
                    verdict: Verdict::Undecided,
                },
                2 => Cell {
                    estimate: Some(Estimate {
                        mean: f64::INFINITY,
                        half_width: None,
                        n: 7,
                        n_never: 7,
                        n_bound: 0,
                    }),
                    verdict: Verdict::Fail,
                },
                3 => Cell {
                    estimate: None,
                    verdict: Verdict::NotBound,
                },
                _ => cell(1e-7, 3e-9, Verdict::Undecided),
            })
            .collect();
    }
    findings.faults.push(fault(
        "a_fault_that_flaps",
        "checkout -> payment",
        "drop: 2%",
        (0..6)
            .map(|i| (f64::from(i) * 200.0 + 40.0, f64::from(i) * 200.0 + 60.0))
            .collect(),
    ));
    findings.faults.push(fault(
        "out_of_range",
        "payment",
        "errors: 30%",
        vec![(5000.0, 6000.0)],
    ));
    findings.faults.push(fault(
        "long_after_the_start_and_through_the_end",
        "inventory",
        "latency: x10",
        vec![(1100.0, 1400.0)],
    ));
    findings.warnings = (0..7)
        .map(|idx| Warning {
            code: format!("W20{idx}"),
            message: "the offered load is 1.7 times what payment can do, without any fault: the queue grows for ever".repeat(1 + idx % 2),
            place: (idx % 2 == 0).then(|| "a_scenario.yaml:31".to_owned()),
        })
        .collect();
    findings
}

/// One variant, no fault, no SLO line, one replication.
pub(super) fn bare() -> Findings {
    let mut findings = checkout();
    findings.variants.truncate(1);
    findings.faults.clear();
    findings.objectives.clear();
    findings.differences.clear();
    findings.warnings.clear();
    findings.stamp.replications = 1;
    findings.stamp.replications_planned = 1;
    findings.stamp.question = None;
    let flow = &mut findings.variants[0].flows[0];
    for (_, estimate) in &mut flow.figures {
        estimate.half_width = None;
        estimate.n = 1;
    }
    for bin in &mut flow.series {
        bin.availability_band = None;
        bin.backlog_band = None;
    }
    for point in flow
        .latency
        .points
        .iter_mut()
        .chain(&mut flow.completion.points)
    {
        point.band_s = None;
    }
    findings.variants[0].recovery.clear();
    findings
}
