//! The reference: would this request be let in, and what would be seen of each entry.
//!
//! Default deny throughout: whatever no sentence below allows is refused.

mod calendar;
mod citizen;
mod consents;
mod places;
mod purpose;
mod roles;
mod standing;

use delt_policy::{Action, PersonKind, Purpose};

use crate::case::Case;

/// What is seen of one entry.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Shown {
    Plainly,
    ByOverride,
    NotForConsent,
    NotForRole,
    NotForPurpose,
    NotAskedFor,
}

/// The answer to one request.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Answer {
    Refused,
    LetIn(Vec<Shown>),
}

/// Answers from the text of the law.
pub(crate) fn answer(case: &Case) -> Answer {
    try_answer(case).map_or(Answer::Refused, Answer::LetIn)
}

fn try_answer(case: &Case) -> Option<Vec<Shown>> {
    let purpose = case.purpose?;
    if case.patients.is_empty() {
        return None;
    }
    if purpose == Purpose::Patrqt {
        let reach = citizen::reach(
            &case.party,
            case.action,
            &case.patients,
            &case.facts,
            case.now,
        )?;
        return Some(each(case, |entry| citizen::shown(&reach, entry)));
    }
    if purpose == Purpose::Hsysadmin {
        // The operator keeps the identities of patients right, and sees nothing clinical.
        let operator =
            matches!(&case.party.person, Some(person) if person.kind == PersonKind::Operator);
        let alone = case.party.responsible.is_none() && case.party.on_behalf.is_none();
        return (operator && alone && case.action == Action::GetPatient).then(Vec::new);
    }
    let caller = standing::staff(&case.party, case.action, &case.facts, case.now)?;
    let sector = places::sector(&caller.place);
    if case.action == Action::AttestRelation {
        let may = roles::may_attest(&caller.principal, caller.helper, sector);
        return (may && purpose == Purpose::Treat).then(Vec::new);
    }
    let role = match case.action {
        Action::SearchRecord | Action::RetrieveDocument | Action::GetDocument => {
            roles::may_read_anything(&caller.principal, caller.helper, purpose, sector)
        }
        Action::GetPatient => {
            roles::may_identify(&caller.principal, caller.helper, purpose, sector)
        }
        _ => false,
    };
    let leave = purpose::leave(case, purpose, &caller)?;
    if !role || purpose::refused_by_consent(case, &leave, &caller) {
        return None;
    }
    Some(each(case, |entry| {
        purpose::shown(case, purpose, &leave, &caller, entry)
    }))
}

fn each(case: &Case, shown: impl Fn(&delt_policy::EntryFacts) -> Shown) -> Vec<Shown> {
    let reads = matches!(
        case.action,
        Action::SearchRecord | Action::RetrieveDocument | Action::GetDocument
    );
    if !reads {
        return Vec::new();
    }
    case.entries
        .iter()
        .map(|entry| {
            if case.patients.contains(&entry.patient) {
                shown(entry)
            } else {
                Shown::NotAskedFor
            }
        })
        .collect()
}
