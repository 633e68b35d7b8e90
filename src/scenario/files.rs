//! Files that a scenario names: read whole, bounded, known by their digest.

use std::path::Path;

use sha2::{Digest, Sha256};

use super::suggest::all_of;

/// The largest file read, in bytes.
const FILE_MAX: u64 = 64 << 20;

/// What stands in a file; or why that cannot be told.
pub(super) fn read(folder: &Path, file: &str) -> Result<String, String> {
    let path = folder.join(file);
    let text = match std::fs::metadata(&path).map(|found| found.len()) {
        Ok(size) if size > FILE_MAX => Err("it is larger than 64 MiB".to_owned()),
        Ok(_) => std::fs::read_to_string(&path).map_err(|error| error.to_string()),
        Err(error) => Err(error.to_string()),
    };
    text.map_err(|cause| format!("cannot read `{file}`: {}", cause.to_lowercase()))
}

/// The SHA-256 of a file's content, in hexadecimal; of nothing, if it cannot be read.
pub(super) fn digest_of(path: &Path) -> String {
    let content = std::fs::read(path).unwrap_or_default();
    let digest = Sha256::digest(&content);
    let digits =
        |byte: &u8| [byte >> 4, byte & 15].map(|digit| char::from_digit(u32::from(digit), 16));
    digest.iter().flat_map(digits).flatten().collect()
}

/// The numbers in a CSV column, none negative; without a name, in the only one. `what` they are is for messages.
pub(super) fn column(text: &str, name: Option<&str>, what: &str) -> Result<Vec<f64>, String> {
    let mut reader = csv::Reader::from_reader(text.as_bytes());
    let headers = reader.headers().map_err(|error| error.to_string())?.clone();
    let found = match name {
        Some(name) => headers.iter().position(|header| header.trim() == name),
        None => (headers.len() == 1).then_some(0),
    };
    let Some(index) = found else {
        let columns = all_of(headers.iter());
        return Err(match name {
            Some(name) => format!("it has no column `{name}`; its columns are {columns}"),
            None => format!("which `column`? its columns are {columns}"),
        });
    };
    let mut numbers = Vec::new();
    for (row, record) in reader.records().enumerate() {
        let record = record.map_err(|error| error.to_string())?;
        let cell = record.get(index).unwrap_or("").trim();
        let number = cell.parse().ok();
        let number = number.filter(|number: &f64| number.is_finite() && *number >= 0.0);
        numbers.push(number.ok_or_else(|| format!("row {}: `{cell}` is not {what}", row + 2))?);
    }
    Ok(numbers)
}
