//! The passes of reading: YAML, changes from outside, views, checks, types.

use std::collections::BTreeSet;
use std::path::Path;

use super::check::Checker;
use super::codes;
use super::grammar::top::FILE;
use super::grammar::wiring::VARIANT;
use super::show::{self, Checked};
use super::suggest::{all_of, closest};
use super::tree::{Node, What};
use super::value::Value;
use super::views::{self, View};
use super::{Changes, Draft, Reading, Scenario, extract, lint, overlay, set, yaml};
use crate::diagnostic::{Diagnostic, Severity, Sources, help_all};

/// See [`super::read_draft`].
pub(super) fn draft(sources: &mut Sources, name: &str, text: &str, changes: &Changes) -> Draft {
    let mut diagnostics = Vec::new();
    let file = sources.add(name, text);
    let draft = yaml::parse(file, text, 0, &mut diagnostics)
        .and_then(|root| tree(root, sources, name, changes, &mut diagnostics));
    let mut draft = draft.unwrap_or_default();
    draft.diagnostics = once_each(diagnostics);
    if has_error(&draft.diagnostics) {
        draft.reading = None;
    }
    draft
}

fn has_error(diagnostics: &[Diagnostic]) -> bool {
    diagnostics
        .iter()
        .any(|diagnostic| diagnostic.severity == Severity::Error)
}

/// Every name that a file, or a variant's overlay of it, declares: entries of its blocks (into `names`), and steps.
fn declared(root: &Node, names: &mut BTreeSet<String>, steps: &mut BTreeSet<String>) {
    for block in ["flows", "services", "brokers", "traffic", "faults"] {
        for pair in root.get(block).and_then(Node::pairs).unwrap_or_default() {
            names.insert(pair.key.clone());
            if let Some(written) = pair.value.get("steps").filter(|_| block == "flows") {
                step_names(written, steps);
            }
        }
    }
    for pair in root
        .get("variants")
        .and_then(Node::pairs)
        .unwrap_or_default()
    {
        declared(&pair.value, names, steps);
    }
}

fn step_names(node: &Node, names: &mut BTreeSet<String>) {
    match &node.what {
        What::List(nodes) => nodes.iter().for_each(|node| step_names(node, names)),
        What::Scalar(scalar) => {
            names.insert(scalar.text.clone());
        }
        What::Map(pairs) => {
            for pair in pairs {
                names.insert(pair.key.clone());
                if let Some(then) = pair.value.get("then") {
                    step_names(then, names);
                }
                if matches!(pair.value.what, What::List(_)) {
                    step_names(&pair.value, names);
                }
            }
        }
        _ => {}
    }
}

fn tree(
    mut root: Node,
    sources: &mut Sources,
    name: &str,
    changes: &Changes,
    diagnostics: &mut Vec<Diagnostic>,
) -> Option<Draft> {
    if !matches!(root.what, What::Map(_)) {
        let message = format!("a scenario is a map, not {}", root.shape());
        diagnostics.push(Diagnostic::error(codes::WRONG_SHAPE, message).at(root.place));
        return None;
    }
    overlay::apply(&mut root, &changes.overlays, sources, diagnostics);
    let (mut entries, mut steps) = (BTreeSet::new(), BTreeSet::new());
    declared(&root, &mut entries, &mut steps);
    set::apply(&mut root, &changes.set, sources, diagnostics);
    lint::lint(&mut root, diagnostics);
    sourced(&root, diagnostics);
    let mut views = views::views(&root, diagnostics);
    let kept = kept(&views, &changes.variants, diagnostics);
    let folder = Path::new(name).parent().unwrap_or(Path::new(""));
    let mut checker = Checker {
        diagnostics,
        folder,
        whole: views.is_empty(),
    };
    let base = checker.record(&FILE, &root, "the scenario", None);
    // Parents first, so that an inherited mistake is reported as theirs.
    let mut order: Vec<usize> = (0..views.len()).collect();
    order.sort_by_key(|&nth| views[nth].depth);
    let mut values: Vec<Option<(Value, Value)>> = vec![None; views.len()];
    for nth in order {
        values[nth] = check_view(&mut checker, &views[nth]);
    }
    let failed = has_error(diagnostics);
    let stem = stem_of(name);
    let mut draft = Draft {
        declared: entries.union(&steps).cloned().collect(),
        entries,
        ..Draft::default()
    };
    let faults = entries_of(&root, "faults");
    let mut shown = Vec::new();
    for (view, value) in views.drain(..).zip(values) {
        let Some((blocks, wiring)) = value.filter(|_| kept.contains(&view.name)) else {
            continue;
        };
        let mut scenario = extract::scenario(&stem, &view.name, view.key_place, &blocks, &wiring);
        unbind(&mut scenario, &faults);
        draft.views.push(scenario);
        shown.push(Checked {
            name: view.name,
            blocks,
            wiring,
        });
    }
    if !failed {
        let (resolved, text) = show::show(&base?, &shown, &stem, sources);
        draft.reading = Some(Reading {
            views: draft.views.clone(),
            resolved,
            shown: text,
        });
    }
    Some(draft)
}

