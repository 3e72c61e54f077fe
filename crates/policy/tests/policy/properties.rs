//! What must hold for every party, record and moment.

use std::sync::{Arc, LazyLock};

use delt_policy::*;
use proptest::collection::vec;
use proptest::option;
use proptest::prelude::*;
use proptest::sample::select;

use crate::any::*;
use crate::question::*;
use crate::world::*;

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

/// The lawful grounds on which a record may be seen.
fn opens(ground: &Ground) -> bool {
    match ground.rule {
        Rule::Relation
        | Rule::Attestation
        | Rule::PastRelation
        | Rule::QualityPermission
        | Rule::OwnRecord
        | Rule::Delegation => ground.reference != "none",
        Rule::OverrideGround => ground.reference == "essential-consideration",
        _ => false,
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 2_000, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn by_default_nobody_sees(
        question in any_question(), facts in any_facts(), entries in vec(any_entry(), 1..5),
    ) {
        // Without a fact that connects them, only the citizen and who says why the patient cannot be asked.
        let facts = Facts {
            relations: Vec::new(), representations: Vec::new(), permissions: Vec::new(), openings: Vec::new(), ..facts
        };
        let seen = question.sees(&facts, &entries).contains(&true);
        let kind = &question.party.person.as_ref().unwrap().kind;
        let own = *kind == PersonKind::Citizen { key: key(1) } && question.party.on_behalf.is_none();
        let broken = question.purpose == Purpose::Btg
            && question.ground == Some(OverrideGround::EssentialConsideration)
            && question.reason.is_some_and(|reason| reason.len() > 9);
        prop_assert!(!seen || own || broken);
    }

    #[test]
    fn without_policies_nobody_sees(
        question in any_question(), facts in any_facts(), entries in vec(any_entry(), 1..5),
    ) {
        let facts = Facts { roles: Arc::clone(&NO_POLICY), ..facts };
        prop_assert!(!question.sees(&facts, &entries).contains(&true));
    }

    #[test]
    fn another_block_never_shows_more(
        question in any_question(), facts in any_facts(), entries in vec(any_entry(), 1..5), block in any_consent(),
    ) {
        let before = question.sees(&facts, &entries);
        let mut facts = facts;
        facts.consents.push(Consent { kind: ConsentKind::Negative, ..block });
        prop_assert!(no_more(&question.sees(&facts, &entries), &before));
    }

    #[test]
    fn ending_or_removing_a_permit_never_shows_more(
        question in any_question(), facts in any_facts(), entries in vec(any_entry(), 1..5),
        permit in any_consent(), ended in -2i64..1,
    ) {
        let permit = Consent { kind: ConsentKind::Positive, ..permit };
        let with = |permit: Option<Consent>| {
            let mut facts = facts.clone();
            facts.consents.extend(permit);
            question.sees(&facts, &entries)
        };
        let before = with(Some(permit.clone()));
        prop_assert!(no_more(&with(None), &before));
        let ended = Consent { ended_at: Some(NOW + ended * DAY), ..permit };
        prop_assert!(no_more(&with(Some(ended)), &before));
    }

    #[test]
    fn ending_a_right_to_act_or_to_look_never_shows_more(
        question in any_question(), facts in any_facts(), entries in vec(any_entry(), 1..5),
        which in any::<prop::sample::Index>(), ended in -2i64..1,
    ) {
        let before = question.sees(&facts, &entries);
        let mut after = facts;
        let ended = Some(NOW + ended * DAY);
        macro_rules! end_one {
            ($records:ident) => {
                if !after.$records.is_empty() {
                    let at = which.index(after.$records.len());
                    after.$records[at].ended_at = ended;
                }
            };
        }
        end_one!(delegations);
        prop_assert!(no_more(&question.sees(&after, &entries), &before));
        end_one!(representations);
        prop_assert!(no_more(&question.sees(&after, &entries), &before));
        end_one!(permissions);
        prop_assert!(no_more(&question.sees(&after, &entries), &before));
    }

    #[test]
    fn a_glass_that_closes_never_shows_more(
        question in any_question(), facts in any_facts(), entries in vec(any_entry(), 1..5),
        which in any::<prop::sample::Index>(), hours in 0i64..100,
    ) {
        let before = question.sees(&facts, &entries);
        let mut after = facts.clone();
        if !after.openings.is_empty() {
            let at = which.index(after.openings.len());
            after.openings[at].until = NOW;
        }
        prop_assert!(no_more(&question.sees(&after, &entries), &before));
        // Nor does time by itself, where nothing else begins or ends meanwhile.
        let begun = |from: Micros| from <= NOW;
        let mut settled = Facts { consents: Vec::new(), ..facts };
        settled.openings.retain(|opening| begun(opening.from));
        settled.relations.retain(|relation| begun(relation.from));
        settled.delegations.retain(|delegation| begun(delegation.from));
        let glass = Question { purpose: Purpose::Btg, reason: None, ..question };
        let before = glass.sees(&settled, &entries);
        prop_assert!(no_more(&glass.sees_at(&settled, &entries, NOW + hours * HOUR), &before));
    }

    #[test]
    fn the_order_of_the_records_shows_nowhere(
        question in any_question(), facts in any_facts(), entries in vec(any_entry(), 1..5),
    ) {
        let mut turned = facts.clone();
        turned.consents.reverse();
        turned.relations.reverse();
        turned.delegations.reverse();
        turned.representations.reverse();
        turned.permissions.reverse();
        turned.openings.reverse();
        let put = |facts| question.put(Action::SearchRecord, facts, NOW);
        let (one, other) = (put(&facts), put(&turned));
        prop_assert_eq!(one.grounds(), other.grounds());
        match (one, other) {
            (Decision::Permit(one), Decision::Permit(other)) => {
                prop_assert_eq!(one.glass(), other.glass());
                for entry in &entries {
                    prop_assert_eq!(one.explain(entry), other.explain(entry));
                }
            }
            (Decision::Deny(one), Decision::Deny(other)) => prop_assert_eq!(one, other),
            _ => prop_assert!(false, "one is permitted and the other denied"),
        }
    }

    #[test]
    fn every_decision_cites_a_ground_that_can_be_told(
        question in any_question(), none in option::weighted(0.1, Just(())), facts in any_facts(),
        action in select(Action::ALL), entries in vec(any_entry(), 1..5),
    ) {
        let told = |grounds: &[Ground]| grounds.iter().all(|ground| {
            let sentences = [Language::Da, Language::En].map(|language| tell(ground, language, &|_| None));
            let [da, en] = &sentences;
            !da.starts_with("Grund: ") && !en.starts_with("Ground: ") && sentences.iter().all(|sentence| {
                sentence.ends_with('.') && !sentence.contains("()") && !sentence.contains('{')
            })
        });
        let decision = match none {
            Some(()) => ask(&question.party, action, None, &facts),
            None => question.put(action, &facts, NOW),
        };
        prop_assert!(!decision.grounds().is_empty());
        prop_assert!(told(decision.grounds()), "{:?}", decision.grounds());
        if let Decision::Permit(scope) = decision {
            prop_assert!(scope.grounds().iter().any(|ground| ground.rule == Rule::Role));
            for entry in &entries {
                let explained = scope.explain(entry);
                prop_assert!(!explained.grounds.is_empty());
                prop_assert!(told(&explained.grounds), "{:?}", explained.grounds);
                prop_assert_eq!(explained.verdict, scope.admits(entry));
            }
        }
    }

    #[test]
    fn every_permit_to_read_cites_what_opens_the_record(question in any_question(), facts in any_facts()) {
        if let Decision::Permit(scope) = question.put(Action::SearchRecord, &facts, NOW) {
            prop_assert!(scope.grounds().iter().any(opens), "{:?}", scope.grounds());
            let used = scope.glass();
            prop_assert_eq!(used.is_some(), question.purpose == Purpose::Btg);
        }
    }

    #[test]
    fn breaking_the_glass_reaches_no_more_than_its_role(
        question in any_question(), facts in any_facts(), entries in vec(any_entry(), 1..5),
    ) {
        let related = vec![relation(REGION), relation(PRACTICE), relation(MUNICIPALITY)];
        let free = Facts { consents: Vec::new(), relations: related, openings: Vec::new(), ..facts.clone() };
        let sees = |purpose, ground| {
            let free = &free;
            let reason = Some("bevidstløs, kan ikke spørges");
            Question { purpose, reason, ground: Some(ground), ..question.clone() }.sees(free, &entries)
        };
        // What the role may see with the glass broken and nothing else in the way, and for treatment likewise.
        let (asked, cannot) = (OverrideGround::CitizenLiftsBlock, OverrideGround::EssentialConsideration);
        let reach = sees(Purpose::Btg, cannot);
        let broken = Question { purpose: Purpose::Btg, ..question.clone() };
        prop_assert!(no_more(&broken.sees(&facts, &entries), &reach));
        let lifted = Question { reason: Some("bevidstløs, kan ikke spørges"), ground: Some(asked), ..broken };
        let lifted = lifted.sees(&facts, &entries);
        prop_assert!(no_more(&lifted, &reach));
        prop_assert!(no_more(&lifted, &sees(Purpose::Treat, asked)));
    }

    #[test]
    fn nobody_sees_another_patients_entry(
        question in any_question(), facts in any_facts(), entry in any_entry(),
    ) {
        let other = [EntryFacts { patient: key(2), ..entry }];
        prop_assert!(!question.sees(&facts, &other).contains(&true));
    }
}

/// The properties are worth little if nearly nothing is ever seen: each way to a record must come up.
#[test]
fn the_random_questions_reach_every_way_to_a_record() {
    use proptest::strategy::ValueTree as _;
    use proptest::test_runner::TestRunner;
    let mut runner = TestRunner::deterministic();
    let mut cited = std::collections::BTreeMap::new();
    for _ in 0..8_000 {
        let one = (any_question(), any_facts()).new_tree(&mut runner).unwrap();
        let (question, facts) = one.current();
        if let Decision::Permit(scope) = question.put(Action::SearchRecord, &facts, NOW) {
            for ground in scope.grounds() {
                *cited.entry(ground.rule).or_insert(0) += 1;
            }
        }
    }
    for rule in [
        Rule::Relation,
        Rule::Attestation,
        Rule::PastRelation,
        Rule::QualityPermission,
        Rule::ConsentBlock,
        Rule::ConsentPermit,
        Rule::OverrideGround,
        Rule::Opening,
        Rule::OwnRecord,
        Rule::Delegation,
        Rule::Helper,
    ] {
        let times = cited.get(&rule).copied().unwrap_or(0);
        assert!(times >= 5, "{rule:?}: {times} of {cited:?}");
    }
}
