//! The published format of `summary.json`: its JSON Schema is made from these structs.

use crate::analysis::Seeded;
use schemars::JsonSchema;
use serde::Serialize;
use std::collections::BTreeMap;

/// What a run of brownout found. Times are seconds, shares are 0 to 1.
#[derive(Serialize, JsonSchema)]
#[schemars(title = "brownout summary")]
pub(super) struct Summary {
    /// Always `brownout/summary/1`.
    pub(super) schema: &'static str,
    /// What was run.
    pub(super) stamp: StampOut,
    /// Over all SLO lines and variants: a failure anywhere is `fail`, else an undecided line is `undecided`.
    pub(super) verdict: VerdictOut,
    /// The verdict in one sentence.
    pub(super) answer: String,
    /// Names of the variants in file order.
    pub(super) variant_order: Vec<String>,
    /// Per variant, by name.
    pub(super) variants: BTreeMap<String, VariantOut>,
    /// Per SLO line, by name.
    pub(super) slo: BTreeMap<String, ObjectiveOut>,
    /// Per fault, by name.
    pub(super) faults: BTreeMap<String, FaultOut>,
    /// Paired differences (variant minus baseline over the same replications).
    pub(super) differences: Vec<DifferenceOut>,
    /// What looked suspicious.
    pub(super) warnings: Vec<WarningOut>,
}

/// What was run, and from what.
#[derive(Serialize, JsonSchema)]
pub(super) struct StampOut {
    /// The scenario's stem.
    pub(super) scenario: String,
    /// The file as given.
    pub(super) file: String,
    /// Its `name:`.
    pub(super) title: String,
    /// Its `question:`.
    pub(super) question: Option<String>,
    /// SHA-256 over the resolved scenario, seed, replications and version, hexadecimal.
    pub(super) hash: String,
    /// The seed; the lowest, of a result that was merged from several.
    pub(super) seed: u64,
    /// Of a result that was merged and that no single run gives: what it was merged from.
    #[serde(skip_serializing_if = "Vec::is_empty", default)]
    pub(super) merged: Vec<SeededOut>,
    /// Replications finished for every variant.
    pub(super) replications: u32,
    /// Replications asked for.
    pub(super) replications_planned: u32,
    /// The precision that was asked for, if one was.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) precision: Option<PreciseOut>,
    /// Was the run interrupted, with fewer replications finished than asked for?
    pub(super) partial: bool,
    /// Version of brownout.
    pub(super) version: String,
    /// Seconds of warm-up.
    pub(super) warmup: Option<f64>,
    /// Seconds of the measured window.
    pub(super) duration: Option<f64>,
    /// Level of the intervals.
    pub(super) confidence: Option<f64>,
    /// Where numbers came from, by path (`sources:`).
    pub(super) sources: BTreeMap<String, String>,
}

/// Replications with one seed and consecutive numbers.
#[derive(Serialize, JsonSchema)]
pub(super) struct SeededOut {
    /// Their seed.
    pub(super) seed: u64,
    /// The number of the first, from 0.
    pub(super) first: u32,
    /// How many.
    pub(super) replications: u32,
}

impl From<&Seeded> for SeededOut {
    fn from(batch: &Seeded) -> Self {
        Self {
            seed: batch.seed,
            first: batch.first,
            replications: batch.n,
        }
    }
}

/// A precision that was asked for.
#[derive(Serialize, JsonSchema)]
pub(super) struct PreciseOut {
    /// Half-widths that are narrow enough, as a share of what they are around.
    pub(super) share: f64,
    /// Is every SLO line decided in every variant, or known so well?
    pub(super) reached: bool,
}

/// A judgement.
#[derive(Clone, Copy, Serialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub(super) enum VerdictOut {
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
pub(super) struct EstimateOut {
    /// The mean; null if there was none, or if it is infinite (see `never`).
    pub(super) mean: Option<f64>,
    /// Half-width of the interval; null with fewer than two finite observations.
    pub(super) half_width: Option<f64>,
    /// Replications that gave an observation.
    pub(super) n: u32,
    /// Replications whose observation was "never"; absent if none.
    #[serde(skip_serializing_if = "is_zero")]
    #[schemars(default)]
    pub(super) never: u32,
    /// Replications whose observation is only a lower bound, since it counts flow runs that the end of the run cut off;
    /// absent if none.
    #[serde(skip_serializing_if = "is_zero")]
    #[schemars(default)]
    pub(super) at_least: u32,
}

