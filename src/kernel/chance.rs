//! Chance (A4): a draw is a pure function of (seed, replication, purpose, line, who).
//!
//! ```text
//!   (seed, replication, purpose, line) ── mixed ──► key ──┐
//!   who, number of the draw ─────────────────► counter ───┴─► Squares: 64 bits ──► uniform in (0, 1)
//! ```
//!
//! The generator is Squares in its five-round, 64-bit form (Widynski, "Squares: A Fast Counter-Based RNG", arXiv:2004.06278,
//! 2020 to 2022): no state, so a draw more here moves nothing there. The mixer of the key is `SplitMix64`'s (Steele, Lea,
//! Flood, "Fast Splittable Pseudorandom Number Generators", OOPSLA 2014).

use rand::rand_core::{Infallible, TryRng, utils};

/// What a draw decides. Its number is part of the key, so a new purpose goes to the end.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(u8)]
pub enum Purpose {
    /// Gaps between arrivals.
    Arrival = 1,
    /// Service time of a step.
    Service = 2,
    /// Does an attempt at a step end in an error?
    Error = 3,
    /// Is the step needed?
    Probability = 4,
    /// Transit time of a hop out.
    HopOut = 5,
    /// Transit time of a hop back.
    HopBack = 6,
    /// Time of a broker write.
    BrokerWrite = 7,
    /// Jitter of a backoff.
    Jitter = 8,
    /// Random balancing.
    Balance = 9,
    /// Loss on the way, by a fault.
    Drop = 10,
    /// Errors injected by a fault.
    FaultError = 11,
    /// Transit time of a hop from a sender to a broker, and of its confirm back.
    HopPublish = 12,
    /// Transit time of a hop from a broker to a consumer, and of its ack back.
    HopDeliver = 13,
    /// Tests only.
    Test = 14,
    /// The key of a flow run.
    Key = 15,
    /// Is a message one that can never be processed?
    Poison = 16,
    /// Is a message doubled on the way?
    Duplicate = 17,
    /// The key of some data that a flow run reads or writes.
    Data = 18,
    /// When health checks look, and callers ask for what they have found.
    Health = 19,
    /// Is an attempt turned away by a caller that throttles itself?
    Throttle = 20,
    /// When a fault that comes by chance begins, and how long it lasts.
    Fault = 21,
    /// How long a user thinks.
    Think = 22,
    /// Does a service turn a call away by chance?
    Shed = 23,
}

/// A key that depends on names only: FNV-1a, 64 bits, over the parts with a zero byte after each
/// (Fowler, Noll, Vo; RFC 9923).
#[must_use]
pub fn key_of(parts: &[&str]) -> u64 {
    let bytes = parts.iter().flat_map(|part| part.bytes().chain([0]));
    bytes.fold(0xcbf2_9ce4_8422_2325, |hash, byte| {
        (hash ^ u64::from(byte)).wrapping_mul(0x0000_0100_0000_01b3)
    })
}

/// A stream of draws for one (seed, replication, purpose, line); `line` is the key of a step, source or fault.
///
/// Choices inside a distribution (the component of a mixture, say) are further draws of the same `who`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Stream {
    key: u64,
}

/// The draws of one `who` in a stream, in order. A copy repeats them.
///
/// There are 256 under the stream's own key. A sampler that wants more (none of ours does) is served under a key derived
/// from it, so it never meets the draws of the next `who`.
///
/// It is a generator of `rand`, so samplers from there can be used with it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Draw {
    key: u64,
    counter: u64,
}

impl Stream {
    /// The stream of this purpose and line.
    #[must_use]
    pub fn new(seed: u64, replication: u32, purpose: Purpose, line: u64) -> Self {
        let words = [seed, u64::from(replication), purpose as u64, line];
        let mixed = words
            .iter()
            .fold(0, |hash, word| mix(next_weyl(hash) ^ word));
        Self {
            key: squares_key(mixed),
        }
    }

