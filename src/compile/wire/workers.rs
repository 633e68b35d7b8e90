//! Workers set apart come out of the service's concurrency: capacity is the same in every wiring (A42).

use std::collections::BTreeMap;

use super::Wired;
use crate::compile::codes;
use crate::compile::mistakes::Mistakes;
use crate::compile::resolve::Resolved;
use crate::diagnostic::Place;
use crate::kernel::ids::{Id, IdVec};
use crate::model::{Link, ServiceId, StepId, UNLIMITED};

/// What is set apart at a service.
#[derive(Default)]
struct Apart {
    workers: u64,
    /// Where the last of them was written.
    place: Option<Place>,
}

/// Checks every service that consumes.
pub(crate) fn check(resolved: &Resolved<'_>, wired: &Wired<'_>, mistakes: &mut Mistakes) {
    let mut apart: BTreeMap<ServiceId, Apart> = BTreeMap::new();
    for (id, channel) in wired.wiring.channels.enumerate() {
        let Some(workers) = channel.workers else {
            continue;
        };
        let entry = apart.entry(resolved.step(channel.to).service).or_default();
        entry.workers += u64::from(workers);
        entry.place = wired.consumes[id].workers.map(|workers| workers.place);
    }
    let others = others(resolved, wired);
    for (id, apart) in apart {
        let Some(service) = resolved.system.services.get(id) else {
            continue;
        };
        if service.concurrency == UNLIMITED {
            continue;
        }
        let name = &resolved.system.names.services[id];
        let has = service.concurrency;
        if apart.workers > u64::from(has) {
            let workers = if apart.workers >= u64::from(UNLIMITED) {
                "unlimited".to_owned()
            } else {
                apart.workers.to_string()
            };
            let message = format!(
                "{workers} workers are set apart at `{name}`, which has `concurrency: {has}`"
            );
            mistakes
                .error(codes::WORKERS, apart.place, message)
                .help("they come out of the service's own workers, so that every wiring has the same capacity");
        } else if apart.workers == u64::from(has)
            && let Some(other) = others[id]
        {
            let message = format!(
                "all {has} workers of `{name}` are set apart, and none is left for `{}`",
                resolved.name(other)
            );
            mistakes
                .error(codes::WORKERS, apart.place, message)
                .help(format!(
                    "set fewer than {has} apart, or leave `workers` out to share them"
                ));
        }
    }
}

/// For each service a step that needs workers which are not set apart.
fn others(resolved: &Resolved<'_>, wired: &Wired<'_>) -> IdVec<ServiceId, Option<StepId>> {
    let mut others = IdVec::from_fn(resolved.system.services.len(), |_: ServiceId| None);
    for edge in &wired.wiring.edges {
        let shares = match &edge.link {
            Link::Call(_) => true,
            Link::Publish(publish) => wired.wiring.channels[publish.channel].workers.is_none(),
        };
        let service = resolved.step(edge.to).service;
        if shares && service.idx() < others.len() {
            others[service] = Some(edge.to);
        }
    }
    others
}
