//! A page in ASCII only, for terminals, logs and mail that show nothing else.
//!
//! What the page itself draws with keeps its width, so that columns stay columns: a sign that ASCII needs two characters for
//! takes the blank beside it. Everything else, such as a title, is spelt out by the `deunicode` crate.

use deunicode::deunicode_char;

/// Two characters for two: a sign with the blank beside it; at the begin of a line there is none to take.
const PAIRS: [(&str, &str); 5] = [
    (" ±", "+-"),
    ("±", "+-"),
    ("≥ ", ">="),
    ("≤ ", "<="),
    ("≈ ", "~="),
];

/// One character for one.
const SINGLES: [(char, char); 26] = [
    ('✓', '+'),
    ('✗', 'x'),
    ('·', '-'),
    ('×', 'x'),
    ('−', '-'),
    ('–', '-'),
    ('─', '-'),
    ('…', '~'),
    ('µ', 'u'),
    ('μ', 'u'),
    ('≥', '>'),
    ('≤', '<'),
    ('≈', '~'),
    ('→', '>'),
    ('Δ', 'd'),
    ('\u{a0}', ' '),
    ('▁', '_'),
    ('▂', '.'),
    ('▃', ':'),
    ('▄', '-'),
    ('▅', '='),
    ('▆', '+'),
    ('▇', '*'),
    ('█', '#'),
    ('◆', '*'),
    ('∞', '~'),
];

/// ① to ⑨ are digits, ⑩ to ⑳ the letters after them: a mark is one column wide.
fn numeral(c: char) -> Option<char> {
    let nth = u32::from(c).checked_sub(u32::from('①'))?;
    char::from_digit(nth + 1, 36).filter(|_| nth < 20)
}

/// The text in ASCII; escapes of colour and ends of lines stay.
pub(super) fn ascii(text: &str) -> String {
    let mut text = text.to_owned();
    for (from, to) in PAIRS {
        text = text.replace(from, to);
    }
    let mut plain = String::with_capacity(text.len());
    for c in text.chars() {
        let single = SINGLES.iter().find(|(from, _)| *from == c);
        match (single.map(|(_, to)| *to).or_else(|| numeral(c)), c) {
            (Some(to), _) => plain.push(to),
            (None, c) if c.is_ascii() => plain.push(c),
            (None, c) => plain.push_str(deunicode_char(c).unwrap_or("?")),
        }
    }
    plain
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn signs_keep_their_width_and_words_are_spelt_out() {
        let check = |from: &str, to: &str| assert_eq!(ascii(from), to);
        check(
            "a\u{1b}[1m ≥ 99.9%   ✓ 470ms ±1\u{1b}[0m\n",
            "a\u{1b}[1m >=99.9%   + 470ms+-1\u{1b}[0m\n",
        );
        check("① x  ⑨ y  ⑩ z  ⑳", "1 x  9 y  a z  k");
        check("▁▂▃▄▅▆▇█·", "_.:-=+*#-");
        check("Größe: 12µs", "Grosse: 12us");
    }
}
