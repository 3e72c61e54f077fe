//! What the answer must not depend on: the order of the records, and what was not yet on record.

use crate::case::Case;
use crate::dice::Dice;
use crate::make;
use crate::rules::answer;
use crate::world::NOW;

const CASES: u64 = 10_000;

#[test]
fn the_order_of_the_records_is_irrelevant() {
    for seed in 0..CASES {
        let case = make::case(seed);
        let mut shuffled = case.clone();
        let dice = &mut Dice::seeded(seed ^ 0x5eed);
        dice.shuffle(&mut shuffled.facts.consents);
        dice.shuffle(&mut shuffled.facts.relations);
        dice.shuffle(&mut shuffled.facts.delegations);
        dice.shuffle(&mut shuffled.facts.representations);
        dice.shuffle(&mut shuffled.facts.permissions);
        dice.shuffle(&mut shuffled.facts.openings);
        dice.shuffle(&mut shuffled.patients);
        assert_eq!(case.decided(), shuffled.decided(), "seed {seed}");
        assert_eq!(answer(&case), answer(&shuffled), "seed {seed}");
    }
}

/// What stood on record at the moment of the case: nothing that began later, and no end that had not come.
fn as_it_stood(case: &Case) -> Case {
    let mut then = case.clone();
    let facts = &mut then.facts;
    macro_rules! forget_the_future {
        ($list:expr, $from:ident, $ended:ident) => {
            $list.retain(|record| record.$from <= NOW);
            for record in &mut $list {
                record.$ended = record.$ended.filter(|ended| *ended <= NOW);
            }
        };
    }
    forget_the_future!(facts.consents, valid_from, ended_at);
    forget_the_future!(facts.relations, from, ended_at);
    forget_the_future!(facts.delegations, from, ended_at);
    forget_the_future!(facts.representations, from, ended_at);
    forget_the_future!(facts.permissions, from, ended_at);
    facts.openings.retain(|opening| opening.from <= NOW);
    then
}

/// "What would have been seen at T" is asked of today's records, and must equal what was answered at T.
#[test]
fn asking_later_about_then_equals_the_answer_given_then() {
    for seed in 0..CASES {
        let today = make::case(seed);
        let then = as_it_stood(&today);
        assert_eq!(today.decided(), then.decided(), "seed {seed}");
    }
}
