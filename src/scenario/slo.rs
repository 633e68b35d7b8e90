//! SLO lines: `[<flow>] <metric>[(argument)] [stat] <op> <value> [during | after | outside <fault>]`.

use super::check::{At, Checker, is_name};
use super::codes;
use super::grammar::Support;
use super::grammar::slo::{METRICS, Metric, SCOPES, Stats, Target};
use super::line::{Line, Word};
use super::quantity::{self, Why, print_duration, print_rate, print_share};
use super::suggest::{all_of, closest};
use super::tree::Node;
use super::value::{Data, Value};
use crate::diagnostic::{Diagnostic, Place};
use crate::kernel::units::Op;

impl Checker<'_> {
    /// Reads an SLO line.
    pub(super) fn slo_line(&mut self, node: &Node, at: At<'_>) -> Option<Value> {
        let Some(text) = node.text() else {
            let what = format!("slo `{}`", at.key);
            self.wrong_shape(node, &what, "a line like `latency p99 < 800ms`");
            return None;
        };
        let mut parser = Parser {
            words: split(text, node),
            next: 0,
            end: Place {
                start: node.place.end,
                ..node.place
            },
        };
        match parser.line() {
            Ok(line) => Some(Value {
                place: node.place,
                written: true,
                data: Data::Slo(Box::new(line)),
            }),
            Err(mistake) => {
                self.report(mistake);
                None
            }
        }
    }
}

/// Splits a line into words, operators and brackets, each with its place.
fn split(text: &str, node: &Node) -> Vec<Word> {
    let class = |c: char| match c {
        c if c.is_whitespace() => 0,
        '<' | '>' | '=' | '!' | '≤' | '≥' | '~' => 1,
        '(' => 2,
        ')' => 3,
        _ => 4,
    };
    let mut words: Vec<Word> = Vec::new();
    let mut open: Option<(usize, u8)> = None;
    let mut close = |open: &mut Option<(usize, u8)>, end: usize| {
        if let Some((start, _)) = open.take() {
            words.push(Word {
                text: text[start..end].to_owned(),
                place: node.part(start, end),
            });
        }
    };
    for (at, c) in text.char_indices() {
        let class = class(c);
        if open.is_some_and(|(_, open)| open != class) {
            close(&mut open, at);
        }
        if class != 0 && open.is_none() {
            open = Some((at, class));
        }
    }
    close(&mut open, text.len());
    words
}

struct Parser {
    words: Vec<Word>,
    next: usize,
    /// Where something is missing at the end of the line.
    end: Place,
}

type Parsed<T> = Result<T, Diagnostic>;

const FORM: &str =
    "a line reads `[flow] metric [stat] op value [during fault]`, like `latency p99 < 800ms`";

impl Parser {
    fn peek(&self) -> Option<&str> {
        self.words.get(self.next).map(|word| word.text.as_str())
    }

    fn take(&mut self) -> Option<Word> {
        let word = self.words.get(self.next).cloned();
        self.next += usize::from(word.is_some());
        word
    }

    fn wrong(&self, message: impl Into<String>, place: Option<Place>) -> Diagnostic {
        Diagnostic::error(codes::BAD_SLO, message).at(place.unwrap_or(self.end))
    }

    fn line(&mut self) -> Parsed<Line> {
        let (flow, metric, spec) = self.metric()?;
        let argument = self.argument(&metric, spec)?;
        let stat = self.stat(&metric, spec)?;
        let op = self.op()?;
        let Some(target) = self.take() else {
            let error = self.wrong("a value is missing at the end", None);
            return Err(error.help(format!("write one, like `{}`", example(spec.target))));
        };
        let target = Word {
            text: target_of(&target, spec)?,
            place: target.place,
        };
        let scope = self.scope()?;
        if let Some(rest) = self.take() {
            let message = format!("`{}` is too much", rest.text);
            return Err(self.wrong(message, Some(rest.place)).help(FORM));
        }
        Ok(Line {
            flow,
            metric,
            argument,
            stat,
            op,
            target,
            scope,
        })
    }

