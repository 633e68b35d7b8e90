//! Variants: the wiring keys and the policies of calls, consumers and senders.

use super::data::COPY;
use super::policies::{
    BREAKER, BULKHEAD, HEDGE, LIMIT, ORDERED, OUTLIER, PUBLISH_RETRY, RATE_LIMIT, REDELIVER, RETRY,
    THROTTLE,
};
use super::{
    COUNT, COUNT_OR_UNLIMITED, Choice, Field, Keys, Kind, NEVER, Record, SPAN, SPAN_OR_ZERO,
};

/// `variants.<name>`, the wiring keys; overlays of blocks come on top.
pub(in crate::scenario) static VARIANT: Record = Record {
    what: "variant",
    doc: "One wiring of the flows.",
    fields: &[
        Field::new("title", Kind::Text, "What it is called in reports.").or_rule("its name"),
        Field::new("extends", Kind::Name, "The variant it changes."),
        Field::new(
            "wiring",
            Kind::Choice(WIRINGS),
            "How steps reach each other.",
        )
        .required(),
        Field::new("shape", Kind::Choice(SHAPES), "Who calls or sends to whom.")
            .or_rule("chain for calls, choreographed for messages"),
        Field::new(
            "via",
            Kind::Name,
            "The broker that carries messages; or `webhook`: the sender keeps and posts them itself; or `stream`: it pushes them over open connections.",
        )
        .or_rule("the only broker"),
        Field::new(
            "answer_after",
            Kind::Name,
            "The step after which the client is answered: called up to here, messages from here on.",
        ),
        Field::new(
            "steps",
            Kind::Map(&STEP_WIRING, Keys::Steps),
            "Steps wired otherwise.",
        ),
        Field::new(
            "calls",
            Kind::Map(&CALLS, Keys::Patterns),
            "Policies of callers, for each callee.",
        ),
        Field::new(
            "consume",
            Kind::Map(&CONSUME, Keys::Patterns),
            "How steps behind a message consume.",
        ),
        Field::new("publish", Kind::Record(&PUBLISH), "How senders publish."),
        Field::new(
            "copies",
            Kind::Map(&COPY, Keys::Steps),
            "Local copies of data.",
        ),
        Field::new(
            "answer_by",
            Kind::AnswerBy,
            "How the client learns the result: `call` (by the answer to its call), `poll 500ms` (that is a promise, and it asks), or `callback`.",
        )
        .or_rule("call"),
        Field::new(
            "carries",
            Kind::Choice(CARRIES),
            "What messages carry: all that the consumer needs, or an id to ask the sender's service with.",
        )
        .or_rule("state"),
        Field::later(
            "preset",
            "Values of a known product.",
            "write the values out",
        ),
        Field::later(
            "outbox",
            "Messages stored with the sender's own commit.",
            "write it under `publish`: `publish: { when_refused: outbox }`",
        ),
        Field::later("order", "Order of the policies.", ""),
    ],
};

static CARRIES: &[Choice] = &[
    Choice::new("state", "All that the consumer needs."),
    Choice::new(
        "id",
        "An id: the consumer calls the sender's service for the rest.",
    ),
];

/// `answer_by`, the long form.
pub(in crate::scenario) static POLL: Record = Record {
    what: "polling",
    doc: "How a client asks for the result.",
    fields: &[
        Field::new(
            "poll",
            SPAN,
            "From what it last heard to the next question.",
        )
        .required(),
        Field::new(
            "service_time",
            Kind::Dist,
            "What the question costs at the service of the flow's first step.",
        )
        .or_rule("that service's"),
    ],
};

static WIRINGS: &[Choice] = &[
    Choice::new("sync", "By calls."),
    Choice::new("async", "By messages."),
];

static SHAPES: &[Choice] = &[
    Choice::new(
        "chain",
        "Each step calls the next before it answers its own caller.",
    ),
    Choice::new(
        "orchestrated",
        "The entry step calls, or commands, each later step in turn.",
    ),
    Choice::new(
        "choreographed",
        "Each step publishes when done; the next consumes.",
    ),
];

static STEP_WIRING: Record = Record {
    what: "step override",
    doc: "A step wired otherwise.",
    fields: &[
        Field::new("wiring", Kind::Choice(WIRINGS), "How it is reached.").or_rule("the variant's"),
        Field::new("via", Kind::Name, "The broker that carries its messages.")
            .or_rule("the variant's"),
        Field::later(
            "shape",
            "Who calls or sends to whom.",
            "`shape` holds for the whole variant",
        ),
        Field::new(
            "carries",
            Kind::Choice(CARRIES),
            "What messages carry: all that the consumer needs, or an id to ask the sender's service with.",
        )
        .or_rule("the variant's"),
        Field::later("key", "What orders and partitions it.", ""),
    ],
};

