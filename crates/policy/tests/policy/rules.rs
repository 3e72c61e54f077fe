//! One test for each rule of a decision about staff.

use crate::rights;
use crate::world::*;
use delt_policy::*;

#[test]
fn a_physician_with_a_relation_sees_the_record() {
    let scope = permitted(search(&physician(WARD), Purpose::Treat, &facts()));
    assert_eq!(scope.admits(&appointment()), Verdict::Visible);
    assert!(scope.grounds().iter().any(|g| g.rule == Rule::Relation));
    assert!(
        scope
            .grounds()
            .iter()
            .any(|g| g.reference == "physician-treats")
    );
    assert_eq!(scope.organisations(), [org(WARD)]);
    assert!(!scope.may_write_for(&org(WARD)));
}

#[test]
fn a_relation_must_hold_now_here_and_for_this_patient() {
    let base = relation(HOSPITAL);
    let cases = [
        (
            "not yet",
            TreatmentRelation {
                from: NOW + 1,
                ..base.clone()
            },
        ),
        (
            "no longer",
            TreatmentRelation {
                until: Some(NOW),
                ..base.clone()
            },
        ),
        (
            "ended",
            TreatmentRelation {
                ended_at: Some(NOW),
                ..base.clone()
            },
        ),
        (
            "elsewhere",
            TreatmentRelation {
                organisation: org(PSYCHIATRY),
                ..base.clone()
            },
        ),
        (
            "in a unit below",
            TreatmentRelation {
                organisation: org(WARD),
                ..base.clone()
            },
        ),
        (
            "another patient",
            TreatmentRelation {
                patient: key(2),
                ..base.clone()
            },
        ),
        (
            "another person",
            TreatmentRelation {
                person: Some(auth("9XXXX")),
                ..base.clone()
            },
        ),
    ];
    for (name, relation) in cases {
        let facts = Facts {
            relations: vec![relation],
            ..facts()
        };
        let reason = denied(search(&physician(CARDIOLOGY), Purpose::Treat, &facts));
        assert_eq!(reason, DenialReason::NoRelation, "{name}");
    }
    let own = TreatmentRelation {
        person: Some(auth("7lk1d")),
        ..base
    };
    let facts = Facts {
        relations: vec![own],
        ..facts()
    };
    permitted(search(&physician(CARDIOLOGY), Purpose::Treat, &facts));
}

#[test]
fn a_linked_number_counts_as_the_patient() {
    let facts = Facts {
        relations: vec![TreatmentRelation {
            patient: key(7),
            ..relation(HOSPITAL)
        }],
        consents: vec![Consent {
            patient: key(7),
            ..block(from_place(PSYCHIATRY, false), Who::All)
        }],
        ..facts()
    };
    let party = physician(HOSPITAL);
    let keys = [key(1), key(7)];
    let request = Request {
        patients: &keys,
        ..request(&party, Action::SearchRecord, Some(Purpose::Treat))
    };
    let scope = permitted(decide(&request, &facts, NOW));
    let blocked = entry(2, "39289-4", Some(PSYCHIATRY));
    assert_eq!(
        scope.admits(&blocked),
        Verdict::Withheld(WithheldReason::Consent)
    );
    let other = EntryFacts {
        patient: key(9),
        ..appointment()
    };
    assert_eq!(
        scope.admits(&other),
        Verdict::Withheld(WithheldReason::OutOfScope)
    );
}

#[test]
fn a_nurse_sees_what_her_sector_needs() {
    let facts = Facts {
        relations: vec![relation(HOSPITAL), relation(MUNICIPALITY)],
        ..facts()
    };
    let list = entry(1, "11450-4", Some(PRACTICE));
    let see =
        |place, entry: &EntryFacts| verdict(&nurse(place), Purpose::Treat, &facts, entry).unwrap();
    assert_eq!(see(WARD, &list), Verdict::Visible);
    assert_eq!(
        see(HOME_NURSING, &list),
        Verdict::Withheld(WithheldReason::Role)
    );
    assert_eq!(see(HOME_NURSING, &appointment()), Verdict::Visible);
    let restricted = EntryFacts {
        confidentiality: "R".to_owned(),
        ..appointment()
    };
    assert_eq!(
        see(WARD, &restricted),
        Verdict::Withheld(WithheldReason::Role)
    );
    let unheard_of = EntryFacts {
        confidentiality: "X".to_owned(),
        ..appointment()
    };
    assert_eq!(
        see(WARD, &unheard_of),
        Verdict::Withheld(WithheldReason::Role)
    );
    assert_eq!(
        verdict(&physician(WARD), Purpose::Treat, &facts, &unheard_of),
        Some(Verdict::Visible)
    );
}