    fn metric(&mut self) -> Parsed<(Option<Word>, Word, &'static Metric)> {
        let find = |text: &str| METRICS.iter().find(|metric| metric.word == text);
        let Some(first) = self.take() else {
            return Err(self.wrong("an SLO line is empty", None).help(FORM));
        };
        if let Some(spec) = find(&first.text) {
            return supported(first, spec).map(|(metric, spec)| (None, metric, spec));
        }
        if let Some(spec) = self.peek().and_then(find) {
            let metric = self.take().expect("peeked just above");
            let (metric, spec) = supported(metric, spec)?;
            if !is_name(&first.text) {
                let message = format!("`{}` is not a flow", first.text);
                return Err(self.wrong(message, Some(first.place)).help(FORM));
            }
            return Ok((Some(first), metric, spec));
        }
        // A flow and a misspelled metric, or a misspelled metric and its statistic?
        let known = || METRICS.iter().map(|metric| metric.word);
        let second = self.words.get(self.next).filter(|word| is_name(&word.text));
        let second = second.filter(|word| !is_stat(&word.text));
        let word = match second {
            Some(second) if closest(&first.text, known()).is_none() => second.clone(),
            _ => first,
        };
        let error = self.wrong(format!("unknown metric `{}`", word.text), Some(word.place));
        Err(error.help(match closest(&word.text, known()) {
            Some(metric) => format!("did you mean `{metric}`?"),
            None => format!("the metrics are {}", all_of(known())),
        }))
    }

    fn argument(&mut self, metric: &Word, spec: &Metric) -> Parsed<Option<Word>> {
        let open = self.peek() == Some("(");
        match (spec.argument, open) {
            (None, false) => Ok(None),
            (None, true) => {
                let place = self.take().map(|word| word.place);
                let message = format!("`{}` takes nothing in brackets", metric.text);
                Err(self.wrong(message, place))
            }
            (Some(wanted), false) => {
                let message = format!("`{}` needs a {wanted} in brackets", metric.text);
                let help = format!("write `{}(<{wanted}>)`", metric.text);
                Err(self.wrong(message, Some(metric.place)).help(help))
            }
            (Some(wanted), true) => {
                self.take();
                let argument = self.take().filter(|word| is_name(&word.text));
                let closed = self.take().filter(|word| word.text == ")");
                if let (Some(argument), Some(_)) = (argument, closed) {
                    Ok(Some(argument))
                } else {
                    let message = format!("`{}` needs one {wanted} in brackets", metric.text);
                    Err(self.wrong(message, Some(metric.place)))
                }
            }
        }
    }

    fn stat(&mut self, metric: &Word, spec: &Metric) -> Parsed<Option<Word>> {
        let next = self.words.get(self.next).cloned();
        let Some(word) = next.filter(|word| !is_op(&word.text)) else {
            if spec.stats == Stats::Required {
                let message = format!("`{}` needs a statistic", metric.text);
                let help = format!(
                    "write one, like `{} p99`; also `mean` and `max`",
                    metric.text
                );
                return Err(self.wrong(message, Some(metric.place)).help(help));
            }
            return Ok(None);
        };
        self.next += 1;
        if !is_stat(&word.text) {
            let message = format!("`{}` is neither a statistic nor a comparison", word.text);
            let help = "statistics are `p50`, `p99`, `p99.9`, `mean` and `max`; comparisons are `<`, `<=`, `>`, `>=` and `==`";
            return Err(self.wrong(message, Some(word.place)).help(help));
        }
        if spec.stats == Stats::None {
            let message = format!("`{}` is one number and has no `{}`", metric.text, word.text);
            return Err(self.wrong(message, Some(word.place)).help("remove it"));
        }
        Ok(Some(word))
    }

