//! What the numbers say, in sentences: the verdict, the price, the worst variant, the next command. Shared by the terminal page,
//! the Markdown page and the charts' titles.

use super::format::{self, Unit};
use crate::analysis::{
    Cause, Cell, Estimate, Findings, FlowFindings, ObjectiveFindings, VariantFindings, Verdict,
};
use crate::kernel::units::Op;
use crate::model::Metric;

/// Is a figure worth a row? Undoing is asked of sagas only, fallbacks of those who have some: that there was none is no news elsewhere.
pub(super) fn is_news(findings: &Findings, flow: &str, name: &str) -> bool {
    !matches!(name, "compensated" | "degraded")
        || findings.variants.iter().any(|variant| {
            let found = flow_of(variant, flow).and_then(|flow| figure(flow, name));
            found.is_some_and(|found| found.mean > 0.0)
        })
}

/// A named figure of a flow, if it could be measured.
pub(super) fn figure(flow: &FlowFindings, name: &str) -> Option<Estimate> {
    flow.figures
        .iter()
        .find(|(n, _)| *n == name)
        .map(|(_, e)| *e)
}

/// Names of all data over all variants, in order of first mention.
pub(super) fn data(findings: &Findings) -> Vec<&str> {
    let mut names: Vec<&str> = Vec::new();
    for data in findings.variants.iter().flat_map(|variant| &variant.data) {
        if !names.contains(&data.name.as_str()) {
            names.push(&data.name);
        }
    }
    names
}

/// A named figure of some data in a variant, if it could be measured.
pub(super) fn data_figure(variant: &VariantFindings, data: &str, name: &str) -> Option<Estimate> {
    let data = variant.data.iter().find(|found| found.name == data)?;
    let figure = data.figures.iter().find(|(figure, _)| *figure == name);
    figure.map(|(_, found)| *found)
}

/// A named figure as text; [`format::UNKNOWN`] if it could not be measured.
pub(super) fn figure_text(flow: &FlowFindings, name: &str) -> String {
    figure(flow, name).map_or_else(
        || format::UNKNOWN.to_owned(),
        |e| format::estimate(format::unit_of_figure(name), &e).text(),
    )
}

/// Names of all flows over all variants, in order of first mention.
pub(super) fn flows(findings: &Findings) -> Vec<&str> {
    let mut names: Vec<&str> = Vec::new();
    for flow in findings.variants.iter().flat_map(|v| &v.flows) {
        if !names.contains(&flow.name.as_str()) {
            names.push(&flow.name);
        }
    }
    names
}

/// A variant's flow by name.
pub(super) fn flow_of<'a>(variant: &'a VariantFindings, name: &str) -> Option<&'a FlowFindings> {
    variant.flows.iter().find(|f| f.name == name)
}

/// `order_checkout 9f3c1a7 · seed 42 · 20 replications · brownout 0.1.0`.
pub(super) fn stamp(findings: &Findings) -> String {
    let s = &findings.stamp;
    format!(
        "{} {} · {} · {} · brownout {}",
        s.scenario,
        hash7(&s.hash),
        seed(findings),
        replications(findings),
        s.version
    )
}

/// `seed 42`, or `seeds 1, 2 and 3` of a result that was merged; many are counted.
pub(super) fn seed(findings: &Findings) -> String {
    let stamp = &findings.stamp;
    let mut seeds: Vec<u64> = stamp.merged.iter().map(|batch| batch.seed).collect();
    seeds.dedup();
    match seeds.as_slice() {
        [] | [_] => format!("seed {}", stamp.seed),
        [init @ .., last] if seeds.len() <= 4 => {
            let init: Vec<String> = init.iter().map(u64::to_string).collect();
            format!("seeds {} and {last}", init.join(", "))
        }
        [first, .., last] => format!("{} seeds from {first} to {last}", seeds.len()),
    }
}

