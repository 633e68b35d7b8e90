//! Quantities of the language: [`crate::kernel::units`], with the words for "none" and a code for a missing unit.

use crate::kernel::time::Duration;
use crate::kernel::units::{self, UnitMistake};

pub(super) use units::{format_rate as print_rate, format_share as print_share};

/// Why a text is no such quantity.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Unfit {
    /// What kind of mistake it is.
    pub(super) why: Why,
    /// Lower case, names the text.
    pub(super) message: String,
    /// What was likely meant.
    pub(super) help: Option<String>,
}

impl Unfit {
    /// A quantity that is none that is possible here: `` `text` problem ``.
    pub(super) fn range(text: &str, problem: &str, help: Option<String>) -> Self {
        Self {
            why: Why::Range,
            message: format!("`{text}` {problem}"),
            help,
        }
    }
}

/// What kind of mistake a quantity has.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Why {
    /// It is a bare number where a unit is wanted.
    NoUnit,
    /// It is not written like such a quantity.
    Form,
    /// It is one, but not a possible one here.
    Range,
}

/// Is it a number and nothing else?
fn is_bare_number(text: &str) -> bool {
    units::parse_number(text).is_ok()
}

fn with_unit<T>(text: &str, read: Result<T, UnitMistake>) -> Result<T, Unfit> {
    read.map_err(|mistake| Unfit {
        why: if is_bare_number(text) {
            Why::NoUnit
        } else {
            Why::Form
        },
        message: mistake.message,
        help: mistake.help,
    })
}

fn without_unit<T>(read: Result<T, UnitMistake>) -> Result<T, Unfit> {
    read.map_err(|mistake| Unfit {
        why: Why::Form,
        message: mistake.message,
        help: mistake.help,
    })
}

/// `250ms`, `1.5s`, `1h30m`.
pub(super) fn duration(text: &str) -> Result<Duration, Unfit> {
    match with_unit(text, units::parse_duration(text)) {
        Ok(Duration::MAX) => Err(Unfit {
            why: Why::Range,
            message: format!("`{text}` is too long"),
            help: Some("the longest is 584 years".into()),
        }),
        other => other,
    }
}

/// A duration in canonical form; `none` for never.
pub(super) fn print_duration(span: Duration) -> String {
    match span {
        Duration::MAX => "none".into(),
        span => units::format_duration(span),
    }
}

/// `120/s`, `90/min`, `20k/s`: per second.
pub(super) fn rate(text: &str) -> Result<f64, Unfit> {
    with_unit(text, units::parse_rate(text)).and_then(|rate| {
        if rate.is_finite() {
            return Ok(rate);
        }
        let (message, help) = (format!("`{text}` is too much"), None);
        Err(Unfit {
            why: Why::Range,
            message,
            help,
        })
    })
}

/// `400B`, `16kB`, `16KiB`: bytes.
pub(super) fn size(text: &str) -> Result<u64, Unfit> {
    with_unit(text, units::parse_size(text))
}

/// `10MB/s`: bytes per second.
pub(super) fn throughput(text: &str) -> Result<u64, Unfit> {
    let Some(bytes) = text.strip_suffix("/s") else {
        return Err(Unfit {
            why: if is_bare_number(text) {
                Why::NoUnit
            } else {
                Why::Form
            },
            message: format!("`{text}` is no size per second"),
            help: Some("write it like `10MB/s`".into()),
        });
    };
    match size(bytes.trim())? {
        0 => Err(Unfit::range(text, "must be more than nothing", None)),
        bytes => Ok(bytes),
    }
}

/// `99.9%`: 0 to 1.
pub(super) fn share(text: &str) -> Result<f64, Unfit> {
    with_unit(text, units::parse_share(text))
}

/// `64`, `50k`, `1.2M`.
pub(super) fn count(text: &str) -> Result<u64, Unfit> {
    without_unit(units::parse_count(text))
}

/// A plain number that is not negative, e.g. a shape or a factor.
pub(super) fn plain_number(text: &str) -> Result<f64, Unfit> {
    without_unit(units::parse_number(text))
}

/// `+400ms`, `x10`, `-20%`.
pub(super) fn change(text: &str) -> Result<units::Change, Unfit> {
    without_unit(units::parse_change(text))
}
