//! Retry, redelivery and backoff.

use super::{COUNT, COUNT_OR_UNLIMITED, Choice, Field, Kind, NEVER, Record, SPAN, SPAN_OR_ZERO};

/// `retry`.
pub(in crate::scenario) static RETRY: Record = Record {
    what: "retry",
    doc: "Further attempts after a failure.",
    fields: &[
        Field::new(
            "attempts",
            COUNT_OR_UNLIMITED,
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
        Field::new(
            "budget",
            Kind::Record(&BUDGET),
            "Bounds retries: by a bucket of tokens that successes fill, or as a share of first attempts.",
        )
        .or_rule("none"),
    ],
};

/// `rate_limit`, long.
pub(in crate::scenario) static RATE_LIMIT: Record = Record {
    what: "rate limit",
    doc: "A token bucket, or windows.",
    fields: &[
        Field::new("rate", Kind::Rate, "So many per time in the mean.").required(),
        Field::new("burst", COUNT, "So many at once, of a token bucket.")
            .or_rule("a second's worth, at least 1"),
        Field::new("algorithm", Kind::Choice(ALGORITHMS), "How it counts.").or("token_bucket"),
        Field::new(
            "window",
            SPAN,
            "How long a window is; it lets through what `rate` brings in that time, at least 1.",
        )
        .or_rule("1s"),
    ],
};

static ALGORITHMS: &[Choice] = &[
    Choice::new(
        "token_bucket",
        "Tokens come at the rate; a burst takes those saved up.",
    ),
    Choice::new("fixed_window", "So many in each window, one after another."),
    Choice::new(
        "sliding_window",
        "So many in every span of a window's length.",
    ),
];

/// `retry.budget`.
static BUDGET: Record = Record {
    what: "retry budget",
    doc: "What the retries of each instance of the caller may draw upon.",
    fields: &[
        Field::new(
            "tokens",
            COUNT,
            "A bucket holds so many tokens, full at first; a retry takes one.",
        )
        .or_rule("none; or write `share`"),
        Field::new(
            "refill",
            Kind::Share,
            "What each success puts back, as a share of a token.",
        )
        .or_rule("10%, with `tokens`"),
        Field::new("takes", Kind::Choice(TAKES), "What takes a token.")
            .or_rule("retries, with `tokens`"),
        Field::new(
            "share",
            Kind::Share,
            "Retries for each first attempt of the window.",
        )
        .or_rule("none; or write `tokens`"),
        Field::new("at_least", Kind::Rate, "Retries that are free beside that.")
            .or_rule("10/s, with `share`"),
        Field::new(
            "failures",
            Kind::Share,
            "There are retries as long as no larger share than this of the calls has failed attempts.",
        )
        .or_rule("none; or write `tokens`, or `share`"),
        Field::new("window", NEVER, "How far back attempts count; `none` for all the time.")
            .or_rule("10s, with `share` or `failures`"),
    ],
};

static TAKES: &[Choice] = &[
    Choice::new("retries", "Each retry, as long as there is a token."),
    Choice::new(
        "failures",
        "Each attempt that fails; there are retries as long as more than half is left (gRPC).",
    ),
];

/// `circuit_breaker`.
pub(in crate::scenario) static BREAKER: Record = Record {
    what: "circuit breaker",
    doc: "Stops calling what fails, and tries again later.",
    fields: &[
        Field::new(
            "preset",
            Kind::Choice(BREAKERS),
            "The defaults of a library, where a key is not written.",
        )
        .or_rule("resilience4j, unless `consecutive` alone is written"),
        Field::new("window_calls", COUNT, "Looks back upon so many attempts.")
            .or_rule("100, or the preset's"),
        Field::new("window", SPAN, "Looks back so long, instead.").or_rule("the preset's"),
        Field::new(
            "minimum_calls",
            COUNT,
            "With fewer attempts in the window it does not open.",
        )
        .or_rule("100, or the preset's"),
        Field::new(
            "failure_share",
            Kind::Share,
            "Opens at this share of failures.",
        )
        .or_rule("50%, or the preset's"),
        Field::new("slow_call", NEVER, "An attempt that takes longer is slow.")
            .or_rule("60s, or the preset's"),
        Field::new(
            "slow_share",
            Kind::Share,
            "Opens at this share of slow attempts.",
        )
        .or_rule("100%"),
        Field::new(
            "consecutive",
            COUNT,
            "Opens after so many failures in a row.",
        )
        .or_rule("none, or the preset's"),
        Field::new(
            "wait_in_open_state",
            SPAN,
            "How long it turns everything away.",
        )
        .or_rule("60s, or the preset's"),
        Field::new(
            "probes",
            COUNT,
            "Attempts it lets through then, before it decides.",
        )
        .or_rule("10; 1 with `consecutive` alone; or the preset's"),
        Field::new(
            "when",
            Kind::Choices(OUTCOMES),
            "Which outcomes are failures.",
        )
        .or_rule("every failure"),
        Field::new(
            "shared",
            Kind::Bool,
            "Do all instances of the caller share one?",
        )
        .or_rule("false"),
    ],
};

static BREAKERS: &[Choice] = &[
    Choice::new("resilience4j", "100 calls, 50 %, open 60 s, 10 probes."),
    Choice::new(
        "polly",
        "30 s, at least 100 calls, 10 %, open 5 s, 1 probe.",
    ),
    Choice::new(
        "hystrix",
        "10 s, at least 20 calls, 50 %, open 5 s, 1 probe.",
    ),
    Choice::new(
        "opossum",
        "10 s, 50 %, open 30 s, 1 probe: the first failure may open it.",
    ),
    Choice::new("gobreaker", "6 failures in a row, open 60 s, 1 probe."),
    Choice::new("failsafe", "1 failure, open 60 s, 1 probe."),
];

/// `adaptive_throttle`.
pub(in crate::scenario) static THROTTLE: Record = Record {
    what: "adaptive throttle",
    doc: "A caller turns attempts away with chance (requests - k * accepts) / (requests + 1).",
    fields: &[
        Field::new(
            "k",
            Kind::Factor,
            "With 2 the callee sees about twice what it accepts.",
        )
        .or_rule("2"),
        Field::new("window", SPAN, "How far back requests and accepts count.").or_rule("2m"),
        Field::new(
            "shared",
            Kind::Bool,
            "Do all instances of the caller share it?",
        )
        .or_rule("false"),
    ],
};

/// `concurrency_limit`.
pub(in crate::scenario) static LIMIT: Record = Record {
    what: "concurrency limit",
    doc: "A bound on attempts under way that is found out.",
    fields: &[
        Field::new("law", Kind::Choice(LAWS), "How it changes.").or_rule("aimd"),
        Field::new("initial", COUNT, "The limit at first.").or_rule("20"),
        Field::new("least", COUNT, "Not fewer than these.")
            .or_rule("20, or `initial` if that is less"),
        Field::new("most", COUNT, "Not more than these.").or_rule("200"),
        Field::new(
            "too_slow",
            SPAN,
            "An attempt that takes longer is a failure, for `aimd`.",
        )
        .or_rule("5s"),
        Field::new(
            "shared",
            Kind::Bool,
            "Do all instances of the caller share it?",
        )
        .or_rule("false"),
    ],
};

static LAWS: &[Choice] = &[
    Choice::new(
        "aimd",
        "One more after a success, a tenth less after a failure.",
    ),
    Choice::new("gradient", "By how much longer than usual attempts take."),
];

/// `outlier_ejection`.
pub(in crate::scenario) static OUTLIER: Record = Record {
    what: "outlier ejection",
    doc: "When a caller takes an instance off its list.",
    fields: &[
        Field::new("consecutive", COUNT, "After so many failures in a row.").or_rule("5"),
        Field::new(
            "eject_for",
            SPAN,
            "For how long, times the number of times that it has been taken off.",
        )
        .or_rule("30s"),
        Field::new("at_most", SPAN, "For no longer than this.").or_rule("5m"),
        Field::new(
            "most",
            Kind::Share,
            "No more than this share of the instances at once, but always one.",
        )
        .or_rule("10%"),
    ],
};

/// `hedge`.
pub(in crate::scenario) static HEDGE: Record = Record {
    what: "hedge",
    doc: "When the same request is sent once more, beside one that is still out.",
    fields: &[
        Field::new(
            "after",
            SPAN_OR_ZERO,
            "After so long; `0s` sends all at once.",
        )
        .or_rule("none; or write `at`"),
        Field::new(
            "at",
            Kind::Quantile,
            "After this quantile of what first requests have taken lately, e.g. `p95`.",
        )
        .or_rule("none; or write `after`"),
        Field::new("most", COUNT, "Requests beside the first.").or_rule("1"),
        Field::new(
            "tied",
            Kind::Bool,
            "Does the first request that an instance begins to work for withdraw the others, wherever they wait?",
        )
        .or_rule("false"),
        Field::new(
            "budget",
            Kind::Record(&BUDGET),
            "Bounds hedges, as one of `retry` bounds retries.",
        )
        .or_rule("none"),
    ],
};

/// `bulkhead`.
pub(in crate::scenario) static BULKHEAD: Record = Record {
    what: "bulkhead",
    doc: "Bounds the attempts under way of each instance of the caller.",
    fields: &[
        Field::new("most", COUNT, "Attempts under way at once, at most.").required(),
        Field::new(
            "shared",
            Kind::Bool,
            "Do all instances of the caller share one?",
        )
        .or_rule("false"),
        Field::new(
            "queue",
            Kind::Count {
                least: 0,
                unlimited: true,
            },
            "Places to wait for one: a connection pool is a bulkhead with a waiting line.",
        )
        .or_rule("0"),
        Field::new("wait", NEVER, "How long to wait for one.").or_rule("none"),
    ],
};

/// What `order` may name.
pub(in crate::scenario) static ORDERED: &[Choice] = &[
    Choice::new("retry", "Further attempts."),
    Choice::new("circuit_breaker", "Stops calling what fails."),
    Choice::new("rate_limit", "Bounds attempts per time."),
    Choice::new("bulkhead", "Bounds attempts under way."),
    Choice::new("concurrency_limit", "Bounds them by what it finds out."),
    Choice::new("adaptive_throttle", "Turns away what is not accepted."),
];

/// `publish.retry`.
pub(in crate::scenario) static PUBLISH_RETRY: Record = Record {
    what: "retry",
    doc: "Further attempts after a failure.",
    fields: &[
        Field::new(
            "attempts",
            COUNT_OR_UNLIMITED,
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
            COUNT_OR_UNLIMITED,
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
        Field::new("from", SPAN, "The first wait.").required(),
        Field::new("to", SPAN, "The longest wait.").or_rule("given, unless constant"),
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
    Choice::new("shed", "Load shedding turned the attempt away."),
    Choice::new("breaker_open", "A circuit breaker turned the attempt away."),
    Choice::new("bulkhead_full", "A bulkhead was full."),
];
