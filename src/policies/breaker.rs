//! Circuit breaker (A19): stops asking a callee that fails, and tries again later with a few probes.
//!
//! ```text
//!   closed ── failures reach the threshold ──► open ── a call after the wait ──► half-open
//!      ▲                                        ▲                                   │
//!      └──────────── probes did well ───────────┼──────── probes did badly ─────────┘
//! ```
//!
//! As in resilience4j (`CircuitBreakerStateMachine`), it leaves the open state when a call arrives, not before; an attempt
//! that began in an earlier state says nothing about the present one (as the generations of gobreaker).

use super::OutcomeSet;
use super::gate::{Ended, Gate};
use crate::kernel::time::{Duration, Time};
use std::collections::VecDeque;

/// When a breaker opens, and how it closes again.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Breaker {
    /// Opens when the shares of the recent attempts are too high.
    pub recent: Option<Recent>,
    /// Opens after so many failures in a row; at least 1.
    pub consecutive: Option<u32>,
    /// How long it stays open.
    pub open: Duration,
    /// Attempts let through when half-open; at least 1. All of them must have ended before it decides.
    pub probes: u32,
    /// Which outcomes are failures. Whatever else a caller hears is a success.
    pub failures: OutcomeSet,
    /// An attempt that takes longer is slow; [`Duration::MAX`] for none.
    pub slow: Duration,
}

/// The attempts that a breaker looks back upon, and how many of them may be bad.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Recent {
    /// How far back.
    pub window: Window,
    /// With fewer attempts than this it does not open; at least 1.
    pub minimum: u32,
    /// Opens at this share of failures, above 0 up to 1.
    pub failure_share: f64,
    /// Opens at this share of slow ones, above 0 up to 1.
    pub slow_share: f64,
}

/// How far back a breaker looks.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Window {
    /// So many attempts; at least 1.
    Calls(u32),
    /// So long; it moves in tenths.
    Span(Duration),
}

/// A span moves on in so many parts (as `metrics.rollingStats.numBuckets` of Hystrix, and 10 s of resilience4j).
const PARTS: u64 = 10;

impl Breaker {
    /// Ready for one caller: closed, and nothing seen.
    #[must_use]
    pub fn gate(self) -> impl Gate {
        self.machine()
    }

    fn machine(self) -> Machine {
        Machine {
            law: self,
            phase: Phase::Closed,
            since: Time::ZERO,
            in_a_row: 0,
            seen: Seen::default(),
        }
    }
}

/// How many attempts, and how many of them were bad.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
struct Tally {
    n: u32,
    failed: u32,
    slow: u32,
}

impl Tally {
    const fn of(is_failed: bool, is_slow: bool) -> Self {
        Self {
            n: 1,
            failed: is_failed as u32,
            slow: is_slow as u32,
        }
    }

    const fn add(&mut self, other: Self) {
        self.n += other.n;
        self.failed += other.failed;
        self.slow += other.slow;
    }

    const fn take(&mut self, other: Self) {
        self.n -= other.n;
        self.failed -= other.failed;
        self.slow -= other.slow;
    }

    /// Are the shares too high? A share is a quotient, so that 3 of 30 are exactly 10 %.
    fn is_bad(&self, law: &Recent) -> bool {
        let share = |part: u32| f64::from(part) / f64::from(self.n.max(1));
        share(self.failed) >= law.failure_share
            || self.slow > 0 && share(self.slow) >= law.slow_share
    }
}

/// The attempts within the window: one by one, or by tenths of the span, each with its number.
#[derive(Debug, Default)]
struct Seen {
    parts: VecDeque<(u64, Tally)>,
    sum: Tally,
}

impl Seen {
    fn add(&mut self, tally: Tally, window: Window, now: Time) {
        match window {
            Window::Calls(n) => {
                self.parts.push_back((0, tally));
                if self.parts.len() > n as usize {
                    self.forget();
                }
            }
            Window::Span(span) => {
                let part = now.0 / (span.0 / PARTS).max(1);
                while self
                    .parts
                    .front()
                    .is_some_and(|(old, _)| old + PARTS <= part)
                {
                    self.forget();
                }
                match self.parts.back_mut() {
                    Some((last, sum)) if *last == part => sum.add(tally),
                    _ => self.parts.push_back((part, tally)),
                }
            }
        }
        self.sum.add(tally);
    }

