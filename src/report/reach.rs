//! The blast radius of each fault on the terminal: where calls fail because of it, in which variants.

use super::layout::{clean, wrap};
use super::story::{self, Reach};
use crate::analysis::Findings;
use std::collections::BTreeSet;

/// A paragraph for each fault that more than one variant could feel: variants that feel it alike stand together.
pub(super) fn lines(findings: &Findings, columns: usize) -> Vec<String> {
    let mut lines = Vec::new();
    for (idx, fault) in findings.faults.iter().enumerate() {
        let mut groups: Vec<(Reach<'_>, Vec<&str>)> = Vec::new();
        for variant in &findings.variants {
            let reach = story::reach(variant, idx, &fault.name);
            match groups.iter_mut().find(|group| is_alike(group.0, reach)) {
                Some(group) => group.1.push(&variant.name),
                None => groups.push((reach, vec![&variant.name])),
            }
        }
        if groups.iter().all(|(reach, _)| *reach == Reach::Nobody) {
            continue;
        }
        let parts = groups.iter().map(|(reach, variants)| {
            let named = match reach {
                Reach::Nobody => "nothing fails".to_owned(),
                Reach::Clients => "no call fails, clients do".to_owned(),
                Reach::Callers(services) => {
                    let names = services.iter().map(|(name, _)| name.as_str());
                    format!("calls fail at {}", names.collect::<Vec<_>>().join(", "))
                }
            };
            if variants.len() == findings.variants.len() {
                format!("{named} in every variant")
            } else {
                format!("{named} in {}", variants.join(", "))
            }
        });
        let parts: Vec<String> = parts.collect();
        let text = format!("{}: {}", fault.name, parts.join(" · "));
        lines.extend(wrap(&clean(&text), columns, 4));
    }
    lines
}

/// Do the same feel it, in whatever order?
fn is_alike(one: Reach<'_>, other: Reach<'_>) -> bool {
    match (one, other) {
        (Reach::Callers(one), Reach::Callers(other)) => {
            let set = |services: &[(String, f64)]| -> BTreeSet<String> {
                services.iter().map(|(name, _)| name.clone()).collect()
            };
            set(one) == set(other)
        }
        (one, other) => one == other,
    }
}
