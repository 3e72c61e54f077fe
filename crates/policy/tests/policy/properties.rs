//! What must hold for every party, record and moment.

use std::sync::{Arc, LazyLock};

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

fn any_place() -> impl Strategy<Value = &'static str> {
    select(&PLACES[..])
}

fn any_kind() -> impl Strategy<Value = PersonKind> {
    let professional =
        (select(&ROLES[..]), select(&IDS[..])).prop_map(|(role, id)| PersonKind::Professional {
            authorisation: auth(id),
            role: role.to_owned(),
        });
    prop_oneof![
        8 => professional,
        1 => Just(PersonKind::NationalRole { role: "nspPlejeAssR3".to_owned() }),
        1 => Just(PersonKind::Administrative { role: "laegesekretaer".to_owned() }),
        1 => (1u8..3).prop_map(|byte| PersonKind::Citizen { key: key(byte) }),
        1 => select(vec![PersonKind::Auditor, PersonKind::DataProtectionOfficer, PersonKind::Operator]),
    ]
}

fn any_person() -> impl Strategy<Value = Person> {
    (any_kind(), option::weighted(0.9, any_place())).prop_map(|(kind, place)| Person {
        kind,
        organisation: place.map(org),
    })
}

fn any_party() -> impl Strategy<Value = Party> {
    let kinds = vec(select(vec![SystemKind::Source, SystemKind::Consumer]), 0..3);
    (
        any_person(),
        option::weighted(0.2, any_person()),
        kinds,
        any::<bool>(),
    )
        .prop_map(|(person, responsible, kinds, at_home)| {
            let home = person
                .organisation
                .clone()
                .filter(|_| at_home)
                .unwrap_or_else(|| org(REGION));
            Party {
                system: system(home.code(), &kinds),
                person: Some(person),
                responsible,
                on_behalf: None,
                person_key: None,
            }
        })
}

fn any_origin() -> impl Strategy<Value = Origin> {
    (any_place(), any::<bool>()).prop_map(|(code, with)| place(code, with))
}

