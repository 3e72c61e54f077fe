//! Anything that can come: parties, records and questions for the properties.

use delt_policy::*;
use proptest::collection::vec;
use proptest::option;
use proptest::prelude::*;
use proptest::sample::select;

use crate::any_right::*;
use crate::world::*;

const ROLES: [&str; 6] = [
    "laege",
    "sygeplejerske",
    "socialogsundhedsassistent",
    "jordemoder",
    "fysioterapeut",
    "troldmand",
];
pub(crate) const IDS: [&str; 3] = ["7LK1D", "7SP2C", "9XXXX"];
pub(crate) const TYPES: [&str; 7] = ["39289-4", "11450-4", "11502-2", "PDC", "CMR", "57059-8", ""];

pub(crate) fn any_place() -> impl Strategy<Value = &'static str> {
    prop_oneof![2 => select(vec![REGION, HOSPITAL]), 3 => select(&PLACES[..])]
}

pub(crate) fn any_id() -> impl Strategy<Value = &'static str> {
    prop_oneof![3 => Just(IDS[0]), 1 => select(&IDS[..])]
}

/// Where staff work: mostly in the hospital, so that records and rights about it matter.
pub(crate) fn any_workplace() -> impl Strategy<Value = &'static str> {
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

pub(crate) fn any_citizen_relation() -> impl Strategy<Value = CitizenRelation> {
    select(&CitizenRelation::ALL[..])
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
