//! What a new right to act for somebody else must fulfil before it is kept.

use super::{HelperDelegation, QualityPermission, Representation};
use crate::calendar::years_after;
use crate::{CitizenRelation, OrganisationTree};

/// A delegation of more documents than this is no power of attorney that anybody can oversee.
const MAX_DOCUMENT_TYPES: usize = 64;

/// What is wrong with a delegation that is to be registered: the field and the problem, never a value.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("{field} {problem}")]
pub struct DelegationInvalid {
    /// Path in the record, such as `validity.end`.
    pub field: &'static str,
    /// In words.
    pub problem: &'static str,
}

impl HelperDelegation {
    /// Checks a new delegation: two years at most, and nothing that cannot be delegated.
    ///
    /// # Errors
    /// The first thing that is wrong.
    pub fn check(&self, tree: &OrganisationTree) -> Result<(), DelegationInvalid> {
        require(!self.rights.is_empty(), "rights", "name at least one right")?;
        require(
            self.rights.iter().all(|right| right.goes_to_helpers()),
            "rights",
            "hold one that cannot be delegated",
        )?;
        require(
            tree.contains(&self.organisation),
            "organisation",
            "is not an organisation in the directory",
        )?;
        require(
            self.from < self.until,
            "validity.end",
            "must be after the start",
        )?;
        require(
            Some(self.until) <= years_after(self.from, 2),
            "validity.end",
            "is at most two years after the start",
        )
    }
}

impl Representation {
    /// Checks a new representation.
    ///
    /// # Errors
    /// The first thing that is wrong.
    pub fn check(&self) -> Result<(), DelegationInvalid> {
        require(!self.rights.is_empty(), "rights", "name at least one right")?;
        require(
            self.rights
                .iter()
                .all(|right| right.goes_to_representatives()),
            "rights",
            "hold one that a representative cannot have",
        )?;
        require(
            self.representative != self.patient,
            "representative",
            "is the citizen",
        )?;
        require(
            self.until.is_none_or(|until| self.from < until),
            "validity.end",
            "must be after the start",
        )?;
        require(
            self.kind != CitizenRelation::Proxy || self.until.is_some(),
            "validity.end",
            "a power of attorney must end",
        )?;
        require(
            self.kind == CitizenRelation::Custody || !self.after_fifteen,
            "after_fifteen",
            "is for custody only",
        )?;
        require(
            self.document_types.len() <= MAX_DOCUMENT_TYPES,
            "type_codes",
            "are more than 64",
        )
    }
}

impl QualityPermission {
    /// Checks a new permission.
    ///
    /// # Errors
    /// The first thing that is wrong.
    pub fn check(&self, tree: &OrganisationTree) -> Result<(), DelegationInvalid> {
        require(
            tree.contains(&self.organisation),
            "organisation",
            "is not an organisation in the directory",
        )?;
        require(
            self.from < self.until,
            "validity.end",
            "must be after the start",
        )
    }
}

fn require(
    holds: bool,
    field: &'static str,
    problem: &'static str,
) -> Result<(), DelegationInvalid> {
    if holds {
        Ok(())
    } else {
        Err(DelegationInvalid { field, problem })
    }
}