#[expect(
    clippy::trivially_copy_pass_by_ref,
    reason = "the signature serde asks for"
)]
pub(super) fn is_zero(n: &u32) -> bool {
    *n == 0
}

/// One variant.
#[derive(Serialize, JsonSchema)]
pub(super) struct VariantOut {
    /// Its title.
    pub(super) title: String,
    /// Over all SLO lines that bind it.
    pub(super) verdict: VerdictOut,
    /// Per flow, by name.
    pub(super) flows: BTreeMap<String, FlowOut>,
    /// Per service, by name.
    pub(super) services: BTreeMap<String, ServiceOut>,
    /// Per edge, by `from -> to`.
    pub(super) edges: BTreeMap<String, EdgeOut>,
    /// Per channel, by `broker -> step`.
    pub(super) channels: BTreeMap<String, ChannelOut>,
    /// What was read of each data, by name: figures like `read_stale` (shares) and `staleness_p99` (seconds).
    pub(super) data: BTreeMap<String, BTreeMap<String, EstimateOut>>,
    /// Seconds from each fault's end until everything was back in band, by fault; null if it could not be told.
    pub(super) recovery: BTreeMap<String, Option<EstimateOut>>,
    /// Per fault: the services of which more calls fail while it acts than just before, and the share that fails.
    pub(super) blast_radius: BTreeMap<String, BTreeMap<String, f64>>,
    /// Closed forms beside what was simulated.
    pub(super) formulas: Vec<FormulaOut>,
    /// Share of busy worker-time whose result nobody took.
    pub(super) wasted_work: EstimateOut,
    /// Events executed over all replications.
    pub(super) events: u64,
    /// Hash of the executed trace, 16 hexadecimal digits.
    pub(super) fingerprint: String,
}

/// A closed form beside the simulated number.
#[derive(Serialize, JsonSchema)]
pub(super) struct FormulaOut {
    /// Its name, as `brownout explain` knows it.
    pub(super) formula: String,
    /// What it is about: a service, a flow, an edge, a queue after a fault.
    pub(super) of: String,
    /// `exactly`, `at_least` or `at_most` where all that it assumes is so; else `about`.
    pub(super) holds: String,
    /// Its value.
    pub(super) expected: Option<f64>,
    /// What was simulated.
    pub(super) simulated: EstimateOut,
    /// Is it so, with 99.9 % confidence over all of a variant together? Missing where it need not be, or with fewer than three
    /// replications.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) agrees: Option<bool>,
}

/// One flow in one variant.
#[derive(Serialize, JsonSchema)]
pub(super) struct FlowOut {
    /// Figures by name: `availability`, `latency_p99`, `lost`, …; counts are per replication.
    pub(super) metrics: BTreeMap<String, EstimateOut>,
    /// Where the counted flow runs went, summed over replications.
    pub(super) outcomes: OutcomesOut,
    /// Arrival to answer, pooled.
    pub(super) latency: CurveOut,
    /// Arrival to the last required step, pooled.
    pub(super) completion: CurveOut,
    /// Why flow runs did not end well, most frequent first.
    pub(super) causes: Vec<CauseOut>,
    /// Where the time of the flow runs around the median and around the 99 % quantile goes.
    pub(super) where_the_time_goes: Vec<BreakdownOut>,
}

/// The time of the flow runs around a quantile, taken apart: means over those of a sample of the first replication.
#[derive(Serialize, JsonSchema)]
pub(super) struct BreakdownOut {
    /// `latency` or `completion`.
    pub(super) metric: String,
    /// The quantile, 0 to 1.
    pub(super) q: f64,
    /// Flow runs in the sample.
    pub(super) sample: u64,
    /// Those of them around the quantile.
    pub(super) n: u64,
    /// Their mean time: the sum of the parts.
    pub(super) total: Option<f64>,
    /// Every part: `working`, `broker`, `queueing`, `network`, `retry_wait`, `other`, in this order; an instant belongs to the
    /// first of them that goes on then.
    pub(super) parts: Vec<PartOut>,
}

