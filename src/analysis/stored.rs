//! Findings in a file: written beside a result, and read again by what rebuilds or compares it.
//!
//! CBOR (RFC 8949), because it has infinities and what is not a number. A file begins with its format and the version that wrote it:
//! another version may have other findings, and is refused.

use super::Findings;
use crate::experiment::stored::read;
use serde::{Deserialize, Serialize};

/// The format's name and version.
const FORMAT: &str = "brownout/findings/1";

#[derive(Serialize)]
struct Written<'a> {
    format: &'a str,
    version: &'a str,
    findings: &'a Findings,
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
    let stored: Stored = read((FORMAT, "findings"), || bytes)?;
    Ok(stored.findings)
}
