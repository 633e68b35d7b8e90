//! One number a replication for every metric (A33–A36): what SLO lines, figures and differences are made of.

use crate::compile::Case;
use crate::metrics::{Counts, FINE, Observation, Sample, SliceSeen, pool, staleness_s};
use crate::model::{FlowId, Metric, Scope, Stat, StepId};
use crate::policies::Outcome;
use std::borrow::Cow;

/// The figures of a flow, in the order of a report.
pub(super) const FIGURES: [(&str, Metric, Stat); 23] = [
    ("availability", Metric::Availability, Stat::Value),
    ("degraded", Metric::Degraded, Stat::Value),
    ("latency_mean", Metric::Latency, Stat::Mean),
    ("latency_p50", Metric::Latency, Stat::Quantile(0.5)),
    ("latency_p95", Metric::Latency, Stat::Quantile(0.95)),
    ("latency_p99", Metric::Latency, Stat::Quantile(0.99)),
    ("latency_p999", Metric::Latency, Stat::Quantile(0.999)),
    ("latency_max", Metric::Latency, Stat::Max),
    ("completion_mean", Metric::Completion, Stat::Mean),
    ("completion_p50", Metric::Completion, Stat::Quantile(0.5)),
    ("completion_p95", Metric::Completion, Stat::Quantile(0.95)),
    ("completion_p99", Metric::Completion, Stat::Quantile(0.99)),
    ("completion_p999", Metric::Completion, Stat::Quantile(0.999)),
    ("completion_max", Metric::Completion, Stat::Max),
    ("goodput", Metric::Goodput, Stat::Value),
    ("throughput", Metric::Throughput, Stat::Value),
    ("backlog_max", Metric::Backlog, Stat::Max),
    ("lost", Metric::Lost, Stat::Value),
    ("dead_lettered", Metric::DeadLettered, Stat::Value),
    ("compensated", Metric::Compensated, Stat::Value),
    ("duplicates_applied", Metric::DuplicatesApplied, Stat::Value),
    ("unfinished", Metric::Unfinished, Stat::Value),
    ("amplification", Metric::Amplification, Stat::Value),
];
/// The figure after those of [`FIGURES`]: it needs a target.
pub(super) const WINDOWED: &str = "windowed_availability";

/// Pooled samples that must lie above a quantile for it to be given (A39).
pub(super) const SAMPLES_ABOVE: f64 = 20.0;

/// May the quantile `q` of `n` pooled samples be given (A39)? The last digits of 1 − `q` do not decide.
#[expect(clippy::cast_precision_loss, reason = "reports need 15 digits at most")]
pub(super) fn is_known(n: u64, q: f64) -> bool {
    n as f64 * (1.0 - q) >= SAMPLES_ABOVE - 1e-6
}

/// The same in a batch: fewer make a quantile of it that says nothing of its spread.
const BATCH_SAMPLES_ABOVE: f64 = 5.0;
/// Fewer batches than this make no interval.
const BATCHES_MIN: usize = 10;

/// Numbers that an interval can be made of: those of replications as they are, for these are independent; those of batches of one
/// replication in pairs, as long as neighbours are alike by more than chance (a lag-one autocorrelation beyond the 95 % quantile
/// 1.645/√n of independent numbers: Law, 9.5.3), and only their mean if they still are when few are left.
pub(super) fn settled(mut values: Vec<f64>, n_replications: usize) -> Vec<f64> {
    if values.len() <= n_replications {
        return values;
    }
    while autocorrelation(&values) > 1.645 / float(values.len() as u64).sqrt() {
        if values.len() < 2 * BATCHES_MIN {
            return vec![values.iter().sum::<f64>() / float(values.len() as u64)];
        }
        values = values
            .chunks_exact(2)
            .map(|pair| f64::midpoint(pair[0], pair[1]))
            .collect();
    }
    values
}

/// Of neighbours; 0 of equal numbers.
fn autocorrelation(values: &[f64]) -> f64 {
    let mean = values.iter().sum::<f64>() / float(values.len() as u64);
    let off = |value: &f64| value - mean;
    let squares: f64 = values.iter().map(|value| off(value) * off(value)).sum();
    let products: f64 = values
        .windows(2)
        .map(|pair| off(&pair[0]) * off(&pair[1]))
        .sum();
    if squares > 0.0 {
        products / squares
    } else {
        0.0
    }
}

