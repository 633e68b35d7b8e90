//! How numbers look to people: one function feeds prose, tables and charts, so the same figure is the same text everywhere.
//!
//! Times have three significant digits, availability as many decimals as its nines need, and a value is never shown finer than
//! its interval. No text ever says `NaN` or `inf`: what is not known is [`UNKNOWN`], what never ended is [`NEVER`].

use crate::analysis::Estimate;
use crate::model::{Metric, Stat};
use std::fmt::Write as _;

/// Shown where there is no number.
pub(super) const UNKNOWN: &str = "–";
/// Shown for an infinite time: a fault from which a variant did not recover.
pub(super) const NEVER: &str = "never";

/// What a number counts, hence how it is shown.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Unit {
    /// A time, in seconds.
    Seconds,
    /// A share, 0 to 1, shown in percent.
    Share,
    /// A count.
    Count,
    /// Per second.
    Rate,
    /// A plain ratio, e.g. attempts per flow run.
    Ratio,
}

/// A number ready to be shown.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Shown {
    /// The value with its unit, e.g. `89.84%`, `2m48s`.
    pub value: String,
    /// The half-width with its sign, e.g. `±0.08`; empty if there is none.
    pub half_width: String,
}

impl Shown {
    /// Value and half-width in one text.
    pub(super) fn text(&self) -> String {
        if self.half_width.is_empty() {
            self.value.clone()
        } else {
            format!("{} {}", self.value, self.half_width)
        }
    }

    /// The same with something more behind it.
    pub(super) fn and(mut self, more: Option<String>) -> Self {
        if let Some(more) = more {
            let gap = if self.half_width.is_empty() { "" } else { " " };
            self.half_width = format!("{}{gap}{more}", self.half_width);
        }
        self
    }

    /// A value that has no interval.
    fn plain(value: &str) -> Self {
        Self {
            value: value.to_owned(),
            half_width: String::new(),
        }
    }
}

/// The unit of what an SLO line measures.
pub(super) fn unit_of_metric(metric: Metric) -> Unit {
    match metric {
        Metric::Availability
        | Metric::Degraded
        | Metric::WindowedAvailability
        | Metric::WastedWork
        | Metric::BreakerOpen(_)
        | Metric::Utilization(_) => Unit::Share,
        Metric::Latency
        | Metric::Completion
        | Metric::MessageAge
        | Metric::Staleness(_)
        | Metric::Recovery(_) => Unit::Seconds,
        Metric::Goodput | Metric::Throughput => Unit::Rate,
        Metric::Backlog
        | Metric::Lost
        | Metric::DeadLettered
        | Metric::Compensated
        | Metric::DuplicatesApplied
        | Metric::Unfinished => Unit::Count,
        Metric::Amplification => Unit::Ratio,
    }
}

/// The unit of what an SLO line compares.
pub(super) fn unit_of_line(metric: Metric, stat: Stat) -> Unit {
    match stat {
        Stat::Share => Unit::Share,
        _ => unit_of_metric(metric),
    }
}

/// The unit of a named figure of a flow or of data.
pub(super) fn unit_of_figure(name: &str) -> Unit {
    if name.ends_with("availability") || name == "degraded" || name.starts_with("read_") {
        Unit::Share
    } else if name.starts_with("staleness")
        || name.starts_with("latency")
        || name.starts_with("completion")
    {
        Unit::Seconds
    } else if name == "goodput" || name == "throughput" {
        Unit::Rate
    } else if name == "amplification" {
        Unit::Ratio
    } else {
        Unit::Count
    }
}

/// A statistic as a suffix of a row's name: `p99`, `max`, `mean`; empty for a plain value.
pub(super) fn stat_word(stat: Stat) -> String {
    match stat {
        Stat::Value | Stat::Share => String::new(),
        Stat::Mean => "mean".to_owned(),
        Stat::Max => "max".to_owned(),
        Stat::Quantile(q) => quantile(q),
    }
}

/// A quantile as people say it: 0.5 is `p50`, 0.999 is `p99.9`.
pub(super) fn quantile(q: f64) -> String {
    format!("p{}", trimmed(q * 100.0, 6))
}