#[test]
fn an_unknown_role_or_place_gets_nothing() {
    let facts = Facts {
        relations: vec![relation(HOSPITAL), relation(STRANGE)],
        ..facts()
    };
    for party in [
        at(professional("troldmand", "7LK1D", HOSPITAL)),
        at(professional("auditor", "7LK1D", HOSPITAL)),
        at(professional("", "7LK1D", HOSPITAL)),
        physician(STRANGE),
        at(Person {
            kind: PersonKind::NationalRole {
                role: "laege".to_owned(),
            },
            organisation: Some(org(HOSPITAL)),
        }),
    ] {
        for purpose in [Purpose::Treat, Purpose::Btg] {
            assert_eq!(
                denied(search(&party, purpose, &facts)),
                DenialReason::NoRole
            );
        }
        let audit = ask(
            &party,
            Action::SearchAuditEntries,
            Some(Purpose::Treat),
            &facts,
        );
        assert_eq!(denied(audit), DenialReason::NoRole);
    }
}

#[test]
fn a_place_of_work_must_use_the_system() {
    let mut party = physician(CARDIOLOGY);
    party.system = system(PRACTICE, &[SystemKind::Consumer]);
    let reason = denied(search(&party, Purpose::Treat, &facts()));
    assert_eq!(reason, DenialReason::ForeignOrganisation);
    let registered = Facts {
        registered_organisations: vec![org(HOSPITAL)],
        ..facts()
    };
    permitted(search(&party, Purpose::Treat, &registered));
    let mut nowhere = physician(HOSPITAL);
    nowhere.person.as_mut().unwrap().organisation = None;
    // Without a place there is no sector, so the role fails first.
    assert_eq!(
        denied(search(&nowhere, Purpose::Treat, &facts())),
        DenialReason::NoRole
    );
}

#[test]
fn identities_are_for_those_who_treat() {
    let assistant = at(professional("socialogsundhedsassistent", "7SA3B", HOSPITAL));
    let get = |party, purpose, facts: &Facts| ask(party, Action::GetPatient, Some(purpose), facts);
    let none = Facts {
        relations: Vec::new(),
        ..facts()
    };
    permitted(get(&assistant, Purpose::Treat, &facts()));
    assert_eq!(
        denied(get(&assistant, Purpose::Treat, &none)),
        DenialReason::NoRelation
    );
    assert_eq!(
        denied(get(&assistant, Purpose::Btg, &none)),
        DenialReason::NoRole
    );
    let scope = permitted(get(&physician(HOSPITAL), Purpose::Btg, &none));
    assert!(!scope.admits(&appointment()).is_visible());
}

#[test]
fn an_attestation_opens_like_a_fact_and_is_cited_as_a_word() {
    let word = TreatmentRelation {
        id: id(0xa1),
        kind: RelationKind::Attestation,
        person: Some(auth("7LK1D")),
        ..relation(WARD)
    };
    let only = |relations: &[TreatmentRelation]| Facts {
        relations: relations.to_vec(),
        ..facts()
    };
    let scope = permitted(search(
        &physician(WARD),
        Purpose::Treat,
        &only(std::slice::from_ref(&word)),
    ));
    assert_eq!(scope.admits(&appointment()), Verdict::Visible);
    let cited = |scope: &Scope| {
        let of_relations = |g: &&Ground| matches!(g.rule, Rule::Relation | Rule::Attestation);
        let rules = scope.grounds().iter().filter(of_relations).map(|g| g.rule);
        rules.collect::<Vec<_>>()
    };
    assert_eq!(cited(&scope), [Rule::Attestation]);
    let nurse = search(
        &nurse(WARD),
        Purpose::Treat,
        &only(std::slice::from_ref(&word)),
    );
    assert_eq!(denied(nurse), DenialReason::NoRelation);
    // A fact stands before a word, whatever their ids.
    let both = only(&[word, relation(HOSPITAL)]);
    let scope = permitted(search(&physician(WARD), Purpose::Treat, &both));
    assert_eq!(cited(&scope), [Rule::Relation, Rule::Attestation]);
}

#[test]
fn those_who_meet_patients_first_may_attest_without_a_relation() {
    let unknown = Facts {
        relations: Vec::new(),
        ..facts()
    };
    let attest = |party: &Party| {
        let purpose = Some(Purpose::Treat);
        ask(party, Action::AttestRelation, purpose, &unknown)
    };
    for place in [WARD, PRACTICE, HOME_NURSING] {
        permitted(attest(&physician(place)));
        permitted(attest(&nurse(place)));
    }
    let therapist = at(professional("fysioterapeut", "7FT1A", WARD));
    assert_eq!(denied(attest(&therapist)), DenialReason::NoRole);
    assert_eq!(denied(attest(&physician(STRANGE))), DenialReason::NoRole);
    assert_eq!(
        denied(attest(&citizen(key(1)))),
        DenialReason::PurposeNotAllowed
    );
    let helper = rights::helper(WARD);
    assert_eq!(denied(attest(&helper)), DenialReason::NoRole);
}
