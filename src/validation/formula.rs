//! What of a summary an answer is: numbers, paths into it, `+ - * /` and brackets.
//!
//! A path names what stands under `variants`: `one.flows.ask.metrics.latency_mean`; a key that is no plain word stands in square
//! brackets: `one.edges[gate -> desk].attempts.ok`. An estimate is its mean. What may be missing, and then counts as 0, has a `?`
//! behind it. `f(2)` is a place in a list.

use serde_json::Value as Json;
use std::cell::RefCell;

/// A value and the half-width of its interval, as far as it has one.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Value {
    pub(super) mean: f64,
    pub(super) half_width: Option<f64>,
}

/// What a formula comes to in a summary.
///
/// # Errors
/// What cannot be read, or found.
pub(super) fn evaluate(formula: &str, summary: &Json) -> Result<Value, String> {
    let seen = RefCell::new(Vec::new());
    let mean = value_of(formula, summary, &|_, estimate| {
        seen.borrow_mut().push(estimate.half_width);
        estimate.mean
    })?;
    // First order: each estimate moved by its half-width, the others at their means.
    let half_widths = seen.into_inner();
    let mut square = None;
    for (moved, half_width) in half_widths.iter().enumerate() {
        let Some(half_width) = half_width else {
            continue;
        };
        let shifted = value_of(formula, summary, &|nth, estimate| {
            estimate.mean + if nth == moved { *half_width } else { 0.0 }
        })?;
        square = Some(square.unwrap_or(0.0) + (shifted - mean) * (shifted - mean));
    }
    Ok(Value {
        mean,
        half_width: square.map(f64::sqrt),
    })
}

/// Gives each estimate, with its number, the value that counts.
type Taken<'a> = dyn Fn(usize, Value) -> f64 + 'a;

fn value_of(formula: &str, summary: &Json, taken: &Taken<'_>) -> Result<f64, String> {
    let mut parser = Parser {
        rest: formula.trim_start(),
        formula,
        summary,
        taken,
        n_estimates: 0,
    };
    let value = parser.sum()?;
    if parser.rest.is_empty() {
        Ok(value)
    } else {
        Err(parser.wrong("an operator"))
    }
}

struct Parser<'a> {
    rest: &'a str,
    formula: &'a str,
    summary: &'a Json,
    taken: &'a Taken<'a>,
    n_estimates: usize,
}

