//! SLO lines: the metrics and what each may be compared with.

use super::Support::{self, Built};
use super::{Field, Kind, Record};

/// A metric of an SLO line.
#[derive(Debug)]
pub(in crate::scenario) struct Metric {
    /// Its word.
    pub(in crate::scenario) word: &'static str,
    /// What its argument names, if it takes one: `fault`, `service`, `step`.
    pub(in crate::scenario) argument: Option<&'static str>,
    /// Does it have statistics (`p99`, `mean`, `max`)?
    pub(in crate::scenario) stats: Stats,
    /// What it is compared with.
    pub(in crate::scenario) target: Target,
    /// Can this version measure it?
    pub(in crate::scenario) support: Support,
}

/// Does a metric have statistics?
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::scenario) enum Stats {
    /// It is one number.
    None,
    /// One must be named.
    Required,
    /// One may be named.
    Optional,
}

/// What a metric is compared with.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::scenario) enum Target {
    /// A share.
    Share,
    /// A duration.
    Duration,
    /// A count.
    Count,
    /// A rate.
    Rate,
    /// A plain number.
    Number,
    /// A count or a share of the counted flow runs.
    CountOrShare,
}

const fn metric(word: &'static str, stats: Stats, target: Target, support: Support) -> Metric {
    Metric {
        word,
        argument: None,
        stats,
        target,
        support,
    }
}

impl Metric {
    /// The same, of something named in brackets.
    const fn of(mut self, argument: &'static str) -> Self {
        self.argument = Some(argument);
        self
    }
}

/// Every metric, in the order of the documentation.
pub(in crate::scenario) static METRICS: &[Metric] = &[
    metric("availability", Stats::None, Target::Share, Built),
    metric("degraded", Stats::None, Target::Share, Built),
    metric("latency", Stats::Required, Target::Duration, Built),
    metric("completion", Stats::Required, Target::Duration, Built),
    metric("goodput", Stats::None, Target::Rate, Built),
    metric("throughput", Stats::None, Target::Rate, Built),
    metric("backlog", Stats::Optional, Target::Count, Built),
    metric("message_age", Stats::Required, Target::Duration, Built),
    metric("recovery", Stats::None, Target::Duration, Built).of("fault"),
    metric("lost", Stats::None, Target::CountOrShare, Built),
    metric("dead_lettered", Stats::None, Target::CountOrShare, Built),
    metric("compensated", Stats::None, Target::CountOrShare, Built),
    metric(
        "duplicates_applied",
        Stats::None,
        Target::CountOrShare,
        Built,
    ),
    metric("unfinished", Stats::None, Target::CountOrShare, Built),
    metric("staleness", Stats::Required, Target::Duration, Built),
    metric("amplification", Stats::None, Target::Number, Built),
    metric("wasted_work", Stats::None, Target::Share, Built),
    metric("utilization", Stats::None, Target::Share, Built).of("service"),
    metric("breaker_open", Stats::None, Target::Share, Built).of("step"),
    metric("windowed_availability", Stats::None, Target::Share, Built),
];

/// Words between the value and a fault.
pub(in crate::scenario) const SCOPES: &[&str] = &["during", "after", "outside"];

/// The long form of an SLO line.
pub(in crate::scenario) static LINE: Record = Record {
    what: "slo",
    doc: "What must hold.",
    fields: &[
        Field::new(
            "expect",
            Kind::Slo,
            "The line: metric, statistic, comparison, value.",
        )
        .required(),
        Field::new("title", Kind::Text, "What it is called in reports.").or_rule("its name"),
        Field::new("variants", Kind::Names, "The variants it binds.").or_rule("all"),
    ],
};
