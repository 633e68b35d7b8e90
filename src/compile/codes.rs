//! The codes of everything `compile` reports, each with its meaning; `explain` prints this table.

use crate::diagnostic::Code;

macro_rules! codes {
    ($($name:ident $code:literal $meaning:literal $(, $help:literal)?;)*) => {
        $(
            #[doc = $meaning]
            pub(crate) const $name: Code = Code {
                code: $code,
                meaning: $meaning,
                // A meaning that reads as a rule helps as it is.
                help: codes!(@ $meaning $(, $help)?),
            };
        )*
        /// Every code of this pass, in order.
        pub const CODES: &[Code] = &[$($name),*];
    };
    (@ $meaning:literal, $help:literal) => { $help };
    (@ $meaning:literal) => { $meaning };
}

codes! {
    NO_SERVICE "S101" "a step's service is not declared under `services`",
        "declare it, or give the step another `service`";
    UNKNOWN "S102" "a name that is used is not declared",
        "declare it, or use a name that is declared";
    TWICE "S103" "one name stands for two things",
        "rename one of them";
    ENTRY "S104" "a flow begins with exactly one step, which every flow run needs";
    NO_TIME "S105" "a step has no service time, neither its own nor its service's",
        "give one of them `service_time`";
    NO_TRAFFIC "S106" "every source wants one flow, and every flow has a source";
    ARRIVALS "S107" "a source needs either `rate` or `stages`, and must send something";
    NEED "S108" "a parallel group cannot need more steps than it has";
    DONE_WHEN "S109" "`done_when` names steps that must be done, each once";
    NO_WIRING "S110" "a variant says `wiring: sync` or `wiring: async`";
    SHAPE "S111" "the shape does not fit the wiring";
    UNSUPPORTED "S112" "the language has this, the simulator not yet",
        "leave it out: nothing takes its place yet";
    NO_BROKER "S113" "a step reached by a message needs a broker";
    TOO_EARLY "S114" "the client is answered before everything in `answer_needs` is sure to be done",
        "let the client be answered later, or need less for the answer";
    ANSWER_AFTER "S115" "`answer_after` names a step of the flow's own list, in an async wiring";
    ENDLESS "S117" "unlimited attempts without a wait would all happen at one instant",
        "give a `backoff`, or bound `attempts`";
    WORKERS "S118" "workers set apart come out of the service's `concurrency`, and others need the rest";
    RANGE "S119" "a value is out of its range",
        "choose a value within the range";
    NO_DURATION "S120" "`run.duration` is required",
        "add `run: { duration: 20m }`";
    FAULT_EFFECT "S121" "this kind of target cannot have this effect";
    FAULT_TIME "S122" "a fault's windows last some time and do not overlap";
    METRIC "S123" "an SLO line begins with a metric, and its argument if it takes one";
    STAT "S124" "an SLO line's statistic does not fit its metric";
    TARGET "S125" "an SLO line's target does not fit its metric";
    SCOPE "S126" "an SLO line's flow or scope does not fit its metric";
    TOO_MANY "S127" "more would be under way at once than can be simulated (2^26)";
    ORDERING "S128" "a log is read partition by partition, and a queue has none";
    COPY "S129" "data are read and written where they are, and copied elsewhere";
    OVERLOAD "W201" "more work is offered than the workers can do (ρ ≥ 1), even without a fault",
        "more `replicas` or `concurrency`, or less load";
    OUTLASTS "W204" "the retries of a call can outlast the client's patience";
    NO_TIMEOUT "W205" "a call without a limit to a service that a fault makes hang";
    TIGHT_TIMEOUT "W206" "a timeout below the 99 % quantile of the callee's own work";
    NO_DRAIN "W207" "what piles up during a fault is not worked off before the next one, or before the run ends";
    OVERFLOW "W208" "more messages come during a fault than the queue holds";
    EXHAUSTED "W209" "deliveries run out before a fault at a callee is over";
    UNUSED_SERVICE "W210" "a service that no step uses",
        "drop it, or add the step";
    UNUSED_BROKER "W211" "a broker that no wiring uses",
        "drop it, or send messages over it with `via`";
    UNUSED_KEY "W212" "a key that nothing in the variant uses",
        "drop it, or wire a step that needs it";
    FAULT_LATE "W213" "a fault that does not end within the measured window",
        "let it end earlier, or run longer";
    UNUSED_LINK "W214" "a fault on a link that a wiring does not use";
    NO_MESSAGE "W215" "an async variant in which every step is called";
    WHOLE_WORKERS "W216" "a capacity fault whose share whole workers cannot follow";
    HOT_PARTITION "W217" "a partition of a log gets more than its one reader can do";
    CLOCKWORK "W218" "a random fault whose times between are all the same";
    FILE_SHORT "W219" "arrivals from a file that ends before the measured window does";
}

/// Warnings that hold for a file only if every variant that has the thing gives them.
pub(crate) const COLLECTIVE: &[Code] = &[UNUSED_SERVICE, UNUSED_BROKER, UNUSED_KEY];

/// Errors that stand on their own: they do not follow from something that could not be read.
pub(crate) const INDEPENDENT: &[Code] = &[
    NO_SERVICE,
    UNKNOWN,
    TWICE,
    NEED,
    DONE_WHEN,
    ENDLESS,
    RANGE,
    FAULT_EFFECT,
    FAULT_TIME,
    STAT,
    TARGET,
    SCOPE,
];

/// The same, as long as every variant's `wiring` could be read.
pub(crate) const INDEPENDENT_WIRED: &[Code] =
    &[SHAPE, UNSUPPORTED, TOO_EARLY, ANSWER_AFTER, WORKERS];
