//! What one replication saw: compact, and enough for every finding.

use super::blast::BlastSeen;
use super::causes::Causes;
use super::data::DataSeen;
use super::edges::EdgeSeen;
use super::recorder::{FINE, Sample};
use super::series::SeriesSeen;
use super::slice::SliceSeen;
use super::trace::FlowParts;
use super::workers::ServiceSeen;
use crate::engine::RunEnd;
use crate::kernel::ids::IdVec;
use crate::model::{ChannelId, DataId, EdgeId, FaultId, FlowId, Scope, ServiceId};
use serde::{Deserialize, Serialize};

/// What one replication saw, ready to be merged.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Observation {
    /// The engine's own accounts.
    pub end: RunEnd,
    /// Per flow.
    pub flows: IdVec<FlowId, FlowSeen>,
    /// Per flow and scope that an SLO line speaks of.
    pub scoped: Vec<ScopedSeen>,
    /// Per service.
    pub services: IdVec<ServiceId, ServiceSeen>,
    /// Per edge of the wiring.
    pub edges: IdVec<EdgeId, EdgeSeen>,
    /// The same while faults act, and while none does; empty without faults.
    pub blast: BlastSeen,
    /// Per channel of the wiring: publish to start of processing.
    pub message_ages: IdVec<ChannelId, Sample<FINE>>,
    /// Per data.
    pub data: IdVec<DataId, DataSeen>,
    /// Per flow: where the time of a sample of its flow runs went. Of the first replication only; else empty.
    pub parts: IdVec<FlowId, FlowParts>,
    /// Share of the window's busy worker-time whose result nobody took (A35), 0 to 1.
    pub wasted_work: f64,
}

/// One flow in one replication.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct FlowSeen {
    /// All of the window.
    pub whole: SliceSeen,
    /// The same in parts of equal length, where a single replication must do; else empty.
    pub batches: Vec<SliceSeen>,
    /// Over time.
    pub series: SeriesSeen,
    /// Why flow runs did not end well.
    pub causes: Causes,
    /// Share of 10 s windows whose availability was at least the first number, for each share that an SLO line asks for
    /// (A33); `None` if nobody came.
    pub good_windows: Vec<(f64, Option<f64>)>,
    /// Seconds from each fault's end until this flow was back (A36); infinite is "never", `None` cannot be told.
    pub recovery: IdVec<FaultId, Option<f64>>,
}

/// The flow runs an SLO line with a scope speaks of.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct ScopedSeen {
    /// Their flow.
    pub flow: FlowId,
    /// When they started.
    pub scope: Scope,
    /// What became of them.
    pub slice: SliceSeen,
}
