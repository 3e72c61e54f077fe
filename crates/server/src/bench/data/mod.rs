//! What is measured on: a sample of persons and entries that follows from a seed.

pub(super) mod entry;
pub(super) mod person;
pub(super) mod random;
