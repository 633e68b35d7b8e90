//! brownout: should this be a chain of calls, or go through a broker?
//!
//! The modules in reading order, lower floors first; a file imports only from floors below its own (`tests/tidy.rs`).

pub mod kernel;

pub mod diagnostic;
pub mod theory;

pub mod arrivals;
pub mod brokers;
pub mod copies;
pub mod faults;
pub mod policies;

pub mod model;
pub mod scenario;

pub mod compile;
pub mod engine;

pub mod metrics;

pub mod experiment;

pub mod analysis;

pub mod report;

pub mod validation;

pub mod cli;
