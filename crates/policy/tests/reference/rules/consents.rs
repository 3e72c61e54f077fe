//! The citizen's blocks and permits, as `MinSpærring` means them.

use delt_policy::{Consent, ConsentKind, EntryFacts, Micros, OrganisationId, What, Who};

use super::places;
use super::standing::Caller;

/// What the citizen's word does to one entry.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Word {
    Open,
    Blocked,
}

/// The validity concerns the time of retrieval. A permit must have an end, so one without has no effect.
pub(crate) fn in_force(consent: &Consent, now: Micros) -> bool {
    if consent.kind == ConsentKind::Positive && consent.valid_until.is_none() {
        return false;
    }
    if now < consent.valid_from {
        return false;
    }
    if consent.valid_until.is_some_and(|until| until <= now) {
        return false;
    }
    consent.ended_at.is_none_or(|ended| now < ended)
}

/// Negative where a block covers everything for this caller and nothing lifts any of it: no need to look at data.
pub(crate) fn blocks_all(consents: &[Consent], caller: &Caller, now: Micros) -> bool {
    let mut blocked = false;
    for consent in consents.iter().filter(|consent| in_force(consent, now)) {
        match consent.kind {
            ConsentKind::Negative if consent.what == What::default() => {
                blocked |= hits(&consent.who, caller);
            }
            ConsentKind::Positive if meant(&consent.who, caller) => return false,
            _ => {}
        }
    }
    blocked
}

/// A permit that is shown to cover the entry overrides every block that may cover it.
pub(crate) fn word(consents: &[Consent], caller: &Caller, entry: &EntryFacts, now: Micros) -> Word {
    let mut blocked = false;
    for consent in consents.iter().filter(|consent| in_force(consent, now)) {
        match consent.kind {
            ConsentKind::Negative => {
                blocked |= hits(&consent.who, caller) && may_concern(&consent.what, entry);
            }
            ConsentKind::Positive => {
                if meant(&consent.who, caller) && surely_concerns(&consent.what, entry) {
                    return Word::Open;
                }
            }
            // Letters are sent; this is about looking.
            ConsentKind::LetterOptOut => {}
        }
    }
    if blocked { Word::Blocked } else { Word::Open }
}

/// Whether a block is about this caller: also a helper is blocked in person, and by a block on whoever is responsible.
fn hits(who: &Who, caller: &Caller) -> bool {
    match who {
        Who::All => true,
        Who::Person(id) => {
            caller.own_id.as_ref() == Some(id) || caller.answers_to.as_ref() == Some(id)
        }
        Who::Organisation(unit) => at(&caller.place, &unit.organisation, unit.with_underlying),
    }
}

/// Whether a permit is for this caller: the authorised person who answers for the look must be the one it names.
fn meant(who: &Who, caller: &Caller) -> bool {
    match who {
        Who::All => true,
        Who::Person(id) => caller.answers_to.as_ref() == Some(id),
        Who::Organisation(unit) => at(&caller.place, &unit.organisation, unit.with_underlying),
    }
}

fn at(place: &OrganisationId, organisation: &OrganisationId, with_underlying: bool) -> bool {
    if with_underlying {
        places::within(place, organisation)
    } else {
        place == organisation
    }
}

/// The precautionary rule: the entry falls under the block unless its metadata show that it does not.
fn may_concern(what: &What, entry: &EntryFacts) -> bool {
    let another_entry = what.entry.is_some_and(|only| only != entry.entry_uuid);
    let another_type = !entry.type_code.trim().is_empty() && !names_type(what, entry);
    let another_time = what.period.is_some_and(|period| {
        times(entry).is_some_and(|(start, stop)| {
            let before = period.from.is_some_and(|from| stop < from);
            let after = period
                .to
                .is_some_and(|to| start.is_some_and(|start| to < start));
            before || after
        })
    });
    let another_origin = what.origin.as_ref().is_some_and(|origin| {
        let author = entry.author_organisation.as_ref();
        surely_elsewhere(author, &origin.organisation, origin.with_underlying)
    });
    !(another_entry || another_type || another_time || another_origin)
}

/// Codes differ by more than their case and the blanks around them.
fn names_type(what: &What, entry: &EntryFacts) -> bool {
    let code = entry.type_code.trim().to_lowercase();
    what.document_types.is_empty()
        || what
            .document_types
            .iter()
            .any(|named| named.trim().to_lowercase() == code)
}

/// From when, where that is known, until when the data are: nothing where the label is silent or contradicts itself.
/// Where the end is not said, the data were written down when the entry was made, or begin even later.
fn times(entry: &EntryFacts) -> Option<(Option<Micros>, Micros)> {
    match (entry.service_start, entry.service_stop) {
        (None, None) => None,
        (None, Some(stop)) => Some((None, stop)),
        (Some(start), None) => Some((Some(start), start.max(entry.creation_time))),
        (Some(start), Some(stop)) => (start <= stop).then_some((Some(start), stop)),
    }
}

/// Data labelled with a parent of the blocked unit may come from the unit; so may data from where nobody knows.
fn surely_elsewhere(
    author: Option<&OrganisationId>,
    origin: &OrganisationId,
    with_underlying: bool,
) -> bool {
    let Some(author) = author else { return false };
    if author == origin || places::below(origin, author) {
        return false;
    }
    // Who knows all parents of a unit knows that nothing else is one.
    let no_parent = places::placed(origin);
    let not_beneath =
        !with_underlying || (places::placed(author) && !places::below(author, origin));
    no_parent && not_beneath
}

/// The other way round for a permit: it opens only what is shown to be meant.
fn surely_concerns(what: &What, entry: &EntryFacts) -> bool {
    let this_entry = what.entry.is_none_or(|only| only == entry.entry_uuid);
    let this_time = what.period.is_none_or(|period| {
        times(entry).is_some_and(|(start, stop)| {
            period
                .from
                .is_none_or(|from| start.is_some_and(|start| from <= start))
                && period.to.is_none_or(|to| stop <= to)
        })
    });
    let this_origin = what.origin.as_ref().is_none_or(|origin| {
        entry
            .author_organisation
            .as_ref()
            .is_some_and(|author| at(author, &origin.organisation, origin.with_underlying))
    });
    this_entry && names_type(what, entry) && this_time && this_origin
}
