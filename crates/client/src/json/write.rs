//! To JSON.

use delt_proto::common::v1::{Code, Identifier};
use delt_proto::document::v1::{Author, DocumentEntry, Institution, Person, ReferenceId, Relation};
use delt_proto::spliced::IndexedDocument;
use prost_types::Timestamp;
use serde_json::{Map, Value};

use super::words::{ENTRY_TYPES, RELATION_CODES, status_word, word_of};
use super::{to_hex, to_rfc3339};

/// An object that leaves out what is absent.
#[derive(Default)]
struct Fields(Map<String, Value>);

impl Fields {
    fn text(self, name: &str, text: &str) -> Self {
        if text.is_empty() {
            self
        } else {
            self.value(name, Value::from(text))
        }
    }

    fn time(self, name: &str, moment: Option<&Timestamp>) -> Self {
        self.text(name, &moment.and_then(to_rfc3339).unwrap_or_default())
    }

    fn object<T>(self, name: &str, from: Option<&T>, write: fn(&T) -> Value) -> Self {
        match from {
            None => self,
            Some(from) => self.value(name, write(from)),
        }
    }

    fn list<T>(self, name: &str, from: &[T], write: fn(&T) -> Value) -> Self {
        if from.is_empty() {
            self
        } else {
            self.value(name, from.iter().map(write).collect())
        }
    }

    fn value(mut self, name: &str, value: Value) -> Self {
        self.0.insert(name.to_owned(), value);
        self
    }

    fn done(self) -> Value {
        Value::Object(self.0)
    }
}

/// An entry, in the form that [`super::entry_from_json`] reads.
pub fn entry_to_json(entry: &DocumentEntry) -> Value {
    let kind = word_of(entry.document_entry_type, &ENTRY_TYPES);
    let fields = Fields::default()
        .text("entry_uuid", &entry.entry_uuid)
        .text("unique_id", &entry.unique_id)
        .text("source_id", &entry.source_id)
        .text("repository_unique_id", &entry.repository_unique_id)
        .text("home_community_id", &entry.home_community_id)
        .object("patient", entry.patient.as_ref(), identifier)
        .object("source_patient", entry.source_patient.as_ref(), identifier)
        .object("author", entry.author.as_ref(), author)
        .object(
            "legal_authenticator",
            entry.legal_authenticator.as_ref(),
            person,
        )
        .time("creation_time", entry.creation_time.as_ref())
        .time("service_start_time", entry.service_start_time.as_ref())
        .time("service_stop_time", entry.service_stop_time.as_ref())
        .text("language_code", &entry.language_code)
        .text("mime_type", &entry.mime_type)
        .object("size", entry.size.as_ref(), |size| Value::from(*size))
        .text("hash", &to_hex(&entry.hash))
        .text("hash_sha256", &to_hex(&entry.hash_sha256))
        .text("title", &entry.title)
        .text("comments", &entry.comments)
        .text("document_entry_type", kind)
        .list("relations", &entry.relations, relation)
        .list("reference_ids", &entry.reference_ids, reference_id);
    codes(fields, entry).done()
}

fn codes(fields: Fields, entry: &DocumentEntry) -> Fields {
    let facility = entry.healthcare_facility_type_code.as_ref();
    fields
        .object("class_code", entry.class_code.as_ref(), code)
        .object("type_code", entry.type_code.as_ref(), code)
        .object("format_code", entry.format_code.as_ref(), code)
        .object("healthcare_facility_type_code", facility, code)
        .object(
            "practice_setting_code",
            entry.practice_setting_code.as_ref(),
            code,
        )
        .list("event_codes", &entry.event_codes, code)
        .list("confidentiality_codes", &entry.confidentiality_codes, code)
}

/// An entry as the index holds it, with what has become of it.
///
/// # Errors
/// The hub sent an entry that does not decode.
pub fn indexed_to_json(document: &IndexedDocument) -> Result<Value, crate::ClientError> {
    let entry = document
        .document_entry()
        .map_err(|_| crate::ClientError::Contract("an entry that does not decode"))?;
    let fields = Fields::default()
        .value("entry", entry_to_json(&entry))
        .text("status", status_word(document.status))
        .time("registered_time", document.registered_time.as_ref())
        .time("status_time", document.status_time.as_ref())
        .text("replaced_by_entry_uuid", &document.replaced_by_entry_uuid)
        .time("dead_since", document.dead_since.as_ref())
        .value(
            "opened_by_override",
            Value::from(document.opened_by_override),
        );
    Ok(fields.done())
}

fn identifier(from: &Identifier) -> Value {
    Fields::default()
        .text("system", &from.system)
        .text("value", &from.value)
        .done()
}

fn code(from: &Code) -> Value {
    Fields::default()
        .text("system", &from.system)
        .text("code", &from.code)
        .text("display", &from.display)
        .done()
}

fn author(from: &Author) -> Value {
    Fields::default()
        .object("institution", from.institution.as_ref(), institution)
        .object("person", from.person.as_ref(), person)
        .done()
}

fn institution(from: &Institution) -> Value {
    Fields::default()
        .text("sor", &from.sor)
        .text("name", &from.name)
        .done()
}

fn person(from: &Person) -> Value {
    Fields::default()
        .text("authorisation_id", &from.authorisation_id)
        .text("family_name", &from.family_name)
        .text("given_name", &from.given_name)
        .done()
}

fn relation(from: &Relation) -> Value {
    Fields::default()
        .text("code", word_of(from.code, &RELATION_CODES))
        .text("target_entry_uuid", &from.target_entry_uuid)
        .done()
}

fn reference_id(from: &ReferenceId) -> Value {
    Fields::default()
        .text("value", &from.value)
        .text("system", &from.system)
        .text("type", &from.r#type)
        .done()
}
