//! What an architecture review asks for, as sentences made from the numbers: quality-attribute scenarios, trade-offs, sensitivity
//! points, risks and non-risks (Bass, Clements, Kazman, "Software Architecture in Practice", 4th ed. 2021; the terms are those of ATAM).

use super::format::{self, Unit};
use super::story::{self, Reach};
use crate::analysis::ObjectiveFindings;
use crate::analysis::glossary::is_gain;
use crate::analysis::{
    Difference, FaultFindings, Findings, FlowFindings, VariantFindings, Verdict,
};
use crate::model::Metric;
use serde::Serialize;

/// Differences smaller than this share of the baseline's value are no trade-off.
const NEWS_MIN: f64 = 0.05;
/// Sentences of a kind.
const MOST: usize = 8;

/// All of it.
#[derive(Debug, Default, PartialEq, Serialize)]
pub(super) struct Review {
    /// One for each fault and flow; one for the load alone without faults.
    pub(super) scenarios: Vec<QualityScenario>,
    /// Where one variant buys one thing with another.
    pub(super) tradeoffs: Vec<String>,
    /// What the outcome depends on most.
    pub(super) sensitivity: Vec<String>,
    /// What breaks, is lost or done twice.
    pub(super) risks: Vec<String>,
    /// What holds in every variant.
    pub(super) non_risks: Vec<String>,
    /// How sure the numbers are.
    pub(super) confidence: Vec<String>,
    /// What would change the verdict.
    pub(super) change: Vec<String>,
}

/// A quality-attribute scenario in its six parts.
#[derive(Debug, PartialEq, Serialize)]
pub(super) struct QualityScenario {
    /// Who or what causes it.
    pub(super) source: String,
    /// What happens.
    pub(super) stimulus: String,
    /// To what.
    pub(super) artifact: String,
    /// Under which conditions.
    pub(super) environment: String,
    /// What each variant does.
    pub(super) response: Vec<String>,
    /// How it is judged.
    pub(super) measure: String,
}

/// The review of what was found.
pub(super) fn review(findings: &Findings) -> Review {
    Review {
        scenarios: scenarios(findings),
        tradeoffs: tradeoffs(findings),
        sensitivity: sensitivity(findings),
        risks: risks(findings),
        non_risks: non_risks(findings),
        confidence: confidence(findings),
        change: change(findings),
    }
}

fn scenarios(findings: &Findings) -> Vec<QualityScenario> {
    let flows = story::flows(findings);
    let environment: Vec<String> = flows
        .iter()
        .filter_map(|flow| {
            Some(format!(
                "{} of {flow}",
                format::number(Unit::Rate, rate(findings, flow)?, None).value
            ))
        })
        .collect();
    let measures: Vec<String> = findings
        .objectives
        .iter()
        .map(|objective| objective.text.clone())
        .collect();
    let measure = if measures.is_empty() {
        "no SLO line".to_owned()
    } else {
        measures.join(", ")
    };
    let scenario = |source: &str, stimulus: String, artifact: &str, response| QualityScenario {
        source: source.to_owned(),
        stimulus,
        artifact: artifact.to_owned(),
        environment: environment.join(", "),
        response,
        measure: measure.clone(),
    };
    if findings.faults.is_empty() {
        let response = |variant: &VariantFindings| accepts(variant, None);
        let response = findings.variants.iter().map(response).collect();
        let stimulus = "the load alone, without a fault".to_owned();
        return vec![scenario("clients", stimulus, &flows.join(", "), response)];
    }
    let faults = findings.faults.iter().enumerate().take(MOST);
    faults
        .map(|(idx, fault)| {
            let response = findings.variants.iter();
            let response = response.map(|variant| accepts(variant, Some((findings, idx))));
            let source = match (&fault.random, &fault.when) {
                (Some(_), _) => "chance",
                (_, Some(_)) => "the system's own state",
                _ => "an outage from outside",
            };
            scenario(source, stimulus(fault), &fault.target, response.collect())
        })
        .collect()
}

