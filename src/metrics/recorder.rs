//! A recorder of durations with exactly HdrHistogram's buckets, made for the hot loop.
//!
//! The lowest discernible value is 1 µs (so the unit is 512 ns, the power of two below it) and the highest 30 days, at which
//! longer ones saturate (A37). Against `hdrhistogram::Histogram` it saves the memory of octaves never touched; what it
//! records is the same count in the same bucket (a property test says so), and [`super::hdr`] hands it over to the library.

use crate::kernel::time::Duration;
use serde::{Deserialize, Serialize};

/// Three significant digits: 2 048 buckets in the first octave, half of that in each further one.
pub const FINE: u32 = 11;
/// Two significant digits: 256 buckets, and 128.
pub const COARSE: u32 = 8;

/// The highest value that is told apart: 30 days, in nanoseconds.
pub(super) const HIGHEST_NS: u64 = 30 * 24 * 3_600 * 1_000_000_000;
/// The lowest value that is told apart from zero: 1 µs, in nanoseconds.
pub(super) const LOWEST_NS: u64 = 1_000;
/// log2 of the unit: the largest power of two that is not above [`LOWEST_NS`].
const UNIT: u32 = LOWEST_NS.ilog2();

/// The number of the bucket of a value in nanoseconds, at `BITS` bits of resolution; it grows by 2^(`BITS`−1) an octave.
#[inline]
#[must_use]
#[expect(
    clippy::cast_possible_truncation,
    reason = "at most 2^BITS buckets for each of 64 octaves"
)]
pub(super) const fn bucket_of<const BITS: u32>(ns: u64) -> usize {
    let mask = ((1_u64 << BITS) - 1) << UNIT;
    let octave = (64 - UNIT - BITS) - (ns | mask).leading_zeros();
    ((octave as usize) << (BITS - 1)) + (ns >> (octave + UNIT)) as usize
}

/// The lowest and the highest value of a bucket, nanoseconds.
#[must_use]
pub(super) const fn bounds_of<const BITS: u32>(bucket: usize) -> (u64, u64) {
    let bucket = bucket as u64;
    let octave = (bucket >> (BITS - 1)).saturating_sub(1);
    let width = 1 << (octave + UNIT as u64);
    let lowest = (bucket - (octave << (BITS - 1))) * width;
    (lowest, lowest + width - 1)
}

/// Counts durations. Memory: one block an octave touched.
#[derive(Clone, Debug, Default)]
pub struct Recorder<const BITS: u32> {
    blocks: Vec<Box<[u64]>>,
    n: u64,
    sum_ns: u128,
    max_ns: u64,
    cut: Option<u64>,
}

impl<const BITS: u32> Recorder<BITS> {
    /// Buckets in a block.
    const BLOCK: usize = 1 << (BITS - 1);

    /// Counts one duration.
    #[inline]
    pub fn record(&mut self, span: Duration) {
        let ns = span.0.min(HIGHEST_NS);
        self.n += 1;
        self.sum_ns += u128::from(ns);
        self.max_ns = self.max_ns.max(ns);
        *self.count_mut(bucket_of::<BITS>(ns)) += 1;
    }

    /// Counts one duration that was cut off: it would have been longer.
    pub fn record_cut(&mut self, span: Duration) {
        self.record(span);
        let ns = span.0.min(HIGHEST_NS);
        self.cut = Some(self.cut.map_or(ns, |cut| cut.min(ns)));
    }

    /// Adds what another one counted: lossless.
    pub fn add(&mut self, sample: &Sample<BITS>) {
        self.n += sample.n;
        self.sum_ns += sample.sum_ns;
        self.max_ns = self.max_ns.max(sample.max_ns);
        self.cut = self.cut.into_iter().chain(sample.cut).min();
        for (bucket, count) in sample.counts() {
            *self.count_mut(bucket) += count;
        }
    }

