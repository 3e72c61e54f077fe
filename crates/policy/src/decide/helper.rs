//! Helpers (medhjælp): what the responsible professional has let them do, and where.

use super::standing::Standing;
use super::{Case, Step};
use crate::{Action, DenialReason, HelperDelegation, HelperRule, Purpose, Right, Rule};

impl Case<'_> {
    /// A helper needs a registered delegation for this right at this place, unless the operator has set that the
    /// issuer of the token checks it. What cannot be delegated passes in neither way.
    pub(super) fn check_helper(&mut self, standing: &Standing<'_>) -> Step<()> {
        // Which delegations one has received is one's own affair, and nobody's right is exercised.
        if !standing.helper || self.request.action == Action::ListHelperDelegations {
            return Ok(());
        }
        let Some(right) = self.helpers_right() else {
            return self.refuse_helper("this cannot be delegated to a helper");
        };
        if self.facts.terms.helpers == HelperRule::TokenSays {
            let detail = "the issuer of the token vouches for the helper's delegation";
            self.note(Rule::Helper, right.as_str(), detail);
            return Ok(());
        }
        let Some(delegation) = self.delegation(standing, right) else {
            return self.refuse_helper("no registered delegation lets the helper do this here");
        };
        let id = delegation.id.to_string();
        let detail = "a registered delegation lets the helper do this here";
        self.note(Rule::Helper, id, detail);
        Ok(())
    }

    fn helpers_right(&self) -> Option<Right> {
        let right = match self.request.purpose {
            Some(Purpose::Btg) => Some(Right::BreakGlass),
            _ => Right::of(self.request.action),
        };
        right.filter(|right| right.goes_to_helpers())
    }

    fn delegation(&self, standing: &Standing<'_>, right: Right) -> Option<&HelperDelegation> {
        let helper = self.request.party.person_key.as_ref()?;
        let (responsible, place) = (standing.authority?, standing.organisation?);
        let tree = &self.facts.organisations;
        self.facts
            .delegations
            .iter()
            .filter(|delegation| {
                delegation.active_at(self.now)
                    && delegation.allows(helper, responsible, right, place, tree)
            })
            .min_by_key(|delegation| delegation.id)
    }

    fn refuse_helper<T>(&mut self, detail: &str) -> Step<T> {
        let reason = DenialReason::DelegationMissing;
        self.refuse(reason, Rule::Helper, "none", detail)
    }
}