    fn forget(&mut self) {
        if let Some((_, old)) = self.parts.pop_front() {
            self.sum.take(old);
        }
    }
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Phase {
    Closed,
    Open,
    /// With so many probes let through, and what came of those that have ended.
    HalfOpen(u32, Tally),
}

#[derive(Debug)]
struct Machine {
    law: Breaker,
    phase: Phase,
    /// When the present phase began.
    since: Time,
    /// Failures since the last success.
    in_a_row: u32,
    seen: Seen,
}

impl Machine {
    fn enter(&mut self, phase: Phase, now: Time) {
        self.phase = phase;
        self.since = now;
        self.in_a_row = 0;
        self.seen = Seen::default();
    }

    /// Do these attempts open it, as far as what it looks back upon goes?
    fn is_too_bad(&self, tally: &Tally, minimum: u32) -> bool {
        let recent = self.law.recent.as_ref();
        recent.is_some_and(|law| tally.n >= minimum && tally.is_bad(law))
    }
}

impl Gate for Machine {
    fn admits(&mut self, now: Time) -> bool {
        if self.phase == Phase::Open && now - self.since >= self.law.open {
            self.enter(Phase::HalfOpen(0, Tally::default()), now);
        }
        match &mut self.phase {
            Phase::Closed => true,
            Phase::Open => false,
            Phase::HalfOpen(n_out, _) => {
                let is_probe = *n_out < self.law.probes;
                *n_out += u32::from(is_probe);
                is_probe
            }
        }
    }

    fn settled(&mut self, ended: &Ended) {
        if ended.began < self.since {
            return;
        }
        let is_failed = self.law.failures.has(ended.outcome);
        if !is_failed && !ended.outcome.is_ok() && !OutcomeSet::FAILURES.has(ended.outcome) {
            // It says nothing about the callee; a probe may be made in its stead.
            if let Phase::HalfOpen(n_out, _) = &mut self.phase {
                *n_out -= 1;
            }
            return;
        }
        let tally = Tally::of(is_failed, ended.at - ended.began > self.law.slow);
        match &mut self.phase {
            Phase::Open => {}
            Phase::Closed => {
                self.in_a_row = if is_failed { self.in_a_row + 1 } else { 0 };
                let mut is_bad = self.law.consecutive.is_some_and(|n| self.in_a_row >= n);
                if let Some(law) = self.law.recent {
                    self.seen.add(tally, law.window, ended.at);
                    let minimum = match law.window {
                        Window::Calls(n) => law.minimum.min(n),
                        Window::Span(_) => law.minimum,
                    };
                    is_bad |= self.is_too_bad(&self.seen.sum, minimum);
                }
                if is_bad {
                    self.enter(Phase::Open, ended.at);
                }
            }
            Phase::HalfOpen(_, sum) => {
                sum.add(tally);
                let sum = *sum;
                let is_bad = match self.law.recent {
                    None => is_failed,
                    Some(_) => self.is_too_bad(&sum, self.law.probes),
                };
                if is_bad {
                    self.enter(Phase::Open, ended.at);
                } else if sum.n >= self.law.probes {
                    self.enter(Phase::Closed, ended.at);
                }
            }
        }
    }

