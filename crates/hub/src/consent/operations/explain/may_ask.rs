//! Whose view a caller may ask about, and of which entries: a citizen everybody's, of all of the own record; others only what they follow up; who acts
//! for a citizen only of the documents that the right to do so covers.

use delt_policy::{EntryFacts, Facts, OrganisationId, Representation, Right};

use super::Seat;
use crate::{Error, Result, audit::operations::may_follow_up_at, error::code, operation::Context};

/// The seat, where the caller may ask about it.
pub(super) fn about(seat: Seat, cx: &Context) -> Result<Seat> {
    if may_ask(&seat.organisation, cx) {
        Ok(seat)
    } else {
        Err(Error::new(code::FOREIGN_ORGANISATION)
            .with_message("only those who work at places that you follow up may be asked about"))
    }
}

/// Whether the caller may ask about a place: the citizen, or a representative, whom the decision let through; and who follows up accesses, about the
/// own organisation, or about all as a national supervisor.
pub(super) fn may_ask(place: &OrganisationId, cx: &Context) -> bool {
    let person = cx.caller.party().person.as_ref();
    person.is_some_and(delt_policy::Person::is_citizen) || may_follow_up_at(place, cx)
}

/// Which entries a caller may ask about.
#[derive(Debug)]
pub(super) enum Entries {
    All,
    /// Documents of these types.
    OfTypes(Vec<String>),
}

impl Entries {
    /// By the rights to act for the citizen that the decision rests on, where the caller does.
    pub(super) fn of(facts: &Facts, cx: &Context) -> Self {
        let party = cx.caller.party();
        let Some(acting) = &party.on_behalf else {
            return Self::All;
        };
        let rests_on = |right: &&Representation| {
            Some(right.representative) == party.person_key
                && right.kind == acting.relation
                && right.rights.contains(&Right::ManageConsents)
                && right.active_at(cx.now)
        };
        let rights: Vec<_> = facts.representations.iter().filter(rests_on).collect();
        if rights.iter().any(|right| right.document_types.is_empty()) {
            return Self::All;
        }
        let types = rights.iter().flat_map(|right| right.document_types.clone());
        Self::OfTypes(types.collect())
    }

    /// Whether an entry is among them.
    pub(super) fn admit(&self, entry: &EntryFacts) -> bool {
        match self {
            Self::All => true,
            Self::OfTypes(types) => {
                let code = entry.type_code.trim();
                let is = |named: &String| named.trim().eq_ignore_ascii_case(code);
                types.iter().any(is)
            }
        }
    }
}
