//! A world of realistic size: a directory as large as a region's part of SOR, and a patient with a long record.

use std::sync::{Arc, LazyLock};

use delt_policy::*;
use uuid::Uuid;

pub(crate) const NOW: Micros = 1_800_000_000_000_000;
const DAY: Micros = 24 * 3_600_000_000;
const YEAR: Micros = 365 * DAY;

/// Organisations on each of six levels: 20,000 together.
const LEVELS: [u64; 6] = [5, 45, 450, 1_500, 5_000, 13_000];

/// A department on the fourth level, where the physician works; its parents are the hospital and the region.
const DEPARTMENT: (usize, u64) = (3, 7);
const HOSPITAL: (usize, u64) = (1, 7);

/// Who wrote the record: the department and its sections, other departments, the hospital itself, practices.
const AUTHORS: [(usize, u64); 15] = [
    (3, 7),
    (4, 7),
    (4, 1507),
    (5, 7),
    (5, 5007),
    (3, 457),
    (3, 8),
    (4, 1009),
    (5, 10_012),
    (1, 7),
    (1, 9),
    (2, 30),
    (2, 95),
    (3, 140),
    (4, 4011),
];

/// The documents of the national metadata profile that Delt shares most.
pub(crate) const TYPES: [&str; 12] = [
    "39289-4", "53576-5", "74468-0", "74465-6", "PDC", "81215-6", "11450-4", "18842-5", "11502-2",
    "18748-4", "56445-0", "11506-3",
];

pub(crate) const PATIENT: [PatientKey; 1] = [PatientKey::new([7; 32])];

pub(crate) static TREE: LazyLock<Arc<OrganisationTree>> =
    LazyLock::new(|| Arc::new(OrganisationTree::new(rows())));

pub(crate) static ROLES: LazyLock<Arc<RolePolicy>> =
    LazyLock::new(|| Arc::new(RolePolicy::builtin().unwrap()));

/// The SOR code of one place; codes are sixteen digits, as the longer ones of the register are.
pub(crate) fn org((level, number): (usize, u64)) -> OrganisationId {
    let code = 1_000_000_000_016 + level as u64 * 1_000_000 + number * 7;
    OrganisationId::sor(&format!("{code}006")).unwrap()
}

/// The directory, row by row.
pub(crate) fn rows() -> Vec<(OrganisationId, Option<OrganisationId>, Option<Sector>)> {
    let row = |level: usize, number| {
        let parent = level
            .checked_sub(1)
            .map(|up| org((up, number % LEVELS[up])));
        let sector = parent.is_none().then_some(Sector::Region);
        (org((level, number)), parent, sector)
    };
    (0..LEVELS.len())
        .flat_map(|level| (0..LEVELS[level]).map(move |number| row(level, number)))
        .collect()
}

/// Every type from every author in turn; one in ten restricted, one in twenty without a known author or time.
pub(crate) fn entries(count: u64) -> Vec<EntryFacts> {
    let entry = |number: u64| {
        let start = NOW - 3 * YEAR + i64::try_from(number).unwrap() * 5 * DAY;
        let silent = number % 20 == 19;
        EntryFacts {
            entry_uuid: Uuid::from_u128(0xe000 + u128::from(number)),
            patient: PATIENT[0],
            type_code: TYPES[number as usize % TYPES.len()].to_owned(),
            confidentiality: if number % 10 == 3 { "R" } else { "N" }.to_owned(),
            author_organisation: (!silent).then(|| org(AUTHORS[number as usize * 7 % 15])),
            creation_time: start + DAY,
            service_start: (!silent).then_some(start),
            service_stop: number.is_multiple_of(3).then_some(start + DAY),
            source_id: "region-ehr".to_owned(),
        }
    };
    (0..count).map(entry).collect()
}

/// The first `count` of ten consents: what citizens do first comes first.
pub(crate) fn consents(count: usize) -> Vec<Consent> {
    let blocks = [
        (of_place((3, 8), true), Who::All),
        (lab_and_images_of_a_year(), staff(HOSPITAL, true)),
        (of_entry(0xe010), Who::All),
        (of_types(&["PDC", "74468-0", "57059-8"]), myself()),
        (of_days(300, 200), Who::All),
        (of_place((1, 9), true), Who::All),
        (of_place((4, 1009), false), staff(DEPARTMENT, false)),
        // Names somebody else.
        (What::all(), staff((1, 9), true)),
    ];
    let permits = [
        (of_place((4, 7), false), myself()),
        (of_types(&["11450-4"]), staff(HOSPITAL, true)),
    ];
    let mut all: Vec<Consent> = blocks
        .map(|what_who| consent(ConsentKind::Negative, what_who))
        .into();
    let [first, second] = permits.map(|what_who| consent(ConsentKind::Positive, what_who));
    all.insert(2, first);
    all.push(second);
    all.truncate(count);
    for (number, consent) in all.iter_mut().enumerate() {
        consent.id = Uuid::from_u128(0xc000 + number as u128);
    }
    all
}