    fn is_tripped(&self) -> bool {
        self.phase != Phase::Closed
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::kernel::chance::{Purpose, Stream};
    use crate::policies::Outcome;

    fn ms(n: u64) -> Time {
        Time::ZERO + Duration::from_millis(n)
    }

    /// The defaults of resilience4j 2 (`CircuitBreakerConfig.java`).
    fn resilience4j() -> Breaker {
        Breaker {
            recent: Some(Recent {
                window: Window::Calls(100),
                minimum: 100,
                failure_share: 0.5,
                slow_share: 1.0,
            }),
            consecutive: None,
            open: Duration::from_secs(60),
            probes: 10,
            failures: OutcomeSet::FAILURES,
            slow: Duration::from_secs(60),
        }
    }

    fn in_a_row(n: u32) -> Breaker {
        Breaker {
            recent: None,
            consecutive: Some(n),
            open: Duration::from_secs(10),
            probes: 1,
            ..resilience4j()
        }
    }

    /// One attempt that takes no time; was it let through?
    fn attempt(machine: &mut Machine, now: Time, outcome: Outcome) -> bool {
        let is_in = machine.admits(now);
        if is_in {
            machine.settled(&Ended {
                began: now,
                at: now,
                outcome,
            });
        }
        is_in
    }

    /// A call every 100 ms against a callee that always fails: 100 by 10.0 s, then ten in each 61 s.
    #[test]
    fn against_a_dead_callee_only_probes_get_through() {
        let mut machine = resilience4j().machine();
        let passed: Vec<u64> = (1..=3_100)
            .filter(|&k| attempt(&mut machine, ms(100 * k), Outcome::Refused))
            .collect();
        assert_eq!(passed.len(), 140);
        assert_eq!(passed[..100], (1..=100).collect::<Vec<u64>>());
        // Opened at 10.0 s: the next that may pass is at 70.0 s.
        assert_eq!(passed[100], 700);
        assert_eq!(passed[110], 709 + 600);
        assert!(machine.is_tripped());
    }

    /// Feller, vol. 1, XIII.7: a run of k failures takes (p^-k - 1)/(1 - p) trials on average; a cycle of open times follows
    /// until a probe succeeds. With 20 calls a second, p = 1/2, k = 5, 10 s: 200/(1-p) of 62 + 400 + 2 calls are turned away.
    /// The share over m cycles has a standard deviation below 1/sqrt(m) of its complement: 5 of them are asserted.
    #[test]
    fn rejected_share_follows_the_theory_of_runs() {
        let mut machine = in_a_row(5).machine();
        let stream = Stream::new(7, 0, Purpose::Test, 1);
        let (n, mut passed, mut opened) = (2_000_000_u64, 0_u64, 0_u64);
        for k in 0..n {
            let is_bad = stream.draw(k << 8).uniform() < 0.5;
            let outcome = if is_bad { Outcome::Error } else { Outcome::Ok };
            let was_open = machine.phase == Phase::Open;
            // Every 50 ms: after an opening 199 are turned away, the 200th is a probe.
            passed += u64::from(attempt(&mut machine, ms(50 * k), outcome));
            opened += u64::from(machine.phase == Phase::Open && !was_open);
        }
        // Per cycle from closing to closing: 62 calls, then on average two waits of 199 and two probes.
        let expected = 64.0 / (64.0 + 2.0 * 199.0);
        #[expect(clippy::cast_precision_loss, reason = "far below 2^53")]
        let (share, cycles) = (passed as f64 / n as f64, opened as f64 / 2.0);
        assert!(cycles > 1_000.0);
        assert!(
            (share - expected).abs() < 5.0 * expected / cycles.sqrt(),
            "{share}"
        );
    }

    /// The binomial tail: 10 calls, at least 5 of which fail with probability 0.3. And the mean of the Markov chain over the
    /// windows of 10: 34.8016 calls until it opens (solved in the shared derivation of the scan statistic); 4.5 standard
    /// errors of 20 000 repetitions, with the standard deviation of the sample.
    #[test]
    fn a_window_of_calls_opens_when_the_scan_statistic_says() {
        let law = Breaker {
            recent: Some(Recent {
                window: Window::Calls(10),
                minimum: 10,
                failure_share: 0.5,
                slow_share: 1.0,
            }),
            ..resilience4j()
        };
        let stream = Stream::new(3, 0, Purpose::Test, 2);
        let (n, mut at_once, mut sum, mut squares) = (20_000_u32, 0_u32, 0.0, 0.0);
        for run in 0..n {
            let mut machine = law.machine();
            let mut calls = 0_u32;
            while machine.phase == Phase::Closed {
                let who = (u64::from(run) << 32) | (u64::from(calls) << 8);
                let is_bad = stream.draw(who).uniform() < 0.3;
                let outcome = if is_bad { Outcome::Error } else { Outcome::Ok };
                attempt(&mut machine, ms(u64::from(calls)), outcome);
                calls += 1;
            }
            at_once += u32::from(calls == 10);
            sum += f64::from(calls);
            squares += f64::from(calls) * f64::from(calls);
        }
        let n = f64::from(n);
        let mean = sum / n;
        let error = ((squares / n - mean * mean) / n).sqrt();
        assert!((mean - 34.801_615).abs() < 4.5 * error, "{mean} ± {error}");
        let tail = 0.150_268_33_f64;
        let error = (tail * (1.0 - tail) / n).sqrt();
        assert!((f64::from(at_once) / n - tail).abs() < 4.5 * error);
    }

    #[test]
    fn a_span_forgets_what_is_older_by_tenths() {
        let law = Breaker {
            recent: Some(Recent {
                window: Window::Span(Duration::from_secs(10)),
                minimum: 4,
                failure_share: 0.5,
                slow_share: 1.0,
            }),
            ..resilience4j()
        };
        let mut machine = law.machine();
        attempt(&mut machine, ms(0), Outcome::Error);
        attempt(&mut machine, ms(9_900), Outcome::Error);
        // The first is forgotten: three are too few.
        attempt(&mut machine, ms(10_000), Outcome::Error);
        attempt(&mut machine, ms(10_100), Outcome::Ok);
        assert_eq!(machine.phase, Phase::Closed);
        attempt(&mut machine, ms(10_200), Outcome::Ok);
        assert_eq!(machine.phase, Phase::Open);
    }

    #[test]
    fn slow_calls_open_it_too() {
        let law = Breaker {
            recent: Some(Recent {
                window: Window::Calls(4),
                minimum: 4,
                failure_share: 1.0,
                slow_share: 0.75,
            }),
            slow: Duration::from_millis(100),
            ..resilience4j()
        };
        let mut machine = law.machine();
        for took in [101, 100, 500, 300] {
            assert_eq!(machine.phase, Phase::Closed);
            assert!(machine.admits(ms(0)));
            machine.settled(&Ended {
                began: ms(0),
                at: ms(took),
                outcome: Outcome::Ok,
            });
        }
        assert_eq!(machine.phase, Phase::Open);
    }

    #[test]
    fn probes_decide_all_together_and_a_cancelled_one_is_replaced() {
        let law = Breaker {
            probes: 2,
            recent: Some(Recent {
                window: Window::Calls(2),
                minimum: 2,
                failure_share: 0.6,
                slow_share: 1.0,
            }),
            ..resilience4j()
        };
        let mut machine = law.machine();
        attempt(&mut machine, ms(0), Outcome::Error);
        attempt(&mut machine, ms(0), Outcome::Error);
        assert!(!machine.admits(ms(59_999)));
        assert!(machine.admits(ms(60_000)) && machine.admits(ms(60_000)));
        assert!(!machine.admits(ms(60_000)));
        let mut end = |at, outcome| {
            machine.settled(&Ended {
                began: ms(60_000),
                at: ms(at),
                outcome,
            });
            (machine.phase, machine.admits(ms(at)))
        };
        // One was cancelled, and another takes its place.
        assert!(end(60_001, Outcome::Cancelled).1);
        assert!(!end(60_002, Outcome::Error).1);
        // One of two failed: below 60 %.
        assert_eq!(end(60_003, Outcome::Ok), (Phase::Closed, true));
    }

    #[test]
    fn an_attempt_of_an_earlier_state_says_nothing() {
        let mut machine = in_a_row(1).machine();
        assert!(machine.admits(ms(0)) && machine.admits(ms(1)));
        let end = |machine: &mut Machine, began, at, outcome| {
            let (began, at) = (ms(began), ms(at));
            machine.settled(&Ended { began, at, outcome });
        };
        end(&mut machine, 0, 5, Outcome::Timeout);
        assert!(machine.admits(ms(10_005)));
        // The second one of before: late, and of no account.
        end(&mut machine, 1, 10_006, Outcome::Timeout);
        end(&mut machine, 10_005, 10_007, Outcome::Ok);
        assert!(!machine.is_tripped());
    }
}
