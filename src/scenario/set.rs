//! `--set PATH=VALUE`: changes to the tree from outside the file.

use super::codes;
use super::grammar::top::{FILE, OVERLAYS};
use super::grammar::wiring::VARIANT;
use super::grammar::{Keys, Kind, Record};
use super::suggest::{all_of, closest};
use super::tree::{Node, Pair, What};
use super::yaml;
use crate::diagnostic::{Diagnostic, Place, Sources};

/// The name under which the changes stand among the sources.
pub(super) const NAME: &str = "--set";

/// A word of a path.
#[derive(Clone, Debug)]
struct Segment {
    text: String,
    place: Place,
}

/// Where in the grammar a path has come to.
#[derive(Clone, Copy)]
enum Spot {
    Record(&'static Record),
    Kind(&'static Kind),
    Variants,
    Variant,
    Elsewhere,
}

/// Applies every change in order.
pub(super) fn apply(
    root: &mut Node,
    set: &[String],
    sources: &mut Sources,
    diagnostics: &mut Vec<Diagnostic>,
) {
    if set.is_empty() {
        return;
    }
    let text = set.join("\n");
    let file = sources.add(NAME, &text);
    let mut start = 0;
    for change in set {
        if let Err(mistake) = one(root, change, file, start, diagnostics) {
            diagnostics.push(*mistake);
        }
        start += change.len() + 1;
    }
}

fn one(
    root: &mut Node,
    change: &str,
    file: u16,
    start: usize,
    diagnostics: &mut Vec<Diagnostic>,
) -> Result<(), Box<Diagnostic>> {
    let place = |from: usize, to: usize| Place {
        file,
        start: u32::try_from(start + from).unwrap_or(u32::MAX),
        end: u32::try_from(start + to).unwrap_or(u32::MAX),
    };
    let wrong = |message: &str, at: Place| {
        let error = Diagnostic::error(codes::BAD_SET, message).at(at);
        Box::new(error.help("write `PATH=VALUE`, like `variants.sync.calls.\"*\".timeout=1s`"))
    };
    let mut segments = Vec::new();
    let mut at = 0;
    loop {
        let rest = &change[at..];
        let (text, n) = if let Some(quoted) = rest.strip_prefix('"') {
            match quoted.find('"') {
                Some(end) => (&quoted[..end], end + 2),
                None => return Err(wrong("a quote is not closed", place(at, change.len()))),
            }
        } else {
            let end = rest.find(['.', '=']).unwrap_or(rest.len());
            (&rest[..end], end)
        };
        if text.trim().is_empty() {
            return Err(wrong(
                "a key is missing in the path",
                place(at, (at + 1).min(change.len())),
            ));
        }
        segments.push(Segment {
            text: text.trim().to_owned(),
            place: place(at, at + n),
        });
        at += n;
        match change[at..].chars().next() {
            Some('.') => at += 1,
            Some('=') => break,
            _ => return Err(wrong("there is no `=` in it", place(0, change.len()))),
        }
    }
    let written = &change[at + 1..];
    let mut value = if written.trim().is_empty() {
        return Err(wrong("there is no value after `=`", place(at, at + 1)));
    } else {
        match yaml::parse(file, written, start + at + 1, diagnostics) {
            Some(value) => value,
            None => return Ok(()),
        }
    };
    value.place.end = value.place.end.max(value.place.start);
    let names = Names(root.clone());
    put(root, &segments, value, Spot::Record(&FILE), &names)
}

/// The file before the change, to look names up that only another block has.
struct Names(Node);

fn put(
    node: &mut Node,
    segments: &[Segment],
    value: Node,
    spot: Spot,
    names: &Names,
) -> Result<(), Box<Diagnostic>> {
    let Some((segment, rest)) = segments.split_first() else {
        *node = value;
        return Ok(());
    };
    if let What::List(items) = &mut node.what {
        let n_items = items.len();
        let index = segment.text.parse::<usize>().ok();
        let Some(item) = index.and_then(|index| items.get_mut(index)) else {
            let message = format!("`{}` is not an item of the list", segment.text);
            let error = Diagnostic::error(codes::BAD_SET, message).at(segment.place);
            return Err(Box::new(
                error.help(format!("its items are 0 to {}", n_items.saturating_sub(1))),
            ));
        };
        return put(item, rest, value, Spot::Elsewhere, names);
    }
    if !matches!(node.what, What::Map(_)) {
        *node = Node::empty_map(segment.place);
    }
    let What::Map(pairs) = &mut node.what else {
        unreachable!("made a map just above");
    };
    let found = pairs.iter().position(|pair| pair.key == segment.text);
    if found.is_none() && !rest.is_empty() {
        known(spot, segment, pairs, names)?;
    }
    let next = step(spot, &segment.text);
    if let (Some(at), [], What::Null, false) =
        (found, rest, &value.what, matches!(spot, Spot::Variant))
    {
        pairs.remove(at);
        return Ok(());
    }
    let at = found.unwrap_or_else(|| {
        pairs.push(Pair {
            key: segment.text.clone(),
            key_place: segment.place,
            value: Node::empty_map(segment.place),
        });
        pairs.len() - 1
    });
    put(&mut pairs[at].value, rest, value, next, names)
}

/// Refuses a path through a name that does not exist.
fn known(
    spot: Spot,
    segment: &Segment,
    pairs: &[Pair],
    names: &Names,
) -> Result<(), Box<Diagnostic>> {
    let by_name = match spot {
        Spot::Kind(Kind::Map(_, keys)) => *keys == Keys::Names,
        Spot::Variants | Spot::Kind(Kind::SloMap) => true,
        _ => false,
    };
    if !by_name {
        return Ok(());
    }
    let mut known: Vec<&str> = pairs.iter().map(|pair| pair.key.as_str()).collect();
    // An overlay within a variant may change what only the file's own block has.
    for block in OVERLAYS {
        if let (Spot::Kind(kind), Some(field)) = (spot, FILE.field(block))
            && std::ptr::eq(kind, &raw const field.kind)
            && let Some(pairs) = names.0.get(block).and_then(Node::pairs)
        {
            known.extend(pairs.iter().map(|pair| pair.key.as_str()));
        }
    }
    if known.contains(&segment.text.as_str()) {
        return Ok(());
    }
    let message = format!("there is no `{}` here", segment.text);
    let error = Diagnostic::error(codes::BAD_SET, message).at(segment.place);
    Err(Box::new(error.help(
        match closest(&segment.text, known.iter().copied()) {
            Some(name) => format!("did you mean `{name}`?"),
            None => format!("there are {}", all_of(known.iter().copied())),
        },
    )))
}

/// Where the next word of the path leads.
fn step(spot: Spot, key: &str) -> Spot {
    let field = |record: &'static Record| match record.field(key).map(|field| &field.kind) {
        Some(Kind::Record(record) | Kind::NoneOr(record)) => Spot::Record(record),
        Some(Kind::Variants) => Spot::Variants,
        Some(kind) => Spot::Kind(kind),
        None => Spot::Elsewhere,
    };
    match spot {
        Spot::Record(record) => field(record),
        Spot::Kind(Kind::Map(record, _)) => Spot::Record(record),
        Spot::Variants => Spot::Variant,
        Spot::Variant if OVERLAYS.contains(&key) => field(&FILE),
        Spot::Variant => field(&VARIANT),
        Spot::Kind(_) | Spot::Elsewhere => Spot::Elsewhere,
    }
}
