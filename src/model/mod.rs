//! What will be run: a [`System`], free of wiring, and a [`Wiring`] of it. Ids only, every default filled, immutable.
//!
//! `compile` is the only maker of both. Names live in [`Names`], which only reports read.

mod fault;
mod system;
mod wiring;

pub use fault::*;
pub use system::*;
pub use wiring::*;

crate::ids! {
    /// A business flow.
    FlowId;
    /// A step of a flow (numbered over all flows).
    StepId;
    /// A service.
    ServiceId;
    /// A broker.
    BrokerId;
    /// A traffic source.
    SourceId;
    /// A zone: a place that instances and brokers share, and that is lost as a whole.
    ZoneId;
    /// A fault.
    FaultId;
    /// An edge of a wiring: caller or sender to step.
    EdgeId;
    /// A channel of a wiring: one consuming step's queue on a broker.
    ChannelId;
    /// Data that steps read and write.
    DataId;
    /// A copy of data in a wiring.
    CopyId;
    /// An SLO line.
    ObjectiveId;
}
