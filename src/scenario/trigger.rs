//! A fault's `when`: `backlog(orders) > 10k`, `utilization(payment) >= 90%`.

use super::quantity::{self, Unfit, Why};
use super::suggest::{closest, one_of};
use crate::faults::Gauge;
use crate::kernel::units::Op;

/// `when`: what somebody who watches must see for a fault to begin.
#[derive(Clone, Debug, PartialEq)]
pub struct Trigger {
    /// What is watched.
    pub gauge: Gauge,
    /// Whose: a broker's or a service's name.
    pub of: String,
    /// `>` or `>=`.
    pub op: Op,
    /// A count, or a share 0 to 1.
    pub level: f64,
}

impl Trigger {
    /// In canonical form.
    #[must_use]
    pub fn text(&self) -> String {
        self.gauge.condition(&self.of, self.op, self.level)
    }

    /// Reads `gauge(name) op level`; whether the name can be one is looked at elsewhere.
    pub(super) fn read(text: &str) -> Result<Self, Unfit> {
        let form = || Unfit {
            why: Why::Form,
            message: format!("`{text}` is no condition"),
            help: Some(
                "write it like `backlog(orders) > 10k` or `utilization(payment) >= 90%`".into(),
            ),
        };
        let (gauge, rest) = text.split_once('(').ok_or_else(form)?;
        let (of, rest) = rest.split_once(')').ok_or_else(form)?;
        let (gauge, of, rest) = (gauge.trim(), of.trim(), rest.trim());
        let words = Gauge::ALL.map(Gauge::word);
        let Some(gauge) = Gauge::ALL.into_iter().find(|one| one.word() == gauge) else {
            let help = match closest(gauge, words) {
                Some(word) => format!("did you mean `{word}`?"),
                None => format!("what can be watched is {}", one_of(words)),
            };
            return Err(Unfit::range(gauge, "cannot be watched", Some(help)));
        };
        let after = rest.trim_start_matches(['<', '>', '=']);
        let (op, level) = (&rest[..rest.len() - after.len()], after.trim());
        let Some(op @ (Op::More | Op::AtLeast)) = Op::parse(op) else {
            let help = "a fault begins when there is too much of something: `>` or `>=`";
            return Err(Unfit {
                help: Some(help.into()),
                ..form()
            });
        };
        #[expect(clippy::cast_precision_loss, reason = "backlogs stay far below 2^53")]
        let level = match gauge {
            Gauge::Backlog => quantity::count(level)? as f64,
            Gauge::Utilization => quantity::share(level)?,
        };
        Ok(Self {
            gauge,
            of: of.to_owned(),
            op,
            level,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn conditions_are_read_and_print_the_same() {
        for (text, canonical) in [
            ("backlog(orders) > 10k", "backlog(orders) > 10000"),
            ("utilization( payment )>=90%", "utilization(payment) >= 90%"),
        ] {
            let read = Trigger::read(text).map(|trigger| trigger.text());
            assert_eq!(read, Ok(canonical.to_owned()));
            assert_eq!(Trigger::read(canonical).map(|trigger| trigger.text()), read);
        }
    }

    #[test]
    fn what_is_no_condition_says_why() {
        let help = |text| Trigger::read(text).expect_err("no condition").help;
        assert_eq!(
            help("backlg(orders) > 1"),
            Some("did you mean `backlog`?".into())
        );
        assert!(help("backlog(orders) < 1").is_some_and(|help| help.contains("too much")));
        assert!(help("backlog orders > 1").is_some_and(|help| help.contains("write it like")));
        let level = Trigger::read("utilization(payment) > 90").expect_err("a bare number");
        assert_eq!(level.why, Why::NoUnit);
    }
}
