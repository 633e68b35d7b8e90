//! The one value that every report reads. Seconds, shares 0 to 1, counts; a fixed order everywhere.

use super::law::{Holds, Law};
use super::stamp::Stamp;
use super::words::{self, Word};
use crate::kernel::units::Op;
use crate::metrics::{COARSE, FINE, Part, Sample};
use crate::model::{Metric, Stat};
use crate::policies::Outcome;
use serde::{Deserialize, Serialize};

/// What a run found: everything a report needs, nothing it must compute again.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Findings {
    /// What was run.
    pub stamp: Stamp,
    /// Per variant, in file order.
    pub variants: Vec<VariantFindings>,
    /// Per SLO line, in file order.
    pub objectives: Vec<ObjectiveFindings>,
    /// The faults, in file order.
    pub faults: Vec<FaultFindings>,
    /// Paired differences against the first variant.
    pub differences: Vec<Difference>,
    /// Warnings of `check` and of the run, in order of place.
    pub warnings: Vec<Warning>,
}

/// A mean over replications with the half-width of its Student-t interval.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct Estimate {
    /// The mean of the observations; infinite if one of them is ("never").
    pub mean: f64,
    /// Half-width at the run's confidence; `None` with fewer than two observations or an infinite one.
    pub half_width: Option<f64>,
    /// Replications that gave an observation.
    pub n: u32,
    /// Replications whose observation was "never" (recovery only).
    pub n_never: u32,
    /// Replications whose observation is only a lower bound: it counts flow runs that the end of the run cut off, with the
    /// time until then.
    pub n_bound: u32,
}

/// A pass, a failure, or too close to call (A40).
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub enum Verdict {
    /// The interval lies on the good side.
    Pass,
    /// The interval straddles the target, or there are too few samples.
    Undecided,
    /// The interval lies on the bad side.
    Fail,
    /// The line does not bind this variant.
    NotBound,
}

/// One SLO line over all variants.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct ObjectiveFindings {
    /// Its name in the file.
    pub name: String,
    /// Its title, if one is given.
    pub title: Option<String>,
    /// The line as written.
    pub text: String,
    /// The flow's name, if it speaks of one.
    pub flow: Option<String>,
    /// What is measured.
    pub metric: Metric,
    /// Which statistic.
    pub stat: Stat,
    /// The comparison.
    pub op: Op,
    /// The target in base units.
    pub target: f64,
    /// Per variant, in the order of [`Findings::variants`]; `None` where nothing could be observed.
    pub cells: Vec<Cell>,
}

/// One SLO line in one variant.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct Cell {
    /// What was measured; `None` if no replication gave an observation.
    pub estimate: Option<Estimate>,
    /// The verdict.
    pub verdict: Verdict,
}

/// One variant.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct VariantFindings {
    /// Its name in the file.
    pub name: String,
    /// Its title for people.
    pub title: String,
    /// Per flow, in file order.
    pub flows: Vec<FlowFindings>,
    /// Per service, in file order.
    pub services: Vec<ServiceFindings>,
    /// Per edge.
    pub edges: Vec<EdgeFindings>,
    /// Per channel.
    pub channels: Vec<ChannelFindings>,
    /// Per flow, in file order: who is connected with whom.
    pub topology: Vec<TopologyFindings>,
    /// Per data, in file order.
    pub data: Vec<DataFindings>,
    /// Recovery per fault (in the order of [`Findings::faults`]), seconds; infinite is "never". `None`: no window of the
    /// fault ended early enough to tell.
    pub recovery: Vec<Option<Estimate>>,
    /// Per fault (in the order of [`Findings::faults`]): the services of which more calls fail while it acts than just before,
    /// by more than one in a hundred, with the share that fails, the largest first (A35).
    pub blast_radius: Vec<Vec<(String, f64)>>,
    /// Closed forms beside what was simulated.
    pub formulas: Vec<FormulaFindings>,
    /// Share of all busy worker-time of the window whose result nobody took (A35).
    pub wasted_work: Estimate,
    /// Events executed over all replications.
    pub events: u64,
    /// Hash of the executed trace over all replications.
    pub fingerprint: u64,
}

