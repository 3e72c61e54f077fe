//! Entries as the sample sources register them, and the words that the calls about them need.

use bytes::Bytes;
use delt_proto::common::v1::{Code, Identifier};
use delt_proto::document::v1::{
    Author, DocumentEntry, DocumentEntryType, Institution, Person, Relation, RelationCode,
};
use delt_proto::spliced::IndexedDocument;
use delt_server::demo::fixtures::{SampleDocument, documents};
use delt_server::profile::{SYSTEMS, SampleSystem};
use prost_types::Timestamp;
use uuid::Uuid;

use crate::hub::random_uuid;

/// Official test persons.
pub const LONNI: &str = "0201609996";
pub const EINER: &str = "0201609995";
pub const LARS: &str = "0505159995";

pub const CPR: &str = "urn:oid:1.2.208.176.1.2";
/// The national replacement number.
pub const X_ECPR: &str = "urn:oid:1.2.208.176.1.6.1.1";
/// Two issuers of decentral replacement numbers.
pub const REGION_H_ECPR: &str = "urn:oid:1.2.208.176.1.6.1.3.187";
pub const REGION_M_ECPR: &str = "urn:oid:1.2.208.176.1.6.1.3.69";

/// Sample sources.
pub const REGION_H: &str = "ejournal-hovedstaden";
pub const REGION_M: &str = "ejournal-midtjylland";
pub const GP: &str = "gp-testby";
pub const MUNICIPALITY: &str = "kommune-testby";

/// Places of treatment, by SOR code.
pub const HOSPITAL: &str = "990021000016004";
pub const CARDIOLOGY: &str = "990031000016002";
pub const HEART_CLINIC: &str = "990041000016009";
pub const HOME_NURSING: &str = "990631000016007";

/// 1 March 2025, 10:00 UTC.
const MARCH: i64 = 1_740_823_200;
pub const HOUR: i64 = 3_600;

/// Kinds of documents: type code and format code, each with its system.
pub const NOTE: Kind = Kind(MEDCOM_TYPES, "CMR", "urn:ad:dk:medcom:cmr-v1.0:full");
pub const STAMKORT: Kind = Kind(MEDCOM_TYPES, "PDC", "urn:ad:dk:medcom:pdc-v3.0:full");
pub const PLAN: Kind = Kind(LOINC, "81215-6", "urn:ad:dk:medcom:cpd-v2.0:full");

const LOINC: &str = "2.16.840.1.113883.6.1";
const MEDCOM_TYPES: &str = "1.2.208.184.100.1";
const SNOMED: &str = "2.16.840.1.113883.6.96";

/// The system of the type code, the type code, the format code.
#[derive(Debug, Clone, Copy)]
pub struct Kind(pub &'static str, pub &'static str, pub &'static str);

/// A CPR number as it is sent.
pub fn cpr(value: &str) -> Identifier {
    number(CPR, value)
}

/// Any person number as it is sent.
pub fn number(system: &str, value: &str) -> Identifier {
    Identifier {
        system: system.to_owned(),
        value: value.to_owned(),
    }
}

pub fn code(system: &str, code: &str) -> Code {
    Code {
        system: system.to_owned(),
        code: code.to_owned(),
        display: String::new(),
    }
}

/// So many hours after the first moment of the tests' calendar.
pub fn hour(hours: i64) -> Timestamp {
    Timestamp {
        seconds: MARCH + hours * HOUR,
        nanos: 0,
    }
}

/// A good clinic note about a person, of a source's own organisation, with an identity of its own.
pub fn note(source: &str, person: &str) -> DocumentEntry {
    about(source, cpr(person))
}

/// The same about any person number.
pub fn about(source: &str, patient: Identifier) -> DocumentEntry {
    let system = system(source);
    let signer = Person {
        authorisation_id: "9RK1H".to_owned(),
        family_name: "Ravnkilde-Holm".to_owned(),
        given_name: "Signe".to_owned(),
    };
    let entry = DocumentEntry {
        entry_uuid: random_uuid().to_string(),
        unique_id: format!("1.2.208.184^{}", random_uuid()),
        source_id: system.source_id.expect("a source").to_owned(),
        repository_unique_id: system.repository.expect("a source").to_owned(),
        home_community_id: "1.2.208.176.43210.8.10".to_owned(),
        patient: Some(patient),
        class_code: Some(code("1.2.208.184.100.9", "001")),
        healthcare_facility_type_code: Some(code(SNOMED, "550851000005109")),
        practice_setting_code: Some(code(SNOMED, "394579002")),
        confidentiality_codes: vec![code("2.16.840.1.113883.5.25", "N")],
        author: Some(Author {
            institution: Some(Institution {
                sor: system.organisation_of_documents().to_owned(),
                name: system.name.to_owned(),
            }),
            person: Some(signer.clone()),
        }),
        legal_authenticator: Some(signer),
        creation_time: Some(hour(0)),
        language_code: "da-DK".to_owned(),
        mime_type: "text/xml".to_owned(),
        size: Some(5),
        hash: Bytes::from_static(&[7; 20]),
        title: "Notat".to_owned(),
        document_entry_type: DocumentEntryType::Stable.into(),
        ..DocumentEntry::default()
    };
    of_kind(entry, NOTE)
}

trait Documented {
    fn organisation_of_documents(&self) -> &'static str;
}

impl Documented for SampleSystem {
    /// The top of what it may write for.
    fn organisation_of_documents(&self) -> &'static str {
        self.organisations
            .first()
            .copied()
            .unwrap_or(self.organisation)
    }
}

