//! The normal distribution.

use super::elementary::{exp, ln_of_share};
use std::f64::consts::{FRAC_1_SQRT_2, PI};

/// The error function.
#[must_use]
pub fn erf(x: f64) -> f64 {
    libm::erf(x)
}

/// Probability that a standard normal number is at most `x`; exact in the lower tail too.
#[must_use]
pub fn normal_cdf(x: f64) -> f64 {
    0.5 * libm::erfc(-x * FRAC_1_SQRT_2)
}

/// Density of the standard normal distribution.
#[must_use]
pub fn normal_density(x: f64) -> f64 {
    exp(-0.5 * x * x) / (2.0 * PI).sqrt()
}

/// Quantile of the standard normal distribution at `p`, relative error about 1e-16 (Wichura, "Algorithm AS 241: The
/// Percentage Points of the Normal Distribution", Applied Statistics 37(3), 1988, routine PPND16). At 0 and 1 it is
/// infinite.
#[must_use]
#[inline]
pub fn normal_quantile(p: f64) -> f64 {
    let q = p - 0.5;
    if q.abs() <= 0.425 {
        return q * ratio(0.180_625 - q * q, &CENTRE);
    }
    let tail = if q < 0.0 { p } else { 1.0 - p };
    if tail <= 0.0 {
        return q.signum() * f64::INFINITY;
    }
    let r = (-ln_of_share(tail)).sqrt();
    let z = if r <= 5.0 {
        ratio(r - 1.6, &TAIL)
    } else {
        ratio(r - 5.0, &FAR_TAIL)
    };
    if q < 0.0 { -z } else { z }
}

type Coefficients = ([f64; 8], [f64; 7]);

/// Ratio of two polynomials in `r`; the lower one begins with 1.
#[inline]
fn ratio(r: f64, (upper, lower): &Coefficients) -> f64 {
    // Pairs of terms side by side (Estrin's scheme): half of the multiplications need not wait for the others.
    let (r2, r4) = (r * r, r * r * (r * r));
    let pair = |low: f64, high: f64| low + high * r;
    let [p0, p1, p2, p3, p4, p5, p6, p7] = *upper;
    let above = (pair(p0, p1) + r2 * pair(p2, p3)) + r4 * (pair(p4, p5) + r2 * pair(p6, p7));
    let [p1, p2, p3, p4, p5, p6, p7] = *lower;
    let below = (pair(1.0, p1) + r2 * pair(p2, p3)) + r4 * (pair(p4, p5) + r2 * pair(p6, p7));
    above / below
}

#[expect(clippy::excessive_precision, reason = "the digits of the paper")]
const CENTRE: Coefficients = (
    [
        3.387_132_872_796_366_608,
        133.141_667_891_784_377_45,
        1_971.590_950_306_551_442_7,
        13_731.693_765_509_461_125,
        45_921.953_931_549_871_457,
        67_265.770_927_008_700_853,
        33_430.575_583_588_128_105,
        2_509.080_928_730_122_672_7,
    ],
    [
        42.313_330_701_600_911_252,
        687.187_007_492_057_908_3,
        5_394.196_021_424_751_107_7,
        21_213.794_301_586_595_867,
        39_307.895_800_092_710_61,
        28_729.085_735_721_942_674,
        5_226.495_278_852_854_561,
    ],
);

#[expect(clippy::excessive_precision, reason = "the digits of the paper")]
const TAIL: Coefficients = (
    [
        1.423_437_110_749_683_577_34,
        4.630_337_846_156_545_295_9,
        5.769_497_221_460_691_405_5,
        3.647_848_324_763_204_605_04,
        1.270_458_252_452_368_382_58,
        0.241_780_725_177_450_611_77,
        0.022_723_844_989_269_184_583_3,
        7.745_450_142_783_414_076_4e-4,
    ],
    [
        2.053_191_626_637_758_821_87,
        1.676_384_830_183_803_849_4,
        0.689_767_334_985_100_004_55,
        0.148_103_976_427_480_074_59,
        0.015_198_666_563_616_457_196_6,
        5.475_938_084_995_344_946e-4,
        1.050_750_071_644_416_843_24e-9,
    ],
);

#[expect(clippy::excessive_precision, reason = "the digits of the paper")]
const FAR_TAIL: Coefficients = (
    [
        6.657_904_643_501_103_777_2,
        5.463_784_911_164_114_369_9,
        1.784_826_539_917_291_335_8,
        0.296_560_571_828_504_891_23,
        0.026_532_189_526_576_123_093,
        0.001_242_660_947_388_078_438_6,
        2.711_555_568_743_487_578_15e-5,
        2.010_334_399_292_288_132_65e-7,
    ],
    [
        0.599_832_206_555_887_937_69,
        0.136_929_880_922_735_805_31,
        0.014_875_361_290_850_614_852_5,
        7.868_691_311_456_132_591e-4,
        1.846_318_317_510_054_681_8e-5,
        1.421_511_758_316_445_888_7e-7,
        2.044_263_103_389_939_785_64e-15,
    ],
);

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    /// The two check values of the paper, and table values (Abramowitz and Stegun 1964, table 26.5; NIST/SEMATECH
    /// e-Handbook, 1.3.6.7.1).
    #[test]
    fn the_quantile_has_the_published_values() {
        let published = [
            (0.25, -0.674_489_750_196_081_7, 1e-15),
            (0.001, -3.090_232_306_167_814, 1e-14),
            (1e-20, -9.262_340_089_798_408, 1e-14),
            (0.975, 1.959_963_984_540_054, 1e-14),
            (0.995, 2.575_829_303_548_901, 1e-14),
            (0.5, 0.0, 0.0),
        ];
        for (p, z, error) in published {
            assert!((normal_quantile(p) - z).abs() <= error, "{p}");
        }
    }

    #[test]
    fn the_ends_are_infinite() {
        assert!(normal_quantile(0.0).is_infinite() && normal_quantile(0.0) < 0.0);
        assert!(normal_quantile(1.0).is_infinite() && normal_quantile(1.0) > 0.0);
    }

    #[test]
    fn erf_has_a_published_value() {
        // Abramowitz and Stegun 1964, table 7.1.
        assert!((erf(1.0) - 0.842_700_792_949_714_9).abs() < 1e-15);
        assert!((normal_cdf(0.0) - 0.5).abs() < 1e-16);
    }

    proptest! {
        /// An error e of z becomes a relative error |z| e of the lower tail.
        #[test]
        fn quantile_and_cdf_are_inverse(z in -35.0..5.0_f64) {
            let p = normal_cdf(z);
            let error = 1e-15 * (1.0 + z.abs()) + 1e-16 / normal_density(z).min(1.0) * p;
            prop_assert!((normal_quantile(p) - z).abs() <= error.max(4e-15) , "{z}");
        }

        #[test]
        fn the_quantile_rises(p in 1e-12..1.0_f64, step in 1e-6..1e-3_f64) {
            prop_assume!(p + step < 1.0);
            prop_assert!(normal_quantile(p) < normal_quantile(p + step));
        }
    }
}
