//! A citizen's blocks and permits. What they mean is in [`delt_policy::Consent`]; here they are kept: ended, never deleted.

pub mod operations;
mod registrar;
pub(crate) mod rows;
mod terms;

pub use rows::KeptConsent;
pub use terms::ConsentTerms;
