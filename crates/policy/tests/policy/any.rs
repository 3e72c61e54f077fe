//! Anything that can come: parties, records and questions for the properties.

use delt_policy::*;
use proptest::collection::vec;
use proptest::option;
use proptest::prelude::*;
use proptest::sample::select;

use crate::world::*;

const ROLES: [&str; 6] = [
    "laege",
    "sygeplejerske",
    "socialogsundhedsassistent",
    "jordemoder",
    "fysioterapeut",
    "troldmand",
];
const IDS: [&str; 3] = ["7LK1D", "7SP2C", "9XXXX"];
const TYPES: [&str; 7] = ["39289-4", "11450-4", "11502-2", "PDC", "CMR", "57059-8", ""];

pub(crate) fn any_place() -> impl Strategy<Value = &'static str> {
    prop_oneof![2 => select(vec![REGION, HOSPITAL]), 3 => select(&PLACES[..])]
}

fn any_id() -> impl Strategy<Value = &'static str> {
    prop_oneof![3 => Just(IDS[0]), 1 => select(&IDS[..])]
}

/// Where staff work: mostly in the hospital, so that records and rights about it matter.
fn any_workplace() -> impl Strategy<Value = &'static str> {
    prop_oneof![3 => select(vec![HOSPITAL, CARDIOLOGY, WARD]), 1 => select(&PLACES[..])]
}

pub(crate) fn any_kind() -> impl Strategy<Value = PersonKind> {
    let roles = prop_oneof![1 => select(&ROLES[..2]), 1 => select(&ROLES[..])];
    let professional = (roles, any_id()).prop_map(|(role, id)| PersonKind::Professional {
        authorisation: auth(id),
        role: role.to_owned(),
    });
    prop_oneof![
        8 => professional,
        1 => Just(PersonKind::NationalRole { role: "nspPlejeAssR3".to_owned() }),
        1 => Just(PersonKind::Administrative { role: "laegesekretaer".to_owned() }),
        3 => (1u8..3).prop_map(|byte| PersonKind::Citizen { key: key(byte) }),
        1 => select(vec![PersonKind::Auditor, PersonKind::DataProtectionOfficer, PersonKind::Operator]),
    ]
}

pub(crate) fn any_person() -> impl Strategy<Value = Person> {
    (any_kind(), option::weighted(0.95, any_workplace())).prop_map(|(kind, place)| Person {
        kind,
        organisation: place.map(org),
    })
}

pub(crate) fn any_party() -> impl Strategy<Value = Party> {
    let kinds = vec(select(vec![SystemKind::Source, SystemKind::Consumer]), 0..3);
    (
        any_person(),
        option::weighted(0.3, any_person()),
        kinds,
        any::<bool>(),
        option::weighted(0.5, any_citizen_relation()),
        option::weighted(0.9, 4u8..6),
    )
        .prop_map(|(person, responsible, kinds, at_home, relation, number)| {
            let home = person
                .organisation
                .clone()
                .filter(|_| at_home)
                .unwrap_or_else(|| org(REGION));
            let own = match person.kind {
                PersonKind::Citizen { key } => Some(key),
                _ => number.map(key),
            };
            let patient = key(1);
            Party {
                system: system(home.code(), &kinds),
                on_behalf: relation
                    .filter(|_| person.is_citizen())
                    .map(|relation| OnBehalf { patient, relation }),
                responsible: responsible.filter(|_| person.is_staff()).map(|one| Person {
                    organisation: if at_home {
                        person.organisation.clone()
                    } else {
                        one.organisation
                    },
                    ..one
                }),
                person: Some(person),
                person_key: own,
            }
        })
}

fn any_citizen_relation() -> impl Strategy<Value = CitizenRelation> {
    select(&CitizenRelation::ALL[..])
}

fn any_rights() -> impl Strategy<Value = Vec<Right>> {
    vec(
        prop_oneof![2 => Just(Right::ReadRecord), 1 => select(&Right::ALL[..])],
        1..3,
    )
}

/// When something began, is to end and was ended: mostly in force.
fn any_validity() -> impl Strategy<Value = (Micros, Micros, Option<Micros>)> {
    (-3i64..1, 0i64..4, option::weighted(0.2, -1i64..2)).prop_map(|(from, until, ended)| {
        let at = |days: i64| NOW + days * DAY;
        (at(from), at(until), ended.map(at))
    })
}

