//! From one file with variants to one tree for each variant: `extends` resolved, overlays of blocks applied.

use std::collections::BTreeSet;

use super::check::is_name;
use super::codes;
use super::grammar::top::OVERLAYS;
use super::suggest::{all_of, closest};
use super::tree::{Node, Pair, What};
use crate::diagnostic::{Diagnostic, Place};

/// What one variant sees.
#[derive(Clone, Debug)]
pub(super) struct View {
    /// The variant's name.
    pub(super) name: String,
    /// Where its name stands.
    pub(super) key_place: Place,
    /// How many variants it is built upon: checked in this order, mistakes are reported where they were made.
    pub(super) depth: usize,
    /// Does everything it extends exist?
    pub(super) sound: bool,
    /// Every block of the file as the variant sees it.
    pub(super) blocks: Node,
    /// The wiring keys.
    pub(super) wiring: Node,
}

/// The views of a file, in file order.
pub(super) fn views(root: &Node, diagnostics: &mut Vec<Diagnostic>) -> Vec<View> {
    let Some(variants) = root.get("variants") else {
        return Vec::new();
    };
    let Some(pairs) = variants.pairs() else {
        if variants.what != What::Broken {
            let message = format!("`variants` takes a map of names, not {}", variants.shape());
            diagnostics.push(Diagnostic::error(codes::WRONG_SHAPE, message).at(variants.place));
        }
        return Vec::new();
    };
    let mut in_circle = BTreeSet::new();
    let mut views = Vec::new();
    for pair in pairs {
        if !is_name(&pair.key) {
            let message = format!("`{}` is not a name", pair.key);
            let error = Diagnostic::error(codes::BAD_NAME, message).at(pair.key_place);
            diagnostics.push(error.help("names begin with a letter: a-z, 0-9 and _"));
            continue;
        }
        match &pair.value.what {
            What::Map(_) => views.push(view(root, pairs, pair, &mut in_circle, diagnostics)),
            What::Broken => {}
            What::Null => {
                let message = format!("`{}` has no value", pair.key);
                let error = Diagnostic::error(codes::EMPTY, message).at(pair.key_place);
                diagnostics.push(error.help("a variant needs `wiring: sync` or `wiring: async`"));
            }
            _ => {
                let message = format!(
                    "variant `{}` takes a map, not {}",
                    pair.key,
                    pair.value.shape()
                );
                diagnostics
                    .push(Diagnostic::error(codes::WRONG_SHAPE, message).at(pair.value.place));
            }
        }
    }
    views
}

fn view<'a>(
    root: &Node,
    pairs: &'a [Pair],
    pair: &'a Pair,
    in_circle: &mut BTreeSet<&'a str>,
    diagnostics: &mut Vec<Diagnostic>,
) -> View {
    let (chain, sound) = chain(pairs, pair, in_circle, diagnostics);
    let mut blocks = root.clone();
    if let What::Map(keys) = &mut blocks.what {
        for key in keys.iter_mut().filter(|key| key.key == "variants") {
            key.value.what = What::Broken;
        }
    }
    let mut wiring = Node::empty_map(pair.value.place);
    for ancestor in chain.iter().rev() {
        let is_own = ancestor.key == pair.key;
        let is_wiring =
            |key: &str| !is_overlay(key) && key != "extends" && (is_own || key != "title");
        blocks.merge(&only(&ancestor.value, is_overlay));
        wiring.merge(&only(&ancestor.value, is_wiring));
    }
    View {
        name: pair.key.clone(),
        key_place: pair.key_place,
        depth: chain.len(),
        sound,
        blocks,
        wiring,
    }
}

fn is_overlay(key: &str) -> bool {
    OVERLAYS.contains(&key)
}

/// A map with those of its keys that are wanted.
fn only(map: &Node, wanted: impl Fn(&str) -> bool) -> Node {
    let pairs = map.pairs().unwrap_or_default().iter();
    let pairs = pairs.filter(|pair| wanted(&pair.key)).cloned();
    Node {
        place: map.place,
        what: What::Map(pairs.collect()),
    }
}

/// A variant and what it extends, nearest first; and whether all of it exists.
fn chain<'a>(
    pairs: &'a [Pair],
    pair: &'a Pair,
    in_circle: &mut BTreeSet<&'a str>,
    diagnostics: &mut Vec<Diagnostic>,
) -> (Vec<&'a Pair>, bool) {
    let mut chain = vec![pair];
    loop {
        let last = chain[chain.len() - 1];
        let Some(extends) = last.value.get("extends") else {
            return (chain, true);
        };
        let Some(name) = extends.text() else {
            if !matches!(extends.what, What::Broken | What::Null) && chain.len() == 1 {
                let message = format!(
                    "`extends` takes the name of a variant, not {}",
                    extends.shape()
                );
                diagnostics.push(Diagnostic::error(codes::WRONG_SHAPE, message).at(extends.place));
            }
            return (chain, extends.what == What::Null);
        };
        let Some(next) = pairs.iter().find(|pair| pair.key == name) else {
            if chain.len() == 1 {
                let others = || {
                    pairs
                        .iter()
                        .map(|pair| pair.key.as_str())
                        .filter(|key| *key != pair.key)
                };
                let message = format!(
                    "variant `{}` extends `{name}`, which does not exist",
                    pair.key
                );
                let error = Diagnostic::error(codes::DANGLING_EXTENDS, message).at(extends.place);
                diagnostics.push(error.help(match closest(name, others()) {
                    Some(meant) => format!("did you mean `{meant}`?"),
                    None => format!("the other variants are {}", all_of(others())),
                }));
            }
            return (chain, false);
        };
        if chain.iter().any(|earlier| earlier.key == next.key) {
            if in_circle.insert(&next.key) {
                let circle = chain.iter().map(|pair| pair.key.as_str());
                let circle: Vec<&str> = circle.skip_while(|key| *key != next.key).collect();
                in_circle.extend(&circle);
                let message = format!(
                    "variants extend each other in a circle: {} -> {}",
                    circle.join(" -> "),
                    next.key
                );
                let error = Diagnostic::error(codes::CYCLE, message).at(extends.place);
                diagnostics.push(error.help("one of them must stand on its own"));
            }
            return (chain, false);
        }
        chain.push(next);
    }
}
