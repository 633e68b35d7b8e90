//! `summary.json`: the findings as data for programs. Seconds and fractions; objects keyed by name; every number finite or null.
//!
//! The structs of `shape` are the published format, apart from [`crate::analysis::Findings`] on purpose: the one may change without
//! the other. Their JSON Schema is made from them.

mod shape;

use super::story;
use crate::analysis::{
    Breakdown, ChannelFindings, Curve, EdgeFindings, Estimate, Findings, FlowFindings,
    FormulaFindings, ObjectiveFindings, ServiceFindings, VariantFindings, Verdict,
};
use crate::policies::Outcome;
use serde_json::Value;
use shape::{
    BreakdownOut, CauseOut, CellOut, ChannelOut, CurveOut, DifferenceOut, EdgeOut, EstimateOut,
    FaultOut, FlowOut, FormulaOut, MessagesOut, ObjectiveOut, OutcomesOut, PartOut, PreciseOut,
    QuantileOut, RandomOut, SeededOut, ServiceOut, StampOut, Summary, VariantOut, VerdictOut,
    WaitOut, WarningOut, WindowOut,
};

/// The format's name and version.
pub(super) const SCHEMA: &str = "brownout/summary/1";

/// The text of `summary.json`.
pub(super) fn json(findings: &Findings) -> String {
    let mut text = serde_json::to_string_pretty(&summary(findings))
        .expect("names are strings and numbers are finite or null");
    text.push('\n');
    text
}

/// The same as a tree.
pub(super) fn value(findings: &Findings) -> Value {
    serde_json::to_value(summary(findings))
        .expect("names are strings and numbers are finite or null")
}

/// The JSON Schema (draft 2020-12) of `summary.json`.
pub(super) fn schema() -> String {
    let schema = schemars::generate::SchemaSettings::draft2020_12()
        .for_serialize()
        .into_generator()
        .into_root_schema_for::<Summary>();
    let mut value = schema.to_value();
    if let Some(name) = value.pointer_mut("/properties/schema") {
        name["const"] = SCHEMA.into();
    }
    let mut text = serde_json::to_string_pretty(&value).expect("a schema is plain JSON");
    text.push('\n');
    text
}

fn finite(value: f64) -> Option<f64> {
    value.is_finite().then_some(value)
}

fn summary(findings: &Findings) -> Summary {
    Summary {
        schema: SCHEMA,
        stamp: stamp(findings),
        verdict: verdict(story::overall(findings)),
        answer: story::verdict_sentence(findings),
        variant_order: findings.variants.iter().map(|v| v.name.clone()).collect(),
        variants: findings
            .variants
            .iter()
            .enumerate()
            .map(|(idx, v)| (v.name.clone(), variant(findings, idx, v)))
            .collect(),
        slo: findings
            .objectives
            .iter()
            .map(|o| (o.name.clone(), objective(findings, o)))
            .collect(),
        faults: findings
            .faults
            .iter()
            .map(|f| {
                let windows = f.windows.iter().map(|(start, end)| WindowOut {
                    start: finite(*start),
                    end: finite(*end),
                });
                let fault = FaultOut {
                    target: f.target.clone(),
                    effect: f.effect.clone(),
                    windows: windows.collect(),
                    random: f.random.map(|(mtbf, mttr)| RandomOut {
                        mtbf: finite(mtbf),
                        mttr: finite(mttr),
                    }),
                    when: f.when.clone(),
                };
                (f.name.clone(), fault)
            })
            .collect(),
        differences: findings
            .differences
            .iter()
            .map(|d| DifferenceOut {
                variant: d.variant.clone(),
                baseline: d.baseline.clone(),
                flow: d.flow.clone(),
                metric: d.figure.to_owned(),
                difference: estimate(&d.estimate),
            })
            .collect(),
        warnings: findings
            .warnings
            .iter()
            .map(|w| WarningOut {
                code: w.code.clone(),
                message: w.message.clone(),
                place: w.place.clone(),
            })
            .collect(),
    }
}

