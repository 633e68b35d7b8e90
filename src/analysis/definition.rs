//! What a metric or a closed form is, in words and as a formula.

/// A metric, or a closed form.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Definition {
    /// As it is written in an SLO line, and in reports before any `_p99`, `_mean` or `_max`.
    pub name: &'static str,
    /// Its unit.
    pub unit: &'static str,
    /// What it is.
    pub what: &'static str,
    /// How it comes out of counts and times; one number for each replication.
    pub formula: &'static str,
    /// The rule of the model, and how it is asked for where that is not plain; of a closed form, who said so.
    pub rule: &'static str,
}

pub(super) const fn define(
    name: &'static str,
    unit: &'static str,
    what: &'static str,
    formula: &'static str,
    rule: &'static str,
) -> Definition {
    Definition {
        name,
        unit,
        what,
        formula,
        rule,
    }
}

impl Definition {
    /// As lines for people.
    #[must_use]
    pub fn text(&self) -> String {
        format!(
            "{} ({})\n  {}\n  = {}\n  rule {} of docs/MODEL.md\n",
            self.name, self.unit, self.what, self.formula, self.rule
        )
    }

    /// The same of a closed form: its `rule` is who said so.
    #[must_use]
    pub fn form_text(&self) -> String {
        format!(
            "{} ({}), a closed form\n  {}\n  = {}\n  {}\n",
            self.name, self.unit, self.what, self.formula, self.rule
        )
    }
}