/// `payment is away (down: hang) for 4m at 5m`.
fn stimulus(fault: &FaultFindings) -> String {
    let when = match (fault.windows.as_slice(), &fault.random, &fault.when) {
        (_, _, Some(condition)) => format!(", when {condition}"),
        (_, Some((well, ill)), _) => format!(
            ", {} on average after {} without",
            format::literal(ill.round()),
            format::literal(well.round())
        ),
        ([(from, to)], ..) => format!(
            " for {} at {}",
            format::literal(to - from),
            format::literal(from.max(0.0))
        ),
        ([(from, to), rest @ ..], ..) => format!(
            " for {} at {}, and {} more",
            format::literal(to - from),
            format::literal(from.max(0.0)),
            story::plural(rest.len() as u64, "time")
        ),
        ([], ..) => String::new(),
    };
    format!("{}: {}{when}", fault.name, fault.effect)
}

/// Flow runs per second.
fn rate(findings: &Findings, flow: &str) -> Option<f64> {
    let first = findings.variants.first()?;
    let offered = story::flow_of(first, flow)?.outcomes.offered;
    let seconds = f64::from(findings.stamp.replications) * findings.stamp.duration_s;
    (seconds > 0.0).then(|| offered as f64 / seconds)
}

/// `async accepts 99.99% of place_order; back in 50s after payment_outage`.
fn accepts(variant: &VariantFindings, fault: Option<(&Findings, usize)>) -> String {
    let flows = variant.flows.iter().map(|flow| {
        let share = story::figure_text(flow, "availability");
        format!("{share} of {}", flow.name)
    });
    let accepted = format!(
        "{} accepts {}",
        variant.name,
        flows.collect::<Vec<_>>().join(", ")
    );
    let back = fault.and_then(|(_, idx)| variant.recovery.get(idx)?.as_ref());
    match back {
        Some(e) => {
            let text = format::estimate(Unit::Seconds, e).value;
            if text.starts_with(format::NEVER) {
                format!("{accepted}; it is {text} back")
            } else if variant.flows.len() > 1 {
                format!("{accepted}; all are back {text} after the end")
            } else {
                format!("{accepted}; it is back {text} after the end")
            }
        }
        None => accepted,
    }
}

/// Words for a figure that a trade-off is made of.
fn words(figure: &str) -> Option<&'static str> {
    Some(match figure {
        "availability" => "availability",
        "goodput" => "goodput",
        "latency_p99" => "answer p99",
        "completion_p99" => "completion p99",
        "lost" => "lost per run",
        "dead_lettered" => "dead-lettered per run",
        "compensated" => "undone per run",
        "duplicates_applied" => "done twice per run",
        "unfinished" => "unfinished per run",
        "amplification" => "attempts per flow run",
        _ => return None,
    })
}

fn tradeoffs(findings: &Findings) -> Vec<String> {
    let Some(base) = findings.variants.first() else {
        return Vec::new();
    };
    let mut sentences = Vec::new();
    for variant in findings.variants.iter().skip(1) {
        for flow in &variant.flows {
            let mut sides = [Vec::new(), Vec::new()];
            let of_both = findings
                .differences
                .iter()
                .filter(|one| one.variant == variant.name && one.flow == flow.name);
            for one in of_both {
                if let Some((is_better, text)) = change_of(base, variant, one) {
                    sides[usize::from(is_better)].push(text);
                }
            }
            let [worse, better] = sides;
            if !better.is_empty() && !worse.is_empty() {
                sentences.push(format!(
                    "{} against {}, {}: better {}; worse {}",
                    variant.name,
                    base.name,
                    flow.name,
                    better.join(", "),
                    worse.join(", ")
                ));
            }
        }
    }
    sentences.truncate(MOST);
    sentences
}

