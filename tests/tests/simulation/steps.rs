//! What can happen next.

use delt_tests::entries::{EINER, LONNI};

use crate::chance::Chance;
use crate::model::{CLINICIANS, Clinician, Micros, Model, Relation, What, Who};

pub(crate) const HOUR: Micros = 3_600_000_000;
pub(crate) const DAY: Micros = 24 * HOUR;

const PEOPLE: [&str; 2] = [LONNI, EINER];
/// A place of treatment and a system that may say that it treats somebody.
const PLACES: [(&str, &str); 5] = [
    ("990021000016004", "ehr-hovedstaden"),
    ("990031000016002", "ehr-hovedstaden"),
    ("990051000016007", "ehr-hovedstaden"),
    ("990401000016001", "gp-testby"),
    ("990631000016007", "kommune-testby"),
];
const ORIGINS: [&str; 4] = [
    "990021000016004",
    "990041000016009",
    "990201000016000",
    "990601000016003",
];

#[derive(Debug, Clone, Copy)]
pub(crate) enum Step {
    Treat(&'static Clinician, &'static str),
    BreakGlass {
        who: &'static Clinician,
        person: &'static str,
        reason: bool,
    },
    ReadOwn(&'static str),
    ReadAnother,
    Block {
        person: &'static str,
        what: What,
        who: Who,
        days: Option<i64>,
    },
    Permit {
        person: &'static str,
        who: Who,
        days: i64,
    },
    /// By its place among all consents.
    EndConsent(usize),
    Relate {
        person: &'static str,
        place: &'static str,
        system: &'static str,
        days: i64,
    },
    /// By its place among all relations.
    EndRelation(usize),
    Attest(&'static Clinician, &'static str),
    /// Lonni is admitted to cardiology, says a message.
    Admit,
    /// By its place among all relations.
    Discharge(usize),
    Delegate(i64),
    /// By its place among all delegations.
    EndDelegation(usize),
    Help(&'static str),
    Wait(Micros),
}

pub(crate) fn draw(chance: &mut Chance, model: &Model) -> Step {
    let person = chance.one_of(&PEOPLE);
    match chance.below(28) {
        0..=5 => Step::Treat(clinician(chance), person),
        6..=7 => Step::BreakGlass {
            who: clinician(chance),
            person,
            reason: chance.below(3) > 0,
        },
        8 => Step::ReadOwn(person),
        9 => Step::ReadAnother,
        10..=11 => Step::Block {
            person,
            what: what(chance),
            who: who(chance),
            days: chance.one_of(&[None, Some(1), Some(5)]),
        },
        12 => Step::Permit {
            person,
            who: who(chance),
            days: chance.one_of(&[1, 3, 30]),
        },
        13 if !model.consents.is_empty() => Step::EndConsent(chance.below(model.consents.len())),
        14..=16 => {
            let (place, system) = chance.one_of(&PLACES);
            let days = chance.one_of(&[1, 2, 4]);
            Step::Relate {
                person,
                place,
                system,
                days,
            }
        }
        17 => relation_that(chance, model, |relation| relation.id.is_some())
            .map_or(WAIT, Step::EndRelation),
        18 => Step::Attest(clinician(chance), person),
        // One stay at a time, or an open one would hide what an ended one no longer opens.
        19 | 20 | 25 | 26 => relation_that(chance, model, |relation| relation.episode.is_some())
            .map_or(Step::Admit, Step::Discharge),
        21 => Step::Delegate(chance.one_of(&[1, 10, 300])),
        22 if !model.delegations.is_empty() => {
            Step::EndDelegation(chance.below(model.delegations.len()))
        }
        23..=24 => Step::Help(person),
        _ => Step::Wait(chance.one_of(&[HOUR, 5 * HOUR, DAY, 3 * DAY])),
    }
}

const WAIT: Step = Step::Wait(HOUR);

fn relation_that(
    chance: &mut Chance,
    model: &Model,
    fits: impl Fn(&Relation) -> bool,
) -> Option<usize> {
    let relations = model.relations.iter().enumerate();
    let fitting: Vec<usize> = relations
        .filter(|(_, relation)| fits(relation))
        .map(|(index, _)| index)
        .collect();
    (!fitting.is_empty()).then(|| chance.one_of(&fitting))
}

fn clinician(chance: &mut Chance) -> &'static Clinician {
    &CLINICIANS[chance.below(CLINICIANS.len())]
}

fn what(chance: &mut Chance) -> What {
    match chance.below(6) {
        0 => What::All,
        1 => What::Type("CMR"),
        _ => What::Of(chance.one_of(&ORIGINS)),
    }
}

fn who(chance: &mut Chance) -> Who {
    match chance.below(3) {
        0 => Who::All,
        // The one whose authorisation id this model knows.
        1 => Who::Person(&CLINICIANS[0]),
        _ => Who::At(chance.one_of(&["990021000016004", "990031000016002", "990401000016001"])),
    }
}
