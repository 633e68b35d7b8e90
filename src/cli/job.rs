//! What one scenario's run consists of: simulate, find, keep, show.

use super::args::{Comparing, FailOn};
use super::error::Error;
use super::exit::Exit;
use super::folder::{self, Extent, Folder};
use super::identity;
use super::input::Ready;
use super::receipt::{self, Receipt, Speed};
use super::results;
use super::side::{self, Side};
use super::supervisor::Control;
use super::terminal::{self, Terminal};
use super::until::Until;
use super::words::{Format, Output, Shard};
use crate::analysis::{self, Findings, Precise, Stamp, Warning, precision, warm_up};
use crate::compile::Case;
use crate::experiment::{self, Observations};
use crate::kernel::time::Duration as Span;
use crate::kernel::units::format_duration;
use crate::report::{self, Extras};
use crate::scenario::Changes;
use std::fs;
use std::io::Write as _;
use std::ops::{Deref, Range};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

#[expect(clippy::disallowed_types, reason = "run.json says how long it took")]
use std::time::Instant;

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
    /// Which share of the replications, if not all.
    pub(super) shard: Option<Shard>,
    /// For how long to simulate at most.
    pub(super) max_time: Option<Duration>,
    /// What is kept, made or told beside the result.
    pub(super) beside: Beside,
    /// What flags change in the file.
    pub(super) changes: Changes,
    /// The command line, for the receipt.
    pub(super) args: Vec<String>,
    pub(super) terminal: Terminal,
}

/// What is kept, made or told beside a result.
#[derive(Clone, Copy, Debug)]
#[expect(clippy::struct_excessive_bools, reason = "each is a flag of its own")]
pub(super) struct Beside {
    pub(super) saves_baseline: bool,
    pub(super) compares: bool,
    pub(super) adr: bool,
    /// A page for the steps of a workflow, if the environment names a file for it?
    pub(super) step_summary: bool,
    pub(super) fail_on: FailOn,
}

impl Beside {
    /// Nothing.
    pub(super) const NOTHING: Self = Self {
        saves_baseline: false,
        compares: false,
        adr: false,
        step_summary: false,
        fail_on: FailOn::Fail,
    };
}

/// What was simulated.
pub(super) struct Seen {
    pub(super) observations: Observations,
    /// Replications that were asked for, or that a precision was found to take.
    pub(super) planned: u32,
    pub(super) precision: Option<Precise>,
    pub(super) speed: Speed,
}

/// The scenario that was simulated.
pub(super) enum Run<'r> {
    /// As it was given.
    Given(&'r Ready),
    /// With a longer warm-up that was found (A41).
    Longer(Box<Ready>),
}

impl Deref for Run<'_> {
    type Target = Ready;

    fn deref(&self) -> &Ready {
        match self {
            Self::Given(ready) => ready,
            Self::Longer(ready) => ready,
        }
    }
}

/// A scenario, simulated and judged.
pub(super) struct Finished<'r> {
    pub(super) ready: Run<'r>,
    pub(super) seen: Seen,
    pub(super) findings: Findings,
}

impl Seen {
    /// Replications that every variant has finished.
    fn finished(&self) -> usize {
        self.observations.finished()
    }
}

impl Job {
    /// One that keeps and prints nothing.
    pub(super) fn quiet(jobs: Option<u16>, terminal: Terminal) -> Self {
        Self {
            flags: Vec::new(),
            out: None,
            threads: jobs.map_or(0, usize::from),
            outputs: Vec::new(),
            quiet: true,
            trace: None,
            shard: None,
            max_time: None,
            beside: Beside::NOTHING,
            changes: Changes::default(),
            args: Vec::new(),
            terminal,
        }
    }