/// What is asked of every replication of a variant.
#[derive(Clone, Debug)]
pub(super) struct Question {
    /// The flows it is about.
    pub(super) flows: Vec<FlowId>,
    /// Which of their flow runs.
    pub(super) scope: Scope,
    /// What is measured.
    pub(super) metric: Metric,
    /// Which statistic.
    pub(super) stat: Stat,
    /// The share that windowed availability asks of each window.
    pub(super) target: f64,
}

impl Question {
    /// One number a replication; `None` where there was nothing to observe, and everywhere if the metric is not measured
    /// in that scope or the quantile has too few samples (A39). Of a single replication that was cut into batches, one for each
    /// batch, around what the whole says; what then goes into an estimate passes through [`settled`].
    pub(super) fn ask(&self, case: &Case, observations: &[Observation]) -> Vec<Option<f64>> {
        if let Stat::Quantile(q) = self.stat {
            let n = observations
                .iter()
                .filter_map(|seen| self.times(case, seen));
            if !is_known(n.map(|sample| sample.n()).sum(), q) {
                return vec![None; observations.len()];
            }
        }
        if let [seen] = observations
            && let Some(batches) = self.ask_batches(case, seen)
        {
            return batches.into_iter().map(Some).collect();
        }
        let ask = |seen| self.ask_one(case, seen);
        observations.iter().map(ask).collect()
    }

    /// One number a batch, moved so that their mean is what the whole replication says; `None` if there are no batches, or the
    /// metric or the statistic is not one that parts of the window have.
    fn ask_batches(&self, case: &Case, seen: &Observation) -> Option<Vec<f64>> {
        let n = self
            .flows
            .iter()
            .map(|&flow| seen.flows[flow].batches.len())
            .min()?;
        let is_of_parts = match self.metric {
            Metric::Latency | Metric::Completion => self.stat != Stat::Max,
            Metric::Backlog => self.stat == Stat::Mean,
            Metric::Availability | Metric::Degraded | Metric::Goodput | Metric::Throughput => true,
            other => is_count(other),
        };
        if n == 0 || !is_of_parts || self.scope != Scope::Whole {
            return None;
        }
        let whole = self.ask_one(case, seen)?;
        let each = (0..n).map(|nth| {
            let flows = self.flows.iter();
            let slices: Vec<&SliceSeen> =
                flows.map(|&flow| &seen.flows[flow].batches[nth]).collect();
            if let Stat::Quantile(q) = self.stat {
                let n = self.times_of(case, seen, &slices)?.n();
                if float(n) * (1.0 - q) < BATCH_SAMPLES_ABOVE {
                    return None;
                }
            }
            self.ask_slices(case, seen, &slices)
        });
        let each: Vec<f64> = each.collect::<Option<_>>()?;
        let n = float(n as u64);
        // A count of a part is one of the whole, so many times as long.
        let is_counted = is_count(self.metric) && self.stat != Stat::Share;
        let scale = if is_counted { n } else { 1.0 };
        let each: Vec<f64> = each.into_iter().map(|value| value * scale).collect();
        let off = whole - each.iter().sum::<f64>() / n;
        Some(each.into_iter().map(|value| value + off).collect())
    }

    /// In how many replications the number is only a lower bound: flow runs that the end of the run cut off count with the
    /// time until then, and the number reaches into their times.
    pub(super) fn bounds(&self, case: &Case, observations: &[Observation]) -> u32 {
        let is_bound = |seen: &&Observation| {
            let Some(sample) = self.times(case, seen) else {
                return false;
            };
            let Some(cut) = sample.cut_s() else {
                return false;
            };
            match self.stat {
                Stat::Quantile(q) => sample.quantile_s(q).is_some_and(|value| value >= cut),
                Stat::Value | Stat::Share | Stat::Mean | Stat::Max => true,
            }
        };
        let n = observations.iter().filter(is_bound).count();
        u32::try_from(n).unwrap_or(u32::MAX)
    }

