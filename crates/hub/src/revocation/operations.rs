//! What can be asked of revocations.

mod lift;
mod list;
mod revoke;

pub use lift::LiftRevocation;
pub use list::{ListRevocations, RevocationPage};
pub use revoke::RevokeAccess;
