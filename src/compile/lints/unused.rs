//! What is declared and takes part in nothing.

use std::collections::BTreeSet;

use crate::compile::codes;
use crate::compile::mistakes::Mistakes;
use crate::compile::resolve::{Resolved, Role};
use crate::compile::wire::Wired;
use crate::kernel::ids::Id;
use crate::model::{BrokerId, End, Fault, Link, ServiceId, Target};
use crate::policies::discipline::Discipline;
use crate::scenario::{Aim, Scenario};

/// Services, brokers and links that take part in nothing.
pub(crate) fn lint(
    scenario: &Scenario,
    resolved: &Resolved<'_>,
    wired: &Wired<'_>,
    mistakes: &mut Mistakes,
) {
    let services: BTreeSet<ServiceId> = resolved
        .system
        .steps
        .iter()
        .map(|step| step.service)
        .collect();
    for (idx, entry) in scenario.services.iter().enumerate() {
        if !services.contains(&ServiceId::from_idx(idx)) {
            let message = format!("no step is done at service `{}`", entry.name);
            mistakes
                .warn(codes::UNUSED_SERVICE, entry.place, message)
                .help("drop it, or add the step");
        }
    }
    let brokers: BTreeSet<BrokerId> = wired
        .wiring
        .channels
        .iter()
        .map(|channel| channel.broker)
        .collect();
    for (idx, entry) in scenario.brokers.iter().enumerate() {
        if !brokers.contains(&BrokerId::from_idx(idx)) {
            let message = format!("no message goes over broker `{}`", entry.name);
            mistakes.warn(codes::UNUSED_BROKER, entry.place, message);
        }
    }
    marks(resolved, mistakes);
    let hops = hops(resolved, wired);
    for (entry, fault) in scenario.faults.iter().zip(&resolved.system.faults) {
        let goes_over = |from, to| hops.contains(&(key(from), key(to)));
        let is_untouched = match fault.target {
            Target::Link { from, to } => !goes_over(from, to),
            Target::Between { .. } => !crosses(fault, resolved, &goes_over),
            _ => false,
        };
        if is_untouched {
            let target = &entry.value.target;
            let over = match &target.value {
                Aim::Named(name) => name.clone(),
                Aim::Cut { from, to, .. } => format!("{from} -> {to}"),
            };
            let message = format!(
                "variant `{}` sends nothing over `{over}`: fault `{}` does not touch it",
                wired.wiring.name, entry.name
            );
            mistakes.warn(codes::UNUSED_LINK, target.place, message).help(
                "`a -> b` is from caller to callee, or from sender to broker to consumer; replies are not hops of their own",
            );
        }
    }
}

/// Ranks and sizes of steps that nobody looks at.
fn marks(resolved: &Resolved<'_>, mistakes: &mut Mistakes) {
    let system = &resolved.system;
    let weighs = system
        .brokers
        .iter()
        .any(|broker| broker.throughput.is_some());
    let listed = resolved.steps.enumerate();
    for (id, note) in listed.filter(|(_, note)| note.role == Role::Listed) {
        let (name, step) = (&note.written.name, resolved.step(id));
        let service = system.services.get(step.service);
        let ranks = service.is_some_and(|service| {
            let reserves = service.shed.is_some_and(|shed| shed.reserve > 0);
            reserves || service.discipline == Discipline::Priority
        });
        if let Some(rank) = note.written.priority.as_ref().filter(|_| !ranks) {
            let message = format!("`priority` of `{}` has no effect", name.value);
            mistakes
                .warn(codes::UNUSED_KEY, rank.place, message)
                .help("its service serves by rank with `discipline: priority`");
        }
        if note.written.size.is_some() && !weighs {
            let message = format!("`size` of `{}` has no effect", name.value);
            mistakes
                .warn(codes::UNUSED_KEY, name.place, message)
                .help("a broker takes in bytes with a `throughput`, e.g. `10MB/s`");
        }
    }
}

/// Every pair of ends between which something is sent.
fn hops(resolved: &Resolved<'_>, wired: &Wired<'_>) -> BTreeSet<(EndKey, EndKey)> {
    let mut hops = BTreeSet::new();
    let service = |step| key(End::Service(resolved.step(step).service));
    let mut add = |from: EndKey, link: &Link, to: EndKey| match link {
        Link::Call(_) => {
            hops.insert((from, to));
        }
        Link::Publish(publish) if wired.wiring.channels[publish.channel].stream.is_some() => {
            hops.insert((from, to));
        }
        Link::Publish(publish) => {
            let broker = key(End::Broker(wired.wiring.channels[publish.channel].broker));
            hops.insert((from, broker));
            hops.insert((broker, to));
            // Its word.
            hops.insert((to, broker));
        }
    };
    for edge in &wired.wiring.edges {
        if let Some(from) = edge.from {
            add(service(from), &edge.link, service(edge.to));
        }
    }
    for (idx, &edge) in wired.wiring.entries.iter().enumerate() {
        let edge = &wired.wiring.edges[edge];
        add(
            key(End::Source(Id::from_idx(idx))),
            &edge.link,
            service(edge.to),
        );
    }
    hops
}

/// Does anything that a variant sends, or its reply, cross the zones between which a fault acts?
fn crosses(fault: &Fault, resolved: &Resolved<'_>, goes_over: &impl Fn(End, End) -> bool) -> bool {
    let system = &resolved.system;
    let services = system.services.ids().map(End::Service);
    let ends: Vec<End> = services
        .chain(system.brokers.ids().map(End::Broker))
        .collect();
    let touches = |from, to| system.touches(fault, Target::Link { from, to });
    ends.iter().any(|&from| {
        let mut others = ends.iter();
        others.any(|&to| goes_over(from, to) && (touches(from, to) || touches(to, from)))
    })
}

/// An end as something with an order.
type EndKey = (u8, u32);

fn key(end: End) -> EndKey {
    match end {
        End::Source(source) => (0, source.0),
        End::Service(service) => (1, service.0),
        End::Broker(broker) => (2, broker.0),
    }
}
