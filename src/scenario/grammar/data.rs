//! Data that steps read and write, and the copies that variants keep of it.

use super::{COUNT, COUNT_OR_UNLIMITED, Choice, Field, Kind, NEVER, Record, SPAN_OR_ZERO};

/// `data.<name>`.
pub(in crate::scenario) static DATA: Record = Record {
    what: "data",
    doc: "Data that steps read and write, key by key.",
    fields: &[
        Field::new(
            "owner",
            Kind::Name,
            "The service that has it: steps that read or write it are done there.",
        )
        .required(),
        Field::new("keys", COUNT, "How many keys there are.").required(),
        Field::new(
            "popularity",
            Kind::Popularity,
            "How often each key is meant: `uniform`, or `zipf 1.1`.",
        )
        .or("uniform"),
        Field::new(
            "updated",
            Kind::Popularity,
            "How often each key is meant by flows that write it.",
        )
        .or_rule("as its `popularity`"),
        Field::new(
            "size",
            Kind::Size,
            "Bytes of a key's state: what an update of a replica carries.",
        )
        .or_rule("0B"),
    ],
};

/// `variants.<v>.copies.<data>`.
pub(in crate::scenario) static COPY: Record = Record {
    what: "copy",
    doc: "A local copy of data, in every instance of a service.",
    fields: &[
        Field::new(
            "at",
            Kind::Name,
            "The service that keeps it, and reads it instead of asking the owner.",
        )
        .required(),
        Field::new("kind", Kind::Choice(COPIES), "How it learns what it has.").required(),
        Field::new(
            "ttl",
            NEVER,
            "Cache: how long an entry may be used after it was read.",
        )
        .or_rule("given, for a cache"),
        Field::new(
            "entries",
            COUNT_OR_UNLIMITED,
            "Cache: entries of each instance at most; the least recently used one goes first.",
        )
        .or_rule("unlimited"),
        Field::new(
            "stale_if_error",
            NEVER,
            "Cache: for how long after its `ttl` an entry may be used if the owner fails.",
        )
        .or_rule("none"),
        Field::new(
            "via",
            Kind::Name,
            "Replica: the broker that carries the updates.",
        )
        .or_rule("the variant's, or the only broker"),
        Field::new(
            "apply",
            Kind::Dist,
            "Replica: the time a worker needs to apply an update.",
        )
        .or_rule("0s"),
        Field::new(
            "bootstrap",
            SPAN_OR_ZERO,
            "Replica: how long an instance loads it after a start; meanwhile it asks the owner.",
        )
        .or_rule("0s"),
    ],
};

static COPIES: &[Choice] = &[
    Choice::new(
        "replica",
        "All of it, kept up to date by updates that the owner publishes.",
    ),
    Choice::new("cache", "What was read, until it is too old."),
];

/// The keys of a copy that only one kind of it has.
pub(in crate::scenario) const OF_KIND: &[(&str, &[&str])] = &[
    ("cache", &["ttl", "entries", "stale_if_error"]),
    ("replica", &["via", "apply", "bootstrap"]),
];
