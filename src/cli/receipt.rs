//! `run.json`: the only file of a result with facts of the wall clock and of the machine.

use super::identity::VERSION;
use crate::analysis::Stamp;
use serde::Serialize;

/// The generator of all draws.
const GENERATOR: &str = "squares64";

/// How a result came about.
#[derive(Debug, Serialize)]
pub(super) struct Receipt<'a> {
    schema: &'static str,
    version: &'static str,
    args: &'a [String],
    scenario: &'a str,
    file: &'a str,
    hash: &'a str,
    seed: u64,
    generator: &'static str,
    replications: u32,
    replications_planned: u32,
    partial: bool,
    host: Host,
    started: String,
    #[serde(flatten)]
    speed: Speed,
}

/// Where it was simulated.
#[derive(Debug, Serialize)]
struct Host {
    os: &'static str,
    arch: &'static str,
    cores: usize,
}

/// How fast.
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
pub(super) struct Speed {
    /// Threads.
    pub(super) jobs: usize,
    /// Seconds the simulation took, all threads together at work; reading and drawing not counted.
    pub(super) wall_s: f64,
    /// Events executed in all replications of all variants.
    pub(super) events: u64,
    /// Events for each second of `wall_s`.
    pub(super) events_per_s: f64,
    /// Flow runs that arrived in all replications of all variants, warm-up and drain included.
    pub(super) flow_runs: u64,
    /// Nanoseconds of `wall_s` for each flow run.
    pub(super) ns_per_flow_run: f64,
}

impl Speed {
    /// From what was counted.
    #[expect(clippy::cast_precision_loss, reason = "a speed needs three digits")]
    pub(super) fn new(jobs: usize, wall: std::time::Duration, events: u64, flow_runs: u64) -> Self {
        let wall_s = wall.as_secs_f64();
        let per = |amount: f64, n: f64| if n > 0.0 { amount / n } else { 0.0 };
        Self {
            jobs,
            wall_s,
            events,
            events_per_s: per(events as f64, wall_s),
            flow_runs,
            ns_per_flow_run: per(wall_s * 1e9, flow_runs as f64),
        }
    }

    /// The same as a line for people.
    pub(super) fn told(&self) -> String {
        let threads = if self.jobs == 1 { "thread" } else { "threads" };
        format!(
            "simulated {} flow runs, {} events, in {:.2}s on {} {threads}: {:.1} million events/s, {:.0} ns a flow run",
            self.flow_runs,
            self.events,
            self.wall_s,
            self.jobs,
            self.events_per_s / 1e6,
            self.ns_per_flow_run,
        )
    }
}

/// The wall clock, UTC, to the second.
pub(super) fn now() -> String {
    format!("{:.0}", jiff::Timestamp::now())
}

impl<'a> Receipt<'a> {
    /// A receipt for what `stamp` says.
    pub(super) fn new(stamp: &'a Stamp, args: &'a [String], started: String, speed: Speed) -> Self {
        Self {
            schema: "brownout/run/1",
            version: VERSION,
            args,
            scenario: &stamp.scenario,
            file: &stamp.file,
            hash: &stamp.hash,
            seed: stamp.seed,
            generator: GENERATOR,
            replications: stamp.replications,
            replications_planned: stamp.replications_planned,
            partial: stamp.replications < stamp.replications_planned,
            host: Host {
                os: std::env::consts::OS,
                arch: std::env::consts::ARCH,
                cores: std::thread::available_parallelism().map_or(1, usize::from),
            },
            started,
            speed,
        }
    }

    /// Its text.
    pub(super) fn to_text(&self) -> String {
        let text = serde_json::to_string_pretty(self).expect("string keys and finite numbers");
        format!("{text}\n")
    }
}
