//! One look at one record, as the rules see it.

use delt_ledger::{Entry, Outcome, PersonKind};
use delt_policy::{Action, AuthorisationId, OrganisationId, PatientKey, Rule};
use uuid::Uuid;

use super::danish_time::Local;
use crate::clock::Micros;

/// A member of staff, as an entry of the log has them.
#[derive(Clone, PartialEq, Eq)]
pub(super) struct Staff {
    /// Unlike anybody else's: the register and the id in it.
    pub(super) subject: String,
    pub(super) id: String,
    pub(super) authorisation: Option<AuthorisationId>,
    /// The person's own number, where the token told it.
    pub(super) key: Option<PatientKey>,
    pub(super) name: Option<String>,
    pub(super) role: String,
    pub(super) organisation: OrganisationId,
}

impl std::fmt::Debug for Staff {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Staff(…)")
    }
}

/// What somebody of the staff did, and when.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Deed {
    pub(super) entry: Uuid,
    pub(super) at: Micros,
    pub(super) local: Local,
    pub(super) staff: Staff,
    /// At whom they looked; none where it was no look at a record.
    pub(super) look: Option<Look>,
}

/// At whom, and why it was permitted.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Look {
    pub(super) patient: PatientKey,
    pub(super) purpose: Option<String>,
    /// A treatment relation is among the grounds.
    pub(super) related: bool,
    /// So is an earlier one.
    pub(super) past: bool,
    /// So is the management's permission.
    pub(super) permitted_quality: bool,
}

/// Reads an entry; none where nobody of the staff did it, or it was not permitted.
pub(super) fn deed(
    id: Uuid,
    at: Micros,
    entry: &Entry,
    person_key: Option<PatientKey>,
) -> Option<Deed> {
    if entry.outcome != Outcome::Permitted {
        return None;
    }
    Some(Deed {
        entry: id,
        at,
        local: Local::at(at)?,
        staff: staff(entry, person_key)?,
        look: look(entry),
    })
}

fn staff(entry: &Entry, key: Option<PatientKey>) -> Option<Staff> {
    let person = entry.actor.person.as_ref()?;
    let register = match person.kind {
        PersonKind::Authorisation => "authorisation",
        PersonKind::NationalRole => "national-role",
        PersonKind::Administrative => "administrative",
        PersonKind::Citizen | PersonKind::Delt => return None,
    };
    let authorisation = match person.kind {
        PersonKind::Authorisation => AuthorisationId::parse(&person.id).ok(),
        _ => None,
    };
    Some(Staff {
        subject: format!("{register}|{}", person.id),
        id: person.id.clone(),
        authorisation,
        key,
        name: person.name.clone(),
        role: person.role.clone(),
        organisation: OrganisationId::parse(person.organisation.as_deref()?).ok()?,
    })
}

fn look(entry: &Entry) -> Option<Look> {
    let reads = Action::ALL
        .iter()
        .any(|action| action.reads_record() && action.as_str() == entry.operation);
    if !reads {
        return None;
    }
    let cites = |rule: Rule| {
        let name = rule.as_str();
        entry.grounds.iter().any(|ground| ground.rule == name)
    };
    Some(Look {
        patient: PatientKey::from_hex(entry.patient.as_deref()?).ok()?,
        purpose: entry.purpose.clone(),
        related: cites(Rule::Relation) || cites(Rule::Attestation),
        past: cites(Rule::PastRelation),
        permitted_quality: cites(Rule::QualityPermission),
    })
}
