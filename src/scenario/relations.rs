//! What fields say together: a backoff's long form, a fault without effect, a source with two rates.

use super::check::{At, Checker};
use super::grammar::{Kind, Record, SPAN_OR_ZERO, data, faults, policies, wiring};
use super::quantity::{self, Unfit};
use super::suggest::one_of;
use super::tree::{Node, What};
use super::typed::{count, span, word};
use super::value::{Data, Item, Value};
use super::{codes, defaults};
use crate::diagnostic::{Diagnostic, Place};
use crate::kernel::time::Duration;
use crate::kernel::units::Change;
use crate::policies::discovery::HealthCheck;
use crate::policies::retry::{Backoff, Waits};

/// One wait of a schedule.
static WAIT: Kind = SPAN_OR_ZERO;

impl Checker<'_> {
    /// Reads `none`, a duration, a range, or the long form.
    pub(super) fn backoff(&mut self, node: &Node, at: At<'_>) -> Option<Data> {
        if let What::List(nodes) = &node.what {
            return self.schedule(nodes, node.place);
        }
        let Some(text) = node.text() else {
            let long = self.record(&policies::BACKOFF, node, "`backoff`", Some(at.key_place))?;
            return self.backoff_long(&long, at.key_place);
        };
        if text == "none" {
            return Some(Data::Backoff(Backoff::None));
        }
        let ends = match text.split_once("..") {
            Some((from, to)) => quantity::duration(from.trim())
                .and_then(|from| quantity::duration(to.trim()).map(|to| (from, Some(to)))),
            None => quantity::duration(text).map(|wait| (wait, None)),
        };
        match ends {
            Ok((from, Some(to))) if from > to || from.is_zero() => {
                let help = "write it like `100ms..1s`".to_owned();
                let unfit = Unfit::range(text, "does not rise", Some(help));
                self.unfit(unfit, node.place, "a range");
                None
            }
            Ok((from, Some(to))) => Some(Data::Backoff(Backoff::Exponential {
                from,
                to,
                factor: 2.0,
            })),
            Ok((wait, None)) if wait.is_zero() => Some(Data::Backoff(Backoff::None)),
            Ok((wait, None)) => Some(Data::Backoff(Backoff::Constant(wait))),
            Err(unfit) => {
                self.unfit(unfit, node.place, "a duration");
                None
            }
        }
    }

    /// Reads `call`, `callback`, `poll 500ms`, or the long form of that.
    pub(super) fn answer_by(&mut self, node: &Node, at: At<'_>) -> Option<Value> {
        let Some(text) = node.text() else {
            return self.record(&wiring::POLL, node, "`answer_by`", Some(at.key_place));
        };
        let data = match text {
            "call" => Data::Word("call"),
            "callback" => Data::Word("callback"),
            _ => {
                let Some(every) = text.strip_prefix("poll ") else {
                    let message = format!("`answer_by` cannot be `{text}`");
                    let error = Diagnostic::error(codes::UNKNOWN_CHOICE, message).at(node.place);
                    self.report(error.help("write `call`, `callback`, or `poll 500ms`"));
                    return None;
                };
                match quantity::duration(every.trim()) {
                    Ok(every) if !every.is_zero() => {
                        let poll = Value::of(node.place, Data::Duration(every));
                        let item = Item {
                            key: "poll".to_owned(),
                            key_place: node.place,
                            value: poll,
                        };
                        Data::Record(vec![item])
                    }
                    Ok(_) => {
                        let unfit = Unfit::range(every, "must be longer than zero", None);
                        self.unfit(unfit, node.place, "a duration");
                        return None;
                    }
                    Err(unfit) => {
                        self.unfit(unfit, node.place, "a duration");
                        return None;
                    }
                }
            }
        };
        Some(Value::of(node.place, data))
    }

    /// `[5s, 5m, 30m]`: the waits one by one.
    fn schedule(&mut self, nodes: &[Node], place: Place) -> Option<Data> {
        let mut waits = Vec::new();
        for node in nodes {
            let at = At {
                key: "backoff",
                key_place: node.place,
            };
            let wait = self.value(&WAIT, node, at)?;
            if let Data::Duration(wait) = wait.data {
                waits.push(wait);
            }
        }
        let Some(waits) = Waits::new(&waits) else {
            let message = format!("{} waits in `backoff`", waits.len());
            let error = Diagnostic::error(codes::WRONG_SHAPE, message).at(place);
            self.report(error.help(format!("write 1 to {} of them", Waits::MOST)));
            return None;
        };
        Some(Data::Backoff(Backoff::Schedule(waits)))
    }

    fn backoff_long(&mut self, long: &Value, key_place: Place) -> Option<Data> {
        let span = |key: &str| match long.get(key)?.data {
            Data::Duration(span) => Some(span),
            _ => None,
        };
        let Data::Word(kind) = long.get("kind")?.data else {
            return None;
        };
        let from = span("from")?;
        if kind == "constant" {
            return Some(Data::Backoff(Backoff::Constant(from)));
        }
        let Some(to) = span("to") else {
            let message = format!("`to` is missing in `backoff` of kind `{kind}`");
            self.report(Diagnostic::error(codes::MISSING, message).at(key_place));
            return None;
        };
        if to < from {
            let message = "`to` is shorter than `from`";
            let place = long.get("to").map_or(key_place, |to| to.place);
            self.report(Diagnostic::error(codes::CONTRADICTION, message).at(place));
            return None;
        }
        let factor = match long.get("factor").map(|value| &value.data) {
            Some(Data::Number(factor)) => *factor,
            _ => 2.0,
        };
        Some(Data::Backoff(match kind {
            "linear" => Backoff::Linear { from, to },
            "decorrelated" => Backoff::Decorrelated { from, to },
            _ => Backoff::Exponential { from, to, factor },
        }))
    }

    /// Checks what fields of one record say together; only in a whole view.
    pub(super) fn relations(
        &mut self,
        record: &'static Record,
        value: &Value,
        owner: &str,
        key_place: Place,
    ) {
        if !self.whole {
            return;
        }
        match record.what {
            "fault" => self.fault(value, owner, key_place),
            "traffic source" => self.traffic(value, owner, key_place),
            "copy" => self.copy(value, owner, key_place),
            "retry budget" => self.budget(value, key_place),
            "service" => {
                self.not_both(value, owner, ("zones", "zone"));
                self.only_with_sight(value, owner);
                self.cores(value, owner);
            }
            "broker" => self.not_both(value, owner, ("zones", "zone")),
            "warm-up of an instance" => self.warm_up(value),
            "autoscaling" => self.autoscaling(value),
            "health check" => self.health_check(value),
            "hedge" => self.hedge(value, key_place),
            "fallback of a call" => self.fallback_of_call(value, key_place),
            "rate limit" => self.rate_limit(value),
            "arrivals file" => self.arrivals_file(value, key_place),
            "concurrency limit" => self.concurrency_limit(value),
            "load shedding" => {
                self.only_with(value, "interval", "codel");
                self.only_with(value, "reserve_for", "reserve");
                self.only_with(value, "by", "share");
            }
            "bulkhead" => self.only_with(value, "wait", "queue"),
            "circuit breaker" => {
                if let (Some(_), Some(window)) = (value.get("window_calls"), value.get("window")) {
                    let message = "the circuit breaker looks back upon attempts and upon time";
                    let error = Diagnostic::error(codes::CONTRADICTION, message).at(window.place);
                    self.report(error.help("write `window_calls` or `window`"));
                }
            }
            _ => {}
        }
    }

    /// A fault does something that can be done.
    fn fault(&mut self, value: &Value, owner: &str, key_place: Place) {
        let has = |key: &&str| match value.get(key).map(|value| &value.data) {
            Some(Data::Bool(on)) => *on,
            other => other.is_some(),
        };
        let effects = faults::EFFECTS;
        if !effects.iter().any(has) {
            let message = format!("{owner} has no effect");
            let error = Diagnostic::error(codes::CONTRADICTION, message).at(key_place);
            let help = format!("add {}", one_of(effects.iter().copied()));
            self.report(error.help(help));
        }
        self.not_both(value, owner, ("target", "cut"));
        self.overlapping(value);
        self.lasting(value, owner, key_place);
        if let Some(surge) = value.get("load")
            && matches!(surge.data, Data::Change(Change::Plus(_)))
        {
            let message = format!("{owner} adds time to a load");
            let error = Diagnostic::error(codes::CONTRADICTION, message).at(surge.place);
            self.report(error.help("how many times as many come? e.g. `load: x5`"));
        }
        if let Some(choked) = value.get("throttle")
            && matches!(choked.data, Data::Rate(rate) if rate <= 0.0)
        {
            let message = format!("{owner} throttles to nothing");
            let error = Diagnostic::error(codes::CONTRADICTION, message).at(choked.place);
            self.report(error.help("write `down: refuse`"));
        }
        let goes_down = value.get("down").or(value.get("kill"));
        if let (Some(lose), None) = (value.get("lose"), goes_down) {
            let message = format!("{owner} loses something, but nothing goes down");
            let error = Diagnostic::error(codes::CONTRADICTION, message).at(lose.place);
            self.report(error.help("add `down: refuse`"));
        }
    }

    /// A source has a rate or stages.
    fn traffic(&mut self, value: &Value, owner: &str, key_place: Place) {
        if let Some(users) = value.get("users") {
            return self.users(value, owner, users.place);
        }
        self.only_with(value, "think_time", "users");
        if let Some(file) = value.get("file") {
            return self.file_alone(value, file, owner);
        }
        self.bursty(value, owner, key_place);
        match (value.get("rate"), value.get("stages")) {
            (Some(rate), Some(_)) => {
                let message = format!("{owner} has both `rate` and `stages`");
                let error = Diagnostic::error(codes::CONTRADICTION, message).at(rate.place);
                self.report(error.help("with `stages`, the rate to begin at is `start`"));
            }
            (None, None) => {
                let message = format!("`rate` is missing in {owner}");
                let error = Diagnostic::error(codes::MISSING, message).at(key_place);
                self.report(error.help("write `rate: 100/s`, or `stages`, `users` or a `file`"));
            }
            _ => {}
        }
    }

    /// A bucket has a burst, windows have a length.
    fn rate_limit(&mut self, value: &Value) {
        let is_bucket = word(value.get("algorithm")).is_none_or(|word| word == "token_bucket");
        let (key, of) = if is_bucket {
            ("window", "windows, and this is a token bucket")
        } else {
            ("burst", "a token bucket, and this counts in windows")
        };
        if let Some(wrong) = value.written(key) {
            let message = format!("`{key}` is of {of}");
            let error = Diagnostic::error(codes::CONTRADICTION, message).at(wrong.place);
            self.report(error.help("the `algorithm` is `token_bucket` unless another is written"));
        }
    }

    /// Cores are shared, or of no account.
    fn cores(&mut self, value: &Value, owner: &str) {
        let is_shared = word(value.get("discipline")) == Some("ps");
        if let Some(cores) = value.written("cores").filter(|_| !is_shared) {
            let message = format!("`cores` has no effect where {owner} is not `discipline: ps`");
            let error = Diagnostic::error(codes::CONTRADICTION, message).at(cores.place);
            self.report(error.help("add `discipline: ps`, or write `concurrency`"));
        }
        if let Some(contention) = value.written("contention").filter(|_| is_shared) {
            let message = format!("{owner} shares its cores and has `contention`");
            let error = Diagnostic::error(codes::CONTRADICTION, message).at(contention.place);
            self.report(error.help("write one of them"));
        }
    }

    /// Two keys that say the same in two ways.
    fn not_both(&mut self, value: &Value, owner: &str, (of, other): (&str, &str)) {
        if let (Some(_), Some(second)) = (value.get(of), value.get(other)) {
            let message = format!("{owner} has both `{of}` and `{other}`");
            let error = Diagnostic::error(codes::CONTRADICTION, message).at(second.place);
            self.report(error.help("write one of them"));
        }
    }

    /// Where all instances take from one queue, no caller chooses among them.
    fn only_with_sight(&mut self, value: &Value, owner: &str) {
        let is_shared = word(value.get("balance")) == Some("shared");
        let is_record = |value: &&Value| !matches!(value.data, Data::Word(_));
        if let Some(discovery) = value.written("discovery").filter(is_record)
            && is_shared
        {
            let message = format!("`discovery` has no effect where {owner} is `balance: shared`");
            let error = Diagnostic::error(codes::CONTRADICTION, message).at(discovery.place);
            self.report(error.help("instances that are down take nothing from a shared queue"));
        }
    }

    /// What is cold is slower.
    fn warm_up(&mut self, value: &Value) {
        let Some(slowdown) = value.get("slowdown") else {
            return;
        };
        if !matches!(slowdown.data, Data::Change(Change::Times(factor)) if factor >= 1.0) {
            let message = "a cold instance takes so many times as long, at least once";
            let error = Diagnostic::error(codes::CONTRADICTION, message).at(slowdown.place);
            self.report(error.help("e.g. `slowdown: x3`"));
        }
    }

    /// There is room between the bounds, and something to aim at.
    fn autoscaling(&mut self, value: &Value) {
        if let (Some(min), Some(max)) = (count(value.get("min")), count(value.get("max")))
            && min.value > max.value
        {
            let message = "autoscaling has a `min` above its `max`";
            self.report(Diagnostic::error(codes::CONTRADICTION, message).at(min.place));
        }
        if let Some(target) = value.get("target_utilization")
            && matches!(target.data, Data::Share(share) if share <= 0.0)
        {
            let message = "autoscaling that aims at 0% never has enough";
            let error = Diagnostic::error(codes::CONTRADICTION, message).at(target.place);
            self.report(error.help("how busy should workers be? e.g. `target_utilization: 70%`"));
        }
    }

    /// A look is over before the next one.
    fn health_check(&mut self, value: &Value) {
        let interval = span(value.get("interval"));
        let interval = interval.map_or(HealthCheck::KUBERNETES.interval, |span| span.value);
        if let Some(timeout) = span(value.get("timeout"))
            && timeout.value >= interval
        {
            let message = "the next look comes before this one is over";
            let error = Diagnostic::error(codes::CONTRADICTION, message).at(timeout.place);
            self.report(error.help("`timeout` is shorter than `interval`"));
        }
    }

    /// Users come when they have been answered, and in no other way.
    fn users(&mut self, value: &Value, owner: &str, place: Place) {
        let is_poisson = |value: &&Value| !matches!(value.data, Data::Word("poisson"));
        for key in ["rate", "stages", "start", "arrivals", "bursts", "burst"] {
            if let Some(open) = value.written(key).filter(is_poisson) {
                let message = format!("{owner} has `users` and `{key}`");
                let error = Diagnostic::error(codes::CONTRADICTION, message).at(open.place);
                self.report(error.help("users come when they have thought, whatever the rate; write a second source for others"));
            }
        }
        if value.get("think_time").is_none() {
            let message = format!("`think_time` is missing in {owner}");
            let error = Diagnostic::error(codes::MISSING, message).at(place);
            self.report(error.help("e.g. `think_time: exponential 5s`"));
        }
    }

    /// A key that says something about another one.
    fn only_with(&mut self, value: &Value, key: &str, other: &str) {
        if let (Some(alone), None) = (value.get(key), value.get(other)) {
            let message = format!("`{key}` has no effect without `{other}`");
            let error = Diagnostic::error(codes::CONTRADICTION, message).at(alone.place);
            self.report(error.help(format!("add `{other}`, or drop `{key}`")));
        }
    }

    /// A limit has room to change, and the keys of its law.
    fn concurrency_limit(&mut self, value: &Value) {
        let is_gradient = word(value.get("law")) == Some("gradient");
        if let Some(slow) = value.get("too_slow").filter(|_| is_gradient) {
            let message = "`too_slow` is of `law: aimd`, and this concurrency limit has a gradient";
            self.report(Diagnostic::error(codes::CONTRADICTION, message).at(slow.place));
        }
        let [initial, least, most] = ["initial", "least", "most"].map(|key| count(value.get(key)));
        let begins = initial
            .as_ref()
            .map_or(defaults::LIMIT_INITIAL, |n| n.value);
        if let Some(least) = least.filter(|least| least.value > begins) {
            let message = "the concurrency limit begins below `least`";
            self.report(Diagnostic::error(codes::CONTRADICTION, message).at(least.place));
        }
        let bound = most.as_ref().map_or(defaults::LIMIT_MOST, |n| n.value);
        if let Some(written) = most.or(initial).filter(|_| begins > bound) {
            let message = "the concurrency limit begins above `most`";
            self.report(Diagnostic::error(codes::CONTRADICTION, message).at(written.place));
        }
    }

    /// One thing stands in.
    fn fallback_of_call(&mut self, value: &Value, key_place: Place) {
        let is_on = |key: &&str| match value.get(key).map(|value| &value.data) {
            Some(Data::Bool(on)) => *on,
            other => other.is_some(),
        };
        let keys = ["via", "call", "static"];
        let written: Vec<&str> = keys.into_iter().filter(is_on).collect();
        let (message, place) = match written.as_slice() {
            [_] => return,
            [] => ("nothing stands in for the call".to_owned(), key_place),
            [first, second, ..] => (
                format!("the fallback has both `{first}` and `{second}`"),
                value.get(second).map_or(key_place, |value| value.place),
            ),
        };
        let error = Diagnostic::error(codes::CONTRADICTION, message).at(place);
        self.report(error.help("what stands in? `via: orders`, `call: spare`, or `static: true`"));
    }

    /// A hedge is due after a time, or at a quantile.
    fn hedge(&mut self, value: &Value, key_place: Place) {
        let (message, place) = match (value.get("after"), value.get("at")) {
            (Some(_), Some(at)) => ("the hedge has both `after` and `at`", at.place),
            (None, None) => ("the hedge has neither `after` nor `at`", key_place),
            _ => return,
        };
        let error = Diagnostic::error(codes::CONTRADICTION, message).at(place);
        self.report(error.help("when is it sent? `after: 50ms`, or `at: p95`"));
    }

    /// A budget has tokens or a share, and the keys of that.
    fn budget(&mut self, value: &Value, key_place: Place) {
        let kinds = ["tokens", "share", "failures"];
        let written: Vec<&str> = kinds
            .into_iter()
            .filter(|key| value.get(key).is_some())
            .collect();
        let (of, keys): (_, &[&str]) = match written.as_slice() {
            ["tokens"] => ("share", &["at_least", "window"]),
            ["share"] => ("bucket of tokens", &["refill", "takes"]),
            [_] => ("budget of another kind", &["at_least", "refill", "takes"]),
            [] => {
                let message = "the retry budget has none of `tokens`, `share` and `failures`";
                let error = Diagnostic::error(codes::MISSING, message).at(key_place);
                return self
                    .report(error.help("write `tokens: 100`, `share: 20%`, or `failures: 10%`"));
            }
            [first, second, ..] => {
                let message = format!("the retry budget has both `{first}` and `{second}`");
                let place = value.get(second).map_or(key_place, |value| value.place);
                let error = Diagnostic::error(codes::CONTRADICTION, message).at(place);
                return self.report(error.help("write one of them"));
            }
        };
        if let (["share"], Some(window)) = (written.as_slice(), value.get("window"))
            && matches!(window.data, Data::Duration(Duration::MAX))
        {
            let message = "a share of all first attempts there have ever been bounds nothing";
            let error = Diagnostic::error(codes::CONTRADICTION, message).at(window.place);
            self.report(error.help("e.g. `window: 10s`"));
        }
        for key in keys {
            if let Some(wrong) = value.get(key) {
                let message = format!("`{key}` is of a {of}, and this retry budget has none");
                self.report(Diagnostic::error(codes::CONTRADICTION, message).at(wrong.place));
            }
        }
    }

    /// A fault says in one way how long it lasts, and in one way how many it hits.
    fn lasting(&mut self, value: &Value, owner: &str, key_place: Place) {
        for pair in [
            ("for", "restart_after"),
            ("replicas", "kill"),
            ("replicas", "share"),
            ("kill", "share"),
            ("kill", "down"),
        ] {
            self.not_both(value, owner, pair);
        }
        if value.get("random").is_some() {
            for key in ["at", "for", "restart_after", "every", "rolling"] {
                if let Some(fixed) = value.get(key) {
                    let message = format!("{owner} is random and has `{key}`");
                    let error = Diagnostic::error(codes::CONTRADICTION, message).at(fixed.place);
                    self.report(
                        error.help("`mtbf` and `mttr` say when it comes and how long it lasts"),
                    );
                }
            }
            return;
        }
        if value.get("when").is_some() {
            for key in ["every", "rolling"] {
                if let Some(fixed) = value.get(key) {
                    let message = format!("{owner} comes when something is so, and has `{key}`");
                    let error = Diagnostic::error(codes::CONTRADICTION, message).at(fixed.place);
                    self.report(error.help("it comes again whenever the condition is met anew"));
                }
            }
            if let (Some(ramp), None) = (value.get("ramp"), value.get("for")) {
                let message = format!("{owner} grows for a part of nothing");
                let error = Diagnostic::error(codes::CONTRADICTION, message).at(ramp.place);
                self.report(error.help("with `ramp`, say how long it lasts: `for: 2m`"));
            }
            return;
        }
        match (
            value.get("for"),
            value.get("restart_after"),
            value.get("kill"),
        ) {
            (None, None, None) => {
                let message = format!("`for` is missing in {owner}");
                let error = Diagnostic::error(codes::MISSING, message).at(key_place);
                self.report(error.help("how long does it last? e.g. `for: 2m`"));
            }
            (None, None, Some(_)) => {
                let message = format!("`restart_after` is missing in {owner}");
                let error = Diagnostic::error(codes::MISSING, message).at(key_place);
                self.report(error.help("when does it come back? e.g. `restart_after: 30s`"));
            }
            (_, Some(after), None) => {
                let message = format!("{owner} kills nothing that could restart");
                let error = Diagnostic::error(codes::CONTRADICTION, message).at(after.place);
                self.report(error.help("add `kill: 1`, or write `for`"));
            }
            _ => {}
        }
    }

    /// Bursts are of a source that is bursty, around a rate.
    pub(super) fn bursty(&mut self, value: &Value, owner: &str, key_place: Place) {
        let is_bursty = word(value.get("arrivals")) == Some("bursty");
        match (is_bursty, value.get("bursts")) {
            (true, None) => {
                let message = format!("`bursts` is missing in {owner}, which is bursty");
                let error = Diagnostic::error(codes::MISSING, message).at(key_place);
                self.report(error.help("e.g. `bursts: { peak: 500/s, lasts: 2s, every: 20s }`"));
            }
            (false, Some(bursts)) => {
                let message = format!("{owner} has `bursts` and is not bursty");
                let error = Diagnostic::error(codes::CONTRADICTION, message).at(bursts.place);
                self.report(error.help("add `arrivals: bursty`"));
            }
            _ => {}
        }
        for key in ["stages", "burst"] {
            if let Some(other) = value.get(key).filter(|_| is_bursty) {
                let message = format!("{owner} is bursty and has `{key}`");
                let error = Diagnostic::error(codes::CONTRADICTION, message).at(other.place);
                self.report(error.help("bursts by chance lie around a constant `rate`"));
            }
        }
    }

    /// A copy has the keys of its kind.
    fn copy(&mut self, value: &Value, owner: &str, key_place: Place) {
        let Some(Data::Word(kind)) = value.get("kind").map(|kind| &kind.data) else {
            return;
        };
        for (of, keys) in data::OF_KIND.iter().filter(|(of, _)| of != kind) {
            for (key, place) in keys
                .iter()
                .filter_map(|key| Some((key, value.get(key)?.place)))
            {
                let message = format!("`{key}` is of a {of}, and {owner} is a {kind}");
                self.report(Diagnostic::error(codes::CONTRADICTION, message).at(place));
            }
        }
        if *kind == "cache" && value.get("ttl").is_none() {
            let message = format!("`ttl` is missing in {owner}");
            let error = Diagnostic::error(codes::MISSING, message).at(key_place);
            self.report(error.help("how long may an entry be used? for ever is `ttl: none`"));
        }
    }

    /// A repeated fault must be over before it begins again.
    fn overlapping(&mut self, value: &Value) {
        if let (Some(lasts), Some(every)) = (span(value.get("for")), span(value.get("every")))
            && every.value < lasts.value
        {
            let message = "the fault begins again before it is over";
            let error = Diagnostic::error(codes::CONTRADICTION, message).at(every.place);
            self.report(error.help("`every` must not be shorter than `for`"));
        }
    }
}
