//! An independent, deliberately naive reference evaluator, and the real rules held against it.
//!
//! [`rules`] is written from the law and from the public descriptions of the national services, in plain loops and
//! plain tables. It uses the policy crate's data types and none of its functions, so that one mistake cannot stand
//! in both. Where it and the crate differ, the text decides which of them is wrong.

#![expect(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    reason = "a test that fails here should stop"
)]

mod agreement;
mod case;
mod dice;
mod invariance;
mod make;
mod rules;
mod shrink;
mod world;
