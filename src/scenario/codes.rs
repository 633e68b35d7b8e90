//! The stable codes of everything that can be wrong with a scenario's text.

use crate::diagnostic::Code;

macro_rules! codes {
    ($($name:ident $code:literal $meaning:literal;)*) => {
        $(#[doc = $meaning] pub(super) const $name: &str = $code;)*
        /// Every code this module gives, in order.
        pub const CODES: &[Code] = &[$(Code { code: $code, meaning: $meaning }),*];
    };
}

codes! {
    YAML "S001" "the file is not valid YAML";
    DUPLICATE "S002" "a key stands twice in one map";
    UNKNOWN_FIELD "S003" "a field of that name does not exist here";
    MISSING "S004" "a required field is missing";
    WRONG_SHAPE "S005" "a map, a list or a single value stands where another is wanted";
    EMPTY "S006" "a key has no value, or an empty one";
    UNSUPPORTED "S007" "the language has it, this version does not";
    BAD_NAME "S008" "a name is not lower-case letters, digits and underscores";
    YAML_11 "S009" "a word or number that YAML 1.1 and 1.2 read differently";
    NO_UNIT "S010" "a quantity has no unit";
    BAD_QUANTITY "S011" "a quantity is malformed or out of range";
    UNKNOWN_CHOICE "S012" "a word is not one of the choices";
    BAD_SLO "S013" "an SLO line cannot be read";
    BAD_DIST "S014" "a distribution's parameters contradict each other";
    BAD_FILE "S015" "a distribution's file cannot be read";
    DANGLING_EXTENDS "S016" "a variant extends one that does not exist";
    CYCLE "S017" "variants extend each other in a circle";
    BAD_SET "S018" "a `--set` names nothing that could be set";
    UNKNOWN_VARIANT "S019" "a `--variant` names no variant";
    CONTRADICTION "S020" "fields that exclude or need each other";
    LIMIT "S021" "the file is larger or deeper than any scenario needs";
    YAML_FEATURE "S022" "a feature of YAML that scenarios do not use";
    VERSION "S023" "the file is written for another version of the language";
}

#[cfg(test)]
mod tests {
    use super::CODES;

    #[test]
    fn codes_are_in_order_and_without_gaps() {
        for (index, code) in CODES.iter().enumerate() {
            assert_eq!(code.code, format!("S{:03}", index + 1));
        }
    }
}
