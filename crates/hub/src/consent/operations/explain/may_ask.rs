//! Whose view a caller may ask about, and of which entries: a citizen everybody's, of all of the own record; others only what they follow up; who acts
//! for a citizen only of the documents that they could read themself.

use delt_policy::{EntryFacts, OrganisationId, Scope};

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

/// Whether a caller may ask about an entry: who acts for a citizen, only about what they could read themself. The count of an entry that they may not
/// see, or that it would change with some consent, would tell what it is.
pub(super) fn may_ask_about(entry: &EntryFacts, scope: &Scope, cx: &Context) -> bool {
    cx.caller.party().on_behalf.is_none() || scope.admits(entry).is_visible()
}

/// Only the citizen, or who acts for one, thinks of consents. To anybody else the difference that one would make tells of what types, from where and
/// from when the entries are.
pub(super) fn may_think_of_consents(cx: &Context) -> bool {
    let person = cx.caller.party().person.as_ref();
    person.is_some_and(delt_policy::Person::is_citizen)
}
