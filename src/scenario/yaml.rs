//! YAML text to a [`Node`] tree with byte places: the only file that names the YAML library.
//!
//! Hostile text is harmless: size, nesting, entries and the expansion of aliases are bounded, and whatever a scenario
//! does not need (tags, several documents, keys that are no scalars) is refused.

use saphyr::{LoadableYamlNode, MarkedYaml, Scalar as Loaded, ScanError, YamlData};

use super::codes;
use super::tree::{Node, Pair, Scalar, What};
use crate::diagnostic::{Diagnostic, Place};

/// The largest text, in bytes.
const SIZE_MAX: usize = 4 << 20;
/// The deepest nesting of lists and maps.
const DEPTH_MAX: usize = 48;
/// The widest indentation, in columns: what bounds the library's own recursion before it begins.
const INDENT_MAX: usize = 400;
/// The most values, those of expanded aliases counted each time.
const NODES_MAX: usize = 200_000;
/// How many duplicate keys are reported in one pass.
const DUPLICATES_MAX: usize = 20;
/// Replaces the first character of a duplicate key, so that reading can go on: from a private-use plane, one for each.
const MASK: u32 = 0x10_0000;

/// Reads one YAML document. Places are those of `text` plus `offset`, in `file`. `None` after a mistake that leaves no
/// tree; other mistakes leave [`What::Broken`] behind.
pub(super) fn parse(
    file: u16,
    text: &str,
    offset: usize,
    diagnostics: &mut Vec<Diagnostic>,
) -> Option<Node> {
    let (text, offset) = match text.strip_prefix('\u{feff}') {
        Some(rest) => (rest, offset + 3),
        None => (text, offset),
    };
    let mut reading = Reading {
        file,
        offset,
        text,
        bytes: text.char_indices().map(|(at, _)| at).collect(),
        masked: Vec::new(),
        n_nodes: 0,
        diagnostics,
    };
    if !reading.is_harmless() {
        return None;
    }
    reading.bytes.push(text.len());
    reading.load()
}

struct Reading<'a> {
    file: u16,
    offset: usize,
    text: &'a str,
    /// Byte index of each character: the library counts characters.
    bytes: Vec<usize>,
    /// Character indices of duplicate keys already reported.
    masked: Vec<usize>,
    n_nodes: usize,
    diagnostics: &'a mut Vec<Diagnostic>,
}