static CALLS: Record = Record {
    what: "call",
    doc: "Policies of a caller.",
    fields: &[
        Field::new("timeout", NEVER, "Limit for each attempt.").or_rule("none"),
        Field::new(
            "deadline",
            NEVER,
            "Limit for the whole call, retries included.",
        )
        .or_rule("none"),
        Field::new("retry", Kind::NoneOr(&RETRY), "Further attempts.").or_rule("none"),
        Field::new("cancel", Kind::Bool, "Does giving up stop the callee?").or_rule("false"),
        Field::new(
            "propagate",
            Kind::Bool,
            "Must the call be over when the caller's own caller gives up (deadline propagation)?",
        )
        .or_rule("false"),
        Field::new(
            "circuit_breaker",
            Kind::NoneOr(&BREAKER),
            "Stops calling what fails; each instance of the caller has one.",
        )
        .or_rule("none"),
        Field::new(
            "bulkhead",
            Kind::NoneOr(&BULKHEAD),
            "Bounds the attempts under way of each instance of the caller.",
        )
        .or_rule("none"),
        Field::new(
            "rate_limit",
            Kind::Limit(&RATE_LIMIT),
            "Attempts of each instance of the caller per time; a second's worth may come at once.",
        )
        .or_rule("none"),
        Field::new(
            "adaptive_throttle",
            Kind::NoneOr(&THROTTLE),
            "Turns as many attempts away by chance as the callee does not accept.",
        )
        .or_rule("none"),
        Field::new(
            "concurrency_limit",
            Kind::NoneOr(&LIMIT),
            "Bounds the attempts under way of each instance of the caller by what it finds out about the callee.",
        )
        .or_rule("none"),
        Field::new(
            "outlier_ejection",
            Kind::NoneOr(&OUTLIER),
            "Takes an instance that fails off the list of this caller for a while; each instance of the caller decides alone.",
        )
        .or_rule("none"),
        Field::new(
            "hedge",
            Kind::NoneOr(&HEDGE),
            "The same request once more, while the first is still out; the first answer wins.",
        )
        .or_rule("none"),
        Field::new(
            "fallback",
            Kind::Record(&CALL_FALLBACK),
            "What stands in when a call has failed for good: `{ via: orders }` hands the step to that broker, `{ static: true }` does without it.",
        ),
        Field::later(
            "preset",
            "Values of a known product.",
            "write the values out",
        ),
        Field::new(
            "order",
            Kind::Order(ORDERED),
            "The policies from the outermost on. What comes before `retry` is asked once for the whole call.",
        )
        .or_rule("retry, adaptive_throttle, circuit_breaker, rate_limit, concurrency_limit, bulkhead"),
    ],
};

static CONSUME: Record = Record {
    what: "consumer",
    doc: "How a step behind a message consumes.",
    fields: &[
        Field::new(
            "workers",
            COUNT_OR_UNLIMITED,
            "Workers set apart, of each instance.",
        )
        .or_rule("the service's workers, shared with its calls"),
        Field::new(
            "prefetch",
            COUNT_OR_UNLIMITED,
            "Unacknowledged messages each instance holds at most.",
        )
        .or_rule("as many as workers"),
        Field::new("ack", Kind::Choice(ACKS), "When it acknowledges.").or_rule("after"),
        Field::new(
            "visibility",
            NEVER,
            "Until an unacknowledged message shows again.",
        )
        .or_rule("none"),
        Field::new(
            "redeliver",
            Kind::NoneOr(&REDELIVER),
            "Further deliveries after a failure.",
        )
        .or_rule("5 attempts, 1s..1m"),
        Field::new(
            "then",
            Kind::Choice(EXHAUSTED),
            "What happens to a message out of deliveries.",
        )
        .or_rule("dead_letter"),
        Field::new(
            "poll",
            NEVER,
            "How long it sleeps when it has asked and found too little.",
        )
        .or_rule("the broker's"),
        Field::new(
            "batch",
            COUNT,
            "Messages it takes at one asking at most.",
        )
        .or_rule("the broker's"),
        Field::new(
            "linger",
            SPAN_OR_ZERO,
            "How long it waits for a batch to fill.",
        )
        .or_rule("the broker's"),
        Field::new(
            "session",
            SPAN_OR_ZERO,
            "On a log: until the group notices that a member is gone.",
        )
        .or_rule("45s"),
        Field::new(
            "rebalance",
            SPAN_OR_ZERO,
            "On a log: how long nobody reads when members come or go.",
        )
        .or_rule("3s"),
        Field::new(
            "timeout",
            NEVER,
            "Limit for each delivery, where deliveries are calls (a webhook, an external service).",
        )
        .or_rule("none"),
        Field::new(
            "replay",
            Kind::DurationOr(&REPLAY),
            "On a stream, a duration: what a consumer missed is sent again if it is not older than this. Elsewhere `{ at, rate }`: then dead letters are delivered anew.",
        )
        .or_rule("none"),
        Field::later("deadline", "Limit for all deliveries.", ""),
        Field::later("retry", "Attempts within a delivery.", "`redeliver` works"),
        Field::new(
            "circuit_breaker",
            Kind::NoneOr(&BREAKER),
            "Where deliveries are calls (a webhook, an external service): turns them away while they fail.",
        )
        .or_rule("none"),
        Field::later(
            "bulkhead",
            "Bounds deliveries under way.",
            "`workers` works",
        ),
        Field::new(
            "rate_limit",
            Kind::Limit(&RATE_LIMIT),
            "Deliveries per time; a second's worth may begin at once.",
        ),
        Field::later(
            "hedge",
            "A second delivery before the first has failed.",
            "",
        ),
        Field::later("fallback", "What to do instead.", ""),
        Field::later(
            "preset",
            "Values of a known product.",
            "write the values out",
        ),
    ],
};