/// An estimate of a named figure, if there is one.
pub(super) fn estimate_or_unknown(figure: &str, found: Option<Estimate>) -> Shown {
    let unit = unit_of_figure(figure);
    found.map_or_else(
        || number(unit, f64::NAN, None),
        |found| estimate(unit, &found),
    )
}

/// An estimate in its unit.
pub(super) fn estimate(unit: Unit, estimate: &Estimate) -> Shown {
    if estimate.n_never > 0 && estimate.mean == f64::INFINITY {
        if estimate.n_never < estimate.n {
            return Shown::plain(&format!("{NEVER} in {}/{}", estimate.n_never, estimate.n));
        }
        return Shown::plain(NEVER);
    }
    if estimate.n == 0 {
        return Shown::plain(UNKNOWN);
    }
    let shown = number(unit, estimate.mean, estimate.half_width);
    if estimate.n_bound > 0 {
        return Shown {
            value: format!("≥{}", shown.value),
            ..shown
        };
    }
    shown
}

/// A value in its unit, no finer than its half-width.
pub(super) fn number(unit: Unit, value: f64, half_width: Option<f64>) -> Shown {
    if value.is_nan() {
        return Shown::plain(UNKNOWN);
    }
    if value.is_infinite() {
        return Shown::plain(if unit == Unit::Seconds {
            NEVER
        } else {
            UNKNOWN
        });
    }
    let half_width = half_width.filter(|h| h.is_finite()).map(f64::abs);
    // Below what three digits can show, a half-width is noise of the arithmetic.
    let half_width = half_width.map(|h| if h < value.abs() * 1e-6 { 0.0 } else { h });
    match unit {
        Unit::Seconds => time(value, half_width),
        Unit::Share => percent(value, half_width),
        Unit::Count => scaled(value, half_width, "", Digits::Count),
        Unit::Rate => scaled(value, half_width, "/s", Digits::Three),
        Unit::Ratio => scaled(value, half_width, "", Digits::Three),
    }
}

/// A share without an interval.
pub(super) fn share(value: f64) -> String {
    number(Unit::Share, value, None).value
}

/// A target as the user would write it: no more digits than it has.
pub(super) fn target(unit: Unit, value: f64) -> String {
    if !value.is_finite() {
        return number(unit, value, None).value;
    }
    match unit {
        Unit::Seconds => literal(value),
        Unit::Share => format!("{}%", trimmed(value * 100.0, 9)),
        Unit::Count => grouped_if_whole(value),
        Unit::Rate => format!("{}/s", trimmed(value, 6)),
        Unit::Ratio => trimmed(value, 6),
    }
}

/// The value with as many digits as tell it from the target, where `shown` has too few: `99.8999%` beside `≥ 99.9%`.
pub(super) fn apart(unit: Unit, value: f64, target: f64, shown: &str) -> Option<String> {
    let (factor, suffix) = match unit {
        Unit::Share => (100.0, "%"),
        Unit::Rate => (1.0, "/s"),
        Unit::Count | Unit::Ratio => (1.0, ""),
        Unit::Seconds => return None,
    };
    let (value, target) = (value * factor, target * factor);
    let is_target = |text: &str| {
        let number = text.trim_end_matches(suffix).parse::<f64>();
        number.is_ok_and(|number| (number - target).abs() <= target.abs() * 1e-12)
    };
    if !value.is_finite() || (value - target).abs() <= target.abs() * 1e-9 || !is_target(shown) {
        return None;
    }
    let finer = (1..=9).map(|decimals| format!("{value:.decimals$}"));
    let mut apart = finer.filter(|text| !is_target(text));
    apart.next().map(|text| format!("{text}{suffix}"))
}

