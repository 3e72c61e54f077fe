//! A small world: a region with two hospitals, a practice, a municipality; one patient; a few callers.

use std::sync::{Arc, LazyLock};

use delt_policy::*;
use uuid::Uuid;

pub(crate) const NOW: Micros = 1_800_000_000_000_000;
pub(crate) const HOUR: Micros = 3_600_000_000;
pub(crate) const DAY: Micros = 24 * HOUR;

pub(crate) const REGION: &str = "1000";
pub(crate) const HOSPITAL: &str = "1100";
pub(crate) const CARDIOLOGY: &str = "1110";
pub(crate) const WARD: &str = "1111";
pub(crate) const PSYCHIATRY: &str = "1200";
pub(crate) const PRACTICE: &str = "2000";
pub(crate) const MUNICIPALITY: &str = "3000";
pub(crate) const HOME_NURSING: &str = "3100";
/// Not in the directory.
pub(crate) const STRANGE: &str = "9999";

pub(crate) const PLACES: [&str; 9] = [
    REGION,
    HOSPITAL,
    CARDIOLOGY,
    WARD,
    PSYCHIATRY,
    PRACTICE,
    MUNICIPALITY,
    HOME_NURSING,
    STRANGE,
];

pub(crate) static POLICY: LazyLock<Arc<RolePolicy>> =
    LazyLock::new(|| Arc::new(RolePolicy::builtin().unwrap()));

pub(crate) static TREE: LazyLock<Arc<OrganisationTree>> = LazyLock::new(|| {
    Arc::new(OrganisationTree::new([
        (org(REGION), None, Some(Sector::Region)),
        (org(HOSPITAL), Some(org(REGION)), None),
        (org(CARDIOLOGY), Some(org(HOSPITAL)), None),
        (org(WARD), Some(org(CARDIOLOGY)), None),
        (org(PSYCHIATRY), Some(org(REGION)), None),
        (org(PRACTICE), None, Some(Sector::GeneralPractice)),
        (org(MUNICIPALITY), None, Some(Sector::Municipality)),
        (org(HOME_NURSING), Some(org(MUNICIPALITY)), None),
    ]))
});

pub(crate) fn org(code: &str) -> OrganisationId {
    OrganisationId::sor(code).unwrap()
}

pub(crate) fn key(byte: u8) -> PatientKey {
    PatientKey::new([byte; 32])
}

pub(crate) fn auth(id: &str) -> AuthorisationId {
    AuthorisationId::parse(id).unwrap()
}

pub(crate) fn id(number: u128) -> Uuid {
    Uuid::from_u128(number)
}

pub(crate) fn system(place: &str, kinds: &[SystemKind]) -> System {
    System {
        id: format!("system-{place}"),
        organisation: org(place),
        kinds: kinds.to_vec(),
    }
}

pub(crate) fn professional(role: &str, authorisation: &str, place: &str) -> Person {
    Person {
        kind: PersonKind::Professional {
            authorisation: auth(authorisation),
            role: role.to_owned(),
        },
        organisation: Some(org(place)),
    }
}

/// A person behind a consumer system of their own place.
pub(crate) fn at(person: Person) -> Party {
    let place = person.organisation.clone().unwrap_or_else(|| org(REGION));
    Party {
        system: system(place.code(), &[SystemKind::Consumer]),
        person: Some(person),
        responsible: None,
        on_behalf: None,
        person_key: None,
    }
}

pub(crate) fn physician(place: &str) -> Party {
    at(professional("laege", "7LK1D", place))
}

pub(crate) fn nurse(place: &str) -> Party {
    at(professional("sygeplejerske", "7SP2C", place))
}

pub(crate) fn person(kind: PersonKind) -> Party {
    at(Person {
        kind,
        organisation: None,
    })
}

pub(crate) fn citizen(key: PatientKey) -> Party {
    Party {
        person_key: Some(key),
        ..person(PersonKind::Citizen { key })
    }
}

pub(crate) fn source(place: &str) -> Party {
    Party {
        system: system(place, &[SystemKind::Source]),
        person: None,
        responsible: None,
        on_behalf: None,
        person_key: None,
    }
}

