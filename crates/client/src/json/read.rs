//! From JSON.

use delt_proto::common::v1::{Code, Identifier};
use delt_proto::document::v1::{Author, DocumentEntry, Institution, Person, ReferenceId, Relation};

use super::JsonError;
use super::object::Object;
use super::words::{ENTRY_TYPES, RELATION_CODES};

type Result<T> = std::result::Result<T, JsonError>;

pub(super) fn entry(mut from: Object) -> Result<DocumentEntry> {
    let entry = DocumentEntry {
        entry_uuid: from.text("entry_uuid")?,
        unique_id: from.text("unique_id")?,
        source_id: from.text("source_id")?,
        repository_unique_id: from.text("repository_unique_id")?,
        home_community_id: from.text("home_community_id")?,
        patient: from.object("patient", identifier)?,
        source_patient: from.object("source_patient", identifier)?,
        class_code: from.object("class_code", code)?,
        type_code: from.object("type_code", code)?,
        format_code: from.object("format_code", code)?,
        healthcare_facility_type_code: from.object("healthcare_facility_type_code", code)?,
        practice_setting_code: from.object("practice_setting_code", code)?,
        event_codes: from.list("event_codes", code)?,
        confidentiality_codes: from.list("confidentiality_codes", code)?,
        author: from.object("author", author)?,
        legal_authenticator: from.object("legal_authenticator", person)?,
        creation_time: from.time("creation_time")?,
        service_start_time: from.time("service_start_time")?,
        service_stop_time: from.time("service_stop_time")?,
        language_code: from.text("language_code")?,
        mime_type: from.text("mime_type")?,
        size: from.whole("size")?,
        hash: from.hex("hash")?,
        hash_sha256: from.hex("hash_sha256")?,
        title: from.text("title")?,
        comments: from.text("comments")?,
        document_entry_type: from.word("document_entry_type", &ENTRY_TYPES)?,
        relations: from.list("relations", relation)?,
        reference_ids: from.list("reference_ids", reference_id)?,
    };
    from.finish().map(|()| entry)
}

fn identifier(mut from: Object) -> Result<Identifier> {
    let identifier = Identifier {
        system: from.text("system")?,
        value: from.text("value")?,
    };
    from.finish().map(|()| identifier)
}

fn code(mut from: Object) -> Result<Code> {
    let code = Code {
        system: from.text("system")?,
        code: from.text("code")?,
        display: from.text("display")?,
    };
    from.finish().map(|()| code)
}

fn author(mut from: Object) -> Result<Author> {
    let author = Author {
        institution: from.object("institution", institution)?,
        person: from.object("person", person)?,
    };
    from.finish().map(|()| author)
}

fn institution(mut from: Object) -> Result<Institution> {
    let institution = Institution {
        sor: from.text("sor")?,
        name: from.text("name")?,
    };
    from.finish().map(|()| institution)
}

fn person(mut from: Object) -> Result<Person> {
    let person = Person {
        authorisation_id: from.text("authorisation_id")?,
        family_name: from.text("family_name")?,
        given_name: from.text("given_name")?,
    };
    from.finish().map(|()| person)
}

fn relation(mut from: Object) -> Result<Relation> {
    let relation = Relation {
        code: from.word("code", &RELATION_CODES)?,
        target_entry_uuid: from.text("target_entry_uuid")?,
    };
    from.finish().map(|()| relation)
}

fn reference_id(mut from: Object) -> Result<ReferenceId> {
    let reference = ReferenceId {
        value: from.text("value")?,
        system: from.text("system")?,
        r#type: from.text("type")?,
    };
    from.finish().map(|()| reference)
}
