//! Is the warm-up long enough (A41)? MSER-5 looks where the time to the answer has settled.

use super::Warning;
use crate::compile::Case;
use crate::diagnostic::Code;
use crate::experiment::Observations;
use crate::kernel::math::student_t_quantile;
use crate::kernel::time::Duration;
use crate::kernel::units::format_duration;
use crate::metrics::{Observation, SeriesSeen};
use crate::model::{FlowId, Trigger};

/// What a warning is known by.
pub const TOO_SHORT: &str = "W301";
/// What the word about a warm-up that was found is known by.
pub const FOUND: &str = "W302";

/// Both, with their meanings.
pub const CODES: &[Code] = &[
    Code {
        code: TOO_SHORT,
        meaning: "the time to the answer has not settled when the measured window opens (MSER-5)",
        help: "a longer `run.warmup`",
    },
    Code {
        code: FOUND,
        meaning: "no warm-up is given, and 10 % of the window was too short: a longer one was found (MSER-5)",
        help: "write it down: `run.warmup`",
    },
];

/// Bins in a batch.
const BATCH: usize = 5;
/// Fewer batches tell nothing.
const BATCHES_MIN: usize = 8;
/// How sure it must be that the beginning is another one than the rest.
const CONFIDENCE: f64 = 0.999;

/// Where the mean square error of the mean of what is left is least: how many of the first values to leave out, at most half of them
/// (MSER: White, "An effective truncation heuristic for bias reduction in simulation output", Simulation 69, 1997; of means of five:
/// White, Cobb, Spratt, "A comparison of five steady-state truncation heuristics", WSC 2000).
#[must_use]
pub fn mser(values: &[f64]) -> usize {
    let error = |cut: usize| {
        let rest = &values[cut..];
        #[expect(clippy::cast_precision_loss, reason = "a few hundred values")]
        let n = rest.len() as f64;
        let mean = rest.iter().sum::<f64>() / n;
        rest.iter()
            .map(|value| (value - mean) * (value - mean))
            .sum::<f64>()
            / (n * n)
    };
    let cuts = 0..=values.len() / 2;
    cuts.min_by(|&a, &b| error(a).total_cmp(&error(b)))
        .unwrap_or(0)
}

/// How long the warm-up must be for every flow of every variant to have settled, if it is too short.
#[must_use]
pub fn wanted(cases: &[Case], observations: &Observations) -> Option<Duration> {
    let all = cases.iter().zip(&observations.cases);
    let longest = all.filter_map(|(case, seen)| {
        let flows = case.system.flows.ids();
        flows.filter_map(|flow| unsettled(case, seen, flow)).max()
    });
    let longest = longest.max()?;
    Some(Duration(cases.first()?.system.plan.warmup.0 + longest.0))
}

/// A warning for each variant in which a flow's time to the answer has not settled when the window opens. Only of flows whose load is
/// steady, and only up to the first fault: what changes by itself later is not the warm-up's business.
pub(super) fn warnings(all: &[(&Case, &[Observation])]) -> Vec<Warning> {
    let found = all.iter().filter_map(|&(case, seen)| {
        let flows = case.system.flows.ids();
        let longest = flows.filter_map(|flow| unsettled(case, seen, flow)).max()?;
        let plan = &case.system.plan;
        let warm_up = format_duration(Duration(plan.warmup.0 + longest.0));
        let message = format!(
            "in `{}`, the time to the answer has not settled yet in the first {} of the window (MSER-5): `run.warmup: {warm_up}` \
             would leave that out",
            case.wiring.name,
            format_duration(longest)
        );
        Some(Warning {
            code: TOO_SHORT.to_owned(),
            message,
            place: None,
        })
    });
    found.collect()
}

