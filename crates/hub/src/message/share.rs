//! Sent and shared are one: the entry in the index that points at a message.
//!
//! The hub keeps the message, so it is the repository of these entries. They are registered by the sender's system, which therefore finds them in
//! its reconciliation (told apart by [`SOURCE_ID`]) and can withdraw them. A hospital notification says where a patient is, not what was found:
//! it is no document and gets no entry.

use aws_lc_rs::digest::{SHA1_FOR_LEGACY_USE_ONLY, SHA256, digest};
use delt_formats::{
    identifier::{PersonNumber, system},
    valueset::{ValueSet, codes, delt, systems},
};
use delt_policy::{OrganisationId, Sector};
use uuid::Uuid;

use super::{
    MessageType,
    read::{Incoming, Revision},
};
use crate::{
    document::{
        Author, Code, DocumentEntry, EncodedEntry, EntryType, Institution, ReferenceId, Relation,
        RelationCode,
    },
    organisation::Directory,
};

/// XDS `sourceId` of the entries that point at messages: the hub itself.
pub const SOURCE_ID: &str = "2.25.186244652490234922419860254686767193623";
/// XDS `repositoryUniqueId` of the hub's own store of messages.
pub const REPOSITORY_UNIQUE_ID: &str = "2.25.244416741904835734520784965337971274340";

/// The Danish XDS domain.
const HOME_COMMUNITY: &str = "1.2.208.176.8.1";
/// HL7 v3 `NullFlavor`, for what a message does not say: better than a guess that filters would take for a fact.
const NULL_FLAVOR: &str = "2.16.840.1.113883.5.1008";

/// How the edge writes an entry for the index, which is opaque to the hub.
pub type Encode = fn(&DocumentEntry) -> EncodedEntry;

/// What the index says of a message type: LOINC type, format, title.
struct Shape {
    type_code: &'static str,
    format_code: &'static str,
    title: &'static str,
}

const fn shape(message_type: MessageType) -> Option<Shape> {
    match message_type {
        MessageType::Xdis01 => Some(Shape {
            type_code: delt::TYPE_DISCHARGE_LETTER,
            format_code: delt::FORMAT_XDIS01,
            title: "Udskrivningsepikrise",
        }),
        MessageType::CareCommunication => Some(Shape {
            type_code: delt::TYPE_CARE_COMMUNICATION,
            format_code: delt::FORMAT_CARE_COMMUNICATION,
            title: "Korrespondance",
        }),
        // The type of home measurements, as in the CDA documents (PHMR).
        MessageType::HomeCareObservation => Some(Shape {
            type_code: "53576-5",
            format_code: delt::FORMAT_HOMECARE_OBSERVATION,
            title: "Målinger i hjemmet",
        }),
        MessageType::HospitalNotification => None,
    }
}

/// The person in whose record a message is shared, if it is one to share.
pub(super) fn patient(incoming: &Incoming) -> Option<&PersonNumber> {
    let cancels = matches!(incoming.head.revision, Revision::Cancels(_));
    let shared = shape(incoming.head.message_type).is_some() && !cancels;
    incoming.head.patient.as_ref().filter(|_| shared)
}

/// What is stamped on a message and its entry when they are accepted.
pub(super) struct Stamp {
    pub(super) message_id: Uuid,
    pub(super) entry_uuid: Uuid,
    /// The entry that this one replaces.
    pub(super) replaces: Option<Uuid>,
}

/// The entry of a message; none for what is not a document.
pub(super) fn entry(
    incoming: &Incoming,
    content: &[u8],
    stamp: &Stamp,
    directory: &Directory,
) -> Option<DocumentEntry> {
    let head = &incoming.head;
    let shape = shape(head.message_type)?;
    let name = directory
        .organisation(&incoming.sender)
        .map_or("", |o| o.name.as_str());
    let sector = directory.tree().sector(&incoming.sender);
    let corrects = matches!(head.revision, Revision::Corrects(_));
    Some(DocumentEntry {
        entry_uuid: stamp.entry_uuid,
        unique_id: stamp.message_id.urn().to_string(),
        source_id: SOURCE_ID.to_owned(),
        repository_unique_id: REPOSITORY_UNIQUE_ID.to_owned(),
        home_community_id: HOME_COMMUNITY.to_owned(),
        patient: patient(incoming)?.clone(),
        source_patient: None,
        class_code: code(systems::CLASS, "001"),
        type_code: code(systems::LOINC, shape.type_code),
        format_code: code(delt::FORMAT_SYSTEM, shape.format_code),
        healthcare_facility_type_code: facility(sector),
        practice_setting_code: practice_setting(head.specialty.as_deref(), name, sector),
        event_codes: Vec::new(),
        confidentiality_codes: vec![code(systems::CONFIDENTIALITY, "N")],
        author: author(&incoming.sender, name),
        legal_authenticator: None,
        creation_time: head.created,
        service_start_time: head.service_start,
        service_stop_time: head.service_stop,
        language_code: "da-DK".to_owned(),
        mime_type: head.message_type.mime_type().to_owned(),
        size: u64::try_from(content.len()).ok(),
        hash: Some(fixed(digest(&SHA1_FOR_LEGACY_USE_ONLY, content).as_ref())),
        hash_sha256: Some(fixed(digest(&SHA256, content).as_ref())),
        title: if corrects {
            format!("{} (rettet)", shape.title)
        } else {
            shape.title.to_owned()
        },
        comments: String::new(),
        entry_type: EntryType::Stable,
        relations: stamp.replaces.map(replaces).into_iter().collect(),
        reference_ids: head
            .episode_of_care
            .as_deref()
            .map(episode)
            .into_iter()
            .collect(),
    })
}

