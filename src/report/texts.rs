//! A table of texts, whatever it is set in.

use serde::Serialize;

/// A table of texts: every row has as many cells as the head.
#[derive(Debug, PartialEq, Serialize)]
pub(super) struct Table {
    pub(super) head: Vec<String>,
    pub(super) rows: Vec<Vec<String>>,
}