/// Every path under `sources` leads to something that the file writes.
fn sourced(root: &Node, diagnostics: &mut Vec<Diagnostic>) {
    let pairs = root
        .get("sources")
        .and_then(Node::pairs)
        .unwrap_or_default();
    for pair in pairs {
        let mut keys = pair.key.split('.').map(|key| key.trim_matches('"'));
        if keys.try_fold(root, |node, key| node.get(key)).is_none() {
            let message = format!(
                "`sources` names `{}`, which the file does not write",
                pair.key
            );
            let error = Diagnostic::error(codes::UNKNOWN_FIELD, message).at(pair.key_place);
            diagnostics.push(error.help(
                "a path is made of the keys of the file, joined by dots, e.g. `services.shop.service_time`",
            ));
        }
    }
}

/// The names in one block of the file.
fn entries_of<'a>(root: &'a Node, block: &str) -> BTreeSet<&'a str> {
    let pairs = root.get(block).and_then(Node::pairs).unwrap_or_default();
    pairs.iter().map(|pair| pair.key.as_str()).collect()
}

/// An SLO line about a fault of the file that the variant has taken away (`faults: { x: null }`) does not bind it.
fn unbind(view: &mut Scenario, faults: &BTreeSet<&str>) {
    let is_taken =
        |name: &str| faults.contains(name) && view.faults.iter().all(|fault| fault.name != name);
    view.slo.retain(|line| {
        let line = &line.value;
        let argument = line
            .argument
            .iter()
            .filter(|_| line.metric.value == "recovery");
        let scope = line.scope.iter().map(|(_, fault)| fault);
        !argument.chain(scope).any(|fault| is_taken(&fault.value))
    });
}

fn check_view(checker: &mut Checker<'_>, view: &View) -> Option<(Value, Value)> {
    checker.whole = view.sound;
    let owner = format!("variant `{}`", view.name);
    let wiring = checker.record(&VARIANT, &view.wiring, &owner, Some(view.key_place));
    let blocks = checker.record(&FILE, &view.blocks, "the scenario", None);
    Some((blocks?, wiring?))
}

/// The names of the variants to keep.
fn kept(views: &[View], wanted: &[String], diagnostics: &mut Vec<Diagnostic>) -> BTreeSet<String> {
    let names = || views.iter().map(|view| view.name.as_str());
    for wanted in wanted {
        if !views.is_empty() && !names().any(|name| name == wanted) {
            let message = format!("`--variant {wanted}` names no variant");
            let error = Diagnostic::error(codes::UNKNOWN_VARIANT, message);
            diagnostics.push(error.help(match closest(wanted, names()) {
                Some(name) => format!("did you mean `{name}`?"),
                None => format!("the variants are {}", all_of(names())),
            }));
        }
    }
    let keep = |name: &&str| wanted.is_empty() || wanted.iter().any(|wanted| wanted == name);
    names().filter(keep).map(str::to_owned).collect()
}

/// The same text seen through several variants is one mistake.
fn once_each(diagnostics: Vec<Diagnostic>) -> Vec<Diagnostic> {
    let mut seen = BTreeSet::new();
    let mut kept: Vec<Diagnostic> = diagnostics
        .into_iter()
        .filter(|diagnostic| {
            let names_what = matches!(diagnostic.code, codes::MISSING | codes::CONTRADICTION);
            let told_apart = names_what || diagnostic.place.is_none();
            let message = told_apart.then(|| diagnostic.message.clone());
            seen.insert((diagnostic.code, diagnostic.place, message))
        })
        .collect();
    kept.sort_by_key(|diagnostic| diagnostic.place);
    help_all(&mut kept, codes::CODES);
    kept
}

/// `scenarios/order_checkout.yaml` → `order_checkout`.
fn stem_of(name: &str) -> String {
    let stem = Path::new(name).file_stem().and_then(|stem| stem.to_str());
    match stem {
        Some("-") | None => "scenario".to_owned(),
        Some(stem) if stem.starts_with('<') => "scenario".to_owned(),
        Some(stem) => stem.to_owned(),
    }
}
