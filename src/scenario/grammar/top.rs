//! The top level of a scenario file, flows, traffic and the run.

use super::data::DATA;
use super::faults::FAULT;
use super::system::{BROKER, SERVICE};
use super::{COUNT, COUNT_OR_UNLIMITED, Choice, Field, Keys, Kind, Record, SPAN, SPAN_OR_ZERO};

/// The file.
pub(in crate::scenario) static FILE: Record = Record {
    what: "scenario",
    doc: "A brownout scenario: one business flow under several wirings.",
    fields: &[
        Field::new(
            "brownout",
            Kind::Version,
            "Version of the scenario language.",
        )
        .or("1"),
        Field::new("name", Kind::Text, "What the study is called.").or_rule("the file's name"),
        Field::new("question", Kind::Text, "The question the study answers."),
        Field::new(
            "flows",
            Kind::Map(&FLOW, Keys::Names),
            "What the business does: steps in order, without any wiring.",
        )
        .required(),
        Field::new(
            "services",
            Kind::Map(&SERVICE, Keys::Names),
            "Who does the work, and what each can do alone.",
        )
        .required(),
        Field::new(
            "brokers",
            Kind::Map(&BROKER, Keys::Names),
            "Message brokers.",
        ),
        Field::new(
            "data",
            Kind::Map(&DATA, Keys::Names),
            "Data that steps read and write.",
        ),
        Field::new("network", Kind::Dist, "Transit time of one hop.").or("0s"),
        Field::later(
            "zones",
            "Where instances stand.",
            "write `zones` at each service",
        ),
        Field::later(
            "discovery",
            "How callers learn which instances are up.",
            "write `discovery` at each service",
        ),
        Field::new(
            "traffic",
            Kind::Map(&SOURCE, Keys::Names),
            "How load comes.",
        )
        .required(),
        Field::new(
            "variants",
            Kind::Variants,
            "How the flow is wired: what is compared.",
        )
        .required(),
        Field::new(
            "faults",
            Kind::Map(&FAULT, Keys::Names),
            "What goes wrong, where and when.",
        ),
        Field::new("slo", Kind::SloMap, "What must hold."),
        Field::new(
            "run",
            Kind::Record(&RUN),
            "How long is simulated, and how often.",
        )
        .required(),
        Field::later("sweep", "What to vary.", "give `--set` one value at a time"),
        Field::new(
            "sources",
            Kind::TextMap,
            "Where each number came from: path to text.",
        ),
    ],
};

/// The blocks that a variant may overlay.
pub(in crate::scenario) const OVERLAYS: &[&str] = &[
    "flows",
    "services",
    "brokers",
    "network",
    "traffic",
    "faults",
    "slo",
    "run",
    "sources",
    "data",
    "zones",
    "discovery",
];

static FLOW: Record = Record {
    what: "flow",
    doc: "One business transaction.",
    fields: &[
        Field::new("from", Kind::Name, "The traffic source whose clients want it.").or_rule("the source whose `flow` names this one, or the only source"),
        Field::new("steps", Kind::Steps, "The steps in order; a nested list runs in parallel.").required(),
        Field::new("answer_needs", Kind::Names, "Steps that must be done before the client may be answered.").or_rule("the first step"),
        Field::new("done_when", Kind::AllOrNames, "When the flow run is complete: `all` (every step that is not optional) or these steps.").or("all"),
    ],
};

