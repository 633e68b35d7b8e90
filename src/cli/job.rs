//! What one scenario's run consists of: simulate, find, keep, show.

use super::args::{Format, Output};
use super::error::Error;
use super::exit::Exit;
use super::folder::{Extent, Folder};
use super::identity;
use super::input::Ready;
use super::receipt::{self, Receipt, Speed};
use super::supervisor::Control;
use super::terminal::{self, Terminal};
use super::until::Until;
use crate::analysis::{self, Findings, Precise, Stamp, Warning, precision, warm_up};
use crate::compile::Case;
use crate::experiment::{self, Observations};
use crate::kernel::time::Duration as Span;
use crate::kernel::units::format_duration;
use crate::report;
use crate::scenario::Changes;
use std::fs;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

#[expect(clippy::disallowed_types, reason = "run.json says how long it took")]
use std::time::Instant;

/// The file of a result that runs it again.
const RESOLVED: &str = "scenario.resolved.yaml";

/// What the flags of one `run` ask for, whatever the file.
pub(super) struct Job {
    /// What a command must add to a file to run the same.
    pub(super) flags: Vec<String>,
    /// Where results are kept, if they are.
    pub(super) out: Option<PathBuf>,
    pub(super) threads: usize,
    pub(super) outputs: Vec<Output>,
    pub(super) quiet: bool,
    /// How many runs of each flow to write as traces.
    pub(super) trace: Option<u32>,
    /// For how long to simulate at most.
    pub(super) max_time: Option<Duration>,
    /// What flags change in the file.
    pub(super) changes: Changes,
    /// The command line, for the receipt.
    pub(super) args: Vec<String>,
    pub(super) terminal: Terminal,
}

/// What was simulated.
pub(super) struct Seen {
    pub(super) observations: Observations,
    /// Replications that were asked for, or that a precision was found to take.
    pub(super) planned: u32,
    pub(super) precision: Option<Precise>,
    pub(super) speed: Speed,
}

impl Seen {
    /// Replications that every variant has finished.
    fn finished(&self) -> usize {
        let cases = self.observations.cases.iter();
        cases.map(Vec::len).min().unwrap_or(0)
    }
}

impl Job {
    /// One scenario: simulates, writes, prints.
    pub(super) fn one(&self, ready: &Ready, control: &Control) -> Result<Exit, Error> {
        // A folder that cannot be written is better known before the simulation than after it.
        let hash = identity::hash(&ready.reading.resolved, &ready.cases);
        let folder = self.folder(ready, &hash, control)?;
        let started = receipt::now();
        let (longer, seen) = self.settled(ready, control);
        let ready = longer.as_ref().unwrap_or(ready);
        let Some(mut findings) = self.findings(ready, &ready.cases, hash, &seen) else {
            let title = &ready.input.name;
            let what = "interrupted before a replication was finished; nothing was written";
            self.terminal.tell(&format!("{title}: {what}"));
            return Ok(Exit::Interrupted);
        };
        if longer.is_some() {
            let warmup_s = findings.stamp.warmup_s;
            findings.warnings.push(found(warmup_s));
        }
        let speed = seen.speed;
        let traces = self.traces(ready, &findings, &seen);
        drop(seen);
        let kept = self.keep((folder, traces), ready, &findings, started, speed);
        let shown = kept.as_ref().ok().and_then(Option::as_deref);
        self.show(&findings, shown)?;
        kept?;
        Ok(Exit::of(&findings))
    }

    /// Simulates; and if the scenario names no warm-up, and the one by default turns out too short, again with what was found
    /// (A41), which comes with it: all within the time there is.
    fn settled(&self, ready: &Ready, control: &Control) -> (Option<Ready>, Seen) {
        let until = Until::after(self.max_time);
        let simulate =
            |now: &Ready| self.simulate(now, &now.cases, (control, &control.stop), until);
        let mut longer: Option<Ready> = None;
        let mut seen = simulate(ready);
        loop {
            let now = longer.as_ref().unwrap_or(ready);
            let is_given = ready.reading.views[0].run.warmup.is_some();
            let plan = &now.cases[0].system.plan;
            let wanted = warm_up::wanted(&now.cases, &seen.observations)
                // A system that has not settled after its own window never does.
                .filter(|wanted| !is_given && *wanted <= plan.duration);
            let is_whole = seen.finished() >= seen.planned as usize;
            let Some(wanted) = wanted.filter(|_| is_whole && !until.is_over()) else {
                return (longer, seen);
            };
            let mut changes = self.changes.clone();
            let span = format_duration(wanted);
            changes.set.push(format!("run.warmup={span}"));
            let Some(again) = ready.input.clone().check(&changes, self.terminal) else {
                return (longer, seen);
            };
            let more = simulate(&again);
            // Whatever is there is better than nothing within the time.
            if more.finished() == 0 {
                return (longer, seen);
            }
            (longer, seen) = (Some(again), more);
        }
    }

