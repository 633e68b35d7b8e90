//! What all acting faults together do to one target: effects stack (A30).

use super::{Effect, Lose, Manner};
use crate::kernel::time::Duration;

/// The state of a part (an instance, a broker, a link) under every fault that acts on it now.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Condition {
    /// Is it down, and how does it behave then? Two faults at once: hanging hides refusing.
    pub down: Option<Manner>,
    /// What is lost when it goes down; of two the larger.
    pub lose: Option<Lose>,
    /// Is it frozen?
    pub paused: bool,
    /// Share answered with an error, 0 to 1; independent faults combine as 1 − Π(1 − p).
    pub errors: f64,
    /// Added to each hop, write or service time; sums.
    pub plus: Duration,
    /// Factor on each hop, write or service time; multiplies.
    pub times: f64,
    /// Share of the workers left, 0 to 1; multiplies.
    pub capacity: f64,
    /// Share lost on the way in, 0 to 1; combines like `errors`.
    pub drop: f64,
    /// Share of replies lost on the way back, 0 to 1; combines like `errors`.
    pub drop_replies: f64,
    /// Share of messages that can never be processed, 0 to 1; combines like `errors`.
    pub poison: f64,
    /// Share of messages that are doubled on the way, 0 to 1; combines like `errors`.
    pub duplicate: f64,
    /// No more than this is let in, per second; of two the lower.
    pub throttle: Option<f64>,
}

impl Condition {
    /// Nothing is wrong.
    pub const SOUND: Self = Self {
        down: None,
        lose: None,
        paused: false,
        errors: 0.0,
        plus: Duration::ZERO,
        times: 1.0,
        capacity: 1.0,
        drop: 0.0,
        drop_replies: 0.0,
        poison: 0.0,
        duplicate: 0.0,
        throttle: None,
    };

    /// This condition with one more effect.
    #[must_use]
    pub fn with(mut self, effect: &Effect) -> Self {
        match *effect {
            Effect::Down(manner) => {
                self.down = Some(if self.down == Some(Manner::Hang) {
                    Manner::Hang
                } else {
                    manner
                });
            }
            Effect::Lose(lose) => self.lose = self.lose.max(Some(lose)),
            Effect::Pause => self.paused = true,
            Effect::Errors(share) => self.errors = either(self.errors, share),
            Effect::LatencyPlus(span) => self.plus += span,
            Effect::LatencyTimes(factor) => self.times *= factor,
            Effect::Capacity(share) => self.capacity *= share,
            Effect::Drop(share) => self.drop = either(self.drop, share),
            Effect::Poison(share) => self.poison = either(self.poison, share),
            Effect::Duplicate(share) => self.duplicate = either(self.duplicate, share),
            Effect::Throttle(rate) => {
                self.throttle = Some(self.throttle.map_or(rate, |other| other.min(rate)));
            }
            // It is in the arrivals.
            Effect::Load(_) => {}
            Effect::DropReplies(share) => self.drop_replies = either(self.drop_replies, share),
        }
        self
    }

    /// Does a hop, a write or a service time last as long as without faults?
    #[must_use]
    #[expect(
        clippy::float_cmp,
        reason = "1 is the exact neutral value, never computed"
    )]
    pub fn is_on_time(&self) -> bool {
        self.plus.is_zero() && self.times == 1.0
    }

    /// A span of time, stretched and lengthened.
    #[must_use]
    pub fn stretch(&self, span: Duration) -> Duration {
        if self.is_on_time() {
            span
        } else {
            Duration::from_secs_f64(span.as_secs_f64() * self.times) + self.plus
        }
    }
}

/// The chance that at least one of two independent things happens.
#[must_use]
pub fn either(p: f64, q: f64) -> f64 {
    1.0 - (1.0 - p) * (1.0 - q)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn effects_stack() {
        let condition = [
            Effect::Errors(0.5),
            Effect::Errors(0.5),
            Effect::LatencyPlus(Duration::from_millis(3)),
            Effect::LatencyTimes(2.0),
            Effect::LatencyTimes(5.0),
            Effect::Capacity(0.5),
            Effect::Down(Manner::Hang),
            Effect::Down(Manner::Refuse),
        ]
        .iter()
        .fold(Condition::SOUND, Condition::with);
        assert!((condition.errors - 0.75).abs() < 1e-12);
        assert_eq!(
            condition.stretch(Duration::from_millis(1)),
            Duration::from_millis(13)
        );
        assert!((condition.capacity - 0.5).abs() < 1e-12);
        assert_eq!(condition.down, Some(Manner::Hang));
    }

    #[test]
    fn a_sound_part_keeps_every_nanosecond() {
        let span = Duration(u64::MAX / 2 + 1);
        assert_eq!(Condition::SOUND.stretch(span), span);
    }
}
