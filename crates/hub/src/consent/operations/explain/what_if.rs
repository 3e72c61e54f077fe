//! A consent that is only being thought of.

use std::collections::BTreeSet;

use delt_policy::{Consent, ConsentKind};

use super::{answer::WhatIf, view::Both, world::World};
use crate::{Error, Result, consent::ConsentTerms, operation::Context};

/// The consent as it would be kept, in force at once: what it would change when it applies.
pub(super) fn consent(terms: &ConsentTerms, cx: &Context) -> Result<Consent> {
    if terms.kind == ConsentKind::LetterOptOut {
        let problem = "an opt-out from letters changes nobody's access";
        return Err(Error::invalid("what_if.kind", problem));
    }
    let patient = cx
        .patient_keys
        .first()
        .ok_or_else(|| Error::invalid("patient", "is required"))?;
    let tree = cx.directory.tree();
    let mut consent = terms.consent("what_if", cx.uuid()?, *patient, cx.now, &tree)?;
    consent.valid_from = consent.valid_from.min(cx.now);
    Ok(consent)
}

/// What it would change in all views together.
pub(super) fn compared(world: &World, views: &[Both]) -> WhatIf {
    let mut totals = WhatIf::default();
    for entry in 0..world.entries.len() {
        let any = |changes: fn((bool, bool)) -> bool| {
            u32::from(views.iter().any(|both| changes(both.sees(entry))))
        };
        totals.entries += any(|(before, _)| before);
        totals.entries_hidden += any(|(before, after)| before && !after);
        totals.entries_opened += any(|(before, after)| !before && after);
    }
    let changed = |both: &&Both| {
        (0..world.entries.len()).any(|entry| {
            let (before, after) = both.sees(entry);
            before != after
        })
    };
    totals.places = places(views.iter());
    totals.places_affected = places(views.iter().filter(changed));
    totals
}

fn places<'a>(views: impl Iterator<Item = &'a Both>) -> u32 {
    let seats = views.map(|both| &both.before.seat);
    let places: BTreeSet<_> = seats
        .map(|seat| (&seat.organisation, &seat.person))
        .collect();
    u32::try_from(places.len()).unwrap_or(u32::MAX)
}
