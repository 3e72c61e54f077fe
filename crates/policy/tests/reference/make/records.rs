//! What is on record, often at the edge of a rule.

use delt_policy::{
    Consent, ConsentKind, EntryFacts, HelperDelegation, Micros, Opening, Origin, OverrideGround,
    Period, QualityPermission, RelationKind, Representation, Right, TreatmentRelation, What, Who,
};
use uuid::Uuid;

use super::callers::{IDS, RELATIONS, near, place};
use crate::dice::Dice;
use crate::world::{DAY, HOUR, NOW, auth, key, org};

const TYPES: [&str; 7] = [
    "39289-4", "11450-4", "11502-2", "PDC", "CMR", "57059-8", "pdc ",
];
/// 2027-02-28T12:00Z: half a year before [`NOW`], as the calendar counts.
const HALF_A_YEAR_AGO: Micros = 1_803_816_000_000_000;
/// 2022-08-31T12:00Z: five years before [`NOW`].
const FIVE_YEARS_AGO: Micros = 1_661_947_200_000_000;

fn around(dice: &mut Dice, moment: Micros) -> Micros {
    moment + dice.pick(&[-2 * DAY, -HOUR, -1, 0, 1, HOUR, 2 * DAY])
}

/// A moment by which something mostly has begun.
fn begun(dice: &mut Dice) -> Micros {
    if dice.once_in(8) {
        around(dice, NOW)
    } else {
        NOW - dice.pick(&[1, 30, 400, 900]) * DAY
    }
}

/// A moment by which something mostly has not ended.
fn lasting(dice: &mut Dice) -> Micros {
    if dice.once_in(6) {
        around(dice, NOW)
    } else {
        NOW + dice.pick(&[1, 30, 300]) * DAY
    }
}

fn patient(dice: &mut Dice) -> delt_policy::PatientKey {
    key(dice.pick(&[1, 1, 1, 1, 1, 1, 2, 3]))
}

fn unit(dice: &mut Dice, at: &str) -> Origin {
    Origin {
        organisation: org(at),
        with_underlying: dice.once_in(2),
    }
}

fn types(dice: &mut Dice) -> Vec<String> {
    (0..=dice.below(2))
        .map(|_| dice.pick(&TYPES).to_owned())
        .collect()
}

fn uuid(dice: &mut Dice) -> Uuid {
    Uuid::from_u128(u128::try_from(dice.below(1 << 30)).unwrap())
}

pub(crate) fn consent(dice: &mut Dice, home: &'static str) -> Consent {
    let kind = dice.pick(&[
        ConsentKind::Negative,
        ConsentKind::Negative,
        ConsentKind::Negative,
        ConsentKind::Positive,
        ConsentKind::Positive,
        ConsentKind::LetterOptOut,
    ]);
    let open = if kind == ConsentKind::Positive { 20 } else { 2 };
    Consent {
        id: uuid(dice),
        patient: patient(dice),
        kind,
        what: what(dice),
        who: who(dice, home),
        valid_from: begun(dice),
        valid_until: if dice.once_in(open) {
            None
        } else {
            Some(lasting(dice))
        },
        ended_at: dice.maybe(8, |dice| around(dice, NOW)),
    }
}

fn what(dice: &mut Dice) -> What {
    if dice.once_in(8) {
        return What::all();
    }
    What {
        entry: dice.maybe(6, entry_id),
        document_types: if dice.once_in(3) {
            types(dice)
        } else {
            Vec::new()
        },
        period: dice.maybe(3, |dice| Period {
            from: dice.maybe(2, |dice| around(dice, NOW - 12 * DAY)),
            to: dice.maybe(2, |dice| around(dice, NOW - 10 * DAY)),
        }),
        origin: dice.maybe(2, |dice| {
            let at = place(dice);
            unit(dice, at)
        }),
    }
}

fn who(dice: &mut Dice, home: &'static str) -> Who {
    match dice.below(3) {
        0 => Who::All,
        1 => Who::Person(auth(dice.pick(&IDS))),
        _ => {
            let at = near(dice, home);
            Who::Organisation(unit(dice, at))
        }
    }
}

