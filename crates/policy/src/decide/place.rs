//! For which organisation: systems act for those that they are registered for, staff for the place they work at.

use super::standing::Standing;
use super::{Case, Step};
use crate::{DenialReason, OrganisationId, Rule};

impl Case<'_> {
    /// The organisations that the caller acts for.
    pub(super) fn check_place(&mut self, standing: &Standing<'_>) -> Step<Vec<OrganisationId>> {
        match standing.person {
            None if standing.is_source() => self.check_source(),
            Some(person) if person.is_staff() => self.check_workplace(standing.organisation),
            _ => Ok(standing.organisation.into_iter().cloned().collect()),
        }
    }

    fn check_source(&mut self) -> Step<Vec<OrganisationId>> {
        let action = self.request.action;
        let named = self.request.organisations;
        if named.is_empty() && action.needs_organisation() {
            return self.refuse(
                DenialReason::ForeignOrganisation,
                Rule::Organisation,
                action.as_str(),
                "the request does not name the organisation that it is for",
            );
        }
        for organisation in named {
            if !self.is_registered_for(organisation) {
                return self.refuse(
                    DenialReason::ForeignOrganisation,
                    Rule::Organisation,
                    organisation.as_str(),
                    "the system is not registered for the organisation",
                );
            }
            let detail = "the system is registered for the organisation or a parent of it";
            self.note(Rule::Organisation, organisation.as_str(), detail);
        }
        Ok(self.facts.registered_organisations.clone())
    }

    /// A token names a place of work; the system must be one of that place, or of a registered customer.
    fn check_workplace(&mut self, at: Option<&OrganisationId>) -> Step<Vec<OrganisationId>> {
        let Some(at) = at else {
            return self.refuse(
                DenialReason::ForeignOrganisation,
                Rule::Organisation,
                "none",
                "a professional must say where they work",
            );
        };
        let home = &self.request.party.system.organisation;
        if self.facts.organisations.is_within(at, home) || self.is_registered_for(at) {
            self.note(
                Rule::Organisation,
                at.as_str(),
                "the place where the caller works",
            );
            return Ok(vec![at.clone()]);
        }
        self.refuse(
            DenialReason::ForeignOrganisation,
            Rule::Organisation,
            at.as_str(),
            "the caller's organisation does not use this system",
        )
    }

    fn is_registered_for(&self, organisation: &OrganisationId) -> bool {
        self.facts
            .registered_organisations
            .iter()
            .any(|root| self.facts.organisations.is_within(organisation, root))
    }
}
