//! Probes that measure: histograms, series, outcomes, backlog, fingerprint.

use crate::engine::RunEnd;

/// What one replication saw, ready to be merged.
#[derive(Debug)]
pub struct Observation {
    /// The engine's own accounts.
    pub end: RunEnd,
}
