//! A `DocumentEntry` of the wire, read: total, and all that is wrong named at once. The index checks what it says.

use delt_formats::identifier::system::bare;
use delt_hub::{
    Error, Result,
    clock::Micros,
    document::{
        Author, Code, DocumentEntry, ENCODED_MAX, EncodedEntry, EntryType, Institution, Person,
        ReferenceId, Relation, RelationCode,
    },
    error::{FieldViolation, code},
};
use delt_policy::AuthorisationId;
use delt_proto::{common::v1 as common, document::v1};
use prost::Message as _;
use prost_types::Timestamp;

use crate::grpc::wire;

/// Problems as they are found.
#[derive(Default)]
struct Reading(Vec<FieldViolation>);

impl Reading {
    /// The value; or the problem is kept, and reading goes on.
    fn take<T>(&mut self, read: Result<T>) -> Option<T> {
        read.map_err(|error| self.0.extend_from_slice(error.field_violations()))
            .ok()
    }

    fn each<M, T>(
        &mut self,
        field: &str,
        list: &[M],
        read: impl Fn(&str, &M) -> Result<T>,
    ) -> Vec<T> {
        let items = list.iter().enumerate();
        items
            .filter_map(|(at, item)| self.take(read(&format!("{field}[{at}]"), item)))
            .collect()
    }
}

/// Reads an entry and encodes it for keeping: without the person's numbers, which the index keeps apart.
pub(super) fn entry(entry: Option<v1::DocumentEntry>) -> Result<(DocumentEntry, EncodedEntry)> {
    let mut entry = entry.ok_or_else(|| Error::invalid("entry", "is required"))?;
    // Bounds all of its lists and texts before any of them is looked at.
    if entry.encoded_len() > ENCODED_MAX + PERSONS_MAX {
        return Err(Error::new(code::TOO_LARGE).with_message("an entry has at most 16 KiB"));
    }
    let read = domain(&entry)?;
    entry.entry_uuid = read.entry_uuid.to_string();
    entry.document_entry_type = to_entry_type(read.entry_type).into();
    (entry.patient, entry.source_patient) = (None, None);
    let bytes = entry.encode_to_vec().into();
    Ok((read, EncodedEntry { bytes, decode }))
}

/// Room for the two numbers that are not kept with the entry.
const PERSONS_MAX: usize = 1 << 10;

/// Reads a kept entry back, with the number in the place of the one that is kept apart.
pub(crate) fn decode(
    bytes: &[u8],
    patient: &delt_formats::identifier::PersonNumber,
) -> Option<DocumentEntry> {
    let mut entry = v1::DocumentEntry::decode(bytes).ok()?;
    entry.patient = Some(wire::identifier(patient));
    domain(&entry).ok()
}

fn domain(entry: &v1::DocumentEntry) -> Result<DocumentEntry> {
    let mut reading = Reading::default();
    let read = required(&mut reading, entry);
    match read {
        Some(read) if reading.0.is_empty() => Ok(read),
        _ => Err(Error::violations(reading.0)),
    }
}

/// Everything is read before the first missing part ends it, so that all problems are found.
fn required(reading: &mut Reading, entry: &v1::DocumentEntry) -> Option<DocumentEntry> {
    let entry_uuid = reading.take(wire::uuid("entry.entry_uuid", &entry.entry_uuid));
    let patient = reading.take(wire::person("entry.patient", entry.patient.as_ref()));
    let source_patient = entry.source_patient.as_ref();
    let source_patient =
        source_patient.and_then(|id| reading.take(wire::person("entry.source_patient", Some(id))));
    let class = reading.take(one_code("entry.class_code", entry.class_code.as_ref()));
    let kind = reading.take(one_code("entry.type_code", entry.type_code.as_ref()));
    let format = reading.take(one_code("entry.format_code", entry.format_code.as_ref()));
    let facility = reading.take(one_code(
        "entry.healthcare_facility_type_code",
        entry.healthcare_facility_type_code.as_ref(),
    ));
    let practice = reading.take(one_code(
        "entry.practice_setting_code",
        entry.practice_setting_code.as_ref(),
    ));
    let author = author(reading, entry.author.as_ref());
    let signer = entry.legal_authenticator.as_ref();
    let signer = signer.and_then(|p| reading.take(person("entry.legal_authenticator", p)));
    let creation_time = reading.take(creation_time(entry.creation_time.as_ref()));
    let start = service_time(
        reading,
        "entry.service_start_time",
        entry.service_start_time,
    );
    let stop = service_time(reading, "entry.service_stop_time", entry.service_stop_time);
    let hash = hash(reading, "entry.hash", &entry.hash);
    let hash_sha256 = self::hash(reading, "entry.hash_sha256", &entry.hash_sha256);
    let entry_type = reading.take(entry_type(entry.document_entry_type));
    let relations = reading.each("entry.relations", &entry.relations, relation);
    Some(DocumentEntry {
        entry_uuid: entry_uuid?,
        unique_id: entry.unique_id.clone(),
        source_id: entry.source_id.clone(),
        repository_unique_id: entry.repository_unique_id.clone(),
        home_community_id: entry.home_community_id.clone(),
        patient: patient?,
        source_patient,
        class_code: class?,
        type_code: kind?,
        format_code: format?,
        healthcare_facility_type_code: facility?,
        practice_setting_code: practice?,
        event_codes: entry.event_codes.iter().map(code_of).collect(),
        confidentiality_codes: entry.confidentiality_codes.iter().map(code_of).collect(),
        author: author?,
        legal_authenticator: signer,
        creation_time: creation_time?,
        service_start_time: start,
        service_stop_time: stop,
        language_code: entry.language_code.clone(),
        mime_type: entry.mime_type.clone(),
        size: entry.size,
        hash,
        hash_sha256,
        title: entry.title.clone(),
        comments: entry.comments.clone(),
        entry_type: entry_type?,
        relations,
        reference_ids: entry.reference_ids.iter().map(reference).collect(),
    })
}

