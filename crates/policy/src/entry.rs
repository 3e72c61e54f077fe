//! What a decision needs to know of one index entry.

use uuid::Uuid;

use crate::{Micros, OrganisationId, PatientKey};

/// The metadata of one entry that consent and role rules look at.
///
/// `None` means "the metadata do not say", and where a block could cover the entry it then does
/// (the precautionary rule of the national consent service).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct EntryFacts {
    /// XDS entryUUID.
    pub entry_uuid: Uuid,
    /// Whose record it stands in.
    pub patient: PatientKey,
    /// XDS `typeCode`: a LOINC or `MedCom` code, `57059-8` or `PDC`.
    pub type_code: String,
    /// XDS confidentialityCode, `N` in the national profile.
    pub confidentiality: String,
    /// XDS authorInstitution, mapped to SOR; `None` where it could not be mapped.
    pub author_organisation: Option<OrganisationId>,
    /// XDS creationTime.
    pub creation_time: Micros,
    /// XDS serviceStartTime.
    pub service_start: Option<Micros>,
    /// XDS serviceStopTime.
    pub service_stop: Option<Micros>,
    /// The id of the system that registered it.
    pub source_id: String,
}
