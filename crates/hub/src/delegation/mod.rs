//! Rights to act for somebody else. What they mean is in [`delt_policy::delegation`]; here they are kept: ended, never deleted.
//!
//! - a helper (medhjælp) under a responsible professional: [`KeptDelegation`]
//! - a representative of a citizen (custody, guardian, power of attorney): [`KeptRepresentation`]
//! - the management's permission for quality work (Sundhedsloven § 42 d): [`KeptPermission`]
//!
//! The number of a helper or a representative is kept sealed, once, as a patient's is; the rows here hold its key.

pub mod operations;
pub(crate) mod rows;

use delt_policy::{HelperDelegation, QualityPermission, Representation};

use crate::clock::Micros;

/// A helper's delegation and when it was given.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct KeptDelegation {
    pub delegation: HelperDelegation,
    pub created_at: Micros,
}

/// A right to act for a citizen, and who told of it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct KeptRepresentation {
    pub representation: Representation,
    pub created_at: Micros,
    pub registrar: Registrar,
}

/// Who told of a representation, and so may end it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Registrar {
    /// A register of persons.
    Register,
    /// The citizen.
    Citizen,
}

/// A permission for quality work, with the management's own reference of its decision.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct KeptPermission {
    pub permission: QualityPermission,
    pub reference: String,
    pub created_at: Micros,
}