fn entry_id(dice: &mut Dice) -> Uuid {
    Uuid::from_u128(u128::try_from(dice.below(3)).unwrap())
}

pub(crate) fn entry(dice: &mut Dice) -> EntryFacts {
    let old = dice.once_in(5);
    let made = if old { FIVE_YEARS_AGO } else { NOW - 10 * DAY };
    EntryFacts {
        entry_uuid: entry_id(dice),
        patient: if dice.once_in(30) {
            key(3)
        } else {
            key(dice.pick(&[1, 1, 1, 1, 1, 2]))
        },
        type_code: if dice.once_in(15) {
            dice.pick(&["", "ukendt"])
        } else {
            dice.pick(&TYPES)
        }
        .to_owned(),
        confidentiality: dice.pick(&["N", "N", "N", "N", "R", "V", ""]).to_owned(),
        author_organisation: if dice.once_in(8) {
            None
        } else {
            Some(org(place(dice)))
        },
        creation_time: around(dice, made),
        service_start: if dice.once_in(6) {
            None
        } else {
            let before = dice.pick(&[0, 0, 2, 2]) * DAY;
            Some(around(dice, made - before))
        },
        service_stop: if dice.once_in(6) {
            None
        } else {
            Some(around(dice, made - DAY))
        },
        source_id: "his".to_owned(),
    }
}

pub(crate) fn relation(dice: &mut Dice, home: &'static str) -> TreatmentRelation {
    let late = dice.once_in(3);
    TreatmentRelation {
        id: uuid(dice),
        patient: patient(dice),
        organisation: org(near(dice, home)),
        person: dice.maybe(3, |dice| auth(dice.pick(&IDS))),
        kind: dice.pick(&RelationKind::ALL),
        from: begun(dice),
        until: match dice.below(4) {
            0 => None,
            _ if late => Some(around(dice, HALF_A_YEAR_AGO)),
            _ => Some(lasting(dice)),
        },
        ended_at: dice.maybe(6, |dice| {
            let end = if late { HALF_A_YEAR_AGO } else { NOW };
            around(dice, end)
        }),
        source: "his".to_owned(),
    }
}

pub(crate) fn delegation(dice: &mut Dice, home: &'static str) -> HelperDelegation {
    HelperDelegation {
        id: uuid(dice),
        helper: key(5),
        responsible: auth(dice.pick(&IDS)),
        organisation: org(near(dice, home)),
        rights: rights(dice),
        from: begun(dice),
        until: lasting(dice),
        ended_at: dice.maybe(8, |dice| around(dice, NOW)),
    }
}

fn rights(dice: &mut Dice) -> Vec<Right> {
    let mut rights = vec![dice.pick(&Right::ALL)];
    if !dice.once_in(4) {
        rights.extend([Right::ReadRecord, Right::IdentifyPatient]);
    }
    rights
}

pub(crate) fn representation(dice: &mut Dice) -> Representation {
    Representation {
        id: uuid(dice),
        patient: patient(dice),
        representative: key(dice.pick(&[7, 7, 7, 8])),
        kind: dice.pick(&RELATIONS),
        rights: rights(dice),
        document_types: if dice.once_in(3) {
            types(dice)
        } else {
            Vec::new()
        },
        after_fifteen: dice.once_in(2),
        from: begun(dice),
        until: if dice.once_in(4) {
            None
        } else {
            Some(lasting(dice))
        },
        ended_at: dice.maybe(8, |dice| around(dice, NOW)),
    }
}

pub(crate) fn permission(dice: &mut Dice, home: &'static str) -> QualityPermission {
    QualityPermission {
        id: uuid(dice),
        organisation: org(near(dice, home)),
        person: auth(dice.pick(&IDS)),
        from: begun(dice),
        until: lasting(dice),
        ended_at: dice.maybe(8, |dice| around(dice, NOW)),
    }
}

pub(crate) fn opening(dice: &mut Dice, home: &'static str) -> Opening {
    Opening {
        id: uuid(dice),
        patient: patient(dice),
        person: auth(dice.pick(&IDS)),
        organisation: org(near(dice, home)),
        ground: dice.pick(&OverrideGround::ALL),
        from: around(dice, NOW - HOUR),
        until: around(dice, NOW + HOUR),
    }
}
