//! What copies of data know while the run goes on (A29b). Plain values; what happens to them is in `copies`.

use crate::copies::{Cache, Kind, Popular, Replica};
use crate::kernel::chance::{Purpose, Stream};
use crate::kernel::ids::IdVec;
use crate::kernel::time::Time;
use crate::model::{CopyId, DataId, ServiceId, StepId, System, Wiring};
use crate::policies::balance::Balance;
use std::collections::BTreeMap;

/// Data and their copies while the run goes on.
#[derive(Default)]
pub(super) struct Copies {
    /// Does any step read or write data?
    pub(super) are_any: bool,
    /// For each source in turn the keys that its flow runs mean, and the streams that draw them, one for each data.
    pub(super) keys: Vec<(Popular, Stream)>,
    pub(super) states: IdVec<CopyId, CopyState>,
    /// Calls of the owner by somebody who keeps a copy, by the slot of the call.
    pub(super) asked: BTreeMap<u32, Asked>,
}

/// One copy.
pub(super) struct CopyState {
    pub(super) data: DataId,
    pub(super) kind: Kind,
    pub(super) at: ServiceId,
    pub(super) instances: Vec<Known>,
}

/// What one instance knows.
pub(super) enum Known {
    Replica {
        replica: Replica,
        /// Is the instance down?
        is_down: bool,
        /// When it has loaded the copy.
        loaded: Time,
    },
    Cache(Cache),
}

/// A call of the owner by somebody who keeps a copy.
#[derive(Clone, Copy)]
pub(super) struct Asked {
    pub(super) copy: CopyId,
    pub(super) instance: u32,
    pub(super) key: u32,
    /// Has the owner read it?
    pub(super) is_read: bool,
    /// When the first update after that was committed.
    pub(super) stale_since: Option<Time>,
}

impl Copies {
    /// Before anything happens: replicas know everything, caches nothing.
    pub(super) fn new(system: &System, wiring: &Wiring, replication: u32) -> Self {
        let copies = wiring.copies.iter().map(|copy| {
            let service = &system.services[copy.at];
            let n = match service.balance {
                Balance::Shared => 1,
                _ => service.replicas,
            };
            let known = |_| match copy.kind {
                Kind::Replica { .. } => Known::Replica {
                    replica: Replica::default(),
                    is_down: false,
                    loaded: Time::ZERO,
                },
                Kind::Cache { entries, .. } => Known::Cache(Cache::new(entries)),
            };
            CopyState {
                data: copy.data,
                kind: copy.kind,
                at: copy.at,
                instances: (0..n).map(known).collect(),
            }
        });
        let keys = system.sources.iter().flat_map(|source| {
            let seed = system.plan.seed;
            let steps = system.flows[source.flow].steps.clone().map(StepId);
            system.data.enumerate().map(move |(id, data)| {
                let mut writes = steps.clone().map(|step| system.steps[step].writes);
                let popularity = if writes.any(|writes| writes == Some(id)) {
                    data.updated
                } else {
                    data.popularity
                };
                let line = source.key ^ data.key.rotate_left(23);
                let stream = Stream::new(seed, replication, Purpose::Data, line);
                (Popular::new(popularity, data.keys), stream)
            })
        });
        Self {
            are_any: system
                .steps
                .iter()
                .any(|step| step.reads.is_some() || step.writes.is_some()),
            keys: keys.collect(),
            states: copies.collect(),
            asked: BTreeMap::new(),
        }
    }
}

impl Known {
    /// An update of a key was committed, which it does not know. An instance that is down knows nothing, and loads it later.
    pub(super) fn committed(&mut self, key: u32, now: Time) {
        match self {
            Self::Replica { is_down: true, .. } => {}
            Self::Replica { replica, .. } => replica.committed(key, now),
            Self::Cache(cache) => cache.committed(key, now),
        }
    }
}
