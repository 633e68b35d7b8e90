//! What piles up in a queue while its consumer is away: does it fit, is it worked off, does it survive?

use super::load::Load;
use super::words;
use crate::compile::codes;
use crate::compile::mistakes::Mistakes;
use crate::compile::resolve::Resolved;
use crate::compile::wire::Wired;
use crate::diagnostic::Place;
use crate::faults::Effect;
use crate::kernel::ids::Id;
use crate::kernel::time::Time;
use crate::model::{
    Channel, ChannelId, Fault, FaultId, Link, ServiceId, StepId, System, UNLIMITED, Window,
};
use crate::scenario::{self, Entry, Scenario};

/// All suspicions about what piles up.
pub(crate) fn lint(
    scenario: &Scenario,
    resolved: &Resolved<'_>,
    wired: &Wired<'_>,
    load: &Load,
    mistakes: &mut Mistakes,
) {
    let outages = outages(resolved);
    if outages.is_empty() {
        return;
    }
    for (id, channel) in wired.wiring.channels.enumerate() {
        let service = resolved.step(channel.to).service;
        for outage in outages.iter().filter(|outage| outage.service == service) {
            let view = View {
                scenario,
                resolved,
                load,
                outage,
            };
            view.overflow(channel, mistakes);
            view.no_drain(id, channel, mistakes);
        }
        exhausted(scenario, resolved, wired, channel, &outages, mistakes);
    }
}

/// A span in which no instance of a service works.
struct Outage {
    fault: FaultId,
    service: ServiceId,
    /// The longest of its windows.
    window: Window,
    /// Do callers fail, or only wait?
    callers: Callers,
}

/// What becomes of those who call a service that is away.
#[derive(Clone, Copy, PartialEq)]
enum Callers {
    /// They hear a refusal, or time out.
    Fail,
    /// They wait until it goes on.
    Wait,
}

impl Outage {
    fn lasts_s(&self) -> f64 {
        self.window.end.since(self.window.start).as_secs_f64()
    }
}

/// Which fault stops a service next, from an instant on, and when.
fn next_stop(system: &System, service: ServiceId, from: Time) -> Option<(FaultId, Time)> {
    let faults = system.faults.enumerate();
    let stops = faults.filter(|(_, fault)| system.stopped_by(fault) == Some(service));
    let begins = stops.flat_map(|(id, fault)| {
        let later = fault
            .windows
            .iter()
            .filter(move |window| window.start >= from);
        later.map(move |window| (id, window.start))
    });
    begins.min_by_key(|(_, begins)| *begins)
}

fn outages(resolved: &Resolved<'_>) -> Vec<Outage> {
    let whole = |(id, fault): (FaultId, &Fault)| {
        let service = resolved.system.stopped_by(fault)?;
        let is_down = |effect: &Effect| matches!(effect, Effect::Down(_));
        let window = *fault
            .windows
            .iter()
            .max_by_key(|window| window.end.since(window.start))?;
        let callers = if fault.effects.iter().any(is_down) {
            Callers::Fail
        } else {
            Callers::Wait
        };
        Some(Outage {
            fault: id,
            service,
            window,
            callers,
        })
    };
    resolved
        .system
        .faults
        .enumerate()
        .filter_map(whole)
        .collect()
}

/// One outage as seen by the queue in front of it.
struct View<'v, 'a> {
    scenario: &'v Scenario,
    resolved: &'v Resolved<'a>,
    load: &'v Load,
    outage: &'v Outage,
}

impl View<'_, '_> {
    /// W208: more messages come than the queue holds.
    fn overflow(&self, channel: &Channel, mistakes: &mut Mistakes) {
        let capacity = self.resolved.system.brokers[channel.broker].capacity;
        let piled = self.load.rate[channel.to] * self.outage.lasts_s();
        if capacity == UNLIMITED || piled <= f64::from(capacity) {
            return;
        }
        let broker = &self.scenario.brokers[channel.broker.idx()];
        let place = broker
            .value
            .capacity
            .as_ref()
            .map(|capacity| capacity.place);
        let message = format!(
            "the queue of `{}` holds {capacity} messages, but {} come during fault `{}`",
            self.resolved.name(channel.to),
            words::three(piled),
            self.fault_name()
        );
        mistakes
            .warn(codes::OVERFLOW, place, message)
            .help("`when_full` decides what becomes of the others");
    }

