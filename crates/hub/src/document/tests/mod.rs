//! The index through the one door, on SQLite.

mod identity;
mod own;
mod relations;
mod status;
pub(super) mod world;
