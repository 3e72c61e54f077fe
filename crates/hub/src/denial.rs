//! What a refused caller is told: the reason in general terms, never whether anything exists.

use delt_policy::DenialReason;

use crate::{Error, error::code};

/// The error for a denial. The grounds are in the audit entry, not here.
pub(crate) fn error(reason: DenialReason) -> Error {
    match reason {
        DenialReason::NoRelation => Error::new(code::NO_TREATMENT_RELATION),
        DenialReason::PurposeMissing | DenialReason::PurposeNotAllowed => {
            Error::new(code::PURPOSE_NOT_ALLOWED)
        }
        DenialReason::OverrideReasonMissing => Error::new(code::OVERRIDE_REASON_REQUIRED),
        DenialReason::OverrideGroundMissing => Error::new(code::OVERRIDE_GROUND_REQUIRED),
        DenialReason::ConditionsNotMet => Error::new(code::PURPOSE_CONDITIONS_NOT_MET),
        DenialReason::DelegationMissing => Error::new(code::DELEGATION_MISSING),
        DenialReason::ForeignOrganisation => Error::new(code::FOREIGN_ORGANISATION),
        _ => Error::new(code::ACCESS_DENIED),
    }
}
