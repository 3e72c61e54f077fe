//! Who counts: the system, the person behind it, or the professional who is responsible for that person.

use super::{Case, MAX_KEYS, Step};
use crate::action::Actor;
use crate::roles::Principal;
use crate::{
    Action, AuthorisationId, DenialReason, OnBehalf, OrganisationId, Person, PersonKind, Rule,
    SystemKind,
};

/// Whose rights decide.
#[derive(Debug)]
pub(super) struct Standing<'a> {
    /// For the role policies.
    pub(super) principal: Principal,
    /// The acting person; none when the system acts on its own behalf.
    pub(super) person: Option<&'a Person>,
    /// Where they work, or who runs the system.
    pub(super) organisation: Option<&'a OrganisationId>,
    /// The authorisation under which the person acts: the responsible professional's, or the person's own.
    pub(super) authority: Option<&'a AuthorisationId>,
    /// Whether the person is a helper under a responsible professional.
    pub(super) helper: bool,
    /// For whom a citizen acts, when not for themself.
    pub(super) on_behalf: Option<&'a OnBehalf>,
}

const SOURCE_SYSTEM: Principal = Principal::Actor("source-system");
const CONSUMER_SYSTEM: Principal = Principal::Actor("consumer-system");
const REGISTER_SYSTEM: Principal = Principal::Actor("register-system");
const REPRESENTATIVE: Principal = Principal::Actor("representative");

impl Standing<'_> {
    /// Whether a source system acts on its own behalf.
    pub(super) fn is_source(&self) -> bool {
        self.principal == SOURCE_SYSTEM
    }
}

impl<'a> Case<'a> {
    pub(super) fn standing(&mut self) -> Step<Standing<'a>> {
        let action = self.request.action;
        let person = self.request.party.person.as_ref();
        match (action.actor(), person) {
            (Actor::System, _) | (Actor::Either, None) => Ok(self.system_standing()),
            (Actor::Person | Actor::Either, Some(person)) => self.person_standing(person),
            (Actor::Person, None) => self.refuse(
                DenialReason::NoRole,
                Rule::Role,
                action.as_str(),
                "the action is a person's, and no person is behind the system",
            ),
        }
    }

    fn system_standing(&self) -> Standing<'a> {
        let system = &self.request.party.system;
        let is = |kind| system.kinds.contains(&kind);
        let principal = if is(SystemKind::Register) && is_for_registers(self.request.action) {
            REGISTER_SYSTEM
        } else if is(SystemKind::Source) {
            SOURCE_SYSTEM
        } else {
            CONSUMER_SYSTEM
        };
        Standing {
            principal,
            person: None,
            organisation: Some(&system.organisation),
            authority: None,
            helper: false,
            on_behalf: None,
        }
    }

    fn person_standing(&mut self, person: &'a Person) -> Step<Standing<'a>> {
        let party = self.request.party;
        let answers = match &party.responsible {
            None => person,
            Some(responsible) => self.responsible(person, responsible)?,
        };
        if party.on_behalf.is_some() && !person.is_citizen() {
            return self.refuse(
                DenialReason::DelegationMissing,
                Rule::Delegation,
                "none",
                "only a citizen can act for another citizen",
            );
        }
        Ok(Standing {
            principal: match party.on_behalf {
                Some(_) => REPRESENTATIVE,
                None => principal(answers),
            },
            person: Some(person),
            organisation: person.organisation.as_ref(),
            authority: answers.authorisation(),
            helper: party.responsible.is_some(),
            on_behalf: party.on_behalf.as_ref(),
        })
    }

    /// A person's question is about one patient, who has few numbers.
    pub(super) fn check_keys(&mut self, standing: &Standing<'_>) -> Step<()> {
        let keys = self.request.patients.len();
        let action = self.request.action;
        let missing = keys == 0 && standing.person.is_some() && action.needs_patient();
        if keys > MAX_KEYS || missing {
            let detail = "the request must be about exactly one patient";
            return self.refuse(
                DenialReason::PatientMissing,
                Rule::Patient,
                action.as_str(),
                detail,
            );
        }
        Ok(())
    }

    /// A helper acts in the role of an authorised professional at the same place of treatment.
    fn responsible(&mut self, helper: &'a Person, responsible: &'a Person) -> Step<&'a Person> {
        let tree = &self.facts.organisations;
        let same_place = match (&helper.organisation, &responsible.organisation) {
            (Some(here), Some(there)) => tree.is_within(here, there) || tree.is_within(there, here),
            _ => false,
        };
        let role = principal(responsible).code().to_owned();
        if !helper.is_staff() || responsible.authorisation().is_none() || !same_place {
            return self.refuse(
                DenialReason::ResponsibleNotAllowed,
                Rule::Helper,
                role,
                "the responsible one is not an authorised professional at the helper's place of treatment",
            );
        }
        let own = principal(helper).code().to_owned();
        let detail =
            format!("a helper ({own}) acts in the role of a responsible professional ({role})");
        self.note(Rule::Helper, role, detail);
        Ok(responsible)
    }
}

/// What a register of persons tells the hub; everything else it does as any other system.
const fn is_for_registers(action: Action) -> bool {
    matches!(
        action,
        Action::RegisterRepresentation
            | Action::EndRepresentation
            | Action::ListRepresentations
            | Action::RegisterDemographics
    )
}

fn principal(person: &Person) -> Principal {
    match &person.kind {
        PersonKind::Professional { role, .. } => Principal::Professional(role.clone()),
        PersonKind::NationalRole { role } => Principal::NationalRole(role.clone()),
        PersonKind::Administrative { role } => Principal::Administrative(role.clone()),
        PersonKind::Citizen { .. } => Principal::Actor("citizen"),
        PersonKind::Auditor => Principal::Actor("auditor"),
        PersonKind::DataProtectionOfficer => Principal::Actor("data-protection-officer"),
        PersonKind::Operator => Principal::Actor("operator"),
    }
}