pub(crate) fn any_delegation() -> impl Strategy<Value = HelperDelegation> {
    (
        any::<u128>(),
        4u8..6,
        select(&IDS[..]),
        any_place(),
        any_rights(),
        any_validity(),
    )
        .prop_map(
            |(number, helper, responsible, place, rights, (from, until, ended_at))| {
                HelperDelegation {
                    id: id(number),
                    helper: key(helper),
                    responsible: auth(responsible),
                    organisation: org(place),
                    rights,
                    from,
                    until,
                    ended_at,
                }
            },
        )
}

pub(crate) fn any_representation() -> impl Strategy<Value = Representation> {
    (
        any::<u128>(),
        1u8..3,
        any_citizen_relation(),
        any_rights(),
        vec(select(&TYPES[..5]).prop_map(str::to_owned), 0..2),
        any::<bool>(),
        any_validity(),
    )
        .prop_map(
            |(number, person, kind, rights, types, after_fifteen, (from, until, ended_at))| {
                Representation {
                    id: id(number),
                    patient: key(1),
                    representative: key(person),
                    kind,
                    rights,
                    document_types: types,
                    after_fifteen,
                    from,
                    until: Some(until),
                    ended_at,
                }
            },
        )
}

pub(crate) fn any_permission() -> impl Strategy<Value = QualityPermission> {
    (any::<u128>(), any_place(), select(&IDS[..]), any_validity()).prop_map(
        |(number, place, person, (from, until, ended_at))| QualityPermission {
            id: id(number),
            organisation: org(place),
            person: auth(person),
            from,
            until,
            ended_at,
        },
    )
}

pub(crate) fn any_opening() -> impl Strategy<Value = Opening> {
    (
        any::<u128>(),
        prop_oneof![4 => Just(1), 1 => 1u8..3],
        any_workplace(),
        any_id(),
        select(&OverrideGround::ALL[..]),
        any_validity(),
    )
        .prop_map(
            |(number, patient, place, person, ground, (from, until, _))| Opening {
                id: id(number),
                patient: key(patient),
                person: auth(person),
                organisation: org(place),
                ground,
                from,
                until,
            },
        )
}

pub(crate) fn any_origin() -> impl Strategy<Value = Origin> {
    (any_place(), any::<bool>()).prop_map(|(code, with)| place(code, with))
}

pub(crate) fn any_what() -> impl Strategy<Value = What> {
    let period = (option::of(-30i64..0), option::of(-30i64..0)).prop_map(|(from, to)| Period {
        from: from.map(|days| NOW + days * DAY),
        to: to.map(|days| NOW + days * DAY),
    });
    (
        option::weighted(0.1, (0xe0u128..0xe6).prop_map(id)),
        vec(select(&TYPES[..5]).prop_map(str::to_owned), 0..2),
        option::weighted(0.3, period),
        option::weighted(0.6, any_origin()),
    )
        .prop_map(|(entry, document_types, period, origin)| What {
            entry,
            document_types,
            period,
            origin,
        })
}

pub(crate) fn any_who() -> impl Strategy<Value = Who> {
    prop_oneof![
        Just(Who::All),
        select(&IDS[..]).prop_map(|id| Who::Person(auth(id))),
        any_origin().prop_map(Who::Organisation),
    ]
}

pub(crate) fn any_consent() -> impl Strategy<Value = Consent> {
    let kind = select(vec![ConsentKind::Negative, ConsentKind::Positive]);
    (
        any::<u128>(),
        kind,
        any_what(),
        any_who(),
        -3i64..1,
        option::of(0i64..3),
        option::weighted(0.2, -1i64..2),
    )
        .prop_map(|(number, kind, what, who, from, until, ended)| Consent {
            valid_from: NOW + from * DAY,
            valid_until: until.map(|days| NOW + days * DAY),
            ended_at: ended.map(|days| NOW + days * DAY),
            ..consent(number, kind, what, who)
        })
}

pub(crate) fn any_relation() -> impl Strategy<Value = TreatmentRelation> {
    (
        any::<u128>(),
        any_place(),
        option::weighted(0.2, select(&IDS[..])),
        1u8..3,
        select(&RelationKind::ALL[..]),
        -2i64..2,
        option::weighted(0.7, -300i64..3),
    )
        .prop_map(
            |(number, place, person, patient, kind, from, until)| TreatmentRelation {
                id: id(number),
                person: person.map(auth),
                patient: key(patient),
                kind,
                from: NOW + (from + until.unwrap_or(0).min(0)) * DAY,
                until: until.map(|days| NOW + days * DAY),
                ..relation(place)
            },
        )
}

