//! Helpers under a professional: what is delegated to them, by whom and where.

use delt_policy::*;

use crate::rights::*;
use crate::world::*;

/// The facts with the helper's delegation at the hospital.
fn delegated() -> Facts {
    Facts {
        delegations: vec![delegation(HOSPITAL)],
        ..facts()
    }
}

#[test]
fn a_helper_acts_in_the_role_of_the_responsible_and_in_no_more() {
    let mut party = helper(CARDIOLOGY);
    let facts = delegated;
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
    let facts_blocked = Facts {
        consents: vec![block(What::all(), Who::Person(auth("7LK1D")))],
        ..facts()
    };
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
    let party = Party {
        person: Some(professional("sygeplejerske", "7SP2C", CARDIOLOGY)),
        ..helper(CARDIOLOGY)
    };
    let nurse_blocked = block(from_place(CARDIOLOGY, false), Who::Person(auth("7SP2C")));
    let doctor_permitted = permit(What::all(), Who::Person(auth("7LK1D")));
    let facts = Facts {
        consents: vec![nurse_blocked, doctor_permitted],
        ..delegated()
    };
    let seen = verdict(&party, Purpose::Treat, &facts, &appointment());
    assert_eq!(seen, Some(Verdict::Withheld(WithheldReason::Consent)));
}

#[test]
fn a_helper_needs_the_responsibles_registered_delegation() {
    let help = |delegation: HelperDelegation, action| {
        let facts = Facts {
            delegations: vec![delegation],
            ..facts()
        };
        ask(&helper(WARD), action, Some(Purpose::Treat), &facts)
    };
    let base = delegation(HOSPITAL);
    let scope = permitted(help(base.clone(), Action::SearchRecord));
    let id = base.id.to_string();
    let cited = |g: &Ground| g.rule == Rule::Helper && g.reference == id;
    assert!(scope.grounds().iter().any(cited));
    permitted(help(base.clone(), Action::GetPatient));
    let wrong = [
        HelperDelegation {
            from: NOW + 1,
            ..base.clone()
        },
        HelperDelegation {
            until: NOW,
            ..base.clone()
        },
        HelperDelegation {
            ended_at: Some(NOW),
            ..base.clone()
        },
        HelperDelegation {
            helper: key(6),
            ..base.clone()
        },
        HelperDelegation {
            responsible: auth("9XXXX"),
            ..base.clone()
        },
        HelperDelegation {
            rights: vec![Right::IdentifyPatient],
            ..base
        },
        delegation(PSYCHIATRY),
    ];
    for delegation in wrong {
        let reason = denied(help(delegation, Action::SearchRecord));
        assert_eq!(reason, DenialReason::DelegationMissing);
    }
    let nobody = Party {
        person_key: None,
        ..helper(WARD)
    };
    let reason = denied(search(&nobody, Purpose::Treat, &delegated()));
    assert_eq!(reason, DenialReason::DelegationMissing);
}

#[test]
fn an_issuer_that_checks_delegations_is_believed_about_what_can_be_delegated() {
    let terms = Terms {
        helpers: HelperRule::TokenSays,
        ..Terms::default()
    };
    let trusting = Facts { terms, ..facts() };
    let party = Party {
        person_key: None,
        ..helper(WARD)
    };
    permitted(search(&party, Purpose::Treat, &trusting));
    for action in [
        Action::AttestRelation,
        Action::DelegateToHelper,
        Action::EndHelperDelegation,
        Action::CreateConsent,
    ] {
        let reason = denied(ask(&party, action, Some(Purpose::Treat), &trusting));
        assert_eq!(reason, DenialReason::NoRole, "{action:?}");
    }
    for purpose in [Purpose::Btg, Purpose::Hoperat, Purpose::Hqualimp] {
        let facts = Facts {
            permissions: vec![quality_permission(HOSPITAL)],
            ..trusting.clone()
        };
        let reason = denied(search(&party, purpose, &facts));
        assert_eq!(reason, DenialReason::NoRole, "{purpose:?}");
    }
}

#[test]
fn delegations_are_a_professionals_to_give_and_everybodys_own_to_see() {
    let nowhere = Facts {
        relations: Vec::new(),
        ..facts()
    };
    let keep = |party: &Party, action| {
        let request = Request {
            patients: &[],
            ..request(party, action, Some(Purpose::Treat))
        };
        decide(&request, &nowhere, NOW)
    };
    for action in [
        Action::DelegateToHelper,
        Action::EndHelperDelegation,
        Action::ListHelperDelegations,
    ] {
        permitted(keep(&physician(WARD), action));
        permitted(keep(&nurse(HOME_NURSING), action));
        let secretary = Party {
            responsible: None,
            ..helper(WARD)
        };
        let lists = action == Action::ListHelperDelegations;
        for party in [secretary, helper(WARD)] {
            let may = matches!(keep(&party, action), Decision::Permit(_));
            assert_eq!(may, lists, "{action:?}");
        }
    }
}
