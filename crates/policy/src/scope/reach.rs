//! How far into the record a purpose, or the right to act for another, reaches.

use crate::calendar::years_after;
use crate::{EntryFacts, Ground, Micros, OrganisationId, OrganisationTree, Rule};

/// The entries that a request can be about at all, before consents are asked.
#[derive(Debug)]
pub(crate) enum Reach {
    /// Every entry of the patient.
    Everything,
    /// Documents of these types: what the citizen's right to act for another covers.
    Types(Vec<String>),
    /// The place's own data, younger than some years at `now` (quality work, Sundhedsloven § 42 d).
    OwnData {
        /// The places of the management's permissions; each covers its underlying units.
        places: Vec<OrganisationId>,
        /// Whole years.
        years: u8,
        /// The time of the request.
        now: Micros,
    },
}

impl Reach {
    /// Whether the metadata show that `entry` is within reach. What they cannot show is not.
    pub(crate) fn admits(&self, entry: &EntryFacts, tree: &OrganisationTree) -> bool {
        match self {
            Self::Everything => true,
            Self::Types(codes) => {
                let code = entry.type_code.trim();
                codes
                    .iter()
                    .any(|named| named.trim().eq_ignore_ascii_case(code))
            }
            Self::OwnData { places, years, now } => {
                let own = |author| places.iter().any(|place| tree.is_within(author, place));
                entry.author_organisation.as_ref().is_some_and(own)
                    && is_younger(entry, *years, *now)
            }
        }
    }

    /// Why an entry is out of reach.
    pub(crate) fn refusal(&self) -> Ground {
        match self {
            Self::OwnData { .. } => Ground::new(
                Rule::QualityPermission,
                "none",
                "the entry cannot be shown to be the place's own and young enough for quality work",
            ),
            Self::Types(_) | Self::Everything => Ground::new(
                Rule::Delegation,
                "none",
                "the right to act for the citizen does not cover documents of this type",
            ),
        }
    }
}

/// Data are as old as what they are about began. The creation time does not tell: a letter of today may be about an
/// old admission. Where the start is not known, or lies after the end, nothing is shown.
fn is_younger(entry: &EntryFacts, years: u8, now: Micros) -> bool {
    entry.service_start.is_some_and(|start| {
        entry.service_stop.is_none_or(|stop| start <= stop)
            && years_after(start, i32::from(years)).is_some_and(|limit| now < limit)
    })
}
