//! The way of a message over a whole hub on a database of its own.

mod answers;
mod delivery;
mod sending;
mod sharing;
mod stays;
pub(in crate::message) mod world;
