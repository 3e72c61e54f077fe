//! The entries of the persons: what Danish sources register, in about the mix in which they do.

use delt_formats::valueset::systems::{
    CLASS, CONFIDENTIALITY, FORMAT, LOINC, MEDCOM_TYPE, NPU, SKS, SNOMED_CT,
};
use delt_proto::common::v1::{Code, Identifier};
use delt_proto::document::v1::{
    Author, DocumentEntry, DocumentEntryType, Institution, Person, ReferenceId,
};
use prost_types::Timestamp;

use super::random::Random;
use crate::profile::{SYSTEMS, SampleSystem};

/// 1 January 2025: entries are older than this, so that no clock of a machine makes them come from the future.
const NEWEST: i64 = 1_735_689_600;
/// They go back ten years.
const SPAN: u64 = 10 * 365 * 86_400;
const MINUTE: i64 = 60;

/// How often of a hundred, system and code of the type, format, title.
type Kind = (u64, &'static str, &'static str, &'static str, &'static str);

const KINDS: &[Kind] = &[
    (
        30,
        LOINC,
        "11502-2",
        "urn:ad:dk:medcom:labreports:svareksponeringsservice",
        "Laboratoriesvar",
    ),
    (
        25,
        MEDCOM_TYPE,
        "CMR",
        "urn:ad:dk:medcom:cmr-v1.0:full",
        "Ambulant notat",
    ),
    (
        18,
        LOINC,
        "39289-4",
        "urn:ad:dk:medcom:apd-v2.0.1:full",
        "Aftale, ambulant kontrol",
    ),
    (
        8,
        LOINC,
        "53576-5",
        "urn:ad:dk:medcom:phmr-v1.3:full",
        "Hjemmemålinger",
    ),
    (
        7,
        LOINC,
        "74465-6",
        "urn:ad:dk:medcom:qrd-v1.3:full",
        "Spørgeskemasvar",
    ),
    (
        5,
        LOINC,
        "81215-6",
        "urn:ad:dk:medcom:cpd-v2.0:full",
        "Genoptræningsplan",
    ),
    (
        4,
        LOINC,
        "11450-4",
        "urn:ad:dk:medcom:plr-v1.0:full",
        "Diagnoseoversigt",
    ),
    (
        3,
        MEDCOM_TYPE,
        "PDC",
        "urn:ad:dk:medcom:pdc-v3.0:full",
        "Stamkort",
    ),
];

/// Source, SOR code and name of a unit, its type, its specialty. Hospitals write most.
type Place = (
    &'static str,
    &'static str,
    &'static str,
    &'static str,
    &'static str,
);

const PLACES: &[Place] = &[
    (
        "ejournal-hovedstaden",
        "990031000016002",
        "Øresund Testhospital, Kardiologisk Afdeling",
        "550851000005109",
        "394579002",
    ),
    (
        "ejournal-hovedstaden",
        "990061000016005",
        "Øresund Testhospital, Klinisk Biokemisk Afdeling",
        "550851000005109",
        "394596001",
    ),
    (
        "ejournal-hovedstaden",
        "990091000016001",
        "Øresund Testhospital, Akutafdelingen",
        "550871000005101",
        "773568002",
    ),
    (
        "ejournal-midtjylland",
        "990221000016007",
        "Gudenå Testhospital, Ortopædkirurgisk Afdeling",
        "550851000005109",
        "394801008",
    ),
    (
        "ejournal-midtjylland",
        "990251000016004",
        "Gudenå Testhospital, Medicinsk Afdeling",
        "550851000005109",
        "419192003",
    ),
    (
        "gp-testby",
        "990401000016001",
        "Lægerne Testby",
        "394761003",
        "408443003",
    ),
    (
        "kommune-testby",
        "990631000016007",
        "Testby Kommune, Hjemmesygeplejen",
        "550621000005101",
        "658161000005107",
    ),
];

const SIGNERS: &[(&str, &str, &str)] = &[
    ("9RK1H", "Ravnkilde-Holm", "Signe"),
    ("9LM4D", "Sørlund", "Adnan"),
    ("9PD2B", "Overgaard-Lyng", "Thit"),
    ("9VX5R", "Kvorning", "Mikkel Aastrup"),
];

const EVENTS: &[(&str, &str)] = &[
    (NPU, "NPU03804"),
    (NPU, "NPU19748"),
    (NPU, "NPU22089"),
    (SKS, "ALAL02"),
    (SKS, "ALAL22"),
    (SKS, "ALAL21"),
];

/// The systems that register entries of the sample.
pub(crate) const SOURCES: [&str; 4] = [
    "ejournal-hovedstaden",
    "ejournal-midtjylland",
    "gp-testby",
    "kommune-testby",
];

/// An entry about a person, and the system that registers it.
pub(crate) fn entry(patient: &Identifier, random: &mut Random) -> (&'static str, DocumentEntry) {
    let place = random.pick(PLACES).copied().unwrap_or_default();
    (place.0, entry_of(place, patient, random))
}

/// The same from one source only.
pub(crate) fn entry_from(source: &str, patient: &Identifier, random: &mut Random) -> DocumentEntry {
    let places: Vec<_> = PLACES.iter().filter(|place| place.0 == source).collect();
    let place = random.pick(&places).map(|place| **place);
    entry_of(place.unwrap_or_default(), patient, random)
}

