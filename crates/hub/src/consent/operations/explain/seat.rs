//! Somebody whose view is asked about.

use delt_policy::{AuthorisationId, OrganisationId, Party, Person, PersonKind, roles::Principal};

use crate::{Error, Result, operation::Context};

/// Stands for any professional who is not named: no register gives out such an id, so no consent and no relation is about it.
const ANYBODY: &str = "00000000000000000000";

/// Whom a question is about.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Whom {
    Professional(Seat),
    /// Every place and role that treats the citizen.
    Everybody,
}

/// A role at a place, and who holds it where that is asked.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Seat {
    /// The role's code, such as `laege`.
    pub role: String,
    pub organisation: OrganisationId,
    /// One professional; anybody in the role where none is named.
    pub person: Option<AuthorisationId>,
}

impl Seat {
    /// The one who sits there, behind a system of their own organisation.
    pub(super) fn party(&self, staff: &[Principal], cx: &Context) -> Result<Party> {
        let mut system = cx.caller.party().system.clone();
        system.organisation = self.organisation.clone();
        Ok(Party {
            system,
            person: Some(Person {
                kind: self.kind(staff)?,
                organisation: Some(self.organisation.clone()),
            }),
            responsible: None,
            on_behalf: None,
            person_key: None,
        })
    }

    /// A code that the policies do not know is a professional's: nothing is permitted to it.
    fn kind(&self, staff: &[Principal]) -> Result<PersonKind> {
        let role = self.role.clone();
        Ok(match staff.iter().find(|known| known.code() == role) {
            Some(Principal::NationalRole(_)) => PersonKind::NationalRole { role },
            Some(Principal::Administrative(_)) => PersonKind::Administrative { role },
            _ => PersonKind::Professional {
                authorisation: match &self.person {
                    Some(person) => person.clone(),
                    None => AuthorisationId::parse(ANYBODY).map_err(Error::internal)?,
                },
                role,
            },
        })
    }
}
