//! Citizens: the own record, and acting for somebody else.

use delt_policy::{
    Action, CitizenRelation, EntryFacts, Facts, Micros, OnBehalf, Party, PatientKey, PersonKind,
    Representation, Right,
};

use super::Shown;
use super::calendar::age;

/// How far a citizen's right reaches.
pub(crate) enum Reach {
    /// The own record, all of it.
    Own,
    /// Somebody else's, as far as these rights go.
    Of(Vec<Representation>),
}

/// The citizen's reach, or nothing where the request is refused.
pub(crate) fn reach(
    party: &Party,
    action: Action,
    patients: &[PatientKey],
    facts: &Facts,
    now: Micros,
) -> Option<Reach> {
    let person = party.person.as_ref()?;
    let PersonKind::Citizen { key } = &person.kind else {
        return None;
    };
    if party.responsible.is_some() {
        return None;
    }
    match &party.on_behalf {
        None => {
            let too_young = facts
                .born
                .is_some_and(|born| age(born, now) < i32::from(facts.terms.own_decision_age));
            let may = right(action).is_some() && patients.contains(key) && !too_young;
            may.then_some(Reach::Own)
        }
        Some(claim) => {
            let rights = rights(claim, key, action, patients, facts, now);
            (!rights.is_empty()).then_some(Reach::Of(rights))
        }
    }
}

fn rights(
    claim: &OnBehalf,
    key: &PatientKey,
    action: Action,
    patients: &[PatientKey],
    facts: &Facts,
    now: Micros,
) -> Vec<Representation> {
    if !patients.contains(&claim.patient) {
        return Vec::new();
    }
    let mut found = Vec::new();
    for held in &facts.representations {
        let in_force = held.from <= now
            && held.until.is_none_or(|until| now < until)
            && held.ended_at.is_none_or(|ended| now < ended);
        if in_force
            && patients.contains(&held.patient)
            && held.representative == *key
            && held.kind == claim.relation
            && right(action).is_some_and(|right| held.rights.contains(&right))
            && (held.kind != CitizenRelation::Custody || custody_holds(held, facts, now))
        {
            found.push(held.clone());
        }
    }
    found
}

/// Custody ends with childhood, and narrows at the age of own decision. Of an unknown age nothing can be shown.
fn custody_holds(held: &Representation, facts: &Facts, now: Micros) -> bool {
    let Some(born) = facts.born else { return false };
    let age = age(born, now);
    if age >= i32::from(facts.terms.majority_age) {
        false
    } else if age >= i32::from(facts.terms.own_decision_age) {
        held.after_fifteen
    } else {
        true
    }
}

fn right(action: Action) -> Option<Right> {
    match action {
        Action::SearchRecord | Action::RetrieveDocument | Action::GetDocument => {
            Some(Right::ReadRecord)
        }
        Action::GetPatient => Some(Right::IdentifyPatient),
        Action::CreateConsent | Action::EndConsent | Action::ListConsents => {
            Some(Right::ManageConsents)
        }
        Action::ListOwnAccesses | Action::ListNotifications => Some(Right::SeeAccesses),
        _ => None,
    }
}

/// Blocks hold professionals back, not the citizen. Who acts for another sees what is normal and what the right names.
pub(crate) fn shown(reach: &Reach, entry: &EntryFacts) -> Shown {
    match reach {
        Reach::Own => Shown::Plainly,
        Reach::Of(rights) => {
            let named = |held: &Representation| {
                let code = entry.type_code.trim().to_lowercase();
                let mut types = held.document_types.iter();
                types.len() == 0 || types.any(|named| named.trim().to_lowercase() == code)
            };
            if entry.confidentiality.trim() != "N" {
                Shown::NotForRole
            } else if rights.iter().any(named) {
                Shown::Plainly
            } else {
                Shown::NotForPurpose
            }
        }
    }
}
