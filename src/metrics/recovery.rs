//! Recovery (A36): from a fault's end until success share, answer time and backlog are back in their pre-fault band and stay
//! there for 30 s.
//!
//! ```text
//!      baseline: the last 10 min without trouble        judged: every window of 10 s from t to t + 30 s
//!   ├──────────────────────────────┤  ╎ fault ▒▒▒▒▒▒▒╎·········├──────────┤
//!   opens                        10 s before       its end ──▶ t        t + 30 s           recovery = t − its end
//! ```
//!
//! **What is judged.** Windows of 10 s that slide over the bins of [`super::grid`]. In each: the share of those who came
//! that were answered well, the mean level of their answer times (a geometric mean: it sees a doubling for a tenth of the
//! clients, and no single very long answer moves it), the mean backlog. A window nobody came in is judged by backlog alone.
//!
//! **The band** comes from the same replication's windows before the fault: mean ± the larger of three standard deviations
//! and a tolerance (one point of share; a tenth of the answer time; one flow run and a tenth of the backlog), and wide
//! enough for every window of the baseline. Only the bad side counts: less success, longer answers, more backlog. Windows
//! that touch another fault or its recovery are no baseline, nor are the last 10 s before the fault (whose flow runs it
//! hits). Another fault *after* the end is not excused: the system has not recovered while it is in trouble.
//!
//! **The answer** is `Some(0)` for a wiring that is in its band at once (or never left it), `Some(∞)` ("never") if it is
//! not back in the rest of the window, and `None` if that cannot be told: less than 30 s of baseline, a baseline that was
//! itself an outage at its end (fewer than half were answered well in its last 30 s), the fault still acts when the window
//! closes, or what is left of the window is shorter than a minute or than the fault's last window itself.

use super::grid::{GridBin, OCTAVE, WINDOW_S};
use super::spans::last_end;
use crate::kernel::ids::IdVec;
use crate::kernel::math;
use crate::kernel::time::{Duration, Time};
use crate::model::{Fault, FaultId, Plan, Window};

/// How long everything must stay in band (A36).
const HOLD: Duration = Duration::from_secs(30);
/// The least baseline.
const BASELINE_MIN: Duration = Duration::from_secs(30);
/// The most baseline: older times may have had another load.
const BASELINE_MAX: Duration = Duration::from_secs(600);
/// "Never" needs at least this much of the window after the fault's end.
const NEVER_AFTER: Duration = Duration::from_secs(60);

/// The means of one window; `None` where nobody came.
#[derive(Clone, Copy, Debug, PartialEq)]
struct Means {
    share: Option<f64>,
    level: Option<f64>,
    backlog: f64,
}

/// How bad each signal may be.
#[derive(Clone, Copy, Debug, PartialEq)]
struct Band {
    share_min: f64,
    level_max: f64,
    backlog_max: f64,
}

/// A flow's bins as sliding windows.
struct Sliding {
    opens: Time,
    step: Duration,
    windows: Vec<Means>,
    /// Bins in a window.
    width: usize,
}

/// Seconds from the end of each fault until the flow with these bins was back, by fault; see the module's text.
#[must_use]
pub(super) fn recoveries(
    faults: &IdVec<FaultId, Fault>,
    plan: &Plan,
    step: Duration,
    bins: &[GridBin],
) -> IdVec<FaultId, Option<f64>> {
    let sliding = Sliding::new(plan, step, bins);
    let mut order: Vec<FaultId> = faults.ids().collect();
    order.sort_by_key(|&id| (last_end(&faults[id]), id));
    let mut found: IdVec<FaultId, Option<f64>> = IdVec::from_fn(faults.len(), |_| None);
    for &id in &order {
        found[id] = recovery(id, faults, &found, plan, &sliding);
    }
    found
}

fn recovery(
    id: FaultId,
    faults: &IdVec<FaultId, Fault>,
    found: &IdVec<FaultId, Option<f64>>,
    plan: &Plan,
    sliding: &Sliding,
) -> Option<f64> {
    let fault = &faults[id];
    let first = fault.windows.first()?;
    // The last one that leaves enough time to see what came of it.
    let seen =
        |window: &&Window| window.end <= plan.closes() && plan.closes().since(window.end) >= HOLD;
    let last = fault.windows.iter().rev().find(seen)?;
    let troubled: Vec<(Time, Time)> = faults
        .enumerate()
        .filter(|&(other, _)| other != id)
        .filter_map(|(other, fault)| trouble(fault, found[other], first.start))
        .collect();
    let mut baseline = sliding.baseline(first.start, &troubled);
    if is_outage(&baseline[..baseline.len().min(sliding.n_of(BASELINE_MIN))]) {
        return None;
    }
    // An outage that no fault explains and that was over is no part of what is normal.
    baseline.retain(|means| !is_outage(std::slice::from_ref(means)));
    let band = Band::of(&baseline)?;

    let left = plan.closes().since(last.end);
    if let Some(back) = sliding.back_from(last.end, &band) {
        return Some(back.since(last.end).as_secs_f64());
    }
    (left >= NEVER_AFTER.max(last.end - last.start)).then_some(f64::INFINITY)
}

/// When a fault that began before `until` made times that are no baseline: from its first window to its recovery. If that
/// is not known, all the time until then.
fn trouble(fault: &Fault, recovery: Option<f64>, until: Time) -> Option<(Time, Time)> {
    let start = fault.windows.first()?.start;
    if start >= until {
        return None;
    }
    let end = match (last_end(fault), recovery) {
        (Some(end), Some(seconds)) if end <= until && seconds.is_finite() => {
            end + Duration::from_secs_f64(seconds)
        }
        _ => until,
    };
    Some((start, end))
}

