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
use super::{Changes, Reading, extract, lint, set, yaml};
use crate::diagnostic::{Diagnostic, Severity, Sources};

/// See [`super::read`].
pub(super) fn read(
    sources: &mut Sources,
    name: &str,
    text: &str,
    changes: &Changes,
) -> (Option<Reading>, Vec<Diagnostic>) {
    let mut diagnostics = Vec::new();
    let file = sources.add(name, text);
    let reading = yaml::parse(file, text, 0, &mut diagnostics)
        .and_then(|root| tree(root, sources, name, changes, &mut diagnostics));
    let diagnostics = once_each(diagnostics);
    let failed = diagnostics
        .iter()
        .any(|diagnostic| diagnostic.severity == Severity::Error);
    (reading.filter(|_| !failed), diagnostics)
}

fn tree(
    mut root: Node,
    sources: &mut Sources,
    name: &str,
    changes: &Changes,
    diagnostics: &mut Vec<Diagnostic>,
) -> Option<Reading> {
    if !matches!(root.what, What::Map(_)) {
        let message = format!("a scenario is a map, not {}", root.shape());
        diagnostics.push(Diagnostic::error(codes::WRONG_SHAPE, message).at(root.place));
        return None;
    }
    set::apply(&mut root, &changes.set, sources, diagnostics);
    lint::lint(&mut root, diagnostics);
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
    let failed = diagnostics
        .iter()
        .any(|diagnostic| diagnostic.severity == Severity::Error);
    if failed {
        return None;
    }
    let stem = stem_of(name);
    let mut scenarios = Vec::new();
    let mut shown = Vec::new();
    for (view, value) in views.drain(..).zip(values) {
        let (blocks, wiring) = value?;
        if !kept.contains(&view.name) {
            continue;
        }
        scenarios.push(extract::scenario(
            &stem,
            &view.name,
            view.key_place,
            &blocks,
            &wiring,
        )?);
        shown.push(Checked {
            name: view.name,
            blocks,
            wiring,
        });
    }
    let (resolved, text) = show::show(&base?, &shown, &stem, sources);
    Some(Reading {
        views: scenarios,
        resolved,
        shown: text,
    })
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
