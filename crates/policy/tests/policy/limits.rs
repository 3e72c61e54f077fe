//! What holds between the rows of the role matrix: who can never do more than whom, and what never more than treatment.

use delt_policy::roles::{Confidentiality, DocumentClass, Principal, RoleQuestion, RoleTable};
use delt_policy::{Action, Purpose, Sector};

use crate::matrix::{SOURCE, questions, standings};
use crate::world::POLICY;

/// Sampled: the schema puts the three actions in one group, and policies name the group.
#[test]
fn one_right_to_read_covers_the_three_ways_of_reading() {
    let purposes = [
        None,
        Some(Purpose::Treat),
        Some(Purpose::Btg),
        Some(Purpose::Patrqt),
    ];
    for (principal, helper) in standings()
        .into_iter()
        .filter(|(principal, _)| *principal != SOURCE)
    {
        for purpose in purposes {
            for sector in [Sector::Region, Sector::Municipality] {
                let tables = [
                    Action::SearchRecord,
                    Action::RetrieveDocument,
                    Action::GetDocument,
                ]
                .map(|action| {
                    let principal = principal.clone();
                    POLICY.table(&RoleQuestion {
                        principal,
                        sector,
                        action,
                        purpose,
                        helper,
                    })
                });
                assert!(
                    tables.iter().all(|table| *table == tables[0]),
                    "{principal:?} {purpose:?} {sector:?}"
                );
            }
        }
    }
}

/// Whether whoever may read something by `narrow` may read it by `wide`.
fn reads_no_more(narrow: &RoleQuestion, wide: &RoleQuestion) -> bool {
    let (narrow, wide) = (POLICY.table(narrow), POLICY.table(wide));
    DocumentClass::ALL.into_iter().all(|class| {
        Confidentiality::ALL.into_iter().all(|level| {
            let permits = |table: &RoleTable| table.answer(class, level).permitted;
            permits(&wide) || !permits(&narrow)
        })
    })
}

#[test]
fn nothing_is_read_for_learning_or_quality_that_is_not_read_for_treatment() {
    for (principal, helper) in standings() {
        for question in questions(Action::SearchRecord, &principal, helper) {
            if matches!(question.purpose, Some(Purpose::Hoperat | Purpose::Hqualimp)) {
                let treating = RoleQuestion {
                    purpose: Some(Purpose::Treat),
                    ..question.clone()
                };
                assert!(reads_no_more(&question, &treating), "{question:?}");
            }
        }
    }
}

/// Whether whoever may do something by `narrow` may do it by `wide`.
fn does_no_more(narrow: &RoleQuestion, wide: &RoleQuestion) -> bool {
    if narrow.action.reads_record() {
        reads_no_more(narrow, wide)
    } else {
        !POLICY.answer(narrow).permitted || POLICY.answer(wide).permitted
    }
}

/// The three ways of reading are one right, see above.
fn actions() -> impl Iterator<Item = Action> {
    let distinct = |action: &Action| !action.reads_record() || *action == Action::SearchRecord;
    Action::ALL.iter().copied().filter(distinct)
}

#[test]
fn a_helper_does_no_more_than_the_responsible() {
    for (principal, _) in standings().into_iter().filter(|(_, helper)| *helper) {
        for question in actions().flat_map(|action| questions(action, &principal, true)) {
            let responsible = RoleQuestion {
                helper: false,
                ..question.clone()
            };
            assert!(does_no_more(&question, &responsible), "{question:?}");
        }
    }
}

#[test]
fn a_representative_does_no_more_than_the_citizen() {
    let representative = Principal::Actor("representative");
    for question in actions().flat_map(|action| questions(action, &representative, false)) {
        let citizen = RoleQuestion {
            principal: Principal::Actor("citizen"),
            ..question.clone()
        };
        assert!(does_no_more(&question, &citizen), "{question:?}");
    }
}