fn any_what() -> impl Strategy<Value = What> {
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

fn any_who() -> impl Strategy<Value = Who> {
    prop_oneof![
        Just(Who::All),
        select(&IDS[..]).prop_map(|id| Who::Person(auth(id))),
        any_origin().prop_map(Who::Organisation),
    ]
}

fn any_consent() -> impl Strategy<Value = Consent> {
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

fn any_relation() -> impl Strategy<Value = TreatmentRelation> {
    (
        any::<u128>(),
        any_place(),
        option::weighted(0.2, select(&IDS[..])),
        1u8..3,
        -2i64..2,
    )
        .prop_map(|(number, place, person, patient, from)| TreatmentRelation {
            id: id(number),
            person: person.map(auth),
            patient: key(patient),
            from: NOW + from * DAY,
            ..relation(place)
        })
}

fn any_entry() -> impl Strategy<Value = EntryFacts> {
    let moment = || option::of((-30i64..0).prop_map(|days| NOW + days * DAY));
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

fn any_facts() -> impl Strategy<Value = Facts> {
    let registered = vec(any_place().prop_map(org), 0..2);
    (
        vec(any_consent(), 0..6),
        vec(any_relation(), 0..4),
        registered,
    )
        .prop_map(|(consents, relations, registered_organisations)| Facts {
            consents,
            relations,
            organisations: Arc::clone(&TREE),
            roles: Arc::clone(&POLICY),
            registered_organisations,
            ..facts()
        })
}

fn any_purpose() -> impl Strategy<Value = Purpose> {
    prop_oneof![
        6 => Just(Purpose::Treat),
        3 => Just(Purpose::Btg),
        2 => select(&Purpose::ALL[..]),
    ]
}

/// What a party sees, entry by entry; a denial shows nothing.
fn sees(party: &Party, purpose: Purpose, facts: &Facts, entries: &[EntryFacts]) -> Vec<bool> {
    match search(party, purpose, facts).scope() {
        Ok(scope) => scope
            .review(entries)
            .into_iter()
            .map(Verdict::is_visible)
            .collect(),
        Err(_) => vec![false; entries.len()],
    }
}

/// Nothing is seen after that was not seen before.
fn no_more(after: &[bool], before: &[bool]) -> bool {
    after
        .iter()
        .zip(before)
        .all(|(after, before)| *before || !after)
}

static NO_POLICY: LazyLock<Arc<RolePolicy>> = LazyLock::new(|| {
    let schema = include_str!("../../../../deploy/policy/delt.cedarschema");
    Arc::new(RolePolicy::from_sources(schema, &[]).unwrap())
});

proptest! {
    #![proptest_config(ProptestConfig { cases: 2_000, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn without_a_relation_only_the_citizen_and_a_broken_glass_see(
        party in any_party(), purpose in any_purpose(), facts in any_facts(), entries in vec(any_entry(), 1..5),
    ) {
        let facts = Facts { relations: Vec::new(), ..facts };
        let seen = sees(&party, purpose, &facts, &entries).contains(&true);
        let kind = &party.person.as_ref().unwrap().kind;
        let own = purpose == Purpose::Patrqt && *kind == PersonKind::Citizen { key: key(1) };
        prop_assert!(!seen || own || purpose == Purpose::Btg);
    }

    #[test]
    fn without_policies_nobody_sees(
        party in any_party(), purpose in any_purpose(), facts in any_facts(), entries in vec(any_entry(), 1..5),
    ) {
        let facts = Facts { roles: Arc::clone(&NO_POLICY), ..facts };
        prop_assert!(!sees(&party, purpose, &facts, &entries).contains(&true));
    }

    #[test]
    fn another_block_never_shows_more(
        party in any_party(), purpose in any_purpose(), facts in any_facts(), entries in vec(any_entry(), 1..5),
        block in any_consent(),
    ) {
        let before = sees(&party, purpose, &facts, &entries);
        let mut facts = facts;
        facts.consents.push(Consent { kind: ConsentKind::Negative, ..block });
        prop_assert!(no_more(&sees(&party, purpose, &facts, &entries), &before));
    }

    #[test]
    fn ending_or_removing_a_permit_never_shows_more(
        party in any_party(), purpose in any_purpose(), facts in any_facts(), entries in vec(any_entry(), 1..5),
        permit in any_consent(), ended in -2i64..1,
    ) {
        let permit = Consent { kind: ConsentKind::Positive, ..permit };
        let with = |permit: Option<Consent>| {
            let mut facts = facts.clone();
            facts.consents.extend(permit);
            sees(&party, purpose, &facts, &entries)
        };
        let before = with(Some(permit.clone()));
        prop_assert!(no_more(&with(None), &before));
        let ended = Consent { ended_at: Some(NOW + ended * DAY), ..permit };
        prop_assert!(no_more(&with(Some(ended)), &before));
    }

    #[test]
    fn the_order_of_the_records_shows_nowhere(
        party in any_party(), purpose in any_purpose(), facts in any_facts(), entries in vec(any_entry(), 1..5),
    ) {
        let mut turned = facts.clone();
        turned.consents.reverse();
        turned.relations.reverse();
        let (one, other) = (search(&party, purpose, &facts), search(&party, purpose, &turned));
        prop_assert_eq!(one.grounds(), other.grounds());
        match (one, other) {
            (Decision::Permit(one), Decision::Permit(other)) => for entry in &entries {
                prop_assert_eq!(one.explain(entry), other.explain(entry));
            },
            (Decision::Deny(one), Decision::Deny(other)) => prop_assert_eq!(one, other),
            _ => prop_assert!(false, "one is permitted and the other denied"),
        }
    }

    #[test]
    fn every_decision_cites_a_ground(
        party in any_party(), purpose in option::of(any_purpose()), facts in any_facts(),
        action in select(Action::ALL), entries in vec(any_entry(), 1..5),
    ) {
        let decision = ask(&party, action, purpose, &facts);
        prop_assert!(!decision.grounds().is_empty());
        if let Decision::Permit(scope) = decision {
            prop_assert!(scope.grounds().iter().any(|ground| ground.rule == Rule::Role));
            for entry in &entries {
                let explained = scope.explain(entry);
                prop_assert!(!explained.grounds.is_empty());
                prop_assert_eq!(explained.verdict, scope.admits(entry));
            }
        }
    }

    #[test]
    fn breaking_the_glass_reaches_no_more_than_its_role(
        party in any_party(), facts in any_facts(), entries in vec(any_entry(), 1..5),
    ) {
        // What the role may see with the glass broken and nothing else in the way.
        let free = Facts { consents: Vec::new(), relations: vec![relation(REGION), relation(PRACTICE), relation(MUNICIPALITY)], ..facts.clone() };
        let reach = sees(&party, Purpose::Btg, &free, &entries);
        prop_assert_eq!(sees(&party, Purpose::Btg, &facts, &entries), reach);
    }

    #[test]
    fn nobody_sees_another_patients_entry(
        party in any_party(), purpose in any_purpose(), facts in any_facts(), entry in any_entry(),
    ) {
        let other = [EntryFacts { patient: key(2), ..entry }];
        prop_assert!(!sees(&party, purpose, &facts, &other).contains(&true));
    }
}