impl Parser<'_> {
    fn wrong(&self, wanted: &str) -> String {
        let at = self.formula.len() - self.rest.len();
        format!("`{}`: {wanted} is missing at {at}", self.formula)
    }

    fn takes(&mut self, sign: char) -> bool {
        let found = self.rest.strip_prefix(sign);
        if let Some(rest) = found {
            self.rest = rest.trim_start();
        }
        found.is_some()
    }

    fn sum(&mut self) -> Result<f64, String> {
        let mut sum = self.product()?;
        loop {
            if self.takes('+') {
                sum += self.product()?;
            } else if self.takes('-') {
                sum -= self.product()?;
            } else {
                return Ok(sum);
            }
        }
    }

    fn product(&mut self) -> Result<f64, String> {
        let mut product = self.atom()?;
        loop {
            if self.takes('*') {
                product *= self.atom()?;
            } else if self.takes('/') {
                product /= self.atom()?;
            } else {
                return Ok(product);
            }
        }
    }

    fn atom(&mut self) -> Result<f64, String> {
        if self.takes('(') {
            let value = self.sum()?;
            return if self.takes(')') {
                Ok(value)
            } else {
                Err(self.wrong("`)`"))
            };
        }
        let is_number = |c: char| c.is_ascii_digit() || c == '.' || c == 'e';
        if self.rest.starts_with(|c: char| c.is_ascii_digit()) {
            let end = self.rest.find(|c| !is_number(c)).unwrap_or(self.rest.len());
            let (number, rest) = self.rest.split_at(end);
            let number = number.parse().map_err(|_| self.wrong("a number"))?;
            self.rest = rest.trim_start();
            return Ok(number);
        }
        self.path()
    }

    fn path(&mut self) -> Result<f64, String> {
        let mut at = Some(self.summary.get("variants").unwrap_or(&Json::Null));
        let mut name = String::new();
        loop {
            let key = if let Some(rest) = self.rest.strip_prefix('[') {
                let (key, rest) = rest.split_once(']').ok_or_else(|| self.wrong("`]`"))?;
                self.rest = rest;
                key
            } else {
                let is_word = |c: char| c.is_ascii_alphanumeric() || c == '_';
                let end = self.rest.find(|c| !is_word(c)).unwrap_or(self.rest.len());
                let (key, rest) = self.rest.split_at(end);
                self.rest = rest;
                key
            };
            if key.is_empty() {
                return Err(self.wrong("a number or a path"));
            }
            name = format!("{name} {key}");
            at = at.and_then(|at| match key.parse::<usize>() {
                Ok(nth) if at.is_array() => at.get(nth),
                _ => at.get(key),
            });
            if let Some(rest) = self.rest.strip_prefix('.') {
                self.rest = rest;
            } else if !self.rest.starts_with('[') {
                break;
            }
        }
        let may_miss = self.takes('?');
        self.rest = self.rest.trim_start();
        let found = at.and_then(estimate_of);
        let value = match found {
            Some(value) => value,
            None if may_miss => Value {
                mean: 0.0,
                half_width: None,
            },
            None => return Err(format!("`{}`: there is no number at{name}", self.formula)),
        };
        let nth = self.n_estimates;
        self.n_estimates += 1;
        Ok((self.taken)(nth, value))
    }
}

/// A number, or the mean of an estimate.
fn estimate_of(at: &Json) -> Option<Value> {
    let (mean, half_width) = match at.as_f64() {
        Some(number) => (number, None),
        None => (at.get("mean")?.as_f64()?, at.get("half_width")),
    };
    Some(Value {
        mean,
        half_width: half_width.and_then(Json::as_f64),
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn summary() -> Json {
        json!({ "variants": { "one": {
            "wait": { "mean": 3.0, "half_width": 0.3 },
            "rate": { "mean": 2.0, "half_width": 0.4 },
            "edges": { "a -> b": { "ok": 7 } },
            "list": [{ "value": 5 }],
        } } })
    }

    #[test]
    fn formulas_come_to_what_they_say() {
        for (formula, value) in [
            ("one.wait", 3.0),
            (" one.wait - 1 ", 2.0),
            ("2 * (one.wait + 0.5) / 7e0", 1.0),
            ("one.edges[a -> b].ok - one.edges[a -> b].error?", 7.0),
            ("one.list.0.value / 10", 0.5),
        ] {
            let got = evaluate(formula, &summary()).map(|value| value.mean);
            assert_eq!(got, Ok(value), "{formula}");
        }
    }

    #[test]
    fn half_widths_go_along_to_first_order() {
        let got = evaluate("one.wait * one.rate - 6", &summary()).expect("a value");
        let half_width = got.half_width.expect("of both");
        assert!((half_width - f64::hypot(2.0 * 0.3, 3.0 * 0.4)).abs() < 1e-12);
        let count = evaluate("one.edges[a -> b].ok", &summary()).expect("a value");
        assert_eq!(count.half_width, None);
    }

    #[test]
    fn what_cannot_be_read_or_found_says_where() {
        for (formula, wrong) in [
            ("one.wait +", "a number or a path is missing at 10"),
            ("(one.wait", "`)` is missing"),
            ("one.wait one.rate", "an operator is missing"),
            ("one.nowhere", "no number at one nowhere"),
            ("one.edges", "no number at one edges"),
        ] {
            let told = evaluate(formula, &summary()).expect_err(formula);
            assert!(told.contains(wrong), "{told}");
        }
    }
}
