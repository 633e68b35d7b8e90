//! The calendar: future events in total order (A1), and lanes for delays that recur.
//!
//! An entry is 16 bytes: the instant, then the sequence number above the payload. Sequence numbers are given when
//! scheduling, so events of one instant execute in the order they were scheduled, whatever held them meanwhile.
//!
//! ```text
//!   schedule(at, payload) ──► 4-ary heap ───────┐
//!   schedule_in(lane, ..) ──► FIFO per delay ───┴─► pop: the earliest of the heap's top and the lanes' heads
//! ```
//!
//! A lane holds the timers of one constant delay. They come due in the order they were set, so a ring is their queue and
//! only its head competes with the heap. Timers that are nearly always cancelled thus never fill the heap.

use super::time::{Duration, Time};
use std::collections::VecDeque;

/// Bits of a key that carry the payload; the sequence number takes the rest (2^34 events a run).
const PAYLOAD_BITS: u32 = 30;

/// The place of an event in the total order of scheduling. Unique in a run, so it also tells whether an event is still
/// the one somebody waits for: whoever may cancel keeps the sequence number and compares.
pub type Sequence = u64;

/// What an event is, packed by the owner of the calendar: 30 bits.
pub type Payload = u32;

/// The largest payload.
pub const PAYLOAD_MAX: Payload = (1 << PAYLOAD_BITS) - 1;

/// How many lanes there are at most; a further delay uses the heap.
const LANES_MAX: usize = 16;

#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
struct Entry {
    time: u64,
    key: u64,
}

const _: () = assert!(size_of::<Entry>() == 16, "an entry is two words");

const NEVER: Entry = Entry {
    time: u64::MAX,
    key: u64::MAX,
};

impl Entry {
    #[inline]
    fn word(self) -> u128 {
        (u128::from(self.time) << 64) | u128::from(self.key)
    }
}

/// Names a lane, or says that the delay has none.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Lane {
    delay: Duration,
    /// Which ring; `u8::MAX` for none.
    idx: u8,
}

impl Lane {
    /// The lane's delay.
    #[must_use]
    pub const fn delay(self) -> Duration {
        self.delay
    }
}

struct Ring {
    delay: Duration,
    waiting: VecDeque<Entry>,
}

/// Future events in (time, sequence) order.
pub struct Calendar {
    heap: Vec<Entry>,
    rings: Vec<Ring>,
    /// The head of each ring, [`NEVER`] for an empty one: what `pop` compares.
    heads: [Entry; LANES_MAX],
    /// The earliest head, and whose it is.
    first: Entry,
    first_idx: usize,
    n_scheduled: u64,
    now: Time,
}

impl Default for Calendar {
    fn default() -> Self {
        Self::new()
    }
}

impl Calendar {
    /// A calendar at time zero with nothing in it.
    #[must_use]
    pub fn new() -> Self {
        Self {
            heap: Vec::with_capacity(256),
            rings: Vec::new(),
            heads: [NEVER; LANES_MAX],
            first: NEVER,
            first_idx: 0,
            n_scheduled: 0,
            now: Time::ZERO,
        }
    }

    /// The instant of the earliest event, if there is one.
    #[must_use]
    pub fn next_instant(&self) -> Option<Time> {
        let top = self.heap.first().copied().unwrap_or(NEVER);
        let entry = self.first.min(top);
        (entry != NEVER).then_some(Time(entry.time))
    }

    /// Moves the clock forward to an instant at which nothing happens, e.g. the end of a run.
    ///
    /// # Panics
    /// If an event would be skipped or the clock turned back: our bug.
    pub fn advance_to(&mut self, instant: Time) {
        assert!(instant >= self.now, "time never goes back");
        assert!(
            self.next_instant().is_none_or(|next| next >= instant),
            "an event would be skipped"
        );
        self.now = instant;
    }

    /// The instant of the event popped last.
    #[must_use]
    pub const fn now(&self) -> Time {
        self.now
    }

    /// The lane of a delay: the same delay gives the same lane. A delay beyond the last lane shares the heap.
    ///
    /// # Panics
    /// Never: an index below 16 fits.
    pub fn lane(&mut self, delay: Duration) -> Lane {
        let found = self.rings.iter().position(|ring| ring.delay == delay);
        let idx = found.or_else(|| {
            (self.rings.len() < LANES_MAX).then(|| {
                self.rings.push(Ring {
                    delay,
                    waiting: VecDeque::new(),
                });
                self.rings.len() - 1
            })
        });
        let idx = idx.map_or(u8::MAX, |idx| u8::try_from(idx).expect("at most 16 lanes"));
        Lane { delay, idx }
    }