    #[inline]
    fn count_mut(&mut self, bucket: usize) -> &mut u64 {
        let (block, place) = (bucket / Self::BLOCK, bucket % Self::BLOCK);
        if self
            .blocks
            .get(block)
            .is_none_or(|counts| counts.is_empty())
        {
            self.grow(block);
        }
        &mut self.blocks[block][place]
    }

    #[cold]
    fn grow(&mut self, block: usize) {
        if self.blocks.len() <= block {
            self.blocks.resize(block + 1, Box::default());
        }
        self.blocks[block] = vec![0; Self::BLOCK].into_boxed_slice();
    }

    /// What was counted, compact.
    #[must_use]
    pub fn sample(&self) -> Sample<BITS> {
        let mut bytes = Vec::new();
        let mut next = 0;
        for (block, counts) in self.blocks.iter().enumerate() {
            for (place, &count) in counts.iter().enumerate().filter(|&(_, &count)| count > 0) {
                let bucket = block * Self::BLOCK + place;
                write_number(&mut bytes, (bucket - next) as u64);
                write_number(&mut bytes, count);
                next = bucket + 1;
            }
        }
        bytes.shrink_to_fit();
        Sample {
            n: self.n,
            sum_ns: self.sum_ns,
            max_ns: self.max_ns,
            cut: self.cut,
            bytes,
        }
    }
}

/// What a recorder counted, as the gaps between its buckets and their counts, each in base 128.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Sample<const BITS: u32> {
    n: u64,
    sum_ns: u128,
    max_ns: u64,
    /// The shortest of those that were cut off, nanoseconds.
    cut: Option<u64>,
    #[serde(with = "serde_bytes")]
    bytes: Vec<u8>,
}

impl<const BITS: u32> Sample<BITS> {
    /// How many durations.
    #[must_use]
    pub const fn n(&self) -> u64 {
        self.n
    }

    /// Their exact mean in seconds; `None` without any.
    #[must_use]
    #[expect(clippy::cast_precision_loss, reason = "reports need 15 digits at most")]
    pub fn mean_s(&self) -> Option<f64> {
        (self.n > 0).then(|| self.sum_ns as f64 / self.n as f64 / 1e9)
    }

    /// The longest, exactly, in seconds; `None` without any.
    #[must_use]
    pub fn max_s(&self) -> Option<f64> {
        (self.n > 0).then(|| Duration(self.max_ns).as_secs_f64())
    }

    /// The shortest of the durations that were cut off and would have been longer, in seconds: a quantile above it is only a
    /// lower bound, as are mean and maximum. `None` if none was cut off.
    #[must_use]
    pub fn cut_s(&self) -> Option<f64> {
        self.cut.map(|ns| Duration(ns).as_secs_f64())
    }

    /// The buckets that counted something, in rising order, with their counts.
    ///
    /// # Panics
    /// Never: a bucket's number is small.
    pub fn counts(&self) -> impl Iterator<Item = (usize, u64)> {
        let mut bytes = self.bytes.iter().copied();
        let mut next = 0;
        std::iter::from_fn(move || {
            let gap = read_number(&mut bytes)?;
            let count = read_number(&mut bytes)?;
            let bucket = next + usize::try_from(gap).expect("a bucket's number is small");
            next = bucket + 1;
            Some((bucket, count))
        })
    }

    /// The values at these quantiles (0 to 1, rising), in seconds, by the rule of HdrHistogram: the highest value of the
    /// bucket that holds the sample of rank ⌈q·n⌉ (the lowest value for q = 0), but never above the longest sample.
    /// Empty without a sample.
    #[must_use]
    #[expect(
        clippy::cast_precision_loss,
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        reason = "the rank is a positive float below 2^53"
    )]
    pub fn quantiles_s(&self, quantiles: &[f64]) -> Vec<f64> {
        let mut values = Vec::with_capacity(quantiles.len());
        let mut below = 0;
        for (bucket, count) in self.counts() {
            below += count;
            while let Some(&q) = quantiles.get(values.len()) {
                let rank = ((q * self.n as f64).ceil() as u64).max(1);
                if below < rank {
                    break;
                }
                let (lowest, highest) = bounds_of::<BITS>(bucket);
                let ns = if q <= 0.0 { lowest } else { highest };
                values.push(Duration(ns.min(self.max_ns)).as_secs_f64());
            }
        }
        values
    }

    /// The value at one quantile, in seconds; `None` without a sample.
    #[must_use]
    pub fn quantile_s(&self, q: f64) -> Option<f64> {
        self.quantiles_s(&[q]).first().copied()
    }
}