/// A step's long form.
pub(in crate::scenario) static STEP: Record = Record {
    what: "step",
    doc: "One piece of work at a service.",
    fields: &[
        Field::new("service", Kind::Name, "The service that does it.")
            .or_rule("the service of the step's name"),
        Field::new("action", Kind::Text, "What it does, as a label."),
        Field::new(
            "service_time",
            Kind::Dist,
            "Its own time, without queueing and without callees.",
        )
        .or_rule("the service's"),
        Field::new(
            "optional",
            Kind::Bool,
            "May it fail without failing the flow?",
        )
        .or("false"),
        Field::new(
            "probability",
            Kind::Share,
            "Share of flow runs that need it.",
        )
        .or("100%"),
        Field::new(
            "then",
            Kind::Steps,
            "What this step itself needs before it can finish.",
        ),
        Field::new(
            "compensate",
            Kind::Record(&COMPENSATE),
            "What undoes it in a saga, when a later step fails for good; `{}` for the same service.",
        ),
        Field::later(
            "times",
            "How often it is done.",
            "write the step several times under different names",
        ),
        Field::new(
            "key",
            Kind::Record(&KEY),
            "What orders its messages, and spreads them over partitions.",
        ),
        Field::new(
            "priority",
            Kind::Count {
                least: 0,
                unlimited: false,
            },
            "Its rank at a service of `discipline: priority`: the highest is served first.",
        )
        .or("0"),
        Field::new(
            "size",
            Kind::Size,
            "Bytes of its message, for a broker with a `throughput`.",
        )
        .or_rule("0B"),
        Field::new("reads", Kind::Name, "The data it reads."),
        Field::new("writes", Kind::Name, "The data it writes."),
    ],
};

static COMPENSATE: Record = Record {
    what: "compensation",
    doc: "What undoes a step.",
    fields: &[
        Field::new("service", Kind::Name, "The service that undoes it.").or_rule("the step's"),
        Field::new("service_time", Kind::Dist, "How long that takes.").or_rule("the service's"),
    ],
};

static KEY: Record = Record {
    what: "key",
    doc: "The keys that a step's messages carry.",
    fields: &[
        Field::new(
            "of",
            COUNT_OR_UNLIMITED,
            "How many keys there are, equally popular but for the hot one.",
        )
        .or("unlimited"),
        Field::new(
            "hot",
            Kind::Share,
            "Share of the flow runs that carry one same key.",
        )
        .or("0%"),
    ],
};

static SOURCE: Record = Record {
    what: "traffic source",
    doc: "An open source of load.",
    fields: &[
        Field::new("flow", Kind::Name, "The flow its clients want.")
            .or_rule("the flow whose `from` names it"),
        Field::new("rate", Kind::Rate, "Arrivals per time.")
            .or_rule("given, unless there are `stages`"),
        Field::new(
            "arrivals",
            Kind::Choice(SPACINGS),
            "How arrivals lie within the rate.",
        )
        .or("poisson"),
        Field::new("start", Kind::Rate, "The rate at which `stages` begin.")
            .or_rule("0/s, or the first target if there is only one stage"),
        Field::new(
            "stages",
            Kind::Stages,
            "The rate moves in straight lines: each stage reaches its target after its duration.",
        ),
        Field::new(
            "patience",
            Kind::Duration {
                never: Some("none"),
                zero: false,
            },
            "How long a client waits before it leaves.",
        )
        .or("none"),
        Field::new(
            "plan",
            Kind::Rate,
            "What the gateway lets its clients ask for, polls apart: calls above this rate are throttled; a second's worth may come at once.",
        )
        .or_rule("none"),
        Field::new(
            "bursts",
            Kind::Record(&BURSTS),
            "With `arrivals: bursty`: phases of chance around the mean `rate`.",
        )
        .or_rule("given, for `arrivals: bursty`"),
        Field::new(
            "burst",
            Kind::Record(&BURST),
            "So many more arrivals, once.",
        )
        .or_rule("none"),
        Field::new(
            "users",
            COUNT,
            "So many users, instead of a `rate`: each thinks, asks, waits for the answer, and thinks again.",
        ),
        Field::new(
            "think_time",
            Kind::Dist,
            "How long users think before each question.",
        )
        .or_rule("given, with `users`"),
        Field::new(
            "file",
            Kind::Replay,
            "Arrivals from a CSV file, instead of a `rate`: when each client came, or a rate for each second.",
        ),
    ],
};

static SPACINGS: &[Choice] = &[
    Choice::new("poisson", "Independent of each other."),
    Choice::new("constant", "Evenly spaced."),
    Choice::new("bursty", "In bursts, as `bursts` says (MMPP-2)."),
];

