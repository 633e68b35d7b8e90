//! What the user wrote: names, places, optional fields. No default is filled here and no name is looked up.
//!
//! [`Scenario`] is one variant's view of the file: every overlay merged, every value read into its kind and keeping its
//! [`Place`], so that `compile` can say where a mistake stands. `None` means "not written".

mod check;
mod codes;
pub mod defaults;
mod dist_shape;
mod dists;
mod extract;
mod extract_policies;
mod extract_wiring;
mod files;
mod forms;
mod grammar;
mod guards;
mod kinds;
mod line;
mod lint;
mod lists;
mod nodes;
mod overlay;
mod quantity;
mod reading;
mod relations;
mod replay;
mod schema;
mod set;
mod show;
mod slo;
mod steps;
mod suggest;
mod tree;
mod trigger;
mod typed;
mod value;
mod views;
mod yaml;

#[cfg(test)]
mod tests;

pub use codes::CODES;
pub use guards::{CircuitBreaker, Fallback, PolicyKind, RateLimit, Window};
pub use nodes::{Aim, Broker, Data, Fault, Replay, Service, Source};
pub use trigger::Trigger;

use crate::brokers::partition::Keys;
use crate::brokers::{Ack, Relay, WhenExhausted, WhenRefused};
use crate::diagnostic::{Diagnostic, Place, Sources};
use crate::kernel::dist::Dist;
use crate::kernel::time::Duration;
use crate::kernel::units::Op;
use crate::policies::budget::Budget;
use crate::policies::bulkhead::Bulkhead;
use crate::policies::hedge::Hedge;
use crate::policies::limit::ConcurrencyLimit;
use crate::policies::outlier::OutlierEjection;
use crate::policies::retry::Retry;
use crate::policies::throttle::AdaptiveThrottle;
use std::path::PathBuf;

/// Ways to change a scenario from outside the file.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Changes {
    /// `--overlay`: files merged over the scenario one after another (RFC 7396), before anything is `set`. A file that one of
    /// them names lies where the scenario's own would: relative to the scenario's folder.
    pub overlays: Vec<PathBuf>,
    /// `--set PATH=VALUE`, in order; a path is map keys joined by dots, keys with dots or blanks in quotes
    /// (`variants.sync.calls."*".timeout=1s`); the value is YAML.
    pub set: Vec<String>,
    /// `--variant`: keep only these, in file order; empty keeps all.
    pub variants: Vec<String>,
}

/// A scenario file, read: one view for each variant.
#[derive(Clone, Debug, PartialEq)]
pub struct Reading {
    /// One view for each variant kept, in file order.
    pub views: Vec<Scenario>,
    /// The merged file with every static default filled in, as canonical data for the hash and `scenario.resolved.yaml`.
    pub resolved: serde_json::Value,
    /// The same as YAML text with the origin of each value (`# default`, `# line 31`, `# --set`): what `show` prints.
    pub shown: String,
}

/// Reads a scenario file's text (its `name` is for messages and to find files it names, relative to its folder).
/// All mistakes in one pass; the reading comes back only if none is an error.
#[must_use]
pub fn read(
    sources: &mut Sources,
    name: &str,
    text: &str,
    changes: &Changes,
) -> (Option<Reading>, Vec<Diagnostic>) {
    let draft = reading::draft(sources, name, text, changes);
    (draft.reading, draft.diagnostics)
}

/// What could be read of a file, also of one with mistakes.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Draft {
    /// The reading, if nothing is wrong.
    pub reading: Option<Reading>,
    /// What can be made out of each variant kept, with what is wrong left out; empty if the text is no map at all.
    /// Good for finding further mistakes, not for running.
    pub views: Vec<Scenario>,
    /// Every name of an entry or a step in the file, also where it could not be read.
    pub declared: std::collections::BTreeSet<String>,
    /// Those of entries only.
    pub entries: std::collections::BTreeSet<String>,
    /// Everything that is wrong, in order of place.
    pub diagnostics: Vec<Diagnostic>,
}

/// Reads as [`read`] does, and keeps what can be made out of a file with mistakes, so that whoever looks names up can
/// report theirs in the same pass.
#[must_use]
pub fn read_draft(sources: &mut Sources, name: &str, text: &str, changes: &Changes) -> Draft {
    reading::draft(sources, name, text, changes)
}

/// The JSON Schema (draft-07) of a scenario file, for editors.
#[must_use]
pub fn schema() -> String {
    schema::schema()
}

