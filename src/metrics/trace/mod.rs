//! Single flow runs as trees of spans, of an even sample of a run, and where their time goes.
//!
//! ```text
//! engine ─happenings─▶ Tracer ─▶ Trace (spans of a flow run) ─▶ Parts (seconds of its answer and completion by what went on)
//! ```

mod parts;
mod sample;
mod span;
mod tracer;

pub use parts::{FlowParts, Part, Parts};
pub use span::{Span, Spot, Trace, What};
pub use tracer::Tracer;

#[cfg(test)]
mod tests;
