//! Local copies of data (A29b): what a replica or a cache knows, and which keys are asked for. Decides; knows neither clock nor
//! network.

mod cache;
mod popularity;
mod replica;

pub use cache::{Cache, Entry};
pub use popularity::{Popular, Popularity};
pub use replica::Replica;

use crate::kernel::time::Duration;

/// What kind of copy it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// Holds every key, and applies the updates that are sent to it.
    Replica {
        /// How long it takes to load after a start.
        bootstrap: Duration,
    },
    /// Holds what has been read.
    Cache {
        /// How long an entry may be used after it was read; [`Duration::MAX`] for ever.
        ttl: Duration,
        /// Entries that it holds at most, the least recently used one goes first; `u32::MAX` for no bound.
        entries: u32,
        /// For so long after that it may still be used if the owner fails; [`Duration::ZERO`] for never.
        stale_if_error: Duration,
    },
}