/// Adds up samples of several replications, flows or channels.
#[must_use]
pub fn pool<'a, const BITS: u32>(
    samples: impl IntoIterator<Item = &'a Sample<BITS>>,
) -> Sample<BITS> {
    let mut all = Recorder::<BITS>::default();
    for sample in samples {
        all.add(sample);
    }
    all.sample()
}

fn write_number(bytes: &mut Vec<u8>, mut number: u64) {
    while number >= 0x80 {
        bytes.push((number & 0x7f) as u8 | 0x80);
        number >>= 7;
    }
    bytes.push((number & 0x7f) as u8);
}

fn read_number(bytes: &mut impl Iterator<Item = u8>) -> Option<u64> {
    let mut number = 0;
    let mut shift = 0;
    loop {
        let byte = bytes.next()?;
        number |= u64::from(byte & 0x7f) << shift;
        if byte < 0x80 {
            return Some(number);
        }
        shift += 7;
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn samples(spans: &[u64]) -> Sample<FINE> {
        let mut recorder = Recorder::default();
        for &ns in spans {
            recorder.record(Duration(ns));
        }
        recorder.sample()
    }

    #[test]
    fn an_empty_recorder_says_nothing() {
        let sample = samples(&[]);
        assert_eq!(
            (
                sample.n(),
                sample.mean_s(),
                sample.max_s(),
                sample.quantile_s(0.5)
            ),
            (0, None, None, None)
        );
    }

    #[test]
    fn the_shortest_one_cut_off_is_remembered() {
        let mut recorder = Recorder::<FINE>::default();
        recorder.record(Duration(10));
        assert_eq!(recorder.sample().cut_s(), None);
        recorder.record_cut(Duration::from_secs(3));
        recorder.record_cut(Duration::from_secs(2));
        let pooled = pool([&recorder.sample(), &samples(&[7])]);
        assert_eq!((pooled.n(), pooled.cut_s()), (4, Some(2.0)));
    }

    #[test]
    fn longer_than_thirty_days_saturates() {
        assert_eq!(samples(&[u64::MAX]).max_s(), Some(2_592_000.0));
    }

    #[test]
    fn a_bucket_is_at_most_a_thousandth_wide() {
        for ns in [2_000_000, 7_777_777, 123_456_789_012, HIGHEST_NS] {
            let (lowest, highest) = bounds_of::<FINE>(bucket_of::<FINE>(ns));
            assert!(lowest <= ns && ns <= highest);
            assert!((highest - lowest) * 1_000 < ns);
        }
    }

    proptest! {
        #[test]
        fn numbers_survive_their_bytes(numbers in prop::collection::vec(any::<u64>(), 0..20)) {
            let mut bytes = Vec::new();
            for &number in &numbers {
                write_number(&mut bytes, number);
            }
            let mut bytes = bytes.into_iter();
            let back: Vec<u64> = std::iter::from_fn(|| read_number(&mut bytes)).collect();
            prop_assert_eq!(back, numbers);
        }

        #[test]
        fn pooling_is_recording_together(
            one in prop::collection::vec(0..HIGHEST_NS, 0..50),
            two in prop::collection::vec(0..1_000_000_000_u64, 0..50),
        ) {
            let pooled = pool([&samples(&one), &samples(&two)]);
            prop_assert_eq!(pooled, samples(&[one, two].concat()));
        }
    }
}
