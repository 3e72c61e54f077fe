//! Citizens who act for citizens: by custody, as a guardian, by power of attorney; and children, who do not act alone yet.

use delt_policy::*;
use time::{Date, macros::date};

use crate::rights::*;
use crate::world::*;

/// What citizen 2 may do for patient 1, who was born at a date.
fn act(
    action: Action,
    kind: CitizenRelation,
    registered: Representation,
    born: Option<Date>,
) -> Decision {
    let facts = Facts {
        representations: vec![registered],
        born,
        ..facts()
    };
    ask(&representative(kind), action, Some(Purpose::Patrqt), &facts)
}

/// 15 January 2027, 08:00 UTC, is `NOW`.
const FOUR: Option<Date> = Some(date!(2022 - 06 - 01));

#[test]
fn acting_for_another_citizen_needs_a_registered_right() {
    for kind in CitizenRelation::ALL {
        let base = representation(kind);
        let search = |registered| act(Action::SearchRecord, kind, registered, FOUR);
        let scope = permitted(search(base.clone()));
        let id = base.id.to_string();
        let cited = |g: &Ground| g.rule == Rule::Delegation && g.reference == id;
        assert!(scope.grounds().iter().any(cited));
        assert_eq!(scope.admits(&appointment()), Verdict::Visible);
        let other = CitizenRelation::ALL
            .into_iter()
            .find(|other| *other != kind);
        let wrong = [
            representation(other.unwrap()),
            Representation {
                from: NOW + 1,
                ..base.clone()
            },
            Representation {
                until: Some(NOW),
                ..base.clone()
            },
            Representation {
                ended_at: Some(NOW),
                ..base.clone()
            },
            Representation {
                representative: key(3),
                ..base.clone()
            },
            Representation {
                patient: key(3),
                ..base.clone()
            },
            Representation {
                rights: vec![Right::SeeAccesses],
                ..base
            },
        ];
        for registered in wrong {
            assert_eq!(denied(search(registered)), DenialReason::DelegationMissing);
        }
    }
}

#[test]
fn a_representative_does_what_the_rights_say_and_passes_none_on() {
    let kind = CitizenRelation::Proxy;
    for &action in Action::ALL {
        let Some(right) = Right::of(action).filter(|right| right.goes_to_representatives()) else {
            let may = act(action, kind, representation(kind), None);
            let open = matches!(action, Action::ReadDirectory | Action::ReadLogProofs);
            assert_eq!(matches!(may, Decision::Permit(_)), open, "{action:?}");
            continue;
        };
        let only = |rights: Vec<Right>| Representation {
            rights,
            ..representation(kind)
        };
        permitted(act(action, kind, only(vec![right]), None));
        let others = Right::ALL.into_iter().filter(|other| *other != right);
        let reason = denied(act(action, kind, only(others.collect()), None));
        assert_eq!(reason, DenialReason::DelegationMissing, "{action:?}");
    }
}

#[test]
fn a_representative_sees_normal_confidentiality_of_the_types_that_the_right_names() {
    let limited = Representation {
        document_types: vec!["39289-4".to_owned(), "pdc".to_owned()],
        ..representation(CitizenRelation::Guardian)
    };
    let kind = CitizenRelation::Guardian;
    for action in [Action::SearchRecord, Action::ExplainAccess] {
        let scope = permitted(act(action, kind, limited.clone(), None));
        let restricted = EntryFacts {
            confidentiality: "R".to_owned(),
            ..appointment()
        };
        let letter = entry(2, "18842-5", Some(HOSPITAL));
        let card = entry(3, "PDC", Some(HOSPITAL));
        assert_eq!(
            scope.review([&appointment(), &card, &restricted, &letter]),
            [
                Verdict::Visible,
                Verdict::Visible,
                Verdict::Withheld(WithheldReason::Role),
                Verdict::Withheld(WithheldReason::Purpose)
            ]
        );
        let grounds = scope.explain(&letter).grounds;
        assert!(grounds.iter().any(|g| g.rule == Rule::Delegation));
    }
}

#[test]
fn rights_of_one_kind_add_up() {
    let only = |number, code: &str| Representation {
        id: id(number),
        document_types: vec![code.to_owned()],
        ..representation(CitizenRelation::Proxy)
    };
    let facts = Facts {
        representations: vec![only(1, "39289-4"), only(2, "PDC")],
        ..facts()
    };
    let party = representative(CitizenRelation::Proxy);
    let scope = permitted(search(&party, Purpose::Patrqt, &facts));
    assert!(scope.admits(&appointment()).is_visible());
    assert!(scope.admits(&entry(2, "PDC", None)).is_visible());
    assert!(!scope.admits(&entry(2, "18842-5", None)).is_visible());
}

