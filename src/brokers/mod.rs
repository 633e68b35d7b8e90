//! Brokers: what a sender, a broker of kind `queue` and a consumer may be told to do (A22–A28).

use crate::kernel::time::Duration;

pub mod partition;
pub mod queue;
pub mod seen;

/// Does a sender wait for the broker's word (A23)?
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Confirm {
    /// It goes on when the confirm is back.
    Waits,
    /// It goes on at once and does not learn of a loss.
    Forgets,
}

/// How a broker keeps messages and hands them out (A22).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// Competing consumers, an ack for each message; a sender publishes to each consuming step by itself.
    Queue,
    /// A queue for each consuming step, and one publish for all of them.
    Topic,
    /// Partitions, each read in order by one consumer of a step's group; one publish for all groups.
    Log,
}

/// What is delivered in order (A26).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Ordering {
    /// Nothing: several messages of a queue may be out at once.
    None,
    /// Messages of one key: those of a partition, one at a time.
    PerKey,
    /// All of them: one message is out at a time.
    Total,
}

/// What happens to a message that finds its queue full (A24).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum WhenFull {
    /// It is refused: outcome `overloaded` at the sender.
    Reject,
    /// The oldest ready message makes room and is `dropped`.
    DropOldest,
    /// It is `dropped`, and the sender is told that all is well.
    DropNew,
    /// The sender waits for room: backpressure.
    Block,
}

/// Do stored messages survive a crash of the broker (A28)?
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Durable {
    /// They do.
    Survives,
    /// They are lost when it goes down.
    Loses,
}

/// What a sender does when the broker refuses (A24). It can act only on what it learns: not without confirm.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum WhenRefused {
    /// Its own caller hears an error.
    Fail,
    /// It tries again.
    Retry,
    /// It goes on; the message is `dropped`.
    Drop,
    /// It does not even ask: the message is stored with its own commit, and a relay publishes it later (A25).
    Outbox,
}

/// How a relay empties an outbox (A25).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Relay {
    /// How often it looks, on the run's clock.
    pub poll: Duration,
    /// The most it publishes at one look; at least 1.
    pub batch: u32,
}

/// When the consumer acknowledges (A27).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Ack {
    /// After its work: at least once.
    After,
    /// Before its work: at most once.
    Before,
}

/// What happens to a message out of deliveries (A27).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum WhenExhausted {
    /// It is parked.
    DeadLetter,
    /// It is dropped.
    Drop,
    /// It is delivered again until it succeeds, and nothing behind it is delivered meanwhile.
    Block,
}
