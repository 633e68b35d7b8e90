//! Arguments that are more than a word: a rendering and where it goes, a share of the replications.

use std::path::PathBuf;
use std::str::FromStr;

/// A rendering of the findings.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Format {
    /// The page for people.
    Human,
    /// `summary.json`.
    Json,
    /// `summary.md`.
    Markdown,
    /// A JSON document a line.
    Jsonl,
    /// `metrics.csv`.
    Csv,
    /// `JUnit`'s XML.
    Junit,
    /// Commands of a GitHub Actions workflow.
    Github,
}

/// The Kth of N shares of the replications.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Shard {
    /// Which, from 1.
    pub(super) nth: u32,
    /// Of how many.
    pub(super) of: u32,
}

impl Shard {
    /// The replications of this share, of so many: the shares are as even as can be, and in order.
    pub(super) fn range(self, replications: u32) -> std::ops::Range<u32> {
        let from = |nth: u32| {
            let at = u64::from(replications) * u64::from(nth) / u64::from(self.of);
            u32::try_from(at).expect("no more than all")
        };
        from(self.nth - 1)..from(self.nth)
    }
}

impl FromStr for Shard {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let parts = text.split_once('/');
        let number = |text: &str| text.parse::<u32>().ok();
        let shard = parts.and_then(|(nth, of)| Some((number(nth)?, number(of)?)));
        match shard {
            Some((nth, of)) if (1..=of).contains(&nth) => Ok(Self { nth, of }),
            _ => Err("write K/N, the Kth of N, like 1/4".to_owned()),
        }
    }
}

/// A rendering and where it goes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Output {
    /// What.
    pub(super) format: Format,
    /// The file; `None` for stdout.
    pub(super) file: Option<PathBuf>,
}

impl FromStr for Output {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let (word, file) = match text.split_once('=') {
            Some((_, "")) => return Err("no file after `=`".into()),
            Some((word, file)) => (word, Some(PathBuf::from(file))),
            None => (text, None),
        };
        let format = match word {
            "human" => Format::Human,
            "json" => Format::Json,
            "markdown" => Format::Markdown,
            "jsonl" => Format::Jsonl,
            "csv" => Format::Csv,
            "junit" => Format::Junit,
            "github" => Format::Github,
            other => {
                let words = "`human`, `json`, `jsonl`, `csv`, `markdown`, `junit` or `github`";
                return Err(format!("unknown format `{other}`; there is {words}"));
            }
        };
        Ok(Self { format, file })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn shares_are_even_and_leave_nothing_out() {
        for text in ["0/4", "5/4", "1/0", "1", "a/b", "-1/2", "1/4/2"] {
            assert!(text.parse::<Shard>().is_err(), "{text}");
        }
        for (replications, of) in [(20, 4), (10, 3), (3, 3), (7, 1), (u32::MAX, 9)] {
            let shares = (1..=of).map(|nth| Shard { nth, of }.range(replications));
            let shares: Vec<_> = shares.collect();
            assert!(shares.windows(2).all(|two| two[0].end == two[1].start));
            assert_eq!(
                (shares[0].start, shares[shares.len() - 1].end),
                (0, replications)
            );
            let lengths: Vec<usize> = shares.iter().map(ExactSizeIterator::len).collect();
            let (least, most) = (lengths.iter().min(), lengths.iter().max());
            assert!(most.unwrap() - least.unwrap() <= 1, "{lengths:?}");
        }
    }

    #[test]
    fn a_format_may_name_a_file() {
        let output: Output = "json=a=b.json".parse().unwrap();
        assert_eq!(output.format, Format::Json);
        assert_eq!(output.file, Some("a=b.json".into()));
        assert_eq!("human".parse::<Output>().unwrap().file, None);
        assert!("yaml".parse::<Output>().unwrap_err().contains("`yaml`"));
        assert!("json=".parse::<Output>().is_err());
    }
}