fn consent(kind: ConsentKind, (what, who): (What, Who)) -> Consent {
    Consent {
        id: Uuid::nil(),
        patient: PATIENT[0],
        kind,
        what,
        who,
        valid_from: NOW - YEAR / 2,
        valid_until: (kind == ConsentKind::Positive).then_some(NOW + YEAR / 2),
        ended_at: None,
    }
}

fn origin(place: (usize, u64), with_underlying: bool) -> Origin {
    Origin {
        organisation: org(place),
        with_underlying,
    }
}

fn staff(place: (usize, u64), with_underlying: bool) -> Who {
    Who::Organisation(origin(place, with_underlying))
}

fn myself() -> Who {
    Who::Person(physician_id())
}

fn of_place(place: (usize, u64), with_underlying: bool) -> What {
    What {
        origin: Some(origin(place, with_underlying)),
        ..What::all()
    }
}

fn of_types(types: &[&str]) -> What {
    What {
        document_types: types.iter().map(|&code| code.to_owned()).collect(),
        ..What::all()
    }
}

fn of_days(since: i64, until: i64) -> What {
    What {
        period: Some(Period {
            from: Some(NOW - since * DAY),
            to: Some(NOW - until * DAY),
        }),
        ..What::all()
    }
}

fn of_entry(uuid: u128) -> What {
    What {
        entry: Some(Uuid::from_u128(uuid)),
        ..What::all()
    }
}

fn lab_and_images_of_a_year() -> What {
    What {
        document_types: of_types(&["11502-2", "18748-4"]).document_types,
        period: of_days(800, 400).period,
        ..of_place((2, 30), true)
    }
}

fn physician_id() -> AuthorisationId {
    AuthorisationId::parse("7LK1D").unwrap()
}

/// A physician at the department, behind the hospital's own system.
pub(crate) fn physician() -> Party {
    Party {
        system: System {
            id: "hospital-ehr".to_owned(),
            organisation: org(HOSPITAL),
            kinds: vec![SystemKind::Consumer],
        },
        person: Some(Person {
            kind: PersonKind::Professional {
                authorisation: physician_id(),
                role: "laege".to_owned(),
            },
            organisation: Some(org(DEPARTMENT)),
        }),
        responsible: None,
        on_behalf: None,
        person_key: None,
    }
}

/// What the hub has loaded: an admission to the hospital, and the patient's consents.
pub(crate) fn facts(consents: Vec<Consent>) -> Facts {
    let admission = TreatmentRelation {
        id: Uuid::from_u128(0xb0),
        patient: PATIENT[0],
        organisation: org(HOSPITAL),
        person: None,
        kind: RelationKind::Admission,
        from: NOW - DAY,
        until: None,
        ended_at: None,
        source: "hospital-ehr".to_owned(),
    };
    Facts {
        consents,
        relations: vec![admission],
        organisations: Arc::clone(&TREE),
        roles: Arc::clone(&ROLES),
        registered_organisations: Vec::new(),
        delegations: Vec::new(),
        representations: Vec::new(),
        permissions: Vec::new(),
        openings: Vec::new(),
        born: None,
        terms: Terms::default(),
    }
}

/// "May this physician search this record for treatment?"
pub(crate) fn search(party: &Party) -> Request<'_> {
    Request {
        party,
        action: Action::SearchRecord,
        purpose: Some(Purpose::Treat),
        override_reason: None,
        override_ground: None,
        patients: &PATIENT,
        organisations: &[],
    }
}

/// What the same question is to the role policies.
pub(crate) fn question() -> roles::RoleQuestion {
    roles::RoleQuestion {
        principal: roles::Principal::Professional("laege".to_owned()),
        sector: Sector::Region,
        action: Action::SearchRecord,
        purpose: Some(Purpose::Treat),
        helper: false,
    }
}
