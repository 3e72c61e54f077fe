//! Random samples of what users looked up.

use delt_ledger::Hash;
use delt_policy::{OrganisationId, PatientKey};
use uuid::Uuid;

use crate::{Error, Result, clock::Micros};

/// Look-ups that a sample has at most.
pub const SAMPLE_MAX: usize = 500;

/// What was published beforehand, such as the numbers of a lottery: 8 to 256 characters.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Seed(String);

impl Seed {
    /// Reads a seed.
    ///
    /// # Errors
    /// `INVALID_ARGUMENT` where it is too short or too long, or has space around it, which nobody sees in print.
    pub fn parse(text: &str) -> Result<Self> {
        let fits = (8..=256).contains(&text.chars().count());
        if fits && text.trim() == text && !text.contains(char::is_control) {
            return Ok(Self(text.to_owned()));
        }
        Err(Error::invalid("seed", "is not 8 to 256 characters"))
    }

    pub fn as_str(&self) -> &str {
        &self.0
    }
}

/// A sample that was drawn.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ReviewSample {
    pub id: Uuid,
    /// With its units.
    pub organisation: OrganisationId,
    /// Those of them whose users looked anybody up in the period.
    pub units: Vec<OrganisationId>,
    /// Half-open.
    pub from: Micros,
    pub to: Micros,
    pub seed: Seed,
    pub size: usize,
    /// The first checkpoint under which all look-ups of the period lie.
    pub tree_size: u64,
    pub root: Hash,
    /// How many look-ups it was drawn from.
    pub population: u64,
    pub drawn_at: Micros,
    /// Id of the auditor.
    pub drawn_by: String,
    /// The entries that were drawn, and the case that was opened for each.
    pub entries: Vec<Uuid>,
    pub cases: Vec<u64>,
}

/// A look-up that was drawn, as its case needs it.
#[derive(Clone)]
pub(super) struct DrawnLookUp {
    pub(super) entry: Uuid,
    pub(super) patient: Option<PatientKey>,
    pub(super) person_id: String,
    pub(super) person_key: Option<PatientKey>,
    pub(super) authorisation: Option<delt_policy::AuthorisationId>,
    pub(super) role: String,
    pub(super) organisation: OrganisationId,
}

/// Without the person.
impl std::fmt::Debug for DrawnLookUp {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("DrawnLookUp")
            .field("entry", &self.entry)
            .finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_seed_is_what_can_be_printed() {
        assert!(Seed::parse("11 17 23 28 31 35 +7").is_ok());
        for bad in ["1234567", " 12345678", "1234\n5678", &"1".repeat(257)] {
            assert!(Seed::parse(bad).is_err(), "{bad:?}");
        }
    }
}