/// A duration in the grammar of scenario files, e.g. `5m`, `1m30s`, `250ms`.
pub(super) fn literal(value: f64) -> String {
    if !(value.is_finite() && (0.0..9e9).contains(&value)) {
        return number(Unit::Seconds, value, None).value;
    }
    if value < 1.0 {
        let (x, unit) = small_time(value);
        return format!("{}{unit}", trimmed(x, 3));
    }
    let whole = value.floor();
    let rest = value - whole;
    if whole < 60.0 || rest > 1e-9 {
        return format!("{}s", trimmed(value, 3));
    }
    let mut text = String::new();
    let mut left = whole;
    for (size, unit) in [(86_400.0, 'd'), (3_600.0, 'h'), (60.0, 'm'), (1.0, 's')] {
        let n = (left / size).floor();
        left -= n * size;
        if n > 0.0 {
            write!(text, "{n:.0}{unit}").expect("a String takes everything");
        }
    }
    text
}

/// A whole number with its thousands apart (no-break spaces): `144 012`.
pub(super) fn count(n: u64) -> String {
    group(&n.to_string())
}

/// A share in whole percent, for lists of causes: `57%`, `<1%`.
pub(super) fn rough_share(value: f64) -> String {
    if !value.is_finite() {
        UNKNOWN.to_owned()
    } else if value > 0.0 && value < 0.005 {
        "<1%".to_owned()
    } else if (0.995..1.0).contains(&value) {
        ">99%".to_owned()
    } else {
        format!("{:.0}%", value * 100.0)
    }
}

/// A count on an axis, short: `15k`, `2.5M`, `50G`.
pub(super) fn axis_count(value: f64) -> String {
    for (size, suffix) in [(1e12, "T"), (1e9, "G"), (1e6, "M"), (1e3, "k")] {
        if value.abs() >= size {
            return format!("{}{suffix}", trimmed(value / size, 2));
        }
    }
    grouped_if_whole(value)
}

fn group(digits: &str) -> String {
    let (sign, digits) = digits.strip_prefix('-').map_or(("", digits), |d| ("-", d));
    let mut text = String::from(sign);
    for (idx, digit) in digits.chars().enumerate() {
        if idx > 0 && (digits.len() - idx).is_multiple_of(3) && digits.len() > 4 {
            text.push('\u{a0}');
        }
        text.push(digit);
    }
    text
}

fn grouped_if_whole(value: f64) -> String {
    if value.fract() == 0.0 && value.abs() < 1e15 {
        group(&format!("{value:.0}"))
    } else {
        trimmed(value, 6)
    }
}

/// Fixed decimals with trailing zeros taken away.
fn trimmed(value: f64, decimals: usize) -> String {
    if value.abs() >= 1e15 {
        return format!("{value:.2e}");
    }
    let text = format!("{value:.decimals$}");
    if text.contains('.') {
        text.trim_end_matches('0').trim_end_matches('.').to_owned()
    } else {
        text
    }
}

/// The decimal exponent of a value rounded to three significant digits.
fn exponent(value: f64) -> i32 {
    exponent_rounded(value, 2)
}

/// The decimal exponent of a value rounded to `digits + 1` significant digits.
fn exponent_rounded(value: f64, digits: usize) -> i32 {
    let text = format!("{:.digits$e}", value.abs());
    text.split_once('e')
        .and_then(|(_, e)| e.parse().ok())
        .unwrap_or(0)
}

fn decimals_for(exponent: i32, significant: i32) -> usize {
    usize::try_from((significant - 1 - exponent).max(0)).unwrap_or(0)
}

/// Decimals at which the half-width has its one significant digit.
fn decimals_of_half_width(half_width: f64) -> usize {
    decimals_for(exponent_rounded(half_width, 0), 1)
}

/// The half-width with one significant digit behind the point, all digits before it.
fn half_width_text(half_width: f64) -> String {
    if half_width == 0.0 {
        return "±0".to_owned();
    }
    if half_width >= 1000.0 {
        return format!("±{}", whole_significant(half_width));
    }
    if half_width < 1e-6 {
        return "±0.000001".to_owned();
    }
    let decimals = decimals_of_half_width(half_width);
    format!("±{half_width:.decimals$}")
}

/// A large number with three significant digits, grouped or in powers of ten.
fn whole_significant(value: f64) -> String {
    if value.abs() >= 1e12 {
        return format!("{value:.2e}");
    }
    let step = ten_to(exponent(value) - 2).max(1.0);
    group(&format!("{:.0}", (value / step).round() * step))
}

