//! With whose consent: the citizen's blocks and permits that name the caller.

use std::sync::Arc;

use super::patient::Bond;
use super::standing::Standing;
use super::{Case, Step};
use crate::consent::filter::{ConsentFilter, Viewer};
use crate::roles::RoleTable;
use crate::scope::{Filter, Glass};
use crate::{Action, Consent, ConsentKind, DenialReason, GlassUse, Ground, Purpose, Rule};

impl<'a> Case<'a> {
    /// The filter for staff. A block on everything with no permit beside it ends the request here, unless the
    /// glass is broken.
    pub(super) fn staff_filter(
        &mut self,
        standing: &Standing<'a>,
        table: Arc<RoleTable>,
        glass: Option<GlassUse>,
        bond: Bond,
    ) -> Step<Filter> {
        let consents = self.consents(standing)?;
        let treating = self.role_question(standing, Some(Purpose::Treat));
        let glass = glass.map(|used| Glass {
            ground: used.ground,
            treatment: self.facts.roles.table(&treating),
            related: bond.related,
        });
        self.cite(&consents);
        if glass.is_none() && consents.general_block().is_some() {
            return Err(DenialReason::ConsentBlocksAll);
        }
        Ok(Filter::Staff {
            table,
            reach: bond.reach,
            consents,
            glass,
        })
    }

    fn consents(&mut self, standing: &Standing<'a>) -> Step<ConsentFilter> {
        let Some(organisation) = standing.organisation else {
            return Err(DenialReason::ForeignOrganisation);
        };
        let helper = standing
            .person
            .filter(|_| standing.helper)
            .and_then(crate::Person::authorisation);
        let viewer = Viewer {
            authority: standing.authority,
            helper,
            organisation,
        };
        Ok(ConsentFilter::new(
            &self.facts.consents,
            self.request.patients,
            viewer,
            &self.facts.organisations,
            self.now,
        ))
    }

    /// The citizen's wishes about discharge letters, for the message path to ask.
    pub(super) fn letter_opt_outs(&self) -> Vec<Consent> {
        let wanted = |consent: &&Consent| {
            consent.kind == ConsentKind::LetterOptOut
                && consent.in_force(self.now)
                && self.request.patients.contains(&consent.patient)
        };
        match self.request.action {
            Action::SendMessage => self.facts.consents.iter().filter(wanted).cloned().collect(),
            _ => Vec::new(),
        }
    }

    /// Names the consents that bear on the caller, so that the audit entry shows what was weighed.
    fn cite(&mut self, consents: &ConsentFilter) {
        for consent in consents.all() {
            let (rule, detail) = match consent.kind {
                ConsentKind::Negative => (Rule::ConsentBlock, "a block names the caller"),
                ConsentKind::Positive => (Rule::ConsentPermit, "a permit names the caller"),
                ConsentKind::LetterOptOut => continue,
            };
            let ground = Ground::new(rule, consent.id.to_string(), detail);
            if !self.grounds.contains(&ground) {
                self.grounds.push(ground);
            }
        }
    }
}
