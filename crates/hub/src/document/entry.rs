//! The XDS/Danish attributes of one document (IHE TF-3 4.2.3.2, MedCom's DK metadata profile).

use bytes::Bytes;
use delt_formats::identifier::PersonNumber;
use delt_policy::{AuthorisationId, OrganisationId};
use uuid::Uuid;

use crate::clock::Micros;

/// A code within its system (an OID without prefix, or a URI). The display stays in the encoded entry.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Code {
    pub system: String,
    pub code: String,
}

/// Stable documents have bytes, on-demand ones are made when asked for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum EntryType {
    Stable,
    OnDemand,
}

/// XDS `availabilityStatus`, with the history that the index keeps.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum AvailabilityStatus {
    Approved,
    /// Replaced by a newer entry.
    Superseded,
    /// No longer valid, without a replacement.
    Deprecated,
    /// Should never have been shared.
    Withdrawn,
}

/// XDS association types between entries of one patient.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum RelationCode {
    /// RPLC: the target is superseded, and so are its addenda and transforms.
    Replaces,
    /// APND
    Appends,
    /// XFRM
    Transforms,
    /// signs
    Signs,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Relation {
    pub code: RelationCode,
    pub target: Uuid,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Institution {
    pub organisation: OrganisationId,
    pub name: String,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Person {
    pub authorisation: Option<AuthorisationId>,
    pub family_name: String,
    pub given_name: String,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Author {
    pub institution: Institution,
    pub person: Option<Person>,
}

/// XDS `referenceIdList` item.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct ReferenceId {
    pub value: String,
    pub system: String,
    pub kind: String,
}

/// What a source says of one document. Well-formed by construction of the edge; its codes are checked by the operation.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DocumentEntry {
    pub entry_uuid: Uuid,
    pub unique_id: String,
    pub source_id: String,
    pub repository_unique_id: String,
    pub home_community_id: String,
    pub patient: PersonNumber,
    pub source_patient: Option<PersonNumber>,
    pub class_code: Code,
    pub type_code: Code,
    pub format_code: Code,
    pub healthcare_facility_type_code: Code,
    pub practice_setting_code: Code,
    pub event_codes: Vec<Code>,
    pub confidentiality_codes: Vec<Code>,
    pub author: Author,
    pub legal_authenticator: Option<Person>,
    pub creation_time: Micros,
    pub service_start_time: Option<Micros>,
    pub service_stop_time: Option<Micros>,
    pub language_code: String,
    pub mime_type: String,
    /// Bytes; none for on-demand documents.
    pub size: Option<u64>,
    /// SHA-1, as the Danish profile asks; none for on-demand documents.
    pub hash: Option<[u8; 20]>,
    pub hash_sha256: Option<[u8; 32]>,
    pub title: String,
    pub comments: String,
    pub entry_type: EntryType,
    pub relations: Vec<Relation>,
    pub reference_ids: Vec<ReferenceId>,
}

/// An entry as it was sent, without the person's numbers: opaque to the hub, and spliced into answers as it is.
#[derive(Debug, Clone)]
pub struct EncodedEntry {
    pub bytes: Bytes,
    /// How the edge that encoded it reads it back, for telling which fields of two entries differ. The reader puts the given number in the place
    /// of the one that is not stored.
    pub decode: fn(&[u8], &PersonNumber) -> Option<DocumentEntry>,
}

/// An entry for an answer: what its source said, and what has become of it since.
#[derive(Debug, Clone)]
pub struct IndexedEntry {
    pub entry_uuid: Uuid,
    /// As it was registered, without the person's numbers.
    pub encoded: Bytes,
    pub status: AvailabilityStatus,
    pub registered_at: Micros,
    /// When the status last changed.
    pub status_at: Option<Micros>,
    pub replaced_by: Option<Uuid>,
    /// Since when retrievals have found the source without the document, or with other bytes.
    pub dead_since: Option<Micros>,
    /// Opened only because break-glass set a rule aside.
    pub opened_by_override: bool,
}