fn ten_to(exponent: i32) -> f64 {
    format!("1e{exponent}").parse().unwrap_or(1.0)
}

fn small_time(value: f64) -> (f64, &'static str) {
    let size = value.abs();
    if size == 0.0 {
        (0.0, "s")
    } else if size < 0.999_5e-6 {
        (value * 1e9, "ns")
    } else if size < 0.999_5e-3 {
        (value * 1e6, "µs")
    } else if size < 0.999_5 {
        (value * 1e3, "ms")
    } else {
        (value, "s")
    }
}

fn time(value: f64, half_width: Option<f64>) -> Shown {
    let (x, unit) = small_time(value);
    if x.abs() < 59.95 || unit != "s" {
        let factor = if value == 0.0 { 1.0 } else { x / value };
        return scaled(x, half_width.map(|h| h * factor), unit, Digits::Three);
    }
    let pairs = [
        (86_400.0, 'd', 3_600.0, 'h'),
        (3_600.0, 'h', 60.0, 'm'),
        (60.0, 'm', 1.0, 's'),
    ];
    let size = value.abs();
    let sign = if value < 0.0 { "-" } else { "" };
    let half_width = half_width.map_or(String::new(), |h| {
        if h == 0.0 {
            "±0".to_owned()
        } else if h < 1.0 {
            "±1s".to_owned()
        } else {
            format!("±{}", rough_seconds(h))
        }
    });
    if size >= 8.64e9 {
        let value = format!("{sign}{}d", whole_significant(size / 86_400.0));
        return Shown { value, half_width };
    }
    for (large, large_unit, small, small_unit) in pairs {
        let n_small = (size / small).round();
        let per = large / small;
        if n_small >= per {
            let n_large = (n_small / per).floor();
            let rest = n_small - n_large * per;
            let value = if rest == 0.0 {
                format!("{sign}{n_large:.0}{large_unit}")
            } else {
                format!("{sign}{n_large:.0}{large_unit}{rest:02.0}{small_unit}")
            };
            return Shown { value, half_width };
        }
    }
    Shown {
        value: format!("{sign}{size:.0}s"),
        half_width,
    }
}

/// A half-width beside `2m48s`: whole seconds below a minute, else a pair of units.
fn rough_seconds(value: f64) -> String {
    if value < 59.5 {
        format!("{value:.0}s")
    } else {
        time(value, None).value
    }
}

/// How many digits a plain number gets.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Digits {
    /// Three significant ones.
    Three,
    /// All of a whole number, at most three significant ones of a fraction.
    Count,
}

fn scaled(value: f64, half_width: Option<f64>, unit: &str, digits: Digits) -> Shown {
    if value == 0.0 && half_width.unwrap_or(0.0) == 0.0 {
        return Shown::plain(&format!("0{unit}"));
    }
    let fine = decimals_for(exponent(value), 3).min(9);
    let whole = digits == Digits::Count && value.fract() == 0.0;
    let decimals = match half_width {
        _ if whole => 0,
        Some(h) if h > 0.0 => fine.min(decimals_of_half_width(h)),
        _ => fine,
    };
    let text = if value.abs() >= 1e12 {
        format!("{value:.2e}")
    } else if decimals == 0 {
        group(&format!("{value:.0}"))
    } else {
        format!("{value:.decimals$}")
    };
    Shown {
        value: format!("{}{unit}", not_minus_zero(&text)),
        half_width: half_width.map_or(String::new(), half_width_text),
    }
}

fn not_minus_zero(text: &str) -> &str {
    match text.strip_prefix('-') {
        Some(rest) if rest.chars().all(|c| c == '0' || c == '.') => rest,
        _ => text,
    }
}

fn percent(value: f64, half_width: Option<f64>) -> Shown {
    let hundred = value * 100.0;
    let miss = (1.0 - value).abs() * 100.0;
    let nearest = hundred.abs().min(miss);
    let decimals = if nearest == 0.0 {
        0
    } else {
        let one = decimals_for(exponent_rounded(nearest, 0), 1);
        let two = decimals_for(exponent_rounded(nearest, 1), 2).max(2);
        let wanted = match half_width.map(|h| h * 100.0) {
            Some(h) if h > 0.0 => decimals_of_half_width(h).max(2).min(two),
            _ => two,
        };
        wanted.max(one.min(7)).min(7)
    };
    let text = if value.abs() >= 1e6 {
        format!("{hundred:.2e}")
    } else {
        format!("{hundred:.decimals$}")
    };
    Shown {
        value: format!("{}%", never_whole(not_minus_zero(&text), value, decimals)),
        half_width: half_width.map_or(String::new(), |h| half_width_text(h * 100.0)),
    }
}