impl Sliding {
    #[expect(
        clippy::cast_precision_loss,
        clippy::cast_possible_truncation,
        reason = "counts in 10 s are far below 2^53, and bins in 10 s are at most ten"
    )]
    fn new(plan: &Plan, step: Duration, bins: &[GridBin]) -> Self {
        let width = (WINDOW_S * Duration::SECOND.0 / step.0).max(1) as usize;
        let whole = (plan.duration.0 / step.0) as usize;
        let mean = |sum: u64, n: u64| (n > 0).then(|| sum as f64 / n as f64);
        let windows = bins[..whole.min(bins.len())].windows(width).map(|bins| {
            let sum = |field: fn(&GridBin) -> u64| bins.iter().map(field).sum::<u64>();
            Means {
                share: mean(sum(|bin| bin.good), sum(|bin| bin.offered)),
                level: mean(sum(|bin| bin.level), sum(|bin| bin.told)),
                backlog: sum(|bin| bin.backlog) as f64 / width as f64,
            }
        });
        Self {
            opens: plan.opens(),
            step,
            windows: windows.collect(),
            width,
        }
    }

    fn start_of(&self, idx: usize) -> Time {
        self.opens + Duration(self.step.0 * idx as u64)
    }

    fn end_of(&self, idx: usize) -> Time {
        self.start_of(idx + self.width)
    }

    /// How many windows begin in a span.
    fn n_of(&self, span: Duration) -> usize {
        usize::try_from(span.0 / self.step.0).unwrap_or(usize::MAX)
    }

    /// The windows without trouble before `until`, but for the last 10 s, latest first; empty if there are too few.
    fn baseline(&self, until: Time, troubled: &[(Time, Time)]) -> Vec<Means> {
        let calm = |idx: &usize| {
            let (start, end) = (self.start_of(*idx), self.end_of(*idx));
            end + Duration::from_secs(WINDOW_S) <= until
                && troubled
                    .iter()
                    .all(|&(from, to)| end <= from || to <= start)
        };
        let calm: Vec<usize> = (0..self.windows.len()).rev().filter(calm).collect();
        if calm.len() + self.width < self.n_of(BASELINE_MIN) + 1 {
            return Vec::new();
        }
        let calm = calm.into_iter().take(self.n_of(BASELINE_MAX));
        calm.map(|idx| self.windows[idx]).collect()
    }

    /// The first instant not before `end` from which everything stays in band for [`HOLD`].
    fn back_from(&self, end: Time, band: &Band) -> Option<Time> {
        let hold = usize::try_from(HOLD.0 / self.step.0).unwrap_or(usize::MAX) + 1 - self.width;
        let mut in_a_row = 0;
        for idx in (0..self.windows.len()).filter(|&idx| self.start_of(idx) >= end) {
            in_a_row = if band.holds(&self.windows[idx]) {
                in_a_row + 1
            } else {
                0
            };
            if in_a_row == hold {
                let first = idx + 1 - hold;
                let at_once = first == 0 || self.start_of(first - 1) < end;
                return Some(if at_once { end } else { self.start_of(first) });
            }
        }
        None
    }
}

impl Band {
    /// The band of a baseline; `None` if that is empty.
    fn of(baseline: &[Means]) -> Option<Self> {
        const SHARE: f64 = 0.01;
        const BACKLOG: f64 = 0.1;
        if baseline.is_empty() {
            return None;
        }
        let level = OCTAVE * math::ln(1.1) / math::ln(2.0);
        let shares: Vec<f64> = baseline.iter().filter_map(|means| means.share).collect();
        let levels: Vec<f64> = baseline.iter().filter_map(|means| means.level).collect();
        let backlogs: Vec<f64> = baseline.iter().map(|means| means.backlog).collect();
        Some(Self {
            share_min: -highest(shares.iter().map(|share| -share), |_| SHARE),
            level_max: highest(levels.iter().copied(), |_| level),
            backlog_max: highest(backlogs.iter().copied(), |mean| 1.0 + BACKLOG * mean),
        })
    }

    fn holds(&self, means: &Means) -> bool {
        means.share.is_none_or(|share| share >= self.share_min)
            && means.level.is_none_or(|level| level <= self.level_max)
            && means.backlog <= self.backlog_max
    }
}

/// Were fewer than half of those who came answered well, in the mean of windows?
fn is_outage(windows: &[Means]) -> bool {
    const HALF: f64 = 0.5;
    let shares = windows.iter().filter_map(|means| means.share);
    let (n, sum) = shares.fold((0.0, 0.0), |(n, sum), share| (n + 1.0, sum + share));
    n > 0.0 && sum < HALF * n
}

/// The larger of mean + max(3 standard deviations, tolerance) and the largest value; infinite (no bound) without a value.
#[expect(
    clippy::cast_precision_loss,
    reason = "a baseline has at most 600 windows"
)]
fn highest(values: impl Iterator<Item = f64> + Clone, tolerance: impl FnOnce(f64) -> f64) -> f64 {
    let n = values.clone().count() as f64;
    if n == 0.0 {
        return f64::INFINITY;
    }
    let mean = values.clone().sum::<f64>() / n;
    let squares: f64 = values
        .clone()
        .map(|value| (value - mean) * (value - mean))
        .sum();
    let sd = (squares / (n - 1.0).max(1.0)).sqrt();
    let edge = mean + tolerance(mean).max(3.0 * sd);
    values.fold(edge, f64::max)
}