/// Is it better, and how: `availability 99.99% instead of 24.98%`. `None` of what is not sure, or too small to matter.
fn change_of(
    base: &VariantFindings,
    variant: &VariantFindings,
    one: &Difference,
) -> Option<(bool, String)> {
    let (gain, words) = (is_gain(one.figure)?, words(one.figure)?);
    let own = story::figure(story::flow_of(variant, &one.flow)?, one.figure)?;
    let other = story::figure(story::flow_of(base, &one.flow)?, one.figure)?;
    let (low, high) = one.estimate.interval()?;
    let is_sure = low > 0.0 || high < 0.0;
    let scale = other.mean.abs().max(own.mean.abs());
    let least = if one.figure == "availability" {
        0.001
    } else {
        NEWS_MIN * scale
    };
    if !is_sure || one.estimate.mean.abs() < least {
        return None;
    }
    let unit = format::unit_of_figure(one.figure);
    let text = format!(
        "{words} {} instead of {}",
        format::estimate(unit, &own).value,
        format::estimate(unit, &other).value
    );
    Some((gain == (one.estimate.mean > 0.0), text))
}

fn sensitivity(findings: &Findings) -> Vec<String> {
    let mut sentences = Vec::new();
    for variant in &findings.variants {
        for flow in &variant.flows {
            let worst = worst_fault(flow);
            if let Some((fault, share, n)) = worst.filter(|(_, share, _)| *share >= SENSITIVE) {
                sentences.push(format!(
                    "{fault} is behind {} of the {} {} runs that did not end well in {}",
                    format::rough_share(share),
                    format::count(n),
                    flow.name,
                    variant.name
                ));
            }
        }
    }
    sentences.truncate(MOST);
    sentences
}

/// A fault that less of the failures comes from is nothing that a result depends on.
const SENSITIVE: f64 = 0.05;

/// The fault that most of what did not end well comes from, its share, and how many did not.
fn worst_fault(flow: &FlowFindings) -> Option<(&str, f64, u64)> {
    let mut sums: Vec<(&str, u64)> = Vec::new();
    for cause in &flow.causes {
        let Some(fault) = &cause.fault else { continue };
        match sums.iter_mut().find(|(name, _)| name == fault) {
            Some((_, sum)) => *sum += cause.count,
            None => sums.push((fault, cause.count)),
        }
    }
    let n = story::failed(flow);
    let (fault, most) = sums.into_iter().max_by_key(|&(_, sum)| sum)?;
    (n > 0).then(|| (fault, most as f64 / n as f64, n))
}

fn risks(findings: &Findings) -> Vec<String> {
    let mut sentences = Vec::new();
    for objective in &findings.objectives {
        for (variant, cell) in findings.variants.iter().zip(&objective.cells) {
            let verb = match cell.verdict {
                Verdict::Fail => "breaks",
                Verdict::Undecided => "is undecided on",
                Verdict::Pass | Verdict::NotBound => continue,
            };
            sentences.push(format!(
                "{} {verb} `{}`: {}",
                variant.name,
                objective.text,
                story::cell_text(objective, cell).text()
            ));
        }
    }
    for variant in &findings.variants {
        for flow in &variant.flows {
            let more = [
                (flow.outcomes.lost, "accepted and lost"),
                (
                    flow.outcomes.dead_lettered,
                    "accepted and parked as dead letters",
                ),
                (
                    flow.outcomes.incomplete,
                    "accepted and not done when the run ends",
                ),
            ];
            for (n, what) in more.into_iter().filter(|(n, _)| *n > 0) {
                sentences.push(format!(
                    "{}: {} of {} {} runs {what}",
                    variant.name,
                    format::count(n),
                    format::count(flow.outcomes.offered),
                    flow.name
                ));
            }
        }
    }
    let n = sentences.len();
    sentences.truncate(2 * MOST);
    if n > sentences.len() {
        sentences.push(format!("{} more", n - sentences.len()));
    }
    sentences
}