    fn op(&mut self) -> Parsed<Op> {
        let Some(word) = self.take() else {
            let error = self.wrong("a comparison is missing at the end", None);
            return Err(error.help("write `<`, `<=`, `>`, `>=` or `==` and a value"));
        };
        if let Some(op) = Op::parse(&word.text) {
            return Ok(op);
        }
        let help = match word.text.as_str() {
            "=" => "did you mean `==`?",
            "=<" | "≤" => "did you mean `<=`?",
            "=>" | "≥" => "did you mean `>=`?",
            _ => "comparisons are `<`, `<=`, `>`, `>=` and `==`",
        };
        let message = format!("`{}` is not a comparison", word.text);
        Err(self.wrong(message, Some(word.place)).help(help))
    }

    fn scope(&mut self) -> Parsed<Option<(Word, Word)>> {
        let Some(scope) = self.words.get(self.next).cloned() else {
            return Ok(None);
        };
        if !SCOPES.contains(&scope.text.as_str()) {
            let message = format!("`{}` is not expected here", scope.text);
            let help = match closest(&scope.text, SCOPES.iter().copied()) {
                Some(word) => format!("did you mean `{word}`?"),
                None => {
                    "after the value comes nothing, or `during`, `after` or `outside` and a fault"
                        .into()
                }
            };
            return Err(self.wrong(message, Some(scope.place)).help(help));
        }
        self.next += 1;
        match self.take() {
            Some(fault) if is_name(&fault.text) => Ok(Some((scope, fault))),
            other => {
                let message = format!("`{}` needs the name of a fault", scope.text);
                Err(self.wrong(message, Some(other.map_or(scope.place, |word| word.place))))
            }
        }
    }
}

/// Reads a target; in canonical form.
fn target_of(word: &Word, spec: &Metric) -> Parsed<String> {
    let text = word.text.as_str();
    let read = match spec.target {
        Target::Share => quantity::share(text).map(print_share),
        Target::Duration => quantity::duration(text).map(print_duration),
        Target::Rate => quantity::rate(text).map(print_rate),
        Target::Count => quantity::count(text).map(|count| count.to_string()),
        Target::Number => quantity::plain_number(text).map(|number| number.to_string()),
        Target::CountOrShare if text.ends_with('%') => quantity::share(text).map(print_share),
        Target::CountOrShare => quantity::count(text).map(|count| count.to_string()),
    };
    read.map_err(|unfit| {
        let code = match unfit.why {
            Why::NoUnit => codes::NO_UNIT,
            Why::Form | Why::Range => codes::BAD_QUANTITY,
        };
        let mut error = Diagnostic::error(code, unfit.message).at(word.place);
        error.help = unfit.help;
        error.label(format!(
            "`{}` is compared with {}",
            spec.word,
            noun(spec.target)
        ))
    })
}

/// Lets a metric through that this version can measure.
fn supported(metric: Word, spec: &'static Metric) -> Parsed<(Word, &'static Metric)> {
    let Support::Later(help) = spec.support else {
        return Ok((metric, spec));
    };
    let message = format!("`{}` is not supported yet", metric.text);
    let error = Diagnostic::error(codes::UNSUPPORTED, message).at(metric.place);
    Err(if help.is_empty() {
        error
    } else {
        error.help(format!("for now: {help}"))
    })
}

fn is_op(text: &str) -> bool {
    text.starts_with(['<', '>', '=', '!', '≤', '≥', '~'])
}

/// `p50` to `p99.999`, `mean`, `max`.
fn is_stat(text: &str) -> bool {
    matches!(text, "mean" | "max")
        || text.strip_prefix('p').is_some_and(|digits| {
            quantity::plain_number(digits).is_ok_and(|percent| percent > 0.0 && percent < 100.0)
        })
}

fn noun(target: Target) -> &'static str {
    match target {
        Target::Share => "a share",
        Target::Duration => "a duration",
        Target::Count => "a count",
        Target::Rate => "a rate",
        Target::Number => "a number",
        Target::CountOrShare => "a count or a share",
    }
}

fn example(target: Target) -> &'static str {
    match target {
        Target::Share => "99.9%",
        Target::Duration => "800ms",
        Target::Count | Target::CountOrShare => "0",
        Target::Rate => "100/s",
        Target::Number => "1.2",
    }
}
