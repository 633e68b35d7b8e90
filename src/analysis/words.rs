//! The fixed words in findings, as they are read from a file.

use serde::Deserialize;
use serde::de::{Deserializer, Error as _};

/// One of a fixed number of words of this program.
pub type Word = &'static str;

/// A word of ours. A command reads a handful of results, and their words stay as long as it runs.
pub(super) fn word<'de, D: Deserializer<'de>>(from: D) -> Result<&'static str, D::Error> {
    /// The longest word there is, with some room.
    const LENGTH_MAX: usize = 64;
    let text = String::deserialize(from)?;
    if text.len() > LENGTH_MAX {
        return Err(D::Error::custom("a word that is too long"));
    }
    Ok(Box::leak(text.into_boxed_str()))
}

#[derive(Deserialize)]
struct Named<T>(#[serde(deserialize_with = "word")] Word, T);

/// Things with such words for names.
pub(super) fn named<'de, D, T>(from: D) -> Result<Vec<(&'static str, T)>, D::Error>
where
    D: Deserializer<'de>,
    T: Deserialize<'de>,
{
    let all = Vec::<Named<T>>::deserialize(from)?;
    Ok(all
        .into_iter()
        .map(|Named(word, thing)| (word, thing))
        .collect())
}
