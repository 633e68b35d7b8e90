//! Is the client answered only when everything in `answer_needs` is sure to be done? A design cannot win by answering too early.

use std::collections::BTreeMap;

use super::reach::{Reach, Way};
use crate::compile::codes;
use crate::compile::mistakes::{Mistakes, listed};
use crate::compile::resolve::Resolved;
use crate::diagnostic::Place;
use crate::kernel::ids::{Id, IdVec};
use crate::model::{FlowId, Link, Required, Stage, StepId, Wiring};
use crate::scenario::{AnswerBy, Scenario, Transport};

/// Checks every flow.
pub(crate) fn check(
    scenario: &Scenario,
    resolved: &Resolved<'_>,
    reach: &Reach<'_>,
    wiring: &Wiring,
    mistakes: &mut Mistakes,
) {
    if is_told_the_result(scenario, mistakes) {
        for flow in resolved.system.flows.ids() {
            needs(scenario, resolved, flow, mistakes); // names must be known all the same
        }
        return;
    }
    let certain = certain(resolved, reach, wiring);
    for flow in resolved.system.flows.ids() {
        check_flow(scenario, resolved, reach, &certain, flow, mistakes);
    }
}

/// Does the client learn the result itself, and nothing before it? Calls know it anyway.
fn is_told_the_result(scenario: &Scenario, mistakes: &mut Mistakes) -> bool {
    let variant = &scenario.variant.value;
    let by = variant.answer_by.as_ref();
    let Some(by) = by.filter(|by| by.value != AnswerBy::Call) else {
        return false;
    };
    let is_sync = variant
        .wiring
        .as_ref()
        .is_some_and(|wiring| wiring.value == Transport::Call);
    if is_sync {
        mistakes
            .error(
                codes::ANSWER_AFTER,
                by.place,
                "`answer_by` has no meaning in a sync wiring",
            )
            .help("a chain of calls answers with the result: use `wiring: async`, or leave it out");
    }
    true
}

/// The steps that are done whenever the client hears that all is well.
fn certain(resolved: &Resolved<'_>, reach: &Reach<'_>, wiring: &Wiring) -> IdVec<StepId, bool> {
    let mut certain = IdVec::from_fn(resolved.system.steps.len(), |_: StepId| false);
    for flow in &resolved.system.flows {
        // One step, unless the flow begins with a group, which has been reported.
        for step in flow.steps.clone().map(StepId) {
            let note = &resolved.steps[step];
            let begins = note.item_idx == 0 && note.parent.is_none();
            certain[step] = begins && reach.steps[step] == Way::Call;
        }
        // Every edge leads to a later step, so one pass in order is enough.
        for step in flow.steps.clone().map(StepId) {
            if !certain[step] {
                continue;
            }
            let program = &wiring.steps[step];
            // The stages from a join on may be taken by another branch, after the answer.
            let own = program
                .answered()
                .iter()
                .take_while(|stage| stage.join.is_none());
            for stage in program.then.iter().chain(own) {
                mark(resolved, wiring, stage, &mut certain);
            }
        }
    }
    certain
}

/// Marks what a stage that needs all of its edges calls.
fn mark(
    resolved: &Resolved<'_>,
    wiring: &Wiring,
    stage: &Stage,
    certain: &mut IdVec<StepId, bool>,
) {
    if (stage.need as usize) < stage.edges.len() {
        return;
    }
    for &edge in &stage.edges {
        let edge = &wiring.edges[edge];
        let is_required = resolved.step(edge.to).required == Required::Required;
        let is_waited_for = match &edge.link {
            // Whoever is called instead does it too; a broker only takes it.
            Link::Call(_) => edge
                .fallback
                .is_none_or(|other| matches!(wiring.edges[other].link, Link::Call(_))),
            Link::Publish(publish) => publish.awaits_reply,
        };
        if is_required && is_waited_for {
            certain[edge.to] = true;
        }
    }
}

fn check_flow(
    scenario: &Scenario,
    resolved: &Resolved<'_>,
    reach: &Reach<'_>,
    certain: &IdVec<StepId, bool>,
    flow: FlowId,
    mistakes: &mut Mistakes,
) {
    let Some((steps, places)) = needs(scenario, resolved, flow, mistakes) else {
        return;
    };
    // Those behind a message, by what put them there.
    let mut early: BTreeMap<Option<Place>, Vec<StepId>> = BTreeMap::new();
    for (&step, &place) in steps.iter().zip(&places) {
        if certain[step] {
            continue;
        }
        match weakness(resolved, reach, flow, step) {
            Weakness::Optional(optional) => {
                let message = format!(
                    "the answer needs `{}`, but `{}` is optional",
                    resolved.name(step),
                    resolved.name(optional)
                );
                mistakes
                    .error(codes::TOO_EARLY, place, message)
                    .help("drop `optional: true`, or the step in `answer_needs`");
            }
            Weakness::Quorum(member) => {
                let name = resolved.name(member);
                let message = format!(
                    "the answer needs `{}`, but its group goes on without `{name}`",
                    resolved.name(step)
                );
                mistakes
                    .error(codes::TOO_EARLY, place, message)
                    .help("make the group `need: all`, or drop the step in `answer_needs`");
            }
            Weakness::AnswerAfter(blame) | Weakness::Override(blame) => {
                early.entry(Some(blame)).or_default().push(step);
            }
            Weakness::Message => early.entry(place).or_default().push(step),
        }
    }
    for (blame, steps) in early {
        report(scenario, resolved, reach, flow, (blame, &steps), mistakes);
    }
}