/// One flow in one variant.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct FlowFindings {
    /// Its name.
    pub name: String,
    /// Named figures with intervals, in this order: `availability`, `degraded`, `latency_mean`, `latency_p50`, `latency_p95`,
    /// `latency_p99`, `latency_p999`, `latency_max`, the same for `completion_`, `goodput`, `throughput`, `backlog_max`,
    /// `lost`, `dead_lettered`, `compensated`, `duplicates_applied`, `unfinished`, `amplification`, `windowed_availability`.
    /// Units: `_s`-less names are seconds for latency and completion, shares for availability, per second for rates,
    /// counts per replication otherwise. A quantile without enough samples (A39) is left out.
    #[serde(deserialize_with = "words::named")]
    pub figures: Vec<(&'static str, Estimate)>,
    /// The same figures' number in each replication (of a single one: in each batch), where it could be observed.
    #[serde(deserialize_with = "words::named")]
    pub observed: Vec<(Word, Vec<Option<f64>>)>,
    /// Sums over all replications, of counted flow runs.
    pub outcomes: OutcomeCounts,
    /// The answer times' quantile curve.
    pub latency: Curve,
    /// The completion times' quantile curve.
    pub completion: Curve,
    /// Over the measured window (and the drain that followed, as long as a counted flow run was open).
    pub series: Vec<Bin>,
    /// The answer times over the same time, in fewer and longer parts.
    pub intervals: Vec<Interval>,
    /// Why flow runs did not end well, most frequent first; counts sum to `failed + gave_up + unanswered + lost +
    /// dead_lettered + compensated + incomplete` of `outcomes`, shares to 1.
    pub causes: Vec<Cause>,
    /// Where the time of typical and of slow flow runs goes: `latency` at p50 and p99, then `completion`, as far as the sample
    /// carries them.
    pub breakdowns: Vec<Breakdown>,
}

/// The time of the flow runs around a quantile, taken apart (A45).
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Breakdown {
    /// `latency` or `completion`.
    #[serde(deserialize_with = "words::word")]
    pub metric: Word,
    /// The quantile, 0 to 1.
    pub q: f64,
    /// Flow runs in the sample, all of the first replication.
    pub n_sample: u64,
    /// Those of them around the quantile, over which the mean is taken.
    pub n: u64,
    /// Their mean time, seconds: the sum of the parts.
    pub total_s: f64,
    /// Every part, the most productive first.
    pub parts: Vec<PartTime>,
}

/// One part of a time.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct PartTime {
    /// Which one.
    pub part: Part,
    /// How long, seconds.
    pub seconds: f64,
    /// Of these, at which services and brokers, seconds each, the longest first.
    pub places: Vec<(String, f64)>,
}

/// Where the counted flow runs went (A32), summed over replications.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct OutcomeCounts {
    /// Counted flow runs.
    pub offered: u64,
    /// Answered ok within patience: accepted.
    pub answered_ok: u64,
    /// Answered by a fallback: accepted too.
    pub degraded: u64,
    /// Told of a failure.
    pub failed: u64,
    /// Left before an answer.
    pub gave_up: u64,
    /// Neither answered nor left at the end of the drain.
    pub unanswered: u64,
    /// Accepted, every required step done.
    pub completed: u64,
    /// Accepted, and can never complete.
    pub lost: u64,
    /// Accepted, a required step's message parked.
    pub dead_lettered: u64,
    /// Accepted, and undone after a step failed for good.
    pub compensated: u64,
    /// Accepted, still on its way at the end of the drain.
    pub incomplete: u64,
}

/// A quantile curve, merged over replications.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Curve {
    /// Pooled samples.
    pub n: u64,
    /// Mean of the pooled samples, seconds.
    pub mean_s: f64,
    /// Largest sample, seconds.
    pub max_s: f64,
    /// Points in rising `q`; stops where n(1−q) < 20 (A39).
    pub points: Vec<CurvePoint>,
    /// The pooled samples themselves.
    pub pooled: Sample<FINE>,
}

/// The answer times of a span of the run, of all replications together.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Interval {
    /// When it begins, seconds after the opening of the measured window.
    pub start_s: f64,
    /// How long it is, seconds.
    pub length_s: f64,
    /// By the intended start of the flow runs.
    pub latency: Sample<COARSE>,
}

/// A point of a quantile curve.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct CurvePoint {
    /// The quantile, 0 to 1.
    pub q: f64,
    /// Its pooled value, seconds.
    pub value_s: f64,
    /// The interval over replications, seconds (lower, upper); `None` with fewer than two.
    pub band_s: Option<(f64, f64)>,
}

