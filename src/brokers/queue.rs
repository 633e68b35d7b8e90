//! A broker's queue for one consuming step (A22, A26): what is ready, who may have more, who waits for room. Decides; knows
//! neither clock nor network.
//!
//! ```text
//!   offer ──► (full? Reject | DropOldest | Block) ──► writing ──► ready ──► taken by a consumer with credit ──► unacked
//!                                                                   ▲                                             │
//!                                                                   └──── put back (front) or put off (back) ◄────┘
//! ```

use super::WhenFull;
use std::collections::VecDeque;

/// One consuming step's queue; `M` names a message.
#[derive(Clone, Debug)]
pub struct Queue<M> {
    /// In the order of delivery. May name messages that are gone; [`Queue::take`] skips them.
    ready: VecDeque<M>,
    /// Ready messages that are not gone.
    n_ready: u32,
    /// Accepted and not yet ready.
    n_writing: u32,
    capacity: u32,
    when_full: WhenFull,
    /// Messages that wait for room, in order of arrival.
    blocked: VecDeque<M>,
    /// Per consumer: deliveries it has not answered, at most `prefetch`.
    unacked: Vec<u32>,
    /// Per consumer: part of `unacked` whose message is back, while the consumer does not answer.
    void: Vec<u32>,
    prefetch: u32,
    turn: usize,
    /// Most ready messages at once.
    pub ready_max: u64,
}

/// What a queue says to a message that wants in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Offer {
    /// It may be written.
    Write,
    /// It may be written once the oldest ready message is dropped.
    DropOldest,
    /// It is refused.
    Reject,
    /// It waits for room.
    Wait,
}

impl<M: Copy> Queue<M> {
    /// An empty queue with this many consumers, of `prefetch` unanswered deliveries each; `u32::MAX` is no bound.
    #[must_use]
    pub fn new(capacity: u32, when_full: WhenFull, n_consumers: usize, prefetch: u32) -> Self {
        Self {
            ready: VecDeque::new(),
            n_ready: 0,
            n_writing: 0,
            capacity,
            when_full,
            blocked: VecDeque::new(),
            unacked: vec![0; n_consumers],
            void: vec![0; n_consumers],
            prefetch,
            turn: 0,
            ready_max: 0,
        }
    }

    /// What happens to one more message. `Write` and `DropOldest` count it as being written.
    pub fn offer(&mut self, message: M) -> Offer {
        let is_full = self.capacity != u32::MAX && self.n_ready + self.n_writing >= self.capacity;
        if !is_full {
            self.n_writing += 1;
            return Offer::Write;
        }
        match self.when_full {
            WhenFull::Reject => Offer::Reject,
            WhenFull::Block => {
                self.blocked.push_back(message);
                Offer::Wait
            }
            // With everything still being written there is no oldest one to drop.
            WhenFull::DropOldest if self.n_ready == 0 => Offer::Reject,
            WhenFull::DropOldest => {
                self.n_writing += 1;
                Offer::DropOldest
            }
        }
    }

    /// A message that was being written is ready.
    pub fn written(&mut self, message: M) {
        self.n_writing -= 1;
        self.put_last(message);
    }

    /// A message that was being written is gone.
    pub fn write_lost(&mut self) {
        self.n_writing -= 1;
    }

    /// Puts a message at the end.
    pub fn put_last(&mut self, message: M) {
        self.ready.push_back(message);
        self.counted_in();
    }

    /// Puts a message back at the front.
    pub fn put_first(&mut self, message: M) {
        self.ready.push_front(message);
        self.counted_in();
    }

    fn counted_in(&mut self) {
        self.n_ready += 1;
        self.ready_max = self.ready_max.max(u64::from(self.n_ready));
    }

    /// A ready message is gone without having been taken; its name stays in line until [`Queue::take`] skips it.
    pub fn ready_lost(&mut self) {
        self.n_ready -= 1;
    }

    /// Takes the oldest ready message; `is_ready` tells which names are still meant.
    pub fn take(&mut self, mut is_ready: impl FnMut(M) -> bool) -> Option<M> {
        while let Some(message) = self.ready.pop_front() {
            if is_ready(message) {
                self.n_ready -= 1;
                return Some(message);
            }
        }
        None
    }

