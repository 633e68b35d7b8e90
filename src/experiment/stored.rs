//! Replications in a file: what several machines simulated can be put together as if one had.
//!
//! CBOR (RFC 8949) in gzip (RFC 1952), without a name or a time in it: the same replications give the same bytes.

use super::Observations;
use crate::metrics::Observation;
use flate2::Compression;
use flate2::read::GzDecoder;
use flate2::write::GzEncoder;
use serde::{Deserialize, Serialize};
use std::io::{self, BufReader, Read, Write as _};

/// The format's name and version.
const FORMAT: &str = "brownout/replications/1";

/// Replications with consecutive numbers and one seed.
#[derive(Clone, Debug, PartialEq)]
pub struct Batch {
    /// Their seed.
    pub seed: u64,
    /// What they saw.
    pub observations: Observations,
}

#[derive(Serialize)]
struct Written<'a> {
    format: &'a str,
    version: &'a str,
    batches: Vec<WrittenBatch<'a>>,
}

#[derive(Serialize)]
struct WrittenBatch<'a> {
    seed: u64,
    first: u32,
    cases: &'a [Vec<Observation>],
}

#[derive(Deserialize)]
struct Head {
    format: String,
    version: String,
}

#[derive(Deserialize)]
struct Stored {
    batches: Vec<StoredBatch>,
}

#[derive(Deserialize)]
struct StoredBatch {
    seed: u64,
    first: u32,
    cases: Vec<Vec<Observation>>,
}

/// The bytes of a file of replications.
///
/// # Panics
/// Never: memory takes everything.
#[must_use]
pub fn to_bytes<'a>(batches: impl IntoIterator<Item = (u64, &'a Observations)>) -> Vec<u8> {
    let batches = batches.into_iter().map(|(seed, seen)| WrittenBatch {
        seed,
        first: seen.first,
        cases: &seen.cases,
    });
    let written = Written {
        format: FORMAT,
        version: env!("CARGO_PKG_VERSION"),
        batches: batches.collect(),
    };
    let mut plain = Vec::new();
    ciborium::into_writer(&written, &mut plain).expect("memory takes everything");
    let mut packed = GzEncoder::new(Vec::new(), Compression::fast());
    let packed = packed.write_all(&plain).and_then(|()| packed.finish());
    packed.expect("memory takes everything")
}

/// The replications in such a file.
///
/// # Errors
/// If it is no file of replications, or one of another version of this program, which may simulate otherwise.
pub fn from_bytes(bytes: &[u8]) -> Result<Vec<Batch>, String> {
    let unpacked = || BufReader::new(GzDecoder::new(bytes));
    let stored: Stored = read((FORMAT, "replications"), unpacked)?;
    let batches = stored.batches.into_iter().map(|batch| Batch {
        seed: batch.seed,
        observations: Observations {
            first: batch.first,
            cases: batch.cases,
        },
    });
    Ok(batches.collect())
}

/// What a file of this format holds, behind its name and the version that wrote it; `what` is for messages.
///
/// # Errors
/// If it is no such file, or one of another version of this program.
pub fn read<T, R>((format, what): (&str, &str), open: impl Fn() -> R) -> Result<T, String>
where
    T: for<'de> Deserialize<'de>,
    R: Read,
{
    let unreadable =
        |cause: ciborium::de::Error<io::Error>| format!("not a file of {what}: {cause}");
    let head: Head = ciborium::from_reader(open()).map_err(unreadable)?;
    let own = env!("CARGO_PKG_VERSION");
    if head.format != format || head.version != own {
        return Err(format!(
            "written by brownout {}, and this is {own}: run the scenario again",
            head.version
        ));
    }
    ciborium::from_reader(open()).map_err(unreadable)
}