/// One bin of the time series. Means over replications; bands are the interval over replications.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct Bin {
    /// Start, seconds from the opening of the window.
    pub start_s: f64,
    /// Length, seconds.
    pub length_s: f64,
    /// Flow runs offered per replication (by intended start).
    pub offered: f64,
    /// Share of those offered in this bin that were answered ok or degraded; NaN if none was offered.
    pub availability: f64,
    /// Its interval over replications (lower, upper).
    pub availability_band: Option<(f64, f64)>,
    /// Median answer time of those offered in this bin, seconds; NaN if none.
    pub latency_p50_s: f64,
    /// 0.99 quantile of the same, pooled over replications (with fewer than 100 samples that is the largest); NaN if none.
    pub latency_p99_s: f64,
    /// Backlog at the end of the bin, mean over replications.
    pub backlog: f64,
    /// Its interval over replications.
    pub backlog_band: Option<(f64, f64)>,
    /// Completed per replication in this bin.
    pub completed: f64,
}

/// One service in one variant.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct ServiceFindings {
    /// Its name.
    pub name: String,
    /// Share of worker-time working, over the window; `None` with unlimited workers.
    pub busy: Option<Estimate>,
    /// Share of worker-time held waiting on callees.
    pub held: Option<Estimate>,
    /// Instances that were there, in the mean over the window; `None` unless it scales.
    pub instances: Option<Estimate>,
    /// How long calls and deliveries waited until a worker began; `None` if none did.
    pub waits: Option<WaitFindings>,
    /// Longest queue seen, mean over replications.
    pub queue_max: Estimate,
}

/// A closed form beside the simulated number.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct FormulaFindings {
    /// Which one.
    pub law: Law,
    /// Of whom: a service, a flow, an edge, a queue after a fault.
    pub of: String,
    /// How it relates to what is simulated.
    pub holds: Holds,
    /// Its value; the mean over replications where it depends on what each saw.
    pub expected: f64,
    /// What was simulated.
    pub seen: Estimate,
    /// Is it so, as far as the replications can tell? `None` where it need not be, or there are too few.
    pub agrees: Option<bool>,
}

/// How long it takes at a service until a worker begins, which may be no time at all; seconds.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct WaitFindings {
    /// The mean.
    pub mean: Estimate,
    /// The share that waits at all, 0 to 1.
    pub share: Estimate,
    /// The median.
    pub p50: Estimate,
    /// The 99 % quantile.
    pub p99: Estimate,
}

/// One edge in one variant.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct EdgeFindings {
    /// `client` or the step it comes from.
    pub from: String,
    /// The step it leads to.
    pub to: String,
    /// Call or message.
    #[serde(deserialize_with = "words::word")]
    pub by: Word,
    /// Attempts by outcome, summed over replications, of counted flow runs.
    pub outcomes: [u64; Outcome::N],
    /// Attempts per flow run offered.
    pub amplification: f64,
}

/// Who is connected with whom in one flow of one variant, as the wiring says: services, not steps.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct TopologyFindings {
    /// The flow.
    pub flow: String,
    /// The sources of its clients, in file order.
    pub clients: Vec<String>,
    /// Services that a flow run can reach, in the order of the flow.
    pub services: Vec<PlaceFindings>,
    /// Ways between them, each once, in the order of the flow.
    pub ways: Vec<WayFindings>,
    /// Brokers without which there is no answer, in the order met.
    pub needed_brokers: Vec<String>,
    /// Is the answer only a promise, and the result asked for or told later?
    pub is_promise: bool,
}

/// A service in the topology of a flow.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct PlaceFindings {
    /// Its name.
    pub service: String,
    /// Does it belong to someone else?
    pub is_external: bool,
    /// Must it be up for an answer?
    pub is_needed: bool,
}

/// A way from a caller or sender to a service.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct WayFindings {
    /// The service it comes from; `None` for a client.
    pub from: Option<String>,
    /// The service it leads to.
    pub to: String,
    /// By what.
    pub by: Carrier,
    /// When it is taken.
    pub role: WayRole,
    /// Does the answer wait for it (for a message: for its hand-over)?
    pub is_needed: bool,
}

