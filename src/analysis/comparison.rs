//! Two results side by side: which verdicts turned, and which figures moved by more than chance.
//!
//! Where both used the same seed and as many replications, the same customers came: differences are paired, replication by replication
//! (A38). Otherwise the two are independent, and the interval is Welch's ("The generalization of 'Student's' problem when several
//! different population variances are involved", Biometrika 34, 1947).

use super::figures::settled;
use super::{Estimate, Findings, FlowFindings, VariantFindings, Verdict, Word};
use crate::kernel::math::student_t_quantile;

/// What has changed from one result to another.
#[derive(Clone, Debug, PartialEq)]
pub struct Comparison {
    /// Are differences paired?
    pub is_paired: bool,
    /// SLO lines of variants that both have, in the order of the later one.
    pub verdicts: Vec<VerdictChange>,
    /// Figures that both have.
    pub figures: Vec<FigureChange>,
    /// Variants that only the earlier one has.
    pub gone: Vec<String>,
    /// Variants that only the later one has.
    pub new: Vec<String>,
}

/// An SLO line in a variant, before and after.
#[derive(Clone, Debug, PartialEq)]
pub struct VerdictChange {
    /// The line's place in the later findings.
    pub objective_idx: usize,
    /// Its place in the earlier ones.
    pub objective_before_idx: usize,
    /// The variant's place in the later findings.
    pub variant_idx: usize,
    /// Its place in the earlier ones.
    pub variant_before_idx: usize,
    /// The verdict before.
    pub before: Verdict,
    /// The verdict after.
    pub after: Verdict,
}

/// A figure of a flow in a variant, before and after.
#[derive(Clone, Debug, PartialEq)]
pub struct FigureChange {
    /// The variant.
    pub variant: String,
    /// The flow.
    pub flow: String,
    /// The figure, as in [`FlowFindings::figures`].
    pub figure: Word,
    /// What it was.
    pub before: Estimate,
    /// What it is.
    pub after: Estimate,
    /// After minus before.
    pub difference: Estimate,
    /// Does the interval of the difference leave out zero?
    pub is_sure: bool,
}

impl VerdictChange {
    /// Did a line break that held, or was undecided?
    #[must_use]
    pub fn is_worse(&self) -> bool {
        self.after == Verdict::Fail && self.before != Verdict::Fail
    }
}

/// From `before` to `after`.
#[must_use]
pub fn compare(before: &Findings, after: &Findings) -> Comparison {
    let (old, new) = (&before.stamp, &after.stamp);
    let is_paired =
        old.seed == new.seed && old.replications == new.replications && old.merged == new.merged;
    let both = after.variants.iter().filter_map(|variant| {
        let earlier = before.variants.iter();
        let earlier = earlier
            .into_iter()
            .find(|other| other.name == variant.name)?;
        Some((earlier, variant))
    });
    let figures = both.flat_map(|pair| figures(pair, is_paired, after));
    let missing = |from: &Findings, there: &Findings| {
        let is_missing = |name: &&str| there.variants.iter().all(|other| other.name != *name);
        let names = from.variants.iter().map(|variant| variant.name.as_str());
        names.filter(is_missing).map(str::to_owned).collect()
    };
    Comparison {
        is_paired,
        verdicts: verdict_changes(before, after),
        figures: figures.collect(),
        gone: missing(before, after),
        new: missing(after, before),
    }
}

/// Every SLO line in every variant that both have.
#[must_use]
pub fn verdict_changes(before: &Findings, after: &Findings) -> Vec<VerdictChange> {
    let mut changes = Vec::new();
    for (objective_idx, objective) in after.objectives.iter().enumerate() {
        let mut earlier = before.objectives.iter();
        let Some(objective_before_idx) = earlier.position(|other| other.name == objective.name)
        else {
            continue;
        };
        for (variant_idx, variant) in after.variants.iter().enumerate() {
            let mut earlier = before.variants.iter();
            let Some(variant_before_idx) = earlier.position(|other| other.name == variant.name)
            else {
                continue;
            };
            changes.push(VerdictChange {
                objective_idx,
                objective_before_idx,
                variant_idx,
                variant_before_idx,
                before: before.objectives[objective_before_idx].cells[variant_before_idx].verdict,
                after: objective.cells[variant_idx].verdict,
            });
        }
    }
    changes
}

