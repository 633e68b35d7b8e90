//! `summary.md`: one page that answers the scenario's question, for a wiki or a pull request. And `adr.md`: the same under the
//! headings of an architecture decision record (MADR 4.0, adr.github.io/madr).

use super::review::{QualityScenario, Review};
use super::story;
use super::texts::Table;
use super::view::{CausesView, View};

/// The text of `summary.md`.
pub(super) fn markdown(view: &View) -> String {
    let mut page = Page::default();
    page.answer(view);
    page.slo(view);
    page.review(&view.review);
    for flow in &view.flows {
        page.heading(2, &flow.name);
        page.table(&flow.figures);
        if !flow.causes.is_empty() {
            page.heading(3, &format!("Why {} runs did not end well", flow.name));
            flow.causes.iter().for_each(|causes| page.causes(causes));
        }
    }
    for data in &view.data {
        page.heading(2, &data.name);
        page.table(&data.figures);
    }
    page.faults(view);
    page.theory(view);
    page.assumptions(view);
    page.warnings(view);
    page.reproduce(view);
    page.0
}

/// What is said where no number has a source.
const NO_SOURCES: &str =
    "The scenario names no `sources` for its numbers: take all of them for guesses.";

/// The text of `adr.md`.
pub(super) fn adr(view: &View) -> String {
    let mut page = Page::default();
    page.line(&format!("# {}", escape(&view.title)));
    page.heading(2, "Context and Problem Statement");
    match &view.question {
        Some(question) => page.line(&escape(question)),
        None => page.line("Which of the variants should be built?"),
    }
    page.heading(2, "Decision Drivers");
    page.scenarios(&view.review.scenarios);
    if let Some(slo) = &view.slo {
        for row in &slo.rows {
            page.line(&format!("- {} {}", escape(&row[0]), target(&row[1])));
        }
    }
    page.heading(2, "Considered Options");
    let names = view
        .flows
        .first()
        .map_or(&[][..], |flow| &flow.figures.head[1..]);
    for name in names {
        let mut variants = view.variants.iter();
        let title = variants.find(|one| one.name == *name && one.title != one.name);
        let title = title.map_or(String::new(), |one| format!(": {}", escape(&one.title)));
        page.line(&format!("- {}{title}", escape(name)));
    }
    page.heading(2, "Decision Outcome");
    page.line(&sentence(view));
    page.line("");
    page.line("The decision is yours: write here what was chosen, and why.");
    page.heading(3, "Consequences");
    page.list("Trade-off", &view.review.tradeoffs);
    page.list("Risk", &view.review.risks);
    page.list("No risk", &view.review.non_risks);
    page.heading(3, "Confirmation");
    page.list("Confidence", &view.review.confidence);
    page.list("Would change it", &view.review.change);
    page.heading(2, "Pros and Cons of the Options");
    if let Some(slo) = &view.slo {
        page.table(slo);
    }
    for flow in &view.flows {
        page.heading(3, &flow.name);
        page.table(&flow.figures);
    }
    page.assumptions(view);
    page.reproduce(view);
    page.0
}

/// The answer with its mark and its price.
fn sentence(view: &View) -> String {
    let price = view
        .price
        .as_ref()
        .map_or(String::new(), |price| format!("; {price}"));
    let text = format!("{} {}{price}", view.mark, view.answer);
    format!("{}.", escape(text.trim()))
}

/// Text that Markdown takes as it is, on one line, also in a table.
fn escape(text: &str) -> String {
    let mut safe = String::new();
    for c in text.chars() {
        match c {
            '|' | '*' | '<' | '[' | ']' | '`' | '\\' | '#' => {
                safe.push('\\');
                safe.push(c);
            }
            c if c.is_control() => safe.push(' '),
            c => safe.push(c),
        }
    }
    safe
}

/// A sentence in which backticks enclose code.
fn prose(text: &str) -> String {
    let parts = text.split('`').enumerate();
    let parts = parts.map(|(nth, part)| {
        if nth % 2 == 0 {
            escape(part)
        } else {
            code(part)
        }
    });
    parts.collect()
}

/// A comparison needs no escape before its blank.
fn target(text: &str) -> String {
    escape(text).replace("\\< ", "< ")
}

/// Text as code; a backtick inside becomes an apostrophe.
fn code(text: &str) -> String {
    format!("`{}`", super::layout::clean(text).replace('`', "'"))
}

#[derive(Default)]
struct Page(String);

impl Page {
    fn line(&mut self, content: &str) {
        self.0.push_str(content.trim_end());
        self.0.push('\n');
    }

    fn heading(&mut self, level: usize, text: &str) {
        self.line("");
        self.line(&format!("{} {}", "#".repeat(level), escape(text)));
        self.line("");
    }

