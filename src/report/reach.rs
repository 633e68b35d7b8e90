//! The blast radius of each fault on the terminal: which services feel it, in which variants.

use super::layout::{clean, wrap};
use crate::analysis::Findings;
use std::collections::BTreeSet;

/// A paragraph for each fault that more than one variant could feel: variants that feel it alike stand together.
pub(super) fn lines(findings: &Findings, columns: usize) -> Vec<String> {
    let mut lines = Vec::new();
    for (idx, fault) in findings.faults.iter().enumerate() {
        let mut groups: Vec<(Vec<&str>, Vec<&str>)> = Vec::new();
        for variant in &findings.variants {
            let reached = variant.blast_radius.get(idx).map_or(&[][..], Vec::as_slice);
            let services: Vec<&str> = reached.iter().map(|(name, _)| name.as_str()).collect();
            let set: BTreeSet<&str> = services.iter().copied().collect();
            let alike = |group: &&mut (Vec<&str>, Vec<&str>)| {
                group.0.iter().copied().collect::<BTreeSet<&str>>() == set
            };
            match groups.iter_mut().find(alike) {
                Some(group) => group.1.push(&variant.name),
                None => groups.push((services, vec![&variant.name])),
            }
        }
        if groups.iter().all(|(services, _)| services.is_empty()) {
            continue;
        }
        let parts = groups.iter().map(|(services, variants)| {
            let named = if services.is_empty() {
                "by no caller".to_owned()
            } else {
                format!("at {}", services.join(", "))
            };
            if variants.len() == findings.variants.len() {
                format!("{named} in every variant")
            } else {
                format!("{named} in {}", variants.join(", "))
            }
        });
        let parts: Vec<String> = parts.collect();
        let text = format!("{} is felt {}", fault.name, parts.join(" · "));
        lines.extend(wrap(&clean(&text), columns, 4));
    }
    lines
}
