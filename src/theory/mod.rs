//! Closed forms of queueing theory: numbers in, numbers out.
//!
//! They check the engine, and tell a user what to expect before anything is simulated. An overloaded station has an
//! infinite mean. References are to Gross, Shortle, Thompson, Harris, "Fundamentals of Queueing Theory", 4th ed. 2008
//! (*Gross*), unless said.

mod attempts;
mod general;
mod markov;
mod outage;
mod solve;
mod tandem;

pub use attempts::{attempts_mean, attempts_success};
pub use general::{Mg1, md1_wait_cdf, md1_wait_quantile_s, wait_mean_about_s};
pub use markov::{MmC, MmCK, erlang_b, erlang_c};
pub use outage::{Outage, availability, availability_of_any, availability_of_chain};
pub use tandem::Tandem;