fn code(system: &str, code: &str) -> Code {
    Code {
        system: system.to_owned(),
        code: code.to_owned(),
    }
}

fn author(organisation: &OrganisationId, name: &str) -> Author {
    let institution = Institution {
        organisation: organisation.clone(),
        name: name.to_owned(),
    };
    Author {
        institution,
        person: None,
    }
}

const fn replaces(target: Uuid) -> Relation {
    Relation {
        code: RelationCode::Replaces,
        target,
    }
}

fn episode(value: &str) -> ReferenceId {
    ReferenceId {
        value: value.to_owned(),
        system: system::LPR3.to_owned(),
        kind: "urn:ihe:iti:xds:2015:encounterId".to_owned(),
    }
}

fn fixed<const N: usize>(hash: &[u8]) -> [u8; N] {
    let mut bytes = [0; N];
    for (byte, hashed) in bytes.iter_mut().zip(hash) {
        *byte = *hashed;
    }
    bytes
}

fn facility(sector: Sector) -> Code {
    let snomed = match sector {
        Sector::Region | Sector::Private => "22232009",
        Sector::GeneralPractice => "394761003",
        Sector::SpecialistPractice => "550671000005100",
        Sector::Municipality => "547211000005108",
        Sector::Pharmacy => "264372000",
        Sector::National | Sector::Unknown => return code(NULL_FLAVOR, "UNK"),
    };
    code(systems::SNOMED_CT, snomed)
}

/// The sender's specialty: as the letter says it, else as the sender's name in the directory says it ("Kardiologisk Afdeling"), else that of a
/// sector that has but one.
fn practice_setting(specialty: Option<&str>, name: &str, sector: Sector) -> Code {
    let of_sector = match sector {
        Sector::GeneralPractice => Some("408443003"),
        Sector::Municipality => Some("658161000005107"),
        _ => None,
    };
    specialty
        .and_then(|said| specialty_named(|display| display == in_words(said)))
        .or_else(|| specialty_named(|display| name.to_lowercase().contains(display)))
        .or(of_sector)
        .map_or_else(
            || code(NULL_FLAVOR, "UNK"),
            |snomed| code(systems::SNOMED_CT, snomed),
        )
}

/// The practice setting whose display fits; of several the longest, so that "klinisk biokemi" is not read as anything shorter.
fn specialty_named(fits: impl Fn(&str) -> bool) -> Option<&'static str> {
    codes(ValueSet::PracticeSetting)
        .filter(|(_, _, display)| fits(display))
        .max_by_key(|(_, _, display)| display.len())
        .map(|(_, code, _)| code)
}

/// MedCom writes `paediatri_sygehus` for "pædiatri".
fn in_words(code: &str) -> String {
    let code = code.strip_suffix("_sygehus").unwrap_or(code);
    code.replace('_', " ")
        .replace("ae", "æ")
        .replace("oe", "ø")
        .replace("aa", "å")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn setting(specialty: Option<&str>, name: &str, sector: Sector) -> String {
        practice_setting(specialty, name, sector).code
    }

    #[test]
    fn the_specialty_is_what_is_said_and_never_guessed() {
        assert_eq!(setting(Some("kardiologi"), "", Sector::Region), "394579002");
        assert_eq!(
            setting(Some("paediatri_sygehus"), "", Sector::Region),
            "394537008"
        );
        assert_eq!(
            setting(None, "Klinisk Biokemisk Afdeling", Sector::Region),
            "394596001"
        );
        assert_eq!(
            setting(Some("noget_andet"), "Kardiologisk Afdeling", Sector::Region),
            "394579002"
        );
        assert_eq!(setting(None, "Akutafdelingen", Sector::Region), "UNK");
        assert_eq!(
            setting(None, "Lægerne", Sector::GeneralPractice),
            "408443003"
        );
    }

    #[test]
    fn the_codes_of_a_sector_are_in_their_value_sets() {
        use delt_formats::valueset::lookup;
        for sector in Sector::ALL {
            let Code { system, code } = facility(sector);
            assert!(code == "UNK" || lookup(ValueSet::FacilityType, &system, &code).is_some());
            let Code { system, code } = practice_setting(None, "", sector);
            assert!(code == "UNK" || lookup(ValueSet::PracticeSetting, &system, &code).is_some());
        }
    }
}