    /// Schedules an event.
    ///
    /// # Panics
    /// If `at` lies in the past, or the payload has more than 30 bits: our bug.
    #[inline]
    pub fn schedule(&mut self, at: Time, payload: Payload) -> Sequence {
        assert!(
            at >= self.now,
            "an event in the past: {at} before {}",
            self.now
        );
        let entry = self.entry(at, payload);
        self.push(entry);
        self.n_scheduled
    }

    /// Schedules an event one lane's delay from now.
    #[inline]
    pub fn schedule_in(&mut self, lane: Lane, payload: Payload) -> Sequence {
        let at = self.now + lane.delay;
        let entry = self.entry(at, payload);
        let idx = usize::from(lane.idx);
        if let Some(ring) = self.rings.get_mut(idx) {
            if self.heads[idx] == NEVER {
                self.heads[idx] = entry;
                if entry < self.first {
                    self.first = entry;
                    self.first_idx = idx;
                }
            } else {
                ring.waiting.push_back(entry);
            }
        } else {
            self.push(entry);
        }
        self.n_scheduled
    }

    /// A sequence number for an event that executes within the present instant and never enters the calendar.
    #[inline]
    pub fn sequence(&mut self) -> Sequence {
        self.n_scheduled += 1;
        self.n_scheduled
    }

    /// Takes the earliest event; the clock moves to it.
    ///
    /// # Panics
    /// If time would go back: our bug.
    #[inline]
    pub fn pop(&mut self) -> Option<(Time, Sequence, Payload)> {
        self.pop_until(Time::NEVER)
    }

    /// Takes the earliest event, unless it comes after `latest`; the clock moves to it.
    ///
    /// # Panics
    /// If time would go back: our bug.
    #[inline]
    pub fn pop_until(&mut self, latest: Time) -> Option<(Time, Sequence, Payload)> {
        let top = self.heap.first().copied().unwrap_or(NEVER);
        let entry = if self.first.word() < top.word() {
            if self.first.time > latest.0 {
                return None;
            }
            self.pop_lane()
        } else if top == NEVER || top.time > latest.0 {
            return None;
        } else {
            self.pop_heap();
            top
        };
        assert!(entry.time >= self.now.0, "time never goes back");
        self.now = Time(entry.time);
        Some((self.now, entry.key >> PAYLOAD_BITS, unpack(entry.key)))
    }

    /// How many events are scheduled, stale ones included.
    #[must_use]
    pub fn len(&self) -> usize {
        let heads = self.heads.iter().filter(|&&head| head != NEVER).count();
        self.heap.len()
            + heads
            + self
                .rings
                .iter()
                .map(|ring| ring.waiting.len())
                .sum::<usize>()
    }

    /// Is nothing scheduled?
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    #[inline]
    fn entry(&mut self, at: Time, payload: Payload) -> Entry {
        assert!(payload <= PAYLOAD_MAX, "a payload has 30 bits");
        self.n_scheduled += 1;
        assert!(
            self.n_scheduled >> (64 - PAYLOAD_BITS) == 0,
            "a run has fewer than 2^34 events"
        );
        Entry {
            time: at.0,
            key: (self.n_scheduled << PAYLOAD_BITS) | u64::from(payload),
        }
    }

    /// Takes the earliest head; the ring's next entry takes its place.
    #[inline]
    fn pop_lane(&mut self) -> Entry {
        let taken = self.first;
        let idx = self.first_idx;
        let next = self.rings[idx].waiting.pop_front().unwrap_or(NEVER);
        self.heads[idx] = next;
        let (mut first, mut first_idx) = (next, idx);
        for (idx, head) in self.heads[..self.rings.len()].iter().enumerate() {
            if head.word() < first.word() {
                (first, first_idx) = (*head, idx);
            }
        }
        (self.first, self.first_idx) = (first, first_idx);
        taken
    }

