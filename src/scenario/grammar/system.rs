//! Services and brokers.

use super::policies::RATE_LIMIT;
use super::{COUNT, COUNT_OR_UNLIMITED, Choice, Field, Kind, NEVER, Record, SPAN, SPAN_OR_ZERO};

/// `services.<name>`.
pub(in crate::scenario) static SERVICE: Record = Record {
    what: "service",
    doc: "A named thing with instances, each a queue and workers.",
    fields: &[
        Field::new("replicas", COUNT, "Instances.").or("1"),
        Field::new(
            "concurrency",
            COUNT_OR_UNLIMITED,
            "Workers of each instance.",
        )
        .or("1"),
        Field::new(
            "queue",
            Kind::Count {
                least: 0,
                unlimited: true,
            },
            "Waiting places of each instance.",
        )
        .or("unlimited"),
        Field::new(
            "service_time",
            Kind::Dist,
            "Its own time, without queueing and without callees.",
        )
        .or_rule("given, unless every step at the service gives its own"),
        Field::new(
            "errors",
            Kind::Share,
            "Share of attempts answered with an error.",
        )
        .or("0%"),
        Field::new(
            "blocking",
            Kind::Bool,
            "Does waiting for a callee keep the worker (a thread per request)?",
        )
        .or("true"),
        Field::new(
            "balance",
            Kind::Choice(BALANCES),
            "Which instance takes the next attempt.",
        )
        .or("round_robin"),
        Field::new(
            "idempotent",
            Kind::Bool,
            "Is doing the same work twice harmless?",
        )
        .or("false"),
        Field::new(
            "discipline",
            Kind::Choice(DISCIPLINES),
            "Who is served first.",
        )
        .or("fifo"),
        Field::new(
            "external",
            Kind::Bool,
            "Does it belong to someone else? Then a worker of the sender calls it for each message.",
        )
        .or("false"),
        Field::new(
            "rate_limit",
            Kind::Limit(&RATE_LIMIT),
            "Calls above this rate are turned away; a second's worth may come at once.",
        ),
        Field::new(
            "autoscale",
            Kind::NoneOr(&AUTOSCALE),
            "Instances follow the load; `replicas` is how many there are at first.",
        )
        .or_rule("none"),
        Field::new(
            "warm_up",
            Kind::Record(&WARM_UP),
            "An instance that has just started, or is up again, is slow for a while.",
        ),
        Field::new(
            "shed",
            Kind::NoneOr(&SHED),
            "Turns calls away that it could serve only too late.",
        )
        .or_rule("none"),
        Field::new(
            "cores",
            COUNT,
            "Cores of each instance, shared by its workers, with `discipline: ps`.",
        )
        .or_rule("1, with `discipline: ps`"),
        Field::new(
            "contention",
            SPAN_OR_ZERO,
            "Each work takes so much longer for each one in service at the instance when it begins, itself included.",
        )
        .or_rule("0s"),
        Field::new(
            "zones",
            Kind::Names,
            "Where its instances stand: the first one in the first zone, and so on in turn.",
        ),
        Field::new("zone", Kind::Name, "The one zone of all its instances."),
        Field::new(
            "discovery",
            Kind::NoneOr(&DISCOVERY),
            "How callers learn which instances are up; without it they send to all, up or not.",
        )
        .or_rule("none"),
        Field::later(
            "preset",
            "Values of a known product.",
            "write the values out",
        ),
    ],
};

static BALANCES: &[Choice] = &[
    Choice::new("round_robin", "Each in turn."),
    Choice::new("random", "Any, by chance."),
    Choice::new("least_requests", "The one with the fewest attempts inside."),
    Choice::new("shared", "One queue for all instances."),
    Choice::new(
        "power_of_two",
        "The one of two by chance with fewer attempts inside.",
    ),
    Choice::new(
        "zone_aware",
        "Each in turn of those in the caller's zone; of all, where none is known to be up there.",
    ),
    Choice::new(
        "hash",
        "The one that the `key` of the step names: the same for the same key.",
    ),
];

static DISCIPLINES: &[Choice] = &[
    Choice::new("fifo", "First come, first served."),
    Choice::new("lifo", "Last come, first served."),
    Choice::new(
        "priority",
        "The step with the highest `priority` first; then first come, first served.",
    ),
    Choice::new(
        "adaptive_lifo",
        "Last come, first served, while somebody has been waiting for 100 ms without a break; else first come, first served.",
    ),
    Choice::new(
        "ps",
        "Processor sharing: what is in service shares the `cores` evenly; who finds no worker waits as for `fifo`.",
    ),
];

