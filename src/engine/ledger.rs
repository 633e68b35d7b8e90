//! The accounts of a run (A32), kept as things happen and proven at its end.

use super::probe::ChannelAccount;
use crate::kernel::ids::IdVec;
use crate::kernel::time::Time;
use crate::model::{ChannelId, EdgeId};

/// What must add up.
#[derive(Clone, Debug)]
pub(super) struct Ledger {
    /// Flow runs: offered, and how they left the client and the system.
    pub(super) offered: u64,
    pub(super) accepted: u64,
    pub(super) failed: u64,
    pub(super) gave_up: u64,
    pub(super) unanswered: u64,
    pub(super) completed: u64,
    pub(super) lost: u64,
    pub(super) dead_lettered: u64,
    pub(super) compensated: u64,
    pub(super) incomplete: u64,
    pub(super) refused: u64,
    /// Attempts begun and settled, per edge.
    pub(super) begun: IdVec<EdgeId, u64>,
    pub(super) settled: IdVec<EdgeId, u64>,
    /// Messages, per channel.
    pub(super) channels: IdVec<ChannelId, ChannelAccount>,
}

impl Ledger {
    /// Accounts with nothing in them.
    pub(super) fn new(n_edges: usize, n_channels: usize) -> Self {
        Self {
            offered: 0,
            accepted: 0,
            failed: 0,
            gave_up: 0,
            unanswered: 0,
            completed: 0,
            lost: 0,
            dead_lettered: 0,
            compensated: 0,
            incomplete: 0,
            refused: 0,
            begun: IdVec::from_fn(n_edges, |_| 0),
            settled: IdVec::from_fn(n_edges, |_| 0),
            channels: IdVec::from_fn(n_channels, |_| ChannelAccount::default()),
        }
    }

    /// Proves the accounts.
    ///
    /// # Panics
    /// If one does not balance: our bug, named with time, seed and replication.
    pub(super) fn assert_balanced(&self, now: Time, seed: u64, replication: u32) {
        let place = format!("at {now}, seed {seed}, replication {replication} (A32)");
        let told = self.accepted + self.failed + self.gave_up + self.unanswered;
        assert!(
            self.offered == told,
            "offered {} is not answered, left or unanswered {told} {place}",
            self.offered
        );
        let ended =
            self.completed + self.lost + self.dead_lettered + self.compensated + self.incomplete;
        assert!(
            self.accepted == ended,
            "accepted {} is not completed, lost, parked, undone or incomplete {ended} {place}",
            self.accepted
        );
        let refused = self.failed + self.gave_up;
        assert!(
            self.refused == refused,
            "refused {} is not failed or gave up {refused} {place}",
            self.refused
        );
        for (edge, begun) in self.begun.enumerate() {
            let settled = self.settled[edge];
            assert!(
                *begun == settled,
                "edge {edge:?}: {begun} attempts begun, {settled} settled {place}"
            );
        }
        for (channel, account) in self.channels.enumerate() {
            let ended = account.acked
                + account.dead_lettered
                + account.expired
                + account.dropped
                + account.lost
                + account.stored;
            assert!(
                account.published == ended,
                "channel {channel:?}: {account:?} does not add up to {ended} {place}"
            );
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn accounts_that_balance_pass() {
        let mut ledger = Ledger::new(1, 1);
        (
            ledger.offered,
            ledger.accepted,
            ledger.gave_up,
            ledger.refused,
        ) = (3, 2, 1, 1);
        (ledger.completed, ledger.incomplete) = (1, 1);
        ledger.begun[EdgeId(0)] = 4;
        ledger.settled[EdgeId(0)] = 4;
        ledger.channels[ChannelId(0)] = ChannelAccount {
            published: 3,
            acked: 1,
            stored: 2,
            ..Default::default()
        };
        ledger.assert_balanced(Time(5), 1, 0);
    }

    #[test]
    fn an_attempt_without_an_outcome_is_found() {
        let mut ledger = Ledger::new(1, 0);
        ledger.begun[EdgeId(0)] = 1;
        let found = std::panic::catch_unwind(|| ledger.assert_balanced(Time(5), 9, 2));
        let text = *found
            .expect_err("it does not balance")
            .downcast::<String>()
            .unwrap();
        assert!(text.contains("seed 9, replication 2"), "{text}");
    }
}