    fn ask_one(&self, case: &Case, seen: &Observation) -> Option<f64> {
        self.ask_slices(case, seen, &self.slices(seen))
    }

    fn ask_slices<'a>(
        &self,
        case: &Case,
        seen: &'a Observation,
        slices: &[&'a SliceSeen],
    ) -> Option<f64> {
        let mut counts = Counts::default();
        for slice in slices {
            counts.add(&slice.counts);
        }
        let seconds = slices.first().map_or(0.0, |slice| slice.seconds);
        let completions = slices.iter().map(|slice| slice.completions).sum();
        let everywhere = self.scope == Scope::Whole;
        match self.metric {
            Metric::Availability => ratio(counts.accepted(), counts.offered),
            Metric::Degraded => ratio(counts.degraded, counts.offered),
            Metric::WindowedAvailability if everywhere => self.good_windows(seen),
            Metric::Latency | Metric::Completion | Metric::MessageAge | Metric::Staleness(_) => {
                let sample = self.times_of(case, seen, slices)?;
                match self.stat {
                    Stat::Value | Stat::Share | Stat::Mean => sample.mean_s(),
                    Stat::Max => sample.max_s(),
                    Stat::Quantile(q) if matches!(self.metric, Metric::Staleness(_)) => {
                        staleness_s(&sample, q)
                    }
                    Stat::Quantile(q) => sample.quantile_s(q),
                }
            }
            Metric::Goodput => rate(counts.answered_ok, seconds),
            Metric::Throughput => rate(completions, seconds),
            Metric::Backlog => match self.stat {
                Stat::Value | Stat::Max => {
                    Some(float(slices.iter().map(|slice| slice.backlog_max).sum()))
                }
                Stat::Mean => Some(slices.iter().map(|slice| slice.backlog_mean).sum()),
                Stat::Quantile(_) | Stat::Share => None,
            },
            Metric::Recovery(fault) => {
                let flows = self.flows.iter().map(|&flow| &seen.flows[flow]);
                latest(flows.map(|flow| flow.recovery[fault]))
            }
            Metric::Lost => self.count(counts.lost, &counts),
            Metric::DeadLettered => self.count(counts.dead_lettered, &counts),
            Metric::Compensated => self.count(counts.compensated, &counts),
            Metric::DuplicatesApplied => self.count(counts.duplicates_applied, &counts),
            Metric::Unfinished => self.count(counts.unanswered + counts.incomplete, &counts),
            Metric::Amplification if everywhere => {
                ratio(attempts(case, seen, &self.flows), counts.offered)
            }
            Metric::BreakerOpen(step) if everywhere => turned_away(case, seen, step),
            Metric::WastedWork if everywhere => Some(seen.wasted_work),
            Metric::Utilization(service) if everywhere => {
                let service = seen.services[service];
                Some(service.busy? + service.held?)
            }
            Metric::WindowedAvailability
            | Metric::Amplification
            | Metric::BreakerOpen(_)
            | Metric::WastedWork
            | Metric::Utilization(_) => None,
        }
    }

    /// A count of flow runs, or their share of those offered.
    fn count(&self, count: u64, of: &Counts) -> Option<f64> {
        match self.stat {
            Stat::Share => ratio(count, of.offered),
            _ => Some(float(count)),
        }
    }