    /// The draws that belong to `who`: a business identity whose low 8 bits are zero, for they number its draws. With a
    /// number in them the draws begin there.
    #[must_use]
    #[inline]
    pub fn draw(&self, who: u64) -> Draw {
        Draw {
            key: self.key,
            counter: who,
        }
    }
}

impl Draw {
    /// The next 64 random bits.
    #[inline]
    pub fn bits(&mut self) -> u64 {
        let bits = squares64(self.counter, self.key);
        self.counter = self.counter.wrapping_add(1);
        if self.counter.is_multiple_of(256) {
            self.leave_for_another_key();
        }
        bits
    }

    /// The next number, uniform on the odd multiples of 2^-53: never 0, never 1, symmetric about 1/2.
    #[inline]
    #[expect(clippy::cast_precision_loss, reason = "53 bits fit")]
    pub fn uniform(&mut self) -> f64 {
        ((self.bits() >> 11) | 1) as f64 * (1.0 / (1_u64 << 53) as f64)
    }

    /// Is it so, with this probability (0 to 1)? Takes one draw.
    #[inline]
    pub fn is_so(&mut self, probability: f64) -> bool {
        self.uniform() < probability
    }

    /// The next whole number below `n`, which is at least 1; no number is likelier than another by more than n/2^64
    /// (Lemire, "Fast Random Integer Generation in an Interval", ACM TOMACS 29(1), 2019, without its rejection).
    ///
    /// # Panics
    /// If `n` is zero.
    #[inline]
    #[expect(
        clippy::cast_possible_truncation,
        reason = "below n, which has 32 bits"
    )]
    pub fn below(&mut self, n: u32) -> u32 {
        assert!(n > 0, "a number below zero");
        ((u128::from(self.bits()) * u128::from(n)) >> 64) as u32
    }

    #[cold]
    fn leave_for_another_key(&mut self) {
        self.counter = self.counter.wrapping_sub(256);
        self.key = squares_key(mix(next_weyl(self.key)));
    }
}

impl TryRng for Draw {
    type Error = Infallible;

    #[inline]
    fn try_next_u32(&mut self) -> Result<u32, Infallible> {
        Ok((self.bits() >> 32) as u32)
    }

    #[inline]
    fn try_next_u64(&mut self) -> Result<u64, Infallible> {
        Ok(self.bits())
    }

    #[inline]
    fn try_fill_bytes(&mut self, dst: &mut [u8]) -> Result<(), Infallible> {
        utils::fill_bytes_via_next_word(dst, || Ok(self.bits()))
    }
}

/// Squares, five rounds (Widynski 2022, section 3): 64 bits from a counter and a key.
#[inline]
fn squares64(counter: u64, key: u64) -> u64 {
    let square = |x: u64, weyl: u64| x.wrapping_mul(x).wrapping_add(weyl);
    let y = counter.wrapping_mul(key);
    let z = y.wrapping_add(key);
    let x = square(y, y).rotate_left(32);
    let x = square(x, z).rotate_left(32);
    let x = square(x, y).rotate_left(32);
    let fourth = square(x, z);
    fourth ^ (square(fourth.rotate_left(32), y) >> 32)
}

/// A key by the rule of the paper's key program: hexadecimal digits, none zero; the eight upper ones differ from one
/// another, and so do the eight lower ones; the two digits in the middle differ; the last one is odd.
fn squares_key(hash: u64) -> u64 {
    const ODD: u16 = 0b1010_1010_1010_1010;
    const NOT_ZERO: u16 = 0b1111_1111_1111_1110;
    let mut state = hash;
    let mut key = 0;
    let mut free = NOT_ZERO;
    let mut last = 0;
    for place in 0..16 {
        let allowed = match place {
            0 => ODD,
            8 => NOT_ZERO & !(1 << last),
            _ => free,
        };
        state = next_weyl(state);
        last = pick(allowed, mix(state));
        // The ninth digit opens the upper half, where the digits of the lower half are free again.
        free = if place == 8 { NOT_ZERO } else { free } & !(1 << last);
        key |= u64::from(last) << (4 * place);
    }
    key
}

