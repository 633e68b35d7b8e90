//! The arguments, as `clap` reads them. The only file that knows `clap`.

use super::exit::Exit;
use super::words::{Output, Shard};
use crate::kernel::units::parse_duration;
use anstream::ColorChoice;
use clap::{Args, CommandFactory as _, Parser, Subcommand, ValueEnum};
use std::path::PathBuf;
use std::time::Duration;

/// Everything that was asked for.
#[derive(Debug)]
pub(super) struct Asked {
    /// Colour, on both streams.
    pub(super) color: ColorChoice,
    /// What to do.
    pub(super) command: Command,
}

/// Reads the process's arguments; has already printed help, version or a usage error when it gives back an exit code.
pub(super) fn parse() -> Result<Asked, Exit> {
    match Cli::try_parse() {
        Ok(cli) => Ok(Asked {
            color: match cli.color {
                When::Auto => ColorChoice::Auto,
                When::Always => ColorChoice::Always,
                When::Never => ColorChoice::Never,
            },
            command: cli.command,
        }),
        Err(error) => {
            // If the stream is closed nobody wants to read it.
            let _ = error.print();
            Err(if error.use_stderr() {
                Exit::NothingRan
            } else {
                Exit::Passed
            })
        }
    }
}

/// The command line as a value: what completions and manual pages are made of.
pub(super) fn definition() -> clap::Command {
    Cli::command()
}

/// Should this be a chain of calls, or go through a broker?
///
/// brownout simulates one business flow, described in YAML, under several wirings with faults, and compares them with
/// confidence intervals.
#[derive(Debug, Parser)]
#[command(version, max_term_width = 98, after_help = EXAMPLES)]
struct Cli {
    /// When to use colour; `auto` asks the environment and the terminal
    #[arg(
        long,
        value_name = "WHEN",
        value_enum,
        default_value_t = When::Auto,
        global = true,
        display_order = 100,
        hide_possible_values = true,
        help = "When to use colour: auto, always or never; auto heeds NO_COLOR, CLICOLOR, CLICOLOR_FORCE and TERM"
    )]
    color: When,
    #[command(subcommand)]
    command: Command,
}

const EXAMPLES: &str = "\
Examples:
  brownout check scenarios/order_checkout.yaml    find every mistake, run nothing
  brownout run scenarios/order_checkout.yaml      simulate every variant and compare them
  brownout show scenarios/order_checkout.yaml     every value, and where it came from

Exit codes:
  0  every SLO line passed       3    none failed, but one is undecided
  1  an SLO line failed          4    the results could not be written
  2  nothing ran                 130  interrupted";

/// What to do.
#[derive(Debug, Subcommand)]
pub(super) enum Command {
    /// Simulate every variant, print them side by side, write the results
    Run(Run),
    /// Find every mistake in scenario files; run nothing
    Check(Check),
    /// Say what has changed from one result, or scenario, to another
    Compare(Compare),
    /// Make the reports of a result anew, without simulating
    Report(Report),
    /// Put results of several machines together, as if one had run all their replications
    Merge(Merge),
    /// Print the scenario with every default filled in and the origin of each value
    Show(Show),
    /// Print a JSON Schema, for editors and for readers of results
    Schema(Schema),
    /// Say what a metric is, or what a code means
    Explain(Explain),
    /// Write a scenario to begin with, every key commented
    New(New),
    /// Run cases with known answers, from theory and papers, and tell which are met
    Validate(Validate),
    /// Print the completions of a shell
    Completions(Completions),
    /// Print the manual page, or write one for each command
    Man(Man),
}

/// What to change in a scenario before it is used.
#[derive(Args, Clone, Debug, Default)]
pub(super) struct Adjust {
    /// Use only this variant; may be given several times
    #[arg(long = "variant", value_name = "NAME")]
    pub(super) variants: Vec<String>,
    /// Change a value of the file; may be given several times
    #[arg(
        long,
        value_name = "PATH=VALUE",
        long_help = "\
Change a value of the file; may be given several times

A path is made of the keys, joined by dots; a key with a dot or a blank stands in quotes:
  faults.payment_outage.for=5m
  'variants.sync.calls.\"*\".timeout=1s'"
    )]
    pub(super) set: Vec<String>,
    /// Lay a file with changes over the scenario, before any --set; may be given several times
    ///
    /// Maps merge, anything else replaces, null deletes (RFC 7396).
    #[arg(long = "overlay", value_name = "FILE")]
    pub(super) overlays: Vec<PathBuf>,
}

