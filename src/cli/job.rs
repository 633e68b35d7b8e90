//! What one scenario's run consists of: simulate, find, keep, show.

use super::args::{Format, Output};
use super::error::Error;
use super::exit::Exit;
use super::folder::{Extent, Folder};
use super::identity::{self, VERSION};
use super::input::Ready;
use super::receipt::{self, Receipt, Speed};
use super::supervisor::Control;
use super::terminal::{self, Terminal};
use crate::analysis::{self, Findings, Stamp, Warning};
use crate::compile::Case;
use crate::experiment::{self, Observations};
use crate::report;
use std::fs;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::AtomicBool;

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
    /// The command line, for the receipt.
    pub(super) args: Vec<String>,
    pub(super) terminal: Terminal,
}

impl Job {
    /// One scenario: simulates, writes, prints.
    pub(super) fn one(&self, ready: &Ready, control: &Control) -> Result<Exit, Error> {
        // A folder that cannot be written is better known before the simulation than after it.
        let hash = identity::hash(&ready.reading.resolved, &ready.cases);
        let folder = self.folder(ready, &hash, control)?;
        let started = receipt::now();
        let (observations, speed) = self.simulate(ready, &ready.cases, control, &control.stop);
        let Some(findings) = self.findings(ready, &ready.cases, hash, &observations) else {
            let title = &ready.input.name;
            let what = "interrupted before a replication was finished; nothing was written";
            self.terminal.tell(&format!("{title}: {what}"));
            return Ok(Exit::Interrupted);
        };
        drop(observations);
        let kept = self.keep(folder, ready, &findings, started, speed);
        let shown = kept.as_ref().ok().and_then(Option::as_deref);
        self.show(&findings, shown)?;
        kept?;
        Ok(Exit::of(&findings))
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

    /// Fills the folder and puts it into its place.
    pub(super) fn keep(
        &self,
        folder: Option<Folder>,
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
        observations: &Observations,
    ) -> Option<Findings> {
        let finished = observations.cases.iter().map(Vec::len).min().unwrap_or(0);
        let stamp = Stamp {
            flags: self.flags.clone(),
            ..stamp(ready, hash, finished)
        };
        (finished > 0).then(|| analysis::findings(stamp, warnings(ready), cases, observations))
    }

    /// Simulates cases until all is done or `stop` is set.
    #[expect(clippy::disallowed_types, reason = "run.json says how long it took")]
    pub(super) fn simulate(
        &self,
        ready: &Ready,
        cases: &[Case],
        control: &Control,
        stop: &AtomicBool,
    ) -> (Observations, Speed) {
        let replications = cases[0].system.plan.replications as usize;
        let planned = replications * cases.len();
        control.progress.begin(&ready.input.stem, planned);
        let began = Instant::now();
        let tell = |finished, planned| control.progress.set(finished, planned);
        let observations = experiment::run(cases, self.threads, stop, &tell);
        let wall = began.elapsed();
        control.progress.end();
        let ends = || observations.cases.iter().flatten().map(|one| &one.end);
        let events = ends().map(|end| end.events).sum();
        let flow_runs = ends().map(|end| end.flow_runs).sum();
        let speed = Speed::new(self.threads, wall, events, flow_runs);
        (observations, speed)
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
        flags: Vec::new(),
        scenario: ready.input.stem.clone(),
        file: ready.input.given.clone(),
        title: first.name.clone(),
        question: first.question.clone(),
        hash,
        seed: plan.seed,
        replications: u32::try_from(finished).expect("no more than were planned"),
        replications_planned: plan.replications,
        version: VERSION.to_owned(),
        warmup_s: plan.warmup.as_secs_f64(),
        duration_s: plan.duration.as_secs_f64(),
        confidence: plan.confidence,
        sources: first
            .sources
            .iter()
            .map(|one| (one.name.clone(), one.value.clone()))
            .collect(),
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
