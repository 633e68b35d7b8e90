//! Hand-over to the `hdrhistogram` crate, which only this file names: `.hgrm` text by the library's own iteration, `.hlog`
//! by its writer.

use super::recorder::{COARSE, FINE, HIGHEST_NS, LOWEST_NS, Sample, bounds_of};
use hdrhistogram::Histogram;
use hdrhistogram::serialization::V2DeflateSerializer;
use hdrhistogram::serialization::interval_log::IntervalLogWriterBuilder;
use std::fmt::Write as _;
use std::time::{Duration as Span, UNIX_EPOCH};

/// Steps between one half of the remaining distance to 100 % and the next, as HdrHistogram's plotter expects.
const TICKS_PER_HALF: u32 = 5;

/// The library's histogram with the same counts in the same buckets, values in nanoseconds.
fn histogram<const BITS: u32>(sample: &Sample<BITS>) -> Histogram<u64> {
    let digits = match BITS {
        FINE => 3,
        COARSE => 2,
        _ => unreachable!("a recorder is fine or coarse"),
    };
    let mut histogram = Histogram::new_with_bounds(LOWEST_NS, HIGHEST_NS, digits)
        .expect("1 µs, 30 days and 2 or 3 digits are valid bounds");
    for (bucket, count) in sample.counts() {
        let (lowest, _) = bounds_of::<BITS>(bucket);
        histogram.saturating_record_n(lowest, count);
    }
    histogram
}

/// The percentile distribution as text, values in milliseconds: the layout of `outputPercentileDistribution` in
/// HdrHistogram's Java original, which its plotter reads.
#[must_use]
pub fn hgrm(sample: &Sample<FINE>) -> String {
    let histogram = histogram(sample);
    let mut text = format!(
        "{:>12} {:>14} {:>10} {:>14}\n\n",
        "Value", "Percentile", "TotalCount", "1/(1-Percentile)"
    );
    let mut total = 0;
    for value in histogram.iter_quantiles(TICKS_PER_HALF) {
        total += value.count_since_last_iteration();
        let (ms, q) = (
            millis(value.value_iterated_to()),
            value.quantile_iterated_to(),
        );
        write!(text, "{ms:12.3} {q:14.12} {total:10}").expect("a string takes every write");
        if q < 1.0 {
            write!(text, " {:14.2}", 1.0 / (1.0 - q)).expect("a string takes every write");
        }
        text.push('\n');
    }
    let (mean, sd, max) = if histogram.is_empty() {
        (0.0, 0.0, 0.0)
    } else {
        (
            histogram.mean() / 1e6,
            histogram.stdev() / 1e6,
            millis(histogram.max()),
        )
    };
    writeln!(
        text,
        "#[Mean    = {mean:12.3}, StdDeviation   = {sd:12.3}]\n\
         #[Max     = {max:12.3}, Total count    = {:12}]\n\
         #[Buckets = {:12}, SubBuckets     = {:12}]",
        histogram.len(),
        histogram.buckets(),
        1 << FINE,
    )
    .expect("a string takes every write");
    text
}

/// Histograms of consecutive intervals as a log (format 1.2 of HdrHistogram's Java original, which its log analysers read):
/// each with its start and length in seconds of the measured window, which begins at 0. Values are nanoseconds, those in the
/// column of maxima milliseconds; an interval without values is left out.
///
/// # Panics
/// Never: memory takes everything, and histograms of these bounds can be serialised.
#[must_use]
pub fn hlog<'a, const BITS: u32>(
    intervals: impl IntoIterator<Item = (f64, f64, &'a Sample<BITS>)>,
) -> String {
    let mut bytes = Vec::new();
    let mut serializer = V2DeflateSerializer::new();
    let mut log = IntervalLogWriterBuilder::new()
        .add_comment("[Histogram log format version 1.2]")
        .with_start_time(UNIX_EPOCH)
        .with_max_value_divisor(1e6)
        .begin_log_with(&mut bytes, &mut serializer)
        .expect("memory takes everything");
    let intervals = intervals.into_iter();
    for (start_s, length_s, sample) in intervals.filter(|(.., sample)| sample.n() > 0) {
        let (start, length) = (Span::from_secs_f64(start_s), Span::from_secs_f64(length_s));
        log.write_histogram(&histogram(sample), start, length, None)
            .expect("memory takes everything");
    }
    String::from_utf8(bytes).expect("a log is text")
}