/// `run`.
#[derive(Args, Debug)]
#[command(after_help = "\
Examples:
  brownout run scenarios/order_checkout.yaml
  brownout run order.yaml --variant sync --set faults.payment_outage.for=5m
  brownout run order.yaml --watch
  brownout run order.yaml --format json --no-out | jq .verdict
  brownout run order.yaml --format markdown=comment.md
  generate-scenario | brownout run -

The same scenario, seed and version give the same bytes, with any --jobs.
The first Ctrl-C writes what is finished, marked partial; the second stops at once.")]
#[expect(clippy::struct_excessive_bools, reason = "each is a flag of its own")]
pub(super) struct Run {
    /// Scenario files; `-` for stdin
    #[arg(value_name = "FILE", required = true)]
    pub(super) files: Vec<PathBuf>,
    #[command(flatten)]
    pub(super) adjust: Adjust,
    /// How many replications of each variant [default: the file's]
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u32).range(1..))]
    pub(super) replications: Option<u32>,
    /// As many replications as it takes to decide every SLO line, or to know it to this share of its value, e.g. 5%
    #[arg(long, value_name = "SHARE", conflicts_with_all = ["replications", "quick"])]
    pub(super) precision: Option<String>,
    /// Simulate for so long at most, e.g. 30s or 5m; what is finished then is written, marked partial
    #[arg(long, value_name = "TIME", value_parser = time)]
    pub(super) max_time: Option<Duration>,
    /// The seed of all chance [default: the file's]
    #[arg(long, value_name = "N")]
    pub(super) seed: Option<u64>,
    /// One replication of each variant, no interval, nothing written: a first look
    #[arg(long, conflicts_with_all = ["replications", "out", "watch"])]
    pub(super) quick: bool,
    /// Only the Kth of N shares of the replications, for one of N machines; `brownout merge` puts their results together
    #[arg(long, value_name = "K/N", conflicts_with_all = ["quick", "watch", "no_out", "save_baseline", "baseline"])]
    pub(super) shard: Option<Shard>,
    /// Run again whenever the file is saved: one replication of each variant at once, then all of them
    #[arg(short, long)]
    pub(super) watch: bool,
    /// Where the results go
    #[arg(long, value_name = "DIR", default_value = "results")]
    pub(super) out: PathBuf,
    /// Write no result folder
    #[arg(long, conflicts_with = "out")]
    pub(super) no_out: bool,
    /// Keep the result as the one that later ones are compared with
    #[arg(long, conflicts_with_all = ["quick", "no_out", "watch"])]
    pub(super) save_baseline: bool,
    /// Say what has changed since the baseline
    #[arg(long, conflicts_with_all = ["quick", "no_out", "watch"])]
    pub(super) baseline: bool,
    /// An architecture decision record too: adr.md
    #[arg(long, conflicts_with_all = ["quick", "no_out"])]
    pub(super) adr: bool,
    /// What ends with exit code 1: a broken SLO line, an undecided one too, or none
    #[arg(long, value_name = "WHAT", value_enum, default_value_t = FailOn::Fail)]
    pub(super) fail_on: FailOn,
    /// How many threads [default: one for each core]
    ///
    /// A result never depends on it.
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u16).range(1..=1024))]
    pub(super) jobs: Option<u16>,
    /// Also write N flow runs of each flow and variant as traces: trace.otlp.jsonl, trace.chrome.json
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u32).range(1..=100_000), conflicts_with_all = ["no_out", "quick"])]
    pub(super) trace: Option<u32>,
    /// What to print: human, json, jsonl, csv, markdown, junit or github; X=FILE writes it to a file instead; may be given several times
    #[arg(long = "format", value_name = "X[=FILE]")]
    pub(super) formats: Vec<Output>,
    /// Print the verdict only; no progress
    #[arg(short, long)]
    pub(super) quiet: bool,
    /// Print every cause, doubt and warning, the closed forms, and how fast it was
    #[arg(short, long, conflicts_with = "quiet")]
    pub(super) verbose: bool,
    /// Print the page and all messages in ASCII only
    #[arg(long)]
    pub(super) ascii: bool,
    /// How to show progress, on stderr: auto, bar, plain or none
    ///
    /// `auto` is a bar on a terminal, unless CI is set, and a plain line now and then elsewhere. A run that takes less than a
    /// second shows nothing.
    #[arg(long, value_name = "HOW", value_enum, default_value_t = Showing::Auto, hide_possible_values = true)]
    pub(super) progress: Showing,
}

