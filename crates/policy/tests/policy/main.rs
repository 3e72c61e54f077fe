//! The policy crate from the outside: one small world, and what is decided in it.

#![expect(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    reason = "a test that fails here should stop"
)]

mod any;
mod any_right;
mod consents;
mod delegation;
mod glass;
mod limits;
mod loading;
mod matrix;
mod parties;
mod properties;
mod purposes;
mod question;
mod representation;
mod rights;
mod rules;
mod world;
