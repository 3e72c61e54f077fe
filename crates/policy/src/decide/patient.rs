//! About which patient: the citizen's own record, or one with a treatment relation to the caller.

use super::standing::Standing;
use super::{Case, Step};
use crate::{DenialReason, Person, PersonKind, Purpose, Rule, TreatmentRelation};

/// How many relations a decision cites. One is enough to hold; the rest would only fill the audit entry.
const MAX_CITED: usize = 4;

impl Case<'_> {
    /// Whether a treatment relation is registered; without one only the citizen, a broken glass and what
    /// is not about a patient pass.
    pub(super) fn check_patient(&mut self, standing: &Standing<'_>) -> Step<bool> {
        match standing.person {
            Some(Person {
                kind: PersonKind::Citizen { key },
                ..
            }) if self.request.patients.contains(key) => {
                self.note(Rule::OwnRecord, "own-number", "the citizen's own record");
                Ok(false)
            }
            Some(Person {
                kind: PersonKind::Citizen { .. },
                ..
            }) => self.refuse(
                DenialReason::NotTheCitizen,
                Rule::OwnRecord,
                "own-number",
                "the number asked for is not the citizen's own",
            ),
            Some(person) if person.is_staff() => self.check_relation(standing),
            _ => Ok(false),
        }
    }

    fn check_relation(&mut self, standing: &Standing<'_>) -> Step<bool> {
        let mut found: Vec<&TreatmentRelation> = self
            .facts
            .relations
            .iter()
            .filter(|relation| self.connects(relation, standing))
            .collect();
        found.sort_by_key(|relation| relation.id);
        for relation in found.iter().take(MAX_CITED) {
            let detail = format!("a treatment relation ({})", relation.kind.as_str());
            self.note(Rule::Relation, relation.id.to_string(), detail);
        }
        let related = !found.is_empty();
        if related || self.request.purpose == Some(Purpose::Btg) {
            if !related {
                let detail = "no treatment relation is registered; opened by break-glass";
                self.note(Rule::BreakGlass, Purpose::Btg.as_str(), detail);
            }
            return Ok(related);
        }
        self.refuse(
            DenialReason::NoRelation,
            Rule::Relation,
            "none",
            "no active treatment relation connects the patient with the caller",
        )
    }

    fn connects(&self, relation: &TreatmentRelation, standing: &Standing<'_>) -> bool {
        let tree = &self.facts.organisations;
        relation.active_at(self.now)
            && self.request.patients.contains(&relation.patient)
            && standing
                .organisation
                .is_some_and(|at| relation.covers(at, standing.authority, tree))
    }
}