/// The first seven digits of the hash.
pub(super) fn hash7(hash: &str) -> String {
    hash.chars().take(7).collect()
}

/// `20 replications`, or `partial: 7 of 20 replications` when interrupted.
pub(super) fn replications(findings: &Findings) -> String {
    let (n, planned) = (
        findings.stamp.replications,
        findings.stamp.replications_planned,
    );
    if planned > n {
        format!("partial: {n} of {planned} replications")
    } else {
        plural(u64::from(n), "replication")
    }
}

/// Do intervals come from parts of one replication?
pub(super) fn is_batched(findings: &Findings) -> bool {
    let mut flows = findings.variants.iter().flat_map(|v| &v.flows);
    findings.stamp.replications == 1
        && flows.any(|flow| flow.figures.iter().any(|(_, e)| e.half_width.is_some()))
}

/// What intervals are over: `20 replications`, or the batches of one.
pub(super) fn spread(findings: &Findings) -> String {
    if is_batched(findings) {
        "batches of one replication".to_owned()
    } else {
        replications(findings)
    }
}

/// The level of intervals in percent: `95`.
pub(super) fn level(findings: &Findings) -> String {
    let level = format::quantile(findings.stamp.confidence);
    level.trim_start_matches('p').to_owned()
}

/// `95% intervals over 20 replications`.
pub(super) fn intervals(findings: &Findings) -> String {
    format!("{}% intervals over {}", level(findings), spread(findings))
}

/// `1 line`, `2 lines`.
pub(super) fn plural(n: u64, noun: &str) -> String {
    let s = if n == 1 { "" } else { "s" };
    format!("{} {noun}{s}", format::count(n))
}

/// `a`, `a and b`, `a, b and c`; long lists are cut: `a, b, c and 5 more`.
pub(super) fn list<S: AsRef<str>>(names: &[S]) -> String {
    let names: Vec<&str> = names.iter().map(AsRef::as_ref).collect();
    match names.as_slice() {
        [] => String::new(),
        [one] => (*one).to_owned(),
        [init @ .., last] if names.len() <= 4 => format!("{} and {last}", init.join(", ")),
        _ => format!("{} and {} more", names[..3].join(", "), names.len() - 3),
    }
}

/// The sign of a comparison.
pub(super) fn sign(op: Op) -> &'static str {
    match op {
        Op::Less => "<",
        Op::AtMost => "≤",
        Op::More => ">",
        Op::AtLeast => "≥",
        Op::Equal => "=",
    }
}

/// `✓`, `✗`, `?`, or a space for a line that does not bind.
pub(super) fn mark(verdict: Verdict) -> &'static str {
    match verdict {
        Verdict::Pass => "✓",
        Verdict::Fail => "✗",
        Verdict::Undecided => "?",
        Verdict::NotBound => " ",
    }
}

/// A cell of an SLO line as text, without its mark.
pub(super) fn cell_text(objective: &ObjectiveFindings, cell: &Cell) -> format::Shown {
    let unknown = || format::Shown {
        value: format::UNKNOWN.to_owned(),
        half_width: String::new(),
    };
    if cell.verdict == Verdict::NotBound {
        return unknown();
    }
    cell.estimate.as_ref().map_or_else(unknown, |e| {
        let unit = format::unit_of_line(objective.metric, objective.stat);
        let shown = format::estimate(unit, e);
        match format::apart(unit, e.mean, objective.target, &shown.value) {
            Some(value) => format::Shown { value, ..shown },
            None => shown,
        }
    })
}

/// Name and statistic of an SLO line: `shipped p99`.
pub(super) fn objective_name(objective: &ObjectiveFindings) -> String {
    let stat = format::stat_word(objective.stat);
    if stat.is_empty() || objective.name.contains(&stat) {
        objective.name.clone()
    } else {
        format!("{} {stat}", objective.name)
    }
}

