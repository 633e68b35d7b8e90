//! What piles up in a queue while its consumer is away, and how long that takes to be worked off.

use super::{Row, View};
use crate::analysis::figures::float;
use crate::analysis::{Holds, Law};
use crate::compile::demand::Pools;
use crate::kernel::ids::Id as _;
use crate::model::{Channel, ChannelId, Fault, FaultId, StepId};
use crate::theory::Outage;

/// Rows for every channel and every fault that stops its consumer.
pub(super) fn rows(view: &View<'_>, rows: &mut Vec<Row>) {
    let (system, wiring) = (&view.case.system, &view.case.wiring);
    for (id, channel) in wiring.channels.enumerate() {
        let of_fault = system.faults.enumerate();
        let longest = of_fault.filter_map(|(fault, of)| {
            let lasts_s = stops_s(view, channel, of)?;
            Some((fault, lasts_s))
        });
        // The longest outage alone: it is what the queue's highest level comes from.
        let longest = longest.max_by(|(_, a), (_, b)| a.total_cmp(b));
        if let Some((fault, lasts_s)) = longest
            && channel.feed.is_none()
        {
            pair(view, (id, channel), (fault, lasts_s), rows);
        }
    }
}

/// For how long a fault stops the consumer of a channel altogether, at most, seconds.
fn stops_s(view: &View<'_>, channel: &Channel, fault: &Fault) -> Option<f64> {
    let system = &view.case.system;
    let service = system.steps[channel.to].service;
    system.stopped_by(fault).filter(|of| *of == service)?;
    let windows = fault.windows.iter();
    let longest = windows.map(|window| window.end.since(window.start)).max()?;
    Some(longest.as_secs_f64())
}

fn pair(
    view: &View<'_>,
    (id, channel): (ChannelId, &Channel),
    (fault, lasts_s): (FaultId, f64),
    rows: &mut Vec<Row>,
) {
    let (system, names) = (&view.case.system, &view.case.system.names);
    let outage = Outage {
        arrivals_per_s: view.rates.steps[channel.to],
        capacity_per_s: capacity(view, id, channel.to),
        lasts_s,
    };
    let name = format!("{} after {}", names.steps[channel.to], names.faults[fault]);
    let ready = view.seen.iter().filter_map(|seen| {
        let account = seen.end.channels.get(id.idx())?;
        Some(float(account.ready_max))
    });
    let backlog = outage.backlog();
    rows.push(Row::new(
        Law::OutageBacklog,
        &name,
        Holds::About,
        backlog,
        ready.collect(),
    ));
    let flow = system.steps[channel.to].flow;
    let back = view.seen.iter();
    let back = back.filter_map(|seen| seen.flows[flow].recovery.get(fault).copied()?);
    let drain = outage.drain_s();
    rows.push(Row::new(
        Law::OutageDrain,
        &name,
        Holds::About,
        drain,
        back.collect(),
    ));
}

/// What the consumers of a channel can do, messages per second: with what the other steps of their pool leave of its workers.
fn capacity(view: &View<'_>, id: ChannelId, to: StepId) -> f64 {
    let system = &view.case.system;
    let pools = Pools::of(system, &view.case.wiring);
    let pool = pools.of_channel(id, system.steps[to].service);
    let each_s = view.waits.taken_s();
    let others = pool.taken(&view.rates.steps, &each_s) - view.rates.steps[to] * each_s[to];
    (pool.workers - others).max(0.0) / each_s[to]
}
