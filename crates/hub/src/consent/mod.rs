//! A citizen's blocks and permits. What they mean is in [`delt_policy::Consent`]; here they are kept: ended, never deleted.

pub mod operations;
pub(crate) mod rows;

pub use rows::KeptConsent;
