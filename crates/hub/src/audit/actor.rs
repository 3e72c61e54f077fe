//! Who acted, as the log has it.

use delt_ledger::{Actor, Person, PersonKind as Kind};
use delt_policy::{CitizenRelation, PersonKind};

use crate::identity::{Caller, TokenFacts};

/// Both identities where a helper acts under a responsible professional.
pub(super) fn actor(caller: &Caller) -> Actor {
    let party = caller.party();
    let token = caller.token();
    let name = token.and_then(|token| token.person_name());
    let responsible = token.and_then(|token| token.responsible_name());
    Actor {
        system: party.system.id.clone(),
        system_organisation: Some(party.system.organisation.to_string()),
        certificate_sha256: Some(hex(caller.certificate_sha256())),
        person: party
            .person
            .as_ref()
            .map(|p| person(p, name, token.map(TokenFacts::subject))),
        responsible: party
            .responsible
            .as_ref()
            .map(|p| person(p, responsible, None)),
        relation: party
            .on_behalf
            .as_ref()
            .map(|behalf| relation(behalf.relation).to_owned()),
    }
}

fn person(person: &delt_policy::Person, name: Option<&str>, subject: Option<&str>) -> Person {
    let subject = subject.unwrap_or_default();
    let (kind, id, role) = match &person.kind {
        PersonKind::Professional {
            authorisation,
            role,
        } => (
            Kind::Authorisation,
            authorisation.as_str().to_owned(),
            role.as_str(),
        ),
        PersonKind::Citizen { key } => (Kind::Citizen, key.hex(), "citizen"),
        PersonKind::NationalRole { role } => {
            (Kind::NationalRole, subject.to_owned(), role.as_str())
        }
        PersonKind::Administrative { role } => {
            (Kind::Administrative, subject.to_owned(), role.as_str())
        }
        PersonKind::Auditor => (Kind::Delt, subject.to_owned(), "auditor"),
        PersonKind::DataProtectionOfficer => {
            (Kind::Delt, subject.to_owned(), "data-protection-officer")
        }
        PersonKind::Operator => (Kind::Delt, subject.to_owned(), "operator"),
    };
    // A citizen is known by the key alone: the name would be the only thing that is not masked.
    let name = name.filter(|_| kind != Kind::Citizen).map(str::to_owned);
    let organisation = person.organisation.as_ref().map(ToString::to_string);
    Person {
        kind,
        id,
        name,
        role: role.to_owned(),
        organisation,
    }
}

const fn relation(relation: CitizenRelation) -> &'static str {
    match relation {
        CitizenRelation::Custody => "custody",
        CitizenRelation::Guardian => "guardian",
        CitizenRelation::Proxy => "proxy",
    }
}

/// Lower-case hexadecimal.
pub(crate) fn hex(bytes: &[u8]) -> String {
    use std::fmt::Write as _;
    bytes.iter().fold(String::new(), |mut text, byte| {
        // Writing to a String cannot fail.
        let _ = write!(text, "{byte:02x}");
        text
    })
}