/// `services.<name>.autoscale`.
static AUTOSCALE: Record = Record {
    what: "autoscaling",
    doc: "How the number of instances follows the busy share of their workers.",
    fields: &[
        Field::new("min", COUNT, "Not fewer than these.").or_rule("1"),
        Field::new("max", COUNT, "Not more than these.").required(),
        Field::new(
            "target_utilization",
            Kind::Share,
            "The busy share of workers that is aimed at; those that are held by a step that waits are not busy.",
        )
        .or_rule("80%"),
        Field::new("interval", SPAN, "From one decision to the next.").or_rule("15s"),
        Field::new(
            "start_up",
            SPAN_OR_ZERO,
            "From the decision until a new instance takes work.",
        )
        .or_rule("30s"),
        Field::new(
            "cool_down",
            SPAN_OR_ZERO,
            "Instances go only if no decision of so long wanted them.",
        )
        .or_rule("5m"),
    ],
};

/// `services.<name>.warm_up`.
static WARM_UP: Record = Record {
    what: "warm-up of an instance",
    doc: "How slow an instance is that has just come up.",
    fields: &[
        Field::new("for", SPAN, "For how long.").required(),
        Field::new(
            "slowdown",
            Kind::Change,
            "Its own work takes so many times as long, `x3`.",
        )
        .required(),
    ],
};

/// `services.<name>.discovery`.
static DISCOVERY: Record = Record {
    what: "discovery",
    doc: "What callers know of a service's instances.",
    fields: &[
        Field::new(
            "refresh",
            SPAN_OR_ZERO,
            "From one time that callers ask for the list of instances to the next; `0s`: they are told at once.",
        )
        .or_rule("0s"),
        Field::new(
            "health_check",
            Kind::Record(&HEALTH_CHECK),
            "How it is found out which are up.",
        )
        .or_rule("that of Kubernetes: 10s, 1s, 3, 1"),
        Field::new(
            "panic_below",
            Kind::Share,
            "If a smaller share of the instances is known to be up, callers send to all; so they do when none is.",
        )
        .or_rule("0%"),
    ],
};

/// `services.<name>.discovery.health_check`.
static HEALTH_CHECK: Record = Record {
    what: "health check",
    doc: "A look at each instance, from time to time.",
    fields: &[
        Field::new("interval", SPAN, "From one look to the next.").or_rule("10s"),
        Field::new(
            "timeout",
            SPAN,
            "An instance that has not answered by then has failed; shorter than `interval`.",
        )
        .or_rule("1s, or half the interval if that is less"),
        Field::new(
            "unhealthy_after",
            COUNT,
            "So many failures in a row take it out.",
        )
        .or_rule("3"),
        Field::new(
            "healthy_after",
            COUNT,
            "So many successes in a row put it in again.",
        )
        .or_rule("1"),
    ],
};

/// `services.<name>.shed`.
static SHED: Record = Record {
    what: "load shedding",
    doc: "When calls are turned away; with several rules any of them will do.",
    fields: &[
        Field::new("queue", COUNT, "When so many wait at the instance.").or_rule("any number"),
        Field::new(
            "waited",
            NEVER,
            "When a worker reaches it after longer than this.",
        )
        .or_rule("none"),
        Field::new(
            "codel",
            SPAN,
            "The longest wait while the line has not been empty for `interval`; otherwise that is.",
        )
        .or_rule("none"),
        Field::new(
            "interval",
            SPAN,
            "From when on a queue stands, for `codel`.",
        )
        .or_rule("100ms, with `codel`"),
        Field::new(
            "time_left",
            SPAN_OR_ZERO,
            "When its caller will wait no longer than this for the attempt, as soon as a worker reaches it: `0s` for those nobody waits for.",
        )
        .or_rule("none"),
        Field::new(
            "reserve",
            COUNT,
            "So many workers of each instance are for steps of a `priority` of at least `reserve_for`: others are turned away when no more are free.",
        )
        .or_rule("none"),
        Field::new(
            "reserve_for",
            COUNT,
            "The lowest `priority` that may take them.",
        )
        .or_rule("1, with `reserve`"),
        Field::new("share", Kind::Share, "So much of what comes, by chance.").or_rule("0%"),
        Field::new(
            "by",
            Kind::Choice(SHED_BY),
            "What chance decides about, with `share`.",
        )
        .or_rule("call, with `share`"),
    ],
};

