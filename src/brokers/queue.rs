//! A broker's queue for one consuming step (A22, A26): what is ready, who may have more, who waits for room. Decides; knows
//! neither clock nor network.
//!
//! ```text
//!   offer ──► (full? Reject | DropOldest | DropNew | Block) ──► writing ──► ready ──► taken by a consumer with credit ──► unacked
//!                                                                   ▲                                             │
//!                                                                   └──── put back (front) or put off (back) ◄────┘
//! ```
//!
//! An ordered queue has lanes (the partitions of a log): one message of each is out at a time, and nothing behind it is
//! taken before it is through. A lane has a reader of its own where consumers form a group.

use super::WhenFull;
use std::collections::VecDeque;

/// No consumer reads the lane.
const NOBODY: usize = usize::MAX;

/// What a queue is made of.
#[derive(Clone, Copy, Debug)]
pub struct Plan {
    /// Ready messages it holds at most; `u32::MAX` for no bound.
    pub capacity: u32,
    /// What happens to a message that finds it full.
    pub when_full: WhenFull,
    /// Who must wait for whom.
    pub order: Order,
    /// How many consumers it has.
    pub n_consumers: usize,
    /// Unanswered deliveries of each consumer; `u32::MAX` is no bound.
    pub prefetch: u32,
}

/// Who must wait for whom (A26).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Order {
    /// Nobody: messages are taken in order, and may be out at once.
    None,
    /// One of each lane is out at a time, at any consumer.
    Lanes(u32),
    /// One of each lane is out at a time, at the lane's own reader.
    Readers(u32),
}

/// One consuming step's queue; `M` names a message.
#[derive(Clone, Debug)]
pub struct Queue<M> {
    plan: Plan,
    lanes: Vec<Lane<M>>,
    /// Ready messages that are not gone, of all lanes.
    n_ready: u32,
    /// Accepted and not yet ready.
    n_writing: u32,
    /// Messages that wait for room, in order of arrival.
    blocked: VecDeque<M>,
    /// Per consumer: deliveries it has not answered, at most `prefetch`.
    unacked: Vec<u32>,
    /// Per consumer: part of `unacked` whose message is back, while the consumer does not answer.
    void: Vec<u32>,
    turn: usize,
    turn_lane: usize,
    /// Most ready messages at once.
    pub ready_max: u64,
}

#[derive(Clone, Debug)]
struct Lane<M> {
    /// In the order of delivery. May name messages that are gone; [`Queue::take`] skips them.
    ready: VecDeque<M>,
    /// Ready messages that are not gone.
    n_ready: u32,
    /// Is one of its messages out?
    is_taken: bool,
    /// The consumer that reads it.
    reader: usize,
}

/// What a queue says to a message that wants in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Offer {
    /// It may be written.
    Write,
    /// It may be written once the oldest ready message of its lane is dropped.
    DropOldest,
    /// It is dropped.
    DropNew,
    /// It is refused.
    Reject,
    /// It waits for room.
    Wait,
}

impl<M: Copy> Queue<M> {
    /// An empty queue.
    #[must_use]
    pub fn new(plan: Plan) -> Self {
        let n_lanes = match plan.order {
            Order::None => 1,
            Order::Lanes(n) | Order::Readers(n) => n,
        };
        let lane = Lane {
            ready: VecDeque::new(),
            n_ready: 0,
            is_taken: false,
            reader: NOBODY,
        };
        let mut queue = Self {
            plan,
            lanes: vec![lane; n_lanes as usize],
            n_ready: 0,
            n_writing: 0,
            blocked: VecDeque::new(),
            unacked: vec![0; plan.n_consumers],
            void: vec![0; plan.n_consumers],
            turn: 0,
            turn_lane: 0,
            ready_max: 0,
        };
        queue.assign(&vec![true; plan.n_consumers]);
        queue
    }

    /// Must messages wait for those before them?
    #[must_use]
    pub fn is_ordered(&self) -> bool {
        self.plan.order != Order::None
    }