fn entry_of(
    (source, sor, name, facility, specialty): Place,
    patient: &Identifier,
    random: &mut Random,
) -> DocumentEntry {
    let (_, kind_system, kind, format, title) = kind(random);
    let (source_id, repository) = oids(source);
    let signer = signer(random);
    let created = NEWEST - i64::try_from(random.below(SPAN)).unwrap_or_default();
    let lasted = i64::try_from(random.below(90)).unwrap_or_default() * MINUTE;
    DocumentEntry {
        entry_uuid: random.uuid().to_string(),
        unique_id: format!("1.2.208.184^{}", random.uuid()),
        source_id: source_id.to_owned(),
        repository_unique_id: repository.to_owned(),
        home_community_id: "1.2.208.176.43210.8.10".to_owned(),
        patient: Some(patient.clone()),
        class_code: Some(coded(CLASS, "001", "Klinisk rapport")),
        type_code: Some(coded(kind_system, kind, title)),
        format_code: Some(coded(FORMAT, format, "")),
        healthcare_facility_type_code: Some(coded(SNOMED_CT, facility, "")),
        practice_setting_code: Some(coded(SNOMED_CT, specialty, "")),
        event_codes: events(random),
        confidentiality_codes: vec![coded(CONFIDENTIALITY, "N", "")],
        author: Some(Author {
            institution: Some(Institution {
                sor: sor.to_owned(),
                name: name.to_owned(),
            }),
            person: Some(signer.clone()),
        }),
        legal_authenticator: Some(signer),
        creation_time: Some(at(created)),
        service_start_time: Some(at(created - lasted)),
        service_stop_time: Some(at(created)),
        language_code: "da-DK".to_owned(),
        mime_type: "text/xml".to_owned(),
        size: Some(2_000 + random.below(60_000)),
        hash: random.bytes::<20>().to_vec().into(),
        hash_sha256: random.bytes::<32>().to_vec().into(),
        title: title.to_owned(),
        document_entry_type: DocumentEntryType::Stable.into(),
        reference_ids: references(random),
        ..DocumentEntry::default()
    }
}

fn kind(random: &mut Random) -> Kind {
    let mut drawn = random.below(KINDS.iter().map(|kind| kind.0).sum());
    for kind in KINDS {
        match drawn.checked_sub(kind.0) {
            Some(rest) => drawn = rest,
            None => return *kind,
        }
    }
    Kind::default()
}

fn oids(source: &str) -> (&'static str, &'static str) {
    let known = |system: &&SampleSystem| system.id == source;
    let system = SYSTEMS.iter().find(known);
    system
        .and_then(|system| system.source_id.zip(system.repository))
        .unwrap_or_default()
}

fn signer(random: &mut Random) -> Person {
    let (id, family, given) = random.pick(SIGNERS).copied().unwrap_or_default();
    Person {
        authorisation_id: id.to_owned(),
        family_name: family.to_owned(),
        given_name: given.to_owned(),
    }
}

/// None, one or two.
fn events(random: &mut Random) -> Vec<Code> {
    let first = random.below(6);
    let chosen = EVENTS
        .iter()
        .skip(usize::try_from(first).unwrap_or_default());
    let count = usize::try_from(random.below(3)).unwrap_or_default();
    chosen
        .take(count)
        .map(|(system, code)| coded(system, code, ""))
        .collect()
}

/// Every third belongs to an episode of care.
fn references(random: &mut Random) -> Vec<ReferenceId> {
    if random.below(3) > 0 {
        return Vec::new();
    }
    vec![ReferenceId {
        system: "https://www.esundhed.dk/Registre/Landspatientsregisteret".to_owned(),
        value: random.uuid().to_string(),
        r#type: "urn:ihe:iti:xds:2015:encounterId".to_owned(),
    }]
}

fn coded(system: &str, code: &str, display: &str) -> Code {
    Code {
        system: system.to_owned(),
        code: code.to_owned(),
        display: display.to_owned(),
    }
}

const fn at(seconds: i64) -> Timestamp {
    Timestamp { seconds, nanos: 0 }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use proptest::prelude::*;

    use super::*;
    use crate::bench::data::person::persons;

    proptest! {
        #[test]
        fn the_same_seed_makes_the_same_sample(seed: u64, other: u64) {
            prop_assume!(seed != other);
            let sample = |seed| {
                let mut random = Random::new(seed);
                let persons = persons(40, &mut random);
                let entries: Vec<_> = persons
                    .iter()
                    .map(|person| entry(&person.identifier(), &mut random))
                    .collect();
                (persons, entries)
            };
            prop_assert_eq!(sample(seed), sample(seed));
            prop_assert_ne!(sample(seed), sample(other));
        }
    }

    #[test]
    fn every_kind_and_every_source_occurs() {
        let mut random = Random::new(3);
        let patient = Identifier::default();
        let entries: Vec<_> = (0..2_000).map(|_| entry(&patient, &mut random)).collect();
        let kinds: BTreeSet<_> = entries
            .iter()
            .map(|(_, entry)| entry.type_code.clone().unwrap().code)
            .collect();
        assert_eq!(kinds.len(), KINDS.len());
        for source in SOURCES {
            assert!(entries.iter().any(|(from, _)| *from == source));
        }
    }
}
