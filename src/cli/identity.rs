//! What makes two runs the same run: the hash that names a result's folder.

use crate::analysis::Seeded;
use crate::compile::Case;
use serde_json::{Value as Json, json};
use sha2::{Digest as _, Sha256};
use std::fmt::Write as _;

/// This program's version.
pub(super) const VERSION: &str = env!("CARGO_PKG_VERSION");

/// How many digits of a hash name a folder.
pub(super) const SHORT: usize = 7;

/// SHA-256, in hex, over the canonical JSON (RFC 8785) of everything that decides a result: the resolved scenario, the
/// variants run, seed, replications and version. Comments and the order of keys do not change it.
pub(super) fn hash(resolved: &Json, cases: &[Case]) -> String {
    let plan = cases.first().map(|case| case.system.plan);
    let of_plan = json!({
        "seed": plan.map(|plan| plan.seed.to_string()),
        "replications": plan.map(|plan| plan.replications),
    });
    digest(resolved, cases, of_plan)
}

/// The same of a result that was merged from several: what it was merged from stands in the place of seed and replications.
pub(super) fn of_merged(scenario: &Json, cases: &[Case], merged: &[Seeded]) -> String {
    let batch = |one: &Seeded| json!([one.seed.to_string(), one.first, one.n]);
    let batches: Vec<Json> = merged.iter().map(batch).collect();
    digest(scenario, cases, json!({ "merged": batches }))
}

/// Of a scenario, its variants, this version, and which `replications` they are: a map.
fn digest(scenario: &Json, cases: &[Case], replications: Json) -> String {
    let variants: Vec<&str> = cases.iter().map(|case| case.wiring.name.as_str()).collect();
    let mut identity = replications;
    identity["scenario"] = scenario.clone();
    identity["variants"] = json!(variants);
    identity["version"] = json!(VERSION);
    let bytes = serde_json_canonicalizer::to_vec(&identity)
        .expect("JSON that was read has only finite numbers and string keys");
    let digest = Sha256::digest(&bytes);
    digest.iter().fold(String::new(), |mut hex, byte| {
        write!(hex, "{byte:02x}").expect("a string takes any text");
        hex
    })
}

/// The part of a hash that people see.
pub(super) fn short(hash: &str) -> &str {
    &hash[..SHORT]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_order_of_keys_does_not_matter_and_values_do() {
        let one = json!({ "a": 1, "b": { "c": 2.50, "d": "x" } });
        let same = json!({ "b": { "d": "x", "c": 2.5 }, "a": 1 });
        let other = json!({ "b": { "d": "x", "c": 2.5 }, "a": 2 });
        assert_eq!(hash(&one, &[]), hash(&same, &[]));
        assert_ne!(hash(&one, &[]), hash(&other, &[]));
        assert_eq!(hash(&one, &[]).len(), 64);
        assert_eq!(short(&hash(&one, &[])).len(), SHORT);
    }
}
