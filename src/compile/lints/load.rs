//! Offered load against workers: ρ, per pool of workers, without faults, errors and retries (A41).

use super::words;
use crate::arrivals::Arrivals;
use crate::compile::codes;
use crate::compile::demand::{self, Pool, Pools, Waits};
use crate::compile::mistakes::Mistakes;
use crate::compile::resolve::Resolved;
use crate::compile::wire::Wired;
use crate::kernel::ids::{Id, IdVec};
use crate::model::{ChannelId, ServiceId, Source, StepId, UNLIMITED};
use crate::scenario::Scenario;

/// The most records of a kind that a run can hold at once.
const UNDER_WAY_MAX: f64 = 67_108_864.0;

/// What is offered, at the peak of every source.
pub(crate) struct Load {
    /// Executions per second.
    pub(crate) rate: IdVec<StepId, f64>,
    /// Worker-seconds of one execution: its own work, and for a blocking service the wait for its callees.
    pub(crate) held_s: IdVec<StepId, f64>,
    /// Of it, the wait.
    wait_s: IdVec<StepId, f64>,
    pools: Pools,
}

impl Load {
    /// The load of a wiring.
    pub(crate) fn of(resolved: &Resolved<'_>, wired: &Wired<'_>) -> Self {
        let (system, wiring) = (&resolved.system, &wired.wiring);
        let rate = demand::rates(system, wiring, &resolved.peaks).steps;
        let waits = Waits::of(system, wiring);
        let held_s = waits.taken_s();
        Self {
            rate,
            held_s,
            wait_s: waits.held,
            pools: Pools::of(system, wiring),
        }
    }

    /// Busy share of a pool.
    pub(crate) fn rho(&self, pool: &Pool) -> f64 {
        pool.taken(&self.rate, &self.held_s) / pool.workers
    }

    /// The pool that serves a channel.
    pub(crate) fn pool_of(&self, channel: ChannelId, service: ServiceId) -> &Pool {
        self.pools.of_channel(channel, service)
    }

    /// W201: pools with more work than workers.
    pub(crate) fn lint(
        &self,
        scenario: &Scenario,
        resolved: &Resolved<'_>,
        mistakes: &mut Mistakes,
    ) {
        for pool in self.pools.all() {
            let rho = self.rho(pool);
            let Some(&first) = pool.steps.first().filter(|_| rho >= 1.0) else {
                continue;
            };
            let service = resolved.step(first).service;
            let entry = &scenario.services[service.idx()];
            let steps: Vec<String> = pool
                .steps
                .iter()
                .take(4)
                .map(|&step| self.told(resolved, step))
                .collect();
            let more = if pool.steps.len() > 4 { " + …" } else { "" };
            let message = format!(
                "in `{}`, `{}` is offered {}× what its {} can do: {}{more}",
                scenario.variant.name,
                entry.name,
                words::three(rho),
                words::workers(pool.workers),
                steps.join(" + ")
            );
            let piling_up = self.piling_up(resolved, pool, rho);
            if piling_up > UNDER_WAY_MAX {
                let message = format!(
                    "{message}; some {} million would wait for it in the end",
                    words::three(piling_up / 1e6)
                );
                mistakes
                    .error(codes::TOO_MANY, entry.place, message)
                    .help("bound its `queue`, offer less, or run for a shorter time");
                continue;
            }
            mistakes
                .warn(codes::OVERLOAD, entry.place, message)
                .label(format!("ρ = {}", words::three(rho)))
                .help("its queue grows without bound even without a fault: more `replicas` or `concurrency`, or less load");
        }
    }

    /// How many wait for an overloaded pool at the end of the window, if nothing bounds them and the load is steady.
    fn piling_up(&self, resolved: &Resolved<'_>, pool: &Pool, rho: f64) -> f64 {
        let system = &resolved.system;
        let is_open = |&step: &StepId| {
            let is_steady = |source: &Source| {
                source.flow != system.steps[step].flow
                    || !matches!(source.arrivals, Arrivals::Stages { .. })
            };
            let service = &system.services[system.steps[step].service];
            service.queue == UNLIMITED && system.sources.iter().all(is_steady)
        };
        let rate: f64 = pool
            .steps
            .iter()
            .filter(|step| is_open(step))
            .map(|&step| self.rate[step])
            .sum();
        let plan = &system.plan;
        rate * (1.0 - 1.0 / rho) * (plan.warmup + plan.duration).as_secs_f64()
    }

    /// `120/s × 340ms (of which 320ms waiting for callees)`.
    fn told(&self, resolved: &Resolved<'_>, step: StepId) -> String {
        let waiting = if self.wait_s[step] > 0.0 {
            format!(
                ", about {} of it waiting for callees",
                words::duration(self.wait_s[step])
            )
        } else {
            String::new()
        };
        format!(
            "`{}` {}/s × {}{waiting}",
            resolved.name(step),
            words::three(self.rate[step]),
            words::duration(self.held_s[step])
        )
    }
}