/// A value and where it was written.
#[derive(Clone, Debug, PartialEq)]
pub struct Spanned<T> {
    /// The value.
    pub value: T,
    /// Where.
    pub place: Place,
}

/// A map entry, in file order: its name, where the name stands, what it holds.
#[derive(Clone, Debug, PartialEq)]
pub struct Entry<T> {
    /// The key.
    pub name: String,
    /// Where the key stands.
    pub place: Place,
    /// What it holds.
    pub value: T,
}

/// Entries in file order.
pub type Map<T> = Vec<Entry<T>>;

/// A count that may be `unlimited` (then `u32::MAX`).
pub type Count = Spanned<u32>;

/// One variant's view of a scenario file.
#[derive(Clone, Debug, PartialEq)]
pub struct Scenario {
    /// `name:`, else the file's stem.
    pub name: String,
    /// `question:`.
    pub question: Option<String>,
    /// `flows:`.
    pub flows: Map<Flow>,
    /// `services:`.
    pub services: Map<Service>,
    /// `brokers:`.
    pub brokers: Map<Broker>,
    /// `network:`, the transit time of one hop; default none (0).
    pub network: Option<Spanned<Dist>>,
    /// `data:`.
    pub data: Map<Data>,
    /// `traffic:`.
    pub traffic: Map<Source>,
    /// The variant's wiring keys.
    pub variant: Entry<Variant>,
    /// `faults:`.
    pub faults: Map<Fault>,
    /// `slo:`.
    pub slo: Map<Slo>,
    /// `run:`.
    pub run: Run,
    /// `sources:` path → where the number came from.
    pub sources: Map<String>,
}

/// `flows.<name>`.
#[derive(Clone, Debug, PartialEq)]
pub struct Flow {
    /// `from`: a traffic source. Default: the source whose `flow` names this one, or the only source.
    pub from: Option<Spanned<String>>,
    /// `steps`.
    pub steps: Vec<Item>,
    /// `answer_needs`: step names; default the first step.
    pub answer_needs: Option<Vec<Spanned<String>>>,
    /// `done_when`: `all` (default, every step that is not optional) or a list of step names.
    pub done_when: Option<DoneWhen>,
}

/// `done_when`.
#[derive(Clone, Debug, PartialEq)]
pub enum DoneWhen {
    /// Every step that is not optional.
    All,
    /// These steps.
    Steps(Vec<Spanned<String>>),
}

/// One place in a list of steps.
#[derive(Clone, Debug, PartialEq)]
pub enum Item {
    /// A step.
    Step(Box<Step>),
    /// A nested list, or `{ parallel: […], need: … }`: at once. `need` `None` means all.
    Parallel {
        /// What runs at once.
        branches: Vec<Step>,
        /// How many must succeed: `all` (default), `any` (1) or a count.
        need: Option<Spanned<u32>>,
        /// Where the list stands.
        place: Place,
    },
}

/// A step: a service name, or `name: {…}`.
#[derive(Clone, Debug, PartialEq)]
pub struct Step {
    /// Its name.
    pub name: Spanned<String>,
    /// `service`; default the service of the step's name.
    pub service: Option<Spanned<String>>,
    /// `action`, a label.
    pub action: Option<String>,
    /// `service_time`; default the service's.
    pub service_time: Option<Spanned<Dist>>,
    /// `optional`; default false.
    pub optional: Option<bool>,
    /// `probability` as a share; default 100 %.
    pub probability: Option<Spanned<f64>>,
    /// `key`: what orders its messages; default so many keys that they spread evenly.
    pub key: Option<Spanned<Keys>>,
    /// `reads` and `writes`: names of `data`.
    pub reads: Option<Spanned<String>>,
    /// See `reads`.
    pub writes: Option<Spanned<String>>,
    /// `size`, bytes; default 0.
    pub size: Option<u64>,
    /// `priority`; default 0.
    pub priority: Option<Count>,
    /// `then`: what this step itself needs.
    pub then: Vec<Item>,
    /// `compensate`: what undoes it, if a later step of a saga fails for good.
    pub compensate: Option<Box<Compensate>>,
}

/// A step's `compensate`.
#[derive(Clone, Debug, PartialEq)]
pub struct Compensate {
    /// `service`; default the step's own.
    pub service: Option<Spanned<String>>,
    /// `service_time`; default the service's.
    pub service_time: Option<Spanned<Dist>>,
}