/// Comparison and target of an SLO line: `≥ 99.9%`.
pub(super) fn objective_target(objective: &ObjectiveFindings) -> String {
    let unit = format::unit_of_line(objective.metric, objective.stat);
    format!(
        "{} {}",
        sign(objective.op),
        format::target(unit, objective.target)
    )
}

/// How a variant stands against all SLO lines.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Tally {
    /// Lines held.
    pub pass: usize,
    /// Lines broken.
    pub fail: usize,
    /// Lines too close to call.
    pub undecided: usize,
}

impl Tally {
    /// Lines that bind the variant.
    pub(super) fn bound(self) -> usize {
        self.pass + self.fail + self.undecided
    }

    /// The verdict over all lines.
    pub(super) fn verdict(self) -> Verdict {
        if self.fail > 0 {
            Verdict::Fail
        } else if self.undecided > 0 {
            Verdict::Undecided
        } else if self.pass > 0 {
            Verdict::Pass
        } else {
            Verdict::NotBound
        }
    }
}

/// How the variant at `variant_idx` stands.
pub(super) fn tally(findings: &Findings, variant_idx: usize) -> Tally {
    let mut tally = Tally::default();
    for cell in findings
        .objectives
        .iter()
        .filter_map(|o| o.cells.get(variant_idx))
    {
        match cell.verdict {
            Verdict::Pass => tally.pass += 1,
            Verdict::Fail => tally.fail += 1,
            Verdict::Undecided => tally.undecided += 1,
            Verdict::NotBound => {}
        }
    }
    tally
}

/// The verdict over everything: a failure anywhere fails, else an undecided line leaves it open.
pub(super) fn overall(findings: &Findings) -> Verdict {
    (0..findings.variants.len())
        .map(|idx| tally(findings, idx).verdict())
        .filter(|v| *v != Verdict::NotBound)
        .max()
        .unwrap_or(Verdict::NotBound)
}

/// One sentence that answers: who breaks the SLO, who holds it, who is undecided.
pub(super) fn verdict_sentence(findings: &Findings) -> String {
    if findings.variants.is_empty() {
        return "no variant was run".to_owned();
    }
    if findings.objectives.is_empty() {
        return "no SLO lines: nothing to judge".to_owned();
    }
    let with = |verdict: Verdict| -> Vec<(&str, Tally)> {
        findings
            .variants
            .iter()
            .enumerate()
            .map(|(idx, v)| (v.name.as_str(), tally(findings, idx)))
            .filter(|(_, t)| t.verdict() == verdict)
            .collect()
    };
    let mut parts = Vec::new();
    let failed = with(Verdict::Fail);
    if let [(name, t)] = failed.as_slice() {
        parts.push(format!("{name} breaks {} of {}", t.fail, lines(t.bound())));
    } else if !failed.is_empty() {
        parts.push(format!("{} break the SLO", names(&failed)));
    }
    let open = with(Verdict::Undecided);
    if let [(name, t)] = open.as_slice() {
        parts.push(format!(
            "{name} is undecided on {} of {}",
            t.undecided,
            t.bound()
        ));
    } else if !open.is_empty() {
        parts.push(format!("{} are undecided", names(&open)));
    }
    let held = with(Verdict::Pass);
    if let Some((_, t)) = held.first() {
        let verb = if held.len() == 1 { "holds" } else { "hold" };
        let all = if held.iter().all(|(_, other)| other.bound() == t.bound()) {
            match (t.bound(), parts.is_empty()) {
                (1, _) => "the SLO line".to_owned(),
                (n, true) => format!("all {n} SLO lines"),
                (n, false) => format!("all {n}"),
            }
        } else {
            "every line that binds".to_owned()
        };
        parts.push(format!("{} {verb} {all}", names(&held)));
    }
    if parts.is_empty() {
        return "no SLO line binds any variant".to_owned();
    }
    parts.join(" · ")
}

fn names(items: &[(&str, Tally)]) -> String {
    list(&items.iter().map(|(n, _)| *n).collect::<Vec<_>>())
}

