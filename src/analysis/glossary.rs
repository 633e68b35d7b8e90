//! What every metric is: one definition each, with its formula. `brownout explain` prints it, `docs/METRICS.md` is made of it.

use super::definition::{Definition, define};
use super::law::Law;

/// All metrics.
pub const METRICS: &[Definition] = &[
    define(
        "availability",
        "share",
        "How many of those who came were answered while they still waited, by a fallback included.",
        "(answered ok + degraded) / offered",
        "A33",
    ),
    define(
        "degraded",
        "share",
        "How many of those who came were answered by a fallback.",
        "degraded / offered",
        "A20, A33",
    ),
    define(
        "windowed_availability",
        "share",
        "In how many windows of 10 s the availability met the line's own target; windows in which nobody came do not count.",
        "windows with (answered ok + degraded) / offered >= target, of all windows with offered > 0",
        "A33",
    ),
    define(
        "latency",
        "seconds",
        "From a client's intended start to its answer, or to the instant at which it is told of a failure, or leaves.",
        "told - intended start, over those who came in the window; p99: the smallest value that at least 99 % do not exceed",
        "A8, A34",
    ),
    define(
        "completion",
        "seconds",
        "From a client's intended start to the end of the last step that the flow needs.",
        "last goal done - intended start, over those that were completed",
        "A34",
    ),
    define(
        "goodput",
        "per second",
        "Those who came in the window and were answered ok or degraded, per second of it.",
        "(answered ok + degraded) / window",
        "A33",
    ),
    define(
        "throughput",
        "per second",
        "Those who came in the window and were completed, per second of it.",
        "completed / window",
        "A35",
    ),
    define(
        "backlog",
        "flow runs",
        "Accepted and not done; max: the most at any instant of the window.",
        "answered ok + degraded - completed - lost - dead-lettered - compensated, at an instant",
        "A35",
    ),
    define(
        "message_age",
        "seconds",
        "From the publish of a message to the begin of its processing, for each delivery.",
        "processing begins - published",
        "A35",
    ),
    define(
        "recovery",
        "seconds",
        "From a fault's end until success, latency and backlog are back in their band of before, and stay there for 30 s; may be never.",
        "first instant t >= end with all of [t, t + 30 s) in band - end",
        "A36; `recovery(<fault>)`",
    ),
    define(
        "lost",
        "flow runs",
        "Accepted, and can never complete.",
        "accepted - completed - dead-lettered - compensated - unfinished",
        "A35",
    ),
    define(
        "dead_lettered",
        "flow runs",
        "Accepted, and a step that they need is parked.",
        "accepted with a required message in the dead-letter place at the end",
        "A27, A35",
    ),
    define(
        "compensated",
        "flow runs",
        "Accepted, and undone after a step failed for good.",
        "accepted whose steps that were done have all been undone",
        "A29",
    ),
    define(
        "duplicates_applied",
        "executions",
        "Executions of a step for a flow run for which it was done already, with a second effect.",
        "executions after the first, at services that are not `idempotent`",
        "A27",
    ),
    define(
        "unfinished",
        "flow runs",
        "Neither answered nor left, or accepted and not done, when the drain is over.",
        "unanswered + incomplete",
        "A3",
    ),
    define(
        "amplification",
        "attempts",
        "How many attempts there are for each flow run, over all edges.",
        "attempts begun / offered",
        "A35",
    ),
    define(
        "wasted_work",
        "share",
        "Busy worker-time whose result nobody took, of all services together.",
        "busy worker-time of work that nobody waited for any more / busy worker-time",
        "A35",
    ),
    define(
        "utilization",
        "share",
        "Worker-time of a service that is busy or held.",
        "(busy + held) / (busy + held + idle + down)",
        "A10; `utilization(<service>)`",
    ),
    define(
        "breaker_open",
        "share",
        "Attempts at a step that an open circuit breaker turned away.",
        "attempts that ended as breaker_open / attempts",
        "A19; `breaker_open(<step>)`",
    ),
    define(
        "staleness",
        "seconds",
        "How old what was read is: the time since the oldest update that was committed before the read and is not in it; 0 without one.",
        "read - commit of the oldest update not seen",
        "A29b; begins with the data's name",
    ),
    define(
        "wait",
        "seconds",
        "How long calls and deliveries wait at a service until a worker begins; share: how many wait at all.",
        "worker begins - joined the line",
        "A10; per service in `summary.json`",
    ),
];

