use proptest::prelude::*;

use super::*;

#[derive(Debug, Clone, Copy)]
enum Act {
    Assign(u8),
    Release,
    Comment,
    Decide(u8, ReviewDecision, bool),
}

fn any_act() -> impl Strategy<Value = Act> {
    let decision = proptest::sample::select(ReviewDecision::ALL);
    prop_oneof![
        (0..4_u8).prop_map(Act::Assign),
        Just(Act::Release),
        Just(Act::Comment),
        (0..4_u8, decision, any::<bool>())
            .prop_map(|(who, what, four)| Act::Decide(who, what, four)),
    ]
}

/// Persons 2 and 3 are one human being under two ids.
fn person(who: u8) -> Reviewer {
    Reviewer {
        id: format!("person-{who}"),
        key: (who > 1).then(|| PatientKey::new([7; 32])),
    }
}

fn human(who: u8) -> u8 {
    who.min(2)
}

fn open() -> Standing {
    Standing {
        state: CaseState::Open,
        assignee: None,
        proposal: None,
        decision: None,
        decided_at: None,
    }
}

fn step(from: &Standing, act: Act) -> Moved {
    match act {
        Act::Assign(to) => from.assign(&person(to).id),
        Act::Release => from.release(),
        Act::Comment => Ok(from.comment()),
        Act::Decide(who, what, four_eyes) => from.decide(&person(who), what, four_eyes),
    }
}

proptest! {
    #[test]
    fn every_course_of_a_case_is_a_lawful_one(acts in proptest::collection::vec(any_act(), 0..40)) {
        let mut now = open();
        let mut said: Option<(u8, ReviewDecision)> = None;
        for act in acts {
            let Ok((kind, next)) = step(&now, act) else { continue };
            // What is closed stays as it is.
            if now.state == CaseState::Closed {
                prop_assert_eq!(&now, &next);
                prop_assert_eq!(kind, StepKind::Commented);
            }
            if let Act::Decide(who, what, four_eyes) = act {
                // Two pairs of eyes are those of two human beings who say the same.
                let second = said.is_some_and(|(first, _)| first != human(who));
                prop_assert!(said.is_none() || second);
                let agreed = said.is_some_and(|(_, proposed)| proposed == what);
                let closes = if said.is_some() { agreed } else { !four_eyes };
                prop_assert_eq!(next.state == CaseState::Closed, closes);
                prop_assert_eq!(kind == StepKind::Decided, closes);
                prop_assert!(now.assignee.is_none() || now.assignee == Some(person(who).id));
                said = (!closes).then_some((human(who), what));
            }
            prop_assert_eq!(next.state == CaseState::Closed, next.decision.is_some());
            prop_assert_eq!(next.state == CaseState::Proposed, next.proposal.is_some());
            if next.state == CaseState::Assigned || next.state == CaseState::Open {
                prop_assert_eq!(next.state == CaseState::Assigned, next.assignee.is_some());
            }
            now = next;
        }
    }
}

#[test]
fn a_refusal_says_why() {
    let decide = |from: &Standing, who| from.decide(&person(who), ReviewDecision::Justified, true);
    assert_eq!(open().release(), Err(Refusal::NobodyWorksOnIt));
    let (_, assigned) = open().assign("person-0").unwrap();
    assert_eq!(decide(&assigned, 1), Err(Refusal::SomebodyElses));
    let (_, proposed) = decide(&assigned, 0).unwrap();
    assert_eq!(decide(&proposed, 0), Err(Refusal::SamePerson));
    let (_, closed) = decide(&proposed, 1).unwrap();
    assert_eq!(closed.assign("person-0"), Err(Refusal::Closed));
    assert_eq!(decide(&closed, 0), Err(Refusal::Closed));
}

#[test]
fn one_number_is_one_person_under_whatever_id() {
    let (_, proposed) = open()
        .decide(&person(2), ReviewDecision::Justified, true)
        .unwrap();
    let again = proposed.decide(&person(3), ReviewDecision::Justified, true);
    assert_eq!(again, Err(Refusal::SamePerson));
}