fn lines(n: usize) -> String {
    plural(n as u64, "SLO line")
}

/// Where fewer are accepted, it must be said of a time that it speaks of these.
pub(super) const MOST_ACCEPTED: f64 = 0.99;

/// ` (of the 24.99% it accepts)`, where a time speaks of so few that this must be said.
pub(super) fn of_accepted(flow: &FlowFindings) -> String {
    match figure(flow, "availability") {
        Some(e) if e.mean < MOST_ACCEPTED => {
            let share = format::estimate(Unit::Share, &e).value;
            format!(" (of the {share} it accepts)")
        }
        _ => String::new(),
    }
}

/// A share of accepted flow runs that is never done, and worth a word beside a verdict that no SLO line asked for it.
const UNKEPT: f64 = 0.001;

/// What a variant that holds every SLO line does not keep of what it accepts: `queue accepts 29.8% of orders and never does them
/// (dead-lettered)`.
fn unkept(findings: &Findings) -> Vec<String> {
    let mut sentences = Vec::new();
    for (idx, variant) in findings.variants.iter().enumerate() {
        if tally(findings, idx).verdict() != Verdict::Pass {
            continue;
        }
        for flow in &variant.flows {
            let o = &flow.outcomes;
            let kinds = [
                (o.lost, "lost"),
                (o.dead_lettered, "dead-lettered"),
                (o.compensated, "undone"),
                (o.incomplete, "unfinished at the end"),
            ];
            let n: u64 = kinds.iter().map(|(n, _)| n).sum();
            let accepted = (o.answered_ok + o.degraded).max(1);
            let share = n as f64 / accepted as f64;
            if let Some((_, most)) = kinds
                .iter()
                .max_by_key(|(n, _)| n)
                .filter(|_| share >= UNKEPT)
            {
                sentences.push(format!(
                    "{} accepts {} and does not do {} of it, mostly {most}",
                    variant.name,
                    flow.name,
                    format::share(share)
                ));
            }
        }
    }
    sentences
}

/// What an answer costs that holds every SLO line: promises not kept, and time.
pub(super) fn price(findings: &Findings) -> Option<String> {
    let all: Vec<String> = unkept(findings).into_iter().chain(time(findings)).collect();
    (!all.is_empty()).then(|| all.join("; "))
}

/// What the variant that holds every SLO line pays for it: where it takes half as long again as another variant. `None` if
/// no variant holds them, for then nothing is bought.
fn time(findings: &Findings) -> Option<String> {
    let (best_idx, best) = findings
        .variants
        .iter()
        .enumerate()
        .min_by_key(|(idx, _)| {
            let t = tally(findings, *idx);
            (t.fail, t.undecided, *idx)
        })?;
    if tally(findings, best_idx).verdict() != Verdict::Pass {
        return None;
    }
    for flow in &best.flows {
        for (figure_name, what) in [
            ("completion_p99", "completes at p99 in"),
            ("latency_p99", "answers at p99 in"),
            ("completion_p50", "completes at p50 in"),
        ] {
            let own = figure(flow, figure_name)?;
            let other = findings
                .variants
                .iter()
                .filter(|v| v.name != best.name)
                .filter_map(|v| {
                    let other = flow_of(v, &flow.name)?;
                    Some((v.name.as_str(), figure(other, figure_name)?, other))
                })
                .filter(|(_, e, _)| e.mean.is_finite() && e.mean * 1.5 < own.mean)
                .min_by(|a, b| a.1.mean.total_cmp(&b.1.mean));
            if let Some((name, e, other)) = other {
                let caveat = if figure_name.starts_with("completion") {
                    of_accepted(other)
                } else {
                    String::new()
                };
                return Some(format!(
                    "{} pays with time: {} {what} {}, {name} in {}{caveat}",
                    best.name,
                    flow.name,
                    format::estimate(Unit::Seconds, &own).value,
                    format::estimate(Unit::Seconds, &e).value,
                ));
            }
        }
    }
    None
}

