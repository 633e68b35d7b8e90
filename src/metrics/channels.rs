//! How old messages were when their processing began.

use super::recorder::{FINE, Recorder, Sample};
use crate::kernel::ids::IdVec;
use crate::kernel::time::Duration;
use crate::model::ChannelId;

/// A recorder for each channel.
#[derive(Debug)]
pub(super) struct Channels(IdVec<ChannelId, Recorder<FINE>>);

impl Channels {
    /// Nothing recorded yet, on `n` channels.
    #[must_use]
    pub(super) fn new(n: usize) -> Self {
        Self(IdVec::from_fn(n, |_| Recorder::default()))
    }

    /// A message of a counted flow run began to be processed `age` after its publish.
    #[inline]
    pub(super) fn started(&mut self, channel: ChannelId, age: Duration) {
        self.0[channel].record(age);
    }

    /// Message ages per channel.
    #[must_use]
    pub(super) fn seen(self) -> IdVec<ChannelId, Sample<FINE>> {
        self.0.iter().map(Recorder::sample).collect()
    }
}