/// `traffic.<t>.file`.
pub(in crate::scenario) static REPLAY: Record = Record {
    what: "arrivals file",
    doc: "A CSV file with a header, beside the scenario.",
    fields: &[
        Field::new("path", Kind::Text, "The file.").required(),
        Field::new("column", Kind::Text, "The column that counts.").or_rule("the only one"),
        Field::new("holds", Kind::Choice(HOLDS), "What stands in it.").or("instants"),
        Field::new(
            "unit",
            Kind::Choice(UNITS),
            "Of instants: in what they are told.",
        )
        .or_rule("given, for instants"),
        Field::new(
            "opens_at",
            Kind::Choice(OPENS_AT),
            "Of instants: which of them is the opening of the measured window.",
        )
        .or_rule("zero"),
        Field::new("every", SPAN, "Of rates: for how long each holds.").or_rule("1s"),
        Field::new(
            "sha256",
            Kind::Text,
            "What the file is known by; another content is refused.",
        )
        .or_rule("whatever it holds"),
    ],
};

static HOLDS: &[Choice] = &[
    Choice::new("instants", "When each client came."),
    Choice::new("rates", "Arrivals per second, one span after another."),
];

static UNITS: &[Choice] = &[
    Choice::new("ns", "Nanoseconds."),
    Choice::new("us", "Microseconds."),
    Choice::new("ms", "Milliseconds."),
    Choice::new("s", "Seconds."),
];

static OPENS_AT: &[Choice] = &[
    Choice::new("zero", "Zero, on the file's clock."),
    Choice::new("first", "The first instant of all."),
];

/// `traffic.<t>.bursts`.
static BURSTS: Record = Record {
    what: "bursts",
    doc: "Two phases that take turns, each of exponential length.",
    fields: &[
        Field::new("peak", Kind::Rate, "The rate in a burst.").required(),
        Field::new("lasts", SPAN, "How long a burst lasts, on average.").required(),
        Field::new(
            "every",
            SPAN,
            "From the beginning of one burst to that of the next, on average.",
        )
        .required(),
    ],
};

/// `traffic.<t>.burst`.
static BURST: Record = Record {
    what: "burst",
    doc: "So many more arrivals, at an even rate over a span.",
    fields: &[
        Field::new(
            "at",
            SPAN_OR_ZERO,
            "When it begins, from the opening of the measured window.",
        )
        .required(),
        Field::new(
            "count",
            COUNT,
            "How many more arrivals, on average if they are by chance.",
        )
        .required(),
        Field::new("over", SPAN, "How long it takes.").required(),
    ],
};

/// One stage of a source.
pub(in crate::scenario) static STAGE: Record = Record {
    what: "stage",
    doc: "A straight line to a rate.",
    fields: &[
        Field::new("duration", SPAN_OR_ZERO, "How long it takes.").required(),
        Field::new("target", Kind::Rate, "The rate at its end.").required(),
    ],
};

static RUN: Record = Record {
    what: "run",
    doc: "How long is simulated, and how often.",
    fields: &[
        Field::new("duration", SPAN, "The measured window.").required(),
        Field::new("warmup", SPAN_OR_ZERO, "Simulated before counting begins.")
            .or_rule("10% of the duration, or longer if MSER-5 finds that it takes that to settle"),
        Field::new(
            "drain",
            SPAN_OR_ZERO,
            "The longest time after the window to let counted flow runs finish.",
        )
        .or_rule("the larger of the window and 10m"),
        Field::new(
            "replications",
            COUNT,
            "Independent runs of each variant; with `precision` the fewest.",
        )
        .or("10"),
        Field::new(
            "max_replications",
            COUNT,
            "The most.",
        )
        .or_rule("`replications`; with `precision` the larger of that and 1000"),
        Field::new("seed", Kind::Seed, "Seed of every draw.").or("1"),
        Field::new("confidence", Kind::Share, "Level of every interval.").or("95%"),
        Field::new(
            "precision",
            Kind::Share,
            "Replicate until every SLO line is decided, or known to ± this share of its value; without SLO lines until availability, median and 99 % quantile of the time to the answer are.",
        )
        .or_rule("none"),
    ],
};