/// `variants.<v>.copies.<data>`.
#[derive(Clone, Debug, PartialEq)]
pub struct Copy {
    /// `at`: a service.
    pub at: Spanned<String>,
    /// `kind`, with its own keys: no `ttl` is [`Duration::MAX`], no `stale_if_error` is zero.
    pub kind: crate::copies::Kind,
    /// `via` of a replica; default the variant's.
    pub via: Option<Spanned<String>>,
    /// `apply` of a replica; default 0.
    pub apply: Option<Spanned<Dist>>,
}

/// How a step is reached.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Transport {
    /// `sync`: by a call.
    Call,
    /// `async`: by a message.
    Message,
}

/// `carries`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Carries {
    /// All that the consumer needs.
    State,
    /// An id: the consumer calls the sender's service for the rest.
    Id,
}

/// `answer_by`.
#[derive(Clone, Debug, PartialEq)]
pub enum AnswerBy {
    /// By the answer to the client's call.
    Call,
    /// The client asks from time to time.
    Poll {
        /// From what it last heard to the next question.
        every: Duration,
        /// What a question costs; default the service's own time.
        service_time: Option<Spanned<Dist>>,
    },
    /// The client is told.
    Callback,
}

/// `shape`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Shape {
    /// Each step calls the next before it answers its own caller.
    Chain,
    /// The entry step calls (or commands) each later step in turn.
    Orchestrated,
    /// Each step publishes when done; the next consumes.
    Choreographed,
}

/// `variants.<name>`, the wiring keys; `extends` is already merged and overlays of other blocks already applied.
#[derive(Clone, Debug, PartialEq)]
pub struct Variant {
    /// `title`; default the name.
    pub title: Option<String>,
    /// `wiring`; required (after `extends`).
    pub wiring: Option<Spanned<Transport>>,
    /// `shape`; default `chain` for calls, `choreographed` for messages.
    pub shape: Option<Spanned<Shape>>,
    /// `via`: the broker; default the only broker.
    pub via: Option<Spanned<String>>,
    /// `carries`; default `state`.
    pub carries: Option<Carries>,
    /// `answer_after`: a step name.
    pub answer_after: Option<Spanned<String>>,
    /// `answer_by`; default `call`.
    pub answer_by: Option<Spanned<AnswerBy>>,
    /// `steps.<step>`: overrides.
    pub steps: Map<StepWiring>,
    /// `calls."<step>"`, `"*"`, `"a -> b"`.
    pub calls: Map<CallPolicies>,
    /// `consume."<step>"`, `"*"`.
    pub consume: Map<Consume>,
    /// `publish`: of every sender.
    pub publish: Publish,
    /// `copies.<data>`.
    pub copies: Map<Copy>,
}

/// `variants.<v>.steps.<step>`.
#[derive(Clone, Debug, PartialEq)]
pub struct StepWiring {
    /// `wiring`.
    pub wiring: Option<Spanned<Transport>>,
    /// `via`.
    pub via: Option<Spanned<String>>,
    /// `carries`; default the variant's.
    pub carries: Option<Carries>,
}

/// `calls.<key>`. Keys merge field by field: `a -> b` over `b` over `*`.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct CallPolicies {
    /// `timeout`, each attempt; `none` is `Duration::MAX`.
    pub timeout: Option<Spanned<Duration>>,
    /// `deadline`, the whole call.
    pub deadline: Option<Spanned<Duration>>,
    /// `retry`; `none` is [`Retry::NEVER`].
    pub retry: Option<Spanned<Retry>>,
    /// `cancel`; default false.
    pub cancel: Option<Spanned<bool>>,
    /// `propagate`; default false.
    pub propagate: Option<Spanned<bool>>,
    /// `fallback`: what stands in.
    pub fallback: Option<Spanned<Fallback>>,
    /// `retry.budget`.
    pub budget: Option<Spanned<Budget>>,
    /// `circuit_breaker`; `none` takes one back.
    pub circuit_breaker: Option<Spanned<Option<CircuitBreaker>>>,
    /// `bulkhead`, and whether all instances share it; `none` takes one back.
    pub bulkhead: Option<Spanned<Option<(Bulkhead, bool)>>>,
    /// `rate_limit`: attempts per second, and how many at once.
    pub rate_limit: Option<Spanned<RateLimit>>,
    /// `concurrency_limit`, and whether all instances share it; `none` takes one back.
    pub concurrency_limit: Option<Spanned<Option<(ConcurrencyLimit, bool)>>>,
    /// `adaptive_throttle`, and whether all instances share it; `none` takes one back.
    pub adaptive_throttle: Option<Spanned<Option<(AdaptiveThrottle, bool)>>>,
    /// `outlier_ejection`; `none` takes one back.
    pub outlier_ejection: Option<Spanned<Option<OutlierEjection>>>,
    /// `hedge`; `none` takes one back.
    pub hedge: Option<Spanned<Option<Hedge>>>,
    /// `order`, from the outermost on; default [`PolicyKind::ALL`].
    pub order: Option<Spanned<Vec<PolicyKind>>>,
}