fn system(id: &str) -> &'static SampleSystem {
    SYSTEMS
        .iter()
        .find(|system| system.id == id)
        .expect("one of the sample systems")
}

/// The entry as one of another kind of document.
pub fn of_kind(entry: DocumentEntry, Kind(system, kind, format): Kind) -> DocumentEntry {
    DocumentEntry {
        type_code: Some(code(system, kind)),
        format_code: Some(code("1.2.208.184.100.10", format)),
        ..entry
    }
}

/// The entry as one from another organisation.
pub fn by(mut entry: DocumentEntry, sor: &str) -> DocumentEntry {
    let institution = entry
        .author
        .as_mut()
        .and_then(|author| author.institution.as_mut());
    let institution = institution.expect("an entry has an institution");
    sor.clone_into(&mut institution.sor);
    entry
}

/// The entry as one that its source makes when asked.
pub fn on_demand(entry: DocumentEntry) -> DocumentEntry {
    DocumentEntry {
        document_entry_type: DocumentEntryType::OnDemand.into(),
        size: None,
        hash: Bytes::new(),
        hash_sha256: Bytes::new(),
        legal_authenticator: None,
        ..entry
    }
}

/// The entry, related to another one.
pub fn related(entry: DocumentEntry, code: RelationCode, target: &str) -> DocumentEntry {
    let relation = Relation {
        code: code.into(),
        target_entry_uuid: target.to_owned(),
    };
    DocumentEntry {
        relations: vec![relation],
        ..entry
    }
}

/// The entry with the identity of a document of its own.
pub fn anew(entry: DocumentEntry) -> DocumentEntry {
    DocumentEntry {
        entry_uuid: random_uuid().to_string(),
        unique_id: format!("1.2.208.184^{}", random_uuid()),
        ..entry
    }
}

/// One of the documents that come with the program, registered within the tests' calendar: the fixtures' own dates may lie ahead of this machine's.
pub fn fixture(file: &str) -> SampleDocument {
    let found = documents()
        .expect("the fixtures parse")
        .into_iter()
        .find(|held| held.file == file);
    let mut held = found.unwrap_or_else(|| panic!("no fixture {file}"));
    held.entry.creation_time = Some(hour(0));
    held
}

/// A document of this content at a source. It stays in memory until the process ends, as a fixture does.
pub fn held(source: &str, person: &str, content: Vec<u8>) -> SampleDocument {
    let entry = note(source, person);
    let bytes: &'static [u8] = content.leak();
    SampleDocument {
        system: system(source).id,
        file: entry.unique_id.clone(),
        entry: DocumentEntry {
            size: Some(bytes.len() as u64),
            hash: sha1(bytes),
            ..entry
        },
        bytes,
    }
}

fn sha1(bytes: &[u8]) -> Bytes {
    let digest = aws_lc_rs::digest::digest(&aws_lc_rs::digest::SHA1_FOR_LEGACY_USE_ONLY, bytes);
    Bytes::copy_from_slice(digest.as_ref())
}

/// The entryUUIDs of an answer, in its order.
pub fn uuids(documents: &[IndexedDocument]) -> Vec<String> {
    documents
        .iter()
        .map(|document| read(document).entry_uuid)
        .collect()
}

/// What the source said of a document.
pub fn read(document: &IndexedDocument) -> DocumentEntry {
    document.document_entry().expect("an entry")
}

/// An entryUUID that nothing has.
pub fn nobodys() -> String {
    Uuid::to_string(&random_uuid())
}