    fn table(&mut self, table: &Table) {
        let row = |cells: &[String]| {
            let cells = cells.iter().map(|cell| target(cell));
            format!("| {} |", cells.collect::<Vec<_>>().join(" | "))
        };
        self.line(&row(&table.head));
        self.line(&format!("{}|", "|---".repeat(table.head.len())));
        for cells in &table.rows {
            self.line(&row(cells));
        }
    }

    fn list(&mut self, label: &str, items: &[String]) {
        for item in items {
            self.line(&format!("- **{label}.** {}", prose(item)));
        }
    }

    fn answer(&mut self, view: &View) {
        self.line(&format!("# {}", escape(&view.title)));
        self.line("");
        if let Some(question) = &view.question {
            self.line(&format!("**Question.** {}", escape(question)));
            self.line("");
        }
        self.line(&format!("**Answer.** {}", sentence(view)));
        self.line("");
        if !view.titles.is_empty() {
            self.line(&format!(
                "**Variants.** {}.",
                escape(&view.titles.join("; "))
            ));
            self.line("");
        }
        self.line(&format!("*{}*", escape(&view.stamp)));
    }

    fn slo(&mut self, view: &View) {
        let Some(slo) = &view.slo else { return };
        self.heading(2, "SLO");
        self.table(slo);
        self.line("");
        for reason in &view.doubts {
            self.line(&format!("- {}", escape(reason)));
        }
        if !view.doubts.is_empty() {
            self.line("");
        }
        self.line(&view.slo_note);
    }

    fn review(&mut self, review: &Review) {
        self.heading(2, "For the review");
        self.scenarios(&review.scenarios);
        self.list("Trade-off", &review.tradeoffs);
        self.list("Sensitivity", &review.sensitivity);
        self.list("Risk", &review.risks);
        self.list("No risk", &review.non_risks);
        self.list("Confidence", &review.confidence);
        self.list("Would change the verdict", &review.change);
    }

    fn scenarios(&mut self, scenarios: &[QualityScenario]) {
        for one in scenarios {
            self.line(&format!(
                "- **Scenario.** Source: {}. Stimulus: {}. Artifact: {}. Environment: {}. Response: {}. Measure: {}.",
                escape(&one.source),
                escape(&one.stimulus),
                escape(&one.artifact),
                escape(&one.environment),
                escape(&one.response.join(" · ")),
                escape(&one.measure)
            ));
        }
    }

    fn causes(&mut self, causes: &CausesView) {
        self.line(&format!("- **{}**: {}", escape(&causes.variant), causes.of));
        for cause in &causes.items {
            let why = if cause.why.is_empty() {
                String::new()
            } else {
                format!(": {}", escape(&cause.why))
            };
            self.line(&format!(
                "  - {} ({}) {}{why}",
                cause.share,
                cause.count,
                escape(&cause.what)
            ));
        }
        if causes.more > 0 {
            let more = story::plural(causes.more as u64, "other cause");
            self.line(&format!("  - {more} in `data/causes.csv`"));
        }
    }

    fn faults(&mut self, view: &View) {
        let Some(faults) = &view.faults else { return };
        self.heading(2, "Faults");
        self.table(faults);
        if let Some(blast_radius) = &view.blast_radius {
            self.heading(3, "Blast radius");
            self.line("Services of which more calls fail while the fault acts than just before, and the share that fails.");
            self.line("");
            self.table(blast_radius);
        }
    }

    fn theory(&mut self, view: &View) {
        let Some(theory) = &view.theory else { return };
        self.heading(2, "Beside theory");
        self.table(theory);
        self.line("");
        self.line(&prose(&view.theory_note));
    }

    fn assumptions(&mut self, view: &View) {
        self.heading(2, "Assumptions");
        if view.assumptions.is_empty() {
            self.line(NO_SOURCES);
        }
        for one in &view.assumptions {
            self.line(&format!("- {}: {}", code(&one.path), escape(&one.source)));
        }
    }

    fn warnings(&mut self, view: &View) {
        if view.warnings.is_empty() {
            return;
        }
        self.heading(2, "Warnings");
        for warning in &view.warnings {
            let place = warning.place.as_ref();
            let place = place.map_or(String::new(), |place| format!(" ({})", code(place)));
            self.line(&format!(
                "- {}: {}{place}",
                escape(&warning.code),
                prose(&warning.message)
            ));
        }
    }

    fn reproduce(&mut self, view: &View) {
        self.heading(2, "Reproduce");
        self.line("```sh");
        self.line(&view.command);
        self.line("```");
        self.line("");
        self.line(&format!(
            "brownout {} · SHA-256 {} · {} warm-up, {} measured.",
            escape(&view.version),
            code(&view.hash),
            view.warmup,
            view.duration
        ));
        self.line("");
        self.line(&view.limits.join(" "));
    }
}
