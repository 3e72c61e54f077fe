//! The role policies through time: every edition is kept, with when it came into force, so that what could be seen at a time can be told afterwards.
//!
//! One history for all hubs of a database. Hubs that run different editions at the same time would each be right about itself and wrong about the
//! other, so operators change them together; the history then says when the first of them changed.

mod past;
mod replace;
mod rows;

pub(crate) use past::{PastEditions, in_force_at};
pub use replace::Replaced;
pub(crate) use replace::enter_into_force;