fn one_code(field: &str, code: Option<&common::Code>) -> Result<Code> {
    code.map(code_of)
        .ok_or_else(|| Error::invalid(field, "is required"))
}

/// Systems are compared without prefix; the encoded entry keeps them as they were written.
fn code_of(code: &common::Code) -> Code {
    Code {
        system: bare(&code.system).to_owned(),
        code: code.code.clone(),
    }
}

fn author(reading: &mut Reading, author: Option<&v1::Author>) -> Option<Author> {
    let institution = author.and_then(|author| author.institution.as_ref());
    let institution = institution
        .ok_or_else(|| Error::invalid("entry.author.institution", "is required"))
        .and_then(|institution| {
            Ok(Institution {
                organisation: wire::organisation("entry.author.institution.sor", &institution.sor)?,
                name: institution.name.clone(),
            })
        });
    let institution = reading.take(institution);
    let someone = author.and_then(|author| author.person.as_ref());
    let person = someone.and_then(|p| reading.take(person("entry.author.person", p)));
    Some(Author {
        institution: institution?,
        person,
    })
}

fn person(field: &str, person: &v1::Person) -> Result<Person> {
    let authorisation = wire::optional(&person.authorisation_id)
        .map(|id| {
            AuthorisationId::parse(id).map_err(|_| {
                Error::invalid(
                    format!("{field}.authorisation_id"),
                    "must have five characters",
                )
            })
        })
        .transpose()?;
    Ok(Person {
        authorisation,
        family_name: person.family_name.clone(),
        given_name: person.given_name.clone(),
    })
}

fn creation_time(at: Option<&Timestamp>) -> Result<Micros> {
    let field = "entry.creation_time";
    wire::micros(
        field,
        at.ok_or_else(|| Error::invalid(field, "is required"))?,
    )
}

fn service_time(reading: &mut Reading, field: &str, at: Option<Timestamp>) -> Option<Micros> {
    reading
        .take(wire::optional_micros(field, at.as_ref()))
        .flatten()
}

fn hash<const N: usize>(reading: &mut Reading, field: &str, bytes: &[u8]) -> Option<[u8; N]> {
    if bytes.is_empty() {
        return None;
    }
    let wrong = || Error::invalid(field, format!("must be {N} bytes, not text"));
    reading.take(bytes.try_into().map_err(|_| wrong()))
}

fn entry_type(value: i32) -> Result<EntryType> {
    use v1::DocumentEntryType::{OnDemand, Stable, Unspecified};
    match v1::DocumentEntryType::try_from(value) {
        Ok(Unspecified | Stable) => Ok(EntryType::Stable),
        Ok(OnDemand) => Ok(EntryType::OnDemand),
        Err(_) => Err(Error::invalid("entry.document_entry_type", "is not known")),
    }
}

const fn to_entry_type(value: EntryType) -> v1::DocumentEntryType {
    match value {
        EntryType::Stable => v1::DocumentEntryType::Stable,
        EntryType::OnDemand => v1::DocumentEntryType::OnDemand,
    }
}

fn relation(field: &str, relation: &v1::Relation) -> Result<Relation> {
    use v1::RelationCode::{Appends, Replaces, Signs, Transforms, Unspecified};
    let code = match v1::RelationCode::try_from(relation.code) {
        Ok(Replaces) => RelationCode::Replaces,
        Ok(Appends) => RelationCode::Appends,
        Ok(Transforms) => RelationCode::Transforms,
        Ok(Signs) => RelationCode::Signs,
        Ok(Unspecified) | Err(_) => {
            return Err(Error::invalid(format!("{field}.code"), "is required"));
        }
    };
    let target = wire::uuid(
        &format!("{field}.target_entry_uuid"),
        &relation.target_entry_uuid,
    )?;
    Ok(Relation { code, target })
}

fn reference(id: &v1::ReferenceId) -> ReferenceId {
    ReferenceId {
        value: id.value.clone(),
        system: id.system.clone(),
        kind: id.r#type.clone(),
    }
}
