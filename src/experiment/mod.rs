//! Which runs: variants × replications, spread over threads, merged in a fixed order (A6).
//!
//! Threads take the next run from a counter, replication 0 of every variant first, then replication 1, …: whenever they stop,
//! the finished ones are a prefix for every variant. Of the variants those come first that probably take longest: the last ones of a
//! first look then leave no thread waiting for long. Each result has its own place, so who computed it and when leaves
//! no trace. Draws depend on (seed, replication) only (A4): a replication meets the same customers in every variant.

pub mod stored;

use crate::compile::Case;
use crate::engine;
use crate::metrics::{Both, Meter, Observation, Trace, Tracer};
use crate::model::Link;
use std::any::Any;
use std::cmp::Reverse;
use std::num::NonZero;
use std::ops::Range;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::OnceLock;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};

/// What finished replications saw: `cases[variant][replication]`, the same replications for every variant.
#[derive(Clone, Debug, PartialEq)]
pub struct Observations {
    /// The number of the first replication.
    pub first: u32,
    /// Per variant, per replication.
    pub cases: Vec<Vec<Observation>>,
}

impl Observations {
    /// None yet, of so many cases, from this replication on.
    #[must_use]
    pub fn none(n_cases: usize, first: u32) -> Self {
        Self {
            first,
            cases: std::iter::repeat_with(Vec::new).take(n_cases).collect(),
        }
    }

    /// Replications that every case has finished.
    #[must_use]
    pub fn finished(&self) -> usize {
        self.cases.iter().map(Vec::len).min().unwrap_or(0)
    }

    /// Their numbers.
    ///
    /// # Panics
    /// Never: replications are counted in `u32`.
    #[must_use]
    pub fn numbers(&self) -> Range<u32> {
        let n = u32::try_from(self.finished()).expect("replications are counted in u32");
        self.first..self.first + n
    }

    /// Adds further replications of each case.
    pub fn append(&mut self, more: Vec<Vec<Observation>>) {
        for (own, more) in self.cases.iter_mut().zip(more) {
            own.extend(more);
        }
    }
}

/// How many runs of each flow are followed to see where their time goes.
const FOLLOWED: usize = 500;

/// Told after each finished replication, from any thread: (finished, planned) over all variants.
pub type Progress<'a> = dyn Fn(usize, usize) + Sync + 'a;

/// Runs every case for the replications of its plan (the fewest, if plans differ) on `jobs` threads (0: as many as the
/// machine runs at once); stops between replications once `stop` is set and then keeps only replications that every case
/// has finished (a prefix: 0, 1, … k−1).
///
/// # Panics
/// If a replication panics, which is our bug: with its variant, number and seed and the command that replays it.
#[must_use]
pub fn run(
    cases: &[Case],
    jobs: usize,
    stop: &AtomicBool,
    progress: &Progress<'_>,
) -> Observations {
    let replications = cases.iter().map(|case| case.system.plan.replications);
    let until = replications.min().unwrap_or(0);
    let nothing = Observations::none(cases.len(), 0);
    run_more(cases, nothing, until, jobs, stop, progress)
}

/// The same, for replications that follow those that are finished, up to number `until` (which is left out).
///
/// # Panics
/// As [`run`].
#[must_use]
pub fn run_more(
    cases: &[Case],
    finished: Observations,
    until: u32,
    jobs: usize,
    stop: &AtomicBool,
    progress: &Progress<'_>,
) -> Observations {
    spread(cases, finished, until, (jobs, stop), progress, simulate)
}

/// Of fewer replications no flow run is followed: a replication with it takes a tenth to a quarter longer, and a first look is to be
/// quick.
const REPLICATIONS_FOLLOWED: u32 = 3;

/// One replication of one case, measured; of the first one of several a sample of each flow's runs is followed too.
fn simulate(case: &Case, replication: u32) -> Observation {
    let system = case.system.in_replication(replication);
    let mut meter = Meter::new(&system, &case.wiring);
    if replication == 0 && system.plan.replications >= REPLICATIONS_FOLLOWED {
        let mut probe = Both {
            all: meter,
            single: Tracer::new(&system, &case.wiring, FOLLOWED),
        };
        let end = engine::simulate(&system, &case.wiring, replication, &mut probe);
        return Observation {
            parts: probe.single.into_parts(),
            ..probe.all.into_observation(end)
        };
    }
    let end = engine::simulate(&system, &case.wiring, replication, &mut meter);
    meter.into_observation(end)
}

/// Simulates the first replication that was seen of every case once more and follows `most` runs of each flow: the same ones in every case, and
/// nothing else is changed by it. They come back flow by flow, in the order of their starts.
///
/// # Panics
/// If a replication is not executed as it was when `seen`: our bug.
#[must_use]
pub fn follow(cases: &[Case], seen: &Observations, most: usize, jobs: usize) -> Vec<Vec<Trace>> {
    let first = seen.first;
    let follow = |(case, seen): (&Case, &Vec<Observation>)| {
        let system = case.system.in_replication(first);
        let mut tracer = Tracer::new(&system, &case.wiring, most);
        let end = engine::simulate(&system, &case.wiring, first, &mut tracer);
        if let Some(seen) = seen.first() {
            let (once, again) = (seen.end.fingerprint, end.fingerprint);
            let variant = &case.wiring.name;
            assert_eq!(
                once, again,
                "variant `{variant}` runs otherwise when followed"
            );
        }
        tracer.into_traces().iter().flatten().cloned().collect()
    };
    let all: Vec<_> = cases.iter().zip(&seen.cases).collect();
    let mut traces = Vec::new();
    for some in all.chunks(threads(jobs)) {
        std::thread::scope(|scope| {
            let each: Vec<_> = some
                .iter()
                .map(|&one| scope.spawn(move || follow(one)))
                .collect();
            let each = each.into_iter().map(std::thread::ScopedJoinHandle::join);
            // One that panicked has said why.
            traces.extend(each.map(|one| one.expect("a followed run ends")));
        });
    }
    traces
}

