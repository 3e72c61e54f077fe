//! One test for each rule of a decision.

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
fn purposes_are_for_those_who_can_have_them() {
    use DenialReason::{PurposeMissing, PurposeNotAllowed};
    let doctor = physician(HOSPITAL);
    assert_eq!(
        denied(ask(&doctor, Action::SearchRecord, None, &facts())),
        PurposeMissing
    );
    for purpose in [
        Purpose::Patrqt,
        Purpose::Hoperat,
        Purpose::Hqualimp,
        Purpose::Hsysadmin,
    ] {
        assert_eq!(
            denied(search(&doctor, purpose, &facts())),
            PurposeNotAllowed
        );
    }
    for purpose in Purpose::ALL.into_iter().filter(|p| *p != Purpose::Patrqt) {
        assert_eq!(
            denied(search(&citizen(key(1)), purpose, &facts())),
            PurposeNotAllowed
        );
    }
    let operator = person(PersonKind::Operator);
    assert_eq!(
        denied(ask(&operator, Action::LinkPatient, None, &facts())),
        PurposeMissing
    );
}

#[test]
fn breaking_the_glass_needs_a_reason() {
    let doctor = physician(PSYCHIATRY);
    let long = "æ".repeat(501);
    for reason in [
        None,
        Some(""),
        Some("hastende"),
        Some("   hastende    "),
        Some(long.as_str()),
    ] {
        let request = Request {
            override_reason: reason,
            ..request(&doctor, Action::SearchRecord, Some(Purpose::Btg))
        };
        assert_eq!(
            denied(decide(&request, &facts(), NOW)),
            DenialReason::OverrideReasonMissing
        );
    }
    let most = "æ".repeat(500);
    for reason in ["bevidstløs", most.as_str()] {
        let request = Request {
            override_reason: Some(reason),
            ..request(&doctor, Action::SearchRecord, Some(Purpose::Btg))
        };
        permitted(decide(&request, &facts(), NOW));
    }
}

#[test]
fn breaking_the_glass_opens_relation_and_consent_and_is_flagged() {
    let blocked = with_consents(&[block(What::all(), Who::All)]);
    let scope = permitted(search(&physician(PSYCHIATRY), Purpose::Btg, &blocked));
    assert!(scope.is_override());
    assert!(scope.grounds().iter().any(|g| g.rule == Rule::BreakGlass));
    assert_eq!(scope.admits(&appointment()), Verdict::VisibleByOverride);
    // Without a relation everything is opened by the override, without blocks too.
    let unrelated = Facts {
        relations: Vec::new(),
        ..facts()
    };
    let seen =
        |facts: &Facts, entry: &EntryFacts| verdict(&nurse(WARD), Purpose::Btg, facts, entry);
    assert_eq!(
        seen(&unrelated, &appointment()),
        Some(Verdict::VisibleByOverride)
    );
    // So is what the role sees with the glass broken only.
    let restricted = EntryFacts {
        confidentiality: "R".to_owned(),
        ..appointment()
    };
    assert_eq!(
        seen(&facts(), &restricted),
        Some(Verdict::VisibleByOverride)
    );
    // What ordinary treatment shows is not flagged.
    let scope = permitted(search(&physician(WARD), Purpose::Btg, &facts()));
    assert_eq!(scope.admits(&appointment()), Verdict::Visible);
    let part = with_consents(&[block(from_place(CARDIOLOGY, false), Who::All)]);
    let scope = permitted(search(&physician(WARD), Purpose::Btg, &part));
    assert_eq!(scope.admits(&appointment()), Verdict::VisibleByOverride);
}