/// 100 % is said only of all, 0 % only of nothing.
fn never_whole(text: &str, value: f64, decimals: usize) -> String {
    let number: f64 = text.parse().unwrap_or(0.0);
    if value < 1.0 && number >= 100.0 {
        return format!(">{:.decimals$}", 100.0 - ten_to(-7));
    }
    if value > 0.0 && number == 0.0 {
        return format!("<{:.decimals$}", ten_to(-7));
    }
    text.to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(unit: Unit, value: f64, half_width: Option<f64>, want: &str) {
        assert_eq!(number(unit, value, half_width).text(), want);
    }

    #[test]
    fn times_have_three_digits_and_no_more_than_their_interval() {
        check(Unit::Seconds, 5.001, Some(0.012), "5.00s ±0.01");
        check(Unit::Seconds, 0.4973, Some(0.0091), "497ms ±9");
        check(Unit::Seconds, 3.07, Some(0.13), "3.1s ±0.1");
        check(Unit::Seconds, 168.2, Some(4.1), "2m48s ±4s");
        check(Unit::Seconds, 21.2, Some(2.1), "21s ±2");
        check(Unit::Seconds, 0.000_412, None, "412µs");
        check(Unit::Seconds, 0.0, Some(0.0), "0s");
        check(Unit::Seconds, 59.99, None, "1m");
        check(Unit::Seconds, 3_599.8, None, "1h");
        check(Unit::Seconds, 90_000.0, None, "1d01h");
        check(Unit::Seconds, 0.999_7, None, "1.00s");
        check(Unit::Seconds, f64::INFINITY, None, "never");
        let apart = |value, target, shown| apart(Unit::Share, value, target, shown);
        assert_eq!(apart(0.99896, 0.999, "99.90%").unwrap(), "99.896%");
        assert_eq!(apart(0.999, 0.999, "99.90%"), None);
        assert_eq!(apart(0.9985, 0.999, "99.85%"), None);
        check(Unit::Seconds, f64::NAN, None, "–");
    }

    #[test]
    fn availability_shows_its_nines() {
        check(Unit::Share, 0.8984, Some(0.0008), "89.84% ±0.08");
        check(Unit::Share, 0.999_61, Some(0.000_11), "99.96% ±0.01");
        check(Unit::Share, 0.999_987, None, "99.9987%");
        check(Unit::Share, 0.999_999_987, None, "99.9999987%");
        check(Unit::Share, 1.0, None, "100%");
        check(Unit::Share, 1.0, Some(0.0), "100% ±0");
        check(Unit::Share, 0.0, None, "0%");
        check(Unit::Share, 0.5, None, "50.00%");
        check(Unit::Share, 1.0 - 1e-12, None, ">99.9999999%");
    }

    #[test]
    fn counts_are_grouped_and_targets_are_as_written() {
        check(Unit::Count, 144_012.0, None, "144\u{a0}012");
        check(Unit::Count, 1234.5, Some(3.2), "1234 ±3");
        check(Unit::Rate, 119.83, Some(0.4), "120/s ±0.4");
        check(Unit::Count, 0.35, Some(0.12), "0.3 ±0.1");
        assert_eq!(target(Unit::Share, 0.999), "99.9%");
        assert_eq!(target(Unit::Seconds, 0.8), "800ms");
        assert_eq!(target(Unit::Seconds, 300.0), "5m");
        assert_eq!(target(Unit::Seconds, 5400.0), "1h30m");
        assert_eq!(target(Unit::Count, 0.0), "0");
        assert_eq!(quantile(0.999), "p99.9");
        assert_eq!(literal(90.0), "1m30s");
    }
}
