//! The entry that the hub makes of a message, written as a source would have written it.

use delt_formats::valueset::{ValueSet, lookup};
use delt_hub::document::{
    Author, Code, DocumentEntry, EncodedEntry, EntryType, Person, ReferenceId, Relation,
    RelationCode,
};
use delt_proto::{common::v1 as common, document::v1};
use prost::Message as _;

use crate::grpc::{document, wire};

/// Encodes an entry for keeping: without the person's numbers, which the index keeps apart.
pub(super) fn encode(entry: &DocumentEntry) -> EncodedEntry {
    EncodedEntry {
        bytes: written(entry).encode_to_vec().into(),
        decode: document::decode,
    }
}

fn written(entry: &DocumentEntry) -> v1::DocumentEntry {
    v1::DocumentEntry {
        entry_uuid: entry.entry_uuid.to_string(),
        unique_id: entry.unique_id.clone(),
        source_id: entry.source_id.clone(),
        repository_unique_id: entry.repository_unique_id.clone(),
        home_community_id: entry.home_community_id.clone(),
        patient: None,
        source_patient: None,
        class_code: Some(code(ValueSet::Class, &entry.class_code)),
        type_code: Some(code(ValueSet::Type, &entry.type_code)),
        format_code: Some(code(ValueSet::Format, &entry.format_code)),
        healthcare_facility_type_code: Some(code(
            ValueSet::FacilityType,
            &entry.healthcare_facility_type_code,
        )),
        practice_setting_code: Some(code(
            ValueSet::PracticeSetting,
            &entry.practice_setting_code,
        )),
        event_codes: codes(ValueSet::Event, &entry.event_codes),
        confidentiality_codes: codes(ValueSet::Confidentiality, &entry.confidentiality_codes),
        author: Some(author(&entry.author)),
        legal_authenticator: entry.legal_authenticator.as_ref().map(person),
        creation_time: Some(wire::timestamp(entry.creation_time)),
        service_start_time: entry.service_start_time.map(wire::timestamp),
        service_stop_time: entry.service_stop_time.map(wire::timestamp),
        language_code: entry.language_code.clone(),
        mime_type: entry.mime_type.clone(),
        size: entry.size,
        hash: bytes(entry.hash.as_ref()),
        hash_sha256: bytes(entry.hash_sha256.as_ref()),
        title: entry.title.clone(),
        comments: entry.comments.clone(),
        document_entry_type: entry_type(entry.entry_type).into(),
        relations: entry.relations.iter().map(relation).collect(),
        reference_ids: entry.reference_ids.iter().map(reference).collect(),
    }
}

/// With the Danish display, where the code is in its value set.
fn code(set: ValueSet, code: &Code) -> common::Code {
    common::Code {
        system: code.system.clone(),
        code: code.code.clone(),
        display: lookup(set, &code.system, &code.code)
            .unwrap_or_default()
            .to_owned(),
    }
}

fn codes(set: ValueSet, codes: &[Code]) -> Vec<common::Code> {
    codes.iter().map(|one| code(set, one)).collect()
}

fn author(author: &Author) -> v1::Author {
    v1::Author {
        institution: Some(v1::Institution {
            sor: author.institution.organisation.code().to_owned(),
            name: author.institution.name.clone(),
        }),
        person: author.person.as_ref().map(person),
    }
}

fn person(person: &Person) -> v1::Person {
    let authorisation = person.authorisation.as_ref();
    v1::Person {
        authorisation_id: authorisation
            .map(|id| id.as_str().to_owned())
            .unwrap_or_default(),
        family_name: person.family_name.clone(),
        given_name: person.given_name.clone(),
    }
}

fn bytes<const N: usize>(hash: Option<&[u8; N]>) -> prost::bytes::Bytes {
    hash.map(|hash| prost::bytes::Bytes::copy_from_slice(hash))
        .unwrap_or_default()
}

const fn entry_type(value: EntryType) -> v1::DocumentEntryType {
    match value {
        EntryType::Stable => v1::DocumentEntryType::Stable,
        EntryType::OnDemand => v1::DocumentEntryType::OnDemand,
    }
}

fn relation(relation: &Relation) -> v1::Relation {
    let code = match relation.code {
        RelationCode::Replaces => v1::RelationCode::Replaces,
        RelationCode::Appends => v1::RelationCode::Appends,
        RelationCode::Transforms => v1::RelationCode::Transforms,
        RelationCode::Signs => v1::RelationCode::Signs,
    };
    v1::Relation {
        code: code.into(),
        target_entry_uuid: relation.target.to_string(),
    }
}

fn reference(id: &ReferenceId) -> v1::ReferenceId {
    v1::ReferenceId {
        value: id.value.clone(),
        system: id.system.clone(),
        r#type: id.kind.clone(),
    }
}

#[cfg(test)]
mod tests {
    use delt_formats::identifier::PersonNumber;
    use delt_hub::document::Institution;
    use delt_policy::OrganisationId;
    use uuid::Uuid;

    use super::*;

    fn one(system: &str, code: &str) -> Code {
        Code {
            system: system.to_owned(),
            code: code.to_owned(),
        }
    }

    fn entry() -> DocumentEntry {
        let organisation = OrganisationId::sor("990031000016002").unwrap();
        DocumentEntry {
            entry_uuid: Uuid::from_u128(1),
            unique_id: Uuid::from_u128(2).urn().to_string(),
            source_id: "2.25.1".to_owned(),
            repository_unique_id: "2.25.2".to_owned(),
            home_community_id: "1.2.208.176.8.1".to_owned(),
            patient: PersonNumber::cpr("0201609996").unwrap(),
            source_patient: None,
            class_code: one("1.2.208.184.100.9", "001"),
            type_code: one("2.16.840.1.113883.6.1", "18842-5"),
            format_code: one("urn:delt:format", "urn:dk:x"),
            healthcare_facility_type_code: one("2.16.840.1.113883.6.96", "22232009"),
            practice_setting_code: one("2.16.840.1.113883.6.96", "394579002"),
            event_codes: vec![one("1.2.208.176.2.4", "ALAL01")],
            confidentiality_codes: vec![one("2.16.840.1.113883.5.25", "N")],
            author: Author {
                institution: Institution {
                    organisation,
                    name: "Afdeling".to_owned(),
                },
                person: None,
            },
            legal_authenticator: None,
            creation_time: 1_793_606_400_000_001,
            service_start_time: Some(1),
            service_stop_time: Some(2),
            language_code: "da-DK".to_owned(),
            mime_type: "text/xml".to_owned(),
            size: Some(5_827),
            hash: Some([1; 20]),
            hash_sha256: Some([2; 32]),
            title: "Udskrivningsepikrise".to_owned(),
            comments: "k".to_owned(),
            entry_type: EntryType::Stable,
            relations: vec![Relation {
                code: RelationCode::Replaces,
                target: Uuid::from_u128(3),
            }],
            reference_ids: vec![ReferenceId {
                value: "v".to_owned(),
                system: "s".to_owned(),
                kind: "t".to_owned(),
            }],
        }
    }

    #[test]
    fn what_is_kept_reads_back_whole_and_holds_no_number() {
        let entry = entry();
        let encoded = encode(&entry);
        let kept = v1::DocumentEntry::decode(encoded.bytes.clone()).unwrap();
        assert_eq!((kept.patient, kept.source_patient), (None, None));
        assert_eq!(kept.type_code.unwrap().display, "Epikrise");
        assert_eq!(
            (encoded.decode)(&encoded.bytes, &entry.patient).unwrap(),
            entry
        );
    }
}
