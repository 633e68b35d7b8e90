//! `summary.json`: the findings as data for programs. Seconds and fractions; objects keyed by name; every number finite or null.
//!
//! The structs here are the published format, apart from [`crate::analysis::Findings`] on purpose: the one may change without
//! the other. Their JSON Schema is made from them.

use super::story;
use crate::analysis::{
    ChannelFindings, Curve, EdgeFindings, Estimate, Findings, FlowFindings, ObjectiveFindings,
    ServiceFindings, VariantFindings, Verdict,
};
use crate::policies::Outcome;
use schemars::JsonSchema;
use serde::Serialize;
use std::collections::BTreeMap;

/// The format's name and version.
pub(super) const SCHEMA: &str = "brownout/summary/1";

/// What a run of brownout found. Times are seconds, shares are 0 to 1.
#[derive(Serialize, JsonSchema)]
#[schemars(title = "brownout summary")]
struct Summary {
    /// Always `brownout/summary/1`.
    schema: &'static str,
    /// What was run.
    stamp: StampOut,
    /// Over all SLO lines and variants: a failure anywhere is `fail`, else an undecided line is `undecided`.
    verdict: VerdictOut,
    /// The verdict in one sentence.
    answer: String,
    /// Names of the variants in file order.
    variant_order: Vec<String>,
    /// Per variant, by name.
    variants: BTreeMap<String, VariantOut>,
    /// Per SLO line, by name.
    slo: BTreeMap<String, ObjectiveOut>,
    /// Per fault, by name.
    faults: BTreeMap<String, FaultOut>,
    /// Paired differences (variant minus baseline over the same replications).
    differences: Vec<DifferenceOut>,
    /// What looked suspicious.
    warnings: Vec<WarningOut>,
}

/// What was run, and from what.
#[derive(Serialize, JsonSchema)]
struct StampOut {
    /// The scenario's stem.
    scenario: String,
    /// The file as given.
    file: String,
    /// Its `name:`.
    title: String,
    /// Its `question:`.
    question: Option<String>,
    /// SHA-256 over the resolved scenario, seed, replications and version, hexadecimal.
    hash: String,
    /// The seed.
    seed: u64,
    /// Replications finished for every variant.
    replications: u32,
    /// Replications asked for.
    replications_planned: u32,
    /// Version of brownout.
    version: String,
    /// Seconds of warm-up.
    warmup: Option<f64>,
    /// Seconds of the measured window.
    duration: Option<f64>,
    /// Level of the intervals.
    confidence: Option<f64>,
}

/// A judgement.
#[derive(Clone, Copy, Serialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
enum VerdictOut {
    /// The interval lies on the good side of the target.
    Pass,
    /// The interval lies on the bad side.
    Fail,
    /// The interval straddles the target, or too little was observed.
    Undecided,
    /// No SLO line binds.
    NotBound,
}

/// A mean over replications.
#[derive(Serialize, JsonSchema)]
struct EstimateOut {
    /// The mean; null if there was none, or if it is infinite (see `never`).
    mean: Option<f64>,
    /// Half-width of the interval; null with fewer than two finite observations.
    half_width: Option<f64>,
    /// Replications that gave an observation.
    n: u32,
    /// Replications whose observation was "never"; absent if none.
    #[serde(skip_serializing_if = "is_zero")]
    #[schemars(default)]
    never: u32,
}

#[expect(
    clippy::trivially_copy_pass_by_ref,
    reason = "the signature serde asks for"
)]
fn is_zero(n: &u32) -> bool {
    *n == 0
}