/// One part of a time.
#[derive(Serialize, JsonSchema)]
pub(super) struct PartOut {
    /// Which one.
    pub(super) part: String,
    /// How long.
    pub(super) seconds: Option<f64>,
    /// Of these, at which service or broker.
    pub(super) at: BTreeMap<String, f64>,
}

/// Counts of flow runs; `offered` = `answered_ok` + `degraded` + `failed` + `gave_up` + `unanswered`.
#[derive(Serialize, JsonSchema)]
pub(super) struct OutcomesOut {
    /// Counted flow runs.
    pub(super) offered: u64,
    /// Answered ok within patience.
    pub(super) answered_ok: u64,
    /// Answered by a fallback.
    pub(super) degraded: u64,
    /// Told of a failure.
    pub(super) failed: u64,
    /// Left before an answer.
    pub(super) gave_up: u64,
    /// Neither answered nor left at the end of the drain.
    pub(super) unanswered: u64,
    /// Accepted, every required step done.
    pub(super) completed: u64,
    /// Accepted, can never complete.
    pub(super) lost: u64,
    /// Accepted, a required step's message parked.
    pub(super) dead_lettered: u64,
    /// Accepted, and undone after a step failed for good.
    pub(super) compensated: u64,
    /// Accepted, still on its way at the end of the drain.
    pub(super) incomplete: u64,
}

/// A pooled distribution.
#[derive(Serialize, JsonSchema)]
pub(super) struct CurveOut {
    /// Pooled samples.
    pub(super) n: u64,
    /// Their mean.
    pub(super) mean: Option<f64>,
    /// The largest.
    pub(super) max: Option<f64>,
    /// Quantiles in rising order, as far as the sample carries them.
    pub(super) quantiles: Vec<QuantileOut>,
}

/// One quantile.
#[derive(Serialize, JsonSchema)]
pub(super) struct QuantileOut {
    /// The quantile, 0 to 1.
    pub(super) q: Option<f64>,
    /// Its pooled value.
    pub(super) value: Option<f64>,
    /// Lower end of its interval over replications.
    pub(super) lower: Option<f64>,
    /// Upper end of its interval over replications.
    pub(super) upper: Option<f64>,
}

/// Why some flow runs did not end well.
#[derive(Serialize, JsonSchema)]
pub(super) struct CauseOut {
    /// Flow runs over all replications.
    pub(super) count: u64,
    /// Their share of all that did not end well.
    pub(super) share: Option<f64>,
    /// What the client got, or what became of the accepted flow run.
    pub(super) outcome: String,
    /// In words.
    pub(super) what: String,
    /// Its reason in words.
    pub(super) why: String,
    /// The fault behind it.
    pub(super) fault: Option<String>,
}

/// One service.
#[derive(Serialize, JsonSchema)]
pub(super) struct ServiceOut {
    /// Share of worker-time working; null with unlimited workers.
    pub(super) busy: Option<EstimateOut>,
    /// Share of worker-time held waiting on callees.
    pub(super) held: Option<EstimateOut>,
    /// Instances that were there, in the mean; only of a service that scales.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) instances: Option<EstimateOut>,
    /// How long calls and deliveries waited until a worker began, if any did.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) wait: Option<WaitOut>,
    /// Longest queue seen.
    pub(super) queue_max: EstimateOut,
}

/// How long it takes until a worker begins; none at all is 0.
#[derive(Serialize, JsonSchema)]
pub(super) struct WaitOut {
    /// The mean.
    pub(super) mean: EstimateOut,
    /// The share that waits at all, 0 to 1.
    pub(super) share: EstimateOut,
    /// The median.
    pub(super) p50: EstimateOut,
    /// The 99 % quantile.
    pub(super) p99: EstimateOut,
}

/// One edge.
#[derive(Serialize, JsonSchema)]
pub(super) struct EdgeOut {
    /// `call` or `message`.
    pub(super) by: String,
    /// Attempts by outcome (only those that happened).
    pub(super) attempts: BTreeMap<String, u64>,
    /// Attempts per flow run offered.
    pub(super) amplification: Option<f64>,
}