pub(crate) fn relation(place: &str) -> TreatmentRelation {
    TreatmentRelation {
        id: id(0xb0),
        patient: key(1),
        organisation: org(place),
        person: None,
        kind: RelationKind::Admission,
        from: NOW - DAY,
        until: Some(NOW + DAY),
        ended_at: None,
        source: "his".to_owned(),
    }
}

pub(crate) fn consent(number: u128, kind: ConsentKind, what: What, who: Who) -> Consent {
    Consent {
        id: id(number),
        patient: key(1),
        kind,
        what,
        who,
        valid_from: NOW - DAY,
        valid_until: Some(NOW + DAY),
        ended_at: None,
    }
}

pub(crate) fn block(what: What, who: Who) -> Consent {
    consent(0xb1, ConsentKind::Negative, what, who)
}

pub(crate) fn permit(what: What, who: Who) -> Consent {
    consent(0xb2, ConsentKind::Positive, what, who)
}

pub(crate) fn place(code: &str, with_underlying: bool) -> Origin {
    Origin {
        organisation: org(code),
        with_underlying,
    }
}

pub(crate) fn from_place(code: &str, with_underlying: bool) -> What {
    What {
        origin: Some(place(code, with_underlying)),
        ..What::all()
    }
}

pub(crate) fn entry(number: u128, type_code: &str, author: Option<&str>) -> EntryFacts {
    EntryFacts {
        entry_uuid: id(number),
        patient: key(1),
        type_code: type_code.to_owned(),
        confidentiality: "N".to_owned(),
        author_organisation: author.map(org),
        creation_time: NOW - 10 * DAY,
        service_start: Some(NOW - 12 * DAY),
        service_stop: Some(NOW - 11 * DAY),
        source_id: "system-1100".to_owned(),
    }
}

/// The physician's appointment at the cardiology department.
pub(crate) fn appointment() -> EntryFacts {
    entry(0xe1, "39289-4", Some(CARDIOLOGY))
}

pub(crate) fn facts() -> Facts {
    Facts {
        consents: Vec::new(),
        relations: vec![relation(HOSPITAL)],
        organisations: Arc::clone(&TREE),
        roles: Arc::clone(&POLICY),
        registered_organisations: Vec::new(),
        delegations: Vec::new(),
        representations: Vec::new(),
        permissions: Vec::new(),
        openings: Vec::new(),
        born: None,
        terms: Terms::default(),
    }
}

pub(crate) fn with_consents(consents: &[Consent]) -> Facts {
    Facts {
        consents: consents.to_vec(),
        ..facts()
    }
}

pub(crate) static PATIENT: LazyLock<[PatientKey; 1]> = LazyLock::new(|| [key(1)]);

/// Asks about patient 1 with a reason for break-glass at hand where the purpose is BTG.
pub(crate) fn request(party: &Party, action: Action, purpose: Option<Purpose>) -> Request<'_> {
    Request {
        party,
        action,
        purpose,
        override_reason: (purpose == Some(Purpose::Btg)).then_some("bevidstløs, kan ikke spørges"),
        override_ground: (purpose == Some(Purpose::Btg))
            .then_some(OverrideGround::EssentialConsideration),
        patients: &*PATIENT,
        organisations: &[],
    }
}

pub(crate) fn ask(
    party: &Party,
    action: Action,
    purpose: Option<Purpose>,
    facts: &Facts,
) -> Decision {
    decide(&request(party, action, purpose), facts, NOW)
}

pub(crate) fn search(party: &Party, purpose: Purpose, facts: &Facts) -> Decision {
    ask(party, Action::SearchRecord, Some(purpose), facts)
}

#[track_caller]
pub(crate) fn permitted(decision: Decision) -> Box<Scope> {
    assert!(!decision.grounds().is_empty(), "a permit cites a ground");
    decision.scope().unwrap()
}

#[track_caller]
pub(crate) fn denied(decision: Decision) -> DenialReason {
    assert!(!decision.grounds().is_empty(), "a denial cites a ground");
    decision.scope().unwrap_err().reason
}

/// The verdict on one entry, `None` where the whole request is denied.
pub(crate) fn verdict(
    party: &Party,
    purpose: Purpose,
    facts: &Facts,
    entry: &EntryFacts,
) -> Option<Verdict> {
    Some(search(party, purpose, facts).scope().ok()?.admits(entry))
}
