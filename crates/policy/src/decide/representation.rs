//! A citizen acts for another: by custody, as a guardian or by a power of attorney, as it is registered.

use super::patient::Bond;
use super::{Case, Step};
use crate::calendar::age_at_most;
use crate::scope::Reach;
use crate::{CitizenRelation, DenialReason, OnBehalf, PatientKey, Representation, Right, Rule};

/// How many registered rights a decision cites.
const MAX_CITED: usize = 4;

impl Case<'_> {
    /// What a citizen claims about acting for another must be registered, in force and cover the action.
    pub(super) fn check_representation(
        &mut self,
        own: &PatientKey,
        claim: &OnBehalf,
    ) -> Step<Bond> {
        if !self.request.patients.contains(&claim.patient) {
            return self.refuse(
                DenialReason::NotTheCitizen,
                Rule::Delegation,
                claim.relation.as_str(),
                "the number asked for is not that of the citizen who is acted for",
            );
        }
        let mut found: Vec<&Representation> = self
            .facts
            .representations
            .iter()
            .filter(|representation| self.represents(representation, own, claim.relation))
            .collect();
        found.sort_by_key(|representation| representation.id);
        for representation in found.iter().take(MAX_CITED) {
            let detail = format!("a registered right to act ({})", claim.relation.as_str());
            self.note(Rule::Delegation, representation.id.to_string(), detail);
        }
        if found.is_empty() {
            return self.refuse(
                DenialReason::DelegationMissing,
                Rule::Delegation,
                claim.relation.as_str(),
                "no registered right to act for the citizen covers this",
            );
        }
        Ok(Bond {
            related: false,
            reach: reach(&found),
        })
    }

    fn represents(
        &self,
        representation: &Representation,
        own: &PatientKey,
        kind: CitizenRelation,
    ) -> bool {
        let right = Right::of(self.request.action).filter(|right| right.goes_to_representatives());
        representation.active_at(self.now)
            && self.request.patients.contains(&representation.patient)
            && representation.representative == *own
            && representation.kind == kind
            && right.is_some_and(|right| representation.rights.contains(&right))
            && (kind != CitizenRelation::Custody || self.is_in_custody(representation))
    }

    /// Custody ends by itself: at majority, and before that where the young decide for themselves, unless it was
    /// granted by application. Of a child whose age nobody knows it shows nothing.
    fn is_in_custody(&self, representation: &Representation) -> bool {
        let terms = &self.facts.terms;
        let age = self.facts.born.and_then(|born| age_at_most(born, self.now));
        age.is_some_and(|age| {
            let decides = age >= i32::from(terms.own_decision_age);
            age < i32::from(terms.majority_age) && (!decides || representation.after_fifteen)
        })
    }
}

/// Several rights add up, and one without a list of types covers all.
fn reach(found: &[&Representation]) -> Reach {
    if found.iter().any(|one| one.document_types.is_empty()) {
        return Reach::Everything;
    }
    let types = found.iter().flat_map(|one| &one.document_types);
    Reach::Types(types.cloned().collect())
}
