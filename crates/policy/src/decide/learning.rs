//! Learning from one's own work (HOPERAT, Sundhedsloven § 42 d): about those whom one treats, or treated lately.

use super::patient::Bond;
use super::standing::Standing;
use super::{Case, Step};
use crate::calendar::months_after;
use crate::{DenialReason, Micros, RelationKind, Rule, TreatmentRelation};

impl Case<'_> {
    /// Needs a registered treatment relation that holds, or that ended at most some whole months ago. A
    /// professional's own word is not enough: it is for treatment, and nothing may have confirmed it.
    pub(super) fn check_learning(&mut self, standing: &Standing<'_>) -> Step<Bond> {
        let found = self
            .facts
            .relations
            .iter()
            .filter(|relation| self.may_learn_from(relation, standing))
            .min_by_key(|relation| (!relation.active_at(self.now), relation.id));
        match found {
            Some(relation) if !standing.helper => {
                self.note_learning(relation);
                Ok(Bond::default())
            }
            _ => self.refuse(
                DenialReason::ConditionsNotMet,
                Rule::PastRelation,
                "none",
                "no treatment relation holds or ended recently enough for learning",
            ),
        }
    }

    fn note_learning(&mut self, relation: &TreatmentRelation) {
        let kind = relation.kind.as_str();
        let (rule, detail) = if relation.active_at(self.now) {
            (Rule::Relation, format!("a treatment relation ({kind})"))
        } else {
            let detail = format!("a treatment relation that ended lately ({kind})");
            (Rule::PastRelation, detail)
        };
        self.note(rule, relation.id.to_string(), detail);
    }

    fn may_learn_from(&self, relation: &TreatmentRelation, standing: &Standing<'_>) -> bool {
        relation.kind != RelationKind::Attestation
            && self.is_about_caller(relation, standing)
            && relation.from <= self.now
            && end(relation).is_none_or(|end| self.is_recent(relation, end))
    }

    /// A relation that ended before it began never held.
    fn is_recent(&self, relation: &TreatmentRelation, end: Micros) -> bool {
        let months = i32::from(self.facts.terms.learning_months);
        let until = months_after(end, months);
        relation.from < end && (self.now < end || until.is_some_and(|until| self.now <= until))
    }
}

fn end(relation: &TreatmentRelation) -> Option<Micros> {
    let ends = [relation.until, relation.ended_at];
    ends.into_iter().flatten().min()
}
