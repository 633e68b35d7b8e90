//! The stable codes of everything that can be wrong with a scenario's text.

use crate::diagnostic::Code;

macro_rules! codes {
    ($($name:ident $code:literal $meaning:literal, $help:literal;)*) => {
        $(#[doc = $meaning] pub(super) const $name: &str = $code;)*
        /// Every code this module gives, in order.
        pub const CODES: &[Code] = &[$(Code { code: $code, meaning: $meaning, help: $help }),*];
    };
}

codes! {
    YAML "S001" "the file is not valid YAML",
        "look at indentation, brackets and quotes around this place";
    DUPLICATE "S002" "a key stands twice in one map",
        "keep one of the two";
    UNKNOWN_FIELD "S003" "a field of that name does not exist here",
        "`brownout schema` lists every key";
    MISSING "S004" "a required field is missing",
        "add it";
    WRONG_SHAPE "S005" "a map, a list or a single value stands where another is wanted",
        "docs/SCENARIO.md tells what each key holds";
    EMPTY "S006" "a key has no value, or an empty one",
        "write a value, or leave the key out";
    UNSUPPORTED "S007" "the language has it, this version does not",
        "leave it out: nothing takes its place yet";
    BAD_NAME "S008" "a name is not lower-case letters, digits and underscores",
        "names begin with a letter: a-z, 0-9 and _";
    YAML_11 "S009" "a word or number that YAML 1.1 and 1.2 read differently",
        "put it in quotes, or choose another word";
    NO_UNIT "S010" "a quantity has no unit",
        "durations end in ns, us, ms, s, m, h or d, rates in /s, /min, /h or /d, shares in %";
    BAD_QUANTITY "S011" "a quantity is malformed or out of range",
        "write a number in the range that the message names, with its unit if it has one";
    UNKNOWN_CHOICE "S012" "a word is not one of the choices",
        "docs/SCENARIO.md lists the words";
    BAD_SLO "S013" "an SLO line cannot be read",
        "a line reads `[flow] metric [stat] op value [during, after or outside fault]`";
    BAD_DIST "S014" "a distribution's parameters contradict each other",
        "the numbers must rise with their percentiles, and shares add up to 100%";
    BAD_FILE "S015" "a distribution's file cannot be read",
        "name a readable `.hgrm` or `.csv` file, by its path from the scenario";
    DANGLING_EXTENDS "S016" "a variant extends one that does not exist",
        "name a variant of this file";
    CYCLE "S017" "variants extend each other in a circle",
        "one of them must stand on its own";
    BAD_SET "S018" "a `--set` names nothing that could be set",
        "a path is made of the keys of the file, joined by dots";
    UNKNOWN_VARIANT "S019" "a `--variant` names no variant",
        "name a variant of this file";
    CONTRADICTION "S020" "fields that exclude or need each other",
        "keep what you mean and leave the other out";
    LIMIT "S021" "the file is larger or deeper than any scenario needs",
        "split the scenario";
    YAML_FEATURE "S022" "a feature of YAML that scenarios do not use",
        "write the value out";
    VERSION "S023" "the file is written for another version of the language",
        "this version reads `brownout: 1`";
    BAD_OVERLAY "S024" "an `--overlay` cannot be read",
        "name a readable YAML file that holds what it changes, under the keys of the scenario";
}

#[cfg(test)]
mod tests {
    use super::CODES;

    #[test]
    fn codes_are_in_order_and_without_gaps() {
        for (index, code) in CODES.iter().enumerate() {
            assert_eq!(code.code, format!("S{:03}", index + 1));
            assert!(!code.help.is_empty(), "{}", code.code);
        }
    }
}
