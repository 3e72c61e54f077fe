//! What finds accesses that deserve a look.

/// The rules and their parameters.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Rules {}