/// One of the set bits of `allowed`, by the upper bits of `bits`.
fn pick(allowed: u16, bits: u64) -> u32 {
    let n_skipped = (u128::from(bits) * u128::from(allowed.count_ones())) >> 64;
    let left = (0..n_skipped).fold(allowed, |set, _| set & (set - 1));
    left.trailing_zeros()
}

/// The step of `SplitMix64`'s Weyl sequence.
fn next_weyl(state: u64) -> u64 {
    state.wrapping_add(0x9e37_79b9_7f4a_7c15)
}

/// The output function of `SplitMix64`: a bijection in which every bit of the input moves half the bits of the output.
fn mix(z: u64) -> u64 {
    let z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    let z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    z ^ (z >> 31)
}

#[cfg(test)]
#[expect(clippy::cast_precision_loss, reason = "counts of tests are small")]
mod tests {
    use super::*;
    use crate::kernel::math::{chi_square_quantile, normal_quantile};
    use proptest::prelude::*;
    use rand::RngExt;
    use std::collections::BTreeSet;

    /// Below this many standard deviations a correct generator stays but for once in 10^7 tests.
    fn z_bound() -> f64 {
        normal_quantile(1.0 - 0.5e-7)
    }

    /// Values published with randomgen (Sheppard), from Widynski's own C code: key 0x32d1638d0d582acf,
    /// `randomgen/tests/data/squares-testset-2.csv`.
    #[test]
    fn squares_gives_the_published_values() {
        let published = [
            (0, 0x84ef_8bb4_4b2a_9590),
            (1, 0x4666_b593_d6d0_64dc),
            (2, 0x366a_da38_7a5a_d93d),
            (3, 0x8788_c4c4_4edf_72ca),
            (255, 0xaf91_d49f_17df_eef8),
            (256, 0xaaae_d1f1_837d_1003),
            (597, 0x0008_d9bc_bb23_bc40),
            (669, 0xd5ee_9a15_3e66_e3a8),
        ];
        for (counter, expected) in published {
            assert_eq!(squares64(counter, 0x32d1_638d_0d58_2acf), expected);
        }
    }

    /// Vigna's reference program `splitmix64.c` from state 1234567, as given on Rosetta Code.
    #[test]
    fn the_mixer_is_splitmix64() {
        let mut state = 1_234_567;
        let published = [
            6_457_827_717_110_365_317,
            3_203_168_211_198_807_973,
            9_817_491_932_198_370_423,
            4_593_380_528_125_082_431,
            16_408_922_859_458_223_821_u64,
        ];
        for expected in published {
            state = next_weyl(state);
            assert_eq!(mix(state), expected);
        }
    }

    fn digits(key: u64) -> Vec<u64> {
        (0..16).map(|place| (key >> (4 * place)) & 15).collect()
    }

    proptest! {
        #[test]
        fn keys_follow_the_rule_of_the_paper(hash: u64) {
            let digits = digits(squares_key(hash));
            for half in digits.chunks(8) {
                prop_assert_eq!(half.iter().collect::<BTreeSet<_>>().len(), 8);
            }
            prop_assert!(!digits.contains(&0));
            prop_assert_ne!(digits[7], digits[8]);
            prop_assert_eq!(digits[0] % 2, 1);
        }

        #[test]
        fn a_draw_depends_on_its_names_only(seed: u64, replication: u32, line: u64, who: u64) {
            let draw = || Stream::new(seed, replication, Purpose::Test, line).draw(who << 8);
            let mut first = draw();
            let values: Vec<u64> = (0..600).map(|_| first.bits()).collect();
            let mut second = draw();
            for value in &values {
                prop_assert_eq!(second.bits(), *value);
            }
            prop_assert_eq!(values.iter().collect::<BTreeSet<_>>().len(), 600);
        }
    }

    #[test]
    fn a_uniform_number_is_inside_the_open_interval() {
        let lowest = 1.0 / (1_u64 << 53) as f64;
        let mut draw = Stream::new(1, 2, Purpose::Test, 3).draw(0);
        for _ in 0..100_000 {
            let u = draw.uniform();
            assert!((lowest..=1.0 - lowest).contains(&u));
        }
        assert!(1.0 - lowest < 1.0);
    }