    /// If there is room and somebody waits for it: the first one, now counted as being written.
    pub fn unblock(&mut self, mut is_waiting: impl FnMut(M) -> bool) -> Option<M> {
        while self.n_ready + self.n_writing < self.capacity {
            let message = self.blocked.pop_front()?;
            if is_waiting(message) {
                self.n_writing += 1;
                return Some(message);
            }
        }
        None
    }

    /// Is nothing ready?
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.n_ready == 0
    }

    /// The consumer that gets the next delivery: in turn, among those connected and with credit. Counts the delivery.
    pub fn consumer(&mut self, mut is_connected: impl FnMut(usize) -> bool) -> Option<usize> {
        let n = self.unacked.len();
        let found = (0..n).map(|k| {
            if self.turn + k < n {
                self.turn + k
            } else {
                self.turn + k - n
            }
        });
        let prefetch = self.prefetch;
        let unacked = &self.unacked;
        let consumer = found
            .into_iter()
            .find(|&k| unacked[k] < prefetch && is_connected(k))?;
        self.unacked[consumer] += 1;
        self.turn = if consumer + 1 < n { consumer + 1 } else { 0 };
        Some(consumer)
    }

    /// A delivery was answered, or will never be: the consumer may have another.
    pub fn credit(&mut self, consumer: usize) {
        self.unacked[consumer] -= 1;
    }

    /// A delivery's message is back, and the consumer, which does not answer, still fills a place.
    pub fn void(&mut self, consumer: usize) {
        self.void[consumer] += 1;
    }

    /// The consumer connects anew: places filled in vain are free again.
    pub fn reconnect(&mut self, consumer: usize) {
        self.unacked[consumer] -= std::mem::take(&mut self.void[consumer]);
    }

    /// Every connection is gone.
    pub fn disconnect_all(&mut self) {
        self.unacked.fill(0);
        self.void.fill(0);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn queue(capacity: u32, when_full: WhenFull) -> Queue<u32> {
        Queue::new(capacity, when_full, 2, 1)
    }

    #[test]
    fn a_full_queue_does_what_it_was_told() {
        for (when_full, expected) in [
            (WhenFull::Reject, Offer::Reject),
            (WhenFull::DropOldest, Offer::DropOldest),
            (WhenFull::Block, Offer::Wait),
        ] {
            let mut queue = queue(1, when_full);
            assert_eq!(queue.offer(1), Offer::Write);
            queue.written(1);
            assert_eq!(queue.offer(2), expected);
        }
    }

    #[test]
    fn whoever_waits_for_room_gets_it_in_order() {
        let mut queue = queue(1, WhenFull::Block);
        queue.offer(1);
        queue.written(1);
        queue.offer(2);
        queue.offer(3);
        assert_eq!(queue.unblock(|_| true), None);
        assert_eq!(queue.take(|_| true), Some(1));
        assert_eq!(queue.unblock(|m| m != 2), Some(3));
        assert_eq!(queue.unblock(|_| true), None);
    }

    #[test]
    fn consumers_take_turns_as_long_as_they_have_credit() {
        let mut queue = queue(u32::MAX, WhenFull::Reject);
        assert_eq!(queue.consumer(|_| true), Some(0));
        assert_eq!(queue.consumer(|_| true), Some(1));
        assert_eq!(queue.consumer(|_| true), None);
        queue.credit(1);
        assert_eq!(queue.consumer(|k| k == 0), None);
        assert_eq!(queue.consumer(|_| true), Some(1));
        queue.void(0);
        queue.reconnect(0);
        assert_eq!(queue.consumer(|_| true), Some(0));
    }

    #[test]
    fn names_of_messages_that_are_gone_are_skipped() {
        let mut queue = queue(u32::MAX, WhenFull::Reject);
        for message in [1, 2, 3] {
            queue.offer(message);
            queue.written(message);
        }
        queue.ready_lost();
        assert_eq!(queue.take(|m| m != 1), Some(2));
        assert!(!queue.is_empty());
        queue.put_first(2);
        assert_eq!(queue.take(|_| true), Some(2));
        assert_eq!(queue.take(|_| true), Some(3));
        assert!(queue.is_empty());
        assert_eq!(queue.ready_max, 3);
    }
}
