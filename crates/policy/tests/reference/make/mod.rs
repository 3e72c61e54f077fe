//! Random cases: likely enough to be let in that every rule decides some of them, and often at the edge of one.

mod callers;
mod ease;
mod records;

use std::sync::Arc;

use delt_policy::{Action, Facts, HelperRule, OverrideGround, Purpose, Terms};
use time::{Date, Duration, Month};

use crate::case::Case;
use crate::dice::Dice;
use crate::world::{NOW, POLICY, TREE, key};

/// One case from a seed.
pub(crate) fn case(seed: u64) -> Case {
    let dice = &mut Dice::seeded(seed);
    let (party, home, purpose) = callers::caller(dice);
    let mut patients = vec![key(1)];
    if dice.once_in(8) {
        patients.push(key(2));
    }
    if dice.once_in(200) {
        patients.clear();
    }
    let breaks = purpose == Some(Purpose::Btg);
    let reason = if breaks { reason(dice) } else { None };
    let ground = dice.pick(&[
        None,
        Some(OverrideGround::CitizenLiftsBlock),
        Some(OverrideGround::EssentialConsideration),
        Some(OverrideGround::EssentialConsideration),
    ]);
    let mut case = Case {
        action: action(dice, purpose),
        purpose,
        reason,
        ground: if breaks { ground } else { None },
        patients,
        facts: facts(dice, home, breaks),
        entries: dice.some(4, records::entry),
        party,
        now: NOW,
    };
    if !dice.once_in(3) {
        ease::ease(&mut case, home);
    }
    case
}

fn facts(dice: &mut Dice, home: &'static str, breaks: bool) -> Facts {
    let most = if dice.once_in(3) { 4 } else { 2 };
    Facts {
        consents: dice.some(most, |dice| records::consent(dice, home)),
        relations: dice.some(3, |dice| records::relation(dice, home)),
        organisations: Arc::clone(&TREE),
        roles: Arc::clone(&POLICY),
        registered_organisations: Vec::new(),
        delegations: dice.some(2, |dice| records::delegation(dice, home)),
        representations: dice.some(2, records::representation),
        permissions: dice.some(2, |dice| records::permission(dice, home)),
        openings: if breaks {
            dice.some(2, |dice| records::opening(dice, home))
        } else {
            Vec::new()
        },
        born: born(dice),
        terms: Terms {
            helpers: dice.pick(&[
                HelperRule::Registered,
                HelperRule::Registered,
                HelperRule::TokenSays,
            ]),
            ..Terms::default()
        },
    }
}

fn action(dice: &mut Dice, purpose: Option<Purpose>) -> Action {
    let mut of = vec![
        Action::SearchRecord,
        Action::SearchRecord,
        Action::RetrieveDocument,
        Action::GetDocument,
        Action::GetPatient,
    ];
    if purpose == Some(Purpose::Patrqt) {
        of.extend([
            Action::ListConsents,
            Action::CreateConsent,
            Action::ListNotifications,
        ]);
    }
    if dice.once_in(20) {
        of.push(Action::AttestRelation);
    }
    dice.pick(&of)
}

fn reason(dice: &mut Dice) -> Option<String> {
    let length = dice.pick(&[0, 9, 10, 30, 500, 501]);
    let letter = dice.pick(&["a", "å"]);
    let around = dice.pick(&["", "", "  "]);
    dice.maybe(2, |_| format!("{around}{}{around}", letter.repeat(length)))
}

/// Around the ages at which something changes, to the day.
fn born(dice: &mut Dice) -> Option<Date> {
    let years = dice.pick(&[1, 14, 15, 16, 17, 18, 40]);
    let days = dice.pick(&[-1, 0, 1, 100]);
    let birthday = Date::from_calendar_date(2027 - years, Month::August, 31).unwrap();
    (!dice.once_in(5)).then(|| birthday + Duration::days(days))
}
