//! Whom a consent names.

use super::{Origin, Who};
use crate::{AuthorisationId, OrganisationId, OrganisationTree};

impl Who {
    /// Whether it names a professional with this authorisation who works at this organisation.
    pub fn names(
        &self,
        person: Option<&AuthorisationId>,
        organisation: &OrganisationId,
        tree: &OrganisationTree,
    ) -> bool {
        match self {
            Self::All => true,
            Self::Person(named) => Some(named) == person,
            Self::Organisation(place) => place.includes(organisation, tree),
        }
    }
}

impl Origin {
    fn includes(&self, organisation: &OrganisationId, tree: &OrganisationTree) -> bool {
        *organisation == self.organisation
            || (self.with_underlying && tree.is_within(organisation, &self.organisation))
    }
}
