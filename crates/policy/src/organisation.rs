//! Organisations in a SOR-like hierarchy.

mod id;
mod sector;
mod tree;

pub use id::{OrganisationId, OrganisationIdInvalid};
pub use sector::Sector;
pub use tree::OrganisationTree;
pub(crate) use tree::Place;
