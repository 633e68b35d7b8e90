//! The target of an SLO line, read as its metric's kind.

use crate::compile::codes;
use crate::compile::mistakes::Mistakes;
use crate::kernel::time::Duration;
use crate::kernel::units;
use crate::scenario::Spanned;

/// What a metric's target is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Kind {
    /// A part of a whole; 0 to 1 inside, `99.9%` as written.
    Share,
    /// Seconds inside.
    Duration,
    /// Per second inside.
    Rate,
    /// How many.
    Count,
    /// One number over another, e.g. `1.5`.
    Ratio,
}

/// The target in the metric's base unit; `None` after reporting that it is none.
pub(crate) fn read(kind: Kind, written: &Spanned<String>, mistakes: &mut Mistakes) -> Option<f64> {
    let text = written.value.trim();
    let read = match kind {
        Kind::Share => units::parse_share(text),
        Kind::Duration => units::parse_duration(text).map(Duration::as_secs_f64),
        Kind::Rate => units::parse_rate(text),
        #[expect(clippy::cast_precision_loss, reason = "counts above 2^53 do not occur")]
        Kind::Count => units::parse_count(text).map(|count| count as f64),
        Kind::Ratio => units::parse_number(text),
    };
    read.map_err(|mistake| {
        let note = mistakes.error(codes::TARGET, written.place, mistake.message);
        note.help(
            mistake
                .help
                .unwrap_or_else(|| format!("e.g. `{}`", kind.example())),
        );
    })
    .ok()
}

impl Kind {
    fn example(self) -> &'static str {
        match self {
            Self::Share => "99.9%",
            Self::Duration => "800ms",
            Self::Rate => "100/s",
            Self::Count => "0",
            Self::Ratio => "1.5",
        }
    }
}
