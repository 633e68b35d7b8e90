//! Findings in a file: written beside a result, and read again by what rebuilds or compares it.
//!
//! CBOR (RFC 8949), because it has infinities and what is not a number. A file begins with its format and the version that wrote it:
//! another version may have other findings, and is refused.

use super::Findings;
use serde::{Deserialize, Serialize};
use std::io::Read;

/// The format's name and version.
const FORMAT: &str = "brownout/findings/1";

#[derive(Serialize)]
struct Written<'a> {
    format: &'a str,
    version: &'a str,
    findings: &'a Findings,
}

#[derive(Deserialize)]
struct Head {
    format: String,
    version: String,
}

#[derive(Deserialize)]
struct Stored {
    findings: Findings,
}

/// The bytes of a file of findings.
///
/// # Panics
/// Never: memory takes everything.
#[must_use]
pub fn to_bytes(findings: &Findings) -> Vec<u8> {
    let mut bytes = Vec::new();
    let written = Written {
        format: FORMAT,
        version: &findings.stamp.version,
        findings,
    };
    ciborium::into_writer(&written, &mut bytes).expect("memory takes everything");
    bytes
}

/// The findings in such a file.
///
/// # Errors
/// If it is no file of findings, or one of another version of this program.
pub fn from_bytes(bytes: &[u8]) -> Result<Findings, String> {
    let unreadable = |cause: &dyn std::fmt::Display| format!("not a file of findings: {cause}");
    let head: Head = read(bytes).map_err(|cause| unreadable(&cause))?;
    let own = env!("CARGO_PKG_VERSION");
    if head.format != FORMAT || head.version != own {
        return Err(format!(
            "written by brownout {}, and this is {own}: run the scenario again",
            head.version
        ));
    }
    let stored: Stored = read(bytes).map_err(|cause| unreadable(&cause))?;
    Ok(stored.findings)
}

fn read<T: for<'de> Deserialize<'de>>(bytes: impl Read) -> Result<T, String> {
    ciborium::from_reader(bytes).map_err(|error| error.to_string())
}
