//! What a fault's `target:` names: a service, a broker, a zone, a link between two ends, or what callers know.

use super::notes::Resolved;
use crate::compile::codes;
use crate::compile::mistakes::Mistakes;
use crate::diagnostic::Place;
use crate::model::{End, ServiceId, Target, Ways};
use crate::scenario::{Aim, Spanned};

/// The target that `written` names; `None` after reporting that there is none.
pub(crate) fn target(
    resolved: &Resolved<'_>,
    written: &Spanned<Aim>,
    mistakes: &mut Mistakes,
) -> Option<Target> {
    match &written.value {
        Aim::Named(name) => named(resolved, name, written.place, mistakes),
        Aim::Cut { from, to, is_both } => {
            let mut zone = |name: &str| {
                let zones = &resolved.index.zones;
                let found = zones.get(name).copied();
                if found.is_none() {
                    let known = zones.keys().copied();
                    mistakes.unknown(codes::UNKNOWN, written.place, "zone", name, known);
                }
                found
            };
            let (from, to) = (zone(from), zone(to));
            let (from, to) = (from?, to?);
            if from == to {
                let message = "a zone cannot be cut from itself";
                mistakes
                    .error(codes::FAULT_EFFECT, written.place, message)
                    .help("name two zones; a zone that is lost is `target: zone_a, down: hang`");
                return None;
            }
            let ways = if *is_both { Ways::Both } else { Ways::There };
            Some(Target::Between { from, to, ways })
        }
    }
}

fn named(
    resolved: &Resolved<'_>,
    name: &str,
    place: Place,
    mistakes: &mut Mistakes,
) -> Option<Target> {
    if let Some((from, to)) = name.split_once("->") {
        let (from, to) = (from.trim(), to.trim());
        let zones = &resolved.index.zones;
        if let (Some(&from), Some(&to)) = (zones.get(from), zones.get(to)) {
            let ways = Ways::There;
            return Some(Target::Between { from, to, ways });
        }
        let from = end(resolved, from, place, mistakes);
        let to = end(resolved, to, place, mistakes);
        let (from, to) = (from?, to?);
        if let End::Source(_) = to {
            mistakes
                .error(codes::FAULT_EFFECT, place, "nothing is sent to a traffic source")
                .help("replies are not hops of their own: use `drop_replies` on the link the other way");
            return None;
        }
        return Some(Target::Link { from, to });
    }
    if name == "discovery" {
        return Some(Target::Discovery);
    }
    if let Some(&zone) = resolved.index.zones.get(name) {
        return Some(Target::Zone(zone));
    }
    match end(resolved, name, place, mistakes)? {
        End::Service(service) => Some(Target::Service(service)),
        End::Broker(broker) => Some(Target::Broker(broker)),
        End::Source(source) => Some(Target::Source(source)),
    }
}

fn end(resolved: &Resolved<'_>, name: &str, place: Place, mistakes: &mut Mistakes) -> Option<End> {
    let index = &resolved.index;
    if let Some(&service) = index.services.get(name) {
        return Some(End::Service(service));
    }
    if let Some(&broker) = index.brokers.get(name) {
        return Some(End::Broker(broker));
    }
    if let Some(&source) = index.sources.get(name) {
        return Some(End::Source(source));
    }
    match services_of_step(resolved, name).as_slice() {
        &[service] => Some(End::Service(service)),
        [] => {
            let known = index
                .services
                .keys()
                .chain(index.brokers.keys())
                .chain(index.sources.keys())
                .chain(index.zones.keys());
            mistakes.unknown(codes::UNKNOWN, place, "fault target", name, known.copied());
            None
        }
        several => {
            let message = format!("step `{name}` is done at {} services", several.len());
            mistakes
                .error(codes::UNKNOWN, place, message)
                .help("name the service that the fault hits");
            None
        }
    }
}

/// The services at which steps of this name are done. Steps without a service (reported before) do not count.
fn services_of_step(resolved: &Resolved<'_>, name: &str) -> Vec<ServiceId> {
    let steps = resolved
        .index
        .all_steps
        .get(name)
        .map_or(&[][..], Vec::as_slice);
    let mut services: Vec<ServiceId> = steps
        .iter()
        .map(|&step| resolved.system.steps[step].service)
        .filter(|&service| resolved.system.services.get(service).is_some())
        .collect();
    services.sort_unstable();
    services.dedup();
    services
}