    #[test]
    fn draws_beyond_256_are_not_those_of_the_next_who() {
        let stream = Stream::new(7, 0, Purpose::Test, 0);
        let mut long = stream.draw(0x300);
        let long: BTreeSet<u64> = (0..512).map(|_| long.bits()).collect();
        let mut next = stream.draw(0x400);
        assert!((0..256).all(|_| !long.contains(&next.bits())));
    }

    #[test]
    fn the_samplers_of_rand_accept_a_draw() {
        let mut draw = Stream::new(7, 0, Purpose::Test, 0).draw(0);
        let sum: u32 = (0..200).map(|_| draw.random_range(1..=6_u32)).sum();
        // A die has variance 35/12.
        let bound = z_bound() * (200.0_f64 * 35.0 / 12.0).sqrt();
        assert!((f64::from(sum) - 700.0).abs() < bound);
        let mut bytes = [0; 13];
        rand::Rng::fill_bytes(&mut draw, &mut bytes);
        assert!(bytes.iter().collect::<BTreeSet<_>>().len() > 6);
    }

    type Sequence = fn(u64) -> u64;

    /// Sequences in which one part of a draw's name counts up and all else stays.
    fn neighbours() -> Vec<(&'static str, Sequence)> {
        fn at(seed: u64, replication: u64, line: u64, who: u64) -> u64 {
            let replication = u32::try_from(replication).unwrap();
            Stream::new(seed, replication, Purpose::Test, line)
                .draw(who)
                .bits()
        }
        vec![
            ("who", |k| at(1, 0, 0, k << 8)),
            ("upper bits of who", |k| at(1, 0, 0, k << 44)),
            ("draw", |k| {
                let mut draw = Stream::new(2, 0, Purpose::Test, 0).draw((k / 256) << 8);
                (0..=k % 256).map(|_| draw.bits()).last().unwrap()
            }),
            ("line", |k| at(1, 0, k, 0)),
            ("line by its name", |k| {
                at(1, 0, key_of(&[&k.to_string()]), 0)
            }),
            ("replication", |k| at(1, k, 0, 256)),
            ("seed", |k| at(k, 0, 0, 0)),
            ("seed and replication", |k| at(k / 64, 1 + k % 64, 0, 0)),
        ]
    }

    /// Pairs of neighbours fall evenly into 32 x 32 cells: chi-square with 1023 degrees of freedom, upper and lower
    /// bounds each passed by a correct generator once in 10^7 tests.
    #[test]
    fn neighbours_are_independent() {
        const N: u64 = 1 << 15;
        for (name, bits) in neighbours() {
            let all: Vec<u64> = (0..=N).map(bits).collect();
            for shift in [59, 27, 0] {
                let mut cells = vec![0_u32; 1024];
                for pair in all.windows(2) {
                    let cell = ((pair[0] >> shift) % 32) * 32 + ((pair[1] >> shift) % 32);
                    cells[usize::try_from(cell).unwrap()] += 1;
                }
                let expected = N as f64 / 1024.0;
                let chi2: f64 = cells
                    .iter()
                    .map(|&n| (f64::from(n) - expected) * (f64::from(n) - expected) / expected)
                    .sum();
                let bounds =
                    chi_square_quantile(1e-7, 1023.0)..chi_square_quantile(1.0 - 1e-7, 1023.0);
                assert!(bounds.contains(&chi2), "{name}, bits from {shift}: {chi2}");
            }
        }
    }

