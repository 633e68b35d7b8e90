//! The one flat event: what happens, and to which record. 30 bits in the calendar.

use crate::kernel::calendar::Payload;

/// What happens next to a record. The index names a slot; whether the event is still meant for what is in the slot is
/// told by its sequence number (see `world::World::dispatch`).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Event {
    /// A source's next client arrives.
    Arrive(u32),
    /// A job's way to its service is over.
    Request(u32),
    /// A job's own work is over.
    Served(u32),
    /// A job's way back (answer, or a consumer's word to the broker) is over.
    Reply(u32),
    /// A call's timeout or backoff is over, by its state.
    Timer(u32),
    /// The broker's word to a sender has arrived.
    Confirm(u32),
    /// A message's present wait is over: on the way, being written, unacked, or put off, by its state.
    Message(u32),
    /// A client's patience ends.
    Patience(u32),
    /// A fault begins or ends (index into the switches of the run).
    Fault(u32),
    /// The measured window opens (0) or closes (1).
    Boundary(u32),
    /// A channel's consumers ask again, or its group has found its readers.
    Wake(u32),
    /// A channel's group notices that a member is gone.
    Session(u32),
    /// A channel's relay looks into the outboxes of its senders.
    Relay(u32),
    /// A client that was promised a result asks for it, or is called back.
    Result(u32),
    /// A channel's next dead letter is delivered anew.
    Redrive(u32),
    /// A chore is due.
    Chore(u32),
}

const _: () = assert!(size_of::<Event>() <= 16, "an event is small and Copy");

/// Bits of the payload that carry the index; the kind takes the rest.
const INDEX_BITS: u32 = 26;
const INDEX_MAX: u32 = (1 << INDEX_BITS) - 1;

impl Event {
    /// Packs the event for the calendar.
    ///
    /// # Panics
    /// With more than 2^26 records of a kind at once.
    #[inline]
    pub(super) fn pack(self) -> Payload {
        let (kind, index) = match self {
            Self::Arrive(i) => (0, i),
            Self::Request(i) => (1, i),
            Self::Served(i) => (2, i),
            Self::Reply(i) => (3, i),
            Self::Timer(i) => (4, i),
            Self::Confirm(i) => (5, i),
            Self::Message(i) => (6, i),
            Self::Patience(i) => (7, i),
            Self::Fault(i) => (8, i),
            Self::Boundary(i) => (9, i),
            Self::Wake(i) => (10, i),
            Self::Session(i) => (11, i),
            Self::Relay(i) => (12, i),
            Self::Result(i) => (13, i),
            Self::Redrive(i) => (14, i),
            Self::Chore(i) => (15, i),
        };
        assert!(
            index <= INDEX_MAX,
            "more than 2^26 records of a kind at once: the system has no bound"
        );
        kind << INDEX_BITS | index
    }

    /// Reads a packed event.
    #[inline]
    pub(super) fn unpack(payload: Payload) -> Self {
        let index = payload & INDEX_MAX;
        match payload >> INDEX_BITS {
            0 => Self::Arrive(index),
            1 => Self::Request(index),
            2 => Self::Served(index),
            3 => Self::Reply(index),
            4 => Self::Timer(index),
            5 => Self::Confirm(index),
            6 => Self::Message(index),
            7 => Self::Patience(index),
            8 => Self::Fault(index),
            9 => Self::Boundary(index),
            10 => Self::Wake(index),
            11 => Self::Session(index),
            12 => Self::Relay(index),
            13 => Self::Result(index),
            14 => Self::Redrive(index),
            _ => Self::Chore(index),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn packing_keeps_kind_and_index() {
        for index in [0, 1, INDEX_MAX] {
            for event in [
                Event::Arrive(index),
                Event::Request(index),
                Event::Served(index),
                Event::Reply(index),
                Event::Timer(index),
                Event::Confirm(index),
                Event::Message(index),
                Event::Patience(index),
                Event::Fault(index),
                Event::Boundary(index),
                Event::Wake(index),
                Event::Session(index),
                Event::Relay(index),
                Event::Result(index),
                Event::Redrive(index),
                Event::Chore(index),
            ] {
                assert_eq!(Event::unpack(event.pack()), event);
            }
        }
    }
}
