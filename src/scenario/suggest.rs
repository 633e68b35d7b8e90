//! Did you mean …? One rule for fields, words, variants and paths.

use strsim::{jaro_winkler, osa_distance};

/// What people write out of habit, and the word of this language.
const HABITS: &[(&str, &str)] = &[
    ("instances", "replicas"),
    ("replica", "replicas"),
    ("threads", "concurrency"),
    ("pool_size", "concurrency"),
    ("rps", "rate"),
    ("tps", "rate"),
    ("retries", "retry"),
    ("max_attempts", "attempts"),
    ("start", "at"),
    ("length", "for"),
    ("runs", "replications"),
    ("queue_size", "queue"),
    ("time", "service_time"),
    ("error_rate", "errors"),
];

/// The candidate that `word` is likely meant to be, if one is close.
pub(super) fn closest<'a>(
    word: &str,
    candidates: impl IntoIterator<Item = &'a str>,
) -> Option<&'a str> {
    let lower = word.to_lowercase().replace(['-', ' '], "_");
    let habit = HABITS.iter().find(|(habit, _)| *habit == lower);
    let mut best: Option<(&str, f64)> = None;
    for candidate in candidates {
        if candidate == lower || habit.is_some_and(|(_, meant)| *meant == candidate) {
            return Some(candidate);
        }
        let longest = lower.chars().count().max(candidate.chars().count());
        let wrong = osa_distance(&lower, candidate);
        let shares_start = lower.len() >= 4 && candidate.starts_with(&lower);
        if wrong > 1.max(longest / 3) && !shares_start {
            continue;
        }
        let score = jaro_winkler(&lower, candidate);
        if best.is_none_or(|(_, highest)| score > highest) {
            best = Some((candidate, score));
        }
    }
    best.filter(|&(_, score)| score >= 0.7)
        .map(|(candidate, _)| candidate)
}

/// `` `a`, `b` or `c` ``.
pub(super) fn one_of<'a>(words: impl IntoIterator<Item = &'a str>) -> String {
    listed(words, "or")
}

/// `` `a`, `b` and `c` ``.
pub(super) fn all_of<'a>(words: impl IntoIterator<Item = &'a str>) -> String {
    listed(words, "and")
}

fn listed<'a>(words: impl IntoIterator<Item = &'a str>, joint: &str) -> String {
    let quoted: Vec<String> = words.into_iter().map(|word| format!("`{word}`")).collect();
    match quoted.as_slice() {
        [] => "nothing".into(),
        [only] => only.clone(),
        [first @ .., last] => format!("{} {joint} {last}", first.join(", ")),
    }
}

#[cfg(test)]
mod tests {
    use super::closest;

    #[test]
    fn a_slip_finds_its_word_and_a_stranger_finds_none() {
        let words = ["replicas", "concurrency", "queue", "service_time"];
        for (slip, word) in [
            ("replcas", Some("replicas")),
            ("instances", Some("replicas")),
            ("serviceTime", Some("service_time")),
            ("service-time", Some("service_time")),
            ("conc", Some("concurrency")),
            ("colour", None),
            ("x", None),
        ] {
            assert_eq!(closest(slip, words), word, "{slip}");
        }
    }
}
