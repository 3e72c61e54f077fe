//! How cases, the work on them and samples are kept.

mod figures;
mod open;
mod population;
mod samples;
mod select;
mod steps;

pub(super) use figures::{Where, accesses as count_accesses, cases as count_cases, median};
pub(crate) use open::{NewCase, PersonRef, lock_numbers, open, open_once};
pub(super) use population::{LookUp, Walk, checkpoint, drawn, is_unsealed, last_leaf};
pub(super) use samples::{
    by_id as sample_by_id, by_seed as sample_by_seed, insert as insert_sample,
    newest_first as samples_newest_first,
};
pub(super) use select::{Asked, is_actor, one, select};
pub(super) use steps::{NewStep, advance, proposer};
