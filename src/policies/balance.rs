//! Balancing (A12): which instance takes the next attempt.

/// Which instance takes the next attempt (A12).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Balance {
    /// Each in turn.
    RoundRobin,
    /// Any, by chance.
    Random,
    /// The one with the fewest attempts inside; ties go to the lowest number.
    LeastRequests,
    /// The one of two by chance with fewer attempts inside (Mitzenmacher, "The Power of Two Choices in Randomized Load
    /// Balancing", IEEE TPDS 12(10), 2001).
    PowerOfTwo,
    /// One queue for all instances.
    Shared,
    /// The one that the flow run's key names; if that is not on the list, the next one that is.
    Hash,
    /// Each in turn of those in the caller's zone; of all, where none is known to be up there, or the caller is nowhere.
    ZoneAware,
}
