//! Break-glass: by whom, for what reason, and on which ground.

use super::standing::Standing;
use super::{Case, Step};
use crate::roles::{Confidentiality, DocumentClass, RoleTable};
use crate::{DenialReason, GlassUse, Opening, OverrideGround, Purpose, Rule};

/// How long a reason for breaking the glass is, in characters without surrounding space.
const REASON: std::ops::RangeInclusive<usize> = 10..=500;

impl Case<'_> {
    /// Breaking the glass needs an authorised professional in person, and a reason with a lawful ground or a glass
    /// that the same professional broke before and that is still open.
    ///
    /// The reason itself goes to the audit entry by the hub, not through the grounds.
    pub(super) fn check_glass(&mut self, standing: &Standing<'_>) -> Step<Option<GlassUse>> {
        if standing.person.is_none() || self.request.purpose != Some(Purpose::Btg) {
            return Ok(None);
        }
        if standing.helper || standing.authority.is_none() {
            return self.refuse_glass(
                DenialReason::NoRole,
                "only an authorised professional can break the glass, in person",
            );
        }
        let used = match self.request.override_reason.map(str::trim) {
            None | Some("") => self.continued(standing)?,
            Some(reason) => self.broken_anew(reason)?,
        };
        if used.ground == OverrideGround::CitizenLiftsBlock {
            self.check_treats_too(standing)?;
        }
        Ok(Some(used))
    }

    fn broken_anew(&mut self, reason: &str) -> Step<GlassUse> {
        // At most four bytes make a character, so the length is known to be too great without counting.
        let fits = reason.len() <= REASON.end() * 4 && REASON.contains(&reason.chars().count());
        if !fits {
            return self.refuse_glass(
                DenialReason::OverrideReasonMissing,
                "breaking the glass needs a reason of 10 to 500 characters",
            );
        }
        let Some(ground) = self.request.override_ground else {
            return self.refuse_glass(
                DenialReason::OverrideGroundMissing,
                "breaking the glass needs one of the two lawful grounds",
            );
        };
        let detail = "the glass is broken with a written reason";
        self.note(Rule::BreakGlass, Purpose::Btg.as_str(), detail);
        self.note(Rule::OverrideGround, ground.as_str(), lawful(ground));
        Ok(GlassUse {
            ground,
            opening: None,
        })
    }

    /// Of several open glasses the one on the wider ground counts, so that none that closes can open more.
    fn continued(&mut self, standing: &Standing<'_>) -> Step<GlassUse> {
        let width = |opening: &Opening| opening.ground == OverrideGround::EssentialConsideration;
        let open = self
            .facts
            .openings
            .iter()
            .filter(|opening| self.is_open_for(opening, standing))
            .max_by_key(|opening| (width(opening), opening.until, opening.id));
        let Some(opening) = open else {
            return self.refuse_glass(
                DenialReason::OverrideReasonMissing,
                "breaking the glass needs a reason of 10 to 500 characters",
            );
        };
        let detail = "the glass that the caller broke with a written reason is still open";
        self.note(Rule::Opening, opening.id.to_string(), detail);
        let ground = opening.ground;
        self.note(Rule::OverrideGround, ground.as_str(), lawful(ground));
        Ok(GlassUse {
            ground,
            opening: Some(opening.id),
        })
    }

    fn is_open_for(&self, opening: &Opening, standing: &Standing<'_>) -> bool {
        opening.active_at(self.now)
            && self.request.patients.contains(&opening.patient)
            && standing.authority == Some(&opening.person)
            && standing.organisation == Some(&opening.organisation)
    }

    /// A citizen who lifts the own block asks to be treated: the role must allow the same for treatment.
    fn check_treats_too(&mut self, standing: &Standing<'_>) -> Step<()> {
        let roles = &self.facts.roles;
        let treating = self.role_question(standing, Some(Purpose::Treat));
        let treats = if self.request.action.reads_record() {
            let glass = roles.table(&self.role_question(standing, Some(Purpose::Btg)));
            share_a_cell(&roles.table(&treating), &glass)
        } else {
            roles.answer(&treating).permitted
        };
        if treats {
            return Ok(());
        }
        self.refuse(
            DenialReason::NoRole,
            Rule::OverrideGround,
            OverrideGround::CitizenLiftsBlock.as_str(),
            "a block that the citizen lifts opens no more than treatment does",
        )
    }

    fn refuse_glass<T>(&mut self, reason: DenialReason, detail: &str) -> Step<T> {
        self.refuse(reason, Rule::BreakGlass, Purpose::Btg.as_str(), detail)
    }
}

fn share_a_cell(one: &RoleTable, other: &RoleTable) -> bool {
    DocumentClass::ALL.into_iter().any(|class| {
        Confidentiality::ALL
            .into_iter()
            .any(|level| one.answer(class, level).permitted && other.answer(class, level).permitted)
    })
}

fn lawful(ground: OverrideGround) -> &'static str {
    match ground {
        OverrideGround::CitizenLiftsBlock => "the citizen lifts the block for this treatment",
        OverrideGround::EssentialConsideration => {
            "essential consideration for the patient, who cannot be asked (Sundhedsloven § 42 a, stk. 2)"
        }
    }
}