    /// The folder of a result, if results are kept.
    pub(super) fn folder(
        &self,
        ready: &Ready,
        hash: &str,
        control: &Control,
    ) -> Result<Option<Folder>, Error> {
        let Some(out) = &self.out else {
            return Ok(None);
        };
        let home = out.join(&ready.input.stem);
        let unfinished = Arc::clone(&control.unfinished);
        Folder::begin(&home, identity::short(hash), unfinished).map(Some)
    }

    /// The files of the flow runs that are to be followed, if any are.
    pub(super) fn traces(
        &self,
        ready: &Ready,
        findings: &Findings,
        seen: &Seen,
    ) -> Vec<report::Artefact> {
        let Some(most) = self.trace else {
            return Vec::new();
        };
        let (most, all) = (most as usize, &seen.observations);
        let traces = experiment::follow(&ready.cases, all, most, self.threads);
        report::traces(&findings.stamp, &ready.cases, &traces)
    }

    /// Fills the folder, with `traces` too, and puts it into its place.
    pub(super) fn keep(
        &self,
        (folder, traces): (Option<Folder>, Vec<report::Artefact>),
        ready: &Ready,
        findings: &Findings,
        started: String,
        speed: Speed,
    ) -> Result<Option<PathBuf>, Error> {
        let Some(folder) = folder else {
            return Ok(None);
        };
        let stamp = &findings.stamp;
        let receipt = Receipt::new(stamp, &self.args, started, speed).to_text();
        fill(&folder, ready, findings, &receipt)?;
        for artefact in traces {
            folder.write(&artefact.path, &artefact.bytes)?;
        }
        let name = identity::short(&stamp.hash);
        let path = if stamp.replications < stamp.replications_planned {
            // A partial result never takes the place of a whole one.
            folder.commit(&format!("{name}-partial"), Extent::Partial)?
        } else {
            folder.commit(name, Extent::Whole)?
        };
        Ok(Some(path))
    }

    /// What the finished replications say; `None` if there is none.
    pub(super) fn findings(
        &self,
        ready: &Ready,
        cases: &[Case],
        hash: String,
        seen: &Seen,
    ) -> Option<Findings> {
        let finished = seen.finished();
        let stamp = Stamp {
            flags: self.flags.clone(),
            replications_planned: seen.planned,
            precision: seen.precision,
            ..stamp(ready, hash, finished)
        };
        let all = &seen.observations;
        (finished > 0).then(|| analysis::findings(stamp, warnings(ready), cases, all))
    }

    /// Simulates cases until all is done, enough is known, time is over, or `stop` is set.
    #[expect(clippy::disallowed_types, reason = "run.json says how long it took")]
    pub(super) fn simulate(
        &self,
        ready: &Ready,
        cases: &[Case],
        (control, stop): (&Control, &AtomicBool),
        until: Until,
    ) -> Seen {
        let plan = cases[0].system.plan;
        let planned = plan.replications as usize * cases.len();
        control
            .progress
            .begin(&ready.input.stem, planned, "replications");
        let began = Instant::now();
        let ends = AtomicBool::new(false);
        let tell = |finished, planned| {
            control.progress.set(finished, planned);
            if until.is_over() || stop.load(Ordering::Relaxed) {
                ends.store(true, Ordering::Relaxed);
            }
        };
        let mut seen = Seen {
            observations: Observations {
                cases: cases.iter().map(|_| Vec::new()).collect(),
            },
            planned: plan.replications,
            precision: None,
            speed: Speed::new(self.threads, Duration::ZERO, 0, 0),
        };
        loop {
            // Until the first replication has told how the time stands, `stop` itself decides.
            ends.fetch_or(stop.load(Ordering::Relaxed), Ordering::Relaxed);
            let (before, until) = (seen.observations, seen.planned);
            seen.observations =
                experiment::run_more(cases, before, until, self.threads, &ends, &tell);
            let Some(next) = self.next(ready, cases, &mut seen) else {
                break;
            };
            seen.planned = next;
        }
        let wall = began.elapsed();
        control.progress.end();
        let all = || seen.observations.cases.iter().flatten().map(|one| &one.end);
        let events = all().map(|end| end.events).sum();
        let flow_runs = all().map(|end| end.flow_runs).sum();
        seen.speed = Speed::new(self.threads, wall, events, flow_runs);
        seen
    }