/// What the answer of a flow needs, and where that was written; the entry if nothing was.
fn needs(
    scenario: &Scenario,
    resolved: &Resolved<'_>,
    flow: FlowId,
    mistakes: &mut Mistakes,
) -> Option<(Vec<StepId>, Vec<Option<Place>>)> {
    let Some(written) = &scenario.flows[flow.idx()].value.answer_needs else {
        let entry = resolved.system.flows[flow].entry;
        let note = resolved.steps.get(entry)?;
        return Some((vec![entry], vec![Some(note.written.name.place)]));
    };
    let index = &resolved.index.steps[flow];
    let mut steps = Vec::new();
    let mut places = Vec::new();
    for name in written {
        if let Some(&step) = index.get(name.value.as_str()) {
            steps.push(step);
            places.push(Some(name.place));
        } else {
            mistakes.unknown(
                codes::UNKNOWN,
                name.place,
                "step",
                &name.value,
                index.keys().copied(),
            );
        }
    }
    Some((steps, places))
}

/// Why a step is not sure to be done before the answer.
enum Weakness {
    /// It, or a step it is part of, may fail.
    Optional(StepId),
    /// It, or a step it is part of, may be left behind.
    Quorum(StepId),
    /// `answer_after` names an earlier step.
    AnswerAfter(Place),
    /// A step on the way, or itself, was put behind a message.
    Override(Place),
    /// It is behind a message by the shape of the wiring.
    Message,
}

fn weakness(resolved: &Resolved<'_>, reach: &Reach<'_>, flow: FlowId, step: StepId) -> Weakness {
    let mut own = Some(step);
    while let Some(part) = own {
        let note = &resolved.steps[part];
        if !resolved.is_required(part) {
            return Weakness::Optional(part);
        }
        if note.quorum == crate::compile::resolve::Quorum::Some {
            return Weakness::Quorum(part);
        }
        own = note.parent;
    }
    let item_idx = resolved.steps[step].item_idx;
    if let Some(after) = reach.answer_after[flow]
        && let Some(after_step) = resolved.index.steps[flow].get(after.value.as_str())
        && resolved.steps[*after_step].item_idx < item_idx
    {
        return Weakness::AnswerAfter(after.place);
    }
    let on_the_way = resolved
        .steps_of(flow)
        .take_while(|&other| resolved.steps[other].item_idx <= item_idx);
    for other in on_the_way.filter(|&other| matches!(reach.steps[other], Way::Message(_))) {
        let written = reach
            .overrides
            .get(resolved.name(other))
            .and_then(|entry| entry.value.wiring.as_ref());
        if let Some(written) = written {
            return Weakness::Override(written.place);
        }
    }
    Weakness::Message
}

/// Says that the answer comes before some steps.
fn report(
    scenario: &Scenario,
    resolved: &Resolved<'_>,
    reach: &Reach<'_>,
    flow: FlowId,
    (blame, steps): (Option<Place>, &[StepId]),
    mistakes: &mut Mistakes,
) {
    let names: Vec<&str> = steps.iter().map(|&step| resolved.name(step)).collect();
    let verb = if names.len() == 1 { "is" } else { "are" };
    let message = format!(
        "the client of `{}` is answered before {} {verb} sure to be done",
        scenario.flows[flow.idx()].name,
        listed(&names)
    );
    let note = mistakes.error(codes::TOO_EARLY, blame, message);
    let is_after = |after: &crate::scenario::Spanned<String>| Some(after.place) == blame;
    if reach.answer_after[flow].is_some_and(is_after) {
        let last = steps
            .iter()
            .max_by_key(|&&step| resolved.steps[step].item_idx);
        let root = last.map(|&step| resolved.name(root_of(resolved, step)));
        let first_allowed = root.unwrap_or_default();
        note.label("the flow's `answer_needs` asks for more")
            .help(format!(
                "the first step that is late enough: `answer_after: {first_allowed}`"
            ));
    } else {
        note.help("reach it and every step before it by calls, or drop it in `answer_needs`");
    }
}

/// The step of the flow's own list that `step` is part of.
fn root_of(resolved: &Resolved<'_>, mut step: StepId) -> StepId {
    while let Some(parent) = resolved.steps[step].parent {
        step = parent;
    }
    step
}
