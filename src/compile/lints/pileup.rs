//! What piles up in a queue while its consumer is away: does it fit, is it worked off, does it survive?

use super::load::Load;
use super::{calls, words};
use crate::compile::codes;
use crate::compile::mistakes::Mistakes;
use crate::compile::resolve::Resolved;
use crate::compile::wire::Wired;
use crate::diagnostic::Place;
use crate::faults::Effect;
use crate::kernel::ids::Id;
use crate::kernel::time::Time;
use crate::model::{
    Channel, ChannelId, Fault, FaultId, Link, ServiceId, StepId, Target, UNLIMITED, Window,
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

fn outages(resolved: &Resolved<'_>) -> Vec<Outage> {
    let whole = |(id, fault): (FaultId, &Fault)| {
        let Target::Service(service) = fault.target else {
            return None;
        };
        let replicas = resolved.system.services[service].replicas;
        let stops = |effect: &Effect| matches!(effect, Effect::Down(_) | Effect::Pause);
        let is_down = |effect: &Effect| matches!(effect, Effect::Down(_));
        if fault.replicas < replicas || !fault.effects.iter().any(stops) {
            return None;
        }
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

    /// W207: backlog λD takes λD/(μ−λ) to work off, longer than the run goes on.
    fn no_drain(&self, id: ChannelId, channel: &Channel, mistakes: &mut Mistakes) {
        let pool = self.load.pool_of(id, self.outage.service);
        let rho = self.load.rho(pool);
        let piled = self.load.rate[channel.to] * self.outage.lasts_s();
        let work = piled * self.load.held_s[channel.to];
        let plan = &self.resolved.system.plan;
        if rho >= 1.0 {
            return;
        }
        let takes = work / (pool.workers * (1.0 - rho));
        let left = (plan.closes() + plan.drain)
            .since(self.outage.window.end)
            .as_secs_f64();
        if self.outage.window.end == Time::NEVER || takes <= left {
            return;
        }
        let fault = &self.scenario.faults[self.outage.fault.idx()];
        let message = format!(
            "in `{}`, {} messages for `{}` pile up during fault `{}` and take {} to work off (ρ = {}), but the run ends after {}",
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
    let waits = words::waits_s(&channel.redeliver);
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
            let spans = waits + tries * calls::longest_s(call);
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
            words::duration(waits + tries * calls::longest_s(call)),
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