    /// The correlation of n independent pairs has standard deviation 1/sqrt(n).
    #[test]
    fn neighbours_are_uncorrelated() {
        const N: u64 = 1 << 15;
        for (name, bits) in neighbours() {
            let centred = |k| (bits(k) >> 11) as f64 / (1_u64 << 53) as f64 - 0.5;
            let all: Vec<f64> = (0..N + 64).map(centred).collect();
            for lag in [1, 2, 16, 64] {
                let n = all.len() - lag;
                let sum: f64 = all.iter().zip(&all[lag..]).map(|(a, b)| a * b).sum();
                let correlation = sum / n as f64 * 12.0;
                assert!(
                    correlation.abs() < z_bound() / (n as f64).sqrt(),
                    "{name}, lag {lag}: {correlation}"
                );
            }
            // The mean of n uniform numbers has standard deviation 1/sqrt(12 n).
            let mean = all.iter().sum::<f64>() / all.len() as f64;
            assert!(
                mean.abs() < z_bound() / (12.0 * all.len() as f64).sqrt(),
                "{name}"
            );
        }
    }

    /// Among 2^18 random words of 64 bits two are equal once in 5 * 10^8 tests.
    #[test]
    fn neighbours_do_not_collide() {
        let mut seen = BTreeSet::new();
        for (name, bits) in neighbours() {
            // Where a sequence begins, some draws are those of another.
            for k in 70..(1 << 15) {
                assert!(seen.insert(bits(k)), "{name}, {k}");
            }
        }
    }

    /// One bit changed in any part of the name changes each bit of the draw in half of the cases.
    #[test]
    fn each_bit_of_a_name_moves_every_bit() {
        const N: u64 = 2_000;
        let bound = z_bound() * (N as f64 * 0.25).sqrt();
        let at = |seed: u64, line: u64, who: u64| {
            Stream::new(seed, 0, Purpose::Test, line)
                .draw(who << 8)
                .bits()
        };
        for bit in 0..56 {
            let flip = 1_u64 << bit;
            let mut moved = [[0_u32; 64]; 3];
            for k in 0..N {
                let base = at(k, 3 * k, 5 * k);
                let changed = [
                    at(k ^ flip, 3 * k, 5 * k),
                    at(k, (3 * k) ^ flip, 5 * k),
                    at(k, 3 * k, (5 * k) ^ flip),
                ];
                for (moved, changed) in moved.iter_mut().zip(changed) {
                    for (place, count) in moved.iter_mut().enumerate() {
                        *count += u32::try_from(((base ^ changed) >> place) & 1).unwrap();
                    }
                }
            }
            for (part, moved) in ["seed", "line", "who"].iter().zip(moved) {
                for (place, count) in moved.iter().enumerate() {
                    let off = f64::from(*count) - N as f64 / 2.0;
                    assert!(
                        off.abs() < bound,
                        "{part} bit {bit} moves bit {place}: {count}"
                    );
                }
            }
        }
    }

    #[test]
    fn purposes_and_replications_have_their_own_keys() {
        let mut keys = BTreeSet::new();
        for purpose in [
            Purpose::Arrival,
            Purpose::Service,
            Purpose::Error,
            Purpose::Test,
        ] {
            for replication in 0..500 {
                for line in 0..4 {
                    assert!(keys.insert(Stream::new(42, replication, purpose, line).key));
                }
            }
        }
    }

    /// Published test vectors of FNV-1a (64 bits) for "a" and "foobar", with a zero byte behind (RFC 9923, appendix C).
    #[test]
    fn key_of_is_fnv_1a_with_a_zero_behind_each_part() {
        assert_eq!(key_of(&[]), 0xcbf2_9ce4_8422_2325);
        assert_eq!(key_of(&["a"]), 0x089b_e207_b544_f1e4);
        assert_eq!(key_of(&["foobar"]), 0x3453_1ca7_168b_8f38);
        assert_ne!(key_of(&["ab", "c"]), key_of(&["a", "bc"]));
    }

    #[test]
    fn a_number_below_n_is_even() {
        let stream = Stream::new(5, 1, Purpose::Balance, 9);
        let mut counts = [0_u32; 7];
        for who in 0..70_000_u64 {
            counts[stream.draw(who << 8).below(7) as usize] += 1;
        }
        let bound = z_bound() * (70_000.0_f64 / 7.0 * 6.0 / 7.0).sqrt();
        assert!(
            counts
                .iter()
                .all(|&n| (f64::from(n) - 10_000.0).abs() < bound)
        );
    }
}