static ACKS: &[Choice] = &[
    Choice::new("after", "After its work: at least once."),
    Choice::new("before", "Before its work: at most once."),
];

static EXHAUSTED: &[Choice] = &[
    Choice::new("dead_letter", "It is parked."),
    Choice::new("drop", "It is dropped."),
    Choice::new(
        "block",
        "It is delivered until it succeeds; the queue waits.",
    ),
];

static PUBLISH: Record = Record {
    what: "publish",
    doc: "How senders publish.",
    fields: &[
        Field::new(
            "confirm",
            Kind::Bool,
            "Does the sender wait for the broker's word?",
        )
        .or_rule("the broker's"),
        Field::new(
            "when_refused",
            Kind::Choice(REFUSED),
            "What a sender does when the broker refuses.",
        )
        .or("fail"),
        Field::new("timeout", NEVER, "How long it waits for a confirm.").or("none"),
        Field::new(
            "retry",
            Kind::NoneOr(&PUBLISH_RETRY),
            "Further attempts, if `when_refused` is `retry`.",
        )
        .or_rule("5 attempts, 100ms..10s"),
        Field::new(
            "outbox",
            Kind::Record(&OUTBOX),
            "How a relay empties the outbox, if `when_refused` is `outbox`.",
        ),
        Field::new(
            "fallback",
            Kind::Record(&FALLBACK),
            "Another way to the step, when the broker has refused for good: `{ via: call }` calls it.",
        ),
        Field::later(
            "preset",
            "Values of a known product.",
            "write the values out",
        ),
    ],
};

/// `consume.<key>.replay`, of dead letters.
static REPLAY: Record = Record {
    what: "replay",
    doc: "Dead letters delivered anew.",
    fields: &[
        Field::new(
            "at",
            SPAN,
            "When, from the opening of the measured window: what is parked until then.",
        )
        .required(),
        Field::new("rate", Kind::Rate, "How many for each time.").required(),
    ],
};

/// `calls.<key>.fallback`.
static CALL_FALLBACK: Record = Record {
    what: "fallback of a call",
    doc: "What stands in when a call has failed for good; the answer is degraded.",
    fields: &[
        Field::new("via", Kind::Name, "A broker that takes the step for later.").or_rule("none"),
        Field::new("call", Kind::Name, "A service that does the step instead.").or_rule("none"),
        Field::new(
            "static",
            Kind::Bool,
            "A value at hand stands for the step's result.",
        )
        .or_rule("false"),
    ],
};

static FALLBACK: Record = Record {
    what: "fallback",
    doc: "Another way to a step.",
    fields: &[Field::new("via", Kind::Name, "A broker, or `call`.").required()],
};

static OUTBOX: Record = Record {
    what: "outbox",
    doc: "How a relay empties an outbox.",
    fields: &[
        Field::new("poll", SPAN, "How often the relay looks.").or("500ms"),
        Field::new(
            "batch",
            COUNT_OR_UNLIMITED,
            "Messages it publishes at one look at most.",
        )
        .or("100"),
    ],
};

static REFUSED: &[Choice] = &[
    Choice::new("fail", "Its own caller hears an error."),
    Choice::new("retry", "It tries again."),
    Choice::new("drop", "It goes on; the message is dropped."),
    Choice::new(
        "outbox",
        "It is stored with the sender's own commit, and a relay publishes it.",
    ),
];