    /// How many replications to have next, if a precision is asked for and there may be more.
    fn next(&self, ready: &Ready, cases: &[Case], seen: &mut Seen) -> Option<u32> {
        let law = cases[0].system.plan.precision?;
        let is_whole = seen.finished() >= seen.planned as usize;
        let findings = self.findings(ready, cases, String::new(), seen);
        let wanted = findings.and_then(|findings| precision::wanted(&findings, law.share));
        seen.precision = Some(Precise {
            share: law.share,
            is_reached: is_whole && wanted.is_none(),
        });
        let next = wanted.map(|n| n.max(seen.planned + 1).min(law.most));
        next.filter(|&next| is_whole && next > seen.planned)
    }

    /// Every rendering that was asked for; the page for people on stdout if nothing else was.
    pub(super) fn show(&self, findings: &Findings, folder: Option<&Path>) -> Result<(), Error> {
        let folder = folder.map(|folder| format!("{}/", folder.display()));
        let plain = report::Look {
            width: terminal::WIDTH,
            color: report::Color::Never,
        };
        for Output { format, file } in &self.outputs {
            if let Some(file) = file {
                let text = render(*format, findings, plain, folder.as_deref());
                fs::write(file, text).map_err(Error::write(file))?;
            }
        }
        let mut to_stdout = self.outputs.iter().filter(|output| output.file.is_none());
        let format = to_stdout
            .next()
            .map_or(Format::Human, |output| output.format);
        let text = if self.quiet && format == Format::Human {
            format!("{}\n", report::verdict(findings))
        } else {
            render(format, findings, self.terminal.look(), folder.as_deref())
        };
        self.terminal.print(&text)
    }
}

fn render(format: Format, findings: &Findings, look: report::Look, folder: Option<&str>) -> String {
    match format {
        Format::Human => report::page(findings, look, folder),
        Format::Json => report::summary_json(findings),
        Format::Markdown => report::summary_markdown(findings),
    }
}

/// The findings without the folder the scenario lay in: the same inputs give the same bytes wherever they are.
fn anywhere(findings: &Findings) -> Findings {
    let base = |path: &str| path.rsplit(['/', '\\']).next().unwrap_or(path).to_owned();
    let mut findings = findings.clone();
    findings.stamp.file = base(&findings.stamp.file);
    // Beside the files of a result lies the scenario with every change in it.
    RESOLVED.clone_into(&mut findings.stamp.rerun);
    findings.stamp.flags.clear();
    for warning in &mut findings.warnings {
        warning.place = warning.place.as_deref().map(base);
    }
    findings
}

/// Writes every file of a result.
fn fill(folder: &Folder, ready: &Ready, findings: &Findings, receipt: &str) -> Result<(), Error> {
    let findings = anywhere(findings);
    for artefact in report::artefacts(&findings).map_err(Error::Draw)? {
        folder.write(&artefact.path, &artefact.bytes)?;
    }
    folder.write("scenario.yaml", ready.input.text.as_bytes())?;
    folder.write(RESOLVED, ready.reading.shown.as_bytes())?;
    folder.write("run.json", receipt.as_bytes())
}

/// What was run.
fn stamp(ready: &Ready, hash: String, finished: usize) -> Stamp {
    let first = &ready.reading.views[0];
    let plan = &ready.cases[0].system.plan;
    Stamp {
        rerun: ready.input.given.clone(),
        file: ready.input.given.clone(),
        title: first.name.clone(),
        question: first.question.clone(),
        hash,
        replications: u32::try_from(finished).expect("no more than were planned"),
        sources: first
            .sources
            .iter()
            .map(|one| (one.name.clone(), one.value.clone()))
            .collect(),
        ..Stamp::of(plan, &ready.input.stem)
    }
}

/// What is told of a warm-up that nobody named.
fn found(warmup_s: f64) -> Warning {
    let span = format_duration(Span::from_secs_f64(warmup_s));
    Warning {
        code: warm_up::FOUND.to_owned(),
        message: format!("no `run.warmup` is given: {span} was found (MSER-5), and is used"),
        place: None,
    }
}

/// Warnings as a report shows them.
fn warnings(ready: &Ready) -> Vec<Warning> {
    let warning = |one: &crate::diagnostic::Diagnostic| Warning {
        code: one.code.to_owned(),
        message: one.message.clone(),
        place: one.place.map(|place| ready.sources.line_of(place)),
    };
    ready.warnings.iter().map(warning).collect()
}
