//! Whose view a caller may ask about: a citizen everybody's of the own record, others only what they follow up.

use delt_policy::OrganisationId;

use super::Seat;
use crate::{Error, Result, audit::operations::may_follow_up_at, error::code, operation::Context};

/// The seat, where the caller may ask about it.
pub(super) fn about(seat: Seat, cx: &Context) -> Result<Seat> {
    if may_ask(&seat.organisation, cx) {
        Ok(seat)
    } else {
        Err(Error::new(code::FOREIGN_ORGANISATION))
    }
}

/// Whether the caller may ask about a place: the citizen, or a representative, whom the decision let through; and who follows up accesses, about the
/// own organisation, or about all as a national supervisor.
pub(super) fn may_ask(place: &OrganisationId, cx: &Context) -> bool {
    let person = cx.caller.party().person.as_ref();
    person.is_some_and(delt_policy::Person::is_citizen) || may_follow_up_at(place, cx)
}