#[test]
fn who_is_acted_for_must_be_who_is_asked_about() {
    let facts = Facts {
        representations: vec![representation(CitizenRelation::Proxy)],
        ..facts()
    };
    let mut party = representative(CitizenRelation::Proxy);
    party.on_behalf.as_mut().unwrap().patient = key(3);
    let reason = denied(search(&party, Purpose::Patrqt, &facts));
    assert_eq!(reason, DenialReason::NotTheCitizen);
    // Nobody becomes a representative by working somewhere.
    let mut doctor = physician(HOSPITAL);
    doctor.on_behalf = representative(CitizenRelation::Proxy).on_behalf;
    let reason = denied(search(&doctor, Purpose::Treat, &facts));
    assert_eq!(reason, DenialReason::DelegationMissing);
}

#[test]
fn custody_ends_with_age() {
    let kind = CitizenRelation::Custody;
    let parent = |born, after_fifteen| {
        let registered = Representation {
            after_fifteen,
            ..representation(kind)
        };
        act(Action::SearchRecord, kind, registered, born)
            .scope()
            .is_ok()
    };
    for (born, plain, applied) in [
        (Some(date!(2026 - 12 - 31)), true, true),
        (Some(date!(2012 - 01 - 16)), true, true),
        (Some(date!(2012 - 01 - 15)), false, true),
        (Some(date!(2009 - 01 - 16)), false, true),
        (Some(date!(2009 - 01 - 15)), false, false),
        (Some(date!(1950 - 01 - 01)), false, false),
        (None, false, false),
    ] {
        assert_eq!(parent(born, false), plain, "{born:?}");
        assert_eq!(parent(born, true), applied, "{born:?} by application");
    }
    // A guardian's right does not depend on age.
    let kind = CitizenRelation::Guardian;
    permitted(act(
        Action::SearchRecord,
        kind,
        representation(kind),
        Some(date!(1950 - 01 - 01)),
    ));
}

#[test]
fn a_child_does_not_yet_decide_alone() {
    let alone = |born, action| {
        let facts = Facts { born, ..facts() };
        ask(&citizen(key(1)), action, Some(Purpose::Patrqt), &facts)
    };
    for action in [
        Action::SearchRecord,
        Action::CreateConsent,
        Action::ListNotifications,
    ] {
        let reason = denied(alone(Some(date!(2012 - 01 - 16)), action));
        assert_eq!(reason, DenialReason::BelowOwnDecisionAge);
        permitted(alone(Some(date!(2012 - 01 - 15)), action));
        permitted(alone(None, action));
    }
    // Between the two ages by the dates in Denmark and in UTC, neither acts: the cautious answer for an hour or two.
    let eve = NOW + 15 * HOUR; // 15 January 2027, 23:00 UTC: the 16th in Denmark.
    let facts = Facts {
        born: Some(date!(2012 - 01 - 16)),
        representations: vec![representation(CitizenRelation::Custody)],
        ..facts()
    };
    for party in [citizen(key(1)), representative(CitizenRelation::Custody)] {
        let request = request(&party, Action::SearchRecord, Some(Purpose::Patrqt));
        assert!(decide(&request, &facts, eve).scope().is_err());
        assert!(
            decide(&request, &facts, eve - 2 * HOUR).scope().is_err() == party.on_behalf.is_none()
        );
        assert!(decide(&request, &facts, eve + HOUR).scope().is_ok() == party.on_behalf.is_none());
    }
}

#[test]
fn registers_and_citizens_say_who_may_act() {
    let mut register = source(REGION);
    register.system.kinds = vec![SystemKind::Register];
    let facts = Facts {
        relations: Vec::new(),
        ..facts()
    };
    for &action in Action::ALL {
        let keeps = matches!(
            action,
            Action::RegisterRepresentation
                | Action::EndRepresentation
                | Action::ListRepresentations
        );
        let tells = action == Action::RegisterDemographics;
        let open =
            keeps || tells || matches!(action, Action::ReadDirectory | Action::ReadLogProofs);
        let may = ask(&register, action, None, &facts).scope().is_ok();
        assert_eq!(may, open, "{action:?}");
        if keeps {
            let purpose = Some(Purpose::Patrqt);
            permitted(ask(&citizen(key(1)), action, purpose, &facts));
            let stranger = denied(ask(&citizen(key(2)), action, purpose, &facts));
            assert_eq!(stranger, DenialReason::NotTheCitizen);
            let source = denied(ask(&source(HOSPITAL), action, None, &facts));
            assert_eq!(source, DenialReason::NoRole);
        }
    }
}
