//! The decision: may this party do this, for this purpose, now?
//!
//! Default deny. Each step either adds the ground on which it holds or ends with the ground on which it fails:
//! who counts, for what purpose, in which role, for which organisation, about which patient, with whose consent.

mod consents;
mod glass;
mod helper;
mod learning;
mod patient;
mod place;
mod purpose;
mod quality;
mod representation;
mod standing;

use std::sync::Arc;

use crate::roles::{RoleQuestion, RoleTable};
use crate::scope::{Filter, role_grounds};
use crate::{
    Action, Consent, Denial, DenialReason, GlassUse, Ground, HelperDelegation, Micros, Opening,
    OrganisationId, OrganisationTree, OverrideGround, Party, PatientKey, Purpose,
    QualityPermission, Representation, RolePolicy, Rule, Scope, Terms, TreatmentRelation,
};
use patient::Bond;
use standing::Standing;

/// A person has a few numbers in a life. More keys than this in one request are no person.
const MAX_KEYS: usize = 64;

/// What is asked.
#[derive(Debug, Clone, Copy)]
pub struct Request<'a> {
    /// Who asks.
    pub party: &'a Party,
    /// What for an operation.
    pub action: Action,
    /// The one purpose that was picked.
    pub purpose: Option<Purpose>,
    /// The reason for breaking the glass, as it was written.
    pub override_reason: Option<&'a str>,
    /// The lawful ground for breaking the glass.
    pub override_ground: Option<OverrideGround>,
    /// All keys of the one patient: the number that was asked for and those linked to it.
    pub patients: &'a [PatientKey],
    /// The organisations that a system acts for: owner of what is written, sender of a message,
    /// receiver of what is received. May be empty for lists and leases, which then are for all of its own.
    pub organisations: &'a [OrganisationId],
}

/// What the hub knows. The records are the patient's; any that are not are left aside.
#[derive(Debug, Clone)]
pub struct Facts {
    /// The patient's consents, ended ones too if that is easier.
    pub consents: Vec<Consent>,
    /// The patient's treatment relations.
    pub relations: Vec<TreatmentRelation>,
    /// The directory.
    pub organisations: Arc<OrganisationTree>,
    /// The role policies.
    pub roles: Arc<RolePolicy>,
    /// The organisations that the connected system is registered for.
    pub registered_organisations: Vec<OrganisationId>,
    /// Delegations to the acting helper.
    pub delegations: Vec<HelperDelegation>,
    /// Who may act for the patient.
    pub representations: Vec<Representation>,
    /// The caller's permissions for quality work.
    pub permissions: Vec<QualityPermission>,
    /// Where the caller broke the glass to the patient's record.
    pub openings: Vec<Opening>,
    /// When the patient was born, as the number that was asked for says.
    pub born: Option<time::Date>,
    /// Periods and ages.
    pub terms: Terms,
}

/// The answer.
#[derive(Debug)]
pub enum Decision {
    /// Yes, within this scope.
    Permit(Box<Scope>),
    /// No.
    Deny(Denial),
}

impl Decision {
    /// What determined it; never empty.
    pub fn grounds(&self) -> &[Ground] {
        match self {
            Self::Permit(scope) => scope.grounds(),
            Self::Deny(denial) => &denial.grounds,
        }
    }

    /// The scope of a permit.
    pub fn scope(self) -> Result<Box<Scope>, Denial> {
        match self {
            Self::Permit(scope) => Ok(scope),
            Self::Deny(denial) => Err(denial),
        }
    }
}

/// Decides one request at `now`.
pub fn decide(request: &Request<'_>, facts: &Facts, now: Micros) -> Decision {
    let mut case = Case {
        request,
        facts,
        now,
        grounds: Vec::new(),
    };
    match case.judge() {
        Ok(scope) => Decision::Permit(Box::new(scope)),
        Err(reason) => Decision::Deny(Denial {
            reason,
            grounds: case.grounds,
        }),
    }
}

/// One request under judgement, with the grounds found so far.
struct Case<'a> {
    request: &'a Request<'a>,
    facts: &'a Facts,
    now: Micros,
    grounds: Vec<Ground>,
}

