//! What the rules read and keep.

mod cases;
mod keep;
mod load;

pub(super) use cases::keep_case;
pub(super) use keep::{forget, keep_counted, keep_seen, move_on};
pub(super) use load::{Sealed, linked, place, sealed, tallies, work};
