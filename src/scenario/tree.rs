//! The file as a tree: scalars as written, lists, maps in file order, each with its place. Knows no grammar and no YAML.

use crate::diagnostic::Place;

/// Something written, and where.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Node {
    /// Where: a scalar with its quotes, a collection with its brackets.
    pub(super) place: Place,
    /// What.
    pub(super) what: What,
}

/// What was written.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum What {
    /// Nothing, `~` or `null`: in an overlay it deletes.
    Null,
    /// A mistake that was reported already: later passes step over it in silence.
    Broken,
    /// Anything else without brackets.
    Scalar(Scalar),
    /// A list.
    List(Vec<Node>),
    /// A map, in file order, without two equal keys.
    Map(Vec<Pair>),
}

/// A scalar's text as written, quotes and escapes resolved.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Scalar {
    /// The text.
    pub(super) text: String,
    /// Was it in quotes (or a block scalar)?
    pub(super) quoted: bool,
}

/// An entry of a map.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Pair {
    /// The key.
    pub(super) key: String,
    /// Where the key stands.
    pub(super) key_place: Place,
    /// What it holds.
    pub(super) value: Node,
}

/// What a null of an overlay does.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Nulls {
    /// It deletes.
    Delete,
    /// It stays, to delete later.
    Keep,
}

impl Node {
    /// An empty map standing at `place`.
    pub(super) fn empty_map(place: Place) -> Self {
        Self {
            place,
            what: What::Map(Vec::new()),
        }
    }

    /// A plain scalar.
    pub(super) fn plain(place: Place, text: &str) -> Self {
        let scalar = Scalar {
            text: text.to_owned(),
            quoted: false,
        };
        Self {
            place,
            what: What::Scalar(scalar),
        }
    }

    /// The scalar's text, if it is one.
    pub(super) fn text(&self) -> Option<&str> {
        match &self.what {
            What::Scalar(scalar) => Some(&scalar.text),
            _ => None,
        }
    }

    /// The entries, if it is a map.
    pub(super) fn pairs(&self) -> Option<&[Pair]> {
        match &self.what {
            What::Map(pairs) => Some(pairs),
            _ => None,
        }
    }

    /// The entry of that key, if it is a map that has it.
    pub(super) fn pair(&self, key: &str) -> Option<&Pair> {
        self.pairs()?.iter().find(|pair| pair.key == key)
    }

    /// What the key holds, if it is a map that has it.
    pub(super) fn get(&self, key: &str) -> Option<&Self> {
        self.pair(key).map(|pair| &pair.value)
    }

    /// "a map", "a list", "a value", for messages.
    pub(super) fn shape(&self) -> &'static str {
        match &self.what {
            What::Null | What::Broken => "nothing",
            What::Scalar(_) => "a single value",
            What::List(_) => "a list",
            What::Map(_) => "a map",
        }
    }

    /// The place of `text[start..end]` of a scalar; the whole scalar where escapes or aliases hide it.
    pub(super) fn part(&self, start: usize, end: usize) -> Place {
        let What::Scalar(scalar) = &self.what else {
            return self.place;
        };
        let width = (self.place.end - self.place.start) as usize;
        let quotes = match width.checked_sub(scalar.text.len()) {
            Some(0) => 0,
            Some(2) if scalar.quoted => 1,
            _ => return self.place,
        };
        let byte = |at: usize| self.place.start + u32::try_from(at + quotes).unwrap_or(0);
        Place {
            start: byte(start),
            end: byte(end),
            ..self.place
        }
    }

    /// Merges an overlay into this node: maps merge, scalars and lists replace, null deletes.
    /// Source: RFC 7396, "JSON Merge Patch", section 2. Kept keys keep their place; what is new or changed
    /// has the overlay's.
    pub(super) fn merge(&mut self, patch: &Self) {
        self.merge_with(patch, Nulls::Delete);
    }

    /// Merges an overlay into what is itself an overlay: whatever both are laid over comes out as if laid over one after the
    /// other, for a null of the later one still has to delete what is underneath.
    pub(super) fn compose(&mut self, patch: &Self) {
        self.merge_with(patch, Nulls::Keep);
    }

    fn merge_with(&mut self, patch: &Self, nulls: Nulls) {
        let What::Map(changes) = &patch.what else {
            *self = patch.clone();
            return;
        };
        if !matches!(self.what, What::Map(_)) {
            *self = Self::empty_map(patch.place);
        }
        self.place = patch.place;
        let What::Map(pairs) = &mut self.what else {
            unreachable!("made a map just above");
        };
        for change in changes {
            let found = pairs.iter().position(|pair| pair.key == change.key);
            match (found, &change.value.what, nulls) {
                (Some(at), What::Null, Nulls::Delete) => {
                    pairs.remove(at);
                }
                (None, What::Null, Nulls::Delete) => {}
                (Some(at), ..) => pairs[at].value.merge_with(&change.value, nulls),
                (None, ..) => {
                    let mut value = Self::empty_map(change.value.place);
                    value.merge_with(&change.value, nulls);
                    pairs.push(Pair {
                        value,
                        ..change.clone()
                    });
                }
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::super::yaml;
    use super::*;

    fn plain(node: &Node) -> serde_json::Value {
        match &node.what {
            What::Null | What::Broken => serde_json::Value::Null,
            What::Scalar(scalar) => serde_json::Value::String(scalar.text.clone()),
            What::List(items) => items.iter().map(plain).collect(),
            What::Map(pairs) => pairs
                .iter()
                .map(|pair| (pair.key.clone(), plain(&pair.value)))
                .collect(),
        }
    }

    fn read(text: &str) -> Node {
        let mut diagnostics = Vec::new();
        let node = yaml::parse(0, text, 0, &mut diagnostics);
        assert_eq!(diagnostics, Vec::new(), "{text}");
        node.expect("valid YAML")
    }

    #[test]
    fn overlays_merge_as_in_the_appendix_of_the_rfc() {
        // RFC 7396, appendix A: original, patch, result.
        for (original, patch, result) in [
            ("{a: b}", "{a: c}", "{a: c}"),
            ("{a: b}", "{b: c}", "{a: b, b: c}"),
            ("{a: b}", "{a: null}", "{}"),
            ("{a: b, b: c}", "{a: null}", "{b: c}"),
            ("{a: [b]}", "{a: c}", "{a: c}"),
            ("{a: c}", "{a: [b]}", "{a: [b]}"),
            ("{a: {b: c}}", "{a: {b: d, c: null}}", "{a: {b: d}}"),
            ("{a: [{b: c}]}", "{a: [1]}", "{a: [1]}"),
            ("[a, b]", "[c, d]", "[c, d]"),
            ("{a: b}", "[c]", "[c]"),
            ("{e: null}", "{a: 1}", "{e: null, a: 1}"),
            ("[1, 2]", "{a: b, c: null}", "{a: b}"),
            ("{}", "{a: {bb: {ccc: null}}}", "{a: {bb: {}}}"),
        ] {
            let mut node = read(original);
            node.merge(&read(patch));
            assert_eq!(plain(&node), plain(&read(result)), "{original} + {patch}");
        }
    }
}