type Step<T> = Result<T, DenialReason>;

impl<'a> Case<'a> {
    fn judge(&mut self) -> Step<Scope> {
        let standing = self.standing()?;
        self.check_keys(&standing)?;
        self.check_purpose(&standing)?;
        let table = self.check_role(&standing)?;
        self.check_helper(&standing)?;
        let glass = self.check_glass(&standing)?;
        let organisations = self.check_place(&standing)?;
        let bond = self.check_patient(&standing, glass)?;
        let filter = self.filter(&standing, table, glass, bond)?;
        Ok(Scope {
            action: self.request.action,
            purpose: self.request.purpose,
            patients: self.request.patients.to_vec(),
            organisations,
            may_write: standing.is_source(),
            tree: Arc::clone(&self.facts.organisations),
            policy_version: self.facts.roles.version().to_owned(),
            filter,
            grounds: std::mem::take(&mut self.grounds),
            glass,
            letter_opt_outs: self.letter_opt_outs(),
        })
    }

    /// The role must allow the action at all; for reading the record, for at least one kind of document.
    fn check_role(&mut self, standing: &Standing<'a>) -> Step<Option<Arc<RoleTable>>> {
        let roles = &self.facts.roles;
        self.note(
            Rule::PolicyVersion,
            roles.version(),
            "the role policies in force",
        );
        let question = self.role_question(standing, self.request.purpose);
        if !self.request.action.reads_record() {
            let answer = roles.answer(&question);
            self.grounds.extend(role_grounds(&answer));
            return answer.permitted.then_some(None).ok_or(DenialReason::NoRole);
        }
        let table = roles.table(&question);
        self.grounds.extend(role_grounds(&table.summary()));
        table
            .permits_any()
            .then_some(Some(table))
            .ok_or(DenialReason::NoRole)
    }

    fn role_question(&self, standing: &Standing<'_>, purpose: Option<Purpose>) -> RoleQuestion {
        RoleQuestion {
            principal: standing.principal.clone(),
            sector: standing.organisation.map_or(crate::Sector::Unknown, |at| {
                self.facts.organisations.sector(at)
            }),
            action: self.request.action,
            purpose,
            helper: standing.helper,
        }
    }

    fn note(&mut self, rule: Rule, reference: impl Into<String>, detail: impl Into<String>) {
        self.grounds.push(Ground::new(rule, reference, detail));
    }

    /// Notes why a step fails, and fails it.
    fn refuse<T>(
        &mut self,
        reason: DenialReason,
        rule: Rule,
        reference: impl Into<String>,
        detail: impl Into<String>,
    ) -> Step<T> {
        self.note(rule, reference, detail);
        Err(reason)
    }

    fn filter(
        &mut self,
        standing: &Standing<'a>,
        table: Option<Arc<RoleTable>>,
        glass: Option<GlassUse>,
        bond: Bond,
    ) -> Step<Filter> {
        if standing.is_source() {
            let system = self.request.party.system.id.clone();
            return Ok(Filter::OwnSource { system });
        }
        match (standing.person, table) {
            (Some(person), Some(table)) if person.is_staff() => {
                self.staff_filter(standing, table, glass, bond)
            }
            (Some(person), table) if person.is_citizen() => {
                Ok(self.citizens_filter(standing, table, bond))
            }
            _ => Ok(Filter::Nothing),
        }
    }

    /// Explanations are about entries too, and so is what others looked at: a representative is told only of those that they may see.
    fn citizens_filter(
        &self,
        standing: &Standing<'_>,
        table: Option<Arc<RoleTable>>,
        bond: Bond,
    ) -> Filter {
        let explains = matches!(
            self.request.action,
            Action::ExplainAccess | Action::ListOwnAccesses
        );
        let reading = || RoleQuestion {
            action: Action::SearchRecord,
            ..self.role_question(standing, self.request.purpose)
        };
        let reach = bond.reach;
        match table.or_else(|| explains.then(|| self.facts.roles.table(&reading()))) {
            Some(table) => Filter::OwnRecord { table, reach },
            None => Filter::Nothing,
        }
    }
}
