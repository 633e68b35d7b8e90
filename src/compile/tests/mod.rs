//! What `compile` makes of scenario texts, and what it says about them.

mod answers;
mod copies;
mod drafts;
mod faults;
mod logs;
mod mistakes;
mod policies;
mod posts;
mod scale;
mod suspicions;
mod systems;
mod wirings;

use super::{Case, compile_all};
use crate::diagnostic::{Diagnostic, Severity, Sources};
use crate::kernel::ids::Id;
use crate::model::{EdgeId, Link, Stage};
use crate::scenario::{self, Changes, Scenario};

/// A file and what came of it.
struct Outcome {
    cases: Option<Vec<Case>>,
    found: Vec<Diagnostic>,
    sources: Sources,
}

impl Outcome {
    /// What a diagnostic underlines.
    fn underlined(&self, diagnostic: &Diagnostic) -> &str {
        diagnostic.place.map_or("", |place| {
            let text = &self.sources.texts[usize::from(place.file)].1;
            &text[place.start as usize..place.end as usize]
        })
    }

    /// `S101 paymnt: unknown service …`, one line each.
    fn told(&self, severity: Severity) -> Vec<String> {
        let told = self.found.iter().filter(|found| found.severity == severity);
        told.map(|found| {
            let help = found.help.as_deref().unwrap_or("-");
            format!(
                "{} `{}` {} ({help})",
                found.code,
                self.underlined(found),
                found.message
            )
        })
        .collect()
    }
}

/// Reads and compiles a file.
fn compiled(text: &str) -> Outcome {
    compiled_after(text, |_| ())
}

/// The same, with a change to every view between reading and compiling: what the reader would not let through.
fn compiled_after(text: &str, change: impl Fn(&mut Scenario)) -> Outcome {
    let mut sources = Sources::default();
    let (reading, found) = scenario::read(&mut sources, "test.yaml", text, &Changes::default());
    let errors: Vec<&Diagnostic> = found
        .iter()
        .filter(|found| found.severity == Severity::Error)
        .collect();
    assert!(
        errors.is_empty(),
        "the text must be readable: {errors:#?}\n{text}"
    );
    let mut views = reading.expect("no error, so a reading").views;
    views.iter_mut().for_each(change);
    let (cases, found) = compile_all(&views);
    Outcome {
        cases,
        found,
        sources,
    }
}

/// A file of one flow over services `a` to `h` and a broker `q`: what is under test is `steps`, the flow's other keys
/// (beginning with a comma), and the variant.
fn file(steps: &str, flow: &str, variant: &str) -> String {
    let services: Vec<String> = "abcdefgh"
        .chars()
        .map(|name| format!("  {name}: {{ concurrency: 10, service_time: 10ms }}\n"))
        .collect();
    format!(
        "brownout: 1\nflows:\n  order: {{ steps: {steps}{flow} }}\nservices:\n{}brokers:\n  q: {{}}\n\
         traffic:\n  client: {{ rate: 10/s }}\nvariants:\n  v: {{ {variant} }}\nrun: {{ duration: 10m }}\n",
        services.concat()
    )
}

/// The only case of a file without errors.
fn case(text: &str) -> Case {
    let outcome = compiled(text);
    let told = outcome.told(Severity::Error);
    assert!(told.is_empty(), "{told:#?}\n{text}");
    outcome.cases.expect("no error, so cases").remove(0)
}

/// What each step does next, in words: `a: call b | publish c`; what it needs itself in brackets.
fn describe(case: &Case) -> String {
    let mut lines = Vec::new();
    for (idx, edge) in case.wiring.entries.iter().enumerate() {
        let source = &case.system.names.sources[Id::from_idx(idx)];
        lines.push(format!("{source}: {}", edge_text(case, *edge)));
    }
    for (step, program) in case.wiring.steps.enumerate() {
        let then = program
            .then
            .iter()
            .map(|stage| format!("({})", stage_text(case, stage)));
        let rest = program.rest.iter().map(|stage| stage_text(case, stage));
        let mut stages: Vec<String> = then.chain(rest).collect();
        if let Some(saga) = &program.saga {
            let undo = saga
                .undo
                .iter()
                .rev()
                .map(|&(_, edge)| edge_text(case, edge));
            let undo: Vec<String> = undo.collect();
            let answers_at = program.then.len() + saga.answers_after as usize;
            stages.insert(answers_at, "answer".into());
            if !undo.is_empty() {
                stages.push(format!("else {}", undo.join(" | ")));
            }
        }
        if !stages.is_empty() {
            lines.push(format!(
                "{}: {}",
                case.system.names.steps[step],
                stages.join(" | ")
            ));
        }
    }
    lines.join("\n")
}

fn stage_text(case: &Case, stage: &Stage) -> String {
    let edges: Vec<String> = stage
        .edges
        .iter()
        .map(|&edge| edge_text(case, edge))
        .collect();
    let mut text = edges.join(" + ");
    if (stage.need as usize) < stage.edges.len() {
        text = format!("{text} need {}", stage.need);
    }
    if let Some(join) = &stage.join {
        let steps: Vec<&str> = join
            .steps
            .iter()
            .map(|&step| case.system.names.steps[step].as_str())
            .collect();
        text = format!("after {} of {}: {text}", join.need, steps.join(" "));
    }
    text
}

fn edge_text(case: &Case, edge: EdgeId) -> String {
    let edge = &case.wiring.edges[edge];
    let verb = match edge.link {
        Link::Call(_) => "call",
        Link::Publish(publish) if publish.awaits_reply => "request",
        Link::Publish(_) => "publish",
    };
    format!("{verb} {}", case.system.names.steps[edge.to])
}

/// Compares lines, each trimmed.
fn assert_lines(actual: &str, expected: &str) {
    let trim = |text: &str| -> Vec<String> {
        text.lines()
            .map(|line| line.trim().to_owned())
            .filter(|line| !line.is_empty())
            .collect()
    };
    assert_eq!(trim(actual), trim(expected));
}