/// The metric of this name; of a figure like `latency_p99` the one that it is a statistic of.
#[must_use]
pub fn find(name: &str) -> Option<&'static Definition> {
    let is_it = |definition: &&Definition| {
        let rest = name.strip_prefix(definition.name);
        let statistics = ["", "_mean", "_max", "_p50", "_p95", "_p99", "_p999"];
        rest.is_some_and(|rest| statistics.contains(&rest))
    };
    METRICS.iter().find(is_it)
}

/// Is more of a figure better? `None` where it depends.
#[must_use]
pub fn is_gain(figure: &str) -> Option<bool> {
    let metric = find(figure)?.name;
    match metric {
        "availability" | "windowed_availability" | "goodput" | "throughput" => Some(true),
        "latency" | "completion" | "backlog" | "lost" | "dead_lettered" | "compensated"
        | "duplicates_applied" | "unfinished" | "amplification" => Some(false),
        _ => None,
    }
}

/// The closed form of this name.
#[must_use]
pub fn find_form(name: &str) -> Option<&'static Definition> {
    let mut forms = Law::ALL.into_iter().map(Law::definition);
    forms.find(|form| form.name == name)
}

/// The document.
#[must_use]
pub fn markdown() -> String {
    let mut text = String::from(
        "# Metrics\n\nMade by `brownout explain --markdown`: do not edit.\n\n\
         Each is one number for each replication; a report gives their mean with the half-width of its Student-t interval (A38).\n\
         Counts are of flow runs that came in the measured window; rules are those of [MODEL.md](MODEL.md).\n\n\
         | metric | unit | what it is | formula | rule |\n|---|---|---|---|---|\n",
    );
    let row = |metric: &Definition| {
        let Definition {
            name,
            unit,
            what,
            formula,
            rule,
        } = metric;
        format!("| `{name}` | {unit} | {what} | `{formula}` | {rule} |\n")
    };
    text.extend(METRICS.iter().map(row));
    text.push_str(
        "\n## Closed forms\n\n\
         A report sets these beside the simulated numbers (*Beside theory* in `summary.md`, `formulas` in `summary.json`).\n\
         Where all that a form assumes is so (no fault, a steady load, nothing that failed or was cut off, no service near its capacity), \
         it must agree, with 99.9 % confidence over all of a variant together, or W303 says so.\n\
         Everywhere else it is marked `vs`: the difference is what faults, retries, limits and queueing do.\n\n\
         | closed form | unit | what it is | formula | source |\n|---|---|---|---|---|\n",
    );
    text.extend(Law::ALL.into_iter().map(|law| row(law.definition())));
    text
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::analysis::figures::{FIGURES, WINDOWED};

    #[test]
    fn every_figure_of_a_report_is_defined_once() {
        let names = FIGURES.iter().map(|(name, ..)| *name).chain([WINDOWED]);
        for name in names {
            assert!(find(name).is_some(), "{name}");
        }
        for (nth, metric) in METRICS.iter().enumerate() {
            assert!(METRICS[..nth].iter().all(|other| other.name != metric.name));
        }
        assert_eq!(
            find("latency_p99").map(|metric| metric.name),
            Some("latency")
        );
        assert_eq!(find("latency_pp"), None);
    }

    #[test]
    fn the_document_is_made_of_this() {
        let path = concat!(env!("CARGO_MANIFEST_DIR"), "/docs/METRICS.md");
        let text = std::fs::read_to_string(path).expect("the document");
        assert!(
            text == markdown(),
            "brownout explain --markdown > docs/METRICS.md"
        );
    }
}