    /// W207: backlog λD takes λD/(μ−λ) to work off, longer than until the next outage or the end of the run. The first window of which
    /// that is so.
    fn no_drain(&self, id: ChannelId, channel: &Channel, mistakes: &mut Mistakes) {
        let (system, rate) = (&self.resolved.system, self.load.rate[channel.to]);
        let pool = self.load.pool_of(id, self.outage.service);
        let rho = self.load.rho(pool);
        let windows = system.faults[self.outage.fault].windows.iter();
        let found = windows.filter(|_| rho < 1.0).find_map(|window| {
            let piled = rate * window.end.since(window.start).as_secs_f64();
            let takes = piled * self.load.held_s[channel.to] / (pool.workers * (1.0 - rho));
            let (limit, what) = self.quiet_until(window.end);
            let left = limit.since(window.end).as_secs_f64();
            let is_late = window.end != Time::NEVER && takes > left;
            is_late.then_some((piled, takes, left, what))
        });
        let Some((piled, takes, left, what)) = found else {
            return;
        };
        let fault = &self.scenario.faults[self.outage.fault.idx()];
        let message = format!(
            "in `{}`, {} messages for `{}` pile up during fault `{}` and take {} to work off (ρ = {}), but {what} after {}",
            self.scenario.variant.name,
            words::three(piled),
            self.resolved.name(channel.to),
            fault.name,
            words::duration(takes),
            words::three(rho),
            words::duration(left)
        );
        mistakes
            .warn(codes::NO_DRAIN, place_of_length(fault), message)
            .help("more workers, or a longer `run.drain`; what is left counts as unfinished");
    }

    /// Until when the service is not stopped again, from an instant on, and what ends that.
    fn quiet_until(&self, from: Time) -> (Time, String) {
        let system = &self.resolved.system;
        let run_ends = system.plan.closes() + system.plan.drain;
        match next_stop(system, self.outage.service, from) {
            Some((fault, begins)) if begins < run_ends => {
                let name = &system.names.faults[fault];
                (begins, format!("fault `{name}` stops it again"))
            }
            _ => (run_ends, "the run ends".to_owned()),
        }
    }

    fn fault_name(&self) -> &str {
        &self.resolved.system.names.faults[self.outage.fault]
    }
}

/// W209: a consumer whose callee is away runs out of deliveries before the callee is back.
fn exhausted(
    scenario: &Scenario,
    resolved: &Resolved<'_>,
    wired: &Wired<'_>,
    channel: &Channel,
    outages: &[Outage],
    mistakes: &mut Mistakes,
) {
    if channel.when_exhausted == crate::brokers::WhenExhausted::Block {
        return;
    }
    let waits = channel.redeliver.waits_longest_s();
    let tries = f64::from(channel.redeliver.attempts);
    let program = &wired.wiring.steps[channel.to];
    for &id in program
        .then
        .iter()
        .chain(&program.rest)
        .flat_map(|stage| &stage.edges)
    {
        let edge = &wired.wiring.edges[id];
        let Link::Call(call) = &edge.link else {
            continue;
        };
        let callee: StepId = edge.to;
        let service = resolved.step(callee).service;
        let found = outages.iter().find(|outage| {
            let spans = waits + tries * call.longest_s();
            outage.service == service && outage.callers == Callers::Fail && outage.lasts_s() > spans
        });
        let Some(outage) = found.filter(|_| resolved.is_required(callee)) else {
            continue;
        };
        let fault = &scenario.faults[outage.fault.idx()];
        let message = format!(
            "in `{}`, `{}` gives a message up after {} deliveries within {}, but `{}`, which it calls, is away for {} (fault `{}`)",
            scenario.variant.name,
            resolved.name(channel.to),
            channel.redeliver.attempts,
            words::duration(waits + tries * call.longest_s()),
            resolved.name(callee),
            words::duration(outage.lasts_s()),
            fault.name
        );
        mistakes
            .warn(codes::EXHAUSTED, place_of_length(fault), message)
            .help("more `redeliver.attempts`, or a longer `backoff`");
    }
}

/// Where it stands how long a fault lasts.
fn place_of_length(fault: &Entry<scenario::Fault>) -> Place {
    let lasts = fault.value.lasts.as_ref();
    lasts.map_or(fault.place, |lasts| lasts.place)
}