/// `consume.<key>`.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Consume {
    /// `workers` set apart, per instance.
    pub workers: Option<Count>,
    /// `prefetch`, per instance.
    pub prefetch: Option<Count>,
    /// `ack`.
    pub ack: Option<Ack>,
    /// `visibility`; `none` is `Duration::MAX`.
    pub visibility: Option<Spanned<Duration>>,
    /// `redeliver`: attempts, backoff, jitter.
    pub redeliver: Option<Spanned<Retry>>,
    /// `then`: `dead_letter`, `drop` or `block`.
    pub then: Option<WhenExhausted>,
    /// `rate_limit`: deliveries per second, and how many at once; default none.
    pub rate_limit: Option<Spanned<RateLimit>>,
    /// `timeout` of each delivery, where deliveries are calls; `none` is `Duration::MAX`.
    pub timeout: Option<Spanned<Duration>>,
    /// `poll`; default the broker's.
    pub poll: Option<Spanned<Duration>>,
    /// `batch`; default the broker's.
    pub batch: Option<Count>,
    /// `circuit_breaker`, where deliveries are calls.
    pub circuit_breaker: Option<Spanned<Option<CircuitBreaker>>>,
    /// `replay`, on a stream; `none` is `Duration::MAX`.
    pub replay: Option<Spanned<Duration>>,
    /// `replay` of dead letters: when, from the opening of the window, and how many a second.
    pub redrive: Option<Spanned<(Duration, f64)>>,
    /// `linger`; default the broker's.
    pub linger: Option<Spanned<Duration>>,
    /// `session`, on a log.
    pub session: Option<Spanned<Duration>>,
    /// `rebalance`, on a log.
    pub rebalance: Option<Spanned<Duration>>,
}

/// `publish`.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Publish {
    /// `confirm`.
    pub confirm: Option<bool>,
    /// `when_refused`.
    pub when_refused: Option<Spanned<WhenRefused>>,
    /// `timeout` for the confirm.
    pub timeout: Option<Spanned<Duration>>,
    /// `retry`, under `when_refused: retry`.
    pub retry: Option<Spanned<Retry>>,
    /// `fallback`: `call`.
    pub fallback: Option<Spanned<String>>,
    /// `outbox`, under `when_refused: outbox`.
    pub outbox: Option<Spanned<Relay>>,
}

/// `slo.<name>`: the parsed line, names not yet looked up.
#[derive(Clone, Debug, PartialEq)]
pub struct Slo {
    /// The line as written.
    pub text: Spanned<String>,
    /// The flow, if one is named.
    pub flow: Option<Spanned<String>>,
    /// The metric's word, e.g. `latency`.
    pub metric: Spanned<String>,
    /// The metric's argument, e.g. the fault in `recovery(payment_outage)`.
    pub argument: Option<Spanned<String>>,
    /// The statistic's word: `p99`, `mean`, `max`.
    pub stat: Option<Spanned<String>>,
    /// The comparison.
    pub op: Op,
    /// The target as written, e.g. `99.9%` or `800ms`; read by the metric's kind in `compile`.
    pub target: Spanned<String>,
    /// `during`, `after` or `outside`, and the fault's name.
    pub scope: Option<(Spanned<String>, Spanned<String>)>,
    /// `title`.
    pub title: Option<String>,
    /// `variants`.
    pub variants: Vec<Spanned<String>>,
}

/// `run`.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Run {
    /// `duration`, the measured window; required.
    pub duration: Option<Spanned<Duration>>,
    /// `warmup`; default 10 % of the duration.
    pub warmup: Option<Spanned<Duration>>,
    /// `drain`; default the larger of the window and 10 min.
    pub drain: Option<Spanned<Duration>>,
    /// `replications`; default 10.
    pub replications: Option<Count>,
    /// `precision`; default none.
    pub precision: Option<Spanned<f64>>,
    /// `max_replications`; default `replications`, or the larger of that and 1000 with `precision`.
    pub max_replications: Option<Count>,
    /// `seed`; default 1.
    pub seed: Option<Spanned<u64>>,
    /// `confidence`; default 95 %.
    pub confidence: Option<Spanned<f64>>,
}
