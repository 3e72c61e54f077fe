//! What a role may do at all: Cedar policies kept as data in `deploy/policy/`.
//!
//! Role rules only ever narrow: relation, consent and organisation are decided in Rust beside them.

mod class;
mod edition;
mod load;
mod matrix;
mod staff;

pub use class::{Confidentiality, DocumentClass};
pub use edition::Edition;
pub use load::{PolicyInvalid, RolePolicy};
pub use matrix::{Principal, RoleAnswer, RoleQuestion, RoleTable};
