//! The metrics an SLO line may name (A33 to A36), and what it may say of each.

use super::quantities::Kind;
use crate::model::Metric;

/// What an SLO line may say of a metric.
pub(crate) struct Shape {
    /// Its word.
    pub(crate) word: &'static str,
    /// What its target is.
    pub(crate) kind: Kind,
    /// Which statistics it has.
    pub(crate) stats: Stats,
    /// Whose it is.
    pub(crate) of: Of,
    /// Can it be narrowed to the flow runs of a fault's time?
    pub(crate) scopes: Scopes,
}

/// Which statistics a metric has.
#[derive(Clone, Copy, PartialEq)]
pub(crate) enum Stats {
    /// One number: no statistic may be named.
    None,
    /// A distribution: one must be named.
    Spread,
    /// A level over time: `max` (the default) or `mean`.
    Level,
}

/// Whose a metric is.
#[derive(Clone, Copy, PartialEq)]
pub(crate) enum Of {
    /// A flow's.
    Flow,
    /// That of some data.
    Data,
    /// The whole system's.
    System,
}

/// Can a metric be narrowed to a fault's time?
#[derive(Clone, Copy, PartialEq)]
pub(crate) enum Scopes {
    /// It is counted over a span, so any span will do.
    Span,
    /// It is one figure of the whole window, or has a fault's time of its own.
    None,
}

const fn shape(word: &'static str, kind: Kind, stats: Stats, of: Of, scopes: Scopes) -> Shape {
    Shape {
        word,
        kind,
        stats,
        of,
        scopes,
    }
}

/// Every metric that can be measured, A33 to A36.
pub(crate) const SHAPES: &[Shape] = &[
    shape(
        "availability",
        Kind::Share,
        Stats::None,
        Of::Flow,
        Scopes::Span,
    ),
    shape("degraded", Kind::Share, Stats::None, Of::Flow, Scopes::Span),
    shape(
        "windowed_availability",
        Kind::Share,
        Stats::None,
        Of::Flow,
        Scopes::None,
    ),
    shape(
        "latency",
        Kind::Duration,
        Stats::Spread,
        Of::Flow,
        Scopes::Span,
    ),
    shape(
        "completion",
        Kind::Duration,
        Stats::Spread,
        Of::Flow,
        Scopes::Span,
    ),
    shape("goodput", Kind::Rate, Stats::None, Of::Flow, Scopes::Span),
    shape(
        "throughput",
        Kind::Rate,
        Stats::None,
        Of::Flow,
        Scopes::Span,
    ),
    shape("backlog", Kind::Count, Stats::Level, Of::Flow, Scopes::Span),
    shape(
        "message_age",
        Kind::Duration,
        Stats::Spread,
        Of::Flow,
        Scopes::Span,
    ),
    shape(
        "recovery",
        Kind::Duration,
        Stats::None,
        Of::Flow,
        Scopes::None,
    ),
    shape("lost", Kind::Count, Stats::None, Of::Flow, Scopes::Span),
    shape(
        "compensated",
        Kind::Count,
        Stats::None,
        Of::Flow,
        Scopes::Span,
    ),
    shape(
        "dead_lettered",
        Kind::Count,
        Stats::None,
        Of::Flow,
        Scopes::Span,
    ),
    shape(
        "duplicates_applied",
        Kind::Count,
        Stats::None,
        Of::Flow,
        Scopes::Span,
    ),
    shape(
        "unfinished",
        Kind::Count,
        Stats::None,
        Of::Flow,
        Scopes::Span,
    ),
    shape(
        "amplification",
        Kind::Ratio,
        Stats::None,
        Of::Flow,
        Scopes::None,
    ),
    shape(
        "breaker_open",
        Kind::Share,
        Stats::None,
        Of::Flow,
        Scopes::None,
    ),
    shape(
        "staleness",
        Kind::Duration,
        Stats::Spread,
        Of::Data,
        Scopes::Span,
    ),
    shape(
        "wasted_work",
        Kind::Share,
        Stats::None,
        Of::System,
        Scopes::None,
    ),
    shape(
        "utilization",
        Kind::Share,
        Stats::None,
        Of::System,
        Scopes::None,
    ),
];

/// Metrics of the language that nothing measures yet.
pub(crate) const LATER: &[&str] = &["blast_radius"];

/// The metric of a word that takes no argument.
pub(crate) fn plain(word: &str) -> Metric {
    match word {
        "availability" => Metric::Availability,
        "degraded" => Metric::Degraded,
        "windowed_availability" => Metric::WindowedAvailability,
        "latency" => Metric::Latency,
        "completion" => Metric::Completion,
        "goodput" => Metric::Goodput,
        "throughput" => Metric::Throughput,
        "backlog" => Metric::Backlog,
        "message_age" => Metric::MessageAge,
        "lost" => Metric::Lost,
        "dead_lettered" => Metric::DeadLettered,
        "compensated" => Metric::Compensated,
        "duplicates_applied" => Metric::DuplicatesApplied,
        "unfinished" => Metric::Unfinished,
        "amplification" => Metric::Amplification,
        "wasted_work" => Metric::WastedWork,
        other => unreachable!("`{other}` is in SHAPES and takes no argument"),
    }
}
