//! About which patient: the citizen's own record, one that a citizen may act for, or one with a treatment relation
//! to the caller.

use super::standing::Standing;
use super::{Case, Step};
use crate::calendar::age;
use crate::scope::Reach;
use crate::{
    Action, DenialReason, GlassUse, OverrideGround, PatientKey, PersonKind, Purpose, RelationKind,
    Rule, TreatmentRelation,
};

/// How many relations a decision cites. One is enough to hold; the rest would only fill the audit entry.
const MAX_CITED: usize = 4;

/// What connects the caller with the patient, and how far into the record that reaches.
pub(super) struct Bond {
    /// Whether a treatment relation is registered.
    pub(super) related: bool,
    /// The entries that it reaches at all.
    pub(super) reach: Reach,
}

impl Default for Bond {
    fn default() -> Self {
        Self {
            related: false,
            reach: Reach::Everything,
        }
    }
}

impl Case<'_> {
    /// Without a treatment relation only the citizen, a representative, a broken glass, quality work and what is
    /// not about a patient pass.
    pub(super) fn check_patient(
        &mut self,
        standing: &Standing<'_>,
        glass: Option<GlassUse>,
    ) -> Step<Bond> {
        let Some(person) = standing.person else {
            return Ok(Bond::default());
        };
        if let PersonKind::Citizen { key } = &person.kind {
            return match standing.on_behalf {
                None => self.check_own_record(key),
                Some(claim) => self.check_representation(key, claim),
            };
        }
        let action = self.request.action;
        // An attestation makes the relation that everything else needs.
        if !person.is_staff() || !action.needs_patient() || action == Action::AttestRelation {
            return Ok(Bond::default());
        }
        match self.request.purpose {
            Some(Purpose::Hoperat) => self.check_learning(standing),
            Some(Purpose::Hqualimp) => self.check_quality(standing),
            _ => self.check_relation(standing, glass),
        }
    }

    fn check_own_record(&mut self, own: &PatientKey) -> Step<Bond> {
        if !self.request.patients.contains(own) {
            return self.refuse(
                DenialReason::NotTheCitizen,
                Rule::OwnRecord,
                "own-number",
                "the number asked for is not the citizen's own",
            );
        }
        let decides_from = i32::from(self.facts.terms.own_decision_age);
        let age = self.facts.born.and_then(|born| age(born, self.now));
        if age.is_some_and(|age| age < decides_from) {
            return self.refuse(
                DenialReason::BelowOwnDecisionAge,
                Rule::Age,
                decides_from.to_string(),
                "the citizen is too young to decide alone about the own record (Sundhedsloven § 17)",
            );
        }
        self.note(Rule::OwnRecord, "own-number", "the citizen's own record");
        Ok(Bond::default())
    }

    fn check_relation(&mut self, standing: &Standing<'_>, glass: Option<GlassUse>) -> Step<Bond> {
        let mut found: Vec<&TreatmentRelation> = self
            .facts
            .relations
            .iter()
            .filter(|relation| self.connects(relation, standing))
            .collect();
        // Facts before words, so that a decision rests on an attestation only where there is nothing better.
        found.sort_by_key(|relation| (relation.kind == RelationKind::Attestation, relation.id));
        for relation in found.iter().take(MAX_CITED) {
            self.note_relation(relation);
        }
        let related = !found.is_empty();
        let cannot_be_asked =
            glass.is_some_and(|used| used.ground == OverrideGround::EssentialConsideration);
        if !related && !cannot_be_asked {
            return self.refuse(
                DenialReason::NoRelation,
                Rule::Relation,
                "none",
                "no active treatment relation connects the patient with the caller",
            );
        }
        if !related {
            let detail = "no treatment relation is registered; opened by break-glass";
            self.note(Rule::BreakGlass, Purpose::Btg.as_str(), detail);
        }
        Ok(Bond {
            related,
            reach: Reach::Everything,
        })
    }

    fn note_relation(&mut self, relation: &TreatmentRelation) {
        let (rule, detail) = match relation.kind {
            RelationKind::Attestation => (
                Rule::Attestation,
                "a professional's own word that they treat the patient, to be confirmed".to_owned(),
            ),
            kind => (
                Rule::Relation,
                format!("a treatment relation ({})", kind.as_str()),
            ),
        };
        self.note(rule, relation.id.to_string(), detail);
    }

    fn connects(&self, relation: &TreatmentRelation, standing: &Standing<'_>) -> bool {
        relation.active_at(self.now) && self.is_about_caller(relation, standing)
    }

    /// Whether the relation is the patient's and covers the caller, whenever it holds.
    pub(super) fn is_about_caller(
        &self,
        relation: &TreatmentRelation,
        standing: &Standing<'_>,
    ) -> bool {
        let tree = &self.facts.organisations;
        self.request.patients.contains(&relation.patient)
            && standing
                .organisation
                .is_some_and(|at| relation.covers(at, standing.authority, tree))
    }
}
