//! From the verified claims of a token to the person behind the call, and those the person acts for or under.

use super::authenticator::KeyOf;
use super::claims::{Claims, IuaClaims, OnBehalfOf};
use super::role::{RoleAliases, Standing, responsible_role, standing};
use super::token::invalid;
use crate::error::{Error, Result, code};
use crate::organisation::{Directory, System};
use delt_formats::identifier::{self, PersonNumber};
use delt_policy::{
    AuthorisationId, CitizenRelation, OnBehalf, OrganisationId, PatientKey, Person, PersonKind,
    SystemKind,
};

/// The people of a call. No person at all: the token speaks for the system.
#[derive(Default)]
pub(super) struct People {
    pub(super) person: Option<Person>,
    pub(super) responsible: Option<Person>,
    pub(super) on_behalf: Option<OnBehalf>,
    /// The key of the acting person's own number, where the token tells it.
    pub(super) person_key: Option<PatientKey>,
}

/// What the claims are read against.
pub(super) struct Reader<'a> {
    pub(super) system: &'a System,
    pub(super) directory: &'a Directory,
    pub(super) aliases: &'a RoleAliases,
    pub(super) assumed_responsible_role: Option<&'a str>,
    pub(super) key_of: KeyOf<'a>,
}

impl Reader<'_> {
    /// # Errors
    /// `TOKEN_INVALID` for claims that do not fit together, `FOREIGN_ORGANISATION`, `ACCESS_DENIED`.
    pub(super) fn people(&self, claims: &Claims) -> Result<People> {
        let iua = claims
            .iua
            .as_ref()
            .ok_or_else(|| invalid("claim `ihe_iua` is missing"))?;
        let acting = claims.on_behalf_of.as_ref();
        match standing(&iua.subject_role, self.aliases)? {
            Standing::System(kind) => self.no_person(kind, acting),
            Standing::Citizen => self.citizen(iua, acting),
            Standing::Professional(role) => {
                let authorisation = iua.national_provider_identifier.as_deref();
                let authorisation = authorisation
                    .ok_or_else(|| invalid("claim `national_provider_identifier` is missing"))?;
                let authorisation = authorisation_id(authorisation)?;
                self.staff(
                    iua,
                    PersonKind::Professional {
                        authorisation,
                        role,
                    },
                    acting,
                )
            }
            Standing::Administrative(role) => {
                self.staff(iua, PersonKind::Administrative { role }, acting)
            }
            Standing::NationalRole(role) => {
                self.staff(iua, PersonKind::NationalRole { role }, acting)
            }
            Standing::Auditor => self.official(iua, PersonKind::Auditor, acting),
            Standing::DataProtectionOfficer => {
                self.official(iua, PersonKind::DataProtectionOfficer, acting)
            }
            Standing::Operator => self.official(iua, PersonKind::Operator, acting),
        }
    }

    /// The issuer may call a system a source or a register only where the directory does too.
    fn no_person(&self, kind: SystemKind, acting: Option<&OnBehalfOf>) -> Result<People> {
        no_acting(acting)?;
        if self.system.kinds.contains(&kind) {
            Ok(People::default())
        } else {
            Err(Error::new(code::ACCESS_DENIED))
        }
    }

    fn citizen(&self, iua: &IuaClaims, acting: Option<&OnBehalfOf>) -> Result<People> {
        let number = iua.person_id.as_deref();
        let key = self.key(number.ok_or_else(|| invalid("claim `person_id` is missing"))?)?;
        Ok(People {
            person: Some(Person {
                kind: PersonKind::Citizen { key },
                organisation: None,
            }),
            on_behalf: acting.map(|a| self.for_another(a)).transpose()?,
            responsible: None,
            person_key: Some(key),
        })
    }

    fn for_another(&self, acting: &OnBehalfOf) -> Result<OnBehalf> {
        let (Some(number), Some(relation), None) = (
            &acting.person_id,
            &acting.relation,
            &acting.national_provider_identifier,
        ) else {
            return Err(invalid(
                "a citizen's `on_behalf_of` needs `person_id` and `relation`",
            ));
        };
        let relation = match relation.as_str() {
            "custody" => CitizenRelation::Custody,
            "guardian" => CitizenRelation::Guardian,
            "proxy" => CitizenRelation::Proxy,
            _ => return Err(invalid("`on_behalf_of.relation` is unknown")),
        };
        Ok(OnBehalf {
            patient: self.key(number)?,
            relation,
        })
    }

    fn staff(
        &self,
        iua: &IuaClaims,
        kind: PersonKind,
        acting: Option<&OnBehalfOf>,
    ) -> Result<People> {
        let mut people = self.official(iua, kind, None)?;
        let organisation = people.person.as_ref().and_then(|p| p.organisation.clone());
        people.responsible = acting
            .map(|a| self.responsible(a, organisation))
            .transpose()?;
        Ok(people)
    }

    /// The professional whose helper the person is: of the same place, since a helper works under somebody's eyes.
    fn responsible(
        &self,
        acting: &OnBehalfOf,
        organisation: Option<OrganisationId>,
    ) -> Result<Person> {
        let (Some(authorisation), None, None) = (
            &acting.national_provider_identifier,
            &acting.person_id,
            &acting.relation,
        ) else {
            return Err(invalid(
                "a helper's `on_behalf_of` needs `national_provider_identifier`",
            ));
        };
        let kind = PersonKind::Professional {
            authorisation: authorisation_id(authorisation)?,
            role: responsible_role(
                acting.subject_role.as_ref(),
                self.aliases,
                self.assumed_responsible_role,
            )?,
        };
        Ok(Person { kind, organisation })
    }

    /// Somebody who acts for an organisation and answers to nobody else in this call.
    fn official(
        &self,
        iua: &IuaClaims,
        kind: PersonKind,
        acting: Option<&OnBehalfOf>,
    ) -> Result<People> {
        no_acting(acting)?;
        let person = Person {
            kind,
            organisation: Some(self.organisation(iua)?),
        };
        let person_key = iua.person_id.as_deref().map(|n| self.key(n)).transpose()?;
        Ok(People {
            person: Some(person),
            person_key,
            ..People::default()
        })
    }

    /// The organisation must be known, and be among those that the calling system serves, or below one of them.
    fn organisation(&self, iua: &IuaClaims) -> Result<OrganisationId> {
        let text = iua.subject_organization_id.as_deref();
        let text = text.ok_or_else(|| invalid("claim `subject_organization_id` is missing"))?;
        let malformed = || invalid("`subject_organization_id` holds no SOR code");
        let (system, sor) = text.split_once('|').ok_or_else(malformed)?;
        if identifier::system::bare(system) != identifier::system::bare(identifier::system::SOR) {
            return Err(malformed());
        }
        let id = OrganisationId::sor(sor).map_err(|_| malformed())?;
        if self.directory.serves(self.system, &id) {
            Ok(id)
        } else {
            Err(Error::new(code::FOREIGN_ORGANISATION))
        }
    }

    fn key(&self, text: &str) -> Result<PatientKey> {
        let malformed = || invalid("`person_id` holds no person number");
        let (system, value) = text.split_once('|').ok_or_else(malformed)?;
        let number = PersonNumber::parse(system, value).map_err(|_| malformed())?;
        Ok((self.key_of)(&number))
    }
}

fn no_acting(acting: Option<&OnBehalfOf>) -> Result<()> {
    if acting.is_some() {
        Err(invalid("`on_behalf_of` does not go with this role"))
    } else {
        Ok(())
    }
}

/// Five characters of the register's alphabet (dk-core); the rules know it in capitals.
fn authorisation_id(text: &str) -> Result<AuthorisationId> {
    let malformed = || invalid("`national_provider_identifier` is no authorisation id");
    let id = identifier::AuthorisationId::parse(text).map_err(|_| malformed())?;
    AuthorisationId::parse(id.as_str()).map_err(|_| malformed())
}
