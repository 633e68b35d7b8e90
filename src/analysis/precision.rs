//! When enough is known (A39), and how many replications that may take.

use super::findings::{Findings, FlowFindings};
use super::{Cell, Estimate, Verdict};

/// Figures that must be known where no SLO line says what matters.
const FIGURES: [&str; 3] = ["availability", "latency_p50", "latency_p99"];

/// More replications are begun at once by this factor at most, and at least by [`STEP_MIN`].
const STEP_MAX: f64 = 2.0;
const STEP_MIN: f64 = 1.2;

/// How many replications to have next, or `None` if enough is known: if each SLO line is decided in each variant, or the half-width
/// of its interval is at most `share` of its value; without SLO lines, if that is so for a flow's main figures.
///
/// Half-widths shrink with the root of the number of replications (Law, "Simulation Modeling and Analysis", 5th ed., 9.4.1), so
/// the number that the widest one needs is estimated, and approached in steps that grow by a fifth at least and twofold at most.
#[must_use]
pub fn wanted(findings: &Findings, share: f64) -> Option<u32> {
    let mut widest: Option<f64> = None;
    let mut needs = |factor: Option<f64>| {
        if let Some(factor) = factor {
            widest = Some(widest.map_or(factor, |other| other.max(factor)));
        }
    };
    for line in &findings.objectives {
        for cell in &line.cells {
            needs(of_cell(cell, line.target, share));
        }
    }
    if findings.objectives.is_empty() {
        let flows = findings.variants.iter().flat_map(|variant| &variant.flows);
        for flow in flows {
            for figure in FIGURES {
                needs(of_figure(flow, figure, share));
            }
        }
    }
    let n = f64::from(findings.stamp.replications);
    #[expect(
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        reason = "replications are few"
    )]
    let next = |factor: f64| (n * factor.clamp(STEP_MIN, STEP_MAX)).ceil() as u32;
    widest.map(next)
}

/// How many times as many replications an SLO line needs in one variant; `None` if it is decided, or narrow enough.
fn of_cell(cell: &Cell, target: f64, share: f64) -> Option<f64> {
    if cell.verdict != Verdict::Undecided {
        return None;
    }
    let Some(estimate) = &cell.estimate else {
        // Nothing has been seen yet.
        return Some(STEP_MAX);
    };
    let to_decide = (estimate.mean - target).abs();
    of_estimate(estimate, share, to_decide)
}

fn of_figure(flow: &FlowFindings, figure: &str, share: f64) -> Option<f64> {
    let (_, estimate) = flow.figures.iter().find(|(name, _)| *name == figure)?;
    of_estimate(estimate, share, 0.0)
}

/// The same for an estimate that is narrow enough at a share of its value, or at this half-width.
fn of_estimate(estimate: &Estimate, share: f64, enough: f64) -> Option<f64> {
    let Some(half_width) = estimate.half_width else {
        return Some(STEP_MAX);
    };
    let narrow = share * estimate.mean.abs();
    if half_width <= narrow {
        return None;
    }
    let ratio = half_width / narrow.max(enough);
    Some(ratio * ratio)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn estimate(mean: f64, half_width: f64) -> Estimate {
        Estimate {
            mean,
            half_width: Some(half_width),
            n: 10,
            n_never: 0,
            n_bound: 0,
        }
    }

    #[test]
    fn a_line_needs_no_more_when_it_is_decided_or_narrow() {
        let cell = |mean, half_width, verdict| Cell {
            estimate: Some(estimate(mean, half_width)),
            verdict,
        };
        let of = |cell| of_cell(&cell, 0.99, 0.05);
        assert_eq!(of(cell(0.5, 0.4, Verdict::Pass)), None);
        assert_eq!(of(cell(0.5, 0.4, Verdict::NotBound)), None);
        assert_eq!(of(cell(0.98, 0.04, Verdict::Undecided)), None);
        // Twice as wide as a twentieth of the value: four times as many.
        let wide = of(cell(1.0, 0.1, Verdict::Undecided));
        assert!(
            wide.is_some_and(|factor| (factor - 4.0).abs() < 1e-12),
            "{wide:?}"
        );
        // To tell 0.79 from 0.99 it need not be as narrow as a twentieth of 0.79.
        let far = of(cell(0.79, 0.4, Verdict::Undecided));
        assert!(
            far.is_some_and(|factor| (factor - 4.0).abs() < 1e-9),
            "{far:?}"
        );
        let unseen = Cell {
            estimate: None,
            verdict: Verdict::Undecided,
        };
        assert_eq!(of(unseen), Some(STEP_MAX));
    }
}
