//! Rows of delegations, a file for each kind.

pub(crate) mod helpers;
pub(crate) mod permissions;
pub(crate) mod representations;

use crate::Error;

fn malformed() -> Error {
    Error::internal("a stored delegation is malformed")
}
