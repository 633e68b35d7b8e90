//! `--overlay FILE`: files with changes, laid over the scenario one after another (RFC 7396).
//!
//! A variant is an overlay itself, of the blocks and of what it extends: there, a null is kept until that is put together.

use super::codes;
use super::tree::{Node, Pair, What};
use super::{files, yaml};
use crate::diagnostic::{Diagnostic, Sources};
use std::path::{Path, PathBuf};

/// Lays every overlay over the scenario, in order.
pub(super) fn apply(
    root: &mut Node,
    overlays: &[PathBuf],
    sources: &mut Sources,
    diagnostics: &mut Vec<Diagnostic>,
) {
    for path in overlays {
        let name = path.display().to_string();
        let text = match files::read(Path::new(""), &name) {
            Ok(text) => text,
            Err(cause) => {
                diagnostics.push(Diagnostic::error(codes::BAD_OVERLAY, cause));
                continue;
            }
        };
        let file = sources.add(&name, &text);
        let Some(overlay) = yaml::parse(file, &text, 0, diagnostics) else {
            continue;
        };
        if matches!(overlay.what, What::Map(_)) {
            lay(root, &overlay);
        } else {
            let message = format!("an overlay is a map, not {}", overlay.shape());
            let error = Diagnostic::error(codes::BAD_OVERLAY, message).at(overlay.place);
            diagnostics.push(error);
        }
    }
}

/// Lays one over.
fn lay(root: &mut Node, overlay: &Node) {
    let place = root.place;
    let is_variants = |pair: &&Pair| pair.key == "variants";
    let (variants, others): (Vec<&Pair>, Vec<&Pair>) = overlay
        .pairs()
        .unwrap_or_default()
        .iter()
        .partition(is_variants);
    let map = |pairs: Vec<&Pair>| Node {
        place,
        what: What::Map(pairs.into_iter().cloned().collect()),
    };
    root.merge(&map(others));
    let What::Map(pairs) = &mut root.what else {
        return;
    };
    for change in variants {
        let own = pairs.iter_mut().find(|pair| pair.key == change.key);
        match (own, change.value.pairs()) {
            (Some(own), Some(of_variants)) if own.value.pairs().is_some() => {
                own.value.place = change.value.place;
                for variant in of_variants {
                    lay_variant(&mut own.value, variant);
                }
            }
            (Some(own), _) => own.value = change.value.clone(),
            (None, _) => pairs.push(change.clone()),
        }
    }
}

/// Changes one variant: a null takes it away, a map goes on top of what it is.
fn lay_variant(variants: &mut Node, change: &Pair) {
    let What::Map(own) = &mut variants.what else {
        return;
    };
    let found = own.iter().position(|pair| pair.key == change.key);
    match (found, &change.value.what) {
        (Some(at), What::Null) => {
            own.remove(at);
        }
        (Some(at), _) => own[at].value.compose(&change.value),
        (None, What::Null) => {}
        (None, _) => own.push(change.clone()),
    }
}
