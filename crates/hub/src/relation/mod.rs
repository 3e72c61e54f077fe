//! Treatment relations: the registered facts that connect a patient with a place of treatment (sundhedsloven § 42 a). Ended, never deleted.

pub mod operations;
pub(crate) mod rows;

pub use rows::KeptRelation;
