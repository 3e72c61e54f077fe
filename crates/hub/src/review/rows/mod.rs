//! How cases and the work on them are kept.

mod open;
mod select;

pub(crate) use open::{NewCase, PersonRef, lock_numbers, open, open_once};
pub(crate) use select::{Range, select, with_word};
