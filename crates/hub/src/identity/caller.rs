//! Who is behind a call: the only thing that [`crate::Hub::perform`] takes a call from.

use super::claims::Claims;
use super::credentials::RequestContext;
use super::person::People;
use crate::clock::Micros;
use crate::keys::Keyring;
use crate::organisation;
use crate::revocation::Credential;
use delt_formats::Sensitive;
use delt_policy::{OverrideGround, Party, PatientKey, Purpose, System};
use std::sync::{Arc, OnceLock};

/// A recognised caller. Only [`super::Authenticator::authenticate`] makes one.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Caller {
    party: Party,
    purpose: Option<Purpose>,
    override_reason: Option<Sensitive>,
    override_ground: Option<OverrideGround>,
    request_id: Option<String>,
    trace_id: Option<String>,
    certificate_sha256: [u8; 32],
    token: Option<TokenFacts>,
}

/// What an audit entry tells of the token, and what an edge checks its transactions against.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TokenFacts {
    issuer: String,
    subject: Sensitive,
    id: String,
    issued_at: Micros,
    scopes: Vec<String>,
    person_name: Option<Sensitive>,
    responsible_name: Option<Sensitive>,
    /// Shared with the remembered token, so that it is made once.
    credential: Arc<OnceLock<Arc<Credential>>>,
}

impl Caller {
    pub(super) fn new(
        system: &organisation::System,
        certificate_sha256: [u8; 32],
        context: RequestContext,
        people: People,
        purpose: Option<Purpose>,
        token: Option<TokenFacts>,
    ) -> Self {
        let system = System {
            id: system.id.clone(),
            organisation: system.organisation.clone(),
            kinds: system.kinds.clone(),
        };
        let People {
            person,
            responsible,
            on_behalf,
            person_key,
        } = people;
        Self {
            party: Party {
                system,
                person,
                responsible,
                on_behalf,
                person_key,
            },
            purpose,
            override_reason: context.override_reason.map(Sensitive::from),
            override_ground: context.override_ground,
            request_id: context.request_id,
            trace_id: context.trace_id,
            certificate_sha256,
            token,
        }
    }

    /// Everybody on the caller's side, for the rules.
    pub const fn party(&self) -> &Party {
        &self.party
    }

    /// Why the caller asks. Always there for a person; a system by itself has none.
    pub const fn purpose(&self) -> Option<Purpose> {
        self.purpose
    }

    /// The reason given for a break-glass override, at most 500 characters. Free text: it may name people.
    pub fn override_reason(&self) -> Option<&str> {
        self.override_reason.as_ref().map(Sensitive::as_str)
    }

    /// The lawful ground that the request names for a break-glass override.
    pub const fn override_ground(&self) -> Option<OverrideGround> {
        self.override_ground
    }

    /// The client's own id of the request, 1 to 64 visible ASCII characters.
    pub fn request_id(&self) -> Option<&str> {
        self.request_id.as_deref()
    }

    /// The W3C trace id, 32 lower-case hexadecimal digits.
    pub fn trace_id(&self) -> Option<&str> {
        self.trace_id.as_deref()
    }

    /// SHA-256 of the client certificate's DER bytes.
    pub const fn certificate_sha256(&self) -> &[u8; 32] {
        &self.certificate_sha256
    }

    /// The key of the acting person's own number: always for a citizen, for others where the token tells it.
    pub const fn person_key(&self) -> Option<&PatientKey> {
        self.party.person_key.as_ref()
    }

    /// The token behind the call; none when the system calls for itself.
    pub const fn token(&self) -> Option<&TokenFacts> {
        self.token.as_ref()
    }

    /// What of this caller can be revoked.
    pub(crate) fn credential(&self, keys: &Keyring) -> Arc<Credential> {
        let make = || Arc::new(Credential::of(self, keys));
        match &self.token {
            Some(token) => Arc::clone(token.credential.get_or_init(make)),
            None => make(),
        }
    }
}

impl TokenFacts {
    pub(super) fn new(claims: &Claims) -> Self {
        let name = |name: Option<&String>| name.cloned().map(Sensitive::from);
        let acting = claims.on_behalf_of.as_ref();
        Self {
            issuer: claims.issuer.clone(),
            subject: Sensitive::from(claims.subject.clone()),
            id: claims.token_id.clone(),
            issued_at: claims.issued.saturating_mul(1_000_000),
            scopes: claims.scopes.clone(),
            person_name: name(claims.iua.as_ref().and_then(|i| i.subject_name.as_ref())),
            responsible_name: name(acting.and_then(|a| a.subject_name.as_ref())),
            credential: Arc::clone(&claims.credential),
        }
    }

    /// `iss`.
    pub fn issuer(&self) -> &str {
        &self.issuer
    }

    /// `sub`: the issuer's own name of the person. Personal data.
    pub fn subject(&self) -> &str {
        self.subject.as_str()
    }

    /// `jti`; BALP writes it as `urn:ietf:params:oauth:jti:<jti>`.
    pub fn id(&self) -> &str {
        &self.id
    }

    /// `iat`, in microseconds.
    pub const fn issued_at(&self) -> Micros {
        self.issued_at
    }

    /// The parts of `scope`, such as `ITI-67`.
    pub fn scopes(&self) -> &[String] {
        &self.scopes
    }

    /// The acting person's name as the issuer has it. Personal data.
    pub fn person_name(&self) -> Option<&str> {
        self.person_name.as_ref().map(Sensitive::as_str)
    }

    /// The responsible professional's name. Personal data.
    pub fn responsible_name(&self) -> Option<&str> {
        self.responsible_name.as_ref().map(Sensitive::as_str)
    }
}
