//! Closed forms beside the simulated numbers: where theory has an answer for a part of the scenario, a report shows both.
//!
//! ```text
//!   rates of the wiring ──▶ stations: busy share, waits        ┐
//!   what an answer needs ─▶ answers: floor, product, Little    ├─▶ rows ─▶ agreement
//!   outages and queues ───▶ outages: what piles up, drains     ┘
//! ```
//!
//! A form that assumes nothing but what is so ([`Holds::Exactly`]) must agree with the simulation, and so must a bound; one that
//! leaves something out ([`Holds::About`]) shows what that does.

mod answers;
mod outages;
mod stations;

use super::figures::float;
use super::law::{Holds, Law};
use super::{Estimate, FormulaFindings, Warning};
use crate::compile::Case;
use crate::compile::demand::{self, Rates, Waits};
use crate::diagnostic::Code;
use crate::kernel::ids::IdVec;
use crate::kernel::math::student_t_quantile;
use crate::metrics::{EdgeSeen, Observation};
use crate::model::{ServiceId, SourceId};
use crate::policies::Outcome;

/// What the warning is known by.
pub const APART: &str = "W303";

/// With its meaning.
pub const CODES: &[Code] = &[Code {
    code: APART,
    meaning: "a closed form that should hold lies outside what was simulated: the run has not settled, or is too short for it",
    help: "a longer `run.warmup` or `run.duration`",
}];

/// How sure it must be that a closed form does not hold, over all those of a variant together.
const CONFIDENCE: f64 = 0.999;
/// Waits are kept to three significant digits, and the edges of the window cut some work in two.
const RESOLUTION: f64 = 2e-3;
/// Fewer replications judge nothing.
const REPLICATIONS_MIN: usize = 3;
/// Busy shares up to which a station settles within a usual warm-up.
const BUSY_MAX: f64 = 0.95;

/// One closed form beside what each replication saw.
struct Row {
    law: Law,
    of: String,
    holds: Holds,
    /// The form's value; for each replication, where it depends on what that saw.
    expected: Vec<f64>,
    seen: Vec<f64>,
}

impl Row {
    /// A form with one value.
    fn new(law: Law, of: &str, holds: Holds, expected: f64, seen: Vec<f64>) -> Self {
        Self {
            law,
            of: of.to_owned(),
            holds,
            expected: vec![expected; seen.len()],
            seen,
        }
    }
}

/// A variant as closed forms see it.
struct View<'a> {
    case: &'a Case,
    seen: &'a [Observation],
    /// Mean arrivals per second over the measured window; not a number for users, who come when they are answered.
    arriving: IdVec<SourceId, f64>,
    rates: Rates,
    waits: Waits<'a>,
    /// Is all that closed forms leave out absent?
    is_plain: bool,
}

impl<'a> View<'a> {
    fn new(case: &'a Case, seen: &'a [Observation]) -> Self {
        let (system, wiring) = (&case.system, &case.wiring);
        let sources = system.sources.iter();
        let arriving: IdVec<SourceId, f64> = sources
            .map(|source| source.arrivals.mean_rate(system.plan.duration))
            .map(|rate| rate.unwrap_or(f64::NAN))
            .collect();
        Self {
            case,
            seen,
            rates: demand::rates(system, wiring, &arriving),
            waits: Waits::of(system, wiring),
            arriving,
            is_plain: is_plain(case, seen),
        }
    }

    /// How a form holds that leaves nothing out but what is rarely there.
    const fn holds(&self) -> Holds {
        self.or_about(Holds::Exactly)
    }

    /// The same of a bound.
    const fn or_about(&self, holds: Holds) -> Holds {
        if self.is_plain { holds } else { Holds::About }
    }
}