impl Reading<'_> {
    fn place(&self, start: usize, end: usize) -> Place {
        let byte = |at: usize| u32::try_from(at + self.offset).unwrap_or(u32::MAX);
        Place {
            file: self.file,
            start: byte(start),
            end: byte(end.max(start)),
        }
    }

    fn byte_of(&self, char_idx: usize) -> usize {
        self.bytes.get(char_idx).copied().unwrap_or(self.text.len())
    }

    fn error(&mut self, code: &'static str, place: Place, message: String, help: Option<&str>) {
        let error = Diagnostic::error(code, message).at(place);
        self.diagnostics.push(match help {
            Some(help) => error.help(help),
            None => error,
        });
    }

    /// Checks what must hold before the library may see the text.
    fn is_harmless(&mut self) -> bool {
        let text = self.text;
        if text.len() > SIZE_MAX {
            let message = format!("the file has {} bytes", text.len());
            let help = "a scenario may have 4 MiB at most";
            self.error(codes::LIMIT, self.place(0, 0), message, Some(help));
            return false;
        }
        let stray = text.char_indices().find(|(_, c)| {
            (c.is_control() && !matches!(c, '\t' | '\n' | '\r')) || *c == '\u{feff}'
        });
        if let Some((at, stray)) = stray {
            let place = self.place(at, at + stray.len_utf8());
            let message = format!("control character U+{:04X}", u32::from(stray));
            self.error(codes::YAML, place, message, Some("write text only"));
            return false;
        }
        let mut start = 0;
        for line in text.split_inclusive('\n') {
            let indent = indent_of(line);
            if indent > INDENT_MAX {
                let place = self.place(start + indent, start + indent + 1);
                self.too_deep(place);
                return false;
            }
            start += line.len();
        }
        true
    }

    fn too_deep(&mut self, place: Place) {
        let message = format!("nested deeper than {DEPTH_MAX} levels");
        self.error(codes::LIMIT, place, message, None);
    }

    /// Lets the library load the text; after a duplicate key, masks it and tries again.
    fn load(&mut self) -> Option<Node> {
        let mut chars: Vec<char> = self.text.chars().collect();
        loop {
            match MarkedYaml::load_from_iter(chars.iter().copied()) {
                Ok(documents) => return self.document(&documents),
                Err(error) if error.info() == "duplicated key in mapping" => {
                    let at = self.duplicate(&error, &chars)?;
                    let n_masked = u32::try_from(self.masked.len()).expect("at most twenty");
                    chars[at] = char::from_u32(MASK + n_masked).expect("in a private-use plane");
                    self.masked.push(at);
                }
                Err(error) => {
                    self.scan_error(&error);
                    return None;
                }
            }
        }
    }

    /// Reports a duplicate key and says which character to mask, if any can be.
    fn duplicate(&mut self, error: &ScanError, chars: &[char]) -> Option<usize> {
        let start = error.marker().index();
        let quote = chars.get(start).filter(|&&c| matches!(c, '"' | '\''));
        let at = start + usize::from(quote.is_some());
        let end = chars[at.min(chars.len())..]
            .iter()
            .position(|&c| quote.map_or(matches!(c, ':' | '\n'), |&quote| c == quote))
            .map_or(chars.len(), |n| at + n);
        let key: String = chars[at.min(end)..end].iter().collect();
        let place = self.place(self.byte_of(at), self.byte_of(end));
        let message = format!("`{}` stands twice in one map", key.trim_end());
        self.error(codes::DUPLICATE, place, message, Some("remove one of them"));
        let maskable = chars
            .get(at)
            .is_some_and(|c| c.is_ascii_alphanumeric() || *c == '*');
        (maskable && self.masked.len() < DUPLICATES_MAX).then_some(at)
    }

    fn scan_error(&mut self, error: &ScanError) {
        let at = error.marker().index();
        let place = self.place(self.byte_of(at), self.byte_of(at + 1));
        let info = error.info();
        let (code, message, help) = if info.contains("recursion limit") {
            (
                codes::LIMIT,
                format!("nested deeper than {DEPTH_MAX} levels"),
                None,
            )
        } else if info.contains("billion-laughs") {
            let help = "write the values out";
            (
                codes::LIMIT,
                "aliases expand to too many values".to_owned(),
                Some(help),
            )
        } else {
            (codes::YAML, format!("this is not valid YAML: {info}"), None)
        };
        self.error(code, place, message, help);
    }

    fn document(&mut self, documents: &[MarkedYaml<'_>]) -> Option<Node> {
        let [document] = documents else {
            let (at, message) = match documents.get(1) {
                Some(second) => (
                    self.byte_of(second.span.start.index()),
                    "a second document begins here",
                ),
                None => (0, "there is nothing in it"),
            };
            let help = "a scenario is one YAML document";
            let place = self.place(at, at + usize::from(at < self.text.len()));
            self.error(codes::YAML_FEATURE, place, message.into(), Some(help));
            return None;
        };
        let node = self.node(document, 0);
        if self.n_nodes > NODES_MAX {
            let message = format!("more than {NODES_MAX} values");
            self.error(codes::LIMIT, self.place(0, 0), message, None);
            return None;
        }
        Some(node)
    }

    fn node(&mut self, yaml: &MarkedYaml<'_>, depth: usize) -> Node {
        self.n_nodes += 1;
        let mut start = self.byte_of(yaml.span.start.index());
        let mut end = self.byte_of(yaml.span.end.index());
        if matches!(yaml.data, YamlData::Sequence(_) | YamlData::Mapping(_)) {
            (start, end) = self.collection(start, end);
        }
        let place = self.place(start, end);
        if self.n_nodes > NODES_MAX {
            return Node {
                place,
                what: What::Broken,
            };
        }
        if depth > DEPTH_MAX {
            self.too_deep(place);
            return Node {
                place,
                what: What::Broken,
            };
        }
        let what = match &yaml.data {
            YamlData::Value(value) => self.scalar(value, start, end),
            YamlData::Sequence(items) => What::List(
                items
                    .iter()
                    .map(|item| self.node(item, depth + 1))
                    .collect(),
            ),
            YamlData::Mapping(entries) => {
                let mut pairs = Vec::with_capacity(entries.len());
                let mut merged = Vec::new();
                for (key, value) in entries {
                    self.entry(key, value, depth, &mut pairs, &mut merged);
                }
                for pair in merged {
                    if !pairs.iter().any(|own: &Pair| own.key == pair.key) {
                        pairs.push(pair);
                    }
                }
                What::Map(pairs)
            }
            YamlData::Tagged(..) | YamlData::BadValue => {
                let help = "remove the tag: every key knows what kind of value it holds";
                self.error(codes::YAML_FEATURE, place, "a YAML tag".into(), Some(help));
                What::Broken
            }
            YamlData::Alias(_) | YamlData::Representation(..) => {
                unreachable!("aliases and scalars are resolved while loading")
            }
        };
        Node { place, what }
    }

    /// Cuts a collection's span to its text: brackets included, blanks and comments after it not.
    fn collection(&self, start: usize, end: usize) -> (usize, usize) {
        match self.text.as_bytes().get(start) {
            Some(b'[' | b'{') => (start, (end + 1).min(self.text.len())),
            _ => (
                start,
                start + self.text[start..end.max(start)].trim_end().len(),
            ),
        }
    }

    fn scalar(&mut self, value: &Loaded<'_>, start: usize, end: usize) -> What {
        let first = self.text.as_bytes().get(start).copied();
        let written = self.text.get(start..end).unwrap_or_default().trim_end();
        let scalar = |text: String, quoted| What::Scalar(Scalar { text, quoted });
        match (value, first) {
            (Loaded::Null, _) => What::Null,
            (Loaded::String(text), Some(b'"' | b'\'' | b'|' | b'>')) => {
                scalar(text.clone().into_owned(), true)
            }
            (Loaded::String(text), Some(b'*')) => {
                let quoted = !matches!(Loaded::parse_from_cow(text.clone()), Loaded::String(_));
                scalar(text.clone().into_owned(), quoted)
            }
            (Loaded::String(text), _) => scalar(text.clone().into_owned(), false),
            (Loaded::Boolean(value), _) => scalar(value.to_string(), false),
            (Loaded::Integer(value), Some(b'*')) => scalar(value.to_string(), false),
            (Loaded::FloatingPoint(value), Some(b'*')) => scalar(value.to_string(), false),
            (Loaded::Integer(_) | Loaded::FloatingPoint(_), _) => scalar(written.to_owned(), false),
        }
    }

    fn entry(
        &mut self,
        key: &MarkedYaml<'_>,
        value: &MarkedYaml<'_>,
        depth: usize,
        pairs: &mut Vec<Pair>,
        merged: &mut Vec<Pair>,
    ) {
        let key = self.node(key, depth + 1);
        let value = self.node(value, depth + 1);
        let What::Scalar(Scalar { text, quoted }) = key.what else {
            if key.what != What::Broken {
                let message = format!("{} as a key", key.shape());
                let help = "keys are single words";
                self.error(codes::YAML_FEATURE, key.place, message, Some(help));
            }
            return;
        };
        let first = text.chars().next().map_or(0, u32::from);
        if first >= MASK {
            return; // a duplicate, reported already
        }
        if text == "<<" && !quoted {
            let maps = match value.what {
                What::List(maps) => maps,
                what => vec![Node {
                    place: value.place,
                    what,
                }],
            };
            for map in maps {
                if let What::Map(inherited) = map.what {
                    for pair in inherited {
                        if !merged.iter().any(|earlier| earlier.key == pair.key) {
                            merged.push(pair);
                        }
                    }
                } else {
                    let message = format!("`<<` merges maps, not {}", map.shape());
                    self.error(codes::YAML_FEATURE, map.place, message, None);
                }
            }
            return;
        }
        pairs.push(Pair {
            key: text,
            key_place: key.place,
            value,
        });
    }
}

/// Columns of blanks and of indicators that open a nested block (`- `, `? `, anchors) at the beginning of a line.
fn indent_of(line: &str) -> usize {
    let mut rest = line;
    loop {
        let trimmed = rest.trim_start_matches([' ', '\t']);
        let word = trimmed.split([' ', '\t', '\n', '\r']).next().unwrap_or("");
        let opens = matches!(word, "-" | "?" | ":") || word.starts_with(['&', '!']);
        if !opens || trimmed.len() == word.len() {
            let blank = trimmed.trim_end().is_empty() || trimmed.starts_with('#');
            return if blank { 0 } else { line.len() - trimmed.len() };
        }
        rest = &trimmed[word.len()..];
    }
}
