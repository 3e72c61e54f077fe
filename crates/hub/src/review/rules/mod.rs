//! What finds accesses that deserve a look.
//!
//! A worker reads the sealed entries of the access log in the order of their leaves, each once, far from the path of any request:
//!
//! ```text
//! log_leaf ─ look: who looked at whom, where, when, why ─ known: what is remembered of the days so far ─ judge: the rules, one file each
//!    └ the counter `review_leaf` is how far that has come; it moves in the transaction that keeps tallies and opens cases
//! ```
//!
//! The rules are pure: the same log, in batches of whatever size, gives the same cases. There is one case for a rule, a person or patient, and a
//! day of the Danish calendar, and its detail holds figures and codes only.

mod danish_time;
mod finding;
mod judge;
mod known;
mod look;
mod rows;
mod settings;
#[cfg(test)]
mod tests;
pub(crate) mod worker;

mod colleague;
mod hours;
mod kin;
mod no_relation;
mod tally;

pub use danish_time::Minute;
pub use settings::{
    Colleague, ManyPatients, ManyPlaces, NoRelation, OutsideHours, Rules, SameAddress,
    SameFamilyName,
};
pub use time::Weekday;
