//! Faults: when, where and what.

use super::{COUNT, Choice, Field, Kind, Record, SPAN, SPAN_OR_ZERO};

/// `faults.<name>`.
pub(in crate::scenario) static FAULT: Record = Record {
    what: "fault",
    doc: "A timed cause of trouble, with one or more effects.",
    fields: &[
        Field::new(
            "at",
            SPAN_OR_ZERO,
            "When it begins, from the opening of the measured window; with `when`, from when on somebody watches.",
        )
        .required_unless(&["random", "when"]),
        Field::new(
            "for",
            SPAN,
            "How long it lasts.",
        )
        .or_rule("`restart_after`; as long as it holds, with `when`"),
        Field::new(
            "every",
            SPAN,
            "Repeats with this period.",
        ),
        Field::new(
            "target",
            Kind::Target,
            "A service, a broker, a zone, a link `a -> b` (of two zones: all that goes across), a traffic source, or `discovery`.",
        )
        .required_unless(&["cut"]),
        Field::new(
            "replicas",
            COUNT,
            "How many instances of a service it hits.",
        )
        .or_rule("all"),
        Field::new(
            "rolling",
            Kind::Bool,
            "The first instances, then the next ones, until all have had their turn, as in a deployment; `every` is then from one to the next.",
        )
        .or_rule("false"),
        Field::new(
            "share",
            Kind::Share,
            "The share of a service's instances it hits, instead; at least one.",
        )
        .or_rule("all"),
        Field::new(
            "down",
            Kind::Choice(DOWN),
            "Work inside is lost; new work is refused or swallowed.",
        ),
        Field::new(
            "pause",
            Kind::Bool,
            "Frozen: nothing is lost, everything waits.",
        ),
        Field::new("errors", Kind::Share, "Share answered with an error."),
        Field::new("latency", Kind::Change, "Slower: `+400ms` or `x10`."),
        Field::new(
            "capacity",
            Kind::Share,
            "Share of the workers that is left.",
        ),
        Field::new("drop", Kind::Share, "Share lost on the way."),
        Field::new(
            "drop_replies",
            Kind::Share,
            "Share of replies lost on the way.",
        ),
        Field::new(
            "random",
            Kind::Record(&RANDOM),
            "By chance, instead of `at`, `for` and `every`: the same times in every variant.",
        ),
        Field::new(
            "when",
            Kind::Trigger,
            "It begins when this is so, looked at every 100ms: `backlog(orders) > 10k`, `utilization(payment) > 90%`; and again whenever it has not been so meanwhile.",
        ),
        Field::new(
            "ramp",
            SPAN,
            "For how long it grows in a straight line to its full strength, as a part of `for`.",
        )
        .or_rule("it is there at once"),
        Field::new(
            "duplicate",
            Kind::Share,
            "Share of messages doubled on the way to the broker.",
        ),
        Field::new(
            "poison",
            Kind::Share,
            "Share of messages at the broker that can never be processed.",
        ),
        Field::new(
            "throttle",
            Kind::Rate,
            "Calls of a service, or messages to a broker, above this rate are refused.",
        ),
        Field::new(
            "cut",
            Kind::Cut,
            "Two zones between which nothing gets through, `[zone_a, zone_b]`; or one way only, `zone_a -> zone_b`. Instead of `target`.",
        ),
        Field::new(
            "kill",
            COUNT,
            "Crash of so many instances of a service, or of a broker (`1`): as `down: refuse`.",
        ),
        Field::new(
            "restart_after",
            SPAN,
            "When what was killed comes back, instead of `for`.",
        ),
        Field::new(
            "lose",
            Kind::Choice(LOSE),
            "What a broker loses when it goes down, although it is durable.",
        ),
        Field::new(
            "load",
            Kind::Change,
            "At a traffic source: so many times as many clients come, `x5`, or so many more or less, `-20%`.",
        ),
    ],
};

/// `faults.<name>.random`.
static RANDOM: Record = Record {
    what: "random fault",
    doc: "How long the target is well, and ill, and so on from the begin of the run.",
    fields: &[
        Field::new(
            "mtbf",
            Kind::Dist,
            "From the end of one outage to the begin of the next, e.g. `exponential 30d`.",
        )
        .required(),
        Field::new("mttr", Kind::Dist, "How long an outage lasts.").required(),
    ],
};

/// The keys that are effects.
pub(in crate::scenario) const EFFECTS: &[&str] = &[
    "down",
    "pause",
    "errors",
    "latency",
    "capacity",
    "drop",
    "drop_replies",
    "duplicate",
    "poison",
    "throttle",
    "kill",
    "load",
    "cut",
];

static LOSE: &[Choice] = &[
    Choice::new("unflushed", "What came within its `flush`."),
    Choice::new(
        "unacked",
        "That, and what is delivered or put off and not acknowledged.",
    ),
    Choice::new("all", "Everything that is stored."),
];

static DOWN: &[Choice] = &[
    Choice::new("refuse", "Fails at once; callers hear of it."),
    Choice::new("hang", "Accepts and never answers."),
];
