//! What a result is of: the scenario, its seed or seeds, how many replications.

use crate::model::Plan;
use serde::{Deserialize, Serialize};

/// What was run, and from what.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Stamp {
    /// The file that a command names to run the same.
    pub rerun: String,
    /// What it must add to the file: `--variant`, `--set`, … with their values.
    pub flags: Vec<String>,
    /// The scenario's stem: names the folder.
    pub scenario: String,
    /// The file as given on the command line.
    pub file: String,
    /// `name:`.
    pub title: String,
    /// `question:`.
    pub question: Option<String>,
    /// Full SHA-256 of the resolved scenario, hex; shown as its first 7 digits.
    pub hash: String,
    /// The seed; the lowest, of a result that was merged from several.
    pub seed: u64,
    /// Of a result that was merged and that no single run gives: what it was merged from, in order; else empty.
    pub merged: Vec<Seeded>,
    /// Replications finished for every variant.
    pub replications: u32,
    /// Replications asked for (more than finished when interrupted); with a precision, as many as it was found to take.
    pub replications_planned: u32,
    /// The precision that was asked for, and whether it was reached.
    pub precision: Option<Precise>,
    /// Version of the program.
    pub version: String,
    /// Seconds of warm-up.
    pub warmup_s: f64,
    /// Seconds of the measured window.
    pub duration_s: f64,
    /// Level of the intervals, e.g. 0.95.
    pub confidence: f64,
    /// Where numbers came from: path and the source as written (`sources:`), in file order.
    pub sources: Vec<(String, String)>,
}

/// Replications with one seed and consecutive numbers.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct Seeded {
    /// Their seed.
    pub seed: u64,
    /// The number of the first, from 0.
    pub first: u32,
    /// How many.
    pub n: u32,
}

impl Stamp {
    /// Of a plan whose replications are all finished, and of a scenario that is known by its name alone.
    #[must_use]
    pub fn of(plan: &Plan, scenario: &str) -> Self {
        let file = format!("{scenario}.yaml");
        Self {
            rerun: file.clone(),
            flags: Vec::new(),
            scenario: scenario.to_owned(),
            file,
            title: scenario.to_owned(),
            question: None,
            hash: String::new(),
            seed: plan.seed,
            merged: Vec::new(),
            replications: plan.replications,
            replications_planned: plan.replications,
            precision: None,
            version: env!("CARGO_PKG_VERSION").to_owned(),
            warmup_s: plan.warmup.as_secs_f64(),
            duration_s: plan.duration.as_secs_f64(),
            confidence: plan.confidence,
            sources: Vec::new(),
        }
    }
}

/// A precision that was asked for.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct Precise {
    /// Half-widths that are narrow enough, as a share of what they are around.
    pub share: f64,
    /// Is every SLO line decided, or known so well?
    pub is_reached: bool,
}
