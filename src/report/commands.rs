//! Commands that a report tells: those that give the same result again, and one worth typing next.

use super::format;
use super::story;
use crate::analysis::{Findings, Verdict};
use std::collections::BTreeMap;

/// One command worth typing next.
pub(super) fn next_command(findings: &Findings) -> String {
    if overall_undecided(findings) {
        let n = replications_to_decide(findings);
        return command(findings, &[("--replications", n.to_string())]);
    }
    let fault = findings
        .faults
        .iter()
        .filter_map(|f| f.windows.first().map(|w| (f, w.1 - w.0)))
        .filter(|(_, length)| length.is_finite() && *length > 0.0)
        .max_by(|a, b| a.1.total_cmp(&b.1));
    if let Some((fault, length)) = fault {
        let factor = if story::overall(findings) == Verdict::Fail && none_holds(findings) {
            0.5
        } else {
            2.0
        };
        let longer = format::literal((length * factor).max(1.0).round());
        let change = format!("faults.{}.for={longer}", fault.name);
        return command(findings, &[("--set", change)]);
    }
    let stamp = &findings.stamp;
    let of_file = |pair: &&[String]| matches!(&*pair[0], "--variant" | "--overlay" | "--set");
    let flags = stamp.flags.chunks_exact(2).filter(of_file).flatten();
    let words = [&stamp.rerun].into_iter().chain(flags);
    let words: Vec<String> = words.map(|word| quoted(word)).collect();
    format!("brownout show {}", words.join(" "))
}

fn none_holds(findings: &Findings) -> bool {
    (0..findings.variants.len()).all(|idx| story::tally(findings, idx).verdict() == Verdict::Fail)
}

fn overall_undecided(findings: &Findings) -> bool {
    (0..findings.variants.len()).any(|idx| story::tally(findings, idx).undecided > 0)
}

/// Replications that would shrink the widest undecided interval below its distance to the target (half-width ∝ 1/√n), rounded
/// up to 1, 2 or 5 times a power of ten; between twice and a hundred times the present number.
fn replications_to_decide(findings: &Findings) -> u64 {
    let n = u64::from(findings.stamp.replications.max(1));
    let mut factor: f64 = 2.0;
    for objective in &findings.objectives {
        for cell in &objective.cells {
            if let (Verdict::Undecided, Some(e)) = (cell.verdict, cell.estimate)
                && let Some(h) = e.half_width
            {
                let ratio = h / (e.mean - objective.target).abs();
                if ratio.is_finite() {
                    factor = factor.max(ratio * ratio);
                }
            }
        }
    }
    #[expect(
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        reason = "between 2 and 100"
    )]
    let times = factor.clamp(2.0, 100.0).ceil() as u64;
    let wanted = n.saturating_mul(times).min(1_000_000);
    let mut power = 1;
    loop {
        for step in [1, 2, 5] {
            if step * power >= wanted {
                return step * power;
            }
        }
        power *= 10;
    }
}

/// The command that runs the same with further flags; a flag given again replaces the earlier one.
pub(super) fn command(findings: &Findings, more: &[(&str, String)]) -> String {
    let stamp = &findings.stamp;
    let flags = stamp.flags.chunks_exact(2).filter(|pair| {
        let path = |text: &str| text.split('=').next().map(str::to_owned);
        let is_replaced = |(flag, value): &(&str, String)| match *flag {
            "--set" => pair[0] == "--set" && path(value) == path(&pair[1]),
            flag => pair[0] == flag || pair[1].starts_with(&format!("run.{}=", &flag[2..])),
        };
        !more.iter().any(is_replaced)
    });
    let mut words = vec![
        "brownout".to_owned(),
        "run".to_owned(),
        quoted(&stamp.rerun),
    ];
    for pair in flags {
        words.extend([pair[0].clone(), quoted(&pair[1])]);
    }
    for (flag, value) in more {
        words.extend([(*flag).to_owned(), quoted(value)]);
    }
    words.join(" ")
}

/// The commands that give the same: one, or those whose results were merged, and the merge.
pub(super) fn commands(findings: &Findings) -> String {
    let merged = &findings.stamp.merged;
    if merged.is_empty() {
        return command(findings, &[]);
    }
    let mut seeds: BTreeMap<u64, u32> = BTreeMap::new();
    for batch in merged {
        let n = seeds.entry(batch.seed).or_default();
        *n = (*n).max(batch.first + batch.n);
    }
    let runs = seeds.iter().map(|(seed, n)| {
        let more = [
            ("--seed", seed.to_string()),
            ("--replications", n.to_string()),
            ("--out", format!("seed-{seed}")),
        ];
        command(findings, &more)
    });
    let folders = seeds.keys().map(|seed| format!("seed-{seed}/*/latest"));
    let merge = format!("brownout merge {}", folders.collect::<Vec<_>>().join(" "));
    let lines: Vec<String> = runs.chain([merge]).collect();
    lines.join("\n")
}

/// A word for a shell.
fn quoted(word: &str) -> String {
    let is_plain = |c: char| c.is_ascii_alphanumeric() || "_-./=:,%+@".contains(c);
    if !word.is_empty() && word.chars().all(is_plain) {
        word.to_owned()
    } else {
        format!("'{}'", word.replace('\'', "'\\''"))
    }
}