    /// Gives every lane a reader among the consumers that are members: consecutive lanes to each, the first ones one more
    /// where they do not divide evenly (as Kafka's range assignor does). Without members nobody reads.
    pub fn assign(&mut self, is_member: &[bool]) {
        if !matches!(self.plan.order, Order::Readers(_)) {
            return;
        }
        let members: Vec<usize> = (0..is_member.len()).filter(|&k| is_member[k]).collect();
        let n = self.lanes.len();
        let readers = members.iter().enumerate().flat_map(|(idx, &member)| {
            let share = n / members.len() + usize::from(idx < n % members.len());
            std::iter::repeat_n(member, share)
        });
        let readers = readers.chain(std::iter::repeat(NOBODY));
        for (lane, reader) in self.lanes.iter_mut().zip(readers) {
            lane.reader = reader;
        }
    }

    /// What happens to one more message for a lane. `Write` and `DropOldest` count it as being written.
    pub fn offer(&mut self, message: M, lane: u32) -> Offer {
        let Plan {
            capacity,
            when_full,
            ..
        } = self.plan;
        let is_full = capacity != u32::MAX && self.n_ready + self.n_writing >= capacity;
        if !is_full {
            self.n_writing += 1;
            return Offer::Write;
        }
        match when_full {
            WhenFull::Reject => Offer::Reject,
            WhenFull::DropNew => Offer::DropNew,
            WhenFull::Block => {
                self.blocked.push_back(message);
                Offer::Wait
            }
            // With everything still being written there is no oldest one to drop.
            WhenFull::DropOldest if self.lanes[lane as usize].n_ready == 0 => Offer::Reject,
            WhenFull::DropOldest => {
                self.n_writing += 1;
                Offer::DropOldest
            }
        }
    }

    /// A message that was being written is ready.
    pub fn written(&mut self, message: M, lane: u32) {
        self.n_writing -= 1;
        self.put_last(message, lane);
    }

    /// A message that was being written is gone.
    pub fn write_lost(&mut self) {
        self.n_writing -= 1;
    }

    /// Puts a message at the end of its lane.
    pub fn put_last(&mut self, message: M, lane: u32) {
        self.lanes[lane as usize].ready.push_back(message);
        self.counted_in(lane);
    }

    /// Puts a message back at the front of its lane, which is free again.
    pub fn put_first(&mut self, message: M, lane: u32) {
        self.lanes[lane as usize].ready.push_front(message);
        self.counted_in(lane);
        self.free(lane);
    }

    fn counted_in(&mut self, lane: u32) {
        self.lanes[lane as usize].n_ready += 1;
        self.n_ready += 1;
        self.ready_max = self.ready_max.max(u64::from(self.n_ready));
    }

    /// What was out of a lane is through: the next one may be taken.
    pub fn free(&mut self, lane: u32) {
        self.lanes[lane as usize].is_taken = false;
    }

    /// A ready message is gone without having been taken; its name stays in line until [`Queue::take`] skips it.
    pub fn ready_lost(&mut self, lane: u32) {
        self.lanes[lane as usize].n_ready -= 1;
        self.n_ready -= 1;
    }

    /// Takes the oldest ready message of a lane; `is_ready` tells which names are still meant.
    pub fn take(&mut self, lane: u32, mut is_ready: impl FnMut(M) -> bool) -> Option<M> {
        let state = &mut self.lanes[lane as usize];
        while let Some(message) = state.ready.pop_front() {
            if is_ready(message) {
                state.n_ready -= 1;
                self.n_ready -= 1;
                return Some(message);
            }
        }
        None
    }

    /// If there is room and somebody waits for it: the first one, now counted as being written.
    pub fn unblock(&mut self, mut is_waiting: impl FnMut(M) -> bool) -> Option<M> {
        while self.n_ready + self.n_writing < self.plan.capacity {
            let message = self.blocked.pop_front()?;
            if is_waiting(message) {
                self.n_writing += 1;
                return Some(message);
            }
        }
        None
    }

    /// Is nothing ready, and does nobody wait for room?
    #[must_use]
    #[inline]
    pub fn is_idle(&self) -> bool {
        self.n_ready == 0 && self.blocked.is_empty()
    }

