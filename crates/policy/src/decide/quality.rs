//! Quality work (HQUALIMP, Sundhedsloven § 42 d): with the management's permission, about the place's own younger data.

use super::patient::Bond;
use super::standing::Standing;
use super::{Case, Step};
use crate::scope::Reach;
use crate::{DenialReason, QualityPermission, Rule};

/// How many permissions a decision cites.
const MAX_CITED: usize = 4;

impl Case<'_> {
    /// Needs a permission for this professional at a place where they work, and no treatment relation.
    pub(super) fn check_quality(&mut self, standing: &Standing<'_>) -> Step<Bond> {
        let mut found: Vec<&QualityPermission> = self
            .facts
            .permissions
            .iter()
            .filter(|permission| self.permits_quality(permission, standing))
            .collect();
        if found.is_empty() || standing.helper {
            return self.refuse(
                DenialReason::ConditionsNotMet,
                Rule::QualityPermission,
                "none",
                "no permission of the management lets the caller do quality work here",
            );
        }
        found.sort_by_key(|permission| permission.id);
        for permission in found.iter().take(MAX_CITED) {
            let detail = "the management's permission for quality work";
            self.note(Rule::QualityPermission, permission.id.to_string(), detail);
        }
        Ok(Bond {
            related: false,
            reach: Reach::OwnData {
                places: found.iter().map(|p| p.organisation.clone()).collect(),
                years: self.facts.terms.quality_years,
                now: self.now,
            },
        })
    }

    fn permits_quality(&self, permission: &QualityPermission, standing: &Standing<'_>) -> bool {
        let tree = &self.facts.organisations;
        permission.active_at(self.now)
            && standing.authority == Some(&permission.person)
            && standing
                .organisation
                .is_some_and(|at| tree.is_within(at, &permission.organisation))
    }
}