fn figures(
    (before, after): (&VariantFindings, &VariantFindings),
    is_paired: bool,
    findings: &Findings,
) -> Vec<FigureChange> {
    let mut changes = Vec::new();
    for flow in &after.flows {
        let mut earlier = before.flows.iter();
        let Some(old) = earlier.find(|other| other.name == flow.name) else {
            continue;
        };
        for &(figure, estimate) in &flow.figures {
            let mut same = old.figures.iter();
            let Some(&(_, was)) = same.find(|(other, _)| *other == figure) else {
                continue;
            };
            let paired = is_paired.then(|| paired(old, flow, figure, findings));
            let difference = paired
                .flatten()
                .unwrap_or_else(|| independent(was, estimate, findings));
            let is_sure = difference
                .interval()
                .is_some_and(|(low, high)| low > 0.0 || high < 0.0);
            changes.push(FigureChange {
                variant: after.name.clone(),
                flow: flow.name.clone(),
                figure,
                before: was,
                after: estimate,
                difference,
                is_sure,
            });
        }
    }
    changes
}

/// Of the replications in which both observed it.
fn paired(
    before: &FlowFindings,
    after: &FlowFindings,
    figure: &str,
    findings: &Findings,
) -> Option<Estimate> {
    let of = |flow: &'_ FlowFindings| -> Option<Vec<Option<f64>>> {
        let mut observed = flow.observed.iter();
        let (_, values) = observed.find(|(name, _)| *name == figure)?;
        Some(values.clone())
    };
    let (old, new) = (of(before)?, of(after)?);
    if old.len() != new.len() {
        return None;
    }
    let each = old.into_iter().zip(new);
    let each = each.filter_map(|(old, new)| Some(new? - old?)).collect();
    let each = settled(each, findings.stamp.replications as usize);
    Estimate::of(&each, findings.stamp.confidence).filter(|found| !found.mean.is_nan())
}

/// Of two means that have nothing to do with each other. From a half-width, its share of the variance comes back by its own t.
fn independent(before: Estimate, after: Estimate, findings: &Findings) -> Estimate {
    let level = f64::midpoint(1.0, findings.stamp.confidence);
    let square = |one: &Estimate| {
        let n = f64::from(one.n);
        let error = one.half_width? / student_t_quantile(level, n - 1.0);
        Some((error * error, n - 1.0))
    };
    let half_width = square(&before).zip(square(&after)).map(|((a, n), (b, m))| {
        let sum = a + b;
        if sum <= 0.0 {
            return 0.0;
        }
        let freedom = sum * sum / (a * a / n + b * b / m);
        student_t_quantile(level, freedom) * sum.sqrt()
    });
    Estimate {
        mean: after.mean - before.mean,
        half_width,
        n: before.n.min(after.n),
        n_never: 0,
        n_bound: 0,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn estimate(values: &[f64]) -> Estimate {
        Estimate::of(values, 0.95).unwrap()
    }

    /// Welch 1947 by hand: means 20 and 22, variances 4 and 16 of 5 and 10: s² = 0.8 + 1.6, freedom 2.4²/(0.8²/4 + 1.6²/9) = 12.96.
    #[test]
    fn independent_means_have_welchs_interval() {
        let with = |mean: f64, variance: f64, n: u32| {
            let t = student_t_quantile(0.975, f64::from(n) - 1.0);
            Estimate {
                mean,
                half_width: Some(t * (variance / f64::from(n)).sqrt()),
                n,
                n_never: 0,
                n_bound: 0,
            }
        };
        let mut findings = Findings {
            stamp: crate::analysis::Stamp::of(
                &crate::metrics::fixture::system(100, &[]).plan,
                "shop",
            ),
            variants: Vec::new(),
            objectives: Vec::new(),
            faults: Vec::new(),
            differences: Vec::new(),
            warnings: Vec::new(),
        };
        findings.stamp.confidence = 0.95;
        let found = independent(with(20.0, 4.0, 5), with(22.0, 16.0, 10), &findings);
        let freedom = 2.4 * 2.4 / (0.64 / 4.0 + 2.56 / 9.0);
        let expected = student_t_quantile(0.975, freedom) * 2.4_f64.sqrt();
        assert!((found.mean - 2.0).abs() < 1e-12);
        assert!((found.half_width.unwrap() - expected).abs() < 1e-9);
        // One number alone says nothing of its spread.
        let alone = independent(estimate(&[1.0]), estimate(&[1.0, 2.0]), &findings);
        assert_eq!(alone.half_width, None);
    }
}