fn stamp(findings: &Findings) -> StampOut {
    let s = &findings.stamp;
    StampOut {
        scenario: s.scenario.clone(),
        file: s.file.clone(),
        title: s.title.clone(),
        question: s.question.clone(),
        hash: s.hash.clone(),
        seed: s.seed,
        merged: s.merged.iter().map(SeededOut::from).collect(),
        replications: s.replications,
        replications_planned: s.replications_planned,
        precision: s.precision.map(|precise| PreciseOut {
            share: precise.share,
            reached: precise.is_reached,
        }),
        partial: s.replications < s.replications_planned,
        version: s.version.clone(),
        warmup: finite(s.warmup_s),
        duration: finite(s.duration_s),
        confidence: finite(s.confidence),
        sources: s.sources.iter().cloned().collect(),
    }
}

fn verdict(verdict: Verdict) -> VerdictOut {
    match verdict {
        Verdict::Pass => VerdictOut::Pass,
        Verdict::Fail => VerdictOut::Fail,
        Verdict::Undecided => VerdictOut::Undecided,
        Verdict::NotBound => VerdictOut::NotBound,
    }
}

fn estimate(estimate: &Estimate) -> EstimateOut {
    EstimateOut {
        mean: finite(estimate.mean),
        half_width: estimate.half_width.and_then(finite),
        n: estimate.n,
        never: estimate.n_never,
        at_least: estimate.n_bound,
    }
}

fn variant(findings: &Findings, idx: usize, variant: &VariantFindings) -> VariantOut {
    VariantOut {
        title: variant.title.clone(),
        verdict: verdict(story::tally(findings, idx).verdict()),
        flows: variant
            .flows
            .iter()
            .map(|f| (f.name.clone(), flow(f)))
            .collect(),
        services: variant
            .services
            .iter()
            .map(|s| (s.name.clone(), service(s)))
            .collect(),
        edges: variant.edges.iter().map(edge).collect(),
        channels: variant.channels.iter().map(channel).collect(),
        data: variant
            .data
            .iter()
            .map(|data| {
                let figures = data.figures.iter();
                let figures = figures.map(|(name, e)| ((*name).to_owned(), estimate(e)));
                (data.name.clone(), figures.collect())
            })
            .collect(),
        recovery: findings
            .faults
            .iter()
            .zip(&variant.recovery)
            .map(|(fault, e)| (fault.name.clone(), e.as_ref().map(estimate)))
            .collect(),
        blast_radius: findings
            .faults
            .iter()
            .zip(&variant.blast_radius)
            .map(|(fault, reached)| (fault.name.clone(), reached.iter().cloned().collect()))
            .collect(),
        formulas: variant.formulas.iter().map(formula).collect(),
        wasted_work: estimate(&variant.wasted_work),
        events: variant.events,
        fingerprint: format!("{:016x}", variant.fingerprint),
    }
}

fn formula(formula: &FormulaFindings) -> FormulaOut {
    FormulaOut {
        formula: formula.law.definition().name.to_owned(),
        of: formula.of.clone(),
        holds: formula.holds.word().to_owned(),
        expected: finite(formula.expected),
        simulated: estimate(&formula.seen),
        agrees: formula.agrees,
    }
}

fn flow(flow: &FlowFindings) -> FlowOut {
    let o = &flow.outcomes;
    FlowOut {
        metrics: flow
            .figures
            .iter()
            .map(|(name, e)| ((*name).to_owned(), estimate(e)))
            .collect(),
        outcomes: OutcomesOut {
            offered: o.offered,
            answered_ok: o.answered_ok,
            degraded: o.degraded,
            failed: o.failed,
            gave_up: o.gave_up,
            unanswered: o.unanswered,
            completed: o.completed,
            lost: o.lost,
            dead_lettered: o.dead_lettered,
            compensated: o.compensated,
            incomplete: o.incomplete,
        },
        latency: curve(&flow.latency),
        completion: curve(&flow.completion),
        causes: flow
            .causes
            .iter()
            .map(|c| CauseOut {
                count: c.count,
                share: finite(c.share),
                outcome: c.outcome.to_owned(),
                what: c.what.clone(),
                why: c.why.clone(),
                fault: c.fault.clone(),
            })
            .collect(),
        where_the_time_goes: flow.breakdowns.iter().map(breakdown).collect(),
    }
}