fn non_risks(findings: &Findings) -> Vec<String> {
    let mut sentences = Vec::new();
    for objective in &findings.objectives {
        let bound = objective
            .cells
            .iter()
            .filter(|cell| cell.verdict != Verdict::NotBound);
        let mut bound = bound.peekable();
        if bound.peek().is_some() && bound.all(|cell| cell.verdict == Verdict::Pass) {
            let holds = format!("`{}` holds in every variant", objective.text);
            sentences.push(match failures_in(findings, objective) {
                Some(caveat) => format!("{holds}; {caveat}"),
                None => holds,
            });
        }
    }
    for (idx, fault) in findings.faults.iter().enumerate() {
        let unfelt: Vec<&str> = findings
            .variants
            .iter()
            .filter(|variant| story::reach(variant, idx, &fault.name) == Reach::Nobody)
            .map(|variant| variant.name.as_str())
            .collect();
        if !unfelt.is_empty() {
            sentences.push(format!(
                "nothing fails because of {} in {}",
                fault.name,
                story::list(&unfelt)
            ));
        }
    }
    sentences.truncate(MOST);
    sentences
}

/// What a line about times hides where few are accepted: a failure that is told at once is a quick answer, and who is not accepted
/// is never completed.
fn failures_in(findings: &Findings, objective: &ObjectiveFindings) -> Option<String> {
    let means = match objective.metric {
        Metric::Latency => "answers that are failures count",
        Metric::Completion => "only what is accepted counts",
        _ => return None,
    };
    let flows = findings.variants.iter().flat_map(|variant| {
        let own = variant.flows.iter();
        let own = own.filter(|flow| story::speaks_of(objective, &flow.name));
        own.map(move |flow| (variant, flow))
    });
    let shares = flows.filter_map(|(variant, flow)| {
        let share = story::figure(flow, "availability")?;
        (share.mean < story::MOST_ACCEPTED).then_some((share, variant, flow))
    });
    let (share, variant, flow) = shares.min_by(|a, b| a.0.mean.total_cmp(&b.0.mean))?;
    Some(format!(
        "{means}, and {} accepts {} of {}",
        variant.name,
        format::estimate(Unit::Share, &share).value,
        flow.name
    ))
}

fn confidence(findings: &Findings) -> Vec<String> {
    let mut sentences = vec![format!(
        "{}; every variant meets the same customers (common random numbers), so differences are paired",
        story::intervals(findings)
    )];
    sentences.extend(super::theory::sentence(findings));
    sentences
}

fn change(findings: &Findings) -> Vec<String> {
    let mut sentences: Vec<String> = story::undecided(findings);
    let cells = findings.objectives.iter().flat_map(|objective| {
        let of = findings.variants.iter().zip(&objective.cells);
        of.map(move |(variant, cell)| (objective, variant, cell))
    });
    let margins = cells.filter_map(|(objective, variant, cell)| {
        let e = cell.estimate?;
        let is_decided = matches!(cell.verdict, Verdict::Pass | Verdict::Fail);
        let margin = margin(objective, e.mean);
        (is_decided && margin.is_finite()).then_some((margin, objective, variant, cell))
    });
    if let Some((margin, objective, variant, cell)) = margins.min_by(|a, b| a.0.total_cmp(&b.0)) {
        sentences.push(format!(
            "the closest call: `{}` in {}, {} is {} from its target",
            objective.text,
            variant.name,
            story::cell_text(objective, cell).value,
            format::rough_share(margin)
        ));
    }
    let guesses = findings
        .stamp
        .sources
        .iter()
        .filter(|(_, source)| is_guess(source))
        .map(|(path, _)| path.as_str());
    let guesses: Vec<&str> = guesses.collect();
    if !guesses.is_empty() {
        sentences.push(format!("what is a guess: {}", story::list(&guesses)));
    }
    sentences
}

/// How far a number is from its target, as a share of that; of a share near one, as a share of what the target leaves.
fn margin(objective: &ObjectiveFindings, value: f64) -> f64 {
    let target = objective.target;
    let unit = format::unit_of_line(objective.metric, objective.stat);
    let scale = if unit == Unit::Share && target > 0.5 && target < 1.0 {
        1.0 - target
    } else {
        target
    };
    ((value - target) / scale).abs()
}

/// Is a source no source but a guess?
pub(super) fn is_guess(source: &str) -> bool {
    source.trim_start().to_lowercase().starts_with("guess")
}