/// How many threads: as many as the machine runs at once for 0.
fn threads(jobs: usize) -> usize {
    if jobs == 0 {
        std::thread::available_parallelism().map_or(1, NonZero::get)
    } else {
        jobs
    }
}

/// [`run_more`], with any way to make an observation.
fn spread(
    cases: &[Case],
    mut seen: Observations,
    until: u32,
    (jobs, stop): (usize, &AtomicBool),
    progress: &Progress<'_>,
    observe: impl Fn(&Case, u32) -> Observation + Sync,
) -> Observations {
    let before = seen.finished() * cases.len();
    let first = seen.numbers().end as usize;
    let planned = (until as usize).saturating_sub(first) * cases.len();
    let order = longest_first(cases);
    let places: Vec<OnceLock<Result<Observation, String>>> = std::iter::repeat_with(OnceLock::new)
        .take(planned)
        .collect();
    let (next, finished, failed) = (
        AtomicUsize::new(0),
        AtomicUsize::new(0),
        AtomicBool::new(false),
    );

    let work = || {
        while !stop.load(Ordering::Relaxed) && !failed.load(Ordering::Relaxed) {
            let idx = next.fetch_add(1, Ordering::Relaxed);
            let Some(place) = places.get(idx) else { break };
            let case = &cases[order[idx % cases.len()]];
            let replication = first + idx / cases.len();
            let replication = u32::try_from(replication).expect("replications are counted in u32");
            // A replication shares nothing that can change with another one, so none sees it half done.
            let seen = catch_unwind(AssertUnwindSafe(|| observe(case, replication)));
            let seen = seen.map_err(|payload| obituary(case, replication, payload.as_ref()));
            let is_fine = seen.is_ok();
            assert!(place.set(seen).is_ok(), "each run is taken once");
            if is_fine {
                let n = finished.fetch_add(1, Ordering::Relaxed) + 1;
                progress(before + n, before + planned);
            } else {
                failed.store(true, Ordering::Relaxed);
            }
        }
    };
    std::thread::scope(|scope| {
        for _ in 1..threads(jobs).min(planned) {
            scope.spawn(work);
        }
        work();
    });
    seen.append(collect(places, &order));
    seen
}

/// The cases in the order in which they are begun, longest first as far as that can be guessed: by the attempts that a flow run makes
/// if all goes wrong, a message counting for its hand-over and its delivery. Those alike stay in their order.
fn longest_first(cases: &[Case]) -> Vec<usize> {
    let work = |case: &Case| -> u64 {
        let edges = case.wiring.edges.iter();
        let attempts = edges.map(|edge| match &edge.link {
            Link::Call(call) => u64::from(call.retry.attempts.min(ATTEMPTS_MAX)),
            Link::Publish(_) => 2,
        });
        attempts.sum()
    };
    let mut order: Vec<usize> = (0..cases.len()).collect();
    order.sort_by_key(|&nth| Reverse(work(&cases[nth])));
    order
}

/// More attempts of a call than these are made by nobody.
const ATTEMPTS_MAX: u32 = 10;

/// Results in order, up to the first replication that some case did not finish.
fn collect(
    places: Vec<OnceLock<Result<Observation, String>>>,
    order: &[usize],
) -> Vec<Vec<Observation>> {
    let mut cases: Vec<Vec<Observation>> = vec![Vec::new(); order.len()];
    let results = places.into_iter().map(OnceLock::into_inner);
    for (idx, result) in results.enumerate() {
        match result {
            Some(Ok(observation)) => cases[order[idx % order.len()]].push(observation),
            Some(Err(obituary)) => panic!("{obituary}"),
            None => {}
        }
    }
    let complete = cases.iter().map(Vec::len).min().unwrap_or(0);
    for case in &mut cases {
        case.truncate(complete);
    }
    cases
}

/// What to say about a replication that panicked.
fn obituary(case: &Case, replication: u32, payload: &(dyn Any + Send)) -> String {
    let text = payload.downcast_ref::<String>().map(String::as_str);
    let text = text.or_else(|| payload.downcast_ref::<&str>().copied());
    let (variant, seed) = (&case.wiring.name, case.system.plan.seed);
    format!(
        "variant `{variant}`, replication {replication}, seed {seed}: {}\nreplay: brownout run FILE --variant {variant} \
         --seed {seed} --replications {} --jobs 1",
        text.unwrap_or("a panic without a message"),
        u64::from(replication) + 1,
    )
}

#[cfg(test)]
mod tests;