#[expect(
    clippy::cast_precision_loss,
    reason = "30 days of nanoseconds are below 2^53"
)]
fn millis(ns: u64) -> f64 {
    ns as f64 / 1e6
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::kernel::time::Duration;
    use crate::metrics::recorder::{COARSE, Recorder, bucket_of};
    use proptest::prelude::*;

    /// Durations from nanoseconds to beyond 30 days, every order of magnitude as likely as any other.
    fn spans() -> impl Strategy<Value = Vec<u64>> {
        let span = (0_u32..53, any::<u64>()).prop_map(|(bits, chance)| chance >> (63 - bits));
        prop::collection::vec(span, 1..200)
    }

    fn check<const BITS: u32>(spans: &[u64], digits: u8) -> Result<(), TestCaseError> {
        let mut ours = Recorder::<BITS>::default();
        let mut theirs = Histogram::<u64>::new_with_bounds(LOWEST_NS, HIGHEST_NS, digits).unwrap();
        for &ns in spans {
            ours.record(Duration(ns));
            theirs.record(ns.min(HIGHEST_NS)).unwrap();
        }
        let sample = ours.sample();
        let max_ns = spans.iter().copied().max().unwrap().min(HIGHEST_NS);
        prop_assert_eq!(sample.n(), theirs.len());
        for value in theirs.iter_recorded() {
            let bucket = bucket_of::<BITS>(value.value_iterated_to());
            let (lowest, highest) = bounds_of::<BITS>(bucket);
            prop_assert_eq!(lowest, theirs.lowest_equivalent(value.value_iterated_to()));
            prop_assert_eq!(
                highest,
                theirs.highest_equivalent(value.value_iterated_to())
            );
            let ours = sample.counts().find(|&(b, _)| b == bucket).unwrap().1;
            prop_assert_eq!(ours, value.count_at_value());
        }
        let quantiles = [0.0, 0.1, 0.25, 0.5, 0.75, 0.9, 0.99, 0.999, 0.9999, 1.0];
        for (q, value_s) in quantiles.iter().zip(sample.quantiles_s(&quantiles)) {
            let theirs = theirs.value_at_quantile(*q).min(max_ns);
            prop_assert_eq!(value_s.to_bits(), Duration(theirs).as_secs_f64().to_bits());
        }
        Ok(())
    }

    proptest! {
        #[test]
        fn buckets_and_quantiles_are_the_library_s(spans in spans()) {
            check::<FINE>(&spans, 3)?;
            check::<COARSE>(&spans, 2)?;
        }

        #[test]
        fn the_hand_over_loses_nothing(spans in spans()) {
            let mut ours = Recorder::<FINE>::default();
            let mut direct = Histogram::<u64>::new_with_bounds(LOWEST_NS, HIGHEST_NS, 3).unwrap();
            for &ns in &spans {
                ours.record(Duration(ns));
                direct.record(ns.min(HIGHEST_NS)).unwrap();
            }
            let handed_over = histogram(&ours.sample());
            prop_assert_eq!(handed_over.len(), direct.len());
            prop_assert!(direct.iter_recorded().all(|v| handed_over.count_at(v.value_iterated_to()) == v.count_at_value()));
        }
    }

    #[test]
    fn the_text_ends_at_the_longest_and_counts_everything() {
        let mut recorder = Recorder::<FINE>::default();
        (1..=1_000).for_each(|ms| recorder.record(Duration::from_millis(ms)));
        let text = hgrm(&recorder.sample());
        let last = text.lines().rfind(|line| line.starts_with(' ')).unwrap();
        let words: Vec<&str> = last.split_whitespace().collect();
        assert_eq!(words[1..], ["1.000000000000", "1000"]);
        assert!((words[0].parse::<f64>().unwrap() - 1_000.0).abs() < 1.0);
        assert!(text.contains("Total count    =         1000]"));
    }

    /// Read by the library's own reader: every value of every interval is there, at its time.
    #[test]
    fn a_log_comes_back_as_it_went() {
        use base64::engine::{Engine as _, general_purpose::STANDARD};
        use hdrhistogram::serialization::Deserializer;
        use hdrhistogram::serialization::interval_log::{IntervalLogIterator, LogEntry};
        fn check<const BITS: u32>() {
            let sample = |range: std::ops::Range<u64>| {
                let mut recorder = Recorder::<BITS>::default();
                range.for_each(|ms| recorder.record(Duration::from_millis(ms * ms)));
                recorder.sample()
            };
            let intervals = [
                (0.0, 0.5, sample(1..100)),
                (0.5, 0.5, sample(0..0)),
                (1.0, 0.25, sample(50..4_000)),
            ];
            let text = hlog(
                intervals
                    .iter()
                    .map(|(start_s, length_s, sample)| (*start_s, *length_s, sample)),
            );
            let mut deserializer = Deserializer::new();
            let entries = IntervalLogIterator::new(text.as_bytes()).map(Result::unwrap);
            let read = entries.filter_map(|entry| match entry {
                LogEntry::Interval(interval) => Some(interval),
                _ => None,
            });
            let read: Vec<_> = read.collect();
            let wrote = [&intervals[0], &intervals[2]];
            assert_eq!(read.len(), wrote.len());
            for (interval, (start_s, length_s, sample)) in read.iter().zip(wrote) {
                assert_eq!(interval.start_timestamp(), Span::from_secs_f64(*start_s));
                assert_eq!(interval.duration(), Span::from_secs_f64(*length_s));
                let packed = interval.encoded_histogram();
                let bytes = STANDARD.decode(packed).unwrap();
                let back: Histogram<u64> = deserializer.deserialize(&mut bytes.as_slice()).unwrap();
                assert_eq!(back, histogram(sample));
            }
        }
        check::<FINE>();
        check::<COARSE>();
    }

    #[test]
    fn the_text_of_nothing_has_no_values() {
        let text = hgrm(&Recorder::<FINE>::default().sample());
        assert!(
            text.lines()
                .all(|line| !line.starts_with(' ') || line.contains("Percentile"))
        );
        assert!(text.contains("Total count    =            0]"));
    }
}
