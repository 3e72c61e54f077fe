//! Development tokens, signed with the profile's own key.
//!
//! They have the form that a real security token service gives out (IHE IUA, RFC 9068), so that a client that works
//! with these works with real ones.

use std::time::Duration;

use jsonwebtoken::{Algorithm, EncodingKey, Header, encode};
use serde_json::{Map, Value, json};
use time::OffsetDateTime;

use super::{AUDIENCE, ISSUER, Person, Professional, Profile, ProfileError, RoleCode, keys};
use crate::tls::ClientCertificate;

const ACT_REASON: &str = "http://terminology.hl7.org/CodeSystem/v3-ActReason";
const SOR: &str = "urn:oid:1.2.208.176.1.1";
const CPR: &str = "urn:oid:1.2.208.176.1.2";
const OWN_ROLES: &str = "urn:delt:role";
const SCOPE: &str = "user/DocumentReference.rs ITI-67 ITI-68";
const MAX_LIFETIME: Duration = Duration::from_hours(1);

/// The person that a token speaks of.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Holder {
    /// Anybody of `professionals.json`, the auditor and the data protection officer included.
    Professional(Professional),
    /// A helper (*medhjælp*), with the professional who answers for what is done.
    Helper {
        acting: Professional,
        responsible: Professional,
    },
    /// A test person about their own record.
    Citizen(Person),
    /// A test person about another's record; `relation` is `custody`, `guardian` or `proxy`.
    CitizenFor {
        acting: Person,
        other: Person,
        relation: String,
    },
}

/// What goes into a token.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TokenRequest<'a> {
    pub holder: &'a Holder,
    /// The system that the person works in.
    pub client_id: &'a str,
    /// Its client certificate, which the token is bound to (RFC 8705 §3.1).
    pub certificate: &'a ClientCertificate,
    /// Codes of `v3-ActReason`; none means [`Holder::usual_purpose`].
    pub purposes: &'a [&'a str],
    pub issued_at: OffsetDateTime,
    /// At most one hour.
    pub lifetime: Duration,
    /// A name for the token that no other one has.
    pub jti: &'a str,
}

impl Profile {
    /// A signed token.
    ///
    /// # Errors
    /// The lifetime is not allowed, or the profile's key cannot be read.
    pub fn issue_token(&self, request: &TokenRequest<'_>) -> Result<String, ProfileError> {
        if request.lifetime.as_secs() == 0 || request.lifetime > MAX_LIFETIME {
            return Err(ProfileError::TokenLifetime);
        }
        if !self.folder.has(keys::TOKEN) {
            return Err(ProfileError::Absent(self.folder.file(keys::TOKEN)));
        }
        let pair = keys::pair(&self.folder, keys::TOKEN)?;
        let mut header = Header::new(Algorithm::ES256);
        header.typ = Some("at+jwt".to_owned());
        header.kid = Some(keys::key_id(&pair)?);
        let key = EncodingKey::from_ec_der(pair.serialized_der());
        encode(&header, &request.claims(), &key)
            .map_err(|error| ProfileError::TokenSigning(error.to_string()))
    }
}

impl TokenRequest<'_> {
    fn claims(&self) -> Value {
        let issued = self.issued_at.unix_timestamp();
        let expires = issued.saturating_add_unsigned(self.lifetime.as_secs());
        json!({
            "iss": ISSUER,
            "aud": AUDIENCE,
            "sub": self.holder.subject(),
            "client_id": self.client_id,
            "jti": self.jti,
            "iat": issued,
            "exp": expires,
            "scope": SCOPE,
            "cnf": { "x5t#S256": self.certificate.thumbprint() },
            "extensions": self.extensions(),
        })
    }

    fn extensions(&self) -> Value {
        let mut iua = self.holder.iua();
        iua.insert("purpose_of_use".to_owned(), self.purposes());
        let mut extensions = json!({ "ihe_iua": iua });
        if let (Some(acting), Some(object)) =
            (self.holder.on_behalf_of(), extensions.as_object_mut())
        {
            object.insert("delt".to_owned(), json!({ "on_behalf_of": acting }));
        }
        extensions
    }

    fn purposes(&self) -> Value {
        let usual = [self.holder.usual_purpose()];
        let codes = if self.purposes.is_empty() {
            &usual
        } else {
            self.purposes
        };
        codes
            .iter()
            .map(|code| json!({ "system": ACT_REASON, "code": code }))
            .collect()
    }
}

impl Holder {
    /// What a person of this kind mostly asks for.
    pub fn usual_purpose(&self) -> &'static str {
        match self {
            Self::Professional(person) if person.role.system == OWN_ROLES => "HSYSADMIN",
            Self::Professional(_) | Self::Helper { .. } => "TREAT",
            Self::Citizen(_) | Self::CitizenFor { .. } => "PATRQT",
        }
    }

    /// Stable for a person, and no person number: `sub` ends up in logs of other parties.
    fn subject(&self) -> String {
        match self {
            Self::Professional(person) | Self::Helper { acting: person, .. } => {
                format!("professional:{}", person.key)
            }
            Self::Citizen(person) | Self::CitizenFor { acting: person, .. } => {
                format!("citizen:{}", person.given.join("-").to_lowercase())
            }
        }
    }

    fn iua(&self) -> Map<String, Value> {
        let claims = match self {
            Self::Professional(person) | Self::Helper { acting: person, .. } => json!({
                "subject_name": person.name(),
                "subject_organization": person.organisation_name,
                "subject_organization_id": format!("{SOR}|{}", person.organisation),
                "subject_role": [coding(&person.role)],
                "national_provider_identifier": person.authorisation_id,
                "person_id": person.cpr.as_ref().map(|cpr| format!("{CPR}|{}", cpr.0)),
            }),
            Self::Citizen(person) | Self::CitizenFor { acting: person, .. } => json!({
                "subject_name": person.name(),
                "subject_role": [{ "system": OWN_ROLES, "code": "citizen" }],
                "person_id": number(person),
            }),
        };
        // An absent claim is left out, not written as null.
        let present = claims.as_object().cloned().unwrap_or_default().into_iter();
        present.filter(|(_, value)| !value.is_null()).collect()
    }

    fn on_behalf_of(&self) -> Option<Value> {
        match self {
            Self::Professional(_) | Self::Citizen(_) => None,
            Self::Helper { responsible, .. } => Some(json!({
                "national_provider_identifier": responsible.authorisation_id,
                "subject_name": responsible.name(),
                "subject_role": coding(&responsible.role),
            })),
            Self::CitizenFor {
                other, relation, ..
            } => Some(json!({ "person_id": number(other), "relation": relation })),
        }
    }
}

fn coding(role: &RoleCode) -> Value {
    json!({ "system": role.system, "code": role.code })
}

fn number(person: &Person) -> String {
    format!("{}|{}", person.system, person.value)
}
