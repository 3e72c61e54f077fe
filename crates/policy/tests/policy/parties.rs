//! One test for each rule about those who are not staff: citizens, systems, auditors, operators.

use crate::world::*;
use delt_policy::*;

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
        Action::ListNotifications,
    ] {
        permitted(ask(&citizen(key(1)), action, Some(Purpose::Patrqt), &facts));
        let reason = denied(ask(&citizen(key(2)), action, Some(Purpose::Patrqt), &facts));
        assert_eq!(reason, DenialReason::NotTheCitizen);
    }
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
        Action::RegisterQualityPermission,
        Action::EndQualityPermission,
        Action::ListQualityPermissions,
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
        Action::ListRelationAlerts,
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
                    | Action::ListReviewCases
                    | Action::GetReviewCase
                    | Action::AssignReviewCase
                    | Action::CommentReviewCase
                    | Action::DecideReviewCase
                    | Action::DrawSample
                    | Action::ListSamples
                    | Action::GetPeriodReport
                    | Action::ListRelationAlerts
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
fn the_operator_keeps_identities_and_access_and_sees_nothing_clinical() {
    let party = person(PersonKind::Operator);
    for &action in Action::ALL {
        let open = matches!(
            action,
            Action::LinkPatient
                | Action::MergePatient
                | Action::GetPatient
                | Action::RevokeAccess
                | Action::LiftRevocation
                | Action::ListRevocations
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
