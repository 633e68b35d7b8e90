//! The closed forms that a report sets beside simulated numbers: what each says, and who said it.

use super::definition::{Definition, define};
use serde::{Deserialize, Serialize};

/// A closed form, in the order of a report.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub enum Law {
    /// Own work against workers.
    Utilization,
    /// The share that waits for a worker.
    WaitShare,
    /// The mean wait for a worker.
    WaitMean,
    /// Its 99 % quantile.
    WaitP99,
    /// Work and hops on the way to the answer.
    AnswerFloor,
    /// What all that an answer needs leaves of availability.
    AvailabilityOfChain,
    /// Attempts of a call that fails by chance.
    Attempts,
    /// Accepted and not done.
    Little,
    /// What users can have answered at most.
    ThroughputBound,
    /// What piles up behind an outage.
    OutageBacklog,
    /// How long that takes to be worked off.
    OutageDrain,
}

/// How a closed form relates to what is simulated.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Holds {
    /// All that it assumes is so: it is the expectation.
    Exactly,
    /// The expectation is not below it.
    AtLeast,
    /// The expectation is not above it.
    AtMost,
    /// It leaves out faults, retries, limits or queueing that are there: the difference is what these do.
    About,
}

impl Law {
    /// Every law, in the order of a report.
    pub const ALL: [Self; 11] = [
        Self::Utilization,
        Self::WaitShare,
        Self::WaitMean,
        Self::WaitP99,
        Self::AnswerFloor,
        Self::AvailabilityOfChain,
        Self::Attempts,
        Self::Little,
        Self::ThroughputBound,
        Self::OutageBacklog,
        Self::OutageDrain,
    ];

    /// What stands before whom it is about: `busy share of payment`.
    #[must_use]
    pub const fn label(self) -> &'static str {
        match self {
            Self::Utilization => "busy share of",
            Self::WaitShare => "share that waits at",
            Self::WaitMean => "mean wait at",
            Self::WaitP99 => "p99 wait at",
            Self::AnswerFloor => "mean answer without waits,",
            Self::AvailabilityOfChain => "availability as a chain,",
            Self::Attempts => "attempts a run,",
            Self::Little => "accepted and not done,",
            Self::ThroughputBound => "throughput,",
            Self::OutageBacklog => "piled up for",
            Self::OutageDrain => "time to drain,",
        }
    }

    /// Name, unit, meaning, formula and source (as `rule`).
    #[must_use]
    pub const fn definition(self) -> &'static Definition {
        &DEFINITIONS[self as usize]
    }
}

/// Name, unit, meaning, formula and source (as `rule`), in the order of [`Law::ALL`].
const DEFINITIONS: [Definition; 11] = [
    define(
        "utilization_law",
        "share",
        "The share of a service's workers that are busy with their own work.",
        "rate × E[S] / workers",
        "Denning, Buzen, \"The operational analysis of queueing network models\", ACM Computing Surveys 10(3), 1978",
    ),
    define(
        "wait_share",
        "share",
        "The share of calls that wait for a worker.",
        "Erlang C(workers, rate × E[S])",
        "Gross, Shortle, Thompson, Harris, \"Fundamentals of Queueing Theory\", 4th ed. 2008, 3.3",
    ),
    define(
        "wait_mean",
        "seconds",
        "The mean time that calls wait for a worker; exact with exponential times, and with one worker (Pollaczek, Khinchine).",
        "C / (workers / E[S] - rate) × (1 + cv²) / 2",
        "Gross et al., 3.3 and 5.1; Allen, \"Probability, Statistics, and Queueing Theory\", 2nd ed. 1990 (Allen, Cunneen)",
    ),
    define(
        "wait_p99",
        "seconds",
        "The 99 % quantile of the time that calls wait for a worker.",
        "ln(C / 0.01) / (workers / E[S] - rate), at least 0",
        "Gross et al., 3.3",
    ),
    define(
        "answer_floor",
        "seconds",
        "The mean time to the answer if nobody ever waited for a worker.",
        "sum of mean work and hops on the way to the answer",
        "every further wait only adds to it",
    ),
    define(
        "availability_of_chain",
        "share",
        "The availability of a chain without retries, spares or queues.",
        "time average of the product, over all that an answer needs, of the share that works",
        "Treynor, Dahlin, Rau, Beyer, \"The Calculus of Service Availability\", ACM Queue 15(2), 2017",
    ),
    define(
        "attempts",
        "attempts",
        "Attempts over an edge for each flow run, where each attempt fails by chance and is retried.",
        "calls a run × (1 - p^n) / (1 - p)",
        "the mean of a geometric number cut at n",
    ),
    define(
        "little",
        "flow runs",
        "Flow runs accepted and not done, in the mean over time.",
        "throughput × (mean completion - mean answer)",
        "Little, \"A proof for the queuing formula L = λW\", Operations Research 9(3), 1961",
    ),
    define(
        "throughput_bound",
        "per second",
        "What a fixed number of users can have done.",
        "least of users / (think time + answer floor) and, over all services, workers / work of a flow run",
        "Denning, Buzen 1978 (asymptotic bounds)",
    ),
    define(
        "outage_backlog",
        "messages",
        "What has piled up for a consumer when its outage ends.",
        "rate × outage",
        "Newell, \"Applications of Queueing Theory\", 2nd ed. 1982, chapter 2 (fluid limit)",
    ),
    define(
        "outage_drain",
        "seconds",
        "From the end of an outage until what has piled up for the consumer is worked off.",
        "rate × outage / (capacity - rate)",
        "Newell 1982, chapter 2 (fluid limit)",
    ),
];

impl Holds {
    /// The sign between what is simulated and the closed form.
    #[must_use]
    pub const fn sign(self) -> &'static str {
        match self {
            Self::Exactly => "=",
            Self::AtLeast => "≥",
            Self::AtMost => "≤",
            Self::About => "vs",
        }
    }

    /// The same as a word.
    #[must_use]
    pub const fn word(self) -> &'static str {
        match self {
            Self::Exactly => "exactly",
            Self::AtLeast => "at_least",
            Self::AtMost => "at_most",
            Self::About => "about",
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn laws_and_their_definitions_are_in_one_order() {
        for (nth, law) in Law::ALL.into_iter().enumerate() {
            assert_eq!(law as usize, nth);
        }
        assert_eq!(Law::WaitP99.definition().name, "wait_p99");
        assert_eq!(Law::OutageDrain.definition().name, "outage_drain");
    }
}
