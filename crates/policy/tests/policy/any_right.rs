//! Any right to act for others or to look, and any broken glass, for the properties.

use delt_policy::*;
use proptest::collection::vec;
use proptest::option;
use proptest::prelude::*;
use proptest::sample::select;

use crate::any::*;
use crate::world::*;

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