/// How much of the window a flow needs to settle, if that is more than chance.
fn unsettled(case: &Case, seen: &[Observation], flow: FlowId) -> Option<Duration> {
    let system = &case.system;
    let mut sources = system.sources.iter();
    if !sources.all(|source| source.arrivals.is_steady()) {
        return None;
    }
    let series: Vec<&SeriesSeen> = seen.iter().map(|seen| &seen.flows[flow].series).collect();
    let length_s = series.first()?.length_s;
    let until_s = quiet_s(case);
    let n_bins = series.iter().map(|one| one.bins.len()).min()?;
    #[expect(
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        reason = "a few hundred bins"
    )]
    let n = ((until_s / length_s).max(0.0) as usize).min(n_bins) / BATCH;
    if n < BATCHES_MIN || series.len() < 3 {
        return None;
    }
    // A batch for each replication: the mean of the bins' means; a bin without an answer says nothing.
    let batches: Vec<Vec<f64>> = series
        .iter()
        .map(|one| batches(one, n))
        .collect::<Option<_>>()?;
    #[expect(clippy::cast_precision_loss, reason = "replications are few")]
    let (k, of) = (batches.len() as f64, |n: usize| n as f64);
    let means: Vec<f64> = (0..n)
        .map(|nth| batches.iter().map(|one| one[nth]).sum::<f64>() / k)
        .collect();
    let cut = mser(&means);
    if cut == 0 {
        return None;
    }
    // Is a batch of the beginning another one than the rest? The replications are independent, whatever the bins are; of several
    // batches each must be so much the surer (Bonferroni): of all that might have been left out, for the cut was chosen among them.
    let mean = |values: &[f64]| values.iter().sum::<f64>() / of(values.len());
    let sure = (1.0 - CONFIDENCE) / 2.0 / of(n / 2);
    let t = student_t_quantile(1.0 - sure, k - 1.0);
    let is_another = |nth: usize| {
        let gaps: Vec<f64> = batches
            .iter()
            .map(|one| one[nth] - mean(&one[cut..]))
            .collect();
        let gap = mean(&gaps);
        let squares = gaps
            .iter()
            .map(|one| (one - gap) * (one - gap))
            .sum::<f64>();
        gap.abs() > t * (squares / (k - 1.0) / k).sqrt()
    };
    let length = || Duration::from_secs_f64(of(cut * BATCH) * length_s);
    (0..cut).any(is_another).then(length)
}

/// Up to when no fault acts, seconds from the opening of the window; not beyond its end.
fn quiet_s(case: &Case) -> f64 {
    let plan = &case.system.plan;
    let opens = plan.opens();
    let faults = case.system.faults.iter();
    let begins = faults.map(|fault| match (fault.windows.first(), &fault.when) {
        (Some(window), _) => window.start.max(opens) - opens,
        (None, Some(Trigger { from, .. })) => (*from).max(opens) - opens,
        // By chance, at any time.
        (None, None) => Duration::ZERO,
    });
    let first = begins.min().unwrap_or(plan.duration);
    first.min(plan.duration).as_secs_f64()
}

/// The means of the first `n` batches of a replication.
fn batches(series: &SeriesSeen, n: usize) -> Option<Vec<f64>> {
    let bins = series.bins[..n * BATCH].chunks(BATCH);
    let mean = |bins: &[crate::metrics::BinSeen]| {
        let means = bins.iter().filter_map(|bin| bin.latency.mean_s());
        let (sum, n) = means.fold((0.0, 0.0), |(sum, n), mean| (sum + mean, n + 1.0));
        (n > 0.0).then(|| sum / n)
    };
    bins.map(mean).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_beginning_goes_that_is_not_like_the_rest() {
        // Up to 10 within 8 values, then 10 or so.
        let rest = [
            10.0, 9.8, 10.2, 9.9, 10.1, 10.0, 9.7, 10.3, 10.0, 9.9, 10.1, 10.0,
        ];
        let mut values = vec![0.0, 3.0, 5.0, 6.5, 7.8, 8.6, 9.2, 9.6];
        values.extend(rest);
        let cut = mser(&values);
        assert!((5..=8).contains(&cut), "{cut}");
        assert_eq!(mser(&[5.0; 20]), 0);
        assert_eq!(mser(&[]), 0);
    }
}
