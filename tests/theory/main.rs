//! Queueing theory against the whole program: a scenario's text goes in, the formula lies in the interval that comes out.
//!
//! Every interval is a Student t interval at 99.9 % over independent replications of one fixed seed, so a correct simulator
//! fails one check in a thousand, once and for all; the bias of the warm-up is kept far below the half-width by its length.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

mod arrivals;
mod backlog;
mod breakdowns;
mod brokers;
mod chance;
mod copies;
mod disciplines;
mod discovery;
mod fallbacks;
mod formulas;
mod guards;
mod harness;
mod hedges;
mod invariants;
mod messages;
mod partitions;
mod published;
mod queues;
mod results;
mod retries;
mod scaling;
mod statistics;
mod streams;
mod swarm;
mod triggers;