fn breakdown(breakdown: &Breakdown) -> BreakdownOut {
    BreakdownOut {
        metric: breakdown.metric.to_owned(),
        q: breakdown.q,
        sample: breakdown.n_sample,
        n: breakdown.n,
        total: finite(breakdown.total_s),
        parts: breakdown
            .parts
            .iter()
            .map(|one| PartOut {
                part: one.part.word().to_owned(),
                seconds: finite(one.seconds),
                at: one.places.iter().cloned().collect(),
            })
            .collect(),
    }
}

fn curve(curve: &Curve) -> CurveOut {
    CurveOut {
        n: curve.n,
        mean: finite(curve.mean_s),
        max: finite(curve.max_s),
        quantiles: curve
            .points
            .iter()
            .map(|p| QuantileOut {
                q: finite(p.q),
                value: finite(p.value_s),
                lower: p.band_s.and_then(|b| finite(b.0)),
                upper: p.band_s.and_then(|b| finite(b.1)),
            })
            .collect(),
    }
}

fn service(service: &ServiceFindings) -> ServiceOut {
    ServiceOut {
        busy: service.busy.as_ref().map(estimate),
        held: service.held.as_ref().map(estimate),
        instances: service.instances.as_ref().map(estimate),
        wait: service.waits.as_ref().map(|waits| WaitOut {
            mean: estimate(&waits.mean),
            share: estimate(&waits.share),
            p50: estimate(&waits.p50),
            p99: estimate(&waits.p99),
        }),
        queue_max: estimate(&service.queue_max),
    }
}

fn edge(edge: &EdgeFindings) -> (String, EdgeOut) {
    let attempts = Outcome::ALL
        .into_iter()
        .zip(edge.outcomes)
        .filter(|(_, n)| *n > 0)
        .map(|(outcome, n)| (outcome.word().to_owned(), n))
        .collect();
    (
        format!("{} -> {}", edge.from, edge.to),
        EdgeOut {
            by: edge.by.to_owned(),
            attempts,
            amplification: finite(edge.amplification),
        },
    )
}

fn channel(channel: &ChannelFindings) -> (String, ChannelOut) {
    let m = &channel.messages;
    (
        format!("{} -> {}", channel.broker, channel.to),
        ChannelOut {
            messages: MessagesOut {
                published: m.published,
                acked: m.acked,
                redelivered: m.redelivered,
                dead_lettered: m.dead_lettered,
                expired: m.expired,
                dropped: m.dropped,
                lost: m.lost,
                stored: m.stored,
                duplicates: m.duplicates,
                duplicates_applied: m.duplicates_applied,
            },
            message_age: curve(&channel.message_age),
            backlog_max: estimate(&channel.backlog_max),
        },
    )
}

fn objective(findings: &Findings, objective: &ObjectiveFindings) -> ObjectiveOut {
    use crate::kernel::units::Op;
    let op = match objective.op {
        Op::Less => "<",
        Op::AtMost => "<=",
        Op::More => ">",
        Op::AtLeast => ">=",
        Op::Equal => "==",
    };
    ObjectiveOut {
        expect: objective.text.clone(),
        title: objective.title.clone(),
        flow: objective.flow.clone(),
        op: op.to_owned(),
        target: finite(objective.target),
        variants: findings
            .variants
            .iter()
            .zip(&objective.cells)
            .map(|(v, cell)| {
                let e = cell.estimate;
                let cell = CellOut {
                    verdict: verdict(cell.verdict),
                    value: e.and_then(|e| finite(e.mean)),
                    half_width: e.and_then(|e| e.half_width).and_then(finite),
                    target: finite(objective.target),
                    n: e.map_or(0, |e| e.n),
                    never: e.map_or(0, |e| e.n_never),
                    at_least: e.map_or(0, |e| e.n_bound),
                };
                (v.name.clone(), cell)
            })
            .collect(),
    }
}