pub(crate) fn any_entry() -> impl Strategy<Value = EntryFacts> {
    let days = prop_oneof![9 => -30i64..0, 1 => -2000i64..-1700];
    let moment = || option::of(days.clone().prop_map(|days| NOW + days * DAY));
    (
        0xe0u128..0xe6,
        select(&TYPES[..]),
        option::weighted(0.9, any_place()),
        select(vec!["N", "N", "R", "V", ""]),
        1u8..3,
        (moment(), moment()),
    )
        .prop_map(
            |(number, type_code, author, level, patient, (start, stop))| EntryFacts {
                confidentiality: level.to_owned(),
                patient: key(patient),
                service_start: start,
                service_stop: stop,
                ..entry(number, type_code, author)
            },
        )
}

pub(crate) fn any_facts() -> impl Strategy<Value = Facts> {
    let registered = vec(any_place().prop_map(org), 0..2);
    let rights = (
        vec(any_delegation(), 0..4),
        vec(any_representation(), 0..4),
        vec(any_permission(), 0..4),
        vec(any_opening(), 0..4),
    );
    let helpers = select(vec![HelperRule::Registered, HelperRule::TokenSays]);
    let born = option::of(
        (2005i32..2015)
            .prop_map(|year| time::Date::from_calendar_date(year, time::Month::June, 1).unwrap()),
    );
    (
        vec(any_consent(), 0..6),
        vec(any_relation(), 0..4),
        registered,
        rights,
        helpers,
        born,
    )
        .prop_map(
            |(consents, relations, registered_organisations, rights, helpers, born)| {
                let (delegations, representations, permissions, openings) = rights;
                Facts {
                    consents,
                    relations,
                    registered_organisations,
                    delegations,
                    representations,
                    permissions,
                    openings,
                    born,
                    terms: Terms {
                        helpers,
                        ..Terms::default()
                    },
                    ..facts()
                }
            },
        )
}

pub(crate) fn any_purpose() -> impl Strategy<Value = Purpose> {
    prop_oneof![
        4 => Just(Purpose::Treat),
        4 => Just(Purpose::Btg),
        2 => Just(Purpose::Hoperat),
        2 => Just(Purpose::Hqualimp),
        2 => Just(Purpose::Patrqt),
        1 => Just(Purpose::Hsysadmin),
    ]
}

/// One question about a record: who asks, why, and how the glass is broken.
#[derive(Debug, Clone)]
pub(crate) struct Question {
    pub(crate) party: Party,
    pub(crate) purpose: Purpose,
    pub(crate) reason: Option<&'static str>,
    pub(crate) ground: Option<OverrideGround>,
}

impl Question {
    pub(crate) fn put(&self, action: Action, facts: &Facts, now: Micros) -> Decision {
        let request = Request {
            override_reason: self.reason,
            override_ground: self.ground,
            ..request(&self.party, action, Some(self.purpose))
        };
        decide(&request, facts, now)
    }

    /// What is seen, entry by entry; a denial shows nothing.
    pub(crate) fn sees(&self, facts: &Facts, entries: &[EntryFacts]) -> Vec<bool> {
        self.sees_at(facts, entries, NOW)
    }

    pub(crate) fn sees_at(&self, facts: &Facts, entries: &[EntryFacts], now: Micros) -> Vec<bool> {
        match self.put(Action::SearchRecord, facts, now).scope() {
            Ok(scope) => scope
                .review(entries)
                .into_iter()
                .map(Verdict::is_visible)
                .collect(),
            Err(_) => vec![false; entries.len()],
        }
    }
}

/// Mostly one that fits: a citizen's own request, a professional's purposes.
pub(crate) fn any_question() -> impl Strategy<Value = Question> {
    let reason = select(vec![
        None,
        Some("bevidstløs, kan ikke spørges"),
        Some("kort"),
    ]);
    let ground = option::weighted(0.8, select(&OverrideGround::ALL[..]));
    (any_party(), any_purpose(), reason, ground).prop_map(|(party, purpose, reason, ground)| {
        let citizen = party.person.as_ref().is_some_and(Person::is_citizen);
        Question {
            party,
            purpose: if citizen { Purpose::Patrqt } else { purpose },
            reason,
            ground,
        }
    })
}
