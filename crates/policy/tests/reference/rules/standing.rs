//! Who asks, when it is not a citizen: where they work, whose role they act in, and who answers for it.

use delt_policy::{
    Action, AuthorisationId, Facts, HelperRule, Micros, OrganisationId, Party, Person, PersonKind,
    Right,
};

use super::places;
use super::roles::Principal;

/// A member of staff at their place.
#[derive(Debug, Clone)]
pub(crate) struct Caller {
    /// Where they work.
    pub(crate) place: OrganisationId,
    /// The authorisation of the person at the screen, where they have one.
    pub(crate) own_id: Option<AuthorisationId>,
    /// The authorisation of whoever answers for the look: the responsible professional's for a helper.
    pub(crate) answers_to: Option<AuthorisationId>,
    /// The role that counts: the responsible professional's for a helper.
    pub(crate) principal: Principal,
    /// Whether they act under somebody else's responsibility.
    pub(crate) helper: bool,
}

/// The caller as staff, or nothing where they are none or may not act for whom they say.
pub(crate) fn staff(party: &Party, action: Action, facts: &Facts, now: Micros) -> Option<Caller> {
    let person = party.person.as_ref()?;
    let own = principal(person)?;
    let place = person.organisation.clone()?;
    if party.on_behalf.is_some() {
        return None;
    }
    let Some(responsible) = &party.responsible else {
        return Some(Caller {
            place,
            own_id: person.authorisation().cloned(),
            answers_to: person.authorisation().cloned(),
            principal: own,
            helper: false,
        });
    };
    let PersonKind::Professional { authorisation, .. } = &responsible.kind else {
        return None;
    };
    if facts.terms.helpers == HelperRule::Registered
        && !delegated(party, authorisation, action, &place, facts, now)
    {
        return None;
    }
    Some(Caller {
        place,
        own_id: person.authorisation().cloned(),
        answers_to: Some(authorisation.clone()),
        principal: principal(responsible)?,
        helper: true,
    })
}

fn principal(person: &Person) -> Option<Principal> {
    match &person.kind {
        PersonKind::Professional { role, .. } => Some(Principal::Professional(role.clone())),
        PersonKind::NationalRole { role } => Some(Principal::NationalRole(role.clone())),
        PersonKind::Administrative { role } => Some(Principal::Administrative(role.clone())),
        _ => None,
    }
}

/// A registered delegation from the responsible professional to this person, for this right, at this place, now.
fn delegated(
    party: &Party,
    responsible: &AuthorisationId,
    action: Action,
    place: &OrganisationId,
    facts: &Facts,
    now: Micros,
) -> bool {
    let right = match action {
        Action::SearchRecord | Action::RetrieveDocument | Action::GetDocument => Right::ReadRecord,
        Action::GetPatient => Right::IdentifyPatient,
        _ => return false,
    };
    facts.delegations.iter().any(|delegation| {
        Some(delegation.helper) == party.person_key
            && delegation.responsible == *responsible
            && delegation.rights.contains(&right)
            && places::within(place, &delegation.organisation)
            && delegation.from <= now
            && now < delegation.until
            && delegation.ended_at.is_none_or(|ended| now < ended)
    })
}
