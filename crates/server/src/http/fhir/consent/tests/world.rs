//! A region with cardiology and psychiatry, a practice, three entries of Lonni's record, and two who treat her.

use std::sync::{Arc, LazyLock};

use delt_formats::{Limits, fhir::consent::parse_consent};
use delt_policy::*;
use serde_json::Value;
use uuid::Uuid;

use crate::http::fhir::consent::{ConsentTerms, Mapped, Refusal, map};

/// 2026-11-23T09:00:00Z
pub(super) const NOW: Micros = 1_795_424_400_000_000;
pub(super) const CARDIOLOGY: &str = "990031000016002";
pub(super) const PSYCHIATRY: &str = "990051000016007";
pub(super) const GP: &str = "990401000016001";
pub(super) const CARDIOLOGIST: &str = "9RK1H";

/// Cardiology, June 2022.
pub(super) const HEART: &str = "f70b0e43-039c-5137-86db-502396582007";
/// Psychiatry, July 2022.
pub(super) const MIND: &str = "0a3f5ce2-7d24-4d0f-9a52-6f8a4d3b1c11";
/// The practice, March 2019.
pub(super) const OLD: &str = "5b1f0c7e-6a49-4b8e-8f0e-2d9b7f7c3a22";

static ROLES: LazyLock<Arc<RolePolicy>> =
    LazyLock::new(|| Arc::new(RolePolicy::builtin().unwrap()));

fn org(code: &str) -> OrganisationId {
    OrganisationId::sor(code).unwrap()
}

pub(super) fn mapped(consent: &Value) -> Result<Mapped, Refusal> {
    let parsed = parse_consent(consent.to_string().as_bytes(), &Limits::MESSAGE);
    map(&parsed.unwrap(), NOW)
}

/// As the hub keeps them.
pub(super) fn kept(records: &[ConsentTerms]) -> Vec<Consent> {
    let keep = |(number, terms): (u128, &ConsentTerms)| Consent {
        id: Uuid::from_u128(number),
        patient: PatientKey::new([1; 32]),
        kind: terms.kind,
        what: terms.what.clone(),
        who: terms.who.clone(),
        valid_from: terms.valid_from.unwrap_or(NOW),
        valid_until: terms.valid_until,
        ended_at: None,
    };
    (1..).zip(records).map(keep).collect()
}

fn entry(uuid: &str, place: &str, year: i64) -> EntryFacts {
    let time = (year - 1970) * 31_556_952_000_000 + 15_000_000_000_000;
    EntryFacts {
        entry_uuid: Uuid::try_parse(uuid).unwrap(),
        patient: PatientKey::new([1; 32]),
        type_code: "39289-4".to_owned(),
        confidentiality: "N".to_owned(),
        author_organisation: Some(org(place)),
        creation_time: time,
        service_start: Some(time),
        service_stop: Some(time + 3_600_000_000),
        source_id: "his".to_owned(),
    }
}

/// Heart, mind and old.
pub(super) fn entries() -> [EntryFacts; 3] {
    [
        entry(HEART, CARDIOLOGY, 2022),
        entry(MIND, PSYCHIATRY, 2022),
        entry(OLD, GP, 2019),
    ]
}

fn party(id: &str, place: &str) -> Party {
    let kind = PersonKind::Professional {
        authorisation: AuthorisationId::parse(id).unwrap(),
        role: "laege".to_owned(),
    };
    let organisation = org(place);
    let system = System {
        id: "viewer".to_owned(),
        organisation: organisation.clone(),
        kinds: vec![SystemKind::Consumer],
    };
    Party {
        system,
        person: Some(Person {
            kind,
            organisation: Some(organisation),
        }),
        responsible: None,
        on_behalf: None,
        person_key: None,
    }
}

pub(super) fn cardiologist() -> Party {
    party(CARDIOLOGIST, CARDIOLOGY)
}

fn relation(place: &str) -> TreatmentRelation {
    TreatmentRelation {
        id: Uuid::from_u128(0xb0),
        patient: PatientKey::new([1; 32]),
        organisation: org(place),
        person: None,
        kind: RelationKind::Admission,
        from: NOW - 1,
        until: None,
        ended_at: None,
        source: "his".to_owned(),
    }
}

/// What the cardiologist, who treats her, sees of [`entries`]; nothing where the request is refused.
pub(super) fn seen(consents: Vec<Consent>, purpose: Purpose) -> Option<Vec<Verdict>> {
    let tree = OrganisationTree::new([
        (org("990001000016008"), None, Some(Sector::Region)),
        (org(CARDIOLOGY), Some(org("990001000016008")), None),
        (org(PSYCHIATRY), Some(org("990001000016008")), None),
        (org(GP), None, Some(Sector::GeneralPractice)),
    ]);
    let facts = Facts {
        consents,
        relations: vec![relation(CARDIOLOGY)],
        organisations: Arc::new(tree),
        roles: Arc::clone(&ROLES),
        registered_organisations: Vec::new(),
        delegations: Vec::new(),
        representations: Vec::new(),
        permissions: Vec::new(),
        openings: Vec::new(),
        born: None,
        terms: Terms::default(),
    };
    let breaks = purpose == Purpose::Btg;
    let request = Request {
        party: &cardiologist(),
        action: Action::SearchRecord,
        purpose: Some(purpose),
        override_reason: breaks.then_some("bevidstløs, kan ikke spørges"),
        override_ground: breaks.then_some(OverrideGround::EssentialConsideration),
        patients: &[PatientKey::new([1; 32])],
        organisations: &[],
    };
    let scope = decide(&request, &facts, NOW).scope().ok()?;
    Some(scope.review(&entries()))
}
