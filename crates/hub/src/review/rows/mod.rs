//! How cases and the work on them are kept.

mod open;
mod select;
mod steps;

pub(crate) use open::{NewCase, PersonRef, lock_numbers, open, open_once};
pub(super) use select::{Asked, is_actor, one, select};
pub(super) use steps::{NewStep, advance, proposer};
