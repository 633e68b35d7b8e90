//! A service as a queueing station: busy share, and the wait for a worker.

use super::{Row, View};
use crate::analysis::{Holds, Law};
use crate::arrivals::Arrivals;
use crate::kernel::ids::IdVec;
use crate::metrics::{Observation, WaitsSeen};
use crate::model::{
    Blocking, FlowId, Link, Service, ServiceId, Stage, StepId, System, UNLIMITED, Wiring,
};
use crate::policies::balance::Balance;
use crate::policies::discipline::Discipline;
use crate::theory::{MmC, wait_mean_about_s};

/// Calls a replication must have for its 99 % quantile to be compared with the law's.
const CALLS_MIN: f64 = 10_000.0;

/// Shares that wait below this are nobody.
const SHARE_MIN: f64 = 1e-4;

/// Rows for every service that has a number of workers.
pub(super) fn rows(view: &View<'_>, rows: &mut Vec<Row>) {
    let poisson = Walk::of(&view.case.system, &view.case.wiring).poisson;
    for (id, service) in view.case.system.services.enumerate() {
        let Some(station) = Station::of(view, id, service, &poisson) else {
            continue;
        };
        station.utilization(view, rows);
        station.waits(view, rows);
    }
}

/// What comes to a service, all steps together.
struct Station<'a> {
    id: ServiceId,
    name: &'a str,
    service: &'a Service,
    /// Executions per second.
    rate: f64,
    /// Mean work of one, seconds.
    work_s: f64,
    /// Its squared coefficient of variation.
    cv2: f64,
    /// Are all of them exponential, with one mean?
    is_exponential: bool,
    /// Do they come as a Poisson process?
    is_poisson: bool,
    /// Is all the time that a worker is taken work, and does it all stand in one line?
    is_one_line: bool,
}

impl<'a> Station<'a> {
    fn of(
        view: &View<'a>,
        id: ServiceId,
        service: &'a Service,
        poisson: &IdVec<StepId, bool>,
    ) -> Option<Self> {
        let (system, wiring) = (&view.case.system, &view.case.wiring);
        let is_other = service.autoscale.is_some()
            || service.crowding.is_some()
            || service.warm_up.is_some()
            || service.concurrency == UNLIMITED;
        let steps: Vec<StepId> = system
            .steps
            .enumerate()
            .filter(|(step, of)| of.service == id && view.rates.steps[*step] != 0.0)
            .map(|(step, _)| step)
            .collect();
        if is_other || steps.is_empty() || reads_copies(wiring, &steps) {
            return None;
        }
        let rate: f64 = steps.iter().map(|&step| view.rates.steps[step]).sum();
        let mean = |part: &dyn Fn(StepId) -> f64| {
            let parts = steps
                .iter()
                .map(|&step| view.rates.steps[step] * part(step));
            parts.sum::<f64>() / rate
        };
        let time = |step: StepId| &system.steps[step].service_time;
        let work_s = mean(&|step| time(step).mean_s());
        let square = mean(&|step| {
            let (mean, sd) = (time(step).mean_s(), time(step).sd_s());
            mean * mean + sd * sd
        });
        let flows: Vec<FlowId> = steps.iter().map(|&step| system.steps[step].flow).collect();
        let is_once = (1..flows.len()).all(|nth| !flows[..nth].contains(&flows[nth]));
        let is_called = |step: &StepId| {
            let mut edges = wiring.edges.iter().filter(|edge| edge.to == *step);
            edges.all(|edge| matches!(edge.link, Link::Call(_)))
        };
        let holds = |step: &StepId| {
            let program = &wiring.steps[*step];
            !program.then.is_empty() || !program.rest.is_empty()
        };
        let keeps = service.blocking == Blocking::Holds && steps.iter().any(holds);
        Some(Self {
            id,
            name: &system.names.services[id],
            service,
            rate,
            work_s,
            cv2: square / (work_s * work_s) - 1.0,
            is_exponential: steps.iter().all(|&step| {
                time(step).is_exponential() && time(step).mean_s().to_bits() == work_s.to_bits()
            }),
            is_poisson: is_once && steps.iter().all(|&step| poisson[step]),
            is_one_line: !keeps && steps.iter().all(is_called),
        })
    }

    fn workers(&self) -> f64 {
        f64::from(self.service.replicas) * f64::from(self.service.concurrency)
    }

    /// Busy share of its workers.
    fn rho(&self) -> f64 {
        self.rate * self.work_s / self.workers()
    }

    fn utilization(&self, view: &View<'_>, rows: &mut Vec<Row>) {
        if self.rho().is_nan() {
            return;
        }
        let busy = view
            .seen
            .iter()
            .filter_map(|seen| seen.services[self.id].busy);
        let expected = self.rho().min(1.0);
        let law = Law::Utilization;
        rows.push(Row::new(
            law,
            self.name,
            view.holds(),
            expected,
            busy.collect(),
        ));
    }