    #[inline]
    fn push(&mut self, entry: Entry) {
        let mut hole = self.heap.len();
        self.heap.push(entry);
        while hole > 0 {
            let above = (hole - 1) / 4;
            if entry.word() >= self.heap[above].word() {
                break;
            }
            self.heap[hole] = self.heap[above];
            hole = above;
        }
        self.heap[hole] = entry;
    }

    #[inline]
    fn pop_heap(&mut self) {
        let last = self.heap.pop().expect("the caller saw a top");
        let heap = self.heap.as_mut_slice();
        if heap.is_empty() {
            return;
        }
        let mut hole = 0;
        loop {
            let below = 4 * hole + 1;
            let Some(family) = heap.get(below..heap.len().min(below + 4)) else {
                break;
            };
            let Some((offset, best)) = first_of(family) else {
                break;
            };
            if best.word() >= last.word() {
                break;
            }
            heap[hole] = best;
            hole = below + offset;
        }
        heap[hole] = last;
    }
}

#[inline]
fn first_of(family: &[Entry]) -> Option<(usize, Entry)> {
    if let [a, b, c, d] = family {
        // The usual case, without a branch on what is compared: nobody can predict it.
        let least = |a: (usize, &Entry), b: (usize, &Entry)| {
            if b.1.word() < a.1.word() { b.0 } else { a.0 }
        };
        let low = least((0, a), (1, b));
        let high = least((2, c), (3, d));
        let idx = least((low, &family[low]), (high, &family[high]));
        return Some((idx, family[idx]));
    }
    let mut least = (0, *family.first()?);
    for (offset, entry) in family.iter().enumerate().skip(1) {
        if entry.word() < least.1.word() {
            least = (offset, *entry);
        }
    }
    Some(least)
}

#[inline]
#[expect(clippy::cast_possible_truncation, reason = "masked to 30 bits")]
fn unpack(key: u64) -> Payload {
    (key & u64::from(PAYLOAD_MAX)) as Payload
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn events_of_one_instant_execute_in_the_order_they_were_scheduled() {
        let mut calendar = Calendar::new();
        let lane = calendar.lane(Duration(5));
        calendar.schedule(Time(5), 1);
        calendar.schedule_in(lane, 2);
        calendar.schedule(Time(5), 3);
        calendar.schedule_in(lane, 4);
        let order: Vec<Payload> = std::iter::from_fn(|| calendar.pop())
            .map(|(_, _, p)| p)
            .collect();
        assert_eq!(order, [1, 2, 3, 4]);
    }

    #[test]
    fn a_delay_beyond_the_last_lane_uses_the_heap() {
        let mut calendar = Calendar::new();
        let lanes: Vec<Lane> = (1..=40).map(|d| calendar.lane(Duration(d))).collect();
        for lane in lanes.iter().rev() {
            calendar.schedule_in(*lane, u32::try_from(lane.delay().0).unwrap());
        }
        let order: Vec<Payload> = std::iter::from_fn(|| calendar.pop())
            .map(|(_, _, p)| p)
            .collect();
        assert_eq!(order, (1..=40).collect::<Vec<_>>());
    }

    proptest! {
        /// Against a sorted list of (time, sequence), with lanes and the heap mixed and pops in between.
        #[test]
        fn the_calendar_is_a_sorted_list(steps in prop::collection::vec((0u64..50, 0u8..6), 1..300)) {
            let mut calendar = Calendar::new();
            let mut list: Vec<(u64, u32)> = Vec::new();
            for (seq, (delay, what)) in (0u32..).zip(&steps) {
                match what {
                    0 | 1 => {
                        calendar.schedule(calendar.now() + Duration(*delay), seq);
                        list.push((calendar.now().0 + delay, seq));
                    }
                    2..=4 => {
                        let lane = calendar.lane(Duration(delay % 20));
                        calendar.schedule_in(lane, seq);
                        list.push((calendar.now().0 + delay % 20, seq));
                    }
                    _ => {
                        list.sort_unstable();
                        let expected = (!list.is_empty()).then(|| list.remove(0));
                        prop_assert_eq!(calendar.pop().map(|(t, _, p)| (t.0, p)), expected);
                    }
                }
                prop_assert_eq!(calendar.len(), list.len());
            }
            list.sort_unstable();
            for expected in list {
                prop_assert_eq!(calendar.pop().map(|(t, _, p)| (t.0, p)), Some(expected));
            }
            prop_assert!(calendar.is_empty());
        }
    }
}
