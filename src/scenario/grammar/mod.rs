//! The whole language as data: every block and key with its kind of value, text, default, and whether this version
//! builds it. The checker, did-you-mean, the editor schema and the defaults of `show` all read these tables.

pub(super) mod data;
pub(super) mod faults;
pub(super) mod policies;
pub(super) mod slo;
pub(super) mod system;
pub(super) mod top;
pub(super) mod wiring;

/// A map with fixed keys.
#[derive(Debug)]
pub(super) struct Record {
    /// What it is, in messages: `service`, `broker`, …
    pub(super) what: &'static str,
    /// One sentence for editors.
    pub(super) doc: &'static str,
    /// Its keys.
    pub(super) fields: &'static [Field],
}

/// A key of a record.
#[derive(Debug)]
pub(super) struct Field {
    /// The key.
    pub(super) key: &'static str,
    /// What it holds.
    pub(super) kind: Kind,
    /// What it means, for editors.
    pub(super) doc: &'static str,
    /// What holds if it is not written.
    pub(super) default: Default,
    /// Can this version do it?
    pub(super) support: Support,
}

/// What holds if a key is not written.
#[derive(Clone, Copy, Debug)]
pub(super) enum Default {
    /// It must be written.
    Required,
    /// It must be written, unless one of these other keys is.
    RequiredUnless(&'static [&'static str]),
    /// Nothing in particular.
    Absent,
    /// This text, filled in by the reader.
    Static(&'static str),
    /// This rule, applied later, because it depends on other values.
    Rule(&'static str),
}

/// Can this version do it?
#[derive(Clone, Copy, Debug)]
pub(super) enum Support {
    /// Yes.
    Built,
    /// Not yet; what helps instead, if anything.
    Later(&'static str),
}

impl Support {
    /// Can this version do it?
    pub(super) const fn is_built(self) -> bool {
        matches!(self, Self::Built)
    }
}

/// A word of an enumeration.
#[derive(Debug)]
pub(super) struct Choice {
    /// The word.
    pub(super) word: &'static str,
    /// What it means.
    pub(super) doc: &'static str,
}

/// What a key holds.
#[derive(Debug)]
pub(super) enum Kind {
    /// `true` or `false`.
    Bool,
    /// Any text.
    Text,
    /// A name defined elsewhere; looked up by `compile`.
    Name,
    /// A list of such names.
    Names,
    /// A service, broker, zone, source or link `a -> b`.
    Target,
    /// Arrivals from a file: a record that says where.
    Replay,
    /// Two zones, or `a -> b`.
    Cut,
    /// A condition, `backlog(orders) > 10k`.
    Trigger,
    /// A time span; with a word such as `none` for "never", if there is one.
    Duration {
        /// The word that stands for never.
        never: Option<&'static str>,
        /// May it be `0s`?
        zero: bool,
    },
    /// A number per time.
    Rate,
    /// A number per time, or that and a burst.
    Limit(&'static Record),
    /// Bytes.
    Size,
    /// Bytes per second.
    Throughput,
    /// A percentage.
    Share,
    /// A quantile, `p95`.
    Quantile,
    /// A whole number, at least `least`; `unlimited` where that is meant to be possible.
    Count {
        /// The smallest.
        least: u32,
        /// May it be `unlimited`?
        unlimited: bool,
    },
    /// A whole number of 64 bits.
    Seed,
    /// The version of the language: 1.
    Version,
    /// A plain number, at least 1.
    Factor,
    /// One of these words.
    Choice(&'static [Choice]),
    /// A list of such words.
    Choices(&'static [Choice]),
    /// The same, where the order counts.
    Order(&'static [Choice]),
    /// A distribution of durations.
    Dist,
    /// A change of a latency: `+400ms`, `x10`.
    Change,
    /// `call`, `callback`, `poll 500ms`, or the long form of that.
    AnswerBy,
    /// `uniform`, or `zipf` and an exponent.
    Popularity,
    /// `none`, `100ms`, `100ms..1s`, or the long form.
    Backoff,
    /// A time span, `none`, or a record.
    DurationOr(&'static Record),
    /// `none`, or a record.
    NoneOr(&'static Record),
    /// `all`, or a list of names.
    AllOrNames,
    /// A list of flow steps.
    Steps,
    /// A list of load stages.
    Stages,
    /// An SLO line or its long form.
    Slo,
    /// A record.
    Record(&'static Record),
    /// A map from names to records.
    Map(&'static Record, Keys),
    /// A map from names to SLO lines.
    SloMap,
    /// A map from paths to texts.
    TextMap,
    /// The variants: wiring keys and overlays of blocks.
    Variants,
    /// Whatever an unsupported key holds.
    Anything,
}

/// A time span longer than zero.
pub(super) const SPAN: Kind = Kind::Duration {
    never: None,
    zero: false,
};

/// A time span, which may be none at all.
pub(super) const SPAN_OR_ZERO: Kind = Kind::Duration {
    never: None,
    zero: true,
};

/// At least one.
pub(super) const COUNT: Kind = Kind::Count {
    least: 1,
    unlimited: false,
};

/// At least one, or no bound.
pub(super) const COUNT_OR_UNLIMITED: Kind = Kind::Count {
    least: 1,
    unlimited: true,
};

/// A time span, or `none` for never.
pub(super) const NEVER: Kind = Kind::Duration {
    never: Some("none"),
    zero: false,
};

/// What the keys of a map may be.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Keys {
    /// New names: lower-case letters, digits, underscores.
    Names,
    /// Names defined elsewhere.
    Steps,
    /// Steps, `"*"` for all, or `a -> b`.
    Patterns,
}

impl Field {
    /// A key that may be left out.
    pub(super) const fn new(key: &'static str, kind: Kind, doc: &'static str) -> Self {
        Self {
            key,
            kind,
            doc,
            default: Default::Absent,
            support: Support::Built,
        }
    }

    /// A key that the language has and this version has not.
    pub(super) const fn later(key: &'static str, doc: &'static str, help: &'static str) -> Self {
        Self {
            key,
            kind: Kind::Anything,
            doc,
            default: Default::Absent,
            support: Support::Later(help),
        }
    }

    /// The same, required.
    pub(super) const fn required(mut self) -> Self {
        self.default = Default::Required;
        self
    }

    /// The same, required unless one of these other keys is written.
    pub(super) const fn required_unless(mut self, others: &'static [&'static str]) -> Self {
        self.default = Default::RequiredUnless(others);
        self
    }

    /// The same, with a default that the reader fills in.
    pub(super) const fn or(mut self, default: &'static str) -> Self {
        self.default = Default::Static(default);
        self
    }

    /// The same, with a default that depends on other values.
    pub(super) const fn or_rule(mut self, rule: &'static str) -> Self {
        self.default = Default::Rule(rule);
        self
    }
}

impl Choice {
    /// A word.
    pub(super) const fn new(word: &'static str, doc: &'static str) -> Self {
        Self { word, doc }
    }
}

impl Record {
    /// The field of that key.
    pub(super) fn field(&self, key: &str) -> Option<&'static Field> {
        self.fields.iter().find(|field| field.key == key)
    }
}
