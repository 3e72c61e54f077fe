//! Who asks, and for which purpose.

use delt_policy::{
    CitizenRelation, OnBehalf, Party, Person, PersonKind, Purpose, System, SystemKind,
};

use crate::dice::Dice;
use crate::world::{DIRECTORY, STRANGE, auth, key, org};

pub(crate) const IDS: [&str; 3] = ["7LK1D", "7SP2C", "9XXXX"];
pub(crate) const RELATIONS: [CitizenRelation; 3] = [
    CitizenRelation::Custody,
    CitizenRelation::Guardian,
    CitizenRelation::Proxy,
];
const PROFESSIONS: [&str; 11] = [
    "laege",
    "laege",
    "laege",
    "laege",
    "sygeplejerske",
    "sygeplejerske",
    "socialogsundhedsassistent",
    "jordemoder",
    "fysioterapeut",
    "ergoterapeut",
    "troldmand",
];

/// Who asks, from where (anywhere for a citizen), and why.
pub(crate) fn caller(dice: &mut Dice) -> (Party, &'static str, Option<Purpose>) {
    let home = place(dice);
    if dice.once_in(5) {
        (citizen(dice), home, Some(citizens_purpose(dice)))
    } else {
        (staff(dice, home), home, staffs_purpose(dice))
    }
}

fn staffs_purpose(dice: &mut Dice) -> Option<Purpose> {
    let rare = dice.once_in(40);
    match (rare, dice.below(8)) {
        (true, 0..=2) => None,
        (true, 3..=5) => Some(Purpose::Patrqt),
        (true, _) => Some(Purpose::Hsysadmin),
        (_, 0..=2) => Some(Purpose::Treat),
        (_, 3..=5) => Some(Purpose::Btg),
        (_, 6) => Some(Purpose::Hoperat),
        (..) => Some(Purpose::Hqualimp),
    }
}

fn citizens_purpose(dice: &mut Dice) -> Purpose {
    if dice.once_in(20) {
        Purpose::Treat
    } else {
        Purpose::Patrqt
    }
}

fn citizen(dice: &mut Dice) -> Party {
    let own = key(dice.pick(&[1, 1, 2, 7, 7]));
    let person = Person {
        kind: PersonKind::Citizen { key: own },
        organisation: None,
    };
    let claim = |dice: &mut Dice| OnBehalf {
        patient: key(dice.pick(&[1, 1, 1, 1, 2, 3])),
        relation: dice.pick(&RELATIONS),
    };
    let on_behalf = if own == key(7) || dice.once_in(20) {
        Some(claim(dice))
    } else {
        None
    };
    Party {
        on_behalf,
        person_key: Some(own),
        ..behind("1000", person)
    }
}

fn staff(dice: &mut Dice, place: &str) -> Party {
    let person = Person {
        kind: kind(dice),
        organisation: Some(org(place)),
    };
    let helped = |dice: &mut Dice| Person {
        kind: if dice.once_in(20) {
            kind(dice)
        } else {
            professional(dice)
        },
        organisation: Some(org(place)),
    };
    let responsible = dice.maybe(4, helped);
    let person_key = dice.maybe(2, |dice| key(dice.pick(&[5, 5, 5, 6])));
    Party {
        responsible,
        person_key,
        ..behind(place, person)
    }
}

/// Behind a consumer system of their own place: which systems stand where is not a question for this evaluator.
fn behind(place: &str, person: Person) -> Party {
    Party {
        system: System {
            id: "viewer".to_owned(),
            organisation: org(place),
            kinds: vec![SystemKind::Consumer],
        },
        person: Some(person),
        responsible: None,
        on_behalf: None,
        person_key: None,
    }
}

fn kind(dice: &mut Dice) -> PersonKind {
    match dice.below(12) {
        0 => PersonKind::NationalRole {
            role: dice
                .pick(&["nspPlejeAssR3", "nspSundAssistR2", "nspTroldR9"])
                .to_owned(),
        },
        1 => PersonKind::Administrative {
            role: dice.pick(&["laegesekretaer", "portner"]).to_owned(),
        },
        2 => dice.pick(&[
            PersonKind::Auditor,
            PersonKind::DataProtectionOfficer,
            PersonKind::Operator,
        ]),
        _ => professional(dice),
    }
}

fn professional(dice: &mut Dice) -> PersonKind {
    PersonKind::Professional {
        authorisation: auth(dice.pick(&IDS)),
        role: dice.pick(&PROFESSIONS).to_owned(),
    }
}

/// The place itself, the one above it, or any other.
pub(crate) fn near(dice: &mut Dice, home: &'static str) -> &'static str {
    let above = DIRECTORY.iter().find(|(code, ..)| *code == home);
    match dice.below(4) {
        0 | 1 => home,
        2 => above.and_then(|(_, parent, _)| *parent).unwrap_or(home),
        _ => place(dice),
    }
}

/// A place, most often in the hospital where most of the records point.
pub(crate) fn place(dice: &mut Dice) -> &'static str {
    if dice.once_in(2) {
        dice.pick(&["1100", "1110", "1111", "1110"])
    } else {
        dice.pick(&[
            "1000", "1100", "1110", "1111", "1120", "1200", "2000", "2500", "3000", "3100", "4000",
            "5000", "6000", STRANGE,
        ])
    }
}