    fn waits(&self, view: &View<'_>, rows: &mut Vec<Row>) {
        let is_ranked = self.service.discipline != Discipline::Fifo;
        if !self.is_one_line || self.rho() >= 1.0 || self.work_s <= 0.0 {
            return;
        }
        let Some((station, pooling)) = self.lines() else {
            return;
        };
        let is_markov = self.is_poisson && self.is_exponential;
        let is_single = self.is_poisson && station.n_workers == 1 && !is_ranked;
        let holds = |is_exact: bool| {
            if is_exact {
                view.or_about(pooling)
            } else {
                Holds::About
            }
        };
        let seen = |part: fn(&WaitsSeen) -> f64| {
            let waits = |seen: &Observation| seen.services[self.id].waits.as_ref().map(part);
            view.seen.iter().filter_map(waits).collect::<Vec<f64>>()
        };
        let share = station.wait_probability();
        let shares = seen(|waits| waits.share);
        // Nobody waits here, says either: that is no news.
        if share < SHARE_MIN && shares.iter().all(|&seen| seen < SHARE_MIN) {
            return;
        }
        let is_any = share >= SHARE_MIN * 1e-2;
        let share = if is_any { share } else { 0.0 };
        let mean = if is_any {
            wait_mean_about_s(station, self.cv2)
        } else {
            0.0
        };
        // The best of lines has the shortest wait, not the fewest who wait.
        let is_share = holds(is_markov && pooling == Holds::Exactly || is_single);
        let is_mean = holds(is_markov || is_single && pooling == Holds::Exactly);
        rows.push(Row::new(Law::WaitShare, self.name, is_share, share, shares));
        rows.push(Row::new(
            Law::WaitMean,
            self.name,
            is_mean,
            mean,
            seen(|waits| waits.mean_s),
        ));
        let calls = self.rate * view.case.system.plan.duration.as_secs_f64();
        if is_markov && pooling == Holds::Exactly && !is_ranked && calls >= CALLS_MIN {
            let p99 = station.wait_quantile_s(0.99);
            let seen = seen(|waits| waits.p99_s);
            rows.push(Row::new(Law::WaitP99, self.name, holds(true), p99, seen));
        }
    }

    /// One of its lines, all alike; and whether the wait there is that of the service. `None` if a form would only mislead.
    fn lines(&self) -> Option<(MmC, Holds)> {
        let Service {
            replicas,
            concurrency,
            ..
        } = *self.service;
        let line = |arrivals_per_s: f64, n_workers: u32| MmC {
            arrivals_per_s,
            service_s: self.work_s,
            n_workers,
        };
        let all = replicas.checked_mul(concurrency)?;
        Some(match self.service.balance {
            _ if replicas == 1 => (line(self.rate, concurrency), Holds::Exactly),
            Balance::Shared => (line(self.rate, all), Holds::Exactly),
            Balance::Random => {
                let each = line(self.rate / f64::from(replicas), concurrency);
                (each, Holds::Exactly)
            }
            // One line for all is the best that any way to choose can do.
            Balance::RoundRobin | Balance::LeastRequests | Balance::PowerOfTwo | Balance::Hash => {
                (line(self.rate, all), Holds::AtLeast)
            }
            Balance::ZoneAware => return None,
        })
    }
}

/// Is a step among these, or one that leads there, reached by way of a copy of data? Then nobody knows beforehand how often.
fn reads_copies(wiring: &Wiring, steps: &[StepId]) -> bool {
    let mut edges = wiring.edges.iter();
    edges.any(|edge| edge.copy.is_some() && steps.contains(&edge.to))
}

/// Where arrivals are a Poisson process: at the entry of a flow whose clients come as one, and behind stations that pass it on
/// (Burke, "The output of a queuing system", Operations Research 4(6), 1956; a delay that depends on nothing else passes it on too).
struct Walk<'a> {
    system: &'a System,
    wiring: &'a Wiring,
    poisson: IdVec<StepId, bool>,
    visits: IdVec<StepId, u32>,
}

impl<'a> Walk<'a> {
    fn of(system: &'a System, wiring: &'a Wiring) -> Self {
        let n = system.steps.len();
        let mut walk = Self {
            system,
            wiring,
            poisson: IdVec::from_fn(n, |_: StepId| true),
            visits: IdVec::from_fn(n, |_: StepId| 0),
        };
        for flow in system.flows.ids() {
            let mut sources = system.sources.iter().filter(|source| source.flow == flow);
            let is_poisson = sources.all(|source| matches!(source.arrivals, Arrivals::Poisson(_)));
            if let Some(entry) = wiring.entries_of(system, flow).next() {
                walk.visit(wiring.edges[entry].to, is_poisson);
            }
        }
        walk
    }

    /// A flow run reaches a step; is what leaves it, when it is done with all that it needs, a Poisson process again?
    fn visit(&mut self, step: StepId, arrives: bool) -> bool {
        self.visits[step] += 1;
        let is_poisson = arrives && self.visits[step] == 1;
        self.poisson[step] &= is_poisson;
        let program = &self.wiring.steps[step];
        let mut is_poisson = is_poisson && self.passes_on(step);
        for stage in program.then.iter().chain(&program.rest) {
            is_poisson = self.stage(stage, is_poisson);
        }
        is_poisson
    }

    fn stage(&mut self, stage: &Stage, arrives: bool) -> bool {
        let is_single = stage.edges.len() == 1 && stage.join.is_none();
        let mut leaves = arrives && is_single;
        for &edge in &stage.edges {
            let edge = &self.wiring.edges[edge];
            let is_plain = edge.copy.is_none() && edge.hedge.is_none();
            let starts = arrives && is_plain && stage.join.is_none();
            leaves &= match &edge.link {
                Link::Call(_) => self.visit(edge.to, starts),
                Link::Publish(publish) => {
                    self.visit(edge.to, false);
                    !publish.awaits_reply
                }
            };
        }
        leaves
    }

    fn passes_on(&self, step: StepId) -> bool {
        let step = &self.system.steps[step];
        let service = &self.system.services[step.service];
        let same = self.system.steps.iter();
        let is_alone = same.filter(|other| other.service == step.service).count() == 1;
        let is_line = step.service_time.is_exponential()
            && service.crowding.is_none()
            && service.autoscale.is_none()
            && service.blocking == Blocking::Releases
            && (service.replicas == 1
                || matches!(service.balance, Balance::Shared | Balance::Random));
        let never_waits = service.concurrency == UNLIMITED && service.crowding.is_none();
        never_waits || is_alone && is_line
    }
}
