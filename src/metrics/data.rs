//! What was read of each data, where, and how old it was (A29b). A read counts if its flow run does; by the instant of the
//! read it belongs to a fault's time or not.

use super::recorder::{FINE, LOWEST_NS, Recorder, Sample};
use super::spans::Spans;
use crate::engine::ReadFrom;
use crate::kernel::ids::IdVec;
use crate::kernel::time::{Duration, Time};
use crate::model::{DataId, Metric, Scope, System};
use serde::{Deserialize, Serialize};

/// Reads of one data in one replication.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct DataSeen {
    /// At the owner.
    pub from_owner: u64,
    /// From a copy.
    pub from_copy: u64,
    /// From a cache entry that was too old, because the owner failed.
    pub from_old_copy: u64,
    /// Reads that missed an update.
    pub stale: u64,
    /// Read time less the commit time of the oldest update that the read did not see; 0 if it saw them all.
    pub staleness: Sample<FINE>,
    /// The same within the scopes that SLO lines speak of.
    pub scoped: Vec<(Scope, Sample<FINE>)>,
}

/// A quantile of staleness, in seconds; what a histogram does not tell apart from nothing is nothing.
#[must_use]
pub fn staleness_s(sample: &Sample<FINE>, q: f64) -> Option<f64> {
    let value = sample.quantile_s(q)?;
    Some(if value < Duration(LOWEST_NS).as_secs_f64() {
        0.0
    } else {
        value
    })
}

/// Counts the reads of each data.
#[derive(Debug)]
pub(super) struct Reads(IdVec<DataId, Running>);

#[derive(Debug, Default)]
struct Running {
    seen: DataSeen,
    staleness: Recorder<FINE>,
    scoped: Vec<(Scope, Spans, Recorder<FINE>)>,
}

impl Reads {
    /// Nothing read yet.
    #[must_use]
    pub(super) fn new(system: &System) -> Self {
        let running = |data| {
            let mut scoped: Vec<(Scope, Spans, Recorder<FINE>)> = Vec::new();
            for line in &system.objectives {
                let is_new = scoped.iter().all(|(scope, ..)| *scope != line.scope);
                if line.metric == Metric::Staleness(data) && line.scope != Scope::Whole && is_new {
                    let spans = Spans::of(line.scope, system);
                    scoped.push((line.scope, spans, Recorder::default()));
                }
            }
            Running {
                scoped,
                ..Running::default()
            }
        };
        Self(system.data.ids().map(running).collect())
    }

    /// Something was read.
    #[inline]
    pub(super) fn read(&mut self, now: Time, data: DataId, from: ReadFrom, staleness: Duration) {
        let Running {
            seen,
            staleness: recorder,
            scoped,
        } = &mut self.0[data];
        *match from {
            ReadFrom::Owner => &mut seen.from_owner,
            ReadFrom::Copy => &mut seen.from_copy,
            ReadFrom::OldCopy => &mut seen.from_old_copy,
        } += 1;
        seen.stale += u64::from(!staleness.is_zero());
        recorder.record(staleness);
        for (_, spans, recorder) in scoped {
            if spans.contains(now) {
                recorder.record(staleness);
            }
        }
    }

    /// What was read.
    #[must_use]
    pub(super) fn seen(self) -> IdVec<DataId, DataSeen> {
        let seen = self.0.iter().map(|running| DataSeen {
            staleness: running.staleness.sample(),
            scoped: running
                .scoped
                .iter()
                .map(|(scope, _, recorder)| (*scope, recorder.sample()))
                .collect(),
            ..running.seen.clone()
        });
        seen.collect()
    }
}
