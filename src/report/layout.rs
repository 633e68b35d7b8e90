//! Text in columns: wrapping, cutting and padding by characters. Every glyph the page uses is one column wide.

/// Columns a text takes.
pub(super) fn width(text: &str) -> usize {
    text.chars().count()
}

/// The text, filled with spaces on its right.
pub(super) fn pad(text: &str, columns: usize) -> String {
    let mut padded = text.to_owned();
    padded.extend(std::iter::repeat_n(
        ' ',
        columns.saturating_sub(width(text)),
    ));
    padded
}

/// The text, cut with an ellipsis if it is too long.
pub(super) fn cut(text: &str, columns: usize) -> String {
    if width(text) <= columns {
        return text.to_owned();
    }
    let mut short: String = text.chars().take(columns.saturating_sub(1)).collect();
    if columns > 0 {
        short.push('…');
    }
    short
}

/// The text without what would move a terminal's cursor or end a line.
pub(super) fn clean(text: &str) -> String {
    text.chars()
        .map(|c| if c.is_control() { ' ' } else { c })
        .collect()
}

/// Lines of at most `columns`, broken at spaces; a word that is longer than a line is broken where it must be. Lines after
/// the first begin with `indent` spaces.
pub(super) fn wrap(text: &str, columns: usize, indent: usize) -> Vec<String> {
    let columns = columns.max(1);
    let indent = if indent + 8 <= columns { indent } else { 0 };
    let mut lines: Vec<String> = Vec::new();
    let mut line = String::new();
    let mut is_empty = true;
    for word in text.split(' ').filter(|w| !w.is_empty()) {
        let mut word = word.to_owned();
        loop {
            let gap = usize::from(!is_empty);
            let room = columns.saturating_sub(width(&line) + gap);
            if width(&word) <= room {
                line.extend(std::iter::repeat_n(' ', gap));
                line.push_str(&word);
                is_empty = false;
                break;
            }
            if is_empty {
                let head: String = word.chars().take(room.max(1)).collect();
                word = word.chars().skip(room.max(1)).collect();
                line.push_str(&head);
            }
            lines.push(std::mem::take(&mut line));
            line.extend(std::iter::repeat_n(' ', indent));
            is_empty = true;
            if word.is_empty() {
                break;
            }
        }
    }
    if !is_empty || lines.is_empty() {
        lines.push(line);
    }
    lines
}

/// Left and right on one line if they fit, else on two (each cut to the width).
pub(super) fn both_ends(left: &str, right: &str, columns: usize) -> Vec<String> {
    let used = width(left) + width(right);
    if used + 2 <= columns {
        return vec![format!("{left}{}{right}", " ".repeat(columns - used))];
    }
    let mut lines = wrap(left, columns, 0);
    lines.extend(wrap(right, columns, 0));
    lines
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn wrapping_keeps_words_and_breaks_only_what_is_too_long() {
        assert_eq!(wrap("a bb ccc", 4, 0), ["a bb", "ccc"]);
        assert_eq!(wrap("abcdefgh", 3, 0), ["abc", "def", "gh"]);
        assert_eq!(wrap("", 3, 0), [""]);
        assert_eq!(
            wrap("one two three four", 12, 2),
            ["one two", "  three four"]
        );
    }

    #[test]
    fn both_ends_fall_onto_two_lines_when_they_must() {
        assert_eq!(both_ends("ab", "cd", 6), ["ab  cd"]);
        assert_eq!(both_ends("ab", "cd", 5), ["ab", "cd"]);
    }
}