static SHED_BY: &[Choice] = &[
    Choice::new("call", "Each call for itself."),
    Choice::new(
        "flow_run",
        "Flow runs: all calls of one, and the same ones at every service.",
    ),
];

/// `brokers.<name>`.
pub(in crate::scenario) static BROKER: Record = Record {
    what: "broker",
    doc: "A message broker: a queue for each consuming step.",
    fields: &[
        Field::new(
            "kind",
            Kind::Choice(KINDS),
            "How messages are kept and handed out.",
        )
        .or("queue"),
        Field::new("publish", Kind::Dist, "Time of one write.").or("0s"),
        Field::new(
            "confirm",
            Kind::Bool,
            "Do senders wait for the broker's word?",
        )
        .or("true"),
        Field::new(
            "capacity",
            COUNT_OR_UNLIMITED,
            "Ready messages in each queue.",
        )
        .or("unlimited"),
        Field::new(
            "when_full",
            Kind::Choice(WHEN_FULL),
            "What happens to a message that finds its queue full.",
        )
        .or("reject"),
        Field::new("durable", Kind::Bool, "Do stored messages survive a crash?").or("true"),
        Field::new(
            "dedup",
            NEVER,
            "For how long it knows what it has had: a message published again within that time is taken and goes nowhere.",
        )
        .or_rule("none"),
        Field::new(
            "flush",
            SPAN_OR_ZERO,
            "How long a message that was written is only in memory: what a crash that loses `unflushed` ones loses.",
        )
        .or("1s"),
        Field::later(
            "preset",
            "Values of a known product.",
            "write the values out: `kind`, `publish`, `confirm`, `capacity`, `when_full`, `durable`",
        ),
        Field::new(
            "partitions",
            COUNT,
            "Partitions of a log: each is read in order, by one consumer of the group.",
        )
        .or_rule("given, for a log"),
        Field::new(
            "ordering",
            Kind::Choice(ORDERINGS),
            "What is delivered in order.",
        )
        .or_rule("per_key for a log, none for a queue"),
        Field::new(
            "ttl",
            NEVER,
            "How long a message may wait before it is delivered; after that it expires.",
        )
        .or("none"),
        Field::new(
            "poll",
            NEVER,
            "How long consumers sleep when they have asked and found too little.",
        )
        .or("none"),
        Field::new(
            "batch",
            COUNT,
            "Messages that a consumer takes at one asking at most; fewer send it to sleep.",
        )
        .or("1"),
        Field::new(
            "linger",
            SPAN_OR_ZERO,
            "How long consumers wait for a `batch` to fill, from its first message on (a long poll).",
        )
        .or("0s"),
        Field::new(
            "throughput",
            Kind::Throughput,
            "What it takes in for each time, one message after another, by the `size` of their steps.",
        )
        .or_rule("unlimited"),
        Field::later(
            "replay",
            "Dead letters delivered once more.",
            "write it under `consume`",
        ),
        Field::later("replicas", "Copies of the broker.", ""),
        Field::new(
            "zones",
            Kind::Names,
            "Where it stands; with several it outlives the loss of any of them but all.",
        ),
        Field::new("zone", Kind::Name, "Its one zone."),
        Field::new(
            "failover",
            SPAN_OR_ZERO,
            "How long it is frozen when the zone it works in is lost and the next one takes over.",
        )
        .or_rule("10s"),
    ],
};

static ORDERINGS: &[Choice] = &[
    Choice::new("none", "Nothing: several messages may be out at once."),
    Choice::new("per_key", "Messages of one key, by partition."),
    Choice::new("total", "All messages: one is out at a time."),
];

static KINDS: &[Choice] = &[
    Choice::new(
        "queue",
        "Competing consumers, acknowledgement for each message.",
    ),
    Choice::new(
        "topic",
        "A queue for each consuming step, and one publish for all of them.",
    ),
    Choice::new(
        "log",
        "Partitions, each read in order by one consumer of the group.",
    ),
];

static WHEN_FULL: &[Choice] = &[
    Choice::new("reject", "The sender is refused."),
    Choice::new("drop_oldest", "The oldest makes room."),
    Choice::new("block", "The sender waits for room."),
    Choice::new(
        "drop_new",
        "The new message is dropped, and the sender told that all is well.",
    ),
];