#[test]
fn breaking_the_glass_never_opens_what_no_role_allows() {
    let facts = Facts {
        relations: vec![relation(MUNICIPALITY)],
        ..facts()
    };
    let assistant = at(professional(
        "socialogsundhedsassistent",
        "7SA3B",
        HOME_NURSING,
    ));
    assert_eq!(
        denied(search(&assistant, Purpose::Btg, &facts)),
        DenialReason::NoRole
    );
    let list = entry(1, "11450-4", Some(PRACTICE));
    assert_eq!(
        verdict(&nurse(HOME_NURSING), Purpose::Btg, &facts, &list),
        Some(Verdict::Withheld(WithheldReason::Role))
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
fn a_citizen_sees_the_own_record_blocks_and_all() {
    let facts = Facts {
        relations: Vec::new(),
        ..with_consents(&[block(What::all(), Who::All)])
    };
    let scope = permitted(search(&citizen(key(1)), Purpose::Patrqt, &facts));
    let secret = EntryFacts {
        confidentiality: "V".to_owned(),
        ..appointment()
    };
    assert_eq!(
        scope.review([&appointment(), &secret]),
        [Verdict::Visible; 2]
    );
    let other = EntryFacts {
        patient: key(2),
        ..appointment()
    };
    assert!(!scope.admits(&other).is_visible());
    let stranger = denied(search(&citizen(key(2)), Purpose::Patrqt, &facts));
    assert_eq!(stranger, DenialReason::NotTheCitizen);
    for action in [
        Action::CreateConsent,
        Action::EndConsent,
        Action::ListConsents,
        Action::ExplainAccess,
        Action::ListRelations,
        Action::GetPatient,
        Action::ListOwnAccesses,
    ] {
        permitted(ask(&citizen(key(1)), action, Some(Purpose::Patrqt), &facts));
        let reason = denied(ask(&citizen(key(2)), action, Some(Purpose::Patrqt), &facts));
        assert_eq!(reason, DenialReason::NotTheCitizen);
    }
}

#[test]
fn acting_for_another_citizen_needs_a_delegation() {
    let mut party = citizen(key(2));
    party.on_behalf = Some(OnBehalf {
        patient: key(1),
        relation: CitizenRelation::Custody,
    });
    let reason = denied(search(&party, Purpose::Patrqt, &facts()));
    assert_eq!(reason, DenialReason::DelegationMissing);
}

#[test]
fn a_helper_acts_in_the_role_of_the_responsible_and_in_no_more() {
    let secretary = Person {
        kind: PersonKind::Administrative {
            role: "laegesekretaer".to_owned(),
        },
        organisation: Some(org(CARDIOLOGY)),
    };
    let mut party = at(secretary);
    party.responsible = Some(professional("laege", "7LK1D", CARDIOLOGY));
    let scope = permitted(search(&party, Purpose::Treat, &facts()));
    assert!(scope.grounds().iter().any(|g| g.rule == Rule::Helper));
    assert_eq!(
        scope.admits(&entry(1, "11502-2", Some(HOSPITAL))),
        Verdict::Visible
    );
    let restricted = EntryFacts {
        confidentiality: "R".to_owned(),
        ..appointment()
    };
    assert_eq!(
        scope.admits(&restricted),
        Verdict::Withheld(WithheldReason::Role)
    );
    assert_eq!(
        denied(search(&party, Purpose::Btg, &facts())),
        DenialReason::NoRole
    );
    // A block on the responsible physician holds for the helper.
    let facts_blocked = with_consents(&[block(What::all(), Who::Person(auth("7LK1D")))]);
    let reason = denied(search(&party, Purpose::Treat, &facts_blocked));
    assert_eq!(reason, DenialReason::ConsentBlocksAll);
    for wrong in [
        professional("laege", "7LK1D", PSYCHIATRY),
        Person {
            kind: PersonKind::Operator,
            organisation: Some(org(CARDIOLOGY)),
        },
        Person {
            organisation: None,
            ..professional("laege", "7LK1D", CARDIOLOGY)
        },
    ] {
        party.responsible = Some(wrong);
        let reason = denied(search(&party, Purpose::Treat, &facts()));
        assert_eq!(reason, DenialReason::ResponsibleNotAllowed);
    }
    let mut citizen = citizen(key(1));
    citizen.responsible = Some(professional("laege", "7LK1D", CARDIOLOGY));
    let reason = denied(search(&citizen, Purpose::Patrqt, &facts()));
    assert_eq!(reason, DenialReason::ResponsibleNotAllowed);
}

#[test]
fn a_person_block_on_a_helper_is_not_lifted_by_a_permit_for_the_responsible() {
    let mut party = at(professional("sygeplejerske", "7SP2C", CARDIOLOGY));
    party.responsible = Some(professional("laege", "7LK1D", CARDIOLOGY));
    let nurse_blocked = block(from_place(CARDIOLOGY, false), Who::Person(auth("7SP2C")));
    let doctor_permitted = permit(What::all(), Who::Person(auth("7LK1D")));
    let facts = with_consents(&[nurse_blocked, doctor_permitted]);
    let seen = verdict(&party, Purpose::Treat, &facts, &appointment());
    assert_eq!(seen, Some(Verdict::Withheld(WithheldReason::Consent)));
}

#[test]
fn a_source_writes_for_its_registered_organisations_only() {
    let facts = Facts {
        registered_organisations: vec![org(HOSPITAL)],
        ..facts()
    };
    let party = source(HOSPITAL);
    for action in [
        Action::RegisterDocument,
        Action::RegisterRelation,
        Action::SendMessage,
    ] {
        let for_places = |places: &[&str]| {
            let places: Vec<_> = places.iter().map(|code| org(code)).collect();
            let request = Request {
                organisations: &places,
                ..request(&party, action, None)
            };
            decide(&request, &facts, NOW)
        };
        let scope = permitted(for_places(&[HOSPITAL, WARD]));
        assert!(scope.may_write_for(&org(CARDIOLOGY)));
        assert!(!scope.may_write_for(&org(REGION)));
        for foreign in [&[REGION][..], &[WARD, PRACTICE], &[STRANGE], &[]] {
            assert_eq!(
                denied(for_places(foreign)),
                DenialReason::ForeignOrganisation
            );
        }
    }
    // What is changed by its id names no organisation: the operation asks the scope once it has found it.
    for action in [
        Action::UpdateDocumentStatus,
        Action::EndRelation,
        Action::ListSourceDocuments,
        Action::ReceiveMessages,
        Action::AcknowledgeMessage,
        Action::GetMessage,
        Action::ListMessages,
        Action::ListRelations,
    ] {
        let scope = permitted(ask(&party, action, None, &facts));
        assert_eq!(scope.organisations(), [org(HOSPITAL)]);
    }
}

#[test]
fn a_source_reads_back_its_own_entries_only() {
    let facts = Facts {
        registered_organisations: vec![org(HOSPITAL)],
        ..facts()
    };
    let scope = permitted(ask(&source(HOSPITAL), Action::GetDocument, None, &facts));
    assert_eq!(scope.admits(&appointment()), Verdict::Visible);
    let other = EntryFacts {
        source_id: "system-2000".to_owned(),
        ..appointment()
    };
    assert_eq!(
        scope.admits(&other),
        Verdict::Withheld(WithheldReason::OutOfScope)
    );
    let record = ask(
        &source(HOSPITAL),
        Action::SearchRecord,
        Some(Purpose::Treat),
        &facts,
    );
    assert_eq!(denied(record), DenialReason::NoRole);
}

#[test]
fn a_consumer_system_does_nothing_clinical_by_itself() {
    let mut party = source(HOSPITAL);
    party.system.kinds = vec![SystemKind::Consumer, SystemKind::Operations];
    let facts = Facts {
        registered_organisations: vec![org(HOSPITAL)],
        ..facts()
    };
    let places = [org(HOSPITAL)];
    for &action in Action::ALL {
        let request = Request {
            organisations: &places,
            ..request(&party, action, None)
        };
        let open = matches!(action, Action::ReadDirectory | Action::ReadLogProofs);
        let decision = decide(&request, &facts, NOW);
        assert_eq!(matches!(decision, Decision::Permit(_)), open, "{action:?}");
    }
}

#[test]
fn auditors_see_the_log_and_nothing_clinical() {
    for kind in [PersonKind::Auditor, PersonKind::DataProtectionOfficer] {
        let party = person(kind);
        for &action in Action::ALL {
            let follows_up = matches!(
                action,
                Action::SearchAuditEntries
                    | Action::ExportAuditEntries
                    | Action::ExplainAccess
                    | Action::ReadLogProofs
                    | Action::ReadDirectory
            );
            for purpose in [None, Some(Purpose::Hsysadmin)] {
                let decision = ask(&party, action, purpose, &facts());
                assert_eq!(
                    matches!(decision, Decision::Permit(_)),
                    follows_up,
                    "{action:?}"
                );
            }
            let treating = ask(&party, action, Some(Purpose::Treat), &facts());
            let open = matches!(action, Action::ReadLogProofs | Action::ReadDirectory);
            assert_eq!(matches!(treating, Decision::Permit(_)), open, "{action:?}");
        }
        let scope = permitted(ask(&party, Action::ExplainAccess, None, &facts()));
        assert!(!scope.admits(&appointment()).is_visible());
    }
}

#[test]
fn the_operator_keeps_identities_and_sees_nothing_clinical() {
    let party = person(PersonKind::Operator);
    for &action in Action::ALL {
        let open = matches!(
            action,
            Action::LinkPatient
                | Action::MergePatient
                | Action::GetPatient
                | Action::ReadLogProofs
                | Action::ReadDirectory
        );
        let decision = ask(&party, action, Some(Purpose::Hsysadmin), &facts());
        assert_eq!(matches!(decision, Decision::Permit(_)), open, "{action:?}");
    }
}

#[test]
fn a_request_is_about_one_patient() {
    let party = physician(HOSPITAL);
    let many = vec![key(1); 65];
    for patients in [&[][..], &many] {
        let request = Request {
            patients,
            ..request(&party, Action::SearchRecord, Some(Purpose::Treat))
        };
        assert_eq!(
            denied(decide(&request, &facts(), NOW)),
            DenialReason::PatientMissing
        );
    }
}

#[test]
fn an_explanation_names_what_determined_it() {
    let blocked = block(from_place(CARDIOLOGY, false), Who::All);
    let opened = permit(What::all(), Who::Person(auth("7LK1D")));
    let facts = with_consents(&[blocked.clone(), opened.clone()]);
    let doctor =
        permitted(search(&physician(WARD), Purpose::Treat, &facts)).explain(&appointment());
    assert_eq!(doctor.verdict, Verdict::Visible);
    assert!(
        doctor
            .grounds
            .iter()
            .any(|g| g.reference == opened.id.to_string())
    );
    let nurse = permitted(search(&nurse(WARD), Purpose::Treat, &facts)).explain(&appointment());
    assert_eq!(nurse.verdict, Verdict::Withheld(WithheldReason::Consent));
    assert!(
        nurse
            .grounds
            .iter()
            .any(|g| g.reference == blocked.id.to_string())
    );
    assert!(
        nurse
            .grounds
            .iter()
            .any(|g| g.reference == "nurse-treats-in-hospital-or-clinic")
    );
}