/// Every closed form that has something to say about a variant.
pub(super) fn formulas(case: &Case, seen: &[Observation]) -> Vec<FormulaFindings> {
    let view = View::new(case, seen);
    let mut rows = Vec::new();
    stations::rows(&view, &mut rows);
    answers::rows(&view, &mut rows);
    outages::rows(&view, &mut rows);
    rows.retain(|row| {
        let mut all = row.expected.iter().chain(&row.seen);
        !row.seen.is_empty() && all.all(|value| !value.is_nan())
    });
    let judged = rows.iter().filter(|row| row.holds != Holds::About).count();
    let confidence = case.system.plan.confidence;
    let found = rows.into_iter().filter_map(|row| {
        let expected = Estimate::of(&row.expected, confidence)?.mean;
        Some(FormulaFindings {
            agrees: agrees(&row, judged),
            seen: Estimate::of(&row.seen, confidence)?,
            expected,
            law: row.law,
            of: row.of,
            holds: row.holds,
        })
    });
    found.collect()
}

/// A warning for each variant in which a closed form should hold and does not.
pub(super) fn warnings(variant: &str, formulas: &[FormulaFindings]) -> Option<Warning> {
    let apart = formulas.iter().filter(|one| one.agrees == Some(false));
    let named: Vec<String> = apart
        .map(|one| format!("{} of `{}`", one.law.definition().name, one.of))
        .collect();
    let first = named.first()?;
    let more = match named.len() - 1 {
        0 => String::new(),
        n => format!(" and {n} more"),
    };
    Some(Warning {
        code: APART.to_owned(),
        message: format!(
            "in `{variant}`, {first}{more} should hold and does not: the run has not settled, or is too short"
        ),
        place: None,
    })
}

/// Does a form hold, as far as the replications can tell: its difference to what each saw, with an interval that is wide enough for
/// `judged` of them at once (Bonferroni)? `None` where it need not hold, and of too few replications.
fn agrees(row: &Row, judged: usize) -> Option<bool> {
    if row.holds == Holds::About || row.seen.len() < REPLICATIONS_MIN {
        return None;
    }
    let gaps = row.seen.iter().zip(&row.expected);
    let gaps: Vec<f64> = gaps.map(|(seen, expected)| seen - expected).collect();
    #[expect(clippy::cast_precision_loss, reason = "a few dozen")]
    let (n, judged) = (gaps.len() as f64, judged as f64);
    let mean = gaps.iter().sum::<f64>() / n;
    let squares = gaps.iter().map(|gap| (gap - mean) * (gap - mean));
    let sd = (squares.sum::<f64>() / (n - 1.0)).sqrt();
    let t = student_t_quantile(1.0 - (1.0 - CONFIDENCE) / 2.0 / judged, n - 1.0);
    let expected = row.expected.iter().sum::<f64>() / n;
    let tolerance = t * sd / n.sqrt() + RESOLUTION * expected.abs();
    Some(match row.holds {
        Holds::AtLeast => mean >= -tolerance,
        Holds::AtMost => mean <= tolerance,
        Holds::Exactly | Holds::About => mean.abs() <= tolerance,
    })
}

/// No fault, a load that does not change, nothing that failed, was refused, given up, cut off or done twice, and no service near its
/// capacity: then there is nothing that the closed forms leave out.
fn is_plain(case: &Case, seen: &[Observation]) -> bool {
    let mut sources = case.system.sources.iter();
    let taken = |id: ServiceId| {
        let each = seen.iter().map(|seen| {
            let service = &seen.services[id];
            service.busy.unwrap_or(0.0) + service.held.unwrap_or(0.0)
        });
        each.sum::<f64>() / float(seen.len() as u64)
    };
    case.system.faults.is_empty()
        && sources.all(|source| source.arrivals.is_steady())
        && seen.iter().all(is_clean)
        && case.system.services.ids().all(|id| taken(id) <= BUSY_MAX)
}

fn is_clean(seen: &Observation) -> bool {
    let mut flows = seen.flows.iter();
    let mut edges = seen.edges.iter();
    let failed =
        |edge: &EdgeSeen| edge.outcomes.iter().sum::<u64>() - edge.outcomes[Outcome::Ok as usize];
    flows.all(|flow| flow.whole.counts.not_well() == 0 && flow.whole.counts.degraded == 0)
        && edges.all(|edge| failed(edge) == 0)
}