/// What a way is made of.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub enum Carrier {
    /// A call: the caller waits.
    Call,
    /// A message through a broker.
    Broker {
        /// The broker.
        name: String,
        /// Does the sender wait for the consumer's reply?
        awaits_reply: bool,
        /// Is the consumer called for each message, because it takes none itself?
        is_posted: bool,
    },
    /// A message that its sender keeps and delivers itself (a webhook, a stream).
    Sender {
        /// Is the consumer called for each message?
        is_posted: bool,
    },
}

/// When a way is taken; earlier ones count where one way has several.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub enum WayRole {
    /// On the way of the flow.
    Usual,
    /// Unless a copy of the data has what is asked for.
    CopyFirst,
    /// When another way has failed.
    Fallback,
    /// When clients ask what became of a promise.
    Poll,
    /// When a step is undone.
    Undo,
}

/// What was read of one data in one variant (A29b).
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct DataFindings {
    /// Its name.
    pub name: String,
    /// Named figures with intervals, in this order: `reads` (per replication), `read_from_copy`, `read_from_old_copy`,
    /// `read_stale` (shares of the reads), `staleness_mean`, `staleness_p99`, `staleness_p999`, `staleness_max` (seconds). A
    /// quantile without enough samples (A39) is left out, and so is everything of data that nobody read.
    #[serde(deserialize_with = "words::named")]
    pub figures: Vec<(&'static str, Estimate)>,
}

/// One channel in one variant; message counts are sums over replications (A32), warm-up included.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct ChannelFindings {
    /// The broker's name.
    pub broker: String,
    /// The consuming step.
    pub to: String,
    /// Message accounts.
    pub messages: MessageCounts,
    /// Publish to start of processing, seconds.
    pub message_age: Curve,
    /// Most ready messages, mean over replications.
    pub backlog_max: Estimate,
}

/// published = acked + dead-lettered + expired + dropped + lost + stored (A32).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct MessageCounts {
    /// Sent by a sender that went on (or stored by the broker).
    pub published: u64,
    /// Done with.
    pub acked: u64,
    /// Delivered again.
    pub redelivered: u64,
    /// Parked.
    pub dead_lettered: u64,
    /// Too old.
    pub expired: u64,
    /// Pushed out, or given up.
    pub dropped: u64,
    /// Gone without anybody's decision.
    pub lost: u64,
    /// Still at the broker or with a consumer at the end.
    pub stored: u64,
    /// Executed again.
    pub duplicates: u64,
    /// Executed again with a second effect.
    pub duplicates_applied: u64,
}

/// Why some flow runs did not end well (A31).
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Cause {
    /// How many, over all replications.
    pub count: u64,
    /// Share of all flow runs of this variant and flow that did not end well, 0 to 1.
    pub share: f64,
    /// What the client got (`gave_up`, `error`, …) or what became of the accepted order (`lost`, `dead_lettered`, `unfinished`).
    #[serde(deserialize_with = "words::word")]
    pub outcome: Word,
    /// A phrase for people, e.g. `gave up queued for checkout`.
    pub what: String,
    /// Its reason for people, e.g. `its workers were waiting on payment`.
    pub why: String,
    /// The fault it comes from, if any.
    pub fault: Option<String>,
}

/// One fault.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct FaultFindings {
    /// Its name.
    pub name: String,
    /// What it hits, e.g. `payment` or `checkout -> payment`.
    pub target: String,
    /// What it does, e.g. `down: hang`.
    pub effect: String,
    /// Its windows, seconds from the opening of the measured window (start, end); none of one that comes by chance.
    pub windows: Vec<(f64, f64)>,
    /// Of one that comes by chance: how long its target is well in the mean, and ill, seconds.
    pub random: Option<(f64, f64)>,
    /// Of one that waits for something: for what, e.g. `backlog(orders) > 10000`.
    pub when: Option<String>,
}

/// A paired difference (variant minus baseline, same replications; A38).
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Difference {
    /// The variant.
    pub variant: String,
    /// The first variant.
    pub baseline: String,
    /// The flow.
    pub flow: String,
    /// The figure's name, as in [`FlowFindings::figures`].
    #[serde(deserialize_with = "words::word")]
    pub figure: Word,
    /// The difference.
    pub estimate: Estimate,
}

/// A warning as a report shows it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Warning {
    /// Stable code.
    pub code: String,
    /// What is suspicious.
    pub message: String,
    /// `file:line`, if it has a place.
    pub place: Option<String>,
}
