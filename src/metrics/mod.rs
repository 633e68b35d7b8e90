//! Probes that measure: outcomes, answer and completion times, time series, causes, edges, channels, worker-time.
//!
//! ```text
//!   engine ──▶ Meter ─┬▶ Slice    per flow, and per scope of an SLO line: outcomes, times, backlog
//!                     ├▶ Series   per flow: bins for charts          ├▶ Causes, Edges, Channels, Workers
//!                     └▶ Grid     per flow: fine bins ──▶ recovery, windowed availability
//!          ──▶ Tracer ── Trace   per flow run of an even sample: spans ──▶ where the time goes
//! ```
//!
//! Only flow runs that arrived in the measured window count (A3); backlog and completions by the clock are of all flow runs.
//! Memory grows with the length of the window and the number of flows, edges and services, never with that of flow runs.
//! Nothing here knows of other replications.

mod bins;
mod blast;
mod both;
mod causes;
mod channels;
mod data;
mod edges;
mod grid;
mod hdr;
mod meter;
mod observation;
mod recorder;
mod recovery;
mod series;
mod slice;
mod spans;
mod trace;
mod waits;
mod whole;
mod windows;
mod workers;

pub use blast::{BlastSeen, Ended};
pub use both::Both;
pub use causes::{CauseKey, Causes, Ending};
pub use data::{DataSeen, staleness_s};
pub use edges::EdgeSeen;
pub use hdr::{hgrm, hlog};
pub use meter::{Meter, thresholds};
pub use observation::{FlowSeen, Observation, ScopedSeen};
pub use recorder::{COARSE, FINE, Recorder, Sample, pool};
pub use series::{BinSeen, SeriesSeen};
pub use slice::{Counts, SliceSeen};
pub use trace::{FlowParts, Part, Parts, Span, Spot, Trace, Tracer, What};
pub use waits::WaitsSeen;
pub use workers::ServiceSeen;

#[cfg(test)]
pub(crate) mod fixture;
#[cfg(test)]
mod recovery_tests;
#[cfg(test)]
mod tests;