/// One channel; counts are sums over replications, of the whole run: warm-up and drain included, unlike those of flows.
#[derive(Serialize, JsonSchema)]
pub(super) struct ChannelOut {
    /// Messages of the whole run, warm-up and drain included; `published` = `acked` + `dead_lettered` + `expired` + `dropped` + `lost` + `stored`.
    pub(super) messages: MessagesOut,
    /// Publish to start of processing.
    pub(super) message_age: CurveOut,
    /// Most ready messages, of the whole run.
    pub(super) backlog_max: EstimateOut,
}

/// Message accounts.
#[derive(Serialize, JsonSchema)]
pub(super) struct MessagesOut {
    /// Sent.
    pub(super) published: u64,
    /// Done with.
    pub(super) acked: u64,
    /// Delivered again.
    pub(super) redelivered: u64,
    /// Parked.
    pub(super) dead_lettered: u64,
    /// Too old.
    pub(super) expired: u64,
    /// Pushed out, or given up.
    pub(super) dropped: u64,
    /// Gone without anybody's decision.
    pub(super) lost: u64,
    /// Still there at the end.
    pub(super) stored: u64,
    /// Executed again.
    pub(super) duplicates: u64,
    /// Executed again with a second effect.
    pub(super) duplicates_applied: u64,
}

/// One SLO line.
#[derive(Serialize, JsonSchema)]
pub(super) struct ObjectiveOut {
    /// The line as written.
    pub(super) expect: String,
    /// Its title.
    pub(super) title: Option<String>,
    /// The flow it speaks of.
    pub(super) flow: Option<String>,
    /// The comparison: `<`, `<=`, `>`, `>=`, `==`.
    pub(super) op: String,
    /// The target in base units.
    pub(super) target: Option<f64>,
    /// Per variant, by name.
    pub(super) variants: BTreeMap<String, CellOut>,
}

/// One SLO line in one variant.
#[derive(Serialize, JsonSchema)]
pub(super) struct CellOut {
    /// The verdict.
    pub(super) verdict: VerdictOut,
    /// What was measured; null if nothing was, or if it is infinite (see `never`).
    pub(super) value: Option<f64>,
    /// Half-width of its interval.
    pub(super) half_width: Option<f64>,
    /// The target.
    pub(super) target: Option<f64>,
    /// Replications that gave an observation.
    pub(super) n: u32,
    /// Replications whose observation was "never"; absent if none.
    #[serde(skip_serializing_if = "is_zero")]
    #[schemars(default)]
    pub(super) never: u32,
    /// Replications whose observation is only a lower bound, since it counts flow runs that the end of the run cut off;
    /// absent if none.
    #[serde(skip_serializing_if = "is_zero")]
    #[schemars(default)]
    pub(super) at_least: u32,
}

/// One fault.
#[derive(Serialize, JsonSchema)]
pub(super) struct FaultOut {
    /// What it hits.
    pub(super) target: String,
    /// What it does.
    pub(super) effect: String,
    /// When, in seconds from the opening of the measured window.
    pub(super) windows: Vec<WindowOut>,
    /// Of one that comes by chance: the mean times, in seconds.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) random: Option<RandomOut>,
    /// Of one that waits for something: for what.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) when: Option<String>,
}

/// How a fault comes by chance.
#[derive(Serialize, JsonSchema)]
pub(super) struct RandomOut {
    /// How long its target is well, in the mean.
    pub(super) mtbf: Option<f64>,
    /// How long a window lasts, in the mean.
    pub(super) mttr: Option<f64>,
}

/// A span of time.
#[derive(Serialize, JsonSchema)]
pub(super) struct WindowOut {
    /// Its beginning.
    pub(super) start: Option<f64>,
    /// Its end.
    pub(super) end: Option<f64>,
}

/// A paired difference.
#[derive(Serialize, JsonSchema)]
pub(super) struct DifferenceOut {
    /// The variant.
    pub(super) variant: String,
    /// What it is compared with.
    pub(super) baseline: String,
    /// The flow.
    pub(super) flow: String,
    /// The figure, as in `metrics`.
    pub(super) metric: String,
    /// Variant minus baseline.
    pub(super) difference: EstimateOut,
}

/// A warning.
#[derive(Serialize, JsonSchema)]
pub(super) struct WarningOut {
    /// Stable code.
    pub(super) code: String,
    /// What is suspicious.
    pub(super) message: String,
    /// `file:line`.
    pub(super) place: Option<String>,
}
