//! What there is to know of each warning that only a run can give; `explain` prints it.

use super::{formulas, warm_up};
use crate::diagnostic::Lore;

/// An entry for every warning, in order.
pub const LORE: &[Lore] = &[
    Lore {
        code: warm_up::TOO_SHORT,
        text: "\
A run begins with empty queues, and it takes a while until they are as long as they usually are; MSER-5 looks for the end of that in the times to the answer.
Here it lies within the measured window, so the results are a mixture of the beginning and of what they should tell.
The busier a service, the longer it takes: about 1/(μ(1 − √ρ)²).",
        line: "run: { duration: 20m, warmup: 0s, drain: 1m, replications: 20 }",
        mended: "run: { duration: 20m, warmup: 13m, drain: 1m, replications: 20 }",
    },
    Lore {
        code: warm_up::FOUND,
        text: "\
No warm-up is given, and the one by default, a tenth of the window, turned out too short (MSER-5); a longer one was found, and the study was run again with it.
The result is as good as with a warm-up that is given, but a change elsewhere in the file can move it, and the first run was in vain.
Write it down.",
        line: "run: { duration: 20m, drain: 10s, replications: 60 }",
        mended: "run: { duration: 20m, drain: 10s, replications: 60, warmup: 10m }",
    },
    Lore {
        code: formulas::APART,
        text: "\
In this variant everything holds that a closed form of queueing theory assumes, and yet its value lies outside what was simulated, with 99.9 % confidence over all forms of the variant together.
Nearly always the run has not settled, or its window is short beside the time in which its busiest queue forgets where it began.
Measure longer, after a longer warm-up; if the two still differ, it is a bug, of the form or of the simulator.",
        line: "run: { duration: 20s, warmup: 0s, drain: 60s, replications: 200, seed: 5 }",
        mended: "run: { duration: 20m, warmup: 5m, drain: 60s, replications: 20, seed: 5 }",
    },
];

#[cfg(test)]
mod tests {
    use super::LORE;
    use crate::analysis::{formulas, warm_up};

    #[test]
    fn every_warning_of_a_run_has_its_entry_in_order() {
        let codes = warm_up::CODES.iter().chain(formulas::CODES);
        let known: Vec<&str> = LORE.iter().map(|lore| lore.code).collect();
        assert_eq!(known, codes.map(|code| code.code).collect::<Vec<_>>());
    }
}
