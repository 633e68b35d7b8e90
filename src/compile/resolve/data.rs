//! Data: who has it, and what variants keep copies of.

use super::notes::{Copied, Index, Resolved};
use crate::compile::codes;
use crate::compile::mistakes::Mistakes;
use crate::copies::Kind;
use crate::kernel::chance::key_of;
use crate::kernel::ids::IdVec;
use crate::model::{Data, DataId, ServiceId};
use crate::scenario::{Scenario, Spanned, defaults};

/// Stands for a service that does not exist; an error has been reported, so it never leaves `compile`.
const NOWHERE: ServiceId = ServiceId(u32::MAX);

/// The data, in file order.
pub(crate) fn data(
    scenario: &Scenario,
    index: &Index<'_>,
    mistakes: &mut Mistakes,
) -> IdVec<DataId, Data> {
    let data = scenario.data.iter().map(|entry| {
        let written = &entry.value;
        let popularity = written.popularity.unwrap_or(defaults::POPULARITY);
        Data {
            key: key_of(&[&entry.name]),
            owner: service_of(&written.owner, index, mistakes).unwrap_or(NOWHERE),
            keys: written.keys.value,
            popularity,
            updated: written.updated.unwrap_or(popularity),
        }
    });
    data.collect()
}

/// The variant's copies, as far as they make sense.
pub(crate) fn copies<'a>(
    scenario: &'a Scenario,
    resolved: &Resolved<'_>,
    mistakes: &mut Mistakes,
) -> Vec<Copied<'a>> {
    let mut copies = Vec::new();
    for entry in &scenario.variant.value.copies {
        let named = Spanned {
            value: entry.name.clone(),
            place: entry.place,
        };
        let data = data_of(&named, &resolved.index, mistakes);
        let at = service_of(&entry.value.at, &resolved.index, mistakes);
        let (Some(data), Some(at)) = (data, at) else {
            continue;
        };
        let place = entry.value.at.place;
        let name = &entry.value.at.value;
        if resolved.system.data[data].owner == at {
            let message = format!("`{name}` owns `{}`: it needs no copy", entry.name);
            mistakes
                .error(codes::COPY, place, message)
                .help("name the service that reads it");
        } else if resolved.system.services[at].external {
            let message = format!("`{name}` belongs to someone else, and keeps no copy of yours");
            mistakes
                .error(codes::COPY, place, message)
                .help("name a service of yours");
        }
        let scales = resolved.system.services.get(at);
        if scales.is_some_and(|service| service.autoscale.is_some())
            && matches!(entry.value.kind, Kind::Replica { .. })
        {
            let message = "a replica at a service that scales is not supported yet";
            mistakes
                .error(codes::UNSUPPORTED, entry.value.at.place, message)
                .help("a cache works, or `autoscale: none`");
        }
        copies.push(Copied {
            written: entry,
            data,
            at,
        });
    }
    copies
}

/// The data of a name.
pub(crate) fn data_of(
    name: &Spanned<String>,
    index: &Index<'_>,
    mistakes: &mut Mistakes,
) -> Option<DataId> {
    let found = index.data.get(name.value.as_str()).copied();
    if found.is_none() {
        let known = index.data.keys().copied();
        mistakes.unknown(codes::UNKNOWN, name.place, "data", &name.value, known);
    }
    found
}

/// The service of a name.
pub(crate) fn service_of(
    name: &Spanned<String>,
    index: &Index<'_>,
    mistakes: &mut Mistakes,
) -> Option<ServiceId> {
    let found = index.services.get(name.value.as_str()).copied();
    if found.is_none() {
        let known = index.services.keys().copied();
        mistakes.unknown(codes::UNKNOWN, name.place, "service", &name.value, known);
    }
    found
}