/// One variant.
#[derive(Serialize, JsonSchema)]
struct VariantOut {
    /// Its title.
    title: String,
    /// Over all SLO lines that bind it.
    verdict: VerdictOut,
    /// Per flow, by name.
    flows: BTreeMap<String, FlowOut>,
    /// Per service, by name.
    services: BTreeMap<String, ServiceOut>,
    /// Per edge, by `from -> to`.
    edges: BTreeMap<String, EdgeOut>,
    /// Per channel, by `broker -> step`.
    channels: BTreeMap<String, ChannelOut>,
    /// Seconds from each fault's end until everything was back in band, by fault; null if it could not be told.
    recovery: BTreeMap<String, Option<EstimateOut>>,
    /// Share of busy worker-time whose result nobody took.
    wasted_work: EstimateOut,
    /// Events executed over all replications.
    events: u64,
    /// Hash of the executed trace, 16 hexadecimal digits.
    fingerprint: String,
}

/// One flow in one variant.
#[derive(Serialize, JsonSchema)]
struct FlowOut {
    /// Figures by name: `availability`, `latency_p99`, `lost`, …; counts are per replication.
    metrics: BTreeMap<String, EstimateOut>,
    /// Where the counted flow runs went, summed over replications.
    outcomes: OutcomesOut,
    /// Arrival to answer, pooled.
    latency: CurveOut,
    /// Arrival to the last required step, pooled.
    completion: CurveOut,
    /// Why flow runs did not end well, most frequent first.
    causes: Vec<CauseOut>,
}

/// Counts of flow runs; `offered` = `answered_ok` + `degraded` + `failed` + `gave_up` + `unanswered`.
#[derive(Serialize, JsonSchema)]
struct OutcomesOut {
    /// Counted flow runs.
    offered: u64,
    /// Answered ok within patience.
    answered_ok: u64,
    /// Answered by a fallback.
    degraded: u64,
    /// Told of a failure.
    failed: u64,
    /// Left before an answer.
    gave_up: u64,
    /// Neither answered nor left at the end of the drain.
    unanswered: u64,
    /// Accepted, every required step done.
    completed: u64,
    /// Accepted, can never complete.
    lost: u64,
    /// Accepted, a required step's message parked.
    dead_lettered: u64,
    /// Accepted, still on its way at the end of the drain.
    incomplete: u64,
}

/// A pooled distribution.
#[derive(Serialize, JsonSchema)]
struct CurveOut {
    /// Pooled samples.
    n: u64,
    /// Their mean.
    mean: Option<f64>,
    /// The largest.
    max: Option<f64>,
    /// Quantiles in rising order, as far as the sample carries them.
    quantiles: Vec<QuantileOut>,
}

/// One quantile.
#[derive(Serialize, JsonSchema)]
struct QuantileOut {
    /// The quantile, 0 to 1.
    q: Option<f64>,
    /// Its pooled value.
    value: Option<f64>,
    /// Lower end of its interval over replications.
    lower: Option<f64>,
    /// Upper end of its interval over replications.
    upper: Option<f64>,
}

/// Why some flow runs did not end well.
#[derive(Serialize, JsonSchema)]
struct CauseOut {
    /// Flow runs over all replications.
    count: u64,
    /// Their share of all that did not end well.
    share: Option<f64>,
    /// What the client got, or what became of the accepted flow run.
    outcome: String,
    /// In words.
    what: String,
    /// Its reason in words.
    why: String,
    /// The fault behind it.
    fault: Option<String>,
}

/// One service.
#[derive(Serialize, JsonSchema)]
struct ServiceOut {
    /// Share of worker-time working; null with unlimited workers.
    busy: Option<EstimateOut>,
    /// Share of worker-time held waiting on callees.
    held: Option<EstimateOut>,
    /// Longest queue seen.
    queue_max: EstimateOut,
}

/// One edge.
#[derive(Serialize, JsonSchema)]
struct EdgeOut {
    /// `call` or `message`.
    by: String,
    /// Attempts by outcome (only those that happened).
    attempts: BTreeMap<String, u64>,
    /// Attempts per flow run offered.
    amplification: Option<f64>,
}