/// Flow runs of a flow that did not end well: the sum of its causes.
pub(super) fn failed(flow: &FlowFindings) -> u64 {
    flow.causes
        .iter()
        .fold(0, |sum, cause| sum.saturating_add(cause.count))
}

/// The variant (by index) with the most flow runs of `flow` that did not end well; `None` if all of all ended well.
pub(super) fn worst_variant(findings: &Findings, flow: &str) -> Option<usize> {
    let mut worst: Option<(usize, u64)> = None;
    for (idx, variant) in findings.variants.iter().enumerate() {
        let n = flow_of(variant, flow).map_or(0, failed);
        if n > worst.map_or(0, |(_, most)| most) {
            worst = Some((idx, n));
        }
    }
    worst.map(|(idx, _)| idx)
}

/// The availability target that binds `flow`, if an SLO line has one (the strictest).
pub(super) fn availability_target(findings: &Findings, flow: &str) -> Option<f64> {
    findings
        .objectives
        .iter()
        .filter(|o| o.metric == Metric::Availability && speaks_of(o, flow))
        .map(|o| o.target)
        .filter(|t| t.is_finite())
        .max_by(f64::total_cmp)
}

/// Who feels a fault in a variant.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) enum Reach<'a> {
    /// Callers of these services, with the share of calls to each that fails meanwhile.
    Callers(&'a [(String, f64)]),
    /// Clients alone: no more calls fail, and yet flow runs do because of it.
    Clients,
    /// Nobody: nothing fails because of it.
    Nobody,
}

/// Who feels the `idx`-th fault.
pub(super) fn reach<'a>(variant: &'a VariantFindings, idx: usize, fault: &str) -> Reach<'a> {
    let callers = variant.blast_radius.get(idx).map_or(&[][..], Vec::as_slice);
    let mut causes = variant.flows.iter().flat_map(|flow| &flow.causes);
    let is_behind = |cause: &Cause| cause.fault.as_deref() == Some(fault) && cause.count > 0;
    match callers {
        [] if causes.any(is_behind) => Reach::Clients,
        [] => Reach::Nobody,
        some => Reach::Callers(some),
    }
}

/// Does the line speak of `flow` (or of the only one)?
pub(super) fn speaks_of(objective: &ObjectiveFindings, flow: &str) -> bool {
    objective.flow.as_deref().is_none_or(|f| f == flow)
}

/// Why each undecided line is.
pub(super) fn undecided(findings: &Findings) -> Vec<String> {
    let mut reasons = Vec::new();
    if findings.stamp.replications < 2 && !is_batched(findings) {
        // The stamp says that there are no intervals.
        return reasons;
    }
    for objective in &findings.objectives {
        for (variant, cell) in findings.variants.iter().zip(&objective.cells) {
            if cell.verdict == Verdict::Undecided {
                reasons.push(format!(
                    "? {} of {}: {}",
                    objective_name(objective),
                    variant.name,
                    doubt(objective, cell)
                ));
            }
        }
    }
    reasons
}

fn doubt(objective: &ObjectiveFindings, cell: &Cell) -> String {
    let Some(e) = cell.estimate.filter(|e| e.n > 0) else {
        return "nothing to measure it by, or too few flow runs for that percentile".to_owned();
    };
    if e.n_bound > 0 {
        return "some flow runs were cut off at the end, so this is only a lower bound".to_owned();
    }
    let Some((low, high)) = e.interval() else {
        return "one replication has no interval here".to_owned();
    };
    let unit = format::unit_of_line(objective.metric, objective.stat);
    // No share is below nothing or above all.
    let (low, high) = match unit {
        Unit::Share => (low.max(0.0), high.min(1.0)),
        _ => (low, high),
    };
    format!(
        "the interval {} to {} holds the target",
        format::number(unit, low, None).value,
        format::number(unit, high, None).value
    )
}