    /// Does somebody wait for room?
    #[must_use]
    #[inline]
    pub fn is_blocked(&self) -> bool {
        !self.blocked.is_empty()
    }

    /// How many are ready.
    #[must_use]
    pub fn n_ready(&self) -> u32 {
        self.n_ready
    }

    /// Is nothing ready?
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.n_ready == 0
    }

    /// The consumer that gets the next delivery, and the lane it comes from: in turn, among those connected and with credit.
    /// Counts the delivery.
    ///
    /// # Panics
    /// Never: there are fewer lanes than 2^32.
    pub fn next(&mut self, mut is_connected: impl FnMut(usize) -> bool) -> Option<(usize, u32)> {
        if self.n_ready == 0 {
            return None;
        }
        if self.plan.order == Order::None {
            let consumer = self.free_consumer(&mut is_connected)?;
            return Some((self.deliver_to(consumer), 0));
        }
        let n = self.lanes.len();
        let mut anybody = None;
        for k in 0..n {
            let idx = (self.turn_lane + k) % n;
            let lane = &self.lanes[idx];
            if lane.is_taken || lane.n_ready == 0 {
                continue;
            }
            let reader = if matches!(self.plan.order, Order::Readers(_)) {
                let has_credit = |&k: &usize| self.unacked[k] < self.plan.prefetch;
                let reader = Some(lane.reader).filter(|&k| k != NOBODY);
                reader.filter(has_credit).filter(|&k| is_connected(k))
            } else {
                *anybody.get_or_insert_with(|| self.free_consumer(&mut is_connected))
            };
            let Some(consumer) = reader else { continue };
            self.lanes[idx].is_taken = true;
            self.turn_lane = (idx + 1) % n;
            let lane = u32::try_from(idx).expect("a lane number");
            return Some((self.deliver_to(consumer), lane));
        }
        None
    }

    /// May a consumer have another delivery?
    #[must_use]
    pub fn has_credit(&self) -> bool {
        self.unacked.iter().any(|&n| n < self.plan.prefetch)
    }

    /// Whose turn it is among those connected and with credit.
    fn free_consumer(&self, is_connected: &mut impl FnMut(usize) -> bool) -> Option<usize> {
        let mut may_have = |k: usize| self.unacked[k] < self.plan.prefetch && is_connected(k);
        if may_have(self.turn) {
            return Some(self.turn);
        }
        let mut others = (self.turn + 1..self.unacked.len()).chain(0..self.turn);
        others.find(|&k| may_have(k))
    }

    fn deliver_to(&mut self, consumer: usize) -> usize {
        self.unacked[consumer] += 1;
        self.turn = if consumer + 1 < self.unacked.len() {
            consumer + 1
        } else {
            0
        };
        consumer
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
        for lane in &mut self.lanes {
            lane.is_taken = false;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn queue(capacity: u32, when_full: WhenFull) -> Queue<u32> {
        ordered(Order::None, capacity, when_full)
    }

    fn ordered(order: Order, capacity: u32, when_full: WhenFull) -> Queue<u32> {
        Queue::new(Plan {
            capacity,
            when_full,
            order,
            n_consumers: 2,
            prefetch: 1,
        })
    }

    #[test]
    fn a_full_queue_does_what_it_was_told() {
        for (when_full, expected) in [
            (WhenFull::Reject, Offer::Reject),
            (WhenFull::DropNew, Offer::DropNew),
            (WhenFull::DropOldest, Offer::DropOldest),
            (WhenFull::Block, Offer::Wait),
        ] {
            let mut queue = queue(1, when_full);
            assert_eq!(queue.offer(1, 0), Offer::Write);
            queue.written(1, 0);
            assert_eq!(queue.offer(2, 0), expected);
        }
    }

    #[test]
    fn whoever_waits_for_room_gets_it_in_order() {
        let mut queue = queue(1, WhenFull::Block);
        queue.offer(1, 0);
        queue.written(1, 0);
        queue.offer(2, 0);
        queue.offer(3, 0);
        assert_eq!(queue.unblock(|_| true), None);
        assert_eq!(queue.take(0, |_| true), Some(1));
        assert_eq!(queue.unblock(|m| m != 2), Some(3));
        assert_eq!(queue.unblock(|_| true), None);
    }

    #[test]
    fn consumers_take_turns_as_long_as_they_have_credit() {
        let mut queue = queue(u32::MAX, WhenFull::Reject);
        assert_eq!(queue.next(|_| true), None);
        queue.offer(1, 0);
        queue.written(1, 0);
        assert_eq!(queue.next(|_| true), Some((0, 0)));
        assert_eq!(queue.next(|_| true), Some((1, 0)));
        assert_eq!(queue.next(|_| true), None);
        queue.credit(1);
        assert_eq!(queue.next(|k| k == 0), None);
        assert_eq!(queue.next(|_| true), Some((1, 0)));
        queue.void(0);
        queue.reconnect(0);
        assert_eq!(queue.next(|_| true), Some((0, 0)));
    }

    #[test]
    fn one_message_of_each_lane_is_out_at_a_time_and_only_at_its_reader() {
        let mut queue = ordered(Order::Readers(3), u32::MAX, WhenFull::Reject);
        queue.plan.prefetch = 9;
        for (message, lane) in [(1, 0), (2, 0), (3, 2)] {
            queue.offer(message, lane);
            queue.written(message, lane);
        }
        // Lanes 0 and 1 to the first consumer, lane 2 to the second.
        assert_eq!(queue.next(|_| true), Some((0, 0)));
        assert_eq!(queue.take(0, |_| true), Some(1));
        assert_eq!(queue.next(|k| k == 0), None);
        assert_eq!(queue.next(|_| true), Some((1, 2)));
        queue.free(0);
        queue.assign(&[false, true]);
        assert_eq!(queue.next(|_| true), Some((1, 0)));
        assert_eq!(queue.take(0, |_| true), Some(2));
        queue.put_first(2, 0);
        queue.assign(&[false, false]);
        assert_eq!(queue.next(|_| true), None);
    }

    #[test]
    fn partitions_are_spread_as_evenly_as_they_can_be() {
        let mut queue: Queue<u32> = Queue::new(Plan {
            capacity: u32::MAX,
            when_full: WhenFull::Reject,
            order: Order::Readers(10),
            n_consumers: 4,
            prefetch: 1,
        });
        let readers = |queue: &Queue<u32>| -> Vec<usize> {
            queue.lanes.iter().map(|lane| lane.reader).collect()
        };
        assert_eq!(readers(&queue), [0, 0, 0, 1, 1, 1, 2, 2, 3, 3]);
        queue.assign(&[true, false, true, false]);
        assert_eq!(readers(&queue), [0, 0, 0, 0, 0, 2, 2, 2, 2, 2]);
    }

    #[test]
    fn without_readers_a_lane_is_worked_off_in_order_by_anybody() {
        let mut queue = ordered(Order::Lanes(1), u32::MAX, WhenFull::Reject);
        for message in [1, 2] {
            queue.offer(message, 0);
            queue.written(message, 0);
        }
        assert_eq!(queue.next(|_| true), Some((0, 0)));
        assert_eq!(queue.take(0, |_| true), Some(1));
        assert_eq!(queue.next(|_| true), None);
        queue.free(0);
        assert_eq!(queue.next(|_| true), Some((1, 0)));
    }

    #[test]
    fn names_of_messages_that_are_gone_are_skipped() {
        let mut queue = queue(u32::MAX, WhenFull::Reject);
        for message in [1, 2, 3] {
            queue.offer(message, 0);
            queue.written(message, 0);
        }
        queue.ready_lost(0);
        assert_eq!(queue.take(0, |m| m != 1), Some(2));
        assert!(!queue.is_empty());
        queue.put_first(2, 0);
        assert_eq!(queue.take(0, |_| true), Some(2));
        assert_eq!(queue.take(0, |_| true), Some(3));
        assert!(queue.is_empty());
        assert_eq!(queue.ready_max, 3);
    }
}