/// One channel; counts are sums over replications.
#[derive(Serialize, JsonSchema)]
struct ChannelOut {
    /// Messages; `published` = `acked` + `dead_lettered` + `expired` + `dropped` + `lost` + `stored`.
    messages: MessagesOut,
    /// Publish to start of processing.
    message_age: CurveOut,
    /// Most ready messages.
    backlog_max: EstimateOut,
}

/// Message accounts.
#[derive(Serialize, JsonSchema)]
struct MessagesOut {
    /// Sent.
    published: u64,
    /// Done with.
    acked: u64,
    /// Delivered again.
    redelivered: u64,
    /// Parked.
    dead_lettered: u64,
    /// Too old.
    expired: u64,
    /// Pushed out, or given up.
    dropped: u64,
    /// Gone without anybody's decision.
    lost: u64,
    /// Still there at the end.
    stored: u64,
    /// Executed again.
    duplicates: u64,
    /// Executed again with a second effect.
    duplicates_applied: u64,
}

/// One SLO line.
#[derive(Serialize, JsonSchema)]
struct ObjectiveOut {
    /// The line as written.
    expect: String,
    /// Its title.
    title: Option<String>,
    /// The flow it speaks of.
    flow: Option<String>,
    /// The comparison: `<`, `<=`, `>`, `>=`, `==`.
    op: String,
    /// The target in base units.
    target: Option<f64>,
    /// Per variant, by name.
    variants: BTreeMap<String, CellOut>,
}

/// One SLO line in one variant.
#[derive(Serialize, JsonSchema)]
struct CellOut {
    /// The verdict.
    verdict: VerdictOut,
    /// What was measured; null if nothing was, or if it is infinite (see `never`).
    value: Option<f64>,
    /// Half-width of its interval.
    half_width: Option<f64>,
    /// The target.
    target: Option<f64>,
    /// Replications that gave an observation.
    n: u32,
    /// Replications whose observation was "never"; absent if none.
    #[serde(skip_serializing_if = "is_zero")]
    #[schemars(default)]
    never: u32,
}

/// One fault.
#[derive(Serialize, JsonSchema)]
struct FaultOut {
    /// What it hits.
    target: String,
    /// What it does.
    effect: String,
    /// When, in seconds from the opening of the measured window.
    windows: Vec<WindowOut>,
}

/// A span of time.
#[derive(Serialize, JsonSchema)]
struct WindowOut {
    /// Its beginning.
    start: Option<f64>,
    /// Its end.
    end: Option<f64>,
}

/// A paired difference.
#[derive(Serialize, JsonSchema)]
struct DifferenceOut {
    /// The variant.
    variant: String,
    /// What it is compared with.
    baseline: String,
    /// The flow.
    flow: String,
    /// The figure, as in `metrics`.
    metric: String,
    /// Variant minus baseline.
    difference: EstimateOut,
}

/// A warning.
#[derive(Serialize, JsonSchema)]
struct WarningOut {
    /// Stable code.
    code: String,
    /// What is suspicious.
    message: String,
    /// `file:line`.
    place: Option<String>,
}

/// The text of `summary.json`.
pub(super) fn json(findings: &Findings) -> String {
    let mut text = serde_json::to_string_pretty(&summary(findings))
        .expect("names are strings and numbers are finite or null");
    text.push('\n');
    text
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
        replications: s.replications,
        replications_planned: s.replications_planned,
        version: s.version.clone(),
        warmup: finite(s.warmup_s),
        duration: finite(s.duration_s),
        confidence: finite(s.confidence),
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
        recovery: findings
            .faults
            .iter()
            .zip(&variant.recovery)
            .map(|(fault, e)| (fault.name.clone(), e.as_ref().map(estimate)))
            .collect(),
        wasted_work: estimate(&variant.wasted_work),
        events: variant.events,
        fingerprint: format!("{:016x}", variant.fingerprint),
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
                };
                (v.name.clone(), cell)
            })
            .collect(),
    }
}
