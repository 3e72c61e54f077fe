//! Purposes: who can have which, and what learning and quality work need beside it (Sundhedsloven § 42 d).

use delt_policy::*;

use crate::rights::*;
use crate::world::*;

#[test]
fn purposes_are_for_those_who_can_have_them() {
    use DenialReason::{PurposeMissing, PurposeNotAllowed};
    let doctor = physician(HOSPITAL);
    assert_eq!(
        denied(ask(&doctor, Action::SearchRecord, None, &facts())),
        PurposeMissing
    );
    for purpose in [Purpose::Patrqt, Purpose::Hsysadmin] {
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

/// A long one.
const MONTH: Micros = 31 * DAY;

fn with_relation(relation: TreatmentRelation) -> Facts {
    Facts {
        relations: vec![relation],
        ..facts()
    }
}

fn ended(ago: Micros) -> TreatmentRelation {
    TreatmentRelation {
        from: NOW - 400 * DAY,
        until: Some(NOW - ago),
        ..relation(HOSPITAL)
    }
}

#[test]
fn learning_is_about_those_whom_one_treated_lately() {
    let doctor = physician(WARD);
    let learn = |relation| search(&doctor, Purpose::Hoperat, &with_relation(relation));
    let scope = permitted(learn(relation(HOSPITAL)));
    assert!(scope.grounds().iter().any(|g| g.rule == Rule::Relation));
    assert_eq!(scope.admits(&appointment()), Verdict::Visible);
    let scope = permitted(learn(ended(5 * MONTH)));
    assert!(scope.grounds().iter().any(|g| g.rule == Rule::PastRelation));
    let base = ended(5 * MONTH);
    let wrong = [
        ("too long ago", ended(7 * MONTH)),
        (
            "ended early, too long ago",
            TreatmentRelation {
                until: None,
                ended_at: Some(NOW - 7 * MONTH),
                ..base.clone()
            },
        ),
        (
            "not yet begun",
            TreatmentRelation {
                from: NOW + 1,
                until: None,
                ..base.clone()
            },
        ),
        (
            "ended before it began",
            TreatmentRelation {
                from: NOW - DAY,
                ended_at: Some(NOW - 2 * DAY),
                ..base.clone()
            },
        ),
        (
            "a word only",
            TreatmentRelation {
                kind: RelationKind::Attestation,
                ..relation(HOSPITAL)
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
            "another professional",
            TreatmentRelation {
                person: Some(auth("9XXXX")),
                ..base.clone()
            },
        ),
        (
            "another patient",
            TreatmentRelation {
                patient: key(2),
                ..base
            },
        ),
    ];
    for (name, relation) in wrong {
        assert_eq!(
            denied(learn(relation)),
            DenialReason::ConditionsNotMet,
            "{name}"
        );
    }
}

#[test]
fn the_months_of_learning_are_whole_and_a_setting() {
    // From 15 July 2026, 08:00 UTC, to 15 January 2027, 08:00 UTC: `NOW`.
    let six_months = 184 * DAY;
    let learn = |relation: TreatmentRelation, months| {
        let terms = Terms {
            learning_months: months,
            ..Terms::default()
        };
        let facts = Facts {
            terms,
            ..with_relation(relation)
        };
        search(&physician(WARD), Purpose::Hoperat, &facts)
    };
    permitted(learn(ended(six_months), 6));
    let late = denied(learn(ended(six_months + 1), 6));
    assert_eq!(late, DenialReason::ConditionsNotMet);
    permitted(learn(ended(six_months + 1), 7));
    assert_eq!(denied(learn(ended(1), 0)), DenialReason::ConditionsNotMet);
    permitted(learn(relation(HOSPITAL), 0));
}

#[test]
fn learning_opens_normal_confidentiality_and_no_blocked_entry() {
    let blocked = with_consents(&[block(from_place(CARDIOLOGY, false), Who::All)]);
    let restricted = EntryFacts {
        confidentiality: "R".to_owned(),
        ..entry(2, "39289-4", Some(PSYCHIATRY))
    };
    let scope = permitted(search(&physician(WARD), Purpose::Hoperat, &blocked));
    assert_eq!(
        scope.review([&appointment(), &restricted]),
        [
            Verdict::Withheld(WithheldReason::Consent),
            Verdict::Withheld(WithheldReason::Role)
        ]
    );
    let closed = with_consents(&[block(What::all(), Who::All)]);
    let reason = denied(search(&physician(WARD), Purpose::Hoperat, &closed));
    assert_eq!(reason, DenialReason::ConsentBlocksAll);
}

fn with_permission(permission: QualityPermission) -> Facts {
    Facts {
        relations: Vec::new(),
        permissions: vec![permission],
        ..facts()
    }
}

#[test]
fn quality_work_needs_the_managements_permission_and_no_relation() {
    let base = quality_permission(HOSPITAL);
    let improve = |permission| {
        search(
            &physician(WARD),
            Purpose::Hqualimp,
            &with_permission(permission),
        )
    };
    let scope = permitted(improve(base.clone()));
    let named =
        |g: &Ground| g.rule == Rule::QualityPermission && g.reference == base.id.to_string();
    assert!(scope.grounds().iter().any(named));
    let wrong = [
        QualityPermission {
            from: NOW + 1,
            ..base.clone()
        },
        QualityPermission {
            until: NOW,
            ..base.clone()
        },
        QualityPermission {
            ended_at: Some(NOW),
            ..base.clone()
        },
        QualityPermission {
            person: auth("9XXXX"),
            ..base.clone()
        },
        quality_permission(PSYCHIATRY),
        // A permission of a unit below is not one for the whole hospital.
        QualityPermission {
            organisation: org("1111"),
            ..base
        },
    ];
    for permission in &wrong[..5] {
        assert_eq!(
            denied(improve(permission.clone())),
            DenialReason::ConditionsNotMet
        );
    }
    let at_hospital = search(
        &physician(HOSPITAL),
        Purpose::Hqualimp,
        &with_permission(wrong[5].clone()),
    );
    assert_eq!(denied(at_hospital), DenialReason::ConditionsNotMet);
    // A treatment relation opens nothing for this purpose.
    let reason = denied(search(&physician(WARD), Purpose::Hqualimp, &facts()));
    assert_eq!(reason, DenialReason::ConditionsNotMet);
}

#[test]
fn quality_work_reaches_the_places_own_younger_data() {
    let facts = with_permission(quality_permission(CARDIOLOGY));
    let scope = permitted(search(&physician(WARD), Purpose::Hqualimp, &facts));
    let by = |author| entry(2, "39289-4", author);
    let since = |start: Option<Micros>, stop: Option<Micros>| EntryFacts {
        service_start: start,
        service_stop: stop,
        ..by(Some(CARDIOLOGY))
    };
    let (shown, withheld) = (Verdict::Visible, Verdict::Withheld(WithheldReason::Purpose));
    for (name, entry, expected) in [
        ("its own", by(Some(CARDIOLOGY)), shown),
        ("a unit's", by(Some(WARD)), shown),
        ("labelled with the parent", by(Some(HOSPITAL)), withheld),
        ("elsewhere", by(Some(PSYCHIATRY)), withheld),
        ("from nobody knows where", by(None), withheld),
        // Five years before 15 January 2027, 08:00 UTC, are 1826 days.
        (
            "young enough",
            since(Some(NOW - 1826 * DAY + 1), None),
            shown,
        ),
        ("too old", since(Some(NOW - 1826 * DAY), None), withheld),
        (
            "began too long ago",
            since(Some(NOW - 1826 * DAY), Some(NOW)),
            withheld,
        ),
        ("no start", since(None, Some(NOW - DAY)), withheld),
        ("no time", since(None, None), withheld),
        (
            "a broken label",
            since(Some(NOW), Some(NOW - DAY)),
            withheld,
        ),
    ] {
        assert_eq!(scope.admits(&entry), expected, "{name}");
        assert!(!scope.explain(&entry).grounds.is_empty());
    }
}

#[test]
fn the_years_of_quality_work_are_a_setting_and_consents_apply() {
    let only_second = What {
        entry: Some(id(2)),
        ..What::all()
    };
    let terms = Terms {
        quality_years: 1,
        ..Terms::default()
    };
    let facts = Facts {
        terms,
        consents: vec![block(only_second, Who::All)],
        ..with_permission(quality_permission(CARDIOLOGY))
    };
    let scope = permitted(search(&physician(WARD), Purpose::Hqualimp, &facts));
    let old = EntryFacts {
        service_start: Some(NOW - 400 * DAY),
        ..appointment()
    };
    assert_eq!(
        scope.review([&appointment(), &old, &entry(2, "39289-4", Some(WARD))]),
        [
            Verdict::Visible,
            Verdict::Withheld(WithheldReason::Purpose),
            Verdict::Withheld(WithheldReason::Consent)
        ]
    );
}
