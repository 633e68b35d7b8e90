//! What there is to know of each warning of this pass; `explain` prints it, and `tests/lints.rs` holds each line to its word.

use crate::diagnostic::Lore;

/// An entry for every warning, in order.
pub const LORE: &[Lore] = &[
    Lore {
        code: "W201",
        text: "\
Each flow run that comes brings work, and the workers of a service together can do only so much of it: ρ is the one divided by the other.
At ρ ≥ 1 the queue grows for as long as load comes, and every time in the report then tells how long the run was, not how good the system is.
A worker that waits for a callee counts as busy as long as its service is `blocking`, so a slow callee can overload a fast caller.",
        line: "desk: { replicas: 1, service_time: 100ms }",
        mended: "desk: { replicas: 3, service_time: 100ms }",
    },
    Lore {
        code: "W204",
        text: "\
The attempts of a call, each as long as its timeout, and the waits between them add up to more than the client waits.
The last attempts are then made for nobody: they load the callee at the worst moment and cannot change the answer.
Mend it with fewer attempts, a shorter `timeout`, or a `deadline` for the whole call that lies within the patience.",
        line: "archive: { timeout: 2s, retry: { attempts: 3, backoff: 100ms..1s } }",
        mended: "archive: { timeout: 800ms, retry: { attempts: 3, backoff: 100ms..1s } }",
    },
    Lore {
        code: "W205",
        text: "\
A fault of this file makes the other side silent, and nothing ends the wait for it: no `timeout`, no `deadline`.
Whoever calls then holds a worker for as long as the fault lasts, until all are held and the caller is down as well: this is how one slow part takes a whole system with it.
Give the call a limit; what it should be is a question for `--set`.",
        line: "sync: { wiring: sync }",
        mended: "sync: { wiring: sync, calls: { archive: { timeout: 2s } } }",
    },
    Lore {
        code: "W206",
        text: "\
The callee's own work, without any queue, takes longer than the timeout in more than one of a hundred cases.
Such a call fails on a good day, and with retries it is made again, so that the callee does more work for fewer answers.
A timeout wants room above the 99 % quantile of what it waits for, queueing and callees included.",
        line: "archive: { timeout: 50ms }",
        mended: "archive: { timeout: 200ms }",
    },
    Lore {
        code: "W207",
        text: "\
While the consumer is away for D, λ·D messages pile up; afterwards they are worked off at μ − λ, which takes λ·D/(μ − λ).
That is longer than there is until the next outage, or until the run ends, so recovery is not seen and what is left counts as unfinished.
If the run is too short, lengthen `run.drain` or `run.duration`; if the consumer is nearly full on a good day, the finding is real: give it more workers.",
        line: "archive: { replicas: 1, service_time: 10ms }",
        mended: "archive: { replicas: 2, service_time: 10ms }",
    },
    Lore {
        code: "W208",
        text: "\
More messages come while the fault lasts than the broker keeps for this step.
What becomes of the others is decided by `when_full`: they are refused, the oldest are dropped, or the sender waits.
Each of the three is a legitimate design, and each is another answer, so it should be chosen and not met by accident.",
        line: "post: { capacity: 500 }",
        mended: "post: { capacity: 2k }",
    },
    Lore {
        code: "W209",
        text: "\
A message is delivered so many times, with a wait before each further time; all of that is over before the fault at the consumer's callee is.
Messages of the outage then go where `then` sends them, usually to the dead letters, although a little more patience would have saved them.
Waits that double cost nearly nothing: a few more attempts outlast a much longer outage.",
        line: "archive: { redeliver: { attempts: 5, backoff: 1s..60s } }",
        mended: "archive: { redeliver: { attempts: 12, backoff: 1s..60s } }",
    },
    Lore {
        code: "W210",
        text: "\
The service is declared, and no step of any variant is done there.
It changes no number, but a reader takes it for a part of the answer; most often a step is missing or is named otherwise.",
        line: "ask: { steps: [desk] }",
        mended: "ask: { steps: [desk, archive] }",
    },
    Lore {
        code: "W211",
        text: "\
The broker is declared, and no variant sends a message over it.
Either it is left over, or a variant that should use messages makes calls instead: then the comparison is not the one that was meant.",
        line: "only: { wiring: sync }",
        mended: "only: { wiring: async, via: post }",
    },
    Lore {
        code: "W212",
        text: "\
The key is a word of the language and stands where it may stand, but nothing in this variant reads it: a rank at a service that serves in order of arrival, a policy of messages for a step that is called.
Who wrote it expects an effect that is not simulated, so the key is told rather than ignored.
Drop it, or write what makes it count.",
        line: "ask: { steps: [desk, { archive: { priority: 2 } }] }",
        mended: "ask: { steps: [desk, archive] }",
    },
    Lore {
        code: "W213",
        text: "\
A fault's instants count from the opening of the measured window, and this one begins or ends after the window closes, or comes less than once in a run.
Nobody who is counted meets the time after it, so recovery and every line `after` it have nothing to go by.
Let it end earlier, or measure longer.",
        line: "outage: { at: 9m, for: 5m, target: desk, down: refuse }",
        mended: "outage: { at: 2m, for: 5m, target: desk, down: refuse }",
    },
    Lore {
        code: "W214",
        text: "\
The fault hits what goes from one to the other, and in this variant nothing does: the same step is reached over another link.
A variant that a fault cannot touch looks immune in the comparison, and is only wired past it.
Name the link that the variant uses (`sender -> broker`, `broker -> consumer`), give it an overlay, or hit the service itself.",
        line: "noise: { at: 1m, for: 1m, target: desk -> archive, drop: 2% }",
        mended: "noise: { at: 1m, for: 1m, target: post -> archive, drop: 2% }",
    },
    Lore {
        code: "W215",
        text: "\
The variant is called async, yet everything up to `answer_after` is called, and nothing comes after it.
It therefore behaves as the synchronous chain does, and a comparison of the two compares a thing with itself.",
        line: "late: { wiring: async, answer_after: archive }",
        mended: "late: { wiring: async, answer_after: desk }",
    },
    Lore {
        code: "W216",
        text: "\
A capacity fault leaves a share of the workers of each instance, and workers are whole: what is left is not the share that was asked for, it may even be none.
Results would carry the name of another fault than the one that acted.",
        line: "half_asleep: { at: 1m, for: 1m, target: desk, capacity: 19% }",
        mended: "half_asleep: { at: 1m, for: 1m, target: desk, capacity: 20% }",
    },
    Lore {
        code: "W217",
        text: "\
A log is read partition by partition, each by one reader, one message after another.
The fullest partition gets more than that reader can do, so its messages wait longer and longer, whatever the workers of the service could do together.
More partitions, keys that spread more evenly, or shorter work for each message help; more instances than partitions do not.",
        line: "post: { kind: log, partitions: 1 }",
        mended: "post: { kind: log, partitions: 12 }",
    },
    Lore {
        code: "W218",
        text: "\
`random` draws the time between two of a fault's windows, and this law always gives the same.
Then it comes like clockwork, in step with whatever else is regular, and all replications meet it at the same instants.
If that is meant, `at`, `for` and `every` say so; failures that come by chance are `exponential`.",
        line: "hiccup: { target: desk, down: refuse, random: { mtbf: 50s, mttr: 2s } }",
        mended: "hiccup: { target: desk, down: refuse, random: { mtbf: exponential 50s, mttr: 2s } }",
    },
    Lore {
        code: "W219",
        text: "\
The file of arrivals ends before the measured window does.
Of clients, nobody comes from there on; of rates, the last one holds: in both cases a part of the result stands for a load that nobody recorded.",
        line: "run: { duration: 10m }",
        mended: "run: { duration: 3m }",
    },
];

#[cfg(test)]
mod tests {
    use super::LORE;
    use crate::compile::CODES;

    #[test]
    fn every_warning_has_its_entry_in_order() {
        let warnings = CODES.iter().map(|code| code.code);
        let warnings: Vec<&str> = warnings.filter(|code| code.starts_with('W')).collect();
        let known: Vec<&str> = LORE.iter().map(|lore| lore.code).collect();
        assert_eq!(known, warnings);
    }

    #[test]
    fn an_entry_is_a_few_sentences_each_on_a_line() {
        for lore in LORE {
            let n = lore.text.lines().count();
            assert!((2..=4).contains(&n), "{}: {n} sentences", lore.code);
            assert!(
                lore.text.lines().all(|line| line.ends_with('.')),
                "{}",
                lore.code
            );
            assert_ne!(lore.line, lore.mended, "{}", lore.code);
        }
    }
}