/// How progress is shown.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(super) enum Showing {
    /// What suits stderr
    Auto,
    /// A bar; lines, where stderr is no terminal
    Bar,
    /// A line now and then
    Plain,
    /// Nothing
    None,
}

/// `check`.
#[derive(Args, Debug)]
#[command(after_help = "\
Examples:
  brownout check scenarios/*.yaml
  brownout check order.yaml --watch

All mistakes come out in one pass, each with its place and a help line. Exit code 2 if there is one.")]
pub(super) struct Check {
    /// Scenario files; `-` for stdin
    #[arg(value_name = "FILE", required = true)]
    pub(super) files: Vec<PathBuf>,
    #[command(flatten)]
    pub(super) adjust: Adjust,
    /// Check again whenever a file is saved, until Ctrl-C
    #[arg(short, long)]
    pub(super) watch: bool,
    /// Print mistakes only
    #[arg(short, long)]
    pub(super) quiet: bool,
}

/// `compare`.
#[derive(Args, Debug)]
#[command(after_help = "\
Examples:
  brownout compare @baseline @last
  brownout compare results/order_checkout/36d11ae results/order_checkout/9f3c1a7
  brownout compare order.yaml order_with_queue.yaml

Changed inputs come first, then the verdicts that turned, then the figures that moved by more than chance.
With the same seed and as many replications, differences are paired.
Exit code 1 if an SLO line is broken that was not.")]
pub(super) struct Compare {
    /// The earlier one: a result's folder, `@last`, `@baseline` (`@last:NAME` of several), or a scenario file
    #[arg(value_name = "A")]
    pub(super) before: String,
    /// The later one
    #[arg(value_name = "B")]
    pub(super) after: String,
    /// Where results are, for `@last` and `@baseline`
    #[arg(long, value_name = "DIR", default_value = "results")]
    pub(super) out: PathBuf,
    /// What to print
    #[arg(long, value_name = "X", value_enum, default_value_t = Comparing::Human)]
    pub(super) format: Comparing,
    /// How many threads, for scenarios [default: one for each core]
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u16).range(1..=1024))]
    pub(super) jobs: Option<u16>,
    /// No progress
    #[arg(short, long)]
    pub(super) quiet: bool,
}

/// A rendering of a comparison.
#[derive(Clone, Copy, Debug, ValueEnum)]
pub(super) enum Comparing {
    /// Lines for people
    Human,
    /// A document for programs
    Json,
}

/// `report`.
#[derive(Args, Debug)]
#[command(after_help = "\
Examples:
  brownout report @last
  brownout report results/order_checkout/36d11ae --adr
  brownout report @last --template ours.html

A template is a Jinja template; it is given what the built-in one is given: `title`, `question`, `answer`, `slo`, `flows`,
`charts`, `review`, `assumptions`, ...")]
pub(super) struct Report {
    /// A result's folder, `@last` or `@baseline` (`@last:NAME` of several)
    #[arg(value_name = "RESULT")]
    pub(super) result: String,
    /// Where results are, for `@last` and `@baseline`
    #[arg(long, value_name = "DIR", default_value = "results")]
    pub(super) out: PathBuf,
    /// Fill this template instead of the built-in one
    #[arg(long, value_name = "FILE")]
    pub(super) template: Option<PathBuf>,
    /// An architecture decision record too: adr.md
    #[arg(long)]
    pub(super) adr: bool,
}

/// `merge`.
#[derive(Args, Debug)]
#[command(after_help = "\
Examples:
  brownout run order.yaml --shard 1/2                 on one machine
  brownout run order.yaml --shard 2/2                 on another
  brownout merge results/order/*-1of2 results/order/*-2of2

  brownout run order.yaml --seed 1 --out one
  brownout run order.yaml --seed 2 --out two
  brownout merge one/order/latest two/order/latest

The results must be of one scenario, but for its seed and the number of its replications, and no replication may be in two
of them. All shares of a run give the very result of the whole run; their order does not matter.")]
pub(super) struct Merge {
    /// Folders of results, `@last` or `@baseline` (`@last:NAME` of several)
    #[arg(value_name = "RESULT", required = true, num_args = 2..)]
    pub(super) results: Vec<String>,
    /// Where the result goes, and where results are, for `@last` and `@baseline`
    #[arg(long, value_name = "DIR", default_value = "results")]
    pub(super) out: PathBuf,
    /// An architecture decision record too: adr.md
    #[arg(long)]
    pub(super) adr: bool,
    /// What ends with exit code 1: a broken SLO line, an undecided one too, or none
    #[arg(long, value_name = "WHAT", value_enum, default_value_t = FailOn::Fail)]
    pub(super) fail_on: FailOn,
    /// What to print: human, json, jsonl, csv, markdown, junit or github; X=FILE writes it to a file instead; may be given several times
    #[arg(long = "format", value_name = "X[=FILE]")]
    pub(super) formats: Vec<Output>,
    /// Print the verdict only
    #[arg(short, long)]
    pub(super) quiet: bool,
}

/// `show`.
#[derive(Args, Debug)]
#[command(after_help = "\
Examples:
  brownout show scenarios/order_checkout.yaml --set run.seed=7
  brownout show scenarios/order_checkout.yaml --as mermaid >> README.md
  brownout show scenarios/order_checkout.yaml --as dot --variant async | dot -Tsvg > async.svg")]
pub(super) struct Show {
    /// Instead of the values, draw who reaches whom in each variant: calls solid, messages dashed
    #[arg(long = "as", value_name = "DIAGRAM", value_enum)]
    pub(super) diagram: Option<DiagramOf>,
    /// A scenario file; `-` for stdin
    #[arg(value_name = "FILE")]
    pub(super) file: PathBuf,
    #[command(flatten)]
    pub(super) adjust: Adjust,
}

/// `schema`.
#[derive(Args, Clone, Copy, Debug)]
#[command(after_help = "\
Example:
  brownout schema > brownout.schema.json
  # then, in the first line of a scenario:
  # yaml-language-server: $schema=./brownout.schema.json")]
pub(super) struct Schema {
    /// Of what
    #[arg(value_name = "OF", value_enum, default_value_t = SchemaOf::Scenario)]
    pub(super) of: SchemaOf,
}

/// `explain`.
#[derive(Args, Debug)]
#[command(after_help = "\
Examples:
  brownout explain latency recovery
  brownout explain W201
  brownout explain exit-codes")]
pub(super) struct Explain {
    /// Metrics, as in SLO lines and reports, closed forms, codes or lists of them [default: tells what there is]
    #[arg(value_name = "WORD")]
    pub(super) words: Vec<String>,
    /// All metrics, as a document
    #[arg(long, conflicts_with = "words")]
    pub(super) markdown: bool,
}

/// `validate`.
#[derive(Args, Debug)]
#[command(after_help = "\
Examples:
  brownout validate                 every case
  brownout validate A-mm1 C-hedge   those whose names begin so

Each case is a scenario with answers from theory, papers or published simulators, and a tolerance for each.
Exit code 1 if an answer is not met.")]
pub(super) struct Validate {
    /// Names of cases, or how they begin [default: all]
    #[arg(value_name = "CASE")]
    pub(super) cases: Vec<String>,
    /// How many threads [default: one for each core]
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u16).range(1..=1024))]
    pub(super) jobs: Option<u16>,
    /// What to print
    #[arg(long, value_name = "X", value_enum, default_value_t = Table::Human)]
    pub(super) format: Table,
    /// Other cases: a folder with a NAME.yaml and a NAME.json for each
    #[arg(long, value_name = "DIR")]
    pub(super) from: Option<PathBuf>,
    /// No progress
    #[arg(short, long)]
    pub(super) quiet: bool,
}

/// What `new` begins with if nothing else is asked for.
pub(super) const STARTER: &str = "starter";

/// `new`.
#[derive(Args, Debug)]
#[command(after_help = "\
Examples:
  brownout new order                      writes order.yaml, and brownout.schema.json for editors
  brownout new studies/order.yaml --from outage_drain
  brownout new --list")]
pub(super) struct New {
    /// The file, or its name without `.yaml`
    #[arg(value_name = "NAME", required_unless_present = "list")]
    pub(super) name: Option<PathBuf>,
    /// Begin with this one of the studies that come with the program
    #[arg(long, value_name = "TEMPLATE", default_value = STARTER)]
    pub(super) from: String,
    /// List what to begin with
    #[arg(long, conflicts_with = "name")]
    pub(super) list: bool,
    /// Write over a file that is there
    #[arg(long)]
    pub(super) force: bool,
}

/// `completions`.
#[derive(Args, Clone, Copy, Debug)]
#[command(after_help = "\
Examples:
  brownout completions bash > ~/.local/share/bash-completion/completions/brownout
  brownout completions zsh > ~/.zfunc/_brownout
  brownout completions fish > ~/.config/fish/completions/brownout.fish")]
pub(super) struct Completions {
    /// The shell
    #[arg(value_name = "SHELL", value_enum)]
    pub(super) shell: Shell,
}

/// A shell.
#[derive(Clone, Copy, Debug, ValueEnum)]
pub(super) enum Shell {
    Bash,
    Elvish,
    Fish,
    Powershell,
    Zsh,
}

/// `man`.
#[derive(Args, Debug)]
#[command(after_help = "\
Examples:
  brownout man | man -l -
  brownout man --dir ~/.local/share/man/man1")]
pub(super) struct Man {
    /// Write a page for each command into this folder instead
    #[arg(long, value_name = "DIR")]
    pub(super) dir: Option<PathBuf>,
}

/// A language of diagrams.
#[derive(Clone, Copy, Debug, ValueEnum)]
pub(super) enum DiagramOf {
    /// Flowcharts in Markdown, a block for each variant
    Mermaid,
    /// Graphviz, a digraph for each variant
    Dot,
    /// A Structurizr workspace, a container view for each variant
    Structurizr,
}

/// A rendering of cases.
#[derive(Clone, Copy, Debug, ValueEnum)]
pub(super) enum Table {
    /// Lines for people
    Human,
    /// A document
    Markdown,
}

/// What a schema describes.
#[derive(Clone, Copy, Debug, ValueEnum)]
pub(super) enum SchemaOf {
    /// A scenario file
    Scenario,
    /// `summary.json` of a result
    Summary,
}

/// A span of real time, written as in a scenario.
fn time(text: &str) -> Result<Duration, String> {
    match parse_duration(text) {
        Ok(span) if !span.is_zero() => Ok(Duration::from_nanos(span.0)),
        Ok(_) => Err("it must be longer than zero".to_owned()),
        Err(mistake) => Err(mistake.message),
    }
}

#[derive(Clone, Copy, Debug, ValueEnum)]
enum When {
    Auto,
    Always,
    Never,
}

/// What ends with exit code 1.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(super) enum FailOn {
    /// A broken SLO line; an undecided one with 3
    Fail,
    /// A broken or undecided SLO line
    Undecided,
    /// Nothing
    Never,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_definition_is_sound() {
        Cli::command().debug_assert();
    }
}
