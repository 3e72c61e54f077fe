//! What can be asked of consents.

mod create;
mod end;
mod explain;
mod list;

pub use create::CreateConsent;
pub use end::EndConsent;
pub use explain::{Access, ExplainAccess, Explained, PlaceAccess, Seat, WhatIf, Whom};
pub use list::ListConsents;
