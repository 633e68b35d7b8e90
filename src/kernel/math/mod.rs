//! Elementary and special functions with the same bits on every platform: pure Rust, from `libm` and basic operations
//! (A6).
//!
//! Additions, products, quotients and square roots are exact by IEEE 754; everything else here is built from them.

mod beta;
mod elementary;
mod gamma;
mod normal;

pub use beta::{beta_cdf, student_t_cdf, student_t_quantile};
pub use elementary::{exp, exp_m1, exp_of_log, ln, ln_1p, ln_of_share, pow};
pub use gamma::{
    chi_square_quantile, gamma, gamma_cdf, gamma_quantile, ln_gamma, ln_gamma_density_of_ln,
    ln_gamma_quantile,
};
pub use normal::{erf, normal_cdf, normal_density, normal_quantile};