    /// Simulates one scenario, until all is done or `stop` is set; `None` if no replication was finished.
    pub(super) fn finish<'r>(
        &self,
        ready: &'r Ready,
        hash: String,
        (control, stop): (&Control, &AtomicBool),
        until: Until,
    ) -> Option<Finished<'r>> {
        let (ready, seen) = self.settled(ready, (control, stop), until);
        let mut findings = self.findings(&ready, &ready.cases, hash, &seen)?;
        if let Run::Longer(_) = ready {
            let warmup_s = findings.stamp.warmup_s;
            findings.warnings.push(found(warmup_s));
        }
        Some(Finished {
            ready,
            seen,
            findings,
        })
    }

    /// One scenario: simulates, writes, prints.
    pub(super) fn one(&self, ready: &Ready, control: &Control) -> Result<Exit, Error> {
        // A folder that cannot be written is better known before the simulation than after it.
        let hash = identity::hash(&ready.reading.resolved, &ready.cases);
        let folder = self.folder(ready, &hash, control)?;
        let earlier = self.baseline(ready)?;
        let started = receipt::now();
        let until = Until::after(self.max_time);
        let Some(finished) = self.finish(ready, hash, (control, &control.stop), until) else {
            let title = &ready.input.name;
            let (what, exit) = if control.stop.load(Ordering::Relaxed) {
                ("interrupted", Exit::Interrupted)
            } else {
                ("out of time", Exit::NotWritten)
            };
            let when = "before a replication was finished; nothing was written";
            self.terminal.tell(&format!("{title}: {what} {when}"));
            return Ok(exit);
        };
        let Finished {
            ready,
            seen,
            findings,
        } = finished;
        let speed = seen.speed;
        let beside = self.beside_findings(&ready, &findings, &seen);
        drop(seen);
        if self.terminal.is_verbose() {
            self.terminal.tell(&speed.told());
        }
        let kept = self.keep((folder, beside), &ready, &findings, started, speed);
        let shown = kept.as_ref().ok().and_then(Option::as_deref);
        self.show(&findings, shown)?;
        let kept = kept?;
        self.step_summary(&findings)?;
        if let (true, Some(folder), Some(out)) = (self.beside.saves_baseline, &kept, &self.out)
            && findings.stamp.replications == findings.stamp.replications_planned
        {
            folder::point_at(&out.join(&ready.input.stem), results::BASELINE, folder)?;
        }
        if let Some(before) = earlier {
            let after = Side {
                resolved: ready.reading.resolved.clone(),
                findings: findings.clone(),
            };
            self.terminal.print("\n")?;
            side::tell(&before, &after, Comparing::Human, self.terminal)?;
        }
        Ok(counting(Exit::of(&findings), self.beside.fail_on))
    }

    /// The result that this one is to be compared with, if it is.
    fn baseline(&self, ready: &Ready) -> Result<Option<Side>, Error> {
        let Some(out) = self.out.as_ref().filter(|_| self.beside.compares) else {
            return Ok(None);
        };
        let folder = results::place(&format!("@baseline:{}", ready.input.stem), out)?;
        side::of_result(&folder, self.terminal)
    }

    /// The page of a workflow's step, where there is one: the summary is added to it.
    pub(super) fn step_summary(&self, findings: &Findings) -> Result<(), Error> {
        let path = std::env::var_os("GITHUB_STEP_SUMMARY").filter(|path| !path.is_empty());
        let Some(path) = path.filter(|_| self.beside.step_summary) else {
            return Ok(());
        };
        let path = PathBuf::from(path);
        let file = fs::OpenOptions::new().create(true).append(true).open(&path);
        let text = report::summary_markdown(findings);
        file.and_then(|mut file| file.write_all(text.as_bytes()))
            .map_err(Error::write(&path))
    }

    /// Simulates; and if the scenario names no warm-up, and the one by default turns out too short, again with what was found
    /// (A41), which comes with it: all within the time there is.
    fn settled<'r>(
        &self,
        ready: &'r Ready,
        (control, stop): (&Control, &AtomicBool),
        until: Until,
    ) -> (Run<'r>, Seen) {
        let simulate = |now: &Ready| self.simulate(now, &now.cases, (control, stop), until);
        let mut now = Run::Given(ready);
        let mut seen = simulate(ready);
        loop {
            let is_given = ready.reading.views[0].run.warmup.is_some();
            let plan = &now.cases[0].system.plan;
            let wanted = warm_up::wanted(&now.cases, &seen.observations)
                // A system that has not settled after its own window never does.
                .filter(|wanted| !is_given && *wanted <= plan.duration);
            let is_whole = seen.finished() >= seen.planned as usize;
            let Some(wanted) = wanted.filter(|_| is_whole && !until.is_over()) else {
                return (now, seen);
            };
            let mut changes = self.changes.clone();
            let span = format_duration(wanted);
            changes.set.push(format!("run.warmup={span}"));
            let Some(again) = ready.input.clone().check(&changes, self.terminal) else {
                return (now, seen);
            };
            let more = simulate(&again);
            // Whatever is there is better than nothing within the time.
            if more.finished() == 0 {
                return (now, seen);
            }
            (now, seen) = (Run::Longer(Box::new(again)), more);
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

    /// What is kept beside the findings, if anything is: the replications, and the flow runs that are to be followed.
    pub(super) fn beside_findings(
        &self,
        ready: &Ready,
        findings: &Findings,
        seen: &Seen,
    ) -> Vec<report::Artefact> {
        if self.out.is_none() {
            return Vec::new();
        }
        let all = &seen.observations;
        let mut files = vec![report::Artefact {
            path: results::REPLICATIONS.to_owned(),
            bytes: experiment::stored::to_bytes([(findings.stamp.seed, all)]),
        }];
        if let Some(most) = self.trace {
            let traces = experiment::follow(&ready.cases, all, most as usize, self.threads);
            files.extend(report::traces(&findings.stamp, &ready.cases, &traces));
        }
        files
    }

    /// Fills the folder, with what is `beside` the findings too, and puts it into its place.
    pub(super) fn keep(
        &self,
        (folder, beside): (Option<Folder>, Vec<report::Artefact>),
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
        fill(&folder, ready, findings, &receipt, self.beside.adr)?;
        for artefact in beside {
            folder.write(&artefact.path, &artefact.bytes)?;
        }
        let name = identity::short(&stamp.hash);
        // Nothing partial ever takes the place of a whole result.
        let (name, extent) = match self.shard {
            Some(Shard { nth, of }) => {
                let is_whole =
                    stamp.replications as usize == self.range(stamp.replications_planned).len();
                let mark = if is_whole { "" } else { "-partial" };
                (format!("{name}-{nth}of{of}{mark}"), Extent::Partial)
            }
            None if stamp.replications < stamp.replications_planned => {
                (format!("{name}-partial"), Extent::Partial)
            }
            None => (name.to_owned(), Extent::Whole),
        };
        folder.commit(&name, extent).map(Some)
    }

    /// Which of so many replications are simulated.
    fn range(&self, replications: u32) -> Range<u32> {
        self.shard
            .map_or(0..replications, |shard| shard.range(replications))
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
        let range = self.range(plan.replications);
        let planned = range.len() * cases.len();
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
            observations: Observations::none(cases.len(), range.start),
            planned: plan.replications,
            precision: None,
            speed: Speed::new(self.threads, Duration::ZERO, 0, 0),
        };
        loop {
            // Until the first replication has told how the time stands, `stop` itself decides.
            ends.fetch_or(stop.load(Ordering::Relaxed), Ordering::Relaxed);
            let (before, until) = (seen.observations, self.range(seen.planned).end);
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

    /// Every rendering that was asked for; the page for people on stdout if nothing else was. Gives back how many lines went to
    /// stdout.
    pub(super) fn show(&self, findings: &Findings, folder: Option<&Path>) -> Result<usize, Error> {
        self.show_since(None, findings, folder)
    }

    /// The same; on the page with how far each SLO line has moved since an earlier run.
    pub(super) fn show_since(
        &self,
        before: Option<&Findings>,
        findings: &Findings,
        folder: Option<&Path>,
    ) -> Result<usize, Error> {
        let folder = folder.map(|folder| format!("{}/", folder.display()));
        let plain = report::Look {
            color: report::Color::Never,
            width: terminal::WIDTH,
            ..self.terminal.look()
        };
        for Output { format, file } in &self.outputs {
            if let Some(file) = file {
                let text = render(*format, findings, None, plain, folder.as_deref())?;
                fs::write(file, text).map_err(Error::write(file))?;
            }
        }
        let mut to_stdout = self.outputs.iter().filter(|output| output.file.is_none());
        let format = to_stdout
            .next()
            .map_or(Format::Human, |output| output.format);
        let text = if self.quiet && format == Format::Human {
            let verdict = report::verdict(findings);
            format!("{}\n", self.terminal.glyphs().spelt(verdict))
        } else {
            let look = self.terminal.look();
            render(format, findings, before, look, folder.as_deref())?
        };
        self.terminal.print(&text)?;
        Ok(text.lines().count())
    }
}

/// What the verdicts of a run say, with what is asked to count as a failure.
pub(super) const fn counting(exit: Exit, fail_on: FailOn) -> Exit {
    match (exit, fail_on) {
        (Exit::Undecided, FailOn::Undecided) => Exit::Failed,
        (Exit::Undecided | Exit::Failed, FailOn::Never) => Exit::Passed,
        (other, _) => other,
    }
}

fn render(
    format: Format,
    findings: &Findings,
    before: Option<&Findings>,
    look: report::Look,
    folder: Option<&str>,
) -> Result<String, Error> {
    Ok(match format {
        Format::Human => report::page(findings, before, look, folder),
        Format::Json => report::summary_json(findings),
        Format::Markdown => report::summary_markdown(findings),
        Format::Jsonl => report::jsonl(findings),
        Format::Csv => report::csv(findings).map_err(Error::Draw)?,
        Format::Junit => report::junit(findings).map_err(Error::Draw)?,
        Format::Github => report::github(findings),
    })
}

/// The findings without the folder the scenario lay in: the same inputs give the same bytes wherever they are.
fn anywhere(findings: &Findings) -> Findings {
    let base = |path: &str| path.rsplit(['/', '\\']).next().unwrap_or(path).to_owned();
    let mut findings = findings.clone();
    findings.stamp.file = base(&findings.stamp.file);
    // Beside the files of a result lies the scenario with every change in it.
    results::RESOLVED.clone_into(&mut findings.stamp.rerun);
    findings.stamp.flags.clear();
    for warning in &mut findings.warnings {
        warning.place = warning.place.as_deref().map(base);
    }
    findings
}

/// Writes every file of a result.
fn fill(
    folder: &Folder,
    ready: &Ready,
    findings: &Findings,
    receipt: &str,
    adr: bool,
) -> Result<(), Error> {
    let findings = anywhere(findings);
    let extras = Extras {
        adr,
        template: None,
    };
    for artefact in report::artefacts(&findings, extras).map_err(Error::Draw)? {
        folder.write(&artefact.path, &artefact.bytes)?;
    }
    folder.write("scenario.yaml", ready.input.text.as_bytes())?;
    folder.write(results::RESOLVED, ready.reading.shown.as_bytes())?;
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
