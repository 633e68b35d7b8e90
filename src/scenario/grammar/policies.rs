//! Retry, redelivery and backoff.

use super::{Choice, Field, Kind, Record};

/// `retry`.
pub(in crate::scenario) static RETRY: Record = Record {
    what: "retry",
    doc: "Further attempts after a failure.",
    fields: &[
        Field::new(
            "attempts",
            Kind::Count {
                least: 1,
                unlimited: true,
            },
            "Attempts in all, the first included.",
        )
        .or("3"),
        Field::new(
            "backoff",
            Kind::Backoff,
            "The wait before each further attempt.",
        )
        .or("100ms..1s"),
        Field::new(
            "jitter",
            Kind::Choice(JITTERS),
            "How chance spreads the wait.",
        )
        .or("full"),
        Field::new(
            "when",
            Kind::Choices(OUTCOMES),
            "After which outcomes to try again.",
        )
        .or_rule("every failure"),
        Field::later(
            "budget",
            "Bounds retries as a share of successes.",
            "bound `attempts`",
        ),
    ],
};

/// `publish.retry`.
pub(in crate::scenario) static PUBLISH_RETRY: Record = Record {
    what: "retry",
    doc: "Further attempts after a failure.",
    fields: &[
        Field::new(
            "attempts",
            Kind::Count {
                least: 1,
                unlimited: true,
            },
            "Attempts in all, the first included.",
        )
        .or("5"),
        Field::new(
            "backoff",
            Kind::Backoff,
            "The wait before each further attempt.",
        )
        .or("100ms..10s"),
        Field::new(
            "jitter",
            Kind::Choice(JITTERS),
            "How chance spreads the wait.",
        )
        .or("none"),
        Field::new(
            "when",
            Kind::Choices(OUTCOMES),
            "After which outcomes to try again.",
        )
        .or_rule("every failure"),
        Field::later(
            "budget",
            "Bounds retries as a share of successes.",
            "bound `attempts`",
        ),
    ],
};

/// `redeliver`.
pub(in crate::scenario) static REDELIVER: Record = Record {
    what: "redelivery",
    doc: "Further deliveries after a failure.",
    fields: &[
        Field::new(
            "attempts",
            Kind::Count {
                least: 1,
                unlimited: true,
            },
            "Deliveries in all, the first included.",
        )
        .or_rule("5, or the preset's"),
        Field::new(
            "backoff",
            Kind::Backoff,
            "The wait before each further delivery.",
        )
        .or_rule("1s..1m, or the preset's"),
        Field::new(
            "jitter",
            Kind::Choice(JITTERS),
            "How chance spreads the wait.",
        )
        .or("none"),
        Field::new(
            "preset",
            Kind::Choice(SCHEDULES),
            "A known schedule, where `attempts` and `backoff` are not written.",
        ),
        Field::later(
            "when",
            "After which outcomes to deliver again.",
            "every failure is delivered again",
        ),
    ],
};

static SCHEDULES: &[Choice] = &[Choice::new(
    "standard_webhooks",
    "10 attempts over 76 h: the example of the Standard Webhooks specification.",
)];

/// `backoff`, the long form.
pub(in crate::scenario) static BACKOFF: Record = Record {
    what: "backoff",
    doc: "How a wait grows.",
    fields: &[
        Field::new("kind", Kind::Choice(BACKOFFS), "How it grows.").required(),
        Field::new(
            "from",
            Kind::Duration {
                never: None,
                zero: false,
            },
            "The first wait.",
        )
        .required(),
        Field::new(
            "to",
            Kind::Duration {
                never: None,
                zero: false,
            },
            "The longest wait.",
        )
        .or_rule("given, unless constant"),
        Field::new(
            "factor",
            Kind::Factor,
            "Growth from one wait to the next, if exponential.",
        )
        .or_rule("2"),
    ],
};

static BACKOFFS: &[Choice] = &[
    Choice::new("constant", "The same wait each time."),
    Choice::new("linear", "Once, twice, three times the first."),
    Choice::new("exponential", "Multiplied by `factor` each time."),
    Choice::new(
        "decorrelated",
        "By chance between `from` and three times the wait before.",
    ),
];

static JITTERS: &[Choice] = &[
    Choice::new("none", "The wait as it is."),
    Choice::new("full", "Anywhere from zero to the wait."),
    Choice::new("equal", "Half the wait, and anywhere up to the other half."),
];

/// Outcomes that `retry.when` may name.
pub(in crate::scenario) static OUTCOMES: &[Choice] = &[
    Choice::new("error", "The callee answered with an error."),
    Choice::new("timeout", "The attempt took too long."),
    Choice::new("refused", "The callee was down and said so."),
    Choice::new("reset", "The callee went down with the attempt inside."),
    Choice::new("unreachable", "The way to the callee was cut."),
    Choice::new("overloaded", "The callee's queue was full."),
    Choice::new("throttled", "A rate limit turned the attempt away."),
    Choice::later("shed", "Load shedding turned the attempt away.", ""),
    Choice::later(
        "breaker_open",
        "A circuit breaker turned the attempt away.",
        "",
    ),
    Choice::later("bulkhead_full", "A bulkhead was full.", ""),
    Choice::later("budget_empty", "The retry budget was empty.", ""),
];
