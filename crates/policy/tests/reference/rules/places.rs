//! The hierarchy of organisations, climbed step by step.

use delt_policy::{OrganisationId, Sector};

use crate::world::{DIRECTORY, Place};

fn place(organisation: &OrganisationId) -> Option<&'static Place> {
    DIRECTORY
        .iter()
        .find(|(code, ..)| format!("sor:{code}") == organisation.as_str())
}

/// Whether the directory holds the organisation and every place above it, so that all its parents are known.
pub(crate) fn placed(organisation: &OrganisationId) -> bool {
    let mut at = place(organisation);
    while let Some((_, parent, _)) = at {
        match parent {
            None => return true,
            Some(parent) => at = DIRECTORY.iter().find(|(code, ..)| code == parent),
        }
    }
    false
}

/// Whether `unit` lies somewhere below `above`.
pub(crate) fn below(unit: &OrganisationId, above: &OrganisationId) -> bool {
    let mut at = place(unit);
    while let Some((_, Some(parent), _)) = at {
        if format!("sor:{parent}") == above.as_str() {
            return true;
        }
        at = DIRECTORY.iter().find(|(code, ..)| code == parent);
    }
    false
}

/// Whether `unit` is `above` or lies somewhere below it.
pub(crate) fn within(unit: &OrganisationId, above: &OrganisationId) -> bool {
    unit == above || below(unit, above)
}

/// The sector of the place, or of the nearest place above it that has one.
pub(crate) fn sector(organisation: &OrganisationId) -> Sector {
    let mut at = place(organisation);
    while let Some((_, parent, sector)) = at {
        if let Some(sector) = sector {
            return *sector;
        }
        at = parent.and_then(|parent| DIRECTORY.iter().find(|(code, ..)| *code == parent));
    }
    Sector::Unknown
}