    /// The accounts of the flow runs asked about.
    fn slices<'a>(&self, seen: &'a Observation) -> Vec<&'a SliceSeen> {
        if self.scope == Scope::Whole {
            let flows = self.flows.iter().map(|&flow| &seen.flows[flow].whole);
            return flows.collect();
        }
        let scoped = seen
            .scoped
            .iter()
            .filter(|scoped| scoped.scope == self.scope && self.flows.contains(&scoped.flow));
        scoped.map(|scoped| &scoped.slice).collect()
    }

    /// The recorded times, if the metric is one of times.
    fn times<'a>(&self, case: &Case, seen: &'a Observation) -> Option<Cow<'a, Sample<FINE>>> {
        self.times_of(case, seen, &self.slices(seen))
    }

    fn times_of<'a>(
        &self,
        case: &Case,
        seen: &'a Observation,
        slices: &[&'a SliceSeen],
    ) -> Option<Cow<'a, Sample<FINE>>> {
        let samples: Vec<&Sample<FINE>> = match self.metric {
            Metric::Latency => slices
                .iter()
                .filter_map(|slice| slice.latency.as_ref())
                .collect(),
            Metric::Completion => slices
                .iter()
                .filter_map(|slice| slice.completion.as_ref())
                .collect(),
            Metric::MessageAge if self.scope == Scope::Whole => {
                let channels = case.wiring.channels.iter().zip(&seen.message_ages);
                let of_flows = channels.filter(|(channel, _)| {
                    self.flows.contains(&case.system.steps[channel.to].flow)
                });
                of_flows.map(|(_, sample)| sample).collect()
            }
            Metric::Staleness(data) if self.scope == Scope::Whole => {
                vec![&seen.data[data].staleness]
            }
            Metric::Staleness(data) => {
                let scoped = seen.data[data].scoped.iter();
                let scoped = scoped.filter(|(scope, _)| *scope == self.scope);
                scoped.map(|(_, sample)| sample).collect()
            }
            Metric::MessageAge => slices
                .iter()
                .filter_map(|slice| slice.message_age.as_ref())
                .collect(),
            _ => return None,
        };
        match samples[..] {
            [] => None,
            [one] => Some(Cow::Borrowed(one)),
            _ => Some(Cow::Owned(pool(samples))),
        }
    }

    /// The smallest share of good windows of the flows asked about.
    fn good_windows(&self, seen: &Observation) -> Option<f64> {
        let shares = self.flows.iter().filter_map(|&flow| {
            let asked = seen.flows[flow].good_windows.iter();
            let mut asked = asked.filter(|(target, _)| target.to_bits() == self.target.to_bits());
            asked.next().and_then(|&(_, share)| share)
        });
        shares.reduce(f64::min)
    }
}

/// Is it a number of flow runs?
const fn is_count(metric: Metric) -> bool {
    matches!(
        metric,
        Metric::Lost
            | Metric::DeadLettered
            | Metric::Compensated
            | Metric::DuplicatesApplied
            | Metric::Unfinished
    )
}

/// When everything is back: the latest of all; "never" if one never is; `None` if that of one cannot be told.
pub(super) fn latest(recoveries: impl Iterator<Item = Option<f64>>) -> Option<f64> {
    let recoveries: Vec<Option<f64>> = recoveries.collect();
    if recoveries.contains(&Some(f64::INFINITY)) {
        return Some(f64::INFINITY);
    }
    let known: Option<Vec<f64>> = recoveries.into_iter().collect();
    known?.into_iter().reduce(f64::max)
}

/// Attempts of counted flow runs over all edges that lead to a step of `flows`.
fn attempts(case: &Case, seen: &Observation, flows: &[FlowId]) -> u64 {
    let edges = case.wiring.edges.iter().zip(&seen.edges);
    let edges = edges.filter(|(edge, _)| flows.contains(&case.system.steps[edge.to].flow));
    edges.map(|(_, seen)| seen.attempts).sum()
}

#[expect(clippy::cast_precision_loss, reason = "reports need 15 digits at most")]
pub(super) fn float(count: u64) -> f64 {
    count as f64
}

/// The share of the attempts at a step that an open circuit breaker turned away.
fn turned_away(case: &Case, seen: &Observation, step: StepId) -> Option<f64> {
    let edges = case.wiring.edges.iter().zip(&seen.edges);
    let to_it = edges.filter(|(edge, _)| edge.to == step);
    let (turned, all) = to_it.fold((0, 0), |(turned, all), (_, seen)| {
        let here = seen.outcomes[Outcome::BreakerOpen as usize];
        (turned + here, all + seen.attempts)
    });
    ratio(turned, all)
}

/// A share or a mean count; `None` of nothing.
pub(super) fn ratio(part: u64, whole: u64) -> Option<f64> {
    (whole > 0).then(|| float(part) / float(whole))
}

fn rate(count: u64, seconds: f64) -> Option<f64> {
    (seconds > 0.0).then(|| float(count) / seconds)
}
