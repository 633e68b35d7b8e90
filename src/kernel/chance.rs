//! Chance (A4): a draw is a pure function of (seed, replication, purpose, who).

/// What a draw decides. Its number is part of the key, so a new purpose goes to the end.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(u8)]
pub enum Purpose {
    /// Gaps between arrivals.
    Arrival = 1,
    /// Service time of a step.
    Service = 2,
    /// Does an attempt at a step end in an error?
    Error = 3,
    /// Is the step needed?
    Probability = 4,
    /// Transit time of a hop out.
    HopOut = 5,
    /// Transit time of a hop back.
    HopBack = 6,
    /// Time of a broker write.
    BrokerWrite = 7,
    /// Jitter of a backoff.
    Jitter = 8,
    /// Random balancing.
    Balance = 9,
    /// Loss on the way, by a fault.
    Drop = 10,
    /// Errors injected by a fault.
    FaultError = 11,
    /// Transit time of a hop from a sender to a broker, and of its confirm back.
    HopPublish = 12,
    /// Transit time of a hop from a broker to a consumer, and of its ack back.
    HopDeliver = 13,
    /// Tests only.
    Test = 14,
}

/// A key that depends on names only: FNV-1a, 64 bits, over the parts with a zero byte after each
/// (Fowler, Noll, Vo; RFC 9923).
#[must_use]
pub fn key_of(parts: &[&str]) -> u64 {
    let bytes = parts.iter().flat_map(|part| part.bytes().chain([0]));
    bytes.fold(0xcbf2_9ce4_8422_2325, |hash, byte| {
        (hash ^ u64::from(byte)).wrapping_mul(0x0000_0100_0000_01b3)
    })
}

/// A stream of draws for one (seed, replication, purpose, line); `line` is the key of a step, source or fault.
///
/// Choices inside a distribution (the component of a mixture, say) are further draws of the same `who`.
#[derive(Clone, Copy, Debug)]
pub struct Stream {
    key: u64,
}

/// The draws of one `who` in a stream: up to 256 of them.
#[derive(Clone, Copy, Debug)]
pub struct Draw {
    key: u64,
    counter: u64,
}

impl Stream {
    /// The stream of this purpose and line.
    #[must_use]
    pub fn new(seed: u64, replication: u32, purpose: Purpose, line: u64) -> Self {
        let _ = (seed, replication, purpose, line);
        Self { key: 0 }
    }

    /// The draws that belong to `who` (a business identity whose low 8 bits are zero: they number its draws).
    #[must_use]
    pub fn draw(&self, who: u64) -> Draw {
        Draw {
            key: self.key,
            counter: who,
        }
    }
}

impl Draw {
    /// The next 64 random bits.
    pub fn bits(&mut self) -> u64 {
        let _ = (self.key, self.counter);
        0
    }

    /// The next number, uniform in the open interval (0, 1).
    pub fn uniform(&mut self) -> f64 {
        0.5
    }
}
