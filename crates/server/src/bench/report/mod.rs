//! What is told of a run.

pub(super) mod machine;
mod svg;
mod table;
pub(super) mod targets;

pub use svg::chart;
pub use table::text;
